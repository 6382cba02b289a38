//! Letters that came back. A mail server that cannot deliver writes a delivery report (RFC 3464) to our address; saved as
//! `.eml` and dropped into the intake, or on the letters' page, it marks the letter whose Message-ID it carries.
//!
//! The report is read line by line and never taken apart as a mail: whoever sends one can nest it as deep as they please.

use ungcuu_kit::error::Result;
use ungcuu_kit::form::clean;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, brief};

use super::model::LetterId;
use super::send::tell_sender;
use super::{STREAM, store};
use crate::work::Work;

/// How much of a report is looked at, in bytes: what it says of delivery stands at its beginning.
const LOOKED_AT: usize = 1 << 20;
/// How much of the other server's words is kept, in characters.
const WORDS: usize = 300;

/// A delivery report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounce {
    /// The Message-ID of the letter it reports on, in its brackets.
    pub message_id: String,
    /// Given up for good; otherwise only delayed, or even delivered.
    pub failed: bool,
    /// `5.1.1`; empty when the report has none.
    pub status: String,
    /// What the other server said.
    pub words: String,
}

/// Reads a saved mail as a delivery report; none when it is any other mail.
pub fn read(raw: &[u8]) -> Option<Bounce> {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(LOOKED_AT)]);
    let lines = unfolded(&text);
    let head = lines.iter().take_while(|line| !line.is_empty());
    let kind = head.map(|line| line.to_ascii_lowercase()).find(|line| line.starts_with("content-type:"))?;
    if !kind.contains("multipart/report") || !kind.contains("delivery-status") {
        return None;
    }
    let mut bounce = Bounce::default();
    let mut part = Part::Other;
    for line in &lines {
        let lower = line.to_ascii_lowercase();
        if let Some(kind) = lower.strip_prefix("content-type:") {
            let kind = kind.trim_start();
            part = match part {
                // Within the letter that comes back everything is the letter's own.
                Part::Letter => Part::Letter,
                _ if kind.starts_with("message/delivery-status") => Part::Status,
                _ if kind.starts_with("message/rfc822") || kind.starts_with("text/rfc822-headers") => Part::Letter,
                _ => Part::Other,
            };
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match (part, name.to_ascii_lowercase().as_str()) {
            (Part::Status, "action") => bounce.failed |= value.eq_ignore_ascii_case("failed"),
            (Part::Status, "status") if bounce.status.is_empty() => bounce.status = brief(&clean(value), 20),
            (Part::Status, "diagnostic-code") if bounce.words.is_empty() => {
                // "smtp; 550 …"
                let words = value.split_once(';').map_or(value, |(_, words)| words);
                bounce.words = brief(&clean(words), WORDS);
            }
            (Part::Letter, "message-id") if bounce.message_id.is_empty() => bounce.message_id = brief(value, WORDS),
            _ => {}
        }
    }
    (!bounce.message_id.is_empty()).then_some(bounce)
}

#[derive(Clone, Copy)]
enum Part {
    Other,
    Status,
    Letter,
}

/// Lines with their continuations joined (RFC 5322, 2.2.3).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) && !last.is_empty() => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

impl Bounce {
    /// Why it came back, in words (RFC 3463), and what the other server said.
    fn why(&self) -> Text {
        let mut parts = self.status.split('.').skip(1);
        let (vi, en) = match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
            ("1", "10") => ("Người nhận không dùng thư điện tử.", "The recipient takes no mail."),
            ("1", _) => ("Địa chỉ thư không có hoặc sai.", "There is no such mail address."),
            ("2", "2") => ("Hộp thư của người nhận đã đầy.", "The recipient's mailbox is full."),
            ("2", _) => ("Hộp thư của người nhận không nhận thư.", "The recipient's mailbox takes no mail."),
            ("3", "4") => {
                ("Thư quá lớn với máy chủ của người nhận.", "The letter is too large for the recipient's server.")
            }
            ("4", _) => ("Không tới được máy chủ của người nhận.", "The recipient's server could not be reached."),
            ("7", _) => ("Máy chủ của người nhận chặn thư này.", "The recipient's server blocks this letter."),
            _ => ("Máy chủ của người nhận không nhận thư.", "The recipient's server did not take the letter."),
        };
        let words = format!("{} {}", self.status, self.words);
        let words = words.trim();
        if words.is_empty() { Text::new(vi, en) } else { text!("{vi} ({words})", "{en} ({words})") }
    }
}

