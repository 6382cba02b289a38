//! A report that leaves by e-mail: whom it goes to, what goes along, what counts as told, and what comes back.

use ungcuu_app::incident::Incident;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR};
use ungcuu_kit::{args, sql};

use crate::coordination::reach;
use crate::outward::mark_incident;
use crate::post::{drop_in, report, run, stage};
use crate::report::{begin, download, incident, issue, squeezed, with, words_of};
use crate::report_ways::send_back;
use crate::sink::{Mail, Manner, Sink};
use crate::support::{Person, TestApp};

/// An issued Mẫu 03, its writer, and where it is sent from.
async fn issued(sink: &Sink) -> (TestApp, Person, Person, Incident, String) {
    let (app, admin) = stage(sink).await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &path, "1").await.is(303);
    (app, admin, clerk, incident, path)
}

/// Writes a unit's mail address into the register.
async fn set_address(app: &TestApp, code: &str, address: &str) {
    let unit = app.unit(code).await;
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    work.tx.run(sql!("UPDATE units SET email = $2 WHERE id = $1"), args![&unit, address]).await.expect("changed");
    work.record("org", "test.done", Text::same("địa chỉ"), &[("units", unit.as_str())]);
    work.commit().await.expect("committed");
}

/// State and end of the duty to send the first notice to the Sở.
async fn duty(app: &TestApp) -> (String, Option<i64>) {
    let unit = app.unit("so-tttt").await;
    let mut tx = app.app.db.read().await.expect("look");
    let found: Option<(String, Option<i64>)> = tx
        .one(
            sql!("SELECT state, done_at FROM deadlines WHERE rule = 'tt20_notice' AND recipient_id = $1"),
            args![&unit],
        )
        .await
        .expect("asked");
    found.expect("a duty")
}

/// The letters that went to anybody but the administrator, who is told of much at the same time.
fn letters(sink: &Sink) -> Vec<Mail> {
    sink.mails().into_iter().filter(|mail| mail.to != "thu@example.vn").collect()
}

async fn first_send(app: &TestApp, who: &Person, path: &str) -> serde_json::Value {
    let view = app.get(Some(who), &format!("/api/v1{path}")).await.json();
    view["sends"][0].clone()
}

