//! The dossier of an incident: everything that is known and was done, as far as its reader may see it.

use axum::body::Body;
use axum::http::{Request, header};
use tower::ServiceExt;
use ungcuu_app::actor::Actor;
use ungcuu_app::incident::Incident;
use ungcuu_kit::text::Text;
use ungcuu_kit::{args, sql};

use crate::report::{begin, download, incident, issue, squeezed, words_of};
use crate::support::TestApp;

/// A role of the pack that writes reports everywhere.
pub fn writer(app: &TestApp) -> String {
    let pack = &app.app.pack;
    let everywhere = |role: &&ungcuu_app::pack::Role| {
        role.scope == ungcuu_app::pack::RoleScope::All
            && ["report.write", "report.read", "incident.read"].iter().all(|word| pack.permits(&role.id, word))
    };
    pack.roles.iter().find(everywhere).expect("somebody writes reports").id.clone()
}

#[tokio::test]
async fn the_dossier_tells_the_whole_incident() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &path, "1").await.is(303);
    let page = format!("/incidents/{}/dossier", incident.id);
    app.get(Some(&clerk), &page).await.is(200).shows("HỒ SƠ SỰ CỐ").shows("TLP:AMBER").shows("Mở sự cố");
    let sha256 = app.get(Some(&clerk), &format!("/api/v1{path}")).await.json()["report"]["pdf"].clone();
    for ending in ["pdf", "docx"] {
        let text = words_of(&download(&app, &clerk, &format!("{page}/{ending}")).await);
        for words in [
            "TLP:AMBER",
            "HỒ SƠ SỰ CỐ",
            "THÔNG TIN CHUNG",
            "Mã hoá dữ liệu tại bộ phận một cửa",
            "CÁC BƯỚC THEO QUY TRÌNH",
            "1. Tiếp nhận, phân tích",
            "DIỄN BIẾN",
            "BIỆN PHÁP ĐÃ THỰC HIỆN",
            "KIỂM TRA SAU KHÔI PHỤC",
            "BÀI HỌC, KIẾN NGHỊ",
            "BÁO CÁO ĐÃ PHÁT HÀNH",
            "Theo nhật ký sự cố SC-2023-0001",
            sha256.as_str().expect("a hash"),
        ] {
            assert!(text.contains(&squeezed(words)), "“{words}” is not in the {ending}:\n{text}");
        }
        // The index comes first.
        assert!(text.find("Sốmục").expect("an index") < text.find("THÔNGTINCHUNG").expect("a part"));
    }
    let english = Request::get(&page)
        .header(header::COOKIE, format!("ungcuu_session={}; lang=en", clerk.token))
        .header(header::ACCEPT_LANGUAGE, "en");
    let response =
        app.router.clone().oneshot(english.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200);
    app.assert_sound().await;
}

/// What people found, told and asked, as the features around an incident keep it.
async fn work_around(app: &TestApp, incident: &Incident) {
    let owner = app.unit("ubnd-huyen").await;
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let now = work.now;
    let id = &incident.id;
    work.tx
        .run(
            sql!(
                "INSERT INTO evidence
                     (id, incident_id, number, name, kind, media_type, description, source, collected_by, added_at, added_by,
                      step, round, malicious, void_reason, voided_by, version)
                 VALUES ('evi_1', $1, 1, 'ổ cứng máy chủ', 'device', '', '', '', 'Bé', $2, 'Bé', 'b1', 1, FALSE, '', '', 1)"
            ),
            args![id, now],
        )
        .await
        .expect("evidence");
    work.tx
        .run(
            sql!(
                "INSERT INTO indicators (id, incident_id, kind, value, note, malicious, source, added_at, added_by, version)
                 VALUES ('ind_1', $1, 'domain', 'xau.example.com', '', 'confirmed', 'nhật ký', $2, 'Bé', 1)"
            ),
            args![id, now],
        )
        .await
        .expect("an indicator");
    work.tx
        .run(
            sql!(
                "INSERT INTO disclosures
                     (id, incident_id, sort, unit_id, party, kind, channel, rule, text, tlp, told_at, told_by, receipt,
                      override_reason, override_by, struck, struck_reason, recorded_at, recorded_by, version)
                 VALUES ('dis_1', $1, 'told', $2, '', 'ban_dau', 'phone', '', 'Đã báo qua điện thoại', 'amber', $3, 'Bé', '',
                         '', '', FALSE, '', $3, 'Bé', 1)"
            ),
            args![id, &owner, now],
        )
        .await
        .expect("a disclosure");
    work.tx
        .run(
            sql!(
                "INSERT INTO unit_requests
                     (id, incident_id, number, unit_id, kind, text, state, sent_at, sent_by, closed_by, version)
                 VALUES ('req_1', $1, 1, $2, 'people', 'Cử hai người', 'sent', $3, 'Bé', '', 1)"
            ),
            args![id, &owner, now],
        )
        .await
        .expect("a request");
    let rows = [("evidence", "evi_1"), ("indicators", "ind_1"), ("disclosures", "dis_1"), ("unit_requests", "req_1")];
    let rows = rows.map(|(table, id)| (table, id.to_owned()));
    ungcuu_app::incident::actions::record(&mut work, id, "test.done", Text::same("Việc"), &rows);
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn what_was_found_and_said_is_in_the_form_and_in_the_dossier() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    work_around(&app, &incident).await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    let view = app.get(Some(&clerk), &format!("/api/v1{path}")).await.json();
    let parts = view["parts"].as_array().expect("parts");
    let fields: Vec<_> = parts.iter().flat_map(|part| part["fields"].as_array().expect("fields")).collect();
    let of = |name: &str| fields.iter().find(|field| field["name"] == name).expect("a field");
    assert_eq!(of("f.notified_parties")["values"], serde_json::json!(["owner"]), "the owner was told");
    assert!(of("f.requests")["values"][0].as_str().expect("words").contains("Cử hai người"));

    let page = format!("/incidents/{}/dossier", incident.id);
    let text = words_of(&download(&app, &clerk, &format!("{page}/pdf")).await);
    for words in ["CC-01", "ổ cứng máy chủ", "xau[.]example[.]com", "Đã báo qua điện thoại", "Cử hai người"]
    {
        assert!(text.contains(&squeezed(words)), "“{words}” is not in\n{text}");
    }
    // Whoever may not read evidence gets a dossier without it.
    let contact = app.person("Võ Văn Hai", "xa-ba-sao", &["dau_moi"]).await;
    let text = words_of(&download(&app, &contact, &format!("{page}/pdf")).await);
    assert!(!text.contains("CC-01") && text.contains("Cửhaingười"), "{text}");
    app.assert_sound().await;
}
