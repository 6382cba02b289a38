//! The incident that runs, from the report to the present: who is told, who helps, what is found, what is stopped. Step 7
//! is under way when the story ends.

use serde_json::json;
use sha2::{Digest, Sha256};
use ungcuu_kit::error::Result;

use super::{ransom_room, sensors};
use crate::demo::case::{Case, Item};
use crate::demo::hand::File;
use crate::demo::props::{logs, picture};

/// Steps 5 to 7, as one hour follows the other. `warn` is a direction of the board that is carried out meanwhile.
pub async fn play(case: &mut Case<'_>, warn: &str) -> Result<()> {
    told(case).await?;
    let asked = help(case).await?;
    ransom_room::begun(case).await?;
    let log = tasks(case).await?;
    found(case, &log, &asked).await?;
    ransom_room::guarded(case).await?;
    stopped(case).await?;
    case.at(402).await?;
    let done = json!({
        "answer": "Đã cảnh báo 18 xã, thị trấn và 13 phòng, ban. 03 đơn vị đã nhận thư (Mỹ Hiệp, Phong Mỹ, Phòng Tài chính - \
                   Kế hoạch), chưa ai mở tệp.",
        "version": 2,
    });
    case.act("lan", &format!("steps/b4/directions/{warn}/done"), done).await?;
    judged(case).await?;
    sensors::examined(case).await?;
    ransom_room::decided(case).await?;
    sensors::swept(case).await?;
    lately(case).await?;
    ransom_room::open_ends(case).await
}

/// Step 5: who was told so far. The written notice to the police is still to come.
async fn told(case: &mut Case<'_>) -> Result<()> {
    case.at(279).await?;
    let text = "Báo cáo ban đầu: hai máy trạm và thư mục dùng chung của bộ phận một cửa xã Ba Sao bị mã hoá; đã cô lập, \
                chưa thấy lan sang máy khác.";
    case.tell("hoa", "b5", "phong-vhtt", "ban_dau", "document_system", "amber", text, "Số đến 1248").await?;
    case.at(283).await?;
    let text = "Đề nghị phối hợp bảo vệ hiện trường, lấy lời khai người dùng máy; chỉ trao đổi trong đơn vị.";
    case.tell("hoa", "b5", "cong-an", "thong_bao", "in_person", "amber_strict", text, "").await?;
    case.at(290).await?;
    let more = json!({
        "f.detection_methods": ["told"], "f.detection_methods.told": "công chức bộ phận một cửa, qua trang báo sự cố",
        "f.requests": "Đề nghị hỗ trợ phân tích mẫu mã độc, cho biết có công cụ giải mã hay không.",
    });
    let report = case.issue("hoa", "mau-03", "Lê Văn Chín", more).await?;
    case.at(293).await?;
    let owner = case.sends("hoa", &report, "ubnd-huyen", "paper", "Văn thư Huyện, số đến 1251").await?;
    case.mails("hoa", &report, "vp-huyen").await?;
    case.at(295).await?;
    let had = json!({ "their_number": "1251/VP", "version": 1 });
    case.act("hoa", &format!("reports/{report}/sends/{owner}/acknowledge"), had).await?;
    case.at(297).await?;
    let text = "Gửi Báo cáo ban đầu sự cố (Mẫu số 03) kèm dấu hiệu nhận biết.";
    case.tell("hoa", "b5", "so-tttt", "ban_dau", "email", "amber", text, "Tiếp nhận 214/TTTT").await?;
    papers(case).await
}

/// Papers under way: the notice to the police is being written, the decision waits for the board, the proposal came back.
async fn papers(case: &mut Case<'_>) -> Result<()> {
    case.at(298).await?;
    let notice = json!({ "f.at_once": ["serious_interruption"], "f.detection_methods": ["told"],
        "f.detection_methods.told": "công chức bộ phận một cửa" });
    case.paper("hoa", "tb-24-gio", "Lê Văn Chín", "save", notice).await?;
    let decision = json!({ "capacity": "TM. BAN CHỈ ĐẠO TRƯỞNG BAN" });
    case.paper("lan", "qd-trieu-tap", "Trưởng ban Chỉ đạo", "submit", decision).await?;
    let ask = json!({
        "f.ask": "Cho phép khôi phục từ bản sao lưu ngày trước đó; mượn 02 máy trạm của Văn phòng trong thời gian xử lý.",
    });
    let proposal = case.paper("hoa", "ttr-phuong-an", "Lê Văn Chín", "submit", ask).await?;
    case.at(299).await?;
    let back = json!({ "act": "return", "words": "Bổ sung thời gian khôi phục dự kiến và số hồ sơ bị ảnh hưởng.", "version": 2 });
    case.act("chutich", &format!("reports/{proposal}/ruling"), back).await?;
    Ok(())
}

