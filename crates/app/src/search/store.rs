//! All SQL of the search. The one feature that may ask which database it is: FTS5 here, `tsvector` there.

use std::collections::{BTreeSet, HashMap};

use ungcuu_kit::db::{Arg, Engine, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Indexed, Kind, plain_words};
use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::org::UnitId;

/// How many changed rows stand in one row of the queue.
const TOGETHER: usize = 100;

/// Notes rows that changed, many in one row of the queue. Called by every unit of work just before it commits.
pub async fn enqueue(tx: &mut Tx, app: &App, now: Time, rows: &BTreeSet<(&'static str, String)>) -> Result<()> {
    let known =
        |table: &str| crate::features().iter().flat_map(|feature| &feature.sources).any(|source| source.table == table);
    let mut queued: Vec<Vec<Arg>> = Vec::new();
    let rows: Vec<_> = rows.iter().collect();
    for of_table in rows.chunk_by(|one, other| one.0 == other.0).filter(|rows| known(rows[0].0)) {
        for chunk in of_table.chunks(TOGETHER) {
            let ids: Vec<&str> = chunk.iter().map(|(_, id)| id.as_str()).collect();
            queued.push(args![app.chance.id("que", now), chunk[0].0, ids.join(" ")]);
        }
    }
    for chunk in queued.chunks(500) {
        let insert = Select::new("INSERT INTO search_queue (id, table_name, row_id) VALUES", []).rows(chunk.to_vec());
        tx.run_built("search_queue", insert).await?;
    }
    Ok(())
}

/// Rows to be entered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Queued {
    pub id: String,
    pub table_name: String,
    /// Their ids with a blank between; no id has one in it.
    row_id: String,
}

impl Queued {
    pub fn row_ids(&self) -> impl Iterator<Item = &str> {
        self.row_id.split(' ')
    }
}

pub async fn list_queued(tx: &mut Tx, limit: i64) -> Result<Vec<Queued>> {
    tx.all(sql!("SELECT id, table_name, row_id FROM search_queue ORDER BY id LIMIT $1"), args![limit]).await
}

pub async fn delete_queued(tx: &mut Tx, queued: &[Queued]) -> Result<()> {
    for chunk in queued.chunks(500) {
        let ids = chunk.iter().map(|queued| Arg::from(&queued.id));
        let delete = Select::new("DELETE FROM search_queue", []).and_in("id", ids);
        tx.run_built("search_queue", delete).await?;
    }
    Ok(())
}

/// Puts every row of a table into the queue, for an index that is built anew. `table` is a constant of the program.
pub async fn enqueue_all(tx: &mut Tx, table: &'static str) -> Result<()> {
    let insert = Select::new(
        "INSERT INTO search_queue (id, table_name, row_id) SELECT ? || id, ?, id FROM",
        args![format!("all_{table}_"), table],
    );
    tx.run_built("search_queue", insert.tail(table, []).tail("WHERE TRUE ON CONFLICT (id) DO NOTHING", [])).await?;
    Ok(())
}

/// The full-text tables of SQLite: the two kinds of which there are very many each have their own, all others share one.
/// What each table is called, and the statements that name it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Group {
    table: &'static str,
    delete: &'static str,
    insert: &'static str,
    head: &'static str,
    matches: &'static str,
    merge: &'static str,
}

const ALERTS: Group = Group {
    table: "search_words_alert",
    delete: "DELETE FROM search_words_alert",
    insert: "INSERT INTO search_words_alert (rowid, words) VALUES",
    head: "SELECT e.kind, e.title, e.detail, e.url, e.number
             FROM search_words_alert w JOIN search_entries e ON e.number = w.rowid",
    matches: "search_words_alert MATCH ?",
    merge: "INSERT INTO search_words_alert (search_words_alert, rank) VALUES ('merge', ?)",
};
const INDICATORS: Group = Group {
    table: "search_words_indicator",
    delete: "DELETE FROM search_words_indicator",
    insert: "INSERT INTO search_words_indicator (rowid, words) VALUES",
    head: "SELECT e.kind, e.title, e.detail, e.url, e.number
             FROM search_words_indicator w JOIN search_entries e ON e.number = w.rowid",
    matches: "search_words_indicator MATCH ?",
    merge: "INSERT INTO search_words_indicator (search_words_indicator, rank) VALUES ('merge', ?)",
};
const OTHERS: Group = Group {
    table: "search_words",
    delete: "DELETE FROM search_words",
    insert: "INSERT INTO search_words (rowid, words) VALUES",
    head: "SELECT e.kind, e.title, e.detail, e.url, e.number
             FROM search_words w JOIN search_entries e ON e.number = w.rowid",
    matches: "search_words MATCH ?",
    merge: "INSERT INTO search_words (search_words, rank) VALUES ('merge', ?)",
};
const GROUPS: [Group; 3] = [ALERTS, INDICATORS, OTHERS];

