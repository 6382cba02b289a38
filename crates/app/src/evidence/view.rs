//! What several pages about evidence show: an item with its words, and the form that adds one.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::blobs::size_in_words;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;

use super::model::{Evidence, EvidenceId, code};
use super::store;
use crate::coordination::levels::{self, ItemKind};
use crate::incident::Incident;
use crate::pack::Pack;
use crate::page::Page;
use crate::work::Look;

/// How many files may come with one form.
pub const MOST_FILES: usize = 20;

/// An item with the words of the plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    #[serde(flatten)]
    pub item: Evidence,
    /// `CC-01`.
    pub code: String,
    #[serde(skip)]
    pub kind_name: String,
    /// The number of the step, as the plan prints it.
    #[serde(skip)]
    pub step_number: String,
    /// Its own marking; empty when it goes as far as its incident.
    pub tlp: String,
}

impl Line {
    pub fn new(item: Evidence, pack: &Pack, lang: Lang) -> Line {
        let kind = pack.lists.item("evidence_kinds", &item.kind);
        Line {
            code: item.code(),
            kind_name: kind.map_or_else(|| item.kind.clone(), |kind| kind.label.get(lang).to_owned()),
            step_number: pack.step(&item.step).map(|step| step.number.clone()).unwrap_or_default(),
            tlp: String::new(),
            item,
        }
    }

    /// Notes how far each item may go that was marked by itself. One question.
    pub async fn mark(tx: &mut Tx, lines: &mut [Line]) -> Result<()> {
        let ids: Vec<&str> = lines.iter().map(|line| line.item.id.as_str()).collect();
        let mut found = levels::of(tx, ItemKind::Evidence, &ids).await?;
        for line in lines {
            line.tlp = found.remove(line.item.id.as_str()).unwrap_or_default();
        }
        Ok(())
    }

    pub fn list(items: Vec<Evidence>, pack: &Pack, lang: Lang) -> Vec<Line> {
        items.into_iter().map(|item| Line::new(item, pack, lang)).collect()
    }

    pub fn href(&self) -> String {
        format!("/incidents/{}/evidence/{}", self.item.incident_id, self.item.id)
    }

    /// A path below the item's page: `/file`.
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.href())
    }

    /// The system it comes from, as a form's field has it.
    pub fn system(&self) -> String {
        self.item.system_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The item that this one replaces: its number and its page.
    pub fn older(&self) -> Option<(String, String)> {
        self.version(&self.item.replaces, self.item.replaces_number)
    }

    /// The item that replaces this one.
    pub fn newer(&self) -> Option<(String, String)> {
        self.version(&self.item.replaced_by, self.item.replaced_by_number)
    }

    /// The mail it was taken out of.
    pub fn mail_of(&self) -> Option<(String, String)> {
        self.version(&self.item.taken_from, self.item.taken_from_number)
    }

    /// Who has it now, in a few words; empty when that was never written down.
    pub fn holder(&self) -> String {
        let kept = &self.item.kept;
        let parts: Vec<&str> =
            [kept.holder.as_str(), &kept.holder_unit].into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }

    fn version(&self, id: &Option<EvidenceId>, number: Option<i64>) -> Option<(String, String)> {
        let (id, number) = (id.as_ref()?, number?);
        Some((code(number), format!("/incidents/{}/evidence/{id}", self.item.incident_id)))
    }
}

/// What a form about evidence offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    pub incident: String,
    /// The step whose page the form stands on; empty in the register.
    pub step: String,
    /// The item that a new version replaces; empty otherwise.
    pub replaces: String,
    pub kinds: Vec<(String, String)>,
    pub systems: Vec<(String, String)>,
    /// Who most likely collected it: the reader.
    pub collector: String,
    /// "Nhiều nhất 20 tệp một lần, mỗi tệp tới 64,0 GB."
    pub limits: String,
}

impl Offer {
    pub async fn new(look: &mut Look, page: &Page, incident: &Incident) -> Result<Offer> {
        let systems = store::list_systems(&mut look.tx, &incident.id).await?;
        let size = size_in_words(look.app.settings.upload_limit);
        let limits = ungcuu_kit::text!(
            "Nhiều nhất {MOST_FILES} tệp một lần, mỗi tệp tới {size}.",
            "At most {MOST_FILES} files at a time, each up to {size}."
        );
        Ok(Offer {
            incident: incident.id.to_string(),
            step: String::new(),
            replaces: String::new(),
            kinds: kinds(&look.app.pack, page.lang),
            systems: systems.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            collector: look.actor.name.clone(),
            limits: page.say(&limits),
        })
    }
}

/// The kinds of the plan: id and name.
pub fn kinds(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    pack.lists.evidence_kinds.iter().map(|kind| (kind.id.clone(), kind.label.get(lang).to_owned())).collect()
}
