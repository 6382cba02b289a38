//! The demonstration: alive when it is opened, told like a district's own records, and its documents in people's words.

use std::collections::BTreeSet;

use serde_json::Value;
use ungcuu_app::actor::Actor;
use ungcuu_app::auth::AccountId;
use ungcuu_app::auth::actions::begin_session;
use ungcuu_app::org::{PersonId, UnitId};
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};
use ungcuu_kit::{args, sql};

use crate::support::{Person, TestApp};

async fn filled() -> TestApp {
    let app = TestApp::new().await;
    let until = app.app.now().plus(ungcuu_app::demo::PAST);
    ungcuu_app::demo::fill(&app.app, until).await.expect("filled");
    assert_eq!(app.app.now(), until);
    app.assert_sound().await;
    app
}

/// Somebody of the demonstration, signed in.
async fn as_someone(app: &TestApp, login: &str) -> Person {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let account: Option<(AccountId, PersonId, UnitId)> = work
        .tx
        .one(
            sql!(
                "SELECT a.id, a.person_id, p.unit_id FROM accounts a JOIN people p ON p.id = a.person_id
                  WHERE a.login = $1"
            ),
            args![login],
        )
        .await
        .expect("asked");
    let (account, person_id, unit_id) = account.expect("an account of the demonstration");
    let token = begin_session(&mut work, &account, "test").await.expect("a session");
    work.commit().await.expect("committed");
    Person { name: login.to_owned(), token, csrf: String::new(), person_id, unit_id }
}

async fn json(app: &TestApp, who: &Person, path: &str) -> Value {
    app.get(Some(who), &format!("/api/v1{path}")).await.json()
}

/// The two incidents: the one that is over, the one that runs.
async fn incidents(app: &TestApp) -> (String, String) {
    let mut tx = app.app.db.read().await.expect("look");
    let rows: Vec<(String, String)> =
        tx.all(sql!("SELECT id, state FROM incidents ORDER BY opened_at LIMIT 9"), args![]).await.expect("asked");
    let states: Vec<&str> = rows.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, ["closed", "open"]);
    (rows[0].0.clone(), rows[1].0.clone())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[tokio::test]
async fn the_demonstration_is_in_the_middle_of_things_when_it_is_opened() {
    let app = filled().await;
    let now = app.app.now();
    let (closed, running) = incidents(&app).await;
    let mut tx = app.app.db.read().await.expect("look");

    let last: Option<(Time,)> = tx
        .one(sql!("SELECT recorded_at FROM timeline_events ORDER BY recorded_at DESC LIMIT 1"), args![])
        .await
        .expect("asked");
    let quiet = now.0 - last.expect("a timeline").0.0;
    assert!(quiet < 10 * MINUTE, "nothing happened for {} minutes", quiet / MINUTE);

    let received: Vec<(Time,)> = tx
        .all(sql!("SELECT received_at FROM alerts WHERE incident_id IS NULL ORDER BY received_at LIMIT 99"), args![])
        .await
        .expect("asked");
    assert!(received.len() >= 8, "{}", received.len());
    for (at,) in received {
        let age = now.0 - at.0;
        assert!((4 * MINUTE..10 * HOUR).contains(&age), "a report {} minutes old", age / MINUTE);
    }

    let dues: Vec<(Time, Time)> = tx
        .all(
            sql!(
                "SELECT created_at, due_at FROM incident_tasks
                  WHERE state = 'open' AND due_at IS NOT NULL ORDER BY due_at LIMIT 99"
            ),
            args![],
        )
        .await
        .expect("asked");
    let late = dues.iter().filter(|(_, due)| *due < now && now.0 - due.0 < 15 * MINUTE).count();
    let amber = dues.iter().filter(|(from, due)| *due > now && 4 * (due.0 - now.0) < due.0 - from.0).count();
    assert_eq!((late, amber), (1, 1), "{dues:?}");
    assert!(dues.len() >= 4);

    let board = as_someone(&app, "bcd").await;
    let running = json(&app, &board, &format!("/incidents/{running}")).await["incident"].clone();
    let age = now.0 - running["opened_at"].as_i64().expect("a moment");
    assert!((2 * HOUR..12 * HOUR).contains(&age), "opened {} minutes ago", age / MINUTE);
    assert!(running["commander_id"].is_string());
    let closed = json(&app, &board, &format!("/incidents/{closed}")).await["incident"].clone();
    let age = now.0 - closed["closed_at"].as_i64().expect("a moment");
    assert!((14 * DAY..28 * DAY).contains(&age), "closed {} days ago", age / DAY);
    assert_eq!(closed["round"].as_i64(), Some(2));
}

