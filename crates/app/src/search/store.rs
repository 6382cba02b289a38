//! All SQL of the search. The one feature that may ask which database it is: FTS5 here, `tsvector` there.

use std::collections::BTreeSet;

use ungcuu_kit::db::{Arg, Engine, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Indexed, Kind, plain_words};
use crate::actor::Actor;
use crate::app::App;

/// Notes rows that changed. Called by every unit of work just before it commits.
pub async fn enqueue(tx: &mut Tx, app: &App, now: Time, rows: &BTreeSet<(&'static str, String)>) -> Result<()> {
    let known: Vec<&'static str> =
        crate::features().iter().flat_map(|feature| &feature.sources).map(|source| source.table).collect();
    let queued: Vec<Vec<Arg>> = rows
        .iter()
        .filter(|(table, _)| known.contains(table))
        .map(|(table, id)| args![app.chance.id("que", now), *table, id])
        .collect();
    for chunk in queued.chunks(500) {
        let insert = Select::new("INSERT INTO search_queue (id, table_name, row_id) VALUES", []).rows(chunk.to_vec());
        tx.run_built("search_queue", insert).await?;
    }
    Ok(())
}

/// A row to be entered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Queued {
    pub id: String,
    pub table_name: String,
    pub row_id: String,
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

/// Enters rows in place of what the index held of them; rows without an entry leave it.
pub async fn replace(tx: &mut Tx, gone: &[String], entries: &[Indexed]) -> Result<()> {
    for chunk in gone.chunks(500) {
        if tx.engine() == Engine::Sqlite {
            let numbers = Select::new("DELETE FROM search_words", []).and_in_group(
                "rowid IN (SELECT number FROM search_entries WHERE id",
                [],
                chunk.iter().map(Arg::from),
                ")",
            );
            tx.run_built("search_words", numbers).await?;
        }
        let delete = Select::new("DELETE FROM search_entries", []).and_in("id", chunk.iter().map(Arg::from));
        tx.run_built("search_entries", delete).await?;
    }
    for chunk in entries.chunks(200) {
        insert(tx, chunk).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
    id: String,
}

async fn insert(tx: &mut Tx, entries: &[Indexed]) -> Result<()> {
    let words = |entry: &Indexed| {
        let kind = entry.kind.word();
        plain_words(&format!("kind{kind} {} {} {}", entry.title, entry.detail, entry.words))
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
    let insert = Select::new("INSERT INTO search_entries (id, kind, title, detail, url, scope_id) VALUES", []);
    tx.run_built("search_entries", insert.rows(rows)).await?;
    let numbers: Vec<Number> = tx
        .select(
            Select::new("SELECT number, id FROM search_entries", [])
                .and_in("id", entries.iter().map(|it| Arg::from(&it.row_id))),
        )
        .await?;
    let rows = numbers.iter().filter_map(|number| {
        let entry = entries.iter().find(|entry| entry.row_id == number.id)?;
        Some(args![number.number, words(entry)])
    });
    tx.run_built("search_words", Select::new("INSERT INTO search_words (rowid, words) VALUES", []).rows(rows)).await?;
    Ok(())
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
    let mut select = match tx.engine() {
        Engine::Sqlite => Select::new(
            "SELECT e.kind, e.title, e.detail, e.url, e.number
               FROM search_words w JOIN search_entries e ON e.number = w.rowid",
            [],
        )
        .and("search_words MATCH ?", args![fts5(kind, words)])
        .and("w.rowid < ?", args![before]),
        Engine::Postgres => Select::new("SELECT e.kind, e.title, e.detail, e.url, e.number FROM search_entries e", [])
            .and("to_tsvector('simple', e.words) @@ to_tsquery('simple', ?)", args![tsquery(kind, words)])
            .and("e.number < ?", args![before]),
    };
    if !scope.everywhere && kind.within_incident() {
        select = select.and_in_group(
            "(e.scope_id IN (SELECT p.incident_id FROM incident_people p WHERE p.person_id = ?)
              OR e.scope_id IN (SELECT u.incident_id FROM incident_units u WHERE u.unit_id",
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

fn fts5(kind: Kind, words: &str) -> String {
    let all = words.split(' ').map(|word| format!("\"{word}\""));
    let all: Vec<String> = std::iter::once(format!("\"kind{}\"", kind.word())).chain(all).collect();
    format!("{}{}", all.join(" AND "), if may_be_a_beginning(words) { "*" } else { "" })
}

fn tsquery(kind: Kind, words: &str) -> String {
    let all: Vec<&str> = words.split(' ').collect();
    format!("kind{} & {}{}", kind.word(), all.join(" & "), if may_be_a_beginning(words) { ":*" } else { "" })
}

/// One letter or digit begins a tenth of all words; it stands for itself.
fn may_be_a_beginning(words: &str) -> bool {
    words.rsplit(' ').next().is_some_and(|last| last.len() > 1)
}
