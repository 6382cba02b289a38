//! The demonstration: the plan with people and work in it. Everything is sent through the same routes as on the screens,
//! by the people who would do it, on a clock of its own that ends at the present moment.

mod case;
mod hand;
mod people;
mod props;
mod scenes;
mod stage;
mod store;

use ungcuu_kit::error::Result;
use ungcuu_kit::time::{DAY, Time};

use crate::app::App;

pub use people::{DemoAccount, PASSWORD};

/// How far back the story begins, in microseconds: the clock that [`fill`] is given stands no later than this before its
/// `until`.
pub const PAST: i64 = 30 * DAY;

/// Fills an empty installation. `app` stands on a clock that may be moved; the story is told so that its last acts lie
/// minutes before `until`, and the clock ends there.
pub async fn fill(app: &App, until: Time) -> Result<Vec<DemoAccount>> {
    let accounts = people::fill(app).await?;
    let mut stage = stage::Stage::new(app, until);
    scenes::play(&mut stage).await?;
    stage.at(0).await?;
    stage.hand.sign_out().await?;
    Ok(accounts)
}
