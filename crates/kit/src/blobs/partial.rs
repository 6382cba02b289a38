//! Files that come in pieces over a weak line. How much has come is the length of the file itself, so that a restart
//! loses nothing; a piece begins where the one before ended or is refused; only one writer at a time.

use std::path::PathBuf;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::{Blobs, Hashes, Passing, Stored, remove, size_in_words, touched};
use crate::error::{Error, Result};
use crate::text::Text;
use crate::time::Time;

/// How far a file in pieces has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Bytes that are safe on the disk.
    pub size: i64,
    /// The line broke within this piece.
    pub cut: bool,
}

impl Blobs {
    /// Begins a file that will come in pieces. `id` is an identifier of the product.
    pub async fn begin_partial(&self, id: &str) -> Result<()> {
        OpenOptions::new().write(true).create_new(true).open(self.partial_path(id)).await?;
        Ok(())
    }

    /// How many bytes have come; none when there is no such file.
    pub async fn partial_size(&self, id: &str) -> Result<Option<i64>> {
        match fs::metadata(self.partial_path(id)).await {
            Ok(metadata) => Ok(Some(i64::try_from(metadata.len()).unwrap_or(i64::MAX))),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Adds a piece that begins at `offset`, at most `most` bytes. When the line breaks, what had come stays; when the disk
    /// is full or the piece too long, nothing of it does.
    pub async fn append<S, E>(&self, id: &str, offset: i64, mut chunks: S, most: i64) -> Result<Appended>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut file = self.lock_partial(id).await?;
        let size = i64::try_from(file.metadata().await?.len()).unwrap_or(i64::MAX);
        if size != offset {
            return Err(wrong_offset(size));
        }
        file.seek(std::io::SeekFrom::End(0)).await?;
        let mut written = 0_i64;
        let outcome = loop {
            match chunks.next().await {
                None => break Ok(false),
                Some(Err(_)) => break Ok(true),
                Some(Ok(chunk)) => {
                    written += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
                    if written > most {
                        break Err(too_long(most));
                    }
                    if let Err(cause) = file.write_all(&chunk).await {
                        break Err(cause.into());
                    }
                }
            }
        };
        let flushed = match outcome {
            Ok(cut) => match file.flush().await {
                Ok(()) => file.sync_data().await.map(|()| cut).map_err(Error::from),
                Err(cause) => Err(cause.into()),
            },
            Err(error) => Err(error),
        };
        match flushed {
            Ok(cut) => Ok(Appended { size: offset + written, cut }),
            Err(error) => {
                // What did not come whole is given back to the disk; the sender goes on from where it stood.
                let _ = file.flush().await;
                file.set_len(u64::try_from(offset).unwrap_or_default()).await?;
                Err(error)
            }
        }
    }

    /// Hashes a file that has come whole and moves it among the others.
    pub async fn finish_partial(&self, id: &str, size: i64) -> Result<Stored> {
        let mut file = self.lock_partial(id).await?;
        let here = i64::try_from(file.metadata().await?.len()).unwrap_or(i64::MAX);
        if here != size {
            return Err(not_whole(here, size));
        }
        let (mut passing, mut buffer) = (Passing::default(), vec![0; 1 << 20]);
        loop {
            let read = file.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            passing.take(&buffer[..read]);
        }
        file.sync_all().await?;
        let (Hashes { sha256, md5 }, head) = passing.done();
        self.settle_in(&self.partial_path(id), &sha256).await?;
        Ok(Stored { sha256, md5, size, head })
    }

    /// Gives up a file that has not come whole.
    pub async fn drop_partial(&self, id: &str) -> Result<()> {
        remove(&self.partial_path(id)).await
    }

    /// The files in pieces that nobody has written to since `before`, by their identifiers.
    pub async fn idle_partials(&self, before: Time) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut files = fs::read_dir(self.folder.join("partial")).await?;
        while let Some(file) = files.next_entry().await? {
            if touched(&file.path()).await?.is_some_and(|at| at < before)
                && let Ok(id) = file.file_name().into_string()
            {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Opens a file in pieces for one writer; whoever else comes meanwhile is told so.
    async fn lock_partial(&self, id: &str) -> Result<File> {
        let opened = OpenOptions::new().read(true).write(true).open(self.partial_path(id)).await;
        let file = match opened {
            Ok(file) => file.into_std().await,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Err(Error::NotFound),
            Err(cause) => return Err(cause.into()),
        };
        match file.try_lock() {
            Ok(()) => Ok(File::from_std(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::not_now(
                "Tệp này đang được gửi từ một cửa sổ khác. Hãy đóng cửa sổ kia hoặc chờ ít phút.",
                "This file is being sent from another window. Close that one or wait a few minutes.",
            )),
            Err(std::fs::TryLockError::Error(cause)) => Err(cause.into()),
        }
    }

    fn partial_path(&self, id: &str) -> PathBuf {
        let name: String = id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        self.folder.join("partial").join(name)
    }
}

fn wrong_offset(size: i64) -> Error {
    Error::NotNow(text!(
        "Máy chủ đã có {size} byte đầu của tệp này. Hãy gửi tiếp từ đó.",
        "The server has the first {size} bytes of this file. Go on from there."
    ))
}

fn too_long(most: i64) -> Error {
    let size = size_in_words(most);
    Error::Limit(
        axum::http::StatusCode::PAYLOAD_TOO_LARGE,
        text!("Phần gửi lên dài hơn phần còn lại ({size}).", "This piece is longer than what is left ({size})."),
    )
}

fn not_whole(here: i64, size: i64) -> Error {
    let (here, size) = (size_in_words(here), size_in_words(size));
    Error::NotNow(text!(
        "Tệp chưa gửi xong: mới nhận {here} trong {size}. Hãy gửi tiếp phần còn lại.",
        "The file has not come whole: {here} of {size}. Send the rest first."
    ))
}

/// The sentence for a file whose bytes are not the ones the sender hashed.
pub fn not_as_announced() -> Text {
    Text::new(
        "Tệp nhận được khác với mã băm bên gửi đã báo. Hãy gửi lại tệp này từ đầu.",
        "What came is not what the sender hashed. Send this file again from the beginning.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn folder() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(folder.path().to_owned()).await.expect("opened");
        (folder, blobs)
    }

    fn pieces(words: &[&'static str]) -> impl Stream<Item = Result<Bytes, &'static str>> + Unpin {
        let pieces: Vec<_> = words
            .iter()
            .map(|words| if *words == "cut" { Err("cut") } else { Ok(Bytes::from_static(words.as_bytes())) })
            .collect();
        futures::stream::iter(pieces)
    }

    #[tokio::test]
    async fn a_file_in_pieces_goes_on_where_the_line_broke_and_ends_up_hashed() {
        let (_folder, blobs) = folder().await;
        blobs.begin_partial("upl_1").await.expect("begun");
        let first = blobs.append("upl_1", 0, pieces(&["nhat", " ky", "cut"]), 100).await.expect("kept");
        assert_eq!(first, Appended { size: 7, cut: true });
        let wrong = blobs.append("upl_1", 4, pieces(&["x"]), 100).await;
        assert!(matches!(wrong, Err(Error::NotNow(_))));
        assert!(matches!(blobs.finish_partial("upl_1", 12).await, Err(Error::NotNow(_))));
        let again = Blobs::open(blobs.folder.clone()).await.expect("opened after a restart");
        assert_eq!(again.partial_size("upl_1").await.expect("asked"), Some(7));
        again.append("upl_1", 7, pieces(&[" may"]), 5).await.expect("kept");
        let stored = again.finish_partial("upl_1", 11).await.expect("whole");
        assert_eq!(
            stored,
            Stored { head: b"nhat ky may".to_vec(), ..again.put_bytes("nhat ky may".into()).await.expect("put") }
        );
        assert_eq!(again.partial_size("upl_1").await.expect("asked"), None);
    }

    #[tokio::test]
    async fn a_piece_that_is_too_long_leaves_nothing_and_a_second_writer_waits() {
        let (_folder, blobs) = folder().await;
        blobs.begin_partial("upl_1").await.expect("begun");
        assert!(matches!(blobs.append("upl_1", 0, pieces(&["abc", "def"]), 5).await, Err(Error::Limit(..))));
        assert_eq!(blobs.partial_size("upl_1").await.expect("asked"), Some(0));
        let held = blobs.lock_partial("upl_1").await.expect("the first writer");
        assert!(matches!(blobs.append("upl_1", 0, pieces(&["a"]), 5).await, Err(Error::NotNow(_))));
        drop(held);
        blobs.append("upl_1", 0, pieces(&["a"]), 5).await.expect("free again");
        assert!(matches!(blobs.append("../upl_2", 0, pieces(&["a"]), 5).await, Err(Error::NotFound)));
        assert!(blobs.idle_partials(Time(0)).await.expect("listed").is_empty());
        assert_eq!(blobs.idle_partials(Time(i64::MAX)).await.expect("listed"), ["upl_1"]);
        blobs.drop_partial("upl_1").await.expect("dropped");
        assert_eq!(blobs.partial_size("upl_1").await.expect("asked"), None);
    }
}
