//! A QR code (ISO/IEC 18004) as an SVG path, for the one address that a telephone has to read off the screen: bytes,
//! lowest correction, versions 1 to 20. Enough for an `otpauth` address; not a library.

/// Correction bytes in each block and number of blocks, for versions 1 to 20 at correction level L.
const BLOCKS: [(usize, usize); 20] = [
    (7, 1),
    (10, 1),
    (15, 1),
    (20, 1),
    (26, 1),
    (18, 2),
    (20, 2),
    (24, 2),
    (30, 2),
    (18, 4),
    (20, 4),
    (24, 4),
    (26, 4),
    (30, 4),
    (22, 6),
    (24, 6),
    (28, 6),
    (30, 6),
    (28, 7),
    (28, 8),
];

/// The dark squares of a code, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    pub size: usize,
    dark: Vec<bool>,
    /// Squares whose colour the standard fixes: not data, never masked.
    fixed: Vec<bool>,
}

/// The code of these bytes; none when they are too long for version 20.
pub fn encode(bytes: &[u8]) -> Option<Code> {
    let version = (1..=BLOCKS.len()).find(|version| header_bits(*version) + bytes.len() * 8 <= room(*version) * 8)?;
    let mut code = Code::blank(version);
    code.place(&with_correction(&data(bytes, version), version));
    let masked = (0..8).map(|mask| code.masked(mask));
    masked.min_by_key(Code::penalty)
}

