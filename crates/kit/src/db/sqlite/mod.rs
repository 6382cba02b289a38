//! SQLite on the thread that asks. A statement of a page takes some ten millionths of a second; handing it to another
//! thread and waiting for the answer took longer than the answer itself.
//!
//! What may take long is rare and bounded: the disk's word that a commit is safe is waited for aside ([`Sqlite`'s
//! commit](Connection::commit)), and the program runs more threads than the machine has processors.

mod glue;
mod row;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, Statement};
use sha2::{Digest, Sha256};
use sqlx::FromRow;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use glue::Sqlite;
pub use row::SqliteRow;

use super::whole_row::digest_column;
use super::{Arg, Fingerprint, WholeRow};
use crate::error::{Error, Result};

/// How long a unit of work waits for its turn, within this program and behind another one.
const PATIENCE: Duration = Duration::from_secs(30);
const BUSY: Duration = Duration::from_secs(10);
/// Statements a connection keeps prepared.
const PREPARED: usize = 512;

/// The connections that read, or the one that writes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    writes: bool,
    turns: Arc<Semaphore>,
    /// Those that nobody uses now; the last used is used next, its cache is warm.
    idle: Mutex<Vec<rusqlite::Connection>>,
}

impl Connections {
    /// At most `count` connections to this file, opened as they are needed; the first one now.
    pub fn open(file: &Path, count: usize, writes: bool) -> Result<Connections> {
        let inner = Inner {
            file: file.to_owned(),
            writes,
            turns: Arc::new(Semaphore::new(count)),
            idle: Mutex::new(Vec::new()),
        };
        let first = inner.connect()?;
        inner.put_back(first);
        Ok(Connections(Arc::new(inner)))
    }

    /// Begins a transaction when a connection is free.
    pub async fn begin(&self) -> Result<Connection> {
        let turn = tokio::time::timeout(PATIENCE, self.0.turns.clone().acquire_owned())
            .await
            .context("the database was busy for too long")?
            .context("the database is closed")?;
        let idle = self.0.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.connect()?,
        };
        let begin = |sql: &str| connection.prepare_cached(sql)?.raw_execute();
        if self.0.writes {
            // Another program may be writing (`ungcuu account` while this one serves); nobody else waits for that.
            connection.busy_timeout(Duration::ZERO)?;
            let begun = begin("BEGIN IMMEDIATE");
            connection.busy_timeout(BUSY)?;
            match begun {
                Err(cause) if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                    aside(|| begin("BEGIN IMMEDIATE"))
                }
                begun => begun,
            }?;
        } else {
            begin("BEGIN")?;
        }
        Ok(Connection { connection: Some(Mutex::new(connection)), home: self.0.clone(), _turn: turn })
    }

    /// Waits for those in use, then closes all of them.
    pub async fn close(&self) {
        let all = u32::try_from(self.0.turns.available_permits().max(1)).unwrap_or(1);
        let _ = tokio::time::timeout(PATIENCE, self.0.turns.acquire_many(all)).await;
        self.0.turns.close();
        self.0.idle().clear();
    }
}

