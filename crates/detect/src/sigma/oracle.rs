//! The specification as slowly and plainly as it can be written: every rule against every event, value by value. The
//! engine must agree with it; tests compare the two. Not for use on logs.

use std::collections::HashMap;

use super::measure::address;
use super::{Anchor, Condition, Link, Matcher, Route, Rule, RuleSet, Subject, Test, fold, taxonomy::Taxonomy};
use crate::event::{Event, Kind, Names};

/// All rules with what they need at hand.
pub struct Oracle<'a> {
    set: &'a RuleSet,
    routes: Vec<Vec<Route>>,
    regexes: HashMap<&'a str, regex::Regex>,
    own: HashMap<String, regex::Regex>,
}

impl<'a> Oracle<'a> {
    /// Over the built-in taxonomy.
    pub fn new(set: &'a RuleSet) -> Oracle<'a> {
        let taxonomy = Taxonomy::new();
        let routes: Vec<Vec<Route>> = set.rules.iter().map(|rule| taxonomy.routes(&rule.logsource)).collect();
        let compile = |text: &str| regex::RegexBuilder::new(text).size_limit(super::LARGEST_REGEX).build();
        let mut regexes = HashMap::new();
        for rule in &set.rules {
            for test in rule.detection.selections.iter().flat_map(|s| &s.any).flatten() {
                for matcher in test.values.iter().flatten() {
                    if let Matcher::Regex(found) = matcher
                        && let Ok(regex) = compile(&found.text)
                    {
                        regexes.insert(&*found.text, regex);
                    }
                }
            }
        }
        let mut own = HashMap::new();
        for matcher in routes.iter().flatten().flat_map(|r| &r.tests).flat_map(|t| &t.values).flatten() {
            if let Matcher::Regex(found) = matcher
                && let Ok(regex) = compile(&found.text)
            {
                own.insert(found.text.to_string(), regex);
            }
        }
        Oracle { set, routes, regexes, own }
    }

    /// Every field name that rules and routes speak of: what readers must be given so that events can be asked.
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        let mut add = |test: &Test| {
            if let Subject::Field(name) = &test.subject {
                names.add(name);
            }
            for matcher in test.values.iter().flatten() {
                if let Matcher::FieldRef { field, .. } = matcher {
                    names.add(field);
                }
            }
        };
        for rule in &self.set.rules {
            rule.detection.selections.iter().flat_map(|s| &s.any).flatten().for_each(&mut add);
        }
        self.routes.iter().flatten().flat_map(|r| &r.tests).for_each(&mut add);
        for (_, to) in self.routes.iter().flatten().flat_map(|r| &r.renames) {
            to.iter().for_each(|name| {
                names.add(name);
            });
        }
        names
    }

    /// The indices of the rules that an event fires.
    pub fn fired(&self, event: &Event, names: &Names) -> Vec<usize> {
        (0..self.set.rules.len()).filter(|index| self.fires(*index, event, names)).collect()
    }

    /// Whether a rule's detection holds on an event, wherever the event is from.
    pub fn holds(&self, index: usize, event: &Event, names: &Names) -> bool {
        View { event, names, renames: &[], oracle: self }.rule(&self.set.rules[index])
    }

    fn fires(&self, index: usize, event: &Event, names: &Names) -> bool {
        let rule = &self.set.rules[index];
        self.routes[index].iter().any(|route| {
            let raw = View { event, names, renames: &[], oracle: self };
            let view = View { event, names, renames: &route.renames, oracle: self };
            leads(route, event) && route.tests.iter().all(|test| raw.test(test)) && view.rule(rule)
        })
    }
}

fn leads(route: &Route, event: &Event) -> bool {
    let one_of = |list: &[Box<str>], value: &str| list.is_empty() || list.iter().any(|l| fold(l) == fold(value));
    route.family == event.source
        && one_of(&route.channels, event.channel())
        && one_of(&route.providers, event.provider())
        && (route.event_ids.is_empty() || route.event_ids.contains(&event.event_id))
}

struct View<'v> {
    event: &'v Event,
    names: &'v Names,
    renames: &'v [(Box<str>, Vec<Box<str>>)],
    oracle: &'v Oracle<'v>,
}

