//! Checks a dossier from the file alone: no database, no network. What is found is said in both languages; the caller picks
//! the reader's.
//!
//! In this order, each standing on the one before: the container is the one that was made; the index is signed by the key
//! that is trusted; every file is the one in the index; the journal's chain is whole; each row is as the journal left it;
//! each file that a row names is there; each checkpoint is signed and holds the stream.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Seek};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::archive::{self, Entry as Packed, Unreadable};
use super::collect::{files_of, is_as_named, last_named};
use super::model::{FORMAT, INDEX, Index, JOURNAL, KEYS, LONGEST, Listed, ROWS, RowLine, SEALS, SIGNATURE, Seal, Why};
use crate::checkpoint::timestamp::{self, Doubt};
use crate::checkpoint::{Key, Vouched, merkle, signing, vouched};
use crate::journal::{Entry, Finding, GENESIS};

/// What whoever checks brings along.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The public key that is trusted, in hexadecimal.
    pub key: Option<String>,
    /// Certificates that are trusted to issue time-stamps, as DER.
    pub trusted: Vec<Vec<u8>>,
}

/// What the check found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    pub code: String,
    pub title: String,
    pub made_at: Time,
    pub made_by: String,
    pub entries: usize,
    pub rows: usize,
    pub files: usize,
    pub checkpoints: usize,
    /// The last moment before which an entry is known to have been there: number of entries, moment, who says so.
    pub witnessed: Option<(i64, Time, String)>,
    /// Fingerprint of the key that signed.
    pub fingerprint: String,
    pub findings: Vec<Finding>,
    /// What is no alteration, and yet whoever checks should know.
    pub notes: Vec<Finding>,
}

impl Checked {
    /// Whether nothing was altered.
    pub fn sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, place: impl Into<String>, what: Text) {
        self.findings.push(Finding { place: place.into(), what });
    }

    fn note(&mut self, place: impl Into<String>, what: Text) {
        self.notes.push(Finding { place: place.into(), what });
    }
}

/// Checks a dossier. An error says why nothing can be told: it is not a dossier, or not the file that was made.
pub fn check<R: Read + Seek>(file: R, asked: &Asked) -> Result<Checked, Text> {
    let mut dossier = Dossier::open(file)?;
    let words = dossier.whole(INDEX)?.ok_or_else(no_dossier)?;
    let mut checked = Checked::default();
    let keys = dossier.whole(KEYS)?.unwrap_or_default();
    let Ok(index) = serde_json::from_slice::<Index>(&words) else {
        if !contains(&words, FORMAT) {
            return Err(no_dossier());
        }
        checked.find(INDEX, Text::new("Mục lục đã bị sửa.", "The index was altered."));
        return Ok(checked);
    };
    if index.format != FORMAT {
        return Err(no_dossier());
    }
    checked.code = index.code.clone();
    checked.title = index.title.clone();
    checked.made_at = index.made_at;
    checked.made_by = index.made_by.clone();
    let keys: Vec<Key> = serde_json::from_slice(&keys).unwrap_or_default();
    let signature = dossier.whole(SIGNATURE)?.unwrap_or_default();
    check_signature(&words, &signature, &index, &keys, asked, &mut checked);
    check_files(&mut dossier, &index, &mut checked)?;
    let entries: Vec<Entry> = dossier.lines(JOURNAL, &mut checked)?;
    check_journal(&entries, &index, &mut checked);
    let rows: Vec<RowLine> = dossier.lines(ROWS, &mut checked)?;
    check_rows(&rows, &entries, &index, &mut checked);
    let seals: Vec<Seal> = dossier.lines(SEALS, &mut checked)?;
    check_seals(&seals, &entries, &index, &keys, asked, &mut checked);
    Ok(checked)
}

