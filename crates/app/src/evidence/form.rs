//! What people type about evidence, and what of it can be believed.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text::Text;

use super::model::Facts;
use super::store;
use crate::incident::IncidentId;
use crate::work::Work;

/// The fields of every form about evidence; each form uses some of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FactsForm {
    /// The step it is added in; empty when it comes from the register.
    pub step: Raw,
    /// The name of a thing without a file.
    pub name: Raw,
    /// The older item that this one is a new version of.
    pub replaces: Raw,
    pub kind: Raw,
    pub description: Raw,
    pub source: Raw,
    pub system: Raw,
    pub collected_at: Raw,
    pub collected_by: Raw,
    pub malicious: Raw,
    pub version: Raw,
    /// Files that came in pieces before (`upl_…`), with spaces between.
    pub uploads: Raw,
}

/// Why an item no longer counts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VoidForm {
    pub reason: Raw,
    pub version: Raw,
}

impl FactsForm {
    /// What is known about the item. Whoever does not say who collected it, did.
    pub async fn facts(&self, work: &mut Work, incident: &IncidentId, checks: &mut Checks) -> Result<Facts> {
        let kind = self.kind.as_str().to_owned();
        if kind.is_empty() {
            checks.refuse("kind", Text::new("Hãy chọn loại chứng cứ.", "Choose the kind of evidence."));
        } else if work.app.pack.lists.item("evidence_kinds", &kind).is_none() {
            checks.refuse("kind", unknown());
        }
        let system_id = checks.id_or_none("system", &self.system);
        if let Some(system) = &system_id
            && !store::list_systems(&mut work.tx, incident).await?.iter().any(|(known, _)| known == system)
        {
            checks.refuse(
                "system",
                Text::new(
                    "Hệ thống này chưa có trong sự cố. Hãy thêm nó vào sự cố trước.",
                    "This system is not part of the incident yet. Add it to the incident first.",
                ),
            );
        }
        let source = checks.line_or_empty("source", &self.source);
        if source.is_empty() && self.system.is_empty() {
            checks.refuse(
                "source",
                Text::new(
                    "Hãy ghi thu từ máy nào, của ai, ở đâu; hoặc chọn hệ thống.",
                    "Say from which machine, person or place it comes, or choose the system.",
                ),
            );
        }
        let collected_at = checks.moment_or_none("collected_at", &self.collected_at);
        checks.past("collected_at", collected_at, work.now);
        let collected_by = checks.line_or_empty("collected_by", &self.collected_by);
        Ok(Facts {
            kind,
            description: checks.area_or_empty("description", &self.description),
            source,
            system_id,
            collected_at,
            collected_by: if collected_by.is_empty() { work.actor.name.clone() } else { collected_by },
            malicious: self.malicious.ticked(),
        })
    }
}
