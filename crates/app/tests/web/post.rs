//! Letters by mail against a real SMTP server: sent, refused, tried again, come back.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use ungcuu_app::actor::Actor;
use ungcuu_app::app::Settings;
use ungcuu_app::auth::{account_of, actor_of};
use ungcuu_app::notify::letter::{self, About, LetterFile, LetterId, LetterState, NewLetter, Standing, To, post_due};
use ungcuu_app::notify::{Urgency, tell_person_as};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, MINUTE};
use ungcuu_kit::{args, sql, text};

use crate::sink::{Manner, Sink};
use crate::support::{PASSWORD, Person, TestApp};

/// A product with this mail server, and somebody of the lead unit who is its administrator.
pub async fn stage(sink: &Sink) -> (TestApp, Person) {
    let config = ungcuu_kit::mail::Config {
        host: "127.0.0.1".to_owned(),
        port: Some(sink.port),
        security: ungcuu_kit::mail::Security::None,
        user: None,
        password_file: None,
        from: "Ứng cứu sự cố <ungcuu@xa.example.vn>".to_owned(),
        timeout: None,
        ca_file: None,
    };
    let mail = Some(config.open().expect("sound settings"));
    let settings = Settings { mail, public_url: "https://ungcuu.example.vn".to_owned(), ..Settings::default() };
    let app = TestApp::with_settings(settings).await;
    let admin = app.person("Lê Thị Lan", "phong-vhtt", &["quan_tri"]).await;
    (app, admin)
}

/// Sends what is due; false when the mail server as a whole does not work.
pub async fn run(app: &TestApp) -> bool {
    let settings = app.app.settings.mail.clone().expect("a mail server");
    post_due(&app.app, &settings).await.expect("sent")
}

/// Somebody as they act.
async fn actor(app: &TestApp, who: &Person) -> Actor {
    let mut tx = app.app.db.read().await.expect("look");
    let account = account_of(&mut tx, &who.person_id).await.expect("asked").expect("an account");
    actor_of(&app.app, &mut tx, &account).await.expect("asked").expect("in use")
}

/// The same for a server that hangs: one step may take a third of a second.
async fn run_briefly(app: &TestApp) -> bool {
    let mut settings = app.app.settings.mail.clone().expect("a mail server");
    settings.step = Duration::from_millis(300);
    post_due(&app.app, &settings).await.expect("sent")
}

/// Somebody signs in once more: days have gone by.
pub async fn again(app: &TestApp, who: &Person) -> Person {
    let answer = app.sign_in(&ungcuu_kit::text::fold(&who.name).replace(' ', "."), PASSWORD).await;
    app.as_signed_in(who, &answer).await
}

/// A letter to an address, written by somebody.
pub async fn write(app: &TestApp, who: &Person, address: &str) -> LetterId {
    write_with(app, who, To::Address { name: "Công an huyện".to_owned(), address: address.to_owned() }, Vec::new())
        .await
}

async fn write_with(app: &TestApp, who: &Person, to: To, attachments: Vec<LetterFile>) -> LetterId {
    let mut work = app.app.work(actor(app, who).await).await.expect("work");
    let new = NewLetter {
        to,
        subject: Text::new("[TBSC] Báo cáo ban đầu", "[TBSC] First report"),
        body: Text::new("Kính gửi quý cơ quan.\n.\nTrân trọng.", "To whom it may concern.\n.\nRegards."),
        attachments,
        about: About { stream: "incident:thử".to_owned(), url: "/incidents".to_owned() },
    };
    let id = letter::post(&mut work, new).await.expect("posted");
    work.commit().await.expect("committed");
    id
}

pub async fn standing(app: &TestApp, id: &LetterId) -> Standing {
    let mut tx = app.app.db.read().await.expect("look");
    letter::find_state(&mut tx, id).await.expect("asked").expect("a letter")
}

/// Tells one person something, as somebody else does.
pub async fn tell(app: &TestApp, urgency: Urgency, to: &Person, words: &str) {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let words = text!("{words}", "{words}");
    tell_person_as(&mut work, urgency, &to.person_id, &words, "/incidents").await.expect("told");
    work.commit().await.expect("committed");
}

