//! The matcher: which rules does an event fire?
//!
//! [`Engine::build`] sorts the rules of a set by the classes of events they can apply to. A class is compiled when its
//! first event comes, once, and shared by all threads. A [`Matcher`] is one thread's working memory.

mod class;
mod lazy;
mod literals;
mod matcher;
mod required;
mod wake;

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

pub use class::Class;
pub use literals::fold_into;
pub use matcher::Matcher;

use crate::event::{Names, Source};
use crate::sigma::taxonomy::Taxonomy;
use crate::sigma::{Logsource, Matcher as Comparison, Pattern, Route, Rule, Shape, Subject, Test, fold};

/// The number of a channel that some route names.
type Channel = u16;

/// Stands for every channel that no route names.
const UNNAMED: Channel = Channel::MAX;

/// Stands for every event number that no rule names.
const OTHER: u32 = u32::MAX;

/// A set of rules, ready to match events. Shared between threads.
pub struct Engine {
    rules: Vec<Rule>,
    routes: Vec<Vec<Route>>,
    names: Names,
    channels: HashMap<Box<[u8]>, Channel, foldhash::fast::RandomState>,
    channel_names: Vec<Box<str>>,
    classes: HashMap<(Source, Channel, u32), Planned, foldhash::fast::RandomState>,
}

/// A class of events that some rule can apply to.
#[derive(Default)]
struct Planned {
    /// Number of the rule, number of its route.
    ways: Vec<(u32, u32)>,
    compiled: OnceLock<Option<Class>>,
}

/// A rule's way to events, while classes are being planned.
struct Way {
    rule: u32,
    route: u32,
    source: Source,
    channels: Vec<Channel>,
    /// The event numbers it is for; all if there are none.
    only: BTreeSet<u32>,
}

impl Engine {
    /// Takes over rules and leads them to events by the built-in taxonomy. `needed`: by rule, whether it is to be matched
    /// at all. `also`: names of fields that somebody else wants to find by number.
    #[must_use]
    pub fn build(rules: Vec<Rule>, needed: &[bool], also: &[&str]) -> Engine {
        let taxonomy = Taxonomy::new();
        let mut known: HashMap<&Logsource, Vec<Route>> = HashMap::new();
        let routes: Vec<Vec<Route>> = rules
            .iter()
            .zip(needed)
            .map(|(rule, needed)| {
                let routes = || taxonomy.routes(&rule.logsource);
                if *needed { known.entry(&rule.logsource).or_insert_with(routes).clone() } else { Vec::new() }
            })
            .collect();
        drop(known);
        Engine::with_routes(rules, routes, also)
    }

    /// Like [`Engine::build`], with the ways of every rule given.
    #[must_use]
    pub fn with_routes(rules: Vec<Rule>, routes: Vec<Vec<Route>>, also: &[&str]) -> Engine {
        let mut names = Names::default();
        for name in ["EventID", "Channel", class::PROVIDER].iter().chain(also) {
            names.add(name);
        }
        let mut channels = HashMap::default();
        let mut channel_names = Vec::new();
        for (rule, routes) in rules.iter().zip(&routes).filter(|(_, routes)| !routes.is_empty()) {
            each_test(rule, &mut |test| add_names(test, &mut names));
            for route in routes {
                route.tests.iter().for_each(|test| add_names(test, &mut names));
                route.renames.iter().flat_map(|(_, to)| to).for_each(|name| _ = names.add(name));
                for channel in &route.channels {
                    let next = Channel::try_from(channel_names.len()).unwrap_or(UNNAMED);
                    channels.entry(fold(channel).into_bytes().into()).or_insert_with(|| {
                        channel_names.push(channel.clone());
                        next
                    });
                }
            }
        }
        let mut engine = Engine { rules, routes, names, channels, channel_names, classes: HashMap::default() };
        engine.plan();
        engine
    }

