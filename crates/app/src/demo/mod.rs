//! The demonstration: the plan with people and work in it. Everything is done through the same actions as on the
//! screens, by the people who would do it, on a clock of its own that ends at the present moment.

mod people;

use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use crate::app::App;

pub use people::{DemoAccount, PASSWORD};

/// Fills an empty installation. `app` stands on a clock that may be moved; it is moved up to `until`.
pub async fn fill(app: &App, until: Time) -> Result<Vec<DemoAccount>> {
    let accounts = people::fill(app).await?;
    let behind = until.0 - app.now().0;
    app.clock.advance(behind.max(0));
    Ok(accounts)
}