/// The requests that are answered while the work goes on.
struct Asked {
    disks: String,
    block: String,
}

/// Step 6: a warning to the others, three requests. One is answered, one was carried out, one waits.
async fn help(case: &mut Case<'_>) -> Result<Asked> {
    case.at(300).await?;
    let mut units = Vec::new();
    for code in ["xa-my-hiep", "xa-phong-my", "tt-my-tho", "xa-an-binh", "phong-tckh"] {
        units.push(case.unit(code).await?);
    }
    let warning = json!({
        "units": units, "tlp": "green", "told_at": case.iso(300),
        "text": "Thư giả danh cơ quan thuế từ thongbao@thue-dientu[.]example kèm thong-bao-thue.zip. Không mở tệp, không \
                 bấm liên kết, giữ nguyên thư và báo Phòng Văn hoá và Thông tin.",
    });
    case.act("lan", "steps/b6/shares", warning).await?;
    case.at(304).await?;
    let disks = json!({
        "unit": case.unit("tt-vhtt").await?, "kind": "equipment", "due_at": case.iso(420),
        "text": "Đề nghị hỗ trợ 02 ổ cứng từ 500 GB trở lên và 01 máy tính xách tay sạch để sao chép dữ liệu hai máy bị nhiễm.",
    });
    let disks = case.make("hoa", "steps/b6/requests", disks).await?;
    case.at(308).await?;
    let block = json!({
        "unit": case.unit("nha-mang").await?, "kind": "blocking", "due_at": case.iso(400),
        "text": "Đề nghị chặn địa chỉ 198[.]51[.]100[.]23 và tên miền thue-dientu[.]example trên đường truyền của các xã, thị trấn.",
    });
    let block = case.make("bcd", "steps/b6/requests", block).await?;
    case.at(312).await?;
    let path = format!("steps/b6/requests/{disks}/reply");
    case.act("ngan", &path, json!({ "act": "accept", "text": "Đang chuẩn bị.", "version": 1 })).await?;
    Ok(Asked { disks, block })
}

/// What has to be done, by whom and by when. Gives back the task that is done first.
async fn tasks(case: &mut Case<'_>) -> Result<String> {
    case.at(316).await?;
    let log = ("Trích nhật ký cổng mạng, lập dòng thời gian", "Từ đêm hôm trước đến lúc rút dây mạng.");
    let log = case.task("bao", "b7", log, "tung", 400).await?;
    let scan =
        ("Rà quét mã độc 14 máy trạm còn lại của xã", "Quét ngoại tuyến từ USB khởi động sạch; ghi kết quả từng máy.");
    case.task("bao", "b7", scan, "ngan", 545).await?;
    let files = (
        "Lập danh sách hồ sơ bị mã hoá theo ngày hẹn trả",
        "Đối chiếu sổ tiếp nhận; đánh dấu hồ sơ hẹn trả hôm nay và ngày mai.",
    );
    case.task("bao", "b7", files, "hoa", 513).await?;
    let backup = (
        "Kiểm tra bản sao lưu tối hôm trước trên máy riêng",
        "Mở thử ít nhất 20 tệp ở 05 thư mục; quét mã độc trước khi dùng.",
    );
    case.task("bao", "b7", backup, "tung", 700).await?;
    let call = ("Gọi điện cho người dân có hồ sơ hẹn trả hôm nay", "Theo nội dung thông báo đã được duyệt.");
    case.task("bao", "b7", call, "hoa", 640).await?;
    Ok(log)
}

