//! Who may come in: accounts with roles, sessions, API tokens, throttled sign-in, one-time codes.

pub mod actions;
mod identity;
mod throttle;

use ungcuu_kit::id_type;

pub use identity::{Identity, Session, identify};
pub use throttle::Throttle;

use crate::feature::Feature;

id_type!(
    /// An account.
    AccountId, "acc"
);

/// The cookie that carries a session's token.
pub const COOKIE: &str = "ungcuu_session";

/// What this feature brings.
pub fn feature() -> Feature {
    Feature { tables: &["accounts", "grants", "api_tokens"], ..Feature::default() }
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
