//! What `sqlx::Database` asks for beyond rows. Rows are read through sqlx's derive, so that a feature's struct serves both
//! databases; connecting, binding and describing go past it, and their types here have no values.

use std::str::FromStr;
use std::time::Duration;

use log::LevelFilter;
use sqlx::error::BoxDynError;
use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::{Either, Encode, FromRow, IntoArguments, SqlStr, Transaction, Type};
use sqlx_core::transaction::TransactionManager;
use url::Url;

use super::row::{SqliteColumn, SqliteRow, SqliteType, SqliteValue, SqliteValueRef};

/// SQLite as a database whose rows sqlx can read.
#[derive(Debug)]
pub struct Sqlite;

/// Something that does not exist.
#[derive(Clone, Debug)]
pub enum Never {}

/// Arguments are bound by [`super::Connection`], not here.
#[derive(Debug, Default)]
pub struct NoArguments;

#[derive(Debug, Default)]
pub struct NoResult;

impl sqlx::Database for Sqlite {
    type Connection = Never;
    type TransactionManager = Never;
    type Row = SqliteRow;
    type QueryResult = NoResult;
    type Column = SqliteColumn;
    type TypeInfo = SqliteType;
    type Value = SqliteValue;
    type ValueRef<'r> = SqliteValueRef<'r>;
    type Arguments = NoArguments;
    type ArgumentBuffer = ();
    type Statement = Never;

    const NAME: &'static str = "SQLite";
    const URL_SCHEMES: &'static [&'static str] = &[];
}

impl Extend<NoResult> for NoResult {
    fn extend<T: IntoIterator<Item = NoResult>>(&mut self, _: T) {}
}

impl sqlx::Arguments for NoArguments {
    type Database = Sqlite;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, _: T) -> Result<(), BoxDynError> {
        Err("arguments are not bound here".into())
    }

    fn len(&self) -> usize {
        0
    }
}

impl FromStr for Never {
    type Err = sqlx::Error;

    fn from_str(_: &str) -> Result<Never, sqlx::Error> {
        Err(sqlx::Error::Configuration("this database is opened by its file".into()))
    }
}

impl sqlx::ConnectOptions for Never {
    type Connection = Never;

    fn from_url(_: &Url) -> Result<Never, sqlx::Error> {
        Never::from_str("")
    }

    async fn connect(&self) -> Result<Never, sqlx::Error> {
        match *self {}
    }

    fn log_statements(self, _: LevelFilter) -> Never {
        self
    }

    fn log_slow_statements(self, _: LevelFilter, _: Duration) -> Never {
        self
    }
}

impl sqlx::Connection for Never {
    type Database = Sqlite;
    type Options = Never;

    async fn close(self) -> Result<(), sqlx::Error> {
        match self {}
    }

    async fn close_hard(self) -> Result<(), sqlx::Error> {
        match self {}
    }

    async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match *self {}
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
        match *self {}
    }

    fn shrink_buffers(&mut self) {
        match *self {}
    }

    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        match *self {}
    }

    fn should_flush(&self) -> bool {
        match *self {}
    }
}

impl TransactionManager for Never {
    type Database = Sqlite;

    async fn begin(connection: &mut Never, _: Option<SqlStr>) -> Result<(), sqlx::Error> {
        match *connection {}
    }

    async fn commit(connection: &mut Never) -> Result<(), sqlx::Error> {
        match *connection {}
    }

    async fn rollback(connection: &mut Never) -> Result<(), sqlx::Error> {
        match *connection {}
    }

    fn start_rollback(connection: &mut Never) {
        match *connection {}
    }

    fn get_transaction_depth(connection: &Never) -> usize {
        match *connection {}
    }
}

impl sqlx::Statement for Never {
    type Database = Sqlite;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[SqliteType], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[SqliteColumn] {
        match *self {}
    }

    fn query(&self) -> Query<'_, Sqlite, NoArguments> {
        match *self {}
    }

    fn query_with<A: IntoArguments<Sqlite>>(&self, _: A) -> Query<'_, Sqlite, A> {
        match *self {}
    }

    fn query_as<O: for<'r> FromRow<'r, SqliteRow>>(&self) -> QueryAs<'_, Sqlite, O, NoArguments> {
        match *self {}
    }

    fn query_as_with<'s, O, A>(&'s self, _: A) -> QueryAs<'s, Sqlite, O, A>
    where
        O: for<'r> FromRow<'r, SqliteRow>,
        A: IntoArguments<Sqlite>,
    {
        match *self {}
    }

    fn query_scalar<O>(&self) -> QueryScalar<'_, Sqlite, O, NoArguments>
    where
        (O,): for<'r> FromRow<'r, SqliteRow>,
    {
        match *self {}
    }

    fn query_scalar_with<'s, O, A>(&'s self, _: A) -> QueryScalar<'s, Sqlite, O, A>
    where
        (O,): for<'r> FromRow<'r, SqliteRow>,
        A: IntoArguments<Sqlite>,
    {
        match *self {}
    }
}
