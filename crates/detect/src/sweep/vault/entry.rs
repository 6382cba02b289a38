//! What the vault knows of an item.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::super::stat::{Stat, bytes_path};

/// How far an item has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The copy is whole; the file may still be in its place.
    Taking,
    /// The file is in the vault only.
    Kept,
    /// It is on its way to this path.
    Restoring(Vec<u8>),
    /// It is being deleted.
    Deleting,
}

/// A file in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its name in the vault.
    pub id: String,
    /// The bytes of the path it came from.
    pub origin: Vec<u8>,
    /// Owner, permissions, times and size it had.
    pub stat: Stat,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// What was found in it.
    pub causes: Vec<String>,
    /// When it was taken, microseconds since 1970.
    pub taken: i64,
    /// How far it has come.
    pub state: State,
}

impl Item {
    /// Where it came from.
    #[must_use]
    pub fn origin(&self) -> PathBuf {
        bytes_path(&self.origin)
    }

    pub(super) fn encode(&self) -> io::Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(io::Error::other)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Item> {
        postcard::from_bytes(bytes).ok()
    }
}

/// Whether something can be the name of an item.
pub(super) fn is_id(name: &str) -> bool {
    name.len() == 25
        && name.bytes().enumerate().all(|(at, byte)| if at == 8 { byte == b'-' } else { byte.is_ascii_hexdigit() })
}
