//! Indicators as people use them: pasted, understood, judged, recognised in other incidents, taken along as a table.

use ungcuu_app::actor::Actor;
use ungcuu_app::incident::IncidentId;
use ungcuu_app::incident::actions::take;
use ungcuu_app::indicator::{add_all, matches};
use ungcuu_detect::indicator::{Indicator, parse};
use ungcuu_kit::text::Text;

use crate::incident::opened;
use crate::support::{Answer, Person, TestApp};

async fn operator(app: &TestApp) -> Person {
    app.person("Nguyễn Văn Vận", "xa-ba-sao", &["van_hanh"]).await
}

async fn officer(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

async fn add(app: &TestApp, who: &Person, id: &str, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/incidents/{id}/indicators");
    let fields: Vec<_> = fields.iter().copied().chain([("_page", page.as_str())]).collect();
    app.post(Some(who), &format!("{page}/add"), &fields).await
}

async fn items(app: &TestApp, who: &Person, id: &str) -> Vec<serde_json::Value> {
    let list = app.get(Some(who), &format!("/api/v1/incidents/{id}/indicators")).await;
    list.is(200);
    list.json()["items"].as_array().expect("a list").clone()
}

async fn latest(app: &TestApp, who: &Person, id: &str) -> String {
    let item = items(app, who, id).await[0]["id"].as_str().expect("an id").to_owned();
    format!("/incidents/{id}/indicators/{item}")
}

#[tokio::test]
async fn a_paste_becomes_indicators_shown_so_that_nobody_follows_them() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = format!("/incidents/{id}/indicators");
    app.get(Some(&operator), &page).await.is(200).shows("Chưa có dấu hiệu").shows("Thêm dấu hiệu");
    let text = "hxxp://evil[.]com/a\n185.220.101[.]7, c2.xau.xyz\nD41D8CD98F00B204E9800998ECF8427E\nHóa đơn.pdf.exe";
    let done = add(&app, &operator, &id, &[("text", text), ("source", "tường lửa"), ("malicious", "confirmed")]).await;
    assert_eq!(done.said(), "Đã thêm 5 dấu hiệu.");
    let shown = app.get(Some(&operator), &page).await;
    shown.is(200).shows("hxxp://evil[.]com/a").shows("185[.]220[.]101[.]7").shows("c2[.]xau[.]xyz");
    shown.hides("http://evil.com").shows("Xác nhận độc hại").shows("tường lửa");
    let again = add(&app, &operator, &id, &[("text", "http://EVIL.com/a\n9.9.9.9")]).await;
    assert_eq!(again.said(), "Đã thêm 1 dấu hiệu; 1 dấu hiệu đã có từ trước.");
    app.get(Some(&operator), &format!("{page}?kind=ip")).await.shows("9[.]9[.]9[.]9").hides("D41D8").hides("xau[.]xyz");
    app.get(Some(&operator), &format!("{page}?malicious=suspected")).await.shows("9[.]9[.]9[.]9").hides("xau[.]xyz");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_not_understood_is_shown_beside_what_was() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let text = "1.2.3[.]4\nmáy chạy chậm\n300.1.1.1";
    let refused = add(&app, &operator, &id, &[("text", text), ("source", "máy kế toán")]).await;
    refused.is(422).shows("Hiểu được 1 dấu hiệu").shows("dòng 2 “máy chạy chậm”").shows("không phải địa chỉ IP đúng");
    refused.shows("Đã hiểu (1)").shows("Chưa hiểu (2)").shows("1[.]2[.]3[.]4").shows("máy kế toán");
    assert!(items(&app, &operator, &id).await.is_empty(), "nothing is kept by half");
    add(&app, &operator, &id, &[("text", text), ("skip", "1")]).await.place();
    assert_eq!(items(&app, &operator, &id).await.len(), 1);
    add(&app, &operator, &id, &[("text", "máy chạy chậm"), ("skip", "1")]).await.is(422);
    let wrong =
        add(&app, &operator, &id, &[("text", " "), ("seen_at", "2099-01-01T00:00"), ("malicious", "rất")]).await;
    wrong.is(422).shows("Hãy điền mục này.").shows("Thời điểm này còn ở tương lai.").shows("Hãy chọn một mục");
    let many: Vec<String> = (0..600).map(|n| format!("10.0.{}.{}", n / 250, n % 250)).collect();
    add(&app, &operator, &id, &[("text", &many.join("\n"))]).await.is(422).shows("nhiều nhất 500 dấu hiệu");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_same_sign_is_recognised_in_other_incidents_that_the_reader_may_see() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let other = app.person("Trần Văn Bên", "xa-my-hiep", &["van_hanh"]).await;
    let (mine, mine_too, theirs) =
        (opened(&app, &operator).await, opened(&app, &operator).await, opened(&app, &other).await);
    for (who, id) in [(&operator, &mine), (&operator, &mine_too), (&other, &theirs)] {
        add(&app, who, id, &[("text", "evil.example.com\n7.7.7.7")]).await.place();
    }
    let page = format!("/incidents/{mine}/indicators");
    app.get(Some(&operator), &page).await.shows("SC-2023-0002").hides("SC-2023-0003");
    app.get(Some(&officer), &page).await.shows("SC-2023-0002").shows("SC-2023-0003");
    let detail = latest(&app, &officer, &mine).await;
    app.get(Some(&officer), &detail).await.is(200).shows("SC-2023-0003");
    app.get(Some(&operator), &detail).await.shows("SC-2023-0002").hides("SC-2023-0003");

    // The question other features ask, before there is an incident at all.
    let values: Vec<Indicator> = ["7.7.7.7", "unseen.example.com"].iter().map(|one| parse(one).expect("one")).collect();
    let mut look = app.app.look(Actor::system()).await.expect("look");
    let seen = matches(&mut look.tx, &look.actor, &values).await.expect("asked");
    let codes: Vec<_> = seen.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["SC-2023-0003", "SC-2023-0002", "SC-2023-0001"], "the latest first");
    assert!(matches(&mut look.tx, &Actor::public("dân"), &values).await.expect("asked").is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn of_many_incidents_with_the_same_sign_five_are_named() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let values = [parse("7.7.7.7").expect("one"), parse("8.8.4.4").expect("one")];
    let mut first = String::new();
    for number in 0..8 {
        let id = opened(&app, &operator).await;
        let incident: IncidentId = id.parse().expect("an id");
        let mut work = app.app.work(Actor::system()).await.expect("work");
        take(&mut work, &incident).await.expect("taken");
        let rows = add_all(&mut work, &incident, "tin báo", &values).await.expect("added");
        assert_eq!(rows.len(), 2);
        let again = add_all(&mut work, &incident, "tin báo", &values).await.expect("added");
        assert!(again.is_empty(), "what is there already stays");
        let mut named = vec![("incidents", incident.as_str())];
        named.extend(rows.iter().map(|(table, id)| (*table, id.as_str())));
        work.record(&format!("incident:{incident}"), "alert.carried", Text::same("chuyển"), &named);
        work.commit().await.expect("committed");
        if number == 0 {
            first = id;
        }
    }
    for item in items(&app, &operator, &first).await {
        let codes: Vec<_> = item["seen_in"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, ["SC-2023-0008", "SC-2023-0007", "SC-2023-0006", "SC-2023-0005", "SC-2023-0004"]);
        assert_eq!(item["source"], "tin báo");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_verdict_can_be_changed_but_the_second_of_two_is_shown_the_first() {
    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    add(&app, &operator, &id, &[("text", "7.7.7.7")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let edit = format!("{page}/edit");
    app.post(Some(&officer), &edit, &[("malicious", "benign"), ("note", "máy in"), ("version", "1")]).await.place();
    app.get(Some(&operator), &page).await.shows("Vô hại").shows("máy in");
    let late = [("malicious", "confirmed"), ("note", "máy lạ"), ("version", "1"), ("_page", &page)];
    let refused = app.post(Some(&operator), &edit, &late).await;
    refused.is(409).shows("Lê Thị Lan").shows("máy in").shows("máy lạ");
    let remove = format!("{page}/remove");
    app.post(Some(&operator), &remove, &[("version", "2"), ("_page", &page)]).await.is(422).shows("Hãy điền mục này.");
    app.post(Some(&operator), &remove, &[("reason", "x"), ("version", "1")]).await.is(409);
    app.post(Some(&operator), &remove, &[("reason", "ghi nhầm"), ("version", "2")]).await.place();
    app.get(Some(&operator), &page).await.is(404);
    let journal = app.get(Some(&officer), &format!("/incidents/{id}/journal")).await;
    journal.is(200).shows("Bỏ dấu hiệu 7[.]7[.]7[.]7: ghi nhầm");
    app.assert_sound().await;
}

#[tokio::test]
async fn only_those_who_work_on_the_incident_write() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let (id, other) = (opened(&app, &operator).await, opened(&app, &operator).await);
    add(&app, &operator, &id, &[("text", "7.7.7.7")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    let list = format!("/incidents/{id}/indicators");
    for path in [list.clone(), page.clone(), format!("{list}.csv")] {
        app.get(Some(&stranger), &path).await.is(404);
    }
    add(&app, &stranger, &id, &[("text", "8.8.8.8")]).await.is(404);
    let auditor = app.person("Phạm Thị Kiểm", "thanh-tra", &["kiem_tra"]).await;
    app.get(Some(&auditor), &list).await.is(200).shows("7[.]7[.]7[.]7").hides("/indicators/add");
    add(&app, &auditor, &id, &[("text", "8.8.8.8")]).await.is(403);
    app.post(Some(&auditor), &format!("{page}/remove"), &[("reason", "x"), ("version", "1")]).await.is(403);
    let foreign = page.replace(&id, &other);
    app.get(Some(&operator), &foreign).await.is(404);
    app.post(Some(&operator), &format!("{foreign}/edit"), &[("version", "1")]).await.is(404);
    app.post(Some(&operator), &format!("{foreign}/remove"), &[("reason", "x"), ("version", "1")]).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_table_for_spreadsheets_calculates_nothing() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    add(&app, &operator, &id, &[("text", "evil.com"), ("note", "=HYPERLINK(\"http://x\")")]).await.place();
    let table = app.get(Some(&operator), &format!("/incidents/{id}/indicators.csv")).await;
    table.is(200).shows("\"domain\",\"evil.com\",\"evil[.]com\",\"Nghi ngờ\",\"'=HYPERLINK(\"\"http://x\"\")\"");
    assert!(table.body.starts_with('\u{feff}'), "spreadsheets are told that it is UTF-8");
    let saved = table.headers["content-disposition"].to_str().expect("plain letters");
    assert_eq!(saved, "attachment; filename=\"dau-hieu-SC-2023-0001.csv\"");
}

#[tokio::test]
async fn a_sign_is_found_by_its_value_by_those_who_may_see_it() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    add(&app, &operator, &id, &[("text", "185.220.101.7")]).await.place();
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    app.get(Some(&operator), "/search?q=185.220.101.7").await.is(200).shows("/indicators/ind_");
    let stranger = app.person("Trần Văn Lạ", "xa-my-hiep", &["van_hanh"]).await;
    app.get(Some(&stranger), "/search?q=185.220.101.7").await.is(200).hides("/indicators/ind_");
}
