//! A district lives through a serious incident with personal data, once under each law. The clock goes minute by minute, and
//! every minute does what the product does in the background: watch the time limits, write the digests, send the mail. Every
//! mail that reached the mail server, every turn of a clock chip, every word up the line, every duty with its limit and its
//! fate, and every document with its text is compared with the tables in `district/*.md`, which were worked out by hand
//! from the law and are laid out for a jurist to check.

pub mod papers;
mod table;

use std::collections::BTreeMap;

use serde_json::json;
use ungcuu_app::deadline::watch;
use ungcuu_app::notify::digest::write_digests;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{MINUTE, Time};
use ungcuu_kit::{args, sql};

use self::table::{Table, joined};
use crate::deadline::{detected, law, move_to, reach, version};
use crate::post::{drop_in, report, run, stage};
use crate::report::download;
use crate::sink::{Mail, Manner, Sink};
use crate::support::{Person, TestApp};

/// Who is who: mailboxes, and how the tables call whoever reads them.
const PEOPLE: [(&str, &str); 8] = [
    ("be", "Bé, xã Ba Sao"),
    ("lan", "Lan, Phòng VHTT"),
    ("vinh", "Vinh, Ban Chỉ đạo"),
    ("catinh", "Công an tỉnh"),
    ("so", "Sở TTTT"),
    ("vncert", "VNCERT"),
    ("ubnd", "UBND huyện"),
    ("vhtt", "Phòng VHTT"),
];

