//! Pictures as a phone would take them: a screen drawn line by line in letters of three by five, written as PNG.

/// Width and height of a picture, in pixels.
const WIDTH: usize = 640;
const HEIGHT: usize = 400;
/// Pixels of the screen for one of a letter.
const SCALE: usize = 4;
/// Black, white, the ground, the sign.
type Colours = [[u8; 3]; 4];

/// The screen of a machine whose files were locked.
pub fn ransom_note() -> Vec<u8> {
    let colours = [[16, 16, 20], [245, 245, 240], [122, 12, 20], [255, 206, 64]];
    let mut screen = Screen::new(2);
    screen.area(0, 0, WIDTH, 64, 0);
    screen.text(24, 22, "! YOUR FILES ARE LOCKED !", 3);
    let lines = [
        "DOCUMENTS, PHOTOS, DATABASES:",
        "ALL HAVE THE ENDING .KHOA NOW",
        "",
        "PAY 0.35 BTC WITHIN 72 HOURS",
        "AFTER THAT THE KEY IS DELETED",
        "",
        "WRITE TO: MO-KHOA@KHOA-TEP.EXAMPLE",
        "ID: BS-02-7F31C9",
    ];
    for (number, line) in lines.iter().enumerate() {
        screen.text(24, 92 + number * 34, line, 1);
    }
    screen.area(24, 362, 240, 18, 3);
    screen.png(&colours)
}

/// The front page of a site that was changed.
pub fn changed_page() -> Vec<u8> {
    let colours = [[10, 10, 10], [240, 240, 240], [20, 24, 28], [70, 220, 110]];
    let mut screen = Screen::new(2);
    screen.area(0, 0, WIDTH, 40, 1);
    screen.text(16, 10, "HTTP://CAOLANH.DEMO.EXAMPLE", 0);
    screen.area(90, 90, 460, 6, 3);
    screen.text(120, 130, "HACKED BY  N0_NAME", 3);
    screen.text(120, 180, "YOUR SECURITY IS ZERO", 1);
    screen.text(120, 214, "WE WILL BE BACK", 1);
    screen.area(90, 290, 460, 6, 3);
    screen.png(&colours)
}

/// The seal on a disk that was taken out.
pub fn seal() -> Vec<u8> {
    let colours = [[28, 28, 30], [240, 238, 230], [96, 98, 104], [186, 32, 28]];
    let mut screen = Screen::new(2);
    screen.area(90, 60, 460, 280, 0);
    screen.area(130, 150, 380, 100, 1);
    screen.area(130, 150, 380, 12, 3);
    screen.area(130, 238, 380, 12, 3);
    screen.text(170, 176, "TEM NIEM PHONG", 0);
    screen.text(170, 206, "SO 0117", 3);
    screen.png(&colours)
}

/// One colour number for each pixel.
struct Screen(Vec<u8>);

impl Screen {
    fn new(ground: u8) -> Screen {
        Screen(vec![ground; WIDTH * HEIGHT])
    }

    fn area(&mut self, left: usize, top: usize, width: usize, height: usize, colour: u8) {
        for row in top..(top + height).min(HEIGHT) {
            let from = row * WIDTH + left.min(WIDTH);
            let to = row * WIDTH + (left + width).min(WIDTH);
            self.0[from..to].fill(colour);
        }
    }

    fn text(&mut self, left: usize, top: usize, words: &str, colour: u8) {
        for (place, letter) in words.chars().enumerate() {
            let shape = letter_shape(letter);
            for bit in 0..15 {
                if shape >> (14 - bit) & 1 == 1 {
                    let (x, y) = (left + (place * 4 + bit % 3) * SCALE, top + bit / 3 * SCALE);
                    self.area(x, y, SCALE, SCALE, colour);
                }
            }
        }
    }

    /// As PNG: four colours, two bits a pixel, not compressed.
    fn png(&self, colours: &Colours) -> Vec<u8> {
        let mut rows = Vec::with_capacity(HEIGHT * (1 + WIDTH / 4));
        for row in self.0.chunks(WIDTH) {
            rows.push(0);
            rows.extend(row.chunks(4).map(|four| four.iter().fold(0, |byte, colour| byte << 2 | colour & 3)));
        }
        let mut header = Vec::from(number(WIDTH));
        header.extend(number(HEIGHT));
        header.extend([2, 3, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, b"IHDR", &header);
        chunk(&mut png, b"PLTE", colours.as_flattened());
        chunk(&mut png, b"IDAT", &stored(&rows));
        chunk(&mut png, b"IEND", &[]);
        png
    }
}

/// Five rows of three bits, the topmost first.
fn letter_shape(letter: char) -> u16 {
    match letter {
        'A' => 0o25755,
        'B' => 0o65656,
        'C' => 0o34443,
        'D' => 0o65556,
        'E' => 0o74647,
        'F' => 0o74644,
        'G' => 0o34553,
        'H' => 0o55755,
        'I' => 0o72227,
        'J' => 0o11152,
        'K' => 0o55655,
        'L' => 0o44447,
        'M' => 0o57755,
        'N' => 0o65555,
        'O' => 0o25552,
        'P' => 0o65644,
        'Q' => 0o25573,
        'R' => 0o65655,
        'S' => 0o34216,
        'T' => 0o72222,
        'U' => 0o55557,
        'V' => 0o55552,
        'W' => 0o55775,
        'X' => 0o55255,
        'Y' => 0o55222,
        'Z' => 0o71247,
        '0' => 0o75557,
        '1' => 0o26227,
        '2' => 0o61247,
        '3' => 0o61216,
        '4' => 0o55711,
        '5' => 0o74616,
        '6' => 0o34652,
        '7' => 0o71222,
        '8' => 0o25252,
        '9' => 0o25316,
        '.' => 0o00002,
        ',' => 0o00024,
        ':' => 0o02020,
        '-' => 0o00700,
        '_' => 0o00007,
        '!' => 0o22202,
        '/' => 0o11244,
        '@' => 0o25743,
        _ => 0,
    }
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(number(data.len()));
    let checked = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32(&png[checked..]);
    png.extend(sum.to_be_bytes());
}

/// A zlib stream of blocks that are stored as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_whole_png_with_sound_sums() {
        let png = ransom_note();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_ne!(png, changed_page());
    }
}
