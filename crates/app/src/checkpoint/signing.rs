//! The private key in the data folder, signing, and checking a signature. Ed25519 by `ring`, which the databases'
//! encryption brings along already.
//!
//! `seal/key` holds the seed as hexadecimal, readable by its owner only, and is never in the database: whoever can write the
//! records cannot sign for them. `seal/checkpoints.txt` is a list of the checkpoints made here, so that records put back
//! to an earlier state are noticed.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use ungcuu_kit::chance;
use ungcuu_kit::error::Result;

/// What stands before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo` (RFC 8410).
const PUBLIC_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The folder `seal` of the data folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

/// A key that can sign.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// A new key out of the system's chance, with the seed to keep.
    pub fn fresh() -> Result<(Signer, String)> {
        let seed = chance::secret();
        Ok((Signer::from_seed(&seed)?, seed))
    }

    fn from_seed(seed: &str) -> Result<Signer> {
        let bytes = hex::decode(seed.trim()).context("the signing key is not hexadecimal")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&bytes)
            .map_err(|_| anyhow::anyhow!("the signing key is not 32 bytes long"))?;
        Ok(Signer(pair))
    }

    /// The public half, in hexadecimal.
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public_key().as_ref())
    }

    /// The signature, in hexadecimal. The same for the same words.
    pub fn sign(&self, words: &[u8]) -> String {
        hex::encode(self.0.sign(words).as_ref())
    }
}

/// Whether `signature` (hexadecimal) over the words is of this public key (hexadecimal). Only the spelling in which
/// signatures are written is taken, so that not even a letter of one can be another.
pub fn is_signed(public_key: &str, words: &[u8], signature: &str) -> bool {
    let (Ok(key), Ok(bytes)) = (hex::decode(public_key), hex::decode(signature)) else { return false };
    hex::encode(&bytes) == signature && UnparsedPublicKey::new(&ED25519, key).verify(words, &bytes).is_ok()
}

/// SHA-256 of a public key, in sixteen blocks of four letters.
pub fn fingerprint(public_key: &str) -> String {
    let hash = hex::encode(Sha256::digest(hex::decode(public_key).unwrap_or_default()));
    let blocks: Vec<&str> = (0..hash.len()).step_by(4).map(|at| &hash[at..at + 4]).collect();
    blocks.join(" ")
}

/// The public key as other programs read it.
pub fn to_pem(public_key: &str) -> String {
    let mut der = PUBLIC_HEAD.to_vec();
    der.extend(hex::decode(public_key).unwrap_or_default());
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

/// A public key as people have it: PEM, or hexadecimal with or without blanks. None when it is neither.
pub fn read_public(text: &str) -> Option<String> {
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let body: String = body.chars().filter(|sign| !sign.is_whitespace()).collect();
    if body.len() == 64 && hex::decode(&body).is_ok() {
        return Some(body.to_lowercase());
    }
    let der = STANDARD.decode(body).ok()?;
    let key = der.strip_prefix(&PUBLIC_HEAD)?;
    (key.len() == 32).then(|| hex::encode(key))
}

impl Folder {
    fn key(&self) -> PathBuf {
        self.0.join("key")
    }

    fn next_key(&self) -> PathBuf {
        self.0.join("key.next")
    }

    /// The list of the checkpoints made here.
    pub fn list(&self) -> PathBuf {
        self.0.join("checkpoints.txt")
    }

    /// The key whose public half is this one: the present one, or one whose making was cut off before it took its place.
    /// None when neither is.
    pub fn signer(&self, public_key: &str) -> Result<Option<Signer>> {
        for (place, next) in [(self.key(), false), (self.next_key(), true)] {
            let signer = match read_signer(&place) {
                Ok(Some(signer)) => signer,
                Ok(None) => continue,
                // A broken file is no key; whoever checks the installation is told of it.
                Err(error) => {
                    tracing::warn!("{error}");
                    continue;
                }
            };
            if signer.public_key() == public_key {
                if next {
                    std::fs::rename(&place, self.key()).context("putting the signing key in its place")?;
                }
                return Ok(Some(signer));
            }
        }
        Ok(None)
    }

    /// The public half of the key that lies here, if one does.
    pub fn public_key(&self) -> Result<Option<String>> {
        Ok(read_signer(&self.key())?.map(|signer| signer.public_key()))
    }

    /// Keeps a new key beside the present one until the records know it; then [`Folder::signer`] puts it in its place.
    pub fn keep_next(&self, seed: &str) -> Result<()> {
        std::fs::create_dir_all(&self.0).with_context(|| format!("creating {}", self.0.display()))?;
        let place = self.next_key();
        // A key that never came to be known signs nothing.
        let _ = std::fs::remove_file(&place);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&place).with_context(|| format!("writing {}", place.display()))?;
        writeln!(file, "{seed}")?;
        file.sync_all()?;
        Ok(())
    }

    /// Whether anyone but its owner may read the key.
    #[cfg(unix)]
    pub fn is_open_to_others(&self) -> bool {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(self.key()).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
    }

    /// Whether anyone but its owner may read the key; not asked where files have no such mode.
    #[cfg(not(unix))]
    pub fn is_open_to_others(&self) -> bool {
        false
    }

    /// Adds lines to the list of checkpoints.
    pub fn append(&self, lines: &str) -> Result<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.list())?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }
}

fn read_signer(place: &Path) -> Result<Option<Signer>> {
    match std::fs::read_to_string(place) {
        Ok(seed) => Ok(Some(Signer::from_seed(&seed)?)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(anyhow::anyhow!("reading {}: {cause}", place.display()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_its_words_and_its_key_only() {
        let (signer, _) = Signer::fresh().expect("a key");
        let (other, _) = Signer::fresh().expect("a key");
        let signature = signer.sign(b"words");
        assert!(is_signed(&signer.public_key(), b"words", &signature));
        assert!(!is_signed(&signer.public_key(), b"Words", &signature));
        assert!(!is_signed(&other.public_key(), b"words", &signature));
        assert!(!is_signed(&signer.public_key(), b"words", &signature.to_uppercase()));
        assert!(!is_signed("", b"words", &signature) && !is_signed(&signer.public_key(), b"words", "zz"));
    }

    #[test]
    fn a_public_key_is_read_as_people_have_it() {
        let (signer, _) = Signer::fresh().expect("a key");
        let key = signer.public_key();
        assert_eq!(read_public(&to_pem(&key)), Some(key.clone()));
        assert_eq!(read_public(&format!(" {} \n", key.to_uppercase())), Some(key));
        assert_eq!(read_public("-----BEGIN PUBLIC KEY-----\nabcd\n-----END PUBLIC KEY-----"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_takes_its_place_once_the_records_know_it_and_only_its_owner_reads_it() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder(place.path().join("seal"));
        let (first, seed) = Signer::fresh().expect("a key");
        folder.keep_next(&seed).expect("kept");
        assert!(folder.public_key().expect("read").is_none());
        assert!(folder.signer(&first.public_key()).expect("read").is_some());
        assert_eq!(folder.public_key().expect("read"), Some(first.public_key()));
        assert!(!folder.is_open_to_others());
        let (_, seed) = Signer::fresh().expect("a key");
        folder.keep_next(&seed).expect("kept");
        assert!(folder.signer(&first.public_key()).expect("read").is_some(), "the present one stays until then");
    }
}
