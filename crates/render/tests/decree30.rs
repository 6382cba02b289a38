//! Decree 30/2020, annex I, measured with a ruler on the finished paper: half a millimetre, half a point.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![cfg(feature = "pdf")]

use paper::{MM, Paper, Run, assert_look};
use ungcuu_render::{Annex, Block, Column, Document, Signature, Table, to_pdf};

mod paper;
mod sample;

/// Half a millimetre.
const NEAR: f64 = 0.5 * MM;

const LEFT: f64 = 30.0 * MM;
const RIGHT: f64 = 195.0 * MM;
const TOP: f64 = 20.0 * MM;
const BOTTOM: f64 = 277.0 * MM;

/// Height of a capital in parts of the size.
const CAPITAL: f64 = 0.66;

fn on_paper(document: &Document) -> Paper {
    Paper::of(&to_pdf(document).unwrap())
}

#[track_caller]
fn assert_near(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() <= NEAR, "{what}: {:.1} mm, not {:.1} mm", found / MM, wanted / MM);
}

#[track_caller]
fn assert_short_rule_under(paper: &Paper, line: &Run) {
    let rule = paper.rule_under(line, 14.0);
    let part = rule.length() / (line.right - line.left);
    assert!((1.0 / 3.0..=0.5).contains(&part), "the rule under {:?} is {part:.2} of it", line.text);
    assert_near(rule.middle(), line.middle(), "middle of the rule");
}

/// Enough paragraphs for more than two pages.
fn long_text() -> Vec<Block> {
    let text = "Đơn vị vận hành hệ thống thông tin phối hợp với đơn vị chuyên trách về ứng cứu sự cố rà soát toàn bộ máy chủ, máy trạm và thiết bị mạng trong phạm vi quản lý, sao chép nhật ký, đối chiếu bản sao lưu gần nhất, lập biên bản từng việc đã làm và báo cáo kết quả về Uỷ ban nhân dân phường trước khi đưa hệ thống trở lại hoạt động bình thường.";
    (1..=30).map(|number| Block::paragraph(format!("{number}. {text}"))).collect()
}

fn long_table(rows: usize) -> Block {
    Block::Table(Table {
        columns: vec![Column::new("Thời điểm", 2), Column::new("Việc đã làm", 6), Column::new("Người làm", 3)],
        rows: (1..=rows)
            .map(|row| vec!["07:42".to_owned(), format!("Việc thứ {row}"), "Trần Văn Bé".to_owned()])
            .collect(),
        ..Table::default()
    })
}

#[test]
fn the_page_is_a4_with_margins_of_20_20_30_and_15_millimetres() {
    let paper = on_paper(&Document { body: long_text(), ..sample::report() });
    assert!(paper.pages.len() > 3, "{} pages", paper.pages.len());
    for (number, (width, height)) in (1..).zip(&paper.pages[..paper.pages.len() - 1]) {
        assert_near(*width, 210.0 * MM, "width of the page");
        assert_near(*height, 297.0 * MM, "height of the page");
        let body: Vec<&Run> = paper.runs.iter().filter(|run| run.page == number && run.baseline > TOP).collect();
        let edge =
            |best: fn(f64, f64) -> f64, of: fn(&Run) -> f64| body.iter().map(|run| of(run)).reduce(best).unwrap();
        assert_near(edge(f64::min, |run| run.left), LEFT, "left margin");
        assert_near(edge(f64::max, |run| run.right), RIGHT, "right margin");
        if number > 1 {
            assert_near(edge(f64::min, |run| run.baseline - CAPITAL * run.size), TOP, "top margin");
        }
        assert!(edge(f64::max, |run| run.baseline) <= BOTTOM + NEAR, "page {number} runs into the bottom margin");
    }
}

