//! The incident that is over: the front page of the portal was changed, it came back once, two rounds were needed.

use serde_json::json;
use ungcuu_kit::error::Result;

use crate::demo::case::{Case, Item, Opening, Report};
use crate::demo::hand::File;
use crate::demo::props::{logs, picture};
use crate::demo::stage::Stage;

const DAY: i64 = 24 * 60;

/// Minutes before the present at which it was reported: at 7:35 in the morning, some three and a half weeks ago.
pub fn began(stage: &Stage) -> i64 {
    let now = stage.moment(0).local();
    24 * DAY + i64::from(now.hour()) * 60 + i64::from(now.minute()) - (7 * 60 + 35)
}

/// From the report to the lesson that was put into practice.
pub async fn play(stage: &mut Stage, portal: &str) -> Result<()> {
    let began = began(stage);
    let report = Report {
        tile: "website",
        unit: "vp-huyen",
        place: "caolanh.demo.example",
        description: "Trang chủ cổng thông tin huyện hiện nền đen, dòng chữ tiếng Anh. Bấm vào các mục bên trong vẫn xem \
                      được.",
        name: "Phan Thị Lệ Thu",
        phone: "0900 000 201",
        happened: -14,
        photo: File { name: "trang-chu.png", media_type: "image/png", bytes: picture::changed_page() },
    };
    let opening = Opening {
        by: "phuc",
        note: "Mở trang từ ba máy, hai mạng khác nhau đều thấy; trang chủ bị thay thật.",
        answer: "Văn phòng đã nhận tin và đang xử lý. Cảm ơn chị. Xin chị không chia sẻ hình ảnh này lên mạng xã hội.",
        title: "Cổng thông tin điện tử Huyện bị thay đổi giao diện trang chủ",
        scenario: "a05_deface",
        severity: 3,
        system: portal,
        summary: "Trang chủ cổng thông tin điện tử Huyện bị thay bằng trang nền đen có nội dung tiếng nước ngoài; các trang \
                  con vẫn truy cập được. Nhận định ban đầu: tài khoản quản trị nội dung bị chiếm quyền.",
        times: [9, 24, 31],
    };
    let mut case = Case::open(stage, began, report, opening).await?;
    first_hours(&mut case, portal).await?;
    directed(&mut case).await?;
    told(&mut case).await?;
    first_round(&mut case).await?;
    second_round(&mut case).await?;
    reviewed(&mut case).await
}

/// Steps 1 to 3.
async fn first_hours(case: &mut Case<'_>, portal: &str) -> Result<()> {
    case.at(36).await?;
    case.classify("phuc", &["gian_doan_dich_vu"], "bao").await?;
    case.at(41).await?;
    case.effect("phuc", portal, "Trang chủ bị thay, đã chuyển sang trang thông báo bảo trì").await?;
    case.describe_photo(
        "phuc",
        "screenshot",
        "Điện thoại của người báo tin",
        "Ảnh chụp trang chủ bị thay, gửi kèm tin báo",
    )
    .await?;
    case.at(52).await?;
    let (broken_in, until) = (case.time(-26), case.time(45));
    let log = Item {
        step: "b1",
        kind: "log",
        source: "Máy chủ web cổng thông tin, thư mục nhật ký",
        description: "Nhật ký truy cập từ đêm hôm trước đến lúc chuyển sang trang bảo trì, chép nguyên trạng",
        collected: 48,
        malicious: false,
        file: File { name: "nhat-ky-truy-cap.log", media_type: "text/plain", bytes: logs::break_in(broken_in, until) },
    };
    case.evidence("phuc", log).await?;
    case.at(60).await?;
    let origin = "Nhật ký cho thấy địa chỉ 203.0.113.77 thử mật khẩu tài khoản quản trị 160 lần trong 8 phút, đăng nhập \
                  được rồi tải lên tệp anh-he-thong.php.";
    case.finding("phuc", "b1", "origin", origin).await?;
    case.event(
        "phuc",
        "attack",
        (-26, Some(58)),
        ("Kẻ tấn công đăng nhập được tài khoản quản trị nội dung", "Sau 160 lần thử từ 203.0.113.77."),
        true,
    )
    .await?;
    case.at(66).await?;
    case.finish("phuc", "b1", "").await?;
    let notes = [
        "Người dân báo qua trang báo sự cố; Văn phòng xác minh sau 15 phút",
        "Không xoá tệp nào trên máy chủ",
        "Đã lưu nhật ký truy cập, chụp màn hình trang chủ",
        "Báo Phó Chánh Văn phòng và Phòng Văn hoá và Thông tin bằng điện thoại",
        "Chuyển sang trang bảo trì",
        "Sao chép mã nguồn, cơ sở dữ liệu sang ổ rời, niêm phong số 01",
        "Dự thảo nội dung trả lời giao người phát ngôn",
    ];
    case.first_actions("phuc", 70, 6, &notes).await?;
    case.at(112).await?;
    case.finish("phuc", "b2", "").await?;

    case.at(117).await?;
    let restore = [
        "Gỡ triệt để nội dung lạ; kiểm soát được thời điểm mở lại trang.",
        "Mất 02 tin bài đăng sau lần sao lưu cuối; trang ngừng khoảng 08 giờ.",
        "02 người, trong ngày",
    ];
    let restore = case.weigh("phuc", "a05_restore", restore).await?;
    case.at(122).await?;
    let watch = [
        "Không gián đoạn thông tin phục vụ người dân.",
        "Kẻ tấn công còn quyền truy cập, có thể thay lại trang bất cứ lúc nào.",
        "01 người trực liên tục",
    ];
    case.weigh("phuc", "a_watch", watch).await?;
    case.at(129).await?;
    let words =
        "Đề nghị cho dừng trang chủ, khôi phục từ bản sao lưu đêm trước sau khi đã giữ chứng cứ và đổi mật khẩu.";
    case.propose("phuc", &restore, words).await?;
    case.at(150).await?;
    case.answer("chutich", "approve", "Đồng ý. Văn phòng báo cáo kết quả trước khi mở lại trang.").await?;
    case.at(154).await?;
    case.finish("phuc", "b3", "").await
}

