//! Binary XML compiled: a template, or a fragment without one, becomes a flat list of slots. A slot is a field's name
//! with its number and the parts that its value is put together from; elements, tokens and offsets are gone.

use std::collections::HashMap;

use super::value;
use crate::event::{FieldNumber, Names};

/// The deepest nesting of elements. Windows writes six or so.
const MAX_DEPTH: usize = 32;

/// The most slots of one template. Windows writes some sixty.
const MAX_SLOTS: usize = 4_096;

/// What of an event a slot holds, apart from being a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing more than a field.
    Field,
    /// Holds fields: `EventData`, `UserData`. Words in it are a field, nothing in it is none.
    Section,
    /// Where it was logged.
    Channel,
    /// What kind of event.
    EventId,
    /// Who logged it.
    Provider,
    /// On which machine.
    Computer,
    /// The record's number.
    RecordId,
    /// When.
    Time,
    /// The account in whose name it was logged.
    User,
}

/// A piece of a template's words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words {
    start: u32,
    end: u32,
}

/// What a field is called.
#[derive(Clone, Copy, Debug)]
pub enum Name {
    /// Known since the template was compiled.
    Fixed(Words, FieldNumber),
    /// The value with this number says it.
    Value(u16),
}

/// A part of a value.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Stands in the template.
    Words(Words),
    /// The record's value with this number.
    Value(u16),
    /// A template used inside, where it stands in the chunk.
    Instance(u32),
}

/// One field of a template.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// What else it is.
    pub place: Place,
    /// What it is called.
    pub name: Name,
    parts: (u32, u32),
}

/// A compiled template.
#[derive(Clone, Debug, Default)]
pub struct Template {
    slots: Vec<Slot>,
    parts: Vec<Part>,
    words: Vec<u8>,
    channel: Option<u16>,
    event_id: Option<u16>,
}

/// What cannot be read. The record that needs it is left out and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes end too early, or an offset leads out of the chunk.
    #[error("the record ends too early")]
    Short,
    /// A token or type that does not exist.
    #[error("the record is not binary XML")]
    Unknown,
    /// Nested deeper, or longer, than any log is.
    #[error("the record is nested too deep or unfolds into too much")]
    TooMuch,
}

/// Reads a chunk's bytes from a place onwards.
pub struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(data: &'a [u8], at: usize) -> Cursor<'a> {
        Cursor { data, at }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(Fault::Short)?;
        let bytes = self.data.get(self.at..end).ok_or(Fault::Short)?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Short)
    }

    pub fn u8(&mut self) -> Result<u8, Fault> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_le_bytes)
    }

    /// A name by its place in the chunk; steps over it when it stands right here.
    fn name(&mut self) -> Result<&'a [u8], Fault> {
        let place = self.u32()? as usize;
        let here = place == self.at;
        let mut there = Cursor::new(self.data, place);
        there.take(6)?;
        let letters = usize::from(there.u16()?);
        let name = there.take(letters * 2)?;
        if here {
            there.take(2)?;
            self.at = there.at;
        }
        Ok(name)
    }

    fn counted_text(&mut self) -> Result<&'a [u8], Fault> {
        let letters = usize::from(self.u16()?);
        self.take(letters * 2)
    }
}

/// Where the head of a template's instance ends and what it says.
pub struct Instance {
    /// Where the template's definition stands in the chunk.
    pub definition: u32,
    /// How many values there are. Their descriptions follow, four bytes each, then the values.
    pub count: u32,
}

/// Reads what follows the token of a template's instance.
pub fn instance(cursor: &mut Cursor) -> Result<Instance, Fault> {
    cursor.take(5)?;
    let definition = cursor.u32()?;
    if definition as usize == cursor.at {
        cursor.take(20)?;
        let size = cursor.u32()?;
        cursor.take(size as usize)?;
    }
    let count = cursor.u32()?;
    Ok(Instance { definition, count })
}

/// Where the instance that begins here (after its token) ends.
fn skip_instance(cursor: &mut Cursor) -> Result<(), Fault> {
    let head = instance(cursor)?;
    let described = cursor.take((head.count as usize).checked_mul(4).ok_or(Fault::Short)?)?;
    for [low, high, _, _] in described.as_chunks::<4>().0 {
        cursor.take(usize::from(u16::from_le_bytes([*low, *high])))?;
    }
    Ok(())
}

struct Frame {
    name: Words,
    called: Option<Name>,
    parts: u32,
    children: bool,
}

/// The numbers of names seen before: templates come again in every chunk, with the same names.
pub struct Numbers<'n> {
    names: &'n Names,
    known: HashMap<Box<[u8]>, FieldNumber, foldhash::fast::RandomState>,
}

impl<'n> Numbers<'n> {
    /// The most names that are remembered.
    const MOST: usize = 65_536;

