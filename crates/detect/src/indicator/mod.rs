//! Indicators: addresses, names, links, fingerprints, mail addresses and files that betray an attack.
//!
//! People write them in a hundred ways (`hxxp://evil[.]com`, `1.2.3[.]4`, `a(at)b.com`); [`parse`] reads one of them and
//! gives it one spelling, so that the same thing seen twice is found twice. [`extract`] finds them in running text, and
//! [`Indicator::defang`] writes one so that nobody follows it by accident.
//!
//! ```
//! use ungcuu_detect::indicator::{Kind, parse};
//! let link = parse("hxxp://EVIL[.]com/a.exe").unwrap();
//! assert_eq!((link.kind, link.value.as_str()), (Kind::Url, "http://evil.com/a.exe"));
//! assert_eq!(link.defang(), "hxxp://evil[.]com/a.exe");
//! ```

mod extract;
mod names;
mod refang;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use url::{Host, Position, Url};

pub use extract::extract;
pub use refang::refang;

/// The longest value of an indicator, in bytes.
pub const LONGEST: usize = 2048;
/// The longest spelling that [`parse`] looks at, in bytes: a value grows when it is defanged.
const LONGEST_SPELLING: usize = 4 * LONGEST;
/// The longest path of a file, in bytes.
const LONGEST_PATH: usize = 1024;
/// A file name that stands alone may have blanks in it, but a sentence is not a name.
const WORDS_OF_A_NAME: usize = 6;

/// What kind of thing an indicator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An IPv4 or IPv6 address.
    Ip,
    /// A domain name, in lower case and punycode.
    Domain,
    /// A link, as the WHATWG URL standard spells it.
    Url,
    /// A fingerprint of a file, in lower-case hexadecimal.
    Hash(Digest),
    /// A mail address, in lower case.
    Mail,
    /// A file's name or path; in lower case unless it is a Unix path.
    File,
}

/// The fingerprints that are told apart by their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    Md5,
    Sha1,
    Sha256,
}

/// One indicator in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Indicator {
    pub kind: Kind,
    pub value: String,
}

/// Why a text is no indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing is written.
    Empty,
    /// Longer than [`LONGEST`].
    TooLong,
    /// More than one thing, or a sentence.
    NotOne,
    /// Digits and dots, but no address: 300.1.1.1.
    Address,
    /// A whole network: 10.0.0.0/8.
    Network,
    /// Not a domain name: too long, or with a letter that names cannot have.
    Domain,
    /// Looks like a link, but leads nowhere.
    Link,
    /// Hexadecimal, but of no known length.
    Digest,
    /// An `@`, but no mail address.
    Mail,
    /// None of the kinds.
    Unknown,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Empty => "nothing is written",
            Why::TooLong => "too long for an indicator",
            Why::NotOne => "more than one thing",
            Why::Address => "not an IP address",
            Why::Network => "a whole network, not an address",
            Why::Domain => "not a domain name",
            Why::Link => "not a link that leads anywhere",
            Why::Digest => "hexadecimal, but neither MD5, SHA-1 nor SHA-256",
            Why::Mail => "not a mail address",
            Why::Unknown => "not an address, name, link, fingerprint, mail address or file",
        })
    }
}

impl std::error::Error for Why {}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 8] = [
        Kind::Ip,
        Kind::Domain,
        Kind::Url,
        Kind::Hash(Digest::Md5),
        Kind::Hash(Digest::Sha1),
        Kind::Hash(Digest::Sha256),
        Kind::Mail,
        Kind::File,
    ];

    /// A short word: `ip`, `domain`, `url`, `md5`, `sha1`, `sha256`, `mail`, `file`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Ip => "ip",
            Kind::Domain => "domain",
            Kind::Url => "url",
            Kind::Hash(Digest::Md5) => "md5",
            Kind::Hash(Digest::Sha1) => "sha1",
            Kind::Hash(Digest::Sha256) => "sha256",
            Kind::Mail => "mail",
            Kind::File => "file",
        }
    }
}

impl Indicator {
    /// Written so that no program makes a link of it and nobody follows it by accident. [`parse`] reads it back.
    pub fn defang(&self) -> String {
        let value = &self.value;
        match self.kind {
            Kind::Ip => value.replace(':', "[:]").replace('.', "[.]"),
            Kind::Domain => value.replace('.', "[.]"),
            Kind::Mail => value.replace('.', "[.]").replace('@', "[at]"),
            Kind::Url => defang_url(value),
            Kind::Hash(_) | Kind::File => value.clone(),
        }
    }
}