pub async fn set_address(app: &TestApp, who: &Person, address: &str) {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let update = sql!("UPDATE people SET email = $2 WHERE id = $1");
    work.tx.run(update, args![&who.person_id, address]).await.expect("changed");
    work.record("org", "person.changed", Text::same("địa chỉ"), &[("people", who.person_id.as_str())]);
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn a_letter_goes_out_with_its_attachment_and_the_journal_tells_of_it() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let stored = app.app.blobs.put_bytes(b"%PDF-1.7 bytes".as_slice().into()).await.expect("stored");
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let insert = sql!("INSERT INTO files (id, size, media_type, stored_at) VALUES ($1, $2, 'application/pdf', 0)");
    work.tx.run(insert, args![&stored.sha256, stored.size]).await.expect("a file");
    work.record("reports", "report.issued", Text::same("báo cáo"), &[("files", &stored.sha256)]);
    work.commit().await.expect("committed");
    let file =
        LetterFile {
            sha256: stored.sha256, name: "báo cáo.pdf".to_owned(), media_type: "application/pdf".to_owned()
        };
    let to = To::Address { name: "Công an huyện".to_owned(), address: "ca@huyen.example.vn".to_owned() };
    let id = write_with(&app, &lan, to, vec![file]).await;
    assert_eq!(standing(&app, &id).await.state, LetterState::Queued);
    assert!(run(&app).await);
    let after = standing(&app, &id).await;
    assert_eq!((after.state, after.attempts, after.perhaps), (LetterState::Sent, 1, false));
    assert!(after.why_vi.contains("250 taken"), "{after:?}");
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ca@huyen.example.vn");
    for words in ["Message-ID: <let_", "@xa.example.vn>", "application/pdf", "From: "] {
        assert!(mails[0].data.contains(words), "{words} is not in\n{}", mails[0].data);
    }
    assert!(
        !mails[0].text().contains("ungcuu.example.vn/incidents"),
        "nobody outside gets a link that they cannot open"
    );
    app.get(Some(&lan), &format!("/letters/{id}")).await.is(200).shows("Đã gửi").shows("báo cáo.pdf");
    let mut tx = app.app.db.read().await.expect("look");
    let acts: Vec<(String,)> = tx
        .all(sql!("SELECT act FROM journal_entries WHERE stream = 'incident:thử' ORDER BY seq, id"), args![])
        .await
        .expect("read");
    assert_eq!(acts.iter().map(|(act,)| act.as_str()).collect::<Vec<_>>(), ["letter.posted", "letter.sent"]);
    drop(tx);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_refused_address_is_final_and_its_sender_is_told_at_the_bell() {
    let sink = Sink::new(Manner::RefuseRecipient("550 5.1.1 no such user")).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "khong.co@huyen.example.vn").await;
    assert!(run(&app).await, "the server as a whole works");
    let after = standing(&app, &id).await;
    assert_eq!(after.state, LetterState::Refused);
    assert!(after.why_vi.contains("từ chối người nhận: 550") && after.why_vi.contains("no such user"), "{after:?}");
    app.get(Some(&lan), "/notices").await.shows("Không gửi được thư tới Công an huyện");
    app.app.clock.advance(3 * DAY);
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 0);
    assert_eq!(standing(&app, &id).await.attempts, 1, "never tried again by itself");
    // The administrator puts it into the post once more.
    let lan = again(&app, &lan).await;
    sink.set(Manner::Take);
    app.get(Some(&lan), "/letters?state=refused").await.shows("no such user");
    app.post(Some(&lan), &format!("/letters/{id}/retry"), &[]).await.is(303);
    assert!(run(&app).await);
    assert_eq!(standing(&app, &id).await.state, LetterState::Sent);
    app.post(Some(&lan), &format!("/letters/{id}/retry"), &[]).await.is(409).shows("đã gửi rồi");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_the_server_cannot_take_now_is_tried_again_for_two_days() {
    let sink = Sink::new(Manner::RefuseRecipient("450 4.2.0 greylisted")).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    let begun = app.app.now();
    let mut waits = Vec::new();
    loop {
        run(&app).await;
        let after = standing(&app, &id).await;
        if after.state != LetterState::Retrying {
            assert_eq!(after.state, LetterState::Refused);
            assert!(after.why_vi.contains("trong 2 ngày") && after.why_vi.contains("greylisted"), "{after:?}");
            break;
        }
        let wait = after.next_try_at.0 - app.app.now().0;
        waits.push(wait / MINUTE);
        // A moment too early nothing is tried.
        app.app.clock.advance(wait - 1);
        run(&app).await;
        assert_eq!(standing(&app, &id).await.attempts, after.attempts);
        app.app.clock.advance(1);
    }
    assert_eq!(&waits[..4], [1, 5, 15, 60]);
    assert!(app.app.now().0 - begun.0 <= 2 * DAY);
    let lan = again(&app, &lan).await;
    app.get(Some(&lan), "/notices").await.shows("Không gửi được thư");
}

