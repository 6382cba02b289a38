//! The chosen alert of the queue: what was said, what came with it, what looks alike, and what may be done with it.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::{Error, Result};

use crate::alert::model::{Act, Alert, AlertEvent, AlertFile, AlertRow, AlertStatus, reading};
use crate::alert::{signs, store};
use crate::incident::{Incident, actions, lookup};
use crate::indicator::{self, IndicatorKind, SeenIn};
use crate::permission::Permission;
use crate::work::Look;

/// Open incidents offered at a glance; the others are named by their number.
const LIKELY: usize = 8;

/// How much an alert has in common with an incident: what was hit, where, and what happened.
fn likeness(alert: &Alert, incident: &Incident) -> u8 {
    let system = alert.system_id.is_some() && alert.system_id == incident.system_id;
    let unit = alert.unit_id.as_ref() == Some(&incident.unit_id);
    let scenario = alert.scenario.as_ref() == Some(&incident.scenario);
    4 * u8::from(system) + 2 * u8::from(unit) + u8::from(scenario)
}

/// What the reader may do at all.
#[derive(Clone, Copy, Default)]
pub(super) struct May {
    pub create: bool,
    pub triage: bool,
    pub open: bool,
}

/// The chosen alert.
#[derive(Serialize, JsonSchema)]
pub struct Detail {
    pub alert: Alert,
    pub files: Vec<AlertFile>,
    pub events: Vec<AlertEvent>,
    pub similar: Vec<AlertRow>,
    pub merged: Vec<AlertRow>,
    /// The incident it became part of, if the reader may see that.
    pub incident: Option<Incident>,
    /// The alert it was merged into, if the reader may see that.
    pub target: Option<Alert>,
    /// The signs found in it, written so that nobody follows them by accident, each with the incidents it was seen in.
    pub signs: Vec<Sign>,
    #[serde(skip)]
    pub(super) joinable: Vec<(String, String)>,
    #[serde(skip)]
    pub(super) may: May,
    #[serde(skip)]
    mine: bool,
}

/// An address, name or hash found in an alert.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sign {
    pub kind: IndicatorKind,
    pub value: String,
    /// Written so that nobody follows it by accident.
    pub shown: String,
    pub seen_in: Vec<SeenIn>,
}

impl Sign {
    async fn list(look: &mut Look, alert: &Alert) -> Result<Vec<Sign>> {
        let found = signs::of(alert);
        let actor = look.actor.clone();
        let seen = match actor.can(Permission::IncidentRead) {
            true => indicator::matches(&mut look.tx, &actor, &found).await?,
            false => Vec::new(),
        };
        let own = alert.incident_id.as_ref();
        let sign = |one: signs::Found| {
            let kind = IndicatorKind::from(one.kind);
            let is_it = |it: &&SeenIn| it.kind == kind && it.value == one.value && Some(&it.incident_id) != own;
            let seen_in = seen.iter().filter(is_it).cloned().collect();
            Sign { kind, shown: one.defang(), seen_in, value: one.value }
        };
        Ok(found.into_iter().map(sign).collect())
    }
}

impl Detail {
    pub async fn new(look: &mut Look, alert: Alert) -> Result<Detail> {
        let scope = reading(&look.actor);
        let files = store::list_files(&mut look.tx, &alert.id).await?;
        let events = store::list_events(&mut look.tx, &alert.id).await?;
        let similar = store::list_similar(&mut look.tx, &scope, &alert, look.now).await?;
        let merged = store::list_merged(&mut look.tx, &scope, &alert.id).await?;
        let incident = match &alert.incident_id {
            Some(id) => match actions::see(look, id).await {
                Ok(incident) => Some(incident),
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let target = match &alert.merged_into {
            Some(id) => store::find(&mut look.tx, &scope, id).await?,
            None => None,
        };
        let may = May {
            create: false,
            triage: alert.lets(&look.actor, Permission::AlertTriage),
            open: look.actor.can(Permission::IncidentOpen),
        };
        let mut joinable = Vec::new();
        if may.triage && alert.status.may(Act::Open) {
            let actor = look.actor.clone();
            let mut open = lookup::list_open(&mut look.tx, &actor, 100).await?;
            open.sort_by_key(|incident| std::cmp::Reverse(likeness(&alert, incident)));
            joinable.extend(open.into_iter().map(|it| (it.code.clone(), format!("{} {}", it.code, it.title))));
        }
        let signs = Sign::list(look, &alert).await?;
        let mine = alert.owner_id.as_ref() == Some(&look.actor.person_id);
        Ok(Detail { alert, files, events, similar, merged, incident, target, signs, joinable, may, mine })
    }

    /// The open incidents most like the alert: number, and how to know it.
    pub(super) fn likely(&self) -> &[(String, String)] {
        &self.joinable[..self.joinable.len().min(LIKELY)]
    }

    /// The numbers of the other open incidents.
    pub(super) fn unlikely(&self) -> Vec<&str> {
        self.joinable.iter().skip(LIKELY).map(|(code, _)| code.as_str()).collect()
    }

    fn can(&self, act: Act) -> bool {
        self.may.triage && self.alert.status.may(act)
    }

    pub(super) fn can_take(&self) -> bool {
        self.can(Act::Take) && !(self.mine && self.alert.status != AlertStatus::New)
    }

    pub(super) fn can_release(&self) -> bool {
        self.can(Act::Release) && self.alert.owner_id.is_some()
    }

    pub(super) fn can_verify(&self) -> bool {
        self.can(Act::Verify)
    }

    pub(super) fn can_dismiss(&self) -> bool {
        self.can(Act::Dismiss)
    }

    pub(super) fn can_merge(&self) -> bool {
        self.can(Act::Merge)
    }

    pub(super) fn can_open(&self) -> bool {
        self.can(Act::Open) && self.may.open
    }

    pub(super) fn can_join(&self) -> bool {
        self.can(Act::Open) && !self.joinable.is_empty()
    }

    pub(super) fn can_restore(&self) -> bool {
        self.can(Act::Restore)
    }

    pub(super) fn pictures(&self) -> Vec<&AlertFile> {
        self.files.iter().filter(|file| file.is_picture()).collect()
    }
}
