//! Looks into finished files: the PDF with poppler's tools, the Word file with its archive.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::io::{Cursor, Read};

use ungcuu_render::{Align, Block, Column, Document, Table, to_docx};

mod sample;

/// Labels and values of the sample in the order in which they are read.
const READING_ORDER: [&str; 27] = [
    "Mẫu số 03",
    "UỶ BAN NHÂN DÂN",
    "Số: 07/BC-UBND",
    "KHẨN",
    "BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG",
    "Kính gửi:",
    "- Công an thành phố Cần Thơ;",
    "- Sở Khoa học và Công nghệ thành phố Cần Thơ.",
    "Theo đề nghị của Đội ứng cứu sự cố.",
    "Tên tổ chức/cá nhân báo cáo sự cố (*): Uỷ ban nhân dân phường Ninh Kiều",
    "Địa chỉ (*): Số 215 đường Nguyễn Trãi",
    "Điện thoại (*):",
    "1. Mô tả sơ bộ",
    "- Cô lập máy chủ tệp và hai máy trạm;",
    "b) Đối chiếu bản sao lưu đêm 03/02.",
    "Hiện trạng sự cố (*)",
    "Chưa được xử lý",
    "Kiểm tra dữ liệu lưu lại (Log File)",
    "Cấp độ 5",
    "PHẦN THỨ HAI",
    "Tổng số",
    "97.500.000",
    "TM. UỶ BAN NHÂN DÂN",
    "Nguyễn Thị Thuỳ Dương",
    "Ghi chú:",
    "DIỄN BIẾN VÀ THIỆT HẠI",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
];

fn assert_order(text: &str, expected: &[&str]) {
    let mut rest = text;
    for words in expected {
        let Some(at) = rest.find(words) else { panic!("{words:?} is missing or out of order in:\n{text}") };
        rest = &rest[at + words.len()..];
    }
}

fn word_part(docx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut content = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut content).unwrap();
    content
}

