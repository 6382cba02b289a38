//! All rules that can apply to one class of events (a channel and an event number, a kind of line), compiled together:
//! equal comparisons stand once, and every rule waits behind the rarest literals that it cannot do without.

use std::collections::HashMap;

use super::lazy::{Lazy, Question};
use super::literals::{Literals, Predicate};
use super::required;
use super::wake::literal_of;
use crate::event::{FieldNumber, Names};
use crate::evtx::Wanted;
use crate::sigma::{Condition, Link, Matcher, Pattern, Piece, Route, Rule, Shape, Subject, Test, fold};

/// What the field of the provider is called in Windows events.
pub(super) const PROVIDER: &str = "Provider_Name";

/// The number of a node of a class's trees.
pub type NodeId = u32;

/// One step of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Known beforehand.
    Known(bool),
    /// Found by the search for literals.
    Literal(Predicate),
    /// Looked at only when somebody asks.
    Lazy(u32),
    /// The opposite.
    Not(NodeId),
    /// All of them.
    All(Box<[NodeId]>),
    /// Any of them.
    Any(Box<[NodeId]>),
    /// At least so many of them.
    AtLeast(u32, Box<[NodeId]>),
}

/// A place from which values come: the first of these fields that the event has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A field, by the names it may have, in order.
    Field(Box<[FieldNumber]>),
    /// The program or provider that the reader found.
    Provider,
    /// The line, or every value of the event if there is no line.
    Anything,
}

/// A place with what is looked for in it.
pub struct Slot {
    /// Where the values come from.
    pub place: Place,
    /// Told when the field is there.
    pub present: Option<Predicate>,
    /// Told when the field is there with a value.
    pub filled: Option<Predicate>,
    /// Told when the field is there without a value.
    pub nulled: Option<Predicate>,
    /// What else is looked for.
    pub literals: Literals,
}

/// The compiled rules of one class of events.
pub struct Class {
    /// The fields that a reader has to provide.
    pub wanted: Wanted,
    pub(super) slots: Vec<Slot>,
    /// By field number: the slots with that field alone.
    pub(super) by_number: Vec<Box<[u32]>>,
    /// The slots of words anywhere: every value is theirs unless the event is a line.
    pub(super) anything: Vec<u32>,
    /// The slots that need looking at one by one.
    pub(super) others: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    pub(super) lazies: Vec<Lazy>,
    /// Number in the rule set, root of its tree.
    pub(super) rules: Vec<(u32, NodeId)>,
    /// By predicate: which of [`Class::rules`] to look at when it is told.
    pub(super) woken: Vec<Box<[u32]>>,
    /// Rules that nothing wakes: they are looked at for every event.
    pub(super) always: Box<[u32]>,
}

/// What is known of every event of a class.
pub struct Known<'a> {
    /// The channel.
    pub channel: Option<&'a str>,
    /// The event number; none for those that no rule names.
    pub event_id: Option<u32>,
    /// Whether the events' number is known not to be one that any rule names.
    pub unnamed_id: bool,
}

/// What a new predicate is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Told {
    Present,
    Filled,
    Nulled,
    Shape(Shape),
}

pub(super) struct Builder<'a> {
    pub(super) names: &'a Names,
    pub(super) known: Known<'a>,
    pub(super) event_id: FieldNumber,
    pub(super) channel: FieldNumber,
    pub(super) places: Vec<Place>,
    pub(super) place_ids: HashMap<Place, u32, foldhash::fast::RandomState>,
    pub(super) predicates: HashMap<(u32, Told), Predicate, foldhash::fast::RandomState>,
    /// By predicate: its slot, what it is, how many rules use it.
    pub(super) list: Vec<(u32, Told, u32)>,
    pub(super) nodes: Vec<Node>,
    pub(super) node_ids: HashMap<Node, NodeId, foldhash::fast::RandomState>,
    pub(super) lazies: Vec<Lazy>,
    pub(super) lazy_ids: HashMap<(u32, Pattern), u32, foldhash::fast::RandomState>,
    pub(super) regex_ids: HashMap<(u32, Box<str>), u32, foldhash::fast::RandomState>,
    pub(super) rules: Vec<(u32, NodeId)>,
}

