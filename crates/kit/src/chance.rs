//! Randomness, passed in like the clock: the system's generator, or a seeded one so that a demonstration comes out the
//! same twice. Secrets never come from the seeded one.

use std::sync::{Arc, Mutex};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::time::Time;

/// Where identifiers get their random half from.
#[derive(Clone, Debug)]
pub enum Chance {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Chance {
    /// The same sequence for the same seed.
    pub fn seeded(seed: u64) -> Chance {
        Chance::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A time-ordered identifier: three letters, `_`, and 26 letters of Crockford's base 32 (a ULID).
    pub fn id(&self, prefix: &str, now: Time) -> String {
        let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
        let mut bytes = [0; 16];
        match self {
            Chance::System => rand::rng().fill_bytes(&mut bytes),
            Chance::Seeded(rng) => rng.lock().expect("no holder of this lock panics").fill_bytes(&mut bytes),
        }
        format!("{prefix}_{}", ulid::Ulid::from_parts(millis, u128::from_le_bytes(bytes)))
    }
}

/// What every identifier of this prefix made at or after a moment sorts behind, so that a list can be bounded in time by
/// the index of its ids.
pub fn id_floor(prefix: &str, at: Time) -> String {
    let millis = u64::try_from(at.0 / 1000).unwrap_or(0);
    format!("{prefix}_{}", ulid::Ulid::from_parts(millis, 0))
}

/// 32 random bytes as hexadecimal: session tokens, API tokens, CSRF tokens. Always from the system.
pub fn secret() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// A code people read aloud: letters and digits that are not mistaken for one another, `length` of them.
pub fn spoken_code(length: usize) -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    let mut rng = rand::rng();
    let mut code = String::with_capacity(length);
    while code.len() < length {
        let draw = rng.next_u32() as usize % 32;
        if let Some(letter) = LETTERS.get(draw) {
            code.push(*letter as char);
        }
    }
    code
}
