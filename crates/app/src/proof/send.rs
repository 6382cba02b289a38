//! Packs a dossier while it is being sent: files go from the store to the reader in pieces, and the index, which needs the
//! hash of everything, comes last. Nothing is kept on the way.

use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt, future, stream};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::archive::Frame;
use super::collect::Stored;
use super::model::{INDEX, Index, LeftOut, Listed, SIGNATURE, Why};
use crate::app::App;
use crate::checkpoint::signing::Signer;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

type Piece = std::result::Result<Bytes, std::io::Error>;

/// What is sent.
pub struct Parcel {
    pub index: Index,
    pub made: Vec<(String, Bytes, Text)>,
    pub stored: Vec<Stored>,
    pub signer: Arc<Signer>,
}

/// The bytes of the dossier, as they are asked for. When something fails on the way the stream breaks off, so that nobody
/// takes half a dossier for a whole one.
pub fn send(app: App, parcel: Parcel) -> impl Stream<Item = Piece> + Send + 'static {
    let (sender, receiver) = mpsc::channel(4);
    let packing = async move {
        let mut packer = Packer { sender, frame: Frame::default() };
        if let Err(error) = packer.pack(&app, parcel).await {
            tracing::warn!("sending a dossier broke off: {error}");
            // Whoever went away hears nothing of it.
            let _ = packer.sender.send(Err(std::io::Error::other("the dossier broke off"))).await;
        }
    };
    let pieces =
        stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|piece| (piece, receiver)) });
    // Goes on only while somebody reads, and ends with the reader.
    stream::select(pieces, stream::once(packing).filter_map(|()| future::ready(None)))
}

struct Packer {
    sender: mpsc::Sender<Piece>,
    frame: Frame,
}

impl Packer {
    async fn pack(&mut self, app: &App, parcel: Parcel) -> Result<()> {
        let Parcel { mut index, made, stored, signer } = parcel;
        for (path, content, about) in made {
            let sha256 = hex::encode(Sha256::digest(&content));
            let size = content.len() as u64;
            self.put(&path, content).await?;
            index.files.push(Listed { path, size, sha256, about });
        }
        for file in stored {
            match self.copy(app, &file).await? {
                Some(listed) => index.files.push(listed),
                None => {
                    index.left_out.push(LeftOut { name: file.path, sha256: Some(file.sha256), why: Why::Missing });
                }
            }
        }
        let words = serde_json::to_vec_pretty(&index)?;
        let signature = signer.sign(&words);
        self.put(INDEX, words.into()).await?;
        self.put(SIGNATURE, format!("{signature}\n").into()).await?;
        let tail = std::mem::take(&mut self.frame).finish();
        self.give(tail.into()).await
    }

    async fn put(&mut self, path: &str, content: Bytes) -> Result<()> {
        let head = self.frame.begin(path, content.len() as u64);
        let crc = crc32fast::hash(&content);
        self.give(head.into()).await?;
        self.give(content).await?;
        let tail = self.frame.end(crc);
        self.give(tail.into()).await
    }

    /// Sends a file of the store with the hash it has now; none when it is no longer there.
    async fn copy(&mut self, app: &App, file: &Stored) -> Result<Option<Listed>> {
        let mut opened = match app.blobs.open_file(&file.sha256).await {
            Ok(opened) => opened,
            Err(Error::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        };
        let size = opened.metadata().await?.len();
        let head = self.frame.begin(&file.path, size);
        self.give(head.into()).await?;
        let (mut digest, mut crc, mut sent) = (Sha256::new(), crc32fast::Hasher::new(), 0_u64);
        loop {
            let mut chunk = vec![0; CHUNK];
            let read = opened.read(&mut chunk).await?;
            if read == 0 {
                break;
            }
            chunk.truncate(read);
            digest.update(&chunk);
            crc.update(&chunk);
            sent += read as u64;
            self.give(chunk.into()).await?;
        }
        if sent != size {
            return Err(anyhow::anyhow!("the file {} changed while it was sent", file.sha256).into());
        }
        let tail = self.frame.end(crc.finalize());
        self.give(tail.into()).await?;
        let sha256 = hex::encode(digest.finalize());
        Ok(Some(Listed { path: file.path.clone(), size, sha256, about: file.about.clone() }))
    }

    async fn give(&mut self, bytes: Bytes) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.sender.send(Ok(bytes)).await.map_err(|_| anyhow::anyhow!("the reader went away").into())
    }
}
