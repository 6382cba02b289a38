//! One incident from a citizen's photo to the lesson: the plan's eleven steps, two rounds, and the papers that come out of
//! it. A citizen and five accounts have a hand in it (lan takes in, opens and closes; hoa operates; chin owns; bcd directs;
//! tung is of the team), an auditor looks on, and three more accounts must not even know of it.

use ungcuu_app::pack::{FormLayout, Pack};
use ungcuu_kit::text::Lang;

use super::paper;
use super::screen::Screen;
use super::sight;
use super::site::Site;

/// A photo of a locked screen.
const PHOTO: &[u8] = include_bytes!("photo.png");
/// What the citizen calls the place; found again at the far end, in the dossier.
const PLACE: &str = "Bộ phận Một cửa, máy số 2";
pub const TITLE: &str = "Mã hoá dữ liệu tại UBND xã Ba Sao";
const LOG: &[u8] = b"2026-11-22T08:01:13 powershell.exe -enc SQBFAFgA from 203.0.113.7\n";
const LOG_SHA256: &str = "f528d33eac3691f111f3dcdd07b343c8a97df8618ebb367c8c1067e315ab597a";
const PHOTO_SHA256: &str = "eebbb3728c057b10eac144fbdb20e5d705b1f080825c6a7b5850b1054c16d3d4";
pub const STORY: &str = "Bật máy lên thì màn hình đỏ, đòi tiền, hồ sơ không mở được.";
const SCOPE: &str = "Hai máy của bộ phận Một cửa và một thư mục dùng chung.";
const ORIGIN: &str = "Tệp đính kèm trong thư giả danh mở ngày hôm trước.";
const CAUSE: &str = "Máy chưa cập nhật, người dùng mở tệp lạ.";
const LESSON: &str = "Chặn tệp chạy được trong thư gửi đến.";
const CLOSING: &str = "Dịch vụ Một cửa đã chạy lại; theo dõi thêm một tuần.";

/// An incident on its way.
pub struct Case<'a> {
    pub screen: &'a Screen,
    /// Such as `/incidents/INC_01…`.
    pub path: String,
    pub code: String,
    /// The alert that it was opened from, such as `/alerts/ALR_01…`.
    pub alert: String,
}

#[tokio::test]
async fn an_incident_goes_from_a_citizens_photo_to_the_lesson() {
    let site = Site::start().await;
    let screen = Screen::open(&site).await;

    let tracking = a_citizen_reports_on_a_phone(&site, &screen).await;
    let case = the_clerk_verifies_and_opens(&screen).await;
    sight::the_citizen_sees_the_report_alone(&screen, &tracking, &case).await;
    sight::strangers_see_nothing(&site, &case).await;
    sight::an_auditor_sees_and_touches_nothing(&screen, &case).await;
    the_operator_does_the_first_steps(&case).await;
    the_owner_approves_the_option(&case).await;
    the_board_directs_and_summons(&case).await;
    let report = the_operator_reports_on_the_form(&case).await;
    the_team_works_on_it(&site, &case).await;
    it_is_cleaned_and_restored(&case).await;
    it_is_not_stable_and_goes_round_again(&case).await;
    it_is_summed_up_and_closed(&case).await;
    the_dossier_tells_it_all(&site, &case, &report).await;
    sight::the_citizen_sees_the_report_alone(&screen, &tracking, &case).await;
    screen.goes_to(&format!("/report/{tracking}")).await;
    screen.sees("Đã xử lý xong").await;
    screen.close().await;
}

/// Returns the tracking code.
async fn a_citizen_reports_on_a_phone(site: &Site, screen: &Screen) -> String {
    screen.phone().await;
    screen.goes_to("/report").await;
    screen.clicks("Máy bị khoá").await;
    screen.sees("Rút dây mạng").await;
    screen.fills("Kể vài câu", STORY).await;
    screen.chooses("Cơ quan, đơn vị", "Ba Sao").await;
    screen.fills("Chỗ nào", PLACE).await;
    screen.attaches("Ảnh chụp màn hình", &site.file("man-hinh.png", PHOTO)).await;
    screen.fills("Họ tên", "Trần Văn Sáu").await;
    screen.fills("Điện thoại", "0913 000 111").await;
    screen.clicks("Gửi tin báo").await;
    screen.sees("Mã theo dõi").await;
    screen.sees("Không trả tiền").await;
    let code = screen.until_script("a code", "return tidy(document.querySelector('.code-large').textContent)").await;
    screen.desk().await;
    code.as_str().expect("words").to_owned()
}