struct District {
    app: TestApp,
    sink: Sink,
    id: String,
    /// How many letters were looked at.
    seen: usize,
    /// The chips on the incident's page as they were looked at last: what each says, and its colour.
    chips: Vec<(String, String)>,
    /// What happened: when, what, who, in which words.
    log: Table,
    /// The documents, in the order in which they were issued: their pages.
    papers: Vec<String>,
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
        let log = Table::new(&["Lúc", "Việc", "Ai", "Nội dung"]);
        let mut district =
            District { app, sink, id: String::new(), seen: 0, chips: Vec::new(), log, papers: Vec::new() };
        // Whoever had this morning's digest gets none in the evening.
        write_digests(&district.app.app).await.expect("written");
        let be = district.be().await;
        district.id = detected(&district.app, &be, detected_at).await;
        reach(&district.app, &district.id, "b5").await;
        let version = version(&district.app, &be, &district.id).await;
        let serious = json!({ "class": "serious", "reason": "Ngừng một cửa", "version": version });
        district.app.api(Some(&be), &format!("/incidents/{}/class", district.id), serious).await.is(200);
        district.did("Mở sự cố, xếp loại nghiêm trọng").await;
        district
    }

    /// The commune's clerk, signed in now: days go by.
    async fn be(&self) -> Person {
        self.app.as_login("tran.van.be").await
    }

    /// Everything that runs in the background, once.
    async fn work(&self) {
        let app = &self.app.app;
        match app.now().local().minute() {
            0 => watch::look_round(app).await.expect("looked"),
            _ => watch::step(app).await.expect("looked"),
        }
        // It looks every minute too; whoever had the day's is asked for no more.
        if matches!(app.now().local().minute(), 0 | 30) {
            write_digests(app).await.expect("written");
        }
        assert!(run(&self.app).await, "the mail server works");
    }

    /// One minute of the product's life. What was told is told once: a second look finds nothing.
    async fn minute(&mut self) {
        self.work().await;
        let came = self.sink.mails().len();
        if came > self.seen {
            self.work().await;
            assert_eq!(self.sink.mails().len(), came, "nobody is told twice");
        }
        let told = came > self.seen;
        self.note();
        // A clock turns amber or red on the minute; on the hour it is looked at.
        if told || self.app.app.now().local().minute() == 0 {
            self.look_at_chips().await;
        }
    }

    /// Somebody did something: it stands in the table, with all that follows from it.
    async fn did(&mut self, words: &str) {
        self.row("việc làm", "Bé, xã Ba Sao", words);
        self.work().await;
        self.note();
        self.look_at_chips().await;
    }

    fn row(&mut self, what: &str, who: &str, words: &str) {
        let now = self.app.app.now().local().strftime("%d/%m %H:%M").to_string();
        let day = now.get(..5).unwrap_or_default();
        // The same digest morning after morning stands there once, with how often it came and when last.
        if what != "thư 7:30" || !self.log.again(day, &[what, who, words]) {
            self.log.row(&[&now, what, who, words]);
        }
    }

    /// Writes down every letter that came in since, by whom it reached and what it says. Letters that differ only in the
    /// recipient of the duty they are about stand in one row.
    fn note(&mut self) {
        let mut lines: BTreeMap<(String, &'static str, String), Vec<String>> = BTreeMap::new();
        let mails = self.sink.mails();
        for mail in mails.iter().skip(self.seen) {
            let known = |(mailbox, _): &&(&str, &str)| mail.to == format!("{mailbox}@x.vn");
            let Some((_, name)) = PEOPLE.iter().find(known) else { continue };
            let (kind, words, recipient) = read(mail);
            lines.entry(((*name).to_owned(), kind, words)).or_default().extend(recipient);
        }
        self.seen = mails.len();
        for ((who, kind, words), recipients) in lines {
            self.row(kind, &who, &(words + &joined(&recipients)));
        }
    }

    /// Writes down which chips on the incident's page turned.
    async fn look_at_chips(&mut self) {
        let page = self.app.get(Some(&self.be().await), &format!("/incidents/{}", self.id)).await;
        page.is(200);
        let mut now: Vec<(String, String)> =
            page.body.split("class=\"clock\" data-state=\"").skip(1).map(chip).collect();
        now.sort();
        let mut turned: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut turn = |label: &str, colour: &str| {
            let (what, to) = split_recipient(label);
            turned.entry(format!("{what}: {colour}")).or_default().extend(to);
        };
        for (label, colour) in now.iter().filter(|chip| !self.chips.contains(chip)) {
            turn(label, colour);
        }
        for (label, _) in self.chips.iter().filter(|(label, _)| now.iter().all(|(other, _)| other != label)) {
            turn(label, "tắt");
        }
        self.chips = now;
        for (words, recipients) in turned {
            self.row("đồng hồ", "trang sự cố", &(words + &joined(&recipients)));
        }
    }

    /// Lets time go by until a moment, minute by minute.
    async fn until(&mut self, moment: &str) {
        let end = at(moment);
        while self.app.app.now() < end {
            self.app.app.clock.advance(MINUTE);
            self.minute().await;
        }
    }

    /// Everybody has read what they were told; then days go by in which nothing may happen.
    async fn rest_until(&mut self, moment: &str) {
        for login in ["tran.van.be", "ngo.thi.lan", "le.quang.vinh"] {
            let person = self.app.as_login(login).await;
            self.app.post(Some(&person), "/notices/read", &[]).await.is(303);
        }
        let end = at(moment);
        while self.app.app.now() < end {
            self.app.app.clock.advance(30 * MINUTE);
            self.minute().await;
        }
    }

    /// Says in the incident what the law asks for.
    async fn law(&mut self, flags: &[&str], breach_at: &str, words: &str) {
        law(&self.app, &self.be().await, &self.id, flags, breach_at).await;
        self.did(words).await;
    }

    /// Writes a document, issues it and sends it by mail to units under a rule; gives its page.
    async fn send(&mut self, form: &str, rule: &str, units: &[&str]) -> String {
        let be = self.be().await;
        let begun = self.app.post(Some(&be), &format!("/incidents/{}/reports", self.id), &[("form", form)]).await;
        let path = begun.place();
        let view = self.app.get(Some(&be), &format!("/api/v1{path}")).await.json();
        let mut fields: Vec<(String, String)> = papers::answers(&view);
        for (name, value) in [("version", "1"), ("act", "issue"), ("signer", "Lê Văn Tám"), ("_page", path.as_str())]
        {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.app.post(Some(&be), &path, &fields).await.is(303);
        self.papers.push(path.clone());
        for unit in units {
            self.mail(&path, rule, unit).await;
        }
        let name = self.app.app.pack.form(form).expect("a form").name.vi.clone();
        self.did(&format!("Phát hành và gửi: {name}")).await;
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
    }

    /// The name of the last letter that went out to a unit.
    fn last_letter(&self) -> String {
        let mails = self.sink.mails();
        let last = mails.iter().rev().find(|mail| !mail.text().starts_with("[ungcuu]"));
        last.expect("a letter").message_id()
    }

    /// Tells units by telephone.
    async fn tell(&mut self, rule: &str, units: &[&str], words: &str) {
        let be = self.be().await;
        for unit in units {
            let unit = self.app.unit(unit).await;
            let body = json!({ "unit": unit, "kind": "dien_bien", "channel": "phone", "rule": rule, "text": "x", "tlp": "amber" });
            let path = format!("/incidents/{}/steps/b5/disclosures", self.id);
            self.app.api(Some(&be), &path, body).await.is(200);
        }
        self.did(words).await;
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
        self.did("Kiểm tra xong, kết thúc xử lý (bước 10)").await;
    }

    /// Every duty of the law: what, to whom, from when, until when, how it ended, by which article.
    async fn duties(&self) -> Table {
        type Row = (String, String, String, Time, Option<Time>, String, bool, Option<Time>, String);
        let mut tx = self.app.app.db.read().await.expect("look");
        let rows: Vec<Row> = tx
            .all(
                sql!(
                    "SELECT source, title_vi, recipient, starts_at, due_at, state, late, done_at, basis_vi FROM deadlines
                      WHERE incident_id = $1 ORDER BY due_at, rule, recipient, id LIMIT 500"
                ),
                args![&self.id],
            )
            .await
            .expect("asked");
        let mut lines: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for (_, title, _, starts, due, state, late, done, basis) in rows {
            let (what, to) = split_recipient(&title);
            let minute = |time: Option<Time>| time.map(Time::to_minute).unwrap_or_default();
            let fate = match (state.as_str(), late) {
                ("done", false) => "đúng hạn",
                ("done", true) => "trễ hạn",
                ("stopped", _) => "thôi không còn phải làm",
                ("open", _) => "chưa làm",
                _ => "được miễn",
            };
            let cells = vec![what, minute(Some(starts)), minute(due), minute(done), fate.to_owned(), basis];
            match lines.iter_mut().find(|(known, _)| *known == cells) {
                Some((_, recipients)) => recipients.extend(to),
                None => lines.push((cells, to.into_iter().collect())),
            }
        }
        let mut table = Table::new(&["Việc", "Nơi nhận", "Tính từ", "Hạn", "Xong lúc", "Kết quả", "Căn cứ"]);
        for (cells, mut recipients) in lines {
            recipients.sort();
            let [what, rest @ ..] = cells.as_slice() else { continue };
            let recipients = recipients.join("; ");
            let row: Vec<&str> =
                [what.as_str(), &recipients].into_iter().chain(rest.iter().map(String::as_str)).collect();
            table.row(&row);
        }
        table
    }

    /// Compares everything with the tables of a file.
    async fn compare(&self, file: &str) {
        let place = format!("{}/tests/web/district/{file}", env!("CARGO_MANIFEST_DIR"));
        let expected = &std::fs::read_to_string(place).expect("the tables");
        table::compare("Diễn biến", &self.log, expected);
        table::compare("Nghĩa vụ theo luật", &self.duties().await, expected);
        let be = self.be().await;
        table::compare("Văn bản", &papers::list(&self.app, &be, &self.papers).await, expected);
        papers::compare_words(&self.app, &be, &self.papers, expected).await;
        self.app.assert_sound().await;
    }
}

/// What a letter is, what it says in the words of the table, and the recipient of the duty it is about.
fn read(mail: &Mail) -> (&'static str, String, Option<String>) {
    let text = mail.text();
    let mut lines = text.lines();
    let subject = lines.next().unwrap_or_default();
    let Some(ours) = subject.strip_prefix("[ungcuu] ") else {
        return ("văn bản đến", subject.to_owned(), None);
    };
    if let Some(counts) = ours.strip_prefix("Sáng nay: ") {
        let work = lines.skip_while(|line| !line.starts_with("VIỆC CHỜ")).skip(1).take_while(|line| !line.is_empty());
        let work: Vec<String> = work.filter_map(|line| line.strip_prefix("- ")).map(without_incident).collect();
        let work = if work.is_empty() { String::new() } else { format!(". Việc: {}", work.join("; ")) };
        return ("thư 7:30", format!("{counts}{work}"), None);
    }
    let words = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let words = without_incident(words);
    let urgent = subject.contains("KHẨN");
    match words.split_once(": Báo ") {
        // “Trễ 30 phút (Xã Ba Sao): …” is told to the line above.
        Some((time, rest)) => {
            let kind = if time.ends_with(')') {
                "báo lên trên"
            } else if urgent {
                "thư khẩn"
            } else {
                "thư"
            };
            let (what, to) = split_recipient(&format!("Báo {rest}"));
            (kind, format!("{time}: {what}"), to)
        }
        None => (if urgent { "thư khẩn" } else { "thư" }, words, None),
    }
}

/// Without the incident that all of it is about.
fn without_incident(words: &str) -> String {
    let Some(begins) = words.find(" – SC-").or_else(|| words.find(": SC-")) else { return words.to_owned() };
    let rest = words.get(begins..).unwrap_or_default();
    let due = rest.find(" — hạn").and_then(|at| rest.get(at..)).unwrap_or_default();
    format!("{}{due}", words.get(..begins).unwrap_or_default())
}

/// “Báo Công an tỉnh: Báo cáo ngay” as what is to be done, and for whom.
fn split_recipient(title: &str) -> (String, Option<String>) {
    match title.strip_prefix("Báo ").and_then(|rest| rest.split_once(": ")) {
        Some((to, what)) if !title.starts_with("Báo cáo") => {
            (what.to_owned(), Some(to.split(" (").next().unwrap_or(to).to_owned()))
        }
        _ => (title.to_owned(), None),
    }
}

/// What a chip says, and its colour, out of its markup behind the word for its state.
fn chip(markup: &str) -> (String, String) {
    let state = markup.split('"').next().unwrap_or_default();
    let colour = match state {
        "running" => "đang chạy",
        "due" => "vàng, sắp hết hạn",
        "late" => "đỏ, trễ",
        other => other,
    };
    let label =
        markup.split("clock-label\">").nth(1).and_then(|rest| rest.split(":</span>").next()).unwrap_or_default();
    let due = markup.split("title=\"Hạn ").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    (label.replace("&#38;", "&"), format!("{colour} (hạn {due})"))
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

#[tokio::test]
async fn under_the_law_of_2026_everything_comes_in_its_time() {
    // Tuesday 1 September 2026, the evening before National Day; hours run through holidays.
    let mut d = District::new("2026-09-01T20:00", "01/09/2026 20:10").await;
    d.until("01/09/2026 20:30").await;
    d.law(&["serious_interruption"], "", "Ghi: gián đoạn nghiêm trọng").await;
    d.until("01/09/2026 21:10").await;
    d.send("bc-ngay", "nd331_now", &["cong-an-tinh"]).await;
    d.until("02/09/2026 07:00").await;
    let leaked = ["serious_interruption", "personal_data"];
    d.law(&leaked, "2026-09-02T07:00", "Ghi: có vi phạm dữ liệu cá nhân, phát hiện lúc 07:00").await;
    d.until("02/09/2026 19:30").await;
    d.send("tb-24-gio", "nd331_24h", &["cong-an-tinh"]).await;
    d.until("04/09/2026 09:00").await;
    let breach = d.send("tb-dlcn", "l91_72h", &["cong-an-tinh"]).await;
    d.until("04/09/2026 10:00").await;
    let back = report(&d.last_letter(), "failed");
    let lan = d.app.as_login("le.thi.lan").await;
    drop_in(&d.app, &lan, "/letters/report", "report", &back).await.is(303);
    d.did("Thư gửi thông báo vi phạm dữ liệu bị trả lại: hộp thư nơi nhận đầy").await;
    d.until("04/09/2026 21:00").await;
    d.send("bc-72-gio", "nd331_72h", &["cong-an-tinh"]).await;
    d.until("05/09/2026 01:30").await;
    d.mail(&breach, "l91_72h", "cong-an-tinh").await;
    d.did("Gửi lại thông báo vi phạm dữ liệu").await;
    d.until("05/09/2026 08:00").await;
    d.rest_until("20/09/2026 08:00").await;
    d.compare("law-of-2026.md").await;
}

#[tokio::test]
async fn under_the_law_of_2017_everything_comes_in_its_time() {
    // Friday 29 December 2023: over a weekend, New Year and the change of the year's numbers.
    let all = ["ubnd-huyen", "phong-vhtt", "so-tttt", "vncert"];
    let mut d = District::new("2023-12-29T16:00", "29/12/2023 16:10").await;
    d.until("29/12/2023 17:00").await;
    d.law(&["exceeds_capability"], "", "Ghi: vượt khả năng xử lý").await;
    d.until("29/12/2023 17:20").await;
    d.send("bc-khan-cap", "qd05_emergency", &all).await;
    d.until("30/12/2023 09:00").await;
    let leaked = ["exceeds_capability", "personal_data"];
    d.law(&leaked, "2023-12-30T09:00", "Ghi: có vi phạm dữ liệu cá nhân, phát hiện lúc 09:00").await;
    d.until("30/12/2023 16:30").await;
    d.tell("qd05_dien_bien", &all, "Báo diễn biến lần 1 bằng điện thoại cho bốn nơi").await;
    d.until("31/12/2023 18:00").await;
    d.tell("qd05_dien_bien", &all, "Báo diễn biến lần 2 bằng điện thoại cho bốn nơi").await;
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
    d.did("Nộp bản giấy báo cáo kết thúc cho VNCERT, số đến 7").await;
    d.until("06/01/2024 12:00").await;
    d.rest_until("20/01/2024 08:00").await;
    d.compare("law-of-2017.md").await;
}
