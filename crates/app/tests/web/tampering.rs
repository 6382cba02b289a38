//! Everything that can be altered behind the product's back is altered, and each alteration is named: rows of every
//! table, columns of the journal and of the checkpoints, stored files.

use std::collections::BTreeSet;

use ungcuu_app::checkpoint::Outside;
use ungcuu_app::journal::{Finding, verify_records};
use ungcuu_kit::db::{Engine, Sql, Tx, WholeRow};
use ungcuu_kit::time::DAY;
use ungcuu_kit::{args, sql};

use crate::support::TestApp;

/// How often a table is altered and checked again, each time in other rows and columns.
const ROUNDS: usize = 3;

async fn filled() -> TestApp {
    let app = TestApp::new().await;
    ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * DAY)).await.expect("filled");
    app.assert_sound().await;
    app
}

/// A transaction in which rows may be altered whatever they refer to; it is never committed.
async fn altering(app: &TestApp) -> Tx {
    let mut tx = app.app.db.write().await.expect("write");
    let unguarded: &[&'static str] = match tx.engine() {
        Engine::Postgres => &["SET LOCAL session_replication_role = 'replica'"],
        // What is referred to is only let go between two transactions.
        Engine::Sqlite => {
            &["ROLLBACK", "PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON", "BEGIN IMMEDIATE"]
        }
    };
    for statement in unguarded {
        tx.run(Sql(statement), args![]).await.expect("set");
    }
    tx
}

/// A statement put together for one test; a few kilobytes stay until its end.
fn statement(text: String) -> Sql {
    Sql(Box::leak(text.into_boxed_str()))
}

/// Tries statements until one is accepted; says whether one was.
async fn any(tx: &mut Tx, statements: Vec<String>, id: &str) -> bool {
    for text in statements {
        tx.run(Sql("SAVEPOINT attempt"), args![]).await.expect("a savepoint");
        if matches!(tx.run(statement(text), args![id]).await, Ok(1)) {
            return true;
        }
        tx.run(Sql("ROLLBACK TO attempt"), args![]).await.expect("back");
    }
    false
}

/// What a column's value could be turned into, the likeliest first. None for an absent one.
fn others(column: &str, value: Option<&str>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some("true" | "false") => vec![format!("NOT {column}")],
        Some(value) if value.parse::<i64>().is_ok() => {
            vec![format!("{column} + 1"), format!("{column} + 1000003"), format!("{column} || '1'")]
        }
        // A choice has few words; one of these is another one, or the text is free.
        Some(value) => {
            ["x", "open", "done", "dropped", "closed", "issued", "approved", "suspected", "confirmed", "told"]
                .iter()
                .filter(|word| **word != value)
                .map(|word| if *word == "x" { format!("{column} || 'x'") } else { format!("'{word}'") })
                .collect()
        }
    }
}

async fn findings(tx: &mut Tx) -> Vec<Finding> {
    let tables = ungcuu_app::journalled_tables();
    verify_records(tx, &tables, &Outside::default()).await.expect("verified").findings
}

