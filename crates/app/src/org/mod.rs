//! Units, people and who holds which office from when to when; the response team; the contact sheet.
//!
//! Units, officers in charge and the team are the locality's directory: whoever reads the register at all reads those of
//! every unit, because an incident does not stop at the border of one. The lists of people stay within one's units.

pub mod actions;
mod install;
pub mod model;
mod pages;
mod people;
mod store;
mod team;

use std::sync::Arc;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::id_type;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

pub use actions::{NewPerson, enter_person};
pub use install::install_units;
pub use model::{Appointment, AppointmentKind, Person, Unit, end_of_day};
pub use store::{any_unit, list_choices, pattern};

use crate::actor::Scope;
use crate::feature::{Feature, Group, NavEntry};
use crate::pack::{Item, Pack};
use crate::permission::Permission;
use crate::search::Source;
use crate::ui::choices::LongChoice;
use crate::web::{Access, Routes};

id_type!(
    /// A unit of the locality, or an outside body.
    UnitId, "uni"
);
id_type!(
    /// A person.
    PersonId, "per"
);
id_type!(
    /// A person holding an office from one day to another.
    AppointmentId, "app"
);

/// The kind of unit that is a response team, among the pack's kinds. A pack without it makes a team of any unit by naming
/// its members.
const TEAM_KIND: &str = "team";

/// What this feature brings.
pub fn feature() -> Feature {
    let entry = |href: &'static str, label: Text| NavEntry {
        group: Group::Registers,
        href,
        label,
        permission: Some(Permission::OrgRead),
        count: None,
    };
    Feature {
        routes: routes(),
        nav: vec![
            entry("/units", Text::new("Đơn vị", "Units")),
            entry("/people", Text::new("Cán bộ", "People")),
            entry("/team", Text::new("Tổ ứng cứu", "Response team")),
        ],
        tables: &["units", "people", "appointments"],
        sources: vec![
            Source { table: "units", load: store::load_units },
            Source { table: "people", load: store::load_people },
        ],
        ..Feature::default()
    }
}

fn routes() -> Routes {
    let (read, write) = (Access::Need(Permission::OrgRead), Access::Need(Permission::OrgWrite));
    Routes::new()
        .page("/units", read, Text::new("Danh sách đơn vị", "Units"), pages::list)
        .asks::<pages::ListQuery>()
        .page("/units/new", write, Text::new("Thêm đơn vị", "New unit"), pages::new)
        .act("/units/new", write, Text::new("Thêm đơn vị", "Add a unit"), pages::create)
        .page("/units/{id}", read, Text::new("Một đơn vị", "One unit"), pages::detail)
        .page("/units/{id}/edit", write, Text::new("Sửa đơn vị", "Change a unit"), pages::edit)
        .act("/units/{id}/edit", write, Text::new("Sửa đơn vị", "Change a unit"), pages::save)
        .act(
            "/units/{id}/officer",
            write,
            Text::new("Bố trí cán bộ phụ trách", "Name the officer in charge"),
            team::officer,
        )
        .page("/people", read, Text::new("Danh sách cán bộ", "People"), people::list)
        .asks::<people::ListQuery>()
        .page("/people/new", write, Text::new("Thêm cán bộ", "New person"), people::new)
        .asks::<people::NewQuery>()
        .act("/people/new", write, Text::new("Thêm cán bộ", "Add a person"), people::create)
        .page("/people/{id}", read, Text::new("Một cán bộ", "One person"), people::detail)
        .page("/people/{id}/edit", write, Text::new("Sửa thông tin cán bộ", "Change a person"), people::edit)
        .act("/people/{id}/edit", write, Text::new("Sửa thông tin cán bộ", "Change a person"), people::save)
        .page("/team", read, Text::new("Tổ ứng cứu", "Response team"), team::show)
        .asks::<team::TeamQuery>()
        .act("/team/members", write, Text::new("Thêm thành viên Tổ ứng cứu", "Add a team member"), team::add)
        .act("/appointments/{id}/end", write, Text::new("Kết thúc nhiệm vụ", "End an office"), team::end)
        .page("/contacts", read, Text::new("Danh bạ liên lạc", "Contact sheet"), team::contacts)
}

