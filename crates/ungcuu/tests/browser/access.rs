//! Everyone can use every page: axe-core finds nothing, in light and dark, at a desk and on a phone. Pictures of the same
//! pages are taken when `UNGCUU_SCREENSHOTS` names a folder.

use super::axe::{Asked, violations};
use super::screen::Screen;
use super::site::Site;
use super::together::{open_incident, record_alert};

const DRESSES: [(&str, &str, u32, u32); 4] =
    [("1440", "light", 1440, 900), ("360", "light", 360, 760), ("1440", "dark", 1440, 900), ("360", "dark", 360, 760)];

/// Looks at these pages in every dress and says what is wrong with each.
async fn look_at(screen: &Screen, pages: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (name, path) in pages {
        screen.goes_to(path).await;
        for (width, scheme, across, down) in DRESSES {
            screen.size(across, down).await;
            screen.prefers(scheme).await;
            let asked = if scheme == "light" { Asked::All } else { Asked::Contrast };
            wrong.extend(violations(screen, asked).await.iter().map(|one| format!("{path} {scheme} {width}: {one}")));
            screen.look_for_wrongs().await;
            if let Ok(folder) = std::env::var("UNGCUU_SCREENSHOTS") {
                let picture = screen.picture().await;
                std::fs::write(format!("{folder}/{name}-{width}-{scheme}.png"), picture).expect("a picture is kept");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn everyone_can_use_the_pages_outside_of_an_incident() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;
    look_at(&screen, &[("sign-in", "/sign-in"), ("report-public", "/report"), ("report-form", "/report?tile=locked")])
        .await;
    screen.becomes("hoa").await;
    let alert = record_alert(&screen, "Thư giả danh Kho bạc").await;
    screen.becomes("lan").await;
    look_at(
        &screen,
        &[
            ("parts", "/ui"),
            ("queue", &alert),
            ("queue-empty", "/alerts?q=khongthay"),
            ("alert-new", "/alerts/new"),
            ("alert-open", &format!("{alert}/open")),
            ("units", "/units"),
            ("people", "/people"),
            ("team", "/team"),
            ("systems", "/systems"),
            ("system-new", "/systems/new"),
            ("search", "/search?q=ba%20sao"),
            ("account", "/account"),
            ("notices", "/notices"),
            ("contacts", "/contacts"),
            ("plan", "/plan"),
        ],
    )
    .await;
    screen.becomes("quantri").await;
    look_at(&screen, &[("accounts", "/accounts"), ("account-new", "/accounts/new")]).await;
    screen.close().await;
}

#[tokio::test]
async fn everyone_can_use_the_pages_of_an_incident_in_full_swing() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;
    screen.becomes("lan").await;
    screen.goes_to("/incidents").await;
    screen.clicks("SC-2026-0002").await;
    let incident = screen.path().await;
    let under = |part: &str| format!("{incident}{part}");
    look_at(
        &screen,
        &[
            ("busy", &incident),
            ("busy-steps", &under("/steps")),
            ("busy-options", &under("/steps/b3")),
            ("busy-summons", &under("/steps/b4")),
            ("busy-telling", &under("/steps/b5")),
            ("busy-work", &under("/steps/b7")),
            ("busy-timeline", &under("/timeline")),
            ("busy-evidence", &under("/evidence")),
            ("busy-indicators", &under("/indicators")),
            ("busy-coordination", &under("/coordination")),
            ("busy-journal", &under("/journal")),
        ],
    )
    .await;
    screen.close().await;
}

#[tokio::test]
async fn everyone_can_use_the_pages_of_an_incident() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;
    screen.becomes("hoa").await;
    let incident = open_incident(&screen, "Mã hoá dữ liệu tại UBND xã Ba Sao").await;
    let under = |part: &str| format!("{incident}{part}");
    screen.goes_to(&under("/reports")).await;
    screen.clicks("Lập Mẫu số 03").await;
    let form = screen.path().await;
    look_at(
        &screen,
        &[
            ("home", "/"),
            ("incidents", "/incidents"),
            ("incident-new", "/incidents/new"),
            ("incident", &incident),
            ("steps", &under("/steps")),
            ("step", &under("/steps/b1")),
            ("timeline", &under("/timeline")),
            ("incident-edit", &under("/edit")),
            ("parts-of-incident", &under("/parts")),
            ("class", &under("/class")),
            ("evidence", &under("/evidence")),
            ("indicators", &under("/indicators")),
            ("reports", &under("/reports")),
            ("dossier", &under("/dossier")),
            ("form", &form),
        ],
    )
    .await;
    screen.close().await;
}
