//! One event against the rules of its class.

use super::class::{Class, Node, NodeId, Place, Slot};
use super::lazy::Lazy;
use super::literals::fold_into;
use crate::event::{Event, Field, Kind};

/// One thread's working memory. Predicates carry the number of the event for which they were told, so that nothing needs
/// clearing between events.
#[derive(Default)]
pub struct Matcher {
    now: u32,
    /// By predicate: the event for which it was told.
    told: Vec<u32>,
    /// By lazy comparison: the event for which it was looked at, and what came out.
    looked: Vec<(u32, bool)>,
    /// By rule of the class: the event for which it was woken.
    woken: Vec<u32>,
    candidates: Vec<u32>,
    folded: Vec<u8>,
    /// How many rules were looked at, over all events.
    pub looked_at: u64,
}

struct Round<'a> {
    now: u32,
    told: &'a mut [u32],
    woken: &'a mut [u32],
    candidates: &'a mut Vec<u32>,
    class: &'a Class,
}

impl Round<'_> {
    fn tell(&mut self, predicate: u32) {
        let told = &mut self.told[predicate as usize];
        if *told == self.now {
            return;
        }
        *told = self.now;
        for rule in &self.class.woken[predicate as usize] {
            let woken = &mut self.woken[*rule as usize];
            if *woken != self.now {
                *woken = self.now;
                self.candidates.push(*rule);
            }
        }
    }

    /// A value of a slot; `folded` is the value folded.
    fn value(&mut self, slot: &Slot, folded: &[u8], kind: Kind) {
        if let Some(present) = slot.present {
            self.tell(present);
        }
        // Windows cannot say null: in its logs a value that is not there is an empty one.
        if (kind == Kind::Null || folded.is_empty())
            && let Some(nulled) = slot.nulled
        {
            self.tell(nulled);
        }
        if kind == Kind::Null {
            return;
        }
        if let Some(filled) = slot.filled {
            self.tell(filled);
        }
        slot.literals.search(folded, |predicate| self.tell(predicate));
    }
}

impl Matcher {
    /// Nothing matched yet.
    #[must_use]
    pub fn new() -> Matcher {
        Matcher::default()
    }

    /// Appends the numbers of the rules that the event fires, in ascending order. The event must have been read with the
    /// names of the class's engine.
    pub fn run(&mut self, class: &Class, event: &Event, fired: &mut Vec<u32>) {
        if self.now == u32::MAX {
            *self = Matcher { looked_at: self.looked_at, ..Matcher::default() };
        }
        self.now += 1;
        let grow = |list: &mut Vec<u32>, to: usize| {
            if list.len() < to {
                list.resize(to, 0);
            }
        };
        grow(&mut self.told, class.woken.len());
        grow(&mut self.woken, class.rules.len());
        if self.looked.len() < class.lazies.len() {
            self.looked.resize(class.lazies.len(), (0, false));
        }
        self.candidates.clear();
        self.candidates.extend_from_slice(&class.always);
        let mut round = Round {
            now: self.now,
            told: &mut self.told,
            woken: &mut self.woken,
            candidates: &mut self.candidates,
            class,
        };
        let anything: &[u32] = if event.line().is_some() { &[] } else { &class.anything };
        for field in event.fields() {
            let slots = class.by_number.get(usize::from(field.number)).map_or(&[][..], |slots| slots);
            let anything = if field.alias { &[][..] } else { anything };
            if slots.is_empty() && anything.is_empty() {
                continue;
            }
            fold_into(&mut self.folded, event.value_bytes(field));
            for slot in slots.iter().chain(anything) {
                round.value(&class.slots[*slot as usize], &self.folded, field.kind);
            }
        }
        let lines = if event.line().is_some() { &class.anything[..] } else { &[] };
        for slot in class.others.iter().chain(lines) {
            let slot = &class.slots[*slot as usize];
            each_value(slot, event, &mut |value, kind| {
                fold_into(&mut self.folded, value.as_bytes());
                round.value(slot, &self.folded, kind);
                false
            });
        }
        let before = fired.len();
        self.looked_at += self.candidates.len() as u64;
        let candidates = std::mem::take(&mut self.candidates);
        for candidate in &candidates {
            let (rule, root) = class.rules[*candidate as usize];
            if self.holds(class, event, root) {
                fired.push(rule);
            }
        }
        self.candidates = candidates;
        fired[before..].sort_unstable();
    }

    // The depth is that of the rule's condition, which is bounded when it is read.
    fn holds(&mut self, class: &Class, event: &Event, node: NodeId) -> bool {
        match &class.nodes[node as usize] {
            Node::Known(value) => *value,
            Node::Literal(predicate) => self.told[*predicate as usize] == self.now,
            Node::Lazy(lazy) => self.lazy(class, event, *lazy),
            Node::Not(inner) => !self.holds(class, event, *inner),
            Node::All(parts) => parts.iter().all(|part| self.holds(class, event, *part)),
            Node::Any(parts) => parts.iter().any(|part| self.holds(class, event, *part)),
            Node::AtLeast(least, parts) => {
                let mut left = *least;
                for part in parts {
                    if self.holds(class, event, *part) {
                        left -= 1;
                        if left == 0 {
                            return true;
                        }
                    }
                }
                false
            }
        }
    }

    fn lazy(&mut self, class: &Class, event: &Event, number: u32) -> bool {
        if let (now, value) = self.looked[number as usize]
            && now == self.now
        {
            return value;
        }
        let lazy = &class.lazies[number as usize];
        let value = lazy.behind.iter().any(|predicate| self.told[*predicate as usize] == self.now)
            && compare(class, event, lazy);
        self.looked[number as usize] = (self.now, value);
        value
    }
}

fn compare(class: &Class, event: &Event, lazy: &Lazy) -> bool {
    let mut holds = false;
    each_value(&class.slots[lazy.slot as usize], event, &mut |value, kind| {
        holds = kind != Kind::Null
            && match lazy.question.other {
                None => lazy.question.holds(value),
                Some(other) => {
                    let mut beside = false;
                    each_value(&class.slots[other as usize], event, &mut |other, kind| {
                        beside = kind != Kind::Null && lazy.question.holds_of_both(value, other);
                        beside
                    });
                    beside
                }
            };
        holds
    });
    holds
}

/// Visits the values of a slot until the visitor says that it has seen enough.
fn each_value(slot: &Slot, event: &Event, visit: &mut dyn FnMut(&str, Kind) -> bool) {
    let fields = |number: u16| event.fields().iter().filter(move |field: &&Field| field.number == number);
    match &slot.place {
        Place::Field(numbers) => {
            let Some(number) = numbers.iter().find(|number| fields(**number).next().is_some()) else { return };
            for field in fields(*number) {
                if visit(event.value(field), field.kind) {
                    return;
                }
            }
        }
        Place::Provider => {
            if !event.provider().is_empty() {
                visit(event.provider(), Kind::Text);
            }
        }
        Place::Anything => match event.line() {
            Some(line) => _ = visit(line, Kind::Text),
            None => {
                for field in event.fields().iter().filter(|field| !field.alias) {
                    if visit(event.value(field), field.kind) {
                        return;
                    }
                }
            }
        },
    }
}
