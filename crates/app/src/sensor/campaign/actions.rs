//! What is done to campaigns: begin, change, add machines, write down what came of one, close. Everything stands in the
//! campaign's own stream of the journal.

use std::collections::HashMap;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, clean, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, shorten};

use super::form::{CampaignForm, CloseForm, DoneForm, MachinesForm, ResultForm};
use super::{Campaign, CampaignId, Machine, MachineId, SweepResult, store, stream};
use crate::actor::Scope;
use crate::counter;
use crate::journal;
use crate::notify;
use crate::org::{self, UnitId};
use crate::permission::Permission::{SensorRead, SensorWrite};
use crate::work::Work;

/// How many machines a campaign may have, and how many are added at once.
const MOST: i64 = 5_000;
const AT_ONCE: usize = 500;

pub async fn begin(work: &mut Work, form: &CampaignForm) -> Result<CampaignId> {
    let mut checks = Checks::new();
    let typed = form.read(&mut checks);
    checks.done()?;
    must_lead(work, &typed.unit_id).await?;
    let year = work.now.year();
    let number = counter::next(&mut work.tx, &format!("campaign:{year}")).await?;
    let campaign = Campaign {
        id: CampaignId::new(&work.app.chance, work.now),
        code: format!("RQ-{year}-{number:04}"),
        opened_at: work.now,
        opened_by: work.actor.name.clone(),
        version: 1,
        ..typed
    };
    store::insert(&mut work.tx, &campaign).await?;
    let (code, title) = (&campaign.code, &campaign.title);
    let what = text!("Lập đợt rà quét {code}: {title}", "Began the campaign {code}: {title}");
    work.record(&stream(&campaign.id), "campaign.begun", what, &[("campaigns", campaign.id.as_str())]);
    Ok(campaign.id)
}

pub async fn change(work: &mut Work, id: &CampaignId, form: &CampaignForm) -> Result<()> {
    let old = take_open(work, id).await?;
    let mut checks = Checks::new();
    let typed = form.read(&mut checks);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    must_lead(work, &typed.unit_id).await?;
    let campaign = Campaign {
        title: typed.title,
        scope: typed.scope,
        tool: typed.tool,
        unit_id: typed.unit_id,
        planned_from: typed.planned_from,
        planned_to: typed.planned_to,
        version,
        ..old.clone()
    };
    if !store::save(&mut work.tx, &campaign).await? {
        let theirs = vec![
            ("title".to_owned(), old.title),
            ("scope".to_owned(), old.scope),
            ("tool".to_owned(), old.tool),
            ("planned_from".to_owned(), old.planned_from.to_field()),
            ("planned_to".to_owned(), old.planned_to.to_field()),
        ];
        return Err(conflict(work, id, id.as_str(), theirs).await?);
    }
    let code = &campaign.code;
    let what = text!("Sửa đợt rà quét {code}", "Changed the campaign {code}");
    work.record(&stream(id), "campaign.changed", what, &[("campaigns", id.as_str())]);
    Ok(())
}

