//! Starts Chromium through its driver.

use std::process::Stdio;

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::site::{first_line_with, read_lines};

/// How a window differs from the usual one.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// No script runs in pages.
    pub plain: bool,
}

/// A running browser and what it leans on.
pub struct Browser {
    pub client: Client,
    pub driver: Child,
    pub profile: TempDir,
}

impl Browser {
    pub async fn start(manner: Manner) -> Browser {
        let mut driver = match Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
        {
            Ok(driver) => driver,
            Err(cause) => panic!("chromedriver cannot be started ({cause}); `cargo xtask check` installs it"),
        };
        let lines = read_lines(driver.stdout.take().expect("piped"));
        let line = first_line_with(lines, "successfully on port", "chromedriver").await;
        let port = line.rsplit(' ').next().expect("a word").trim_end_matches('.');
        let profile = tempfile::tempdir().expect("a profile");
        let mut preferences = json!({ "intl.accept_languages": "vi,en" });
        if manner.plain {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--lang=vi", "--window-size=1440,900", format!("--user-data-dir={}", profile.path().display()),
                ],
                "prefs": preferences,
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let capabilities = capabilities.as_object().expect("an object").clone();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}/"))
            .await
            .expect("a browser session");
        Browser { client, driver, profile }
    }
}

/// A command that only Chromium's driver knows.
#[derive(Debug)]
pub struct Vendor {
    pub path: &'static str,
    pub body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
