//! Archives of every kind, whole, broken and hostile.

use std::io::Write;

use proptest::prelude::*;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in entries {
        let mut block = [0u8; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        block[156] = b'0';
        block[257..263].copy_from_slice(b"ustar\0");
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend_from_slice(&block);
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1_024, 0);
    out
}

fn seven(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = sevenz_rust2::ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    // Plain copies: packing needs what only tests would.
    writer.set_content_methods(vec![sevenz_rust2::EncoderConfiguration::new(sevenz_rust2::EncoderMethod::COPY)]);
    for (name, bytes) in entries {
        writer.push_archive_entry(sevenz_rust2::ArchiveEntry::new_file(name), Some(Cursor::new(bytes))).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const MAIL: &[u8] = b"Received: from a by b; Fri, 27 Nov 2026 08:00:00 +0700\r\nFrom: ke-toan@example.vn\r\nTo: van-thu@example.vn\r\nSubject: Hoa don\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nxin chao\r\n--x\r\nContent-Type: application/octet-stream; name=\"a.txt\"\r\nContent-Disposition: attachment; filename=\"a.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\nWGluIGNow6Bv\r\n--x--\r\n";

fn look(bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Opened) {
    let mut found = Vec::new();
    let Some(kind) = kind(&bytes[..bytes.len().min(HEAD)]) else { return (found, Opened::default()) };
    let opened = open("f.gz", kind, &mut Cursor::new(bytes), bytes.len() as u64, &mut |member| {
        found.push((member.name.to_owned(), member.bytes.to_vec()));
        true
    });
    (found, opened)
}

fn names(bytes: &[u8]) -> Vec<String> {
    look(bytes).0.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_kind_is_opened_also_one_in_another() {
    assert_eq!(names(&gzip(b"a")), ["f.gz!f"]);
    assert_eq!(names(&tar(&[("x/y", b"1"), ("z", b"22")])), ["f.gz!x/y", "f.gz!z"]);
    assert_eq!(names(&seven(&[("a", b"1"), ("b", b"22")])), ["f.gz!a", "f.gz!b"]);
    let (found, opened) =
        look(&zip(&[("a.tar.gz", &gzip(&tar(&[("q", b"xin chao")]))), ("b.7z", &seven(&[("c", b"3")]))]));
    let inner: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(inner, ["f.gz!a.tar.gz!a.tar!q", "f.gz!b.7z", "f.gz!b.7z!c"]);
    assert_eq!(found[0].1, b"xin chao");
    assert_eq!(opened.cuts, 0);
    let zstd = ruzstd::encoding::compress_to_vec(&b"a"[..], ruzstd::encoding::CompressionLevel::Fastest);
    assert_eq!(look(&zstd).0[0].1, b"a");
}

#[test]
fn a_mail_gives_its_attachment_decoded() {
    let (found, opened) = look(MAIL);
    let attached = found.iter().find(|(name, _)| name == "f.gz!a.txt").expect("the attachment");
    assert_eq!(attached.1, "Xin chào".as_bytes());
    assert!(found.iter().any(|(_, bytes)| bytes.starts_with(b"xin chao")));
    assert_eq!(opened.cuts, 0);
    let mailbox = [b"From a Fri Nov 27\n".as_slice(), MAIL, b"\nFrom b Fri Nov 27\n", MAIL].concat();
    assert!(names(&mailbox).contains(&"f.gz!2!a.txt".to_owned()));
    // A program's text with a colon in its first line is no mail.
    assert_eq!(kind(b"include: a\nfrom: b\n"), None);
}

/// A message that is nothing but a message: its parser loses count there, and asserts that it does not.
const STRAIGHT_IN: &[u8] = b"Received: x\nFrom: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n--b--\n";

#[test]
fn a_mail_that_breaks_its_parser_costs_nothing_that_lies_beside_it_and_is_told() {
    let (found, opened) = look(&zip(&[("a.eml", STRAIGHT_IN), ("b", b"1")]));
    assert_eq!(found.last().unwrap().0, "f.gz!b");
    assert_eq!(opened.cuts, 1);
}

#[test]
fn messages_one_in_another_do_not_take_the_room_of_a_thread() {
    let deep = [b"From: a\n".as_slice(), &b"Content-Type: message/rfc822\n\n".repeat(40_000), b"x\n"].concat();
    let packed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &deep);
    let packed =
        format!("Received: x\nFrom: a\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{packed}");
    for mail in [[b"Received: x\n", deep.as_slice()].concat(), packed.into_bytes()] {
        let looked = std::thread::Builder::new().stack_size(1 << 20).spawn(move || look(&mail).1).unwrap();
        assert!(looked.join().unwrap().cuts <= 1);
    }
}

#[test]
fn what_lies_too_deep_is_told() {
    let deep = (0..6).fold(b"x".to_vec(), |bytes, _| gzip(&bytes));
    let (found, opened) = look(&deep);
    assert!(found.is_empty());
    assert!(opened.cut[0].1.contains("deeper than"), "{:?}", opened.cut);
}

#[test]
fn a_bomb_is_left_when_it_goes_off() {
    const MOST: u64 = 1 << 20;
    let bomb = gzip(&vec![0; 3 << 20]);
    // Many times the same bomb does not come out many times.
    let many = zip(&[("a", &bomb), ("b", &bomb), ("c", &bomb)]);
    for bytes in [&bomb, &many] {
        let kind = kind(bytes).unwrap();
        let opened = open_within("f", kind, &mut Cursor::new(bytes), MOST, &mut |_| true);
        assert!(opened.cuts >= 1 && opened.bytes <= MOST, "{opened:?}");
    }
}

#[test]
fn broken_archives_give_what_they_still_hold() {
    let mut cut = tar(&[("a", b"whole"), ("b", &[7; 4_000])]);
    cut.truncate(2_000);
    let (found, opened) = look(&cut);
    assert_eq!(found[0], ("f.gz!a".to_owned(), b"whole".to_vec()));
    assert_eq!(opened.cuts, 1);
    assert_eq!(look(b"PK\x03\x04broken").1.cuts, 1);
    assert_eq!(look(b"7z\xBC\xAF\x27\x1Cbroken").1.cuts, 1);
    assert_eq!(look(b"Rar!\x1A\x07\x00").1.cut[0].1, "rar cannot be opened here");
}

#[test]
fn a_name_from_inside_cannot_pass_for_a_path_outside() {
    assert_eq!(names(&tar(&[("a!b\x1b[2J", b"1")])), ["f.gz!a?b?[2J"]);
}

#[test]
fn contents_are_counted_before_they_are_listed() {
    assert!(contents_fit(&mut Cursor::new(zip(&[("a", b"1")]))).unwrap());
    let many = b"PK\x01\x02".repeat(200_001);
    assert!(!contents_fit(&mut Cursor::new(many)).unwrap());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(start in 0usize..7, bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let starts: [&[u8]; 7] = [b"PK\x03\x04", b"\x1F\x8B\x08\x00", b"\x28\xB5\x2F\xFD", b"7z\xBC\xAF\x27\x1C", b"Received: x\nFrom: ", b"From x\nFrom: a\nMessage-ID: ", b""];
        let bytes = [starts[start], &bytes].concat();
        look(&bytes);
    }

    #[test]
    fn no_damage_makes_it_panic(kind in 0usize..5, places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = [
            zip(&[("a", b"some words, some words"), ("b/c", b"2")]),
            tar(&[("a", b"some words"), ("b", b"2")]),
            seven(&[("a", b"some words"), ("b", b"2")]),
            gzip(b"some words, some words"),
            MAIL.to_vec(),
        ][kind].clone();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        look(&bytes);
    }
}
