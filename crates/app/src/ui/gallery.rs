//! Every part in every state on one page, for those who build pages and those who judge the look.
//!
//! The samples are invented; nothing here reads the database.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, MINUTE, Time};

use super::given::Whole;
use super::{Event, RailStep, StepState, Tab, Tone};
use crate::feature::Feature;
use crate::page::{Conflict, FormState, Page};
use crate::web::{Access, Call, Routes};

/// The gallery page. Has no content of its own: its JSON is empty.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "ui/gallery.html")]
pub struct Gallery {
    #[serde(skip)]
    p: Page,
}

/// The page of the parts, for anyone signed in.
pub fn feature() -> Feature {
    let about = Text::new("Các thành phần của giao diện", "The parts of the interface");
    Feature { routes: Routes::new().page("/ui", Access::SignedIn, about, show), ..Feature::default() }
}

async fn show(call: Call) -> Result<Gallery> {
    let mut look = call.look().await?;
    let page = Page::new(&call, &mut look, Text::new("Các thành phần", "The parts")).await?;
    Ok(gallery(page))
}

/// The gallery around this page; one sample form comes back with errors, unless a real one did.
pub fn gallery(mut p: Page) -> Gallery {
    let sample = !p.failed();
    if sample {
        p.form = failed_form(p.now);
    }
    let gallery = Gallery { p };
    if sample && gallery.render().is_ok() {
        gallery.p.form.drawn.complete();
    }
    gallery
}

/// A form that came back: two errors and a conflict.
fn failed_form(now: Time) -> FormState {
    let errors = vec![
        ("title".to_owned(), Text::new("Hãy ghi tiêu đề.", "Write a title.")),
        ("class".to_owned(), Text::new("Hãy chọn một loại.", "Choose a class.")),
    ];
    let values = vec![
        ("title".to_owned(), String::new()),
        ("story".to_owned(), "Chữ đã gõ vẫn còn <đây>.".to_owned()),
        ("systems".to_owned(), "mail".to_owned()),
    ];
    let field = |label: &str, theirs: &str, yours: &str| (label.to_owned(), theirs.to_owned(), yours.to_owned());
    let conflict = Conflict {
        who: "Nguyễn Thị Lan".to_owned(),
        when: now.plus(-4 * MINUTE),
        fields: vec![
            field("title", "Mã hoá dữ liệu tại bộ phận một cửa", "Mã hoá dữ liệu tại UBND xã"),
            field("story", "Bốn máy không mở được tệp.", "Chữ đã gõ vẫn còn <đây>."),
        ],
    };
    let action = "/ui/failed".to_owned();
    FormState { action, values, errors, conflict: Some(conflict), ..FormState::default() }
}

impl Gallery {
    fn in_(&self, minutes: impl Whole) -> Time {
        self.p.now.plus(minutes.whole() * MINUTE)
    }

    fn never(&self) -> Option<Time> {
        None
    }

