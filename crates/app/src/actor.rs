//! Who is acting: a person with an account, and what their roles let them do in which units.

use std::collections::{BTreeMap, BTreeSet};

use ungcuu_kit::{Error, Result};

use crate::auth::AccountId;
use crate::org::{PersonId, UnitId};
use crate::pack::Pack;
use crate::permission::Permission;

/// Where a permission holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    pub everywhere: bool,
    pub units: BTreeSet<UnitId>,
}

impl Scope {
    pub fn covers(&self, unit: &UnitId) -> bool {
        self.everywhere || self.units.contains(unit)
    }

    pub fn is_empty(&self) -> bool {
        !self.everywhere && self.units.is_empty()
    }
}

/// A role of the pack held within one unit, or everywhere.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Grant {
    pub role: String,
    pub unit_id: Option<UnitId>,
}

/// Someone who acts. The machine itself acts as [`Actor::system`], the public as [`Actor::public`].
#[derive(Clone, Debug, Default)]
pub struct Actor {
    pub account_id: AccountId,
    pub person_id: PersonId,
    pub name: String,
    pub unit_id: UnitId,
    pub unit_name: String,
    permissions: BTreeMap<Permission, Scope>,
    /// Functions of the plan this account acts for, and where.
    functions: BTreeMap<String, Scope>,
    all_powerful: bool,
    /// Their units take part in very many incidents; only which question is the quicker one depends on it, never an answer.
    pub in_many_incidents: bool,
}

impl Actor {
    /// An account with the roles it holds, as the pack defines them.
    pub fn new(
        pack: &Pack,
        account_id: AccountId,
        person_id: PersonId,
        name: String,
        unit: (UnitId, String),
        grants: &[Grant],
    ) -> Actor {
        let mut actor = Actor { account_id, person_id, name, unit_id: unit.0, unit_name: unit.1, ..Actor::default() };
        for grant in grants {
            // A role that a later pack no longer knows gives nothing.
            let Some(role) = pack.role(&grant.role) else { continue };
            for permission in role.permissions.iter().filter_map(|word| word.parse().ok()) {
                widen(actor.permissions.entry(permission).or_default(), grant);
            }
            for function in &role.functions {
                widen(actor.functions.entry(function.clone()).or_default(), grant);
            }
        }
        actor
    }

    /// The machine: start-up, jobs, the demonstration's hand.
    pub fn system() -> Actor {
        Actor { name: "ungcuu".to_owned(), all_powerful: true, ..Actor::default() }
    }

    /// A citizen who reports without an account.
    pub fn public(name: &str) -> Actor {
        Actor { name: name.to_owned(), ..Actor::default() }
    }

    /// Whether the permission holds anywhere at all.
    pub fn can(&self, permission: Permission) -> bool {
        self.all_powerful || self.permissions.get(&permission).is_some_and(|scope| !scope.is_empty())
    }

    /// Whether the permission holds in this unit.
    pub fn can_in(&self, permission: Permission, unit: &UnitId) -> bool {
        self.all_powerful || self.permissions.get(&permission).is_some_and(|scope| scope.covers(unit))
    }

    /// Where the permission holds.
    pub fn scope(&self, permission: Permission) -> Scope {
        if self.all_powerful {
            return Scope { everywhere: true, units: BTreeSet::new() };
        }
        self.permissions.get(&permission).cloned().unwrap_or_default()
    }

    /// Where this account acts for a function of the plan.
    pub fn function_scope(&self, function: &str) -> Scope {
        if self.all_powerful {
            return Scope { everywhere: true, units: BTreeSet::new() };
        }
        self.functions.get(function).cloned().unwrap_or_default()
    }

    /// Refuses unless the permission holds somewhere.
    pub fn must(&self, permission: Permission) -> Result<()> {
        if self.can(permission) { Ok(()) } else { Err(not_allowed()) }
    }

    /// Refuses unless the permission holds in this unit.
    pub fn must_in(&self, permission: Permission, unit: &UnitId) -> Result<()> {
        if self.can_in(permission, unit) { Ok(()) } else { Err(not_allowed()) }
    }
}

fn widen(scope: &mut Scope, grant: &Grant) {
    match &grant.unit_id {
        Some(unit) => {
            scope.units.insert(unit.clone());
        }
        None => scope.everywhere = true,
    }
}

/// The sentence for someone whose roles do not allow this.
pub fn not_allowed() -> Error {
    Error::forbidden(
        "Vai trò của bạn không làm được việc này. Hãy nhờ người có thẩm quyền hoặc quản trị viên.",
        "Your role does not allow this. Ask someone in charge or the administrator.",
    )
}
