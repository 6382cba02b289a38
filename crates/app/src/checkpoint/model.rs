//! What a checkpoint and its key are, as data, and the exact words that are signed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ungcuu_kit::time::Time;

use super::signing;
use crate::journal::GENESIS;

/// Where a stream of the journal stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub stream: String,
    pub seq: i64,
    pub hash: String,
}

/// The heads of the streams that had grown since the checkpoint before, signed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Counted from 1 without a gap.
    pub number: i64,
    pub at: Time,
    /// Whatever changed before this moment is in this checkpoint or an earlier one.
    pub complete_to: Time,
    /// How many streams are in it.
    pub streams: i64,
    /// The root of the tree over their heads, in the order of their names.
    pub root: String,
    /// The hash of the checkpoint before; zeros for the first.
    pub previous: String,
    /// The key that signed it.
    pub key_number: i64,
    /// Ed25519 over [`Checkpoint::words`], in hexadecimal.
    pub signature: String,
    pub hash: String,
}

/// The hash before the first checkpoint.
pub const FIRST: &str = GENESIS;

impl Checkpoint {
    /// The words that are signed.
    pub fn words(&self) -> String {
        format!(
            "ungcuu checkpoint 1\nnumber: {}\nat: {}\ncomplete to: {}\nstreams: {}\nroot: {}\nprevious: {}\nkey: {}\n",
            self.number, self.at.0, self.complete_to.0, self.streams, self.root, self.previous, self.key_number
        )
    }

    /// SHA-256 of the words and their signature: what the next one links to and what is time-stamped.
    pub fn computed_hash(&self) -> String {
        hex::encode(Sha256::digest(format!("{}signature: {}\n", self.words(), self.signature)))
    }

    /// The identifier of its row.
    pub fn id(&self) -> String {
        format!("chk_{:08}", self.number)
    }

    /// Whether words, signature and hash belong together.
    pub fn is_signed_by(&self, key: &Key) -> bool {
        self.key_number == key.number
            && self.computed_hash() == self.hash
            && signing::is_signed(&key.public_key, self.words().as_bytes(), &self.signature)
    }
}

/// A public key and the time in which it signs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Counted from 1 without a gap.
    pub number: i64,
    /// Ed25519, in hexadecimal.
    pub public_key: String,
    pub valid_from: Time,
    /// Absent while it signs.
    pub valid_to: Option<Time>,
    /// The key that signed for this one; absent for the first, and after one that was lost.
    pub endorsed_by: Option<i64>,
    pub endorsement: String,
    pub reason: String,
    pub made_by: String,
}

impl Key {
    /// The words by which one key vouches for the next.
    pub fn words(&self) -> String {
        format!("ungcuu key 1\nnumber: {}\npublic: {}\nfrom: {}\n", self.number, self.public_key, self.valid_from.0)
    }

    /// SHA-256 of the public key, in sixteen blocks of four, as it is printed and read aloud.
    pub fn fingerprint(&self) -> String {
        signing::fingerprint(&self.public_key)
    }

    /// Whether it signed at that moment.
    pub fn covers(&self, at: Time) -> bool {
        self.valid_from <= at && self.valid_to.is_none_or(|to| at <= to)
    }
}

/// Whether a key may be believed because of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// The first one, or signed for by the one before.
    Yes,
    /// Made anew after the one before was lost: nobody vouches for it.
    Nobody,
    /// Says somebody vouches, and nobody does.
    Falsely,
}

/// Looks at the keys in their order; the answer is in the same order.
pub fn vouched(keys: &[Key]) -> Vec<Vouched> {
    keys.iter()
        .enumerate()
        .map(|(place, key)| {
            let before = place.checked_sub(1).and_then(|before| keys.get(before));
            let signer = match (key.endorsed_by, before) {
                (None, _) => key,
                (Some(number), Some(before)) if before.number == number => before,
                _ => return Vouched::Falsely,
            };
            let counted = i64::try_from(place + 1) == Ok(key.number);
            let follows = before.is_none_or(|before| before.valid_to == Some(key.valid_from));
            if !counted || !follows || !signing::is_signed(&signer.public_key, key.words().as_bytes(), &key.endorsement)
            {
                return Vouched::Falsely;
            }
            if key.endorsed_by.is_none() && before.is_some() { Vouched::Nobody } else { Vouched::Yes }
        })
        .collect()
}
