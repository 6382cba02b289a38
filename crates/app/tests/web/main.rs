//! The product from the outside: real requests against a real database, SQLite or, when `UNGCUU_TEST_DB=postgres`, the
//! PostgreSQL server named by `UNGCUU_TEST_POSTGRES`.

mod sink;
mod support;

mod alert;
mod alert_queue;
mod auth;
mod bad_input;
mod campaign;
mod checkpoint;
mod conflict;
mod coordination;
mod coordination_calls;
mod coordination_decisions;
mod coordination_options;
mod coordination_room;
mod crawl;
mod custody;
mod deadline;
mod deadline_clock;
mod demo;
mod district;
mod evidence;
mod evidence_end;
mod evidence_sight;
mod evidence_store;
mod foundation;
mod home;
mod hostile;
mod incident;
mod incident_check;
mod incident_live;
mod incident_work;
mod indicator;
mod openapi;
mod org;
mod outward;
mod post;
mod post_channels;
mod post_protected;
mod proof;
mod report;
mod report_dossier;
mod report_forms;
mod report_mail;
mod report_ways;
mod roles;
mod routes;
mod search;
mod sensor;
mod system;
mod tampering;
mod timestamp;
mod uploads;

/// Started by other tests as the process that looks at a picture; by itself it proves nothing and does nothing.
#[test]
fn picture_worker() {
    if std::env::var_os("UNGCUU_PICTURE_WORKER").is_some() {
        ungcuu_kit::picture::worker();
        // Nothing of the test program's own words may come behind the answer.
        std::process::exit(0);
    }
}
