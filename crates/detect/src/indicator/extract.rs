//! Finds indicators in running text: mails, reports, logs, lists pasted from anywhere.
//!
//! The text is cut at blanks and quotation marks into chunks, each chunk into words, and each word is read once; nothing
//! is ever looked at again from an earlier place, so time grows with the length of the text and with nothing else.

use std::collections::HashSet;
use std::net::IpAddr;

use super::{Indicator, Kind, Why, names, refang};

/// The longest chunk, in bytes; what has no blank for longer is cut.
const LONGEST_CHUNK: usize = 8192;
/// A word longer than this is no indicator.
const LONGEST_WORD: usize = 1024;
/// How far ahead a Windows path may go on behind a blank.
const LONGEST_FOLDER: usize = 64;

/// The indicators of a text, each once, in the order they come, at most `limit`.
///
/// Left out is what only looks like one: version numbers, section numbers, dates, networks, abbreviations, sums of
/// money, this machine's own address, two sentences without a blank between them.
pub fn extract(text: &str, limit: usize) -> Vec<Indicator> {
    let mut found = Found { list: Vec::new(), seen: HashSet::new(), limit };
    let (mut place, mut before) = (0, "");
    while found.list.len() < limit {
        let Some((start, end)) = next_chunk(text, place) else { break };
        place = found.read_range(text, start, end, before);
        before = &text[start..end];
    }
    found.list
}

/// Where no indicator goes on, except a Windows path.
fn ends_chunk(letter: char) -> bool {
    let quote = matches!(letter, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»');
    quote || letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | '|')
}

/// The next chunk's beginning and end. One without any blank for very long ends at its last mark of punctuation.
fn next_chunk(text: &str, place: usize) -> Option<(usize, usize)> {
    let rest = &text[place..];
    let start = place + rest.find(|letter| !ends_chunk(letter))?;
    let window = floor(text, start + LONGEST_CHUNK);
    let reach = &text[start..window];
    let end = match reach.find(ends_chunk) {
        Some(offset) => start + offset,
        None if window == text.len() => window,
        None => start + reach.rfind(ends_word).filter(|offset| *offset > 0).unwrap_or(reach.len()),
    };
    Some((start, end))
}

/// The place itself, or where the letter that it is in the middle of begins.
fn floor(text: &str, place: usize) -> usize {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Where no word goes on.
fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || ",;()[]{}=!?*&#^$\"'<>|`".contains(letter)
}

/// Punctuation around a word or a link.
fn hangs_on(letter: char) -> bool {
    ".,;:!?…-–—*•·".contains(letter)
}

struct Found {
    list: Vec<Indicator>,
    seen: HashSet<Indicator>,
    limit: usize,
}

impl Found {
    fn take(&mut self, read: Result<Indicator, Why>) -> bool {
        let Ok(indicator) = read else { return false };
        if self.list.len() >= self.limit || self.seen.contains(&indicator) {
            return true;
        }
        // What is found in a text must stand on its own as well.
        if super::parse(&indicator.value).as_ref() != Ok(&indicator) {
            return false;
        }
        self.seen.insert(indicator.clone());
        self.list.push(indicator);
        true
    }

    /// Reads a chunk and the Windows paths in it, which may go on behind it. Gives back where to go on.
    fn read_range(&mut self, text: &str, start: usize, end: usize, before: &str) -> usize {
        let mut from = start;
        while let Some(path) = path_start(&text[from..end]).map(|offset| from + offset) {
            self.read_chunk(&text[from..path], before);
            from = path_end(text, path);
            self.read_path(&text[path..from]);
            if from >= end {
                return from;
            }
        }
        self.read_chunk(&text[from..end], before);
        end
    }

    fn read_chunk(&mut self, chunk: &str, before: &str) {
        let plain = refang(chunk);
        if plain.contains("://") {
            self.read_links(&plain, before);
        } else {
            self.read_words(&plain, before, plain != chunk);
        }
    }

    /// A chunk that holds at least one link, perhaps several side by side.
    fn read_links(&mut self, plain: &str, before: &str) {
        let mut rest = plain;
        while let Some(colon) = rest.find("://") {
            let start = scheme_start(rest, colon);
            self.read_words(&rest[..start], before, false);
            let end = link_end(rest, colon + 3);
            let link = trim_link(&rest[start..end]);
            if !self.take(super::url(link)) {
                self.read_words(&rest[colon + 3..end], before, false);
            }
            rest = &rest[end..];
        }
        self.read_words(rest, before, false);
    }