#[tokio::test]
async fn the_running_incident_stands_at_step_7_with_real_content() {
    let app = filled().await;
    let (closed, running) = incidents(&app).await;
    let board = as_someone(&app, "bcd").await;
    let step = async |id: &str, step: &str, section: &str| {
        let page = json(&app, &board, &format!("/incidents/{id}/steps/{step}")).await;
        let found = list(&page["sections"]).iter().find(|shown| shown["section"] == section).cloned();
        found.unwrap_or_else(|| panic!("{step} has {section}: {page}"))["content"].clone()
    };
    let alerts = step(&running, "b1", "intake").await;
    assert_eq!((list(&alerts).len(), alerts[0]["source"].as_str()), (1, Some("public_form")));
    let weighed = step(&running, "b3", "options").await;
    assert_eq!((list(&weighed["options"]).len(), list(&weighed["proposals"]).len()), (3, 2));
    let empty =
        list(&weighed["options"]).iter().filter(|option| option["advantages"] == "" || option["drawbacks"] == "");
    assert_eq!(empty.count(), 0);
    let statements = step(&running, "b4", "statement").await["statements"].clone();
    let mut states: Vec<_> = list(&statements).iter().filter_map(|version| version["state"].as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["approved", "returned"]);
    let requests = step(&running, "b6", "requests").await["requests"].clone();
    let states: BTreeSet<_> = list(&requests).iter().filter_map(|request| request["state"].as_str()).collect();
    assert!(states.contains("answered") && states.contains("sent"), "{states:?}");
    let decisions = step(&running, "b6", "decisions").await["decisions"].clone();
    let states: Vec<_> = list(&decisions).iter().filter_map(|decision| decision["state"].as_str()).collect();
    assert_eq!(states, ["open", "decided", "decided"]);
    let situations = step(&running, "b6", "situations").await;
    assert_eq!((list(&situations["published"]).len(), situations["draft"]["number"].as_i64()), (2, Some(3)));
    assert!(situations["rhythm"]["due_at"].is_number());
    let calls = step(&running, "b4", "summons").await;
    assert_eq!(list(&calls["call_next"]).len(), 2, "two have not answered the second call");
    let measures = step(&running, "b7", "measures:containment").await;
    assert!(list(&measures).iter().any(|measure| measure["remove_by"].is_number()));
    assert!(list(&step(&running, "b7", "tasks").await).len() >= 4);

    let mut tx = app.app.db.read().await.expect("look");
    let evidence: Vec<(String, Option<i64>)> = tx
        .all(sql!("SELECT kind, size FROM evidence WHERE incident_id = $1 ORDER BY number LIMIT 9"), args![&running])
        .await
        .expect("asked");
    let kinds: Vec<&str> = evidence.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["ransom_note", "mail", "malware_sample", "log", "device", "log", "log", "log"]);
    assert!(evidence[3].1.is_some_and(|size| size > 90_000));
    let of = sql!("SELECT kind, value FROM indicators WHERE incident_id = $1 ORDER BY kind, value LIMIT 50");
    let found: Vec<(String, String)> = tx.all(of, args![&running]).await.expect("asked");
    let kinds: BTreeSet<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["domain", "file", "ip", "mail", "sha256", "url"]), "{found:?}");
    let before: Vec<(String, String)> = tx.all(of, args![&closed]).await.expect("asked");
    assert!(found.iter().any(|sign| before.contains(sign)), "one sign was seen before");
}

