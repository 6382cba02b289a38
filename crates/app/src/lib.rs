//! The product: one folder per feature. This file is its table of contents.

pub mod actor;
pub mod alert;
pub mod app;
pub mod auth;
pub mod feature;
pub mod incident;
pub mod journal;
pub mod live;
pub mod notify;
pub mod org;
pub mod pack;
pub mod page;
pub mod permission;
pub mod system;
pub mod ui;
pub mod web;
pub mod work;

use std::sync::LazyLock;

use crate::feature::Feature;
use crate::web::Routes;

/// Every feature of the product, in the order of the navigation.
pub fn features() -> &'static [Feature] {
    static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
        vec![
            auth::feature(),
            org::feature(),
            notify::feature(),
            system::feature(),
            alert::feature(),
            incident::feature(),
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
