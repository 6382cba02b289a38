//! Years of records, written through the product: numbers, journal chains and fingerprints are real, `verify` finds
//! nothing to say. Made once and kept; a later run measures the same records again.

use std::time::Instant;

use anyhow::{Context, Result};
use ungcuu_app::actor::Actor;
use ungcuu_app::alert::{NewAlert, receive};
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::auth::actions::{NewAccount, begin_session, create};
use ungcuu_app::auth::token_hash;
use ungcuu_app::incident::PartId;
use ungcuu_app::incident::actions::{NewIncident, open, record};
use ungcuu_app::journal::incident_stream;
use ungcuu_app::org::actions::{UnitFacts, create_unit};
use ungcuu_app::org::{NewPerson, UnitId, enter_person, unit_by_code};
use ungcuu_app::pack::Pack;
use ungcuu_app::work::Work;
use ungcuu_kit::chance::{self, Chance};
use ungcuu_kit::db::{Db, Select};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{Clock, DAY, MINUTE, Time};
use ungcuu_kit::{args, sql};

use super::folder;

const UNITS: usize = 300;
const ALERTS: f64 = 1_000_000.0;
const INCIDENTS: f64 = 20_000.0;
/// Tasks of an incident, and indicators.
const PARTS: i64 = 10;
/// How many alerts are received at once.
const BATCH: usize = 1000;
/// How many incidents are opened in one unit of work.
const TOGETHER: usize = 50;
/// Of a hundred alerts so many are still open: those of the latest days.
const PERIOD: i64 = 3 * 365 * DAY;

/// Records to measure on, and people who are signed in.
pub struct Seeded {
    pub place: Place,
    /// Session cookies: of the office in charge and of the units in turn.
    pub sessions: Vec<String>,
    /// Those of the office in charge, which sees every incident.
    pub office: Vec<String>,
    /// An API token.
    pub token: String,
    /// Incidents to look at, spread over all years.
    pub incidents: Vec<String>,
    sizes: String,
}

impl Seeded {
    pub fn sizes(&self) -> &str {
        &self.sizes
    }
}

pub async fn seeded(scale: f64, postgres: Option<&str>) -> Result<Seeded> {
    let name = format!("web_{}", (scale * 1000.0).round());
    let place = match postgres {
        None => Place::Folder(folder().join(&name)),
        Some(server) => Place::Postgres {
            url: format!("{}/{name}", server.trim_end_matches('/')),
            files: folder().join(format!("{name}_postgres/files")),
        },
    };
    if let Some(server) = postgres {
        let admin = Db::open_postgres(&format!("{}/postgres", server.trim_end_matches('/'))).await?;
        let known: Option<(String,)> = admin
            .read()
            .await?
            .one(sql!("SELECT datname::text FROM pg_database WHERE datname = $1"), args![&name])
            .await?;
        if known.is_none() {
            admin.create_database(&name).await?;
        }
        admin.close().await;
    }
    let (db, blobs) = place.open().await?;
    let id = ungcuu_app::pack::embedded_ids().into_iter().next().context("a pack is shipped")?;
    let pack = Pack::embedded(&id).context("listed")?.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let now = Clock::System.now();
    let clock = Clock::standing(now.plus(-PERIOD));
    let app = App::new(db, blobs, pack, clock, Chance::System, Settings::default());
    let done: Option<(String,)> =
        app.db.read().await?.one(sql!("SELECT value FROM settings WHERE id = 'bench'"), args![]).await?;
    if done.is_none() {
        fill(&app, scale).await?;
    }
    let left = app.now().plus(0);
    app.clock.advance(now.0 - left.0);
    if done.is_none() {
        // What is late by now is told before anybody asks for a page, as it was long ago where the product really ran.
        ungcuu_app::deadline::watch::look_round(&app).await?;
        ungcuu_app::search::index_pending(&app).await?;
        ungcuu_app::search::settle(&app).await?;
    }
    let (sessions, token) = sign_in(&app).await?;
    let incidents: Vec<(String,)> = app
        .db
        .read()
        .await?
        .all(sql!("SELECT id FROM incidents WHERE code LIKE '%7' ORDER BY id LIMIT 2000"), args![])
        .await?;
    let sizes: Option<(String,)> =
        app.db.read().await?.one(sql!("SELECT value FROM settings WHERE id = 'bench'"), args![]).await?;
    app.db.close().await;
    let incidents = incidents.into_iter().map(|(id,)| id).collect();
    let office = sessions.iter().step_by(2).cloned().collect();
    Ok(Seeded { place, sessions, office, token, incidents, sizes: sizes.context("noted when filled")?.0 })
}

