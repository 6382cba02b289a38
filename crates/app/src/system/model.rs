//! An information system as the register knows it.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::fold;

use super::SystemId;
use crate::org::UnitId;

/// An information system.
#[derive(Clone, Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct System {
    pub id: SystemId,
    pub code: String,
    pub name: String,
    pub purpose: String,
    /// The owner (chủ quản).
    pub owner_unit_id: UnitId,
    pub owner_name: String,
    /// The unit that manages and operates it.
    pub operator_unit_id: UnitId,
    pub operator_name: String,
    /// The approved level, 1 to 5; absent until one is approved.
    pub level: Option<i64>,
    pub provider: String,
    pub link_provider: String,
    /// IP addresses, one a line.
    pub addresses: String,
    /// Domain names, one a line.
    pub domains: String,
    pub os_name: String,
    pub os_version: String,
    pub services: String,
    pub safeguards: String,
    /// In use; a system taken out of service stays in the register.
    pub active: bool,
    pub version: i64,
}

impl System {
    /// What a search looks through, and the order of lists.
    pub fn folded(&self) -> String {
        fold(&format!("{} {} {} {}", self.name, self.code, self.domains, self.addresses))
    }
}

/// A system as a line of a list.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct SystemRow {
    pub id: SystemId,
    pub code: String,
    pub name: String,
    pub owner_name: String,
    pub operator_name: String,
    pub level: Option<i64>,
    pub active: bool,
}

/// What the register is asked for.
#[derive(Clone, Debug, Default)]
pub struct SystemFilter {
    pub q: String,
    /// Owned or operated by this unit.
    pub unit: Option<UnitId>,
    pub level: Option<i64>,
    /// Only systems whose level is not approved yet.
    pub without_level: bool,
    pub active: Option<bool>,
    pub after: Option<SystemId>,
}