#[tokio::test]
async fn a_row_changed_removed_or_put_in_is_named_in_every_table_of_the_journal() {
    let app = filled().await;
    let mut empty = Vec::new();
    let mut missed = Vec::new();
    for table in ungcuu_app::journalled_tables() {
        let mut tx = app.app.db.read().await.expect("look");
        let rows = tx.whole_rows_after(table, "", 40).await.expect("rows");
        drop(tx);
        let Some(last) = rows.last() else {
            empty.push(table);
            continue;
        };
        let columns = last.columns.len();
        for round in 0..ROUNDS.min(columns.div_ceil(rows.len())) {
            let mut tx = altering(&app).await;
            let mut altered = BTreeSet::new();
            for (place, row) in rows.iter().enumerate() {
                // One more than a multiple, so that the rounds reach other columns and never only the identifier.
                let (column, value) = &row.columns[1 + (round * rows.len() + place) % (columns - 1)];
                let changes = others(column, value.as_deref());
                let changes = changes.iter().map(|to| format!("UPDATE {table} SET {column} = {to} WHERE id = $1"));
                if any(&mut tx, changes.collect(), &row.id).await {
                    altered.insert(format!("{table} {}", row.id));
                }
            }
            let named: BTreeSet<String> = findings(&mut tx).await.into_iter().map(|finding| finding.place).collect();
            missed.extend(altered.difference(&named).map(|place| format!("changed {place}")));
            if altered.is_empty() && round == 0 {
                missed.push(format!("nothing could be changed in {table}"));
            }
        }
        let mut tx = altering(&app).await;
        let added = put_in(&mut tx, table, &rows[0]).await;
        let removed = any(&mut tx, vec![format!("DELETE FROM {table} WHERE id = $1")], &last.id).await;
        let named: BTreeSet<String> = findings(&mut tx).await.into_iter().map(|finding| finding.place).collect();
        if !removed || !named.contains(&format!("{table} {}", last.id)) {
            missed.push(format!("removed {table} {}", last.id));
        }
        if !added || !named.contains(&format!("{table} {}x", rows[0].id)) {
            missed.push(format!("put in {table} {}x", rows[0].id));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    // What nobody of the demonstration ever did.
    let known = [
        "api_tokens",
        "saved_views",
        "request_replies",
        "holiday_years",
        "report_days",
        "calendar_feeds",
        "evidence_checks",
        "form_texts",
        "channels",
    ];
    assert!(empty.iter().all(|table| known.contains(table)), "the demonstration has no rows in {empty:?}");
    app.assert_sound().await;
}

/// Puts in a copy of a row that no entry names, with whatever must differ from the original.
async fn put_in(tx: &mut Tx, table: &str, row: &WholeRow) -> bool {
    let names: Vec<&str> = row.columns.iter().map(|(name, _)| name.as_str()).collect();
    let copy = |others: &[(&str, &str)]| {
        let values: Vec<String> = names
            .iter()
            .map(|name| match others.iter().find(|(column, _)| column == name) {
                _ if *name == "id" => "id || 'x'".to_owned(),
                Some((_, value)) => (*value).to_owned(),
                None => (*name).to_owned(),
            })
            .collect();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = $1")
    };
    let changes: Vec<(&str, String)> = row
        .columns
        .iter()
        .skip(1)
        .flat_map(|(name, value)| {
            others(name, value.as_deref()).into_iter().take(2).map(|other| (name.as_str(), other))
        })
        .collect();
    let changes: Vec<(&str, &str)> = changes.iter().map(|(name, other)| (*name, other.as_str())).collect();
    // A table may say of two columns that no row repeats another: then both have to differ.
    let pairs =
        changes.iter().enumerate().flat_map(|(place, one)| changes[place + 1..].iter().map(move |two| [*one, *two]));
    let mut attempts = vec![copy(&[])];
    attempts.extend(changes.iter().map(|one| copy(&[*one])));
    attempts.extend(pairs.map(|pair| copy(&pair)));
    any(tx, attempts, &row.id).await
}

/// Alters each column of one row in turn; gives the columns after which nothing was found.
async fn unnoticed(app: &TestApp, table: &'static str, id: &str, skip: &[&str]) -> Vec<String> {
    let mut tx = app.app.db.read().await.expect("look");
    let rows = tx.whole_rows(table, &[id.to_owned()]).await.expect("rows");
    drop(tx);
    let row = rows.get(id).unwrap_or_else(|| panic!("{table} has no {id}"));
    let mut unnoticed = Vec::new();
    for (column, value) in row.columns.iter().filter(|(name, _)| !skip.contains(&name.as_str())) {
        let mut tx = altering(app).await;
        let changes = others(column, value.as_deref());
        let changes = changes.iter().map(|to| format!("UPDATE {table} SET {column} = {to} WHERE id = $1")).collect();
        if value.is_some() && (!any(&mut tx, changes, id).await || findings(&mut tx).await.is_empty()) {
            unnoticed.push(format!("{table}.{column}"));
        }
    }
    unnoticed
}

#[tokio::test]
async fn no_column_of_the_journal_or_of_the_checkpoints_can_be_altered_unnoticed() {
    let app = filled().await;
    let mut tx = app.app.db.read().await.expect("look");
    let incident: Option<(String,)> =
        tx.one(sql!("SELECT id FROM incidents WHERE state = 'open' ORDER BY id LIMIT 1"), args![]).await.expect("read");
    let stream = format!("incident:{}", incident.expect("an incident").0);
    let entry: Option<(String,)> = tx
        .one(sql!("SELECT id FROM journal_entries WHERE stream = $1 AND seq = 3"), args![&stream])
        .await
        .expect("read");
    let head: Option<(String, i64)> = tx
        .one(
            sql!("SELECT id, checkpoint FROM checkpoint_heads WHERE stream = $1 ORDER BY checkpoint LIMIT 1"),
            args![&stream],
        )
        .await
        .expect("read");
    drop(tx);
    let (entry, (head, number)) = (entry.expect("an entry").0, head.expect("in a checkpoint"));
    let mut all = unnoticed(&app, "journal_entries", &entry, &[]).await;
    all.extend(unnoticed(&app, "journal_streams", &stream, &[]).await);
    all.extend(unnoticed(&app, "checkpoints", &format!("chk_{number:08}"), &[]).await);
    all.extend(unnoticed(&app, "checkpoint_heads", &head, &[]).await);
    all.extend(unnoticed(&app, "checkpoint_keys", "key_0001", &[]).await);
    assert!(all.is_empty(), "unnoticed: {all:?}");
    for (table, id) in
        [("checkpoints", format!("chk_{number:08}")), ("checkpoint_heads", head), ("journal_streams", stream)]
    {
        let mut tx = altering(&app).await;
        assert!(any(&mut tx, vec![format!("DELETE FROM {table} WHERE id = $1")], &id).await);
        assert!(!findings(&mut tx).await.is_empty(), "removed from {table}");
    }
}

#[tokio::test]
async fn every_stored_file_that_was_swapped_or_removed_is_named() {
    let app = filled().await;
    let mut tx = app.app.db.read().await.expect("look");
    let files: Vec<(String,)> =
        tx.all(sql!("SELECT id FROM files ORDER BY id LIMIT 1000"), args![]).await.expect("read");
    drop(tx);
    assert!(files.len() > 3);
    let places: Vec<_> = files.iter().map(|(id,)| app.folder().join("files").join(&id[..2]).join(&id[2..])).collect();
    for place in &places {
        let mut content = std::fs::read(place).expect("a file");
        content[0] ^= 1;
        std::fs::write(place, content).expect("written");
    }
    let named = |words: &str, findings: &[Finding]| {
        let all = files
            .iter()
            .all(|(id,)| findings.iter().any(|it| it.place == format!("files {id}") && it.what.vi.contains(words)));
        assert!(all, "{findings:#?}");
    };
    named("thay đổi nội dung", &app.verdict().await.findings);
    places.iter().for_each(|place| std::fs::remove_file(place).expect("removed"));
    named("đã mất", &app.verdict().await.findings);
}