/// The words of a part, one paragraph per line.
fn word_text(docx: &[u8], name: &str) -> String {
    let mut text = String::new();
    for piece in word_part(docx, name).split('<').skip(1) {
        match piece.split_once('>') {
            Some((tag, words)) if tag.starts_with("w:t ") => text.push_str(words),
            Some(("/w:p", _)) => text.push('\n'),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

fn with_body(body: Vec<Block>) -> Document {
    Document { title: "BÁO CÁO".to_owned(), body, ..Document::default() }
}

fn long_table(rows: usize, repeat_head: bool) -> Block {
    Block::Table(Table {
        columns: vec![
            Column::new("Thời điểm", 2),
            Column::new("Hành động của người trực", 5),
            Column::new("Dòng", 1).aligned(Align::Right),
        ],
        rows: (1..=rows).map(|row| vec!["07:42".to_owned(), format!("Việc thứ {row}."), row.to_string()]).collect(),
        repeat_head,
        ..Table::default()
    })
}

const HOSTILE: &str =
    "#import \"@preview/x:1.0.0\" $x^2$ *đậm* @nhan <lab> \\ [a] `b` </w:t></w:p> &amp; {{ x }} // hết";

#[test]
fn a_word_file_has_the_words_in_reading_order() {
    let docx = to_docx(&sample::report()).unwrap();
    assert_order(&word_text(&docx, "word/document.xml"), &READING_ORDER);
    assert!(word_text(&docx, "word/document.xml").contains("☑ Chưa được xử lý"));
    assert!(word_text(&docx, "word/document.xml").contains("☐ Đã được xử lý"));
}

#[test]
fn a_word_file_turns_only_the_pages_of_the_annex() {
    let document = word_part(&to_docx(&sample::report()).unwrap(), "word/document.xml");
    assert_order(
        &document,
        &[
            "<w:pgSz w:w=\"11906\" w:h=\"16838\" w:orient=\"portrait\"",
            "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"",
        ],
    );
    assert_eq!(document.matches("<w:titlePg").count(), 2, "each part hides the number of its first page");
}

#[test]
fn a_word_table_repeats_its_head_unless_told_not_to() {
    let heads = |repeat| {
        let docx = to_docx(&with_body(vec![long_table(3, repeat)])).unwrap();
        word_part(&docx, "word/document.xml").matches("<w:tblHeader />").count()
    };
    assert_eq!((heads(true), heads(false)), (1, 0));
}

#[test]
fn a_word_file_shows_hostile_text_as_it_is() {
    let docx = to_docx(&with_body(vec![Block::field("Tệp", true, Some(HOSTILE.to_owned()))])).unwrap();
    assert!(word_text(&docx, "word/document.xml").contains(HOSTILE));
}

#[test]
fn the_same_document_gives_the_same_word_file() {
    let first = to_docx(&sample::report()).unwrap();
    to_docx(&sample::letter()).unwrap();
    assert_eq!(first, to_docx(&sample::report()).unwrap());
    let mut archive = zip::ZipArchive::new(Cursor::new(first)).unwrap();
    let year = |index| archive.by_index(index).unwrap().last_modified().unwrap().year();
    assert!((0..10).map(year).all(|year| year == 1980), "no clock in the archive");
}

#[test]
fn a_document_survives_the_way_through_json() {
    let json = serde_json::to_string(&sample::report()).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), sample::report());
}

#[cfg(not(feature = "pdf"))]
#[test]
fn without_the_feature_a_pdf_is_refused_in_words() {
    let error = ungcuu_render::to_pdf(&sample::letter()).unwrap_err();
    assert_eq!(error.to_string(), "this program was built without PDF");
}

#[cfg(feature = "pdf")]
mod pdf {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;
    use ungcuu_render::{Annex, Choice, FieldRow, Head, pdf_font, to_pdf};

    /// Gives a PDF to one of poppler's programs and reads the answer.
    fn ask(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pdf).unwrap();
        let path = file.path().to_str().unwrap();
        let mut command = Command::new(program);
        if program == "pdftotext" {
            command.args(arguments).args([path, "-"]);
        } else {
            command.args(arguments).arg(path);
        }
        let output = command.stderr(Stdio::null()).output().expect("poppler-utils are installed");
        assert!(output.status.success(), "{program} refuses the file");
        String::from_utf8(output.stdout).unwrap()
    }

    fn text(pdf: &[u8]) -> String {
        ask("pdftotext", &["-layout"], pdf)
    }

    #[test]
    fn a_pdf_has_the_words_in_reading_order() {
        let pdf = to_pdf(&sample::report()).unwrap();
        assert_order(&text(&pdf), &READING_ORDER);
        assert!(text(&pdf).contains("Ninh Kiều, ngày 05 tháng 02 năm 2026"));
    }

    #[test]
    fn a_pdf_is_written_in_one_family_and_all_of_it_is_inside() {
        let fonts = ask("pdffonts", &[], &to_pdf(&sample::report()).unwrap());
        let rows: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!rows.is_empty());
        for row in rows {
            let name = row.split_whitespace().next().unwrap().split('+').nth(1).unwrap();
            let family: String = pdf_font().chars().filter(|sign| *sign != ' ').collect();
            assert!(name.starts_with(&family) || name.starts_with("TimesNewRoman"), "{name} is not of {family}");
            assert!(row.contains(" yes yes yes"), "not embedded: {row}");
        }
    }

    #[test]
    fn pages_are_a4_and_the_annex_lies_on_its_side() {
        let pages = ask("pdfinfo", &["-f", "1", "-l", "9"], &to_pdf(&sample::report()).unwrap());
        let sizes: Vec<&str> =
            pages.lines().filter(|line| line.contains("size:") && line.starts_with("Page ")).collect();
        let (annex, portrait) = sizes.split_last().unwrap();
        assert!(
            annex.contains("841.89 x 595.276") && portrait.iter().all(|size| size.contains("595.276 x 841.89")),
            "{sizes:?}"
        );
    }

    #[test]
    fn a_pdf_says_that_it_is_made_for_the_archive() {
        let pdf = to_pdf(&sample::report()).unwrap();
        let has = |words: &[u8]| pdf.windows(words.len()).any(|window| window == words);
        assert!(has(b"<pdfaid:part>2</pdfaid:part>") && has(b"<pdfaid:conformance>B</pdfaid:conformance>"));
    }

    #[test]
    fn the_first_page_of_each_part_has_no_number() {
        let mut document = with_body(vec![long_table(60, true)]);
        document.annexes =
            vec![Annex {
                title: sample::strings(&["Phụ lục"]), landscape: false, body: vec![long_table(60, true)]
            }];
        let text = text(&to_pdf(&document).unwrap());
        let first_lines: Vec<&str> =
            text.split('\u{C}').map(|page| page.trim().lines().next().unwrap_or_default()).collect();
        assert_eq!(first_lines[..4], ["BÁO CÁO", "2", "Phụ lục", "2"]);
    }

    #[test]
    fn the_line_at_the_foot_stands_on_the_last_page_and_never_takes_one_of_its_own() {
        let foot =
            "Lập từ nhật ký sự cố SC-2026-0001, mục 43, mã băm c76d943ba38465f00f42b7a2cd0d7eb68823466681ced2abf";
        // Twenty to forty lines: somewhere among them the words end with the page.
        for lines in 20..40 {
            let body = (0..lines).map(|number| Block::paragraph(format!("Dòng thứ {number}."))).collect();
            let document = Document { foot: Some(foot.to_owned()), ..with_body(body) };
            let text = text(&to_pdf(&document).unwrap());
            let pages: Vec<&str> = text.split('\u{C}').filter(|page| !page.trim().is_empty()).collect();
            let last = pages.last().unwrap();
            assert!(last.contains("Lập từ nhật ký"), "{lines}: {last}");
            assert_eq!(text.matches("Lập từ nhật ký").count(), 1, "{lines}");
            assert!(last.contains("Dòng thứ"), "{lines}: a page for the foot alone:\n{last}");
        }
    }

    #[test]
    fn hostile_text_is_printed_and_not_obeyed() {
        let body = vec![
            Block::paragraph(HOSTILE),
            Block::field("Tệp", true, Some("hoadon\u{202E}fdp.exe và אבג \u{200B}\u{FEFF}\u{0}木".to_owned())),
            Block::paragraph("Dòng một\r\nDòng hai"),
        ];
        let text = ask("pdftotext", &["-raw"], &to_pdf(&with_body(body)).unwrap());
        let text = text.replace('\n', " ");
        assert!(
            text.contains("#import \"@preview/x:1.0.0\" $x^2$ *đậm* @nhan <lab> \\ [a] `b` </w:t></w:p>"),
            "{text}"
        );
        assert!(text.contains("hoadon[U+202E]fdp.exe"), "{text}");
        assert!(text.contains("[U+6728]") && text.contains("Dòng một Dòng hai"), "{text}");
    }

    #[test]
    fn fifty_thousand_signs_fit_with_and_without_spaces() {
        let spaced = "Mã độc lan rộng. ".repeat(3_000);
        let solid = "0123456789abcdef".repeat(3_125);
        let cell = "0123456789abcdef".repeat(300);
        let columns = vec![Column::new("A", 1), Column::new("B", 4)];
        let body = vec![
            Block::field("Mô tả", true, Some(spaced)),
            Block::field("Mã băm", false, Some(solid)),
            Block::Table(Table { columns, rows: vec![vec![cell, "Việc".to_owned()]], ..Table::default() }),
        ];
        let pdf = to_pdf(&with_body(body)).unwrap();
        // Only what stands between the margins is read, so signs that run over the edge would be missing.
        let text = ask("pdftotext", &["-raw", "-x", "84", "-y", "0", "-W", "470", "-H", "842"], &pdf);
        let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        assert!(text.matches("lanrộng.").count() >= 2_980, "words are lost");
        assert!(text.matches("0123456789abcdef").count() >= 3_380, "signs are lost");
    }

    #[test]
    fn a_table_of_300_rows_repeats_its_head_on_every_page() {
        let text = text(&to_pdf(&with_body(vec![long_table(300, true)])).unwrap());
        let pages: Vec<&str> = text.split('\u{C}').filter(|page| !page.trim().is_empty()).collect();
        assert!(
            pages.len() > 5 && pages.iter().all(|page| page.contains("Hành động của người trực")),
            "{}",
            pages.len()
        );
        assert!(text.contains("Việc thứ 300."));
    }

    #[test]
    fn the_same_document_gives_the_same_pdf() {
        let first = to_pdf(&sample::report()).unwrap();
        to_pdf(&sample::letter()).unwrap();
        assert_eq!(first, to_pdf(&sample::report()).unwrap());
    }

    #[test]
    fn empty_and_odd_parts_do_not_break_a_document() {
        to_pdf(&Document::default()).unwrap();
        let mut odd = with_body(vec![
            Block::heading(9, ""),
            Block::Choices { label: String::new(), obligatory: false, options: Vec::new(), columns: 0 },
            Block::Table(Table::default()),
            Block::Table(Table { columns: vec![Column::new("", 0)], total: true, ..Table::default() }),
            Block::FieldTable { rows: vec![FieldRow { options: vec![Choice::new("", true)], ..FieldRow::default() }] },
            Block::PageBreak,
            Block::PageBreak,
        ]);
        odd.head = Some(Head { date: Some(ungcuu_render::Date { year: 0, month: 13, day: 0 }), ..Head::default() });
        odd.annexes = vec![Annex::default()];
        odd.form_box = Some(Vec::new());
        to_pdf(&odd).unwrap();
        to_docx(&odd).unwrap();
    }

    #[test]
    fn a_letter_has_its_subject_under_the_number_and_a_form_its_date_above_the_signature() {
        let letter = text(&to_pdf(&sample::letter()).unwrap());
        assert_order(
            &letter,
            &["Số: ………", "V/v đề nghị hỗ trợ", "Kính gửi: Công an thành phố Cần Thơ", "Trân trọng", "CHỦ TỊCH"],
        );
        let form = text(&to_pdf(&sample::form()).unwrap());
        assert_order(&form, &["Mẫu số 05", "Độc lập", "BÁO CÁO", "Tổng số", "ngày …… tháng", "NGƯỜI ĐẠI DIỆN"]);
    }
}