/// Step 4.
async fn directed(case: &mut Case<'_>) -> Result<()> {
    case.at(160).await?;
    let lead = case.unit("phong-vhtt").await?;
    let body = json!({
        "text": "Phòng Văn hoá và Thông tin cử cán bộ phối hợp Văn phòng xử lý, báo cáo Ban Chỉ đạo hai giờ một lần cho đến \
                 khi trang hoạt động trở lại.",
        "to": lead, "due_at": case.iso(720),
    });
    let direction = case.make("bcd", "steps/b4/directions", body).await?;
    case.at(164).await?;
    let people = [case.person("bao").await?, case.person("tung").await?];
    let summons = json!({
        "people": people, "place": "Phòng máy chủ, Văn phòng HĐND và UBND Huyện", "meet_at": case.iso(225),
        "words": "Mang theo máy kiểm tra và ổ đĩa sạch.",
    });
    case.make("bcd", "steps/b4/summons", summons).await?;
    let speaker = json!({
        "person": case.person("danh").await?, "decision": "Thông báo số 08/TB-BCĐ của Ban Chỉ đạo Chuyển đổi số Huyện",
        "valid_from": case.iso(164),
    });
    case.make("bcd", "steps/b4/spokesperson", speaker).await?;
    case.at(171).await?;
    case.called("bao", "acknowledged").await?;
    case.called("tung", "acknowledged").await?;
    case.act("lan", &format!("steps/b4/directions/{direction}/acknowledge"), json!({ "version": 1 })).await?;
    case.at(190).await?;
    let statement = json!({
        "title": "Về việc gián đoạn Cổng thông tin điện tử Huyện",
        "text": "Cổng thông tin điện tử Huyện tạm ngừng trang chủ để bảo trì do bị can thiệp trái phép vào giao diện. Dữ \
                 liệu cá nhân của người dân không bị ảnh hưởng. Thông tin thủ tục hành chính vẫn tra cứu được tại bộ phận \
                 một cửa các xã, thị trấn.\n\nVăn phòng HĐND và UBND Huyện sẽ thông báo khi trang hoạt động trở lại.",
    });
    let statement = case.make("danh", "steps/b4/statements", statement).await?;
    let path = format!("steps/b4/statements/{statement}");
    case.act("danh", &format!("{path}/submit"), json!({ "version": 1 })).await?;
    case.at(205).await?;
    case.act("bcd", &format!("{path}/answer"), json!({ "act": "approve", "version": 2 })).await?;
    case.at(212).await?;
    let place = json!({ "place": "Trang thông báo bảo trì; đài truyền thanh Huyện", "published_at": case.iso(211) });
    case.act("danh", &format!("{path}/publish"), place).await?;
    case.at(229).await?;
    case.called("bao", "arrived").await?;
    case.called("tung", "arrived").await?;
    case.at(240).await?;
    case.finish("bcd", "b4", "").await
}

