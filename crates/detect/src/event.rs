//! One event of a log, flat: names and values as they stand in the log, in one reused buffer. Every reader fills the same
//! struct and the engine reads nothing else, so a rule cannot tell a binary event log from a line of JSON.
//!
//! A reader keeps one [`Event`], clears it, says where the event comes from, pushes the fields, hands it on.

use std::collections::HashMap;

/// The most fields of one event. What is pushed beyond it is dropped and counted in [`Event::dropped`].
pub const MAX_FIELDS: usize = 4_096;

/// The most bytes of text of one event, names and values together. What does not fit is cut off and counted.
pub const MAX_TEXT: usize = 8 << 20;

/// What kind of log an event comes from. Together with channel, event number and provider it says which rules can apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A Windows event, from EVTX or from any JSON that carries channel and event number.
    Windows,
    /// Records of the Linux audit daemon, those of one serial number joined.
    Auditd,
    /// A syslog line; `provider` is the program (`sshd`, `cron`, `sudo`).
    Syslog,
    /// A line of a web server's access log.
    Web,
    /// A line of a proxy's log.
    Proxy,
    /// A Suricata EVE event; `provider` is its `event_type`.
    Suricata,
    /// A Zeek event; `provider` is its log (`conn`, `http`, `dns`).
    Zeek,
    /// Fields without a known origin: other JSON, CSV. `provider` may say the product, `channel` the service, if known.
    Other,
}

/// How a value was written in the log; decides how it is written out again, not how it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A number, as the log's notation in decimal.
    Number,
    /// `true` or `false`.
    Bool,
    /// The field is there without a value. Its text is empty.
    Null,
}

/// The number of a field name that at least one rule uses; numbers count from 0 in one [`Names`].
pub type FieldNumber = u16;

/// The name is used by no rule; it only matters for keywords and for writing the event out.
pub const UNUSED: FieldNumber = FieldNumber::MAX;

/// The field names that rules use, each with its number. Letter case and blanks do not count: a log's `Threat Name`
/// answers to `ThreatName`.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By every spelling that was added, which spares folding those.
    spelled: HashMap<Box<str>, FieldNumber, foldhash::fast::RandomState>,
    folded: HashMap<Box<str>, FieldNumber, foldhash::fast::RandomState>,
    names: Vec<Box<str>>,
}

impl Names {
    /// The number of `name`, given now if it had none. [`UNUSED`] when 65,535 names are used up.
    pub fn add(&mut self, name: &str) -> FieldNumber {
        if let Some(number) = self.spelled.get(name) {
            return *number;
        }
        let folded = Names::fold(name);
        let next = FieldNumber::try_from(self.names.len()).unwrap_or(UNUSED);
        let number = *self.folded.entry(folded.into()).or_insert(next);
        if number == next && number != UNUSED {
            self.names.push(name.into());
        }
        self.spelled.insert(name.into(), number);
        number
    }

    /// The number of `name`, or [`UNUSED`].
    #[must_use]
    pub fn number(&self, name: &str) -> FieldNumber {
        if let Some(number) = self.spelled.get(name) {
            return *number;
        }
        if name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b' ' || byte >= 0x80) {
            return self.folded.get(Names::fold(name).as_str()).copied().unwrap_or(UNUSED);
        }
        self.folded.get(name).copied().unwrap_or(UNUSED)
    }

    fn fold(name: &str) -> String {
        name.chars().filter(|letter| *letter != ' ').flat_map(char::to_lowercase).collect()
    }

    /// The name behind a number, as first added; empty for [`UNUSED`].
    #[must_use]
    pub fn name(&self, number: FieldNumber) -> &str {
        self.names.get(usize::from(number)).map_or("", |name| name)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no rule uses any field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A piece of an event's text buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

/// One field of an event.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its number in the [`Names`] of the engine that reads the event, or [`UNUSED`].
    pub number: FieldNumber,
    /// How the value was written.
    pub kind: Kind,
    /// A second name for a value that is there already under its first: matched, not written out.
    pub alias: bool,
    name: Span,
    value: Span,
}

/// One event, as [the module](self) says.
#[derive(Clone, Debug)]
pub struct Event {
    /// What kind of log it comes from.
    pub source: Source,
    /// The number of a Windows event; 0 if it has none.
    pub event_id: u32,
    /// The record's own number: `EventRecordID`, or the number of the line in the file, counted from 1.
    pub record: u64,
    /// When it happened, microseconds since 1970 in UTC, if the log says so in a way that the reader understands.
    pub time: Option<i64>,
    /// Fields, or bytes of text, that did not fit: see [`MAX_FIELDS`], [`MAX_TEXT`].
    pub dropped: u64,
    text: Vec<u8>,
    fields: Vec<Field>,
    channel: Span,
    provider: Span,
    host: Span,
    user: Span,
    line: Span,
}