impl<'a> Builder<'a> {
    pub fn new(names: &'a Names, known: Known<'a>) -> Builder<'a> {
        Builder {
            event_id: names.number("EventID"),
            channel: names.number("Channel"),
            names,
            known,
            places: Vec::new(),
            place_ids: HashMap::default(),
            predicates: HashMap::default(),
            list: Vec::new(),
            nodes: Vec::new(),
            node_ids: HashMap::default(),
            lazies: Vec::new(),
            lazy_ids: HashMap::default(),
            regex_ids: HashMap::default(),
            rules: Vec::new(),
        }
    }

    /// Adds a rule by its ways into this class.
    pub fn add(&mut self, number: u32, rule: &Rule, routes: &[&Route]) {
        let ways: Vec<NodeId> = routes
            .iter()
            .map(|route| {
                let mut parts: Vec<NodeId> = route.tests.iter().map(|test| self.test(test, None)).collect();
                if !route.providers.is_empty() {
                    parts.push(self.providers(route));
                }
                let selections: Vec<NodeId> = rule
                    .detection
                    .selections
                    .iter()
                    .map(|selection| {
                        let any = selection
                            .any
                            .iter()
                            .map(|tests| {
                                let all = tests.iter().map(|test| self.test(test, Some(route))).collect();
                                self.all(all)
                            })
                            .collect();
                        self.any(any)
                    })
                    .collect();
                parts.push(self.condition(&rule.detection.condition, &selections));
                self.all(parts)
            })
            .collect();
        let root = self.any(ways);
        if self.nodes[root as usize] != Node::Known(false) {
            self.rules.push((number, root));
        }
    }

    fn providers(&mut self, route: &Route) -> NodeId {
        let slot = self.slot(Place::Provider);
        let any = route.providers.iter().map(|name| {
            let told = Told::Shape(Shape::Eq(fold(name).into()));
            self.told(slot, told)
        });
        let any = any.collect();
        self.any(any)
    }

    fn node(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.node_ids.get(&node) {
            return *id;
        }
        let id = self.nodes.len() as NodeId;
        self.nodes.push(node.clone());
        self.node_ids.insert(node, id);
        id
    }

    fn known(&mut self, value: bool) -> NodeId {
        self.node(Node::Known(value))
    }

    fn joined(&mut self, parts: Vec<NodeId>, all: bool) -> NodeId {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match &self.nodes[part as usize] {
                Node::Known(value) if *value == all => {}
                Node::Known(_) => return self.known(!all),
                _ if kept.contains(&part) => {}
                _ => kept.push(part),
            }
        }
        match kept.len() {
            0 => self.known(all),
            1 => kept[0],
            _ if all => self.node(Node::All(kept.into())),
            _ => self.node(Node::Any(kept.into())),
        }
    }

    fn all(&mut self, parts: Vec<NodeId>) -> NodeId {
        self.joined(parts, true)
    }

    fn any(&mut self, parts: Vec<NodeId>) -> NodeId {
        self.joined(parts, false)
    }

    fn not(&mut self, part: NodeId) -> NodeId {
        match self.nodes[part as usize] {
            Node::Known(value) => self.known(!value),
            Node::Not(inner) => inner,
            _ => self.node(Node::Not(part)),
        }
    }

    fn condition(&mut self, condition: &Condition, selections: &[NodeId]) -> NodeId {
        match condition {
            Condition::Selection(at) => match selections.get(*at) {
                Some(selection) => *selection,
                None => self.known(false),
            },
            Condition::And(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, selections)).collect();
                self.all(parts)
            }
            Condition::Or(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, selections)).collect();
                self.any(parts)
            }
            Condition::Not(part) => {
                let part = self.condition(part, selections);
                self.not(part)
            }
            Condition::AtLeast(count, parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.condition(part, selections)).collect();
                match *count {
                    0 => self.known(true),
                    1 => self.any(parts),
                    count if count > parts.len() => self.known(false),
                    count if count == parts.len() => self.all(parts),
                    count => self.node(Node::AtLeast(count as u32, parts.into())),
                }
            }
        }
    }

    fn slot(&mut self, place: Place) -> u32 {
        if let Some(id) = self.place_ids.get(&place) {
            return *id;
        }
        let id = self.places.len() as u32;
        self.places.push(place.clone());
        self.place_ids.insert(place, id);
        id
    }

    fn field(&self, name: &str, route: Option<&Route>) -> Place {
        let renamed = route.and_then(|route| route.renames.iter().find(|(from, _)| **from == *name));
        match renamed {
            Some((_, names)) => Place::Field(names.iter().map(|name| self.names.number(name)).collect()),
            None => Place::Field([self.names.number(name)].into()),
        }
    }

    fn test(&mut self, test: &Test, route: Option<&Route>) -> NodeId {
        let place = match &test.subject {
            Subject::Field(name) => self.field(name, route),
            Subject::Keyword => Place::Anything,
        };
        let values = test
            .values
            .iter()
            .map(|value| {
                let any = value.iter().map(|matcher| self.matcher(&place, matcher, route)).collect();
                self.any(any)
            })
            .collect();
        let joined = match test.link {
            Link::Any => self.any(values),
            Link::All => self.all(values),
        };
        if test.negated { self.not(joined) } else { joined }
    }

    /// What is known beforehand of a comparison with the channel or the event number.
    fn foreknown(&self, place: &Place, matcher: &Matcher) -> Option<bool> {
        let Place::Field(numbers) = place else { return None };
        let value = match **numbers {
            [number] if number == self.event_id => match self.known.event_id {
                Some(id) => id.to_string(),
                None if self.known.unnamed_id => {
                    return match matcher {
                        Matcher::Text(Pattern { shape: Shape::Eq(text), .. }) if text.parse::<u32>().is_ok() => {
                            Some(false)
                        }
                        _ => None,
                    };
                }
                None => return None,
            },
            [number] if number == self.channel => self.known.channel?.to_owned(),
            _ => return None,
        };
        match matcher {
            Matcher::Text(_) | Matcher::Compare(..) => Question::new(matcher.clone(), None).map(|q| q.holds(&value)),
            Matcher::Exists(there) => Some(*there),
            Matcher::Null => Some(false),
            _ => None,
        }
    }

    fn matcher(&mut self, place: &Place, matcher: &Matcher, route: Option<&Route>) -> NodeId {
        if let Some(value) = self.foreknown(place, matcher) {
            return self.known(value);
        }
        let slot = self.slot(place.clone());
        match matcher {
            Matcher::Text(pattern) => self.pattern(slot, pattern),
            Matcher::Exists(there) => {
                let present = self.told(slot, Told::Present);
                if *there { present } else { self.not(present) }
            }
            Matcher::Null => {
                let present = self.told(slot, Told::Present);
                let missing = self.not(present);
                let nulled = self.told(slot, Told::Nulled);
                self.any(vec![missing, nulled])
            }
            Matcher::Regex(regex) => {
                let key = (slot, regex.text.clone());
                if let Some(lazy) = self.regex_ids.get(&key) {
                    return self.node(Node::Lazy(*lazy));
                }
                let behind = match required::literals(&regex.text) {
                    Some(literals) => {
                        let shapes = literals.into_iter().map(Shape::Contains);
                        shapes.map(|shape| self.literal(slot, shape)).collect()
                    }
                    None => vec![self.filled(slot)],
                };
                let node = self.lazy(slot, matcher.clone(), None, behind);
                if let Node::Lazy(lazy) = self.nodes[node as usize] {
                    self.regex_ids.insert(key, lazy);
                }
                node
            }
            Matcher::FieldRef { field, .. } => {
                let other = self.field(field, route);
                let other = self.slot(other);
                let behind = vec![self.filled(slot)];
                self.lazy(slot, matcher.clone(), Some(other), behind)
            }
            Matcher::Cidr(_) | Matcher::Compare(..) | Matcher::TimePart(..) => {
                let behind = vec![self.filled(slot)];
                self.lazy(slot, matcher.clone(), None, behind)
            }
        }
    }

    fn pattern(&mut self, slot: u32, pattern: &Pattern) -> NodeId {
        let empty = |text: &str| text.is_empty();
        match &pattern.shape {
            Shape::StartsWith(text) | Shape::EndsWith(text) | Shape::Contains(text) if empty(text) => {
                return self.told(slot, Told::Filled);
            }
            Shape::Wild(_) => {}
            shape if !pattern.cased || empty(literal_of(shape)) => return self.told(slot, Told::Shape(shape.clone())),
            _ => {}
        }
        if let Some(lazy) = self.lazy_ids.get(&(slot, pattern.clone())) {
            return self.node(Node::Lazy(*lazy));
        }
        let behind = match necessary(&pattern.shape) {
            Some(shape) => self.literal(slot, shape),
            None => self.filled(slot),
        };
        let node = self.lazy(slot, Matcher::Text(pattern.clone()), None, vec![behind]);
        if let Node::Lazy(lazy) = self.nodes[node as usize] {
            self.lazy_ids.insert((slot, pattern.clone()), lazy);
        }
        node
    }

    fn lazy(&mut self, slot: u32, matcher: Matcher, other: Option<u32>, behind: Vec<Predicate>) -> NodeId {
        let Some(question) = Question::new(matcher, other) else { return self.known(false) };
        let id = self.lazies.len() as u32;
        self.lazies.push(Lazy::new(slot, question, behind));
        self.node(Node::Lazy(id))
    }

    fn filled(&mut self, slot: u32) -> Predicate {
        self.predicate(slot, Told::Filled)
    }

    fn literal(&mut self, slot: u32, shape: Shape) -> Predicate {
        self.predicate(slot, Told::Shape(shape))
    }

    fn told(&mut self, slot: u32, told: Told) -> NodeId {
        let predicate = self.predicate(slot, told);
        self.node(Node::Literal(predicate))
    }

    fn predicate(&mut self, slot: u32, told: Told) -> Predicate {
        let next = self.list.len() as Predicate;
        let predicate = *self.predicates.entry((slot, told.clone())).or_insert(next);
        if predicate == next {
            self.list.push((slot, told, 0));
        }
        self.list[predicate as usize].2 += 1;
        predicate
    }
}

/// A simpler shape that holds, in folded text, whenever the given one does.
fn necessary(shape: &Shape) -> Option<Shape> {
    Some(match shape {
        Shape::Eq(text) => Shape::Eq(fold(text).into()),
        Shape::StartsWith(text) => Shape::StartsWith(fold(text).into()),
        Shape::EndsWith(text) => Shape::EndsWith(fold(text).into()),
        Shape::Contains(text) => Shape::Contains(fold(text).into()),
        Shape::Wild(pieces) => {
            let literals = pieces.iter().enumerate().filter_map(|(at, piece)| match piece {
                Piece::Literal(text) => Some((at, text)),
                Piece::One | Piece::Many => None,
            });
            let (at, text) = literals.max_by_key(|(_, text)| text.len())?;
            let text = fold(text).into();
            match at {
                0 => Shape::StartsWith(text),
                at if at + 1 == pieces.len() => Shape::EndsWith(text),
                _ => Shape::Contains(text),
            }
        }
    })
}
