//! A row of SQLite as the derived `sqlx::FromRow` of a feature reads it. One row's memory serves all rows of an answer.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::error::BoxDynError;
use sqlx::{ColumnIndex, Decode, Type, TypeInfo, Value, ValueRef};

use super::Sqlite;

/// The row that was read last.
pub struct SqliteRow {
    columns: Vec<SqliteColumn>,
    cells: Vec<Cell>,
    /// The text of all cells, one behind the other.
    text: String,
    /// Where the next column is likely to be: structs read their columns in the statement's order.
    next: AtomicUsize,
}

#[derive(Clone, Copy)]
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text { begin: usize, end: usize },
}

/// A column of an answer.
#[derive(Debug)]
pub struct SqliteColumn {
    name: String,
    place: usize,
}

/// A value as it stands in the row.
#[derive(Clone, Copy, Debug)]
pub enum SqliteValueRef<'r> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'r str),
}

/// The same, owned.
#[derive(Clone, Debug)]
pub enum SqliteValue {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
}

/// What kind of value is stored; SQLite knows it of each value, not of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqliteType {
    Null,
    Int,
    Real,
    Text,
}

impl SqliteRow {
    pub(super) fn new(statement: &rusqlite::Statement<'_>) -> SqliteRow {
        let named = |(place, name): (usize, &str)| SqliteColumn { name: name.to_owned(), place };
        let columns: Vec<SqliteColumn> = statement.column_names().into_iter().enumerate().map(named).collect();
        SqliteRow { cells: Vec::with_capacity(columns.len()), columns, text: String::new(), next: AtomicUsize::new(0) }
    }

    /// Takes over the values of the row on which the statement stands.
    pub(super) fn fill(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        self.cells.clear();
        self.text.clear();
        self.next.store(0, Ordering::Relaxed);
        for place in 0..self.columns.len() {
            self.cells.push(match row.get_ref(place)? {
                rusqlite::types::ValueRef::Null => Cell::Null,
                rusqlite::types::ValueRef::Integer(number) => Cell::Int(number),
                rusqlite::types::ValueRef::Real(number) => Cell::Real(number),
                rusqlite::types::ValueRef::Text(bytes) => {
                    let begin = self.text.len();
                    self.text.push_str(std::str::from_utf8(bytes)?);
                    Cell::Text { begin, end: self.text.len() }
                }
                // No table of the product has a column of bytes.
                rusqlite::types::ValueRef::Blob(_) => {
                    return Err(rusqlite::Error::InvalidColumnType(
                        place,
                        self.columns[place].name.clone(),
                        rusqlite::types::Type::Blob,
                    ));
                }
            });
        }
        Ok(())
    }
}

impl sqlx::Row for SqliteRow {
    type Database = Sqlite;

    fn columns(&self) -> &[SqliteColumn] {
        &self.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<SqliteValueRef<'_>, sqlx::Error> {
        let place = index.index(self)?;
        Ok(match self.cells[place] {
            Cell::Null => SqliteValueRef::Null,
            Cell::Int(number) => SqliteValueRef::Int(number),
            Cell::Real(number) => SqliteValueRef::Real(number),
            Cell::Text { begin, end } => SqliteValueRef::Text(&self.text[begin..end]),
        })
    }
}

impl fmt::Debug for SqliteRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRow").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl ColumnIndex<SqliteRow> for &'_ str {
    fn index(&self, row: &SqliteRow) -> Result<usize, sqlx::Error> {
        let likely = row.next.load(Ordering::Relaxed);
        let found = match row.columns.get(likely) {
            Some(column) if column.name == *self => likely,
            _ => row
                .columns
                .iter()
                .position(|column| column.name == *self)
                .ok_or_else(|| sqlx::Error::ColumnNotFound((*self).to_owned()))?,
        };
        row.next.store(found + 1, Ordering::Relaxed);
        Ok(found)
    }
}

impl ColumnIndex<SqliteRow> for usize {
    fn index(&self, row: &SqliteRow) -> Result<usize, sqlx::Error> {
        let len = row.columns.len();
        if *self < len { Ok(*self) } else { Err(sqlx::Error::ColumnIndexOutOfBounds { index: *self, len }) }
    }
}

impl sqlx::Column for SqliteColumn {
    type Database = Sqlite;

