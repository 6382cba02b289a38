//! The evidence of a step, on the step's page: what is there already, and the form for more.

use askama::Template;
use futures::future::BoxFuture;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::store;
use super::view::{Line, Offer};
use crate::incident::section::{SectionContext, Shown};
use crate::page::Page;
use crate::permission::Permission::{EvidenceAdd, EvidenceRead};
use crate::work::Look;

/// How many items the section shows; the register has them all.
const MOST: i64 = 30;

#[derive(Template)]
#[template(path = "evidence/html/_section.html")]
struct Part<'a> {
    p: &'a Page,
    items: &'a [Line],
    /// The number of items that count.
    all: i64,
    /// Whether the reader may see what is there.
    reads: bool,
    may_add: bool,
    offer: Offer,
}

pub fn show<'a>(look: &'a mut Look, context: &'a SectionContext<'a>) -> BoxFuture<'a, Result<Shown>> {
    Box::pin(async move {
        let (incident, page) = (context.incident, context.page);
        let reads = store::may(&mut look.tx, &look.actor, EvidenceRead, &incident.id).await?;
        let may_add = context.may_work && store::may(&mut look.tx, &look.actor, EvidenceAdd, &incident.id).await?;
        let found = match reads {
            true => store::list_for_step(&mut look.tx, &incident.id, &context.step.id, MOST).await?,
            false => Vec::new(),
        };
        let app = look.app.clone();
        let mut items = Line::list(found, &app.pack, page.lang);
        Line::mark(&mut look.tx, &mut items).await?;
        let part = Part {
            p: page,
            items: &items,
            all: store::count(&mut look.tx, &incident.id).await?,
            reads,
            may_add,
            offer: Offer { step: context.step.id.clone(), ..Offer::new(look, page, incident).await? },
        };
        Ok(Shown {
            title: Text::new("Chứng cứ", "Evidence"),
            html: part.render().map_err(Error::internal)?,
            content: serde_json::to_value(&items)?,
        })
    })
}
