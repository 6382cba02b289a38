//! kill -9 in the middle of a write loop, again and again: what was acknowledged is there, and everything is sound.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/incident.rs"]
mod incident;
mod issue;
mod post;
#[path = "../common/sender.rs"]
mod sender;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use ungcuu_app::app::Place;
use ungcuu_kit::db::Db;
use ungcuu_kit::{args, sql};

use common::serve;
use sender::prepare;

const TIMES: usize = 50;
const WRITERS: usize = 4;
/// How long the first writes may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn what_was_acknowledged_survives_fifty_kills() {
    let (folder, runtime, database) = stage();
    let token = runtime.block_on(prepare(place(folder.path(), database.as_deref())));
    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    for time in 0..TIMES {
        let (mut server, address) = start(folder.path(), database.as_deref());
        let stop = AtomicBool::new(false);
        let (sender, written) = mpsc::channel();
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (stop, address, token, sender) = (&stop, &address, &token, sender.clone());
                scope.spawn(move || write_until_cut_off(address, token, &format!("{time}-{writer}"), stop, &sender));
            }
            // Some writes are through, however slow the machine; then the moment of the kill wanders, so that it meets every
            // phase of the next ones.
            for _ in 0..=time % 5 {
                acknowledged.insert(written.recv_timeout(PATIENCE).expect("the server takes writes in"));
            }
            std::thread::sleep(Duration::from_millis((time as u64 * 7) % 40));
            server.kill().expect("killed");
            stop.store(true, Ordering::SeqCst);
            server.wait().expect("gone");
        });
        acknowledged.extend(written.try_iter());
    }
    assert!(acknowledged.len() > TIMES, "too few writes to say anything: {}", acknowledged.len());
    runtime.block_on(async {
        let (db, blobs) = place(folder.path(), database.as_deref()).open().await.expect("opens again");
        let mut tx = db.read().await.expect("look");
        let stored: Vec<(String,)> = tx
            .all(sql!("SELECT external_id FROM alerts WHERE external_id <> '' ORDER BY id LIMIT 1000000"), args![])
            .await
            .expect("read");
        let stored: BTreeSet<String> = stored.into_iter().map(|(id,)| id).collect();
        let missing: Vec<&String> = acknowledged.difference(&stored).collect();
        assert!(
            missing.is_empty(),
            "{} of {} acknowledged writes are gone: {missing:?}",
            missing.len(),
            acknowledged.len()
        );
        drop(tx);
        let verdict =
            ungcuu_app::journal::verify(&db, &blobs, &ungcuu_app::journalled_tables()).await.expect("verified");
        assert!(verdict.sound(), "{:#?}", verdict.findings);
    });
}

/// A folder, a runtime, and a database of its own where the tests run on a server.
fn stage() -> (tempfile::TempDir, tokio::runtime::Runtime, Option<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = match std::env::var("UNGCUU_TEST_DB").as_deref() {
        Ok("postgres") => Some(runtime.block_on(new_postgres())),
        _ => None,
    };
    (folder, runtime, database)
}

fn place(folder: &Path, database: Option<&str>) -> Place {
    match database {
        Some(url) => Place::Postgres { url: url.to_owned(), files: folder.join("files") },
        None => Place::Folder(folder.to_owned()),
    }
}

/// The running server and where it answers.
fn start(folder: &Path, database: Option<&str>) -> (Child, String) {
    start_with(folder, database, None)
}

/// The same with a configuration file.
fn start_with(folder: &Path, database: Option<&str>, config: Option<&Path>) -> (Child, String) {
    let mut more = Vec::new();
    if let Some(database) = database {
        more.extend([OsStr::new("--database"), OsStr::new(database)]);
    }
    if let Some(config) = config {
        more.extend([OsStr::new("--config"), config.as_os_str()]);
    }
    serve(folder, &more)
}

/// Sends alert after alert on one connection until it breaks; tells of those that were answered with 200.
fn write_until_cut_off(address: &str, token: &str, name: &str, stop: &AtomicBool, written: &mpsc::Sender<String>) {
    let Ok(mut connection) = TcpStream::connect(address) else { return };
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let id = format!("{name}-{number}");
        let body = format!(r#"{{"title":"Máy {id} bị khoá","severity":2,"source":"{SOURCE}","external_id":"{id}"}}"#);
        let request = format!(
            "POST /api/v1/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if connection.write_all(request.as_bytes()).is_err() {
            break;
        }
        match read_status(&mut connection) {
            Some(200) => written.send(id).expect("somebody counts"),
            Some(other) => panic!("answered {other}"),
            None => break,
        }
    }
}

const SOURCE: &str = "sensor";

/// The status of an answer that arrived whole.
fn read_status(connection: &mut TcpStream) -> Option<u16> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if connection.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length: usize = head.split("content-length:").nth(1)?.lines().next()?.trim().parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    head.split(' ').nth(1)?.parse().ok()
}

async fn new_postgres() -> String {
    let server = std::env::var("UNGCUU_TEST_POSTGRES").expect("UNGCUU_TEST_POSTGRES names the server");
    let name = format!("crash_{}", &ungcuu_kit::chance::secret()[..16]);
    let admin = Db::open_postgres(&format!("{server}/postgres")).await.expect("the server");
    admin.create_database(&name).await.expect("a database");
    admin.close().await;
    format!("{server}/{name}")
}
