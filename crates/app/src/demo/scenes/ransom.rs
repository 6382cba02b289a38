//! The incident that runs: files of a commune's counter were locked some hours ago. From the clerk's report to the board's
//! directions, steps 1 to 4.

use serde_json::json;
use ungcuu_kit::error::Result;

use crate::demo::case::{Case, Item, Opening, Report};
use crate::demo::hand::File;
use crate::demo::props::{mail, picture};
use crate::demo::stage::Stage;

/// Minutes before the present at which it was reported.
pub const BEGAN: i64 = 520;

/// From the report to step 7, with 5 and 6 under way.
pub async fn play(stage: &mut Stage, counter: &str) -> Result<()> {
    let report = Report {
        tile: "locked",
        unit: "xa-ba-sao",
        place: "Bộ phận một cửa, trụ sở UBND xã",
        description: "Máy số 02 của bộ phận một cửa hiện màn hình đỏ đòi tiền, mọi tệp đổi đuôi thành .khoa, không mở được. \
                      Máy số 05 vừa bị giống vậy. Tôi đã rút dây mạng hai máy, chưa tắt máy.",
        name: "Trần Thị Bé Sáu, công chức Tư pháp - Hộ tịch",
        phone: "0900 000 118",
        happened: -25,
        photo: File { name: "man-hinh-may-02.png", media_type: "image/png", bytes: picture::ransom_note() },
    };
    let opening = Opening {
        by: "hoa",
        note: "Xuống tại chỗ xem hai máy: đúng như tin báo, tệp trong thư mục dùng chung cũng bị đổi đuôi.",
        answer: "Đã nhận tin, đang xuống chỗ chị. Xin giữ nguyên hai máy, không tắt, không bấm vào màn hình.",
        title: "Mã hoá dữ liệu tại bộ phận một cửa xã Ba Sao",
        scenario: "a06_ransom",
        severity: 4,
        system: counter,
        summary: "Hai máy trạm (số 02, số 05) và thư mục dùng chung của bộ phận một cửa bị mã hoá, tệp đổi đuôi thành \
                  .khoa, màn hình hiện thông điệp đòi tiền chuộc. Việc tiếp nhận hồ sơ trực tuyến phải dừng. Nhận định \
                  ban đầu: mã độc lây qua tệp tải về từ thư giả danh cơ quan thuế.",
        times: [7, 16, 22],
    };
    let mut case = Case::open(stage, BEGAN, report, opening).await?;
    taken_in(&mut case, counter).await?;
    chosen(&mut case).await?;
    let warn = directed(&mut case).await?;
    super::ransom_work::play(&mut case, &warn).await
}

/// Steps 1 and 2.
async fn taken_in(case: &mut Case<'_>, counter: &str) -> Result<()> {
    case.at(26).await?;
    let conditions = ["gian_doan_dich_vu", "lan_rong_day_chuyen", "vuot_kha_nang"];
    case.classify("hoa", &conditions, "bao").await?;
    case.at(30).await?;
    let effect = "02/16 máy trạm và thư mục dùng chung bị mã hoá; dừng tiếp nhận hồ sơ trực tuyến";
    case.effect("hoa", counter, effect).await?;
    case.law("hoa", &["serious_interruption", "personal_data"]).await?;
    case.describe_photo(
        "hoa",
        "ransom_note",
        "Máy trạm số 02, chụp bằng điện thoại",
        "Màn hình đòi tiền chuộc, gửi kèm tin báo",
    )
    .await?;
    case.at(40).await?;
    let lure = Item {
        step: "b1",
        kind: "mail",
        source: "Hộp thư motcua.basao@demo.example",
        description: "Thư giả danh cơ quan thuế, xuất nguyên bản cả phần tiêu đề kỹ thuật; không chuyển tiếp",
        collected: 36,
        // Read as text only; its attachment becomes an item of its own, marked.
        malicious: false,
        file: File {
            name: "thong-bao-quyet-toan-thue.eml",
            media_type: "message/rfc822",
            bytes: mail::lure(case.time(-47)),
        },
    };
    case.evidence("hoa", lure).await?;
    case.take_out_attachment("hoa", "malware_sample").await?;
    let task = ("Ghi lời kể của người dùng máy số 02", "Mở thư lúc nào, bấm vào đâu, thấy gì trên màn hình.");
    let task = case.task("hoa", "b1", task, "hoa", 90).await?;
    case.at(55).await?;
    let told = "Mở thư và tải tệp về 25 phút trước khi báo; tệp chạy không hiện gì, khoảng 20 phút sau màn hình đổi.";
    case.done("hoa", "b1", &task, told).await?;
    let origin = "Nghi từ tệp thong-bao-thue.exe tải theo đường dẫn trong thư giả danh cơ quan thuế.";
    case.finding("hoa", "b1", "origin", origin).await?;
    case.at(58).await?;
    case.event(
        "hoa",
        "attack",
        (-47, Some(36)),
        ("Thư giả danh cơ quan thuế đến hộp thư bộ phận một cửa", "Người gửi thongbao@thue-dientu.example."),
        false,
    )
    .await?;
    case.event(
        "hoa",
        "attack",
        (-25, Some(55)),
        ("Tệp thong-bao-thue.exe được tải về và chạy trên máy số 02", "Theo lời kể của người dùng máy."),
        true,
    )
    .await?;
    case.at(62).await?;
    case.finish("hoa", "b1", "").await?;
    let notes = [
        "Chị Bé Sáu phát hiện; có ảnh chụp màn hình",
        "Dán giấy “không sử dụng” lên hai máy",
        "Đã chụp màn hình hai máy, xuất nhật ký cổng mạng",
        "Báo Chủ tịch xã lúc xuống tại chỗ; gọi Phòng Văn hoá và Thông tin",
        "Rút dây mạng máy 02, 05; tắt Wi-Fi bộ phận một cửa",
        "Ngắt thư mục dùng chung; ổ sao lưu đã tháo rời từ tối hôm trước",
        "Giữ 05 tệp bị mã hoá để làm mẫu",
        "Đã nhắc toàn bộ công chức",
        "Bản sao lưu tối hôm trước mở được, chưa kiểm tra hết",
    ];
    case.first_actions("hoa", 66, 4, &notes).await?;
    case.at(101).await?;
    case.finish("hoa", "b2", "").await
}