#[tokio::test]
async fn a_report_leaves_with_its_frozen_pdf_and_the_duty_is_met_when_the_mail_server_took_it() {
    let sink = Sink::new(Manner::RefuseRecipient("450 4.2.0 greylisted")).await;
    let (app, _, clerk, _, path) = issued(&sink).await;
    set_address(&app, "so-tttt", "vanthu@so.example.vn").await;
    let unit = app.unit("so-tttt").await;
    let page = app.get(Some(&clerk), &format!("{path}?to={unit}")).await;
    page.is(200).shows("vanthu@so.example.vn").shows("Thư điện tử").shows("Bản giấy");
    let fields = [("unit", unit.as_str()), ("way", "email"), ("rule", "tt20_notice")];
    let sent = app.post(Some(&clerk), &format!("{path}/sends"), &fields).await;
    assert!(sent.said().contains("đã vào hàng chờ"), "{}", sent.said());
    // Written, waiting, tried: nobody has been told yet.
    app.get(Some(&clerk), &path).await.shows("Chờ gửi").shows("chưa tính là đã báo").hides("đúng hạn");
    assert_eq!(duty(&app).await, ("open".to_owned(), None));
    run(&app).await;
    app.get(Some(&clerk), &path).await.shows("Sẽ gửi lại").shows("greylisted");
    assert_eq!(duty(&app).await.0, "open");
    app.app.clock.advance(HOUR);
    sink.set(Manner::Take);
    run(&app).await;
    assert_eq!(duty(&app).await, ("done".to_owned(), Some(app.app.now().0)), "by the moment it went");
    app.get(Some(&clerk), &path).await.shows("Đã gửi").shows("đúng hạn").hides("Gửi lại văn bản");

    let mail = letters(&sink).remove(0);
    assert_eq!(mail.to, "vanthu@so.example.vn");
    let text = mail.text();
    for words in ["[TBSC]", "số 01/BC-UBND", "TLP:AMBER", "Kính gửi: Sở", "Trần Văn Bé", "xác nhận đã nhận"]
    {
        assert!(text.contains(words), "“{words}” is not in\n{text}");
    }
    assert!(!text.contains("Mã hoá dữ liệu"), "the incident's own title is not for a letter's head");
    let parsed = mail_parser::MessageParser::default().parse(mail.data.as_bytes()).expect("a mail");
    let pdf = parsed.attachment(0).expect("an attachment").contents().to_vec();
    assert_eq!(pdf, download(&app, &clerk, &format!("{path}/pdf")).await, "the very bytes that were issued");
    let send = first_send(&app, &clerk, &path).await;
    assert_eq!(send["letter"]["state"], "sent");
    assert_eq!(send["send"]["address"], "vanthu@so.example.vn");
    let letter = format!("/letters/{}", send["send"]["letter_id"].as_str().expect("a letter"));
    app.get(Some(&clerk), &letter).await.is(200).shows("[TBSC]").hides("/retry");
    let stranger = app.person("Võ Thị Sáu", "xa-my-long", &["van_hanh"]).await;
    app.get(Some(&stranger), &letter).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_letter_that_comes_back_opens_the_duty_again_and_reaches_whoever_sent_it() {
    let sink = Sink::new(Manner::Take).await;
    let (app, admin, clerk, incident, path) = issued(&sink).await;
    set_address(&app, "so-tttt", "vanthu@so.example.vn").await;
    let unit = app.unit("so-tttt").await;
    let fields =
        [("unit", unit.as_str()), ("way", "email"), ("rule", "tt20_notice"), ("address", "khac@so.example.vn")];
    app.post(Some(&clerk), &format!("{path}/sends"), &fields).await.is(303);
    run(&app).await;
    assert_eq!(letters(&sink)[0].to, "khac@so.example.vn", "what was typed goes before the register");
    assert_eq!(duty(&app).await.0, "done");
    app.app.clock.advance(HOUR);
    let back = report(&letters(&sink)[0].message_id(), "failed");
    drop_in(&app, &admin, "/letters/report", "report", &back).await.is(303);
    assert_eq!(duty(&app).await, ("open".to_owned(), None), "nobody was told");
    reach(&app, &incident.id, "b5").await;
    app.get(Some(&clerk), &path).await.shows("Bị trả lại").shows("Hộp thư của người nhận đã đầy").hides("đúng hạn");
    app.get(Some(&clerk), "/notices").await.shows("bị trả lại");
    app.get(Some(&clerk), "/").await.shows("Gửi lại văn bản số 01/BC-UBND");
    app.get(Some(&clerk), "/?lang=en").await.shows("Send number 01/BC-UBND again");
    app.get(Some(&clerk), "/deadlines").await.shows("Báo Sở");
    app.get(Some(&clerk), &format!("/incidents/{}/coordination", incident.id)).await.shows("Bị trả lại");
    let mut tx = app.app.db.read().await.expect("look");
    let said: Vec<(String,)> = tx
        .all(
            sql!(
                "SELECT what_vi FROM journal_entries WHERE act = 'deadline.settled' ORDER BY at DESC, id DESC LIMIT 1"
            ),
            args![],
        )
        .await
        .expect("asked");
    assert!(said[0].0.contains("tính hạn lại"), "{said:?}");
    drop(tx);

    // Handed in on paper instead: done, and nothing asks any more.
    let paper = [("unit", unit.as_str()), ("way", "paper"), ("rule", "tt20_notice"), ("receipt", "Số đến 214")];
    app.post(Some(&clerk), &format!("{path}/sends"), &paper).await.is(303);
    assert_eq!(duty(&app).await.0, "done");
    app.get(Some(&clerk), "/").await.hides("Gửi lại văn bản");
    app.assert_sound().await;
}

#[tokio::test]
async fn who_is_late_by_a_letter_that_waits_is_late() {
    let sink = Sink::new(Manner::Take).await;
    let (app, _, clerk, _, path) = issued(&sink).await;
    let unit = app.unit("so-tttt").await;
    let fields = [("unit", unit.as_str()), ("way", "email"), ("rule", "tt20_notice"), ("address", "vt@so.example.vn")];
    // Five days after the detection, less an hour, with a mail server that is down until two hours later.
    app.app.clock.advance(5 * DAY - 5 * HOUR);
    let clerk = app.as_signed_in(&clerk, &app.sign_in("tran.van.be", crate::support::PASSWORD).await).await;
    app.post(Some(&clerk), &format!("{path}/sends"), &fields).await.is(303);
    app.app.clock.advance(2 * HOUR);
    app.get(Some(&clerk), &path).await.shows("trễ");
    run(&app).await;
    app.get(Some(&clerk), &path).await.shows("Đã gửi").shows("trễ");
    assert_eq!(duty(&app).await.0, "done");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_recipient_without_address_can_be_reached_on_paper_and_the_wall_is_asked_before() {
    let sink = Sink::new(Manner::Take).await;
    let (app, _, clerk, incident, path) = issued(&sink).await;
    let unit = app.unit("so-tttt").await;
    let sends = format!("{path}/sends");
    let page = format!("{path}?to={unit}");
    app.get(Some(&clerk), &page).await.shows("Danh bạ chưa có địa chỉ thư").shows("ghi số biên nhận");
    app.get(Some(&clerk), &format!("{page}&lang=en")).await.shows("hand it in on paper");
    let mail = [("unit", unit.as_str()), ("way", "email"), ("_page", page.as_str())];
    app.post(Some(&clerk), &sends, &mail).await.is(422).shows("Danh bạ chưa có địa chỉ thư");
    let wrong = with(&mail, &[("address", "không phải thư"), ("sent_at", "2023-03-15T11:00")]);
    app.post(Some(&clerk), &sends, &wrong).await.is(422).shows("ten@donvi.gov.vn").shows("Thư đi ngay");
    let stranger =
        [("party", "Báo Đồng Tháp"), ("way", "email"), ("address", "bao@example.vn"), ("_page", page.as_str())];
    app.post(Some(&clerk), &sends, &stranger).await.is(422).shows("TLP:AMBER");

    mark_incident(&app, &incident.id, "red").await;
    let mail = with(&mail, &[("address", "vt@so.example.vn")]);
    app.post(Some(&clerk), &sends, &mail).await.is(422).shows("TLP:RED");
    run(&app).await;
    assert!(letters(&sink).is_empty(), "nothing leaves that was refused");
    assert_eq!(first_send(&app, &clerk, &path).await, serde_json::Value::Null);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_letter_that_waits_stays_when_the_incident_is_marked_more_strictly_meanwhile() {
    let sink = Sink::new(Manner::Take).await;
    let (app, admin, clerk, incident, path) = issued(&sink).await;
    let sends = format!("{path}/sends");
    let unit = app.unit("so-tttt").await;
    let fields = [("unit", unit.as_str()), ("way", "email"), ("rule", "tt20_notice"), ("address", "vt@so.example.vn")];
    app.post(Some(&clerk), &sends, &fields).await.is(303);
    mark_incident(&app, &incident.id, "red").await;
    run(&app).await;
    assert!(letters(&sink).is_empty(), "it did not leave");
    assert_eq!(duty(&app).await, ("open".to_owned(), None), "and nobody was told");
    app.get(Some(&clerk), &path).await.shows("Không gửi được").shows("nâng mức chia sẻ trước khi thư rời khỏi đây");
    app.get(Some(&clerk), &format!("{path}?lang=en")).await.shows("marked more strictly before the letter left");
    app.get(Some(&clerk), "/notices").await.shows("nâng mức chia sẻ trước khi thư rời");
    // Sending it anew does not get around the wall; lowering the marking does.
    let letter = first_send(&app, &clerk, &path).await["send"]["letter_id"].as_str().expect("a letter").to_owned();
    let again = format!("/letters/{letter}/retry");
    app.post(Some(&admin), &again, &[]).await.is(303);
    run(&app).await;
    assert!(letters(&sink).is_empty());
    mark_incident(&app, &incident.id, "amber_strict").await;
    app.post(Some(&admin), &again, &[]).await.is(303);
    run(&app).await;
    assert_eq!(letters(&sink).len(), 1, "the law names the Sở");
    assert_eq!(duty(&app).await.0, "done");

    // Let out beyond one marking with a reason, it is let out for that one and not for a stricter one.
    let director = app.person("Lê Quang Vinh", "bcd-cds", &["ban_chi_dao", "can_bo_vhtt"]).await;
    let stranger = [("party", "Báo Đồng Tháp"), ("way", "email"), ("address", "bao@example.vn")];
    let let_out = with(&stranger, &[("override_reason", "Đính chính tin sai")]);
    for (now, gone) in [("amber_strict", 2), ("amber", 3), ("red", 3)] {
        mark_incident(&app, &incident.id, "amber_strict").await;
        app.post(Some(&director), &sends, &let_out).await.is(303);
        mark_incident(&app, &incident.id, now).await;
        run(&app).await;
        assert_eq!(letters(&sink).len(), gone, "{now}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn without_a_mail_server_a_report_is_not_offered_to_go_by_mail() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &path, "1").await.is(303);
    app.get(Some(&clerk), &path).await.shows("chưa cấu hình thư").hides("value=\"email\"");
    let unit = app.unit("so-tttt").await;
    let mail = [("unit", unit.as_str()), ("way", "email"), ("address", "vt@so.example.vn"), ("_page", path.as_str())];
    app.post(Some(&clerk), &format!("{path}/sends"), &mail).await.is(422).shows("chưa cấu hình thư");
}

#[tokio::test]
async fn a_form_signed_digitally_keeps_a_frame_and_its_signed_copy_goes_along() {
    let sink = Sink::new(Manner::Take).await;
    let (app, admin) = stage(&sink).await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let editor = "/packs/forms/mau-03";
    app.get(Some(&admin), editor).await.shows("Ký số").hides("Vị trí ký số");
    app.post(Some(&admin), editor, &[("version", "0"), ("signature_digital", "1")]).await.is(303);
    app.get(Some(&admin), editor).await.shows("Vị trí ký số");

    let path = begin(&app, &clerk, &incident, "mau-03").await;
    app.get(Some(&clerk), &path).await.shows("Vị trí ký số");
    issue(&app, &clerk, &path, "1").await.is(303);
    for file in ["pdf", "docx"] {
        let words = words_of(&download(&app, &clerk, &format!("{path}/{file}")).await);
        assert!(words.contains(&squeezed("Vị trí ký số")), "{file}: {words}");
    }
    app.get(Some(&clerk), &path).await.shows("Mẫu này ký số");
    app.get(Some(&clerk), &format!("{path}?lang=en")).await.shows("signed digitally");
    let ours = download(&app, &clerk, &format!("{path}/pdf")).await;
    let mut signed = ours.clone();
    signed.extend_from_slice(b"\n1 0 obj << /Type /Sig >> endobj\n%%EOF\n");
    send_back(&app, &clerk, &path, "3", false, &signed).await.is(303);
    app.get(Some(&clerk), &path).await.shows("còn nguyên").hides("Mẫu này ký số");

    let unit = app.unit("so-tttt").await;
    let fields = [("unit", unit.as_str()), ("way", "email"), ("address", "vt@so.example.vn")];
    app.post(Some(&clerk), &format!("{path}/sends"), &fields).await.is(303);
    run(&app).await;
    let mail = letters(&sink).remove(0);
    assert!(mail.text().contains("bản đã ký"), "{}", mail.text());
    let parsed = mail_parser::MessageParser::default().parse(mail.data.as_bytes()).expect("a mail");
    let attached: Vec<Vec<u8>> = (0..2).map(|n| parsed.attachment(n).expect("a file").contents().to_vec()).collect();
    assert!(attached == [ours, signed], "the issued bytes, and the signed ones");
    app.assert_sound().await;
}
