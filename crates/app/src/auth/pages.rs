//! The door, and the pages of one's own account.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text::{Lang, Text};

use super::entrance::{Entered, Shown};
use super::model::{AccountRow, ApiToken, DemoAccount, OpenSession, Role};
use super::{COOKIE, DEMO_ACCOUNTS, WAITING, actions, entrance, local_path, own, qr, sign_in_place, store, totp};
use crate::notify::Reach;
use crate::page::Page;
use crate::web::{A_YEAR, Call, Done, Kept, cookie_line};
use crate::work::Look;

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/sign_in.html")]
pub struct SignInView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    next: String,
    /// What was typed elsewhere before the session ended.
    #[serde(skip)]
    kept: String,
    /// The password was right; the one-time code is still owed.
    code_needed: bool,
    /// Accounts to try, in a demonstration only.
    demo: Vec<DemoAccount>,
}

impl SignInView {
    /// Where somebody goes on who is signed in already.
    fn place(&self) -> &str {
        if self.next.is_empty() { "/" } else { &self.next }
    }
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct SignInQuery {
    /// Where to go after signing in: a path of this site.
    next: String,
}

pub async fn sign_in_page(call: Call) -> Result<SignInView> {
    let query: SignInQuery = call.query()?;
    let mut demo = Vec::new();
    if call.app.settings.demonstration {
        let setting = crate::setting::read(&mut call.app.db.read().await?, DEMO_ACCOUNTS).await?;
        demo = setting.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default();
    }
    Ok(SignInView {
        code_needed: entrance::waiting(&call).await?.is_some(),
        next: local_path(&query.next).unwrap_or_default().to_owned(),
        kept: call.form.value("kept").unwrap_or_default().to_owned(),
        demo,
        p: Page::bare(&call, Text::new("Đăng nhập", "Sign in")),
    })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct SignInForm {
    login: Raw,
    password: Raw,
    /// The one-time code, where codes are on. May be sent at once or after being asked.
    code: Raw,
    next: Raw,
    /// Forgets the password already shown and begins anew.
    again: Raw,
    /// What was typed elsewhere before the session ended, as the page of the sign-in carries it.
    kept: Raw,
}

pub async fn sign_in(call: Call, form: SignInForm) -> Result<Done> {
    let next = local_path(form.next.as_str()).unwrap_or_default().to_owned();
    let back = sign_in_place(&next);
    let no_longer_waiting = cookie_line(&call.app, WAITING, "", Some(0));
    let kept = Kept::read(&call, &form.kept.0);
    if form.again.ticked() {
        return Ok(Done::to(back).cookie(no_longer_waiting).restoring(kept.map(Kept::carry_on)));
    }
    let mut checks = Checks::new();
    if form.code.is_empty() || !form.login.is_empty() {
        checks.line("login", &form.login);
        // Blanks at the ends of a password count.
        if form.password.0.is_empty() {
            checks.refuse("password", ungcuu_kit::form::empty());
        }
    }
    checks.done()?;
    let shown = Shown { login: form.login.as_str(), password: &form.password.0, code: form.code.as_str() };
    match entrance::sign_in(&call, shown).await? {
        Entered::CodeNeeded { token } => Ok(Done::to(back)
            .with(serde_json::json!({ "code_needed": true }))
            .cookie(entrance::waiting_cookie(&call.app, &token))
            .restoring(kept.map(Kept::carry_on))),
        Entered::In { token, must_change, csrf } => {
            let place = match (must_change, next.is_empty()) {
                (true, _) => "/account".to_owned(),
                (false, true) => "/".to_owned(),
                (false, false) => next,
            };
            Ok(Done::to(place)
                .with(serde_json::json!({ "csrf": csrf, "must_change_password": must_change }))
                .cookie(cookie_line(&call.app, COOKIE, &token, None))
                .cookie(no_longer_waiting)
                .restoring(kept.map(Kept::form)))
        }
    }
}

/// A form with nothing in it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Nothing {}

pub async fn sign_out(call: Call, _: Nothing) -> Result<Done> {
    entrance::sign_out(&call).await?;
    let gone = cookie_line(&call.app, COOKIE, "", Some(0));
    Ok(Done::to("/sign-in").cookie(gone).saying(Text::new("Đã đăng xuất.", "You are signed out.")))
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/account.html")]
pub struct AccountView {
    #[serde(skip)]
    p: Page,
    account: AccountRow,
    roles: Vec<Role>,
    sessions: Vec<OpenSession>,
    tokens: Vec<ApiToken>,
    /// How the account is told.
    reach: Reach,
    #[serde(skip)]
    this_session: String,
}

pub async fn account(call: Call) -> Result<AccountView> {
    let account = own::account(&call).await?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Tài khoản của tôi", "My account")).await?;
    Ok(AccountView {
        roles: roles_of(&mut look, &account.id, p.lang).await?,
        sessions: store::list_sessions(&mut look.tx, &account.id, entrance::good_since(call.now), call.now).await?,
        tokens: store::list_tokens(&mut look.tx, &account.id).await?,
        reach: Reach::read(&mut look.tx, &call.app, &account.id, call.lang).await?,
        account: AccountRow::from(&account),
        this_session: call.session.as_ref().map(|session| session.id.clone()).unwrap_or_default(),
        p,
    })
}

/// The roles of an account in words.
pub(super) async fn roles_of(look: &mut Look, account: &super::AccountId, lang: Lang) -> Result<Vec<Role>> {
    let grants = store::list_grants(&mut look.tx, std::slice::from_ref(account)).await?;
    let pack = &look.app.pack;
    let role = |grant: super::model::GrantRow| Role {
        name: actions::role_name(pack, &grant.role).get(lang).to_owned(),
        unit: grant.unit_name.unwrap_or_default(),
        grant: grant.id,
    };
    Ok(grants.into_iter().map(role).collect())
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct PasswordForm {
    /// The present password.
    password: Raw,
    password_new: Raw,
    /// The new password once more.
    password_again: Raw,
}

pub async fn password(call: Call, form: PasswordForm) -> Result<Done> {
    let token = own::change_password(&call, &form.password.0, &form.password_new.0, &form.password_again.0).await?;
    Ok(Done::to("/account").cookie(cookie_line(&call.app, COOKIE, &token, None)).saying(Text::new(
        "Đã đổi mật khẩu. Các phiên khác của bạn đã kết thúc.",
        "The password is changed. Your other sessions have ended.",
    )))
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "auth/html/totp.html")]
pub struct TotpView {
    #[serde(skip)]
    p: Page,
    /// Codes are on already.
    on: bool,
    secret: String,
    /// The address a telephone's program reads.
    address: String,
}

impl TotpView {
    /// The secret in groups of four, as people type it.
    fn grouped(&self) -> String {
        let letters: Vec<char> = self.secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The address as a picture: width, and one path over its dark squares.
    fn picture(&self) -> Option<(usize, String)> {
        qr::encode(self.address.as_bytes()).map(|code| (code.width(), code.path()))
    }
}

pub async fn totp_page(call: Call) -> Result<TotpView> {
    let account = own::account(&call).await?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Bật mã một lần", "Turn on one-time codes")).await?;
    // After a wrong code the secret stays the one that is on the telephone by now.
    let typed = p.form.values.iter().find(|(name, _)| name == "secret" && p.form.action == "/account/totp");
    let secret = match typed {
        Some((_, secret)) => secret.clone(),
        None => totp::new_secret()?,
    };
    let address = totp::address(&secret, &account.login, call.app.pack.locality.get(p.lang));
    Ok(TotpView { on: account.totp_secret.is_some(), secret, address, p })
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TotpForm {
    secret: Raw,
    code: Raw,
}

pub async fn totp_on(call: Call, form: TotpForm) -> Result<Done> {
    let work = own::turn_on_totp(&call, form.secret.as_str(), form.code.as_str()).await?;
    Ok(work.done("/account").await?.saying(Text::new(
        "Đã bật mã một lần. Từ nay khi đăng nhập, hãy nhập thêm mã trên điện thoại.",
        "One-time codes are on. From now on enter the code on your telephone when you sign in.",
    )))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TotpOffForm {
    password: Raw,
}

pub async fn totp_off(call: Call, form: TotpOffForm) -> Result<Done> {
    let work = own::turn_off_totp(&call, &form.password.0).await?;
    Ok(work.done("/account").await?.saying(Text::new("Đã tắt mã một lần.", "One-time codes are off.")))
}

pub async fn end_sessions(call: Call, _: Nothing) -> Result<Done> {
    let work = own::end_other_sessions(&call).await?;
    Ok(work.done("/account").await?.saying(Text::new("Các phiên khác đã kết thúc.", "The other sessions have ended.")))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct TokenForm {
    /// What the token is for.
    name: Raw,
}

pub async fn create_token(call: Call, form: TokenForm) -> Result<Done> {
    let mut checks = Checks::new();
    let name = checks.line("name", &form.name);
    checks.done()?;
    let (work, token) = own::create_token(&call, &name).await?;
    let done = work.done("/account").await?.with(serde_json::json!({ "token": token }));
    Ok(done.saying(ungcuu_kit::text!(
        "Mã truy cập “{name}”: {token} — hãy chép ngay, mã chỉ hiện một lần này.",
        "Access token “{name}”: {token} — copy it now, it is shown only this once."
    )))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct RevokeForm {
    id: Raw,
}

pub async fn revoke_token(call: Call, form: RevokeForm) -> Result<Done> {
    let work = own::revoke_token(&call, form.id.as_str()).await?;
    Ok(work.done("/account").await?.saying(Text::new("Đã thu hồi mã truy cập.", "The access token is revoked.")))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct LangForm {
    /// `vi` or `en`.
    lang: Raw,
    #[serde(rename = "_page")]
    #[schemars(skip)]
    page: Raw,
}

pub async fn lang(call: Call, form: LangForm) -> Result<Done> {
    let lang = Lang::from_tag(form.lang.as_str());
    own::set_lang(&call, lang).await?;
    let tag = lang.tag();
    Ok(Done::to(back(&call, &form.page)).cookie(choice_cookie(&call, "lang", tag)))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ThemeForm {
    /// `light`, `dark`, or empty for the machine's choice.
    theme: Raw,
    #[serde(rename = "_page")]
    #[schemars(skip)]
    page: Raw,
}

pub async fn theme(call: Call, form: ThemeForm) -> Result<Done> {
    let theme = match form.theme.as_str() {
        known @ ("light" | "dark" | "") => known,
        _ => return Err(Error::field("theme", ungcuu_kit::form::unknown())),
    };
    own::set_theme(&call, theme).await?;
    Ok(Done::to(back(&call, &form.page)).cookie(choice_cookie(&call, "theme", theme)))
}

/// Remembered for a year, also when signed out.
fn choice_cookie(call: &Call, name: &str, value: &str) -> String {
    let age = if value.is_empty() { 0 } else { A_YEAR };
    cookie_line(&call.app, name, value, Some(age))
}

/// The page a small form was sent from: its own word, else the `Referer`; always a path of this site.
fn back(call: &Call, page: &Raw) -> String {
    if let Some(path) = local_path(page.as_str()) {
        return path.to_owned();
    }
    call.came_from().unwrap_or_else(|| "/".to_owned())
}