fn contains(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

fn no_dossier() -> Text {
    Text::new(
        "Tệp này không phải hồ sơ để kiểm chứng, hoặc do phiên bản mới hơn lập ra.",
        "This file is no dossier for checking, or a newer version made it.",
    )
}

fn refused(why: Unreadable) -> Text {
    match why {
        Unreadable::CutOff => Text::new(
            "Tệp không phải tệp .zip trọn vẹn: có thể bị cắt khi tải hoặc sao chép. Hãy xin lại bản gốc.",
            "The file is no whole .zip: it may have been cut off on the way. Ask for the original.",
        ),
        Unreadable::TooMany => Text::new(
            "Tệp .zip có quá nhiều tệp bên trong để là một hồ sơ.",
            "The .zip holds too many files to be a dossier.",
        ),
        Unreadable::OtherForm => Text::new(
            "Tệp .zip không đúng dạng phần mềm đã lập: đã bị đóng gói lại, chèn thêm hoặc bớt đi. Hãy xin lại bản gốc.",
            "The .zip is not in the form in which it was made: it was packed again, or something was put in or taken out. Ask for the original.",
        ),
        Unreadable::Disk(cause) => text!("Không đọc được tệp: {cause}", "The file cannot be read: {cause}"),
    }
}

/// An opened container.
struct Dossier<R> {
    file: R,
    packed: BTreeMap<String, Packed>,
}

impl<R: Read + Seek> Dossier<R> {
    fn open(mut file: R) -> Result<Dossier<R>, Text> {
        let packed = archive::open(&mut file).map_err(refused)?;
        let packed = packed.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        Ok(Dossier { file, packed })
    }

    /// A small file's content; none when it is not there.
    fn whole(&mut self, name: &str) -> Result<Option<Vec<u8>>, Text> {
        let Some(entry) = self.packed.get(name) else { return Ok(None) };
        if entry.size > LONGEST {
            return Err(refused(Unreadable::OtherForm));
        }
        let mut bytes = Vec::new();
        let read = archive::content(&mut self.file, entry).and_then(|mut content| content.read_to_end(&mut bytes));
        read.map_err(|cause| refused(cause.into()))?;
        Ok(Some(bytes))
    }

    /// The values of a file with one on each line. A line that cannot be read is a finding.
    fn lines<T: DeserializeOwned>(&mut self, name: &str, checked: &mut Checked) -> Result<Vec<T>, Text> {
        let bytes = self.whole(name)?.unwrap_or_default();
        let mut values = Vec::new();
        for (number, line) in BufReader::new(bytes.as_slice()).split(b'\n').enumerate() {
            let line = line.map_err(|cause| refused(cause.into()))?;
            match serde_json::from_slice(&line) {
                Ok(value) => values.push(value),
                Err(_) => {
                    let place = format!("{name}:{}", number + 1);
                    checked.find(place, Text::new("Dòng này đã bị sửa.", "This line was altered."));
                    break;
                }
            }
        }
        Ok(values)
    }

    fn sha256(&mut self, entry: &Packed) -> Result<String, Text> {
        let mut digest = Sha256::new();
        let mut content = archive::content(&mut self.file, entry).map_err(|cause| refused(cause.into()))?;
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = content.read(&mut buffer).map_err(|cause| refused(cause.into()))?;
            if read == 0 {
                return Ok(hex::encode(digest.finalize()));
            }
            digest.update(&buffer[..read]);
        }
    }
}

fn check_signature(words: &[u8], signature: &[u8], index: &Index, keys: &[Key], asked: &Asked, checked: &mut Checked) {
    let vouched = vouched(keys);
    for (key, _) in keys.iter().zip(&vouched).filter(|(_, vouched)| **vouched == Vouched::Falsely) {
        let number = key.number;
        checked.find(
            KEYS,
            text!(
                "Khoá số {number} không được khoá trước ký nhận, hoặc đã bị sửa.",
                "Key {number} was not signed for by the one before, or was altered."
            ),
        );
    }
    let signature = std::str::from_utf8(signature).ok().and_then(|line| line.strip_suffix('\n')).unwrap_or_default();
    let signer = keys.iter().find(|key| key.number == index.key);
    let signed = signer.is_some_and(|key| signing::is_signed(&key.public_key, words, signature));
    let Some(signer) = signer.filter(|_| signed) else {
        checked.find(
            INDEX,
            Text::new(
                "Chữ ký trên mục lục không đúng: mục lục, chữ ký hoặc khoá đã bị sửa.",
                "The index's signature does not fit: the index, the signature or the key was altered.",
            ),
        );
        return;
    };
    checked.fingerprint = signer.fingerprint();
    let Some(trusted) = &asked.key else {
        checked.note(
            KEYS,
            Text::new(
                "Chưa cho khoá công khai của cơ quan (--key): chỉ biết hồ sơ tự khớp với khoá nằm trong nó. Hãy so dấu vân dưới đây với giấy tờ của cơ quan.",
                "The office's public key was not given (--key): the dossier only agrees with the key inside itself. Compare the fingerprint below with the office's papers.",
            ),
        );
        return;
    };
    // From the trusted key every later one must be signed for by the one before.
    let start = keys.iter().position(|key| key.public_key == *trusted);
    let end = keys.iter().position(|key| key.number == index.key);
    let led = match (start, end) {
        (Some(start), Some(end)) => {
            start <= end && vouched[start..=end].iter().skip(1).all(|vouched| *vouched == Vouched::Yes)
        }
        _ => false,
    };
    if !led {
        checked.find(
            KEYS,
            Text::new(
                "Hồ sơ được ký bằng khoá khác, không phải khoá công khai đã cho và không do khoá đó ký nhận.",
                "The dossier is signed with another key than the one given, and that one did not sign for it.",
            ),
        );
    }
}

