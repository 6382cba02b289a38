//! Every form of both packs is filled, printed and read back; an administrator changes the words of one.

use ungcuu_app::incident::Incident;
use ungcuu_app::pack::FormLayout;
use ungcuu_kit::time::HOUR;

use crate::report::{assert_in_order, begin, download, incident, issue, labels, squeezed, with, words_of};
use crate::support::{Person, TestApp};

/// Something to write in a field of this kind, and what of it is printed.
fn something(field: &serde_json::Value, marker: &str) -> (String, String) {
    let option = field["options"][0][0].as_str().unwrap_or_default();
    match field["kind"].as_str().expect("a kind") {
        "date" => ("2023-03-14".to_owned(), "14/03/2023".to_owned()),
        "time" => ("09:41".to_owned(), "09 giờ 41 phút".to_owned()),
        "moment" => ("2023-03-14T09:41".to_owned(), "09 giờ 41 phút, ngày 14/03/2023".to_owned()),
        "integer" => ("1234".to_owned(), "1.234".to_owned()),
        "money" => ("1234000".to_owned(), "1.234.000 đồng".to_owned()),
        "yes_no" => ("yes".to_owned(), "Có".to_owned()),
        "one" | "many" => (option.to_owned(), String::new()),
        _ => (marker.to_owned(), marker.to_owned()),
    }
}

