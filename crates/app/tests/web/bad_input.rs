//! What issue and habit call bad input, where no other test has it: two at once, mail servers that fail a report, books in a
//! field, letters that run from right to left, and the ends of years.

use serde_json::json;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, MINUTE};
use ungcuu_kit::{args, sql};

use crate::coordination::Room;
use crate::deadline::{detected, move_to};
use crate::district::papers::printed;
use crate::evidence::{latest, officer, operator, sha256, upload};
use crate::incident::opened;
use crate::post::{run, stage};
use crate::report::{REST, begin, download, incident, issue, with, words_of};
use crate::sink::{Manner, Sink};
use crate::support::{Answer, TestApp};

/// Of two answers one went through and one was told; gives back the one that was told.
fn one_was_told((first, second): (Answer, Answer), through: u16) -> Answer {
    let (went, told) = if first.status.as_u16() == through { (first, second) } else { (second, first) };
    went.is(through);
    told.is(409);
    told
}

#[tokio::test]
async fn of_two_owners_two_of_the_board_and_two_destroyers_at_once_one_is_told() {
    let room = Room::new(&["b3", "b4"]).await;
    let second = room.app.person("Võ Thị Sáu", "ubnd-huyen", &["chu_quan"]).await;
    let option = room.option("Cô lập").await;
    let answer = format!("proposals/{}/answer", room.proposed(&option).await);
    let approve = json!({ "act": "approve", "version": 1 });
    let both =
        tokio::join!(room.api(&room.owner, "b3", &answer, approve.clone()), room.api(&second, "b3", &answer, approve));
    one_was_told(both, 200);
    assert_eq!(room.gate("option_approved").await, 1);

    let speaker = room.app.person("Hồ Văn Sơn", "phong-tckh", &["dau_moi"]).await;
    let board = room.app.person("Phạm Văn Bình", "bcd-cds", &["ban_chi_dao"]).await;
    let name = json!({ "person": speaker.person_id.to_string(), "decision": "Ý kiến của Trưởng ban" });
    room.make(&room.board, "b4", "spokesperson", name).await;
    let words = json!({ "title": "Thông tin ban đầu", "text": "Một cửa tạm ngừng.", "version": 1 });
    let statement = room.make(&speaker, "b4", "statements", words).await;
    room.api(&speaker, "b4", &format!("statements/{statement}/submit"), json!({ "version": 1 })).await.is(200);
    let answer = format!("statements/{statement}/answer");
    let approve = json!({ "act": "approve", "version": 2 });
    let both =
        tokio::join!(room.api(&room.board, "b4", &answer, approve.clone()), room.api(&board, "b4", &answer, approve));
    one_was_told(both, 200);
    room.app.assert_sound().await;

    let app = TestApp::new().await;
    let (operator, officer) = (operator(&app).await, officer(&app).await);
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("nham.log", b"nham")]).await.place();
    let page = latest(&app, &operator, &id).await;
    app.post(Some(&operator), &format!("{page}/void"), &[("reason", "Nhầm"), ("version", "1")]).await.is(303);
    app.post(Some(&operator), &format!("{page}/propose-destruction"), &[("reason", "gửi nhầm")]).await.is(303);
    let destroy = format!("{page}/destroy");
    let both = tokio::join!(app.post(Some(&officer), &destroy, &[]), app.post(Some(&officer), &destroy, &[]));
    one_was_told(both, 303);
    assert!(!app.app.blobs.path(&sha256(b"nham")).exists());
    app.assert_sound().await;
}

