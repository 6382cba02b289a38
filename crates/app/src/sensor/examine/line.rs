//! A finding as it stands in a result, one JSON object a line: an event of a log, or a file.

use serde::Deserialize;
use serde_json::{Map, Value};
use ungcuu_kit::text::shorten;
use ungcuu_kit::time::Time;

use super::{Counted, FindingId, Found};
use crate::sensor::rules::Gravity;

/// How much of a finding is listed: fields, and letters of each.
const FIELDS: usize = 60;
const VALUE: usize = 600;

/// What a log says of every event and the list has columns for; it comes last.
const USUAL: [&str; 6] = ["Provider_Name", "EventID", "Channel", "Computer", "EventRecordID", "TimeCreated_SystemTime"];

/// Both kinds in one; what a kind does not have stays empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Line {
    #[serde(alias = "rule")]
    pub rule_id: String,
    title: String,
    level: String,
    description: String,
    tags: Vec<String>,
    author: String,
    response: Advice,
    time: Option<String>,
    host: String,
    user: String,
    file: String,
    record: Value,
    fields: Map<String, Value>,
    /// Where in an archive; hashes and size are of that then.
    inner: String,
    size: Option<u64>,
    sha256: String,
    md5: String,
    strings: Vec<Place>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advice {
    vi: String,
    en: String,
}

/// What a string of a rule found.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    name: String,
    offset: u64,
    text: String,
}

impl Line {
    /// A line of the work's output; none when it is no finding.
    pub fn read(line: &[u8]) -> Option<Line> {
        serde_json::from_slice(line).ok()
    }

    /// Its rule, found once.
    pub fn counted(&self) -> Counted {
        Counted {
            rule_id: plain(&self.rule_id, 300),
            title: self.title(),
            level: self.level(),
            findings: 1,
            author: plain(&self.author, 300),
            tags: plain(&self.tags.join(" "), 500),
            response_vi: plain(&self.response.vi, 4000),
            response_en: plain(&self.response.en, 4000),
        }
    }

    /// The finding as it is listed.
    pub fn found(self, id: FindingId, number: i64) -> Found {
        let file = match self.inner.as_str() {
            "" => plain(&self.file, 300),
            inner => plain(&format!("{}!{inner}", self.file), 300),
        };
        Found {
            id,
            number,
            rule_id: plain(&self.rule_id, 300),
            title: self.title(),
            level: self.level(),
            happened_at: self.time.as_ref().and_then(|time| Time::parse(time).ok()),
            host: plain(&self.host, 200),
            account: plain(&self.user, 200),
            file,
            record: if self.record.is_null() { String::new() } else { plain(&self.record.to_string(), 40) },
            fields: self.lines().into_iter().take(FIELDS).collect::<Vec<_>>().join("\n"),
            taken_at: None,
        }
    }

    /// Rules about files have a name for machines and a sentence for people.
    fn title(&self) -> String {
        let of_file = if self.description.is_empty() { &self.rule_id } else { &self.description };
        plain(if self.title.is_empty() { of_file } else { &self.title }, 300)
    }

    fn level(&self) -> i64 {
        Gravity::of_word(&self.level).level()
    }

    fn lines(&self) -> Vec<String> {
        let words = |value: &Value| match value {
            Value::String(text) => plain(text, VALUE),
            other => plain(&other.to_string(), VALUE),
        };
        let (usual, telling): (Vec<_>, Vec<_>) =
            self.fields.iter().partition(|(name, _)| USUAL.contains(&name.as_str()));
        let fields = telling.into_iter().chain(usual);
        let fields = fields.map(|(name, value)| format!("{}: {}", plain(name, 100), words(value)));
        let hashes = [("SHA-256", &self.sha256), ("MD5", &self.md5)].into_iter();
        let hashes =
            hashes.filter(|(_, hash)| !hash.is_empty()).map(|(name, hash)| format!("{name}: {}", plain(hash, 64)));
        let size = self.size.map(|size| format!("size: {size}"));
        let places = self.strings.iter().map(|place| {
            let (name, offset, text) = (plain(&place.name, 100), place.offset, plain(&place.text, VALUE));
            format!("${name} @ {offset}: {text}")
        });
        fields.chain(hashes).chain(size).chain(places).collect()
    }
}

/// What stands in a file is anybody's word: no control letters, no turned reading direction, not too long.
fn plain(text: &str, most: usize) -> String {
    shorten(ungcuu_kit::form::clean(text).replace('\n', " ").trim(), most)
}