#[tokio::test]
async fn everyone_finds_what_is_theirs_on_their_own_page() {
    let app = filled().await;
    let (_, running) = incidents(&app).await;
    let chairman = as_someone(&app, "chutich").await;
    app.get(Some(&chairman), &format!("/incidents/{running}")).await.is(200);
    let home = json(&app, &chairman, "/home").await;
    assert_eq!(home["incidents"][0]["id"], running.as_str(), "{home}");
    app.get(Some(&chairman), "/").await.is(200).shows("Chỉ huy").shows("Đang trễ").shows("Thiệt hại");

    // A week on, what was not answered, not told and not taken back is late, each with whoever must see to it.
    app.app.clock.advance(7 * DAY);
    let titles = async |login: &str, list: &str| {
        let someone = as_someone(&app, login).await;
        let home = json(&app, &someone, "/home").await;
        let late = home["late"].as_i64().unwrap_or_default();
        let titles: Vec<String> =
            self::list(&home[list]).iter().filter_map(|it| it["title"]["vi"].as_str().map(str::to_owned)).collect();
        assert!(late > 0, "{login}: {home}");
        titles.join("\n")
    };
    let sent = titles("bcd", "answers").await;
    assert!(sent.contains("Chỉ đạo Xã Ba Sao: "), "{sent}");
    let sent = titles("lan", "answers").await;
    assert!(sent.contains("Yêu cầu gửi "), "{sent}");
    let mine = titles("hoa", "waiting").await;
    assert!(mine.contains("Gỡ bỏ biện pháp tạm: ") && mine.contains("Báo "), "{mine}");
    assert!(titles("chutich", "waiting").await.is_empty());
}

#[tokio::test]
async fn no_identifier_of_the_program_reaches_a_dossier_or_an_incidents_page() {
    let app = filled().await;
    let officer = as_someone(&app, "lan").await;
    let (closed, running) = incidents(&app).await;
    let raw = identifiers(&app);
    for id in [&closed, &running] {
        let dossier = json(&app, &officer, &format!("/incidents/{id}/dossier")).await;
        let mut words = Vec::new();
        collect(&dossier["document"]["body"], "", &mut words);
        assert!(words.len() > 300, "{}", words.len());
        for line in words.iter().flat_map(|words| words.lines()) {
            let line = line.rsplit(": ").next().unwrap_or_default().trim();
            assert!(!raw.contains(line), "{id}: {line}");
        }
        let document = &dossier["document"];
        assert_eq!(document["signature"]["capacity"][0], "THỦ TRƯỞNG ĐƠN VỊ");
        assert!(list(&document["recipients"]).len() > 2, "{}", document["recipients"]);
        let words = words.join("\n");
        assert!(words.contains("Được triệu tập") && words.contains("Người phát ngôn"), "{words}");
        for page in ["", "/parts"] {
            let page = app.get(Some(&officer), &format!("/incidents/{id}{page}")).await;
            page.is(200).shows("được triệu tập").shows("người phát ngôn").hides("summoned").hides("spokesperson");
        }
    }
    let head = json(&app, &officer, &format!("/incidents/{running}/dossier")).await["document"]["head"].clone();
    assert_eq!(head["body"], "UỶ BAN NHÂN DÂN\nXÃ BA SAO");
    assert_eq!((head["place"].as_str(), head["parent"].as_str()), (Some("Ba Sao"), None));
}

/// Ids of the pack and of the code that have words for people.
fn identifiers(app: &TestApp) -> BTreeSet<String> {
    let pack = &app.app.pack;
    let mut ids: BTreeSet<String> = ["summoned", "spokesperson", "directed", "related"].map(str::to_owned).into();
    ids.extend(["open", "done", "waiting", "sent", "answered", "approved", "returned", "planned"].map(str::to_owned));
    ids.extend(pack.functions.iter().filter(|one| one.name.get(Lang::Vi) != one.id).map(|one| one.id.clone()));
    ids.extend(pack.scenarios.iter().map(|one| one.id.clone()));
    ids.extend(pack.procedure.steps.iter().map(|one| one.id.clone()));
    ids.extend(pack.classes.conditions.iter().map(|one| one.id.clone()));
    let lists = [&pack.lists.evidence_kinds, &pack.lists.disclosure_kinds, &pack.lists.disclosure_channels];
    ids.extend(lists.into_iter().flatten().chain(&pack.lists.request_kinds).map(|one| one.id.clone()));
    ids
}

/// Every string of a value, but for the names that say what a block is.
fn collect(value: &Value, name: &str, words: &mut Vec<String>) {
    match value {
        Value::String(text) if !matches!(name, "kind" | "align" | "marker") => words.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, "", words)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(value, name, words)),
        _ => {}
    }
}