/// Fills every field of a form that is empty, looks at the printed page, and finds labels in order and values in it.
async fn fills_and_prints(app: &TestApp, who: &Person, incident: &Incident, form: &str) {
    let path = begin(app, who, incident, form).await;
    let view = app.get(Some(who), &format!("/api/v1{path}")).await.json();
    let mut sent: Vec<(String, String)> = vec![("version".into(), "1".into()), ("act".into(), "save".into())];
    let mut printed = Vec::new();
    for (index, field) in view["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .flat_map(|part| part["fields"].as_array().expect("fields"))
        .enumerate()
    {
        if !field["values"].as_array().expect("values").is_empty() {
            continue;
        }
        let (typed, words) = something(field, &format!("Chữ thử {index:02}"));
        let name = field["name"].as_str().expect("a name");
        let name = if field["kind"] == "files" { format!("{name}.more") } else { name.to_owned() };
        sent.push((name, typed));
        printed.push(words);
    }
    let pairs: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.post(Some(who), &path, &pairs).await.is(303);
    let view = app.get(Some(who), &format!("/api/v1{path}")).await.json();
    assert_eq!(view["missing"], serde_json::json!([]), "{form}");
    let english = app.get(Some(who), &format!("{path}?lang=en")).await;
    english.is(200);
    let text = words_of(&download(app, who, &format!("{path}/pdf")).await);
    let paper = app.app.pack.form(form).expect("a form");
    assert_in_order(&text, &labels(paper));
    for words in printed.iter().chain([&paper.title]) {
        assert!(text.contains(&squeezed(words)), "{form}: “{words}” is not in\n{text}");
    }
    assert!(paper.sections.iter().all(|section| section.layout != FormLayout::Bare || section.fields.len() == 1));
}

#[tokio::test]
async fn every_form_of_the_district_is_filled_printed_and_read_back() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let forms: Vec<String> = app.app.pack.forms.iter().map(|form| form.id.clone()).collect();
    assert!(forms.len() > 20, "{forms:?}");
    for form in forms {
        fills_and_prints(&app, &officer, &incident, &form).await;
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn every_form_of_the_commune_is_filled_printed_and_read_back() {
    let app = TestApp::with_pack("xa-mau-2026").await;
    app.app.clock.advance(4 * 365 * 24 * HOUR);
    let incident = incident(&app, "truong-th", "ubnd-xa").await;
    let officer = app.person("Trần Văn Bé", "phong-vhxh", &["can_bo_thuong_truc"]).await;
    let forms: Vec<String> = app.app.pack.forms.iter().map(|form| form.id.clone()).collect();
    for form in forms {
        fills_and_prints(&app, &officer, &incident, &form).await;
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_changes_the_words_of_a_form_and_what_was_issued_stays() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let admin = app.person("Ngô Quản Trị", "phong-vhtt", &["quan_tri", "can_bo_vhtt"]).await;
    let issued = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &issued, "1").await.is(303);
    let draft = begin(&app, &clerk, &incident, "mau-03").await;
    let before = download(&app, &clerk, &format!("{issued}/pdf")).await;

    app.get(Some(&admin), "/packs/forms").await.is(200).shows("Mẫu số 03").shows("của kế hoạch");
    let editor = "/packs/forms/mau-03";
    let with = format!("{editor}?incident={}", incident.id);
    app.get(Some(&admin), &with).await.is(200).shows("Một cửa điện tử").shows("cần kiểm chứng");
    app.get(Some(&clerk), editor).await.is(403);
    app.get(Some(&admin), "/packs/forms/mau-99").await.is(404);

    let words = [
        ("version", "0"),
        ("title", "BÁO CÁO BAN ĐẦU (ĐÃ SỬA)"),
        ("f.summary.vi", "Sự cố là gì"),
        ("f.summary.en", "What it is"),
        ("f.contact_title.order", "1"),
        ("opening", "Kính báo:"),
        ("f.os_name.obligatory", "1"),
    ];
    app.post(Some(&admin), editor, &words).await.is(303);
    app.get(Some(&admin), editor).await.shows("Sự cố là gì").shows("Ngô Quản Trị").shows("lần 1");
    app.get(Some(&clerk), &draft).await.shows("Sự cố là gì").shows("ĐÃ SỬA").shows("Kính báo:");
    app.get(Some(&clerk), &issued).await.hides("Sự cố là gì").hides("ĐÃ SỬA");
    assert_eq!(download(&app, &clerk, &format!("{issued}/pdf")).await, before);

    // What a pack would be refused for is refused beside its field; who typed over an older version is told.
    let wrong = app
        .post(Some(&admin), editor, &[("version", "1"), ("f.summary.vi", ""), ("title", "x"), ("_page", editor)])
        .await;
    wrong.is(422).shows("Lỗi");
    app.post(Some(&admin), editor, &[("version", "0"), ("title", "Muộn"), ("_page", editor)]).await.is(409);
    let ahead = app.api(Some(&admin), &format!("{editor}/preview"), serde_json::json!({ "title": "ĐANG GÕ" })).await;
    assert!(ahead.is(200).json()["result"]["html"].as_str().expect("markup").contains("ĐANG GÕ"));
    let piece = app.get(Some(&admin), &format!("{editor}/toml")).await;
    piece.is(200).shows("BÁO CÁO BAN ĐẦU (ĐÃ SỬA)").shows("[[forms]]");

    app.post(Some(&admin), &format!("{editor}/reset"), &[("version", "1")]).await.is(303);
    app.get(Some(&clerk), &draft).await.hides("Sự cố là gì").hides("ĐÃ SỬA");
    app.get(Some(&admin), editor).await.shows("Lời của kế hoạch").shows("lấy lại lời của kế hoạch");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_field_is_moved_by_one_press_which_saves_what_was_typed_too() {
    let app = TestApp::new().await;
    let admin = app.person("Ngô Quản Trị", "phong-vhtt", &["quan_tri"]).await;
    let editor = "/packs/forms/mau-03";
    let page = app.get(Some(&admin), editor).await;
    page.is(200)
        .shows("Đưa phần này xuống")
        .shows("value=\"f.contact_name.down\"")
        .hides("value=\"f.contact_name.up\"");
    // Enter in a field saves: the first button of the form in the page is that of saving.
    let (save, first) = (page.body.find("Lưu biểu mẫu</button>"), page.body.find("name=\"move\""));
    assert!(save.expect("a button") < first.expect("a button"));
    let ids = async || {
        let view = app.get(Some(&admin), &format!("/api/v1{editor}")).await.json();
        let part =
            view["form"]["sections"].as_array().expect("parts").iter().find(|part| part["id"] == "contact").cloned();
        let fields = part.expect("a part")["fields"].as_array().expect("fields").clone();
        fields.iter().map(|field| field["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let before = ids().await;
    let press = [("version", "0"), ("title", "BÁO CÁO MỚI"), ("move", "f.contact_name.down")];
    let place = app.post(Some(&admin), editor, &press).await.place();
    assert_eq!(place, format!("{editor}#at-f-contact_name"), "the page stands where it was pressed");
    assert_eq!(ids().await[..2], [before[1].clone(), before[0].clone()]);
    app.get(Some(&admin), editor).await.shows("BÁO CÁO MỚI").shows("id=\"at-f-contact_name\"");
    // Over the end, of something unknown: nothing but what was typed.
    let odd = [("version", "1"), ("move", "f.gone.up")];
    assert_eq!(app.post(Some(&admin), editor, &odd).await.place(), editor);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_adds_a_field_hides_one_of_the_plan_and_the_next_document_follows() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let admin = app.person("Ngô Quản Trị", "phong-vhtt", &["quan_tri", "can_bo_vhtt"]).await;
    let issued = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &issued, "1").await.is(303);
    let draft = begin(&app, &clerk, &incident, "mau-03").await;
    let before = download(&app, &clerk, &format!("{issued}/pdf")).await;
    let editor = "/packs/forms/mau-03";
    app.get(Some(&admin), editor).await.is(200).shows("Thêm trường").shows("Bỏ khỏi biểu mẫu");

    // Half a field, a kind that is not offered, a place that is none, an obligatory field without a reason: each beside it.
    let wrong = [
        ("version", "0"),
        ("n.contact.vi", "Số trực"),
        ("n.contact.kind", "files"),
        ("n.contact.order", "x"),
        ("f.contact_name.hidden", "1"),
        ("_page", editor),
    ];
    let refused = app.post(Some(&admin), editor, &wrong).await;
    refused.is(422).shows("bắt buộc trường này; muốn bỏ phải ghi lý do").shows("Số trực");
    let typed = serde_json::json!({
        "n.contact.vi": "Số trực ban", "n.contact.en": "Number on duty", "n.contact.kind": "text", "n.contact.order": 2,
    });
    let ahead = app.api(Some(&admin), &format!("{editor}/preview"), typed).await.is(200).json();
    assert!(ahead["result"]["html"].as_str().expect("markup").contains("Số trực ban"), "at once in the page beside");

    let changes = [
        ("version", "0"),
        ("n.contact.vi", "Số trực ban"),
        ("n.contact.en", "Number on duty"),
        ("n.contact.kind", "text"),
        ("n.contact.obligatory", "1"),
        ("n.contact.order", "2"),
        ("f.contact_name.hidden", "1"),
        ("f.contact_name.hidden_reason", "Xã chỉ có số trực ban"),
        ("f.contact_title.hidden", "1"),
        ("note", "Theo ý kiến Văn phòng"),
    ];
    app.post(Some(&admin), editor, &changes).await.is(303);
    let shown = app.get(Some(&admin), editor).await;
    shown.shows("Số trực ban").shows("trường thêm").shows("đã bỏ").shows("Xã chỉ có số trực ban");
    let view = app.get(Some(&clerk), &format!("/api/v1{draft}")).await.json();
    let fields: Vec<String> = view["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .flat_map(|part| part["fields"].as_array().expect("fields"))
        .map(|field| field["name"].as_str().expect("a name").to_owned())
        .collect();
    assert!(fields.contains(&"f.x1-contact".to_owned()), "{fields:?}");
    assert!(!fields.iter().any(|name| name == "f.contact_name" || name == "f.contact_title"), "{fields:?}");
    // It is obligatory, asked for by its label, and printed with what was typed.
    issue(&app, &clerk, &draft, "1").await.is(422).shows("Số trực ban");
    let typed = with(crate::report::REST, &[("f.x1-contact", "0277 113"), ("version", "1"), ("act", "issue")]);
    app.post(Some(&clerk), &draft, &typed).await.is(303);
    let words = words_of(&download(&app, &clerk, &format!("{draft}/pdf")).await);
    assert!(words.contains(&squeezed("Số trực ban")) && words.contains("0277113"), "{words}");
    assert_eq!(download(&app, &clerk, &format!("{issued}/pdf")).await, before, "what was issued stays");

    // What was the administrator's own goes again; what was the plan's comes back.
    let piece = app.get(Some(&admin), &format!("{editor}/toml")).await;
    piece.is(200).shows("Số trực ban").shows("hidden = true").shows("Xã chỉ có số trực ban");
    let back = [("version", "1"), ("f.x1-contact.hidden", "1"), ("f.contact_name.hidden", "")];
    app.post(Some(&admin), editor, &back).await.is(303);
    app.get(Some(&admin), editor).await.hides("Số trực ban").hides("Xã chỉ có số trực ban");
    app.assert_sound().await;
}
