//! An installation into which something is sent.

use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::pack::Pack;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::time::Clock;

use crate::common::add_token;

/// An installation with one account that may send alerts in, and its API token.
pub async fn prepare(place: Place) -> String {
    let (db, blobs) = place.open().await.expect("opens");
    let id = ungcuu_app::pack::embedded_ids().remove(0);
    let pack = Pack::embedded(&id).expect("listed").expect("sound");
    let role = pack.roles.iter().find(|role| pack.permits(&role.id, "alert.create")).expect("a role").id.clone();
    let unit = pack.units[0].id.clone();
    let app = App::new(db, blobs, pack, Clock::System, Chance::System, Settings::default());
    ungcuu_app::install::begin_units(&app).await.expect("units");
    ungcuu_app::install::add_account(&app, "may", "Máy gửi tin", &unit, &[role]).await.expect("an account");
    let mut work = app.work(Actor::system()).await.expect("work");
    let token = add_token(&app, &mut work, "may").await;
    work.commit().await.expect("committed");
    app.db.close().await;
    token
}
