//! A tree of hashes over the heads of streams, so that one stream can be shown to be in a checkpoint without showing the
//! others. Leaves and inner hashes begin with different bytes, as in RFC 6962, so that neither passes for the other.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::Head;

/// A hash beside the way from a leaf to the root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Beside {
    Left(String),
    Right(String),
}

/// The hash of one head: every part with its length, so that none can flow into the next.
pub fn leaf(head: &Head) -> String {
    let mut digest = Sha256::new();
    digest.update([0]);
    for part in [&head.stream, &head.seq.to_string(), &head.hash] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())
}

fn joined(left: &str, right: &str) -> String {
    let mut digest = Sha256::new();
    digest.update([1]);
    digest.update(left.as_bytes());
    digest.update(right.as_bytes());
    hex::encode(digest.finalize())
}

/// The root over these heads, in their order. A hash without a neighbour moves up as it is.
pub fn root(heads: &[Head]) -> String {
    let mut row: Vec<String> = heads.iter().map(leaf).collect();
    while row.len() > 1 {
        row = above(&row);
    }
    row.pop().unwrap_or_default()
}

/// The hashes beside the way from this head to the root; none when the head is not among them.
pub fn path(heads: &[Head], stream: &str) -> Option<Vec<Beside>> {
    let mut place = heads.iter().position(|head| head.stream == stream)?;
    let mut row: Vec<String> = heads.iter().map(leaf).collect();
    let mut path = Vec::new();
    while row.len() > 1 {
        if place % 2 == 1 {
            path.push(Beside::Left(row[place - 1].clone()));
        } else if let Some(right) = row.get(place + 1) {
            path.push(Beside::Right(right.clone()));
        }
        row = above(&row);
        place /= 2;
    }
    Some(path)
}

/// The root that a head and its way lead to.
pub fn climbed(head: &Head, path: &[Beside]) -> String {
    path.iter().fold(leaf(head), |hash, beside| match beside {
        Beside::Left(left) => joined(left, &hash),
        Beside::Right(right) => joined(&hash, right),
    })
}

fn above(row: &[String]) -> Vec<String> {
    row.chunks(2)
        .map(|pair| match pair {
            [left, right] => joined(left, right),
            alone => alone[0].clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(count: i64) -> Vec<Head> {
        (0..count).map(|n| Head { stream: format!("incident:{n:03}"), seq: n + 1, hash: format!("{n:064x}") }).collect()
    }

    #[test]
    fn every_head_climbs_to_the_root_and_no_other_does() {
        for count in 1..40 {
            let heads = heads(count);
            let root = root(&heads);
            for head in &heads {
                let path = path(&heads, &head.stream).expect("in the tree");
                assert_eq!(climbed(head, &path), root);
                let later = Head { seq: head.seq + 1, ..head.clone() };
                assert_ne!(climbed(&later, &path), root);
            }
            assert!(path(&heads, "org").is_none());
        }
    }

    #[test]
    fn another_order_or_a_missing_head_is_another_root() {
        let all = heads(9);
        let mut turned = all.clone();
        turned.swap(3, 4);
        assert_ne!(root(&turned), root(&all));
        assert_ne!(root(&all[..8]), root(&all));
    }
}
