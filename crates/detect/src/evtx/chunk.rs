//! The records of one chunk. A chunk is whole in itself: its records use templates and names that stand in it, so a
//! chunk carved out of a disk reads like one in its file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::template::{Cursor, Fault, Name, Numbers, Part, Place, Slot, Template, instance};
use super::value::{self, code};
use super::wanted::Wanted;
use super::{CHUNK, CHUNK_HEADER, Notes, RECORD_MAGIC};
use crate::event::{Event, FieldNumber, Kind, Names, Source, Span};

/// How deep templates may be used inside templates. Windows needs two.
const MAX_DEPTH: u32 = 8;

/// The most slots that one record may unfold into, counted over all templates used in it.
const MAX_SLOTS: u32 = 16_384;

/// The most values of one record. Windows writes some sixty.
const MAX_VALUES: usize = 16_384;

/// The most bytes that the values of one record may unfold into. A record has at most 64 KiB, but a template may name one
/// value many times.
const MAX_UNFOLDED: usize = 1 << 20;

/// The most bytes of templates compiled for one chunk. Definitions could lie across each other.
const MAX_COMPILED: usize = 4 << 20;

#[derive(Clone, Copy, Default)]
struct Value {
    code: u8,
    start: u32,
    length: u16,
}

/// Reads chunks, one after another; keeps its memory from one to the next.
pub struct Chunks<'n> {
    names: Numbers<'n>,
    templates: Vec<Template>,
    /// By the place of the definition, or, with [`FRAGMENT`], of a fragment without one.
    known: HashMap<u32, Result<u32, Fault>, foldhash::fast::RandomState>,
    compiled: usize,
    values: Vec<Value>,
    channel: Vec<u8>,
    scratch: Vec<u8>,
}

const FRAGMENT: u32 = 1 << 31;

/// A template as it is used in one place: with the values from `base` to `top`.
#[derive(Clone, Copy)]
struct Used {
    template: u32,
    base: usize,
    top: usize,
}

/// The records of one chunk, to be gone through with [`Records::next`].
pub struct Records<'c, 'n, 'd> {
    chunks: &'c mut Chunks<'n>,
    data: &'d [u8],
    at: usize,
    end: usize,
    id: u64,
    written: u64,
    root: u32,
    event_id: u32,
}

impl<'n> Chunks<'n> {
    /// Nothing read yet. Events will carry the numbers of these names.
    #[must_use]
    pub fn new(names: &'n Names) -> Chunks<'n> {
        Chunks {
            names: Numbers::new(names),
            templates: Vec::new(),
            known: HashMap::default(),
            compiled: 0,
            values: Vec::new(),
            channel: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Begins with a chunk: at most 64 KiB, less if the file was cut off. A wrong checksum is noted and no reason not to
    /// read on.
    pub fn read<'c, 'd>(&'c mut self, data: &'d [u8], notes: &mut Notes) -> Records<'c, 'n, 'd> {
        let data = data.get(..CHUNK).unwrap_or(data);
        self.templates.clear();
        self.known.clear();
        self.compiled = 0;
        notes.chunks += 1;
        let number = |at: usize| data.get(at..at + 4).and_then(value::unsigned).unwrap_or(0);
        let sound = data.len() >= CHUNK_HEADER && {
            let mut sum = crc32fast::Hasher::new();
            sum.update(&data[..120]);
            sum.update(&data[128..CHUNK_HEADER]);
            u64::from(sum.finalize()) == number(124)
        };
        let free = number(48) as usize;
        // A log that was not closed properly has a header that lags behind: then every record that follows counts.
        let end = if sound && (CHUNK_HEADER..=CHUNK).contains(&free) { free.min(data.len()) } else { data.len() };
        let records = data.get(CHUNK_HEADER..end).unwrap_or_default();
        if !sound || (end == free && u64::from(crc32fast::hash(records)) != number(52)) {
            notes.bad_checksums += 1;
        }
        Records { chunks: self, data, at: CHUNK_HEADER, end, id: 0, written: 0, root: 0, event_id: 0 }
    }

    fn template(&mut self, data: &[u8], key: u32, range: (usize, usize), defined: bool) -> Result<u32, Fault> {
        match self.known.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                self.compiled += range.1.saturating_sub(range.0);
                let compiled = if self.compiled > MAX_COMPILED || range.1 > data.len() {
                    Err(Fault::TooMuch)
                } else {
                    Template::compile(data, range, defined, &mut self.names)
                };
                *place.insert(compiled.map(|template| {
                    self.templates.push(template);
                    self.templates.len() as u32 - 1
                }))
            }
        }
    }