    /// Works out the classes: for every channel the event numbers that rules on it name, and the others.
    fn plan(&mut self) {
        let mut ids: HashMap<(Source, Channel), BTreeSet<u32>> = HashMap::new();
        let mut ways: Vec<Way> = Vec::new();
        for (number, (rule, routes)) in self.rules.iter().zip(&self.routes).enumerate() {
            let mut named = BTreeSet::from([OTHER]);
            each_test(rule, &mut |test| add_ids(test, &mut named));
            for (at, route) in routes.iter().enumerate() {
                let channels: Vec<Channel> = match route.channels.as_slice() {
                    [] => vec![UNNAMED],
                    list => list.iter().map(|name| self.channel(fold(name).as_bytes())).collect(),
                };
                let mut own = named.clone();
                own.extend(&route.event_ids);
                route.tests.iter().for_each(|test| add_ids(test, &mut own));
                for channel in &channels {
                    ids.entry((route.family, *channel)).or_default().extend(&own);
                }
                let only = route.event_ids.iter().copied().collect();
                ways.push(Way { rule: number as u32, route: at as u32, source: route.family, channels, only });
            }
        }
        // A rule for whatever channel applies to those that other rules name, too, and they must know its numbers.
        let anywhere: Vec<(Source, BTreeSet<u32>)> =
            ids.iter().filter(|((_, channel), _)| *channel == UNNAMED).map(|((s, _), ids)| (*s, ids.clone())).collect();
        for (source, numbers) in anywhere {
            for ((other, _), ids) in &mut ids {
                if *other == source {
                    ids.extend(&numbers);
                }
            }
        }
        let by_source = |source: Source| {
            ids.keys().filter(move |(other, _)| *other == source).map(|(_, channel)| *channel).collect::<Vec<_>>()
        };
        for Way { rule, route, source, channels, only } in ways {
            let everywhere = channels == [UNNAMED] && self.routes[rule as usize][route as usize].channels.is_empty();
            for channel in if everywhere { by_source(source) } else { channels } {
                for id in ids.get(&(source, channel)).into_iter().flatten() {
                    if only.is_empty() || only.contains(id) {
                        let planned = self.classes.entry((source, channel, *id)).or_default();
                        if !planned.ways.contains(&(rule, route)) {
                            planned.ways.push((rule, route));
                        }
                    }
                }
            }
        }
        // Numbers that a channel's rules name, but none applies to, must not fall among the others.
        for ((source, channel), ids) in ids {
            for id in ids {
                self.classes.entry((source, channel, id)).or_default();
            }
        }
    }

    fn channel(&self, folded: &[u8]) -> Channel {
        self.channels.get(folded).copied().unwrap_or(UNNAMED)
    }

    /// The names of fields by which events are matched; readers need them.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The rules, by number.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that can apply to events of a kind of log, a channel (folded) and a number; none if there are none.
    #[must_use]
    pub fn class(&self, source: Source, folded_channel: &[u8], event_id: u32) -> Option<&Class> {
        let channel = if folded_channel.is_empty() { UNNAMED } else { self.channel(folded_channel) };
        let find = |channel: Channel| {
            [event_id, OTHER]
                .into_iter()
                .find_map(|id| self.classes.get(&(source, channel, id)).map(|found| (id, found)))
        };
        let (channel, (id, planned)) = match find(channel) {
            Some(found) => (channel, found),
            None => (UNNAMED, find(UNNAMED)?),
        };
        planned.compiled.get_or_init(|| self.compile(planned, channel, id)).as_ref()
    }

    fn compile(&self, planned: &Planned, channel: Channel, id: u32) -> Option<Class> {
        let known = class::Known {
            channel: self.channel_names.get(usize::from(channel)).map(|name| &**name),
            event_id: (id != OTHER).then_some(id),
            unnamed_id: id == OTHER,
        };
        let mut builder = class::Builder::new(&self.names, known);
        let mut at = 0;
        while let Some((rule, _)) = planned.ways.get(at).copied() {
            let routes = &self.routes[rule as usize];
            let same = planned.ways[at..].iter().take_while(|(other, _)| *other == rule).count();
            let ways: Vec<&Route> = planned.ways[at..at + same].iter().map(|(_, way)| &routes[*way as usize]).collect();
            builder.add(rule, &self.rules[rule as usize], &ways);
            at += same;
        }
        builder.build()
    }

    /// How many classes there are, and how many have been compiled so far.
    #[must_use]
    pub fn classes(&self) -> (usize, usize) {
        (self.classes.len(), self.classes.values().filter(|planned| planned.compiled.get().is_some()).count())
    }
}

fn each_test(rule: &Rule, visit: &mut impl FnMut(&Test)) {
    rule.detection.selections.iter().flat_map(|selection| &selection.any).flatten().for_each(visit);
}

fn add_names(test: &Test, names: &mut Names) {
    if let Subject::Field(name) = &test.subject {
        names.add(name);
    }
    for matcher in test.values.iter().flatten() {
        if let Comparison::FieldRef { field, .. } = matcher {
            names.add(field);
        }
    }
}

/// The event numbers that a test names.
fn add_ids(test: &Test, ids: &mut BTreeSet<u32>) {
    let Subject::Field(name) = &test.subject else { return };
    if !name.eq_ignore_ascii_case("EventID") {
        return;
    }
    for matcher in test.values.iter().flatten() {
        if let Comparison::Text(Pattern { shape: Shape::Eq(text), .. }) = matcher
            && let Ok(id) = text.parse::<u32>()
        {
            ids.insert(id);
        }
    }
}