async fn fill(app: &App, scale: f64) -> Result<()> {
    let begun = Instant::now();
    let mut work = app.work(Actor::system()).await?;
    ungcuu_app::org::install_units(&mut work, &app.pack).await?;
    let pack_id = app.pack.id.clone();
    work.tx
        .run(sql!("INSERT INTO settings (id, value) VALUES ('pack', $1) ON CONFLICT (id) DO NOTHING"), args![pack_id])
        .await?;
    work.commit().await?;
    // As the product does when it serves for the first time; later it would enter all of this once more.
    ungcuu_app::search::build(app).await?;
    let units = units(app).await?;
    let alerts = alerts(app, &units, (ALERTS * scale) as usize).await?;
    let received = begun.elapsed();
    let incidents = incidents(app, &units, (INCIDENTS * scale) as usize).await?;
    let opened = begun.elapsed();
    ungcuu_app::search::index_pending(app).await?;
    ungcuu_app::search::settle(app).await?;
    let sizes = format!(
        "{alerts} alerts, {incidents} incidents with {PARTS} tasks, {PARTS} indicators and 21 journal entries each, \
         {UNITS} units. Written in {} s: alerts {} s, incidents {} s, search index {} s.",
        begun.elapsed().as_secs(),
        received.as_secs(),
        (opened - received).as_secs(),
        (begun.elapsed() - opened).as_secs()
    );
    let mut tx = app.db.write().await?;
    tx.run(sql!("INSERT INTO settings (id, value) VALUES ('bench', $1)"), args![&sizes]).await?;
    tx.commit().await?;
    Ok(())
}

async fn units(app: &App) -> Result<Vec<UnitId>> {
    let mut work = app.work(Actor::system()).await?;
    let known: Vec<(UnitId,)> = work.tx.all(sql!("SELECT id FROM units ORDER BY id LIMIT 1000"), args![]).await?;
    let mut units: Vec<UnitId> = known.into_iter().map(|(id,)| id).collect();
    while units.len() < UNITS {
        let number = units.len() + 1;
        let facts = UnitFacts {
            name: format!("Trường Tiểu học số {number}"),
            short_name: format!("TH số {number}"),
            kind: "school".to_owned(),
            parent_id: None,
            email: String::new(),
            phone: String::new(),
            address: String::new(),
            outside: false,
            note: String::new(),
        };
        units.push(create_unit(&mut work, facts).await?);
    }
    work.commit().await?;
    Ok(units)
}