async fn the_clerk_verifies_and_opens(screen: &Screen) -> Case<'_> {
    screen.becomes("lan").await;
    screen.goes_to("/alerts").await;
    screen.clicks(STORY).await;
    screen.sees(STORY).await;
    let alert = place(screen).await;
    screen.sees("Trần Văn Sáu").await;
    screen.clicks("Nhận").await;
    screen.unfolds("Xác minh").await;
    screen.chooses_in("Đã kiểm tra thế nào", "Mức độ", "Cao").await;
    screen.fills("Đã kiểm tra thế nào", "Đến tận nơi xem: hai máy bị mã hoá.").await;
    screen.clicks("Xác minh là thật").await;
    screen.clicks("Mở sự cố").await;
    screen.fills("Tên sự cố", TITLE).await;
    screen.chooses("Loại sự cố", "Tấn công mã hoá").await;
    screen.chooses("Đơn vị vận hành", "Ba Sao").await;
    screen.chooses("Chủ quản", "Ba Sao").await;
    screen.fills("Tóm tắt", "Hai máy của bộ phận Một cửa bị mã hoá, hồ sơ trong ngày không mở được.").await;
    screen.clicks("Mở sự cố").await;
    screen.sees("SC-").await;
    let path = place(screen).await;
    let code = screen.until_script("a code", "return tidy(document.querySelector('h1 .code').textContent)").await;
    Case { screen, path, code: code.as_str().expect("words").to_owned(), alert }
}

/// Where one is, without what a link added.
async fn place(screen: &Screen) -> String {
    let path = screen.path().await;
    path.split(['?', '#']).next().expect("a path").to_owned()
}

async fn the_operator_does_the_first_steps(case: &Case<'_>) {
    let screen = case.screen;
    screen.becomes("hoa").await;
    case.step("b1").await;
    case.finding("Nguồn gốc tấn công", "Chưa rõ, nghi do thư giả danh.").await;
    case.finish(1).await;

    case.step("b2").await;
    screen.ticks_in("", "Chọn tất cả").await;
    screen.clicks("Đã làm các việc đã chọn").await;
    case.finish(2).await;

    case.step("b3").await;
    screen.unfolds("Phương án gợi ý").await;
    screen.clicks_in("Cô lập máy", "Lấy phương án này").await;
    screen.unfolds("Trình chủ quản phương án này").await;
    screen.fills("Vì sao chọn phương án này", "Chặn lây lan mà bộ phận khác vẫn làm việc.").await;
    screen.clicks_and_agrees("Trình duyệt", "sẽ được trình chủ quản duyệt").await;
    screen.sees("Đang trình chủ quản").await;
    // Who proposes does not approve; the other way round, too, below.
    screen.cannot_press("Duyệt phương án").await;
}

async fn the_owner_approves_the_option(case: &Case<'_>) {
    let screen = case.screen;
    screen.becomes("chin").await;
    screen.goes_to("/").await;
    screen.clicks(&case.code).await;
    case.step("b3").await;
    screen.sees("Cần có trước khi xong").await;
    screen.cannot_press("Hoàn thành bước").await;
    screen.fills("Ý kiến của chủ quản", "Đồng ý. Báo cáo lại trước 17 giờ.").await;
    screen.clicks("Duyệt phương án").await;
    screen.becomes("hoa").await;
    case.step("b3").await;
    screen.sees("Báo cáo lại trước 17 giờ").await;
    case.finish(3).await;
}

async fn the_board_directs_and_summons(case: &Case<'_>) {
    let screen = case.screen;
    screen.becomes("bcd").await;
    case.step("b4").await;
    screen.unfolds("Cho ý kiến chỉ đạo").await;
    screen.fills("Nội dung chỉ đạo", "Tập trung khôi phục dịch vụ Một cửa trong ngày.").await;
    screen.chooses("Gửi đến", "Phòng Văn hoá và Thông tin").await;
    screen.clicks("Gửi ý kiến chỉ đạo").await;
    screen.unfolds("Triệu tập").await;
    screen.fills("Tập hợp tại", "UBND xã Ba Sao").await;
    screen.clicks_and_agrees("Triệu tập", "nhận thông báo triệu tập ngay").await;
    screen.unfolds("Phân công người phát ngôn").await;
    screen.chooses("Người phát ngôn", "Trần Thị Mỹ Hạnh").await;
    screen.fills("Theo quyết định, ý kiến", "Ý kiến của Trưởng ban, qua điện thoại").await;
    screen.clicks("Phân công").await;
    case.finish(4).await;
    case.step("b6").await;
    case.finish(6).await;
    // The team's step is not the board's to finish.
    case.step("b7").await;
    screen.sees("Cần có trước khi xong").await;
    screen.cannot_press("Hoàn thành bước").await;
}

