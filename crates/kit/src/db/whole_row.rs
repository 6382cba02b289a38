//! A row as the journal sees it: every column, in order, in one spelling on both databases, so that its fingerprint can
//! be written down when it is changed and compared years later.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column, Row as _, TypeInfo};

use super::{Inner, Tx, arg};
use crate::db::Arg;
use crate::error::Result;

/// A row of any table that has an `id`.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeRow {
    pub id: String,
    /// Column names and their values as text; absent values are absent.
    pub columns: Vec<(String, Option<String>)>,
}

impl WholeRow {
    /// SHA-256 over the first `columns` columns. Later migrations add columns at the end, so an old fingerprint still
    /// speaks about the row as it was known then.
    pub fn fingerprint(&self, columns: usize) -> String {
        let mut digest = Sha256::new();
        for (name, value) in self.columns.iter().take(columns) {
            digest.update(name.as_bytes());
            match value {
                Some(value) => {
                    digest.update(format!("={}:", value.len()).as_bytes());
                    digest.update(value.as_bytes());
                }
                None => digest.update(b"~"),
            }
            digest.update(b"\n");
        }
        hex::encode(digest.finalize())
    }
}

impl Tx {
    /// The rows with these ids, as far as they exist. `table` is a constant of the program.
    pub async fn whole_rows(&mut self, table: &'static str, ids: &[String]) -> Result<HashMap<String, WholeRow>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let marks: Vec<String> = (1..=chunk.len()).map(|index| format!("${index}")).collect();
            let sql = format!("SELECT * FROM {table} WHERE id IN ({})", marks.join(", "));
            let args = chunk.iter().map(Arg::from).collect();
            self.read_rows(sql, args, &mut found).await?;
        }
        Ok(found)
    }

    /// The next rows of a table in the order of their ids, after the given one. Used to walk a whole table.
    pub async fn whole_rows_after(&mut self, table: &'static str, after: &str, limit: i64) -> Result<Vec<WholeRow>> {
        let mut found = HashMap::new();
        let sql = format!("SELECT * FROM {table} WHERE id > $1 ORDER BY id LIMIT $2");
        self.read_rows(sql, vec![Arg::from(after), Arg::from(limit)], &mut found).await?;
        let mut rows: Vec<WholeRow> = found.into_values().collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }

    async fn read_rows(&mut self, sql: String, args: Vec<Arg>, found: &mut HashMap<String, WholeRow>) -> Result<()> {
        let sql = AssertSqlSafe(sql);
        let rows: Vec<WholeRow> = match &mut self.inner {
            Inner::Sqlite(transaction) => {
                let rows = sqlx::query_with(sql, arg::bind::<sqlx::Sqlite>(args)).fetch_all(&mut **transaction).await?;
                rows.iter().map(from_sqlite).collect::<Result<_, sqlx::Error>>()?
            }
            Inner::Postgres(transaction) => {
                let rows =
                    sqlx::query_with(sql, arg::bind::<sqlx::Postgres>(args)).fetch_all(&mut **transaction).await?;
                rows.iter().map(from_postgres).collect::<Result<_, sqlx::Error>>()?
            }
        };
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        Ok(())
    }
}

macro_rules! read_row {
    ($name:ident, $row:ty) => {
        fn $name(row: &$row) -> Result<WholeRow, sqlx::Error> {
            let mut columns = Vec::with_capacity(row.columns().len());
            for (index, column) in row.columns().iter().enumerate() {
                let value = match column.type_info().name() {
                    "BOOLEAN" | "BOOL" => row.try_get::<Option<bool>, _>(index)?.map(|value| value.to_string()),
                    "INTEGER" | "BIGINT" | "INT8" => {
                        row.try_get::<Option<i64>, _>(index)?.map(|value| value.to_string())
                    }
                    "REAL" | "FLOAT8" | "DOUBLE PRECISION" => {
                        row.try_get::<Option<f64>, _>(index)?.map(|value| format!("{value:?}"))
                    }
                    _ => row.try_get::<Option<String>, _>(index)?,
                };
                columns.push((column.name().to_owned(), value));
            }
            let id = row.try_get::<String, _>("id")?;
            Ok(WholeRow { id, columns })
        }
    };
}

read_row!(from_sqlite, SqliteRow);
read_row!(from_postgres, PgRow);
