//! The documents of a district: each with its number and where it went, and every word that is printed on it.

use std::process::Command;

use serde_json::Value;
use ungcuu_kit::time::Time;

use super::table::{Table, rows_under};
use crate::report::{download, squeezed};
use crate::support::{Person, TestApp};

/// An answer to every field that is obligatory and that the records do not know.
pub fn answers(view: &Value) -> Vec<(String, String)> {
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

async fn view(app: &TestApp, who: &Person, page: &str) -> Value {
    app.get(Some(who), &format!("/api/v1{page}")).await.is(200).json()
}

fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn minute(value: &Value) -> String {
    value.as_i64().map(|at| Time(at).to_minute()).unwrap_or_else(|| words(value))
}

/// Number and symbol, kind, when it was issued, and to whom it went how, when, in time or late.
pub async fn list(app: &TestApp, who: &Person, pages: &[String]) -> Table {
    let mut table = Table::new(&[
        "Số, ký hiệu",
        "Loại văn bản",
        "Mẫu",
        "Phát hành",
        "Gửi đến",
        "Cách gửi",
        "Gửi lúc",
        "So với hạn",
    ]);
    // A handful.
    for page in pages {
        let view = view(app, who, page).await;
        let report = &view["report"];
        let form = app.app.pack.form(&words(&report["form"])).expect("a form");
        let kind = form.title.clone();
        for went in view["sends"].as_array().expect("a list") {
            let send = &went["send"];
            let party = words(&send["party"]);
            let state = words(&went["letter"]["state"]);
            let way = match (words(&send["way"]).as_str(), state.as_str()) {
                ("email", "sent") => format!("thư điện tử, {}", words(&send["address"])),
                ("email", "bounced") => format!("thư điện tử, {}, bị trả lại", words(&send["address"])),
                ("paper", _) => format!("bản giấy, {}", words(&send["receipt"])),
                (way, state) => format!("{way} {state}"),
            };
            let fate = match (went["due"].is_null(), went["late"] == true) {
                (true, _) => "không có hạn".to_owned(),
                (_, late) => format!("{}, hạn {}", if late { "trễ" } else { "đúng" }, minute(&went["due"])),
            };
            let party = party.split(" (").next().unwrap_or_default().to_owned();
            table.row(&[
                &words(&report["number"]),
                &kind,
                &form.name.vi,
                &minute(&report["issued_at"]),
                &party,
                &way,
                &minute(&send["sent_at"]),
                &fate,
            ]);
        }
    }
    table
}

/// What a PDF prints, in reading order and without white space; without the numbers of its pages, the dots of empty lines
/// and what no two runs have in common: the hash at its foot, and how many entries the journal had.
pub fn printed(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.pdf");
    std::fs::write(&file, pdf).expect("written");
    let read = Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output().expect("pdftotext");
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    let pages = (1..).zip(text.split('\u{c}'));
    let body = |(number, page): (usize, &str)| {
        page.strip_prefix(&format!("{number}\n")).filter(|_| number > 1).unwrap_or(page).to_owned()
    };
    let text: String = pages.map(body).collect();
    let lines = text.lines().map(|line| match line.split_once(", mục ") {
        Some((before, _)) if before.starts_with("Lập từ nhật ký") => before,
        _ => line,
    });
    let text = squeezed(&lines.collect::<String>());
    text.split("....").map(|part| part.trim_start_matches('.')).collect()
}

/// Every option of a document in its order: whether it is ticked, and its words.
fn ticks(block: &Value, found: &mut Vec<String>) {
    match block {
        Value::Object(fields) if fields.contains_key("ticked") => {
            let mark = if fields["ticked"] == true { "[x]" } else { "[ ]" };
            found.push(format!("{mark} {}", words(&fields["text"])));
        }
        Value::Object(fields) => fields.values().for_each(|value| ticks(value, found)),
        Value::Array(values) => values.iter().for_each(|value| ticks(value, found)),
        _ => {}
    }
}

/// Every word of every document, as it is printed and in its order, is what the table under its number says: the form's labels
/// and values, whom it goes to, who signs; and the boxes that are ticked.
pub async fn compare_words(app: &TestApp, who: &Person, pages: &[String], file: &str) {
    for page in pages {
        let view = view(app, who, page).await;
        let heading = format!("{} ({})", words(&view["report"]["number"]), words(&view["report"]["form"]));
        let rows = rows_under(&heading, file);
        let cells: Vec<&str> = rows.iter().skip(1).flat_map(|row| row.split(" | ")).map(str::trim).collect();
        let boxes: Vec<String> =
            cells.iter().filter(|cell| cell.starts_with('[')).map(|cell| (*cell).to_owned()).collect();
        let mut found = Vec::new();
        ticks(&view["document"]["body"], &mut found);
        assert_eq!(found.join("\n"), boxes.join("\n"), "the boxes of {heading}");
        let plain = cells.iter().map(|cell| cell.trim_start_matches("[x] ").trim_start_matches("[ ] "));
        let expected = squeezed(&plain.collect::<String>());
        let found = printed(&download(app, who, &format!("{page}/pdf")).await);
        let same = found.chars().zip(expected.chars()).take_while(|(found, expected)| found == expected).count();
        let near = |text: &str| text.chars().skip(same.saturating_sub(20)).take(80).collect::<String>();
        assert!(found == expected, "{heading}:\n found    …{}\n expected …{}\n", near(&found), near(&expected));
    }
}