impl Code {
    /// One SVG path over all dark squares, with four light squares around.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.size {
            for x in (0..self.size).filter(|x| self.at(*x, y)) {
                path.push_str(&format!("M{},{}h1v1h-1z", x + 4, y + 4));
            }
        }
        path
    }

    /// Width and height of the picture, the light border included.
    pub fn width(&self) -> usize {
        self.size + 8
    }

    fn at(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.size + x]
    }

    fn fix(&mut self, x: usize, y: usize, dark: bool) {
        self.dark[y * self.size + x] = dark;
        self.fixed[y * self.size + x] = true;
    }

    /// Everything but the data: finders, timing, alignment, version; the place of the format is kept free.
    fn blank(version: usize) -> Code {
        let size = version * 4 + 17;
        let mut code = Code { size, dark: vec![false; size * size], fixed: vec![false; size * size] };
        for at in 0..size {
            code.fix(6, at, at % 2 == 0);
            code.fix(at, 6, at % 2 == 0);
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            code.finder(x, y);
        }
        let places = alignment(version);
        let last = places.len().saturating_sub(1);
        for (i, x) in places.iter().enumerate() {
            for (j, y) in places.iter().enumerate() {
                if !matches!((i, j), (0, 0)) && (i, j) != (0, last) && (i, j) != (last, 0) {
                    code.alignment(*x, *y);
                }
            }
        }
        code.format(0);
        code.version(version);
        code
    }

    fn finder(&mut self, x: usize, y: usize) {
        for dy in -4..=4_i64 {
            for dx in -4..=4_i64 {
                let ring = dx.abs().max(dy.abs());
                if let (Some(x), Some(y)) = (self.inside(x, dx), self.inside(y, dy)) {
                    self.fix(x, y, ring != 2 && ring != 4);
                }
            }
        }
    }

    fn alignment(&mut self, x: usize, y: usize) {
        for dy in -2..=2_i64 {
            for dx in -2..=2_i64 {
                if let (Some(x), Some(y)) = (self.inside(x, dx), self.inside(y, dy)) {
                    self.fix(x, y, dx.abs().max(dy.abs()) != 1);
                }
            }
        }
    }

    fn inside(&self, from: usize, step: i64) -> Option<usize> {
        usize::try_from(i64::try_from(from).ok()? + step).ok().filter(|at| *at < self.size)
    }

    /// Level L and the mask, protected by a BCH code, twice.
    fn format(&mut self, mask: u32) {
        let said = 0b01 << 3 | mask;
        let mut rest = said;
        for _ in 0..10 {
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        }
        let bits = (said << 10 | rest) ^ 0x5412;
        let bit = |at: usize| bits >> at & 1 == 1;
        let size = self.size;
        for at in 0..6 {
            self.fix(8, at, bit(at));
            self.fix(at, 8, bit(14 - at));
        }
        self.fix(8, 7, bit(6));
        self.fix(8, 8, bit(7));
        self.fix(7, 8, bit(8));
        for at in 0..8 {
            self.fix(size - 1 - at, 8, bit(at));
        }
        for at in 8..15 {
            self.fix(8, size - 15 + at, bit(at));
        }
        self.fix(8, size - 8, true);
    }

    /// From version 7 on the version itself, protected likewise.
    fn version(&mut self, version: usize) {
        if version < 7 {
            return;
        }
        let said = u32::try_from(version).expect("a version is at most 20");
        let mut rest = said;
        for _ in 0..12 {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
        }
        let bits = said << 12 | rest;
        for at in 0..18 {
            let dark = bits >> at & 1 == 1;
            let (long, short) = (self.size - 11 + at % 3, at / 3);
            self.fix(long, short, dark);
            self.fix(short, long, dark);
        }
    }

    /// The bytes in the zigzag of the standard, from the lower right.
    fn place(&mut self, bytes: &[u8]) {
        let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1));
        let mut right = self.size - 1;
        loop {
            let upward = (right + 1) & 2 == 0;
            for step in 0..self.size {
                let y = if upward { self.size - 1 - step } else { step };
                for x in [right, right - 1] {
                    let at = y * self.size + x;
                    if !self.fixed[at] {
                        self.dark[at] = bits.next().unwrap_or(false);
                    }
                }
            }
            right = match right {
                1 => return,
                // The column of the timing pattern is stepped over.
                8 => 5,
                other => other - 2,
            };
        }
    }

    fn masked(&self, mask: u32) -> Code {
        let mut code = self.clone();
        for y in 0..self.size {
            for x in 0..self.size {
                let at = y * self.size + x;
                let turned = match mask {
                    0 => (x + y) % 2 == 0,
                    1 => y % 2 == 0,
                    2 => x % 3 == 0,
                    3 => (x + y) % 3 == 0,
                    4 => (x / 3 + y / 2) % 2 == 0,
                    5 => x * y % 2 + x * y % 3 == 0,
                    6 => (x * y % 2 + x * y % 3) % 2 == 0,
                    _ => ((x + y) % 2 + x * y % 3) % 2 == 0,
                };
                code.dark[at] ^= turned && !self.fixed[at];
            }
        }
        code.format(mask);
        code
    }

    /// How hard the code is to read: long runs and whole squares of one colour. The standard's other two terms hardly
    /// ever decide, and any mask may be used.
    fn penalty(&self) -> usize {
        let mut points = 0;
        for a in 0..self.size {
            for across in [true, false] {
                let colour = |b: usize| if across { self.at(b, a) } else { self.at(a, b) };
                let mut run = 1;
                for b in 1..=self.size {
                    if b < self.size && colour(b) == colour(b - 1) {
                        run += 1;
                        continue;
                    }
                    points += if run >= 5 { run - 2 } else { 0 };
                    run = 1;
                }
            }
        }
        for y in 1..self.size {
            for x in 1..self.size {
                let same =
                    [(x - 1, y), (x, y - 1), (x - 1, y - 1)].iter().all(|(a, b)| self.at(*a, *b) == self.at(x, y));
                points += if same { 3 } else { 0 };
            }
        }
        points
    }
}

/// The bits before the data: the mode and the length.
fn header_bits(version: usize) -> usize {
    if version < 10 { 12 } else { 20 }
}

/// All bytes of a version, data and correction.
fn all_bytes(version: usize) -> usize {
    let mut squares = (16 * version + 128) * version + 64;
    if version >= 2 {
        let places = version / 7 + 2;
        squares -= (25 * places - 10) * places - 55;
        squares -= if version >= 7 { 36 } else { 0 };
    }
    squares / 8
}

/// The bytes of a version that are left for data.
fn room(version: usize) -> usize {
    let (correction, blocks) = BLOCKS[version - 1];
    all_bytes(version) - correction * blocks
}

/// Where the centres of the alignment patterns stand.
fn alignment(version: usize) -> Vec<usize> {
    if version == 1 {
        return Vec::new();
    }
    let count = version / 7 + 2;
    let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2;
    let last = version * 4 + 10;
    let mut places: Vec<usize> = (0..count - 1).map(|at| last - at * step).collect();
    places.push(6);
    places.reverse();
    places
}

