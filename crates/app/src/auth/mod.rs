//! Who may come in: accounts with roles, sessions, API tokens, throttled sign-in, one-time codes.
//!
//! `entrance` is the door, `own` what people do to their own account, `actions` what an administrator does to others'.

pub mod actions;
mod entrance;
mod identity;
mod manage;
mod model;
mod own;
mod pages;
mod qr;
mod store;
mod throttle;
pub mod totp;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;

pub use identity::{Identity, Session, actor_of, identify};
pub use model::DemoAccount;
pub use store::{anyone, anyone_holds};
pub use throttle::Throttle;

use crate::feature::{Feature, Group, NavEntry};
use crate::org::PersonId;
use crate::permission::Permission;
use crate::web::{Access, Routes};

id_type!(
    /// An account.
    AccountId, "acc"
);

/// The cookie that carries a session's token.
pub const COOKIE: &str = "ungcuu_session";
/// The cookie between the password and the one-time code.
pub const WAITING: &str = "ungcuu_waiting";
/// The setting that lists the demonstration's accounts: a JSON list of [`DemoAccount`].
pub const DEMO_ACCOUNTS: &str = "demo_accounts";

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: own_routes().and(manage_routes()),
        nav: vec![NavEntry {
            group: Group::Administration,
            href: "/accounts",
            label: Text::new("Tài khoản", "Accounts"),
            permission: Some(Permission::AccountManage),
            count: None,
        }],
        tables: &["accounts", "grants", "api_tokens"],
        ..Feature::default()
    }
}

fn own_routes() -> Routes {
    let (public, own) = (Access::Public, Access::SignedIn);
    Routes::new()
        .page("/sign-in", public, Text::new("Trang đăng nhập", "Sign-in page"), pages::sign_in_page)
        .asks::<pages::SignInQuery>()
        .act("/sign-in", public, Text::new("Đăng nhập", "Sign in"), pages::sign_in)
        .act("/sign-out", public, Text::new("Đăng xuất", "Sign out"), pages::sign_out)
        .act("/account/lang", public, Text::new("Chọn ngôn ngữ", "Choose the language"), pages::lang)
        .act("/account/theme", public, Text::new("Chọn nền màn hình", "Choose the theme"), pages::theme)
        .page("/account", own, Text::new("Tài khoản của tôi", "My account"), pages::account)
        .act("/account/password", own, Text::new("Đổi mật khẩu", "Change the password"), pages::password)
        .page("/account/totp", own, Text::new("Bật mã một lần", "Turn on one-time codes"), pages::totp_page)
        .act("/account/totp", own, Text::new("Bật mã một lần", "Turn on one-time codes"), pages::totp_on)
        .act("/account/totp/off", own, Text::new("Tắt mã một lần", "Turn off one-time codes"), pages::totp_off)
        .act(
            "/account/sessions/end",
            own,
            Text::new("Kết thúc các phiên khác", "End other sessions"),
            pages::end_sessions,
        )
        .act("/account/tokens", own, Text::new("Tạo mã truy cập", "Make an access token"), pages::create_token)
        .act(
            "/account/tokens/revoke",
            own,
            Text::new("Thu hồi mã truy cập", "Revoke an access token"),
            pages::revoke_token,
        )
}

fn manage_routes() -> Routes {
    let need = Access::Need(Permission::AccountManage);
    Routes::new()
        .page("/accounts", need, Text::new("Danh sách tài khoản", "Accounts"), manage::list)
        .asks::<manage::ListQuery>()
        .page("/accounts/new", need, Text::new("Thêm tài khoản", "New account"), manage::new)
        .asks::<manage::NewQuery>()
        .act("/accounts/new", need, Text::new("Thêm tài khoản", "Create an account"), manage::create)
        .page("/accounts/{id}", need, Text::new("Một tài khoản", "One account"), manage::detail)
        .act("/accounts/{id}/roles", need, Text::new("Giao vai trò", "Give a role"), manage::give_role)
        .act("/accounts/{id}/roles/take", need, Text::new("Bỏ vai trò", "Take a role"), manage::take_role)
        .act("/accounts/{id}/reset", need, Text::new("Đặt lại mật khẩu", "Reset the password"), manage::reset)
        .act("/accounts/{id}/disable", need, Text::new("Khoá tài khoản", "Disable"), manage::disable)
        .act("/accounts/{id}/enable", need, Text::new("Mở lại tài khoản", "Enable"), manage::enable)
        .act(
            "/accounts/{id}/totp/remove",
            need,
            Text::new("Gỡ mã một lần", "Remove one-time codes"),
            manage::remove_totp,
        )
}

/// The account of a person, if they have one.
pub async fn account_of(tx: &mut Tx, person: &PersonId) -> Result<Option<AccountId>> {
    Ok(store::find_by_person(tx, person).await?.map(|account| account.id))
}

/// The pages that a one-time password opens: its own change, and the way out.
pub fn reachable_before_change(path: &str) -> bool {
    matches!(path, "/account" | "/account/password" | "/sign-out")
}

/// How a token is stored: only its SHA-256.
pub fn token_hash(token: &str) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(token.as_bytes()))
}

/// A path of this site, for coming back to; anything that could lead elsewhere is none.
pub fn local_path(path: &str) -> Option<&str> {
    let own = path.starts_with('/') && !path.starts_with("//");
    let plain = !path.chars().any(|letter| letter == '\\' || letter.is_control() || letter.is_whitespace());
    (own && plain && path.len() <= 2000).then_some(path)
}

/// Where one signs in and then goes on to this path; to one's own page when it is empty.
pub fn sign_in_place(next: &str) -> String {
    if next.is_empty() {
        return "/sign-in".to_owned();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/sign-in?next={next}")
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_come_back_to() {
        assert_eq!(local_path("/incidents?state=open"), Some("/incidents?state=open"));
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "", "incidents", "/\t/e"]
        {
            assert_eq!(local_path(elsewhere), None, "{elsewhere:?}");
        }
    }
}
