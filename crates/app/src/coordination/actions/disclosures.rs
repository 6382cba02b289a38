//! Who was told what, when; and what was shared for working together. Both stand before the same wall: what may not go as
//! far as a recipient does not leave unless the board says why; and what goes along is never marked more openly than it is.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, LINE, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::item;
use super::markings::{attached, not_laxer_than};
use crate::coordination::model::{Attached, AttachedId, Disclosure, DisclosureId, DisclosureSort, Item, UnitChoice};
use crate::coordination::reach;
use crate::coordination::rights::{conflict, step_with, take_for, version_of};
use crate::coordination::store as shared;
use crate::coordination::store::{disclosures as store, markings};
use crate::coordination::wall::Level;
use crate::incident::actions::{Taken, find_step, record, take};
use crate::incident::{IncidentId, Standing, timeline};
use crate::org::UnitId;
use crate::pack::Pack;
use crate::permission::Permission;
use crate::work::Work;

const TOLD: &str = "disclosures";
const SHARED: &str = "sharing";
/// Somebody was told. Either `unit` (of the register) or `party` (a name) says who.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ToldForm {
    pub unit: Raw,
    pub party: Raw,
    pub kind: Raw,
    pub channel: Raw,
    pub rule: Raw,
    pub text: Raw,
    pub tlp: Raw,
    pub told_at: Raw,
    pub told_by: Raw,
    pub receipt: Raw,
    pub next_due: Raw,
    pub override_reason: Raw,
    /// What went along: `evidence:evi_…`, `indicator:…`, `event:…`, `situation:…`.
    pub items: Vec<Raw>,
}

/// Information passed to units for working together.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SharedForm {
    pub units: Vec<Raw>,
    pub text: Raw,
    pub tlp: Raw,
    pub told_at: Raw,
    pub told_by: Raw,
    pub override_reason: Raw,
    /// What went along, as in telling.
    pub items: Vec<Raw>,
}

/// What comes later: the number of the receipt, when to tell again.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ReceiptForm {
    pub receipt: Raw,
    pub next_due: Raw,
    pub version: Raw,
}

/// Why an entry was a mistake.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct StrikeForm {
    pub struck_reason: Raw,
    pub version: Raw,
}

/// Notes that somebody was told something.
pub async fn tell(work: &mut Work, id: &IncidentId, step: &str, form: &ToldForm) -> Result<DisclosureId> {
    let taken = take_for(work, id, step, TOLD, Standing::Supports).await?;
    let app = work.app.clone();
    let lists = &app.pack.lists;
    let mut checks = Checks::new();
    let unit = one_unit(work, &mut checks, &form.unit).await?;
    let party = party(&mut checks, form);
    let kind = item(&mut checks, "kind", &form.kind, &lists.disclosure_kinds);
    let channel = item(&mut checks, "channel", &form.channel, &lists.disclosure_channels);
    let rule = rule(&mut checks, &app.pack, &form.rule);
    let text = checks.area("text", &form.text);
    let tlp = item(&mut checks, "tlp", &form.tlp, &lists.tlp);
    let told_at = told_at(&mut checks, &form.told_at, work.now);
    let receipt = checks.line_or_empty("receipt", &form.receipt);
    let next_due = checks.moment_or_none("next_due", &form.next_due);
    let items = attached(work, &mut checks, id, &form.items).await?;
    not_laxer_than(&mut checks, &tlp, &items);
    let refused = match &unit {
        Some(unit) => reach::closed_to_unit(&app.pack, &taken.units, Level::of(&tlp), unit, &rule),
        // A name that is not in the register is nobody's that we know.
        None => reach::closed_to_stranger(Level::of(&tlp), &party),
    };
    let leave = let_out(work, &mut checks, &tlp, refused, &form.override_reason);
    let told_by = teller(work, &mut checks, &form.told_by);
    checks.done()?;
    let name = unit.as_ref().map_or_else(|| party.clone(), |unit| unit.name.clone());
    let disclosure = Disclosure {
        sort: DisclosureSort::Told,
        unit_id: unit.map(|unit| unit.id),
        party: name.clone(),
        kind,
        channel,
        rule,
        receipt,
        next_due,
        ..plain(work, text, tlp, told_at, told_by, leave)
    };
    store::insert(&mut work.tx, id, &disclosure).await?;
    let words = label_of(&lists.disclosure_kinds, &disclosure.kind);
    let (vi, en) = (&words.vi, &words.en);
    let what = text!("{vi} gửi {name}", "{en} to {english}", english = work.app.pack.named(&name, Lang::En));
    let mut rows = vec![("disclosures", disclosure.id.to_string())];
    rows.extend(attach(work, id, &disclosure.id, &items).await?);
    rows.push(timeline::note(work, &taken.incident.id, "report", what.clone()).await?);
    record(work, id, "disclosure.recorded", what, &rows);
    Ok(disclosure.id)
}

