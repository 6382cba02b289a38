//! An issued report goes to its recipients, and they say that it arrived. Sending it under a deadline rule notes that the
//! unit was told, so the duty is met by that alone.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::actions::{conflict, name_of};
use super::model::{Report, ReportState, Send, Way};
use super::store::sends as store;
use super::{ReportId, SendId, forms};
use crate::coordination::actions::disclosures::{Sent, note_sent};
use crate::coordination::duties;
use crate::coordination::model::UnitChoice;
use crate::incident::actions::{Taken, record, take_any};
use crate::incident::{IncidentId, timeline};
use crate::org::UnitId;
use crate::pack::{Form, Pack};
use crate::permission::Permission;
use crate::work::Work;

/// A report went to somebody. Either `unit` (of the register) or `party` (a name) says who.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SendForm {
    pub unit: Raw,
    pub party: Raw,
    /// `paper` or `system`.
    pub way: Raw,
    /// The deadline rule it is sent under; empty for none.
    pub rule: Raw,
    /// Empty: now.
    pub sent_at: Raw,
    pub receipt: Raw,
    /// Why it may leave although it is for its recipients only.
    pub override_reason: Raw,
}

/// The recipient says that it arrived.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AcknowledgeForm {
    pub their_number: Raw,
    /// Empty: now.
    pub acknowledged_at: Raw,
    pub version: Raw,
}

/// Notes that an issued report went to somebody.
pub async fn send(work: &mut Work, incident: &IncidentId, id: &ReportId, form: &SendForm) -> Result<SendId> {
    let (taken, report) = take_issued(work, incident, id).await?;
    let incident = &taken.incident;
    let app = work.app.clone();
    let paper = forms::of(&mut work.tx, &app.pack, &report).await?;
    let mut checks = Checks::new();
    let unit = one_unit(work, &mut checks, &form.unit).await?;
    let party = party(&mut checks, form);
    let way = way(&mut checks, &form.way);
    let rule = rule(&mut checks, &app.pack, &form.rule);
    let sent_at = checks.moment_or_none("sent_at", &form.sent_at).unwrap_or(work.now);
    checks.past("sent_at", Some(sent_at), work.now);
    if report.issued_at.is_some_and(|issued| sent_at < Time(issued.0 - issued.0 % 60_000_000)) {
        checks.refuse(
            "sent_at",
            Text::new("Lúc này báo cáo chưa phát hành.", "The report was not issued yet at this moment."),
        );
    }
    let receipt = checks.line_or_empty("receipt", &form.receipt);
    let name = unit.as_ref().map_or_else(|| party.clone(), |unit| unit.name.clone());
    let (vi, en) = name_of(&paper, &report);
    let number = report.number.clone();
    let told = Sent {
        unit: unit.clone(),
        party,
        kind: paper.disclosure.clone().unwrap_or_default(),
        channel: channel(&app.pack, way),
        rule: rule.clone(),
        text: format!("{vi}, số {number}"),
        told_at: sent_at,
        receipt: receipt.clone(),
        override_reason: Raw(form.override_reason.as_str().to_owned()),
    };
    // What the form does not call a report to anybody (a decision, minutes) goes out without being one.
    let mut rows = Vec::new();
    let disclosure_id = match paper.disclosure.is_some() || !rule.is_empty() {
        true => {
            let told = note_sent(work, &mut checks, &taken, told).await?;
            rows.push(("disclosures", told.to_string()));
            Some(told.to_string())
        }
        false => None,
    };
    checks.done()?;
    let send = Send {
        id: SendId::new(&app.chance, work.now),
        report_id: report.id.clone(),
        unit_id: unit.map(|unit| unit.id),
        party: name.clone(),
        way: way.unwrap_or(Way::Paper),
        address: String::new(),
        sent_at,
        sent_by: work.actor.name.clone(),
        receipt,
        rule,
        disclosure_id,
        letter_id: None,
        acknowledged_at: None,
        acknowledged_by: String::new(),
        their_number: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &incident.id, &send).await?;
    rows.push(("report_sends", send.id.to_string()));
    let english = app.pack.named(&name, Lang::En);
    let what = text!("Gửi {vi} số {number} đến {name}", "Sent {en}, number {number}, to {english}");
    rows.push(timeline::note(work, &incident.id, "report", what.clone()).await?);
    record(work, &incident.id, "report.sent", what, &rows);
    Ok(send.id)
}

