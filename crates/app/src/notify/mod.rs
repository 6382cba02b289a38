//! Notices within the product: the bell. Written in the unit of work that causes them; mail comes with the clocks.

mod pages;
mod store;

pub use store::count_unread;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use crate::auth::AccountId;
use crate::feature::Feature;
use crate::org::{PersonId, UnitId};
use crate::web::{Access, Routes};
use crate::work::Work;

/// What this feature brings.
pub fn feature() -> Feature {
    let own = Access::SignedIn;
    let routes = Routes::new()
        .page("/notices", own, Text::new("Thông báo cho tôi", "My notices"), pages::list)
        .asks::<pages::ListQuery>()
        .act("/notices/read", own, Text::new("Đánh dấu đã đọc tất cả", "Mark all as read"), pages::read_all)
        .act("/notices/{id}/open", own, Text::new("Mở một thông báo", "Open a notice"), pages::open);
    Feature { routes, ..Feature::default() }
}

/// Something told to one account.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Notice {
    pub id: String,
    pub at: Time,
    pub text_vi: String,
    pub text_en: String,
    /// The page it is about.
    pub url: String,
    pub read: bool,
}

impl Notice {
    /// The sentence in both languages.
    pub fn text(&self) -> Text {
        Text::owned(self.text_vi.clone(), self.text_en.clone())
    }
}

/// Tells everyone with an account in a unit, except whoever does it.
pub async fn tell_unit(work: &mut Work, unit: &UnitId, text: &Text, url: &str) -> Result<()> {
    let accounts = store::accounts_of_unit(&mut work.tx, unit, &work.actor.account_id).await?;
    tell(work, accounts, text, url).await
}

/// Tells one person, when they have an account.
pub async fn tell_person(work: &mut Work, person: &PersonId, text: &Text, url: &str) -> Result<()> {
    let account = store::account_of_person(&mut work.tx, person).await?;
    tell(work, account, text, url).await
}

/// Tells one account.
pub async fn tell_account(work: &mut Work, account: AccountId, text: &Text, url: &str) -> Result<()> {
    tell(work, Some((account,)), text, url).await
}

async fn tell(work: &mut Work, accounts: impl IntoIterator<Item = (AccountId,)>, text: &Text, url: &str) -> Result<()> {
    let to = accounts.into_iter().map(|(account,)| (work.app.chance.id("not", work.now), account)).collect();
    store::insert(&mut work.tx, to, text, url, work.now).await
}
