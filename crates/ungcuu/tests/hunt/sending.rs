//! Findings sent into a server that really serves.

use std::path::Path;
use std::process::{Command, Output};

use ungcuu_app::app::Place;
use ungcuu_kit::{args, sql};

use crate::common::serve;
use crate::sender::prepare;

fn hunt(logs: &Path, address: &str, token: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.arg("hunt").arg(logs).args(["--format", "jsonl", "--to", address, "--token"]).arg(token);
    command.output().expect("the command runs")
}

/// Every alert there is: its external id, count and title.
async fn alerts(folder: &Path) -> Vec<(String, i64, String)> {
    let (db, _) = Place::Folder(folder.to_owned()).open().await.expect("opens");
    let mut tx = db.read().await.expect("look");
    let found = tx
        .all(sql!("SELECT external_id, count, title FROM alerts ORDER BY external_id, id LIMIT 10000"), args![])
        .await
        .expect("read");
    drop(tx);
    db.close().await;
    found
}

#[test]
fn a_second_hunt_is_counted_into_the_alerts_of_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let data = folder.path().join("data");
    let token = runtime.block_on(prepare(Place::Folder(data.clone())));
    let key = folder.path().join("khoa");
    std::fs::write(&key, format!("{token}\n")).expect("written");
    // The events with which our own rules are tested; the lines of web servers among them.
    let events = include_str!("../../../detect/tests/own/events.tsv");
    let lines = events.lines().filter_map(|line| line.split_once('\t')).map(|(_, line)| line);
    let access: Vec<&str> = lines.filter(|line| line.contains(" HTTP/1.1\" ")).collect();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("a folder");
    std::fs::write(logs.join("access.log"), access.join("\n") + "\n").expect("written");

    let (mut server, address) = serve(&data, &[]);
    let address = format!("http://{address}");
    let first = hunt(&logs, &address, &key);
    assert_eq!(first.status.code(), Some(1), "{}", String::from_utf8_lossy(&first.stderr));
    let findings = i64::try_from(first.stdout.split(|byte| *byte == b'\n').count() - 1).expect("few");
    assert_eq!(findings, 4, "the events that are labelled with a rule");
    let once = runtime.block_on(alerts(&data));
    assert_eq!(once.iter().map(|(_, count, _)| count).sum::<i64>(), findings);
    assert!(once.iter().all(|(id, ..)| id.starts_with("hunt-")));
    let second = hunt(&logs, &address, &key);
    assert_eq!(second.status.code(), Some(1));
    let twice = runtime.block_on(alerts(&data));
    let doubled: Vec<_> = once.iter().map(|(id, count, title)| (id.clone(), count * 2, title.clone())).collect();
    assert_eq!(twice, doubled, "the same alerts, each counted again");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("0 tin mới") && !said.contains(&token), "{said}");

    std::fs::write(&key, "ungcuu_sai").expect("written");
    let refused = hunt(&logs, &address, &key);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("máy chủ không nhận") && !said.contains("ungcuu_sai"), "{said}");
    server.kill().expect("killed");
    server.wait().expect("gone");
}