/// Step 7: evidence, signs, what was stopped.
async fn found(case: &mut Case<'_>, log: &str, asked: &Asked) -> Result<()> {
    case.at(330).await?;
    let item = Item {
        step: "b7",
        kind: "log",
        source: "Thiết bị cổng mạng của UBND xã Ba Sao",
        description: "Nhật ký truy cập ra ngoài, từ trước khi mở thư đến 30 phút sau khi rút dây mạng",
        collected: 322,
        malicious: false,
        file: File {
            name: "nhat-ky-cong-mang.log",
            media_type: "text/plain",
            bytes: logs::encryption(case.time(-25), case.time(4)),
        },
    };
    case.evidence("tung", item).await?;
    case.at(338).await?;
    let disk = json!({
        "step": "b7", "kind": "device", "name": "Ổ cứng máy trạm số 02 (tem niêm phong số 0117)",
        "source": "Máy trạm số 02, bộ phận một cửa", "collected_at": case.iso(334), "collected_by": "Ngô Thanh Tùng",
        "description": "Tháo, niêm phong trước mặt người dùng máy và Chủ tịch UBND xã; biên bản thu giữ lập 02 bản.",
    });
    let disk = case.act("tung", "evidence/add", disk).await?;
    let disk = disk["result"]["ids"][0].as_str().unwrap_or_default().to_owned();
    let seal = [
        ("kind", "seal"),
        ("seal", "0117"),
        ("reason", "Niêm phong trước mặt người dùng máy"),
        ("place", "Bộ phận một cửa UBND xã Ba Sao"),
    ];
    let photo = File { name: "tem-niem-phong-0117.png", media_type: "image/png", bytes: picture::seal() };
    case.custody("tung", &disk, &seal, &photo).await?;
    case.at(344).await?;
    let blocked = json!({
        "act": "reply", "channel": "phone", "version": 1,
        "text": "Đã chặn trên đường truyền của 18 xã, thị trấn; gỡ chặn khi có đề nghị.",
    });
    case.act("bcd", &format!("steps/b6/requests/{}/reply", asked.block), blocked).await?;
    let sha256 = hex::encode(Sha256::digest(b"thong-bao-thue.exe of the demonstration"));
    case.signs(
        "tung",
        "confirmed",
        "nhat-ky-cong-mang.log",
        "Máy chủ điều khiển; đã gặp trong sự cố Cổng thông tin điện tử Huyện",
        "198[.]51[.]100[.]23",
    )
    .await?;
    case.signs(
        "tung",
        "confirmed",
        "nhat-ky-cong-mang.log",
        "Nơi phát tán tệp mã độc",
        "tai-ve[.]thue-dientu[.]example\nhxxp://tai-ve[.]thue-dientu[.]example/thong-bao-thue.exe",
    )
    .await?;
    let mail = "thongbao@thue-dientu[.]example\nho-tro@thue-dientu[.]example";
    case.signs("tung", "confirmed", "thong-bao-quyet-toan-thue.eml", "Người gửi và địa chỉ nhận trả lời", mail).await?;
    case.signs("tung", "suspected", "Máy trạm số 02", "Tệp mã độc trong thư mục tải về", &sha256).await?;
    case.signs("tung", "confirmed", "Máy trạm số 02", "Tệp tải về theo thư", "thong-bao-thue.exe").await?;
    let note = "Địa chỉ trong thông điệp đòi tiền; không liên hệ";
    case.signs("tung", "suspected", "man-hinh-may-02.png", note, "mo-khoa@khoa-tep[.]example").await?;
    case.at(352).await?;
    let result =
        "Tệp tải về một lần; hai máy báo về 198.51.100.23 mỗi phút cho đến khi rút dây; máy 05 dò 24 máy lân cận.";
    case.done("tung", "b7", log, result).await?;
    case.event(
        "tung",
        "attack",
        (-24, Some(350)),
        ("Máy số 02 bắt đầu liên lạc máy chủ điều khiển 198.51.100.23", "Mỗi phút một lần, theo nhật ký cổng mạng."),
        true,
    )
    .await?;
    case.event(
        "tung",
        "attack",
        (-14, Some(351)),
        ("Máy số 05 dò cổng chia sẻ tệp của 24 máy trong mạng xã", "Chưa thấy kết nối nào thành công."),
        true,
    )
    .await?;
    case.at(356).await?;
    let handed = json!({
        "act": "reply", "version": 2,
        "text": "Đã bàn giao 02 ổ cứng 1 TB và 01 máy xách tay cho anh Tùng tại xã Ba Sao.",
    });
    case.act("ngan", &format!("steps/b6/requests/{}/reply", asked.disks), handed).await?;
    case.at(360).await?;
    // On its way: the office has not signed for it yet.
    let over = json!({
        "kind": "hand_over", "to_unit": case.unit("phong-vhtt").await?, "place": "Phòng họp tầng 2, trụ sở Huyện",
        "reason": "Cất tủ chứng cứ có khoá, chờ sao chép để phân tích",
    });
    case.act("tung", &format!("evidence/{disk}/acts"), over).await?;
    Ok(())
}