#[tokio::test]
async fn a_server_that_hangs_or_is_down_costs_one_step_and_keeps_every_letter() {
    let sink = Sink::new(Manner::Hang).await;
    let (app, lan) = stage(&sink).await;
    let (first, second) = (write(&app, &lan, "a@x.example.vn").await, write(&app, &lan, "b@x.example.vn").await);
    assert!(!run_briefly(&app).await, "the server as a whole does not work");
    let states = [standing(&app, &first).await, standing(&app, &second).await];
    assert_eq!(states.iter().map(|it| it.attempts).sum::<i64>(), 1, "the other letter was left alone");
    assert!(states.iter().any(|it| it.state == LetterState::Retrying && it.why_vi.contains("không trả lời")));
    sink.set(Manner::Slow);
    app.app.clock.advance(MINUTE);
    assert!(run(&app).await, "slow is not dead");
    assert_eq!(sink.mails().len(), 2);
    sink.close();
    write(&app, &lan, "c@x.example.vn").await;
    assert!(!run(&app).await);
    app.get(Some(&lan), "/letters?state=retrying").await.shows("Không nối được máy chủ thư");
}

#[tokio::test]
async fn a_server_that_dies_after_the_text_may_get_it_twice_under_one_name() {
    let sink = Sink::new(Manner::DropAfterData).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    assert!(!run(&app).await);
    let after = standing(&app, &id).await;
    assert_eq!((after.state, after.perhaps), (LetterState::Retrying, true));
    sink.set(Manner::Take);
    app.app.clock.advance(MINUTE);
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    assert_eq!(standing(&app, &id).await.state, LetterState::Sent);
    app.get(Some(&lan), &format!("/letters/{id}")).await.shows("có thể đã đến hai lần");
}

#[tokio::test]
async fn a_process_killed_between_the_text_and_the_answer_leaves_a_letter_that_is_taken_up_again() {
    let sink = Sink::new(Manner::HangAfterData).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    // Dropped in the middle, as a killed process is.
    tokio::select! {
        biased;
        () = sink.took_one() => {}
        _ = run(&app) => panic!("the server never answers"),
    }
    assert_eq!(standing(&app, &id).await.state, LetterState::Sending);
    sink.set(Manner::Take);
    app.app.clock.advance(9 * MINUTE);
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 1, "whoever claimed it may still be alive");
    app.app.clock.advance(2 * MINUTE);
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    let after = standing(&app, &id).await;
    assert_eq!((after.state, after.perhaps, after.attempts), (LetterState::Sent, true, 2));
    app.assert_sound().await;
}

#[tokio::test]
async fn two_senders_at_once_send_each_letter_once() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    for number in 0..12 {
        write(&app, &lan, &format!("a{number}@x.example.vn")).await;
    }
    assert_eq!(tokio::join!(run(&app), run(&app), run(&app)), (true, true, true));
    let mut to: Vec<String> = sink.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to.len(), 12);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 12);
}

#[tokio::test]
async fn a_recipient_without_an_address_is_seen_at_once() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    set_address(&app, &lan, "không có").await;
    let id = write_with(&app, &lan, To::Person(lan.person_id.clone()), Vec::new()).await;
    assert_eq!(standing(&app, &id).await.state, LetterState::NoAddress);
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 0);
    app.get(Some(&lan), "/letters?state=no_address").await.shows("Không có địa chỉ");
    app.get(Some(&lan), "/account").await.shows("Danh bạ chưa có địa chỉ thư của bạn");
    // The notice itself is at the bell all the same.
    tell(&app, Urgency::Now, &lan, "Máy chủ ngừng chạy").await;
    app.get(Some(&lan), "/notices").await.shows("Máy chủ ngừng chạy");
    app.assert_sound().await;
}

/// A delivery report as mail servers write it.
pub fn report(message_id: &str, action: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.vn\r\nTo: ungcuu@xa.example.vn\r\nSubject: Undelivered Mail\r\n\
         Date: Wed, 15 Mar 2023 12:10:00 +0700\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"xx\"\r\n\r\n\
         --xx\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
         --xx\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.vn\r\n\r\n\
         Action: {action}\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n\r\n\
         --xx\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\n\r\nThư\r\n--xx--\r\n"
    )
}