impl Default for Event {
    fn default() -> Self {
        Event::new()
    }
}

impl Event {
    /// An empty event.
    #[must_use]
    pub fn new() -> Event {
        Event { text: Vec::with_capacity(16 << 10), fields: Vec::with_capacity(64), ..Event::empty() }
    }

    fn empty() -> Event {
        Event {
            source: Source::Other,
            event_id: 0,
            record: 0,
            time: None,
            dropped: 0,
            text: Vec::new(),
            fields: Vec::new(),
            channel: Span::default(),
            provider: Span::default(),
            host: Span::default(),
            user: Span::default(),
            line: Span::default(),
        }
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self, source: Source) {
        self.source = source;
        self.event_id = 0;
        self.record = 0;
        self.time = None;
        self.dropped = 0;
        self.text.clear();
        self.fields.clear();
        self.channel = Span::default();
        self.provider = Span::default();
        self.host = Span::default();
        self.user = Span::default();
        self.line = Span::default();
    }

    /// A copy that takes no more memory than it needs.
    #[must_use]
    pub fn compact(&self) -> Event {
        let mut copy = self.clone();
        copy.text.shrink_to_fit();
        copy.fields.shrink_to_fit();
        copy
    }

    /// A copy with only some of the fields, which takes no more memory than it needs. The line is left out.
    #[must_use]
    pub fn with_only(&self, keep: impl Fn(&Field) -> bool) -> Event {
        let mut copy = Event::empty();
        copy.source = self.source;
        (copy.event_id, copy.record, copy.time, copy.dropped) = (self.event_id, self.record, self.time, self.dropped);
        copy.channel = copy.keep(self.bytes(self.channel));
        copy.provider = copy.keep(self.bytes(self.provider));
        copy.host = copy.keep(self.bytes(self.host));
        copy.user = copy.keep(self.bytes(self.user));
        for field in self.fields.iter().filter(|field| keep(field)) {
            let (name, value) = (copy.keep(self.bytes(field.name)), copy.keep(self.bytes(field.value)));
            copy.push_field(field.number, name, value, field.kind, field.alias);
        }
        copy.text.shrink_to_fit();
        copy.fields.shrink_to_fit();
        copy
    }

    /// Adds a field under the name that stands in the log. `names` are the engine's.
    pub fn push(&mut self, names: &Names, name: &str, value: &str, kind: Kind) {
        let value = self.keep(value.as_bytes());
        self.push_kept(names, name, value, kind);
    }

    /// Adds a field whose value has been put into the buffer already, with [`Event::keep`] or [`Event::keep_with`]; one
    /// value may stand under several names.
    pub fn push_kept(&mut self, names: &Names, name: &str, value: Span, kind: Kind) {
        let kept = self.keep(name.as_bytes());
        self.push_field(names.number(name), kept, value, kind, false);
    }

    /// Adds a field whose number the reader knows already.
    pub fn push_known(&mut self, number: FieldNumber, name: &str, value: Span, kind: Kind) {
        let kept = self.keep(name.as_bytes());
        self.push_field(number, kept, value, kind, false);
    }

    /// Adds a field by its number alone; its name is not needed because nobody will write this event out.
    pub fn push_number(&mut self, number: FieldNumber, value: Span, kind: Kind) {
        self.push_field(number, Span::default(), value, kind, false);
    }

    /// Adds a field whose name has been put into the buffer and numbered already.
    pub fn push_named(&mut self, number: FieldNumber, name: Span, value: Span, kind: Kind) {
        self.push_field(number, name, value, kind, false);
    }

    /// Adds a second name for a value that is there already under its first; it is matched and not written out.
    pub fn push_alias(&mut self, names: &Names, name: &str, value: Span, kind: Kind) {
        let number = names.number(name);
        if number != UNUSED {
            self.push_field(number, Span::default(), value, kind, true);
        }
    }

    fn push_field(&mut self, number: FieldNumber, name: Span, value: Span, kind: Kind, alias: bool) {
        if self.fields.len() >= MAX_FIELDS {
            self.dropped += 1;
        } else {
            self.fields.push(Field { number, kind, alias, name, value });
        }
    }

