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
    /// The same sequence for the same seed; identifiers of one millisecond come out in the order they were asked for.
    Seeded(Arc<Mutex<Sequence>>),
}

/// A seeded generator and the last identifier it gave.
#[derive(Debug)]
pub struct Sequence {
    rng: StdRng,
    millis: u64,
    last: u128,
}

impl Sequence {
    fn next(&mut self, millis: u64) -> u128 {
        // Begins with 64 random bits of 80: counting up within a millisecond never runs out.
        self.last = if millis == self.millis { self.last + 1 } else { u128::from(self.rng.next_u64()) };
        self.millis = millis;
        self.last
    }
}

impl Chance {
    /// The same sequence for the same seed.
    pub fn seeded(seed: u64) -> Chance {
        let sequence = Sequence { rng: StdRng::seed_from_u64(seed), millis: 0, last: 0 };
        Chance::Seeded(Arc::new(Mutex::new(sequence)))
    }

    /// A time-ordered identifier: three letters, `_`, and 26 letters of Crockford's base 32 (a ULID).
    pub fn id(&self, prefix: &str, now: Time) -> String {
        let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
        let random = match self {
            Chance::System => {
                let mut bytes = [0; 16];
                rand::rng().fill_bytes(&mut bytes);
                u128::from_le_bytes(bytes)
            }
            Chance::Seeded(sequence) => sequence.lock().expect("no holder of this lock panics").next(millis),
        };
        format!("{prefix}_{}", ulid::Ulid::from_parts(millis, random))
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
