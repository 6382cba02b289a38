//! The hand that plays the demonstration: signs in as the people would and sends what their forms would send.

use std::collections::HashMap;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{HOUR, Time};

use super::store;
use crate::actor::Actor;
use crate::app::App;
use crate::auth::actions::begin_session;

/// One hand for everyone.
pub struct Hand {
    pub app: App,
    router: Router,
    /// Token, CSRF token and the moment they were made, by login.
    sessions: HashMap<String, (String, String, Time)>,
}

/// A file as a browser would send it.
pub struct File {
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

impl Hand {
    pub fn new(app: &App) -> Hand {
        Hand { app: app.clone(), router: crate::web::router(app, &crate::routes()), sessions: HashMap::new() }
    }

    /// Does something as someone; gives back what came of it.
    pub async fn act(&mut self, login: &str, path: &str, body: Value) -> Result<Value> {
        self.send(Some(login), Method::POST, path, "application/json", body.to_string().into_bytes()).await
    }

    /// The same, and the identifier of what was made.
    pub async fn make(&mut self, login: &str, path: &str, body: Value) -> Result<String> {
        let made = self.act(login, path, body).await?;
        let id = made["result"]["id"].as_str().with_context(|| format!("{path} made nothing: {made}"))?;
        Ok(id.to_owned())
    }

    /// Looks at a page as someone.
    pub async fn look(&mut self, login: &str, path: &str) -> Result<Value> {
        self.send(Some(login), Method::GET, path, "application/json", Vec::new()).await
    }

    /// A file of the store, whole.
    pub async fn stored(&self, sha256: &str) -> Result<Vec<u8>> {
        self.app.blobs.read(sha256, 64 << 20).await
    }

    /// Hands in a file with a few words about it; without a login, as a citizen does.
    pub async fn upload(
        &mut self,
        login: Option<&str>,
        path: &str,
        fields: &[(&str, &str)],
        file: &File,
    ) -> Result<Value> {
        const BOUNDARY: &str = "ungcuu-demonstration";
        let csrf = match login {
            Some(login) => self.session(login).await?.1,
            None => String::new(),
        };
        let mut body = Vec::new();
        for (field, value) in fields.iter().chain(&[("_csrf", csrf.as_str())]) {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        let (name, media_type) = (file.name, file.media_type);
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 Content-Type: {media_type}\r\n\r\n"
            )
            .bytes(),
        );
        body.extend_from_slice(&file.bytes);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        self.send(login, Method::POST, path, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
    }

    async fn send(
        &mut self,
        login: Option<&str>,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Value> {
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::CONTENT_TYPE, kind);
        if let Some(login) = login {
            let (token, csrf) = self.session(login).await?;
            request = request.header(header::COOKIE, format!("{}={token}", crate::auth::COOKIE)).header("x-csrf", csrf);
        }
        let request = request.body(Body::from(body)).context("a request of the demonstration")?;
        let response = self.router.clone().oneshot(request).await.context("the router always answers")?;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 8 << 20).await.context("an answer")?;
        if status != StatusCode::OK {
            let (words, who) = (String::from_utf8_lossy(&bytes).into_owned(), login.unwrap_or("a citizen"));
            return Err(anyhow::anyhow!("{who} could not {path}: {status} {words}").into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }

    async fn session(&mut self, login: &str) -> Result<(String, String)> {
        // Days go by in the story; nobody stays signed in for them.
        if let Some((token, csrf, since)) = self.sessions.get(login)
            && since.plus(HOUR) > self.app.now()
        {
            return Ok((token.clone(), csrf.clone()));
        }
        let mut work = self.app.work(Actor::system()).await?;
        let account = store::account(&mut work.tx, login).await?;
        let token = begin_session(&mut work, &account, "demonstration").await?;
        let csrf = store::csrf(&mut work.tx, &crate::auth::token_hash(&token)).await?;
        work.commit().await?;
        self.sessions.insert(login.to_owned(), (token.clone(), csrf.clone(), self.app.now()));
        Ok((token, csrf))
    }

    /// The sessions of the past are over when the present begins.
    pub async fn sign_out(&self) -> Result<()> {
        let mut work = self.app.work(Actor::system()).await?;
        store::delete_sessions(&mut work.tx).await?;
        work.commit().await
    }
}
