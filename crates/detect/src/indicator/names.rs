//! Names of files and hosts: which endings make a file, which last parts a domain has, which letters may stand where.

use std::collections::HashSet;
use std::sync::LazyLock;

use url::Host;

use super::WORDS_OF_A_NAME;

/// Endings of files. Some are top-level domains too (`zip`, `mov`, `sh`, `py`): a name with one of them is far more often
/// a file. Left out are those that are far more often a domain (`com`, `pl`, `so`, `rs`, `md`, `app`).
const FILES: &[&str] = &[
    "7z",
    "accdb",
    "apk",
    "asp",
    "aspx",
    "avi",
    "bak",
    "bat",
    "bin",
    "bmp",
    "bz2",
    "cab",
    "cfg",
    "cmd",
    "conf",
    "cpl",
    "crypt",
    "css",
    "csv",
    "dat",
    "db",
    "dll",
    "dmp",
    "doc",
    "docm",
    "docx",
    "dot",
    "dotm",
    "dotx",
    "elf",
    "eml",
    "encrypted",
    "evtx",
    "exe",
    "gif",
    "gz",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "ini",
    "iso",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "jse",
    "json",
    "jsp",
    "key",
    "lnk",
    "lock",
    "locked",
    "log",
    "mdb",
    "mkv",
    "mov",
    "mp3",
    "mp4",
    "msg",
    "msi",
    "msp",
    "ocx",
    "odp",
    "ods",
    "odt",
    "pcap",
    "pcapng",
    "pdf",
    "pem",
    "pfx",
    "php",
    "pif",
    "png",
    "ppt",
    "pptm",
    "pptx",
    "ps1",
    "psm1",
    "pst",
    "py",
    "rar",
    "raw",
    "reg",
    "rtf",
    "scr",
    "sh",
    "sql",
    "sqlite",
    "svg",
    "sys",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "tmp",
    "txt",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "vmdk",
    "wav",
    "webp",
    "wsf",
    "xls",
    "xlsb",
    "xlsm",
    "xlsx",
    "xml",
    "xz",
    "yaml",
    "yml",
    "zip",
];

/// Top-level domains of countries.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt \
     bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm \
     fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo \
     jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt \
     mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw \
     sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug \
     uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Other top-level domains that are met often, among them those that attackers like for their price. Only running text
/// is held to this list: a name that stands alone, or is defanged, may have any.
const COMMON: &str = "com net org info biz name pro mobi edu gov mil int arpa onion local asia cat tel travel jobs museum \
     aero coop post xyz top online site website club shop store live life app dev cloud tech space fun icu vip win bid \
     loan work works link click download stream review trade date racing party science men buzz cyou cfd sbs monster \
     quest rest bar bond world today news blog wiki email host hosting press network systems solutions services support \
     center agency digital media group company ltd inc page ink lol pics mom lat zone ninja guru expert finance money \
     bank cam webcam moe one plus red blue pink green black art design studio games game bet casino poker";

/// Whether a name ends as files do. A path is no name; of several words only the last may have a dot.
pub fn is_file(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    if name.len() > 255 || stem.trim().is_empty() || !ends_like_a_file(ending) {
        return false;
    }
    if name.contains(|letter: char| letter.is_control() || "/\\<>:\"|?*@".contains(letter)) {
        return false;
    }
    let (words, _) = name.rsplit_once(char::is_whitespace).unwrap_or(("", name));
    !words.contains('.') && name.split_whitespace().count() <= WORDS_OF_A_NAME
}

fn ends_like_a_file(ending: &str) -> bool {
    ending.len() <= 9 && FILES.binary_search(&ending.to_ascii_lowercase().as_str()).is_ok()
}

/// `%appdata%\` at the beginning: its length.
pub fn variable_prefix(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('%')?;
    let length = rest.bytes().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || b"_()".contains(byte)).count();
    (length > 0 && rest[length..].starts_with("%\\")).then_some(length + 3)
}

/// A domain name in its one spelling: lower case, punycode, at least two parts.
pub fn domain(text: &str) -> Option<String> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    // Four letters a character is what punycode can need; longer texts are not worth the work.
    if bare.len() > 1024 {
        return None;
    }
    let Ok(Host::Domain(name)) = Host::parse(bare) else { return None };
    let (_, last) = name.rsplit_once('.')?;
    let proper_end =
        last.len() >= 2 && (last.bytes().all(|byte| byte.is_ascii_alphabetic()) || last.starts_with("xn--"));
    (proper_end && is_host(&name)).then_some(name)
}

/// Whether every part of a host's name, in punycode already, is of allowed letters and length.
pub fn is_host(name: &str) -> bool {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(part)
}

/// A domain in running text. Abbreviations, sums of money and sentences without a blank between them look alike, so the
/// last part must be known and the spelling that of a name.
pub fn domain_in_text(word: &str) -> Option<String> {
    let (rest, last) = word.rsplit_once('.')?;
    let lower = last.to_ascii_lowercase();
    let country = is_country(&lower);
    if !country && !COMMON_SET.contains(lower.as_str()) {
        return None;
    }
    let capital = |text: &str| text.contains(|letter: char| letter.is_uppercase());
    let small = |text: &str| text.contains(|letter: char| letter.is_lowercase());
    // "xong.Do đó": the next sentence.
    if capital(last) && small(word) {
        return None;
    }
    // "TP.HN": an abbreviation.
    if capital(word) && !small(word) && country && !rest.contains('.') {
        return None;
    }
    let before = rest.rsplit('.').next().unwrap_or(rest);
    // "1.5.tr": a sum.
    if country && before.len() < 3 && before.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // "cán bộ.la": words of the language; domains with marks end in .vn or in none of a country.
    if !word.is_ascii() && country && lower != "vn" {
        return None;
    }
    domain(word)
}

fn is_country(ending: &str) -> bool {
    ending.len() == 2 && COUNTRY_SET.contains(ending)
}

static COUNTRY_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| COUNTRIES.split(' ').collect());
static COMMON_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| COMMON.split(' ').collect());

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn the_endings_are_sorted_for_looking_up() {
        assert!(FILES.is_sorted());
    }
}