    /// Puts text into the buffer and says where it lies. It must be UTF-8; what is not reads as empty later.
    pub fn keep(&mut self, text: &[u8]) -> Span {
        let room = MAX_TEXT - self.text.len().min(MAX_TEXT);
        let mut taken = text.len().min(room);
        if taken < text.len() {
            while taken > 0 && text[taken] & 0xC0 == 0x80 {
                taken -= 1;
            }
            self.dropped += 1;
        }
        let start = self.text.len();
        self.text.extend_from_slice(&text[..taken]);
        self.span_from(start)
    }

    /// Lets `write` append text to the buffer and says where it lies.
    pub fn keep_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let start = self.text.len();
        write(&mut self.text);
        if self.text.len() > MAX_TEXT {
            let mut end = MAX_TEXT.max(start);
            while end > start && self.text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
                end -= 1;
            }
            self.text.truncate(end);
            self.dropped += 1;
        }
        self.span_from(start)
    }

    /// Whether all text in the buffer is UTF-8, as readers promise.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        std::str::from_utf8(&self.text).is_ok()
    }

    /// Bytes of text in the buffer.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len()
    }

    fn span_from(&self, start: usize) -> Span {
        // Both fit: MAX_TEXT bounds the buffer.
        Span { start: start as u32, end: self.text.len() as u32 }
    }

    /// The Windows channel (`Security`), or what serves as one.
    pub fn set_channel(&mut self, span: Span) {
        self.channel = span;
    }

    /// The provider, program or product.
    pub fn set_provider(&mut self, span: Span) {
        self.provider = span;
    }

    /// The machine on which it happened.
    pub fn set_host(&mut self, span: Span) {
        self.host = span;
    }

    /// The account that did it or to which it was done.
    pub fn set_user(&mut self, span: Span) {
        self.user = span;
    }

    /// The whole line as it stands in the file; keywords are looked for in it. Without it they are looked for in the values.
    pub fn set_line(&mut self, span: Span) {
        self.line = span;
    }

    /// The fields in the order of the log.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The bytes of a span; UTF-8 if the reader kept its word.
    #[must_use]
    pub fn bytes(&self, span: Span) -> &[u8] {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn words(&self, span: Span) -> &str {
        std::str::from_utf8(self.bytes(span)).unwrap_or_default()
    }

    /// A field's value as it stands in the log.
    #[must_use]
    pub fn value(&self, field: &Field) -> &str {
        self.words(field.value)
    }

    /// A field's value as bytes, without looking whether they are UTF-8.
    #[must_use]
    pub fn value_bytes(&self, field: &Field) -> &[u8] {
        self.bytes(field.value)
    }

    /// A field's name as it stands in the log; empty if it was pushed by number.
    #[must_use]
    pub fn name(&self, field: &Field) -> &str {
        self.words(field.name)
    }

    /// A field's name as bytes, without looking whether they are UTF-8.
    #[must_use]
    pub fn name_bytes(&self, field: &Field) -> &[u8] {
        self.bytes(field.name)
    }

    /// The first value of the field with this number.
    #[must_use]
    pub fn find(&self, number: FieldNumber) -> Option<&str> {
        self.fields.iter().find(|field| field.number == number).map(|field| self.value(field))
    }

    /// The first value of the field with this name.
    #[must_use]
    pub fn find_name(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|field| !field.alias && self.name_bytes(field) == name.as_bytes())
            .map(|field| self.value(field))
    }

    /// See [`Event::set_channel`].
    #[must_use]
    pub fn channel(&self) -> &str {
        self.words(self.channel)
    }

    /// See [`Event::set_provider`].
    #[must_use]
    pub fn provider(&self) -> &str {
        self.words(self.provider)
    }

    /// See [`Event::set_host`].
    #[must_use]
    pub fn host(&self) -> &str {
        self.words(self.host)
    }

    /// See [`Event::set_user`].
    #[must_use]
    pub fn user(&self) -> &str {
        self.words(self.user)
    }

    /// See [`Event::set_line`].
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        (self.line != Span::default()).then(|| self.words(self.line))
    }
}

impl Span {
    /// A part of it, from and to bytes counted from its beginning.
    #[must_use]
    pub fn part(self, from: usize, to: usize) -> Span {
        let at = |offset: usize| self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(self.end);
        Span { start: at(from), end: at(to) }
    }

    /// Whether there is no text in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl Field {
    /// Where the value lies.
    #[must_use]
    pub fn span(&self) -> Span {
        self.value
    }
}

/// Takes the events that a reader finds, one after another.
pub trait Sink {
    /// The field names whose numbers the events shall carry.
    fn names(&self) -> &Names;
    /// One event, complete. It is cleared by the reader afterwards.
    fn event(&mut self, event: &mut Event);
}
