//! The copy that came back signed. Signing is done by another program; what comes back is looked at before it is kept:
//! a PDF that still holds the issued bytes as its first revision (that is how digital signatures are added), or at least
//! the very pages that were issued; or, said openly, a scan of the signed paper, which no machine can compare.

use std::collections::HashSet;

use axum::body::Body;
use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::Raw;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::actions::conflict;
use super::model::SignedCheck;
use super::sends::take_issued;
use super::{ReportId, store};
use crate::incident::IncidentId;
use crate::incident::actions::record;
use crate::web::{Call, Done, Most, Upload};

/// The largest signed copy, in bytes.
const LARGEST: i64 = 32 << 20;
/// Streams shorter than this say nothing about a page.
const SHORT: usize = 64;

/// What comes with a signed copy.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SignedForm {
    /// Ticked when it is a scan of paper.
    scan: Raw,
    version: Raw,
}

/// Takes in a signed copy.
pub async fn upload(call: Call, body: Body) -> Result<Done> {
    let incident: IncidentId = call.param("id")?;
    let id: ReportId = call.param("report")?;
    // Asked first, so that nobody sends a file only to hear that they may not. Nothing is changed by asking.
    let mut work = call.work().await?;
    let (_, report) = take_issued(&mut work, &incident, &id).await?;
    drop(work);
    let upload = Upload::receive(&call, body, Most { files: 1, each: LARGEST, total: LARGEST }).await?;
    let Some(file) = upload.files.first() else {
        return Err(Error::field("file", Text::new("Hãy chọn tệp đã ký.", "Choose the signed file.")));
    };
    let form: SignedForm = upload.words()?;
    let scan = form.scan.ticked();
    let blobs = &call.app.blobs;
    let theirs = blobs.read(&file.stored.sha256, LARGEST).await?;
    let ours = match &report.pdf {
        Some(sha256) => blobs.read(sha256, LARGEST).await?,
        None => Vec::new(),
    };
    let found = compare(&ours, &theirs);
    let check = match found {
        Compared::Unlike if scan && theirs.starts_with(b"%PDF-") => SignedCheck::Scan,
        Compared::Appended => SignedCheck::Appended,
        Compared::SamePages => SignedCheck::SamePages,
        _ => return Err(Error::field("file", why_not(&found))),
    };

    let mut work = call.work().await?;
    let (_, mut report) = take_issued(&mut work, &incident, &id).await?;
    if form.version.as_str() != report.version.to_string() {
        return Err(conflict(&mut work, &report).await?);
    }
    let now = work.now;
    store::insert_file(&mut work.tx, &file.stored.sha256, file.stored.size, "application/pdf", now).await?;
    report.signed = Some(file.stored.sha256.clone());
    report.signed_name = file.name.chars().take(200).collect();
    report.signed_at = Some(now);
    report.signed_by = work.actor.name.clone();
    report.signed_check = check.word().to_owned();
    if store::save_signed(&mut work.tx, &report).await? == 0 {
        return Err(conflict(&mut work, &report).await?);
    }
    let number = &report.number;
    let rows = [("reports", id.to_string()), ("files", file.stored.sha256.clone())];
    let what = text!("Nhận bản đã ký của báo cáo số {number}", "Took in the signed copy of report {number}");
    record(&mut work, &incident, "report.signed", what, &rows);
    let done = work.done(format!("/incidents/{incident}/reports/{id}")).await?;
    Ok(done.saying(Text::new(
        "Đã giữ bản đã ký bên cạnh bản phát hành.",
        "The signed copy is kept beside the issued one.",
    )))
}

/// How a file that came back compares with the one that was issued.
#[derive(Debug, PartialEq, Eq)]
enum Compared {
    NoPdf,
    /// The very same bytes: nobody signed anything.
    Same,
    Appended,
    SamePages,
    Unlike,
}

fn compare(ours: &[u8], theirs: &[u8]) -> Compared {
    if !theirs.starts_with(b"%PDF-") {
        return Compared::NoPdf;
    }
    if ours.is_empty() {
        return Compared::Unlike;
    }
    if ours == theirs {
        return Compared::Same;
    }
    if theirs.starts_with(ours) {
        return Compared::Appended;
    }
    let kept: HashSet<&[u8]> = streams(theirs).into_iter().collect();
    let mut pages = streams(ours).into_iter().filter(|stream| stream.len() >= SHORT).peekable();
    if pages.peek().is_some() && pages.all(|stream| kept.contains(stream)) {
        return Compared::SamePages;
    }
    Compared::Unlike
}

/// The contents of a PDF's streams as they stand in the file. A file that lies about its structure gives fewer, never
/// more time: each byte is passed twice at most.
fn streams(file: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = file;
    while let Some(start) = find(rest, b"stream") {
        let body = &rest[start + 6..];
        let Some(end) = find(body, b"endstream") else { break };
        found.push(trimmed(&body[..end]));
        rest = &body[end + 9..];
    }
    found
}

fn find(file: &[u8], word: &[u8]) -> Option<usize> {
    file.windows(word.len()).position(|window| window == word)
}

/// Without the line ends around it, which programs write differently.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b'\r' | b'\n'] = bytes {
        bytes = rest;
    }
    bytes
}

fn why_not(found: &Compared) -> Text {
    match found {
        Compared::NoPdf => Text::new("Tệp này không phải PDF.", "This file is no PDF."),
        Compared::Same => Text::new(
            "Tệp này đúng là bản đã phát hành, chưa có chữ ký.",
            "This is the issued file itself, without a signature.",
        ),
        _ => Text::new(
            "Nội dung tệp không phải của bản đã phát hành. Hãy ký đúng tệp PDF tải từ đây; nếu là bản quét từ giấy, hãy đánh dấu mục bên dưới.",
            "The file does not hold the issued pages. Sign the PDF taken from here; if it is a scan of paper, tick the box below.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdf(page: &str) -> Vec<u8> {
        let page = page.repeat(20);
        format!("%PDF-1.7\n1 0 obj\nstream\n{page}\nendstream\nendobj\n%%EOF\n").into_bytes()
    }

    #[test]
    fn a_signature_is_appended_to_what_was_issued() {
        let ours = pdf("trang một");
        let mut theirs = ours.clone();
        theirs.extend_from_slice(b"2 0 obj stream\nsig\nendstream endobj %%EOF");
        assert_eq!(compare(&ours, &theirs), Compared::Appended);
        assert_eq!(compare(&ours, &ours), Compared::Same);
    }

    #[test]
    fn a_file_written_anew_must_hold_the_same_pages() {
        let ours = pdf("trang một");
        let mut again = b"%PDF-2.0 other writer\r\n".to_vec();
        again.extend_from_slice(&ours[9..]);
        assert_eq!(compare(&ours, &again), Compared::SamePages);
        assert_eq!(compare(&ours, &pdf("trang hai")), Compared::Unlike);
        assert_eq!(compare(&ours, b"MZ"), Compared::NoPdf);
        assert_eq!(compare(&ours, b"%PDF-1.7 stream stream stream"), Compared::Unlike);
    }
}