fn group(kind: Kind) -> Group {
    match kind {
        Kind::Alert => ALERTS,
        Kind::Indicator => INDICATORS,
        _ => OTHERS,
    }
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
    id: String,
    kind: Kind,
}

/// Enters rows in place of what the index held of them; rows without an entry leave it.
pub async fn replace(tx: &mut Tx, gone: &[String], entries: &[Indexed]) -> Result<()> {
    for chunk in gone.chunks(500) {
        let ids = || chunk.iter().map(Arg::from);
        if tx.engine() == Engine::Sqlite {
            let known = Select::new("SELECT number, id, kind FROM search_entries", []).and_in("id", ids());
            let known: Vec<Number> = tx.select(known).await?;
            if known.is_empty() {
                // Most rows are new.
                continue;
            }
            for of in GROUPS {
                let numbers: Vec<Arg> =
                    known.iter().filter(|entry| group(entry.kind) == of).map(|entry| entry.number.into()).collect();
                if !numbers.is_empty() {
                    tx.run_built(of.table, Select::new(of.delete, []).and_in("rowid", numbers)).await?;
                }
            }
        }
        tx.run_built("search_entries", Select::new("DELETE FROM search_entries", []).and_in("id", ids())).await?;
    }
    for chunk in entries.chunks(500) {
        insert(tx, chunk).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, entries: &[Indexed]) -> Result<()> {
    let words = |entry: &Indexed| {
        let (kind, scope) = (entry.kind.word(), scope_word(&entry.scope_id));
        let words = plain_words(&format!("{} {} {}", entry.title, entry.detail, entry.words));
        format!("kind{kind} {scope} {words}")
    };
    if tx.engine() == Engine::Postgres {
        let rows = entries
            .iter()
            .map(|it| args![&it.row_id, it.kind, &it.title, &it.detail, &it.url, &it.scope_id, words(it)]);
        let insert =
            Select::new("INSERT INTO search_entries (id, kind, title, detail, url, scope_id, words) VALUES", []);
        tx.run_built("search_entries", insert.rows(rows)).await?;
        return Ok(());
    }
    let rows = entries.iter().map(|it| args![&it.row_id, it.kind, &it.title, &it.detail, &it.url, &it.scope_id]);
    let insert = Select::new("INSERT INTO search_entries (id, kind, title, detail, url, scope_id) VALUES", [])
        .rows(rows)
        .tail("RETURNING number, id, kind", []);
    let numbers: Vec<Number> = tx.select(insert).await?;
    let by_id: HashMap<&str, &Indexed> = entries.iter().map(|entry| (entry.row_id.as_str(), entry)).collect();
    for of in GROUPS {
        let of_group = numbers.iter().filter(|number| group(number.kind) == of);
        let rows: Vec<Vec<Arg>> =
            of_group.filter_map(|number| Some(args![number.number, words(by_id.get(number.id.as_str())?)])).collect();
        if !rows.is_empty() {
            tx.run_built(of.table, Select::new(of.insert, []).rows(rows)).await?;
        }
    }
    Ok(())
}

/// One word that says where an entry belongs, so that the index itself finds what a unit may see. Who may see it is still
/// decided by the record.
fn scope_word(scope: &str) -> String {
    let letters = scope.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    format!("where{}", letters.collect::<String>())
}

/// Joins parts of SQLite's index that were written apart, some pages of it, and says whether there is more to join.
/// PostgreSQL keeps its index in order by itself.
pub async fn merge(tx: &mut Tx, pages: i64) -> Result<bool> {
    if tx.engine() == Engine::Postgres {
        return Ok(false);
    }
    let before = total_changes(tx).await?;
    for of in GROUPS {
        tx.run_built(of.table, Select::new(of.merge, args![pages])).await?;
    }
    // Each statement counts as one change; whatever is more was joined.
    Ok(total_changes(tx).await? - before > GROUPS.len() as i64)
}

async fn total_changes(tx: &mut Tx) -> Result<i64> {
    let changes: Vec<(i64,)> = tx.select(Select::new("SELECT total_changes()", [])).await?;
    Ok(changes.first().map_or(0, |(changes,)| *changes))
}

/// Something found.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema, sqlx::FromRow)]
pub struct Hit {
    pub kind: Kind,
    pub title: String,
    pub detail: String,
    pub url: String,
    #[serde(skip)]
    pub number: i64,
}

/// The newest entries of one kind that carry all these words and that the actor may see; the last word may be a
/// beginning.
pub async fn list_hits(
    tx: &mut Tx,
    actor: &Actor,
    kind: Kind,
    words: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Hit>> {
    let scope = actor.scope(kind.permission());
    if scope.is_empty() {
        return Ok(Vec::new());
    }
    // Those of very many incidents look at each hit instead.
    let wide = scope.everywhere || kind.within_incident() && actor.in_many_incidents;
    let within = if wide { None } else { Some(scope_words(tx, actor, &scope, kind).await?) };
    if within.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let within = within.filter(|within| within.len() <= MOST_SCOPES);
    let of = group(kind);
    let mut select = match tx.engine() {
        Engine::Sqlite => Select::new(of.head, [])
            .and(of.matches, args![fts5(kind, words, within.as_deref())])
            .and("w.rowid < ?", args![before]),
        Engine::Postgres => Select::new("SELECT e.kind, e.title, e.detail, e.url, e.number FROM search_entries e", [])
            .and("e.kind = ?", args![kind])
            .and("e.vector @@ to_tsquery('simple', ?)", args![tsquery(words, within.as_deref())])
            .and("e.number < ?", args![before]),
    };
    if !scope.everywhere && kind.within_incident() {
        select = select.and_in_group(
            "(EXISTS (SELECT 1 FROM incident_people p WHERE p.incident_id = e.scope_id AND p.person_id = ?)
              OR EXISTS (SELECT 1 FROM incident_units u WHERE u.incident_id = e.scope_id AND u.unit_id",
            args![&actor.person_id],
            scope.units.iter().map(Arg::from),
            "))",
        );
    } else if !scope.everywhere {
        let everyone = [Arg::from("")];
        select = select.and_in("e.scope_id", everyone.into_iter().chain(scope.units.iter().map(Arg::from)));
    }
    let tail = match tx.engine() {
        Engine::Sqlite => "ORDER BY w.rowid DESC LIMIT ?",
        Engine::Postgres => "ORDER BY e.number DESC LIMIT ?",
    };
    tx.select(select.tail(tail, args![limit])).await
}

/// Of how many places the index itself is asked.
const MOST_SCOPES: usize = 300;

/// The words of the places whose entries of this kind the actor may see; one more than [`MOST_SCOPES`] stands for all
/// that are more.
async fn scope_words(tx: &mut Tx, actor: &Actor, scope: &Scope, kind: Kind) -> Result<Vec<String>> {
    if !kind.within_incident() {
        return Ok(std::iter::once("").chain(scope.units.iter().map(UnitId::as_str)).map(scope_word).collect());
    }
    let select = Select::new(
        "SELECT seen.incident_id FROM (
             SELECT p.incident_id FROM incident_people p WHERE p.person_id = ?
             UNION
             SELECT u.incident_id FROM incident_units u",
        args![&actor.person_id],
    )
    .and_in("u.unit_id", scope.units.iter().map(Arg::from))
    .tail(") AS seen ORDER BY seen.incident_id LIMIT ?", args![MOST_SCOPES as i64 + 1]);
    let incidents: Vec<(String,)> = tx.select(select).await?;
    Ok(incidents.iter().map(|(incident,)| scope_word(incident)).collect())
}

fn fts5(kind: Kind, words: &str, within: Option<&[String]>) -> String {
    let mut all: Vec<String> = words.split(' ').map(|word| format!("\"{word}\"")).collect();
    if may_be_a_beginning(words) {
        all.last_mut().into_iter().for_each(|last| last.push('*'));
    }
    if group(kind) == OTHERS {
        all.insert(0, format!("\"kind{}\"", kind.word()));
    }
    if let Some(within) = within {
        let within: Vec<String> = within.iter().map(|word| format!("\"{word}\"")).collect();
        all.insert(0, format!("({})", within.join(" OR ")));
    }
    all.join(" AND ")
}

fn tsquery(words: &str, within: Option<&[String]>) -> String {
    let all: Vec<&str> = words.split(' ').collect();
    let beginning = if may_be_a_beginning(words) { ":*" } else { "" };
    let within = within.map(|within| format!(" & ({})", within.join(" | "))).unwrap_or_default();
    format!("{}{beginning}{within}", all.join(" & "))
}

/// One letter or digit begins a tenth of all words; it stands for itself.
fn may_be_a_beginning(words: &str) -> bool {
    words.rsplit(' ').next().is_some_and(|last| last.len() > 1)
}