/// Returns where the issued report stands.
async fn the_operator_reports_on_the_form(case: &Case<'_>) -> String {
    let screen = case.screen;
    screen.becomes("hoa").await;
    case.step("b5").await;
    screen.unfolds("Ghi một lần báo cáo, thông báo").await;
    screen.chooses("Nơi nhận", "Phòng Văn hoá và Thông tin").await;
    screen.chooses("Loại", "Báo cáo ban đầu").await;
    screen.chooses("Hình thức", "Hệ thống quản lý văn bản").await;
    screen.fills("Đã báo điều gì", "Hai máy bị mã hoá, đã rút khỏi mạng.").await;
    screen.clicks_in("Đã báo điều gì", "Ghi").await;
    screen.sees("Hai máy bị mã hoá, đã rút khỏi mạng.").await;

    case.begin("Mẫu số 03", "BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG").await;
    screen.fills("Địa chỉ (*)", "").await;
    screen.fills("Điện thoại (*)", "").await;
    screen.fills("Email (*)", "bằng thư").await;
    case.issue().await;
    // What is missing is said on top and beside each field, and what was typed is still there. A form has several fields
    // called alike, so it is said whose.
    screen.sees("Mục bắt buộc còn trống: Địa chỉ (THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ)").await;
    screen.sees("Mục bắt buộc còn trống: Điện thoại (THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ)").await;
    screen.does_not_see("Mục bắt buộc còn trống: Email").await;
    assert!(screen.title().await.starts_with("Lỗi:"));
    assert_eq!(screen.value_of("Email (*)").await, "bằng thư");
    screen.fills("Địa chỉ (*)", "Ấp 2, xã Ba Sao").await;
    screen.fills("Điện thoại (*)", "0277 3 822 001").await;
    screen.fills("Email (*)", "basao@dongthap.example").await;
    screen.chooses("Cách thức phát hiện", "Kiểm tra dữ liệu lưu lại").await;
    case.issue().await;
    screen.sees("Đã phát hành").await;
    let report = place(screen).await;
    // The step is not done before everybody was told whom the rules in force name.
    case.step("b5").await;
    screen.sees("Theo quy định còn phải báo").await;
    screen.cannot_press("Hoàn thành bước").await;
    screen.clicks("Ghi đã báo").await;
    screen.chooses("Loại", "Báo cáo ban đầu").await;
    screen.chooses("Hình thức", "Hệ thống quản lý văn bản").await;
    screen.fills("Đã báo điều gì", "Gửi báo cáo ban đầu theo Mẫu số 03.").await;
    screen.clicks_in("Đã báo điều gì", "Ghi").await;
    screen.sees("Gửi báo cáo ban đầu theo Mẫu số 03.").await;
    case.finish(5).await;
    report
}

async fn the_team_works_on_it(site: &Site, case: &Case<'_>) {
    let screen = case.screen;
    screen.becomes("tung").await;
    case.step("b4").await;
    screen.cannot_press("Hoàn thành bước").await;
    screen.clicks("Tôi đã có mặt").await;
    screen.goes_to(&format!("{}/evidence", case.path)).await;
    screen.sees("man-hinh.png").await;
    screen.chooses("Loại chứng cứ", "Nhật ký hệ thống").await;
    screen.fills("Thu từ đâu", "Máy số 2").await;
    screen.attaches("Tệp", &site.file("nhat-ky.log", LOG)).await;
    screen.clicks("Thêm chứng cứ").await;
    screen.sees("nhat-ky.log").await;
    // The server's own hash of what came in.
    screen.sees(LOG_SHA256).await;
    case.step("b7").await;
    case.finding("Phạm vi", SCOPE).await;
    case.finding("Nguồn gốc tấn công", ORIGIN).await;
    case.measure("Biện pháp ngăn chặn", "Rút dây mạng hai máy", "Không còn máy nào bị thêm.").await;
    case.finish(7).await;
}