    fn read_words(&mut self, plain: &str, before: &str, defanged: bool) {
        for word in plain.split(ends_word) {
            let word = word.trim_matches(hangs_on);
            if !word.is_empty() && word.len() <= LONGEST_WORD {
                self.read_word(word, before, defanged);
            }
        }
    }

    fn read_word(&mut self, word: &str, before: &str, defanged: bool) {
        if word.contains('@') && self.take(super::mail(&word.to_lowercase())) {
            return;
        }
        if word.matches(':').count() >= 2 && self.take(ipv6(word)) {
            return;
        }
        for part in word.split(['@', ':']).map(|part| part.trim_matches(hangs_on)) {
            if is_known_unix_path(part) {
                self.take(super::path(part, false));
            } else if part.contains('/') {
                self.read_slashed(part, before, defanged);
            } else {
                self.read_name(part, before, defanged);
            }
        }
    }

    /// `evil.com/a.exe` is a link; `và/hoặc`, `22/11/2026` and `10.0.0.0/8` are not.
    fn read_slashed(&mut self, part: &str, before: &str, defanged: bool) {
        let (head, tail) = part.split_once('/').unwrap_or((part, ""));
        let network = tail.len() <= 3 && tail.bytes().all(|byte| byte.is_ascii_digit());
        if head.parse::<IpAddr>().is_ok() && network {
            return;
        }
        let leads = ipv4(head, before).is_ok() || domain(head, defanged).is_ok();
        if leads && !names::is_file(head) && self.take(super::url(&format!("http://{part}"))) {
            return;
        }
        for name in part.split('/') {
            self.read_name(name, before, defanged);
        }
    }

    fn read_name(&mut self, name: &str, before: &str, defanged: bool) {
        let name = name.trim_matches(hangs_on);
        if name.len() < 4 {
            return;
        }
        if let Some(Ok(digest)) = super::digest(&name.to_lowercase()) {
            // A long number in a table is no fingerprint.
            let telling = digest.value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let plain = digest.value.bytes().all(|byte| Some(byte) == digest.value.bytes().next());
            if telling && !plain {
                self.take(Ok(digest));
            }
        } else if name.contains('\\') {
            // A relative path, or a domain account: only a file is telling.
            if super::last_part_is_file(name) {
                self.take(super::path(&name.to_lowercase(), true));
            }
        } else if name.contains('.') && !self.take(ipv4(name, before)) {
            if names::is_file(name) && !begins_sentence(name) {
                self.take(Ok(Indicator { kind: Kind::File, value: name.to_lowercase() }));
            } else {
                self.take(domain(name, defanged));
            }
        }
    }

    fn read_path(&mut self, path: &str) {
        let plain = refang(path).to_lowercase();
        let plain = plain.trim_end_matches(|letter| hangs_on(letter) || ends_word(letter) || ends_chunk(letter));
        if super::is_windows_path(plain) {
            self.take(super::path(plain, true));
        }
    }
}

/// Where the scheme before this colon begins.
fn scheme_start(text: &str, colon: usize) -> usize {
    let letters = text[..colon].bytes().rev().take(8).take_while(u8::is_ascii_alphanumeric).count();
    colon - letters
}

/// A link goes on to the end of its chunk, unless another stands behind a comma or the like.
fn link_end(text: &str, from: usize) -> usize {
    let mut place = from;
    while let Some(next) = text[place..].find("://").map(|offset| place + offset) {
        let start = scheme_start(text, next);
        let between = text[..start].chars().next_back().is_some_and(|letter| matches!(letter, ',' | ';' | ')' | ']'));
        if between && start > from {
            return start;
        }
        place = next + 3;
    }
    text.len()
}

