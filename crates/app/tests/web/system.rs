//! The register of information systems.

use crate::support::{Person, TestApp};

async fn operator(app: &TestApp) -> Person {
    app.person("Đặng Văn Vận", "xa-my-hiep", &["van_hanh"]).await
}

fn fields<'a>(unit: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("owner", unit),
        ("operator", unit),
        ("level", "2"),
        ("addresses", "10.0.0.5"),
        ("version", "1"),
    ]
}

#[tokio::test]
async fn an_operator_keeps_the_systems_of_their_own_unit() {
    let app = TestApp::new().await;
    let person = operator(&app).await;
    let unit = person.unit_id.to_string();
    app.get(Some(&person), "/systems").await.is(200).shows("Không có hệ thống nào");
    let page = app.post(Some(&person), "/systems/new", &fields(&unit, "Trang thông tin điện tử xã")).await.place();
    app.get(Some(&person), &page).await.is(200).shows("HT-0001").shows("10.0.0.5").shows("Cấp độ");
    app.get(Some(&person), "/systems?q=dien+tu").await.shows("HT-0001");
    app.get(Some(&person), "/systems?q=10.0.0.5").await.shows("HT-0001");
    app.get(Some(&person), "/systems?level=3").await.hides("HT-0001");
    let edit = format!("{page}/edit");
    app.get(Some(&person), &edit).await.is(200);
    let mut gone = fields(&unit, "Trang thông tin điện tử xã");
    gone.push(("former", "1"));
    app.post(Some(&person), &edit, &gone).await.is(303);
    let mut late = fields(&unit, "Tên khác");
    late.push(("_page", &edit));
    app.post(Some(&person), &edit, &late).await.is(409).shows("Đặng Văn Vận").shows("Trang thông tin điện tử xã");
    app.get(Some(&person), "/systems?state=used").await.hides("HT-0001");
    app.get(Some(&person), "/systems?state=former").await.shows("HT-0001");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_system_of_another_unit_does_not_exist_for_an_operator() {
    let app = TestApp::new().await;
    let person = operator(&app).await;
    let lead = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let foreign = app.unit("phong-tckh").await.to_string();
    app.post(Some(&person), "/systems/new", &fields(&foreign, "Kế toán")).await.is(403);
    let page = app.post(Some(&lead), "/systems/new", &fields(&foreign, "Kế toán ngân sách")).await.place();
    app.get(Some(&person), &page).await.is(404);
    app.get(Some(&person), &format!("{page}/edit")).await.is(404);
    app.post(Some(&person), &format!("{page}/edit"), &fields(&foreign, "Kế toán")).await.is(404);
    app.get(Some(&person), "/systems").await.hides("Kế toán ngân sách");
    app.get(Some(&lead), "/systems").await.shows("Kế toán ngân sách");
    let contact = app.person("Trần Đầu Mối", "phong-tckh", &["dau_moi"]).await;
    app.get(Some(&contact), &page).await.is(200).hides("Sửa hệ thống");
    app.post(Some(&contact), &format!("{page}/edit"), &fields(&foreign, "Kế toán")).await.is(403);
    app.assert_sound().await;
}

#[tokio::test]
async fn every_wrong_field_of_a_system_is_named() {
    let app = TestApp::new().await;
    let person = operator(&app).await;
    let wrong = [("level", "6"), ("_page", "/systems/new")];
    let answer = app.post(Some(&person), "/systems/new", &wrong).await;
    answer.is(422).shows("Hãy điền mục này.").shows("Hãy chọn một mục.").shows("Hãy ghi một số từ 1 đến 5.");
    let unit = person.unit_id.to_string();
    let mut first = fields(&unit, "A");
    first.push(("code", "WEB-01"));
    app.post(Some(&person), "/systems/new", &first).await.is(303);
    first.push(("_page", "/systems/new"));
    app.post(Some(&person), "/systems/new", &first).await.is(422).shows("Mã này đã có hệ thống khác dùng.");
    app.assert_sound().await;
}
