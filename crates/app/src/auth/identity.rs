//! From a request's cookie or token to the person behind it.

use axum::http::{HeaderMap, header};
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::{DAY, HOUR};

use super::{AccountId, COOKIE, store, token_hash};
use crate::actor::Actor;
use crate::app::App;
use crate::web::cookie;

/// A session ends this long after it was last used, and in any case after [`LONGEST`].
pub const IDLE: i64 = 12 * HOUR;
pub const LONGEST: i64 = 7 * DAY;

/// The session or token a request came with.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub csrf: String,
    /// Came with an API token instead of a cookie.
    pub by_token: bool,
    pub must_change_password: bool,
}

/// Someone known.
#[derive(Clone, Debug)]
pub struct Identity {
    pub actor: Actor,
    pub session: Session,
    pub lang: Option<Lang>,
    pub theme: String,
}

/// An account in use as it would act, for work that is done on its behalf.
pub async fn actor_of(app: &App, tx: &mut Tx, id: &AccountId) -> Result<Option<Actor>> {
    let Some(account) = store::find(tx, id).await?.filter(|account| !account.disabled) else { return Ok(None) };
    let grants = store::grants_of(tx, id).await?;
    let unit = (account.unit_id, account.unit_name);
    Ok(Some(Actor::new(&app.pack, account.id, account.person_id, account.name, unit, &grants)))
}

/// Who sent this request, if they say so and it is true.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Option<Identity>> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let (token, by_token) = match (bearer, cookie(headers, COOKIE)) {
        (Some(token), _) => (token.trim().to_owned(), true),
        (None, Some(token)) => (token, false),
        (None, None) => return Ok(None),
    };
    let hash = token_hash(&token);
    let now = app.now();
    let mut tx = app.db.read().await?;
    let known = match by_token {
        true => store::find_by_token(&mut tx, &hash).await?,
        false => store::find_by_session(&mut tx, &hash).await?,
    };
    let Some(known) = known else { return Ok(None) };
    let expired = known.seen_at.plus(IDLE) < now || known.created_at.plus(LONGEST) < now;
    if !by_token && expired {
        return Ok(None);
    }
    let grants = store::grants_of(&mut tx, &known.account_id).await?;
    drop(tx);
    // At most once an hour, so that reading pages does not write.
    if !by_token && known.seen_at.plus(HOUR) < now {
        let mut tx = app.db.write().await?;
        store::touch_session(&mut tx, &known.session_id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Identity {
        actor: Actor::new(
            &app.pack,
            known.account_id,
            known.person_id,
            known.name,
            (known.unit_id, known.unit_name),
            &grants,
        ),
        session: Session {
            id: known.session_id,
            csrf: known.csrf,
            by_token,
            must_change_password: known.one_time && !by_token,
        },
        lang: (!known.lang.is_empty()).then(|| Lang::from_tag(&known.lang)),
        theme: known.theme,
    }))
}