#[test]
fn national_name_and_motto_stand_at_the_top_right_with_a_rule_as_long_as_the_motto() {
    let paper = on_paper(&Document { form_box: None, ..sample::report() });
    let name = paper.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    let motto = paper.line("Độc lập - Tự do - Hạnh phúc");
    assert_look(&name, 12.0, true, false);
    assert_look(&motto, 13.0, true, false);
    assert_near(motto.middle(), name.middle(), "middle of the motto");
    assert!(name.left > 100.0 * MM && name.right <= RIGHT + NEAR, "in the right half");
    assert_near(name.baseline - CAPITAL * name.size, TOP, "first line of the page");
    let rule = paper.rule_under(&motto, 12.0);
    assert_near(rule.left, motto.left, "left end of the rule");
    assert_near(rule.right, motto.right, "right end of the rule");
}

#[test]
fn the_issuing_body_is_bold_under_the_body_above_it_with_a_short_rule() {
    let paper = on_paper(&Document { form_box: None, ..sample::report() });
    let parent = paper.line("THÀNH PHỐ CẦN THƠ");
    assert_look(&parent, 12.0, false, false);
    let last = paper.line("PHƯỜNG NINH KIỀU");
    let first = paper.line("UỶ BAN NHÂN DÂN");
    assert_look(&first, 12.0, true, false);
    assert_look(&last, 12.0, true, false);
    for line in [&first, &last] {
        assert_near(line.middle(), parent.middle(), "middle of the issuing body");
    }
    assert!(parent.right < 105.0 * MM, "in the left half");
    let widest =
        if first.right > last.right { first } else { Run { left: last.left, right: last.right, ..last.clone() } };
    let rule = paper.rule_under(&last, 14.0);
    let part = rule.length() / (widest.right - widest.left);
    assert!((1.0 / 3.0..=0.5).contains(&part), "the rule is {part:.2} of the issuing body");
}

#[test]
fn number_and_date_stand_on_one_row_upright_and_in_italics() {
    let paper = on_paper(&Document { form_box: None, ..sample::report() });
    let number = paper.line("Số: 07/BC-UBND");
    let date = paper.line("Ninh Kiều, ngày 05 tháng 02 năm 2026");
    assert_look(&number, 13.0, false, false);
    assert_look(&date, 13.0, false, true);
    assert!((number.baseline - date.baseline).abs() < 0.5);
    assert_near(number.middle(), paper.line("THÀNH PHỐ CẦN THƠ").middle(), "middle of the number");
    assert_near(date.middle(), paper.line("Độc lập").middle(), "middle of the date");
}

#[test]
fn secrecy_and_urgency_are_framed_under_the_number_one_below_the_other() {
    let document = Document { form_box: None, secrecy: Some("MẬT".to_owned()), ..sample::report() };
    let paper = on_paper(&document);
    let number = paper.line("Số: 07/BC-UBND");
    let (secrecy, urgency) = (paper.line("MẬT"), paper.line("KHẨN"));
    assert!(number.baseline < secrecy.baseline && secrecy.baseline < urgency.baseline);
    for mark in [&secrecy, &urgency] {
        assert_look(mark, 13.0, true, false);
        assert_near(mark.middle(), number.middle(), "middle of the mark");
        let around = |stroke: &&paper::Stroke| {
            stroke.page == mark.page && stroke.left < mark.left && stroke.right > mark.right && stroke.is_level()
        };
        let above = paper.strokes.iter().filter(around).filter(|s| (0.0..20.0).contains(&(mark.baseline - s.top)));
        let below = paper.strokes.iter().filter(around).filter(|s| (0.0..12.0).contains(&(s.top - mark.baseline)));
        assert!(above.count() == 1 && below.count() == 1, "{:?} has no frame", mark.text);
    }
}

#[test]
fn type_and_subject_are_bold_in_the_middle_of_the_page_with_a_short_rule() {
    let paper = on_paper(&sample::report());
    let title = paper.line("BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG");
    let subject = paper.line("Về sự cố mã hóa dữ liệu");
    assert_look(&title, 14.0, true, false);
    assert_look(&subject, 13.0, true, false);
    for line in [&title, &subject] {
        assert_near(line.middle(), (LEFT + RIGHT) / 2.0, "middle of the page");
    }
    assert_short_rule_under(&paper, &subject);
}

