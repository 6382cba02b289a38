//! Takes the teeth back in: `hxxp://evil[.]com` becomes `http://evil.com` again.

/// What people put in brackets, and what it stands for.
const BRACKETED: &[(&str, &str)] = &[
    (".", "."),
    ("dot", "."),
    ("d0t", "."),
    ("cham", "."),
    ("chấm", "."),
    (":", ":"),
    ("://", "://"),
    ("@", "@"),
    ("at", "@"),
    ("a", "@"),
];

/// The longest content of a bracket, in bytes.
const LONGEST_BRACKET: usize = 6;

/// Spellings of a scheme that keep programs from making a link.
const SCHEMES: &[(&str, &str)] = &[
    ("hxxp", "http"),
    ("hxxps", "https"),
    ("hxtp", "http"),
    ("hxtps", "https"),
    ("htxp", "http"),
    ("htxps", "https"),
    ("h**p", "http"),
    ("h**ps", "https"),
    ("fxp", "ftp"),
    ("fxps", "ftps"),
];

/// Undoes the usual ways of making an indicator harmless, and drops letters that cannot be seen. What it gives holds
/// nothing more to undo. Works in one pass: time grows with the length of the text and with nothing else.
pub fn refang(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !unseen(*letter)) {
        plain.push(letter);
        match letter {
            ']' | ')' | '}' => open_bracket(&mut plain),
            '/' => open_scheme(&mut plain),
            _ => {}
        }
    }
    plain
}

/// Zero-width letters and direction overrides, which only deceive the eye.
fn unseen(letter: char) -> bool {
    matches!(letter,
        '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// If the text ends in `[dot]` or the like, puts the dot in its place.
fn open_bracket(plain: &mut String) {
    let close = plain.as_bytes()[plain.len() - 1];
    let open = match close {
        b']' => b'[',
        b')' => b'(',
        _ => b'{',
    };
    let end = plain.len() - 1;
    // Bytes are compared, so a bracket is never found inside of a longer letter.
    let from = end.saturating_sub(LONGEST_BRACKET);
    let Some(offset) = plain.as_bytes()[from..end].iter().rposition(|byte| *byte == open) else { return };
    let start = from + offset;
    let content = &plain[start + 1..end];
    // "(a)" begins a list in running text; only square brackets are plain enough.
    if content.eq_ignore_ascii_case("a") && close != b']' {
        return;
    }
    let meant = BRACKETED.iter().find(|(written, _)| content.eq_ignore_ascii_case(written));
    if let Some((_, meant)) = meant {
        plain.truncate(start);
        plain.push_str(meant);
        open_scheme(plain);
    }
}

/// If the text ends in `hxxp://` or the like, writes the scheme as it is.
fn open_scheme(plain: &mut String) {
    let Some(before) = plain.strip_suffix("://") else { return };
    let begin = before.bytes().rev().take(7).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'*').count();
    let start = before.len() - begin;
    let word = &before[start..];
    if let Some((_, meant)) = SCHEMES.iter().find(|(written, _)| word.eq_ignore_ascii_case(written)) {
        plain.truncate(start);
        plain.push_str(meant);
        plain.push_str("://");
    }
}
