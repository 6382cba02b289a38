//! Calls to the team and the roster of each: who comes, who is here, who was not reached yet.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, choices, label, shown};
use crate::coordination::actions::summons::contacts_for;
use crate::coordination::callout::{self, Next, Outcome, Try, Way};
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
    /// Minutes without an answer before the next way is tried.
    minutes: u16,
}

/// A call with its roster.
struct Called {
    summons: Summons,
    people: Vec<Line>,
    here: usize,
    /// Who answered, wherever they are.
    reached: usize,
}

struct Line {
    person: Summoned,
    part: Text,
    channel: String,
    own: bool,
    may_note: bool,
    tries: Vec<Try>,
    /// Whom and how to call next; none once they answered or every way was tried.
    next: Option<Next>,
}

/// Shows the calls of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let summonses = store::summons::list(&mut look.tx, &incident.id).await?;
        let people = store::summons::list_summoned(&mut look.tx, &incident.id).await?;
        let tries = store::summons::list_tries(&mut look.tx, &incident.id).await?;
        let may_call = place.may_lead && look.actor.can(Permission::IncidentDirect);
        let now = look.now;
        let team = one_each(store::summons::list_team(&mut look.tx, &incident.id, now).await?);
        let app = look.app.clone();
        let pack = &app.pack.procedure.callout;
        let office_hours = callout::in_office_hours(now, pack);
        let next_of = |person: &Summoned| {
            let tried: Vec<Way> = tries.iter().filter(|one| one.summoned_id == person.id).map(|one| one.way).collect();
            // Nobody waits for who was replaced, and nothing is due for who answered.
            person.due_at?;
            callout::next(person.state, &contacts_for(person, &team), &tried, office_hours)
        };
        let next: Vec<serde_json::Value> = people
            .iter()
            .filter_map(|person| Some(serde_json::json!({ "summoned": person.id, "next": next_of(person)? })))
            .collect();
        let content =
            serde_json::json!({ "summonses": summonses, "people": people, "tries": tries, "call_next": next });
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
                tries: tries.iter().filter(|one| one.summoned_id == person.id).cloned().collect(),
                next: next_of(person).filter(|_| may_note && !own),
                person: person.clone(),
            }
        };
        let calls = summonses.into_iter().map(|summons| {
            let people: Vec<Line> = people.iter().filter(|one| one.summons_id == summons.id).map(line).collect();
            let here = people.iter().filter(|line| line.person.state == SummonedState::Arrived).count();
            let reached = people.iter().filter(|line| line.person.state != SummonedState::Called).count();
            Called { summons, people, here, reached }
        });
        let section = SummonsSection {
            p,
            calls: calls.collect(),
            team,
            may_call,
            channels: choices(channels, p.lang),
            minutes: pack.answer_within_minutes,
            place,
        };
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

    fn try_path(&self, line: &Line) -> String {
        format!("{}/try", self.path(line))
    }

    /// Whom to call, the longest waiting first; the others are not due yet.
    fn to_call<'l>(&self, call: &'l Called) -> Vec<(&'l Line, &'l Next)> {
        let mut lines: Vec<_> = call.people.iter().filter_map(|line| Some((line, line.next.as_ref()?))).collect();
        lines.sort_by_key(|(line, _)| line.person.due_at);
        lines
    }

    /// Only what can be dialled or written to is a link.
    fn href(&self, next: &Next) -> String {
        match next.way {
            Way::Phone | Way::OffHours => format!("tel:{}", self.p.dial(&next.at)),
            Way::Email => format!("mailto:{}", next.at),
            Way::Deputy => {
                let number = next.at.rsplit_once(", ").map(|(_, number)| number).unwrap_or_default();
                if number.is_empty() { String::new() } else { format!("tel:{}", self.p.dial(number)) }
            }
            Way::Notice => String::new(),
        }
    }

    fn is_late(&self, line: &Line) -> bool {
        line.person.due_at.is_some_and(|due| due <= self.p.now)
    }

    /// What can come of a try; who declined already does not decline again.
    fn outcomes(&self, line: &Line, next: &Next) -> Vec<Outcome> {
        let declined = line.person.state == SummonedState::Declined;
        let all = Outcome::ALL.iter().copied();
        all.filter(|outcome| !(declined && next.way != Way::Deputy && *outcome == Outcome::Declined)).collect()
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
