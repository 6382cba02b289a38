//! rsigma-eval as a library, on lines of flat JSON: `sigma RULES THREADS LINES [plain|across|bloom]`. Prints how many hits there were;
//! `sigma --version` what is measured.
//!
//! Routes are those of our taxonomy, said in the engine's own pipelines: for each way from a logsource to Windows events the rule is
//! there once, its fields renamed as the log calls them, with channel and event number as first conditions. The engine's index
//! sorts by these.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rsigma_eval::{Engine, JsonEvent, Pipeline, parse_pipeline, transform_rule};
use rsigma_parser::{LogSource, SigmaRule, parse_sigma_directory};
use yaml_serde::{Mapping, Value};

const VERSION: &str = "rsigma-eval 0.23.0";
const TAXONOMY: &str = include_str!("../../data/taxonomy.yml");

/// Bytes of lines that a thread takes at a time.
const PIECE: u64 = 1 << 20;

/// Category, product and service; empty where nothing is said.
type Source = (String, String, String);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == "--version") {
        println!("{VERSION}");
        return Ok(());
    }
    let [rules, threads, lines, more @ ..] = arguments.as_slice() else {
        return Err("sigma RULES THREADS LINES [plain|across|bloom]".into());
    };
    let mut engine = Engine::new();
    match more.first().map(String::as_str) {
        None | Some("plain") => {}
        Some("across") => engine.set_cross_rule_ac(true),
        Some("bloom") => engine.set_bloom_prefilter(true),
        Some(other) => return Err(format!("{other}: plain, across or bloom").into()),
    }
    let (rules, without) = routed(Path::new(rules))?;
    let refused = engine.add_rules(&rules);
    eprintln!("{} rules on their ways, {without} rules without one, {} refused", rules.len(), refused.len());
    println!("{}", hunt(&engine, Path::new(lines), threads.parse()?)?);
    Ok(())
}

/// Every rule once for each of its ways, and how many rules have none.
fn routed(folder: &Path) -> Result<(Vec<SigmaRule>, usize), Box<dyn Error>> {
    let taxonomy = taxonomy()?;
    let (mut rules, mut without) = (Vec::new(), 0);
    for rule in parse_sigma_directory(folder)?.rules {
        let ways = ways(&taxonomy, &rule.logsource);
        without += usize::from(ways.is_empty());
        for way in ways {
            rules.push(transform_rule(std::slice::from_ref(way), &rule)?.rule);
        }
    }
    Ok((rules, without))
}

/// As our own engine chooses: the logsource itself, else its category, else its service.
fn ways<'a>(taxonomy: &'a HashMap<Source, Vec<Pipeline>>, logsource: &LogSource) -> &'a [Pipeline] {
    let said = |part: &Option<String>| part.as_deref().unwrap_or_default().to_lowercase();
    let (category, product, service) = (said(&logsource.category), said(&logsource.product), said(&logsource.service));
    let of = |category: &str, service: &str| {
        let known = |product: &str| taxonomy.get(&(category.to_owned(), product.to_owned(), service.to_owned()));
        known(&product).or_else(|| known("")).map(Vec::as_slice).unwrap_or_default()
    };
    [of(&category, &service), of(&category, ""), of("", &service)]
        .into_iter()
        .take(if category.is_empty() || service.is_empty() { 1 } else { 3 })
        .find(|ways| !ways.is_empty())
        .unwrap_or_default()
}

/// The ways to events of Windows, as pipelines.
fn taxonomy() -> Result<HashMap<Source, Vec<Pipeline>>, Box<dyn Error>> {
    let read: Value = yaml_serde::from_str(TAXONOMY)?;
    let mut found = HashMap::new();
    for entry in read.as_sequence().into_iter().flatten() {
        let said = |part: &str| entry["logsource"][part].as_str().unwrap_or_default().to_owned();
        let source = (said("category"), said("product"), said("service"));
        let mut ways = Vec::new();
        for route in entry["routes"].as_sequence().into_iter().flatten() {
            if route["log"].as_str() == Some("windows") {
                ways.push(pipeline(route)?);
            }
        }
        found.insert(source, ways);
    }
    Ok(found)
}

fn pipeline(route: &Value) -> Result<Pipeline, Box<dyn Error>> {
    let mut steps = Vec::new();
    let mut step = |kind: &str, name: &str, value: Value| {
        let pairs = [("type", Value::from(kind)), (name, value)];
        steps
            .push(Value::Mapping(pairs.map(|(key, value)| (Value::from(key), value)).into_iter().collect::<Mapping>()));
    };
    if let Some(rename) = route.get("rename") {
        step("field_name_mapping", "mapping", rename.clone());
    }
    let conditions = [("channel", "Channel"), ("id", "EventID"), ("provider", "Provider_Name")];
    let conditions =
        conditions.iter().filter_map(|(ours, field)| Some((Value::from(*field), route.get(*ours)?.clone())));
    let conditions: Mapping = conditions.collect();
    if !conditions.is_empty() {
        step("add_condition", "conditions", Value::Mapping(conditions));
    }
    let whole = [("name", Value::from("way")), ("transformations", Value::Sequence(steps))];
    let whole: Mapping = whole.into_iter().map(|(key, value)| (Value::from(key), value)).collect();
    Ok(parse_pipeline(&yaml_serde::to_string(&whole)?)?)
}

/// Hits on all lines. Threads take piece after piece; a line belongs to the piece in which it begins.
fn hunt(engine: &Engine, path: &Path, threads: usize) -> Result<u64, Box<dyn Error>> {
    let (next, size) = (AtomicU64::new(0), path.metadata()?.len());
    std::thread::scope(|scope| {
        let work = || -> std::io::Result<u64> {
            let (mut file, mut line, mut hits) = (BufReader::with_capacity(1 << 18, File::open(path)?), Vec::new(), 0);
            loop {
                let start = next.fetch_add(PIECE, Ordering::Relaxed);
                if start >= size {
                    return Ok(hits);
                }
                // One byte before: is that a line's end, a line begins here.
                let mut at = start.saturating_sub(1);
                file.seek(SeekFrom::Start(at))?;
                if start > 0 {
                    at += file.skip_until(b'\n')? as u64;
                }
                while at < start + PIECE {
                    line.clear();
                    let read = file.read_until(b'\n', &mut line)?;
                    if read == 0 {
                        break;
                    }
                    at += read as u64;
                    let value: serde_json::Value = serde_json::from_slice(&line)?;
                    hits += engine.evaluate(&JsonEvent::borrow(&value)).len() as u64;
                }
            }
        };
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut hits = 0;
        for worker in workers {
            hits += worker.join().map_err(|_| "a thread ended")??;
        }
        Ok(hits)
    })
}