#[tokio::test]
async fn of_two_who_type_the_same_number_at_once_one_is_told_who_has_it() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let lan = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    let (first, second) =
        (begin(&app, &clerk, &incident, "mau-03").await, begin(&app, &lan, &incident, "mau-03").await);
    let typed = [("version", "1"), ("act", "issue"), ("number", "7"), ("gap_reason", "Đã cấp trên giấy")];
    let (mine, theirs) = (with(&typed, &[("_page", &first)]), with(&typed, &[("_page", &second)]));
    let (mine, theirs) = (with(REST, &mine), with(REST, &theirs));
    let (one, two) = tokio::join!(app.post(Some(&clerk), &first, &mine), app.post(Some(&lan), &second, &theirs));
    let (went, told) = if one.status.as_u16() == 303 { (one, two) } else { (two, one) };
    went.is(303);
    told.is(422).shows("Số 07/BC-UBND đã cấp cho");
    let mut tx = app.app.db.read().await.expect("look");
    let numbers: Vec<(String,)> =
        tx.all(sql!("SELECT number FROM reports WHERE state = 'issued' ORDER BY id"), args![]).await.expect("asked");
    assert_eq!(numbers, [("07/BC-UBND".to_owned(),)]);
    drop(tx);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_report_counts_as_sent_only_when_a_mail_server_said_so_however_it_fails_before() {
    let sink = Sink::new(Manner::Take).await;
    let (app, _) = stage(&sink).await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    issue(&app, &clerk, &path, "1").await.is(303);
    run(&app).await;
    let unit = app.unit("so-tttt").await;
    let to = [("unit", unit.as_str()), ("way", "email"), ("rule", "tt20_notice"), ("address", "vt@so.example.vn")];
    app.post(Some(&clerk), &format!("{path}/sends"), &to).await.is(303);
    let duty = async || {
        let mut tx = app.app.db.read().await.expect("look");
        let found: Option<(String,)> = tx
            .one(sql!("SELECT state FROM deadlines WHERE rule = 'tt20_notice' AND recipient_id = $1"), args![&unit])
            .await
            .expect("asked");
        found.expect("a duty").0
    };
    for (manner, said) in [
        (Manner::Greet("421 4.3.2 going down"), "Sẽ gửi lại"),
        (Manner::RefuseSender("451 4.7.1 not now"), "Sẽ gửi lại"),
        (Manner::RefuseRecipient("450 4.2.0 greylisted"), "greylisted"),
        (Manner::DropAfterData, "Sẽ gửi lại"),
    ] {
        sink.set(manner);
        run(&app).await;
        assert_eq!(duty().await, "open", "{manner:?}");
        app.get(Some(&clerk), &path).await.shows(said).shows("chưa tính là đã báo").hides("đúng hạn");
        app.app.clock.advance(90 * MINUTE);
    }
    sink.set(Manner::Slow);
    assert!(run(&app).await, "slow is not dead");
    assert_eq!(duty().await, "done");
    app.get(Some(&clerk), &path).await.shows("Đã gửi").shows("đúng hạn");
    // It came before the line went dead, and again: under one name, so that the recipient's server sees that it is one.
    let mails: Vec<_> = sink.mails().into_iter().filter(|mail| mail.to == "vt@so.example.vn").collect();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_book_is_refused_beside_its_field_with_nothing_lost_and_the_longest_text_is_printed_to_its_last_word() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    let book = "Máy chủ ngừng. ".repeat(3_400);
    assert!(book.chars().count() > 50_000);
    let typed =
        [("version", "1"), ("act", "save"), ("f.summary", &book), ("f.contact_title", "Công chức"), ("_page", &path)];
    let refused = app.post(Some(&clerk), &path, &typed).await;
    refused.is(422).shows("f.summary-error\"").shows("dài quá 20000 ký tự").shows("value=\"Công chức\"");
    assert!(refused.body.contains(book.trim_end()), "what was typed comes back whole");
    // The API says the same.
    let refused = app.api(Some(&clerk), &path, json!({ "version": 1, "act": "save", "f.summary": &book })).await;
    refused.is(422).shows("\"f.summary\"").shows("Dài quá 20000 ký tự");

    let long = format!("{}HẾT", "Máy chủ ngừng. ".repeat(1_333));
    assert!((19_990..=20_000).contains(&long.chars().count()), "{}", long.chars().count());
    let fields = with(REST, &[("version", "1"), ("act", "issue"), ("f.summary", &long)]);
    app.post(Some(&clerk), &path, &fields).await.is(303);
    let file = async |ending: &str| download(&app, &clerk, &format!("{path}/{ending}")).await;
    for words in [printed(&file("pdf").await), words_of(&file("docx").await)] {
        assert_eq!(words.matches("Máychủngừng.").count(), 1_333);
        assert!(words.contains("Máychủngừng.HẾT"));
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn letters_that_run_from_right_to_left_are_kept_and_printed_and_turn_nothing_else_around() {
    let app = TestApp::new().await;
    let incident = incident(&app, "xa-ba-sao", "ubnd-huyen").await;
    let clerk = app.person("Trần Văn Bé", "xa-ba-sao", &["van_hanh"]).await;
    let path = begin(&app, &clerk, &incident, "mau-03").await;
    // What an attacker left behind: Hebrew, Arabic, and signs that turn the words around them.
    let left = "Thư đòi tiền: שלום 12 مرحبا, tệp hoadon\u{202e}fdp.exe và \u{2067}x\u{2069}";
    let fields = with(REST, &[("version", "1"), ("act", "issue"), ("f.summary", left), ("_page", &path)]);
    app.post(Some(&clerk), &path, &fields).await.is(303);
    let view = app.get(Some(&clerk), &format!("/api/v1{path}")).await.json().to_string();
    assert!(view.contains("שלום 12 مرحبا, tệp hoadonfdp.exe và x"), "{view}");
    app.get(Some(&clerk), &path).await.is(200).shows("שלום 12 مرحبا, tệp hoadonfdp.exe");
    for ending in ["pdf", "docx"] {
        let words = words_of(&download(&app, &clerk, &format!("{path}/{ending}")).await);
        for sign in ['\u{202e}', '\u{2067}', '\u{2069}'] {
            assert!(!words.contains(sign), "{ending}");
        }
        for there in ["Thưđòitiền:", "tệphoadonfdp.exevàx"] {
            assert!(words.contains(there), "“{there}” is not in the {ending}\n{words}");
        }
        // Printed in its own letters where the font has them, by their numbers where it has not; never an empty box.
        for (letters, number) in [("שלום", "[U+05E9]"), ("مرحبا", "[U+0645]")] {
            let turned: String = letters.chars().rev().collect();
            let there = words.contains(letters) || words.contains(&turned) || words.contains(number);
            assert!(there, "{letters} is lost in the {ending}\n{words}");
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn the_last_minute_of_a_year_and_the_first_of_the_next_have_their_own_numbers() {
    let app = TestApp::new().await;
    move_to(&app, "31/12/2023 23:59");
    let operator = operator(&app).await;
    let old = detected(&app, &operator, "2023-12-31T23:59").await;
    app.app.clock.advance(MINUTE);
    let new = detected(&app, &operator, "2023-12-31T23:59").await;
    for (id, code) in [(&old, "SC-2023-0001"), (&new, "SC-2024-0001")] {
        let view = app.get(Some(&operator), &format!("/api/v1/incidents/{id}")).await.json();
        assert_eq!(view["incident"]["code"], code);
    }
    // Both were detected in the old year: their time runs from there.
    for id in [&old, &new] {
        let limits = crate::deadline::limits(&app, id).await;
        assert!(limits.iter().all(|(_, _, due, ..)| due == "05/01/2024 23:59"), "{limits:?}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_kept_for_five_years_from_a_leap_day_is_kept_until_the_last_of_february() {
    let app = TestApp::new().await;
    move_to(&app, "29/02/2024 23:59");
    let operator = operator(&app).await;
    let id = detected(&app, &operator, "2024-02-29T23:59").await;
    let limits = crate::deadline::limits(&app, &id).await;
    assert!(limits.iter().all(|(_, _, due, ..)| due == "05/03/2024 23:59"), "{limits:?}");
    upload(&app, &operator, &id, &[], &[("a.log", b"nhuan")]).await.place();
    let page = latest(&app, &operator, &id).await;
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let now = work.now;
    let close = sql!("UPDATE incidents SET state = 'closed', closed_at = $2 WHERE id = $1");
    work.tx.run(close, args![&id, now]).await.expect("closed");
    let stream = ungcuu_app::journal::incident_stream(&id);
    work.record(&stream, "test", Text::same("kết thúc"), &[("incidents", id.as_str())]);
    work.commit().await.expect("committed");
    let propose = format!("{page}/propose-destruction");
    move_to(&app, "28/02/2029 23:58");
    let operator = app.as_login("nguyen.van.van").await;
    app.post(Some(&operator), &propose, &[("reason", "hết hạn")]).await.is(409).shows("đến ngày 28/02/2029");
    app.app.clock.advance(MINUTE);
    app.post(Some(&operator), &propose, &[("reason", "hết hạn")]).await.is(303);
    app.app.clock.advance(DAY);
    app.assert_sound().await;
}