/// Step 3: three options, one returned, one approved.
async fn chosen(case: &mut Case<'_>) -> Result<()> {
    case.at(108).await?;
    let isolate = [
        "Chặn ngay việc lây sang 14 máy còn lại; giữ được chứng cứ trên hai máy; các bộ phận khác vẫn làm việc.",
        "Bộ phận một cửa phải tiếp nhận bằng giấy cho đến khi khôi phục.",
        "02 người của Tổ ứng cứu, 01 ngày; 02 ổ cứng thay thế",
    ];
    let isolate = case.weigh("hoa", "a_isolate", isolate).await?;
    case.at(113).await?;
    let restore = [
        "Bộ phận một cửa hoạt động lại sớm nhất, có thể trong ngày.",
        "Mất chứng cứ trên hai máy; nếu còn máy khác nhiễm thì dữ liệu vừa khôi phục bị mã hoá lại.",
        "01 người, nửa ngày",
    ];
    let restore = case.weigh("hoa", "a06_restore", restore).await?;
    case.at(118).await?;
    let decrypt = [
        "Có thể lấy lại cả phần dữ liệu phát sinh sau lần sao lưu cuối.",
        "Chưa biết loại mã độc, không chắc có công cụ; phải chờ cơ quan điều phối.",
        "Không xác định được thời gian",
    ];
    case.weigh("hoa", "a06_decrypt", decrypt).await?;
    case.at(126).await?;
    let words =
        "Đề nghị cho cài lại ngay hai máy và khôi phục từ bản sao lưu tối hôm trước để kịp trả hồ sơ trong ngày.";
    case.propose("hoa", &restore, words).await?;
    case.at(143).await?;
    let no = "Chưa được cài lại khi chưa giữ chứng cứ và chưa biết còn máy nào bị nhiễm. Trình lại phương án cô lập trước, \
              khôi phục sau; nêu rõ cách tiếp nhận hồ sơ của dân trong lúc chờ.";
    case.answer("chin", "return", no).await?;
    case.at(160).await?;
    let words = "Trình lại theo ý kiến: cô lập máy số 02, 05 và thư mục dùng chung, vẫn để nguồn điện; rà quét 14 máy còn \
                 lại rồi mới khôi phục. Trong lúc chờ, tiếp nhận hồ sơ bằng giấy, ghi sổ, hẹn trả chậm 01 ngày.";
    case.propose("hoa", &isolate, words).await?;
    case.at(176).await?;
    case.answer("chin", "approve", "Đồng ý. Đề nghị Tổ ứng cứu của Huyện hỗ trợ, báo cáo tôi hai giờ một lần.").await?;
    case.at(181).await?;
    case.finish("hoa", "b3", "").await
}