    fn tones(&self) -> [(Tone, &'static str); 6] {
        [
            (Tone::Quiet, "Nháp"),
            (Tone::Active, "Đang xử lý"),
            (Tone::Good, "Đã xong"),
            (Tone::Watch, "Cần xem lại"),
            (Tone::Bad, "Bị trả lại"),
            (Tone::Drill, "Diễn tập"),
        ]
    }

    fn steps(&self) -> Vec<RailStep> {
        use StepState::{Done, Looped, Now, Skipped, Todo};
        let states = [Done, Done, Done, Skipped, Done, Now, Now, Looped, Todo, Todo, Todo];
        let titles = [
            "Theo dõi, tiếp nhận, phân tích cảnh báo, dấu hiệu",
            "Các bước ưu tiên ban đầu",
            "Lựa chọn phương án ngăn chặn và xử lý",
            "Chỉ đạo, triệu tập Tổ ứng cứu",
            "Báo cáo sự cố",
            "Điều phối, chia sẻ thông tin",
            "Thu thập chứng cứ, xác định phạm vi, nguồn gốc",
            "Gỡ bỏ mã độc, khắc phục điểm yếu",
            "Khôi phục hệ thống, dữ liệu, kết nối",
            "Kiểm tra toàn hệ thống sau khắc phục",
            "Tổng hợp, báo cáo, rút kinh nghiệm",
        ];
        let numbered = (1..).zip(titles).zip(states);
        numbered
            .map(|((number, title), state)| RailStep::new(number, title, state).link(format!("/ui?step={number}")))
            .collect()
    }

    fn tabs(&self) -> Vec<Tab> {
        vec![
            Tab::new("/ui", "Tổng quan").current(true),
            Tab::new("/ui", "Bước và việc").count(5),
            Tab::new("/ui", "Diễn biến").count(34),
            Tab::new("/ui", "Chứng cứ").count(6),
            Tab::new("/ui", "Hệ thống và dấu hiệu").count(11),
            Tab::new("/ui", "Báo cáo").count(2),
            Tab::new("/ui", "Phối hợp").count(3),
            Tab::new("/ui", "Hồ sơ"),
            Tab::new("/ui", "Nhật ký"),
        ]
    }

    fn events(&self) -> Vec<Event> {
        let now = self.p.now;
        vec![
            Event::new(now.plus(-20 * MINUTE), "Rút dây mạng năm máy của bộ phận một cửa")
                .kind("step", "Bước 7")
                .by("Trần Văn Minh")
                .tag("PC-MOTCUA-03")
                .edit("/ui"),
            Event::new(now.plus(-2 * HOUR), "Quyết định: không trả tiền chuộc, khôi phục từ bản sao lưu")
                .kind("decision", "Quyết định")
                .text("Chủ tịch UBND đồng ý với đề xuất của Tổ ứng cứu.\n\nPhát ngôn giao cho Văn phòng.")
                .by("Lê Thị Hồng Hạnh")
                .starred(true),
            Event::new(now.plus(-3 * HOUR), "Gửi báo cáo ban đầu")
                .kind("report", "Báo cáo")
                .by("Nguyễn Thị Lan")
                .link("/ui"),
            Event::new(now.plus(-DAY - HOUR), "Thu ảnh đĩa máy chủ tệp")
                .kind("evidence", "Chứng cứ")
                .by("Phạm Quốc Bảo")
                .tag("SRV-FILE-01")
                .tag("185.220.101.7"),
            Event::new(now.plus(-DAY - 2 * HOUR), "Nhiều tệp đổi đuôi, xuất hiện thư đòi tiền")
                .kind("alert", "Cảnh báo")
                .noticed(now.plus(-DAY))
                .recorded(now.plus(-DAY + 30 * MINUTE)),
        ]
    }

    fn units(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("1", "Phòng Văn hoá và Thông tin"),
            ("2", "Uỷ ban nhân dân xã Mỹ Hiệp"),
            ("3", "Trung tâm Văn hoá, Thể thao, Truyền thanh và Hỗ trợ phát triển du lịch cộng đồng"),
        ]
    }

    fn classes(&self) -> Vec<(&'static str, &'static str)> {
        vec![("malware", "Mã độc"), ("deface", "Thay đổi giao diện"), ("takeover", "Chiếm quyền điều khiển")]
    }

    fn systems(&self) -> Vec<(&'static str, &'static str)> {
        vec![("mail", "Thư điện tử"), ("portal", "Cổng thông tin"), ("office", "Một cửa điện tử")]
    }

    fn months(&self) -> Vec<&'static str> {
        vec!["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
    }

    fn counts(&self) -> Vec<(&'static str, i64)> {
        vec![("Mã độc", 14), ("Thư lừa đảo", 31), ("Thay đổi giao diện", 3), ("Chiếm quyền điều khiển", 6), ("Khác", 1)]
    }
}
