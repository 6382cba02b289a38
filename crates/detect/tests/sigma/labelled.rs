//! Events of our own, each labelled with the public rules that must fire on it and no others: `tests/labelled/*.tsv`,
//! one event a line (`-` for none; `\n` between the records of one event), read as the logs they are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ungcuu_detect::engine::{Engine, Matcher};
use ungcuu_detect::event::{Event, Names, Sink};
use ungcuu_detect::lines::{Clock, Reader, detect};
use ungcuu_detect::sigma::oracle::Oracle;
use ungcuu_detect::sigma::{RuleSet, load};

use super::public::shared;

/// Rules for logs that are not of Windows.
const PARTS: [&str; 6] = [
    "rules/linux",
    "rules/web",
    "rules/network",
    "rules/category",
    "rules-emerging-threats",
    "rules-threat-hunting/linux",
];

struct Ask<'a> {
    names: &'a Names,
    fired: &'a mut dyn FnMut(&Event) -> BTreeSet<String>,
    found: BTreeSet<String>,
    events: usize,
}

impl Sink for Ask<'_> {
    fn names(&self) -> &Names {
        self.names
    }

    fn event(&mut self, event: &mut Event) {
        self.events += 1;
        self.found.extend((self.fired)(event));
    }
}

/// Every difference between what is labelled and what fires.
fn differences(
    folder: &str,
    names: &Names,
    fired: &mut dyn FnMut(&Event) -> BTreeSet<String>,
    titles: &RuleSet,
) -> (usize, Vec<String>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let (label, text) = line.split_once('\t').unwrap();
            let expected: BTreeSet<String> = label.split(',').filter(|id| *id != "-").map(String::from).collect();
            // Of JSON a backslash and an n are part.
            let text = if text.starts_with('{') { text.to_string() } else { text.replace("\\n", "\n") };
            let format = detect(text.as_bytes()).unwrap_or_else(|| panic!("no log: {text}"));
            let mut ask = Ask { names, fired: &mut *fired, found: BTreeSet::new(), events: 0 };
            let mut reader = Reader::new(format, Clock::default());
            reader.feed(text.as_bytes(), &mut ask);
            reader.finish(&mut ask);
            assert_eq!((ask.events, reader.notes().skipped), (1, 0), "{text}");
            count += 1;
            let title =
                |id: &String| titles.rules.iter().find(|r| *r.id == **id).map_or("?", |r| &*r.title).to_string();
            for id in expected.difference(&ask.found) {
                wrong.push(format!("missing {id} {}: {text}", title(id)));
            }
            for id in ask.found.difference(&expected) {
                wrong.push(format!("extra {id} {}: {text}", title(id)));
            }
        }
    }
    (count, wrong)
}

