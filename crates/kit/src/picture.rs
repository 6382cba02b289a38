//! Looks at a picture that somebody sent: its size, what it says about itself, and a small copy to show. Pictures are
//! hostile, and those who read them have had faults, so this happens in a process of its own that may neither grow nor
//! run for long ([`worker`]); [`look`] starts it and believes only the shape of its answer.

use std::io::{Cursor, Read, Write};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::error::Result;
use crate::form::clean;
use crate::text::shorten;

/// The largest file looked at, in bytes.
pub const LARGEST: i64 = 64 << 20;
/// The longest side of the small copy, in pixels.
const SMALL: u32 = 480;
/// The most pixels that are unpacked, and the longest side; read from the file's head before anything is unpacked.
const PIXELS: u64 = 60_000_000;
const SIDE: u32 = 30_000;
/// Memory for unpacking, and for the process as a whole, in bytes.
const UNPACKED: u64 = 256 << 20;
const MEMORY: u64 = 1 << 30;
/// Seconds of work, and how long its answer is waited for.
const SECONDS: u64 = 10;
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer: a small copy and a few facts.
const ANSWER: u64 = 4 << 20;
/// What the answer begins with. Whatever stands before it is not ours.
const MARK: &[u8] = b"ungcuu-picture-1\n";

/// What a picture says about itself. Whoever sent it can have written anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Picture {
    /// In pixels; 0 when it cannot be read.
    pub width: u32,
    pub height: u32,
    /// `png`, `jpeg`, `gif` or `webp`; empty when it is none of them.
    pub format: String,
    /// When the camera says it was taken: `2023-03-15 08:30:00`, in no named zone.
    pub taken: String,
    /// Where the camera says it was taken: latitude and longitude in degrees.
    pub place: Option<(f64, f64)>,
    pub camera: String,
    /// Too large to be unpacked.
    pub too_large: bool,
}

/// A picture that was looked at, with its small copy as JPEG; empty when none could be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub picture: Picture,
    pub small: Vec<u8>,
}

impl Seen {
    /// As it is kept and sent by the worker: mark, length of the facts, facts, small copy.
    pub fn to_bytes(&self) -> Vec<u8> {
        let facts = serde_json::to_vec(&self.picture).unwrap_or_default();
        let length = u32::try_from(facts.len()).unwrap_or_default();
        [MARK, &length.to_be_bytes(), &facts, &self.small].concat()
    }

    /// Reads what [`Seen::to_bytes`] wrote, wherever it begins.
    pub fn from_bytes(bytes: &[u8]) -> Option<Seen> {
        let start = bytes.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
        let (length, rest) = bytes[start..].split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let facts = rest.get(..length)?;
        Some(Seen { picture: serde_json::from_slice(facts).ok()?, small: rest[length..].to_vec() })
    }
}

/// Looks at a picture in a process of its own: `command` is a program with its arguments that ends up in [`worker`]. What
/// cannot be read comes back as a picture without a format; fails only when the process cannot be started.
pub async fn look(command: &[String], file: std::fs::File) -> Result<Seen> {
    let Some((program, args)) = command.split_first() else { return Ok(Seen::default()) };
    let mut child = Command::new(program)
        .args(args)
        .env_clear()
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let Some(out) = child.stdout.take() else { return Ok(Seen::default()) };
    let answer = async {
        let mut bytes = Vec::new();
        out.take(ANSWER).read_to_end(&mut bytes).await?;
        child.wait().await?;
        std::io::Result::Ok(bytes)
    };
    let bytes = match tokio::time::timeout(PATIENCE, answer).await {
        Ok(bytes) => bytes?,
        Err(_) => Vec::new(),
    };
    Ok(Seen::from_bytes(&bytes).unwrap_or_default())
}

/// The process that looks: a picture comes in on its standard input, [`Seen`] goes out. Called before anything else is
/// begun in the program.
pub fn worker() -> ExitCode {
    if bind().is_err() {
        return ExitCode::from(2);
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST).unwrap_or_default();
    if std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(2);
    }
    let seen = if bytes.len() as u64 > limit {
        Seen { picture: Picture { too_large: true, ..Picture::default() }, small: Vec::new() }
    } else {
        read(&bytes)
    };
    match std::io::stdout().lock().write_all(&seen.to_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

/// Takes from this process what it does not need: memory, time, writing files.
#[cfg(unix)]
fn bind() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, most(MEMORY))?;
    setrlimit(Resource::Cpu, most(SECONDS))?;
    setrlimit(Resource::Fsize, most(0))?;
    setrlimit(Resource::Core, most(0))?;
    Ok(())
}

#[cfg(not(unix))]
fn bind() -> std::io::Result<()> {
    Ok(())
}

