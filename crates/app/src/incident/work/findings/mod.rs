//! What was found out, in words: what happened, how far it reaches, where it came from, the harm, the cause, the result.
//!
//! Each text is written once for the whole incident and shown wherever a step asks for it. The first description also
//! stands in the incident itself, where lists and reports find it.

mod actions;
pub(super) mod pages;
mod store;

use std::collections::BTreeMap;

use askama::Template;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;
use ungcuu_kit::time::Time;

use super::place::{Links, shown};
use crate::incident::model::{Incident, PartId};
use crate::incident::section::{Gated, SectionContext, Shown};
use crate::pack::{Procedure, Step};
use crate::page::Page;
use crate::work::Look;

text_enum! {
    /// Which text.
    pub enum Key {
        Summary = "summary": ("Mô tả sơ bộ", "First description"),
        Scope = "scope": ("Phạm vi, đối tượng bị ảnh hưởng", "Scope and those affected"),
        Origin = "origin": ("Nguồn gốc tấn công", "Origin of the attack"),
        Harm = "harm": ("Thiệt hại", "Harm"),
        Cause = "cause": ("Nguyên nhân", "Cause"),
        Result = "result": ("Kết quả xử lý", "Result of the handling"),
    }
}

impl Key {
    /// What belongs in it, in a line.
    pub fn hint(self) -> Text {
        match self {
            Key::Summary => Text::new(
                "Chuyện gì, ở đâu, phát hiện thế nào; hai ba câu.",
                "What, where, how it was noticed; two or three sentences.",
            ),
            Key::Scope => Text::new(
                "Máy, hệ thống, dữ liệu, người dùng, đơn vị nào bị ảnh hưởng; phần nào không.",
                "Which machines, systems, data, users and units are affected; which are not.",
            ),
            Key::Origin => Text::new(
                "Từ đâu đến, bằng cách nào, dựa vào chứng cứ nào; chưa chắc thì ghi là nhận định.",
                "Where it came from, how, on which evidence; say so when it is only a judgement.",
            ),
            Key::Harm => Text::new(
                "Gián đoạn bao lâu, mất gì, lộ gì, ảnh hưởng đến ai.",
                "How long the interruption, what was lost or leaked, who was hurt by it.",
            ),
            Key::Cause => Text::new(
                "Điểm yếu nào bị lợi dụng, vì sao còn điểm yếu đó.",
                "Which weakness was used, and why it was there.",
            ),
            Key::Result => Text::new(
                "Đã làm gì, hệ thống nay thế nào, việc gì còn lại.",
                "What was done, how the system is now, what is left.",
            ),
        }
    }
}

/// A text as stored.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Narrative {
    pub id: PartId,
    pub key: Key,
    pub text: String,
    pub changed_at: Time,
    pub changed_by: String,
    pub version: i64,
}

/// A text as a step shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub key: Key,
    pub label: Text,
    pub text: String,
    pub changed_at: Option<Time>,
    pub changed_by: String,
    /// 0 as long as nobody has written it here.
    pub version: i64,
    /// Whether the step waits for it.
    pub obligatory: bool,
    /// Written in an earlier round of the step: to be looked at again and saved, changed or not.
    pub from_before: bool,
}

#[derive(Template)]
#[template(path = "incident/work/html/findings.html")]
struct View<'a> {
    p: &'a Page,
    at: Links<'a>,
    incident: &'a Incident,
    findings: &'a [Finding],
    may_work: bool,
}

/// The section.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let keys = keys_of(&look.app.pack.procedure, context.step);
        let mut findings = list(&mut look.tx, context.incident, context.step, &keys).await?;
        let since = if context.row.round > 1 { context.row.opened_at } else { None };
        for finding in &mut findings {
            finding.from_before = finding.obligatory && finding.changed_at.is_some() && finding.changed_at < since;
        }
        let view = View {
            p: context.page,
            at: Links::new(context),
            incident: context.incident,
            findings: &findings,
            may_work: context.may_work,
        };
        shown(Text::new("Phân tích, nhận định", "Findings"), &view, &findings)
    })
}

