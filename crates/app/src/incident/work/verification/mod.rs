//! The check after recovery: the whole system is inspected, item by item, and someone in charge gives a verdict. "Not
//! stable" sends the work back to the steps the procedure names, as the next round.

mod actions;
pub(super) mod pages;
mod store;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::place::{Links, round_shown, shown};
use crate::incident::model::{Incident, PartId, Standing};
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::pack::{Procedure, Step};
use crate::page::Page;
use crate::ui::Tone;
use crate::ui::chips::Toned;
use crate::work::Look;

text_enum! {
    /// How a check came out.
    pub enum CheckResult {
        Open = "open": ("Chưa kiểm tra", "Not checked"),
        Pass = "pass": ("Đạt", "Passed"),
        Fail = "fail": ("Không đạt", "Failed"),
        NotApplicable = "not_applicable": ("Không áp dụng", "Not applicable"),
    }
}

impl Toned for CheckResult {
    fn tone(&self) -> Tone {
        match self {
            CheckResult::Open => Tone::Active,
            CheckResult::Pass => Tone::Good,
            CheckResult::Fail => Tone::Bad,
            CheckResult::NotApplicable => Tone::Quiet,
        }
    }
}

/// Something to check after recovery.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Check {
    pub id: PartId,
    pub round: i64,
    pub position: i64,
    pub text: String,
    pub text_en: String,
    pub result: CheckResult,
    pub note: String,
    pub checked_at: Option<Time>,
    pub checked_by: String,
    pub version: i64,
}

impl Check {
    pub fn is_open(&self) -> bool {
        self.result == CheckResult::Open
    }

    /// The words in the reader's language; what people added themselves has only one.
    pub fn words(&self, lang: &Lang) -> &str {
        lang.pick(&self.text, &self.text_en)
    }
}

/// Whether the system was found stable, once a round.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Verdict {
    pub id: PartId,
    pub round: i64,
    pub stable: bool,
    pub note: String,
    pub given_at: Time,
    pub given_by: String,
}

/// A round of the check.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    pub round: i64,
    pub checks: Vec<Check>,
    pub verdict: Option<Verdict>,
}

#[derive(Template)]
#[template(path = "incident/work/html/verification.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    /// The round that is shown.
    present: &'a Round,
    others: &'a [Round],
    answered: usize,
    may_work: bool,
    may_judge: bool,
    /// "7, 8, 9, 10": the steps that a failed check opens again.
    reopened: String,
}

impl View<'_> {
    fn found_stable(&self) -> bool {
        self.present.verdict.as_ref().is_some_and(|verdict| verdict.stable)
    }

    /// Why "stable" cannot be said yet; empty when it can.
    fn in_the_way(&self) -> String {
        in_the_way(&self.present.checks).map(|text| self.p.say(&text)).unwrap_or_default()
    }

    /// What is asked before a new round opens.
    fn warning(&self) -> String {
        let (steps, round) = (&self.reopened, self.present.round + 1);
        self.p.say(&ungcuu_kit::text!(
            "Các bước {steps} sẽ mở lại thành vòng {round} và các đơn vị chủ trì nhận thông báo. Không rút lại được.",
            "Steps {steps} open again as round {round} and the units in charge are told. This cannot be taken back."
        ))
    }
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let incident = context.incident;
        let mut rounds = rounds(&mut look.tx, incident).await?;
        let number = round_shown(&look.app.pack.procedure, context);
        let present = match rounds.iter().position(|round| round.round == number) {
            Some(place) => rounds.remove(place),
            None => Round { round: number, checks: Vec::new(), verdict: None },
        };
        let view = View {
            p: context.page,
            at: Links::new(context),
            answered: present.checks.iter().filter(|check| !check.is_open()).count(),
            present: &present,
            others: &rounds,
            may_work: context.may_work,
            may_judge: context.may_work && context.standing >= Standing::Leads,
            reopened: numbers(&look.app.pack.procedure, context.step),
        };
        let content = std::iter::once(&present).chain(&rounds).collect::<Vec<_>>();
        shown(Text::new("Kiểm tra, đánh giá sau khôi phục", "Inspection after recovery"), &view, &content)
    })
}

/// 1 when the system was found stable in the present round.
pub fn count<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(store::count_stable(tx, &gated.incident.id, gated.incident.round))
}

/// Every round with its checks and its verdict, the latest first.
pub async fn rounds(tx: &mut Tx, incident: &Incident) -> Result<Vec<Round>> {
    let checks = store::list(tx, &incident.id).await?;
    let verdicts = store::list_verdicts(tx, &incident.id).await?;
    let mut rounds: Vec<Round> = Vec::new();
    for round in (1..=incident.round).rev() {
        let of_round: Vec<Check> = checks.iter().filter(|check| check.round == round).cloned().collect();
        let verdict = verdicts.iter().find(|verdict| verdict.round == round).cloned();
        if !of_round.is_empty() || verdict.is_some() {
            rounds.push(Round { round, checks: of_round, verdict });
        }
    }
    Ok(rounds)
}

/// Why the system cannot be found stable yet, if anything speaks against it.
fn in_the_way(checks: &[Check]) -> Option<Text> {
    let open = checks.iter().filter(|check| check.is_open()).count();
    let failed = checks.iter().filter(|check| check.result == CheckResult::Fail).count();
    match (open, failed) {
        (0, 0) => None,
        (open, 0) => Some(ungcuu_kit::text!("Còn {open} mục chưa kiểm tra.", "{open} items are not checked yet.")),
        (0, failed) => Some(ungcuu_kit::text!("Có {failed} mục không đạt.", "{failed} items failed.")),
        (open, failed) => Some(ungcuu_kit::text!(
            "Còn {open} mục chưa kiểm tra, {failed} mục không đạt.",
            "{open} items are not checked yet, {failed} failed."
        )),
    }
}

/// The numbers of the steps that a failed check opens again.
fn numbers(procedure: &Procedure, step: &Step) -> String {
    procedure.round_of(&step.id).iter().map(|step| step.number.as_str()).collect::<Vec<_>>().join(", ")
}
