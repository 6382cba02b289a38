//! What people do to their own account: password, one-time codes, sessions, tokens, language, look.

use ungcuu_kit::error::{Error, FieldError, Result};
use ungcuu_kit::text::{Lang, Text};
use ungcuu_kit::{chance, password, text};

use super::actions::STREAM;
use super::model::Account;
use super::{entrance, store, token_hash, totp};
use crate::web::Call;
use crate::work::Work;

/// How many good tokens one account may have.
const TOKENS: usize = 20;

/// The account of whoever asks.
pub async fn account(call: &Call) -> Result<Account> {
    let id = &call.actor()?.account_id;
    store::find(&mut call.app.db.read().await?, id).await?.ok_or(Error::SignedOut)
}

/// Changes the password, ends every other session, and gives back the token of a fresh one.
pub async fn change_password(call: &Call, old: &str, new: &str, again: &str) -> Result<String> {
    let account = account(call).await?;
    entrance::check_own_password(call, &account, "password", old).await?;
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message| errors.push(FieldError { field: field.to_owned(), message });
    if let Some(weakness) = password::weakness(new) {
        refuse("password_new", weakness);
    } else if new == old {
        refuse(
            "password_new",
            Text::new("Mật khẩu mới phải khác mật khẩu cũ.", "The new password must differ from the old one."),
        );
    }
    if new != again {
        refuse("password_again", Text::new("Hai lần nhập không giống nhau.", "The two do not match."));
    }
    if !errors.is_empty() {
        return Err(Error::Form(errors));
    }
    let hash = password::hash(new.to_owned()).await?;
    let mut work = call.work().await?;
    store::set_password(&mut work.tx, &account.id, &hash, false).await?;
    store::delete_other_sessions(&mut work.tx, &account.id, "").await?;
    let agent = call.headers.get(axum::http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent: String = agent.unwrap_or_default().chars().take(200).collect();
    let token = entrance::begin_session(&mut work, &account.id, &agent).await?;
    let login = &account.login;
    let what = text!("{login} đổi mật khẩu", "{login} changed their password");
    record(&mut work, "account.password_changed", what, &account);
    work.commit().await?;
    Ok(token)
}

/// Turns one-time codes on, once a code proves that the telephone has the secret.
pub async fn turn_on_totp(call: &Call, secret: &str, code: &str) -> Result<Work> {
    let account = account(call).await?;
    if account.totp_secret.is_some() {
        return Err(Error::not_now("Mã một lần đã bật rồi.", "One-time codes are on already."));
    }
    // Twenty bytes in base 32; anything else was not given out by this page.
    let ours = secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let step = totp::step_of(secret, code, call.now).filter(|_| ours).ok_or_else(entrance::wrong_code)?;
    let mut work = call.work().await?;
    store::set_totp(&mut work.tx, &account.id, Some(secret), step).await?;
    let login = &account.login;
    let what = text!("{login} bật mã một lần", "{login} turned on one-time codes");
    record(&mut work, "account.totp_on", what, &account);
    Ok(work)
}

/// Turns one-time codes off, for whoever knows the password.
pub async fn turn_off_totp(call: &Call, typed: &str) -> Result<Work> {
    let account = account(call).await?;
    entrance::check_own_password(call, &account, "password", typed).await?;
    let mut work = call.work().await?;
    store::set_totp(&mut work.tx, &account.id, None, account.totp_used).await?;
    let login = &account.login;
    let what = text!("{login} tắt mã một lần", "{login} turned off one-time codes");
    record(&mut work, "account.totp_off", what, &account);
    Ok(work)
}

/// Ends every session but this one.
pub async fn end_other_sessions(call: &Call) -> Result<Work> {
    let account = account(call).await?;
    let kept = call.session.as_ref().map(|session| session.id.as_str()).unwrap_or_default();
    let mut work = call.work().await?;
    store::delete_other_sessions(&mut work.tx, &account.id, kept).await?;
    let login = &account.login;
    let what = text!("{login} kết thúc các phiên khác", "{login} ended their other sessions");
    record(&mut work, "account.sessions_ended", what, &account);
    Ok(work)
}

/// Makes a token for programs. It is given back once and never again.
pub async fn create_token(call: &Call, name: &str) -> Result<(Work, String)> {
    let account = account(call).await?;
    let mut work = call.work().await?;
    if store::list_tokens(&mut work.tx, &account.id).await?.len() >= TOKENS {
        return Err(Error::not_now(
            "Đã có 20 mã truy cập còn hiệu lực. Hãy thu hồi mã không dùng nữa trước.",
            "There are 20 good tokens already. Revoke those no longer used first.",
        ));
    }
    let token = format!("ungcuu_{}", chance::secret());
    let id = work.app.chance.id("tok", work.now);
    store::insert_token(&mut work.tx, &id, &account.id, name, &token_hash(&token), call.now).await?;
    let login = &account.login;
    let what = text!("{login} tạo mã truy cập “{name}”", "{login} made the access token “{name}”");
    work.record(STREAM, "account.token_created", what, &[("api_tokens", &id)]);
    Ok((work, token))
}

/// Ends a token of one's own.
pub async fn revoke_token(call: &Call, id: &str) -> Result<Work> {
    let account = account(call).await?;
    let mut work = call.work().await?;
    if store::revoke_token(&mut work.tx, &account.id, id).await? == 0 {
        return Err(Error::NotFound);
    }
    let login = &account.login;
    let what = text!("{login} thu hồi một mã truy cập", "{login} revoked an access token");
    work.record(STREAM, "account.token_revoked", what, &[("api_tokens", id)]);
    Ok(work)
}

/// Remembers the language with the account.
pub async fn set_lang(call: &Call, lang: Lang) -> Result<()> {
    let Some(actor) = &call.actor else { return Ok(()) };
    let mut work = call.work().await?;
    store::set_lang(&mut work.tx, &actor.account_id, lang.tag()).await?;
    let what = Text::new("Đổi ngôn ngữ của mình", "Changed their language");
    work.record(STREAM, "account.lang_set", what, &[("accounts", actor.account_id.as_str())]);
    work.commit().await
}

/// Remembers the look with the account: `light`, `dark`, or empty for the machine's choice.
pub async fn set_theme(call: &Call, theme: &str) -> Result<()> {
    let Some(actor) = &call.actor else { return Ok(()) };
    let mut work = call.work().await?;
    store::set_theme(&mut work.tx, &actor.account_id, theme).await?;
    let what = Text::new("Đổi nền màn hình của mình", "Changed their theme");
    work.record(STREAM, "account.theme_set", what, &[("accounts", actor.account_id.as_str())]);
    work.commit().await
}

fn record(work: &mut Work, act: &'static str, what: Text, account: &Account) {
    work.record(STREAM, act, what, &[("accounts", account.id.as_str())]);
}