/// Notes that the recipient has it, with their number for it.
pub async fn acknowledge(
    work: &mut Work,
    incident: &IncidentId,
    id: &ReportId,
    send: &SendId,
    form: &AcknowledgeForm,
) -> Result<()> {
    let (taken, report) = take_issued(work, incident, id).await?;
    let incident = &taken.incident;
    let mut send = store::find(&mut work.tx, id, send).await?.ok_or(Error::NotFound)?;
    if send.acknowledged_at.is_some() {
        let who = &send.acknowledged_by;
        return Err(Error::NotNow(text!("{who} đã ghi nhận rồi.", "{who} has noted it already.")));
    }
    let mut checks = Checks::new();
    send.their_number = checks.line_or_empty("their_number", &form.their_number);
    let at = checks.moment_or_none("acknowledged_at", &form.acknowledged_at).unwrap_or(work.now);
    checks.past("acknowledged_at", Some(at), work.now);
    if at < Time(send.sent_at.0 - send.sent_at.0 % 60_000_000) {
        checks.refuse("acknowledged_at", Text::new("Lúc này báo cáo chưa gửi.", "It was not sent yet at this moment."));
    }
    checks.done()?;
    send.acknowledged_at = Some(at);
    send.acknowledged_by = work.actor.name.clone();
    if form.version.as_str() != send.version.to_string() || store::save_acknowledged(&mut work.tx, &send).await? == 0 {
        return Err(conflict(work, &report).await?);
    }
    let (party, number) = (&send.party, &report.number);
    let english = work.app.pack.named(party, Lang::En);
    let what = text!("{party} xác nhận đã nhận báo cáo số {number}", "{english} confirmed receipt of report {number}");
    record(work, &incident.id, "report.acknowledged", what, &[("report_sends", send.id.to_string())]);
    Ok(())
}

/// An issued report for somebody who may write reports about its incident; sending goes on after the incident is closed.
pub(super) async fn take_issued(work: &mut Work, incident: &IncidentId, id: &ReportId) -> Result<(Taken, Report)> {
    let taken = take_any(work, incident).await?;
    work.actor.must_in(Permission::ReportWrite, &taken.incident.unit_id)?;
    let report = super::store::find(&mut work.tx, incident, id).await?.ok_or(Error::NotFound)?;
    if report.state != ReportState::Issued && report.state != ReportState::Superseded {
        return Err(Error::not_now("Báo cáo chưa phát hành.", "The report is not issued yet."));
    }
    Ok((taken, report))
}

async fn one_unit(work: &mut Work, checks: &mut Checks, typed: &Raw) -> Result<Option<UnitChoice>> {
    let Some(id) = checks.id_or_none::<UnitId>("unit", typed) else { return Ok(None) };
    let unit = duties::find_unit(&mut work.tx, &id).await?;
    if unit.is_none() {
        checks.refuse("unit", unknown());
    }
    Ok(unit)
}

/// A name for whoever is not in the register; exactly one of unit and name is given.
fn party(checks: &mut Checks, form: &SendForm) -> String {
    match (form.unit.is_empty(), form.party.is_empty()) {
        (true, true) => checks.refuse(
            "unit",
            Text::new("Hãy chọn đơn vị, hoặc ghi tên nơi nhận.", "Choose a unit, or write who receives it."),
        ),
        (false, false) => checks.refuse(
            "party",
            Text::new("Đã chọn đơn vị thì để trống mục này.", "Leave this empty when a unit is chosen."),
        ),
        _ => {}
    }
    checks.line_or_empty("party", &form.party)
}

fn way(checks: &mut Checks, typed: &Raw) -> Option<Way> {
    let way = checks.choice::<Way>("way", typed);
    if way == Some(Way::Email) {
        checks.refuse(
            "way",
            Text::new(
                "Bản này chưa tự gửi thư. Hãy gửi bằng hộp thư của đơn vị rồi ghi là hệ thống, kèm số biên nhận.",
                "This version sends no mail. Send it from your own mailbox and note it as a system, with the receipt.",
            ),
        );
    }
    way
}

fn rule(checks: &mut Checks, pack: &Pack, typed: &Raw) -> String {
    let known = pack.regimes.iter().flat_map(|regime| &regime.rules).any(|rule| rule.id == typed.as_str());
    if !typed.is_empty() && !known {
        checks.refuse("rule", unknown());
        return String::new();
    }
    typed.as_str().to_owned()
}

/// The pack's channel for a way: the one it names for it, or else the first that leaves something written.
fn channel(pack: &Pack, way: Option<Way>) -> String {
    let channels = &pack.lists.disclosure_channels;
    let word = way.map(Way::word);
    let named = channels.iter().find(|item| item.way.is_some() && item.way.as_deref() == word);
    let any = named.or_else(|| channels.iter().find(|item| item.written)).or_else(|| channels.first());
    any.map(|item| item.id.clone()).unwrap_or_default()
}

/// The rule that a form answers first: the one in force that names it, of those the unit is still owed.
pub fn rule_of(pack: &Pack, form: &Form, open: &[duties::Duty]) -> Option<String> {
    let names_it = |id: &str| {
        let rules = pack.regimes.iter().flat_map(|regime| &regime.rules);
        rules.clone().any(|rule| rule.id == id && rule.form.as_ref() == Some(&form.id))
    };
    open.iter().find(|duty| names_it(&duty.rule)).map(|duty| duty.rule.clone())
}
