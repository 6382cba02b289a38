//! Opening an incident from an alert, or joining one.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{AREA, Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted, shorten};
use ungcuu_kit::time::Time;

use super::Says;
use crate::alert::escalate::{self, Carry};
use crate::alert::model::{Act, Alert, AlertId, reading, scenarios, severities};
use crate::alert::{signs, store};
use crate::incident::actions::NewIncident;
use crate::org::UnitId;
use crate::page::Page;
use crate::permission::Permission;
use crate::system::SystemId;
use crate::web::{Call, Done};

/// The form that opens an incident.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "alert/html/open.html")]
pub struct OpenView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    says: Says,
    pub alert: Alert,
    /// How many files may go along.
    pub files: i64,
    /// The signs found in it, written so that nobody follows them by accident.
    pub signs: Vec<String>,
    pub scenarios: Vec<(String, String)>,
    pub severities: Vec<(String, String)>,
    pub tlp: Vec<(String, String)>,
    pub systems: Vec<(String, String)>,
    pub units: Vec<(String, String)>,
    /// The kind of each unit, which heads the long list.
    #[serde(skip)]
    unit_groups: Vec<(String, String)>,
    /// The unit that operates what was hit, and its owner, as far as the alert tells.
    pub operator: Option<UnitId>,
    pub owner: Option<UnitId>,
}

/// The restraint suggested first: shared with those who need to know, or what the plan lists first.
fn usual_tlp(choices: &[(String, String)]) -> String {
    let usual = choices.iter().find(|(id, _)| id == "amber").or_else(|| choices.first());
    usual.map(|(id, _)| id.clone()).unwrap_or_default()
}

pub async fn form(call: Call) -> Result<OpenView> {
    let id: AlertId = call.param("id")?;
    let mut look = call.look().await?;
    let scope = reading(&look.actor);
    let alert = store::find(&mut look.tx, &scope, &id).await?.ok_or(Error::NotFound)?;
    if !alert.lets(&look.actor, Permission::AlertTriage) {
        return Err(crate::actor::not_allowed());
    }
    alert.status.after(Act::Open).map_err(Error::NotNow)?;
    let (mut operator, mut owner) = (alert.unit_id.clone(), alert.unit_id.clone());
    if let Some(system) = &alert.system_id
        && let Some((runs, owns)) = store::find_system_units(&mut look.tx, system).await?
    {
        (operator, owner) = (Some(runs), Some(owns));
    }
    let opening = look.actor.scope(Permission::IncidentOpen);
    let everywhere = crate::actor::Scope { everywhere: true, ..crate::actor::Scope::default() };
    let says = Says::new(&look.app, call.lang);
    let pack = &look.app.clone().pack;
    Ok(OpenView {
        files: store::count_files(&mut look.tx, &alert.id).await?,
        signs: signs::of(&alert).iter().map(signs::Found::defang).collect(),
        scenarios: scenarios(pack, call.lang),
        severities: severities(pack, call.lang),
        tlp: says.choices("tlp"),
        systems: store::list_systems(&mut look.tx, &opening).await?,
        units: crate::org::list_inside_options(&mut look.tx, &everywhere).await?,
        unit_groups: crate::org::list_unit_groups(&mut look.tx, pack, call.lang).await?,
        p: Page::new(&call, &mut look, Text::new("Mở sự cố", "Open an incident")).await?,
        says,
        operator,
        owner,
        alert,
    })
}

impl OpenView {
    fn usual_tlp(&self) -> String {
        usual_tlp(&self.tlp)
    }

    fn detected(&self) -> Time {
        self.alert.noticed_at.unwrap_or(self.alert.received_at)
    }

