//! One question at a time to a server outside, over HTTP/1.1, with TLS where its address says `https`.
//!
//! Bounded in time and in the length of the answer. Follows no redirection, keeps no connection and no cookie: whoever asks
//! knows whom.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// A server to be asked.
pub struct Outside {
    base: Url,
    tls: Option<TlsConnector>,
    patience: Duration,
    longest: usize,
}

/// What it answered.
pub struct Answer {
    pub status: u16,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

impl Outside {
    /// The server at this address. `patience`: how long connecting, asking and answering may take together; `longest`: the
    /// longest answer that is read, in bytes.
    ///
    /// # Errors
    /// When the address is not one of `https` or `http`, names no server or holds a password; when this machine trusts
    /// nobody whom TLS could ask.
    pub fn at(address: &str, patience: Duration, longest: usize) -> Result<Outside> {
        let base = Url::parse(address).context("địa chỉ máy chủ không đúng (no proper address)")?;
        let tls = match base.scheme() {
            "https" => Some(tls()?),
            "http" => None,
            other => bail!("địa chỉ phải bắt đầu bằng https:// hoặc http://, không phải {other} (a wrong address)"),
        };
        ensure!(base.has_host(), "địa chỉ không có tên máy chủ (the address names no server)");
        ensure!(base.username().is_empty() && base.password().is_none(), "địa chỉ có kèm mật khẩu (a password in it)");
        Ok(Outside { base, tls, patience, longest })
    }

    /// Whether nobody on the way can read along: TLS, or a way within this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let here = match self.base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.tls.is_some() || here
    }

    /// Sends a body to a path below the address (none: the address itself) and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// When the server cannot be reached, does not answer in time, or says more than is read.
    pub async fn post(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> Result<Answer> {
        let exchange = tokio::time::timeout(self.patience, self.exchange(path, headers, body)).await;
        exchange.context("máy chủ không trả lời kịp (no answer in time)")?
    }

    async fn exchange(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> Result<Answer> {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(443);
        let name = host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((name, port)).await.with_context(|| format!("{host}:{port}"))?;
        match &self.tls {
            Some(tls) => {
                let server = ServerName::try_from(name.to_owned()).context("tên máy chủ (the server's name)")?;
                let stream = tls.connect(server, stream).await.context("TLS")?;
                self.talk(stream, path, headers, body).await
            }
            None => self.talk(stream, path, headers, body).await,
        }
    }

    async fn talk<S>(&self, stream: S, path: &str, headers: HeaderMap, body: Vec<u8>) -> Result<Answer>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut ask, connection) = handshake(TokioIo::new(stream)).await?;
        let host = match self.base.port() {
            Some(port) => format!("{}:{port}", self.base.host_str().unwrap_or_default()),
            None => self.base.host_str().unwrap_or_default().to_owned(),
        };
        let query = self.base.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = match path {
            "" => format!("{}{query}", self.base.path()),
            below => format!("{}{below}", self.base.path().trim_end_matches('/')),
        };
        let mut request = Request::post(path).header(header::HOST, host).body(Body::from(body))?;
        request.headers_mut().extend(headers);
        let answer = async {
            let (parts, body) = ask.send_request(request).await?.into_parts();
            anyhow::Ok((parts, to_bytes(Body::new(body), self.longest).await?))
        };
        // The connection works as long as the answer is waited for, and may end before the answer has been read.
        let (mut connection, mut answer) = (std::pin::pin!(connection), std::pin::pin!(answer));
        let (parts, body) = tokio::select! {
            answer = &mut answer => answer?,
            ended = &mut connection => {
                ended?;
                answer.await?
            }
        };
        let seconds = parts.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        Ok(Answer { status: parts.status.as_u16(), retry_after, body: body.to_vec() })
    }
}

/// TLS that trusts whom this machine trusts.
fn tls() -> Result<TlsConnector> {
    let mut trusted = RootCertStore::empty();
    let (added, _) = trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(added > 0, "máy này không có chứng chỉ gốc nào để tin (this machine has no root certificates)");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Result<Outside> {
        Outside::at(address, Duration::from_secs(5), 100)
    }

    #[test]
    fn an_address_says_how_and_whether_anybody_reads_along() {
        for wrong in ["ftp://a.example", "example", "http://lan:mat-khau@a.example"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        let private = |address: &str| at(address).expect("an address").is_private();
        assert!(private("http://127.0.0.1:8080") && private("http://[::1]:1") && private("http://localhost"));
        assert!(!private("http://a.example") && !private("http://10.0.0.2"));
    }

    #[tokio::test]
    async fn a_question_is_answered_and_an_endless_answer_is_not_read() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/tsa/?a=b", listener.local_addr().unwrap());
        let server = async {
            let mut asked = Vec::new();
            for answer in ["Retry-After: 7\r\nContent-Length: 2\r\n\r\nok", "Content-Length: 1000\r\n\r\n"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut question = vec![0; 4096];
                let read = stream.read(&mut question).await.unwrap();
                asked.push(String::from_utf8_lossy(&question[..read]).into_owned());
                let answer = format!("HTTP/1.1 429 Busy\r\n{answer}{}", "x".repeat(asked.len() * 500 - 500));
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        };
        let outside = at(&address).expect("an address");
        let client = async {
            let answer = outside.post("", HeaderMap::new(), b"why".to_vec()).await.expect("an answer");
            (answer, outside.post("/below", HeaderMap::new(), Vec::new()).await)
        };
        let (asked, (answer, endless)) = tokio::join!(server, client);
        assert_eq!((answer.status, answer.body.as_slice()), (429, b"ok".as_slice()));
        assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
        assert!(endless.is_err());
        assert!(asked[0].starts_with("POST /tsa/?a=b HTTP/1.1\r\n") && asked[0].ends_with("\r\n\r\nwhy"), "{asked:?}");
        assert!(asked[1].starts_with("POST /tsa/below HTTP/1.1\r\n"), "{asked:?}");
    }
}
