//! Where findings are posted: one server, with an API token.

use std::time::Duration;

use anyhow::Result;
use axum::http::{HeaderMap, HeaderValue, header};
use tokio::runtime::Runtime;
use ungcuu_kit::outside::{Answer, Outside};

/// How long connecting, sending and answering may take together. A full batch is stored well within a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 4 << 20;
/// How much of a refusal is repeated, in characters.
const SENTENCE: usize = 500;

/// Somewhere to send to.
pub struct Post {
    server: Outside,
    headers: HeaderMap,
    runtime: Runtime,
}

/// The server's own words for a refusal, or the beginning of whatever it said.
pub fn sentence(answer: &Answer) -> String {
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = ["detail", "title"].iter().find_map(|name| told[name].as_str()).map(str::to_owned);
    let mut sentence = detail.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned());
    for wrong in told["errors"].as_array().into_iter().flatten().take(5) {
        let words = wrong["detail"].as_str().unwrap_or_default();
        sentence.push_str(&format!("\n  {}: {words}", wrong["field"].as_str().unwrap_or_default()));
    }
    let plain: String = sentence.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect();
    ungcuu_kit::text::shorten(&plain, SENTENCE)
}

impl Post {
    /// The server at this address (`https://ungcuu.example.vn`), with an API token.
    pub fn to(address: &str, token: &str) -> Result<Post> {
        let server = Outside::at(address, PATIENCE, LONGEST)?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
            anyhow::anyhow!("khoá API có ký tự không gửi được (the API token has a character that cannot be sent)")
        })?;
        authorization.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let headers = [(header::AUTHORIZATION, authorization), (header::CONTENT_TYPE, json.clone())];
        let headers = headers.into_iter().chain([(header::ACCEPT, json)]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Post { server, headers, runtime })
    }

    /// Whether nobody on the way can read along.
    pub fn is_private(&self) -> bool {
        self.server.is_private()
    }

    /// Sends JSON to a path below the address and waits for the answer.
    pub fn send(&self, path: &str, body: &[u8]) -> Result<Answer> {
        self.runtime.block_on(self.server.post(path, self.headers.clone(), body.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_goes_into_words() {
        let refused = Post::to("http://a.example", "bi\nmat").err().expect("refused");
        assert!(!format!("{refused:#}").contains("bi\nmat"));
    }
}
