//! One HTTP connection, kept open; just enough to ask and to read the whole answer.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Line {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Line {
    pub async fn to(address: SocketAddr) -> Result<Line> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream: BufReader::with_capacity(64 << 10, stream), body: Vec::new() })
    }

    /// Asks for a page with a session's cookie and reads it to its end.
    pub async fn get(&mut self, path: &str, session: &str) -> Result<u16> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\
             Cookie: ungcuu_session={session}\r\n\r\n"
        );
        self.ask(request.as_bytes()).await
    }

    /// Sends JSON with an API token.
    pub async fn post(&mut self, path: &str, token: &str, body: &str) -> Result<u16> {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.ask(request.as_bytes()).await
    }

    /// How long the last answer was on the line, in bytes.
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// The body of the last answer.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.get_mut().write_all(request).await?;
        let mut status = None;
        let mut length = None;
        let mut chunked = false;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                bail!("the server hung up");
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(':') {
                None => status = line.split(' ').nth(1).and_then(|word| word.parse().ok()),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse::<usize>()?);
                }
                Some((name, value)) if name.eq_ignore_ascii_case("transfer-encoding") => {
                    chunked = value.trim().eq_ignore_ascii_case("chunked");
                }
                Some(_) => {}
            }
        }
        self.body.clear();
        if chunked {
            self.read_chunks().await?;
        } else if let Some(length) = length {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body).await?;
        }
        status.context("an answer begins with its status")
    }

    async fn read_chunks(&mut self) -> Result<()> {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim(), 16).context("the size of a chunk")?;
            let begin = self.body.len();
            self.body.resize(begin + size + 2, 0);
            self.stream.read_exact(&mut self.body[begin..]).await?;
            self.body.truncate(begin + size);
            if size == 0 {
                return Ok(());
            }
        }
    }
}
