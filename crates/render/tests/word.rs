//! The Word file by Decree 30/2020: what it says in its own terms, and how it looks once LibreOffice has laid it out.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::io::{Cursor, Read};
use std::process::{Command, Stdio};

use paper::{MM, Paper, assert_look};
use ungcuu_render::{Annex, Block, Column, Document, Signature, Table, to_docx};

mod paper;
mod sample;

/// One millimetre: LibreOffice rounds to its own raster.
const NEAR: f64 = MM;

const LEFT: f64 = 30.0 * MM;
const RIGHT: f64 = 195.0 * MM;
const TOP: f64 = 20.0 * MM;

fn part(docx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut content = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut content).unwrap();
    content
}

/// The markup of the paragraph that holds these words.
#[track_caller]
fn paragraph(document: &str, words: &str) -> String {
    let at = document.find(&format!(">{words}")).unwrap_or_else(|| panic!("{words:?} is not in the file"));
    let begin = document[..at].rfind("<w:p>").unwrap_or_default();
    let end = document[at..].find("</w:p>").unwrap() + at;
    document[begin..end].to_owned()
}

fn long_table(rows: usize) -> Block {
    Block::Table(Table {
        columns: vec![Column::new("Thời điểm", 2), Column::new("Việc đã làm", 6)],
        rows: (1..=rows).map(|row| vec!["07:42".to_owned(), format!("Việc thứ {row}")]).collect(),
        ..Table::default()
    })
}

/// The sample with a long annex on its side and the frame of a digital signature.
fn long_report() -> Document {
    let mut report = sample::report();
    report.form_box = None;
    report.secrecy = Some("MẬT".to_owned());
    report.annexes.insert(
        0,
        Annex {
            title: sample::strings(&["Phụ lục I", "NHẬT KÝ", "(Kèm theo Báo cáo số 07/BC-UBND)"]),
            landscape: true,
            body: vec![long_table(70)],
        },
    );
    report.annexes[1].title[0] = "Phụ lục II".to_owned();
    report.signature = report.signature.map(|signature| Signature { digital: true, ..signature });
    report
}

#[test]
fn every_section_has_the_margins_of_the_decree() {
    let document = part(&to_docx(&long_report()).unwrap(), "word/document.xml");
    let margins: Vec<&str> = document.split("<w:pgMar ").skip(1).filter_map(|rest| rest.split("/>").next()).collect();
    assert_eq!(margins.len(), 3);
    for margin in margins {
        for wanted in ["w:top=\"1134\"", "w:bottom=\"1134\"", "w:left=\"1701\"", "w:right=\"850\""] {
            assert!(margin.contains(wanted), "{margin}");
        }
    }
}

#[test]
fn sizes_are_those_of_the_decree_in_half_points() {
    let document = part(&to_docx(&long_report()).unwrap(), "word/document.xml");
    let sizes = [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 24),
        ("Độc lập - Tự do - Hạnh phúc", 26),
        ("THÀNH PHỐ CẦN THƠ", 24),
        ("Số: 07/BC-UBND", 26),
        ("Ninh Kiều, ngày 05 tháng 02 năm 2026", 26),
        ("MẬT", 26),
        ("BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG", 28),
        ("Lúc 07 giờ 42 phút", 26),
        ("Nơi nhận:", 24),
        ("Như trên;", 22),
        ("KT. CHỦ TỊCH", 26),
    ];
    for (words, size) in sizes {
        let markup = paragraph(&document, words);
        assert!(markup.contains(&format!("<w:sz w:val=\"{size}\" />")), "{words}: {markup}");
    }
    assert!(!paragraph(&document, "THÀNH PHỐ CẦN THƠ").contains("<w:b />"), "the body above is not bold");
    assert!(paragraph(&document, "Nơi nhận:").contains("<w:i />"));
    assert!(paragraph(&document, "Lúc 07 giờ 42 phút").contains("w:firstLine=\"567\""));
    assert!(paragraph(&document, "Vị trí ký số").contains("w:val=\"dashed\"") || document.contains("w:val=\"dashed\""));
}

#[test]
fn a_row_stays_on_one_page_unless_it_is_too_high_for_any() {
    let row = |text: &str| vec!["07:42".to_owned(), text.to_owned()];
    let columns = vec![Column::new("", 2), Column::new("", 6)];
    let table = Table { columns, rows: vec![row("Ngắn"), row(&"rất dài ".repeat(1_000))], ..Table::default() };
    let document = part(
        &to_docx(&Document { body: vec![Block::Table(table)], ..Document::default() }).unwrap(),
        "word/document.xml",
    );
    assert_eq!(document.matches("<w:cantSplit").count(), 1);
}

#[test]
fn libreoffice_opens_the_file_and_lays_it_out_by_the_decree() {
    let Some(paper) = laid_out(&long_report()) else { return };
    assert!(paper.pages.len() > 4);

    let name = paper.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    assert_look(&name, 12.0, true, false);
    let motto = paper.line("Độc lập");
    assert_look(&motto, 13.0, true, false);
    assert_near(motto.middle(), name.middle(), "middle of the motto");
    let (number, date) = (paper.line("Số: 07/BC-UBND"), paper.line("Ninh Kiều, ngày 05"));
    assert_look(&number, 13.0, false, false);
    assert_look(&date, 13.0, false, true);
    assert!((number.baseline - date.baseline).abs() < 2.0, "number and date stand on one row");
    let title = paper.line("BÁO CÁO BAN ĐẦU");
    assert_look(&title, 14.0, true, false);
    assert_near(title.middle(), (LEFT + RIGHT) / 2.0, "middle of the title");

    let text = paper.line("Lúc 07 giờ 42 phút");
    assert_look(&text, 13.0, false, false);
    assert_near(text.left, LEFT + 10.0 * MM, "indent of the first line");
    let first_page = paper.runs.iter().filter(|run| run.page == 1);
    assert_near(first_page.clone().map(|run| run.left).fold(f64::MAX, f64::min), LEFT, "left margin");
    assert_near(first_page.map(|run| run.right).fold(0.0, f64::max), RIGHT, "right margin");
    let (capacity, signer) = (paper.line("PHÓ CHỦ TỊCH"), paper.line("Nguyễn Thị Thuỳ Dương"));
    assert_near(capacity.middle(), signer.middle(), "middle of the signature");
    assert!(signer.baseline - capacity.baseline > 30.0 * MM, "room for the signature");
}