/// What a delivery report did.
#[derive(Clone, Debug)]
pub struct Noted {
    pub id: LetterId,
    pub said: Text,
}

/// Marks the letter that a delivery report is about; none when it is no letter of ours.
pub async fn take(work: &mut Work, bounce: &Bounce) -> Result<Option<Noted>> {
    let Some(id) = store::find_by_message_id(&mut work.tx, &bounce.message_id).await? else { return Ok(None) };
    let Some(letter) = store::find(&mut work.tx, &id).await? else { return Ok(None) };
    let Some(written) = store::find_written(&mut work.tx, &id).await? else { return Ok(None) };
    let (name, address, subject) = (&letter.to_name, &letter.to_address, &letter.subject);
    if !bounce.failed {
        let said = text!(
            "Đây là báo cáo về thư “{subject}” gửi {name}: thư chưa bị trả lại, máy chủ còn đang chuyển.",
            "This reports on the letter “{subject}” to {name}: it has not come back, servers are still passing it on."
        );
        return Ok(Some(Noted { id, said }));
    }
    let why = bounce.why();
    if store::bounce(&mut work.tx, &id, &why, work.now).await? > 0 {
        let Text { vi, en } = &why;
        let what = text!(
            "Thư gửi {name} ({address}) bị trả lại: {subject}. {vi}",
            "The letter to {name} ({address}) came back: {subject}. {en}"
        );
        let stream = if written.stream.is_empty() { STREAM } else { written.stream.as_str() };
        work.record(stream, "letter.bounced", what.clone(), &[("letters", id.as_str())]);
        tell_sender(work, &written, &what).await?;
    }
    let said = text!(
        "Đã ghi nhận: thư “{subject}” gửi {name} bị trả lại.",
        "Noted: the letter “{subject}” to {name} came back."
    );
    Ok(Some(Noted { id, said }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "From: Mail Delivery System <MAILER-DAEMON@mx.example.vn>\r\nTo: ungcuu@xa.example.vn\r\n\
        Subject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"xx\"\r\n\r\n\
        --xx\r\nContent-Type: text/plain\r\n\r\nMessage-ID: <la@example.vn>\r\n\r\n\
        --xx\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.vn\r\n\r\n\
        Final-Recipient: rfc822; lan@x.example.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 <lan@x.example.vn>:\r\n    no such user\r\n\r\n\
        --xx\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <let_1@xa.example.vn>\r\nSubject: Thu\r\n\r\nThan thu\r\n--xx--\r\n";

    #[test]
    fn a_delivery_report_says_which_letter_came_back_and_why() {
        let bounce = read(REPORT.as_bytes()).expect("a report");
        assert_eq!(bounce.message_id, "<let_1@xa.example.vn>", "the letter's own, not one that is only named");
        assert!(bounce.failed);
        assert_eq!(bounce.words, "550 5.1.1 <lan@x.example.vn>: no such user");
        assert!(bounce.why().vi.starts_with("Địa chỉ thư không có"), "{:?}", bounce.why());
    }

    #[test]
    fn a_delay_is_no_failure_and_another_mail_is_no_report() {
        let delayed = REPORT.replace("Action: failed", "Action: delayed");
        assert!(!read(delayed.as_bytes()).expect("a report").failed);
        let other = REPORT.replace("multipart/report", "multipart/mixed");
        assert_eq!(read(other.as_bytes()), None);
        assert_eq!(read(b"\xff\xd8\xff\xe0"), None);
        assert_eq!(read(b""), None);
        let quoted = format!("From: a@b.vn\r\nSubject: hi\r\n\r\n{REPORT}");
        assert_eq!(read(quoted.as_bytes()), None, "a report inside a mail is that mail's text");
    }
}
