//! The inside of the seam on SQLite: arguments, rows, transactions, fingerprints, migrations.

use ungcuu_kit::db::{Db, MigrationFile, Select};
use ungcuu_kit::{args, sql};

const THINGS: &str = "CREATE TABLE things (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, size BIGINT, ratio DOUBLE PRECISION, ready BOOLEAN NOT NULL);";

fn migration(name: &str, text: &str) -> MigrationFile {
    MigrationFile { name: name.to_owned(), text: text.to_owned() }
}

async fn database(folder: &tempfile::TempDir) -> Db {
    let db = Db::open_sqlite(&folder.path().join("db.sqlite")).await.expect("a database");
    db.migrate(&[migration("0001_things.sql", THINGS)]).await.expect("a schema");
    db
}

fn insert(id: &str, name: &str, size: Option<i64>) -> Select {
    let row = args![id, name, size, size.map(|size| size as f64 / 2.0), size.is_some()];
    Select::new("INSERT INTO things (id, name, size, ratio, ready) VALUES", []).rows([row])
}

async fn put(db: &Db, id: &str, name: &str, size: Option<i64>) {
    let mut tx = db.write().await.expect("a turn");
    assert_eq!(tx.run_built("things", insert(id, name, size)).await.expect("a row"), 1);
    tx.commit().await.expect("kept");
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Thing {
    name: String,
    ready: bool,
    size: Option<i64>,
    ratio: Option<f64>,
}

#[tokio::test]
async fn a_row_is_read_as_it_was_written_whatever_the_order_of_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    put(&db, "a", "Máy chủ – \u{1F512}", Some(7)).await;
    put(&db, "b", "", None).await;
    let mut tx = db.read().await.expect("a look");
    let things: Vec<Thing> =
        tx.all(sql!("SELECT size, ratio, name, ready FROM things ORDER BY id"), args![]).await.expect("rows");
    let full = Thing { name: "Máy chủ – \u{1F512}".into(), ready: true, size: Some(7), ratio: Some(3.5) };
    assert_eq!(things, [full, Thing { name: String::new(), ready: false, size: None, ratio: None }]);
    let wrong: ungcuu_kit::Result<Vec<(i64,)>> = tx.all(sql!("SELECT name FROM things"), args![]).await;
    assert!(wrong.is_err(), "text is no number");
}

#[tokio::test]
async fn an_argument_is_found_by_its_number_not_by_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    put(&db, "a", "one", Some(1)).await;
    let mut tx = db.write().await.expect("a turn");
    let update = sql!("UPDATE things SET name = $2, size = $3, ratio = $3 WHERE id = $1 RETURNING name, size");
    let changed: Option<(String, i64)> = tx.run_returning(update, args!["a", "two", 5]).await.expect("a row");
    assert_eq!(changed, Some(("two".to_owned(), 5)));
    let too_few = tx.run(sql!("UPDATE things SET name = $2 WHERE id = $1"), args!["a"]).await;
    assert!(too_few.is_err());
}

#[tokio::test]
async fn what_is_not_committed_never_happened_and_the_connection_serves_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    for _ in 0..3 {
        let mut tx = db.write().await.expect("a turn");
        assert_eq!(tx.run_built("things", insert("x", "x", None)).await.expect("a row"), 1);
    }
    let mut tx = db.read().await.expect("a look");
    let count: Option<(i64,)> = tx.one(sql!("SELECT COUNT(*) FROM things"), args![]).await.expect("a number");
    assert_eq!(count, Some((0,)));
}

#[tokio::test]
async fn whoever_reads_sees_one_moment_and_cannot_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    let mut look = db.read().await.expect("a look");
    let count = sql!("SELECT COUNT(*) FROM things");
    let before: Option<(i64,)> = look.one(count, args![]).await.expect("a number");
    put(&db, "a", "one", None).await;
    let after: Option<(i64,)> = look.one(count, args![]).await.expect("a number");
    assert_eq!(before, after);
    assert!(look.run(sql!("DELETE FROM things"), args![]).await.is_err());
}

#[tokio::test]
async fn a_fingerprint_taken_in_passing_is_that_of_the_whole_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    put(&db, "a", "Máy chủ", Some(-3)).await;
    put(&db, "b", "", None).await;
    let ids = ["a".to_owned(), "b".to_owned(), "missing".to_owned()];
    let mut tx = db.read().await.expect("a look");
    let rows = tx.whole_rows("things", &ids).await.expect("rows");
    let prints = tx.fingerprints("things", &ids).await.expect("fingerprints");
    assert_eq!(prints.len(), 2);
    for (id, print) in prints {
        assert_eq!(print.columns, 5);
        assert_eq!(print.hash, rows[&id].fingerprint(5));
    }
    let value = |name: &str| rows["a"].columns.iter().find(|column| column.0 == name).and_then(|it| it.1.clone());
    assert_eq!(value("ready").as_deref(), Some("true"));
    assert_eq!(value("ratio").as_deref(), Some("-1.5"));
}

#[tokio::test]
async fn a_migration_is_applied_once_and_refused_when_it_was_edited() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    let first = migration("0001_things.sql", THINGS);
    db.migrate(std::slice::from_ref(&first)).await.expect("nothing to do");
    let second = migration("0002_more.sql", "ALTER TABLE things ADD COLUMN note TEXT NOT NULL DEFAULT '';");
    db.migrate(&[first.clone(), second.clone()]).await.expect("one more");
    let edited = migration("0001_things.sql", "CREATE TABLE things (id TEXT PRIMARY KEY);");
    assert!(db.migrate(&[edited, second.clone()]).await.is_err());
    assert!(db.migrate(std::slice::from_ref(&first)).await.is_err(), "an older program does not know the newest");
    let half = migration("0003_half.sql", "CREATE TABLE half (id TEXT); CREATE TABLE things (id TEXT);");
    assert!(db.migrate(&[first, second, half]).await.is_err());
    let mut tx = db.read().await.expect("a look");
    let half: Option<(String,)> =
        tx.one(sql!("SELECT name FROM sqlite_master WHERE name = $1"), args!["half"]).await.expect("an answer");
    assert_eq!(half, None);
}

#[tokio::test]
async fn whoever_asks_a_thousand_times_lets_others_have_their_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(&folder).await;
    // One thread for both: the other task runs only when the busy one gives way.
    let mut other = tokio::task::JoinSet::new();
    other.spawn(async {});
    let mut tx = db.read().await.expect("a look");
    for _ in 0..1000 {
        let rows: Vec<(String,)> = tx.all(sql!("SELECT name FROM things ORDER BY id"), args![]).await.expect("rows");
        assert!(rows.is_empty());
    }
    assert!(other.try_join_next().is_some(), "a thousand statements kept the thread to themselves");
}
