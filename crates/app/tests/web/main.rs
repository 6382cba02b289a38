//! The product from the outside: real requests against a real database, SQLite or, when `UNGCUU_TEST_DB=postgres`, the
//! PostgreSQL server named by `UNGCUU_TEST_POSTGRES`.

mod sink;
mod support;

mod alert;
mod auth;
mod conflict;
mod coordination;
mod crawl;
mod demo;
mod evidence;
mod foundation;
mod home;
mod hostile;
mod incident;
mod incident_work;
mod indicator;
mod openapi;
mod org;
mod post;
mod report;
mod roles;
mod routes;
mod search;
mod system;