    pub fn new(names: &'n Names) -> Numbers<'n> {
        Numbers { names, known: HashMap::default() }
    }

    pub fn of(&mut self, name: &[u8]) -> FieldNumber {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        let number = self.names.number(std::str::from_utf8(name).unwrap_or_default());
        if self.known.len() < Numbers::MOST {
            self.known.insert(name.into(), number);
        }
        number
    }
}

struct Compiler<'a, 'n> {
    out: Template,
    names: &'a mut Numbers<'n>,
    frames: Vec<Frame>,
    /// The attribute whose value is being read, and where its parts begin.
    attribute: Option<(Words, u32)>,
}

impl Template {
    /// Compiles the tokens in `chunk[start..end]`. `defined`: they are a template's definition, whose elements carry a
    /// number more than those of a fragment.
    pub fn compile(
        chunk: &[u8],
        (start, end): (usize, usize),
        defined: bool,
        names: &mut Numbers,
    ) -> Result<Template, Fault> {
        let mut compiler = Compiler { out: Template::default(), names, frames: Vec::new(), attribute: None };
        // Names may stand behind the fragment's end, so the whole chunk is at hand.
        let mut cursor = Cursor::new(chunk, start);
        while cursor.at < end {
            let token = cursor.u8()?;
            match token {
                0x00 => break,
                0x0f => drop(cursor.take(3)?),
                0x01 | 0x41 => {
                    if defined {
                        cursor.u16()?;
                    }
                    cursor.u32()?;
                    let name = cursor.name()?;
                    if token == 0x41 {
                        cursor.u32()?;
                    }
                    compiler.open(name)?;
                }
                0x02 => compiler.end_attribute()?,
                0x03 | 0x04 => {
                    compiler.end_attribute()?;
                    compiler.close()?;
                }
                0x05 | 0x45 => {
                    let code = cursor.u8()?;
                    let bytes = match (code, value::width(code)) {
                        (value::code::TEXT, _) => cursor.counted_text()?,
                        (_, Some(width)) => cursor.take(width)?,
                        _ => return Err(Fault::Unknown),
                    };
                    let words = compiler.keep(|out| _ = value::write(out, code, bytes));
                    compiler.part(Part::Words(words))?;
                }
                0x06 | 0x46 => {
                    compiler.end_attribute()?;
                    let name = cursor.name()?;
                    let words = compiler.keep(|out| value::utf16(out, name));
                    compiler.attribute = Some((words, compiler.out.parts.len() as u32));
                }
                0x07 | 0x47 => {
                    let text = cursor.counted_text()?;
                    let words = compiler.keep(|out| value::utf16(out, text));
                    compiler.part(Part::Words(words))?;
                }
                0x08 | 0x48 => {
                    let unit = cursor.u16()?.to_le_bytes();
                    let words = compiler.keep(|out| value::utf16(out, &unit));
                    compiler.part(Part::Words(words))?;
                }
                0x09 | 0x49 => {
                    let mut name = Vec::new();
                    value::utf16(&mut name, cursor.name()?);
                    let letter = match name.as_slice() {
                        b"amp" => b'&',
                        b"lt" => b'<',
                        b"gt" => b'>',
                        b"quot" => b'"',
                        b"apos" => b'\'',
                        _ => b'?',
                    };
                    let words = compiler.keep(|out| out.push(letter));
                    compiler.part(Part::Words(words))?;
                }
                0x0a => drop(cursor.name()?),
                0x0b => drop(cursor.counted_text()?),
                0x0c => {
                    let place = cursor.at as u32;
                    skip_instance(&mut cursor)?;
                    compiler.part(Part::Instance(place))?;
                }
                0x0d | 0x0e => {
                    let number = cursor.u16()?;
                    cursor.u8()?;
                    compiler.part(Part::Value(number))?;
                }
                _ => return Err(Fault::Unknown),
            }
        }
        Ok(compiler.out)
    }

    /// The fields in the order of the log.
    pub fn slot(&self, at: usize) -> Option<Slot> {
        self.slots.get(at).copied()
    }

    /// What a slot's value is put together from.
    pub fn parts(&self, slot: &Slot) -> &[Part] {
        self.parts.get(slot.parts.0 as usize..slot.parts.1 as usize).unwrap_or_default()
    }

    /// Text that stands in the template.
    pub fn words(&self, words: Words) -> &[u8] {
        self.words.get(words.start as usize..words.end as usize).unwrap_or_default()
    }

    /// The slots of channel and event number.
    pub fn route(&self) -> (Option<Slot>, Option<Slot>) {
        let slot = |at: Option<u16>| at.and_then(|at| self.slot(usize::from(at)));
        (slot(self.channel), slot(self.event_id))
    }
}

impl Compiler<'_, '_> {
    fn keep(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Words {
        let start = self.out.words.len() as u32;
        write(&mut self.out.words);
        Words { start, end: self.out.words.len() as u32 }
    }

    fn part(&mut self, part: Part) -> Result<(), Fault> {
        if let Part::Instance(_) = part {
            return if self.attribute.is_some() { Err(Fault::Unknown) } else { self.inside(part) };
        }
        // Text around the outermost element is none of an event's.
        if !self.frames.is_empty() {
            self.out.parts.push(part);
        }
        Ok(())
    }

    /// A template used inside is a slot of its own, which holds fields.
    fn inside(&mut self, part: Part) -> Result<(), Fault> {
        self.flush(false)?;
        let start = self.out.parts.len() as u32;
        self.out.parts.push(part);
        self.slot(Place::Section, Name::Fixed(Words::default(), crate::event::UNUSED), start)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.children = true;
            frame.parts = start + 1;
        }
        Ok(())
    }

