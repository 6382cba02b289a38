//! One-time codes by RFC 6238: six digits, thirty seconds, one step of grace for clocks that differ.

use totp_rs::{Builder, Secret, Totp};
use ungcuu_kit::chance;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::time::Time;

/// A fresh secret of 160 bits in base 32, as people type it into their telephone.
pub fn new_secret() -> Result<String> {
    let mut bytes = hex::decode(chance::secret()).map_err(Error::internal)?;
    bytes.truncate(20);
    Ok(Secret::new(bytes.into_boxed_slice()).to_base32())
}

/// The step of a code that is right at this moment.
pub fn step_of(secret: &str, code: &str, now: Time) -> Option<i64> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let seconds = u64::try_from(now.0 / 1_000_000).ok()?;
    let step = generator(secret)?.check(&code, seconds)?;
    i64::try_from(step).ok()
}

/// The address that a telephone's program reads the secret from.
pub fn address(secret: &str, login: &str, issuer: &str) -> String {
    let part =
        |words: &str| url::form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>().replace('+', "%20");
    let (issuer, login) = (part(issuer), part(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

/// The code of this moment, for tests of whoever signs in.
pub fn code_at(secret: &str, now: Time) -> Option<String> {
    let seconds = u64::try_from(now.0 / 1_000_000).ok()?;
    Some(generator(secret)?.generate(seconds).to_string())
}

fn generator(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ungcuu_kit::time::MINUTE;

    #[test]
    fn a_code_holds_for_its_half_minute_and_one_either_side() {
        let secret = new_secret().expect("a secret");
        let now = Time::parse("15/03/2023 12:00").expect("a moment");
        let code = code_at(&secret, now).expect("a code");
        let step = step_of(&secret, &code, now).expect("the code of now");
        assert_eq!(step_of(&secret, &format!("{} {}", &code[..3], &code[3..]), now.plus(MINUTE / 2)), Some(step));
        assert_eq!(step_of(&secret, &code, now.plus(2 * MINUTE)), None);
        assert_eq!(step_of("không phải", &code, now), None);
        assert_eq!(step_of(&secret, "12345", now), None);
    }
}
