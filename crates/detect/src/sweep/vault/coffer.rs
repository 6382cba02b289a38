//! Bytes under lock and key: XChaCha20-Poly1305, piece by piece, so that a file of any size takes little memory and not one bit of it, nor
//! its end, can be changed unnoticed.
//!
//! A file: a mark, 16 random bytes, then pieces: their length (4 bytes, little endian) and what is encrypted. The nonce of a piece is the
//! random bytes, its number, and whether it is the last.

use std::io::{self, Read, Write};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ring::rand::{SecureRandom, SystemRandom};

const MAGIC: &[u8; 8] = b"ungcuuV1";

/// Bytes in a piece, before they are encrypted.
pub const PIECE: usize = 64 << 10;

/// The largest piece that is read, encrypted.
const LARGEST: usize = 1 << 20;

/// The vault's key.
pub struct Key(pub [u8; 32]);

fn nonce(random: &[u8; 16], number: u64, last: bool) -> XNonce {
    let mut bytes = [0; 24];
    bytes[..16].copy_from_slice(random);
    bytes[16..].copy_from_slice(&(number << 1 | u64::from(last)).to_be_bytes());
    XNonce::from(bytes)
}

/// Encrypts what is written to it.
pub struct Closing<'c, W: Write> {
    cipher: XChaCha20Poly1305,
    name: &'c str,
    random: [u8; 16],
    number: u64,
    waiting: Vec<u8>,
    out: W,
}

impl<'c, W: Write> Closing<'c, W> {
    /// `name`: what it is; it can only be opened as that.
    pub fn begin(key: &Key, name: &'c str, mut out: W) -> io::Result<Closing<'c, W>> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other("no randomness"))?;
        out.write_all(MAGIC)?;
        out.write_all(&random)?;
        let cipher = XChaCha20Poly1305::new(&key.0.into());
        Ok(Closing { cipher, name, random, number: 0, waiting: Vec::new(), out })
    }

    /// Writes a piece by itself.
    pub fn whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.flush_piece()?;
        self.put(bytes, false)
    }

    fn put(&mut self, bytes: &[u8], last: bool) -> io::Result<()> {
        let payload = Payload { msg: bytes, aad: self.name.as_bytes() };
        let nonce = nonce(&self.random, self.number, last);
        let closed = self.cipher.encrypt(&nonce, payload).map_err(|_| io::Error::other("cannot be encrypted"))?;
        if closed.len() > LARGEST {
            return Err(io::Error::other("too large a piece"));
        }
        self.number += 1;
        self.out.write_all(&u32::try_from(closed.len()).map_err(io::Error::other)?.to_le_bytes())?;
        self.out.write_all(&closed)
    }

    fn flush_piece(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.waiting);
        self.put(&piece, false)
    }

    /// Ends it: without this end it does not open.
    pub fn finish(mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.waiting);
        self.put(&piece, true)?;
        self.out.flush()
    }
}

impl<W: Write> Write for Closing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE - self.waiting.len();
        let taken = room.min(bytes.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        if self.waiting.len() == PIECE {
            self.flush_piece()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decrypts piece by piece.
pub struct Opening<'o, R: Read> {
    cipher: XChaCha20Poly1305,
    name: &'o str,
    random: [u8; 16],
    number: u64,
    ended: bool,
    source: R,
}

impl<'o, R: Read> Opening<'o, R> {
    pub fn begin(key: &Key, name: &'o str, mut source: R) -> io::Result<Opening<'o, R>> {
        let mut head = [0; 24];
        source.read_exact(&mut head)?;
        if !head.starts_with(MAGIC) {
            return Err(io::Error::other("not of a vault"));
        }
        let mut random = [0; 16];
        random.copy_from_slice(&head[8..]);
        let cipher = XChaCha20Poly1305::new(&key.0.into());
        Ok(Opening { cipher, name, random, number: 0, ended: false, source })
    }

    /// The next piece; `None` at the end, which must be there.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.source.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LARGEST {
            return Err(io::Error::other("too large a piece"));
        }
        let mut closed = vec![0; length];
        self.source.read_exact(&mut closed)?;
        let payload = || Payload { msg: &closed, aad: self.name.as_bytes() };
        let open = |last| self.cipher.decrypt(&nonce(&self.random, self.number, last), payload());
        let (piece, last) = match open(false) {
            Ok(piece) => (piece, false),
            Err(_) => (open(true).map_err(|_| io::Error::other("was altered"))?, true),
        };
        self.number += 1;
        self.ended = last;
        if last && self.source.read(&mut [0])? > 0 {
            return Err(io::Error::other("something follows its end"));
        }
        Ok(Some(piece))
    }
}
