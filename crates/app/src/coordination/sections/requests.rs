//! Requests to other units, what they answered, and what is overdue.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, choices, label, shown, unit_choices};
use crate::coordination::model::{Reminder, Reply, RequestState, UnitRequest};
use crate::coordination::rights::{belongs, person_of};
use crate::coordination::store;
use crate::incident::Standing;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission;
use crate::ui::Tone;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/requests.html")]
struct RequestsSection<'a> {
    p: &'a Page,
    place: Place,
    lines: Vec<Line>,
    units: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    channels: Vec<(String, String)>,
}

struct Line {
    it: UnitRequest,
    kind: String,
    replies: Vec<(Reply, String)>,
    reminders: Vec<Reminder>,
    /// The reader is of the unit that was asked.
    own: bool,
    /// The reader asked, or leads the step.
    asked: bool,
    overdue: bool,
}

/// Shows the requests of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let requests = store::requests::list(&mut look.tx, &incident.id).await?;
        let replies = store::requests::list_replies(&mut look.tx, &incident.id).await?;
        let reminders = store::requests::list_reminders(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "requests": requests, "replies": replies, "reminders": reminders });
        let playing = store::list_playing(&mut look.tx, &incident.id).await?;
        let app = look.app.clone();
        let lists = &app.pack.lists;
        let now = look.now;
        let me = person_of(&look.actor);
        let supports = look.actor.can(Permission::IncidentSupport);
        let line = |it: UnitRequest| {
            let open = place.open && it.state != RequestState::Closed;
            let said = replies.iter().filter(|reply| reply.request_id == it.id);
            let sent = me.is_some() && me == it.sent_by_id;
            Line {
                kind: label(&lists.request_kinds, &it.kind, p.lang),
                replies: said
                    .map(|reply| (reply.clone(), label(&lists.disclosure_channels, &reply.channel, p.lang)))
                    .collect(),
                reminders: reminders.iter().filter(|one| one.request_id == it.id).cloned().collect(),
                own: open && supports && belongs(&look.actor, &playing, &it.unit_id),
                asked: open && supports && (sent || context.standing >= Standing::Leads),
                overdue: it.state.waits() && it.due_at.is_some_and(|due| due < now),
                it,
            }
        };
        let lines = requests.into_iter().map(line).collect();
        let units = if place.may_add { store::list_units(&mut look.tx, now).await? } else { Vec::new() };
        let section = RequestsSection {
            p,
            place,
            lines,
            units: unit_choices(&units, &look.actor.unit_id),
            kinds: choices(&lists.request_kinds, p.lang),
            channels: choices(&lists.disclosure_channels, p.lang),
        };
        shown(Text::new("Yêu cầu phối hợp", "Requests to other units"), &section, content)
    })
}

impl RequestsSection<'_> {
    fn path(&self, it: &UnitRequest, act: &str) -> String {
        format!("{}/requests/{}/{act}", self.place.base, it.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }

    fn tone(&self, line: &Line) -> Tone {
        if line.overdue { Tone::Bad } else { line.it.state.tone() }
    }

    fn word(&self, line: &Line) -> String {
        let state = self.p.say(&line.it.state.label());
        if line.overdue { format!("{state} – {}", self.p.t("quá hạn", "overdue")) } else { state }
    }

    fn may_remind(&self, line: &Line) -> bool {
        line.asked && line.it.state.waits()
    }

    fn may_accept(&self, line: &Line) -> bool {
        line.it.state == RequestState::Sent
    }

    fn may_reply(&self, line: &Line) -> bool {
        matches!(line.it.state, RequestState::Sent | RequestState::Accepted | RequestState::Answered)
    }
}
