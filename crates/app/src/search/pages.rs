//! The search page; its JSON is what the palette asks.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::store::{self, Hit};
use super::{Kind, plain_words};
use crate::page::Page;
use crate::web::{Ask, Call, Via};

/// How many hits of each kind a page shows, and how many the palette.
const ON_PAGE: i64 = 20;
const IN_PALETTE: i64 = 5;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Question {
    /// Words to look for; the first 200 letters count.
    q: String,
    kind: Ask<Kind>,
    /// The last number of the page before; only with one kind.
    after: Option<i64>,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "search/html/search.html")]
pub struct SearchView {
    #[serde(skip)]
    p: Page,
    q: String,
    /// Places that fit the words, then things, kind by kind, the newest first.
    hits: Vec<ShownHit>,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    /// The cursor of the next page, when one kind was asked for and there is more.
    next: Option<String>,
}

/// One line of the results.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShownHit {
    pub kind: String,
    pub title: String,
    pub detail: String,
    pub url: String,
}

/// Searches everything the reader may see.
pub async fn search(call: Call) -> Result<SearchView> {
    let question: Question = call.query()?;
    let asked: String = question.q.chars().take(200).collect();
    let words = plain_words(&asked);
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Tìm kiếm", "Search")).await?;
    let one: Option<Kind> = question.kind.0;
    let limit = if call.via == Via::Api && one.is_none() { IN_PALETTE } else { ON_PAGE };
    let mut hits = if one.is_none() { places(&p, &words) } else { Vec::new() };
    let mut next = None;
    if !words.is_empty() {
        let before = question.after.filter(|_| one.is_some()).unwrap_or(i64::MAX);
        for kind in Kind::ALL.iter().copied().filter(|kind| one.is_none_or(|one| one == *kind)) {
            let mut found =
                store::list_hits(&mut look.tx, &call.actor()?.clone(), kind, &words, before, limit + 1).await?;
            if found.len() as i64 > limit {
                found.truncate(usize::try_from(limit).unwrap_or_default());
                next = found.last().filter(|_| one.is_some()).map(|hit| hit.number.to_string());
            }
            hits.extend(found.into_iter().map(|hit| shown(&p, hit)));
        }
    }
    Ok(SearchView { kinds: Kind::options(p.lang), p, q: asked, hits, next })
}

fn shown(p: &Page, hit: Hit) -> ShownHit {
    ShownHit { kind: p.say(&hit.kind.label()), title: hit.title, detail: hit.detail, url: hit.url }
}

/// The pages of the navigation whose names fit, so that the palette goes anywhere.
fn places(p: &Page, words: &str) -> Vec<ShownHit> {
    let kind = p.t("Trang", "Page");
    let items = p.nav.iter().flat_map(|group| &group.items);
    items
        .filter(|item| words.is_empty() || plain_words(&p.say(&item.label)).contains(words))
        .map(|item| ShownHit {
            kind: kind.to_owned(),
            title: p.say(&item.label),
            detail: String::new(),
            url: item.href.clone(),
        })
        .collect()
}
