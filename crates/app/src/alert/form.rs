//! An alert as it is sent: one from a form, one or many as JSON. Reading bounds how many are kept in memory; checking
//! turns words into alerts and names every wrong field at once.

use std::collections::HashMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::model::{FROM_PROGRAM, NewAlert, lets, sources};
use super::store::{self, Named};
use crate::actor::Actor;
use crate::org::UnitId;
use crate::pack::Pack;
use crate::permission::Permission;
use crate::system::SystemId;

/// How many alerts one batch may hold.
pub const BATCH: usize = 1000;

/// One alert as it is sent.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AlertForm {
    pub title: Raw,
    pub description: Raw,
    /// 1 to 4, or the pack's word for it.
    pub severity: Raw,
    pub source: Raw,
    pub external_id: Raw,
    /// Code or id of a registered system.
    pub system: Raw,
    /// Code or id of a unit.
    pub unit: Raw,
    pub place: Raw,
    pub scenario: Raw,
    pub happened_at: Raw,
    pub noticed_at: Raw,
    pub indicators: Lines,
    pub reporter_name: Raw,
    pub reporter_phone: Raw,
    pub reporter_email: Raw,
    /// How often it was noticed, 1 if not said: a program that saw the same a hundred times sends it once.
    pub count: Raw,
}

/// The most that one alert may count at once.
const MOST_AT_ONCE: i64 = 1_000_000;

/// Lines of text: a list in JSON, or one text.
#[derive(Clone, Debug, Default)]
pub struct Lines(pub String);

/// How many lines are kept and how long all of them may be, in bytes.
const LINES: usize = 500;
const LINES_LENGTH: usize = 40_000;

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lines, D::Error> {
        struct AnyLines;
        impl<'de> Visitor<'de> for AnyLines {
            type Value = Lines;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E>(self, text: &str) -> Result<Lines, E> {
                Ok(Lines(text.to_owned()))
            }
            fn visit_unit<E>(self) -> Result<Lines, E> {
                Ok(Lines::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Lines, A::Error> {
                let mut lines = String::new();
                let mut kept = 0;
                while let Some(line) = seq.next_element::<Raw>()? {
                    kept += 1;
                    if kept <= LINES && lines.len() <= LINES_LENGTH {
                        lines.push_str(line.as_str());
                        lines.push('\n');
                    }
                }
                Ok(Lines(lines))
            }
        }
        deserializer.deserialize_any(AnyLines)
    }
}

impl JsonSchema for Lines {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lines".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array", "null"], "items": { "type": "string" } })
    }
}

/// What `POST /alerts` takes: one alert, a list of them, or `{"alerts": […]}`.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    pub alerts: Vec<AlertForm>,
    /// How many were sent; those past [`BATCH`] were not kept.
    pub sent: usize,
    /// Sent by itself rather than in a list.
    pub single: bool,
}

/// A list that stops keeping past [`BATCH`], so that a body of empty objects cannot fill the memory.
#[derive(Default)]
struct Bounded {
    kept: Vec<AlertForm>,
    sent: usize,
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Bounded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bounded, A::Error> {
        let mut list = Bounded::default();
        while list.sent < BATCH {
            let Some(form) = seq.next_element()? else { return Ok(list) };
            list.kept.push(form);
            list.sent += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            list.sent += 1;
        }
        Ok(list)
    }
}

impl<'de> Deserialize<'de> for Bounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bounded, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

impl<'de> Deserialize<'de> for Intake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Intake, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            alerts: Option<Bounded>,
            #[serde(flatten)]
            one: AlertForm,
        }
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Intake;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an alert or a list of alerts")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Intake, A::Error> {
                Ok(many(ListVisitor.visit_seq(seq)?))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Intake, A::Error> {
                let object = Object::deserialize(MapAccessDeserializer::new(map))?;
                Ok(match object.alerts {
                    Some(list) => many(list),
                    None => Intake { alerts: vec![object.one], sent: 1, single: true },
                })
            }
        }
        fn many(list: Bounded) -> Intake {
            Intake { alerts: list.kept, sent: list.sent, single: false }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Intake {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Intake".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<AlertForm>();
        json_schema!({ "anyOf": [
            one,
            { "type": "array", "items": one, "maxItems": 1000 },
            { "type": "object", "properties": { "alerts": { "type": "array", "items": one, "maxItems": 1000 } } },
        ] })
    }
}

