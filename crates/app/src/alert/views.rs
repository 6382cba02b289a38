//! Saved views: the filters of the queue under a name, for the account alone.

use schemars::JsonSchema;
use serde::Deserialize;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::model::{SavedView, ViewId};
use super::pages::queue::tidy;
use super::store;
use crate::web::{Call, Done};

/// The stream of the journal that holds people's own settings.
const STREAM: &str = "views";
/// How many views an account may keep.
const MOST: usize = 20;

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ViewForm {
    pub name: Raw,
    /// The query of the queue's address; parameters that are no filters are dropped.
    pub query: Raw,
}

pub async fn save(call: Call, form: ViewForm) -> Result<Done> {
    let mut checks = Checks::new();
    let name: String = checks.line("name", &form.name).chars().take(60).collect();
    checks.done()?;
    let query = tidy(form.query.as_str());
    let mut work = call.work().await?;
    let account = work.actor.account_id.clone();
    let known = store::list_views(&mut work.tx, &account).await?;
    if known.len() >= MOST {
        let words =
            text!("Bạn đã lưu {MOST} bộ lọc; hãy bỏ bớt trước.", "You keep {MOST} views already; forget one first.");
        return Err(Error::field("name", words));
    }
    let view = SavedView { id: ViewId::new(&work.app.chance, work.now), name, query };
    store::insert_view(&mut work.tx, &account, &view, work.now).await?;
    let name = &view.name;
    work.record(
        STREAM,
        "view.saved",
        text!("Lưu bộ lọc {name}", "Saved the view {name}"),
        &[("saved_views", view.id.as_str())],
    );
    let url = format!("/alerts?{}", view.query);
    Ok(work.done(url).await?.saying(Text::new("Đã lưu bộ lọc.", "View saved.")))
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Nothing {}

pub async fn delete(call: Call, _: Nothing) -> Result<Done> {
    let id: ViewId = call.param("id")?;
    let mut work = call.work().await?;
    let account = work.actor.account_id.clone();
    if !store::delete_view(&mut work.tx, &account, &id).await? {
        return Err(Error::NotFound);
    }
    work.record(
        STREAM,
        "view.deleted",
        Text::new("Bỏ một bộ lọc đã lưu", "Forgot a view"),
        &[("saved_views", id.as_str())],
    );
    Ok(work.done("/alerts").await?.saying(Text::new("Đã bỏ bộ lọc.", "View forgotten.")))
}
