//! Files that are never edited, under their SHA-256. A file is written to a temporary name, flushed to the disk, then
//! renamed; a table row that names it comes only after. Uploads pass through in chunks and are never held in memory.
//!
//! A file whose form was refused in the end is marked as doubtful. It is not removed then and there: somebody else may be
//! sending the same bytes at this moment. Whoever tidies up later asks the database first ([`Blobs::doubted`]).
//!
//! [`partial`] holds files that come in pieces, [`derived`] what can be made again from a file at any time.

mod derived;
pub mod partial;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use md5::Md5;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::chance;
use crate::error::{Error, Result};
use crate::text::Text;
use crate::time::Time;

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Lower-case hexadecimal SHA-256 of the bytes; also the file's name.
    pub sha256: String,
    /// The MD5 of the same bytes, only to compare with lists of others: two files can be made to share one.
    pub md5: String,
    pub size: i64,
    /// The first bytes, at most 512, to tell what kind of file it is.
    pub head: Vec<u8>,
}

/// What the bytes of a file hash to.
#[derive(Clone, Debug, PartialEq)]
pub struct Hashes {
    pub sha256: String,
    pub md5: String,
}

/// Hashes bytes both ways as they pass, and keeps the first of them.
#[derive(Default)]
struct Passing {
    sha256: Sha256,
    md5: Md5,
    head: Vec<u8>,
}

impl Passing {
    fn take(&mut self, bytes: &[u8]) {
        if self.head.len() < 512 {
            self.head.extend_from_slice(&bytes[..bytes.len().min(512 - self.head.len())]);
        }
        self.sha256.update(bytes);
        self.md5.update(bytes);
    }

    fn done(self) -> (Hashes, Vec<u8>) {
        let hashes = Hashes { sha256: hex::encode(self.sha256.finalize()), md5: hex::encode(self.md5.finalize()) };
        (hashes, self.head)
    }
}

