//! A district lives through a serious incident with personal data, once under each law. Time goes from event to event, and
//! the moment before each event shows that nothing happened in between. Every mail that reached the mail server, every
//! duty with its limit and its fate, and every document is compared with a table worked out by hand from the rules.
//!
//! Who is who in the tables: `be` writes for the commune that runs the system, `lan` is of the office in charge (the line
//! above), `vinh` of the steering board; `catinh`, `so`, `vncert`, `ubnd` and `vhtt` are mailboxes of units.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ungcuu_app::deadline::watch;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::deadline::{detected, law, limits, move_to, reach, version};
use crate::post::{drop_in, report, run, stage};
use crate::report::download;
use crate::sink::{Manner, Sink};
use crate::support::{Person, TestApp};

struct District {
    app: TestApp,
    sink: Sink,
    id: String,
    /// How many letters were looked at, and what they were, by moment.
    seen: usize,
    log: Vec<String>,
}

fn at(moment: &str) -> Time {
    Time::parse(moment).expect(moment)
}

impl District {
    /// People and mailboxes, and an incident of the commune, serious from the beginning.
    async fn new(detected_at: &str, now: &str) -> District {
        let sink = Sink::new(Manner::Take).await;
        let (app, _) = stage(&sink).await;
        move_to(&app, now);
        for (name, unit, role, mail) in [
            ("Trần Văn Bé", "xa-ba-sao", "van_hanh", "be@x.vn"),
            ("Ngô Thị Lan", "phong-vhtt", "can_bo_vhtt", "lan@x.vn"),
            ("Lê Quang Vinh", "bcd-cds", "ban_chi_dao", "vinh@x.vn"),
        ] {
            let person = app.person(name, unit, &[role]).await;
            change(&app, "people", person.person_id.as_str(), mail).await;
        }
        for (code, mail) in [
            ("cong-an-tinh", "catinh@x.vn"),
            ("so-tttt", "so@x.vn"),
            ("vncert", "vncert@x.vn"),
            ("ubnd-huyen", "ubnd@x.vn"),
            ("phong-vhtt", "vhtt@x.vn"),
        ] {
            let unit = app.unit(code).await;
            change(&app, "units", unit.as_str(), mail).await;
        }
        let mut district = District { app, sink, id: String::new(), seen: 0, log: Vec::new() };
        let be = district.be().await;
        district.id = detected(&district.app, &be, detected_at).await;
        reach(&district.app, &district.id, "b5").await;
        let version = version(&district.app, &be, &district.id).await;
        let serious = json!({ "class": "serious", "reason": "Ngừng một cửa", "version": version });
        district.app.api(Some(&be), &format!("/incidents/{}/class", district.id), serious).await.is(200);
        district.work().await;
        district.note();
        district
    }

    /// The commune's clerk, signed in now: days go by.
    async fn be(&self) -> Person {
        self.app.as_login("tran.van.be").await
    }

    /// What runs in the background.
    async fn work(&self) {
        watch::look_round(&self.app.app).await.expect("looked");
        assert!(run(&self.app).await, "the mail server works");
    }

    /// Writes down every letter that came in since, by whom it reached and what it says.
    fn note(&mut self) {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for mail in self.sink.mails().iter().skip(self.seen) {
            let to = mail.to.split('@').next().unwrap_or_default();
            if to != "thu" {
                *lines.entry(format!("{to}: {}", what(&mail.text()))).or_default() += 1;
            }
        }
        self.seen = self.sink.mails().len();
        let now = self.app.app.now().local().strftime("%d/%m %H:%M").to_string();
        for (line, times) in lines {
            let times = if times == 1 { String::new() } else { format!(" ×{times}") };
            self.log.push(format!("{now} {line}{times}"));
        }
    }

    /// Lets time go by until a moment, from event to event.
    async fn until(&mut self, moment: &str) {
        let end = at(moment);
        while self.app.app.now() < end {
            let next = watch::next(&self.app.app).await.expect("asked").filter(|next| *next < end);
            let now = self.app.app.now();
            let stop = next.unwrap_or(end).max(now.plus(1));
            // The moment before: whatever looks finds nothing to do.
            self.app.app.clock.advance(stop.0 - now.0 - 1);
            self.work().await;
            assert_eq!(self.sink.mails().len(), self.seen, "nothing happens before {}", stop.to_minute());
            self.app.app.clock.advance(1);
            self.work().await;
            self.work().await;
            self.note();
        }
    }

    /// Says in the incident what the law asks for.
    async fn law(&mut self, flags: &[&str], breach_at: &str) {
        law(&self.app, &self.be().await, &self.id, flags, breach_at).await;
        self.work().await;
        self.note();
    }

