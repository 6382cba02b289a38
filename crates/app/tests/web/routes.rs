//! The table of routes: who may call what, and that pack, product and API description agree about it.

use std::collections::BTreeMap;
use std::fmt::Write;

use ungcuu_app::permission::Permission;
use ungcuu_app::web::{Access, Kind, Route};
use ungcuu_kit::db::WholeRow;

use crate::support::TestApp;

/// The table of routes as a committed file, so that a change of who may do what is seen in review.
#[test]
fn the_table_of_routes_is_the_committed_one() {
    let mut table = String::new();
    for route in ungcuu_app::routes().entries() {
        let method = match route.kind {
            Kind::Page => "page",
            Kind::Act => "act",
            Kind::Raw { post: false } => "file",
            Kind::Raw { post: true } => "upload",
        };
        let access = match route.access {
            Access::Public => "public",
            Access::SignedIn => "signed in",
            Access::Need(permission) => permission.word(),
        };
        writeln!(table, "{method:<7}{:<64}{access}", route.path).expect("written");
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/routes.txt");
    if std::env::var_os("UNGCUU_ACCEPT").is_some() {
        std::fs::write(file, &table).expect("written");
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        table == committed,
        "the routes changed; look at the difference and run again with UNGCUU_ACCEPT=1:\n{table}"
    );
}

#[test]
fn the_pack_checker_and_the_product_know_the_same_permissions() {
    let product: Vec<&str> = Permission::ALL.iter().map(|permission| permission.word()).collect();
    assert_eq!(product, ungcuu_app::pack::Known::default().permissions);
}

#[test]
fn every_section_and_gate_that_a_pack_may_name_has_a_feature_that_shows_or_counts_it() {
    let features = ungcuu_app::features();
    let known = ungcuu_app::pack::Known::default();
    for section in known.sections {
        let kind = section.split(':').next().expect("a word");
        let shown = features.iter().flat_map(|feature| &feature.sections).any(|section| section.kind == kind);
        assert!(shown, "no feature shows the section {section}");
    }
    for gate in known.gates {
        assert!(
            features.iter().flat_map(|feature| &feature.gates).any(|kind| kind.kind == *gate),
            "no feature counts the gate {gate}"
        );
    }
}

/// Whether the route is asked by POST.
pub fn is_post(route: &Route) -> bool {
    matches!(route.kind, Kind::Act | Kind::Raw { post: true })
}

/// The same place in the API.
pub fn api(path: &str) -> String {
    format!("/api/v1{}", if path == "/" { "/home" } else { path })
}

/// What stands in the paths of the demonstration.
pub struct Samples {
    rows: BTreeMap<&'static str, Vec<WholeRow>>,
    /// The incident in the middle of its steps.
    incident: String,
    /// Its open steps.
    open: Vec<String>,
    /// Each step of the plan with the sections it shows.
    steps: Vec<(String, Vec<String>)>,
    /// The code of a report that can be followed.
    code: String,
}

/// The table a parameter of a path names a row of, and how its identifiers begin.
fn table(path: &str, name: &str) -> Option<(&'static str, &'static str)> {
    let within = |part: &str| path.contains(part);
    Some(match name {
        "id" => match path.split('/').nth(1)? {
            "alerts" if within("/views/") => ("saved_views", "sav_"),
            "alerts" => ("alerts", "alr_"),
            "incidents" => ("incidents", "inc_"),
            "units" => ("units", "uni_"),
            "people" => ("people", "per_"),
            "systems" => ("systems", "sys_"),
            "accounts" => ("accounts", "acc_"),
            "appointments" => ("appointments", "app_"),
            "letters" => ("letters", "let_"),
            "notices" => ("notices", "not_"),
            "deadlines" => ("deadlines", "ddl_"),
            "numbers" => ("document_numbers", "num_"),
            "rule-sets" => ("rule_sets", "rst_"),
            "campaigns" => ("campaigns", "swc_"),
            _ => return None,
        },
        "file" => ("alert_files", "alf_"),
        "part" if within("/systems/") => ("incident_systems", "ipt_"),
        "part" if within("/units/") => ("incident_units", "ipt_"),
        "part" => ("incident_people", "ipt_"),
        "event" => ("timeline_events", "ipt_"),
        "task" => ("incident_tasks", "ipt_"),
        "item" if within("/checklist/") => ("checklist_items", "ipt_"),
        "item" => ("evidence", "evi_"),
        "photo" => ("custody_photos", "cup_"),
        "upload" => ("uploads", "upl_"),
        "feed" => ("calendar_feeds", "cal_"),
        "measure" => ("measures", "ipt_"),
        "check" => ("verification_checks", "ipt_"),
        "lesson" => ("lessons", "ipt_"),
        "option" => ("response_options", "opt_"),
        "proposal" => ("option_proposals", "prp_"),
        "direction" => ("directions", "dir_"),
        "summoned" => ("summoned_people", "smp_"),
        "statement" => ("statements", "stm_"),
        "disclosure" => ("disclosures", "dsc_"),
        "request" => ("unit_requests", "req_"),
        "situation" => ("situation_reports", "sit_"),
        "decision" => ("decisions", "dcs_"),
        "word" => ("decision_words", "dcw_"),
        "report" => ("reports", "rpt_"),
        "send" => ("report_sends", "snd_"),
        "indicator" => ("indicators", "ind_"),
        "exam" => ("examinations", "exm_"),
        "rule" => ("set_rules", "rul_"),
        "machine" => ("campaign_machines", "swm_"),
        "copy" => ("outward_copies", "owc_"),
        _ => return None,
    })
}

/// The section of a step that a path belongs to.
fn section(path: &str) -> &'static str {
    let part = path.split("{step}/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    match part {
        "tasks" => "tasks",
        "checklist" => "checklist",
        "findings" => "findings",
        "measures" => "measures",
        "verification" | "verdict" => "verification",
        "lessons" => "review",
        "options" | "proposals" => "options",
        "directions" => "direction",
        "summons" | "summoned" => "summons",
        "spokesperson" | "statements" => "statement",
        "disclosures" => "disclosures",
        "shares" => "sharing",
        "requests" => "requests",
        "situations" | "rhythm" => "situations",
        "decisions" => "decisions",
        _ => "",
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn column<'a>(row: &'a WholeRow, name: &str) -> Option<&'a str> {
    row.columns.iter().find(|(column, _)| column == name)?.1.as_deref()
}