#[test]
fn a_letter_has_its_subject_small_under_the_number_and_no_title() {
    let paper = on_paper(&sample::letter());
    let number = paper.line("Số: ………");
    let subject = paper.line("V/v đề nghị hỗ trợ");
    assert_look(&subject, 12.0, false, false);
    assert_near(subject.middle(), number.middle(), "middle of the subject");
    assert!((8.0..30.0).contains(&(subject.baseline - number.baseline)), "right under the number");
    assert!(paper.runs.iter().all(|run| run.size < 13.6), "a letter has no title");
}

#[test]
fn one_addressee_stands_on_the_line_of_kinh_gui_and_several_below_it() {
    let one = on_paper(&sample::letter()).line("Kính gửi: Công an thành phố Cần Thơ");
    assert_look(&one, 13.0, false, false);
    assert_near(one.middle(), (LEFT + RIGHT) / 2.0, "middle of the page");
    let paper = on_paper(&sample::report());
    let to = paper.line("Kính gửi:");
    let first = paper.line("- Công an thành phố Cần Thơ;");
    let last = paper.line("- Sở Khoa học và Công nghệ thành phố Cần Thơ.");
    assert!(to.baseline < first.baseline && first.baseline < last.baseline);
    assert!(first.left > to.left && (first.left - last.left).abs() < 0.5);
}

#[test]
fn legal_bases_are_in_italics_one_to_a_paragraph() {
    let paper = on_paper(&sample::report());
    for words in ["Căn cứ Quyết định", "Theo đề nghị của Đội ứng cứu sự cố."] {
        let basis = paper.line(words);
        assert_look(&basis, 13.0, false, true);
        assert_near(basis.left, LEFT + 10.0 * MM, "indent of a basis");
    }
}

#[test]
fn the_body_is_13_points_justified_with_an_indent_of_a_centimetre_and_a_gap_of_6_points() {
    let paper = on_paper(&Document { body: long_text(), bases: Vec::new(), ..sample::report() });
    let first = paper.line("2. Đơn vị vận hành");
    assert_look(&first, 13.0, false, false);
    assert_near(first.left, LEFT + 10.0 * MM, "indent of the first line");
    assert_near(first.right, RIGHT, "right edge of a justified line");
    let lines = lines_below(&paper, &first);
    assert_near(lines[1].left, LEFT, "left edge of the second line");
    let pitch = lines[1].baseline - lines[0].baseline;
    // Single spacing of Times New Roman is 1.15 of the size.
    assert!((1.15 * 13.0 - 0.5..=1.5 * 1.15 * 13.0).contains(&pitch), "lines are {pitch:.1} points apart");
    let next = paper.line("3. Đơn vị vận hành");
    let last = lines.iter().rfind(|line| line.baseline < next.baseline - 1.0).unwrap();
    let gap = next.baseline - last.baseline - pitch;
    assert!(gap >= 5.9, "paragraphs are {gap:.1} points apart");
}

/// The lines of the page from this one on, each as its first run with the right end of its last.
fn lines_below(paper: &Paper, first: &Run) -> Vec<Run> {
    let mut lines: Vec<Run> = Vec::new();
    let runs = paper.runs.iter().filter(|run| run.page == first.page && run.baseline >= first.baseline - 0.5);
    for run in runs {
        match lines.last_mut() {
            Some(line) if (line.baseline - run.baseline).abs() < 2.0 => {
                line.left = line.left.min(run.left);
                line.right = line.right.max(run.right);
            }
            _ => lines.push(run.clone()),
        }
    }
    lines
}

