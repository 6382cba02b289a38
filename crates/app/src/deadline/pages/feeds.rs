//! The reader's calendar feeds.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use crate::deadline::feed::{self, Feed, FeedForm, FeedId};
use crate::deadline::{store, units};
use crate::org::list_unit_options;
use crate::page::Page;
use crate::web::{Call, Done};
use crate::work::Work;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "deadline/html/feeds.html")]
pub struct FeedsView {
    #[serde(skip)]
    p: Page,
    feeds: Vec<Feed>,
    #[serde(skip)]
    units: Vec<(String, String)>,
}

pub async fn feeds(call: Call) -> Result<FeedsView> {
    let mut look = call.look().await?;
    let actor = look.actor.clone();
    let own = units::own_units(&mut look.tx, &call.app.pack, &actor).await?;
    let all = list_unit_options(&mut look.tx).await?;
    Ok(FeedsView {
        feeds: store::settings::list_feeds(&mut look.tx, &actor.account_id).await?,
        units: all.into_iter().filter(|(id, _)| own.iter().any(|unit| unit.as_str() == id)).collect(),
        p: Page::new(&call, &mut look, Text::new("Lịch hạn việc trên điện thoại", "Time limits in your calendar"))
            .await?,
    })
}

pub async fn make(call: Call, form: FeedForm) -> Result<Done> {
    let mut work = call.work().await?;
    let secret = feed::make(&mut work, &form).await?;
    told(work, &secret).await
}

/// A form with nothing in it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Nothing {}

pub async fn renew(call: Call, _: Nothing) -> Result<Done> {
    let id: FeedId = call.param("feed")?;
    let mut work = call.work().await?;
    let secret = feed::renew(&mut work, &id).await?;
    told(work, &secret).await
}

pub async fn revoke(call: Call, _: Nothing) -> Result<Done> {
    let id: FeedId = call.param("feed")?;
    let mut work = call.work().await?;
    feed::revoke(&mut work, &id).await?;
    let said = Text::new("Đã thu hồi địa chỉ lịch.", "The calendar address is revoked.");
    Ok(work.done("/deadlines/feeds").await?.saying(said))
}

async fn told(work: Work, secret: &str) -> Result<Done> {
    let path = format!("/calendar/{secret}.ics");
    let done = work.done("/deadlines/feeds").await?.with(serde_json::json!({ "path": path }));
    Ok(done.saying(text!(
        "Địa chỉ lịch: {path} – hãy chép ngay (thêm tên miền của trang này ở trước), chỉ hiện một lần này.",
        "Calendar address: {path} – copy it now (put this site's name before it); it is shown only this once."
    )))
}
