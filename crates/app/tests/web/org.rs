//! Units, people, officers in charge, the response team.

use ungcuu_kit::time::DAY;
use ungcuu_kit::{args, sql};

use crate::support::{Person, TestApp};

const FROM: &str = "2023-03-15";

async fn keeper(app: &TestApp) -> Person {
    app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await
}

async fn appoint(app: &TestApp, who: &Person, unit: &str, person: &str, from: &str) -> crate::support::Answer {
    let page = format!("/units/{unit}");
    let fields = [("person", person), ("decision_no", "12/QĐ-UBND"), ("from", from), ("_page", page.as_str())];
    app.post(Some(who), &format!("{page}/officer"), &fields).await
}

#[tokio::test]
async fn the_lead_unit_is_told_when_an_officer_in_charge_changes() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let admin = app.person("Trần Quản Trị", "vp-huyen", &["quan_tri"]).await;
    let first = app.person("Nguyễn Văn An", "phong-tckh", &["dau_moi"]).await;
    let second = app.person("Phạm Thị Bích", "phong-tckh", &["dau_moi"]).await;
    let unit = first.unit_id.as_str();
    appoint(&app, &admin, unit, first.person_id.as_str(), "2023-01-01").await.is(303);
    appoint(&app, &admin, unit, second.person_id.as_str(), FROM).await.is(303);
    let page = app.get(Some(&lead), &format!("/units/{unit}")).await;
    page.is(200).shows("Phạm Thị Bích").shows("14/03/2023").shows("12/QĐ-UBND");
    let notices = app.get(Some(&lead), "/api/v1/notices").await.json();
    let told = notices["notices"][0]["text_vi"].as_str().expect("a notice").to_owned();
    assert!(
        told.contains("Phạm Thị Bích") && told.contains("thay Nguyễn Văn An") && told.contains("12/QĐ-UBND"),
        "{told}"
    );
    assert_eq!(notices["notices"].as_array().expect("a list").len(), 2);
    app.get(Some(&second), "/notices").await.shows("Phạm Thị Bích");
    let id = notices["notices"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.post(Some(&lead), &format!("/notices/{id}/open"), &[]).await.place(), format!("/units/{unit}"));
    app.post(Some(&second), &format!("/notices/{id}/open"), &[]).await.is(404);
    app.post(Some(&lead), "/notices/read", &[]).await.is(303);
    app.get(Some(&lead), "/notices").await.hides("Đánh dấu đã đọc tất cả");
    app.assert_sound().await;
}

#[tokio::test]
async fn one_office_has_one_holder_at_a_time() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let first = app.person("Nguyễn Văn An", "phong-tckh", &[]).await;
    let second = app.person("Phạm Thị Bích", "phong-tckh", &[]).await;
    let stranger = app.person("Võ Văn Cường", "phong-noi-vu", &[]).await;
    let unit = first.unit_id.as_str();
    appoint(&app, &lead, unit, first.person_id.as_str(), FROM).await.is(303);
    appoint(&app, &lead, unit, first.person_id.as_str(), "2023-04-01").await.is(422).shows("đang giữ nhiệm vụ");
    appoint(&app, &lead, unit, second.person_id.as_str(), FROM)
        .await
        .is(422)
        .shows("Ngày bắt đầu phải sau ngày 15/03/2023");
    appoint(&app, &lead, unit, stranger.person_id.as_str(), "2023-04-01").await.is(422).shows("người của đơn vị");
    appoint(&app, &lead, unit, second.person_id.as_str(), "").await.is(422).shows("Hãy điền mục này.");
    appoint(&app, &lead, unit, second.person_id.as_str(), "2023-04-01").await.is(303);
    let now = app.get(Some(&lead), &format!("/api/v1/units/{unit}")).await.json();
    assert_eq!(now["officer"]["name"], "Nguyễn Văn An", "the successor has not begun yet");
    app.app.clock.advance(20 * DAY);
    let lead = keeper_again(&app, &lead).await;
    let then = app.get(Some(&lead), &format!("/api/v1/units/{unit}")).await.json();
    assert_eq!(then["officer"]["name"], "Phạm Thị Bích");
    app.assert_sound().await;
}

/// Signs the same person in anew, after the clock has moved past the session.
async fn keeper_again(app: &TestApp, person: &Person) -> Person {
    let answer = app.sign_in("le.thi.lan", crate::support::PASSWORD).await;
    app.as_signed_in(person, &answer).await
}

