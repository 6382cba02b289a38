//! Rules that were read before, kept as they stand in memory. A file is named by the hash of all that it was read from, so
//! it is never out of date; only the newest few are kept.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::load::Gathered;
use super::{Pipeline, Refusal, RuleSet};

/// Changes whenever rules are read or stored differently.
const VERSION: u32 = 2;

/// How many sets of rules are kept in one folder.
const MOST: usize = 8;

/// The largest file that is taken back, in bytes.
const LARGEST: u64 = 512 << 20;

/// The name under which a set read from these files is kept.
pub fn name(files: &[Gathered], refused: &[Refusal], pipeline: &Pipeline) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(&VERSION.to_le_bytes());
    part(env!("CARGO_PKG_VERSION").as_bytes());
    part(&(pipeline.written.len() as u64).to_le_bytes());
    pipeline.written.iter().for_each(|text| part(text.as_bytes()));
    for (path, text) in files {
        part(path.as_os_str().as_encoded_bytes());
        match text {
            Ok(text) => part(text.as_bytes()),
            Err(reason) => part(reason.as_bytes()),
        }
    }
    for refusal in refused {
        part(refusal.path.as_bytes());
        part(refusal.reason.as_bytes());
    }
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("rules-{digits}.bin")
}

/// The set kept under this path, if there is one and it is whole.
pub fn find(path: &Path) -> Option<RuleSet> {
    if fs::metadata(path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (sum, body) = bytes.split_at_checked(32)?;
    if Sha256::digest(body).as_slice() != sum {
        return None;
    }
    postcard::from_bytes(body).ok()
}

/// Keeps a set. Written beside its place and moved there, so that nobody ever reads half of it.
pub fn save(path: &Path, set: &RuleSet) {
    let Some(folder) = path.parent() else { return };
    let Ok(body) = postcard::to_stdvec(set) else { return };
    let beside = path.with_extension(format!("{}.part", std::process::id()));
    let mut bytes = Sha256::digest(&body).to_vec();
    bytes.extend_from_slice(&body);
    let written =
        fs::create_dir_all(folder).and_then(|()| fs::write(&beside, bytes)).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        _ = fs::remove_file(&beside);
        return;
    }
    tidy(folder);
}

/// Removes all but the newest.
fn tidy(folder: &Path) {
    let Ok(list) = fs::read_dir(folder) else { return };
    let mut kept: Vec<_> = list
        .filter_map(Result::ok)
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.starts_with("rules-") && name.ends_with(".bin"))
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    kept.sort();
    let surplus = kept.len().saturating_sub(MOST);
    for (_, path) in &kept[..surplus] {
        _ = fs::remove_file(path);
    }
}
