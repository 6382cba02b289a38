//! A file as an archive with a password, for what must not lie about openly: ZIP with AES-256, made while it is sent, so
//! that neither memory nor disk holds it a second time.

use std::fs::File;
use std::io::{BufWriter, Read, Write};

use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// How much is sent at once, in bytes.
const PIECE: usize = 256 << 10;

/// Sends one file as an encrypted archive, as it is read. A file that is shorter or longer than `size` ends the archive
/// with an error, so that nobody takes half of it for the whole.
pub fn encrypted(
    file: File,
    name: String,
    size: u64,
    password: String,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(4);
    let failed = sender.clone();
    tokio::task::spawn_blocking(move || {
        let out = BufWriter::with_capacity(PIECE, Sending(sender));
        if let Err(cause) = write(file, &name, size, &password, out) {
            // Nobody may be listening any more.
            let _ = failed.blocking_send(Err(cause));
        }
    });
    futures::stream::unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    })
}

fn write(file: File, name: &str, size: u64, password: &str, out: impl Write) -> std::io::Result<()> {
    let options = SimpleFileOptions::default()
        // What is encrypted does not shrink, and a sample is no larger than it was.
        .compression_method(CompressionMethod::Stored)
        .large_file(size >= u64::from(u32::MAX) - 1024)
        .with_aes_encryption(AesMode::Aes256, password);
    let mut archive = ZipWriter::new_stream(out);
    archive.start_file(name, options)?;
    // One byte more than announced, to notice that there is more.
    let copied = std::io::copy(&mut file.take(size.saturating_add(1)), &mut archive)?;
    if copied != size {
        return Err(std::io::Error::other("the file is not as long as it was"));
    }
    archive.finish()?.into_inner().flush()
}

/// Hands what is written over to whoever sends it.
struct Sending(mpsc::Sender<std::io::Result<Bytes>>);

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let gone = |_| std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    async fn archive(bytes: &[u8], size: u64) -> std::io::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("mau");
        std::fs::write(&path, bytes)?;
        let mut sent = encrypted(File::open(&path)?, "mẫu.exe".to_owned(), size, "infected".to_owned()).boxed();
        let mut whole = Vec::new();
        while let Some(piece) = sent.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole)
    }

    #[tokio::test]
    async fn only_the_password_opens_the_archive_and_the_bytes_are_the_same() {
        let sample: Vec<u8> = (0..2_000_000_u32).map(|n| (n % 251) as u8).collect();
        let whole = archive(&sample, sample.len() as u64).await.expect("sent");
        assert!(!whole.windows(64).any(|window| window == &sample[..64]), "nothing of it lies open");
        let mut opened = zip::ZipArchive::new(std::io::Cursor::new(whole)).expect("an archive");
        assert!(opened.by_index(0).is_err(), "not without the password");
        assert!(opened.by_index_decrypt(0, b"khac").is_err());
        let mut entry = opened.by_index_decrypt(0, b"infected").expect("the password");
        assert_eq!(entry.name(), "mẫu.exe");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        assert!(bytes == sample);
    }

    #[tokio::test]
    async fn a_file_that_is_not_as_long_as_it_was_ends_in_an_error() {
        assert!(archive(b"ngan", 5).await.is_err());
        assert!(archive(b"dai hon", 5).await.is_err());
    }
}