/// Reads one indicator, however it is written: defanged, in quotes, with a port, in capitals.
///
/// A port behind an address or a name is left out; `evil.com/x` without a scheme is read as `http`. A name that could
/// be both a file and a domain (`report.docx`, `setup.zip`) is a file.
///
/// # Errors
/// Says why the text is none.
pub fn parse(text: &str) -> Result<Indicator, Why> {
    let indicator = read_spelling(text)?;
    if indicator.value.len() > LONGEST {
        return Err(Why::TooLong);
    }
    // Cleaning a link or a foreign name can bring out what reads as something else; such a value could never be found
    // again, so it is none.
    if read_spelling(&indicator.defang()).as_ref() != Ok(&indicator) {
        return Err(Why::Unknown);
    }
    Ok(indicator)
}

fn read_spelling(text: &str) -> Result<Indicator, Why> {
    if text.len() > LONGEST_SPELLING {
        return Err(Why::TooLong);
    }
    let plain = refang(text);
    let plain = trim(&plain);
    if plain.is_empty() {
        return Err(Why::Empty);
    }
    if plain.chars().any(char::is_control) {
        return Err(Why::NotOne);
    }
    read(plain)
}

/// Quotes and the like around a value are not part of it.
fn trim(text: &str) -> &str {
    text.trim_start_matches(around).trim_end_matches(|letter| around(letter) || matches!(letter, ',' | ';'))
}

fn around(letter: char) -> bool {
    let quote = matches!(letter, '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' | '‹' | '›');
    quote || letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>')
}

fn read(plain: &str) -> Result<Indicator, Why> {
    if is_unix_path(plain) {
        return path(plain, false);
    }
    let bare = plain.trim_end_matches(|letter| around(letter) || matches!(letter, '.' | ',' | ';'));
    let lower = bare.to_lowercase();
    let lower = lower.as_str();
    if is_windows_path(lower) {
        return path(lower, true);
    }
    if let Some((scheme, _)) = plain.split_once("://")
        && !scheme.contains(['/', '?'])
    {
        return url(plain);
    }
    if lower.contains('@') {
        return mail(lower);
    }
    if let Some(found) = digest(lower) {
        return found;
    }
    if let Some(found) = address(lower) {
        return found;
    }
    if lower.contains('\\') {
        return path(lower, true);
    }
    if let Some((head, _)) = lower.split_once('/') {
        let leads = host_with_port(head).is_some_and(|host| ip(host).is_some() || names::domain(host).is_some());
        if leads && !names::is_file(head) {
            return url(&format!("http://{bare}"));
        }
        return if last_part_is_file(lower) { path(lower, false) } else { Err(Why::Unknown) };
    }
    if names::is_file(lower) {
        return Ok(Indicator { kind: Kind::File, value: lower.to_owned() });
    }
    if lower.contains(char::is_whitespace) {
        return Err(Why::NotOne);
    }
    if !lower.contains('.') {
        return Err(Why::Unknown);
    }
    let value = host_with_port(lower).and_then(names::domain).ok_or(Why::Domain)?;
    Ok(Indicator { kind: Kind::Domain, value })
}

/// Hexadecimal of a telling length, perhaps with the name of the method before it.
fn digest(lower: &str) -> Option<Result<Indicator, Why>> {
    let bare = ["md5:", "sha1:", "sha-1:", "sha256:", "sha-256:"].iter().find_map(|name| lower.strip_prefix(name));
    let bare = bare.unwrap_or(lower).trim();
    if bare.len() < 32 || !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let kind = match bare.len() {
        32 => Digest::Md5,
        40 => Digest::Sha1,
        64 => Digest::Sha256,
        _ => return Some(Err(Why::Digest)),
    };
    Some(Ok(Indicator { kind: Kind::Hash(kind), value: bare.to_owned() }))
}

/// An address, with or without brackets and port; or what only looks like one.
fn address(lower: &str) -> Option<Result<Indicator, Why>> {
    if let Some(ip) = ip(lower) {
        return Some(Ok(Indicator { kind: Kind::Ip, value: ip.to_string() }));
    }
    if let Some((head, bits)) = lower.split_once('/')
        && ip(head).is_some()
        && bits.len() <= 3
        && bits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(Err(Why::Network));
    }
    let only_numbers = lower.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (only_numbers && lower.contains('.')).then_some(Err(Why::Address))
}

