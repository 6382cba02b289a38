//! The incident that runs, seen from the room in which it is coordinated: situation reports every two hours, decisions with
//! the words of those they need, one piece of evidence kept close and then opened for the coordinator, and a second call
//! to the team that not everybody has answered yet.

use serde_json::{Value, json};
use ungcuu_kit::error::Result;

use crate::demo::case::Case;

/// The rhythm, the first entry of the register, the first report.
pub async fn begun(case: &mut Case<'_>) -> Result<()> {
    case.at(313).await?;
    case.act("bcd", "steps/b6/rhythm", json!({ "every_minutes": 120 })).await?;
    let settled = case.section("lan", "b6", "decisions").await?["settled"].clone();
    let option = settled.as_array().into_iter().flatten().find(|one| one["source"] == "option").cloned();
    let source = format!("option:{}", option.unwrap_or_default()["source_id"].as_str().unwrap_or_default());
    case.act("lan", "steps/b6/decisions/enter", json!({ "source": source })).await?;
    case.at(315).await?;
    let words = json!({
        "assessment": "Đã cô lập hai máy và thư mục dùng chung; chưa thấy lan sang 14 máy còn lại. Chưa biết loại mã độc và \
                       còn máy nào nhiễm hay không.",
        "outlook": "Thu nhật ký cổng mạng, niêm phong ổ cứng máy số 02; rà quét ngoại tuyến các máy còn lại trước khi hết \
                    buổi.",
        "needs": "Trung tâm Văn hoá - Thể thao và Truyền thanh hỗ trợ ổ cứng; nhà mạng chặn địa chỉ máy chủ điều khiển.",
        "tlp": "amber",
    });
    publish(case, "lan", words).await
}

/// What the attacker could learn from is kept among those who handle the incident.
pub async fn guarded(case: &mut Case<'_>) -> Result<()> {
    case.at(357).await?;
    let reason = "Nhật ký lộ sơ đồ mạng các xã; chỉ dùng trong nhóm đang xử lý";
    mark(case, "tung", "log", "red", reason).await
}

/// Opened for the coordinator with a reason; a decision of the board; the second report.
pub async fn decided(case: &mut Case<'_>) -> Result<()> {
    case.at(436).await?;
    let reason = "Cơ quan điều phối quốc gia cần nhật ký để phân tích mẫu mã độc";
    let log = mark_key(case, "log").await?;
    mark(case, "bcd", "log", "amber", reason).await?;
    case.at(438).await?;
    let sent = json!({
        "units": [case.unit("vncert").await?], "tlp": "amber", "told_at": case.iso(438), "items": [log],
        "text": "Nhật ký cổng mạng kèm yêu cầu phân tích mẫu.",
    });
    case.act("lan", "steps/b6/shares", sent).await?;
    case.at(440).await?;
    let (board, commune) = (case.person("bcd").await?, case.person("hoa").await?);
    let ransom = json!({
        "what": "Không trả tiền chuộc, không liên hệ theo địa chỉ trong thông điệp.",
        "why": "Có bản sao lưu tối hôm trước mở được; trả tiền không bảo đảm lấy lại dữ liệu và khuyến khích tấn công tiếp.",
        "considered": "Liên hệ để xin thêm thời gian; chờ công cụ giải mã rồi mới khôi phục.",
        "decider": board, "approvers": [commune],
    });
    let decision = case.make("bao", "steps/b6/decisions", ransom).await?;
    for (minute, login, words) in
        [(444, "bcd", "Đồng ý. Mọi liên hệ từ phía kẻ tấn công chuyển ngay Công an."), (446, "hoa", "")]
    {
        case.at(minute).await?;
        say(case, login, &decision, words).await?;
    }
    case.at(450).await?;
    let words = json!({
        "assessment": "Đã khống chế: hai máy nhiễm, mã độc vào qua thư giả danh cơ quan thuế. Máy chủ điều khiển đã bị chặn \
                       trên đường truyền của 18 xã, thị trấn.",
        "outlook": "Rà quét xong 14 máy trong buổi; kiểm tra bản sao lưu rồi khôi phục máy số 02 trước.",
        "needs": "Chờ cơ quan điều phối quốc gia trả lời về công cụ giải mã.",
        "tlp": "amber",
    });
    publish(case, "lan", words).await?;
    case.at(455).await?;
    let carrier = json!({
        "content": "indicators_csv", "unit": case.unit("nha-mang").await?,
        "purpose": "Chặn địa chỉ máy chủ điều khiển trên đường truyền",
    });
    case.make("lan", "outward", carrier).await?;
    Ok(())
}