/// 1 when the text is written; in a later round of the step, when it was written or confirmed since the step reopened.
pub fn count<'a>(tx: &'a mut Tx, gated: &'a Gated<'a>) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move {
        let Some(key) = gated.key.and_then(|key| key.parse::<Key>().ok()) else { return Ok(0) };
        let stored = store::list(tx, &gated.incident.id).await?.into_iter().find(|narrative| narrative.key == key);
        let text = match (key, &stored) {
            (Key::Summary, _) => gated.incident.summary.as_str(),
            (_, Some(stored)) => stored.text.as_str(),
            (_, None) => "",
        };
        let written = stored.as_ref().map_or(gated.incident.opened_at, |stored| stored.changed_at);
        Ok(i64::from(!text.trim().is_empty() && gated.since.is_none_or(|since| written >= since)))
    })
}

/// Every text of an incident that is written, for reports and overviews.
pub async fn texts(tx: &mut Tx, incident: &Incident) -> Result<BTreeMap<Key, String>> {
    let stored = store::list(tx, &incident.id).await?;
    let mut texts: BTreeMap<Key, String> = stored.into_iter().map(|it| (it.key, it.text)).collect();
    // The description given when the incident was opened stands in the incident itself, and so does one changed there.
    texts.insert(Key::Summary, incident.summary.clone());
    texts.retain(|_, text| !text.trim().is_empty());
    Ok(texts)
}

/// These texts as a step shows them.
pub(super) async fn list(tx: &mut Tx, incident: &Incident, step: &Step, keys: &[Key]) -> Result<Vec<Finding>> {
    let stored = store::list(tx, &incident.id).await?;
    let finding = |key: &Key| {
        let at = stored.iter().find(|narrative| narrative.key == *key);
        let text = match key {
            Key::Summary => incident.summary.clone(),
            _ => at.map(|at| at.text.clone()).unwrap_or_default(),
        };
        Finding {
            key: *key,
            label: key.label(),
            text,
            changed_at: at.map(|at| at.changed_at),
            changed_by: at.map(|at| at.changed_by.clone()).unwrap_or_default(),
            version: at.map_or(0, |at| at.version),
            obligatory: asked_for(step).any(|(asked, obligatory)| asked == *key && obligatory),
            from_before: false,
        }
    };
    Ok(keys.iter().map(finding).collect())
}

/// The texts a step is about: those its gates ask for, else those that later steps will ask for, else the four questions
/// of every analysis. Whoever describes the scope also describes the harm.
pub(super) fn keys_of(procedure: &Procedure, step: &Step) -> Vec<Key> {
    let mut keys: Vec<Key> = asked_for(step).map(|(key, _)| key).collect();
    if keys.is_empty() {
        let later = procedure.steps.iter().filter(|later| procedure.before(&later.id).contains(step.id.as_str()));
        keys = later.flat_map(asked_for).map(|(key, _)| key).collect();
    }
    if keys.is_empty() {
        keys = vec![Key::Scope, Key::Origin, Key::Cause];
    }
    if keys.contains(&Key::Scope) {
        keys.push(Key::Harm);
    }
    keys.sort();
    keys.dedup();
    keys
}

fn asked_for(step: &Step) -> impl Iterator<Item = (Key, bool)> {
    let narratives = step.gates.iter().filter(|gate| gate.kind == "narrative");
    narratives.filter_map(|gate| Some((gate.key.as_deref()?.parse().ok()?, gate.obligatory)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    #[test]
    fn each_step_asks_for_what_its_gates_name_or_what_comes_next() {
        let pack = Pack::embedded("cao-lanh-2021-2025").expect("shipped").expect("sound");
        let keys = |step: &str| keys_of(&pack.procedure, pack.step(step).expect("a step"));
        assert_eq!(keys("b1"), [Key::Summary, Key::Origin]);
        assert_eq!(keys("b7"), [Key::Scope, Key::Origin, Key::Harm]);
        assert_eq!(keys("b8"), [Key::Cause]);
    }
}
