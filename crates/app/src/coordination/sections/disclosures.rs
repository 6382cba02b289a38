//! Who was told what, who still must be; and what was shared for working together.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Text, brief};

use super::{Place, choices, label, shown, unit_choices};
use crate::app::App;
use crate::coordination::duties::{self, Duties, Duty};
use crate::coordination::model::{Attached, Disclosure, DisclosureId, DisclosureSort, ItemKind};
use crate::coordination::store;
use crate::coordination::store::disclosures::SHOWN;
use crate::coordination::wall::Level;
use crate::deadline::Deadline;
use crate::deadline::rules::CALENDAR;
use crate::incident::IncidentId;
use crate::incident::section::{SectionContext, Shown};
use crate::notify::letter::LetterState;
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::Tone;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/disclosures.html")]
struct DisclosuresSection<'a> {
    p: &'a Page,
    place: Place,
    lines: Vec<Line>,
    full: bool,
    duties: Vec<Duty>,
    /// Set aside, with who and why.
    waived: Vec<Deadline>,
    /// Owed only if something holds that a person judges.
    perhaps: Vec<Duty>,
    /// The duty whose line was clicked; the form begins with it.
    chosen: Option<Duty>,
    units: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    channels: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    rules: Vec<(String, String)>,
    tlp: String,
    about: String,
    may_override: bool,
    items: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "coordination/html/sharing.html")]
struct SharingSection<'a> {
    p: &'a Page,
    place: Place,
    lines: Vec<Line>,
    full: bool,
    inside: Vec<(String, String)>,
    outside: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    tlp: String,
    may_override: bool,
    items: Vec<(String, String)>,
    /// Where single things are marked.
    markings: String,
}

struct Line {
    it: Disclosure,
    /// Where the letter stands that it went by.
    letter: Option<(Tone, Text)>,
    kind: String,
    channel: String,
    attached: Vec<Attached>,
}

/// How many things of each kind are offered to go along.
const OFFERED: i64 = 12;

/// The latest things that may go along, with their marking.
async fn offered(look: &mut Look, incident: &IncidentId, p: &Page) -> Result<Vec<(String, String)>> {
    let mut offered = Vec::new();
    // Four kinds.
    for kind in ItemKind::ALL {
        if *kind == ItemKind::Evidence && !look.actor.can(Permission::EvidenceRead) {
            continue;
        }
        let found = store::markings::list(&mut look.tx, incident, *kind, "", OFFERED).await?;
        let words = |item: &crate::coordination::model::Item| {
            let (label, level) = (brief(p.say(&item.label()).as_str(), 70), Level::of(&item.tlp).label());
            format!("{}: {label} – {}", p.say(&kind.label()), level.vi)
        };
        offered.extend(found.iter().map(|item| (item.key(), words(item))));
    }
    Ok(offered)
}

/// Shows who was told.
pub fn show_told<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let told = store::disclosures::list(&mut look.tx, &incident.id, DisclosureSort::Told).await?;
        let attached = store::markings::list_attached(&mut look.tx, &incident.id).await?;
        let letters = store::disclosures::list_letters(&mut look.tx, &incident.id).await?;
        let items = if place.may_add { offered(look, &incident.id, p).await? } else { Vec::new() };
        let app = look.app.clone();
        let lists = &app.pack.lists;
        let Duties { owed: duties, waived, perhaps } = duties::of_incident(&mut look.tx, &app.pack, incident).await?;
        let all: Vec<&Duty> = duties.iter().chain(&perhaps).collect();
        let content = serde_json::json!({
            "told": told, "letters": letters, "still_to_tell": all, "waived": waived, "attached": attached,
        });
        let asked = p.query("tell").unwrap_or_default();
        let chosen = all.into_iter().find(|duty| duty.key() == asked).cloned();
        let now = look.now;
        let units = if place.may_add { store::list_units(&mut look.tx, now).await? } else { Vec::new() };
        let rules = app.pack.regimes.iter().flat_map(|regime| &regime.rules).filter(|rule| rule.anchor != CALENDAR);
        let section = DisclosuresSection {
            p,
            place,
            full: told.len() >= SHOWN,
            lines: by_letter(lines(told, &attached, lists, p), &letters, &app),
            duties,
            waived,
            perhaps,
            chosen,
            units: unit_choices(&units, &look.actor.unit_id),
            kinds: choices(&lists.disclosure_kinds, p.lang),
            channels: choices(&lists.disclosure_channels, p.lang),
            levels: choices(&lists.tlp, p.lang),
            rules: rules
                .map(|rule| (rule.id.clone(), format!("{} ({})", p.words(&rule.name), p.words(&rule.basis))))
                .collect(),
            tlp: incident.tlp.clone(),
            about: format!("{}: {}", incident.code, incident.title),
            may_override: look.actor.can(Permission::IncidentDirect),
            items,
        };
        shown(Text::new("Đã báo cáo, thông báo cho ai", "Who was told"), &section, content)
    })
}

