//! The page behind the bell.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use super::letter::LetterState;
use super::{Notice, store};
use crate::page::Page;
use crate::ui::Tone;
use crate::web::{Call, Done};

const ROWS: usize = 50;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: String,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "notify/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    notices: Vec<Line>,
    next: Option<String>,
}

/// A notice, and where the letter that carries it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    #[serde(flatten)]
    notice: Notice,
    letter: Option<LetterState>,
    /// The same in words.
    #[serde(skip)]
    shown: Option<(Tone, Text)>,
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let account = call.actor()?.account_id.clone();
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Thông báo", "Notices")).await?;
    let after = (!query.after.is_empty()).then_some(query.after.as_str());
    let mut notices = store::list(&mut look.tx, &account, after, ROWS as i64 + 1).await?;
    let more = notices.len() > ROWS;
    notices.truncate(ROWS);
    let letters = notices.iter().filter_map(|notice| notice.letter_id.clone()).collect();
    let states = store::list_states(&mut look.tx, letters).await?;
    let next = notices.last().filter(|_| more).map(|notice| notice.id.clone());
    let line = |notice: Notice| {
        let letter = states.iter().find(|(id, _)| Some(id) == notice.letter_id.as_ref()).map(|(_, state)| *state);
        Line { shown: letter.map(|state| state.shown(&call.app)), letter, notice }
    };
    Ok(ListView { next, notices: notices.into_iter().map(line).collect(), p })
}

/// A form with nothing in it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Nothing {}

/// Marks a notice as read and goes where it points.
pub async fn open(call: Call, _: Nothing) -> Result<Done> {
    let account = call.actor()?.account_id.clone();
    let id: String = call.param("id")?;
    let mut work = call.work().await?;
    let notice = store::find(&mut work.tx, &account, &id).await?.ok_or(Error::NotFound)?;
    store::mark_read(&mut work.tx, &account, &id).await?;
    let url = crate::auth::local_path(&notice.url).unwrap_or("/notices").to_owned();
    work.done(url).await
}

pub async fn read_all(call: Call, _: Nothing) -> Result<Done> {
    let account = call.actor()?.account_id.clone();
    let mut work = call.work().await?;
    store::mark_all_read(&mut work.tx, &account).await?;
    work.done("/notices").await
}