fn check_files<R: Read + Seek>(dossier: &mut Dossier<R>, index: &Index, checked: &mut Checked) -> Result<(), Text> {
    let packed = dossier.packed.clone();
    let mut listed: BTreeSet<&str> = BTreeSet::from([INDEX, SIGNATURE]);
    for Listed { path, size, sha256, .. } in &index.files {
        checked.files += 1;
        let Some(entry) = packed.get(path) else {
            checked.find(
                path,
                Text::new("Tệp có trong mục lục nhưng đã mất.", "The index names this file, and it is missing."),
            );
            continue;
        };
        if !listed.insert(path) {
            checked.find(path, Text::new("Mục lục ghi tệp này hai lần.", "The index names this file twice."));
        }
        if entry.size != *size || dossier.sha256(entry)? != *sha256 {
            checked.find(path, Text::new("Tệp đã bị thay đổi nội dung.", "The file's content was altered."));
        }
    }
    for name in packed.keys().filter(|name| !listed.contains(name.as_str())) {
        checked.find(
            name,
            Text::new(
                "Tệp không có trong mục lục: đã bị chèn vào.",
                "The index does not name this file: it was put in.",
            ),
        );
    }
    for name in [JOURNAL, ROWS, SEALS, KEYS].into_iter().filter(|name| !listed.contains(name)) {
        checked.find(name, Text::new("Hồ sơ thiếu tệp này.", "The dossier lacks this file."));
    }
    Ok(())
}

fn check_journal(entries: &[Entry], index: &Index, checked: &mut Checked) {
    checked.entries = entries.len();
    let mut previous = GENESIS;
    for (number, entry) in (1_i64..).zip(entries) {
        let place = format!("{JOURNAL}:{number}");
        if entry.seq != number || entry.stream != index.stream || entry.previous != previous {
            checked.find(
                place.clone(),
                Text::new("Mắt xích không nối với mục trước.", "The link does not join the entry before it."),
            );
        }
        if !entry.hash_fits() {
            checked.find(place, Text::new("Mục nhật ký đã bị sửa.", "The journal entry was altered."));
        }
        previous = &entry.hash;
    }
    if previous != index.head || i64::try_from(entries.len()) != Ok(index.entries) {
        checked.find(
            JOURNAL,
            Text::new("Nhật ký không đủ như mục lục ghi.", "The journal is not as long as the index says."),
        );
    }
}

fn check_rows(rows: &[RowLine], entries: &[Entry], index: &Index, checked: &mut Checked) {
    checked.rows = rows.len();
    let last = last_named(entries);
    let files: BTreeSet<&str> = index.files.iter().map(|file| file.sha256.as_str()).collect();
    let left_out: BTreeMap<&str, Why> =
        index.left_out.iter().filter_map(|left| Some((left.sha256.as_deref()?, left.why))).collect();
    for row in rows {
        let place = format!("{ROWS}: {} {}", row.table, row.id);
        if !is_as_named(row, &last) {
            checked.find(
                place.clone(),
                Text::new(
                    "Dòng dữ liệu không như nhật ký ghi: đã bị sửa.",
                    "The row is not as the journal left it: it was altered.",
                ),
            );
        }
        for (sha256, _, about) in files_of(row) {
            match left_out.get(sha256.as_str()) {
                _ if files.contains(sha256.as_str()) => {}
                Some(Why::Malicious) if row.value("malicious") == Some("true") => checked.note(
                    place.clone(),
                    about_file(&about, "đánh dấu mã độc, chỉ có mã băm", "marked as malicious, only its hash is here"),
                ),
                _ => checked.find(
                    place.clone(),
                    about_file(
                        &about,
                        "tệp không còn như khi nhận: đã mất hoặc bị thay",
                        "the file is not as it came in: missing or swapped",
                    ),
                ),
            }
        }
    }
    for left in &index.left_out {
        let name = left.name.clone();
        match left.why {
            Why::Malicious | Why::Missing => {}
            Why::Elsewhere => checked.note(
                name,
                Text::new(
                    "Dòng này về sau do sổ khác quản lý, không kiểm ở đây.",
                    "This row was changed later in another register and is not checked here.",
                ),
            ),
            Why::Unavailable => {
                checked.note(
                    name,
                    Text::new("Bản cài đặt không lập được tệp này.", "The installation could not make this file."),
                );
            }
        }
    }
}

