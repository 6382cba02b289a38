//! The things of the demonstration that the story hands in: logs that show the attack line by line, a mail, pictures. All
//! of them are made here, the same each time for the same moment; every address is one kept for documentation.

pub mod events;
pub mod logs;
pub mod mail;
pub mod picture;
pub mod rules;

/// A small generator for props only: what comes out has to look like traffic, not to be hard to guess.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = usize::try_from(self.below(from.len() as u64)).unwrap_or_default();
        &from[place]
    }
}