/// The unit that carries a code of the pack.
pub async fn unit_by_code(tx: &mut Tx, code: &str) -> Result<Option<UnitId>> {
    store::find_unit_by_code(tx, code).await
}

/// A unit that must exist.
pub async fn get_unit(tx: &mut Tx, id: &UnitId) -> Result<Unit> {
    store::find_unit(tx, id).await?.ok_or(Error::NotFound)
}

/// A person who must exist.
pub async fn get_person(tx: &mut Tx, id: &PersonId) -> Result<Person> {
    store::find_person(tx, id).await?.ok_or(Error::NotFound)
}

/// Every unit as value and label for a select field, those of the locality first.
pub async fn list_unit_options(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let units = store::list_choices(tx).await?;
    let (inside, outside): (Vec<_>, Vec<_>) = units.iter().partition(|unit| !unit.outside);
    Ok(inside.into_iter().chain(outside).map(|unit| (unit.id.to_string(), unit.name.clone())).collect())
}

/// The units of the locality within a scope, as value and label for a select field.
pub async fn list_inside_options(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, String)>> {
    let units = store::list_choices(tx).await?;
    let inside = units.iter().filter(|unit| !unit.outside && scope.covers(&unit.id));
    Ok(inside.map(|unit| (unit.id.to_string(), unit.name.clone())).collect())
}

/// The locality's units within a scope to filter a list by, under the headings of their kinds. Everybody who sees all of
/// them shares one, worked out anew when the register changes.
pub async fn list_unit_filter(tx: &mut Tx, pack: &Pack, lang: Lang, scope: &Scope) -> Result<Arc<LongChoice>> {
    let name = match lang {
        Lang::Vi => "unit filter, Vietnamese",
        Lang::En => "unit filter, English",
    };
    let head = store::register_head(tx).await?;
    if scope.everywhere
        && let Some(kept) = tx.recall(name, &head)
    {
        return Ok(kept);
    }
    let options = list_inside_options(tx, scope).await?;
    let choice = Arc::new(LongChoice::new(&in_words(pack, lang, options), &list_unit_groups(tx, pack, lang).await?));
    if scope.everywhere {
        tx.keep(name, &head, &choice);
    }
    Ok(choice)
}

/// Units to choose from, called as the plan calls them in this language.
fn in_words(pack: &Pack, lang: Lang, options: Vec<(String, String)>) -> Vec<(String, String)> {
    options.into_iter().map(|(id, name)| (id, pack.named(&name, lang).to_owned())).collect()
}

/// The kind of every unit, by the order of the pack's list, for grouping a long select field.
pub async fn list_unit_groups(tx: &mut Tx, pack: &Pack, lang: Lang) -> Result<Vec<(String, String)>> {
    let units = store::list_choices(tx).await?;
    let of_kind = |kind: &Item| {
        let (id, label) = (kind.id.clone(), kind.label.get(lang).to_owned());
        let units = units.iter().filter(move |unit| unit.kind == id);
        units.map(|unit| (unit.id.to_string(), label.clone())).collect::<Vec<_>>()
    };
    Ok(pack.lists.unit_kinds.iter().flat_map(of_kind).collect())
}

/// People in office as value and label for a select field: of one unit, or everyone with their unit's short name.
pub async fn list_people_options(tx: &mut Tx, unit: Option<&UnitId>) -> Result<Vec<(String, String)>> {
    let people = store::list_person_names(tx, unit).await?;
    let label = |name: String, short: String| if unit.is_some() { name } else { format!("{name} – {short}") };
    Ok(people.into_iter().map(|(id, name, short)| (id.to_string(), label(name, short))).collect())
}

/// The officer in charge of information security of a unit at a moment.
pub async fn officer_of(tx: &mut Tx, unit: &UnitId, now: Time) -> Result<Option<Appointment>> {
    Ok(store::list_holding(tx, Some(unit), &[AppointmentKind::Officer], now).await?.into_iter().next())
}

/// Lead, deputies and members of a response team at a moment, in this order.
pub async fn team_members(tx: &mut Tx, unit: &UnitId, now: Time) -> Result<Vec<Appointment>> {
    store::list_holding(tx, Some(unit), AppointmentKind::OF_TEAM, now).await
}
