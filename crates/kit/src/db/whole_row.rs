//! A row as the journal sees it: every column, in order, in one spelling on both databases, so that its fingerprint can
//! be written down when it is changed and compared years later.

use std::collections::HashMap;
use std::io::Write;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column, Row as _, TypeInfo};

use super::{Arg, Inner, Select, Tx, arg};
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
            digest_column(&mut digest, name, value.as_deref());
        }
        hex::encode(digest.finalize())
    }
}

/// One column's part of a fingerprint. A batch of alerts has tens of thousands of them.
pub(super) fn digest_column(digest: &mut Sha256, name: &str, value: Option<&str>) {
    digest.update(name.as_bytes());
    match value {
        Some(value) => {
            let mut length = [0; 24];
            let mut rest = &mut length[..];
            write!(rest, "={}:", value.len()).expect("a length has at most twenty digits");
            let unused = rest.len();
            digest.update(&length[..length.len() - unused]);
            digest.update(value.as_bytes());
        }
        None => digest.update(b"~"),
    }
    digest.update(b"\n");
}

/// How a row looks: how many columns it has, and the fingerprint over all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    pub id: String,
    pub columns: usize,
    pub hash: String,
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

    /// The fingerprints of the rows with these ids, as far as they exist. `table` is a constant of the program.
    pub async fn fingerprints(&mut self, table: &'static str, ids: &[String]) -> Result<HashMap<String, Fingerprint>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let select = Select::new("SELECT * FROM", []).tail(table, []).and_in("id", chunk.iter().map(Arg::from));
            let (sql, args) = select.into_parts(self.engine());
            let prints = match &mut self.inner {
                Inner::Sqlite(connection) => connection.fingerprints(&sql, &args)?,
                Inner::Postgres(_) => {
                    let mut rows = HashMap::new();
                    self.read_rows(sql, args, &mut rows).await?;
                    let print = |row: WholeRow| {
                        let columns = row.columns.len();
                        Fingerprint { hash: row.fingerprint(columns), columns, id: row.id }
                    };
                    rows.into_values().map(print).collect()
                }
            };
            found.extend(prints.into_iter().map(|print| (print.id.clone(), print)));
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
        let rows: Vec<WholeRow> = match &mut self.inner {
            Inner::Sqlite(connection) => connection.whole_rows(&sql, &args)?,
            Inner::Postgres(transaction) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), arg::bind(args));
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.iter().map(from_postgres).collect::<Result<_, sqlx::Error>>()?
            }
        };
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        Ok(())
    }
}

fn from_postgres(row: &PgRow) -> Result<WholeRow, sqlx::Error> {
    let mut columns = Vec::with_capacity(row.columns().len());
    for (index, column) in row.columns().iter().enumerate() {
        let value = match column.type_info().name() {
            "BOOL" => row.try_get::<Option<bool>, _>(index)?.map(|value| value.to_string()),
            "INT8" => row.try_get::<Option<i64>, _>(index)?.map(|value| value.to_string()),
            "FLOAT8" => row.try_get::<Option<f64>, _>(index)?.map(|value| format!("{value:?}")),
            _ => row.try_get::<Option<String>, _>(index)?,
        };
        columns.push((column.name().to_owned(), value));
    }
    let id = row.try_get::<String, _>("id")?;
    Ok(WholeRow { id, columns })
}
