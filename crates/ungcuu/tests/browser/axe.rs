//! Asks axe-core whether a page can be used by everyone: WCAG 2.0 A and AA, contrast included.

use serde_json::{Value, json};

use super::screen::Screen;
use super::site::target_folder;

/// The script of axe-core, from where `cargo xtask check` puts it.
fn axe() -> String {
    let file = target_folder().join("browser-test/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file)
        .unwrap_or_else(|cause| panic!("{}: {cause}; `cargo xtask check` installs it", file.display()))
}

/// What axe is asked about.
#[derive(Clone, Copy)]
pub enum Asked {
    All,
    /// In the other colours only the colours can be wrong.
    Contrast,
}

/// What axe holds against the page in the window, a line each.
pub async fn violations(screen: &Screen, asked: Asked) -> Vec<String> {
    let known = screen.client().execute("return typeof window.axe !== 'undefined'", vec![]).await.expect("asked");
    if known != json!(true) {
        screen.client().execute(&axe(), vec![]).await.expect("axe is there");
    }
    let only = match asked {
        Asked::All => json!({ "type": "tag", "values": ["wcag2a", "wcag2aa"] }),
        Asked::Contrast => json!({ "type": "rule", "values": ["color-contrast"] }),
    };
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: arguments[0], resultTypes: ['violations'], elementRef: false, iframes: false })
          .then((found) => done(found.violations.map((one) => one.id + ': ' + one.help + '\\n    '
            + one.nodes.slice(0, 4).map((node) => node.html.slice(0, 200) + '\\n      ' + (node.any[0] ? node.any[0].message : '')).join('\\n    '))),
            (cause) => done(['axe failed: ' + cause]));";
    let found = screen.client().execute_async(run, vec![only]).await.expect("axe answers");
    let Value::Array(found) = found else { panic!("axe said {found}") };
    found.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}
