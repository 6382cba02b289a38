//! Asks an authority. One question, one bounded answer, a few seconds.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::outside::Outside;

/// How long connecting, asking and answering may take together.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer; a time-stamp with its certificates has some kilobytes.
const LONGEST: usize = 64 << 10;

/// Sends the question and gives the answer's bytes.
pub async fn ask(url: &str, question: Vec<u8>) -> Result<Vec<u8>> {
    let headers =
        [(header::CONTENT_TYPE, "application/timestamp-query"), (header::ACCEPT, "application/timestamp-reply")];
    let headers: HeaderMap = headers.map(|(name, kind)| (name, HeaderValue::from_static(kind))).into_iter().collect();
    let authority = Outside::at(url, PATIENCE, LONGEST).map_err(Error::internal)?;
    let answer = authority.post("", headers, question).await.map_err(Error::internal)?;
    if !(200..300).contains(&answer.status) {
        return Err(anyhow::anyhow!("the authority answered {}", answer.status).into());
    }
    Ok(answer.body)
}