#[test]
fn each_part_counts_its_own_pages_in_the_top_margin_and_shows_no_number_on_its_first() {
    let annex = |number: &str, landscape: bool, body: Vec<Block>| Annex {
        title: sample::strings(&[number, "TÊN PHỤ LỤC", "(Kèm theo Báo cáo số 07/BC-UBND ngày 05 tháng 02 năm 2026)"]),
        landscape,
        body,
    };
    let paper = on_paper(&Document {
        body: long_text(),
        annexes: vec![
            annex("Phụ lục I", false, long_text()),
            annex("Phụ lục II", true, vec![long_table(60)]),
            annex("Phụ lục III", false, vec![Block::paragraph("Hết.")]),
        ],
        ..sample::report()
    });
    let mut expected = 0;
    for (index, (width, _)) in paper.pages.iter().enumerate() {
        let page = index + 1;
        let begins = page == 1 || paper.runs.iter().any(|run| run.page == page && run.text.starts_with("Phụ lục "));
        expected = if begins { 1 } else { expected + 1 };
        let above: Vec<&Run> = paper.runs.iter().filter(|run| run.page == page && run.baseline < TOP - NEAR).collect();
        if begins {
            assert!(above.is_empty(), "page {page} is a first page and shows {above:?}");
            continue;
        }
        let [number] = above.as_slice() else { panic!("in the top margin of page {page}: {above:?}") };
        assert_eq!(number.text.trim(), expected.to_string(), "page {page}");
        assert_look(number, 13.0, false, false);
        assert_near(number.middle(), (LEFT + width - 15.0 * MM) / 2.0, "middle of the page number");
    }
    assert!(paper.pages.len() > 8, "{} pages", paper.pages.len());
}

#[test]
fn an_annex_has_its_number_and_title_bold_and_its_reference_in_italics() {
    let paper = on_paper(&sample::report());
    assert_look(&paper.line("Phụ lục I"), 13.0, true, false);
    assert_look(&paper.line("DIỄN BIẾN VÀ THIỆT HẠI"), 13.0, true, false);
    let reference = paper.line("(Kèm theo Báo cáo");
    assert_look(&reference, 13.0, false, true);
    // The annex lies on its side, with the same margins.
    assert_near(reference.middle(), (LEFT + 282.0 * MM) / 2.0, "middle of the landscape page");
}

#[test]
fn a_long_table_of_a_landscape_annex_fills_the_page_and_repeats_its_head() {
    let annex = Annex { title: sample::strings(&["Phụ lục I"]), landscape: true, body: vec![long_table(80)] };
    let paper = on_paper(&Document { annexes: vec![annex], body: Vec::new(), ..sample::report() });
    let turned: Vec<usize> = (1..).zip(&paper.pages).filter(|(_, (w, h))| w > h).map(|(page, _)| page).collect();
    assert!(turned.len() > 2, "{} pages on their side", turned.len());
    for page in turned {
        let heads = paper.runs.iter().filter(|run| run.page == page && run.text.trim() == "Việc đã làm");
        assert_eq!(heads.count(), 1, "heads of the table on page {page}");
        let level = paper.strokes.iter().filter(|stroke| stroke.page == page && stroke.is_level());
        let (left, right) = level.fold((f64::MAX, 0.0), |(l, r), s| (s.left.min(l), s.right.max(r)));
        assert_near(left, LEFT, "left edge of the table");
        assert_near(right, 282.0 * MM, "right edge of the table");
    }
}