/// Alerts at an even pace over the years; all but those of the last weeks were looked at and dismissed.
async fn alerts(app: &App, units: &[UnitId], count: usize) -> Result<usize> {
    let step = PERIOD / 10 * 9 / i64::try_from(count.div_ceil(BATCH).max(1))?;
    let sources: Vec<String> = app.pack.lists.alert_sources.iter().map(|source| source.id.clone()).collect();
    let mut written = 0;
    while written < count {
        let mut work = app.work(Actor::system()).await?;
        let batch: Vec<NewAlert> = (written..count.min(written + BATCH))
            .map(|number| NewAlert {
                title: format!("{} ở máy {number}", SIGNS[number % SIGNS.len()]),
                description: format!("Cán bộ báo lúc làm việc; máy số {number}, tầng {}.", number % 5),
                severity: (number % 4 + 1) as i64,
                source: sources[number % sources.len()].clone(),
                external_id: String::new(),
                unit_id: Some(units[number % units.len()].clone()),
                system_id: None,
                place: String::new(),
                tile: String::new(),
                scenario: None,
                indicators: String::new(),
                reporter_name: String::new(),
                reporter_phone: String::new(),
                reporter_email: String::new(),
                happened_at: None,
                noticed_at: None,
                tracked: false,
                count: 1,
            })
            .collect();
        let received = receive(&mut work, &batch).await?;
        // Nineteen of twenty were looked at long ago.
        if written + 20 * BATCH < count {
            let old = received.iter().enumerate().filter(|(place, _)| place % 20 != 0);
            let ids = old.map(|(_, alert)| (&alert.id).into());
            let end = Select::new(
                "UPDATE alerts SET status = 'dismissed', is_open = FALSE, outcome = 'false_alarm', version = 2",
                [],
            );
            work.tx.run_built("alerts", end.and_in("id", ids)).await?;
        }
        work.commit().await?;
        app.clock.advance(step);
        written += batch.len();
        if written % 100_000 == 0 {
            eprintln!("{written} alerts");
        }
    }
    Ok(written)
}

const SIGNS: &[&str] = &["Máy bị khoá tệp", "Thư lạ xin mật khẩu", "Trang bị đổi giao diện", "Mạng chậm bất thường"];

async fn incidents(app: &App, units: &[UnitId], count: usize) -> Result<usize> {
    let step = PERIOD / 10 / i64::try_from(count.div_ceil(TOGETHER).max(1))?;
    let scenario = app.pack.scenarios.first().context("a scenario")?.id.clone();
    let first_step = app.pack.procedure.steps.first().context("a step")?.id.clone();
    let mut written = 0;
    while written < count {
        let mut work = app.work(Actor::system()).await?;
        let until = count.min(written + TOGETHER);
        let mut ended = Vec::new();
        for number in written..until {
            let unit = units[number % units.len()].clone();
            let new = NewIncident {
                title: format!("{} tại đơn vị số {}", SIGNS[number % SIGNS.len()], number % units.len()),
                scenario: scenario.clone(),
                severity: (number % 4 + 1) as i64,
                tlp: "green".to_owned(),
                system_id: None,
                owner_unit_id: unit.clone(),
                unit_id: unit,
                summary: format!("Sự cố thứ {number}, được xử lý theo kế hoạch."),
                happened_at: None,
                detected_at: work.now.plus(-30 * MINUTE),
            };
            let incident = open(&mut work, new).await?;
            parts(&mut work, &incident.id, &first_step, number).await?;
            // Nineteen of twenty ended long ago.
            if number % 20 != 0 {
                let end = Select::new("UPDATE incidents SET state = 'closed', closed_at = opened_at", []);
                work.tx.run_built("incidents", end.and("id = ?", [(&incident.id).into()])).await?;
                ended.push(incident_stream(incident.id.as_str()));
            }
        }
        work.commit().await?;
        set_aside(app, &ended).await?;
        app.clock.advance(step);
        written = until;
        if written % 5000 == 0 {
            eprintln!("{written} incidents");
        }
    }
    Ok(written)
}

/// Nothing is owed any more for what ended long ago; the server would otherwise remind of all of it at once.
async fn set_aside(app: &App, streams: &[String]) -> Result<()> {
    let mut work = app.work(Actor::system()).await?;
    let owed = Select::new("SELECT id, stream FROM deadlines", []).and("state = 'open'", []);
    let owed: Vec<(String, String)> = work.tx.select(owed.and_in("stream", streams.iter().map(Into::into))).await?;
    let end = Select::new("UPDATE deadlines SET state = 'waived', next_act_at = NULL, version = version + 1", []);
    work.tx.run_built("deadlines", end.and_in("id", owed.iter().map(|(id, _)| id.into()))).await?;
    for (id, stream) in &owed {
        let said = Text::new("Miễn: sự cố đã kết thúc", "Waived: the incident is closed");
        work.record(stream, "deadline.waived", said, &[("deadlines", id)]);
    }
    Ok(work.commit().await?)
}

