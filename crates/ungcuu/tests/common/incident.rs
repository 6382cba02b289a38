//! An installation with an open incident, for tests of the running program, and how such a test asks it.

use std::io::{Read, Write};
use std::net::TcpStream;

use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::incident::actions::{NewIncident, open};
use ungcuu_app::org::unit_by_code;
use ungcuu_app::pack::Pack;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::time::Clock;

use crate::common::add_token;

/// The product over a place, an API token of somebody with this role in this unit, and an incident of the commune Ba Sao.
pub async fn open_incident(place: Place, settings: Settings, role: &str, unit: &str) -> (App, String, String) {
    let (db, blobs) = place.open().await.expect("opens");
    let pack = Pack::embedded("cao-lanh-2021-2025").expect("listed").expect("sound");
    let scenario = pack.scenarios[0].id.clone();
    let app = App::new(db, blobs, pack, Clock::System, Chance::System, settings);
    ungcuu_app::install::begin_units(&app).await.expect("units");
    ungcuu_app::install::add_account(&app, "lan", "Lê Thị Lan", unit, &[role.to_owned()]).await.expect("an account");
    let mut work = app.work(Actor::system()).await.expect("work");
    let token = add_token(&app, &mut work, "lan").await;
    let unit_id = unit_by_code(&mut work.tx, "xa-ba-sao").await.expect("asked").expect("a unit");
    let owner_unit_id = unit_by_code(&mut work.tx, "ubnd-huyen").await.expect("asked").expect("a unit");
    let new = NewIncident {
        title: "Mã hoá dữ liệu tại bộ phận một cửa".to_owned(),
        scenario,
        severity: 3,
        tlp: "amber".to_owned(),
        system_id: None,
        unit_id,
        owner_unit_id,
        summary: "Tệp bị mã hoá".to_owned(),
        happened_at: None,
        detected_at: work.now,
    };
    let incident = open(&mut work, new).await.expect("an incident").id;
    work.commit().await.expect("committed");
    (app, token, incident.to_string())
}

/// Asks the server for a page, or posts JSON to it: status and body; none when it was cut off. An answer to HTTP/1.0 comes
/// in one piece and ends with the line.
pub fn ask(address: &str, token: &str, path: &str, body: Option<&str>) -> Option<(u16, Vec<u8>)> {
    let mut line = TcpStream::connect(address).ok()?;
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    write!(
        line,
        "{method} {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|words| words == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_off(end)))
}