#[tokio::test]
async fn an_office_ends_without_a_successor_and_the_list_says_so() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let first = app.person("Nguyễn Văn An", "phong-tckh", &[]).await;
    let unit = first.unit_id.as_str();
    appoint(&app, &lead, unit, first.person_id.as_str(), "2023-01-01").await.is(303);
    let officer = app.get(Some(&lead), &format!("/api/v1/units/{unit}")).await.json()["officer"].clone();
    let end = format!("/appointments/{}/end", officer["id"].as_str().expect("an id"));
    app.post(Some(&lead), &end, &[("to", "2022-12-01"), ("version", "1")]).await.is(422);
    app.post(Some(&lead), &end, &[("to", "2023-03-14"), ("version", "7")]).await.is(409);
    app.post(Some(&lead), &end, &[("to", "2023-03-14"), ("version", "1")]).await.is(303);
    app.get(Some(&lead), "/units?officer=none").await.shows("Phòng Tài chính - Kế hoạch");
    app.get(Some(&lead), &format!("/units/{unit}")).await.shows("Chưa bố trí cán bộ phụ trách.");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_communes_contact_reads_the_directory_but_changes_nothing() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let contact = app.person("Đặng Văn Xã", "xa-my-hiep", &["dau_moi"]).await;
    let other = app.person("Nguyễn Văn An", "phong-tckh", &[]).await;
    let (own, foreign) = (contact.unit_id.as_str(), other.unit_id.as_str());
    app.get(Some(&contact), &format!("/units/{foreign}")).await.is(200).hides("Nguyễn Văn An");
    app.get(Some(&contact), &format!("/people/{}", other.person_id)).await.is(404);
    app.get(Some(&contact), "/people").await.shows("Đặng Văn Xã").hides("Nguyễn Văn An");
    app.get(Some(&contact), &format!("/units/{foreign}/edit")).await.is(403);
    app.get(Some(&contact), &format!("/units/{own}/edit")).await.is(403);
    app.post(Some(&contact), &format!("/units/{foreign}/edit"), &[("name", "X"), ("kind", "commune")]).await.is(403);
    appoint(&app, &contact, foreign, other.person_id.as_str(), FROM).await.is(403);
    app.post(Some(&contact), "/team/members", &[("unit", own)]).await.is(403);
    app.get(Some(&lead), "/units/uni_00000000000000000000000000").await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn units_are_found_without_marks_and_corrected_one_at_a_time() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    app.get(Some(&lead), "/units?q=tai+chinh").await.shows("Phòng Tài chính - Kế hoạch").hides("Phòng Nội vụ");
    app.get(Some(&lead), "/units?q=100%25").await.shows("Không có đơn vị nào");
    app.get(Some(&lead), "/units?place=outside").await.hides("Phòng Nội vụ");
    let unit = app.unit("phong-noi-vu").await;
    let page = format!("/units/{unit}/edit");
    let fields = |phone: &'static str| {
        vec![("name", "Phòng Nội vụ"), ("kind", "department"), ("phone", phone), ("version", "1"), ("_page", "/units")]
    };
    app.post(Some(&lead), &page, &fields("0277 3 111 111")).await.is(303);
    let second = app.post(Some(&lead), &page, &[fields("0277 3 222 222"), vec![("_page", &page)]].concat()).await;
    second.is(409).shows("Lê Thị Lan");
    let wrong =
        [("name", ""), ("kind", "lau_dai"), ("email", "không phải thư"), ("version", "2"), ("_page", page.as_str())];
    let wrong = app.post(Some(&lead), &page, &wrong).await;
    wrong.is(422).shows("Hãy điền mục này.").shows("Không có mục này trong danh sách.").shows("Hãy ghi địa chỉ thư");
    let below_itself = [("name", "Phòng Nội vụ"), ("kind", "department"), ("parent", unit.as_str()), ("version", "2")];
    app.post(Some(&lead), &page, &below_itself).await.is(422);
    app.get(Some(&lead), &format!("/units/{unit}")).await.shows("0277 3 111 111");
    let created =
        app.post(Some(&lead), "/units/new", &[("name", "Trường Tiểu học Số 9"), ("kind", "service_unit")]).await;
    app.get(Some(&lead), &created.place()).await.is(200).shows("Trường Tiểu học Số 9");
    app.assert_sound().await;
}

#[tokio::test]
async fn the_team_has_one_lead_and_prints_with_both_telephones() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let first = app.person("Nguyễn Văn An", "phong-tckh", &[]).await;
    let second = app.person("Phạm Thị Bích", "phong-noi-vu", &["thanh_vien_to"]).await;
    let team = app.unit("to-ung-cuu").await;
    app.get(Some(&lead), "/team").await.is(200).shows("Tổ chưa có thành viên");
    let add = |person: String, kind: &'static str, from: &'static str| {
        let team = team.to_string();
        let (app, lead) = (&app, &lead);
        async move {
            let fields = [
                ("unit", team.as_str()),
                ("person", &person),
                ("kind", kind),
                ("decision_no", "45/QĐ-UBND"),
                ("duties", "Phân tích nhật ký"),
                ("from", from),
                ("_page", "/team"),
            ];
            app.post(Some(lead), "/team/members", &fields).await
        }
    };
    add(first.person_id.to_string(), "lead", "2023-01-01").await.is(303);
    add(second.person_id.to_string(), "member", "2023-01-01").await.is(303);
    add(second.person_id.to_string(), "officer", "2023-02-01").await.is(422);
    app.get(Some(&lead), "/team")
        .await
        .shows("45/QĐ-UBND")
        .shows("0900 000 000")
        .shows("0277 3 820 000")
        .shows("Phân tích nhật ký");
    // The member takes over as lead: one lead, and no second place in the team.
    add(second.person_id.to_string(), "lead", FROM).await.is(303);
    let view = app.get(Some(&lead), "/api/v1/team").await.json();
    let members = view["members"].as_array().expect("a list").clone();
    assert_eq!(members.len(), 1);
    assert_eq!((members[0]["name"].as_str(), members[0]["kind"].as_str()), (Some("Phạm Thị Bích"), Some("lead")));
    assert_eq!(view["others"].as_array().expect("a list").len(), 2);
    app.get(Some(&lead), "/contacts").await.is(200).shows("Phạm Thị Bích").shows("0900 000 000");
    app.get(Some(&second), "/notices").await.shows("Tổ trưởng");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_plan_without_a_team_makes_one_of_any_unit() {
    let app = TestApp::with_pack("xa-mau-2026").await;
    let officer = app.person("Lê Văn Dũng", "phong-vhxh", &["can_bo_thuong_truc"]).await;
    app.get(Some(&officer), "/team").await.is(200).shows("Chưa có Tổ ứng cứu");
    let unit = officer.unit_id.as_str();
    app.get(Some(&officer), &format!("/team?unit={unit}")).await.is(200).shows("Tổ chưa có thành viên");
    let person = officer.person_id.to_string();
    let fields = [("unit", unit), ("person", &person), ("kind", "lead"), ("from", FROM)];
    app.post(Some(&officer), "/team/members", &fields).await.is(303);
    app.get(Some(&officer), "/team").await.shows("Lê Văn Dũng").shows("Tổ trưởng");
    app.assert_sound().await;
}