    fn open(&mut self, name: &[u8]) -> Result<(), Fault> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Fault::TooMuch);
        }
        // Text before a child, if there is any, is a field of its own.
        self.flush(false)?;
        let name = self.keep(|out| value::utf16(out, name));
        if let Some(parent) = self.frames.last_mut() {
            parent.children = true;
        }
        self.frames.push(Frame { name, called: None, parts: self.out.parts.len() as u32, children: false });
        Ok(())
    }

    /// Writes out what the innermost element holds so far. `closing`: it holds no more, so that nothing is a value, too.
    fn flush(&mut self, closing: bool) -> Result<(), Fault> {
        let end = self.out.parts.len() as u32;
        let depth = self.frames.len();
        let rooted = self.frames.first().is_some_and(|frame| self.out.words(frame.name) == b"Event");
        let system = self.in_system();
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let start = std::mem::replace(&mut frame.parts, end);
        let (words, called, children) = (frame.name, frame.called, frame.children);
        let section = depth == 1 || (rooted && depth == 2);
        if start == end {
            // An element without anything inside is a field without a value, unless it only serves to hold others.
            if !closing || children || section || system {
                return Ok(());
            }
        } else if children || !closing || section {
            let parts = self.out.parts.get(start as usize..).unwrap_or_default();
            let blank =
                |part: &Part| matches!(part, Part::Words(words) if self.out.words(*words).trim_ascii().is_empty());
            if parts.iter().all(blank) {
                return Ok(());
            }
        }
        let place = match self.out.words(words) {
            _ if section => Place::Section,
            b"Channel" if system => Place::Channel,
            b"EventID" if system => Place::EventId,
            b"Computer" if system => Place::Computer,
            b"EventRecordID" if system => Place::RecordId,
            _ => Place::Field,
        };
        let name = called.unwrap_or_else(|| self.fixed(words));
        self.slot(place, name, start)
    }

    fn in_system(&self) -> bool {
        self.frames.len() > 2 && self.frames.get(1).is_some_and(|frame| self.out.words(frame.name) == b"System")
    }

    fn fixed(&mut self, words: Words) -> Name {
        Name::Fixed(words, self.names.of(self.out.words(words)))
    }

    fn slot(&mut self, place: Place, name: Name, parts: u32) -> Result<(), Fault> {
        if self.out.slots.len() >= MAX_SLOTS {
            return Err(Fault::TooMuch);
        }
        let at = self.out.slots.len() as u16;
        match place {
            Place::Channel => self.out.channel = self.out.channel.or(Some(at)),
            Place::EventId => self.out.event_id = self.out.event_id.or(Some(at)),
            _ => {}
        }
        self.out.slots.push(Slot { place, name, parts: (parts, self.out.parts.len() as u32) });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.flush(true)?;
        self.frames.pop().ok_or(Fault::Unknown)?;
        if let Some(parent) = self.frames.last_mut() {
            parent.parts = self.out.parts.len() as u32;
        }
        Ok(())
    }

    fn end_attribute(&mut self) -> Result<(), Fault> {
        let Some((name, start)) = self.attribute.take() else { return Ok(()) };
        let end = self.out.parts.len() as u32;
        let Some(frame) = self.frames.last_mut() else { return Err(Fault::Unknown) };
        frame.parts = end;
        let element = frame.name;
        let system = self.in_system();
        let name_words = self.out.words(name);
        if name_words.starts_with(b"xmlns") {
            return Ok(());
        }
        if name_words == b"Name" && matches!(self.out.words(element), b"Data" | b"ComplexData") {
            let called = match self.out.parts.get(start as usize..) {
                Some(&[Part::Words(words)]) => Some(self.fixed(words)),
                Some(&[Part::Value(number)]) => Some(Name::Value(number)),
                _ => None,
            };
            if let Some(frame) = self.frames.last_mut() {
                frame.called = called;
            }
            return Ok(());
        }
        let place = match (system, self.out.words(element), self.out.words(name)) {
            (true, b"Provider", b"Name") => Place::Provider,
            (true, b"TimeCreated", b"SystemTime") => Place::Time,
            (true, b"Security", b"UserID") => Place::User,
            _ => Place::Field,
        };
        let (element, name) = (self.out.words(element).to_vec(), self.out.words(name).to_vec());
        let words = self.keep(|out| {
            out.extend_from_slice(&element);
            out.push(b'_');
            out.extend_from_slice(&name);
        });
        let name = self.fixed(words);
        self.slot(place, name, start)
    }
}