/// Steps 5 and 6.
async fn told(case: &mut Case<'_>) -> Result<()> {
    case.at(248).await?;
    let first = "Cổng thông tin điện tử Huyện bị thay đổi giao diện trang chủ; đã chuyển sang trang bảo trì, đang giữ chứng \
                 cứ và khôi phục theo phương án được duyệt.";
    case.tell("phuc", "b5", "ubnd-huyen", "ban_dau", "in_person", "amber", first, "").await?;
    case.tell("phuc", "b5", "phong-vhtt", "ban_dau", "document_system", "amber", first, "Số đến 1127").await?;
    case.at(256).await?;
    case.meet_duties("phuc", "b5", "ban_dau", first).await?;
    case.at(262).await?;
    let more = json!({
        "f.detection_methods": ["logs", "told"], "f.detection_methods.told": "người dân, qua trang báo sự cố",
        "f.requests": "Đề nghị cơ quan chuyên trách của Tỉnh cho ý kiến về địa chỉ 203.0.113.77 và mẫu tệp gửi kèm.",
    });
    case.issue("phuc", "mau-03", "Trương Công Danh", more).await?;
    case.at(270).await?;
    case.finish("phuc", "b5", "").await?;
    let help = json!({
        "unit": case.unit("nha-cung-cap").await?, "kind": "information",
        "text": "Đề nghị cung cấp bản vá của chức năng thư viện ảnh và danh sách các tệp gốc kèm mã băm để đối chiếu.",
        "due_at": case.iso(700),
    });
    let request = case.make("phuc", "steps/b6/requests", help).await?;
    case.at(418).await?;
    let reply = json!({
        "act": "reply", "channel": "email", "version": 1,
        "text": "Đã gửi danh sách 1.248 tệp gốc kèm mã băm; bản vá chức năng thư viện ảnh gửi trong ngày hôm sau.",
    });
    case.act("phuc", &format!("steps/b6/requests/{request}/reply"), reply).await?;
    case.at(430).await?;
    let close = json!({ "text": "Đã đủ thông tin để rà soát.", "version": 2 });
    case.act("phuc", &format!("steps/b6/requests/{request}/close"), close).await?;
    case.finish("bcd", "b6", "").await
}

