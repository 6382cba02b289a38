//! Slows down guessing: a few sign-ins per minute for one account name and for one address.

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::http::StatusCode;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

/// Counts attempts in this process; after a restart it begins anew.
pub struct Throttle {
    logins: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    reports: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        let per_minute = |count: u32| Quota::per_minute(NonZeroU32::new(count).expect("a positive number"));
        Throttle {
            logins: RateLimiter::keyed(per_minute(10)),
            addresses: RateLimiter::keyed(per_minute(60)),
            reports: RateLimiter::keyed(per_minute(30)),
        }
    }
}

impl Throttle {
    /// Lets one attempt to sign in through, or says to wait.
    pub fn sign_in(&self, login: &str, address: IpAddr) -> Result<()> {
        self.forget_idle();
        if self.addresses.check_key(&address).is_err() || self.logins.check_key(&login.to_lowercase()).is_err() {
            return Err(wait());
        }
        Ok(())
    }

    /// Lets one public report through, or says to wait. Offices share one address, hence the generous number.
    pub fn report(&self, address: IpAddr) -> Result<()> {
        self.forget_idle();
        self.reports.check_key(&address).map_err(|_| wait())
    }

    /// Keys that are idle are dropped, so that a flood of names does not fill the memory.
    fn forget_idle(&self) {
        if self.logins.len() > 10_000 {
            self.logins.retain_recent();
        }
        if self.addresses.len() > 10_000 {
            self.addresses.retain_recent();
        }
        if self.reports.len() > 10_000 {
            self.reports.retain_recent();
        }
    }
}

fn wait() -> Error {
    Error::Limit(
        StatusCode::TOO_MANY_REQUESTS,
        Text::new(
            "Thử quá nhiều lần. Hãy đợi một phút rồi thử lại.",
            "Too many attempts. Wait a minute and try again.",
        ),
    )
}
