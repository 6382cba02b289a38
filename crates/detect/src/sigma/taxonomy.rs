//! Which events a logsource means: channels, event ids, kinds of logs and what fields are called there. All of it is data
//! (`data/taxonomy.yml`), read once.

use std::sync::{Arc, OnceLock};

use crate::event::Source;

use super::yaml::{self, Fault, Node, Value};
use super::{Logsource, Route, pipeline};

const BUILT_IN: &str = include_str!("../../data/taxonomy.yml");

/// The ways from logsources to events.
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    entries: Arc<[(Logsource, Vec<Route>)]>,
}

impl Taxonomy {
    /// The built-in one.
    pub fn new() -> Taxonomy {
        // The same for ever, so it is read once. A test sees that it is sound; were it not, every rule would be counted
        // as unrouted.
        static READ: OnceLock<Taxonomy> = OnceLock::new();
        READ.get_or_init(|| Taxonomy::read(BUILT_IN).unwrap_or_default()).clone()
    }

    fn read(text: &str) -> Result<Taxonomy, Fault> {
        let node = yaml::document(text, 1)?;
        let entries = node.items().iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Taxonomy { entries })
    }

    /// The routes of a logsource; none when no log that can be read here leads to it.
    ///
    /// A rule's category and service must both be known: a rule for one channel is never tried on all of Windows. With
    /// both given the category decides. A rule that names no product gets the routes of every product.
    pub fn routes(&self, logsource: &Logsource) -> Vec<Route> {
        let Logsource { category, product, service } = logsource;
        let exact = self.of(product, category, service);
        if !exact.is_empty() || category.is_empty() || service.is_empty() {
            return exact;
        }
        let by_category = self.of(product, category, "");
        if by_category.is_empty() { self.of(product, "", service) } else { by_category }
    }

    fn of(&self, product: &str, category: &str, service: &str) -> Vec<Route> {
        let named = |p: &str| {
            let mut found = self.entries.iter().filter(move |(known, _)| {
                *known.category == *category && *known.service == *service && (*known.product == *p)
            });
            found.next().map(|(_, routes)| routes.clone())
        };
        if !product.is_empty() {
            // An entry without product must say something else.
            let general = || if category.is_empty() && service.is_empty() { None } else { named("") };
            return named(product).or_else(general).unwrap_or_default();
        }
        if category.is_empty() && service.is_empty() {
            return Vec::new();
        }
        let any = self.entries.iter().filter(|(known, _)| *known.category == *category && *known.service == *service);
        let mut routes: Vec<Route> = Vec::new();
        for route in any.flat_map(|(_, routes)| routes) {
            if !routes.contains(route) {
                routes.push(route.clone());
            }
        }
        routes
    }
}

fn entry(node: &Node) -> Result<(Logsource, Vec<Route>), Fault> {
    let missing = |what: &str| Fault::new(node.line, format!("there is no '{what}'"));
    let logsource = pipeline::logsource(node.get("logsource").ok_or_else(|| missing("logsource"))?)?;
    let routes = node.get("routes").ok_or_else(|| missing("routes"))?;
    Ok((logsource, routes.items().iter().map(route).collect::<Result<_, _>>()?))
}

fn route(node: &Node) -> Result<Route, Fault> {
    let mut route = Route {
        family: Source::Other,
        channels: Vec::new(),
        event_ids: Vec::new(),
        providers: Vec::new(),
        tests: Vec::new(),
        renames: Vec::new(),
    };
    for (key, value) in node.map().unwrap_or_default() {
        let texts = || -> Vec<Box<str>> { value.items().iter().filter_map(|n| n.text().map(|t| t.into())).collect() };
        match key.text.as_str() {
            "log" => route.family = family(value)?,
            "channel" => route.channels = texts(),
            "provider" => route.providers = texts(),
            "id" => {
                for item in value.items() {
                    match item.value {
                        Value::Int(id) if u32::try_from(id).is_ok() => route.event_ids.push(id as u32),
                        _ => return Err(Fault::new(item.line, "an event id is a number")),
                    }
                }
            }
            "test" => route.tests = pipeline::tests(value)?,
            "rename" => route.renames = pipeline::renames(value)?,
            other => return Err(Fault::new(key.line, format!("'{other}' is not known in a route"))),
        }
    }
    Ok(route)
}

fn family(node: &Node) -> Result<Source, Fault> {
    Ok(match node.text().as_deref() {
        Some("windows") => Source::Windows,
        Some("auditd") => Source::Auditd,
        Some("syslog") => Source::Syslog,
        Some("web") => Source::Web,
        Some("proxy") => Source::Proxy,
        Some("suricata") => Source::Suricata,
        Some("zeek") => Source::Zeek,
        Some("other") => Source::Other,
        _ => return Err(Fault::new(node.line, "a kind of log that is not known")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(product: &str, category: &str, service: &str) -> Vec<Route> {
        let logsource = Logsource { product: product.into(), category: category.into(), service: service.into() };
        Taxonomy::new().routes(&logsource)
    }

    #[test]
    fn the_built_in_file_is_sound() {
        let read = Taxonomy::read(BUILT_IN).unwrap();
        assert!(read.entries.len() > 100);
        for (at, (logsource, routes)) in read.entries.iter().enumerate() {
            assert!(!routes.is_empty(), "{logsource:?}");
            assert!(!read.entries[..at].iter().any(|(other, _)| other == logsource), "twice: {logsource:?}");
        }
    }

    #[test]
    fn a_process_is_looked_for_in_sysmon_and_in_the_security_log() {
        let routes = routes("windows", "process_creation", "");
        assert_eq!((&*routes[0].channels[0], routes[0].event_ids[0]), ("Microsoft-Windows-Sysmon/Operational", 1));
        assert_eq!((&*routes[1].channels[0], routes[1].event_ids[0]), ("Security", 4688));
        assert!(routes[1].renames.contains(&("Image".into(), vec!["NewProcessName".into()])));
    }

    #[test]
    fn an_unknown_service_leads_nowhere_and_no_product_leads_everywhere() {
        assert!(routes("windows", "", "no-such-service").is_empty());
        assert!(routes("", "", "").is_empty());
        assert!(routes("", "process_creation", "").len() > routes("linux", "process_creation", "").len());
        assert_eq!(routes("apache", "webserver", "access"), routes("", "webserver", ""));
        assert_eq!(routes("windows", "ps_script", "powershell"), routes("windows", "ps_script", ""));
    }
}
