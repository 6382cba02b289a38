//! What is done against the incident: containment, removal of malware, fixes, recovery.
//!
//! A measure is planned, then done. What was done to contain the incident (a port closed, an account locked, a machine
//! cut off) has to be taken back some day, so it stays "in force" until someone says that it was.

mod actions;
pub(super) mod pages;
mod store;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::place::{Links, round_shown, shown};
use super::review::count_evidence;
use super::store::list_systems;
use crate::incident::model::{Incident, PartId, Standing};
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::page::Page;
use crate::system::SystemId;
use crate::ui::Tone;
use crate::ui::chips::Toned;
use crate::work::Look;

text_enum! {
    /// What a measure is for.
    pub enum MeasureKind {
        Containment = "containment": ("Biện pháp ngăn chặn", "Containment measures"),
        Eradication = "eradication": ("Gỡ bỏ mã độc, phần mềm độc hại", "Removal of malware"),
        Fix = "fix": ("Khắc phục điểm yếu", "Fixing weaknesses"),
        Recovery = "recovery": ("Khôi phục hệ thống, dữ liệu, kết nối", "Recovery of system, data, connections"),
    }
}

text_enum! {
    /// What has become of a measure.
    pub enum MeasureState {
        Planned = "planned": ("Dự kiến", "Planned"),
        Done = "done": ("Đã thực hiện", "Done"),
        Removed = "removed": ("Đã gỡ bỏ", "Taken back"),
        Cancelled = "cancelled": ("Không thực hiện", "Cancelled"),
    }
}

impl Toned for MeasureState {
    fn tone(&self) -> Tone {
        match self {
            MeasureState::Planned => Tone::Active,
            MeasureState::Done => Tone::Good,
            MeasureState::Removed | MeasureState::Cancelled => Tone::Quiet,
        }
    }
}

/// A measure.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Measure {
    pub id: PartId,
    pub kind: MeasureKind,
    /// The round of the incident it was taken in.
    pub round: i64,
    pub title: String,
    pub detail: String,
    pub system_id: Option<SystemId>,
    pub system: Option<String>,
    pub state: MeasureState,
    /// What came of it, or why it was not done.
    pub result: String,
    /// When a containment measure should be taken back.
    pub remove_by: Option<Time>,
    pub created_at: Time,
    pub created_by: String,
    pub done_at: Option<Time>,
    pub done_by: String,
    pub removed_at: Option<Time>,
    pub removed_by: String,
    pub removed_note: String,
    pub version: i64,
}

impl Measure {
    pub fn is_planned(&self) -> bool {
        self.state == MeasureState::Planned
    }

    pub fn is_cancelled(&self) -> bool {
        self.state == MeasureState::Cancelled
    }

    /// Whether it still has to be taken back.
    pub fn in_force(&self) -> bool {
        self.kind == MeasureKind::Containment && self.state == MeasureState::Done
    }

    /// Whether it should have been taken back by now.
    pub fn overdue(&self, now: &Time) -> bool {
        self.in_force() && self.remove_by.is_some_and(|by| by < *now)
    }

    fn may_change(&self) -> bool {
        matches!(self.state, MeasureState::Planned | MeasureState::Done)
    }

    fn system_value(&self) -> String {
        self.system_id.as_ref().map(SystemId::to_string).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "incident/work/html/measures.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    incident: &'a Incident,
    kind: MeasureKind,
    /// The round that is shown, and its measures.
    round: i64,
    of_round: Vec<&'a Measure>,
    /// Those of other rounds.
    others: Vec<&'a Measure>,
    in_force: Vec<&'a Measure>,
    may_work: bool,
    /// May take back what is in force, also when the step has ended.
    may_remove: bool,
    systems: Vec<(String, String)>,
    suggestions: Vec<String>,
    /// Nothing was kept as evidence, and recovery may destroy what is left.
    no_evidence: bool,
}

impl View<'_> {
    fn contains(&self) -> bool {
        self.kind == MeasureKind::Containment
    }
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let incident = context.incident;
        let kind: MeasureKind = context.key.parse().map_err(|_| Error::NotFound)?;
        let measures = store::list(&mut look.tx, &incident.id, kind).await?;
        let systems = match context.may_work {
            true => list_systems(&mut look.tx, &incident.id).await?,
            false => Vec::new(),
        };
        let no_evidence = kind == MeasureKind::Recovery
            && !context.row.state.ended()
            && count_evidence(&mut look.tx, incident).await? == 0;
        let round = round_shown(&look.app.pack.procedure, context);
        let (of_round, others) = measures.iter().partition(|measure| measure.round == round);
        let mut in_force: Vec<&Measure> = measures.iter().filter(|measure| measure.in_force()).collect();
        in_force.sort_by_key(|measure| (measure.remove_by.unwrap_or(Time(i64::MAX)), measure.id.clone()));
        let view = View {
            p: context.page,
            at: Links::new(context),
            incident,
            kind,
            round,
            of_round,
            others,
            in_force,
            may_work: context.may_work,
            may_remove: context.standing >= Standing::Supports,
            systems: systems.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            suggestions: suggestions(look, incident, kind, context.page.lang),
            no_evidence,
        };
        shown(kind.label(), &view, &measures)
    })
}

/// How many measures of this kind were done in the present round. What was taken back since was done all the same.
pub fn count<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move {
        let Some(kind) = gated.key.and_then(|key| key.parse().ok()) else { return Ok(0) };
        store::count_done(tx, &gated.incident.id, kind, gated.incident.round).await
    })
}

/// Every measure of an incident, for reports.
pub async fn list_all(tx: &mut Tx, incident: &Incident) -> Result<Vec<Measure>> {
    store::list_all(tx, &incident.id).await
}

/// Titles offered while typing: the pack's options for containing, the parts of a recovery.
fn suggestions(look: &Look, incident: &Incident, kind: MeasureKind, lang: Lang) -> Vec<String> {
    let own: &[Text] = match kind {
        MeasureKind::Containment => {
            let options = look.app.pack.options_of(&incident.scenario);
            return options.into_iter().map(|option| option.name.get(lang).to_owned()).collect();
        }
        MeasureKind::Eradication => &[
            Text::new("Quét, gỡ mã độc trên máy bị nhiễm", "Scan and clean the infected machines"),
            Text::new("Gỡ tài khoản, tác vụ lạ do kẻ tấn công tạo", "Remove accounts and jobs the attacker made"),
        ],
        MeasureKind::Fix => &[
            Text::new("Cài bản vá", "Install updates"),
            Text::new("Đổi mật khẩu, bật xác thực hai lớp", "Change passwords, turn on two-step sign-in"),
            Text::new("Đóng dịch vụ, cổng không cần thiết", "Close services and ports nobody needs"),
        ],
        MeasureKind::Recovery => &[
            Text::new("Khôi phục dữ liệu từ bản sao lưu", "Restore data from backup"),
            Text::new("Khôi phục kết nối", "Restore connections"),
            Text::new("Cấu hình hệ thống an toàn", "Configure the system securely"),
            Text::new("Bổ sung thiết bị, phần cứng, phần mềm", "Add equipment, hardware, software"),
        ],
    };
    own.iter().map(|text| text.get(lang).to_owned()).collect()
}

/// Of each kind: how many were done, when the first and when the last.
pub(super) async fn spans(
    tx: &mut Tx,
    incident: &Incident,
) -> Result<Vec<(MeasureKind, i64, Option<Time>, Option<Time>)>> {
    store::list_spans(tx, &incident.id).await
}
