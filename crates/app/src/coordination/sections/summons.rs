//! Calls to the team and the roster of each: who comes, who is here, who was not reached yet.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, choices, label, shown};
use crate::coordination::model::{Summoned, SummonedState, Summons, TeamMember};
use crate::coordination::store;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/summons.html")]
struct SummonsSection<'a> {
    p: &'a Page,
    place: Place,
    calls: Vec<Called>,
    team: Vec<TeamMember>,
    may_call: bool,
    channels: Vec<(String, String)>,
}

/// A call with its roster.
struct Called {
    summons: Summons,
    people: Vec<Line>,
    here: usize,
}

struct Line {
    person: Summoned,
    part: Text,
    channel: String,
    own: bool,
    may_note: bool,
}

/// Shows the calls of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let summonses = store::summons::list(&mut look.tx, &incident.id).await?;
        let people = store::summons::list_summoned(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "summonses": summonses, "people": people });
        let may_call = place.may_lead && look.actor.can(Permission::IncidentDirect);
        let now = look.now;
        let team = if may_call {
            one_each(store::summons::list_team(&mut look.tx, &incident.id, now).await?)
        } else {
            Vec::new()
        };
        let app = look.app.clone();
        let channels = &app.pack.lists.disclosure_channels;
        let called = people.iter().any(|person| person.person_id == look.actor.person_id);
        let may_note = place.open
            && look.actor.can(Permission::IncidentSupport)
            && (context.standing >= crate::incident::Standing::Supports
                || look.actor.can(Permission::IncidentDirect)
                || called);
        let line = |person: &Summoned| {
            let settled = person.state == SummonedState::Arrived;
            let own = person.person_id == look.actor.person_id;
            Line {
                part: part_words(&person.part),
                channel: label(channels, &person.channel, p.lang),
                own: own && place.open && !settled,
                may_note: may_note && !own && !settled,
                person: person.clone(),
            }
        };
        let calls = summonses.into_iter().map(|summons| {
            let people: Vec<Line> = people.iter().filter(|one| one.summons_id == summons.id).map(line).collect();
            let here = people.iter().filter(|line| line.person.state == SummonedState::Arrived).count();
            Called { summons, people, here }
        });
        let section =
            SummonsSection { p, calls: calls.collect(), team, may_call, channels: choices(channels, p.lang), place };
        shown(Text::new("Triệu tập Tổ ứng cứu", "Summoning the team"), &section, content)
    })
}

/// Whoever belongs to two teams is listed once.
fn one_each(team: Vec<TeamMember>) -> Vec<TeamMember> {
    let mut once: Vec<TeamMember> = Vec::new();
    for member in team {
        if !once.iter().any(|known| known.person_id == member.person_id) {
            once.push(member);
        }
    }
    once
}

/// What someone is in the team.
fn part_words(part: &str) -> Text {
    match part {
        "lead" => Text::new("tổ trưởng", "lead"),
        "deputy" => Text::new("tổ phó", "deputy"),
        _ => Text::new("thành viên", "member"),
    }
}

impl SummonsSection<'_> {
    fn path(&self, line: &Line) -> String {
        format!("{}/summoned/{}", self.place.base, line.person.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }

    /// What can be noted for someone else: everything but what is so already.
    fn states(&self, line: &Line) -> Vec<(String, String)> {
        let all = SummonedState::options(self.p.lang).into_iter();
        all.filter(|(word, _)| word != SummonedState::Called.word() && word != line.person.state.word()).collect()
    }

    fn members(&self) -> Vec<(String, String)> {
        let choice = |member: &TeamMember| {
            let part = part_words(&member.part);
            let part = part.get(self.p.lang);
            (member.person_id.to_string(), format!("{}, {part} ({})", member.name, self.p.named(&member.unit_name)))
        };
        self.team.iter().map(choice).collect()
    }

    fn everyone(&self) -> Vec<String> {
        self.team.iter().map(|member| member.person_id.to_string()).collect()
    }
}