async fn stopped(case: &mut Case<'_>) -> Result<()> {
    case.at(360).await?;
    let cut = (
        "Cô lập máy số 02, 05 và thư mục dùng chung",
        "Rút dây mạng, tắt Wi-Fi, giữ nguyên nguồn điện; dán niêm phong cổng mạng.",
        "Không phát sinh kết nối mới từ hai máy; thư mục dùng chung đã tháo khỏi mạng.",
    );
    case.measure("bao", "steps/b7/measures/containment", cut, None).await?;
    case.at(366).await?;
    let block = (
        "Chặn 198.51.100.23 và thue-dientu.example tại cổng mạng các xã",
        "Nhà mạng chặn trên đường truyền; Phòng Văn hoá và Thông tin chặn tại thiết bị của Huyện.",
        "Đã chặn tại 18 xã, thị trấn.",
    );
    case.measure("tung", "steps/b7/measures/containment", block, Some(520 + 3 * 24 * 60)).await?;
    case.at(371).await?;
    let lock = (
        "Tạm khoá 16 tài khoản đăng nhập máy trạm của xã",
        "Mở lại từng tài khoản sau khi đổi mật khẩu từ máy sạch.",
        "Đã khoá; mở lại 04 tài khoản của lãnh đạo và văn thư.",
    );
    case.measure("tung", "steps/b7/measures/containment", lock, Some(520 + 26 * 60)).await?;
    Ok(())
}

/// What it amounts to, as far as is known.
async fn judged(case: &mut Case<'_>) -> Result<()> {
    case.at(410).await?;
    let scope = "Máy trạm số 02, số 05 và thư mục dùng chung của bộ phận một cửa (khoảng 1.200 tệp). Máy chủ và 14 máy còn \
                 lại chưa thấy dấu hiệu, đang rà quét.";
    case.finding("tung", "b7", "scope", scope).await?;
    let harm = "Dừng tiếp nhận hồ sơ trực tuyến; 37 hồ sơ hẹn trả trong hai ngày bị ảnh hưởng. Có bản sao lưu tối hôm trước. \
                Chưa có dấu hiệu dữ liệu bị gửi ra ngoài.";
    case.finding("hoa", "b7", "harm", harm).await?;
    case.at(418).await?;
    let sample = json!({
        "unit": case.unit("vncert").await?, "kind": "analysis", "due_at": case.iso(760),
        "text": "Đề nghị phân tích mẫu mã độc và 05 tệp bị mã hoá gửi kèm, cho biết loại mã độc và công cụ giải mã (nếu có).",
    });
    case.make("lan", "steps/b6/requests", sample).await?;
    case.at(431).await?;
    case.called("ngan", "arrived").await?;
    Ok(())
}

/// The last hour.
async fn lately(case: &mut Case<'_>) -> Result<()> {
    case.at(474).await?;
    case.event(
        "ngan",
        "action",
        (470, None),
        ("Rà quét xong 9/14 máy trạm", "Chưa thấy dấu hiệu lây thêm; 05 máy còn lại đang quét."),
        false,
    )
    .await?;
    case.at(493).await?;
    let text = "Cập nhật diễn biến: đã cô lập, rà quét 9/14 máy, bộ phận một cửa tiếp nhận bằng giấy.";
    case.tell("hoa", "b5", "ubnd-huyen", "dien_bien", "phone", "amber", text, "").await?;
    ransom_room::called_again(case).await?;
    case.at(509).await?;
    let origin = "Tệp thong-bao-thue.exe tải từ tai-ve.thue-dientu.example theo thư giả danh cơ quan thuế; máy số 02 nhiễm \
                  trước, lây sang máy số 05 qua thư mục dùng chung. Máy chủ điều khiển trùng với sự cố Cổng thông tin điện \
                  tử Huyện.";
    case.finding("tung", "b7", "origin", origin).await?;
    case.at(516).await?;
    case.event(
        "bao",
        "decision",
        (514, None),
        ("Chưa cài lại máy số 05 cho đến khi rà quét xong 05 máy cuối", "Thống nhất với Chủ tịch UBND xã tại chỗ."),
        false,
    )
    .await
}