fn read(bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let Some(reader) = guess(bytes) else { return seen };
    let Some(format) = reader.format() else { return seen };
    let Ok((width, height)) = reader.into_dimensions() else { return seen };
    seen.picture = Picture {
        width,
        height,
        format: format.extensions_str().first().map(|word| word.replace("jpg", "jpeg")).unwrap_or_default(),
        too_large: u64::from(width) * u64::from(height) > PIXELS || width.max(height) > SIDE,
        ..Picture::default()
    };
    told(bytes, &mut seen.picture);
    if !seen.picture.too_large {
        seen.small = small(bytes).unwrap_or_default();
    }
    seen
}

fn guess(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED);
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    reader.limits(limits);
    Some(reader)
}

fn small(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = guess(bytes)?.into_decoder().ok()?;
    let orientation = decoder.orientation().ok();
    let mut copy = DynamicImage::from_decoder(decoder).ok()?.thumbnail(SMALL, SMALL);
    if let Some(orientation) = orientation {
        copy.apply_orientation(orientation);
    }
    let mut flat = image::RgbImage::new(copy.width(), copy.height());
    for (from, to) in copy.to_rgba8().pixels().zip(flat.pixels_mut()) {
        let [red, green, blue, opaque] = from.0;
        // On white, as on paper.
        let over = |part: u8| {
            let opaque = u16::from(opaque);
            u8::try_from((u16::from(part) * opaque + 255 * (255 - opaque)) / 255).unwrap_or(u8::MAX)
        };
        to.0 = [over(red), over(green), over(blue)];
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 80).encode_image(&flat).ok()?;
    Some(jpeg)
}

/// What the camera wrote into the file.
fn told(bytes: &[u8], picture: &mut Picture) {
    use exif::{In, Tag};
    let Ok(told) = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)) else { return };
    let words = |tag: Tag| {
        let field = told.get_field(tag, In::PRIMARY)?;
        Some(shorten(clean(&field.display_value().to_string()).trim_matches(['"', ' ']), 60))
    };
    picture.taken = words(Tag::DateTimeOriginal).or_else(|| words(Tag::DateTime)).unwrap_or_default();
    let camera = [words(Tag::Make), words(Tag::Model)].into_iter().flatten().collect::<Vec<_>>();
    picture.camera = camera.join(" ");
    let degrees = |tag: Tag, side: Tag, negative: char| {
        let field = told.get_field(tag, In::PRIMARY)?;
        let exif::Value::Rational(parts) = &field.value else { return None };
        let part = |place: usize| parts.get(place).filter(|part| part.denom != 0).map_or(0.0, exif::Rational::to_f64);
        let whole = part(0) + part(1) / 60.0 + part(2) / 3600.0;
        let side = words(side).unwrap_or_default();
        Some(if side.starts_with(negative) { -whole } else { whole })
    };
    let place =
        degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, 'S').zip(degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, 'W'));
    picture.place = place.filter(|(north, east)| north.abs() <= 90.0 && east.abs() <= 180.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(width, height, image::Rgba([9, 9, 9, 0])));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).expect("written");
        bytes
    }

    #[test]
    fn a_picture_gets_a_small_copy_and_what_is_none_gets_nothing() {
        let seen = read(&png(1200, 600));
        assert_eq!((seen.picture.width, seen.picture.height, seen.picture.format.as_str()), (1200, 600, "png"));
        let copy = image::load_from_memory(&seen.small).expect("a picture");
        assert_eq!((copy.width(), copy.height()), (480, 240));
        assert_eq!(copy.to_rgb8().get_pixel(3, 3).0, [255, 255, 255], "what is transparent lies on white");
        for nothing in [b"".as_slice(), b"MZ\x90", b"<svg onload=alert(1)>", &png(40, 40)[..60]] {
            assert!(read(nothing).small.is_empty());
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_never_unpacked() {
        let mut bomb = png(16, 16);
        // The head says 60,000 by 60,000; the sum behind it is made to fit.
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let mut crc = u32::MAX;
        for byte in &bomb[12..29] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        bomb[29..33].copy_from_slice(&(!crc).to_be_bytes());
        let seen = read(&bomb);
        assert!(seen.small.is_empty() && (seen.picture.too_large || seen.picture.format.is_empty()), "{seen:?}");
    }

    #[test]
    fn the_answer_is_found_behind_whatever_stands_before_it() {
        let seen = Seen { picture: Picture { width: 3, ..Picture::default() }, small: vec![1, 2, 3] };
        let bytes = [b"running 1 test\n".as_slice(), &seen.to_bytes()].concat();
        assert_eq!(Seen::from_bytes(&bytes), Some(seen));
        assert_eq!(Seen::from_bytes(b"running 1 test\n"), None);
        assert_eq!(Seen::from_bytes(&[MARK, &[255, 255, 255, 255]].concat()), None);
    }
}