    fn ordinal(&self) -> usize {
        self.place
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn type_info(&self) -> &SqliteType {
        // Of each value, not of a column.
        &SqliteType::Null
    }
}

impl SqliteValueRef<'_> {
    fn kind(&self) -> SqliteType {
        match self {
            SqliteValueRef::Null => SqliteType::Null,
            SqliteValueRef::Int(_) => SqliteType::Int,
            SqliteValueRef::Real(_) => SqliteType::Real,
            SqliteValueRef::Text(_) => SqliteType::Text,
        }
    }
}

impl<'r> ValueRef<'r> for SqliteValueRef<'r> {
    type Database = Sqlite;

    fn to_owned(&self) -> SqliteValue {
        match *self {
            SqliteValueRef::Null => SqliteValue::Null,
            SqliteValueRef::Int(number) => SqliteValue::Int(number),
            SqliteValueRef::Real(number) => SqliteValue::Real(number),
            SqliteValueRef::Text(text) => SqliteValue::Text(text.to_owned()),
        }
    }

    fn type_info(&self) -> Cow<'_, SqliteType> {
        Cow::Owned(self.kind())
    }

    fn is_null(&self) -> bool {
        matches!(self, SqliteValueRef::Null)
    }
}

impl Value for SqliteValue {
    type Database = Sqlite;

    fn as_ref(&self) -> SqliteValueRef<'_> {
        match self {
            SqliteValue::Null => SqliteValueRef::Null,
            SqliteValue::Int(number) => SqliteValueRef::Int(*number),
            SqliteValue::Real(number) => SqliteValueRef::Real(*number),
            SqliteValue::Text(text) => SqliteValueRef::Text(text),
        }
    }

    fn type_info(&self) -> Cow<'_, SqliteType> {
        Cow::Owned(self.as_ref().kind())
    }

    fn is_null(&self) -> bool {
        matches!(self, SqliteValue::Null)
    }
}

impl fmt::Display for SqliteType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TypeInfo for SqliteType {
    fn is_null(&self) -> bool {
        *self == SqliteType::Null
    }

    fn name(&self) -> &str {
        match self {
            SqliteType::Null => "NULL",
            SqliteType::Int => "INTEGER",
            SqliteType::Real => "REAL",
            SqliteType::Text => "TEXT",
        }
    }
}

fn other_kind(wanted: &str, found: SqliteValueRef<'_>) -> BoxDynError {
    format!("{wanted} was expected, {} is stored", found.kind()).into()
}

/// How a type is read: which kind of value it is stored as, and what that value becomes.
macro_rules! read_as {
    ($($type:ty, $kind:ident, $wanted:literal, $pattern:pat => $value:expr);+ $(;)?) => {
        $(
            impl Type<Sqlite> for $type {
                fn type_info() -> SqliteType {
                    SqliteType::$kind
                }
            }

            impl<'r> Decode<'r, Sqlite> for $type {
                fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                    match value {
                        $pattern => $value,
                        other => Err(other_kind($wanted, other)),
                    }
                }
            }
        )+
    };
}

read_as! {
    bool, Int, "a yes or no", SqliteValueRef::Int(number) => Ok(number != 0);
    i64, Int, "a number", SqliteValueRef::Int(number) => Ok(number);
    i32, Int, "a number", SqliteValueRef::Int(number) => Ok(number.try_into()?);
    String, Text, "text", SqliteValueRef::Text(text) => Ok(text.to_owned());
}

impl Type<Sqlite> for str {
    fn type_info() -> SqliteType {
        SqliteType::Text
    }
}

impl<'r> Decode<'r, Sqlite> for &'r str {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        match value {
            SqliteValueRef::Text(text) => Ok(text),
            other => Err(other_kind("text", other)),
        }
    }
}

impl Type<Sqlite> for f64 {
    fn type_info() -> SqliteType {
        SqliteType::Real
    }

    fn compatible(found: &SqliteType) -> bool {
        matches!(found, SqliteType::Real | SqliteType::Int)
    }
}

impl<'r> Decode<'r, Sqlite> for f64 {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        match value {
            SqliteValueRef::Real(number) => Ok(number),
            // A sum of whole numbers.
            SqliteValueRef::Int(number) => Ok(number as f64),
            other => Err(other_kind("a number", other)),
        }
    }
}