#[test]
fn rules_for_linux_web_and_network_fire_where_they_must_and_nowhere_else() {
    let Some(data) = shared("sigma") else { return };
    let set = load(&PARTS.map(|part| data.join(part)));
    let oracle = Oracle::new(&set);
    let names = oracle.names();
    let ids = |rules: Vec<usize>| rules.into_iter().map(|rule| set.rules[rule].id.to_string()).collect();
    let (count, wrong) = differences("tests/labelled", &names, &mut |event| ids(oracle.fired(event, &names)), &set);
    assert!(count >= 150, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And the engine says the same.
    let taken = set.clone();
    let needed = vec![true; taken.rules.len()];
    let engine = Engine::build(taken.rules, &needed, &[]);
    let (mut matcher, mut fired) = (Matcher::new(), Vec::new());
    let (_, wrong) = differences(
        "tests/labelled",
        engine.names(),
        &mut |event| {
            fired.clear();
            let channel = ungcuu_detect::sigma::fold(event.channel());
            if let Some(class) = engine.class(event.source, channel.as_bytes(), event.event_id) {
                matcher.run(class, event, &mut fired);
            }
            fired.iter().map(|rule| engine.rules()[*rule as usize].id.to_string()).collect()
        },
        &set,
    );
    assert!(wrong.is_empty(), "engine:\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_our_own_has_events_on_which_it_fires_and_says_what_to_do() {
    let set = ungcuu_detect::sigma::own::rules();
    assert_eq!(set.refused, []);
    assert_eq!(set.counts.unrouted, 0);
    let oracle = Oracle::new(&set);
    let names = oracle.names();
    let mut all = BTreeSet::new();
    let mut ask = |event: &Event| -> BTreeSet<String> {
        let found: BTreeSet<String> =
            oracle.fired(event, &names).into_iter().map(|rule| set.rules[rule].id.to_string()).collect();
        all.extend(found.clone());
        found
    };
    let (_, wrong) = differences("tests/own", &names, &mut ask, &set);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let silent: Vec<_> = set.rules.iter().filter(|rule| !all.contains(&*rule.id)).map(|rule| &rule.title).collect();
    assert!(silent.is_empty(), "no event for {silent:?}");
    let answers = set.rules.iter().filter(|rule| rule.reported).map(|rule| (&rule.title, &rule.response));
    for (title, response) in
        answers.chain(set.correlations.iter().filter(|c| c.reported).map(|c| (&c.title, &c.response)))
    {
        assert!(response.as_ref().is_some_and(|r| !r.vi.is_empty() && !r.en.is_empty()), "{title}");
    }
}

/// Lines of sshd through reader, rules and correlations.
#[test]
fn guessing_passwords_and_getting_in_is_told_from_a_user_who_mistypes() {
    use ungcuu_detect::sigma::correlate::Correlator;
    struct Matches<'a> {
        names: Names,
        oracle: Oracle<'a>,
        stage: Correlator<'a, u64>,
        hits: Vec<ungcuu_detect::sigma::correlate::Hit<u64>>,
    }
    impl Sink for Matches<'_> {
        fn names(&self) -> &Names {
            &self.names
        }
        fn event(&mut self, event: &mut Event) {
            for rule in self.oracle.fired(event, &self.names) {
                let field = |name: &str| event.find(self.names.number(name)).map(String::from);
                self.stage.take(rule, event.time.unwrap(), &event.record, &field, &mut self.hits);
            }
        }
    }
    let set = ungcuu_detect::sigma::own::rules();
    let run = |log: &str| {
        let (oracle, stage) = (Oracle::new(&set), Correlator::new(&set.correlations));
        let mut names = oracle.names();
        for name in Correlator::<u64>::fields(&set.correlations) {
            names.add(name);
        }
        let mut matches = Matches { names, oracle, stage, hits: Vec::new() };
        let mut reader = Reader::new(detect(log.as_bytes()).unwrap(), Clock::default());
        reader.feed(log.as_bytes(), &mut matches);
        reader.finish(&mut matches);
        let mut hits = matches.hits;
        matches.stage.finish(&mut hits);
        hits.iter()
            .filter(|hit| hit.reported)
            .map(|hit| set.correlations[hit.correlation].title.to_string())
            .collect::<Vec<_>>()
    };
    let line = |second: usize, what: &str, address: &str| {
        format!(
            "2026-11-28T00:0{}:{:02}Z web1 sshd[1]: {what} for an from {address} port 7 ssh2\n",
            second / 60,
            second % 60
        )
    };
    let failed: String = (0..12).map(|n| line(n * 5, "Failed password", "203.0.113.9")).collect();
    let success = line(70, "Accepted password", "203.0.113.9");
    assert_eq!(run(&format!("{failed}{success}")), ["Dò mật khẩu SSH", "Dò mật khẩu SSH thành công"]);
    assert_eq!(run(&failed), ["Dò mật khẩu SSH"]);
    let mistyped: String = (0..3).map(|n| line(n, "Failed password", "10.0.0.9")).collect();
    assert!(run(&format!("{mistyped}{}", line(9, "Accepted password", "10.0.0.9"))).is_empty());
}
