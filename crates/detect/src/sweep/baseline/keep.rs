//! The baseline as a signed file, and the key it is signed with.
//!
//! Whoever can write both the baseline and its key can forge it. On a machine that may be taken over, the key is kept elsewhere and given
//! when it is needed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Baseline, Seen};

/// How the file begins; changes when it is written differently.
const MAGIC: &[u8] = b"ungcuu baseline 1\n";

/// Bytes of an Ed25519 signature.
const SIGNATURE: usize = 64;

/// The largest baseline that is read, in bytes: some twenty million files.
const LARGEST: u64 = 4 << 30;

/// Why a baseline cannot be used.
#[derive(Debug)]
pub enum Fault {
    /// The system said no.
    Io(PathBuf, io::Error),
    /// It is not what was signed with this key.
    Altered(PathBuf),
    /// There is a baseline and no key for it.
    NoKey(PathBuf),
    /// There is a key that was made beside a baseline, and the baseline is gone.
    Gone(PathBuf),
    /// The key's file does not hold a key.
    BadKey(PathBuf),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(path, error) => write!(out, "{}: {error}", path.display()),
            Fault::Altered(path) => write!(out, "{} was altered, or is not signed with this key", path.display()),
            Fault::NoKey(path) => write!(out, "the key {} is not there", path.display()),
            Fault::Gone(path) => write!(out, "{} is gone, its key is still there", path.display()),
            Fault::BadKey(path) => write!(out, "{} holds no key", path.display()),
        }
    }
}

impl std::error::Error for Fault {}

/// A baseline's file, with what it takes to sign the next.
pub struct Keeper {
    path: PathBuf,
    key: Ed25519KeyPair,
}

/// What came of opening.
pub struct Opened {
    /// To keep the next.
    pub keeper: Keeper,
    /// How files were; [`Baseline::none`] if this is the first time.
    pub baseline: Baseline,
    /// Where the key is.
    pub key: PathBuf,
}

/// Opens a baseline. Without a file there, a new one is begun; without `key`, the key is `path` with `.key` at its end, made on first use.
///
/// # Errors
/// When what is there cannot be trusted.
pub fn open(path: &Path, key: Option<&Path>) -> Result<Opened, Fault> {
    let beside = {
        let mut name = path.as_os_str().to_owned();
        name.push(".key");
        PathBuf::from(name)
    };
    let given = key.is_some();
    let key_path = key.map_or(beside, Path::to_owned);
    let is_there = path.try_exists().map_err(|error| Fault::Io(path.to_owned(), error))?;
    let key_there = key_path.try_exists().map_err(|error| Fault::Io(key_path.clone(), error))?;
    match (is_there, key_there) {
        (true, false) => return Err(Fault::NoKey(key_path)),
        // Somebody who wants to be forgotten removes the baseline. A key from elsewhere may serve for many.
        (false, true) if !given => return Err(Fault::Gone(path.to_owned())),
        _ => {}
    }
    let key = if key_there { read_key(&key_path)? } else { make_key(&key_path)? };
    let baseline = if is_there { read(path, &key)? } else { Baseline::none() };
    Ok(Opened { keeper: Keeper { path: path.to_owned(), key }, baseline, key: key_path })
}

fn read_key(path: &Path) -> Result<Ed25519KeyPair, Fault> {
    let text = fs::read_to_string(path).map_err(|error| Fault::Io(path.to_owned(), error))?;
    let seed = super::super::hex_bytes(text.trim()).ok_or_else(|| Fault::BadKey(path.to_owned()))?;
    Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Fault::BadKey(path.to_owned()))
}

fn make_key(path: &Path) -> Result<Ed25519KeyPair, Fault> {
    let fault = |error| Fault::Io(path.to_owned(), error);
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| fault(io::Error::other("no randomness")))?;
    let mut text = super::super::hex_text(&seed);
    text.push('\n');
    let mut file = private().create_new(true).open(path).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
    super::super::sync_folder(path).map_err(fault)?;
    Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Fault::BadKey(path.to_owned()))
}

/// For files that only their owner reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn signed(body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"ungcuu baseline signature").chain_update(body).finalize().into()
}

