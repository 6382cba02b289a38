//! Passwords: argon2id with the library's recommended parameters, always off the async threads.

use anyhow::Context;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::error::Result;
use crate::text::Text;

/// Hashes a password. Takes some 20 ms of one core and 19 MiB.
pub async fn hash(password: String) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|cause| anyhow::anyhow!("hashing a password: {cause}"))
    });
    Ok(hashed.await.context("hashing a password")??)
}

/// Whether the password fits the stored hash; a hash that cannot be read fits nothing.
pub async fn verify(password: String, stored: String) -> bool {
    tokio::task::spawn_blocking(move || match PasswordHash::new(&stored) {
        Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(_) => false,
    })
    .await
    .unwrap_or(false)
}

/// What is wrong with a new password, if anything: too short, too long, or made of one letter.
pub fn weakness(password: &str) -> Option<Text> {
    let length = password.chars().count();
    if length < 10 {
        return Some(Text::new("Mật khẩu cần ít nhất 10 ký tự.", "A password needs at least 10 characters."));
    }
    if length > 200 {
        return Some(Text::new("Mật khẩu dài quá 200 ký tự.", "A password has at most 200 characters."));
    }
    let first = password.chars().next();
    if password.chars().all(|letter| Some(letter) == first) {
        return Some(Text::new("Mật khẩu này quá dễ đoán.", "This password is too easy to guess."));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let stored = hash("mật khẩu dài 123".to_owned()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("mật khẩu dài 123".to_owned(), stored.clone()).await);
        assert!(!verify("mật khẩu dài 124".to_owned(), stored).await);
        assert!(!verify("x".to_owned(), "broken".to_owned()).await);
    }
}
