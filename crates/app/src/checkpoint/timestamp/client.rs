//! Asks an authority over HTTP/1.1. One question, one bounded answer, a few seconds.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use ungcuu_kit::error::{Error, Result};

/// How long connecting, asking and answering may take together.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer; a time-stamp with its certificates has some kilobytes.
const LONGEST: usize = 64 << 10;

/// Sends the question and gives the answer's bytes.
pub async fn ask(url: &str, question: Vec<u8>) -> Result<Vec<u8>> {
    timeout(PATIENCE, exchange(url, question))
        .await
        .map_err(|_| Error::internal(anyhow::anyhow!("no answer in time")))?
}

async fn exchange(url: &str, question: Vec<u8>) -> Result<Vec<u8>> {
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(url)
        .header(header::CONTENT_TYPE, "application/timestamp-query")
        .header(header::ACCEPT, "application/timestamp-reply")
        .body(Body::from(question))
        .map_err(Error::internal)?;
    let response = client.request(request).await.map_err(Error::internal)?;
    if !response.status().is_success() {
        return Err(anyhow::anyhow!("the authority answered {}", response.status()).into());
    }
    let body = to_bytes(Body::new(response.into_body()), LONGEST).await.map_err(Error::internal)?;
    Ok(body.to_vec())
}