pub async fn drop_in(app: &TestApp, who: &Person, path: &str, field: &str, mail: &str) -> crate::support::Answer {
    let body = format!(
        "--yy\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{}\r\n--yy\r\nContent-Disposition: form-data; \
         name=\"{field}\"; filename=\"tra lai.eml\"\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--yy--\r\n",
        who.csrf
    );
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=yy")
        .header("sec-fetch-site", "same-origin");
    app.send(request, Some(who), Body::from(body)).await
}

#[tokio::test]
async fn a_letter_that_comes_back_is_marked_from_the_report_dropped_into_the_intake() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let officer = app.person("Trần Văn Minh", "phong-vhtt", &["can_bo_vhtt"]).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    assert!(run(&app).await);
    let message_id = sink.mails()[0].message_id();
    drop_in(&app, &officer, "/alerts/mail", "mail", &report(&message_id, "delayed")).await.is(303);
    assert_eq!(standing(&app, &id).await.state, LetterState::Sent, "delayed is not lost");
    let answer = drop_in(&app, &officer, "/alerts/mail", "mail", &report(&message_id, "failed")).await;
    assert_eq!(answer.place(), "/alerts");
    assert!(answer.said().contains("bị trả lại"));
    let after = standing(&app, &id).await;
    assert_eq!(after.state, LetterState::Bounced);
    assert!(after.why_vi.starts_with("Hộp thư của người nhận đã đầy."), "{after:?}");
    app.get(Some(&lan), "/notices").await.shows("bị trả lại");
    let mut tx = app.app.db.read().await.expect("look");
    let alerts: Option<(String,)> = tx.one(sql!("SELECT id FROM alerts LIMIT 1"), args![]).await.expect("asked");
    assert!(alerts.is_none(), "a report is no alert");
    drop(tx);
    // A report about somebody else's letter is a mail like any other in the intake, and refused on the letters' page.
    let foreign = report("<la@example.vn>", "failed");
    drop_in(&app, &lan, "/letters/report", "report", &foreign).await.is(422).shows("không phải thư báo trả lại");
    drop_in(&app, &officer, "/alerts/mail", "mail", &foreign).await.is(303);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_test_letter_says_exactly_what_the_server_answered() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let answer = app.post(Some(&lan), "/letters/test", &[("to", "lan@example.vn")]).await;
    assert!(answer.said().contains("250 taken"), "{}", answer.said());
    for (manner, words) in [
        (Manner::RefuseRecipient("554 5.7.1 relay denied"), "relay denied"),
        (Manner::RefuseSender("530 sign in first"), "không nhận thư từ địa chỉ gửi: 530 sign in first"),
        (Manner::Greet("421 too busy"), "421 too busy"),
        (Manner::DropAfterData, "Thư có thể đã đi"),
    ] {
        sink.set(manner);
        app.post(Some(&lan), "/letters/test", &[("to", "lan@example.vn")]).await.is(422).shows(words);
    }
    app.post(Some(&lan), "/letters/test", &[("to", "không phải thư")]).await.is(422);
    let plain = TestApp::new().await;
    let admin = plain.person("Lê Thị Lan", "phong-vhtt", &["quan_tri"]).await;
    plain.post(Some(&admin), "/letters/test", &[("to", "a@b.vn")]).await.is(409).shows("chưa cấu hình thư");
}

#[tokio::test]
async fn without_a_mail_server_notices_stay_at_the_bell_and_letters_wait() {
    let app = TestApp::new().await;
    let lan = app.person("Lê Thị Lan", "phong-vhtt", &["quan_tri"]).await;
    tell(&app, Urgency::Now, &lan, "Máy chủ ngừng chạy").await;
    app.get(Some(&lan), "/letters").await.is(200).shows("chưa cấu hình thư").shows("Chưa có thư nào");
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    app.get(Some(&lan), "/letters").await.shows("Chưa cấu hình thư").shows("Báo cáo ban đầu");
    app.get(Some(&lan), &format!("/letters/{id}?lang=en")).await.shows("No mail server set up");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_waited_longer_than_two_days_for_a_mail_server_is_not_sent_any_more() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    app.app.clock.advance(2 * DAY + MINUTE);
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 0);
    assert_eq!(standing(&app, &id).await.state, LetterState::Refused);
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_is_told_nothing_when_it_should() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    let mut settings = app.app.settings.mail.clone().expect("a mail server");
    settings.security = ungcuu_kit::mail::Security::Starttls;
    assert!(!post_due(&app.app, &settings).await.expect("tried"));
    assert_eq!(sink.mails().len(), 0);
    let after = standing(&app, &id).await;
    assert_eq!(after.state, LetterState::Retrying);
    assert!(after.why_vi.contains("STARTTLS"), "{after:?}");
}
