//! Work for several threads whose results come out in the order in which it was handed out.
//!
//! One thread hands out, several work, the caller's own takes what came of it, one after another. A bounded window keeps
//! memory independent of how much there is to do.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Condvar, Mutex};

/// Nobody takes results any more.
pub(crate) struct Ended;

/// Where units of work are handed out.
pub(crate) struct Hand<'g, U> {
    gate: &'g Gate,
    most: u64,
    next: u64,
    give: SyncSender<(u64, U)>,
}

impl<U> Hand<'_, U> {
    /// Hands out a unit, as soon as there is room for it.
    pub fn give(&mut self, unit: U) -> Result<(), Ended> {
        if !self.gate.wait(self.next, self.most) {
            return Err(Ended);
        }
        let number = self.next;
        self.next += 1;
        self.give.send((number, unit)).map_err(|_| Ended)
    }
}

/// What came of it.
pub(crate) struct Ran<W> {
    /// What the thread that handed out came to; none when it broke off.
    pub handed: Option<W>,
    /// Whether the result of every unit was taken.
    pub whole: bool,
}

/// How far results have been taken.
#[derive(Default)]
struct Gate {
    /// Results taken, and whether somebody waits for it to grow.
    taken: Mutex<(u64, bool)>,
    moved: Condvar,
    stop: AtomicBool,
}

impl Gate {
    /// Waits until there is room for another unit; false when all has ended.
    fn wait(&self, number: u64, most: u64) -> bool {
        let Ok(mut taken) = self.taken.lock() else { return false };
        while number >= taken.0 + most && !self.stop.load(Ordering::Relaxed) {
            taken.1 = true;
            match self.moved.wait(taken) {
                Ok(next) => taken = next,
                Err(_) => return false,
            }
        }
        !self.stop.load(Ordering::Relaxed)
    }

    fn advance(&self, to: u64) {
        let Ok(mut taken) = self.taken.lock() else { return };
        taken.0 = to;
        if std::mem::take(&mut taken.1) {
            self.moved.notify_all();
        }
    }

    fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.advance(u64::MAX / 2);
    }
}

/// Ends everything when its thread panics, so that nobody waits for it.
struct Guard<'g>(&'g Gate);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// Runs it all. `threads`: how many work, at least one; `under_way`: how many units there may be for each of them, waiting,
/// worked on, or done and not yet taken. `worker` is called once in every thread for what does the work there.
///
/// # Errors
/// The first of `take`; nothing is taken after it.
pub(crate) fn run<U, D, W, F, E>(
    threads: usize,
    under_way: usize,
    hand_out: impl FnOnce(&mut Hand<U>) -> W + Send,
    worker: impl Fn() -> F + Sync,
    mut take: impl FnMut(D) -> Result<(), E>,
) -> Result<Ran<W>, E>
where
    U: Send,
    D: Send,
    W: Send,
    F: FnMut(U) -> D,
{
    let threads = threads.max(1);
    let most = threads * under_way;
    let (give, units) = mpsc::sync_channel(most);
    let (hand_in, results) = mpsc::sync_channel(most);
    let (gate, units) = (Gate::default(), Mutex::new(units));
    let (gate, units, worker) = (&gate, &units, &worker);
    std::thread::scope(|scope| {
        let hand = Hand { gate, most: most as u64, next: 0, give };
        let handing = scope.spawn(move || {
            let mut hand = hand;
            hand_out(&mut hand)
        });
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let hand_in = hand_in.clone();
                scope.spawn(move || work(gate, units, worker(), &hand_in))
            })
            .collect();
        drop(hand_in);
        let taken = in_order(gate, &results, &mut take);
        if taken.is_err() {
            gate.end();
            // Threads that wait to hand in must be able to.
            while results.recv().is_ok() {}
        }
        // Each is waited for, also behind one that broke off.
        let broken = workers.into_iter().filter_map(|worker| worker.join().err()).count();
        let handed = handing.join().ok();
        taken.map(|all| Ran { handed, whole: all && broken == 0 })
    })
}

/// Takes units until there are no more.
fn work<U, D>(
    gate: &Gate,
    units: &Mutex<Receiver<(u64, U)>>,
    mut worker: impl FnMut(U) -> D,
    hand_in: &SyncSender<(u64, D)>,
) {
    let _guard = Guard(gate);
    loop {
        let unit = match units.lock() {
            Ok(units) => units.recv(),
            Err(_) => return,
        };
        let Ok((number, unit)) = unit else { return };
        if hand_in.send((number, worker(unit))).is_err() {
            return;
        }
    }
}

/// Takes results in their order; false when one never came.
fn in_order<D, E>(
    gate: &Gate,
    results: &Receiver<(u64, D)>,
    take: &mut impl FnMut(D) -> Result<(), E>,
) -> Result<bool, E> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, done) in results {
        waiting.insert(number, done);
        while let Some(done) = waiting.remove(&next) {
            next += 1;
            take(done)?;
            gate.advance(next);
        }
    }
    Ok(waiting.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand_out(hand: &mut Hand<u32>) -> u32 {
        (0..1_000).take_while(|unit| hand.give(*unit).is_ok()).count() as u32
    }

    #[test]
    fn results_come_in_the_order_of_the_work() {
        let mut taken = Vec::new();
        let ran = run(
            3,
            4,
            hand_out,
            || |unit| unit * 2,
            |done| {
                taken.push(done);
                Ok::<(), ()>(())
            },
        );
        let ran = ran.unwrap();
        assert!(ran.whole && ran.handed == Some(1_000));
        assert!(taken.iter().copied().eq((0..1_000).map(|unit| unit * 2)));
    }

    #[test]
    fn a_fault_in_taking_ends_it_all() {
        let ran = run(2, 4, hand_out, || |unit: u32| unit, |done| if done < 7 { Ok(()) } else { Err(done) });
        assert_eq!(ran.map(|_| ()), Err(7));
    }

    #[test]
    fn a_thread_that_breaks_off_is_told_and_nobody_waits_for_it() {
        let worker = || {
            |unit: u32| {
                assert!(unit != 500, "on purpose");
                unit
            }
        };
        let mut taken = 0;
        let ran = run(2, 4, hand_out, worker, |_| {
            taken += 1;
            Ok::<(), ()>(())
        });
        assert!(!ran.unwrap().whole);
        assert_eq!(taken, 500);
    }
}