    fn system(&self) -> String {
        self.alert.system_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn operator_id(&self) -> String {
        self.operator.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn owner_id(&self) -> String {
        self.owner.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The first signs found, for the box that carries them over.
    fn signs_label(&self) -> String {
        let (count, shown) = (self.signs.len(), self.signs.iter().take(3).cloned().collect::<Vec<_>>().join(", "));
        text!(
            "{count} dấu hiệu tìm thấy: {shown}",
            "{found} found: {shown}",
            found = counted(count, "indicator", "indicators")
        )
        .get(self.p.lang)
        .to_owned()
    }

    fn files_label(&self) -> String {
        let count = self.files;
        text!("{count} tệp đính kèm", "{files}", files = counted(count, "attached file", "attached files"))
            .get(self.p.lang)
            .to_owned()
    }

    fn scenario(&self) -> String {
        self.alert.scenario.clone().unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OpenForm {
    pub version: Raw,
    pub title: Raw,
    pub scenario: Raw,
    pub severity: Raw,
    pub tlp: Raw,
    pub system: Raw,
    /// The unit that operates what was hit; left out, the system's or the alert's.
    pub unit: Raw,
    pub owner_unit: Raw,
    pub happened_at: Raw,
    pub detected_at: Raw,
    pub summary: Raw,
    /// What goes along: the reporter's words into the summary, the files, the reporter's name and number.
    pub carry_description: Raw,
    pub carry_files: Raw,
    pub carry_signs: Raw,
    pub carry_contact: Raw,
}

pub async fn open(call: Call, form: OpenForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut work = call.work().await?;
    let scope = reading(&work.actor);
    let alert = store::find(&mut work.tx, &scope, &id).await?.ok_or(Error::NotFound)?;
    let app = work.app.clone();
    let mut checks = Checks::new();
    let title = checks.line("title", &form.title).replace('\n', " ");
    if app.pack.scenario(form.scenario.as_str()).is_none() {
        checks.refuse("scenario", Text::new("Hãy chọn loại sự cố.", "Choose what kind of incident it is."));
    }
    let severity = checks.number("severity", &form.severity, 1, 4);
    if app.pack.lists.item("tlp", form.tlp.as_str()).is_none() {
        checks.refuse("tlp", unknown());
    }
    let system: Option<SystemId> = checks.id_or_none("system", &form.system);
    let mut units: Option<(UnitId, UnitId)> = None;
    if let Some(system) = &system {
        units = store::find_system_units(&mut work.tx, system).await?;
        if units.is_none() {
            checks.refuse("system", unknown());
        }
    }
    let unit: Option<UnitId> = checks.id_or_none("unit", &form.unit);
    let owner: Option<UnitId> = checks.id_or_none("owner_unit", &form.owner_unit);
    for (field, chosen) in [("unit", &unit), ("owner_unit", &owner)] {
        if let Some(chosen) = chosen
            && store::list_units_named(&mut work.tx, &[chosen.to_string()]).await?.is_empty()
        {
            checks.refuse(field, unknown());
        }
    }
    let (operates, owns) = units.map_or((None, None), |(operates, owns)| (Some(operates), Some(owns)));
    let unit = unit.or(operates).or(alert.unit_id.clone());
    let owner = owner.or(owns).or(unit.clone());
    if unit.is_none() {
        checks.refuse("unit", Text::new("Hãy chọn đơn vị vận hành.", "Choose the unit that operates it."));
    }
    let happened_at = checks.moment_or_none("happened_at", &form.happened_at);
    let detected_at = checks.moment("detected_at", &form.detected_at);
    checks.past("happened_at", happened_at, work.now);
    checks.past("detected_at", Some(detected_at), work.now);
    let summary = checks.area_or_empty("summary", &form.summary);
    checks.done()?;
    let (Some(unit_id), Some(owner_unit_id)) = (unit, owner) else { return Err(Error::NotFound) };
    let new = NewIncident {
        title,
        scenario: form.scenario.as_str().to_owned(),
        severity,
        tlp: form.tlp.as_str().to_owned(),
        system_id: system,
        unit_id,
        owner_unit_id,
        summary: summarise(summary, &alert, form.carry_description.ticked()),
        happened_at,
        detected_at,
    };
    let carry = Carry {
        files: form.carry_files.ticked(),
        signs: form.carry_signs.ticked(),
        contact: form.carry_contact.ticked(),
    };
    let incident = escalate::open(&mut work, &id, &form.version, new, carry).await?;
    let code = &incident.code;
    let said = text!("Đã mở sự cố {code}.", "Incident {code} is open.");
    let result = serde_json::json!({ "id": incident.id, "code": incident.code });
    Ok(work.done(format!("/incidents/{}", incident.id)).await?.saying(said).with(result))
}

/// The summary as typed, and below it the reporter's words when they are to go along.
fn summarise(summary: String, alert: &Alert, carry: bool) -> String {
    if !carry || alert.description.is_empty() {
        return summary;
    }
    let both =
        if summary.is_empty() { alert.description.clone() } else { format!("{summary}\n\n{}", alert.description) };
    shorten(&both, AREA)
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JoinForm {
    pub version: Raw,
    /// The number of an open incident: `SC-2026-0042`.
    pub incident: Raw,
    /// The same, typed; counts before what was picked.
    pub other: Raw,
    pub carry_files: Raw,
    pub carry_signs: Raw,
    pub carry_contact: Raw,
}

pub async fn join(call: Call, form: JoinForm) -> Result<Done> {
    let id: AlertId = call.param("id")?;
    let mut checks = Checks::new();
    let code = checks.line("incident", if form.other.is_empty() { &form.incident } else { &form.other });
    checks.done()?;
    let carry = Carry {
        files: form.carry_files.ticked(),
        signs: form.carry_signs.ticked(),
        contact: form.carry_contact.ticked(),
    };
    let mut work = call.work().await?;
    let incident = escalate::join(&mut work, &id, &form.version, &code, carry).await?;
    let code = &incident.code;
    let said = text!("Đã nhập vào sự cố {code}.", "Joined incident {code}.");
    Ok(work.done(format!("/incidents/{}", incident.id)).await?.saying(said))
}
