//! The reader's own page, `/`: what needs me now. It holds nothing itself; every feature says what waits for the reader
//! ([`crate::feature::Feature::waiting`]), and this page puts it in one order.

mod cards;
mod pages;
mod store;

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::feature::{Feature, Group, NavEntry, WaitingItem};
use crate::web::{Access, Routes};
use crate::work::Look;

/// Everything that waits for the reader, or that the reader waits for: by time limit, then by how long it has been waiting.
pub async fn waiting(look: &mut Look) -> Result<Vec<WaitingItem>> {
    let mut items = Vec::new();
    for find in crate::features().iter().flat_map(|feature| &feature.waiting) {
        items.extend(find(look).await?);
    }
    items.sort_by_key(|item: &WaitingItem| (item.due.is_none(), item.due, item.since));
    Ok(items)
}

/// What this feature brings.
pub fn feature() -> Feature {
    let label = Text::new("Việc của tôi", "My work");
    Feature {
        routes: Routes::new().page("/", Access::SignedIn, label.clone(), pages::home).asks::<pages::HomeQuery>(),
        nav: vec![NavEntry { group: Group::Work, href: "/", label, permission: None, count: None }],
        ..Feature::default()
    }
}
