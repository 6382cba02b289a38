//! Windows event logs of our own making, byte by byte.

pub const CHUNK: usize = 65_536;

/// A chunk that is being written.
pub struct Made {
    pub bytes: Vec<u8>,
    /// Where the template stands once it has been written.
    template: Option<u32>,
    records: u64,
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

impl Made {
    pub fn new() -> Made {
        let mut bytes = vec![0; 512];
        bytes[..8].copy_from_slice(b"ElfChnk\0");
        Made { bytes, template: None, records: 0 }
    }

    fn u16(&mut self, number: u16) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn name(&mut self, name: &str) {
        let here = self.bytes.len() as u32 + 4;
        self.u32(here);
        self.bytes.extend([0; 6]);
        self.u16(name.encode_utf16().count() as u16);
        self.bytes.extend(wide(name));
        self.u16(0);
    }

    /// `<name attribute="value">`, as it stands in a template.
    fn open(&mut self, name: &str, attribute: Option<(&str, &str)>) {
        self.bytes.push(if attribute.is_some() { 0x41 } else { 0x01 });
        self.u16(0xFFFF);
        self.u32(0);
        self.name(name);
        if let Some((key, value)) = attribute {
            self.u32(0);
            self.bytes.push(0x06);
            self.name(key);
            self.bytes.extend([0x05, 0x01]);
            self.u16(value.encode_utf16().count() as u16);
            self.bytes.extend(wide(value));
        }
        self.bytes.push(0x02);
    }

    fn value(&mut self, number: u16, code: u8) {
        self.bytes.push(0x0d);
        self.u16(number);
        self.bytes.push(code);
    }

    fn close(&mut self) {
        self.bytes.push(0x04);
    }

    /// The template of every event here: channel and number, machine, time, a command line and unnamed data.
    fn body(&mut self) {
        self.bytes.extend([0x0f, 1, 1, 0]);
        self.open("Event", None);
        self.open("System", None);
        for (name, number, code) in [("Channel", 0, 1), ("EventID", 1, 6), ("Computer", 2, 1), ("EventRecordID", 4, 10)]
        {
            self.open(name, None);
            self.value(number, code);
            self.close();
        }
        self.bytes.push(0x41);
        self.u16(0xFFFF);
        self.u32(0);
        self.name("TimeCreated");
        self.u32(0);
        self.bytes.push(0x06);
        self.name("SystemTime");
        self.value(3, 0x11);
        self.bytes.push(0x03);
        self.close();
        self.open("EventData", None);
        self.open("Data", Some(("Name", "CommandLine")));
        self.value(5, 1);
        self.close();
        self.open("Data", None);
        self.value(6, 0x81);
        self.close();
        self.close();
        self.close();
        self.bytes.push(0);
    }

    /// Begins a record and says where it begins.
    pub fn begin(&mut self) -> usize {
        let start = self.bytes.len();
        self.records += 1;
        self.bytes.extend([0x2a, 0x2a, 0, 0, 0, 0, 0, 0]);
        self.bytes.extend(self.records.to_le_bytes());
        self.bytes.extend(ticks(0).to_le_bytes());
        self.bytes.extend([0x0f, 1, 1, 0, 0x0c, 1, 0, 0, 0, 0]);
        start
    }

    pub fn end(&mut self, start: usize) {
        let size = (self.bytes.len() + 4 - start) as u32;
        self.bytes[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
        self.u32(size);
    }

    /// An event; `data` becomes as many unnamed elements.
    pub fn event(&mut self, channel: &str, id: u16, record: u64, minute: u64, command: &str, data: &[&str]) {
        let start = self.begin();
        match self.template {
            Some(place) => self.u32(place),
            None => {
                let place = self.bytes.len() as u32 + 4;
                self.template = Some(place);
                self.u32(place);
                self.bytes.extend([0; 20]);
                let size_at = self.bytes.len();
                self.u32(0);
                self.body();
                let size = (self.bytes.len() - size_at - 4) as u32;
                self.bytes[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
            }
        }
        let list: Vec<u8> = data.iter().flat_map(|item| wide(&format!("{item}\0"))).collect();
        let values: [(u8, Vec<u8>); 7] = [
            (0x01, wide(channel)),
            (0x06, id.to_le_bytes().to_vec()),
            (0x01, wide("MÁY-01")),
            (0x11, ticks(minute).to_le_bytes().to_vec()),
            (0x0a, record.to_le_bytes().to_vec()),
            (0x01, wide(command)),
            (0x81, list),
        ];
        self.u32(values.len() as u32);
        for (code, value) in &values {
            self.u16(value.len() as u16);
            self.bytes.extend([*code, 0]);
        }
        for (_, value) in values {
            self.bytes.extend(value);
        }
        self.end(start);
    }

    /// A record whose template uses itself inside.
    pub fn circle(&mut self) {
        let start = self.begin();
        let place = self.bytes.len() as u32 + 4;
        self.u32(place);
        self.bytes.extend([0; 20]);
        let size_at = self.bytes.len();
        self.u32(0);
        self.bytes.extend([0x0f, 1, 1, 0]);
        self.open("Event", None);
        for _ in 0..40 {
            self.bytes.extend([0x0c, 1, 0, 0, 0, 0]);
            self.u32(place);
            self.u32(0);
        }
        self.close();
        self.bytes.push(0);
        let size = (self.bytes.len() - size_at - 4) as u32;
        self.bytes[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
        self.u32(0);
        self.end(start);
    }

    /// A record with elements inside elements.
    pub fn deep(&mut self, depth: usize) {
        let start = self.begin();
        let place = self.bytes.len() as u32 + 4;
        self.u32(place);
        self.bytes.extend([0; 20]);
        let size_at = self.bytes.len();
        self.u32(0);
        self.bytes.extend([0x0f, 1, 1, 0]);
        for _ in 0..depth {
            self.open("x", None);
        }
        for _ in 0..depth {
            self.close();
        }
        self.bytes.push(0);
        let size = (self.bytes.len() - size_at - 4) as u32;
        self.bytes[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
        self.u32(0);
        self.end(start);
    }

    /// The chunk, whole and with sound checksums.
    pub fn chunk(mut self) -> Vec<u8> {
        let free = self.bytes.len();
        assert!(free < CHUNK, "too many records for one chunk");
        let sum = crc32(&self.bytes[512..]);
        self.bytes[48..52].copy_from_slice(&(free as u32).to_le_bytes());
        self.bytes[52..56].copy_from_slice(&sum.to_le_bytes());
        let head: Vec<u8> = self.bytes[..120].iter().chain(&self.bytes[128..512]).copied().collect();
        let sum = crc32(&head);
        self.bytes[124..128].copy_from_slice(&sum.to_le_bytes());
        self.bytes.resize(CHUNK, 0);
        self.bytes
    }
}

/// A file of chunks.
pub fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[..8].copy_from_slice(b"ElfFile\0");
    chunks.iter().for_each(|chunk| bytes.extend(chunk));
    bytes
}

/// So many minutes after the beginning of 2026, in 100 nanoseconds since 1601.
fn ticks(minute: u64) -> u64 {
    (11_644_473_600 + 1_767_225_600 + minute * 60) * 10_000_000
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    !sum
}
