//! Compiled rules, kept for the next time.
//!
//! The file stands under the hash of all that it was made from and begins with a hash of itself, so it is never out of date
//! and never half there. What it holds is trusted by the engine, so it is only taken from a folder that nobody else can write to.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::rules::{Group, Key, MOST_TOGETHER, Refusal, Rule, Rules, Source, hash};

/// How many sets of rules are kept in one folder.
const MOST: usize = 4;

/// The largest file that is taken back, in bytes.
const LARGEST: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Kept {
    rules: Vec<Rule>,
    places: HashMap<(u32, String), u32>,
    names_asked: bool,
    refused: Vec<Refusal>,
    passed_over: Vec<Refusal>,
    groups: Vec<(Key, u64)>,
}

impl Rules {
    /// Like [`Rules::compile`], but takes what was compiled before out of a folder, and keeps it there for the next time.
    #[must_use]
    pub fn compile_kept(sources: &[Source], folder: &Path) -> Rules {
        let hash = hash(sources);
        let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("yara-{digits}.bin"));
        if let Some(rules) = find(&path, hash) {
            return rules;
        }
        let rules = Rules::compile(sources);
        save(&path, &rules);
        rules
    }
}

fn find(path: &Path, hash: [u8; 32]) -> Option<Rules> {
    if !is_ours(path.parent()?) || !is_ours(path) || fs::metadata(path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (sum, body) = bytes.split_at_checked(32)?;
    if Sha256::digest(body).as_slice() != sum {
        return None;
    }
    let (kept, mut body) = postcard::take_from_bytes::<Kept>(body).ok()?;
    let mut groups = Vec::new();
    for (key, length) in kept.groups {
        let (part, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
        body = rest;
        groups.push(Group::kept(key, part.to_vec()));
    }
    // Reading them takes longer than a pass over unchanged files, so each is read when it is asked for; one tells whether they can be.
    groups.iter().min_by_key(|group| group.size())?.scanner()?;
    let Kept { rules, places, names_asked, refused, passed_over, .. } = kept;
    Some(Rules { rules, groups, places, names_asked, refused, passed_over, hash })
}

fn save(path: &Path, rules: &Rules) {
    let mut parts = Vec::new();
    for group in &rules.groups {
        // A single file may have more rules than can be read back; such a set is compiled each time.
        if group.scanner().is_none_or(|scanner| scanner.rules().count() > MOST_TOGETHER) {
            return;
        }
        let mut part = Vec::new();
        if group.scanner().is_none_or(|scanner| scanner.to_bytes(&mut part).is_err()) {
            return;
        }
        parts.push((group.key.clone(), part));
    }
    let kept = Kept {
        rules: rules.rules.clone(),
        places: rules.places.clone(),
        names_asked: rules.names_asked,
        refused: rules.refused.clone(),
        passed_over: rules.passed_over.clone(),
        groups: parts.iter().map(|(key, part)| (key.clone(), part.len() as u64)).collect(),
    };
    let Ok(mut body) = postcard::to_stdvec(&kept) else { return };
    parts.iter().for_each(|(_, part)| body.extend_from_slice(part));
    let mut bytes = Sha256::digest(&body).to_vec();
    bytes.append(&mut body);
    let Some(folder) = path.parent() else { return };
    let beside = path.with_extension(format!("{}.part", std::process::id()));
    let written = make_folder(folder).and_then(|()| write(&beside, &bytes)).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        _ = fs::remove_file(&beside);
        return;
    }
    tidy(folder);
}

/// Writes a file that only its owner can read and write.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Removes all but the newest.
fn tidy(folder: &Path) {
    let Ok(list) = fs::read_dir(folder) else { return };
    let ours = |name: &str| name.starts_with("yara-") && name.ends_with(".bin");
    let mut kept: Vec<_> = list
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(ours))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    kept.sort();
    let surplus = kept.len().saturating_sub(MOST);
    for (_, path) in &kept[..surplus] {
        _ = fs::remove_file(path);
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whether only this account (and the administrator) can write there.
#[cfg(unix)]
fn is_ours(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(about) = fs::symlink_metadata(path) else { return false };
    let me = rustix::process::geteuid().as_raw();
    !about.is_symlink() && about.mode() & 0o022 == 0 && (about.uid() == me || about.uid() == 0)
}

#[cfg(not(unix))]
fn is_ours(path: &Path) -> bool {
    path.exists()
}