#[test]
fn a_row_of_a_table_stays_on_one_page_and_one_higher_than_a_page_is_printed_whole() {
    let row = |number: usize| vec![format!("{number:03}a"), format!("{number:03}b\n{number:03}c\n{number:03}d")];
    let columns = vec![Column::new("Đầu", 1), Column::new("Việc", 3)];
    let mut rows: Vec<Vec<String>> = (1..=60).map(row).collect();
    rows.push(vec!["cao".to_owned(), (1..=200).map(|line| format!("dòng-{line}\n")).collect()]);
    let table = Block::Table(Table { columns, rows, ..Table::default() });
    let paper = on_paper(&Document { body: vec![table], ..Document::default() });
    for number in 1..=60 {
        let page = |sign: char| paper.line(&format!("{number:03}{sign}")).page;
        assert!(['b', 'c', 'd'].into_iter().all(|sign| page(sign) == page('a')), "row {number} is torn");
    }
    assert!(paper.pages.len() > 5);
    assert!((1..=200).all(|line| paper.find_line(&format!("dòng-{line}")).is_some()), "lines of the high row are lost");
}

#[test]
fn recipients_stand_on_the_left_under_a_bold_italic_line_and_the_last_is_the_file() {
    let paper = on_paper(&sample::report());
    let title = paper.line("Nơi nhận:");
    assert_look(&title, 12.0, true, true);
    let lines = ["- Như trên;", "- Thường trực Đảng uỷ phường", "- Các thành viên Đội ứng cứu;", "- Lưu: VT, VHXH."];
    let mut above = title.baseline;
    for words in lines {
        let line = paper.line(words);
        assert_look(&line, 11.0, false, false);
        assert_near(line.left, LEFT, "left edge of a recipient");
        assert!(line.baseline > above);
        above = line.baseline;
    }
}

#[test]
fn every_kind_of_capacity_stands_in_bold_capitals_above_the_room_for_the_signature_and_the_name() {
    let kinds: [&[&str]; 5] = [
        &["TM. UỶ BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
        &["Q. CHỦ TỊCH"],
        &["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"],
        &["TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG"],
        &["CHỦ TỊCH"],
    ];
    for capacity in kinds {
        let name = "Nguyễn Thị Thuỳ Dương";
        let signature =
            Signature { capacity: sample::strings(capacity), name: Some(name.to_owned()), ..Signature::default() };
        let paper = on_paper(&Document { signature: Some(signature), ..sample::letter() });
        let name = paper.line(name);
        assert_look(&name, 13.0, true, false);
        for words in capacity {
            let line = paper.line(words);
            assert_look(&line, 13.0, true, false);
            assert_near(line.middle(), name.middle(), "middle of the signature");
            assert!(line.left > 100.0 * MM, "in the right half");
        }
        let room = name.baseline - CAPITAL * 13.0 - paper.line(capacity[capacity.len() - 1]).baseline;
        assert!(room >= 25.0 * MM - NEAR, "{:.0} mm are left for pen and seal", room / MM);
    }
}

#[test]
fn a_digital_signature_has_a_frame_of_70_by_30_millimetres_between_capacity_and_name() {
    let signature = Signature {
        capacity: sample::strings(&["CHỦ TỊCH"]),
        name: Some("Nguyễn Thị Thuỳ Dương".to_owned()),
        digital: true,
        ..Signature::default()
    };
    let paper = on_paper(&Document { signature: Some(signature), ..sample::letter() });
    let (capacity, name) = (paper.line("CHỦ TỊCH"), paper.line("Nguyễn Thị Thuỳ Dương"));
    let within =
        |stroke: &&paper::Stroke| stroke.top > capacity.baseline && stroke.bottom < name.baseline - CAPITAL * 13.0;
    let frame: Vec<_> = paper.strokes.iter().filter(within).collect();
    let (left, right) = frame.iter().fold((f64::MAX, 0.0), |(l, r), s| (s.left.min(l), s.right.max(r)));
    let (top, bottom) = frame.iter().fold((f64::MAX, 0.0), |(t, b), s| (s.top.min(t), s.bottom.max(b)));
    assert_near(right - left, 70.0 * MM, "width of the frame");
    assert_near(bottom - top, 30.0 * MM, "height of the frame");
    assert_near((left + right) / 2.0, name.middle(), "middle of the frame");
    assert_eq!(paper.line("Vị trí ký số").page, name.page);
}
