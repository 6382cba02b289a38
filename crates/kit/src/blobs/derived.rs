//! What was made from a file and can be made again: small pictures, facts. It lies apart from the files themselves, is in
//! no register, and may be lost at any time.

use std::path::PathBuf;

use tokio::fs;

use super::{Blobs, remove};
use crate::chance;
use crate::error::Result;

/// The endings that derived files have; [`Blobs::forget_derived`] removes every one.
const KINDS: &[&str] = &["picture"];

impl Blobs {
    /// What was made from a file before, if it still is there. `kind` is one of a few words of the program.
    pub async fn derived(&self, sha256: &str, kind: &'static str) -> Result<Option<Vec<u8>>> {
        match fs::read(self.derived_path(sha256, kind)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Keeps what was made from a file. Written aside and renamed, so that nobody reads half of it.
    pub async fn keep_derived(&self, sha256: &str, kind: &'static str, bytes: &[u8]) -> Result<()> {
        let aside = self.folder.join("incoming").join(chance::secret());
        fs::write(&aside, bytes).await?;
        fs::rename(&aside, self.derived_path(sha256, kind)).await?;
        Ok(())
    }

    pub(super) async fn forget_derived(&self, sha256: &str) -> Result<()> {
        for kind in KINDS {
            remove(&self.derived_path(sha256, kind)).await?;
        }
        Ok(())
    }

    fn derived_path(&self, sha256: &str, kind: &str) -> PathBuf {
        let name: String = sha256.chars().filter(char::is_ascii_hexdigit).collect();
        self.folder.join("derived").join(format!("{name}.{kind}"))
    }
}