fn about_file(about: &Text, vi: &str, en: &str) -> Text {
    Text::owned(format!("{}: {vi}.", about.vi), format!("{}: {en}.", about.en))
}

fn check_seals(seals: &[Seal], entries: &[Entry], index: &Index, keys: &[Key], asked: &Asked, checked: &mut Checked) {
    checked.checkpoints = seals.len();
    let mut covered = 0;
    for seal in seals {
        let place = format!("{SEALS}: {}", seal.checkpoint.number);
        let key = keys.iter().find(|key| key.number == seal.checkpoint.key_number);
        if !key.is_some_and(|key| key.covers(seal.checkpoint.at) && seal.checkpoint.is_signed_by(key)) {
            checked.find(
                place.clone(),
                Text::new("Chữ ký của điểm kiểm chứng không đúng.", "The checkpoint's signature does not fit."),
            );
        }
        let entry = usize::try_from(seal.head.seq - 1).ok().and_then(|at| entries.get(at));
        let is_ours = seal.head.stream == index.stream
            && entry.is_some_and(|entry| entry.hash == seal.head.hash)
            && merkle::climbed(&seal.head, &seal.path) == seal.checkpoint.root;
        if !is_ours {
            checked.find(
                place.clone(),
                Text::new(
                    "Nhật ký khác với điểm kiểm chứng: chuỗi đã bị viết lại.",
                    "The journal is not the one in the checkpoint: the stream was written anew.",
                ),
            );
        }
        covered = covered.max(seal.head.seq);
        let mut witness = (seal.head.seq, seal.checkpoint.at, String::new());
        if let Some(token) = &seal.timestamp {
            let token = STANDARD.decode(token).unwrap_or_default();
            let hash = hex::decode(&seal.checkpoint.hash).unwrap_or_default();
            match timestamp::check(&token, &hash, None, &asked.trusted) {
                Ok(stamped) => witness = (seal.head.seq, stamped.at, stamped.authority),
                Err(Doubt::Untrusted) => checked.find(
                    place,
                    Text::new(
                        "Dấu thời gian không phải của tổ chức được tin cậy.",
                        "The time-stamp is not of a trusted authority.",
                    ),
                ),
                Err(_) => checked.find(place, Text::new("Dấu thời gian đã bị sửa.", "The time-stamp was altered.")),
            }
        }
        // An authority outside weighs more than this installation's own clock.
        if checked.witnessed.as_ref().is_none_or(|(_, _, who)| who.is_empty() || !witness.2.is_empty()) {
            checked.witnessed = Some(witness);
        }
    }
    if seals.iter().any(|seal| seal.timestamp.is_some()) && asked.trusted.is_empty() {
        checked.note(
            SEALS,
            Text::new(
                "Chưa cho chứng thư của tổ chức cấp dấu thời gian (--tsa): chỉ kiểm được dấu khớp với chứng thư nằm trong nó.",
                "The certificate of the time-stamping authority was not given (--tsa): the stamps only agree with the certificate inside themselves.",
            ),
        );
    }
    if covered < index.entries {
        let (after, last) = (covered + 1, index.entries);
        checked.note(
            SEALS,
            text!(
                "Các mục nhật ký từ {after} đến {last} được ghi sau điểm kiểm chứng gần nhất; chỉ chữ ký trên mục lục chứng cho chúng.",
                "Entries {after} to {last} came after the last checkpoint; only the signature of the index vouches for them."
            ),
        );
    }
}