impl View<'_> {
    fn rule(&self, rule: &Rule) -> bool {
        self.condition(rule, &rule.detection.condition)
    }

    fn condition(&self, rule: &Rule, condition: &Condition) -> bool {
        match condition {
            Condition::Selection(index) => {
                rule.detection.selections[*index].any.iter().any(|tests| tests.iter().all(|test| self.test(test)))
            }
            Condition::And(parts) => parts.iter().all(|part| self.condition(rule, part)),
            Condition::Or(parts) => parts.iter().any(|part| self.condition(rule, part)),
            Condition::Not(part) => !self.condition(rule, part),
            Condition::AtLeast(least, parts) => {
                parts.iter().filter(|part| self.condition(rule, part)).count() >= *least
            }
        }
    }

    fn test(&self, test: &Test) -> bool {
        let values = match &test.subject {
            Subject::Field(name) => self.values(name),
            Subject::Keyword => self.everything(),
        };
        let value = |forms: &Vec<Matcher>| forms.iter().any(|matcher| self.matcher(matcher, &values));
        let holds = match test.link {
            Link::Any => test.values.iter().any(value),
            Link::All => test.values.iter().all(value),
        };
        holds != test.negated
    }

    /// The values of a field under the name the log has for it.
    fn values(&self, name: &str) -> Vec<(String, Kind)> {
        let renamed = self.renames.iter().find(|(from, _)| &**from == name);
        let Some((_, to)) = renamed else { return self.named(name) };
        to.iter().map(|name| self.named(name)).find(|values| !values.is_empty()).unwrap_or_default()
    }

    fn named(&self, name: &str) -> Vec<(String, Kind)> {
        let number = self.names.number(name);
        let fields = self.event.fields().iter();
        fields.filter(|f| f.number == number).map(|f| (self.event.value(f).to_string(), f.kind)).collect()
    }

    fn everything(&self) -> Vec<(String, Kind)> {
        if let Some(line) = self.event.line() {
            return vec![(line.to_string(), Kind::Text)];
        }
        let fields = self.event.fields().iter().filter(|f| !f.alias);
        fields.map(|f| (self.event.value(f).to_string(), f.kind)).collect()
    }

    fn matcher(&self, matcher: &Matcher, values: &[(String, Kind)]) -> bool {
        match matcher {
            // Windows cannot say null: in its logs a value that is not there is an empty one.
            Matcher::Null => {
                values.is_empty() || values.iter().any(|(text, kind)| *kind == Kind::Null || text.is_empty())
            }
            Matcher::Exists(is) => values.is_empty() != *is,
            _ => values.iter().filter(|(_, kind)| *kind != Kind::Null).any(|(value, _)| self.fits(matcher, value)),
        }
    }

    fn fits(&self, matcher: &Matcher, value: &str) -> bool {
        match matcher {
            Matcher::Text(pattern) if pattern.cased => pattern.fits(value),
            Matcher::Text(pattern) => pattern.fits(&fold(value)),
            Matcher::Regex(regex) => {
                let found = self.oracle.regexes.get(&*regex.text).or_else(|| self.oracle.own.get(&*regex.text));
                found.is_some_and(|regex| regex.is_match(value))
            }
            Matcher::Cidr(cidr) => address(value).is_some_and(|address| cidr.holds(address)),
            Matcher::Compare(op, number) => number.compared_to(value).is_some_and(|ordering| op.holds(ordering)),
            Matcher::TimePart(part, op, number) => part.of(value).is_some_and(|own| op.holds(own.cmp(number))),
            Matcher::FieldRef { field, how, cased } => {
                let ready = |text: &str| if *cased { text.to_string() } else { fold(text) };
                let value = ready(value);
                self.values(field).iter().filter(|(_, kind)| *kind != Kind::Null).any(|(other, _)| {
                    let other = ready(other);
                    match how {
                        Anchor::Whole => value == other,
                        Anchor::Start => value.starts_with(&other),
                        Anchor::End => value.ends_with(&other),
                        Anchor::Anywhere => value.contains(&other),
                    }
                })
            }
            Matcher::Null | Matcher::Exists(_) => false,
        }
    }
}
