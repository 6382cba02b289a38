//! Units, people, offices: what they are.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::fold;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::{DAY, Time};

use super::{AppointmentId, PersonId, UnitId};

text_enum! {
    /// An office a person holds.
    pub enum AppointmentKind {
        Officer = "officer": ("Cán bộ phụ trách an toàn thông tin mạng", "Officer in charge of information security"),
        Lead = "lead": ("Tổ trưởng", "Team lead"),
        Deputy = "deputy": ("Tổ phó", "Deputy lead"),
        Member = "member": ("Thành viên", "Member"),
    }
}

impl AppointmentKind {
    /// The offices of a response team.
    pub const OF_TEAM: &'static [AppointmentKind] =
        &[AppointmentKind::Lead, AppointmentKind::Deputy, AppointmentKind::Member];

    /// Whether a unit has at most one at a time.
    pub fn single(self) -> bool {
        matches!(self, AppointmentKind::Officer | AppointmentKind::Lead)
    }
}

/// A unit of the locality, or an outside body.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Unit {
    pub id: UnitId,
    /// Its id in the pack; units added later have one of their own.
    pub code: String,
    pub name: String,
    pub short_name: String,
    /// A kind of the pack's list.
    pub kind: String,
    pub parent_id: Option<UnitId>,
    pub email: String,
    pub phone: String,
    pub address: String,
    /// Not part of the locality: the province, the ministry, a provider.
    pub outside: bool,
    pub note: String,
    pub version: i64,
}

impl Unit {
    /// A unit about which nothing is known yet.
    pub fn empty(id: UnitId, code: String) -> Unit {
        Unit {
            id,
            code,
            name: String::new(),
            short_name: String::new(),
            kind: String::new(),
            parent_id: None,
            email: String::new(),
            phone: String::new(),
            address: String::new(),
            outside: false,
            note: String::new(),
            version: 1,
        }
    }

    /// What a search looks through.
    pub fn folded(&self) -> String {
        fold(&format!("{} {} {}", self.name, self.short_name, self.code))
    }
}

/// A unit to choose.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnitChoice {
    pub id: UnitId,
    pub name: String,
    /// A kind of the pack's list.
    pub kind: String,
    pub outside: bool,
}

/// A unit as a line of a list.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct UnitRow {
    pub id: UnitId,
    pub name: String,
    pub short_name: String,
    pub kind: String,
    pub outside: bool,
    pub phone: String,
    pub email: String,
    /// Who is in charge of information security there, if anybody was named.
    pub officer: Option<String>,
}

/// What the list of units is asked for.
#[derive(Clone, Debug, Default)]
pub struct UnitFilter {
    pub q: String,
    pub kind: String,
    pub outside: Option<bool>,
    /// Only units whose officer in charge is not named.
    pub without_officer: bool,
}

/// A person.
#[derive(Clone, Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Person {
    pub id: PersonId,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub name: String,
    pub title: String,
    pub email: String,
    pub phone: String,
    pub phone_off_hours: String,
    pub active: bool,
    pub version: i64,
}

/// What the list of people is asked for.
#[derive(Clone, Debug, Default)]
pub struct PersonFilter {
    pub q: String,
    pub unit: Option<UnitId>,
    pub active: Option<bool>,
    pub after: Option<PersonId>,
}

/// A person holding an office from one day to another.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Appointment {
    pub id: AppointmentId,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub person_id: PersonId,
    pub kind: AppointmentKind,
    pub decision_no: String,
    pub duties: String,
    pub valid_from: Time,
    /// The last moment; absent: until further notice.
    pub valid_to: Option<Time>,
    pub version: i64,
    pub name: String,
    pub title: String,
    pub person_unit: String,
    pub phone: String,
    pub phone_off_hours: String,
    pub email: String,
}

impl Appointment {
    /// Whether the office is held at this moment.
    pub fn holds(&self, now: &Time) -> bool {
        self.valid_from <= *now && self.valid_to.is_none_or(|end| end >= *now)
    }
}

/// The first moment of the day in which a moment lies, in Vietnam.
pub fn day_of(moment: Time) -> Time {
    let offset = 7 * ungcuu_kit::time::HOUR;
    Time((moment.0 + offset).div_euclid(DAY) * DAY - offset)
}

/// The last moment of that day.
pub fn end_of_day(moment: Time) -> Time {
    day_of(moment).plus(DAY - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight_in_vietnam() {
        let noon = Time::parse("15/03/2023 12:00").expect("a moment");
        assert_eq!(day_of(noon).to_minute(), "15/03/2023 00:00");
        assert_eq!(day_of(Time::parse("15/03/2023 00:00").expect("a moment")).to_minute(), "15/03/2023 00:00");
        assert_eq!(end_of_day(noon).to_minute(), "15/03/2023 23:59");
    }
}