/// Without the punctuation of the sentence that the link stands in. A bracket belongs to the link when it opens in it.
fn trim_link(link: &str) -> &str {
    let count = |bracket: char| link.matches(bracket).count();
    let mut spare = [(')', '('), (']', '['), ('}', '{')].map(|(close, open)| (close, count(close), count(open)));
    let mut rest = link;
    while let Some(last) = rest.chars().next_back() {
        let bracket = spare.iter_mut().find(|(close, _, _)| *close == last);
        let goes = match bracket {
            Some((_, closed, opened)) if *closed > *opened => {
                *closed -= 1;
                true
            }
            Some(_) => false,
            None => ".,;:!?…*".contains(last),
        };
        if !goes {
            break;
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}

/// An IPv4 address that stands for a machine somewhere. "phiên bản 1.2.3.4" and "mục 1.1.1.1" are no addresses.
fn ipv4(word: &str, before: &str) -> Result<Indicator, Why> {
    let address: std::net::Ipv4Addr = word.parse().map_err(|_| Why::Address)?;
    if address.is_loopback() || address.is_unspecified() || address.is_broadcast() || counts_sections(before) {
        return Err(Why::Address);
    }
    Ok(Indicator { kind: Kind::Ip, value: address.to_string() })
}

/// An IPv6 address. `std::fmt` or `14:05::` have too little of one.
fn ipv6(word: &str) -> Result<Indicator, Why> {
    let address: std::net::Ipv6Addr = word.parse().map_err(|_| Why::Address)?;
    let telling = word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit());
    let IpAddr::V6(_) = IpAddr::V6(address).to_canonical() else {
        return ipv4(&IpAddr::V6(address).to_canonical().to_string(), "");
    };
    if !telling || address.is_loopback() || address.is_unspecified() {
        return Err(Why::Address);
    }
    Ok(Indicator { kind: Kind::Ip, value: address.to_string() })
}

fn domain(word: &str, defanged: bool) -> Result<Indicator, Why> {
    // Whoever puts a dot in brackets means a name, whatever it ends in.
    let value = if defanged { names::domain(word) } else { names::domain_in_text(word) };
    Ok(Indicator { kind: Kind::Domain, value: value.ok_or(Why::Domain)? })
}

/// "hệ thống.Log ghi": the next sentence, not a file.
fn begins_sentence(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    ending.starts_with(char::is_uppercase) && ending.contains(char::is_lowercase)
}

/// Words before numbers with dots that are no addresses.
fn counts_sections(before: &str) -> bool {
    const WORDS: &[&str] =
        &["v", "ver", "version", "bản", "điều", "khoản", "mục", "điểm", "section", "release", "build", "firmware"];
    let before = before.trim_matches(hangs_on);
    before.len() <= 16 && WORDS.contains(&before.to_lowercase().as_str())
}

/// Folders at the root of Unix systems; any other word behind a stroke is more often prose.
fn is_known_unix_path(text: &str) -> bool {
    const ROOTS: &[&str] = &[
        "bin", "boot", "data", "dev", "etc", "home", "lib", "lib64", "library", "media", "mnt", "opt", "private",
        "proc", "root", "run", "sbin", "srv", "sys", "tmp", "users", "usr", "var", "volumes", "www",
    ];
    if text.starts_with("~/") {
        return text.len() > 3;
    }
    let Some((first, rest)) = text.strip_prefix('/').and_then(|rest| rest.split_once('/')) else { return false };
    !rest.is_empty() && first.len() <= 8 && ROOTS.contains(&first.to_lowercase().as_str())
}

/// Where a Windows path begins in a chunk, if one does.
fn path_start(chunk: &str) -> Option<usize> {
    let bytes = chunk.as_bytes();
    let free = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    for (at, byte) in bytes.iter().enumerate() {
        let next = |offset: usize| bytes.get(at + offset).copied().unwrap_or_default();
        let begins = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => next(1) == b':' && next(2) == b'\\' && next(3) != 0 && free(at),
            b'\\' => {
                next(1) == b'\\' && next(2).is_ascii_alphanumeric() && free(at) && (at == 0 || bytes[at - 1] != b'\\')
            }
            b'%' => names::variable_prefix(&chunk[at..]).is_some(),
            _ => false,
        };
        if begins {
            return Some(at);
        }
    }
    None
}

/// Where a Windows path ends: at a blank, unless another folder follows soon behind it. What it begins with is no end.
fn path_end(text: &str, start: usize) -> usize {
    let mut end = start;
    while let Some(letter) = text[end..].chars().next() {
        let stops = letter.is_control() || "\"'`<>|*?,;“”’»".contains(letter);
        if stops || (letter.is_whitespace() && !(letter == ' ' && goes_on(text, end))) {
            break;
        }
        end += letter.len_utf8();
    }
    end
}

fn goes_on(text: &str, blank: usize) -> bool {
    let ahead = &text[blank..floor(text, blank + LONGEST_FOLDER)];
    let ends = |letter: char| letter.is_control() || ":/.(%\"'`<>|*?,;“”’»".contains(letter);
    ahead.find('\\').is_some_and(|stroke| !ahead[..stroke].contains(ends) && !ahead[..stroke].ends_with(' '))
}
