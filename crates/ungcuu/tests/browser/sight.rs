//! Who sees what of one incident: the citizen the own report and nothing behind it, other units and the finance office
//! nothing at all, an auditor everything without a button.

use super::journey::{Case, STORY, TITLE};
use super::screen::Screen;
use super::site::Site;

/// Whoever has nothing to do with it: the commune next door, the operator of other systems, the finance office. Only the
/// last may open no incident at all.
const STRANGERS: [(&str, bool); 3] = [("ut", true), ("phuc", true), ("lien", false)];

/// The tracking code opens the citizen's own report and how it stands; what officers write stays with them.
pub async fn the_citizen_sees_the_report_alone(screen: &Screen, tracking: &str, case: &Case<'_>) {
    screen.leaves().await;
    screen.phone().await;
    screen.goes_to("/report").await;
    screen.fills("Mã theo dõi", tracking).await;
    screen.clicks("Xem tin của tôi").await;
    screen.sees("Tin báo của bạn").await;
    for inner in [case.code.as_str(), TITLE, "Lê Thị Lan", "Đến tận nơi xem"] {
        screen.does_not_see(inner).await;
    }
    for inside in [case.path.as_str(), case.alert.as_str(), "/incidents", "/alerts", "/people"] {
        screen.goes_to(inside).await;
        screen.sees("Mật khẩu").await;
        screen.does_not_see(&case.code).await;
    }
    screen.desk().await;
}

/// For them it does not exist: not in lists, not in the search, not among notices, not by its address, not by the API.
pub async fn strangers_see_nothing(site: &Site, case: &Case<'_>) {
    let screen = case.screen;
    for (stranger, has_incidents) in STRANGERS {
        screen.becomes(stranger).await;
        let lists = [("/", "Việc của tôi"), ("/notices", "Thông báo"), ("/search?q=m%C3%A3%20ho%C3%A1", "Tìm kiếm")];
        let own = [("/incidents?state=all", "Sự cố"), ("/alerts?state=all", "Tiếp nhận")];
        for (list, heading) in lists.iter().chain(own.iter().filter(|_| has_incidents)) {
            screen.goes_to(list).await;
            screen.sees(heading).await;
            for words in [case.code.as_str(), TITLE, STORY] {
                screen.does_not_see(words).await;
            }
        }
        screen.goes_to(&case.path).await;
        screen.sees(if has_incidents { "Không tìm thấy" } else { "Không được phép" }).await;
        screen.does_not_see(&case.code).await;
        let session = screen.session().await;
        for part in ["", "/steps/b3", "/timeline", "/evidence", "/reports", "/journal", "/dossier/pdf"] {
            let path = format!("{}{part}", case.path);
            assert!(!site.has(&path, &session).await, "{stranger} reads {path}");
        }
        for path in [&case.path, &case.alert] {
            assert!(!site.has(path, &session).await, "{stranger} reads {path}");
            assert!(!site.has(&format!("/api/v1{path}"), &session).await, "{stranger} reads {path} by the API");
        }
    }
}

/// Whoever only looks has nothing to press.
pub async fn an_auditor_sees_and_touches_nothing(screen: &Screen, case: &Case<'_>) {
    screen.becomes("tram").await;
    screen.goes_to(&case.path).await;
    screen.sees(&case.code).await;
    case.step("b1").await;
    screen.sees("Cần có trước khi xong").await;
    for act in ["Hoàn thành bước", "Lưu", "Kết thúc sự cố", "Thêm chứng cứ"] {
        screen.cannot_press(act).await;
    }
}
