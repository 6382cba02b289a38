//! The board's directions, newest first, with what became of them.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, shown};
use crate::coordination::model::{Direction, DirectionState};
use crate::coordination::rights::belongs;
use crate::coordination::store;
use crate::incident::model::IncidentUnit;
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/directions.html")]
struct DirectionsSection<'a> {
    p: &'a Page,
    place: Place,
    lines: Vec<Line>,
    may_give: bool,
    /// Units and people that can be addressed.
    to: Vec<(String, String)>,
}

struct Line {
    direction: Direction,
    may_acknowledge: bool,
    may_finish: bool,
}

/// Shows the directions of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let directions = store::directions::list(&mut look.tx, &incident.id).await?;
        let units = store::list_playing(&mut look.tx, &incident.id).await?;
        let content = serde_json::json!({ "directions": directions });
        let line = |direction: Direction| {
            let mine = place.open && is_mine(look, &units, &direction);
            Line {
                may_acknowledge: mine && direction.state == DirectionState::Given,
                may_finish: mine && direction.state != DirectionState::Done,
                direction,
            }
        };
        let lines: Vec<Line> = directions.into_iter().map(line).collect();
        let may_give = place.may_lead && look.actor.can(Permission::IncidentDirect);
        let to = if may_give { addressees(look, context, &units).await? } else { Vec::new() };
        let section = DirectionsSection { p, place, lines, may_give, to };
        shown(Text::new("Ý kiến chỉ đạo", "Directions"), &section, content)
    })
}

fn is_mine(look: &Look, units: &[IncidentUnit], direction: &Direction) -> bool {
    match (&direction.person_id, &direction.unit_id) {
        (Some(person), _) => *person == look.actor.person_id,
        (None, Some(unit)) => look.actor.can(Permission::IncidentSupport) && belongs(&look.actor, units, unit),
        (None, None) => false,
    }
}

async fn addressees(
    look: &mut Look,
    context: &SectionContext<'_>,
    units: &[IncidentUnit],
) -> Result<Vec<(String, String)>> {
    let app = look.app.clone();
    let mut to: Vec<(String, String)> = Vec::new();
    for unit in units {
        if to.iter().any(|(id, _)| id == unit.unit_id.as_str()) {
            continue;
        }
        let function = app.pack.function(&unit.function).map(|function| context.page.words(&function.name));
        let name = context.page.named(&unit.unit_name);
        let label = match function {
            Some(function) if function != name => format!("{name} – {function}"),
            _ => name.to_owned(),
        };
        to.push((unit.unit_id.to_string(), label));
    }
    let people = store::list_people(&mut look.tx, &context.incident.id).await?;
    to.extend(people.into_iter().map(|person| {
        let label = format!("{} ({})", person.name, context.page.named(&person.unit_name));
        (person.id.to_string(), label)
    }));
    Ok(to)
}

impl DirectionsSection<'_> {
    fn path(&self, direction: &Direction, act: &str) -> String {
        format!("{}/directions/{}/{act}", self.place.base, direction.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }
}