/// An address in its canonical form: IPv4 written as IPv6 is IPv4.
fn ip(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|ip| ip.to_canonical())
}

/// `evil.com:8080` without the port.
fn host_with_port(text: &str) -> Option<&str> {
    match text.split_once(':') {
        Some((host, port)) => (!port.is_empty() && port.parse::<u16>().is_ok()).then_some(host),
        None => Some(text),
    }
}

fn mail(lower: &str) -> Result<Indicator, Why> {
    let bare = lower.strip_prefix("mailto:").unwrap_or(lower);
    let (name, host) = bare.rsplit_once('@').ok_or(Why::Mail)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-'=&~".contains(&byte);
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !begins || name.len() > 64 || name.ends_with('.') || !name.bytes().all(fits) {
        return Err(Why::Mail);
    }
    let host = names::domain(host).ok_or(Why::Mail)?;
    Ok(Indicator { kind: Kind::Mail, value: format!("{name}@{host}") })
}

/// Schemes that lead somewhere over a network.
const SCHEMES: &[&str] =
    &["http", "https", "ftp", "ftps", "sftp", "ws", "wss", "ldap", "ldaps", "rmi", "smb", "ssh", "tcp", "telnet"];

fn url(plain: &str) -> Result<Indicator, Why> {
    if plain.contains(char::is_whitespace) {
        return Err(Why::NotOne);
    }
    let mut url = Url::parse(plain).map_err(|_| Why::Link)?;
    if !SCHEMES.contains(&url.scheme()) {
        return Err(Why::Link);
    }
    // Schemes of one's own keep the host as it was typed; it gets the same spelling as any other here.
    let typed = url.host_str().ok_or(Why::Link)?.trim_end_matches('.').to_owned();
    let host = Host::parse(&typed).map_err(|_| Why::Link)?;
    if let Host::Domain(name) = &host
        && !names::is_host(name)
    {
        return Err(Why::Link);
    }
    let host = host.to_string();
    if url.host_str() != Some(&host) {
        url.set_host(Some(&host)).map_err(|_| Why::Link)?;
    }
    Ok(Indicator { kind: Kind::Url, value: url.into() })
}

fn defang_url(value: &str) -> String {
    let Ok(url) = Url::parse(value) else { return value.replacen("://", "[:]//", 1) };
    let scheme = match url.scheme() {
        "http" => "hxxp:".to_owned(),
        "https" => "hxxps:".to_owned(),
        "ftp" => "fxp:".to_owned(),
        "ftps" => "fxps:".to_owned(),
        other => format!("{other}[:]"),
    };
    let before = &url[Position::AfterScheme..Position::BeforeHost];
    let host = url[Position::BeforeHost..Position::AfterHost].replace('.', "[.]");
    format!("{scheme}{}{host}{}", before.trim_start_matches(':'), &url[Position::AfterHost..])
}

fn is_unix_path(text: &str) -> bool {
    let rest = text.strip_prefix("~/").or_else(|| text.strip_prefix('/'));
    rest.is_some_and(|rest| rest.contains(|letter: char| letter.is_alphanumeric()))
}

/// `c:\…`, `c:/…`, `\\server\…`, `%appdata%\…`
fn is_windows_path(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let drive =
        bytes.len() > 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/');
    let share = lower.strip_prefix("\\\\").is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    drive || share || names::variable_prefix(lower).is_some()
}

fn last_part_is_file(text: &str) -> bool {
    text.rsplit(['/', '\\']).next().is_some_and(names::is_file)
}

fn path(text: &str, windows: bool) -> Result<Indicator, Why> {
    if text.len() > LONGEST_PATH {
        return Err(Why::TooLong);
    }
    // Blanks stand inside of Windows folders; elsewhere many of them are a sentence.
    if !windows && text.split_whitespace().count() > WORDS_OF_A_NAME {
        return Err(Why::NotOne);
    }
    if text.contains(['<', '>', '"', '|', '?', '*']) {
        return Err(Why::Unknown);
    }
    Ok(Indicator { kind: Kind::File, value: text.to_owned() })
}
