//! How each account is told: channels, quiet hours, who is told first, the digest of the morning.

use ungcuu_app::actor::Actor;
use ungcuu_app::notify::digest::write_digests;
use ungcuu_app::notify::{Urgency, tell_unit_as};
use ungcuu_app::org::UnitId;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{DAY, HOUR, MINUTE};

use crate::post::{again, run, set_address, stage, tell};
use crate::sink::{Manner, Sink};

#[tokio::test]
async fn each_account_is_told_as_it_chose_and_what_can_wait_waits_for_the_morning() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    app.app.clock.advance(11 * HOUR);
    let usual = [("urgent", "mail"), ("quiet_from", "22:00"), ("quiet_to", "06:00")];
    let choose = async |soon: &str, can_wait: &str, version: &str| {
        let mut fields = usual.to_vec();
        fields.extend([("soon", soon), ("can_wait", can_wait), ("version", version)]);
        app.post(Some(&lan), "/account/channels", &fields).await
    };
    choose("bell", "mail", "0").await.is(303);
    choose("mail", "mail", "0").await.is(409);
    app.get(Some(&lan), "/account").await.shows("22:00").shows("thu@example.vn");
    tell(&app, Urgency::Soon, &lan, "Đến bước 3").await;
    tell(&app, Urgency::CanWait, &lan, "Đã kết thúc sự cố").await;
    tell(&app, Urgency::Now, &lan, "Bạn được triệu tập").await;
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "at 23:00 only what is urgent goes");
    let text = mails[0].text();
    assert!(text.contains("Bạn được triệu tập") && text.contains("https://ungcuu.example.vn/incidents"), "{text}");
    app.app.clock.advance(7 * HOUR);
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text().contains("Đã kết thúc sự cố"));
    let page = app.get(Some(&lan), "/notices").await;
    page.shows("Đến bước 3").shows("Đã gửi");
    let wrong = [
        ("urgent", "digest"),
        ("soon", "x"),
        ("can_wait", "mail"),
        ("quiet_from", "25:00"),
        ("version", "1"),
        ("_page", "/account"),
    ];
    let refused = app.post(Some(&lan), "/account/channels", &wrong).await;
    refused.is(422).shows("Việc khẩn không đợi thư tổng hợp").shows("Hãy ghi giờ theo dạng 22:00");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_urgent_goes_first_to_the_officer_in_charge() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let unit: UnitId = app.unit("xa-ba-sao").await;
    let others =
        [app.person("Phan Văn An", "xa-ba-sao", &[]).await, app.person("Phan Văn Bình", "xa-ba-sao", &[]).await];
    let officer = app.person("Phan Văn Cường", "xa-ba-sao", &[]).await;
    for (number, person) in others.iter().enumerate() {
        set_address(&app, person, &format!("khac{number}@xa.example.vn")).await;
    }
    set_address(&app, &officer, "truc@xa.example.vn").await;
    let fields = [("person", officer.person_id.as_str()), ("from", "2023-01-01"), ("decision_no", "1/QĐ")];
    app.post(Some(&lan), &format!("/units/{unit}/officer"), &fields).await.is(303);
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let words = Text::new("Mở sự cố: mã hoá dữ liệu", "Incident opened: ransomware");
    tell_unit_as(&mut work, Urgency::Soon, &unit, &Text::same("Việc thường"), "/").await.expect("told");
    tell_unit_as(&mut work, Urgency::Now, &unit, &words, "/").await.expect("told");
    work.commit().await.expect("committed");
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 6);
    assert_eq!(mails[0].to, "truc@xa.example.vn");
    assert!(mails[..3].iter().all(|mail| mail.text().contains("mã hoá dữ liệu")), "the urgent ones before the others");
}

#[tokio::test]
async fn the_digest_comes_once_at_half_past_seven_and_not_when_there_is_nothing() {
    let sink = Sink::new(Manner::Take).await;
    let (app, lan) = stage(&sink).await;
    let minh = app.person("Trần Văn Minh", "phong-tckh", &["van_hanh"]).await;
    set_address(&app, &minh, "minh@example.vn").await;
    // To seven in the morning of the next day.
    app.app.clock.advance(19 * HOUR);
    tell(&app, Urgency::CanWait, &lan, "Cán bộ phụ trách xã Ba Sao đã đổi").await;
    write_digests(&app.app).await.expect("looked");
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 0, "it is not half past seven yet");
    app.app.clock.advance(31 * MINUTE);
    for _ in 0..2 {
        write_digests(&app.app).await.expect("written");
    }
    assert!(run(&app).await);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "one letter, and none to whom nothing waits for");
    assert_eq!(mails[0].to, "thu@example.vn");
    let text = mails[0].text();
    assert!(text.contains("Cán bộ phụ trách xã Ba Sao đã đổi") && text.contains("THÔNG BÁO CHƯA ĐỌC"), "{text}");
    let lan = again(&app, &lan).await;
    assert_eq!(app.post(Some(&lan), "/notices/read", &[]).await.place(), "/notices");
    app.app.clock.advance(DAY);
    write_digests(&app.app).await.expect("written");
    assert!(run(&app).await);
    assert_eq!(sink.mails().len(), 1, "everything is read");
    app.assert_sound().await;
}