/// The units and systems that a batch names, by id and by code.
#[derive(Default)]
pub struct Register {
    units: HashMap<String, UnitId>,
    systems: HashMap<String, (SystemId, UnitId)>,
}

impl Register {
    /// Looks up everything the forms name, in at most a few statements.
    pub async fn of(tx: &mut Tx, forms: &[AlertForm]) -> Result<Register> {
        let mut register = Register::default();
        let units = names(forms.iter().map(|form| &form.unit));
        for unit in store::list_units_named(tx, &units).await? {
            let Named { id, code, unit_id } = unit;
            register.units.insert(id, unit_id.clone());
            register.units.insert(code, unit_id);
        }
        let systems = names(forms.iter().map(|form| &form.system));
        for system in store::list_systems_named(tx, &systems).await? {
            let found = (SystemId(system.id.clone()), system.unit_id);
            register.systems.insert(system.id, found.clone());
            register.systems.insert(system.code, found);
        }
        Ok(register)
    }
}

fn names<'a>(typed: impl Iterator<Item = &'a Raw>) -> Vec<String> {
    let mut names: Vec<String> =
        typed.map(|raw| raw.as_str().to_owned()).filter(|name| !name.is_empty() && name.len() <= 100).collect();
    names.sort();
    names.dedup();
    names
}

/// What checking an alert needs to know.
pub struct Desk<'a> {
    pub pack: &'a Pack,
    pub actor: &'a Actor,
    pub register: &'a Register,
    pub now: Time,
    /// The source when none is named.
    pub source: &'a str,
}

