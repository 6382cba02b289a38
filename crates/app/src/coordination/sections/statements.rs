//! Who speaks, and the statements to the press, version by version.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::{Place, shown};
use crate::coordination::model::{Publication, Spokesperson, Statement, StatementState};
use crate::coordination::rights::person_of;
use crate::coordination::store;
use crate::incident::section::{SectionContext, Shown};
use crate::org::PersonId;
use crate::page::Page;
use crate::permission::Permission;
use crate::work::Look;

#[derive(Template)]
#[template(path = "coordination/html/statements.html")]
struct StatementsSection<'a> {
    p: &'a Page,
    place: Place,
    speaking: Option<Spokesperson>,
    before: Vec<Spokesperson>,
    statements: Vec<Versions>,
    people: Vec<(String, String)>,
    may_name: bool,
    may_write: bool,
    may_answer: bool,
    /// Whose own words are approved by somebody else; nobody's where the plan does not say so.
    author: Option<PersonId>,
}

/// A statement: its latest version, and the ones before.
struct Versions {
    latest: Version,
    earlier: Vec<Version>,
}

struct Version {
    it: Statement,
    out: Vec<Publication>,
}

/// Shows spokespersons and statements of an incident.
pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (p, incident) = (context.page, context.incident);
        let place = Place::of(context);
        let named = store::statements::list_spokespersons(&mut look.tx, &incident.id).await?;
        let statements = store::statements::list(&mut look.tx, &incident.id).await?;
        let publications = store::statements::list_publications(&mut look.tx, &incident.id).await?;
        let content =
            serde_json::json!({ "spokespersons": named, "statements": statements, "publications": publications });
        let directs = look.actor.can(Permission::IncidentDirect);
        let speaks = named.iter().any(|one| one.speaks(look.now) && one.person_id == look.actor.person_id);
        let (speaking, before): (Vec<_>, Vec<_>) = named.into_iter().partition(|one| one.ended_at.is_none());
        let may_name = place.may_lead && directs;
        let people = if may_name { store::list_people(&mut look.tx, &incident.id).await? } else { Vec::new() };
        let people = people.into_iter().map(|person| {
            let label = format!("{} ({})", person.name, p.named(&person.unit_name));
            (person.id.to_string(), label)
        });
        let reached = super::can_add(incident, context.row.state, context.standing, crate::incident::Standing::Watches);
        let section = StatementsSection {
            p,
            speaking: speaking.into_iter().next(),
            before,
            statements: by_number(statements, &publications),
            people: people.collect(),
            may_name,
            may_write: place.may_add || (speaks && reached),
            may_answer: place.open && directs,
            author: person_of(&look.actor).filter(|_| look.app.pack.procedure.approver_not_author),
            place,
        };
        shown(Text::new("Phát ngôn, cung cấp thông tin", "Speaking to the press"), &section, content)
    })
}

/// Versions under their statement; both lists come newest first.
fn by_number(statements: Vec<Statement>, publications: &[Publication]) -> Vec<Versions> {
    let mut all: Vec<Versions> = Vec::new();
    for it in statements {
        let out = publications.iter().filter(|one| one.statement_id == it.id).cloned().collect();
        let version = Version { it, out };
        match all.last_mut() {
            Some(known) if known.latest.it.number == version.it.number => known.earlier.push(version),
            _ => all.push(Versions { latest: version, earlier: Vec::new() }),
        }
    }
    all
}

impl StatementsSection<'_> {
    fn path(&self, statement: &Statement, act: &str) -> String {
        format!("{}/statements/{}/{act}", self.place.base, statement.id)
    }

    fn came_back(&self, action: &str) -> bool {
        self.p.form.action == action
    }

    fn is_draft(&self, statement: &Statement) -> bool {
        self.may_write && statement.state == StatementState::Draft
    }

    fn is_waiting(&self, statement: &Statement) -> bool {
        self.may_answer && statement.state == StatementState::Submitted && !self.is_own(statement)
    }

    /// The reader could approve it, were it not their own.
    fn waits_for_another(&self, statement: &Statement) -> bool {
        self.may_answer && statement.state == StatementState::Submitted && self.is_own(statement)
    }

    fn is_own(&self, statement: &Statement) -> bool {
        self.author.as_ref().is_some_and(|author| statement.is_by(author))
    }

    fn is_approved(&self, statement: &Statement) -> bool {
        self.may_write && statement.state == StatementState::Approved
    }

    fn may_begin(&self, statement: &Statement) -> bool {
        self.may_write && matches!(statement.state, StatementState::Approved | StatementState::Returned)
    }
}