/// The team is called once more; one comes, the others have not answered. The coordinator is reminded.
pub async fn called_again(case: &mut Case<'_>) -> Result<()> {
    case.at(496).await?;
    let mut people = Vec::new();
    for login in ["bao", "tung", "ngan"] {
        people.push(case.person(login).await?);
    }
    let summons = json!({
        "people": people, "place": "Phòng họp UBND huyện", "meet_at": case.iso(600),
        "words": "Thống nhất thời điểm khôi phục; mang kết quả rà quét.",
    });
    case.make("bcd", "steps/b4/summons", summons).await?;
    case.at(500).await?;
    let requests = case.section("lan", "b6", "requests").await?["requests"].clone();
    let sample = requests.as_array().into_iter().flatten().find(|one| one["kind"] == "analysis").cloned();
    let sample = sample.unwrap_or_default();
    let path = format!("steps/b6/requests/{}/remind", sample["id"].as_str().unwrap_or_default());
    let words = json!({ "text": "Cần biết có công cụ giải mã hay không trước khi họp.", "version": sample["version"] });
    case.act("lan", &path, words).await?;
    case.at(502).await?;
    case.called("bao", "acknowledged").await
}

/// What is open when the story ends: a call without an answer, a decision that waits for a word, a report half written.
pub async fn open_ends(case: &mut Case<'_>) -> Result<()> {
    case.at(517).await?;
    let people = case.section("bcd", "b4", "summons").await?["people"].clone();
    let person = case.person("tung").await?;
    let tung = people.as_array().into_iter().flatten().find(|one| one["person_id"] == person.as_str()).cloned();
    let tung = tung.unwrap_or_default();
    let path = format!("steps/b4/summoned/{}/try", tung["id"].as_str().unwrap_or_default());
    let silent = json!({ "way": "phone", "outcome": "no_answer", "note": "đổ chuông, không nghe máy", "version": tung["version"] });
    case.act("bcd", &path, silent).await?;
    case.at(518).await?;
    let restore = json!({
        "what": "Khôi phục máy số 02 và thư mục dùng chung ngay khi rà quét xong 14 máy, không chờ công cụ giải mã.",
        "why": "37 hồ sơ hẹn trả trong hai ngày; bản sao lưu đã kiểm tra mở được.",
        "considered": "Chờ công cụ giải mã để lấy lại dữ liệu phát sinh sau lần sao lưu cuối.",
        "decider": case.person("bcd").await?, "due_at": case.iso(600),
    });
    case.make("bao", "steps/b6/decisions", restore).await?;
    case.at(519).await?;
    let draft = json!({
        "assessment": "Rà quét xong 9/14 máy, chưa thấy lây thêm. Bộ phận một cửa tiếp nhận bằng giấy.",
        "outlook": "Quét 05 máy còn lại; họp lúc cuối buổi để chốt thời điểm khôi phục.", "needs": "", "tlp": "amber",
    });
    case.make("lan", "steps/b6/situations", draft).await?;
    Ok(())
}

async fn publish(case: &mut Case<'_>, writer: &str, words: Value) -> Result<()> {
    let report = case.make(writer, "steps/b6/situations", words).await?;
    case.act("bcd", &format!("steps/b6/situations/{report}/publish"), json!({ "version": 1 })).await?;
    Ok(())
}

/// The first evidence of a kind as the list of markings has it; the register begins with the latest.
async fn marked(case: &mut Case<'_>, login: &str, kind: &str) -> Result<Value> {
    let evidence = case.look(login, "/evidence").await?["items"].clone();
    let found = evidence.as_array().into_iter().flatten().rfind(|one| one["kind"] == kind).cloned();
    let id = found.unwrap_or_default()["id"].as_str().unwrap_or_default().to_owned();
    let all = case.look(login, "/markings?kind=evidence").await?["items"].clone();
    Ok(all.as_array().into_iter().flatten().find(|one| one["id"] == id.as_str()).cloned().unwrap_or_default())
}

async fn mark_key(case: &mut Case<'_>, kind: &str) -> Result<String> {
    let item = marked(case, "lan", kind).await?;
    Ok(format!("evidence:{}", item["id"].as_str().unwrap_or_default()))
}

async fn mark(case: &mut Case<'_>, login: &str, kind: &str, tlp: &str, reason: &str) -> Result<()> {
    let item = marked(case, login, kind).await?;
    let body = json!({
        "item": format!("evidence:{}", item["id"].as_str().unwrap_or_default()), "tlp": tlp, "reason": reason,
        "version": item["version"],
    });
    case.act(login, "markings", body).await?;
    Ok(())
}

async fn say(case: &mut Case<'_>, login: &str, decision: &str, words: &str) -> Result<()> {
    let all = case.section(login, "b6", "decisions").await?["words"].clone();
    let person = case.person(login).await?;
    let mine = all
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["decision_id"] == decision && one["person_id"] == person.as_str());
    let mine = mine.cloned().unwrap_or_default();
    let path = format!("steps/b6/decisions/{decision}/words/{}", mine["id"].as_str().unwrap_or_default());
    case.act(login, &path, json!({ "act": "approve", "text": words, "version": mine["version"] })).await?;
    Ok(())
}
