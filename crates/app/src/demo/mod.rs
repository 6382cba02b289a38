//! The demonstration: the plan with people and work in it. Everything is sent through the same routes as on the screens,
//! by the people who would do it, on a clock of its own that ends at the present moment.

mod hand;
mod people;
mod store;
mod story;

use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use crate::app::App;

pub use people::{DemoAccount, PASSWORD};

/// Fills an empty installation. `app` stands on a clock that may be moved; it is moved up to `until`.
pub async fn fill(app: &App, until: Time) -> Result<Vec<DemoAccount>> {
    let accounts = people::fill(app).await?;
    let mut hand = hand::Hand::new(app);
    story::play(&mut hand).await?;
    hand.sign_out().await?;
    let behind = until.0 - app.now().0;
    app.clock.advance(behind.max(0));
    Ok(accounts)
}
