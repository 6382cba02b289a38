//! What stands in a dossier for checking, as data. The form is fixed: whoever checks it in ten years reads this version.

use serde::{Deserialize, Serialize};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use crate::checkpoint::merkle::Beside;
use crate::checkpoint::{Checkpoint, Head};

/// How the index begins, which names the form.
pub const FORMAT: &str = "ungcuu-proof-1";

pub const INDEX: &str = "index.json";
pub const SIGNATURE: &str = "index.sig";
pub const README: &str = "README.txt";
pub const DOSSIER: &str = "dossier.pdf";
pub const JOURNAL: &str = "journal.jsonl";
pub const ROWS: &str = "rows.jsonl";
pub const KEYS: &str = "keys.json";
pub const SEALS: &str = "checkpoints.jsonl";

/// The longest of the files above, in bytes; a dossier of more is refused when it is made and when it is checked.
pub const LONGEST: u64 = 64 << 20;

/// The table of contents. Its signature covers everything that is in the dossier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub format: String,
    pub incident: String,
    pub code: String,
    pub title: String,
    pub tlp: String,
    pub made_at: Time,
    pub made_by: String,
    /// The stream of the journal, how many entries it had, and the hash of the last.
    pub stream: String,
    pub entries: i64,
    pub head: String,
    /// The number of the key that signs this index.
    pub key: i64,
    /// Everything but the index and its signature.
    pub files: Vec<Listed>,
    pub left_out: Vec<LeftOut>,
}

/// A file of the dossier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub path: String,
    pub size: u64,
    pub sha256: String,
    pub about: Text,
}

/// Why something is not in the dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// May harm whoever opens it; its hash is in the journal.
    Malicious,
    /// The store no longer has it.
    Missing,
    /// Changed later under another stream of the journal, which this dossier does not hold.
    Elsewhere,
    /// This installation cannot make it.
    Unavailable,
}

/// Something that is not in the dossier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// What it is called, or table and row.
    pub name: String,
    pub sha256: Option<String>,
    pub why: Why,
}

/// A row as the fingerprints see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowLine {
    pub table: String,
    pub id: String,
    pub columns: Vec<(String, Option<String>)>,
}

impl RowLine {
    /// The value of a column.
    pub fn value(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| name == column)?.1.as_deref()
    }
}

/// A checkpoint that holds the incident's stream, and the way to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    pub checkpoint: Checkpoint,
    pub head: Head,
    pub path: Vec<Beside>,
    /// A time-stamp of the checkpoint (RFC 3161), base 64.
    pub timestamp: Option<String>,
}
