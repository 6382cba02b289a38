//! Lays out documents for another process. Jobs come in on one pipe, files go out on the other, so that a document which
//! takes all memory or never ends takes a process along that nobody misses.
//!
//! Both ways are frames: one byte that says what it is, the length in four bytes (most significant first), the content.
//! The worker greets first ([`GREETING`], the name of its font family); then each [`JOB`], a [`Job`] in JSON, is answered
//! by [`FILE`], [`WITHOUT_PDF`] or [`FAILED`].

use std::io::{ErrorKind, Read, Result, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::{Document, Format, RenderError, pdf_font, render};

/// The first frame of a worker: the family its PDF files are set in.
pub const GREETING: u8 = b'H';
/// A document to lay out.
pub const JOB: u8 = b'J';
/// The finished file.
pub const FILE: u8 = b'F';
/// This program was built without PDF.
pub const WITHOUT_PDF: u8 = b'W';
/// It could not be made; the content says why, for a log and not for a reader.
pub const FAILED: u8 = b'X';

/// Bytes of kind and length before the content.
pub const HEAD: usize = 5;

/// The largest job that is taken, and the largest file that is given back: 64 MiB.
pub const LARGEST: usize = 64 << 20;

/// What a worker is asked for.
#[derive(Serialize, Deserialize)]
pub struct Job<D> {
    pub format: Format,
    /// A [`Document`], or a reference to one.
    pub document: D,
}

/// Works until the asking side hangs up, or `stay`, asked before each job, says that it is enough.
pub fn work(mut input: impl Read, mut output: impl Write, mut stay: impl FnMut() -> bool) -> Result<()> {
    send(&mut output, GREETING, pdf_font().as_bytes())?;
    while stay() {
        let Some(job) = next_job(&mut input)? else { return Ok(()) };
        match catch_unwind(AssertUnwindSafe(|| make(&job))) {
            Ok(Ok(file)) if file.len() > LARGEST => send(&mut output, FAILED, b"the file is too large")?,
            Ok(Ok(file)) => send(&mut output, FILE, &file)?,
            Ok(Err(RenderError::WithoutPdf)) => send(&mut output, WITHOUT_PDF, b"")?,
            Ok(Err(cause)) => send(&mut output, FAILED, cause.to_string().as_bytes())?,
            // What the layout remembers may be half done; a new worker begins with nothing.
            Err(_) => return send(&mut output, FAILED, b"the layout panicked"),
        }
    }
    Ok(())
}

/// The beginning of a frame.
///
/// The length fits: the content is at most [`LARGEST`], which the sender has checked.
pub fn head(kind: u8, length: usize) -> [u8; HEAD] {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [kind, a, b, c, d]
}

/// Kind and length of a frame from its beginning.
pub fn read_head(head: [u8; HEAD]) -> (u8, usize) {
    let [kind, a, b, c, d] = head;
    (kind, u32::from_be_bytes([a, b, c, d]) as usize)
}

fn make(job: &[u8]) -> std::result::Result<Vec<u8>, RenderError> {
    let job: Job<Document> = serde_json::from_slice(job)?;
    render(&job.document, job.format)
}

/// Nothing at the end of the input, which may only come between two frames.
fn next_job(input: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut first = [0; 1];
    if input.read(&mut first)? == 0 {
        return Ok(None);
    }
    let mut rest = [0; HEAD - 1];
    input.read_exact(&mut rest)?;
    let [a, b, c, d] = rest;
    let (kind, length) = read_head([first[0], a, b, c, d]);
    if kind != JOB || length > LARGEST {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut job = vec![0; length];
    input.read_exact(&mut job)?;
    Ok(Some(job))
}

fn send(output: &mut impl Write, kind: u8, content: &[u8]) -> Result<()> {
    output.write_all(&head(kind, content.len()))?;
    output.write_all(content)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
        [head(kind, content.len()).as_slice(), content].concat()
    }

    fn job(title: &str) -> Vec<u8> {
        let document = Document { title: title.to_owned(), ..Document::default() };
        frame(JOB, &serde_json::to_vec(&Job { format: Format::Docx, document: &document }).expect("a plain value"))
    }

    fn kinds(mut said: &[u8]) -> Vec<u8> {
        let mut kinds = Vec::new();
        while let Some((first, rest)) = said.split_first_chunk::<HEAD>() {
            let (kind, length) = read_head(*first);
            kinds.push(kind);
            said = &rest[length..];
        }
        kinds
    }

    #[test]
    fn one_job_after_the_other_is_answered_until_the_asker_hangs_up() {
        let mut said = Vec::new();
        work([job("Một"), job("Hai")].concat().as_slice(), &mut said, || true).expect("both are made");
        assert_eq!(kinds(&said), [GREETING, FILE, FILE]);
    }

    #[test]
    fn what_is_no_document_is_refused_and_the_next_is_made() {
        let mut said = Vec::new();
        work([frame(JOB, b"{}"), job("Hai")].concat().as_slice(), &mut said, || true).expect("it goes on");
        assert_eq!(kinds(&said), [GREETING, FAILED, FILE]);
    }

    #[test]
    fn a_frame_that_is_no_job_or_too_long_ends_the_work() {
        for broken in [frame(b'?', b""), head(JOB, LARGEST + 1).to_vec(), head(JOB, 9).to_vec()] {
            assert!(work(broken.as_slice(), Vec::new(), || true).is_err());
        }
    }

    #[test]
    fn a_worker_told_that_it_is_enough_leaves_the_rest_unread() {
        let mut said = Vec::new();
        let mut turns = 0;
        let stay = || {
            turns += 1;
            turns < 2
        };
        work([job("Một"), job("Hai")].concat().as_slice(), &mut said, stay).expect("it leaves in peace");
        assert_eq!(kinds(&said), [GREETING, FILE]);
    }
}
