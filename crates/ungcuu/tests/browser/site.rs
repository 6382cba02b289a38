//! The product as it ships, started with its demonstration on a free port and an empty place.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use ungcuu_kit::db::Db;

/// The password of everyone in the demonstration.
pub const PASSWORD: &str = "ungcuu-2022";

/// How long anything may take before a test gives up. Generous, since two databases and several browsers share the machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
const STARTING: Duration = Duration::from_secs(120);

/// A running product; it ends with this value.
pub struct Site {
    /// Such as `http://127.0.0.1:40123`.
    pub address: String,
    /// For files that a test makes or receives.
    pub folder: TempDir,
    _process: Child,
}

impl Site {
    /// The demonstration on SQLite, or on a new database of the server that `UNGCUU_TEST_POSTGRES` names.
    pub async fn start() -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
        if std::env::var("UNGCUU_TEST_DB").as_deref() == Ok("postgres") {
            command.arg("--database").arg(new_postgres().await);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the product starts");
        let lines = read_lines(process.stderr.take().expect("piped"));
        let line = first_line_with(lines, "http://", "the product").await;
        let address = line[line.find("http://").expect("just found")..].trim().to_owned();
        Site { address, folder, _process: process }
    }

    /// Asks for a file as the browser would for someone signed in.
    pub async fn download(&self, path: &str, session: &str) -> Vec<u8> {
        let answer = self.ask(path, session).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        to_bytes(answer.into_body(), 64 << 20).await.expect("a whole file").to_vec()
    }

    /// Whether there is such an address for this person; what one may not see does not exist.
    pub async fn has(&self, path: &str, session: &str) -> bool {
        match self.ask(path, session).await.status() {
            StatusCode::OK => true,
            // The second: nothing of the kind, whatever the address.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => false,
            other => panic!("{path} answers {other}"),
        }
    }

    async fn ask(&self, path: &str, session: &str) -> Response {
        let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
        let request = Request::get(format!("{}{path}", self.address))
            .header(header::COOKIE, session)
            .body(Body::empty())
            .expect("a request");
        client.request(request).await.expect("an answer").map(Body::new)
    }

    /// Puts a file where it can be picked for upload.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.display().to_string()
    }
}

/// A fresh database on the test server.
async fn new_postgres() -> String {
    let server = std::env::var("UNGCUU_TEST_POSTGRES").expect("UNGCUU_TEST_POSTGRES names the server");
    let server = server.trim_end_matches('/');
    let name = format!("t_{}", &ungcuu_kit::chance::secret()[..16]);
    let admin = Db::open_postgres(&format!("{server}/postgres")).await.expect("the server");
    admin.create_database(&name).await.expect("a database");
    admin.close().await;
    format!("{server}/{name}")
}

/// What a process writes, line by line, read to its end so that the process never waits for a reader.
pub fn read_lines(output: impl AsyncRead + Send + Unpin + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    #[expect(clippy::disallowed_methods, reason = "reads beside the test, for as long as the process writes")]
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            // Shown by the test runner when the test fails.
            eprintln!("{line}");
            let _ = sender.send(line);
        }
    });
    receiver
}

/// Waits for the line that says a process is ready.
pub async fn first_line_with(mut lines: mpsc::UnboundedReceiver<String>, words: &str, who: &str) -> String {
    let reading = async {
        while let Some(line) = lines.recv().await {
            if line.contains(words) {
                return line;
            }
        }
        panic!("{who} ended before it was ready");
    };
    tokio::time::timeout(STARTING, reading).await.unwrap_or_else(|_| panic!("{who} is not ready after {STARTING:?}"))
}

/// Where this build puts its files: `target`.
pub fn target_folder() -> &'static Path {
    let binary = Path::new(env!("CARGO_BIN_EXE_ungcuu"));
    binary.parent().and_then(Path::parent).expect("target/debug/ungcuu")
}