    /// Writes a document, issues it and sends it by mail to units under a rule; gives its page.
    async fn send(&mut self, form: &str, rule: &str, units: &[&str]) -> String {
        let be = self.be().await;
        let begun = self.app.post(Some(&be), &format!("/incidents/{}/reports", self.id), &[("form", form)]).await;
        let path = begun.place();
        let view = self.app.get(Some(&be), &format!("/api/v1{path}")).await.json();
        let mut fields: Vec<(String, String)> = answers(&view);
        for (name, value) in [("version", "1"), ("act", "issue"), ("signer", "Lê Văn Tám"), ("_page", path.as_str())]
        {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.app.post(Some(&be), &path, &fields).await.is(303);
        for unit in units {
            self.mail(&path, rule, unit).await;
        }
        path
    }

    /// Sends an issued document by mail, which takes along the bytes that were issued.
    async fn mail(&mut self, path: &str, rule: &str, unit: &str) {
        let be = self.be().await;
        let unit = self.app.unit(unit).await;
        let fields = [("unit", unit.as_str()), ("way", "email"), ("rule", rule), ("_page", path)];
        self.app.post(Some(&be), &format!("{path}/sends"), &fields).await.is(303);
        self.work().await;
        let mails = self.sink.mails();
        let parsed =
            mail_parser::MessageParser::default().parse(mails[mails.len() - 1].data.as_bytes()).expect("a mail");
        let pdf = parsed.attachment(0).expect("the document").contents().to_vec();
        assert_eq!(pdf, download(&self.app, &be, &format!("{path}/pdf")).await, "the frozen bytes");
        self.note();
    }

    /// Tells units by telephone.
    async fn tell(&mut self, rule: &str, units: &[&str]) {
        let be = self.be().await;
        for unit in units {
            let unit = self.app.unit(unit).await;
            let body = json!({ "unit": unit, "kind": "dien_bien", "channel": "phone", "rule": rule, "text": "x", "tlp": "amber" });
            let path = format!("/incidents/{}/steps/b5/disclosures", self.id);
            self.app.api(Some(&be), &path, body).await.is(200);
        }
        self.work().await;
        self.note();
    }

    /// The check of the recovery is finished now, through the records.
    async fn end_handling(&mut self) {
        let mut work = self.app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
        let now = work.now;
        let update = sql!(
            "UPDATE incident_steps SET state = 'done', ended_at = $2 WHERE incident_id = $1 AND step = 'b10' RETURNING id"
        );
        let row: Option<(String,)> = work.tx.run_returning(update, args![&self.id, now]).await.expect("ended");
        let row = row.expect("a step").0;
        let stream = ungcuu_app::journal::incident_stream(&self.id);
        work.record(&stream, "test", Text::same("xong bước 10"), &[("incident_steps", row.as_str())]);
        work.commit().await.expect("committed");
        self.work().await;
        self.note();
    }

    /// Every duty of the law: rule, recipient, limit, fate.
    async fn duties(&self) -> Vec<String> {
        let all = limits(&self.app, &self.id).await;
        let line = |(rule, to, due, state, late): (String, String, String, String, bool)| {
            format!("{rule} | {} | {due} | {state}{}", short(&to), if late { " late" } else { "" })
        };
        all.into_iter().map(line).collect()
    }

    /// Every document with its number.
    async fn documents(&self) -> Vec<String> {
        let mut tx = self.app.app.db.read().await.expect("look");
        let rows: Vec<(String, String, String)> = tx
            .all(sql!("SELECT form, number, state FROM reports WHERE incident_id = $1 ORDER BY id"), args![&self.id])
            .await
            .expect("asked");
        rows.into_iter().map(|(form, number, state)| format!("{form} {number} {state}")).collect()
    }
}

/// "Còn 6 giờ: Báo cáo ngay" out of a reminder; of somebody's letter its subject.
fn what(text: &str) -> String {
    let mut lines = text.lines();
    let subject = lines.next().unwrap_or_default();
    if !subject.starts_with("[ungcuu]") {
        return subject.to_owned();
    }
    let words = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let words = words.split(" – SC").next().unwrap_or_default();
    let urgent = if subject.contains("KHẨN") { "! " } else { "" };
    match words.split_once(": Báo ") {
        Some((time, rest)) => format!("{urgent}{time}: {}", rest.split(": ").last().unwrap_or_default()),
        None => format!("{urgent}{words}"),
    }
}

fn short(name: &str) -> &str {
    name.split(" (").next().unwrap_or(name)
}

async fn change(app: &TestApp, table: &'static str, id: &str, mail: &str) {
    let mut work = app.app.work(ungcuu_app::actor::Actor::system()).await.expect("work");
    let update = match table {
        "people" => sql!("UPDATE people SET email = $2 WHERE id = $1"),
        _ => sql!("UPDATE units SET email = $2 WHERE id = $1"),
    };
    work.tx.run(update, args![id, mail]).await.expect("changed");
    work.record("org", "test", Text::same("địa chỉ"), &[(table, id)]);
    work.commit().await.expect("committed");
}

/// An answer to every field that is obligatory and that the records do not know.
fn answers(view: &Value) -> Vec<(String, String)> {
    let parts = view["parts"].as_array().expect("a form");
    let fields = parts.iter().flat_map(|part| part["fields"].as_array().expect("fields"));
    let answer = |field: &Value| {
        let word = |key: &str| field[key].as_str().unwrap_or_default().to_owned();
        let value = match word("kind").as_str() {
            "yes_no" => "no".to_owned(),
            "one" | "many" => field["options"][0][0].as_str().expect("an option").to_owned(),
            "date" => "2023-12-29".to_owned(),
            "time" => "08:00".to_owned(),
            "moment" => "2023-12-29T08:00".to_owned(),
            "integer" | "money" => "3".to_owned(),
            _ => "Đã ghi nhận".to_owned(),
        };
        (word("name"), value)
    };
    let open = fields.filter(|field| field["missing"] == true);
    let mut answers: Vec<(String, String)> = open.clone().map(answer).collect();
    let words = open.flat_map(|field| field["words"].as_array().cloned().unwrap_or_default());
    answers.extend(words.map(|word| (word[0].as_str().unwrap_or_default().to_owned(), "Khác".to_owned())));
    answers
}

#[track_caller]
fn compare(what: &str, found: &[String], expected: &[&str]) {
    assert_eq!(found.join("\n"), expected.join("\n"), "{what}:\n{}", found.join("\n"));
}

#[tokio::test]
async fn under_the_law_of_2026_everything_comes_in_its_time() {
    // Tuesday 1 September 2026, the evening before National Day; hours run through holidays.
    let mut d = District::new("2026-09-01T20:00", "01/09/2026 20:10").await;
    d.until("01/09/2026 20:30").await;
    d.law(&["serious_interruption"], "").await;
    d.until("01/09/2026 21:10").await;
    d.send("bc-ngay", "nd331_now", &["cong-an-tinh"]).await;
    d.until("02/09/2026 07:00").await;
    d.law(&["serious_interruption", "personal_data"], "2026-09-02T07:00").await;
    d.until("02/09/2026 19:30").await;
    d.send("tb-24-gio", "nd331_24h", &["cong-an-tinh"]).await;
    d.until("04/09/2026 09:00").await;
    let breach = d.send("tb-dlcn", "l91_72h", &["cong-an-tinh"]).await;
    d.until("04/09/2026 10:00").await;
    let mails = d.sink.mails();
    let back = report(&mails[mails.len() - 1].message_id(), "failed");
    let lan = d.app.as_login("le.thi.lan").await;
    drop_in(&d.app, &lan, "/letters/report", "report", &back).await.is(303);
    d.until("04/09/2026 21:00").await;
    d.send("bc-72-gio", "nd331_72h", &["cong-an-tinh"]).await;
    d.until("05/09/2026 01:30").await;
    d.mail(&breach, "l91_72h", "cong-an-tinh").await;
    d.until("20/09/2026 08:00").await;

    compare(
        "mails",
        &d.log,
        &[
            // Whoever leads hears of the incident tonight.
            "01/09 20:10 lan: ! Mở sự cố SC-2026-0001: Mã hoá dữ liệu tại một cửa",
            "01/09 20:10 vinh: ! Mở sự cố SC-2026-0001: Mã hoá dữ liệu tại một cửa",
            // At once: from when it was known. Half an hour later the line above hears of it.
            "01/09 20:30 be: ! Phải làm ngay: Báo cáo ngay",
            "01/09 21:00 lan: ! Trễ 30 phút (Xã Ba Sao): Báo cáo ngay",
            "01/09 21:10 catinh: Báo cáo ngay số 01/BC-UBND – SC-2026-0001 – TLP:AMBER",
            // 24 hours: six hours and one hour before.
            "02/09 14:00 be: Còn 6 giờ: Thông báo ban đầu sự cố nghiêm trọng",
            "02/09 19:00 be: ! Còn 1 giờ: Thông báo ban đầu sự cố nghiêm trọng",
            "02/09 19:30 catinh: Thông báo ban đầu 24 giờ số 01/TB-UBND – SC-2026-0001 – TLP:AMBER",
            // 72 hours from the detection and from the breach, each with its own start.
            "03/09 20:00 be: Còn 1 ngày: Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
            "04/09 07:00 be: Còn 1 ngày: Thông báo vi phạm dữ liệu cá nhân",
            "04/09 09:00 catinh: Thông báo vi phạm dữ liệu cá nhân số 02/TB-UBND – SC-2026-0001 – TLP:AMBER",
            "04/09 14:00 be: Còn 6 giờ: Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
            "04/09 19:00 be: ! Còn 1 giờ: Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
            // Forgotten: late at once, and at once up the line.
            "04/09 20:00 be: ! Trễ chưa đầy 1 phút: Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
            "04/09 20:00 lan: ! Trễ chưa đầy 1 phút (Xã Ba Sao): Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
            "04/09 21:00 catinh: Báo cáo 72 giờ số 02/BC-UBND – SC-2026-0001 – TLP:AMBER",
            // The notice of the breach came back at ten: owed again, with the reminders that were still to come.
            "05/09 01:00 be: Còn 6 giờ: Thông báo vi phạm dữ liệu cá nhân",
            "05/09 01:30 catinh: Thông báo vi phạm dữ liệu cá nhân số 02/TB-UBND – SC-2026-0001 – TLP:AMBER",
        ],
    );
    compare(
        "duties",
        &d.duties().await,
        &[
            "nd331_now | Công an tỉnh Đồng Tháp | 01/09/2026 20:30 | done late",
            "nd331_24h | Công an tỉnh Đồng Tháp | 02/09/2026 20:00 | done",
            "nd331_72h | Công an tỉnh Đồng Tháp | 04/09/2026 20:00 | done late",
            "l91_72h | Công an tỉnh Đồng Tháp | 05/09/2026 07:00 | done",
        ],
    );
    compare(
        "documents",
        &d.documents().await,
        &[
            "bc-ngay 01/BC-UBND issued",
            "tb-24-gio 01/TB-UBND issued",
            "tb-dlcn 02/TB-UBND issued",
            "bc-72-gio 02/BC-UBND issued",
        ],
    );
    d.app.assert_sound().await;
}

#[tokio::test]
async fn under_the_law_of_2017_everything_comes_in_its_time() {
    // Friday 29 December 2023: over a weekend, New Year and the change of the year's numbers.
    let all = ["ubnd-huyen", "phong-vhtt", "so-tttt", "vncert"];
    let mut d = District::new("2023-12-29T16:00", "29/12/2023 16:10").await;
    d.until("29/12/2023 17:00").await;
    d.law(&["exceeds_capability"], "").await;
    d.until("29/12/2023 17:20").await;
    d.send("bc-khan-cap", "qd05_emergency", &all).await;
    d.until("30/12/2023 09:00").await;
    d.law(&["exceeds_capability", "personal_data"], "2023-12-30T09:00").await;
    d.until("30/12/2023 16:30").await;
    d.tell("qd05_dien_bien", &all).await;
    d.until("31/12/2023 18:00").await;
    d.tell("qd05_dien_bien", &all).await;
    d.until("01/01/2024 10:00").await;
    d.end_handling().await;
    d.until("02/01/2024 08:30").await;
    d.send("tb-dlcn", "nd13_72h", &["cong-an-tinh"]).await;
    d.until("02/01/2024 17:00").await;
    d.send("mau-03", "tt20_notice", &["ubnd-huyen", "so-tttt", "vncert"]).await;
    d.until("05/01/2024 11:00").await;
    let last = d.send("mau-04", "tt20_final", &["ubnd-huyen", "so-tttt"]).await;
    d.until("06/01/2024 09:30").await;
    let (be, unit) = (d.be().await, d.app.unit("vncert").await);
    let paper = [("unit", unit.as_str()), ("way", "paper"), ("rule", "tt20_final"), ("receipt", "Số đến 7")];
    d.app.post(Some(&be), &format!("{last}/sends"), &paper).await.is(303);
    d.until("20/01/2024 08:00").await;

    compare(
        "mails",
        &d.log,
        &[
            "29/12 16:10 lan: ! Mở sự cố SC-2023-0001: Mã hoá dữ liệu tại một cửa",
            "29/12 16:10 vinh: ! Mở sự cố SC-2023-0001: Mã hoá dữ liệu tại một cửa",
            // Beyond our capability: at once to four, each a duty of its own.
            "29/12 17:00 be: ! Phải làm ngay: Báo cáo khẩn cấp ×4",
            "29/12 17:20 ubnd: [TBSC] Báo cáo khẩn cấp số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "29/12 17:20 vhtt: [TBSC] Báo cáo khẩn cấp số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "29/12 17:20 so: [TBSC] Báo cáo khẩn cấp số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "29/12 17:20 vncert: [TBSC] Báo cáo khẩn cấp số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            // Every 24 hours; told half an hour early the next day runs from there.
            "30/12 15:00 be: Còn 2 giờ: Báo cáo diễn biến tình hình (lần 1) ×4",
            "31/12 14:30 be: Còn 2 giờ: Báo cáo diễn biến tình hình (lần 2) ×4",
            "31/12 16:30 be: ! Trễ chưa đầy 1 phút: Báo cáo diễn biến tình hình (lần 2) ×4",
            "31/12 16:30 lan: ! Trễ chưa đầy 1 phút (Xã Ba Sao): Báo cáo diễn biến tình hình (lần 2) ×4",
            // The handling ended before the next one; the breach has its own 72 hours.
            "01/01 09:00 be: Còn 1 ngày: Thông báo vi phạm dữ liệu cá nhân",
            "02/01 03:00 be: Còn 6 giờ: Thông báo vi phạm dữ liệu cá nhân",
            "02/01 08:00 be: ! Còn 1 giờ: Thông báo vi phạm dữ liệu cá nhân",
            "02/01 08:30 catinh: Thông báo vi phạm dữ liệu cá nhân số 01/TB-UBND – SC-2023-0001 – TLP:AMBER",
            // Five days, over New Year.
            "02/01 16:00 be: Còn 1 ngày: Thông báo, báo cáo ban đầu sự cố ×3",
            "02/01 17:00 ubnd: [TBSC] Báo cáo ban đầu số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "02/01 17:00 so: [TBSC] Báo cáo ban đầu số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "02/01 17:00 vncert: [TBSC] Báo cáo ban đầu số 01/BC-UBND – SC-2023-0001 – TLP:AMBER",
            // Five days after the handling; one of three is sent on paper at the last moment.
            "05/01 10:00 be: Còn 1 ngày: Báo cáo kết thúc ứng phó sự cố ×3",
            "05/01 11:00 ubnd: [TBSC] Báo cáo kết thúc số 02/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "05/01 11:00 so: [TBSC] Báo cáo kết thúc số 02/BC-UBND – SC-2023-0001 – TLP:AMBER",
            "06/01 09:00 be: ! Còn 1 giờ: Báo cáo kết thúc ứng phó sự cố",
        ],
    );
    let four = |rule: &str, due: &str, fate: &str| {
        let mut to = [
            "Phòng Văn hoá và Thông tin",
            "Sở Thông tin và Truyền thông",
            "Trung tâm Ứng cứu khẩn cấp không gian mạng Việt Nam",
            "Uỷ ban nhân dân huyện Cao Lãnh",
        ];
        to.sort_unstable();
        to.map(|to| format!("{rule} | {to} | {due} | {fate}")).to_vec()
    };
    let three = |rule: &str, due: &str| -> Vec<String> {
        four(rule, due, "done").into_iter().filter(|line| !line.contains("Phòng")).collect()
    };
    let expected: Vec<String> = [
        four("qd05_emergency", "29/12/2023 17:00", "done late"),
        four("qd05_dien_bien", "30/12/2023 17:00", "done"),
        four("qd05_dien_bien", "31/12/2023 16:30", "done late"),
        four("qd05_dien_bien", "01/01/2024 16:30", "done"),
        // The day that ran when the handling ended is owed no more: the end report takes its place.
        four("qd05_dien_bien", "01/01/2024 18:00", "stopped"),
        vec!["nd13_72h | Công an tỉnh Đồng Tháp | 02/01/2024 09:00 | done".to_owned()],
        three("tt20_notice", "03/01/2024 16:00"),
        three("tt20_final", "06/01/2024 10:00"),
    ]
    .concat();
    let mut duties = d.duties().await;
    let by_due = |line: &String| at(line.split(" | ").nth(2).unwrap_or_default());
    duties.sort_by_key(|line| (by_due(line), line.clone()));
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    compare("duties", &duties, &expected);
    compare(
        "documents",
        &d.documents().await,
        &[
            "bc-khan-cap 01/BC-UBND issued",
            "tb-dlcn 01/TB-UBND issued",
            "mau-03 01/BC-UBND issued",
            "mau-04 02/BC-UBND issued",
        ],
    );
    d.app.assert_sound().await;
}
