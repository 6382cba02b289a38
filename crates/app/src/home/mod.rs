//! The reader's own page, `/`: what needs me now. It holds nothing itself; every feature says what waits for the reader
//! ([`crate::feature::Feature::waiting`]), and this page puts it in one order.

mod cards;
mod pages;
mod store;

use ungcuu_kit::text::Text;

use crate::feature::{Feature, Group, NavEntry};
use crate::web::{Access, Routes};

/// What this feature brings.
pub fn feature() -> Feature {
    let label = Text::new("Việc của tôi", "My work");
    Feature {
        routes: Routes::new().page("/", Access::SignedIn, label.clone(), pages::home).asks::<pages::HomeQuery>(),
        nav: vec![NavEntry { group: Group::Work, href: "/", label, permission: None, count: None }],
        ..Feature::default()
    }
}
