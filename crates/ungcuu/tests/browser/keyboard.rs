//! The keyboard alone: the palette and the queue.

use super::screen::Screen;
use super::site::Site;
use super::together::record_alert;

const CONTROL_K: &str = "\u{E009}k\u{E000}";
const ENTER: &str = "\u{E007}";

#[tokio::test]
async fn control_k_goes_anywhere_without_typing_marks() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;
    screen.becomes("hoa").await;
    screen.goes_to("/").await;
    screen.keys(CONTROL_K).await;
    screen.until_script("the palette", "return !!document.querySelector('[data-palette-box][open]')").await;
    screen.keys("su co").await;
    let first = "return (document.querySelector('#palette-hits .hit-title') || {}).textContent === 'Sự cố'";
    screen.until_script("“Sự cố” as the first hit", first).await;
    screen.keys(ENTER).await;
    screen.until_script("the list of incidents", "return location.pathname === '/incidents'").await;
    screen.close().await;
}

#[tokio::test]
async fn the_queue_is_walked_through_with_j_and_k() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;
    screen.becomes("hoa").await;
    for title in ["Thư giả danh Kho bạc", "Máy quét chạy chậm"] {
        record_alert(&screen, title).await;
    }
    screen.goes_to("/alerts").await;
    screen.sees("Máy quét chạy chậm").await;
    let at = "return (document.querySelector('tr.at .row-link, a.row.at') || {}).textContent || ''";
    screen.keys("j").await;
    let first = screen.until_script("a row stood on", at).await;
    screen.keys("j").await;
    screen.until_script("the next row", &format!("const at = (() => {{ {at} }})(); return at !== {first} && at")).await;
    screen.keys("k").await;
    screen.until_script("the row before", &format!("return (() => {{ {at} }})() === {first}")).await;
    screen.keys(ENTER).await;
    screen.until_script("the alert", "return location.pathname !== '/alerts' || location.search !== ''").await;
    screen.close().await;
}
