//! Two people work on one incident at the same time.

use super::screen::Screen;
use super::site::Site;

/// Opens an incident of xã Ba Sao by hand and returns its path.
pub async fn open_incident(screen: &Screen, title: &str) -> String {
    screen.goes_to("/incidents/new").await;
    screen.fills("Tiêu đề", title).await;
    screen.chooses("Nếu chưa chọn hệ thống: đơn vị vận hành", "Ba Sao").await;
    screen.chooses("Tình huống", "Tấn công mã hoá").await;
    screen.chooses("Mức độ", "Cao").await;
    screen.fills("Mô tả sơ bộ", "Hai máy của bộ phận Một cửa bị mã hoá.").await;
    screen.clicks("Mở sự cố").await;
    screen.sees("SC-").await;
    let path = screen.path().await;
    path.split(['?', '#']).next().expect("a path").to_owned()
}

/// Notes an alert as its clerk does and returns its path.
pub async fn record_alert(screen: &Screen, title: &str) -> String {
    screen.goes_to("/alerts/new").await;
    screen.fills("Chuyện gì xảy ra", title).await;
    screen.clicks("Ghi nhận").await;
    screen.sees(title).await;
    let path = screen.path().await;
    path.split(['?', '#']).next().expect("a path").to_owned()
}

#[tokio::test]
async fn two_people_on_one_incident_see_each_others_changes_and_lose_no_words() {
    let site = Site::start().await;
    let (clerk, officer) = tokio::join!(Screen::open(&site), Screen::open(&site));
    clerk.becomes("hoa").await;
    officer.becomes("lan").await;
    let incident = open_incident(&clerk, "Mã hoá dữ liệu tại UBND xã Ba Sao").await;

    officer.goes_to(&incident).await;
    officer.sees("Mã hoá dữ liệu").await;
    clerk.goes_to(&format!("{incident}/timeline")).await;
    // The button on top unfolds the form below.
    clerk.presses("Ghi diễn biến").await;
    clerk.fills("Chuyện gì", "Đã rút dây mạng hai máy").await;
    clerk.clicks_in("Chi tiết", "Ghi diễn biến").await;
    officer.sees("thay đổi mới").await;

    let edit = format!("{incident}/edit");
    clerk.goes_to(&edit).await;
    officer.goes_to(&edit).await;
    clerk.fills("Tiêu đề", "Mã hoá dữ liệu tại bộ phận Một cửa xã Ba Sao").await;
    clerk.clicks("Lưu thông tin").await;
    clerk.sees("bộ phận Một cửa xã Ba Sao").await;
    officer.fills("Tiêu đề", "Mã độc tống tiền tại UBND xã Ba Sao").await;
    officer.clicks("Lưu thông tin").await;
    officer.sees("Nội dung này vừa được người khác sửa").await;
    officer.sees("Nguyễn Thị Hoa").await;
    assert_eq!(officer.value_of("Tiêu đề").await, "Mã độc tống tiền tại UBND xã Ba Sao");
    officer.clicks("Lưu thông tin").await;
    officer.sees("Mã độc tống tiền tại UBND xã Ba Sao").await;
    clerk.close().await;
    officer.close().await;
}