#[test]
fn libreoffice_counts_the_pages_of_each_part_and_repeats_the_head_of_the_table() {
    let Some(paper) = laid_out(&long_report()) else { return };
    let mut expected = 0;
    let mut heads = 0;
    for (index, (width, height)) in paper.pages.iter().enumerate() {
        let page = index + 1;
        let on_page = || paper.runs.iter().filter(move |run| run.page == page);
        let begins = page == 1 || on_page().any(|run| run.text.starts_with("Phụ lục "));
        expected = if begins { 1 } else { expected + 1 };
        let above: Vec<&str> = on_page()
            .filter(|run| run.baseline < TOP - 2.0)
            .map(|run| run.text.trim())
            .filter(|t| !t.is_empty())
            .collect();
        let wanted = expected.to_string();
        assert_eq!(above, if begins { vec![] } else { vec![wanted.as_str()] }, "page {page}");
        if width > height && on_page().any(|run| run.text.starts_with("Việc thứ")) {
            heads += 1;
            assert_eq!(on_page().filter(|run| run.text.trim() == "Việc đã làm").count(), 1, "head on page {page}");
        }
    }
    assert!(heads > 2, "the annex lies on its side and is long");
}

#[track_caller]
fn assert_near(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() <= NEAR, "{what}: {:.1} mm, not {:.1} mm", found / MM, wanted / MM);
}

/// What LibreOffice makes of the Word file; nothing where it is not installed.
fn laid_out(document: &Document) -> Option<Paper> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.docx");
    std::fs::write(&file, to_docx(document).unwrap()).unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let mut office = Command::new("soffice");
    office.args([&profile, "--headless", "--convert-to", "pdf", "--outdir"]).arg(folder.path()).arg(&file);
    let done = office.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    assert!(done.success(), "LibreOffice refuses the file");
    Some(Paper::of(&std::fs::read(folder.path().join("x.pdf")).expect("LibreOffice wrote a PDF")))
}

/// A dossier in small: a table of contents, three chapters of which the second is long, and a table among them.
fn dossier() -> Document {
    let contents = Table {
        columns: vec![Column::new("Nội dung", 5), Column::new("Trang", 1)],
        rows: (1..=3).map(|n| vec![format!("Mục lục {n}"), String::new()]).collect(),
        contents: true,
        ..Table::default()
    };
    let long = (1..=60).map(|n| Block::paragraph(format!("Đoạn {n}. {}", "Nội dung của đoạn này. ".repeat(12))));
    let mut body = vec![Block::heading(0, "MỤC LỤC"), Block::Table(contents)];
    body.extend([Block::heading(1, "CHƯƠNG MỘT"), long_table(3), Block::heading(2, "Không phải chương")]);
    body.push(Block::heading(1, "CHƯƠNG HAI"));
    body.extend(long);
    body.extend([Block::heading(1, "CHƯƠNG BA"), Block::paragraph("Hết.")]);
    Document { title: "HỒ SƠ".to_owned(), body, ..Document::default() }
}

/// What the contents say and where the chapters are.
fn assert_pages(paper: &Paper) {
    for (entry, chapter) in [("Mục lục 1", "CHƯƠNG MỘT"), ("Mục lục 2", "CHƯƠNG HAI"), ("Mục lục 3", "CHƯƠNG BA")]
    {
        // Pages are counted from 1 by people.
        let (row, page) = (paper.line(entry), paper.line(chapter).page + 1);
        let beside = |run: &&paper::Run| run.page == row.page && (run.baseline - row.baseline).abs() < 4.0;
        let said: Vec<&str> = paper.runs.iter().filter(beside).map(|run| run.text.trim()).collect();
        assert!(said.contains(&page.to_string().as_str()), "{chapter} is on page {page}, the contents say {said:?}");
    }
    assert!(paper.line("CHƯƠNG BA").page > 3, "the second chapter is long");
}

#[test]
fn the_contents_of_a_word_file_name_the_page_of_each_chapter() {
    let docx = to_docx(&dossier()).unwrap();
    let document = part(&docx, "word/document.xml");
    for n in 1..=3 {
        assert!(document.contains(&format!("PAGEREF _Chuong{n} \\h")), "{n}");
        assert!(document.contains(&format!("w:name=\"_Chuong{n}\"")), "{n}");
    }
    assert_eq!(document.matches("<w:bookmarkStart").count(), 3);
    let Some(paper) = laid_out(&dossier()) else { return };
    assert_pages(&paper);
}

#[cfg(feature = "pdf")]
#[test]
fn the_contents_of_a_pdf_name_the_page_of_each_chapter() {
    assert_pages(&Paper::of(&ungcuu_render::to_pdf(&dossier()).unwrap()));
}
