//! What is done to the register of systems.

use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::model::System;
use super::{SystemId, store};
use crate::journal;
use crate::org;
use crate::permission::Permission;
use crate::work::Work;

/// The stream of the journal that holds everything about systems.
pub const STREAM: &str = "systems";

/// Enters a system. Without a code it gets the next one of the register.
pub async fn create(work: &mut Work, mut system: System) -> Result<SystemId> {
    check_units(work, &system).await?;
    must_write(work, &system)?;
    if system.code.is_empty() {
        let number = crate::counter::next(&mut work.tx, "systems").await?;
        system.code = format!("HT-{number:04}");
    }
    system.id = SystemId::new(&work.app.chance, work.now);
    if store::insert(&mut work.tx, &system).await? == 0 {
        return Err(Error::field(
            "code",
            Text::new("Mã này đã có hệ thống khác dùng.", "Another system has this code."),
        ));
    }
    let (code, name) = (&system.code, &system.name);
    let what = text!("Thêm hệ thống {code} {name}", "Added the system {code} {name}");
    work.record(STREAM, "system.created", what, &[("systems", system.id.as_str())]);
    Ok(system.id)
}

/// Corrects a system, unless someone else did since `version` was read.
pub async fn save(work: &mut Work, id: &SystemId, version: i64, facts: System) -> Result<()> {
    let before = store::find(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    if !sees(work, &before) {
        return Err(Error::NotFound);
    }
    must_write(work, &before)?;
    check_units(work, &facts).await?;
    must_write(work, &facts)?;
    let system = System { id: id.clone(), code: before.code.clone(), version, ..facts };
    if store::save(&mut work.tx, &system).await? == 0 {
        let (who, when) = journal::last_writer(&mut work.tx, STREAM, id.as_str()).await?.unwrap_or_default();
        return Err(Error::Conflict(Box::new(Conflict { who, when, theirs: stored(before) })));
    }
    let (code, name) = (&system.code, &system.name);
    let what = text!("Sửa hệ thống {code} {name}", "Changed the system {code} {name}");
    work.record(STREAM, "system.changed", what, &[("systems", id.as_str())]);
    Ok(())
}

/// The fields of the form as they are stored, to be shown beside what the second editor typed.
fn stored(system: System) -> Vec<(String, String)> {
    let level = system.level.map(|level| level.to_string()).unwrap_or_default();
    let fields = [
        ("name", system.name),
        ("purpose", system.purpose),
        ("level", level),
        ("provider", system.provider),
        ("link_provider", system.link_provider),
        ("addresses", system.addresses),
        ("domains", system.domains),
        ("os_name", system.os_name),
        ("os_version", system.os_version),
        ("services", system.services),
        ("safeguards", system.safeguards),
    ];
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

async fn check_units(work: &mut Work, system: &System) -> Result<()> {
    for (field, unit) in [("owner", &system.owner_unit_id), ("operator", &system.operator_unit_id)] {
        let found = org::get_unit(&mut work.tx, unit).await;
        found.map_err(|_| Error::field(field, ungcuu_kit::form::unknown()))?;
    }
    Ok(())
}

fn sees(work: &Work, system: &System) -> bool {
    let (owner, operator) = (&system.owner_unit_id, &system.operator_unit_id);
    work.actor.can_in(Permission::SystemRead, owner) || work.actor.can_in(Permission::SystemRead, operator)
}

/// Its operator's people and its owner's people keep the entry.
fn must_write(work: &Work, system: &System) -> Result<()> {
    if work.actor.can_in(Permission::SystemWrite, &system.operator_unit_id) {
        return Ok(());
    }
    work.actor.must_in(Permission::SystemWrite, &system.owner_unit_id)
}
