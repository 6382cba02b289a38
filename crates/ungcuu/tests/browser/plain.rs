//! A browser in which no script runs.

use super::browser::Manner;
use super::screen::Screen;
use super::site::Site;

#[tokio::test]
async fn someone_without_script_reports_and_signs_in() {
    let site = Site::start().await;
    let screen = Screen::open_with(&site, Manner { plain: true }).await;
    screen.phone().await;
    screen.goes_to("/report").await;
    screen.clicks("Thư lạ").await;
    screen.fills("Kể vài câu", "Thư mạo danh cơ quan thuế, đòi mật khẩu.").await;
    screen.chooses("Cơ quan, đơn vị", "Ba Sao").await;
    screen.attaches("Ảnh chụp màn hình", &site.file("thu.txt", "Kính gửi…".as_bytes())).await;
    screen.clicks("Gửi tin báo").await;
    screen.sees("Mã theo dõi").await;
    screen.sees("thu.txt").await;
    screen.desk().await;
    screen.becomes("hoa").await;
    screen.goes_to("/alerts").await;
    screen.sees("Thư lạ").await;
    screen.close().await;
}