    /// Reads the instance that follows at `place` (after its token): its template, and the range of its values.
    fn instance(&mut self, data: &[u8], place: usize, end: usize) -> Result<(u32, usize), Fault> {
        let mut cursor = Cursor::new(data.get(..end).ok_or(Fault::Short)?, place);
        let head = instance(&mut cursor)?;
        let definition = head.definition as usize;
        let size = Cursor::new(data, definition.checked_add(20).ok_or(Fault::Short)?).u32()? as usize;
        let body = definition + 24;
        let template = self.template(data, head.definition & !FRAGMENT, (body, body.saturating_add(size)), true)?;
        let base = self.values.len();
        if base + head.count as usize > MAX_VALUES {
            return Err(Fault::TooMuch);
        }
        let described = cursor.take(head.count as usize * 4)?;
        let mut start = cursor.at();
        for [low, high, code, _] in described.as_chunks::<4>().0 {
            let length = u16::from_le_bytes([*low, *high]);
            self.values.push(Value { code: *code, start: start as u32, length });
            start += usize::from(length);
        }
        if start > end {
            self.values.truncate(base);
            return Err(Fault::Short);
        }
        Ok((template, base))
    }

    /// Reads a fragment: usually a template's instance and nothing else.
    fn fragment(&mut self, data: &[u8], start: usize, end: usize) -> Result<(u32, usize), Fault> {
        match data.get(start..end).ok_or(Fault::Short)? {
            [0x0f, _, _, _, 0x0c, ..] => self.instance(data, start + 5, end),
            [0x0c, ..] => self.instance(data, start + 1, end),
            _ => {
                let base = self.values.len();
                let key = start as u32 | FRAGMENT;
                Ok((self.template(data, key, (start, end), false)?, base))
            }
        }
    }

    /// The value with this number, among those from `base` to `top`.
    fn value(&self, base: usize, top: usize, number: u16) -> Value {
        let at = base + usize::from(number);
        if at < top { self.values[at] } else { Value::default() }
    }
}