/// A document that went to somebody, as the feature that sent it knows it.
pub struct Sent {
    pub unit: Option<UnitChoice>,
    /// Who, when the register has no such unit.
    pub party: String,
    /// Ids of `lists.disclosure_kinds` and `lists.disclosure_channels`.
    pub kind: String,
    pub channel: String,
    /// The rule it was sent under; empty for none.
    pub rule: String,
    pub text: String,
    pub told_at: Time,
    pub receipt: String,
    pub override_reason: Raw,
}

/// The wall before a document of an incident, the same as for what is noted by hand. What stands in the way is refused
/// beside its field.
pub fn ask_wall(work: &Work, checks: &mut Checks, taken: &Taken, sent: &Sent) -> Leave {
    let pack = &work.app.pack;
    let tlp = &taken.incident.tlp;
    let refused = match &sent.unit {
        Some(unit) => reach::closed_to_unit(pack, &taken.units, Level::of(tlp), unit, &sent.rule),
        None => reach::closed_to_stranger(Level::of(tlp), &sent.party),
    };
    let_out(work, checks, tlp, refused, &sent.override_reason)
}

/// Notes that somebody was told by a document. The caller took the incident, asked the wall and names the row in the
/// journal.
pub async fn note_sent(work: &mut Work, taken: &Taken, sent: Sent, leave: Leave) -> Result<DisclosureId> {
    let tlp = &taken.incident.tlp;
    let told_by = work.actor.name.clone();
    let disclosure = Disclosure {
        sort: DisclosureSort::Told,
        party: sent.unit.as_ref().map_or(sent.party, |unit| unit.name.clone()),
        unit_id: sent.unit.map(|unit| unit.id),
        kind: sent.kind,
        channel: sent.channel,
        rule: sent.rule,
        receipt: sent.receipt,
        ..plain(work, sent.text, tlp.clone(), sent.told_at, told_by, leave)
    };
    store::insert(&mut work.tx, &taken.incident.id, &disclosure).await?;
    Ok(disclosure.id)
}

/// Notes that information was shared with units, one row for each.
pub async fn share(work: &mut Work, id: &IncidentId, step: &str, form: &SharedForm) -> Result<Vec<DisclosureId>> {
    let taken = take_for(work, id, step, SHARED, Standing::Supports).await?;
    let app = work.app.clone();
    let mut checks = Checks::new();
    let units = many_units(work, &mut checks, &form.units).await?;
    let text = checks.area("text", &form.text);
    let tlp = item(&mut checks, "tlp", &form.tlp, &app.pack.lists.tlp);
    let told_at = told_at(&mut checks, &form.told_at, work.now);
    let items = attached(work, &mut checks, id, &form.items).await?;
    not_laxer_than(&mut checks, &tlp, &items);
    let closed = |unit: &UnitChoice| reach::closed_to_unit(&app.pack, &taken.units, Level::of(&tlp), unit, "");
    let refused = units.iter().find_map(closed);
    let leave = let_out(work, &mut checks, &tlp, refused, &form.override_reason);
    let told_by = teller(work, &mut checks, &form.told_by);
    checks.done()?;
    let mut rows = Vec::new();
    let mut ids = Vec::new();
    // As many rows as boxes were ticked by hand.
    for unit in &units {
        let leave = leave.clone().filter(|_| closed(unit).is_some());
        let shared = Disclosure {
            sort: DisclosureSort::Shared,
            unit_id: Some(unit.id.clone()),
            party: unit.name.clone(),
            ..plain(work, text.clone(), tlp.clone(), told_at, told_by.clone(), leave)
        };
        store::insert(&mut work.tx, id, &shared).await?;
        rows.push(("disclosures", shared.id.to_string()));
        rows.extend(attach(work, id, &shared.id, &items).await?);
        ids.push(shared.id);
    }
    let names = |lang: Lang| {
        let names: Vec<&str> = units.iter().map(|unit| work.app.pack.named(&unit.name, lang)).collect();
        names.join(", ")
    };
    let (names, english) = (names(Lang::Vi), names(Lang::En));
    let what = text!("Chia sẻ thông tin với: {names}", "Shared information with: {english}");
    rows.push(timeline::note(work, id, "message", what.clone()).await?);
    record(work, id, "information.shared", what, &rows);
    Ok(ids)
}

