//! Indicators: the signs of an attack, each in one spelling, so that a sign seen in one incident is recognised in another.
//!
//! What people type or paste is read by `ungcuu_detect`; what an account sees of other incidents is only what it may see
//! anyway. Other features use [`matches`] to ask where a sign was seen and [`add_all`] to carry signs into an incident.

mod actions;
pub mod csv;
pub mod export;
mod form;
mod model;
mod pages;
mod store;

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

pub use actions::{add_all, matches};
pub use model::{Indicator, IndicatorId, IndicatorKind, Malicious, SeenIn, explain};

use crate::feature::Feature;
use crate::incident::Incident;
use crate::incident::section::IncidentTab;
use crate::permission::Permission::IncidentRead;
use crate::search::Source;
use crate::web::{Access, Routes};

/// What this feature brings. Who may write is not a permission of its own: whoever works on an open step of the incident.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/incidents/{id}/indicators",
                Access::Need(IncidentRead),
                Text::new("Hệ thống và dấu hiệu của một sự cố", "Systems and indicators of an incident"),
                pages::list,
            )
            .asks::<pages::ListQuery>()
            .act(
                "/incidents/{id}/indicators/add",
                Access::Need(IncidentRead),
                Text::new("Thêm dấu hiệu, từng dòng hoặc cả đoạn", "Add indicators, line by line or from a text"),
                pages::add,
            )
            .file(
                "/incidents/{id}/indicators.csv",
                Access::Need(IncidentRead),
                Text::new("Tải danh sách dấu hiệu (CSV)", "Download the indicators as CSV"),
                export::export,
            )
            .asks::<pages::ListQuery>()
            .page(
                "/incidents/{id}/indicators/{indicator}",
                Access::Need(IncidentRead),
                Text::new("Một dấu hiệu và nơi khác đã gặp nó", "An indicator and where else it was seen"),
                pages::detail,
            )
            .act(
                "/incidents/{id}/indicators/{indicator}/edit",
                Access::Need(IncidentRead),
                Text::new("Sửa đánh giá, ghi chú của dấu hiệu", "Change verdict and note of an indicator"),
                pages::edit,
            )
            .act(
                "/incidents/{id}/indicators/{indicator}/remove",
                Access::Need(IncidentRead),
                Text::new("Bỏ một dấu hiệu, nêu lý do", "Remove an indicator, with a reason"),
                pages::remove,
            ),
        tables: &["indicators"],
        tabs: vec![IncidentTab {
            path: "indicators",
            label: Text::new("Hệ thống & dấu hiệu", "Systems & indicators"),
            permission: Some(IncidentRead),
            count: Some(count),
        }],
        sources: vec![Source { table: "indicators", load: store::load_for_search }],
        ..Feature::default()
    }
}

fn count<'a>(tx: &'a mut Tx, incident: &'a Incident) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count(tx, &incident.id))
}
