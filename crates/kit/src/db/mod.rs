//! The seam between the product and its two databases. One SQL text, `$1` placeholders, two native drivers.
//!
//! Feature code knows [`Db::read`], [`Db::write`] and [`Tx`]; the only `match` on the engine is in here. SQLite has one
//! writer (`BEGIN IMMEDIATE`) and several readers; PostgreSQL has one pool.

mod arg;
mod memory;
mod migrate;
mod select;
mod sqlite;
mod whole_row;

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool, Postgres, Transaction};

pub use arg::Arg;
pub use migrate::MigrationFile;
pub use select::Select;
pub use sqlite::{Connections, SqliteRow};
pub use whole_row::{Fingerprint, WholeRow};

use crate::error::{Error, Result};
use memory::Memory;

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
pub struct Db {
    pools: Pools,
    memory: Memory,
}

#[derive(Clone, Debug)]
enum Pools {
    Sqlite { writer: Connections, readers: Connections },
    Postgres(PgPool),
}

/// How many connections read at once.
const READERS: usize = 8;

impl Db {
    /// Opens (and on first use creates) the SQLite database in this file.
    pub async fn open_sqlite(file: &Path) -> Result<Db> {
        // The writer first: it creates the file that the others read.
        let writer = Connections::open(file, 1, true)?;
        let readers = Connections::open(file, READERS, false)?;
        Ok(Db { pools: Pools::Sqlite { writer, readers }, memory: Memory::default() })
    }

    /// Connects to PostgreSQL 15 or later by URL.
    pub async fn open_postgres(url: &str) -> Result<Db> {
        let options = PgConnectOptions::from_str(url)
            .context("the database address is not of the form postgres://user@host/name")?
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(2 * READERS as u32)
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
        Ok(Db { pools: Pools::Postgres(pool), memory: Memory::default() })
    }

    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// A consistent look that changes nothing.
    pub async fn read(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Inner::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx { inner, written: BTreeSet::new(), memory: self.memory.clone(), changes: false })
    }

    /// The right to change. On SQLite there is one such right at a time; never hold it while waiting for the network.
    pub async fn write(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { writer, .. } => Inner::Sqlite(writer.begin().await?),
            Pools::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        };
        Ok(Tx { inner, written: BTreeSet::new(), memory: self.memory.clone(), changes: true })
    }

    /// Creates an empty PostgreSQL database, as this product wants it: UTF-8, sorted by code points, so that text compares
    /// alike on both engines. The name is a plain word of letters, digits and `_`.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Pools::Postgres(pool) = &self.pools else {
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
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction. Dropped without [`Tx::commit`], it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    written: BTreeSet<&'static str>,
    memory: Memory,
    changes: bool,
}

#[derive(Debug)]
enum Inner {
    Sqlite(sqlite::Connection),
    Postgres(Transaction<'static, Postgres>),
}

/// SQLite answers without ever waiting, so that whoever asks a thousand times would keep the thread to themselves; every so
/// many statements others have their turn.
async fn give_way() {
    tokio::task::coop::consume_budget().await;
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
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                give_way().await;
                Ok(connection.rows(sql.0, &args, true, 1)?.pop())
            }
            Inner::Postgres(transaction) => {
                Ok(sqlx::query_as_with(sql.0, arg::bind(args)).fetch_optional(&mut **transaction).await?)
            }
        }
    }

    /// Every row. The statement says how many at most.
    pub async fn all<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Vec<T>> {
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                give_way().await;
                connection.rows(sql.0, &args, true, usize::MAX)
            }
            Inner::Postgres(transaction) => {
                Ok(sqlx::query_as_with(sql.0, arg::bind(args)).fetch_all(&mut **transaction).await?)
            }
        }
    }

    /// Changes rows and says how many.
    pub async fn run(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64> {
        self.note_write(sql.0);
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                give_way().await;
                connection.run(sql.0, &args, true)
            }
            Inner::Postgres(transaction) => {
                let done = sqlx::query_with(sql.0, arg::bind(args)).execute(&mut **transaction).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Changes a row and gives it back: `INSERT … RETURNING`, `UPDATE … RETURNING`.
    pub async fn run_returning<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Option<T>> {
        self.note_write(sql.0);
        // To its end: what was asked for is done only then.
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The rows of a filter put together at run time.
    pub async fn select<T: Row>(&mut self, select: Select) -> Result<Vec<T>> {
        let (sql, args) = select.into_parts(self.engine());
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                give_way().await;
                connection.rows(&sql, &args, true, usize::MAX)
            }
            Inner::Postgres(transaction) => {
                Ok(sqlx::query_as_with(AssertSqlSafe(sql), arg::bind(args)).fetch_all(&mut **transaction).await?)
            }
        }
    }

    /// Changes rows by a statement put together at run time (many rows in one `INSERT`).
    pub async fn run_built(&mut self, table: &'static str, built: Select) -> Result<u64> {
        self.written.insert(table);
        let (sql, args) = built.into_parts(self.engine());
        // Hundreds of rows in one statement: rarely the same number twice, and too big to be kept prepared.
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                give_way().await;
                connection.run(&sql, &args, false)
            }
            Inner::Postgres(transaction) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), arg::bind(args)).persistent(false);
                Ok(query.execute(&mut **transaction).await?.rows_affected())
            }
        }
    }

    /// Whether the statement is valid here. Used by `cargo xtask sql`.
    pub async fn prepare(&mut self, sql: &str) -> Result<()> {
        use sqlx::Executor;
        match &mut self.inner {
            Inner::Sqlite(connection) => connection.prepare(sql)?,
            Inner::Postgres(transaction) => {
                let sql = AssertSqlSafe(sql.to_owned());
                transaction.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await?;
            }
        }
        Ok(())
    }

    /// The tables changed so far; whoever commits a unit of work checks that its journal names them.
    pub fn written(&self) -> &BTreeSet<&'static str> {
        &self.written
    }

    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(connection) => connection.commit(),
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
