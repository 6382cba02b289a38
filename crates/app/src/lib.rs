//! The product: one folder per feature. This file is its table of contents.

pub mod actor;
pub mod admin;
pub mod alert;
pub mod app;
pub mod auth;
pub mod checkpoint;
pub mod coordination;
mod counter;
pub mod deadline;
pub mod demo;
pub mod evidence;
pub mod feature;
pub mod home;
pub mod incident;
pub mod indicator;
pub mod install;
pub mod journal;
pub mod leftover;
pub mod live;
pub mod notify;
pub mod org;
pub mod outward;
pub mod pack;
pub mod page;
pub mod permission;
pub mod proof;
pub mod report;
pub mod search;
pub mod sensor;
pub mod setting;
pub mod system;
pub mod ui;
pub mod web;
pub mod work;

use std::sync::LazyLock;

use tokio::task::JoinSet;

use crate::feature::Feature;
use crate::web::Routes;

/// Every feature of the product, in the order of the navigation.
pub fn features() -> &'static [Feature] {
    static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
        vec![
            home::feature(),
            deadline::feature(),
            alert::feature(),
            incident::feature(),
            org::feature(),
            system::feature(),
            evidence::feature(),
            indicator::feature(),
            sensor::feature(),
            coordination::feature(),
            report::feature(),
            outward::feature(),
            proof::feature(),
            auth::feature(),
            notify::feature(),
            search::feature(),
            checkpoint::feature(),
            admin::feature(),
            ui::feature(),
        ]
    });
    &FEATURES
}

/// Every route of every feature.
pub fn routes() -> Routes {
    features().iter().fold(Routes::new(), |all, feature| all.and(feature.routes.clone()))
}

/// Every table whose changes are journalled.
pub fn journalled_tables() -> Vec<&'static str> {
    features().iter().flat_map(|feature| feature.tables).copied().collect()
}

/// What runs beside the requests for as long as the product serves. Each has a task of its own, so that long work of one
/// holds up neither the others nor whoever asks for a page. One with nothing to do here ends by itself; none of them fails.
pub fn background(app: &app::App) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(search::keep_indexing(app.clone()));
    tasks.spawn(live::watch(app.clone()));
    tasks.spawn(leftover::keep_tidy(app.clone()));
    tasks.spawn(report::rendering::look_after(app.clone()));
    tasks.spawn(evidence::keep_checking(app.clone()));
    tasks.spawn(sensor::keep_examining(app.clone()));
    tasks.spawn(checkpoint::keep_sealing(app.clone()));
    tasks.spawn(deadline::watch::keep_watching(app.clone()));
    tasks.spawn(notify::letter::keep_posting(app.clone()));
    tasks.spawn(notify::digest::keep_digesting(app.clone()));
    tasks
}