impl Inner {
    fn connect(&self) -> Result<rusqlite::Connection> {
        let access = if self.writes {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
        let open = || -> rusqlite::Result<rusqlite::Connection> {
            let connection =
                rusqlite::Connection::open_with_flags(&self.file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(BUSY)?;
            connection.set_prepared_statement_cache_capacity(PREPARED);
            // A plan does not depend on the arguments. Otherwise SQLite plans every statement on a table with a partial
            // index anew for each argument, which takes longer than running it.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            if self.writes {
                connection.pragma_update(None, "journal_mode", "wal")?;
            }
            // An acknowledged write survives a power cut, not only a crash of this program.
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            // In KiB; each connection has its own, and few are in use at once. The system's file cache stands behind them all.
            connection.pragma_update(None, "cache_size", -16_384)?;
            connection.pragma_update(None, "temp_store", "memory")?;
            Ok(connection)
        };
        Ok(open().with_context(|| format!("opening the database {}", self.file.display()))?)
    }

    fn put_back(&self, connection: rusqlite::Connection) {
        self.idle().push(connection);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<rusqlite::Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in a transaction. Dropped without [`Connection::commit`], nothing of it happened.
#[derive(Debug)]
pub struct Connection {
    /// There until the end. Never locked: whoever runs a statement holds it alone; the lock only lets others look at what
    /// holds it.
    connection: Option<Mutex<rusqlite::Connection>>,
    home: Arc<Inner>,
    _turn: OwnedSemaphorePermit,
}

impl Connection {
    fn get(&mut self) -> &mut rusqlite::Connection {
        let connection = self.connection.as_mut().expect("a transaction has its connection until it ends");
        connection.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most `limit` rows. `keep` a statement prepared when it will be asked again.
    pub fn rows<T>(&mut self, sql: &str, args: &[Arg], keep: bool, limit: usize) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        let begun = tracing::enabled!(tracing::Level::TRACE).then(Instant::now);
        let connection = self.get();
        let rows = if keep {
            read(&mut *connection.prepare_cached(sql)?, args, limit)
        } else {
            read(&mut connection.prepare(sql)?, args, limit)
        }?;
        if let Some(begun) = begun {
            // For whoever asks why a page is slow: `UNGCUU_LOG=warn,ungcuu_kit=trace`.
            tracing::trace!(rows = rows.len(), took = ?begun.elapsed(), sql);
        }
        Ok(rows)
    }

    /// Changes rows and says how many.
    pub fn run(&mut self, sql: &str, args: &[Arg], keep: bool) -> Result<u64> {
        let connection = self.get();
        let changed = if keep {
            run(&mut *connection.prepare_cached(sql)?, args)
        } else {
            run(&mut connection.prepare(sql)?, args)
        }?;
        Ok(u64::try_from(changed).unwrap_or_default())
    }

    /// Statements without arguments, one behind the other.
    pub fn run_script(&mut self, sql: &str) -> Result<()> {
        Ok(self.get().execute_batch(sql)?)
    }

    /// Whole rows, as the journal sees them.
    pub fn whole_rows(&mut self, sql: &str, args: &[Arg]) -> Result<Vec<WholeRow>> {
        let mut found = Vec::new();
        self.each_row(sql, args, |names, row| {
            let mut whole = WholeRow { id: String::new(), columns: Vec::with_capacity(names.len()) };
            for (place, (name, kind)) in names.iter().enumerate() {
                let value = spelled(row.get_ref(place)?, *kind)?.map(Cow::into_owned);
                if name == "id" {
                    whole.id = value.clone().unwrap_or_default();
                }
                whole.columns.push((name.clone(), value));
            }
            found.push(whole);
            Ok(())
        })?;
        Ok(found)
    }

    /// The fingerprints of whole rows, without taking the rows over.
    pub fn fingerprints(&mut self, sql: &str, args: &[Arg]) -> Result<Vec<Fingerprint>> {
        let mut found = Vec::new();
        self.each_row(sql, args, |names, row| {
            let mut digest = Sha256::new();
            let mut id = String::new();
            for (place, (name, kind)) in names.iter().enumerate() {
                let value = spelled(row.get_ref(place)?, *kind)?;
                digest_column(&mut digest, name, value.as_deref());
                if name == "id" {
                    id = value.unwrap_or_default().into_owned();
                }
            }
            found.push(Fingerprint { id, columns: names.len(), hash: hex::encode(digest.finalize()) });
            Ok(())
        })?;
        Ok(found)
    }

    fn each_row(
        &mut self,
        sql: &str,
        args: &[Arg],
        mut take: impl FnMut(&[(String, ColumnKind)], &rusqlite::Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let connection = self.get();
        let mut statement = connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        let kind = |column: &rusqlite::Column<'_>| match column.decl_type() {
            Some("BOOLEAN") => ColumnKind::YesOrNo,
            _ => ColumnKind::Other,
        };
        let names: Vec<(String, ColumnKind)> =
            statement.columns().iter().map(|column| (column.name().to_owned(), kind(column))).collect();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            take(&names, row)?;
        }
        Ok(())
    }

    /// Whether the statement is valid here.
    pub fn prepare(&mut self, sql: &str) -> Result<()> {
        self.get().prepare(sql)?;
        Ok(())
    }

    /// Makes it so, and waits until the disk says that it is safe.
    pub fn commit(mut self) -> Result<()> {
        let writes = self.home.writes;
        let connection = self.get();
        let commit = || connection.prepare_cached("COMMIT")?.raw_execute();
        if writes { aside(commit) } else { commit() }?;
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let connection = connection.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
        // One that does not come back from its transaction is closed, and the next one opened.
        if ended && !self.home.turns.is_closed() {
            self.home.put_back(connection);
        }
    }
}

/// What a column was declared as, as far as a value does not tell.
#[derive(Clone, Copy, PartialEq)]
enum ColumnKind {
    YesOrNo,
    Other,
}

/// A value as it is spelled for the journal, alike on both databases.
fn spelled(value: ValueRef<'_>, kind: ColumnKind) -> Result<Option<Cow<'_, str>>> {
    Ok(match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) if kind == ColumnKind::YesOrNo => {
            Some(Cow::Borrowed(if number == 0 { "false" } else { "true" }))
        }
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string())),
        ValueRef::Real(number) => Some(Cow::Owned(format!("{number:?}"))),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Some(Cow::Borrowed(std::str::from_utf8(text).map_err(Error::internal)?))
        }
    })
}

/// Waits for the disk without holding up what else this thread would do.
fn aside<T>(wait: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

fn read<T>(statement: &mut Statement<'_>, args: &[Arg], limit: usize) -> Result<Vec<T>>
where
    T: for<'r> FromRow<'r, SqliteRow>,
{
    bind(statement, args)?;
    let mut current = SqliteRow::new(statement);
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        current.fill(row)?;
        found.push(T::from_row(&current)?);
    }
    Ok(found)
}

fn run(statement: &mut Statement<'_>, args: &[Arg]) -> Result<usize> {
    bind(statement, args)?;
    Ok(statement.raw_execute()?)
}

/// `$3` stands for the third argument wherever it stands; a bare question mark for the next one.
fn bind(statement: &mut Statement<'_>, args: &[Arg]) -> Result<()> {
    let mut next = 0;
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let place = number.map_or(next, |number| number - 1);
        next = place + 1;
        let arg = args.get(place).with_context(|| format!("a statement asks for argument {}", place + 1))?;
        statement.raw_bind_parameter(index, arg)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Arg {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Arg::Bool(Some(value)) => ValueRef::Integer((*value).into()),
            Arg::Int(Some(value)) => ValueRef::Integer(*value),
            Arg::Real(Some(value)) => ValueRef::Real(*value),
            Arg::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Arg::Bool(None) | Arg::Int(None) | Arg::Real(None) | Arg::Text(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(cause: rusqlite::Error) -> Error {
        if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            return Error::Full;
        }
        Error::internal(cause)
    }
}