/// Steps 7 to 10: it looked good, and was not.
async fn first_round(case: &mut Case<'_>) -> Result<()> {
    case.at(436).await?;
    let shell = "Nội dung tệp anh-he-thong.php, chép dạng văn bản, đã vô hiệu:\n\n[?php hệ-thống(lenh); ?]\n";
    let sample = Item {
        step: "b7",
        kind: "malware_sample",
        source: "Máy chủ web, thư mục tai-len",
        description: "Tệp cho phép điều khiển máy chủ từ xa; chép dạng văn bản, không chạy được",
        collected: 402,
        malicious: true,
        file: File { name: "anh-he-thong.php.txt", media_type: "text/plain", bytes: shell.into() },
    };
    case.evidence("tung", sample).await?;
    case.signs("tung", "confirmed", "nhat-ky-truy-cap.log", "Địa chỉ dò mật khẩu và điều khiển tệp lạ", "203.0.113.77")
        .await?;
    let note = "Máy chủ mà tệp lạ tải thêm chương trình về";
    case.signs("tung", "confirmed", "nhat-ky-truy-cap.log", note, "198.51.100.23\nhxxp://198.51.100[.]23/dat-lich.sh")
        .await?;
    case.signs("tung", "confirmed", "Máy chủ web", "Tệp điều khiển từ xa", "anh-he-thong.php").await?;
    let compare = ("Đối chiếu mã nguồn trên máy chủ với danh sách tệp gốc", "Dùng danh sách mã băm của nhà cung cấp.");
    let compare = case.task("bao", "b7", compare, "tung", 600).await?;
    let backup = ("Thử khôi phục bản sao lưu đêm trước trên máy riêng", "");
    let backup = case.task("bao", "b7", backup, "phuc", 600).await?;
    case.at(444).await?;
    case.done("tung", "b7", &compare, "1.248 tệp khớp, 01 tệp lạ.").await?;
    case.done("phuc", "b7", &backup, "Khôi phục được, không có tệp lạ.").await?;
    let scope = "Máy chủ web và tài khoản quản trị nội dung. Cơ sở dữ liệu không bị sửa (đã đối chiếu với bản sao lưu); \
                 khoảng 300 lượt xem trang trong thời gian bị thay.";
    case.finding("tung", "b7", "scope", scope).await?;
    let harm = "Trang chủ ngừng 08 giờ 20 phút; không lộ dữ liệu cá nhân; không phát sinh chi phí.";
    case.finding("phuc", "b7", "harm", harm).await?;
    let block = (
        "Chặn địa chỉ 203.0.113.77 và 198.51.100.23 tại tường lửa",
        "Chặn cả hai chiều, theo dõi nhật ký chặn hằng ngày.",
        "Đã chặn; ghi nhận 41 lần thử kết nối lại trong giờ đầu.",
    );
    case.measure("tung", "steps/b7/measures/containment", block, Some(10 * DAY)).await?;
    case.at(452).await?;
    let lock = (
        "Khoá tài khoản quản trị nội dung, đổi mật khẩu từ máy sạch",
        "",
        "Đã khoá 01 tài khoản bị lộ, đổi mật khẩu 04 tài khoản còn lại.",
    );
    case.measure("phuc", "steps/b7/measures/containment", lock, None).await?;
    case.finish("bao", "b7", "").await?;
    case.at(486).await?;
    let removed = (
        "Xoá tệp anh-he-thong.php, đối chiếu mã nguồn với bản gốc",
        "Đối chiếu 1.248 tệp theo danh sách mã băm của nhà cung cấp.",
        "Xoá 01 tệp lạ; 1.248 tệp còn lại khớp.",
    );
    case.measure("tung", "steps/b8/measures/eradication", removed, None).await?;
    let fixed =
        ("Bật xác thực hai bước cho tài khoản quản trị, khoá sau 05 lần sai", "", "Áp dụng cho 05 tài khoản quản trị.");
    case.measure("phuc", "steps/b8/measures/fix", fixed, None).await?;
    case.at(498).await?;
    case.finish("phuc", "b8", "").await?;
    case.at(512).await?;
    let restored = (
        "Khôi phục trang chủ từ bản sao lưu đêm trước",
        "Kiểm tra bản sao lưu trên máy riêng trước khi đưa lên.",
        "Trang chủ hoạt động lại, đăng bù 02 tin bài.",
    );
    case.measure("phuc", "steps/b9/measures/recovery", restored, None).await?;
    case.at(520).await?;
    case.finish("phuc", "b9", "").await?;
    case.at(1450).await?;
    checked(case, 1, "Tệp lạ xuất hiện lại trong thư mục tải lên trong đêm").await?;
    case.at(1468).await?;
    let verdict = json!({
        "verdict": "unstable",
        "note": "Tệp anh-he-thong.php xuất hiện lại trong đêm; còn một lịch chạy tự động chưa được gỡ.",
    });
    case.act("phuc", "steps/b10/verdict", verdict).await?;
    Ok(())
}

/// Answers every check of the round; the one about what was left behind fails when there are words for it.
async fn checked(case: &mut Case<'_>, round: i64, left: &str) -> Result<()> {
    let rounds = case.section("phuc", "b10", "verification").await?;
    let present =
        rounds.as_array().into_iter().flatten().find(|one| one["round"] == round).cloned().unwrap_or_default();
    for (place, check) in present["checks"].as_array().into_iter().flatten().enumerate() {
        let note = [
            "Trang chủ và 40 trang con mở bình thường",
            "Đối chiếu số bản ghi với bản sao lưu, khớp",
            "Liên thông với trục văn bản bình thường",
            "Quét toàn bộ máy chủ, không phát hiện",
            "Thử lại cách xâm nhập cũ, bị chặn",
            "05 tài khoản quản trị đã đổi mật khẩu",
            "Tắt chức năng không dùng, ẩn phiên bản máy chủ",
            "Đã cài bản vá của hệ điều hành và phần mềm",
            "Đã thử khôi phục trên máy riêng",
            "Theo dõi liên tục, không có dấu hiệu lặp lại",
        ];
        let fails = place == 3 && !left.is_empty();
        let (result, note) =
            if fails { ("fail", left) } else { ("pass", note.get(place).copied().unwrap_or("Đạt")) };
        let id = check["id"].as_str().unwrap_or_default();
        let body = json!({ "result": result, "note": note, "version": check["version"] });
        case.act("phuc", &format!("steps/b10/verification/{id}/answer"), body).await?;
    }
    Ok(())
}

