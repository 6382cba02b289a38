//! Coming in and going out: password, one-time code, session.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{MINUTE, Time};
use ungcuu_kit::{chance, password, text};

use super::actions::STREAM;
use super::model::Account;
use super::{AccountId, COOKIE, WAITING, identity, store, token_hash, totp};
use crate::actor::Actor;
use crate::app::App;
use crate::web::{Call, cookie, cookie_line};
use crate::work::Work;

/// How long the one-time code may take after the password.
const PATIENCE: i64 = 5 * MINUTE;

/// What was shown at the door.
pub struct Shown<'a> {
    pub login: &'a str,
    pub password: &'a str,
    pub code: &'a str,
}

/// Let in, or asked for the one-time code. Holds the token for the cookie.
pub enum Entered {
    In { token: String, must_change: bool, csrf: String },
    CodeNeeded { token: String },
}

/// Lets someone in who shows the right password and, where codes are on, the right code.
///
/// # Errors
/// The same sentence for an unknown sign-in name, a wrong password and a disabled account; a limit when tried too often.
pub async fn sign_in(call: &Call, shown: Shown<'_>) -> Result<Entered> {
    let app = &call.app;
    let login = shown.login.trim().to_lowercase();
    let account = if login.is_empty() && !shown.code.is_empty() {
        let account = waiting(call).await?.ok_or_else(wait_is_over)?;
        app.throttle.sign_in(&account.login, call.address)?;
        account
    } else {
        app.throttle.sign_in(&login, call.address)?;
        let found = store::find_by_login(&mut app.db.read().await?, &login).await?;
        check_password(found, shown.password).await?
    };
    let step = match (&account.totp_secret, shown.code.is_empty()) {
        (None, _) => None,
        (Some(_), true) => {
            let mut work = app.work(acting(&account)).await?;
            let (token, _) = insert_session(&mut work, &account.id, call, true).await?;
            work.commit().await?;
            return Ok(Entered::CodeNeeded { token });
        }
        (Some(secret), false) => Some(totp::step_of(secret, shown.code, call.now).ok_or_else(wrong_code)?),
    };
    let mut work = app.work(acting(&account)).await?;
    if let Some(step) = step
        && store::use_code(&mut work.tx, &account.id, step).await? == 0
    {
        return Err(used_code());
    }
    for name in [COOKIE, WAITING] {
        if let Some(old) = cookie(&call.headers, name) {
            store::delete_session(&mut work.tx, &token_hash(&old)).await?;
        }
    }
    store::delete_expired_sessions(&mut work.tx, call.now.plus(-identity::LONGEST)).await?;
    let (token, csrf) = insert_session(&mut work, &account.id, call, false).await?;
    let login = &account.login;
    let what = text!("{login} đăng nhập", "{login} signed in");
    work.record(STREAM, "account.signed_in", what, &[("accounts", account.id.as_str())]);
    work.commit().await?;
    Ok(Entered::In { token, must_change: account.one_time, csrf })
}

/// Ends this browser's session.
pub async fn sign_out(call: &Call) -> Result<()> {
    let Some(session) = call.session.as_ref().filter(|session| !session.by_token) else { return Ok(()) };
    let mut work = call.work().await?;
    store::delete_session(&mut work.tx, &session.id).await?;
    work.commit().await
}

/// The account that has shown its password in this browser and still owes the code.
pub async fn waiting(call: &Call) -> Result<Option<Account>> {
    let Some(token) = cookie(&call.headers, WAITING) else { return Ok(None) };
    let since = call.now.plus(-PATIENCE);
    store::find_waiting(&mut call.app.db.read().await?, &token_hash(&token), since).await
}

/// Begins a session and gives back the token for the cookie; only its hash is stored.
pub async fn begin_session(work: &mut Work, account: &AccountId, agent: &str) -> Result<String> {
    let (token, csrf) = (chance::secret(), chance::secret());
    store::insert_session(&mut work.tx, &token_hash(&token), account, &csrf, work.now, agent, false).await?;
    Ok(token)
}

/// Checks a password of somebody already signed in, counted like a sign-in.
pub async fn check_own_password(call: &Call, account: &Account, field: &str, typed: &str) -> Result<()> {
    call.app.throttle.sign_in(&account.login, call.address)?;
    if password::verify(typed.to_owned(), account.password_hash.clone()).await {
        return Ok(());
    }
    Err(Error::field(field, Text::new("Mật khẩu không đúng.", "The password is wrong.")))
}

/// The `Set-Cookie` for the time between password and code.
pub fn waiting_cookie(app: &App, token: &str) -> String {
    cookie_line(app, WAITING, token, Some(PATIENCE / 1_000_000))
}

async fn insert_session(work: &mut Work, account: &AccountId, call: &Call, waiting: bool) -> Result<(String, String)> {
    let agent = call.headers.get(axum::http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent: String = agent.unwrap_or_default().chars().take(200).collect();
    let (token, csrf) = (chance::secret(), chance::secret());
    store::insert_session(&mut work.tx, &token_hash(&token), account, &csrf, work.now, &agent, waiting).await?;
    Ok((token, csrf))
}

/// An unknown name costs as much time as a wrong password, so that names cannot be found out by the clock.
async fn check_password(found: Option<Account>, typed: &str) -> Result<Account> {
    let stored = match &found {
        Some(account) => account.password_hash.clone(),
        None => nobodys_hash().await?,
    };
    let fits = password::verify(typed.to_owned(), stored).await;
    match found {
        Some(account) if fits && !account.disabled => Ok(account),
        _ => Err(Error::field(
            "password",
            Text::new("Tên đăng nhập hoặc mật khẩu không đúng.", "The sign-in name or the password is wrong."),
        )),
    }
}

async fn nobodys_hash() -> Result<String> {
    static HASH: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    HASH.get_or_try_init(|| password::hash(chance::secret())).await.cloned()
}

/// Whoever signs in acts from here on, although the request came from nobody.
fn acting(account: &Account) -> Actor {
    let mut actor = Actor::public(&account.name);
    actor.account_id = account.id.clone();
    actor.person_id = account.person_id.clone();
    actor.unit_id = account.unit_id.clone();
    actor.unit_name = account.unit_name.clone();
    actor
}

pub(super) fn wrong_code() -> Error {
    Error::field(
        "code",
        Text::new(
            "Mã không đúng hoặc đã hết hạn. Hãy xem mã mới trên điện thoại.",
            "The code is wrong or out of date. Look at the new one on your telephone.",
        ),
    )
}

fn used_code() -> Error {
    Error::field(
        "code",
        Text::new(
            "Mã này đã dùng rồi. Hãy đợi mã kế tiếp trên điện thoại.",
            "This code was used already. Wait for the next one on your telephone.",
        ),
    )
}

fn wait_is_over() -> Error {
    Error::field(
        "login",
        Text::new(
            "Đã quá lâu. Hãy nhập lại tên và mật khẩu.",
            "That took too long. Enter your name and password again.",
        ),
    )
}

/// Since when a session must have been used to be good still.
pub fn good_since(now: Time) -> Time {
    now.plus(-identity::IDLE)
}
