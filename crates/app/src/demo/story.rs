//! What happens in the demonstration: a closed incident, a ransomware incident in the middle of its steps, a queue of
//! reports. Invented from beginning to end.

use serde_json::{Value, json};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{DAY, HOUR, MINUTE};

use super::hand::Hand;
use super::store;
use crate::actor::Actor;
use crate::org::actions::{NewAppointment, appoint};
use crate::org::{AppointmentKind, unit_by_code};

/// One incident as it is told.
struct Tale {
    title: &'static str,
    scenario: &'static str,
    severity: i64,
    operator: &'static str,
    owner: &'static str,
    system: String,
    summary: &'static str,
    origin: &'static str,
    scope: &'static str,
    harm: &'static str,
    option: &'static str,
    log: &'static str,
}

/// Plays the whole story.
pub async fn play(hand: &mut Hand) -> Result<()> {
    let portal =
        system(hand, "Trang thông tin điện tử Huyện", "vp-huyen", "ubnd-huyen", "Cung cấp thông tin cho người dân")
            .await?;
    let office = system(
        hand,
        "Hệ thống một cửa điện tử xã Ba Sao",
        "xa-ba-sao",
        "xa-ba-sao",
        "Tiếp nhận và trả kết quả thủ tục hành chính",
    )
    .await?;
    team(hand).await?;
    hand.app.clock.advance(DAY);
    let closed = Tale {
        title: "Trang thông tin điện tử Huyện bị thay đổi giao diện",
        scenario: "a05_deface",
        severity: 3,
        operator: "phuc",
        owner: "chutich",
        system: portal,
        summary: "Trang chủ hiện hình ảnh lạ và dòng chữ tiếng nước ngoài lúc 6 giờ 20; các trang con vẫn xem được.",
        origin: "Kẻ tấn công dùng mật khẩu quản trị bị lộ, đăng nhập từ một địa chỉ nước ngoài, tải lên một tệp lạ.",
        scope: "Chỉ trang chủ; cơ sở dữ liệu và các trang con không bị sửa. Khoảng 300 lượt xem trong lúc bị đổi.",
        harm: "Trang thông tin ngừng 5 giờ; không lộ dữ liệu cá nhân.",
        option: "a_isolate",
        log: "2022 06:18:03 203.0.113.7 POST /quan-tri/dang-nhap 200\n2022 06:19:40 203.0.113.7 POST /quan-tri/tai-len x.php 200\n",
    };
    let id = begin(hand, &closed).await?;
    until_containment(hand, &closed, &id).await?;
    until_closed(hand, &closed, &id).await?;
    hand.app.clock.advance(20 * DAY);
    let present = Tale {
        title: "Mã hoá dữ liệu tại bộ phận một cửa xã Ba Sao",
        scenario: "a06_ransom",
        severity: 4,
        operator: "hoa",
        owner: "chin",
        system: office,
        summary: "Hai máy ở bộ phận một cửa không mở được tệp, đuôi tệp đổi thành .khoa, có thông báo đòi tiền trên màn hình.",
        origin: "Nghi từ tệp đính kèm trong thư giả mạo thông báo thuế mở sáng cùng ngày.",
        scope: "Hai máy trạm và thư mục dùng chung của bộ phận một cửa; máy chủ chưa thấy dấu hiệu.",
        harm: "Ngừng tiếp nhận hồ sơ trực tuyến; khoảng 1.200 tệp bị mã hoá, có bản sao lưu ngày hôm trước.",
        option: "a_isolate",
        log: "08:11:52 WORKSTATION-02 process created: C:\\Users\\mot-cua\\Downloads\\thong-bao-thue.exe\n08:14:09 WORKSTATION-02 network 198.51.100.23:443\n",
    };
    let id = begin(hand, &present).await?;
    until_containment(hand, &present, &id).await?;
    reports(hand).await
}

