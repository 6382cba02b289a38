//! One question at a time to a server over HTTP/1.1, with TLS when its address says `https`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, header};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// How long connecting, sending and answering may take together. A full batch is stored well within a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 4 << 20;
/// How much of a refusal is repeated, in characters.
const SENTENCE: usize = 500;

/// Somewhere to send to.
pub struct Post {
    base: Url,
    authorization: HeaderValue,
    tls: Option<TlsConnector>,
    runtime: Runtime,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The server's own words for a refusal, or the beginning of whatever it said.
    pub fn sentence(&self) -> String {
        let told: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let detail = ["detail", "title"].iter().find_map(|name| told[name].as_str()).map(str::to_owned);
        let mut sentence = detail.unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned());
        for wrong in told["errors"].as_array().into_iter().flatten().take(5) {
            let words = wrong["detail"].as_str().unwrap_or_default();
            sentence.push_str(&format!("\n  {}: {words}", wrong["field"].as_str().unwrap_or_default()));
        }
        let plain: String = sentence.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect();
        ungcuu_kit::text::shorten(&plain, SENTENCE)
    }
}

impl Post {
    /// The server at this address (`https://ungcuu.example.vn`), with an API token.
    pub fn to(address: &str, token: String) -> Result<Post> {
        let base = Url::parse(address).context("địa chỉ máy chủ không đúng (no proper address)")?;
        let tls = match base.scheme() {
            "https" => Some(tls()?),
            "http" => None,
            other => bail!("địa chỉ phải bắt đầu bằng https:// hoặc http://, không phải {other} (a wrong address)"),
        };
        ensure!(base.has_host(), "địa chỉ không có tên máy chủ (the address names no server)");
        ensure!(base.username().is_empty() && base.password().is_none(), "địa chỉ có kèm mật khẩu (a password in it)");
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
            anyhow::anyhow!("khoá API có ký tự không gửi được (the API token has a character that cannot be sent)")
        })?;
        authorization.set_sensitive(true);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Post { base, authorization, tls, runtime })
    }

    /// Whether nobody on the way can read along: TLS, or a way within this machine.
    pub fn is_private(&self) -> bool {
        let here = match self.base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.tls.is_some() || here
    }

    /// Sends JSON to a path below the address and waits for the answer.
    pub fn send(&self, path: &str, body: &[u8]) -> Result<Answer> {
        let sent = async {
            let exchange = tokio::time::timeout(PATIENCE, self.exchange(path, body.to_vec())).await;
            exchange.context("máy chủ không trả lời kịp (no answer in time)")?
        };
        self.runtime.block_on(sent)
    }

    async fn exchange(&self, path: &str, body: Vec<u8>) -> Result<Answer> {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(443);
        let name = host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((name, port)).await.with_context(|| format!("{host}:{port}"))?;
        match &self.tls {
            Some(tls) => {
                let server = ServerName::try_from(name.to_owned()).context("tên máy chủ (the server's name)")?;
                let stream = tls.connect(server, stream).await.context("TLS")?;
                self.talk(stream, path, body).await
            }
            None => self.talk(stream, path, body).await,
        }
    }

    async fn talk<S>(&self, stream: S, path: &str, body: Vec<u8>) -> Result<Answer>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut ask, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let host = match self.base.port() {
            Some(port) => format!("{}:{port}", self.base.host_str().unwrap_or_default()),
            None => self.base.host_str().unwrap_or_default().to_owned(),
        };
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let request = Request::post(path)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Body::from(body))?;
        let (parts, body) = ask.send_request(request).await?.into_parts();
        let body = to_bytes(Body::new(body), LONGEST).await?;
        connection.abort();
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

    #[test]
    fn an_address_says_how_and_a_token_never_goes_into_words() {
        for wrong in ["ftp://a.example", "example", "http://lan:mat-khau@a.example"] {
            assert!(Post::to(wrong, "bi-mat".to_owned()).is_err(), "{wrong}");
        }
        let refused = Post::to("http://a.example", "bi\nmat".to_owned()).err().expect("refused");
        assert!(!format!("{refused:#}").contains("bi\nmat"));
        let private = |address: &str| Post::to(address, "x".to_owned()).expect("an address").is_private();
        assert!(private("http://127.0.0.1:8080") && private("http://[::1]:1") && private("http://localhost"));
        assert!(!private("http://a.example") && !private("http://10.0.0.2"));
    }
}