/// Shows what was shared.
pub fn show_shared<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let shared = store::disclosures::list(&mut look.tx, &incident.id, DisclosureSort::Shared).await?;
        let attached = store::markings::list_attached(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "shared": shared, "attached": attached });
        let items = if place.may_add { offered(look, &incident.id, p).await? } else { Vec::new() };
        let app = look.app.clone();
        let lists = &app.pack.lists;
        let now = look.now;
        let units = if place.may_add { store::list_units(&mut look.tx, now).await? } else { Vec::new() };
        let (outside, inside): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| unit.outside);
        let section = SharingSection {
            p,
            place,
            full: shared.len() >= SHOWN,
            lines: lines(shared, &attached, lists, p),
            inside: unit_choices(&inside, &look.actor.unit_id),
            outside: unit_choices(&outside, &look.actor.unit_id),
            levels: choices(&lists.tlp, p.lang),
            tlp: incident.tlp.clone(),
            may_override: look.actor.can(Permission::IncidentDirect),
            items,
            markings: format!("/incidents/{}/markings", incident.id),
        };
        shown(Text::new("Chia sẻ thông tin", "Sharing information"), &section, content)
    })
}

fn lines(all: Vec<Disclosure>, attached: &[Attached], lists: &crate::pack::Lists, p: &Page) -> Vec<Line> {
    let line = |it: Disclosure| Line {
        attached: attached.iter().filter(|one| one.disclosure_id == it.id).cloned().collect(),
        kind: label(&lists.disclosure_kinds, &it.kind, p.lang),
        channel: label(&lists.disclosure_channels, &it.channel, p.lang),
        letter: None,
        it,
    };
    all.into_iter().map(line).collect()
}

/// The lines with where their letters stand.
fn by_letter(mut lines: Vec<Line>, letters: &[(DisclosureId, LetterState)], app: &App) -> Vec<Line> {
    for line in &mut lines {
        line.letter = letters.iter().find(|(id, _)| *id == line.it.id).map(|(_, state)| state.shown(app));
    }
    lines
}

impl DisclosuresSection<'_> {
    fn path(&self, it: &Disclosure, act: &str) -> String {
        format!("{}/disclosures/{}/{act}", self.place.base, it.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }

    /// This page with the form filled in for a duty.
    fn fill(&self, duty: &Duty) -> String {
        format!("{}#tell", self.p.with("tell", duty.key()))
    }

    /// "vượt khả năng tự xử lý, hoặc …"
    fn only_if(&self, duty: &Duty) -> String {
        let words: Vec<String> = duty.only_if.iter().map(|text| self.p.say(text)).collect();
        words.join(self.p.t(", hoặc ", ", or "))
    }

    fn unit(&self) -> String {
        self.chosen.as_ref().map(|duty| duty.unit_id.to_string()).unwrap_or_default()
    }

    /// Where the facts that the law asks for are noted.
    fn law(&self) -> String {
        format!("{}/class#law", self.place.base.split("/steps/").next().unwrap_or_default())
    }

    /// Whoever must be told and is in no register.
    fn party(&self) -> String {
        let chosen = self.chosen.as_ref().filter(|duty| duty.unit_id.as_str().is_empty());
        chosen.map(|duty| duty.unit_name.clone()).unwrap_or_default()
    }

    fn rule(&self) -> String {
        self.chosen.as_ref().map(|duty| duty.rule.clone()).unwrap_or_default()
    }

    fn text(&self) -> String {
        let words = self.chosen.as_ref().map(|duty| format!("{}. {}", self.p.say(&duty.name), self.about));
        words.unwrap_or_default()
    }

    fn may_mend(&self, it: &Disclosure) -> bool {
        self.place.may_add && !it.struck
    }
}

impl SharingSection<'_> {
    fn path(&self, it: &Disclosure, act: &str) -> String {
        format!("{}/shares/{}/{act}", self.place.base, it.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }

    fn may_mend(&self, it: &Disclosure) -> bool {
        self.place.may_add && !it.struck
    }
}