async fn system(hand: &mut Hand, name: &str, operator: &str, owner: &str, purpose: &str) -> Result<String> {
    let mut look = hand.app.look(Actor::system()).await?;
    let operator = unit_by_code(&mut look.tx, operator).await?;
    let owner = unit_by_code(&mut look.tx, owner).await?;
    drop(look);
    let body = json!({
        "name": name, "purpose": purpose, "operator": operator, "owner": owner, "level": 2,
        "link_provider": "Nhà mạng", "os_name": "Windows Server", "os_version": "2019",
        "domains": "", "addresses": "",
    });
    let made = hand.act("quantri", "/systems/new", body).await?;
    Ok(made["url"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned())
}

/// The response team by decision, and the officers in charge.
async fn team(hand: &mut Hand) -> Result<()> {
    let parts = [
        ("bao", "to-ung-cuu", AppointmentKind::Lead),
        ("tung", "to-ung-cuu", AppointmentKind::Member),
        ("ngan", "to-ung-cuu", AppointmentKind::Deputy),
        ("lan", "phong-vhtt", AppointmentKind::Officer),
        ("hoa", "xa-ba-sao", AppointmentKind::Officer),
        ("ut", "xa-my-hiep", AppointmentKind::Officer),
    ];
    for (login, unit, kind) in parts {
        let mut work = hand.app.work(Actor::system()).await?;
        let person_id = store::person(&mut work.tx, login).await?;
        let unit_id = unit_by_code(&mut work.tx, unit).await?.ok_or(ungcuu_kit::Error::NotFound)?;
        let from = work.now;
        let new = NewAppointment {
            unit_id,
            person_id,
            kind,
            decision_no: "15/QĐ-UBND".to_owned(),
            duties: String::new(),
            from,
        };
        appoint(&mut work, new).await?;
        work.commit().await?;
    }
    Ok(())
}

async fn begin(hand: &mut Hand, tale: &Tale) -> Result<String> {
    let now = hand.app.now();
    let body = json!({
        "title": tale.title, "scenario": tale.scenario, "severity": tale.severity, "tlp": "amber",
        "system": tale.system, "summary": tale.summary,
        "happened_at": now.plus(-2 * HOUR).to_iso(), "detected_at": now.plus(-HOUR).to_iso(),
    });
    let id = hand.make(tale.operator, "/incidents/new", body).await?;
    let conditions = json!({ "conditions": ["gian_doan_dich_vu"], "version": 1 });
    // The classification is optional in the story: packs name their own conditions.
    let _ = hand.act(tale.operator, &format!("/incidents/{id}/class"), conditions).await;
    Ok(id)
}

/// Steps 1 to 6, and the work of step 7.
async fn until_containment(hand: &mut Hand, tale: &Tale, id: &str) -> Result<()> {
    let step = |step: &str, rest: &str| format!("/incidents/{id}/steps/{step}/{rest}");
    evidence(hand, tale.operator, id, "b1", "nhat-ky.log", tale.log).await?;
    finding(hand, tale.operator, id, "b1", "origin", tale.origin).await?;
    finish(hand, tale.operator, id, "b1").await?;
    let mut look = hand.app.look(Actor::system()).await?;
    let items = store::open_items(&mut look.tx, id).await?;
    drop(look);
    for (item, version) in items {
        hand.app.clock.advance(4 * MINUTE);
        let body = json!({ "state": "done", "version": version });
        hand.act(tale.operator, &step("b2", &format!("checklist/{item}/mark")), body).await?;
    }
    finish(hand, tale.operator, id, "b2").await?;

    let option = hand.make(tale.operator, &step("b3", "options/take"), json!({ "option": tale.option })).await?;
    let words = json!({ "words": "Đề nghị cho cô lập ngay để không lan sang máy khác.", "version": 1 });
    hand.act(tale.operator, &step("b3", &format!("options/{option}/propose")), words).await?;
    hand.app.clock.advance(25 * MINUTE);
    let mut look = hand.app.look(Actor::system()).await?;
    let (proposal, version) = store::waiting_proposal(&mut look.tx, id).await?;
    drop(look);
    let answer = json!({ "act": "approve", "answer": "Đồng ý, báo lại kết quả trước 17 giờ.", "version": version });
    hand.act(tale.owner, &step("b3", &format!("proposals/{proposal}/answer")), answer).await?;
    finish(hand, tale.operator, id, "b3").await?;
    board(hand, tale, id).await?;

    finding(hand, tale.operator, id, "b7", "scope", tale.scope).await?;
    finding(hand, "tung", id, "b7", "harm", tale.harm).await?;
    evidence(hand, "tung", id, "b7", "danh-sach-tep.txt", "ho-so-001.docx.khoa\nho-so-002.docx.khoa\n").await?;
    let cut = json!({
        "title": "Ngắt các máy bị ảnh hưởng khỏi mạng", "detail": "Rút dây mạng, giữ nguyên nguồn điện.",
        "done": "on", "result": "Đã ngắt, không thấy máy nào khác bị thêm.",
        "remove_by": hand.app.now().plus(3 * DAY).to_iso(),
    });
    hand.act(tale.operator, &step("b7", "measures/containment"), cut).await?;
    let signs = json!({ "text": "198[.]51[.]100[.]23\nhxxp://thue-dien-tu[.]example/thong-bao.exe\n" });
    let _ = hand.act("tung", &format!("/incidents/{id}/indicators/add"), signs).await;
    Ok(())
}

/// Step 4 by the board, step 5 begun, step 6.
async fn board(hand: &mut Hand, tale: &Tale, id: &str) -> Result<()> {
    let step = |step: &str, rest: &str| format!("/incidents/{id}/steps/{step}/{rest}");
    let now = hand.app.now();
    let mut look = hand.app.look(Actor::system()).await?;
    let lead_unit = unit_by_code(&mut look.tx, "phong-vhtt").await?;
    let people = [store::person(&mut look.tx, "bao").await?, store::person(&mut look.tx, "tung").await?];
    let speaker = store::person(&mut look.tx, "bcd").await?;
    drop(look);
    let text = "Phòng chủ trì cử người xuống hỗ trợ ngay trong buổi sáng, báo cáo hai giờ một lần.";
    hand.act("bcd", &step("b4", "directions"), json!({ "text": text, "to": lead_unit })).await?;
    let summons = json!({
        "people": people, "place": "Phòng họp số 2", "meet_at": now.plus(HOUR).to_iso(),
        "words": "Mang theo máy và ổ đĩa sạch.",
    });
    hand.act("bcd", &step("b4", "summons"), summons).await?;
    let mut look = hand.app.look(Actor::system()).await?;
    let called = store::summoned(&mut look.tx, id).await?;
    drop(look);
    hand.app.clock.advance(6 * MINUTE);
    for (summoned, version, login) in called {
        let body = json!({ "state": "acknowledged", "version": version });
        hand.act(&login, &step("b4", &format!("summoned/{summoned}")), body).await?;
    }
    let named = json!({ "person": speaker, "decision": "Phân công phát ngôn về sự cố", "valid_from": now.to_iso() });
    hand.act("bcd", &step("b4", "spokesperson"), named).await?;
    finish(hand, "bcd", id, "b4").await?;
    let told = json!({
        "unit": lead_unit, "kind": "ban_dau", "channel": "phone", "tlp": "amber", "told_at": hand.app.now().to_iso(),
        "text": tale.title,
    });
    hand.act(tale.operator, &step("b5", "disclosures"), told).await?;
    let help = json!({
        "unit": lead_unit, "kind": "people", "text": "Đề nghị cử một người biết khôi phục dữ liệu.",
        "due_at": hand.app.now().plus(DAY).to_iso(),
    });
    hand.act("bcd", &step("b6", "requests"), help).await?;
    Ok(())
}

/// The rest of the way, for the incident that is over.
async fn until_closed(hand: &mut Hand, tale: &Tale, id: &str) -> Result<()> {
    let step = |step: &str, rest: &str| format!("/incidents/{id}/steps/{step}/{rest}");
    report(hand, tale.operator, id, "mau-03").await?;
    finish(hand, tale.operator, id, "b5").await?;
    finish(hand, "bcd", id, "b6").await?;
    finding(hand, tale.operator, id, "b7", "origin", tale.origin).await?;
    finish(hand, tale.operator, id, "b7").await?;
    hand.app.clock.advance(2 * HOUR);
    let done = |title: &str, result: &str| json!({ "title": title, "done": "on", "result": result });
    let removed = done("Xoá tệp lạ, rà lại toàn bộ mã nguồn", "Không còn tệp lạ.");
    hand.act(tale.operator, &step("b8", "measures/eradication"), removed).await?;
    let fixed = done("Đổi mật khẩu quản trị, bật xác thực hai bước", "Đã bật cho mọi tài khoản quản trị.");
    hand.act(tale.operator, &step("b8", "measures/fix"), fixed).await?;
    finish(hand, tale.operator, id, "b8").await?;
    let restored = done("Khôi phục trang chủ từ bản sao lưu", "Trang chạy lại bình thường.");
    hand.act(tale.operator, &step("b9", "measures/recovery"), restored).await?;
    finish(hand, tale.operator, id, "b9").await?;
    let mut look = hand.app.look(Actor::system()).await?;
    let checks = store::open_checks(&mut look.tx, id).await?;
    drop(look);
    for (check, version) in checks {
        let body = json!({ "result": "pass", "note": "Đạt", "version": version });
        hand.act(tale.operator, &step("b10", &format!("verification/{check}/answer")), body).await?;
    }
    let verdict = json!({ "verdict": "stable", "note": "Theo dõi 24 giờ không có dấu hiệu lạ." });
    hand.act(tale.operator, &step("b10", "verdict"), verdict).await?;
    finish(hand, tale.operator, id, "b10").await?;
    finding(hand, tale.operator, id, "b11", "cause", "Mật khẩu quản trị yếu, dùng chung, không có xác thực hai bước.")
        .await?;
    let lesson = json!({
        "kind": "lesson", "text": "Mọi tài khoản quản trị phải bật xác thực hai bước trước khi đưa vào sử dụng.",
    });
    hand.act(tale.operator, &step("b11", "lessons"), lesson).await?;
    report(hand, tale.operator, id, "mau-04").await?;
    finish(hand, tale.operator, id, "b11").await?;
    let words = json!({ "words": "Đã khắc phục xong, bài học đã gửi các đơn vị." });
    hand.act("lan", &format!("/incidents/{id}/close"), words).await?;
    Ok(())
}

async fn finish(hand: &mut Hand, login: &str, id: &str, step: &str) -> Result<Value> {
    hand.app.clock.advance(15 * MINUTE);
    hand.act(login, &format!("/incidents/{id}/steps/{step}/finish"), json!({})).await
}

async fn finding(hand: &mut Hand, login: &str, id: &str, step: &str, key: &str, text: &str) -> Result<()> {
    hand.app.clock.advance(9 * MINUTE);
    let path = format!("/incidents/{id}/steps/{step}/findings/{key}");
    // Written before in an earlier step: the story does not write it twice.
    match hand.act(login, &path, json!({ "text": text, "version": 0 })).await {
        Err(error) if !error.to_string().contains("409") => Err(error),
        _ => Ok(()),
    }
}

async fn evidence(hand: &mut Hand, login: &str, id: &str, step: &str, name: &str, text: &str) -> Result<()> {
    hand.app.clock.advance(7 * MINUTE);
    let fields =
        [("step", step), ("kind", "log"), ("source", "Máy bị ảnh hưởng"), ("description", "Chép nguyên trạng")];
    hand.upload(login, &format!("/incidents/{id}/evidence/upload"), &fields, name, text.as_bytes()).await?;
    Ok(())
}

/// A form of the pack, filled from the incident and issued.
async fn report(hand: &mut Hand, login: &str, id: &str, form: &str) -> Result<()> {
    let report = hand.make(login, &format!("/incidents/{id}/reports"), json!({ "form": form })).await?;
    let body = json!({
        "version": 1, "act": "issue", "signer": "Nguyễn Văn Thành", "recipients": "Như trên\nLưu: VT",
        "f.reporter_phone": "0277 3 000 010", "f.reporter_email": "vanphong@demo.example",
        "f.reporter_address": "Thị trấn Mỹ Thọ", "f.contact_name": "Lý Văn Phúc",
        "f.contact_phone": "0900 000 010", "f.contact_email": "phuc@demo.example",
        "f.detection_methods": "logs", "f.notified_parties": "owner", "f.result": "Đã khắc phục xong.",
    });
    hand.act(login, &format!("/incidents/{id}/reports/{report}"), body).await?;
    Ok(())
}

/// What waits in the queue this morning.
async fn reports(hand: &mut Hand) -> Result<()> {
    let now = hand.app.now();
    let alert = |title: &str, description: &str, severity: i64, source: &str, unit: &str, hours: i64| {
        json!({
            "title": title, "description": description, "severity": severity, "source": source, "unit": unit,
            "noticed_at": now.plus(-hours * HOUR).to_iso(),
        })
    };
    let alerts = json!({ "alerts": [
        alert("Thư giả mạo thông báo thuế", "Nhiều người nhận thư có tệp đính kèm lạ.", 3, "email", "xa-my-hiep", 2),
        alert("Máy chạy chậm, quạt kêu to", "Máy ở bộ phận kế toán nóng và chậm từ sáng.", 2, "phone", "phong-tckh", 3),
        alert("Nhiều lần đăng nhập sai vào một cửa điện tử", "312 lần trong 10 phút từ một địa chỉ.", 3, "sensor", "vp-huyen", 1),
        alert("Mất mạng cả trụ sở", "Không vào được mạng từ 7 giờ 30.", 2, "phone", "xa-an-binh", 4),
        alert("Tài khoản thư công vụ tự gửi thư", "Đồng nghiệp nhận thư lạ từ tài khoản của tôi.", 3, "unit", "xa-nhi-my", 5),
        alert("Cảnh báo lỗ hổng máy chủ thư", "Cấp trên gửi cảnh báo, đề nghị rà soát.", 2, "upper_body", "phong-vhtt", 8),
    ] });
    hand.act("lan", "/alerts", alerts).await?;
    let again = json!({ "alerts": [
        alert("Nhiều lần đăng nhập sai vào một cửa điện tử", "Tiếp tục.", 3, "sensor", "vp-huyen", 0),
        alert("Nhiều lần đăng nhập sai vào một cửa điện tử", "Tiếp tục.", 3, "sensor", "vp-huyen", 0),
    ] });
    hand.act("lan", "/alerts", again).await?;
    Ok(())
}
