//! Logs of one night in a locality (`tests/story`, made up) against the rules of our own: the story as it must come out.

use std::path::Path;

use super::Kept;
use ungcuu_detect::hunt::{Choice, Hunt};
use ungcuu_detect::sigma::{Level, own};

#[test]
fn one_night_in_a_locality_is_told_from_its_logs() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/story");
    let choice = Choice { min_level: Some(Level::Low), ..Choice::default() };
    let mut kept = Kept::default();
    let outcome = Hunt::new(own::rules(), choice).run(&[logs], 2, &mut kept).unwrap();
    assert!(outcome.unread.is_empty() && outcome.not_logs.is_empty(), "{outcome:?}");
    assert_eq!((outcome.files, outcome.lines.skipped), (6, 0));
    let told: Vec<String> = kept
        .2
        .timeline()
        .iter()
        .map(|line| format!("{} {} {} x{}", line.host, line.level.word(), line.title, line.count))
        .collect();
    assert_eq!(
        told,
        [
            "web-01 high Tập lệnh lạ trong thư mục tải lên của cổng thông tin được gọi x3",
            "web-01 critical Cổng thông tin nhận lệnh hệ điều hành qua tham số x2",
            "web-01 high Máy chủ web (Windows) mở cửa sổ lệnh x2",
            "web-01 high Trang chủ bị ghi đè từ tiến trình máy chủ web x1",
            "web-01 high Nhật ký an ninh của Windows bị xóa x1",
            "dc-01 high Dò mật khẩu Windows hoặc máy tính từ xa (RDP) x1",
            "dc-01 critical Dò mật khẩu Windows thành công x1",
            "dc-01 high Tài khoản được thêm vào nhóm quản trị Windows x1",
            "thu-01 medium Dò mật khẩu SSH x1",
            "thu-01 critical Dò mật khẩu SSH thành công x1",
            "thu-01 high Tài khoản Linux được cấp quyền quản trị x1",
            "thu-01 high Nhật ký của Linux bị xóa x1",
            "pc-vanthu high Văn bản Office mở chương trình x1",
            "pc-vanthu high Văn bản Office ghi tệp chạy được x1",
            "pc-vanthu critical Bản sao lưu của Windows bị xóa x1",
            "pc-vanthu critical Thư đòi tiền chuộc xuất hiện trên máy x3",
        ]
    );
    let lines = kept.lines();
    let time = |title: &str| lines.iter().find(|line| line["title"] == title).map(|line| line["time"].clone());
    // The web server's log is in Greenwich's time, like the event log of the same machine.
    assert_eq!(time("Cổng thông tin nhận lệnh hệ điều hành qua tham số").unwrap(), "2026-11-27T15:02:19.000000Z");
    assert_eq!(time("Máy chủ web (Windows) mở cửa sổ lệnh").unwrap(), "2026-11-27T15:02:19.000000Z");
}
