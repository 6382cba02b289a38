//! The register of information systems: what is run, by whom, for whom, at which level.
//!
//! Whoever holds `system.read` in the owner's or the operator's unit sees a system; with `system.write` there, they keep
//! its entry.

pub mod actions;
mod model;
mod pages;
mod store;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;

pub use model::{System, SystemRow};

use crate::actor::Scope;
use crate::feature::{Feature, Group, NavEntry};
use crate::org::UnitId;
use crate::permission::Permission;
use crate::search::Source;
use crate::web::{Access, Routes};

id_type!(
    /// An information system.
    SystemId, "sys"
);

/// What this feature brings.
pub fn feature() -> Feature {
    let (read, write) = (Access::Need(Permission::SystemRead), Access::Need(Permission::SystemWrite));
    let routes = Routes::new()
        .page("/systems", read, Text::new("Danh sách hệ thống thông tin", "Information systems"), pages::list)
        .asks::<pages::ListQuery>()
        .page("/systems/new", write, Text::new("Thêm hệ thống", "New system"), pages::new)
        .act("/systems/new", write, Text::new("Thêm hệ thống", "Add a system"), pages::create)
        .page("/systems/{id}", read, Text::new("Một hệ thống", "One system"), pages::detail)
        .page("/systems/{id}/edit", write, Text::new("Sửa hệ thống", "Change a system"), pages::edit)
        .act("/systems/{id}/edit", write, Text::new("Sửa hệ thống", "Change a system"), pages::save);
    Feature {
        routes,
        nav: vec![NavEntry {
            group: Group::Registers,
            href: "/systems",
            label: Text::new("Hệ thống thông tin", "Information systems"),
            permission: Some(Permission::SystemRead),
            count: None,
        }],
        tables: &["systems"],
        sources: vec![Source { table: "systems", load: store::load_for_search }],
        ..Feature::default()
    }
}

/// A system that must exist. Whether the reader may see it is the caller's question.
pub async fn get(tx: &mut Tx, id: &SystemId) -> Result<System> {
    store::find(tx, id).await?.ok_or(Error::NotFound)
}

/// Systems in use as value and label for a select field; only those owned or operated within the scope, if one is given.
pub async fn list_options(tx: &mut Tx, scope: Option<&Scope>) -> Result<Vec<(String, String)>> {
    let systems = store::list_names(tx, scope).await?;
    Ok(systems.into_iter().map(|(id, code, name)| (id.to_string(), format!("{name} ({code})"))).collect())
}

/// Systems in use that a unit owns or operates, as far as the reader may see them.
pub async fn of_unit(tx: &mut Tx, unit: &UnitId, scope: &Scope) -> Result<Vec<SystemRow>> {
    store::list_of_unit(tx, unit, scope).await
}