/// Step 4: directions, the team, the words for the public. Gives back the direction that is carried out later.
async fn directed(case: &mut Case<'_>) -> Result<String> {
    case.at(188).await?;
    let lead = case.unit("phong-vhtt").await?;
    let body = json!({
        "text": "Phòng Văn hoá và Thông tin cảnh báo ngay thư giả danh cơ quan thuế đến tất cả các xã, thị trấn, các phòng, \
                 ban; tổng hợp đơn vị đã nhận thư, báo cáo Ban Chỉ đạo.",
        "to": lead, "due_at": case.iso(360),
    });
    let warn = case.make("bcd", "steps/b4/directions", body).await?;
    case.at(191).await?;
    let commune = case.unit("xa-ba-sao").await?;
    let body = json!({
        "text": "UBND xã Ba Sao bố trí tiếp nhận hồ sơ bằng giấy, niêm yết thông báo tại trụ sở, không để người dân phải đi \
                 lại nhiều lần; báo cáo số hồ sơ bị ảnh hưởng trước khi hết giờ làm việc.",
        "to": commune, "due_at": case.iso(655),
    });
    let paper = case.make("bcd", "steps/b4/directions", body).await?;
    case.at(194).await?;
    let mut people = Vec::new();
    for login in ["bao", "tung", "ngan"] {
        people.push(case.person(login).await?);
    }
    let summons = json!({
        "people": people, "place": "Trụ sở UBND xã Ba Sao, bộ phận một cửa", "meet_at": case.iso(255),
        "words": "Mang máy kiểm tra, ổ đĩa sạch, tem niêm phong và biên bản thu giữ.",
    });
    case.make("bcd", "steps/b4/summons", summons).await?;
    let speaker = json!({
        "person": case.person("danh").await?, "decision": "Thông báo số 09/TB-BCĐ của Ban Chỉ đạo Chuyển đổi số Huyện",
        "valid_from": case.iso(194),
    });
    case.make("bcd", "steps/b4/spokesperson", speaker).await?;
    for (minute, login) in [(199, "tung"), (201, "bao"), (207, "ngan")] {
        case.at(minute).await?;
        case.called(login, "acknowledged").await?;
    }
    case.act("lan", &format!("steps/b4/directions/{warn}/acknowledge"), json!({ "version": 1 })).await?;
    case.at(210).await?;
    case.act("hoa", &format!("steps/b4/directions/{paper}/acknowledge"), json!({ "version": 1 })).await?;
    let text = "UBND huyện thông báo: tạm dừng tiếp nhận hồ sơ trực tuyến của xã Ba Sao.";
    case.tell("hoa", "b5", "ubnd-huyen", "ban_dau", "phone", "amber", text, "").await?;
    words_for_the_public(case).await?;
    case.at(275).await?;
    case.finish("bcd", "b4", "").await?;
    Ok(warn)
}

/// The statement: a first version that went back, a second that came out.
async fn words_for_the_public(case: &mut Case<'_>) -> Result<()> {
    case.at(222).await?;
    let title = "Về việc tạm dừng tiếp nhận hồ sơ trực tuyến tại xã Ba Sao";
    let first = json!({
        "title": title,
        "text": "Hôm nay, hệ thống máy tính của bộ phận một cửa xã Ba Sao bị mã độc tống tiền tấn công, khoảng 1.200 tệp bị \
                 mã hoá. UBND xã tạm dừng tiếp nhận hồ sơ trực tuyến. Cơ quan chức năng đang điều tra kẻ tấn công.",
    });
    let statement = case.make("danh", "steps/b4/statements", first).await?;
    case.act("danh", &format!("steps/b4/statements/{statement}/submit"), json!({ "version": 1 })).await?;
    case.at(238).await?;
    let back = json!({
        "act": "return", "version": 2,
        "answer": "Bỏ số tệp bị mã hoá và câu về điều tra. Nêu rõ người dân nộp hồ sơ ở đâu, hồ sơ hẹn trả hôm nay thế nào.",
    });
    case.act("bcd", &format!("steps/b4/statements/{statement}/answer"), back).await?;
    case.at(246).await?;
    let second = case.make("danh", &format!("steps/b4/statements/{statement}/version"), json!({})).await?;
    let text = "Hệ thống máy tính của bộ phận một cửa xã Ba Sao gặp sự cố kỹ thuật, đang được cơ quan chuyên môn của Huyện \
                khắc phục. Trong thời gian này, người dân nộp hồ sơ trực tiếp bằng giấy tại bộ phận một cửa xã.\n\nHồ sơ hẹn \
                trả hôm nay được trả chậm nhất trong 01 ngày làm việc; bộ phận một cửa sẽ gọi điện cho từng người. Thông \
                tin liên hệ: bộ phận một cửa xã Ba Sao, trong giờ hành chính.";
    let path = format!("steps/b4/statements/{second}");
    case.act("danh", &format!("{path}/revise"), json!({ "title": title, "text": text, "version": 1 })).await?;
    case.act("danh", &format!("{path}/submit"), json!({ "version": 2 })).await?;
    for (minute, login) in [(251, "bao"), (256, "tung")] {
        case.at(minute).await?;
        case.called(login, "arrived").await?;
    }
    case.at(263).await?;
    let yes = json!({ "act": "approve", "answer": "Đồng ý phát hành.", "version": 3 });
    case.act("bcd", &format!("{path}/answer"), yes).await?;
    case.at(270).await?;
    let place = json!({
        "place": "Niêm yết tại trụ sở UBND xã; Cổng thông tin điện tử Huyện; loa truyền thanh xã",
        "published_at": case.iso(269),
    });
    case.act("danh", &format!("{path}/publish"), place).await?;
    Ok(())
}