async fn it_is_cleaned_and_restored(case: &Case<'_>) {
    let screen = case.screen;
    screen.becomes("tung").await;
    case.step("b8").await;
    case.measure("Gỡ bỏ mã độc, phần mềm độc hại", "Quét, gỡ mã độc trên máy bị nhiễm", "Hai máy đã sạch.").await;
    case.measure("Khắc phục điểm yếu", "Cài bản vá", "Đã cài đủ.").await;
    case.finish(8).await;
    screen.becomes("hoa").await;
    case.step("b9").await;
    case.measure(
        "Khôi phục hệ thống, dữ liệu, kết nối",
        "Khôi phục dữ liệu từ bản sao lưu",
        "Đủ hồ sơ đến hết ngày hôm trước.",
    )
    .await;
    case.finish(9).await;
}

async fn it_is_not_stable_and_goes_round_again(case: &Case<'_>) {
    let screen = case.screen;
    case.step("b10").await;
    screen.fills_in("Rà quét lại, không còn mã độc", "Ghi chú", "Máy số 2 còn tệp lạ.").await;
    screen.clicks_in("Rà quét lại, không còn mã độc", "Không đạt").await;
    screen.fills("Nhận xét, lý do", "Mã độc còn trên máy số 2.").await;
    screen.clicks_and_agrees("Kết luận: chưa ổn định, làm lại", "vòng").await;
    screen.sees("Đã mở vòng xử lý mới").await;
    screen.sees("vòng 2").await;

    screen.becomes("tung").await;
    case.step("b7").await;
    // What the first round found is looked at again.
    for label in ["Phạm vi", "Nguồn gốc tấn công"] {
        screen.clicks_in(label, "Đã xem lại, lưu").await;
        screen.sees("Đã lưu").await;
    }
    case.measure("Biện pháp ngăn chặn", "Cô lập máy số 2", "Đã rút khỏi mạng.").await;
    case.finish(7).await;
    case.step("b8").await;
    case.measure("Khắc phục điểm yếu", "Cài lại máy số 2 từ nguồn sạch", "Đã cài lại.").await;
    case.finish(8).await;
    screen.becomes("hoa").await;
    case.step("b9").await;
    case.measure("Khôi phục hệ thống, dữ liệu, kết nối", "Khôi phục dữ liệu máy số 2", "Đã đủ.").await;
    case.finish(9).await;
    case.step("b10").await;
    screen.ticks_in("", "Chọn tất cả").await;
    screen.clicks("Các mục đã chọn đều đạt").await;
    screen.clicks("Kết luận: đã ổn định").await;
    screen.sees("Hệ thống đã ổn định").await;
    case.finish(10).await;
    screen.does_not_see("vòng 3").await;
}

async fn it_is_summed_up_and_closed(case: &Case<'_>) {
    let screen = case.screen;
    case.step("b11").await;
    case.finding("Nguyên nhân", CAUSE).await;
    screen.unfolds("Ghi bài học").await;
    screen.fills_in("Đưa vào", "Nội dung", LESSON).await;
    screen.clicks("Ghi").await;
    screen.sees(LESSON).await;
    case.begin("Mẫu số 04", "BÁO CÁO KẾT THÚC ỨNG PHÓ SỰ CỐ").await;
    screen.fills("Địa chỉ (*)", "Ấp 2, xã Ba Sao").await;
    screen.fills("Điện thoại (*)", "0277 3 822 001").await;
    screen.fills("Email (*)", "basao@dongthap.example").await;
    case.issue().await;
    screen.sees("Đã phát hành").await;
    case.step("b11").await;
    case.finish(11).await;
    screen.goes_to(&case.path).await;
    screen.sees(&case.code).await;
    screen.cannot_press("Kết thúc sự cố").await;
    screen.becomes("lan").await;
    screen.goes_to(&case.path).await;
    screen.clicks("Kết thúc sự cố").await;
    screen.sees("Đã đủ mọi bước").await;
    screen.fills("Lời kết", CLOSING).await;
    screen.clicks_and_agrees("Kết thúc sự cố", "phải mở lại và ghi lý do").await;
    screen.sees("Sự cố đã kết thúc").await;
}