fn data(bytes: &[u8], version: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut say = |value: usize, width: usize| bits.extend((0..width).rev().map(|at| value >> at & 1 == 1));
    say(0b0100, 4);
    say(bytes.len(), header_bits(version) - 4);
    bytes.iter().for_each(|byte| say(usize::from(*byte), 8));
    let full = room(version) * 8;
    bits.resize((bits.len() + 4).min(full), false);
    bits.resize(bits.len().div_ceil(8) * 8, false);
    let mut data: Vec<u8> =
        bits.chunks(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | u8::from(*bit))).collect();
    let padding = [0xec, 0x11].into_iter().cycle();
    data.extend(padding.take(room(version) - data.len()));
    data
}

/// Splits the data into blocks, adds the correction of each, and interleaves them.
fn with_correction(data: &[u8], version: usize) -> Vec<u8> {
    let (correction, blocks) = BLOCKS[version - 1];
    let short = data.len() / blocks;
    let long_blocks = data.len() % blocks;
    let divisor = divisor(correction);
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = data;
    for block in 0..blocks {
        let length = short + usize::from(block >= blocks - long_blocks);
        let (part, after) = rest.split_at(length);
        parts.push(part);
        rest = after;
    }
    let corrections: Vec<Vec<u8>> = parts.iter().map(|part| remainder(part, &divisor)).collect();
    let mut all = Vec::with_capacity(all_bytes(version));
    for at in 0..=short {
        all.extend(parts.iter().filter_map(|part| part.get(at)));
    }
    for at in 0..correction {
        all.extend(corrections.iter().map(|part| part[at]));
    }
    all
}

/// The product of (x - 2^i), highest power left out.
fn divisor(degree: usize) -> Vec<u8> {
    let mut divisor = vec![0; degree];
    divisor[degree - 1] = 1;
    let mut root = 1;
    for _ in 0..degree {
        for at in 0..degree {
            divisor[at] = times(divisor[at], root) ^ divisor.get(at + 1).copied().unwrap_or(0);
        }
        root = times(root, 2);
    }
    divisor
}

fn remainder(data: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut rest = vec![0; divisor.len()];
    for byte in data {
        let factor = byte ^ rest.remove(0);
        rest.push(0);
        rest.iter_mut().zip(divisor).for_each(|(rest, part)| *rest ^= times(*part, factor));
    }
    rest
}

/// Multiplication in the field of 256 elements with the polynomial 0x11d.
fn times(a: u8, b: u8) -> u8 {
    (0..8).rev().fold(0_u8, |sum, at| {
        let doubled = (sum << 1) ^ ((sum >> 7) * 0x1d);
        doubled ^ ((b >> at & 1) * a)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drawn by this module once, and then read by a decoder that knows nothing of it.
    const KNOWN: [&str; 25] = [
        "#######.#..###....#######",
        "#.....#.###.##..#.#.....#",
        "#.###.#...####....#.###.#",
        "#.###.#...#..####.#.###.#",
        "#.###.#.####.##.#.#.###.#",
        "#.....#.#..#..#...#.....#",
        "#######.#.#.#.#.#.#######",
        "........#.###.#..........",
        "###..##.###.#....####..##",
        "#...##.####....##.#....##",
        "###.###....#..##.....##.#",
        "##.#.#.###.#..########...",
        "..#.######.##...#.##.#..#",
        "..###..#....#.##.##....##",
        "###.#.####.##.###.##..#.#",
        "..#....#..##........##.##",
        "###.####...##..######....",
        "........##..#..##...##..#",
        "#######..#.#.#..#.#.#.#.#",
        "#.....#.#.#...###...##.##",
        "#.###.#....##..######..#.",
        "#.###.#...#.#.#..#.###.#.",
        "#.###.#.#.##.#..##.######",
        "#.....#.###.#..####..#...",
        "#######.##....#.#..#.#..#",
    ];

    #[test]
    fn a_known_code_comes_out_square_by_square() {
        let code = encode(b"otpauth://totp/x?secret=ABC").expect("short enough");
        let row = |y: usize| (0..code.size).map(|x| if code.at(x, y) { '#' } else { '.' }).collect::<String>();
        let rows: Vec<String> = (0..code.size).map(row).collect();
        assert_eq!(rows, KNOWN);
    }

    #[test]
    fn every_version_is_filled_to_the_last_byte_and_more_is_refused() {
        for (bytes, size) in [(17, 21), (18, 25), (154, 45), (271, 57), (272, 61), (858, 97)] {
            assert_eq!(encode(&vec![b'a'; bytes]).expect("fits").size, size, "{bytes}");
        }
        assert_eq!(encode(&[b'a'; 859]), None);
    }
}
