//! What machines help to find: the team's own rules, a log that is examined with them, and the machines of the commune that are
//! swept one by one.

use serde_json::{Value, json};
use ungcuu_kit::error::Result;

use crate::demo::case::{Case, Item};
use crate::demo::hand::File;
use crate::demo::props::{events, rules};
use crate::sensor;

/// The event log of the second machine is handed in, examined with the built-in rules and the team's own; what matters goes
/// into the timeline. One rule only makes noise here and is silenced.
pub async fn examined(case: &mut Case<'_>) -> Result<()> {
    case.at(432).await?;
    let item = Item {
        step: "b7",
        kind: "log",
        source: "Máy trạm số 02, bộ phận một cửa",
        description: "Nhật ký sự kiện xuất từ bản sao ổ cứng, từ trước khi mở thư đến khi bị xoá nhật ký",
        collected: 428,
        malicious: false,
        file: File {
            name: "su-kien-may-02.jsonl",
            media_type: "application/x-ndjson",
            bytes: events::of_workstation(case.time(-25)),
        },
    };
    case.evidence("tung", item).await?;
    let set = File { name: "quy-tac-to-ung-cuu.zip", media_type: "application/zip", bytes: rules::of_team()? };
    let fields = [("name", "Quy tắc của Tổ ứng cứu")];
    let set = case.stage.hand.upload(Some("tung"), "/rule-sets/import", &fields, &set).await?;
    let set = set["result"]["id"].as_str().unwrap_or_default().to_owned();
    sensor::settle_built_in(&case.stage.hand.app).await?;
    silence(case).await?;
    case.at(433).await?;
    let log = latest(case).await?;
    let own = examine(case, &log, &set).await?;
    let built_in = examine(case, &log, "").await?;
    case.at(435).await?;
    for examination in [own, built_in] {
        let shown = case.look("tung", &format!("/evidence/{log}/examinations/{examination}")).await?;
        let ids: Vec<&Value> = shown["findings"].as_array().into_iter().flatten().map(|one| &one["id"]).collect();
        let picked = json!({ "pick": ids, "signs": [] });
        case.act("tung", &format!("evidence/{log}/examinations/{examination}/take"), picked).await?;
    }
    Ok(())
}

async fn latest(case: &mut Case<'_>) -> Result<String> {
    let register = case.look("tung", "/evidence").await?;
    Ok(register["items"][0]["id"].as_str().unwrap_or_default().to_owned())
}

async fn examine(case: &mut Case<'_>, item: &str, set: &str) -> Result<String> {
    let id = case.make("tung", &format!("evidence/{item}/examine"), json!({ "set": set })).await?;
    sensor::examine_next(&case.stage.hand.app).await?;
    Ok(id)
}

/// A rule of the built-in set that the team's own work sets off.
async fn silence(case: &mut Case<'_>) -> Result<()> {
    let hand = &mut case.stage.hand;
    let sets = hand.look("tung", "/rule-sets").await?;
    let built_in = sets["sets"].as_array().into_iter().flatten().find(|set| set["built_in"] == true);
    let set = built_in.and_then(|set| set["id"].as_str()).unwrap_or_default().to_owned();
    let rules = hand.look("tung", &format!("/rule-sets/{set}?level=medium")).await?;
    let noisy = |rule: &&Value| rule["title"].as_str().is_some_and(|title| title.starts_with("Nhật ký khác"));
    let rule = rules["rules"].as_array().into_iter().flatten().find(noisy);
    let rule = rule.and_then(|rule| rule["id"].as_str()).unwrap_or_default().to_owned();
    let reason = "Đĩa cài lại máy của Tổ xoá nhật ký ứng dụng mỗi lần cài; đã đối chiếu với sổ cài máy.";
    let body = json!({ "reason": reason, "version": 0 });
    hand.act("tung", &format!("/rule-sets/{set}/rules/{rule}/silence"), body).await?;
    Ok(())
}

/// The other machines of the commune are swept: most are clean, one is not, one could not be reached.
pub async fn swept(case: &mut Case<'_>) -> Result<()> {
    case.at(452).await?;
    let (from, until) = (case.iso(452), case.iso(452 + 3 * 24 * 60));
    let unit = case.unit("to-ung-cuu").await?;
    let commune = case.unit("xa-ba-sao").await?;
    let hand = &mut case.stage.hand;
    let body = json!({
        "title": "Rà quét mã độc các máy trạm còn lại của UBND xã Ba Sao", "unit": unit,
        "scope": "Máy trạm của xã đang nối mạng nội bộ, trừ hai máy đã cô lập",
        "tool": "USB khởi động sạch, bộ quét ngoại tuyến cập nhật trong ngày", "planned_from": from, "planned_to": until,
    });
    let id = hand.make("bao", "/campaigns/new", body).await?;
    let names: Vec<String> = (3..=12).map(|number| format!("Máy trạm số {number:02}")).collect();
    let body = json!({ "machines": names.join("\n"), "unit": commune });
    hand.act("bao", &format!("/campaigns/{id}/machines"), body).await?;
    case.at(470).await?;
    let owner = case.person("ngan").await?;
    let (checked, due) = (case.iso(466), case.iso(470 + 24 * 60));
    let hand = &mut case.stage.hand;
    let machines = hand.look("ngan", &format!("/campaigns/{id}")).await?["machines"].clone();
    for (place, machine) in machines.as_array().into_iter().flatten().enumerate().take(7) {
        let mut body = json!({ "result": "clean", "checked_at": checked, "version": 1 });
        match place {
            3 => {
                body["result"] = json!("found");
                body["note"] = json!("Có thong-bao-thue.exe trong thư mục tải về, chưa chạy; đã cách ly.");
                body["follow_up"] = json!("Cài lại máy từ bản sạch, đổi mật khẩu người dùng");
                body["owner"] = json!(owner);
                body["due_at"] = json!(due);
            }
            5 => {
                body["result"] = json!("not_reached");
                body["note"] = json!("Cán bộ đi công tác mang theo máy, hẹn rà khi về.");
            }
            _ => {}
        }
        let machine = machine["id"].as_str().unwrap_or_default();
        hand.act("ngan", &format!("/campaigns/{id}/machines/{machine}"), body).await?;
    }
    Ok(())
}
