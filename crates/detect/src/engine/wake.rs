//! The last step of compiling a class: each rule is put behind the predicates that are cheapest to wait for, and the
//! literals of each field are built into one search.

use super::class::{Builder, Class, Node, NodeId, PROVIDER, Place, Slot, Told};
use super::literals::{Collected, Literals, Predicate};
use crate::evtx::Wanted;
use crate::sigma::Shape;

impl Builder<'_> {
    /// Builds the class; none when no rule is left in it.
    pub fn build(self) -> Option<Class> {
        if self.rules.is_empty() {
            return None;
        }
        let mut woken: Vec<Vec<u32>> = vec![Vec::new(); self.list.len()];
        let mut always = Vec::new();
        for (at, (_, root)) in self.rules.iter().enumerate() {
            match self.necessary(*root, true) {
                Some((_, predicates)) => {
                    for predicate in predicates {
                        if !woken[predicate as usize].contains(&(at as u32)) {
                            woken[predicate as usize].push(at as u32);
                        }
                    }
                }
                None => always.push(at as u32),
            }
        }
        let mut collected: Vec<(Collected, [Option<Predicate>; 3])> = Vec::new();
        collected.resize_with(self.places.len(), Default::default);
        for (number, (slot, told, _)) in self.list.into_iter().enumerate() {
            let number = number as Predicate;
            let (literals, states) = &mut collected[slot as usize];
            match told {
                Told::Present => states[0] = Some(number),
                Told::Filled => states[1] = Some(number),
                Told::Nulled => states[2] = Some(number),
                Told::Shape(Shape::Eq(text)) => literals.whole.push((text, number)),
                Told::Shape(Shape::StartsWith(text)) => literals.start.push((text, number)),
                Told::Shape(Shape::EndsWith(text)) => literals.end.push((text, number)),
                Told::Shape(Shape::Contains(text)) => literals.inside.push((text, number)),
                Told::Shape(Shape::Wild(_)) => {}
            }
        }
        let mut wanted = Wanted::default();
        let mut anything = Vec::new();
        let mut by_number: Vec<Vec<u32>> = vec![Vec::new(); self.names.len()];
        let mut others = Vec::new();
        for (id, place) in self.places.iter().enumerate() {
            match place {
                Place::Field(numbers) => {
                    numbers.iter().for_each(|number| wanted.add(*number));
                    match **numbers {
                        [number] if usize::from(number) < by_number.len() => {
                            by_number[usize::from(number)].push(id as u32);
                        }
                        _ => others.push(id as u32),
                    }
                }
                Place::Provider => {
                    wanted.add(self.names.number(PROVIDER));
                    others.push(id as u32);
                }
                Place::Anything => {
                    wanted.add_all();
                    anything.push(id as u32);
                }
            }
        }
        let slots = self.places.into_iter().zip(collected).map(|(place, (literals, [present, filled, nulled]))| Slot {
            place,
            present,
            filled,
            nulled,
            literals: Literals::build(literals),
        });
        Some(Class {
            wanted,
            anything,
            slots: slots.collect(),
            by_number: by_number.into_iter().map(Vec::into_boxed_slice).collect(),
            others,
            nodes: self.nodes,
            lazies: self.lazies,
            rules: self.rules,
            woken: woken.into_iter().map(Vec::into_boxed_slice).collect(),
            always: always.into(),
        })
    }

    /// Predicates of which at least one is told whenever the node has this value, with what they are estimated to cost;
    /// none when the node can have it without any.
    fn necessary(&self, node: NodeId, value: bool) -> Option<(f64, Vec<Predicate>)> {
        match (&self.nodes[node as usize], value) {
            (Node::Literal(predicate), true) => Some((self.cost(*predicate), vec![*predicate])),
            (Node::Lazy(lazy), true) => {
                let behind = &self.lazies[*lazy as usize].behind;
                Some((behind.iter().map(|predicate| self.cost(*predicate)).sum(), behind.to_vec()))
            }
            (Node::Not(inner), value) => self.necessary(*inner, !value),
            (Node::All(parts), true) | (Node::Any(parts), false) => {
                parts.iter().filter_map(|part| self.necessary(*part, value)).min_by(|(a, _), (b, _)| a.total_cmp(b))
            }
            (Node::Any(parts), true) | (Node::All(parts), false) | (Node::AtLeast(_, parts), true) => {
                let mut sum = (0.0, Vec::new());
                for part in parts {
                    let (cost, predicates) = self.necessary(*part, value)?;
                    sum.0 += cost;
                    sum.1.extend(predicates);
                }
                Some(sum)
            }
            // Known nodes never stand inside others.
            _ => None,
        }
    }

    /// How often a predicate is likely to be told, times how many rules ask for it: what many rules name (`\cmd.exe`)
    /// is common in logs.
    fn cost(&self, predicate: Predicate) -> f64 {
        let (_, told, uses) = &self.list[predicate as usize];
        let likely = match told {
            Told::Present | Told::Filled | Told::Nulled => 100.0,
            Told::Shape(Shape::Eq(text)) => 0.02 / (1.0 + text.len() as f64),
            Told::Shape(Shape::StartsWith(text) | Shape::EndsWith(text)) => 0.7f64.powi(text.len().min(12) as i32),
            Told::Shape(shape) => 0.8f64.powi(literal_of(shape).len().min(14) as i32),
        };
        likely * f64::from(*uses)
    }
}

/// The literal of a shape; empty for patterns with wildcards.
pub(super) fn literal_of(shape: &Shape) -> &str {
    match shape {
        Shape::Eq(text) | Shape::StartsWith(text) | Shape::EndsWith(text) | Shape::Contains(text) => text,
        Shape::Wild(_) => "",
    }
}
