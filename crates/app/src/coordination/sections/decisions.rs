//! The register of decisions: what was decided, why, by whom, who agreed, and what took its place.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Text, brief};
use ungcuu_kit::time::Time;

use super::{Place, choices, label, shown};
use crate::coordination::actions::decisions::due;
use crate::coordination::model::{Decision, DecisionId, DecisionState, DecisionWord, Settled, Word};
use crate::coordination::rights::person_of;
use crate::coordination::store;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/decisions.html")]
struct DecisionsSection<'a> {
    p: &'a Page,
    place: Place,
    lines: Vec<Line>,
    /// Settled elsewhere and not in the register yet.
    settled: Vec<Settled>,
    people: Vec<(String, String)>,
    standing: Vec<(String, String)>,
    channels: Vec<(String, String)>,
}

struct Line {
    it: Decision,
    due: Option<Time>,
    words: Vec<Said>,
    /// The decision whose place this one takes.
    supersedes: Option<String>,
    /// The decision that took this one's place.
    superseded_by: Option<String>,
    may_withdraw: bool,
}

struct Said {
    it: DecisionWord,
    channel: String,
    own: bool,
    may_note: bool,
}

/// Shows the decisions of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let decisions = store::decisions::list(&mut look.tx, &incident.id).await?;
        let words = store::decisions::list_words(&mut look.tx, &incident.id).await?;
        let settled = store::decisions::list_settled(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "decisions": decisions, "words": words, "settled": settled });
        let people = if place.may_add { store::list_people(&mut look.tx, &incident.id).await? } else { Vec::new() };
        let app = look.app.clone();
        let channels = &app.pack.lists.disclosure_channels;
        let me = person_of(&look.actor);
        let code = |id: &DecisionId| decisions.iter().find(|one| one.id == *id).map(Decision::code);
        let line = |it: &Decision| {
            let open = place.open && it.state == DecisionState::Open;
            let said = |word: &DecisionWord| {
                let own = me.is_some() && word.person_id == me;
                let asked = open && word.word == Word::Asked;
                Said {
                    channel: label(channels, &word.channel, p.lang),
                    own: asked && own,
                    may_note: asked && !own && place.may_lead,
                    it: word.clone(),
                }
            };
            let by = decisions.iter().find(|one| {
                one.supersedes_id.as_ref() == Some(&it.id)
                    && matches!(one.state, DecisionState::Decided | DecisionState::Superseded)
            });
            Line {
                due: due(it),
                words: words.iter().filter(|word| word.decision_id == it.id).map(said).collect(),
                supersedes: it.supersedes_id.as_ref().and_then(code),
                superseded_by: by.map(Decision::code),
                may_withdraw: open && place.may_add && (place.may_lead || (me.is_some() && it.noted_by_id == me)),
                it: it.clone(),
            }
        };
        let lines = decisions.iter().map(line).collect();
        let stands = decisions.iter().filter(|one| one.state == DecisionState::Decided);
        let standing =
            stands.map(|one| (one.id.to_string(), format!("{}: {}", one.code(), brief(p.named(&one.what), 80))));
        let section = DecisionsSection {
            p,
            lines,
            settled,
            people: people
                .into_iter()
                .map(|person| {
                    let label = format!("{} ({})", person.name, p.named(&person.unit_name));
                    (person.id.to_string(), label)
                })
                .collect(),
            standing: standing.collect(),
            channels: choices(channels, p.lang),
            place,
        };
        shown(Text::new("Sổ quyết định", "Register of decisions"), &section, content)
    })
}

impl DecisionsSection<'_> {
    fn path(&self, it: &Decision, act: &str) -> String {
        format!("{}/decisions/{}/{act}", self.place.base, it.id)
    }

    fn word_path(&self, it: &Decision, word: &DecisionWord) -> String {
        format!("{}/decisions/{}/words/{}", self.place.base, it.id, word.id)
    }

    fn source(&self, settled: &Settled) -> String {
        format!("{}:{}", settled.source, settled.source_id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }
}