/// The tasks and indicators of one incident, each with its entry in the journal.
async fn parts(work: &mut Work, incident: &ungcuu_app::incident::IncidentId, step: &str, number: usize) -> Result<()> {
    let now = work.now;
    let tasks: Vec<String> = (0..PARTS).map(|_| PartId::new(&work.app.chance, now).to_string()).collect();
    let rows = tasks.iter().enumerate().map(|(place, id)| {
        args![
            id,
            incident,
            step,
            format!("Việc {place} của sự cố {number}"),
            "",
            None::<String>,
            None::<Time>,
            "open",
            "",
            now,
            "ungcuu",
            None::<Time>,
            "",
            1
        ]
    });
    let insert = Select::new(
        "INSERT INTO incident_tasks (id, incident_id, step, title, detail, assignee_id, due_at, state, result, created_at,
             created_by, ended_at, ended_by, version) VALUES",
        [],
    );
    work.tx.run_built("incident_tasks", insert.rows(rows)).await?;
    let indicators: Vec<String> = (0..PARTS).map(|_| work.app.chance.id("ioc", now)).collect();
    let rows = indicators.iter().enumerate().map(|(place, id)| {
        let value = format!("198.51.{}.{place}", number % 250);
        args![id, incident, "ip", value, "", "suspected", "", None::<Time>, now, "ungcuu", 1]
    });
    let insert = Select::new(
        "INSERT INTO indicators (id, incident_id, kind, value, note, malicious, source, seen_at, added_at, added_by,
             version) VALUES",
        [],
    );
    work.tx.run_built("indicators", insert.rows(rows)).await?;
    for id in tasks {
        record(work, incident, "incident.task_added", Text::same("Giao việc"), &[("incident_tasks", id)]);
    }
    for id in indicators {
        record(work, incident, "indicator.added", Text::same("Thêm dấu hiệu"), &[("indicators", id)]);
    }
    Ok(())
}

/// People of the office in charge and of the units, each with a session, and a token for programs.
async fn sign_in(app: &App) -> Result<(Vec<String>, String)> {
    let run = chance::secret();
    let mut work = app.work(Actor::system()).await?;
    let units: Vec<(UnitId,)> = work.tx.all(sql!("SELECT id FROM units ORDER BY code LIMIT 25"), args![]).await?;
    let office = unit_by_code(&mut work.tx, "phong-vhtt").await?.context("the office in charge")?;
    let mut sessions = Vec::new();
    let mut token = String::new();
    for (number, (unit,)) in units.iter().enumerate() {
        for role in ["can_bo_vhtt", "van_hanh"] {
            let unit = if role == "van_hanh" { unit.clone() } else { office.clone() };
            let name = format!("Người đo {number}");
            let person_id =
                enter_person(&mut work, &NewPerson { unit_id: unit.clone(), name, ..NewPerson::default() }).await?;
            let roles = vec![(role.to_owned(), (role == "van_hanh").then_some(unit))];
            let login = format!("{role}.{number}.{}", &run[..8]).to_lowercase();
            // Nobody signs in with a password here, so there is none.
            let new = NewAccount { person_id, login, password_hash: String::new(), one_time: false, roles };
            let account = create(&mut work, new).await?;
            sessions.push(begin_session(&mut work, &account, "bench").await?);
            if token.is_empty() {
                token = format!("ungcuu_{}", chance::secret());
                let id = work.app.chance.id("tok", work.now);
                work.tx
                    .run(
                        sql!(
                            "INSERT INTO api_tokens (id, account_id, name, hash, created_at, revoked)
                             VALUES ($1, $2, 'bench', $3, $4, FALSE)"
                        ),
                        args![&id, &account, token_hash(&token), work.now],
                    )
                    .await?;
                work.record("accounts", "account.token_created", Text::same("bench"), &[("api_tokens", id.as_str())]);
            }
        }
    }
    work.commit().await?;
    Ok((sessions, token))
}