fn read(path: &Path, key: &Ed25519KeyPair) -> Result<Baseline, Fault> {
    let fault = |error| Fault::Io(path.to_owned(), error);
    let altered = || Fault::Altered(path.to_owned());
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(fault)?;
    let at = bytes.len().checked_sub(SIGNATURE).ok_or_else(altered)?;
    let (body, signature) = bytes.split_at(at);
    UnparsedPublicKey::new(&ED25519, key.public_key().as_ref())
        .verify(&signed(body), signature)
        .map_err(|_| altered())?;
    decode(body).ok_or_else(altered)
}

#[derive(Serialize, Deserialize)]
struct Head {
    mark: [u8; 32],
    made: i64,
    count: u64,
}

/// One file: how much its path has in common with the one before, the rest of it, how it was.
#[derive(Serialize, Deserialize)]
struct Line<'l> {
    common: u32,
    rest: &'l [u8],
    seen: Seen,
}

fn encode(baseline: &Baseline) -> io::Result<Vec<u8>> {
    let head = Head { mark: baseline.mark, made: baseline.made, count: baseline.files.len() as u64 };
    let mut out = postcard::to_extend(&head, MAGIC.to_vec()).map_err(io::Error::other)?;
    let mut before: &[u8] = b"";
    for (path, seen) in &baseline.files {
        let common = before.iter().zip(path).take_while(|(one, two)| one == two).count();
        let line = Line { common: u32::try_from(common).unwrap_or(0), rest: &path[common..], seen: *seen };
        out = postcard::to_extend(&line, out).map_err(io::Error::other)?;
        before = path;
    }
    Ok(out)
}

fn decode(body: &[u8]) -> Option<Baseline> {
    let (head, mut rest) = postcard::take_from_bytes::<Head>(body.strip_prefix(MAGIC)?).ok()?;
    let mut files = Vec::new();
    let mut before: Vec<u8> = Vec::new();
    for _ in 0..head.count {
        let (line, after) = postcard::take_from_bytes::<Line>(rest).ok()?;
        rest = after;
        before.truncate(line.common as usize);
        before.extend_from_slice(line.rest);
        files.push((before.clone(), line.seen));
    }
    let files: BTreeMap<_, _> = files.into_iter().collect();
    Some(Baseline { mark: head.mark, made: head.made, files, first: false })
}

impl Keeper {
    /// Signs a baseline and puts it in the place of the one before, whole or not at all.
    ///
    /// # Errors
    /// Those of the system; the one before is then still there.
    pub fn save(&self, baseline: &Baseline) -> Result<(), Fault> {
        let mut beside = self.path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let write = || {
            let body = encode(baseline)?;
            let signature = self.key.sign(&signed(&body));
            let mut file = private().create(true).truncate(true).open(&beside)?;
            file.write_all(&body)?;
            file.write_all(signature.as_ref())?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            super::super::sync_folder(&self.path)
        };
        write().map_err(|error| Fault::Io(self.path.clone(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Baseline {
        let mut made = Baseline::none().begin([3; 32], 77);
        for path in ["/a", "/a/b", "/a/bc", "/tệp"] {
            made.put(
                Path::new(path),
                Seen { stat: super::super::Stat::default(), sha256: [4; 32], again: path == "/a" },
            );
        }
        made
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base");
        let opened = open(&path, None).unwrap();
        assert!(opened.baseline.is_first());
        opened.keeper.save(&some()).unwrap();
        assert_eq!(open(&path, None).unwrap().baseline, some());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(opened.key).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base");
        open(&path, None).unwrap().keeper.save(&some()).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert!(matches!(open(&path, None), Err(Fault::Altered(_))), "byte {at}");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(open(&path, None), Err(Fault::Altered(_))));
        fs::write(&path, b"").unwrap();
        assert!(matches!(open(&path, None), Err(Fault::Altered(_))));
    }

    #[test]
    fn neither_half_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("base"), folder.path().join("other"));
        open(&path, None).unwrap().keeper.save(&some()).unwrap();
        open(&other, None).unwrap().keeper.save(&some()).unwrap();
        let key = folder.path().join("base.key");
        assert!(matches!(open(&path, Some(&folder.path().join("other.key"))), Err(Fault::Altered(_))));
        fs::rename(&path, folder.path().join("away")).unwrap();
        assert!(matches!(open(&path, None), Err(Fault::Gone(_))));
        assert!(open(&path, Some(&key)).is_ok(), "a key that was given may begin anew");
        fs::rename(folder.path().join("away"), &path).unwrap();
        fs::remove_file(&key).unwrap();
        assert!(matches!(open(&path, None), Err(Fault::NoKey(_))));
    }
}
