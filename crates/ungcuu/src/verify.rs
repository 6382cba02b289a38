//! `ungcuu verify`: has anything been altered? In an installation, or in a dossier that was taken along.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use ungcuu_app::checkpoint::Outside;
use ungcuu_app::checkpoint::signing::read_public;
use ungcuu_app::checkpoint::timestamp::read_certificates;
use ungcuu_app::journal::Finding;
use ungcuu_app::proof;
use ungcuu_kit::text::{Lang, Text};

use crate::place::PlaceArgs;

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    place: PlaceArgs,
    /// Kiểm một hồ sơ .zip, không cần cơ sở dữ liệu hay mạng. Checks a dossier instead, without database or network.
    #[arg(long, value_name = "FILE.zip")]
    dossier: Option<PathBuf>,
    /// Khoá công khai của cơ quan: tệp PEM hoặc 64 chữ số hệ 16. The office's public key: a PEM file, or its 64 digits.
    #[arg(long, value_name = "KEY", requires = "dossier")]
    key: Option<String>,
    /// Chứng thư của tổ chức cấp dấu thời gian (PEM). Certificates of the time-stamping authority.
    #[arg(long, value_name = "CA.pem")]
    tsa: Option<PathBuf>,
    /// In kết quả bằng tiếng Anh. Says it in English.
    #[arg(long)]
    english: bool,
}

impl Verify {
    pub async fn run(self) -> Result<ExitCode> {
        let trusted = match &self.tsa {
            Some(file) => certificates(file)?,
            None => Vec::new(),
        };
        let say = Say(if self.english { Lang::En } else { Lang::Vi });
        match &self.dossier {
            Some(file) => dossier(file, self.key.as_deref(), trusted, &say),
            None => installation(&self.place, trusted, &say).await,
        }
    }
}

/// The certificates in a PEM file, as DER; none is a mistake.
pub fn certificates(file: &Path) -> Result<Vec<Vec<u8>>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let certificates = read_certificates(&text);
    if certificates.is_empty() {
        bail!("{} holds no certificate in PEM form", file.display());
    }
    Ok(certificates)
}

/// Prints in the reader's language.
struct Say(Lang);

impl Say {
    fn line(&self, vi: &str, en: &str) {
        eprintln!("{}", self.0.pick(vi, en));
    }

    fn text(&self, text: &Text) {
        eprintln!("{}", text.get(self.0));
    }

    fn results(&self, findings: &[Finding], notes: &[Finding]) {
        for finding in findings {
            println!("{}: {}", finding.place, finding.what.get(self.0));
        }
        for note in notes {
            let word = self.0.pick("lưu ý", "note");
            eprintln!("{word}: {}: {}", note.place, note.what.get(self.0));
        }
    }

    fn ending(&self, findings: usize) -> ExitCode {
        if findings == 0 {
            self.line("Nguyên vẹn.", "Sound.");
            return ExitCode::SUCCESS;
        }
        self.text(&ungcuu_kit::text!(
            "ĐÃ BỊ SỬA: có {findings} chỗ không như khi được ghi.",
            "ALTERED: {findings} places are not as they were left."
        ));
        ExitCode::FAILURE
    }
}

async fn installation(place: &PlaceArgs, trusted: Vec<Vec<u8>>, say: &Say) -> Result<ExitCode> {
    // Opening would begin an installation where there is none, and find it sound.
    if !place.place().is_there() {
        bail!("không có dữ liệu trong (no records in) {}", place.data.display());
    }
    let (db, blobs) = place.open().await?;
    let outside = Outside { seal: Some(place.seal()), trusted };
    let tables = ungcuu_app::journalled_tables();
    let verdict = ungcuu_app::journal::verify_against(&db, &blobs, &tables, &outside).await?;
    say.results(&verdict.findings, &verdict.notes);
    let (streams, entries, rows, files) = (verdict.streams, verdict.entries, verdict.rows, verdict.files);
    let checkpoints = verdict.checkpoints;
    say.text(&ungcuu_kit::text!(
        "Đã soát {streams} chuỗi, {entries} mục nhật ký, {rows} dòng, {files} tệp, {checkpoints} điểm kiểm chứng.",
        "Checked {streams} streams, {entries} journal entries, {rows} rows, {files} files, {checkpoints} checkpoints."
    ));
    Ok(say.ending(verdict.findings.len()))
}

fn dossier(path: &Path, key: Option<&str>, trusted: Vec<Vec<u8>>, say: &Say) -> Result<ExitCode> {
    let key = key.map(public_key).transpose()?;
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let checked = match proof::check(BufReader::new(file), &proof::Asked { key, trusted }) {
        Ok(checked) => checked,
        Err(why) => {
            say.line("Không kiểm được.", "Cannot tell.");
            say.text(&why);
            return Ok(ExitCode::from(2));
        }
    };
    say.results(&checked.findings, &checked.notes);
    let (code, title, at, by) = (&checked.code, &checked.title, checked.made_at.to_minute(), &checked.made_by);
    say.text(&ungcuu_kit::text!(
        "Hồ sơ {code} “{title}”, lập lúc {at}, người lập: {by}.",
        "Dossier {code} “{title}”, made at {at} by {by}."
    ));
    let (entries, rows, files, checkpoints) = (checked.entries, checked.rows, checked.files, checked.checkpoints);
    say.text(&ungcuu_kit::text!(
        "Đã kiểm {entries} mục nhật ký, {rows} dòng, {files} tệp, {checkpoints} điểm kiểm chứng.",
        "Checked {entries} journal entries, {rows} rows, {files} files, {checkpoints} checkpoints."
    ));
    if !checked.fingerprint.is_empty() {
        let fingerprint = &checked.fingerprint;
        say.text(&ungcuu_kit::text!("Dấu vân của khoá ký: {fingerprint}", "Fingerprint of the key: {fingerprint}"));
    }
    if let Some((seq, at, who)) = &checked.witnessed {
        let at = at.to_minute();
        say.text(&match who.is_empty() {
            true => ungcuu_kit::text!(
                "Các mục từ 1 đến {seq} đã có trước {at}, theo đồng hồ của nơi lập.",
                "Entries 1 to {seq} were there before {at}, by the clock of whoever made them."
            ),
            false => ungcuu_kit::text!(
                "Các mục từ 1 đến {seq} đã có trước {at}, theo dấu thời gian của {who}.",
                "Entries 1 to {seq} were there before {at}, as time-stamped by {who}."
            ),
        });
    }
    Ok(say.ending(checked.findings.len()))
}

/// A public key by its digits or by its file.
fn public_key(given: &str) -> Result<String> {
    if let Some(key) = read_public(given) {
        return Ok(key);
    }
    let text = std::fs::read_to_string(given).with_context(|| format!("reading the public key {given}"))?;
    read_public(&text).with_context(|| format!("{given} holds no Ed25519 public key (PEM, or 64 digits)"))
}
