//! The seam between the product and its two databases. One SQL text, `$1` placeholders, two native drivers.
//!
//! Feature code knows [`Db::read`], [`Db::write`] and [`Tx`]; the only `match` on the engine is in here. SQLite has one
//! writer (`BEGIN IMMEDIATE`) and several readers; PostgreSQL has one pool.

mod arg;
mod migrate;
mod select;
mod whole_row;

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use arg::Arg;
pub use migrate::MigrationFile;
pub use select::Select;
pub use whole_row::WholeRow;

use crate::error::{Error, Result};

/// Which database is underneath. Three callers may ask: this module, `jobs`, and the product's search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A statement known when the program was compiled. Made by `sql!`, so that `cargo xtask sql` finds and prepares it.
#[derive(Clone, Copy, Debug)]
pub struct Sql(pub &'static str);

/// One portable statement: `sql!("SELECT … WHERE id = $1")`.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::db::Sql($text)
    };
}

/// Arguments of a statement, in the order of `$1, $2, …`: `args![id, name, now]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::db::Arg::from($value)),*]
    };
}

/// A struct that can be read from a row of either database: derive `sqlx::FromRow`.
pub trait Row: for<'r> sqlx::FromRow<'r, SqliteRow> + for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> sqlx::FromRow<'r, SqliteRow> + for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin {}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

/// How many connections read at once.
const READERS: u32 = 8;

impl Db {
    /// Opens (and on first use creates) the SQLite database in this file.
    pub async fn open_sqlite(file: &Path) -> Result<Db> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged write survives a power cut, not only a crash of this program.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // Each connection has its own; the system's file cache stands behind them all.
            .pragma("cache_size", "-8192")
            .pragma("temp_store", "memory")
            // Rows cross from the connection's thread in bundles; a page's worth should not make it wait.
            .row_buffer_size(1024)
            .statement_cache_capacity(512)
            // Statements are thousands of characters long, and who watches the product watches its pages.
            .disable_statement_logging();
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.clone())
            .await
            .with_context(|| format!("opening the database {}", file.display()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.read_only(true))
            .await
            .context("opening the database for reading")?;
        Ok(Db::Sqlite { writer, readers })
    }

    /// Connects to PostgreSQL 15 or later by URL.
    pub async fn open_postgres(url: &str) -> Result<Db> {
        let options = PgConnectOptions::from_str(url)
            .context("the database address is not of the form postgres://user@host/name")?
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(2 * READERS)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await
            .context("connecting to PostgreSQL")?;
        let version: (String,) = sqlx::query_as("SELECT current_setting('server_version_num')")
            .fetch_one(&pool)
            .await
            .context("asking PostgreSQL for its version")?;
        if version.0.parse::<i64>().unwrap_or(0) < 150_000 {
            return Err(anyhow::anyhow!("PostgreSQL 15 or later is needed, this one is {}", version.0).into());
        }
        Ok(Db::Postgres(pool))
    }

    pub fn engine(&self) -> Engine {
        match self {
            Db::Sqlite { .. } => Engine::Sqlite,
            Db::Postgres(_) => Engine::Postgres,
        }
    }

    /// A consistent look that changes nothing.
    pub async fn read(&self) -> Result<Tx> {
        let inner = match self {
            Db::Sqlite { readers, .. } => Inner::Sqlite(readers.begin().await?),
            Db::Postgres(pool) => {
                Inner::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx { inner, written: BTreeSet::new() })
    }

    /// The right to change. On SQLite there is one such right at a time; never hold it while waiting for the network.
    pub async fn write(&self) -> Result<Tx> {
        let inner = match self {
            Db::Sqlite { writer, .. } => Inner::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        };
        Ok(Tx { inner, written: BTreeSet::new() })
    }

    /// Creates an empty PostgreSQL database, as this product wants it: UTF-8, sorted by code points, so that text compares
    /// alike on both engines. The name is a plain word of letters, digits and `_`.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Db::Postgres(pool) = self else {
            return Err(anyhow::anyhow!("only PostgreSQL has several databases").into());
        };
        if !plain {
            return Err(anyhow::anyhow!("a database name is letters, digits and _").into());
        }
        let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(pool).await?;
        Ok(())
    }

    /// Closes every connection; SQLite folds its write-ahead log back into the file.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction. Dropped without [`Tx::commit`], it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    written: BTreeSet<&'static str>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Expands the same body once for each driver.
macro_rules! on {
    ($tx:expr, |$connection:ident, $driver:ident| $body:expr) => {
        match &mut $tx.inner {
            Inner::Sqlite(transaction) => {
                #[allow(dead_code)]
                type $driver = Sqlite;
                let $connection = &mut **transaction;
                $body
            }
            Inner::Postgres(transaction) => {
                #[allow(dead_code)]
                type $driver = Postgres;
                let $connection = &mut **transaction;
                $body
            }
        }
    };
}

impl Tx {
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// The first row, or none.
    pub async fn one<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Option<T>> {
        Ok(on!(self, |connection, D| sqlx::query_as_with(sql.0, arg::bind::<D>(args))
            .fetch_optional(connection)
            .await?))
    }

    /// Every row. The statement says how many at most.
    pub async fn all<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Vec<T>> {
        Ok(on!(self, |connection, D| sqlx::query_as_with(sql.0, arg::bind::<D>(args)).fetch_all(connection).await?))
    }

    /// Changes rows and says how many.
    pub async fn run(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64> {
        self.note_write(sql.0);
        Ok(on!(self, |connection, D| {
            sqlx::query_with(sql.0, arg::bind::<D>(args)).execute(connection).await?.rows_affected()
        }))
    }

    /// Changes a row and gives it back: `INSERT … RETURNING`, `UPDATE … RETURNING`.
    pub async fn run_returning<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Option<T>> {
        self.note_write(sql.0);
        self.one(sql, args).await
    }

    /// The rows of a filter put together at run time.
    pub async fn select<T: Row>(&mut self, select: Select) -> Result<Vec<T>> {
        let (sql, args) = select.into_parts(self.engine());
        Ok(on!(self, |connection, D| sqlx::query_as_with(sql, arg::bind::<D>(args)).fetch_all(connection).await?))
    }

    /// Changes rows by a statement put together at run time (many rows in one `INSERT`).
    pub async fn run_built(&mut self, table: &'static str, built: Select) -> Result<u64> {
        self.written.insert(table);
        let (sql, args) = built.into_parts(self.engine());
        // Hundreds of rows in one statement: rarely the same number twice, and too big to be kept prepared.
        Ok(on!(self, |connection, D| sqlx::query_with(sql, arg::bind::<D>(args))
            .persistent(false)
            .execute(connection)
            .await?
            .rows_affected()))
    }

    /// Whether the statement is valid here. Used by `cargo xtask sql`.
    pub async fn prepare(&mut self, sql: &str) -> Result<()> {
        use sqlx::Executor;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        on!(self, |connection, D| {
            connection.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await?;
        });
        Ok(())
    }

    /// The tables changed so far; whoever commits a unit of work checks that its journal names them.
    pub fn written(&self) -> &BTreeSet<&'static str> {
        &self.written
    }

    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await.map_err(Error::from),
            Inner::Postgres(transaction) => transaction.commit().await.map_err(Error::from),
        }
    }

    fn note_write(&mut self, sql: &'static str) {
        let mut words = sql.split_whitespace();
        let table = match words.next() {
            Some("INSERT" | "DELETE") => words.nth(1),
            Some("UPDATE") => words.next(),
            _ => None,
        };
        if let Some(table) = table {
            self.written.insert(table.split('(').next().unwrap_or(table));
        }
    }
}