impl Records<'_, '_, '_> {
    /// Goes to the next record that can be read. What cannot be is noted and left out.
    pub fn next(&mut self, notes: &mut Notes) -> bool {
        while self.at + 28 <= self.end {
            if self.data[self.at..self.at + 4] != RECORD_MAGIC {
                // After the last record there are zeros, or remains of what the chunk held before.
                if self.data[self.at..self.end].iter().all(|byte| *byte == 0) || !self.find_next(notes) {
                    return false;
                }
                continue;
            }
            let mut cursor = Cursor::new(self.data, self.at + 4);
            let (Ok(size), Ok(id), Ok(written)) = (cursor.u32(), cursor.u64(), cursor.u64()) else { return false };
            let size = size as usize;
            if size < 28 || self.at.saturating_add(size) > self.end {
                notes.skipped += 1;
                self.at += 4;
                if !self.find_next(&mut Notes::default()) {
                    return false;
                }
                continue;
            }
            let (start, end) = (self.at + 24, self.at + size - 4);
            self.at += size;
            (self.id, self.written) = (id, written);
            notes.records += 1;
            match self.open(start, end) {
                Ok(()) => return true,
                Err(_) => notes.skipped += 1,
            }
        }
        false
    }

    fn find_next(&mut self, notes: &mut Notes) -> bool {
        match memchr::memmem::find(&self.data[self.at..self.end], &RECORD_MAGIC) {
            Some(ahead) => {
                notes.skipped += 1;
                self.at += ahead;
                true
            }
            None => false,
        }
    }

    fn open(&mut self, start: usize, end: usize) -> Result<(), Fault> {
        let chunks = &mut *self.chunks;
        chunks.values.clear();
        let (root, base) = chunks.fragment(self.data, start, end)?;
        self.root = root;
        let (channel, event_id) = chunks.templates[root as usize].route();
        chunks.channel.clear();
        let mut text = std::mem::take(&mut chunks.channel);
        if let Some(slot) = channel {
            self.write(&slot, root, base, self.chunks.values.len(), &mut text);
        }
        self.chunks.channel = text;
        let mut text = std::mem::take(&mut self.chunks.scratch);
        text.clear();
        if let Some(slot) = event_id {
            self.write(&slot, root, base, self.chunks.values.len(), &mut text);
        }
        self.event_id = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        self.chunks.scratch = text;
        Ok(())
    }

    fn write(&self, slot: &Slot, template: u32, base: usize, top: usize, out: &mut Vec<u8>) -> Kind {
        let template = &self.chunks.templates[template as usize];
        let mut kind = Kind::Null;
        for part in template.parts(slot) {
            let written = match part {
                Part::Words(words) => {
                    out.extend_from_slice(template.words(*words));
                    Kind::Text
                }
                Part::Value(number) => {
                    let value = self.chunks.value(base, top, *number);
                    write_value(self.data, value, out)
                }
                Part::Instance(_) => Kind::Null,
            };
            kind = match (kind, written) {
                (Kind::Null, written) => written,
                (kind, Kind::Null) => kind,
                _ => Kind::Text,
            };
        }
        kind
    }

    /// The channel of the record.
    #[must_use]
    pub fn channel(&self) -> &[u8] {
        &self.chunks.channel
    }

    /// The event's number; 0 if there is none.
    #[must_use]
    pub fn event_id(&self) -> u32 {
        self.event_id
    }

    /// Puts into the event the fields that are wanted, by number and without names, and the provider if it is among them.
    /// No other part of it is set.
    ///
    /// # Errors
    /// When the record unfolds into too much or leads outside the chunk; the event then holds what was read so far.
    pub fn fill(&mut self, event: &mut Event, wanted: &Wanted) -> Result<(), Fault> {
        self.unfold(event, Some(wanted))
    }

    /// Puts the whole record into the event.
    ///
    /// # Errors
    /// As [`Records::fill`].
    pub fn fill_whole(&mut self, event: &mut Event) -> Result<(), Fault> {
        self.unfold(event, None)
    }

    fn unfold(&mut self, event: &mut Event, wanted: Option<&Wanted>) -> Result<(), Fault> {
        event.clear(Source::Windows);
        event.event_id = self.event_id;
        event.record = self.id;
        event.time = value::micros(self.written);
        // The values of the record itself stay; those of fragments inside come and go behind them.
        let top = self.first_values();
        let mut left = MAX_SLOTS;
        let outcome = self.unfold_template(event, wanted, Used { template: self.root, base: 0, top }, 0, &mut left);
        self.chunks.values.truncate(top);
        outcome
    }

    fn first_values(&self) -> usize {
        self.chunks.values.len()
    }

    fn unfold_template(
        &mut self,
        event: &mut Event,
        wanted: Option<&Wanted>,
        used: Used,
        depth: u32,
        left: &mut u32,
    ) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::TooMuch);
        }
        let Used { template, base, top } = used;
        let mut at = 0;
        while let Some(slot) = self.chunks.templates[template as usize].slot(at) {
            at += 1;
            *left = left.checked_sub(1).ok_or(Fault::TooMuch)?;
            if event.size() > MAX_UNFOLDED {
                return Err(Fault::TooMuch);
            }
            let skipped = match (wanted, slot.name) {
                (Some(wanted), Name::Fixed(_, number)) => slot.place != Place::Section && !wanted.has(number),
                _ => false,
            };
            let inner = match self.chunks.templates[template as usize].parts(&slot) {
                [Part::Instance(place)] => Some((*place as usize, self.data.len(), true)),
                [Part::Value(number)] => {
                    let value = self.chunks.value(base, top, *number);
                    let start = value.start as usize;
                    match value.code {
                        code::XML if value.length > 0 => Some((start, start + usize::from(value.length), false)),
                        _ if skipped => continue,
                        code if code & code::ARRAY != 0 => {
                            self.push_array(event, wanted, &slot, used, value, left)?;
                            continue;
                        }
                        _ => None,
                    }
                }
                _ if skipped => continue,
                _ => None,
            };
            if let Some((start, end, instance)) = inner {
                let before = self.chunks.values.len();
                let read = if instance {
                    self.chunks.instance(self.data, start, end)
                } else {
                    self.chunks.fragment(self.data, start, end)
                };
                let (template, base) = read?;
                let inner = Used { template, base, top: self.chunks.values.len() };
                self.unfold_template(event, wanted, inner, depth + 1, left)?;
                self.chunks.values.truncate(before);
                continue;
            }
            let mut kind = Kind::Null;
            let span = event.keep_with(|out| kind = self.write(&slot, template, base, top, out));
            if slot.place == Place::Section && kind == Kind::Null {
                continue;
            }
            self.push(event, wanted, &slot, used, span, kind);
        }
        Ok(())
    }

    fn push(
        &mut self,
        event: &mut Event,
        wanted: Option<&Wanted>,
        slot: &Slot,
        Used { template, base, top }: Used,
        span: Span,
        kind: Kind,
    ) {
        let mut scratch = std::mem::take(&mut self.chunks.scratch);
        scratch.clear();
        let (number, name): (FieldNumber, &[u8]) = match slot.name {
            Name::Fixed(words, number) => (number, self.chunks.templates[template as usize].words(words)),
            Name::Value(number) => {
                write_value(self.data, self.chunks.value(base, top, number), &mut scratch);
                let name = std::str::from_utf8(&scratch).unwrap_or_default();
                // An element whose name turns out to be empty is like one without.
                if name.is_empty() {
                    scratch.extend_from_slice(b"Data");
                }
                (self.chunks.names.of(&scratch), scratch.as_slice())
            }
        };
        match wanted {
            Some(wanted) if wanted.has(number) => {
                event.push_number(number, span, kind);
                if slot.place == Place::Provider {
                    event.set_provider(span);
                }
            }
            Some(_) => {}
            None => {
                let name = event.keep(name);
                event.push_named(number, name, span, kind);
                match slot.place {
                    Place::Channel => event.set_channel(span),
                    Place::Provider => event.set_provider(span),
                    Place::Computer => event.set_host(span),
                    Place::User => event.set_user(span),
                    Place::RecordId => {
                        let id = std::str::from_utf8(event.bytes(span)).ok().and_then(|text| text.parse().ok());
                        event.record = id.unwrap_or(self.id);
                    }
                    Place::Time => {
                        if let [Part::Value(number)] = self.chunks.templates[template as usize].parts(slot) {
                            let value = self.chunks.value(base, top, *number);
                            let start = value.start as usize;
                            let ticks = self.data.get(start..start + usize::from(value.length));
                            if let (0x11, Some(ticks)) = (value.code, ticks.and_then(value::unsigned)) {
                                event.time = value::micros(ticks);
                            }
                        }
                    }
                    Place::EventId | Place::Field | Place::Section => {}
                }
            }
        }
        self.chunks.scratch = scratch;
    }

    /// An array stands for the element repeated, once for each item.
    fn push_array(
        &mut self,
        event: &mut Event,
        wanted: Option<&Wanted>,
        slot: &Slot,
        used: Used,
        value: Value,
        left: &mut u32,
    ) -> Result<(), Fault> {
        let item = value.code & !code::ARRAY;
        let mut start = value.start as usize;
        let end = start + usize::from(value.length);
        if end > self.data.len() {
            return Err(Fault::Short);
        }
        while start < end {
            *left = left.checked_sub(1).ok_or(Fault::TooMuch)?;
            let rest = &self.data[start..end];
            let (length, over) = match (item, value::width(item)) {
                (code::TEXT, _) => (rest.chunks(2).take_while(|unit| unit.iter().any(|b| *b != 0)).count() * 2, 2),
                (0x02, _) => (rest.iter().take_while(|byte| **byte != 0).count(), 1),
                (0x13, _) => (8 + usize::from(rest.get(1).copied().unwrap_or(0)) * 4, 0),
                (_, Some(width)) => (width, 0),
                _ => (rest.len(), 0),
            };
            let piece = Value { code: item, start: start as u32, length: length.min(rest.len()) as u16 };
            let mut kind = Kind::Null;
            let span = event.keep_with(|out| kind = write_value(self.data, piece, out));
            self.push(event, wanted, slot, used, span, kind);
            start += length + over;
        }
        Ok(())
    }

    /// The number in the record's own header, which may differ from the event's `EventRecordID`.
    #[must_use]
    pub fn header_id(&self) -> u64 {
        self.id
    }
}

fn write_value(data: &[u8], value: Value, out: &mut Vec<u8>) -> Kind {
    let start = value.start as usize;
    match data.get(start..start + usize::from(value.length)) {
        // Nothing, or no binary XML where some could be.
        None | Some([]) if value.code != code::TEXT => Kind::Null,
        Some(bytes) if value.code & code::ARRAY == 0 => value::write(out, value.code, bytes),
        Some(bytes) => value::write(out, 0x0e, bytes),
        None => Kind::Null,
    }
}
