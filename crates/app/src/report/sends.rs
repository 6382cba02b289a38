//! An issued report goes to its recipients, by e-mail from here or by another way that is noted, and they say that it
//! arrived. Sending it under a deadline rule notes that the unit was told, so the duty is met by that alone; by letter it
//! is met when the mail server has taken the letter, and is open again when the letter comes back (decision 15).

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::mail::is_address;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::time::Time;

use super::actions::{conflict, name_of};
use super::model::{Report, ReportState, Send, Way};
use super::store::sends as store;
use super::{ReportId, SendId, forms, mailing};
use crate::coordination::actions::disclosures::{Sent, ask_wall, note_sent};
use crate::coordination::duties;
use crate::coordination::model::UnitChoice;
use crate::incident::actions::{Taken, record, take_any};
use crate::incident::{IncidentId, timeline};
use crate::notify::letter;
use crate::org::UnitId;
use crate::pack::Pack;
use crate::permission::Permission;
use crate::work::Work;

/// A report went to somebody. Either `unit` (of the register) or `party` (a name) says who.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SendForm {
    pub unit: Raw,
    pub party: Raw,
    /// `email`, `paper` or `system`.
    pub way: Raw,
    /// Where the letter goes; empty: the unit's address in the register. Other ways leave it out.
    pub address: Raw,
    /// The deadline rule it is sent under; empty for none.
    pub rule: Raw,
    /// Empty: now, which is the only moment for a letter.
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

/// Sends an issued report by letter, or notes that it went to somebody by another way.
pub async fn send(work: &mut Work, incident: &IncidentId, id: &ReportId, form: &SendForm) -> Result<Send> {
    let (taken, report) = take_issued(work, incident, id).await?;
    let incident = &taken.incident;
    let app = work.app.clone();
    let paper = forms::of(&mut work.tx, &app.pack, &report).await?;
    let mut checks = Checks::new();
    let unit = one_unit(work, &mut checks, &form.unit).await?;
    let party = party(&mut checks, form);
    let way = way(&mut checks, &form.way, letter::may_post(&app));
    let address = match way {
        Some(Way::Email) => address(work, &mut checks, unit.as_ref(), form).await?,
        _ => String::new(),
    };
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
    let leave = ask_wall(work, &mut checks, &taken, &told);
    checks.done()?;
    let reason = leave.as_ref().map(|(reason, _)| reason.clone());
    let let_out = if reason.is_some() { incident.tlp.clone() } else { String::new() };
    // What the form does not call a report to anybody (a decision, minutes) goes out without being one.
    let mut rows = Vec::new();
    let disclosure_id = match paper.disclosure.is_some() || !rule.is_empty() {
        true => {
            let told = note_sent(work, &taken, told, leave).await?;
            rows.push(("disclosures", told.to_string()));
            Some(told.to_string())
        }
        false => None,
    };
    let letter_id = match way {
        Some(Way::Email) => {
            let unit = unit.as_ref().map(|unit| &unit.id);
            let to = mailing::Recipient { unit, name: &name, address: &address };
            Some(mailing::post(work, incident, &report, &paper, &to).await?)
        }
        _ => None,
    };
    let send = Send {
        id: SendId::new(&app.chance, work.now),
        report_id: report.id.clone(),
        unit_id: unit.map(|unit| unit.id),
        party: name.clone(),
        way: way.unwrap_or(Way::Paper),
        address,
        sent_at,
        sent_by: work.actor.name.clone(),
        receipt,
        rule,
        disclosure_id,
        letter_id,
        let_out,
        acknowledged_at: None,
        acknowledged_by: String::new(),
        their_number: String::new(),
        version: 1,
    };
    store::insert(&mut work.tx, &incident.id, &send).await?;
    rows.push(("report_sends", send.id.to_string()));
    let english = app.pack.named(&name, Lang::En);
    let what = text!("Gửi {vi} số {number} đến {name}", "Sent {en}, number {number}, to {english}");
    let what = match reason {
        Some(reason) => {
            let Text { vi, en } = what;
            text!(
                "{vi}. Cho phép gửi vượt phạm vi chia sẻ vì: {reason}",
                "{en}. Let out beyond its marking because: {reason}"
            )
        }
        None => what,
    };
    rows.push(timeline::note(work, &incident.id, "report", what.clone()).await?);
    record(work, &incident.id, "report.sent", what, &rows);
    Ok(send)
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

fn way(checks: &mut Checks, typed: &Raw, may_post: bool) -> Option<Way> {
    let way = checks.choice::<Way>("way", typed);
    if way == Some(Way::Email) && !may_post {
        checks.refuse(
            "way",
            Text::new(
                "Máy chủ này chưa cấu hình thư. Hãy giao bản giấy hoặc gửi qua hệ thống, rồi ghi số biên nhận.",
                "No mail server is set up here. Hand it in on paper or through a system, and note the receipt.",
            ),
        );
    }
    way
}

/// Where a letter goes: what was typed, else the unit's own address.
async fn address(work: &mut Work, checks: &mut Checks, unit: Option<&UnitChoice>, form: &SendForm) -> Result<String> {
    if !form.sent_at.is_empty() {
        checks.refuse(
            "sent_at",
            Text::new(
                "Thư đi ngay khi bấm gửi. Hãy để trống mục này.",
                "The letter goes out when you send it. Leave this empty.",
            ),
        );
    }
    if !form.address.is_empty() {
        return Ok(checks.email("address", &form.address));
    }
    let known = match unit {
        Some(unit) => address_of(&mut work.tx, &unit.id).await?,
        None => String::new(),
    };
    if known.is_empty() {
        checks.refuse("address", no_address());
    }
    Ok(known)
}

/// A unit's mail address; empty when the register has none that a letter could go to.
pub async fn address_of(tx: &mut Tx, unit: &UnitId) -> Result<String> {
    let found = super::store::facts::list_units(tx, &[unit]).await?;
    let address = found.into_iter().next().map(|unit| unit.email).unwrap_or_default();
    Ok(if is_address(&address) { address } else { String::new() })
}

/// The sentence beside the address of a recipient who has none.
pub fn no_address() -> Text {
    Text::new(
        "Danh bạ chưa có địa chỉ thư của nơi nhận. Hãy ghi địa chỉ, hoặc giao bản giấy và ghi số biên nhận.",
        "The register has no mail address of the recipient. Write one, or hand it in on paper and note the receipt.",
    )
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
