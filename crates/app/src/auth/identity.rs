//! From a request's cookie or token to the person behind it.

use axum::http::{HeaderMap, header};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::{DAY, HOUR, Time};
use ungcuu_kit::{args, sql};

use super::{AccountId, COOKIE, token_hash};
use crate::actor::{Actor, Grant};
use crate::app::App;
use crate::org::{PersonId, UnitId};
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

#[derive(sqlx::FromRow)]
struct Known {
    session_id: String,
    csrf: String,
    created_at: Time,
    seen_at: Time,
    account_id: AccountId,
    one_time: bool,
    lang: String,
    theme: String,
    person_id: PersonId,
    name: String,
    unit_id: UnitId,
    unit_name: String,
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
    let known: Option<Known> = if by_token {
        tx.one(
            sql!(
                "SELECT t.id AS session_id, '' AS csrf, t.created_at, t.created_at AS seen_at,
                        a.id AS account_id, a.one_time, a.lang, a.theme,
                        p.id AS person_id, p.name, u.id AS unit_id, u.name AS unit_name
                   FROM api_tokens t
                   JOIN accounts a ON a.id = t.account_id
                   JOIN people p ON p.id = a.person_id
                   JOIN units u ON u.id = p.unit_id
                  WHERE t.hash = $1 AND t.revoked = FALSE AND a.disabled = FALSE"
            ),
            args![hash],
        )
        .await?
    } else {
        tx.one(
            sql!(
                "SELECT s.id AS session_id, s.csrf, s.created_at, s.seen_at,
                        a.id AS account_id, a.one_time, a.lang, a.theme,
                        p.id AS person_id, p.name, u.id AS unit_id, u.name AS unit_name
                   FROM sessions s
                   JOIN accounts a ON a.id = s.account_id
                   JOIN people p ON p.id = a.person_id
                   JOIN units u ON u.id = p.unit_id
                  WHERE s.id = $1 AND a.disabled = FALSE"
            ),
            args![hash],
        )
        .await?
    };
    let Some(known) = known else { return Ok(None) };
    let expired = known.seen_at.plus(IDLE) < now || known.created_at.plus(LONGEST) < now;
    if !by_token && expired {
        return Ok(None);
    }
    let grants: Vec<Grant> = tx
        .all(
            sql!("SELECT role, unit_id FROM grants WHERE account_id = $1 ORDER BY id LIMIT 200"),
            args![&known.account_id],
        )
        .await?;
    drop(tx);
    if !by_token && known.seen_at.plus(HOUR) < now {
        touch(app, &known.session_id, now).await?;
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

/// Notes that a session is in use; at most once an hour, so that reading pages does not write.
async fn touch(app: &App, session: &str, now: Time) -> Result<()> {
    let mut tx = app.db.write().await?;
    tx.run(sql!("UPDATE sessions SET seen_at = $2 WHERE id = $1"), args![session, now]).await?;
    tx.commit().await
}