/// Adds the number of the receipt, or when to tell again.
pub async fn add_receipt(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    disclosure: &DisclosureId,
    form: &ReceiptForm,
) -> Result<()> {
    take_for(work, id, step, TOLD, Standing::Supports).await?;
    let mut stored = store::find(&mut work.tx, id, disclosure).await?.ok_or(Error::NotFound)?;
    still_stands(&stored)?;
    let mut checks = Checks::new();
    let receipt = checks.line_or_empty("receipt", &form.receipt);
    let next_due = checks.moment_or_none("next_due", &form.next_due);
    checks.done()?;
    if version_of(&form.version) != stored.version {
        return Err(conflict(work, id, stored.id.as_str(), vec![("receipt", &stored.receipt)]).await);
    }
    stored.receipt = receipt;
    stored.next_due = next_due;
    save(work, id, &stored).await?;
    let (party, receipt) = (&stored.party, &stored.receipt);
    let what = text!(
        "Ghi số tiếp nhận của {party}: {receipt}",
        "Receipt of {party}: {receipt}",
        party = work.app.pack.named(party, Lang::En)
    );
    record(work, id, "disclosure.receipted", what, &[("disclosures", stored.id.to_string())]);
    Ok(())
}

/// Marks an entry as a mistake. It stays readable and is no longer counted.
pub async fn strike(
    work: &mut Work,
    id: &IncidentId,
    step: &str,
    disclosure: &DisclosureId,
    form: &StrikeForm,
) -> Result<DisclosureSort> {
    take(work, id).await?;
    let mut stored = store::find(&mut work.tx, id, disclosure).await?.ok_or(Error::NotFound)?;
    let section = section_of(stored.sort);
    step_with(&find_step(work, step)?, section)?;
    take_for(work, id, step, section, Standing::Supports).await?;
    still_stands(&stored)?;
    let mut checks = Checks::new();
    stored.struck_reason = checks.line("struck_reason", &form.struck_reason);
    checks.done()?;
    if version_of(&form.version) != stored.version {
        return Err(conflict(work, id, stored.id.as_str(), Vec::new()).await);
    }
    stored.struck = true;
    save(work, id, &stored).await?;
    let (party, reason) = (&stored.party, &stored.struck_reason);
    let what = text!(
        "Gạch mục ghi nhầm ({party}): {reason}",
        "Struck an entry made by mistake ({party}): {reason}",
        party = work.app.pack.named(party, Lang::En)
    );
    let event = timeline::note(work, id, "report", what.clone()).await?;
    record(work, id, "disclosure.struck", what, &[("disclosures", stored.id.to_string()), event]);
    Ok(stored.sort)
}

/// The section that shows such an entry.
pub fn section_of(sort: DisclosureSort) -> &'static str {
    match sort {
        DisclosureSort::Told => TOLD,
        DisclosureSort::Shared => SHARED,
    }
}

/// The reason and the name of whoever lets it out; none when the wall is not in the way.
pub type Leave = Option<(String, String)>;

/// The wall. What may not go that far leaves only when the board gives a reason.
fn let_out(work: &Work, checks: &mut Checks, tlp: &str, refused: Option<Text>, reason: &Raw) -> Leave {
    // A level that was not chosen is refused for that.
    let refused = refused.filter(|_| !tlp.is_empty())?;
    if !work.actor.can(Permission::IncidentDirect) {
        checks.refuse("tlp", refused);
        return None;
    }
    if reason.is_empty() {
        let level = Level::of(tlp).label().vi;
        checks.refuse(
            "override_reason",
            text!(
                "Thông tin {level} gửi đến nơi nhận này phải có lý do cho phép.",
                "{level} goes to this recipient only with a reason."
            ),
        );
        return None;
    }
    Some((checks.line_or_empty("override_reason", reason), work.actor.name.clone()))
}

/// Notes what went along, as it is called and marked now.
async fn attach(
    work: &mut Work,
    id: &IncidentId,
    disclosure: &DisclosureId,
    items: &[Item],
) -> Result<Vec<(&'static str, String)>> {
    let it = |item: &Item| Attached {
        id: AttachedId::new(&work.app.chance, work.now),
        disclosure_id: disclosure.clone(),
        kind: item.kind,
        item_id: item.id.clone(),
        label: item.label_vi.clone(),
        tlp: item.tlp.clone(),
    };
    let attached: Vec<Attached> = items.iter().map(it).collect();
    markings::insert_attached(&mut work.tx, id, &attached).await?;
    Ok(attached.into_iter().map(|one| ("disclosure_items", one.id.to_string())).collect())
}

