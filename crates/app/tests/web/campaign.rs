//! Campaigns of sweeping: machines, what came of each, what is still to do and its clock, the end.

use serde_json::{Value, json};
use ungcuu_kit::time::DAY;

use crate::support::{Person, TestApp};

async fn lead(app: &TestApp) -> Person {
    app.person("Nguyễn Quốc Bảo", "to-ung-cuu", &["to_truong"]).await
}

async fn begun(app: &TestApp, who: &Person) -> String {
    let (from, to) = (app.app.now().to_field(), app.app.now().plus(7 * DAY).to_field());
    let body = json!({
        "title": "Rà quét quý I", "scope": "Máy trạm bộ phận một cửa", "tool": "USB sạch 1.2",
        "unit": app.unit("to-ung-cuu").await, "planned_from": from, "planned_to": to,
    });
    let made = app.api(Some(who), "/campaigns/new", body).await;
    made.is(200);
    format!("/campaigns/{}", made.json()["result"]["id"].as_str().expect("an id"))
}

async fn machines(app: &TestApp, who: &Person, place: &str) -> Vec<Value> {
    let shown = app.get(Some(who), &format!("/api/v1{place}")).await;
    shown.is(200);
    shown.json()["machines"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn every_machine_gets_a_result_before_a_campaign_ends_and_the_rest_keeps_its_clock() {
    let app = TestApp::new().await;
    let lead = lead(&app).await;
    let place = begun(&app, &lead).await;
    app.get(Some(&lead), "/campaigns").await.is(200).shows("Rà quét quý I").shows("RQ-2023-0001");
    let add = [("machines", "Máy 01\n\n  Máy 02 \nMáy 03")];
    assert_eq!(app.post(Some(&lead), &format!("{place}/machines"), &add).await.said(), "Đã thêm 3 máy.");
    let close = format!("{place}/close");
    let ending = [("conclusion", "Một máy có mã độc, đã xử lý."), ("version", "1")];
    app.post(Some(&lead), &close, &ending).await.is(409).shows("Còn 3 máy chưa có kết quả");

    let all = machines(&app, &lead, &place).await;
    let path = |at: usize| format!("{place}/machines/{}", all[at]["id"].as_str().expect("an id"));
    app.post(Some(&lead), &path(0), &[("result", "clean"), ("version", "1")]).await.place();
    let found = [("result", "found"), ("note", "=1+1"), ("follow_up", "Cài lại máy"), ("version", "1")];
    let page = path(1);
    let on_page: Vec<_> = found.iter().chain(&[("_page", page.as_str())]).copied().collect();
    let refused = app.post(Some(&lead), &page, &on_page).await;
    refused.is(422).shows("Hãy chọn người làm việc này").shows("Hãy ghi hạn xong").shows("Cài lại máy");
    let due = app.app.now().plus(2 * DAY).to_field();
    let owned = [("owner", lead.person_id.as_str()), ("due_at", due.as_str()), ("reference", "SC-2023-0001")];
    let found: Vec<_> = found.iter().chain(&owned).copied().collect();
    app.post(Some(&lead), &path(1), &found).await.place();
    app.post(Some(&lead), &path(2), &[("result", "not_reached"), ("version", "1")]).await.place();
    app.post(Some(&lead), &path(2), &[("result", "clean"), ("version", "1")]).await.is(409);
    app.get(Some(&lead), "/deadlines")
        .await
        .is(200)
        .shows("Máy 02: Cài lại máy")
        .shows("Rà xong các máy của RQ-2023-0001");
    app.get(Some(&lead), &format!("{place}?result=found")).await.shows("Máy 02").hides("Máy 01");
    app.get(Some(&lead), &format!("{place}?pending=1")).await.shows("Máy 02").hides("Máy 03");
    let csv = app.get(Some(&lead), &format!("{place}/csv")).await;
    csv.is(200).shows("\"Máy 02\"").shows("\"'=1+1\"").shows("Có mã độc");

    // The plan asks for it once a year, in its words; a closed campaign proves it.
    let asked = "Nhiệm vụ 3: Rà quét, bóc gỡ, phân tích, xử lý mã độc";
    app.get(Some(&lead), "/campaigns").await.shows(asked).shows("Mỗi năm ít nhất 01 lần").shows("Chưa đạt");
    app.post(Some(&lead), &close, &ending).await.place();
    app.get(Some(&lead), &place).await.shows("Đã kết thúc").shows("Một máy có mã độc").hides("Thêm máy cần rà");
    app.get(Some(&lead), &place).await.shows("Minh chứng cho").shows(asked).shows("phát hiện sớm các nguy cơ");
    app.get(Some(&lead), "/campaigns").await.shows("1 đợt đã kết thúc").hides("Chưa đạt");
    let list = app.get(Some(&lead), "/api/v1/campaigns").await.json();
    assert_eq!((&list["proves"][0]["closed"], &list["proves"][0]["wanted"]), (&1.into(), &1.into()));
    app.post(Some(&lead), &format!("{place}/machines"), &add).await.is(409);
    let done = found.iter().map(|(name, value)| (*name, if *name == "version" { "2" } else { *value }));
    let done: Vec<_> = done.chain([("done", "on")]).collect();
    app.post(Some(&lead), &path(1), &done).await.place();
    app.get(Some(&lead), "/deadlines").await.hides("Máy 02: Cài lại máy");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_registered_system_is_known_by_its_code_and_others_do_not_see_campaigns() {
    let app = TestApp::new().await;
    let lead = lead(&app).await;
    let place = begun(&app, &lead).await;
    let unit = app.unit("xa-ba-sao").await;
    let system = json!({ "name": "Một cửa", "owner": unit, "operator": unit });
    app.api(Some(&lead), "/systems/new", system).await.is(200);
    app.post(Some(&lead), &format!("{place}/machines"), &[("machines", "HT-0001\nHT-9999")]).await.place();
    let all = machines(&app, &lead, &place).await;
    assert_eq!((&all[0]["name"], &all[1]["name"]), (&json!("Một cửa"), &json!("HT-9999")));
    assert_eq!(all[0]["unit_id"], json!(unit));
    let clerk = app.person("Trần Thị Hoa", "xa-ba-sao", &["van_hanh"]).await;
    app.get(Some(&clerk), &place).await.is(404);
    let own = format!("{place}/machines/{}", all[0]["id"].as_str().expect("an id"));
    let other = format!("{place}/machines/{}", all[1]["id"].as_str().expect("an id"));
    app.get(Some(&clerk), &own).await.is(200).shows("Một cửa").hides(&format!("href=\"{place}\"")).hides("Ghi kết quả");
    app.get(Some(&clerk), &other).await.is(404);
    let due = app.app.now().plus(DAY).to_field();
    let found = [
        ("result", "found"),
        ("follow_up", "Cài lại máy"),
        ("owner", clerk.person_id.as_str()),
        ("due_at", due.as_str()),
        ("version", "1"),
    ];
    app.post(Some(&lead), &other, &found).await.place();
    app.get(Some(&clerk), &other).await.is(200).shows("Đã làm xong");
    app.get(Some(&clerk), "/deadlines").await.is(200).shows("HT-9999: Cài lại máy");
    app.post(Some(&clerk), &other, &[("result", "clean"), ("version", "2")]).await.is(403);
    app.post(Some(&lead), &format!("{other}/done"), &[("version", "2")]).await.is(404);
    app.post(Some(&clerk), &format!("{other}/done"), &[("version", "1")]).await.is(409);
    app.post(Some(&clerk), &format!("{other}/done"), &[("version", "2")]).await.place();
    app.get(Some(&clerk), "/deadlines").await.is(200).hides("HT-9999: Cài lại máy");
    app.post(Some(&clerk), &format!("{other}/done"), &[("version", "3")]).await.is(409).shows("đã xong rồi");
    let auditor = app.person("Kiểm Tra", "phong-vhtt", &["kiem_tra"]).await;
    app.get(Some(&auditor), &place).await.is(200).hides("Thêm máy cần rà");
    app.post(Some(&auditor), &format!("{place}/machines"), &[("machines", "x")]).await.is(403);
    app.get(Some(&lead), "/campaigns/swc_00000000000000000000000000").await.is(404);
    app.assert_sound().await;
}