/// Adds machines, one a line: registered systems by their code, others by name. Says how many.
pub async fn add(work: &mut Work, id: &CampaignId, form: &MachinesForm) -> Result<usize> {
    let campaign = take_open(work, id).await?;
    let mut checks = Checks::new();
    let unit: Option<UnitId> = checks.id_or_none("unit", &form.unit);
    let lines: Vec<String> = clean(form.machines.as_str())
        .lines()
        .map(|line| shorten(line.trim(), 200))
        .filter(|line| !line.is_empty())
        .take(AT_ONCE + 1)
        .collect();
    if lines.is_empty() {
        checks.refuse("machines", Text::new("Hãy ghi mỗi dòng một máy.", "Write one machine a line."));
    }
    if lines.len() > AT_ONCE {
        checks.refuse("machines", text!("Mỗi lần nhiều nhất {AT_ONCE} máy.", "At most {AT_ONCE} at a time."));
    }
    checks.done()?;
    if let Some(unit) = &unit {
        org::get_unit(&mut work.tx, unit).await.map_err(|_| Error::field("unit", unknown()))?;
    }
    let first = store::last_number(&mut work.tx, id).await? + 1;
    if first - 1 + i64::try_from(lines.len()).unwrap_or(MOST) > MOST {
        return Err(Error::field("machines", text!("Một đợt có nhiều nhất {MOST} máy.", "At most {MOST} in one.")));
    }
    let known = store::list_systems(&mut work.tx, &lines).await?;
    let known: HashMap<&str, _> =
        known.iter().map(|(code, id, name, unit)| (code.as_str(), (id, name, unit))).collect();
    let machine = |(number, line): (i64, &String)| {
        let system = known.get(line.as_str());
        Machine {
            id: MachineId::new(&work.app.chance, work.now),
            campaign_id: id.clone(),
            number,
            name: system.map_or_else(|| line.clone(), |(_, name, _)| (*name).clone()),
            system_id: system.map(|(id, ..)| (*id).clone()),
            unit_id: system.map(|(.., unit)| (*unit).clone()).or_else(|| unit.clone()),
            unit_name: None,
            result: SweepResult::Waiting,
            note: String::new(),
            reference: String::new(),
            checked_at: None,
            checked_by: String::new(),
            follow_up: String::new(),
            owner_id: None,
            owner_name: None,
            due_at: None,
            done_at: None,
            version: 1,
        }
    };
    let machines: Vec<Machine> = (first..).zip(&lines).map(machine).collect();
    store::insert_machines(&mut work.tx, &machines).await?;
    let (code, count) = (&campaign.code, machines.len());
    let what = text!("Thêm {count} máy vào {code}", "Added {count} machines to {code}");
    let rows: Vec<(&'static str, &str)> = machines.iter().map(|one| ("campaign_machines", one.id.as_str())).collect();
    work.record(&stream(id), "campaign.machines_added", what, &rows);
    Ok(count)
}

/// Writes down what came of a machine and what is still to do.
pub async fn settle(work: &mut Work, id: &CampaignId, machine: &MachineId, form: &ResultForm) -> Result<()> {
    let campaign = take(work, id).await?;
    let old = store::find_machine(&mut work.tx, id, machine).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let by = work.actor.name.clone();
    let new = form.read(&old, work.now, &by, &mut checks);
    checks.done()?;
    if !campaign.is_open() && (new.result != old.result || new.note != old.note || new.follow_up != old.follow_up) {
        return Err(closed());
    }
    if let Some(owner) = &new.owner_id {
        org::get_person(&mut work.tx, owner).await.map_err(|_| Error::field("owner", unknown()))?;
    }
    if !store::save_machine(&mut work.tx, &new).await? {
        let theirs = vec![
            ("result".to_owned(), old.result.word().to_owned()),
            ("note".to_owned(), old.note),
            ("reference".to_owned(), old.reference),
            ("follow_up".to_owned(), old.follow_up),
        ];
        return Err(conflict(work, id, machine.as_str(), theirs).await?);
    }
    let (code, name) = (&campaign.code, &new.name);
    let Text { vi, en } = new.result.label();
    let what = text!("{code}, {name}: {vi}", "{code}, {name}: {en}");
    work.record(&stream(id), "campaign.machine_settled", what, &[("campaign_machines", machine.as_str())]);
    if let Some(owner) = new.owner_id.as_ref().filter(|owner| old.owner_id.as_ref() != Some(*owner) && new.is_pending())
    {
        let follow = &new.follow_up;
        let said = text!("Việc sau rà quét {code}, {name}: {follow}", "To do after {code}, {name}: {follow}");
        notify::tell_person(work, owner, &said, &new.href()).await?;
    }
    Ok(())
}

/// Whoever has to do something after a sweep says that it is done. A closed campaign goes on taking that.
pub async fn finish(work: &mut Work, id: &CampaignId, machine: &MachineId, form: &DoneForm) -> Result<()> {
    work.hold(&stream(id)).await?;
    let (campaign, mut machine) = find_machine(&mut work.tx, id, machine).await?;
    if machine.owner_id.as_ref() != Some(&work.actor.person_id) {
        return Err(Error::NotFound);
    }
    let mut checks = Checks::new();
    machine.version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    if !machine.is_pending() {
        return Err(Error::not_now("Việc này đã xong rồi.", "This was done already."));
    }
    machine.done_at = Some(work.now);
    if !store::save_machine(&mut work.tx, &machine).await? {
        return Err(conflict(work, id, machine.id.as_str(), Vec::new()).await?);
    }
    let (code, name, follow) = (&campaign.code, &machine.name, &machine.follow_up);
    let what = text!("{code}, {name}: đã xong việc “{follow}”", "{code}, {name}: “{follow}” is done");
    work.record(&stream(id), "campaign.follow_up_done", what, &[("campaign_machines", machine.id.as_str())]);
    Ok(())
}

/// A machine and its campaign, whoever asks.
pub async fn find_machine(tx: &mut Tx, id: &CampaignId, machine: &MachineId) -> Result<(Campaign, Machine)> {
    let everywhere = Scope { everywhere: true, ..Scope::default() };
    let campaign = store::find(tx, &everywhere, id).await?.ok_or(Error::NotFound)?;
    let machine = store::find_machine(tx, id, machine).await?.ok_or(Error::NotFound)?;
    Ok((campaign, machine))
}

/// Closes a campaign; what is still to do goes on having its clock.
pub async fn close(work: &mut Work, id: &CampaignId, form: &CloseForm) -> Result<()> {
    let mut campaign = take_open(work, id).await?;
    let mut checks = Checks::new();
    let conclusion = checks.area("conclusion", &form.conclusion);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let standing = store::standing(&mut work.tx, id).await?;
    let left = standing.machines - standing.known();
    if left > 0 || standing.machines == 0 {
        return Err(Error::NotNow(text!(
            "Còn {left} máy chưa có kết quả. Máy không tới được thì ghi “Không rà được”.",
            "{left} machines have no result yet. Write “not reached” for those that could not be reached."
        )));
    }
    campaign.conclusion = conclusion;
    campaign.closed_at = Some(work.now);
    campaign.closed_by.clone_from(&work.actor.name);
    campaign.version = version;
    if !store::save(&mut work.tx, &campaign).await? {
        return Err(conflict(work, id, id.as_str(), Vec::new()).await?);
    }
    let (code, found) = (&campaign.code, standing.found);
    let what =
        text!("Kết thúc đợt rà quét {code}: {found} máy có mã độc", "Closed {code}: malware on {found} machines");
    work.record(&stream(id), "campaign.closed", what, &[("campaigns", id.as_str())]);
    Ok(())
}

/// The campaign, for someone who may write; what one may not see does not exist.
async fn take(work: &mut Work, id: &CampaignId) -> Result<Campaign> {
    work.hold(&stream(id)).await?;
    let scope = work.actor.scope(SensorRead);
    let campaign = store::find(&mut work.tx, &scope, id).await?.ok_or(Error::NotFound)?;
    work.actor.must_in(SensorWrite, &campaign.unit_id)?;
    Ok(campaign)
}

async fn take_open(work: &mut Work, id: &CampaignId) -> Result<Campaign> {
    let campaign = take(work, id).await?;
    if campaign.is_open() { Ok(campaign) } else { Err(closed()) }
}

fn closed() -> Error {
    Error::not_now("Đợt rà quét này đã kết thúc.", "This campaign is closed.")
}

async fn must_lead(work: &mut Work, unit: &UnitId) -> Result<()> {
    org::get_unit(&mut work.tx, unit).await.map_err(|_| Error::field("unit", unknown()))?;
    work.actor.must_in(SensorWrite, unit)
}

async fn conflict(work: &mut Work, id: &CampaignId, row: &str, theirs: Vec<(String, String)>) -> Result<Error> {
    let (who, when) = journal::last_writer(&mut work.tx, &stream(id), row).await?.unwrap_or_default();
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs })))
}
