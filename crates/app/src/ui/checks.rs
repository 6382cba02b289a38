//! What holds for the whole interface: contrast of the tokens, no markup the Content-Security-Policy would stop, and words
//! for everything script says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::assets::{SCRIPT, STYLE};
use crate::page::Page;

/// An empty page for tests, with what matters to them set.
pub(super) fn page(change: impl FnOnce(&mut Page)) -> Page {
    let mut page = Page::default();
    change(&mut page);
    page
}

type Tokens = BTreeMap<String, String>;

/// The colours of one table: from this selector to its closing brace.
fn tokens(selector: &str) -> Tokens {
    let start = STYLE.find(selector).unwrap_or_else(|| panic!("no table {selector}"));
    let table = &STYLE[start..];
    let table = &table[table.find('{').expect("a table opens") + 1..table.find('}').expect("a table closes")];
    let lines = table.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
    lines.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn luminance(colour: &str) -> f64 {
    let hex = colour.strip_prefix('#').unwrap_or_else(|| panic!("{colour} is not #rrggbb"));
    let part = |at: usize| {
        let byte = u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or_else(|_| panic!("{colour} is not #rrggbb"));
        let share = f64::from(byte) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

const LIGHT: &str = ":root {";
const DARK_BY_MACHINE: &str = ":root:not([data-theme=\"light\"]) {";
const DARK_BY_CHOICE: &str = ":root[data-theme=\"dark\"] {";

/// Text, and every ground it may stand on.
const TEXT: &[(&str, &[&str])] = &[
    ("ink", &["ground", "surface", "sunken", "hover", "selected", "accent-soft", "drill-soft"]),
    ("ink-soft", &["ground", "surface", "sunken", "hover", "selected", "accent-soft"]),
    ("ink-faint", &["ground", "surface", "sunken", "hover", "selected"]),
    ("accent", &["ground", "surface", "sunken", "hover", "selected"]),
    ("accent-strong", &["ground", "surface", "hover", "accent-soft"]),
    ("late-text", &["ground", "surface", "hover", "selected"]),
    ("due-text", &["ground", "surface"]),
    ("drill", &["ground", "surface", "drill-soft"]),
    ("on-accent", &["accent", "accent-strong"]),
    ("on-due", &["due"]),
    ("on-late", &["late"]),
    ("on-drill", &["drill"]),
    ("surface", &["ink"]),
];

/// Bounds and shapes that carry meaning, and the grounds beside them.
const EDGES: &[(&str, &[&str])] = &[
    ("edge", &["ground", "surface", "hover"]),
    ("focus", &["ground", "surface", "sunken", "hover", "selected"]),
    ("accent", &["ground", "surface"]),
    ("ok", &["ground", "surface"]),
    ("info", &["ground", "surface"]),
    ("drill", &["ground", "surface"]),
    ("due-edge", &["ground", "surface"]),
    ("late", &["ground", "surface"]),
    ("series-0", &["surface"]),
    ("series-1", &["surface"]),
    ("series-2", &["surface"]),
    ("series-3", &["surface"]),
];

fn too_faint(table: &Tokens, pairs: &[(&str, &[&str])], least: f64) -> Vec<String> {
    let measured = pairs.iter().flat_map(|(front, grounds)| grounds.iter().map(move |ground| (front, ground)));
    let measured = measured.map(|(front, ground)| (front, ground, contrast(&table[*front], &table[*ground])));
    measured.filter(|(.., ratio)| *ratio < least).map(|(f, g, ratio)| format!("{f} on {g}: {ratio:.2}")).collect()
}

#[test]
fn every_token_keeps_its_contrast_in_both_schemes() {
    for scheme in [LIGHT, DARK_BY_CHOICE] {
        let table = tokens(scheme);
        assert_eq!(too_faint(&table, TEXT, 4.5), Vec::<String>::new(), "text in {scheme}");
        assert_eq!(too_faint(&table, EDGES, 3.0), Vec::<String>::new(), "edges in {scheme}");
    }
}

#[test]
fn dark_by_choice_is_dark_by_machine_and_names_what_light_names() {
    assert_eq!(tokens(DARK_BY_CHOICE), tokens(DARK_BY_MACHINE));
    let names = |selector| tokens(selector).into_keys().collect::<Vec<_>>();
    assert_eq!(names(DARK_BY_CHOICE), names(LIGHT));
}

#[test]
fn only_clocks_fill_themselves_with_amber_or_red() {
    let fills = |line: &&str| line.contains("background: var(--due)") || line.contains("background: var(--late)");
    for rule in STYLE.lines().filter(fills) {
        assert!(rule.trim_start().starts_with(".clock"), "{rule}");
    }
}

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "html") {
            found.push(path);
        }
    }
}

#[test]
fn no_template_needs_what_the_security_policy_forbids() {
    let mut found = Vec::new();
    templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 10, "templates were found");
    for path in found {
        let source = std::fs::read_to_string(&path).expect("a template is text");
        let lower = source.to_lowercase();
        for forbidden in
            [" style=", "<style", "javascript:", " onclick=", " onsubmit=", " onchange=", " oninput=", "|safe"]
        {
            assert!(!lower.contains(forbidden), "{} contains {forbidden}", path.display());
        }
        let inline = lower.split("<script").skip(1).any(|tag| !tag.trim_start().starts_with("src="));
        assert!(!inline, "{} contains an inline script", path.display());
    }
}

#[test]
fn everything_the_script_says_is_said_by_the_page() {
    let page = Page::default();
    let known: Vec<&str> = page.script_words().iter().map(|(name, _)| *name).collect();
    for call in SCRIPT.split("say('").skip(1) {
        let name = call.split('\'').next().unwrap_or_default();
        assert!(known.contains(&name), "the script says {name}, the page does not");
    }
}

#[test]
fn the_gallery_shows_every_part_in_both_languages() {
    use askama::Template;
    use ungcuu_kit::text::Lang;
    for lang in [Lang::Vi, Lang::En] {
        let page = page(|page| {
            page.lang = lang;
            page.path = "/ui?unit=2".to_owned();
        });
        let html = super::gallery::gallery(page).render().expect("the gallery renders");
        assert!(html.contains("&#60;đây&#62;"), "what people typed is escaped");
        assert!(!html.contains("không hiện"), "a failed form shows what was typed, not what was stored");
        assert!(html.contains(lang.pick("<title>Lỗi: ", "<title>Error: ")));
    }
}
