//! To whom an issued report may go from its page, and how. The recipient is chosen first, so that the address in the form
//! is always that recipient's; it works without script.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;

use super::model::Way;
use super::sends;
use crate::coordination::duties::{self, Duty};
use crate::deadline::rules::CALENDAR;
use crate::incident::Incident;
use crate::notify::letter;
use crate::org::{self, UnitId};
use crate::pack::{Form, Pack};
use crate::permission::Permission;
use crate::work::Look;

type Options = Vec<(String, String)>;

/// Whom the form to send it by is for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OfferedQuery {
    /// A unit's id, or `other` for somebody who is not in the register. Without it, whoever is owed the report first.
    to: String,
}

/// A form to send the report by.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Offered {
    /// The recipient; absent for somebody who is not in the register.
    pub unit_id: Option<UnitId>,
    pub name: String,
    /// Their mail address; empty when the register has none.
    pub address: String,
    /// Letters can leave from here.
    pub by_mail: bool,
    /// The rule that it is offered under, when the report answers one that is still owed to the recipient.
    pub rule: String,
    #[serde(skip)]
    pub units: Options,
    #[serde(skip)]
    pub rules: Options,
    #[serde(skip)]
    pub ways: Options,
    /// The way that is offered first.
    #[serde(skip)]
    pub way: &'static str,
    /// Whether the reader may let it go beyond its marking, with a reason.
    #[serde(skip)]
    pub may_override: bool,
}

/// The word for somebody who is not in the register.
pub const OTHER: &str = "other";

impl Offered {
    pub async fn read(
        look: &mut Look,
        query: &OfferedQuery,
        incident: &Incident,
        form: Option<&Form>,
        lang: Lang,
    ) -> Result<Offered> {
        let app = look.app.clone();
        let open = duties::of_incident(&mut look.tx, &app.pack, incident).await?.all();
        let units = org::list_unit_options(&mut look.tx).await?;
        let first = form.and_then(|form| first_owed(&app.pack, form, &open, ""));
        let chosen = match query.to.as_str() {
            "" => first.map(|duty| duty.unit_id.to_string()).unwrap_or_default(),
            to => to.to_owned(),
        };
        let chosen = units.iter().find(|(id, _)| *id == chosen);
        let owed = form.and_then(|form| match chosen {
            Some((id, _)) => first_owed(&app.pack, form, &open, id),
            None => first.filter(|duty| duty.unit_id.as_str().is_empty()),
        });
        let unit_id: Option<UnitId> = chosen.and_then(|(id, _)| id.parse().ok());
        let address = match &unit_id {
            Some(unit) => sends::address_of(&mut look.tx, unit).await?,
            None => String::new(),
        };
        let by_mail = letter::may_post(&app);
        let ways = Way::options(lang).into_iter().filter(|(id, _)| by_mail || id != Way::Email.word());
        let way = if by_mail && !address.is_empty() { Way::Email } else { Way::Paper };
        Ok(Offered {
            name: chosen.map(|(_, name)| name.clone()).unwrap_or_default(),
            unit_id,
            address,
            by_mail,
            rule: owed.map(|duty| duty.rule.clone()).unwrap_or_default(),
            rules: rules(&app.pack, incident, lang),
            ways: ways.collect(),
            way: way.word(),
            may_override: look.actor.can(Permission::IncidentDirect),
            units,
        })
    }

    /// What the list of recipients shows as chosen.
    pub fn chosen(&self) -> String {
        self.unit_id.as_ref().map_or_else(|| OTHER.to_owned(), ToString::to_string)
    }
}

/// The duty that a form answers first, of those owed to a unit; of all of them when none is named.
fn first_owed<'a>(pack: &Pack, form: &Form, open: &'a [Duty], unit: &str) -> Option<&'a Duty> {
    let names_it = |id: &str| pack.rule(id).is_some_and(|rule| rule.form.as_ref() == Some(&form.id));
    open.iter().find(|duty| names_it(&duty.rule) && (unit.is_empty() || duty.unit_id.as_str() == unit))
}

/// The rules of the law that held when the incident was detected, for choosing.
fn rules(pack: &Pack, incident: &Incident, lang: Lang) -> Options {
    let day = incident.detected_at.local().strftime("%Y-%m-%d").to_string();
    let regimes = pack.regimes.iter().filter(|regime| regime.holds_on(&day));
    let rules = regimes.flat_map(|regime| &regime.rules).filter(|rule| rule.anchor != CALENDAR);
    rules.map(|rule| (rule.id.clone(), rule.name.get(lang).to_owned())).collect()
}
