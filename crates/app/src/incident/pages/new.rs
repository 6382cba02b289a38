//! Opening an incident by hand.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, empty, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::super::actions::{self, NewIncident};
use super::super::change::{check_times, known_scenario, known_tlp, most_severe};
use super::super::store::lists::{self, SystemChoice};
use super::super::words;
use crate::org::UnitId;
use crate::page::Page;
use crate::permission::Permission;
use crate::system::SystemId;
use crate::web::{Call, Done};
use crate::work::Work;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "incident/html/new.html")]
pub struct NewView {
    #[serde(skip)]
    p: Page,
    /// The reader's own unit, where they may open incidents for it.
    unit: Option<UnitId>,
    /// The systems the reader may open an incident for: id and name.
    systems: Vec<(String, String)>,
    #[serde(skip)]
    system: String,
    #[serde(skip)]
    units: Vec<(String, String)>,
    #[serde(skip)]
    owners: Vec<(String, String)>,
    #[serde(skip)]
    scenarios: Vec<(String, String)>,
    #[serde(skip)]
    severities: Vec<(String, String)>,
    #[serde(skip)]
    tlps: Vec<(String, String)>,
}

impl NewView {
    fn own_unit(&self) -> String {
        self.unit.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// What the form begins with.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewQuery {
    /// The system that is affected.
    system: String,
}

/// The form.
pub async fn new(call: Call) -> Result<NewView> {
    let asked: NewQuery = call.query()?;
    let mut look = call.look().await?;
    let scope = look.actor.scope(Permission::IncidentOpen);
    let systems = lists::systems(&mut look.tx, &scope).await?;
    let units = lists::units(&mut look.tx, &scope).await?;
    let owners = lists::all_units(&mut look.tx).await?;
    let p = Page::new(&call, &mut look, Text::new("Mở sự cố", "Open an incident")).await?;
    let words_of = |list: Vec<(UnitId, String)>| list.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let pack = &look.app.pack;
    Ok(NewView {
        unit: scope.covers(&look.actor.unit_id).then(|| look.actor.unit_id.clone()),
        system: asked.system,
        systems: systems.into_iter().map(|it| (it.id.to_string(), format!("{} ({})", it.name, it.code))).collect(),
        units: words_of(units),
        owners: words_of(owners),
        scenarios: words::scenarios(pack, call.lang),
        severities: words::severities(pack, call.lang),
        tlps: words::tlps(pack, call.lang),
        p,
    })
}

/// A new incident as typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewForm {
    title: Raw,
    /// A system's id: then its operator and owner take part, whatever the two fields below say.
    system: Raw,
    /// The unit that operates what was hit, where no system is chosen.
    unit: Raw,
    /// The owner, where no system is chosen; empty for the unit above the operator.
    owner: Raw,
    scenario: Raw,
    severity: Raw,
    tlp: Raw,
    happened_at: Raw,
    detected_at: Raw,
    summary: Raw,
}

/// Opens the incident and leads to its page.
pub async fn open(call: Call, form: NewForm) -> Result<Done> {
    let mut work = call.work().await?;
    let new = read(&mut work, &form).await?;
    let incident = actions::open(&mut work, new).await?;
    let code = &incident.code;
    let said = text!("Đã mở sự cố {code}.", "Incident {code} is open.");
    let result = serde_json::json!({ "id": incident.id, "code": incident.code });
    Ok(work.done(format!("/incidents/{}", incident.id)).await?.saying(said).with(result))
}

async fn read(work: &mut Work, form: &NewForm) -> Result<NewIncident> {
    let app = work.app.clone();
    let mut checks = Checks::new();
    let title = checks.line("title", &form.title);
    let system = read_system(work, &mut checks, &form.system).await?;
    let (unit_id, owner_unit_id) = match &system {
        Some(system) => (system.operator_unit_id.clone(), system.owner_unit_id.clone()),
        None => read_units(work, &mut checks, form).await?,
    };
    let scenario = known_scenario(&mut checks, &app.pack, &form.scenario);
    let severity = checks.number("severity", &form.severity, 1, most_severe(&app.pack));
    let tlp = known_tlp(&mut checks, &app.pack, &form.tlp);
    let happened_at = checks.moment_or_none("happened_at", &form.happened_at);
    let detected_at = checks.moment("detected_at", &form.detected_at);
    checks.past("detected_at", Some(detected_at), work.now);
    if !form.detected_at.is_empty() {
        check_times(&mut checks, happened_at, detected_at, work.now);
    }
    let summary = checks.area_or_empty("summary", &form.summary);
    checks.done()?;
    let system_id = system.map(|system| system.id);
    Ok(NewIncident {
        title,
        scenario,
        severity,
        tlp,
        system_id,
        unit_id,
        owner_unit_id,
        summary,
        happened_at,
        detected_at,
    })
}

/// A system whose operator the reader may open incidents for; others are unknown to them.
async fn read_system(work: &mut Work, checks: &mut Checks, typed: &Raw) -> Result<Option<SystemChoice>> {
    let Some(id) = checks.id_or_none::<SystemId>("system", typed) else { return Ok(None) };
    let found = lists::system(&mut work.tx, &id).await?;
    let found = found.filter(|system| work.actor.can_in(Permission::IncidentOpen, &system.operator_unit_id));
    if found.is_none() {
        checks.refuse("system", unknown());
    }
    Ok(found)
}

async fn read_units(work: &mut Work, checks: &mut Checks, form: &NewForm) -> Result<(UnitId, UnitId)> {
    let unit: Option<UnitId> = checks.id_or_none("unit", &form.unit);
    let Some(unit) = unit else {
        if form.unit.is_empty() {
            checks.refuse("unit", empty());
        }
        return Ok(Default::default());
    };
    if lists::unit_name(&mut work.tx, &unit).await?.is_none() || !work.actor.can_in(Permission::IncidentOpen, &unit) {
        checks.refuse("unit", unknown());
        return Ok(Default::default());
    }
    let owner = match checks.id_or_none::<UnitId>("owner", &form.owner) {
        Some(owner) => {
            lists::unit_name(&mut work.tx, &owner).await?.ok_or_else(|| Error::field("owner", unknown()))?;
            owner
        }
        None => lists::parent(&mut work.tx, &unit).await?.unwrap_or_else(|| unit.clone()),
    };
    Ok((unit, owner))
}
