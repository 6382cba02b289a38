//! The product from the outside: real requests against a real database, SQLite or, when `UNGCUU_TEST_DB=postgres`, the
//! PostgreSQL server named by `UNGCUU_TEST_POSTGRES`.

mod support;

mod alert;
mod foundation;