/// The folder of files.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// Uses (and creates) this folder.
    pub async fn open(folder: PathBuf) -> Result<Blobs> {
        fs::create_dir_all(folder.join("incoming")).await?;
        fs::create_dir_all(folder.join("doubtful")).await?;
        fs::create_dir_all(folder.join("partial")).await?;
        fs::create_dir_all(folder.join("derived")).await?;
        Ok(Blobs { folder })
    }

    /// Takes in a file as it arrives, at most `limit` bytes. On any failure nothing remains.
    pub async fn put<S, E>(&self, mut chunks: S, limit: i64) -> Result<Stored>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let incoming = Incoming(self.folder.join("incoming").join(chance::secret()));
        let mut file = File::create(&incoming.0).await?;
        let (mut passing, mut size) = (Passing::default(), 0_i64);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| {
                Error::Unreadable(Text::new(
                    "Tệp bị đứt giữa chừng nên chưa lưu. Hãy gửi lại.",
                    "The file was cut off on the way and not kept. Please send it again.",
                ))
            })?;
            size += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
            if size > limit {
                return Err(too_large(limit));
            }
            passing.take(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        let (Hashes { sha256, md5 }, head) = passing.done();
        self.settle_in(&incoming.0, &sha256).await?;
        Ok(Stored { sha256, md5, size, head })
    }

    /// Moves a whole file, flushed to the disk, to where its fingerprint says.
    async fn settle_in(&self, from: &Path, sha256: &str) -> Result<()> {
        let place = self.path(sha256);
        let folder = place.parent().expect("a blob lies in a folder");
        fs::create_dir_all(folder).await?;
        fs::rename(from, &place).await?;
        sync_folder(folder).await
    }

    /// Takes in bytes that are already here.
    pub async fn put_bytes(&self, bytes: Bytes) -> Result<Stored> {
        let limit = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.put(futures::stream::iter([Ok::<_, std::io::Error>(bytes)]), limit).await
    }

    /// Opens a file for reading.
    pub async fn open_file(&self, sha256: &str) -> Result<File> {
        match File::open(self.path(sha256)).await {
            Ok(file) => Ok(file),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Reads a small file whole; refuses one larger than `limit` bytes.
    pub async fn read(&self, sha256: &str, limit: i64) -> Result<Vec<u8>> {
        let mut file = self.open_file(sha256).await?;
        let size = i64::try_from(file.metadata().await?.len()).unwrap_or(i64::MAX);
        if size > limit {
            return Err(too_large(limit));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    /// The SHA-256 of what lies there now, or `None` when nothing does. Equal to the name unless someone was at it.
    pub async fn fingerprint(&self, sha256: &str) -> Result<Option<String>> {
        let mut file = match File::open(self.path(sha256)).await {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = file.read(&mut buffer).await?;
            if read == 0 {
                return Ok(Some(hex::encode(digest.finalize())));
            }
            digest.update(&buffer[..read]);
        }
    }

    /// Reads a file again and hashes it both ways; `None` when it is gone. In no hurry: it rests as long as it reads, so
    /// that a disk image of many hours leaves the disk to others.
    pub async fn read_again(&self, sha256: &str, gently: bool) -> Result<Option<Hashes>> {
        let mut file = match File::open(self.path(sha256)).await {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        let (mut passing, mut buffer) = (Passing::default(), vec![0; 1 << 20]);
        let mut since = tokio::time::Instant::now();
        loop {
            let read = file.read(&mut buffer).await?;
            if read == 0 {
                return Ok(Some(passing.done().0));
            }
            passing.take(&buffer[..read]);
            if gently {
                tokio::time::sleep(since.elapsed()).await;
                since = tokio::time::Instant::now();
            }
        }
    }

    /// When the bytes that lie there now came in; none when nothing lies there.
    pub async fn came_in(&self, sha256: &str) -> Result<Option<Time>> {
        touched(&self.path(sha256)).await
    }

    /// Removes a file for good, with all that was made from it, unless the same bytes have come in once more since
    /// `seen` ([`Blobs::came_in`]).
    pub async fn remove(&self, sha256: &str, seen: Option<Time>) -> Result<()> {
        let path = self.path(sha256);
        if touched(&path).await? == seen {
            remove(&path).await?;
            self.forget_derived(sha256).await?;
        }
        remove(&self.mark(sha256)).await
    }

    /// Marks a file that perhaps no row will ever name. Best effort and at once, also while a request is being dropped.
    pub fn doubt(&self, sha256: &str) {
        let _ = std::fs::write(self.mark(sha256), b"");
    }

    /// The marked files that nobody has touched since `before`.
    pub async fn doubted(&self, before: Time) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut marks = fs::read_dir(self.folder.join("doubtful")).await?;
        while let Some(mark) = marks.next_entry().await? {
            let Ok(name) = mark.file_name().into_string() else { continue };
            let blob = touched(&self.path(&name)).await?;
            if touched(&mark.path()).await?.is_some_and(|at| at < before) && blob.is_none_or(|at| at < before) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Takes the mark away, and the file with it when no row names it and it has not come in once more since `before`.
    pub async fn settle(&self, sha256: &str, named: bool, before: Time) -> Result<()> {
        let path = self.path(sha256);
        if !named && touched(&path).await?.is_some_and(|at| at < before) {
            remove(&path).await?;
        }
        remove(&self.mark(sha256)).await
    }

    /// Removes what was cut off by a power failure on its way in, if nobody has written to it since `before`.
    pub async fn forget_incoming(&self, before: Time) -> Result<()> {
        let mut files = fs::read_dir(self.folder.join("incoming")).await?;
        while let Some(file) = files.next_entry().await? {
            if touched(&file.path()).await?.is_some_and(|at| at < before) {
                remove(&file.path()).await?;
            }
        }
        Ok(())
    }

    fn mark(&self, sha256: &str) -> PathBuf {
        let name: String = sha256.chars().filter(char::is_ascii_hexdigit).collect();
        self.folder.join("doubtful").join(name)
    }

    /// Where a file lies: two letters of its name, then the rest.
    pub fn path(&self, sha256: &str) -> PathBuf {
        let (first, rest) =
            if sha256.is_char_boundary(2) && sha256.len() > 2 { sha256.split_at(2) } else { ("__", sha256) };
        // Names come from the database; a name that is not a fingerprint must not lead out of the folder.
        let rest: String = rest.chars().filter(char::is_ascii_hexdigit).collect();
        self.folder.join(first.replace(['/', '.', '\\'], "_")).join(rest)
    }
}

/// A file on its way in; removed unless it was renamed.
struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        // Best effort: after a rename there is nothing here any more.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// When a file was last written; none when it is not there.
async fn touched(path: &Path) -> Result<Option<Time>> {
    match fs::metadata(path).await {
        Ok(metadata) => {
            let since = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Ok(Some(Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

async fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path).await {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(cause.into()),
        _ => Ok(()),
    }
}

fn too_large(limit: i64) -> Error {
    let size = size_in_words(limit);
    Error::Limit(
        axum::http::StatusCode::PAYLOAD_TOO_LARGE,
        text!("Tệp lớn quá {size}.", "The file is larger than {size}."),
    )
}

/// `4,2 MB`, as people read sizes.
pub fn size_in_words(bytes: i64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 || size >= 100.0 {
        format!("{size:.0} {}", units[unit])
    } else {
        format!("{size:.1} {}", units[unit]).replace('.', ",")
    }
}

async fn sync_folder(folder: &Path) -> Result<()> {
    // Only Unix lets a folder be opened and flushed; elsewhere the rename is as durable as it gets.
    if cfg!(unix) {
        File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_lies_under_its_fingerprint_and_a_swapped_one_is_noticed() {
        let folder = std::env::temp_dir().join(chance::secret());
        let blobs = Blobs::open(folder.clone()).await.expect("a folder");
        let stored = blobs.put_bytes(Bytes::from_static(b"nhat ky")).await.expect("stored");
        assert_eq!(blobs.fingerprint(&stored.sha256).await.expect("read"), Some(stored.sha256.clone()));
        std::fs::write(blobs.path(&stored.sha256), b"khac").expect("swapped");
        assert_ne!(blobs.fingerprint(&stored.sha256).await.expect("read"), Some(stored.sha256));
        std::fs::remove_dir_all(folder).expect("tidied");
    }

    #[tokio::test]
    async fn a_file_cut_off_or_too_large_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(chance::secret());
        let blobs = Blobs::open(folder.clone()).await.expect("a folder");
        let cut = futures::stream::iter([Ok(Bytes::from_static(b"abc")), Err("cut")]);
        assert!(matches!(blobs.put(cut, 10).await, Err(Error::Unreadable(_))));
        let large = futures::stream::iter([Ok::<_, &str>(Bytes::from_static(b"0123456789x"))]);
        assert!(matches!(blobs.put(large, 10).await, Err(Error::Limit(..))));
        assert_eq!(std::fs::read_dir(folder.join("incoming")).expect("listed").count(), 0);
        std::fs::remove_dir_all(folder).expect("tidied");
    }
    #[tokio::test]
    async fn only_a_doubtful_file_that_nobody_touched_lately_and_no_row_names_is_removed() {
        let folder = std::env::temp_dir().join(chance::secret());
        let blobs = Blobs::open(folder.clone()).await.expect("a folder");
        let kept = blobs.put_bytes(Bytes::from_static(b"kept")).await.expect("stored").sha256;
        let refused = blobs.put_bytes(Bytes::from_static(b"refused")).await.expect("stored").sha256;
        blobs.doubt(&refused);
        blobs.doubt(&kept);
        assert!(blobs.doubted(Time(0)).await.expect("listed").is_empty(), "both were just touched");
        let mut doubted = blobs.doubted(Time(i64::MAX)).await.expect("listed");
        doubted.sort();
        let mut both = vec![kept.clone(), refused.clone()];
        both.sort();
        assert_eq!(doubted, both);
        blobs.settle(&kept, true, Time(i64::MAX)).await.expect("settled");
        blobs.settle(&refused, false, Time(i64::MAX)).await.expect("settled");
        assert!(blobs.path(&kept).exists() && !blobs.path(&refused).exists());
        assert!(blobs.doubted(Time(i64::MAX)).await.expect("listed").is_empty());
        std::fs::remove_dir_all(folder).expect("tidied");
    }
}