async fn the_dossier_tells_it_all(site: &Site, case: &Case<'_>, report: &str) {
    let session = case.screen.session().await;
    let pdf = site.download(&format!("{}/dossier/pdf", case.path), &session).await;
    let text = paper::text(site, &pdf);
    for (label, words) in [
        ("HỒ SƠ SỰ CỐ", ""),
        ("Mã sự cố", case.code.as_str()),
        ("Tên sự cố", TITLE),
        ("Tình huống", "Tấn công mã hoá"),
        ("Mức độ", "Cao (3/4)"),
        ("Phân loại", "Thông thường"),
        ("Đơn vị vận hành", "Uỷ ban nhân dân xã Ba Sao"),
        ("Chủ quản", "Uỷ ban nhân dân xã Ba Sao"),
        ("Số vòng xử lý", "2"),
        ("Phạm vi, đối tượng bị ảnh hưởng", SCOPE),
        ("Nguồn gốc", ORIGIN),
        ("Nguyên nhân", CAUSE),
    ] {
        paper::says(&text, &format!("{label}{words}"));
    }
    let parts = [
        "Thông tin chung",
        "Đơn vị, người tham gia",
        "Các bước theo quy trình",
        "Việc đã giao",
        "Diễn biến",
        "Biện pháp đã thực hiện",
        "Kiểm tra sau khôi phục",
        "Sổ chứng cứ",
        "Dấu hiệu tấn công",
        "Phương án và quyết định",
        "Chỉ đạo",
        "Triệu tập lực lượng",
        "Phát ngôn, cung cấp thông tin",
        "Thông báo, báo cáo, chia sẻ đã thực hiện",
        "Yêu cầu phối hợp",
        "Bài học, kiến nghị",
        "Báo cáo đã phát hành",
    ];
    for part in parts {
        // Once in the index, once as a heading.
        paper::says(&text, part);
        paper::says(&text, &format!(". {}", part.to_uppercase()));
    }
    for words in [
        PLACE,
        LESSON,
        CLOSING,
        LOG_SHA256,
        PHOTO_SHA256,
        "Cài lại máy số 2 từ nguồn sạch",
        "Mã độc còn trên máy số 2.",
    ] {
        paper::says(&text, words);
    }
    paper::looks_printed(site, &pdf);
    the_issued_form_has_every_label(site, &session, report).await;
}

/// Every section and every field of the form that the law prescribes stands on the issued paper.
async fn the_issued_form_has_every_label(site: &Site, session: &str, report: &str) {
    let pdf = site.download(&format!("{report}/pdf"), session).await;
    let text = paper::text(site, &pdf);
    let pack = Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack");
    let form = pack.form("mau-03").expect("a form");
    paper::says(&text, &form.title);
    for section in &form.sections {
        paper::says(&text, section.title.get(Lang::Vi));
    }
    // In a bare section the title is the label.
    let labelled = form.sections.iter().filter(|section| !matches!(section.layout, FormLayout::Bare));
    for field in labelled.flat_map(|section| &section.fields) {
        paper::says(&text, field.label.get(Lang::Vi));
    }
    for words in ["Ấp 2, xã Ba Sao", "0277 3 822 001", "basao@dongthap.example", "Hai máy của bộ phận Một cửa"]
    {
        paper::says(&text, words);
    }
    paper::looks_printed(site, &pdf);
}

impl Case<'_> {
    pub async fn step(&self, id: &str) {
        self.screen.goes_to(&format!("{}/steps/{id}", self.path)).await;
    }

    async fn finish(&self, number: u32) {
        self.screen.clicks(&format!("Hoàn thành bước {number}")).await;
        self.screen.sees("Xong").await;
    }

    async fn finding(&self, label: &str, words: &str) {
        self.screen.fills(label, words).await;
        self.screen.clicks_in(label, "Lưu").await;
    }

    /// A measure of the section with these words in its heading, done already.
    async fn measure(&self, section: &str, title: &str, result: &str) {
        let screen = self.screen;
        screen.unfolds_in(section, "Thêm biện pháp").await;
        screen.fills_in(section, "Biện pháp", title).await;
        screen.ticks_in(section, "Đã thực hiện rồi").await;
        screen.fills_in(section, "Kết quả", result).await;
        screen.clicks_in(section, "Ghi biện pháp").await;
        screen.sees(title).await;
    }

    /// Begins a report on a form of the plan.
    async fn begin(&self, form: &str, heading: &str) {
        let screen = self.screen;
        screen.goes_to(&format!("{}/reports", self.path)).await;
        screen.clicks(&format!("Lập {form}")).await;
        screen.sees(heading).await;
    }

    async fn issue(&self) {
        self.screen.clicks_and_agrees("Phát hành", "không sửa được nữa").await;
    }
}