fn plain(work: &Work, text: String, tlp: String, told_at: Time, told_by: String, leave: Leave) -> Disclosure {
    let (override_reason, override_by) = leave.unwrap_or_default();
    Disclosure {
        id: DisclosureId::new(&work.app.chance, work.now),
        sort: DisclosureSort::Told,
        unit_id: None,
        party: String::new(),
        kind: String::new(),
        channel: String::new(),
        rule: String::new(),
        text,
        tlp,
        told_at,
        told_by,
        receipt: String::new(),
        next_due: None,
        override_reason,
        override_by,
        struck: false,
        struck_reason: String::new(),
        recorded_at: work.now,
        recorded_by: work.actor.name.clone(),
        version: 1,
    }
}

async fn one_unit(work: &mut Work, checks: &mut Checks, typed: &Raw) -> Result<Option<UnitChoice>> {
    let Some(id) = checks.id_or_none::<UnitId>("unit", typed) else { return Ok(None) };
    let unit = shared::find_unit(&mut work.tx, &id).await?;
    if unit.is_none() {
        checks.refuse("unit", unknown());
    }
    Ok(unit)
}

async fn many_units(work: &mut Work, checks: &mut Checks, typed: &[Raw]) -> Result<Vec<UnitChoice>> {
    let now = work.now;
    let register = shared::list_units(&mut work.tx, now).await?;
    let ticked = |unit: &UnitChoice| typed.iter().any(|raw| raw.as_str() == unit.id.as_str());
    let known = |raw: &Raw| register.iter().any(|unit| unit.id.as_str() == raw.as_str());
    if typed.is_empty() || !typed.iter().all(known) {
        checks.refuse("units", Text::new("Hãy chọn ít nhất một đơn vị trong danh bạ.", "Choose at least one unit."));
    }
    Ok(register.iter().filter(|unit| ticked(unit)).cloned().collect())
}

/// A name for whoever is not in the register; exactly one of unit and name is given.
fn party(checks: &mut Checks, form: &ToldForm) -> String {
    match (form.unit.is_empty(), form.party.is_empty()) {
        (true, true) => checks.refuse(
            "unit",
            Text::new("Hãy chọn đơn vị, hoặc ghi tên nơi nhận.", "Choose a unit, or write who was told."),
        ),
        (false, false) => checks.refuse(
            "party",
            Text::new("Đã chọn đơn vị thì để trống mục này.", "Leave this empty when a unit is chosen."),
        ),
        _ => {}
    }
    checks.line_or_empty("party", &form.party)
}

fn rule(checks: &mut Checks, pack: &Pack, typed: &Raw) -> String {
    let known = pack.regimes.iter().flat_map(|regime| &regime.rules).any(|rule| rule.id == typed.as_str());
    if !typed.is_empty() && !known {
        checks.refuse("rule", unknown());
    }
    typed.as_str().chars().take(LINE).collect()
}

fn told_at(checks: &mut Checks, typed: &Raw, now: Time) -> Time {
    let told_at = checks.moment_or_none("told_at", typed).unwrap_or(now);
    checks.past("told_at", Some(told_at), now);
    told_at
}

/// Whoever notes it has told them, unless another name is given.
fn teller(work: &Work, checks: &mut Checks, typed: &Raw) -> String {
    if typed.is_empty() { work.actor.name.clone() } else { checks.line_or_empty("told_by", typed) }
}

fn still_stands(disclosure: &Disclosure) -> Result<()> {
    if disclosure.struck {
        return Err(Error::not_now("Mục này đã bị gạch vì ghi nhầm.", "This entry was struck."));
    }
    Ok(())
}

async fn save(work: &mut Work, id: &IncidentId, disclosure: &Disclosure) -> Result<()> {
    if store::save(&mut work.tx, disclosure).await? == 0 {
        return Err(conflict(work, id, disclosure.id.as_str(), Vec::new()).await);
    }
    Ok(())
}

fn label_of(list: &[crate::pack::Item], id: &str) -> Text {
    list.iter().find(|item| item.id == id).map_or_else(|| Text::same(id), |item| item.label.text())
}