/// Steps 7 to 10 once more, down to the root.
async fn second_round(case: &mut Case<'_>) -> Result<()> {
    case.at(1505).await?;
    let schedule = "*/30 * * * * www-data sh /var/tmp/.dat-lich.sh  # tải lại anh-he-thong.php từ 198.51.100.23\n";
    let found = Item {
        step: "b7",
        kind: "malware_sample",
        source: "Máy chủ web, lịch chạy tự động của tài khoản dịch vụ web",
        description: "Lịch chạy 30 phút một lần, tải lại tệp lạ; lý do tệp xuất hiện lại",
        collected: 1491,
        malicious: true,
        file: File { name: "lich-chay-tu-dong.txt", media_type: "text/plain", bytes: schedule.into() },
    };
    case.evidence("tung", found).await?;
    let origin = "Kẻ tấn công từ địa chỉ 203.0.113.77 dò được mật khẩu tài khoản quản trị nội dung (mật khẩu yếu, không có \
                  xác thực hai bước), lợi dụng chức năng thư viện ảnh không kiểm tra loại tệp để tải lên \
                  anh-he-thong.php, rồi đặt lịch chạy tự động để giữ quyền truy cập.";
    case.finding("tung", "b7", "origin", origin).await?;
    let wider = "Máy chủ web, tài khoản quản trị nội dung và lịch chạy tự động của tài khoản dịch vụ web. Cơ sở dữ liệu \
                 không bị sửa (đối chiếu lại với bản sao lưu); khoảng 300 lượt xem trang trong thời gian bị thay.";
    case.finding("tung", "b7", "scope", wider).await?;
    let cut = (
        "Ngắt máy chủ web khỏi mạng trong lúc gỡ lịch chạy tự động",
        "",
        "Ngắt 95 phút; không phát sinh kết nối ra ngoài.",
    );
    case.measure("tung", "steps/b7/measures/containment", cut, None).await?;
    case.at(1530).await?;
    case.finish("bao", "b7", "").await?;
    case.at(1560).await?;
    let removed = (
        "Gỡ lịch chạy tự động, xoá .dat-lich.sh và tệp lạ",
        "Rà toàn bộ lịch chạy, dịch vụ khởi động cùng máy và tài khoản hệ thống.",
        "Gỡ 01 lịch chạy, 02 tệp; không thấy tài khoản lạ.",
    );
    case.measure("tung", "steps/b8/measures/eradication", removed, None).await?;
    let patched = (
        "Cài bản vá chức năng thư viện ảnh của nhà cung cấp",
        "Chỉ nhận tệp ảnh, đổi tên tệp, cấm chạy chương trình trong thư mục tải lên.",
        "Thử tải lên tệp chương trình, bị từ chối.",
    );
    case.measure("phuc", "steps/b8/measures/fix", patched, None).await?;
    case.at(1585).await?;
    case.finish("phuc", "b8", "").await?;
    case.at(1600).await?;
    let restored = ("Khôi phục máy chủ web, nối lại mạng", "", "Trang hoạt động bình thường, theo dõi 24 giờ.");
    case.measure("phuc", "steps/b9/measures/recovery", restored, None).await?;
    case.finish("phuc", "b9", "").await?;
    case.at(3180).await?;
    checked(case, 2, "").await?;
    case.at(3195).await?;
    let verdict = json!({ "verdict": "stable", "note": "Theo dõi hơn 24 giờ không có tệp lạ, không có kết nối lạ." });
    case.act("phuc", "steps/b10/verdict", verdict).await?;
    case.finish("phuc", "b10", "").await
}