#[tokio::test]
async fn people_are_entered_corrected_and_leave() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let unit = app.unit("phong-noi-vu").await;
    let wrong = [("unit", ""), ("name", ""), ("email", "x"), ("_page", "/people/new")];
    app.post(Some(&lead), "/people/new", &wrong).await.is(422).shows("Hãy chọn một mục.").shows("Hãy điền mục này.");
    let fields = [("unit", unit.as_str()), ("name", "Ngô Thị Ngọc Ánh"), ("phone_off_hours", "0912 345 678")];
    let page = app.post(Some(&lead), "/people/new", &fields).await.place();
    app.get(Some(&lead), "/people?q=ngoc+anh").await.shows("Ngô Thị Ngọc Ánh");
    app.get(Some(&lead), "/people?q=0912+345").await.shows("Ngô Thị Ngọc Ánh");
    let edit = format!("{page}/edit");
    app.get(Some(&lead), &edit).await.is(200).shows("0912 345 678");
    let gone = [fields.to_vec(), vec![("former", "1"), ("version", "1")]].concat();
    app.post(Some(&lead), &edit, &gone).await.is(303);
    app.post(Some(&lead), &edit, &[gone, vec![("_page", &edit)]].concat()).await.is(409).shows("Lê Thị Lan");
    app.get(Some(&lead), "/people?q=ngoc+anh&state=present").await.shows("Không có ai");
    app.get(Some(&lead), "/people?q=ngoc+anh&state=former").await.shows("Ngô Thị Ngọc Ánh");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_long_list_goes_on_where_the_page_before_it_ended() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let unit = app.unit("phong-noi-vu").await;
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    for number in 0..120 {
        let name = format!("Người thứ {number:03}");
        let person = ungcuu_app::org::NewPerson { unit_id: unit.clone(), name, ..Default::default() };
        ungcuu_app::org::enter_person(&mut work, &person).await.expect("entered");
    }
    work.commit().await.expect("committed");
    let mut seen = Vec::new();
    let mut path = "/api/v1/people".to_owned();
    loop {
        let page = app.get(Some(&lead), &path).await.json();
        seen.extend(page["people"].as_array().expect("a list").iter().map(|person| person["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/people?after={next}");
    }
    let mut tx = app.app.db.read().await.expect("look");
    let count: Option<(i64,)> = tx.one(sql!("SELECT COUNT(*) FROM people"), args![]).await.expect("asked");
    assert_eq!(count, Some((i64::try_from(seen.len()).expect("few"),)));
    seen.sort();
    seen.dedup();
    assert_eq!(count, Some((i64::try_from(seen.len()).expect("few"),)));
}

#[tokio::test]
async fn units_and_people_are_found_by_the_search_as_far_as_one_may_see_them() {
    let app = TestApp::new().await;
    let lead = keeper(&app).await;
    let contact = app.person("Đặng Văn Xã", "xa-my-hiep", &["dau_moi"]).await;
    let unit = app.unit("phong-noi-vu").await;
    let fields = [("unit", unit.as_str()), ("name", "Ngô Thị Ngọc Ánh"), ("phone_off_hours", "0912 345 678")];
    app.post(Some(&lead), "/people/new", &fields).await.is(303);
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    app.get(Some(&lead), "/search?q=ngoc+anh").await.shows("Ngô Thị Ngọc Ánh");
    app.get(Some(&lead), "/search?q=0912+345").await.shows("Ngô Thị Ngọc Ánh");
    app.get(Some(&contact), "/search?q=ngoc+anh").await.hides("Ngô Thị Ngọc Ánh");
    app.get(Some(&contact), "/search?q=noi+vu").await.shows("Phòng Nội vụ");
}
