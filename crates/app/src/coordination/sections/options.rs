//! Options side by side, the one before the owner, and the rounds of asking so far.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, shown};
use crate::coordination::model::{OptionState, Proposal, ProposalState, WeighedOption};
use crate::coordination::rights::speaks_for_owner;
use crate::coordination::store;
use crate::incident::Standing;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/options.html")]
struct OptionsSection<'a> {
    p: &'a Page,
    place: Place,
    owner: String,
    options: Vec<WeighedOption>,
    suggestions: Vec<Suggestion>,
    waiting: Option<Proposal>,
    past: Vec<Proposal>,
    may_weigh: bool,
    may_propose: bool,
    may_answer: bool,
    may_withdraw: bool,
}

/// An option of the pack that nobody took over yet.
struct Suggestion {
    id: String,
    name: String,
    text: String,
    impact: String,
}

/// Shows the options of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let mut options = store::options::list(&mut look.tx, &incident.id).await?;
        options.retain(|option| option.state != OptionState::Dropped);
        let proposals = store::options::list_proposals(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "options": options, "proposals": proposals });
        let (waiting, past): (Vec<_>, Vec<_>) =
            proposals.into_iter().partition(|proposal| proposal.state == ProposalState::Waiting);
        let waiting = waiting.into_iter().next();
        let app = look.app.clone();
        let owner = store::find_unit(&mut look.tx, &incident.owner_unit_id).await?;
        let may_answer = match &waiting {
            Some(_) if incident.is_open() => {
                let units = store::list_playing(&mut look.tx, &incident.id).await?;
                speaks_for_owner(&mut look.tx, &app.pack, &look.actor, incident, &units).await?
            }
            _ => false,
        };
        let may_weigh = context.may_work && waiting.is_none();
        let suggestions = if may_weigh { suggestions(&app.pack, p, &incident.scenario, &options) } else { Vec::new() };
        let leads = context.may_work && context.standing >= Standing::Leads;
        let section = OptionsSection {
            p,
            place: Place::of(context),
            owner: owner.map(|unit| unit.name).unwrap_or_default(),
            may_propose: leads && waiting.is_none(),
            may_withdraw: leads && waiting.is_some(),
            options,
            suggestions,
            waiting,
            past,
            may_weigh,
            may_answer,
        };
        shown(Text::new("Phương án ngăn chặn, xử lý", "Options for containing and handling"), &section, content)
    })
}

fn suggestions(pack: &crate::pack::Pack, p: &Page, scenario: &str, present: &[WeighedOption]) -> Vec<Suggestion> {
    let fresh = pack.options_of(scenario).into_iter();
    fresh
        .filter(|option| !present.iter().any(|known| known.source == option.id))
        .map(|option| Suggestion {
            id: option.id.clone(),
            name: p.words(&option.name),
            text: p.words(&option.text),
            impact: option.impact.as_ref().map(|words| p.words(words)).unwrap_or_default(),
        })
        .collect()
}

impl OptionsSection<'_> {
    /// What the form for a new option is filled with.
    fn blank(&self) -> OptionWords {
        OptionWords::default()
    }

    fn words(&self, option: &WeighedOption) -> OptionWords {
        OptionWords {
            title: option.title.clone(),
            what: option.what.clone(),
            advantages: option.advantages.clone(),
            drawbacks: option.drawbacks.clone(),
            impact: option.impact.clone(),
            effort: option.effort.clone(),
        }
    }

    fn may_change(&self, option: &WeighedOption) -> bool {
        self.may_weigh && option.state == OptionState::Weighed
    }

    fn may_put(&self, option: &WeighedOption) -> bool {
        self.may_propose && option.state == OptionState::Weighed
    }

    fn path(&self, option: &WeighedOption, act: &str) -> String {
        format!("{}/options/{}/{act}", self.place.base, option.id)
    }

    fn withdraw(&self, proposal: &Proposal) -> String {
        format!("{}/proposals/{}/withdraw", self.place.base, proposal.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }
}

/// The six texts of an option.
#[derive(Default)]
struct OptionWords {
    title: String,
    what: String,
    advantages: String,
    drawbacks: String,
    impact: String,
    effort: String,
}