impl Samples {
    /// Looks through the records. `code` belongs to a report that can be followed.
    pub async fn read(app: &TestApp, code: &str) -> Samples {
        let mut look = app.app.db.read().await.expect("look");
        let mut rows: BTreeMap<&'static str, Vec<WholeRow>> = BTreeMap::new();
        for route in ungcuu_app::routes().entries() {
            for (table, _) in names(route.path).into_iter().filter_map(|name| table(route.path, name)) {
                rows.insert(table, look.whole_rows_after(table, "", 500).await.expect("rows"));
            }
        }
        let steps = look.whole_rows_after("incident_steps", "", 500).await.expect("rows");
        let incident = rows["incidents"].iter().find(|row| column(row, "state") == Some("open"));
        let incident = incident.map(|row| row.id.clone()).unwrap_or_default();
        let open = |row: &&WholeRow| {
            column(row, "incident_id") == Some(incident.as_str()) && column(row, "state") == Some("open")
        };
        Samples {
            open: steps.iter().filter(open).filter_map(|row| column(row, "step")).map(str::to_owned).collect(),
            steps: app.app.pack.procedure.steps.iter().map(|it| (it.id.clone(), it.sections.clone())).collect(),
            code: code.to_owned(),
            incident,
            rows,
        }
    }

    /// The path with things of the demonstration in it; unknown ones where it has none.
    pub fn real(&self, path: &str) -> String {
        // The innermost thing decides whose incident it is.
        let mut within: Option<&WholeRow> = None;
        for name in names(path).into_iter().rev() {
            let Some((table, _)) = table(path, name).filter(|(table, _)| *table != "incidents") else { continue };
            let rows = &self.rows[table];
            let here = |row: &&WholeRow| column(row, "incident_id") == Some(self.incident.as_str());
            // An alert that nobody has settled can still be worked on.
            let unsettled = |row: &&WholeRow| matches!(column(row, "status"), Some("new" | "taken" | "verified"));
            // A mail can be read as one, a sample be packed; the first item of the demonstration is a picture.
            let mail = |row: &&WholeRow| here(row) && column(row, "media_type") == Some("message/rfc822");
            let found = match table {
                "alerts" => rows.iter().find(unsettled),
                "evidence" if path.ends_with("/mail") => rows.iter().find(mail),
                _ => rows.iter().find(here),
            };
            within = within.or(found.or(rows.first()));
        }
        self.fill(path, |name, prefix| match (name, within) {
            ("id", Some(row)) if prefix == "inc_" => column(row, "incident_id").map(str::to_owned),
            ("id", None) if prefix == "inc_" => Some(self.incident.clone()),
            ("id", Some(row)) if prefix == "alr_" => {
                Some(column(row, "alert_id").map_or_else(|| row.id.clone(), str::to_owned))
            }
            ("id", Some(row)) if prefix == "rst_" => {
                Some(column(row, "set_id").map_or_else(|| row.id.clone(), str::to_owned))
            }
            ("id", Some(row)) if prefix == "swc_" => {
                Some(column(row, "campaign_id").map_or_else(|| row.id.clone(), str::to_owned))
            }
            ("step", Some(row)) => Some(column(row, "step").map_or_else(|| self.step(section(path)), str::to_owned)),
            ("step", None) => Some(self.step(section(path))),
            ("code", _) => Some(self.code.clone()),
            ("item", Some(row)) if column(row, "evidence_id").is_some() => {
                column(row, "evidence_id").map(str::to_owned)
            }
            ("form", _) => Some("mau-03".to_owned()),
            (_, Some(row)) if row.id.starts_with(prefix) || prefix == "ipt_" => Some(row.id.clone()),
            _ => None,
        })
    }

    /// The path with identifiers of the right form that nothing has.
    pub fn unknown(&self, path: &str) -> String {
        self.fill(path, |_, _| None)
    }

    /// A step that shows the section, an open one if there is one.
    fn step(&self, section: &str) -> String {
        let shows = |id: &&String| {
            let mut sections = self.steps.iter().filter(|(step, _)| step == *id).flat_map(|(_, sections)| sections);
            section.is_empty() || sections.any(|shown| shown.split(':').next() == Some(section))
        };
        let all = self.open.iter().chain(self.steps.iter().map(|(id, _)| id));
        all.into_iter().find(shows).expect("a step of the plan").clone()
    }

    fn fill(&self, path: &str, known: impl Fn(&str, &str) -> Option<String>) -> String {
        let mut filled = Vec::new();
        for part in path.split('/') {
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                filled.push(part.to_owned());
                continue;
            };
            let prefix = table(path, name).map_or("", |(_, prefix)| prefix);
            filled.push(known(name, prefix).unwrap_or_else(|| match name {
                "step" => self.steps[0].0.clone(),
                "key" => "summary".to_owned(),
                "kind" => "containment".to_owned(),
                "code" => "ABCDE-FGHJK".to_owned(),
                "year" => "2027".to_owned(),
                _ => format!("{prefix}{}", "0".repeat(26)),
            }));
        }
        filled.join("/")
    }
}