impl<'a> Desk<'a> {
    /// The desk that programs send to.
    pub fn of_programs(pack: &'a Pack, actor: &'a Actor, register: &'a Register, now: Time) -> Desk<'a> {
        Desk { pack, actor, register, now, source: FROM_PROGRAM }
    }

    /// Checks every form of a batch. A wrong field of the fourth is named `alerts[3].title`.
    pub fn check_all(&self, forms: &[AlertForm], single: bool) -> Result<Vec<NewAlert>> {
        let mut checks = Checks::new();
        let mut alerts = Vec::with_capacity(forms.len());
        for (index, form) in forms.iter().enumerate() {
            let before = if single { String::new() } else { format!("alerts[{index}].") };
            alerts.push(self.check(form, &before, &mut checks));
        }
        checks.done()?;
        Ok(alerts)
    }

    fn check(&self, form: &AlertForm, before: &str, checks: &mut Checks) -> NewAlert {
        let name = |field: &str| format!("{before}{field}");
        let mut new = NewAlert {
            title: checks.line(&name("title"), &form.title).replace('\n', " "),
            description: checks.area_or_empty(&name("description"), &form.description),
            severity: self.severity(&name("severity"), &form.severity, checks),
            source: self.source(&name("source"), &form.source, checks),
            external_id: checks.line_or_empty(&name("external_id"), &form.external_id),
            place: checks.line_or_empty(&name("place"), &form.place),
            scenario: self.scenario(&name("scenario"), &form.scenario, checks),
            indicators: checks.area_or_empty(&name("indicators"), &Raw(form.indicators.0.clone())),
            reporter_name: checks.line_or_empty(&name("reporter_name"), &form.reporter_name),
            reporter_phone: checks.phone(&name("reporter_phone"), &form.reporter_phone),
            happened_at: checks.moment_or_none(&name("happened_at"), &form.happened_at),
            noticed_at: checks.moment_or_none(&name("noticed_at"), &form.noticed_at),
            ..NewAlert::default()
        };
        new.count = match form.count.is_empty() {
            true => 1,
            false => checks.number(&name("count"), &form.count, 1, MOST_AT_ONCE),
        };
        if !form.reporter_email.is_empty() {
            new.reporter_email = checks.email(&name("reporter_email"), &form.reporter_email);
        }
        checks.past(&name("happened_at"), new.happened_at, self.now);
        checks.past(&name("noticed_at"), new.noticed_at, self.now);
        self.belonging(form, before, &mut new, checks);
        new
    }

    /// The unit and system it is about. Without either it belongs to whoever sends it, unless they work everywhere.
    fn belonging(&self, form: &AlertForm, before: &str, new: &mut NewAlert, checks: &mut Checks) {
        let (unit, system) = (form.unit.as_str(), form.system.as_str());
        let mut blame = "unit";
        if !system.is_empty() {
            match self.register.systems.get(system) {
                Some((id, operator)) => {
                    (new.system_id, new.unit_id) = (Some(id.clone()), Some(operator.clone()));
                    blame = "system";
                }
                None => checks.refuse(&format!("{before}system"), unknown()),
            }
        }
        if !unit.is_empty() {
            blame = "unit";
            match self.register.units.get(unit) {
                Some(id) => new.unit_id = Some(id.clone()),
                None => checks.refuse(&format!("{before}unit"), unknown()),
            }
        }
        if new.unit_id.is_none() && !self.actor.scope(Permission::AlertCreate).everywhere {
            new.unit_id = Some(self.actor.unit_id.clone());
        }
        if !lets(self.actor, Permission::AlertCreate, new.unit_id.as_ref()) {
            checks.refuse(
                &format!("{before}{blame}"),
                Text::new("Bạn chỉ ghi được tin cho đơn vị của mình.", "You may record alerts for your own unit only."),
            );
        }
    }

    fn severity(&self, field: &str, typed: &Raw, checks: &mut Checks) -> i64 {
        let words = &self.pack.lists.severities;
        if typed.is_empty() {
            return 2;
        }
        match words.iter().position(|item| item.id == typed.as_str()) {
            Some(place) => i64::try_from(place + 1).unwrap_or(4).min(4),
            None => checks.number(field, typed, 1, 4),
        }
    }

    fn source(&self, field: &str, typed: &Raw, checks: &mut Checks) -> String {
        if typed.is_empty() {
            return self.source.to_owned();
        }
        let listed = || sources(self.pack, ungcuu_kit::text::Lang::Vi).iter().any(|(id, _)| id == typed.as_str());
        if self.pack.lists.item("alert_sources", typed.as_str()).is_none() && !listed() {
            checks.refuse(field, unknown());
        }
        typed.as_str().to_owned()
    }

    fn scenario(&self, field: &str, typed: &Raw, checks: &mut Checks) -> Option<String> {
        if typed.is_empty() {
            return None;
        }
        if self.pack.scenario(typed.as_str()).is_none() {
            checks.refuse(field, unknown());
        }
        Some(typed.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alert_a_list_and_a_named_list_are_all_understood() {
        let one: Intake = serde_json::from_str(r#"{"title":"a","severity":3,"indicators":["x","y"]}"#).expect("one");
        assert!(one.single && one.alerts[0].severity.as_str() == "3" && one.alerts[0].indicators.0 == "x\ny\n");
        let list: Intake = serde_json::from_str(r#"[{"title":"a"},{"title":"b"}]"#).expect("a list");
        let named: Intake = serde_json::from_str(r#"{"alerts":[{"title":"a"},{"title":"b"}]}"#).expect("a named list");
        assert_eq!((list.sent, list.single, named.sent, named.single), (2, false, 2, false));
        let form: Intake =
            serde_html_form::from_str("title=M%C3%A1y&indicators=1.2.3.4%0Aevil.vn&_csrf=x").expect("a form");
        assert_eq!((form.alerts[0].title.as_str(), form.alerts[0].indicators.0.as_str()), ("Máy", "1.2.3.4\nevil.vn"));
        assert!(serde_json::from_str::<Intake>(r#"{"alerts":5}"#).is_err());
        assert!(serde_json::from_str::<Intake>("7").is_err());
    }

    #[test]
    fn a_list_past_its_bound_is_counted_but_not_kept() {
        let body = format!("[{}]", vec!["{}"; 2500].join(","));
        let intake: Intake = serde_json::from_str(&body).expect("read");
        assert_eq!((intake.sent, intake.alerts.len()), (2500, BATCH));
    }
}