/// Step 11, the end, and what came of the lessons.
async fn reviewed(case: &mut Case<'_>) -> Result<()> {
    case.at(4680).await?;
    let cause = "Tài khoản quản trị nội dung dùng chung, mật khẩu yếu, không có xác thực hai bước; chức năng thư viện ảnh \
                 không kiểm tra loại tệp; nhật ký máy chủ không được xem thường xuyên nên 160 lần thử mật khẩu không ai \
                 biết.";
    case.finding("phuc", "b11", "cause", cause).await?;
    let result = "Đã giữ chứng cứ, chặn nguồn tấn công, gỡ tệp lạ và lịch chạy tự động, vá chức năng thư viện ảnh, bật xác \
                  thực hai bước, khôi phục trang chủ từ bản sao lưu. Sau hai vòng xử lý, hệ thống hoạt động ổn định. Đề \
                  xuất rà soát lịch chạy tự động ngay từ vòng đầu đối với các sự cố tương tự.";
    case.finding("phuc", "b11", "result", result).await?;
    case.at(4720).await?;
    let lesson = json!({
        "kind": "lesson", "owner": case.person("tung").await?, "action": "option", "due_at": case.iso(20 * DAY),
        "text": "Khi gỡ mã độc phải rà cả lịch chạy tự động, dịch vụ và tài khoản hệ thống, không chỉ tệp trong thư mục web.",
    });
    let first = case.make("phuc", "steps/b11/lessons", lesson).await?;
    let measure = json!({
        "kind": "measure", "owner": case.person("lan").await?, "action": "task", "due_at": case.iso(14 * DAY),
        "text": "Bật xác thực hai bước cho tài khoản quản trị của mọi hệ thống do Huyện và các xã, thị trấn vận hành.",
    });
    let second = case.make("phuc", "steps/b11/lessons", measure).await?;
    let estimate = json!({
        "kind": "measure", "owner": case.person("phuc").await?, "action": "estimate", "due_at": case.iso(45 * DAY),
        "text": "Đưa dịch vụ giám sát nhật ký cổng thông tin điện tử vào dự toán năm sau.",
    });
    case.make("phuc", "steps/b11/lessons", estimate).await?;
    case.at(4800).await?;
    case.issue("phuc", "mau-04", "Trương Công Danh", json!({})).await?;
    let review =
        json!({ "f.proposals": "Bật xác thực hai bước, giám sát nhật ký cổng thông tin, diễn tập trong quý sau." });
    let review = case.paper("phuc", "bc-rut-kinh-nghiem", "Trương Công Danh", "submit", review).await?;
    let yes = json!({ "act": "approve", "words": "Đồng ý, gửi Ban Chỉ đạo.", "version": 2 });
    case.act("chutich", &format!("reports/{review}/ruling"), yes).await?;
    case.act("phuc", &format!("reports/{review}"), json!({ "act": "issue", "version": 3 })).await?;
    case.sends("phuc", &review, "bcd-cds", "system", "Số đến 88").await?;
    let text = "Báo cáo kết thúc ứng phó sự cố thay đổi giao diện Cổng thông tin điện tử Huyện.";
    case.tell("phuc", "b11", "ubnd-huyen", "ket_thuc", "document_system", "amber", text, "Số đến 1203").await?;
    case.meet_duties("phuc", "b11", "ket_thuc", text).await?;
    case.at(4820).await?;
    case.finish("phuc", "b11", "").await?;
    case.at(4880).await?;
    let words = json!({ "words": "Đã khắc phục xong, hệ thống ổn định, bài học đã gửi các đơn vị." });
    case.act("lan", "close", words).await?;
    case.at(9 * DAY + 95).await?;
    let measures = case.section("tung", "b7", "measures:containment").await?;
    let block = measures.as_array().into_iter().flatten().find(|one| one["remove_by"].is_number()).cloned();
    if let Some(block) = block {
        let id = block["id"].as_str().unwrap_or_default();
        let body = json!({ "note": "Hết dấu hiệu tấn công trong 07 ngày.", "version": block["version"] });
        case.act("tung", &format!("steps/b7/measures/{id}/remove"), body).await?;
    }
    case.at(11 * DAY + 140).await?;
    let body = json!({ "result": "Đã bổ sung vào phương án ứng phó của Tổ ứng cứu.", "version": 1 });
    case.act("tung", &format!("steps/b11/lessons/{first}/finish"), body).await?;
    case.at(13 * DAY + 480).await?;
    let body = json!({ "result": "31 hệ thống, 96 tài khoản quản trị đã bật.", "version": 1 });
    case.act("lan", &format!("steps/b11/lessons/{second}/finish"), body).await?;
    Ok(())
}
