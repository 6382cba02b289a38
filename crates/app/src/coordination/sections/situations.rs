//! Situation reports: when the next one is due, the one that is being written over live facts, and those published.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{MINUTE, Time};

use super::{Place, choices, shown};
use crate::coordination::actions::situations::{facts, may_publish};
use crate::coordination::model::{Facts, Rhythm, Situation};
use crate::coordination::store;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::work::Look;

/// What the rhythm is chosen from, in minutes; the API takes any from a quarter of an hour to a week.
const RHYTHMS: [i64; 7] = [30, 60, 120, 240, 480, 720, 1440];

#[derive(Template)]
#[template(path = "coordination/html/situations.html")]
struct SituationsSection<'a> {
    p: &'a Page,
    place: Place,
    incident: String,
    rhythm: Option<Rhythm>,
    draft: Option<Situation>,
    published: Vec<Situation>,
    /// As things stand now; drawn for whoever may write.
    facts: Option<Facts>,
    rhythms: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    tlp: String,
    may_publish: bool,
}

/// Shows the situation reports of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let all = store::situations::list(&mut look.tx, &incident.id).await?;
        let rhythm = store::situations::find_rhythm(&mut look.tx, &incident.id).await?;
        let app = look.app.clone();
        let (draft, published): (Vec<_>, Vec<_>) = all.into_iter().partition(Situation::is_draft);
        let draft = draft.into_iter().next();
        let tlp = draft.as_ref().map_or_else(|| incident.tlp.clone(), |draft| draft.tlp.clone());
        let now = look.now;
        let facts = match place.may_add {
            true => Some(facts(&mut look.tx, &app.pack, incident, &tlp, now).await?),
            false => None,
        };
        let content = serde_json::json!({
            "rhythm": rhythm, "draft": draft, "published": published, "facts": facts,
        });
        let every = |minutes: i64| {
            let span = Time(minutes * MINUTE).span(Time(0));
            (minutes.to_string(), format!("{} {}", p.t("mỗi", "every"), p.say(&span)))
        };
        let none = ("0".to_owned(), p.t("không định kỳ", "no rhythm").to_owned());
        let section = SituationsSection {
            p,
            may_publish: place.may_add && may_publish(&look.actor, context.standing),
            place,
            incident: incident.id.to_string(),
            rhythm,
            draft,
            published,
            facts,
            rhythms: RHYTHMS.into_iter().map(every).chain([none]).collect(),
            levels: choices(&app.pack.lists.tlp, p.lang),
            tlp,
        };
        shown(Text::new("Bản tin tình hình", "Situation reports"), &section, content)
    })
}

impl SituationsSection<'_> {
    fn path(&self, situation: &Situation, act: &str) -> String {
        format!("{}/situations/{}/{act}", self.place.base, situation.id)
    }

    fn page(&self, situation: &Situation) -> String {
        format!("/incidents/{}/situations/{}", self.incident, situation.id)
    }

    fn due(&self) -> Option<Time> {
        self.rhythm.as_ref().and_then(|rhythm| rhythm.due_at)
    }

    fn every(&self) -> String {
        let minutes = self.rhythm.as_ref().map_or(0, |rhythm| rhythm.every_minutes);
        self.p.say(&Time(minutes * MINUTE).span(Time(0)))
    }

    fn minutes(&self) -> String {
        self.rhythm.as_ref().map(|rhythm| rhythm.every_minutes.to_string()).unwrap_or_default()
    }

    fn rhythm_version(&self) -> String {
        self.rhythm.as_ref().map(|rhythm| rhythm.version.to_string()).unwrap_or_default()
    }
}
