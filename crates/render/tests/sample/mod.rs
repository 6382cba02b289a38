//! A document that uses every part, in Vietnamese, for the tests and the example. Names and words are invented.

use ungcuu_render::{
    Align, Annex, Block, Choice, Column, Date, Document, FieldRow, Head, Language, Marker, Paragraph, Signature, Table,
};

pub fn motto() -> Vec<String> {
    strings(&["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"])
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn head() -> Head {
    Head {
        parent: Some("THÀNH PHỐ CẦN THƠ".to_owned()),
        body: "UỶ BAN NHÂN DÂN PHƯỜNG NINH KIỀU".to_owned(),
        number: Some("07/BC-UBND".to_owned()),
        place: "Ninh Kiều".to_owned(),
        date: Some(Date { year: 2026, month: 2, day: 5 }),
        motto: motto(),
        ..Head::default()
    }
}

/// A report with a form box, all kinds of blocks, and a landscape annex.
pub fn report() -> Document {
    Document {
        form_box: Some(strings(&["Mẫu số 03", "Ban hành kèm theo Thông tư số 20/2017/TT-BTTTT ngày 12/9/2017"])),
        head: Some(head()),
        urgency: Some("KHẨN".to_owned()),
        title: "BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG".to_owned(),
        subject: "Về sự cố mã hóa dữ liệu tại Bộ phận Một cửa".to_owned(),
        to: strings(&["Công an thành phố Cần Thơ", "Sở Khoa học và Công nghệ thành phố Cần Thơ"]),
        bases: strings(&[
            "Căn cứ Quyết định số 05/2017/QĐ-TTg ngày 16 tháng 3 năm 2017 của Thủ tướng Chính phủ ban hành quy định về hệ thống phương án ứng cứu khẩn cấp",
            "Theo đề nghị của Đội ứng cứu sự cố",
        ]),
        body: body(),
        signature: Some(Signature {
            capacity: strings(&["TM. UỶ BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
            note: Some("(Ký tên, đóng dấu)".to_owned()),
            name: Some("Nguyễn Thị Thuỳ Dương".to_owned()),
            ..Signature::default()
        }),
        recipients: strings(&["Như trên", "Thường trực Đảng uỷ phường (để báo cáo)", "Các thành viên Đội ứng cứu", "Lưu: VT, VHXH."]),
        notes: strings(&["1. (*) là nội dung bắt buộc, phần còn lại có thể bỏ trống nếu không biết."]),
        annexes: vec![Annex {
            title: strings(&["Phụ lục I", "DIỄN BIẾN VÀ THIỆT HẠI", "(Kèm theo Báo cáo số 07/BC-UBND ngày 05 tháng 02 năm 2026)"]),
            landscape: true,
            body: vec![Block::paragraph("Bảng dưới đây được lập từ nhật ký sự cố."), numbers_table()],
        }],
        foot: Some("Lập từ nhật ký sự cố SC-2026-0007, dòng 41, mã băm 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
        ..Document::default()
    }
}

fn body() -> Vec<Block> {
    vec![
        Block::heading(1, "I. THÔNG TIN VỀ TỔ CHỨC BÁO CÁO SỰ CỐ"),
        Block::field("Tên tổ chức/cá nhân báo cáo sự cố", true, Some("Uỷ ban nhân dân phường Ninh Kiều".to_owned())),
        Block::field(
            "Địa chỉ:",
            true,
            Some("Số 215 đường Nguyễn Trãi, phường Ninh Kiều, thành phố Cần Thơ".to_owned()),
        ),
        Block::field("Điện thoại", true, None),
        Block::field("Chức vụ", false, Some(String::new())),
        Block::heading(2, "1. Mô tả sơ bộ"),
        Block::paragraph(
            "Lúc 07 giờ 42 phút ngày 04 tháng 02 năm 2026, cán bộ Bộ phận Một cửa không mở được hồ sơ điện tử; tất cả tệp trong thư mục dùng chung mang đuôi lạ .khoa và một tệp đòi tiền chuộc xuất hiện trên màn hình nền. Máy chủ tệp đã được rút khỏi mạng nội bộ lúc 08 giờ 05 phút, nguồn điện được giữ nguyên để không làm mất dấu vết trong bộ nhớ.",
        ),
        Block::heading(3, "a) Việc đã làm"),
        Block::List {
            marker: Marker::Dash,
            items: strings(&["Cô lập máy chủ tệp và hai máy trạm;", "Thông báo cho đơn vị chuyên trách."]),
        },
        Block::List {
            marker: Marker::Letter,
            items: strings(&["Sao chép nhật ký;", "Đối chiếu bản sao lưu đêm 03/02."]),
        },
        Block::Choices {
            label: "Hiện trạng sự cố".to_owned(),
            obligatory: true,
            options: vec![Choice::new("Đã được xử lý", false), Choice::new("Chưa được xử lý", true)],
            columns: 2,
        },
        Block::Choices {
            label: "Cách thức phát hiện (*) (đánh dấu những cách thức được sử dụng)".to_owned(),
            obligatory: true,
            options: vec![
                Choice::new("Qua hệ thống phát hiện xâm nhập", false),
                Choice::new("Kiểm tra dữ liệu lưu lại (Log File)", true),
                Choice::new(
                    "Nhận được thông báo từ: cán bộ tiếp nhận hồ sơ của Bộ phận Một cửa, qua số điện thoại trực của Đội ứng cứu sự cố",
                    true,
                ),
                Choice::new("Khác", false),
            ],
            columns: 1,
        },
        Block::FieldTable {
            rows: vec![
                FieldRow {
                    label: "Tên đơn vị vận hành hệ thống thông tin".to_owned(),
                    obligatory: true,
                    value: Some("Văn phòng HĐND và UBND phường".to_owned()),
                    ..FieldRow::default()
                },
                FieldRow {
                    label: "Phân loại cấp độ của hệ thống thông tin (nếu có)".to_owned(),
                    options: (1..=5).map(|level| Choice::new(format!("Cấp độ {level}"), level == 2)).collect(),
                    ..FieldRow::default()
                },
                FieldRow {
                    label: "Tên nhà cung cấp dịch vụ kết nối bên ngoài (nếu có)".to_owned(),
                    ..FieldRow::default()
                },
            ],
        },
        Block::heading(0, "PHẦN THỨ HAI"),
        Block::Paragraph(Paragraph {
            text: "Đoạn này nghiêng và không thụt đầu dòng.".to_owned(),
            italic: true,
            indent: false,
            ..Paragraph::default()
        }),
        numbers_table(),
    ]
}

fn numbers_table() -> Block {
    Block::Table(Table {
        columns: vec![
            Column::new("TT", 1).aligned(Align::Center),
            Column::new("Loại sự cố/tấn công mạng", 5),
            Column::new("Số lượng", 2).aligned(Align::Right),
            Column::new("Thiệt hại ước tính (đồng)", 3).aligned(Align::Right),
        ],
        rows: vec![
            strings(&["1", "Tấn công sử dụng mã độc", "3", "12.500.000"]),
            strings(&["2", "Mã hóa phần mềm, dữ liệu, thiết bị", "1", "85.000.000"]),
            strings(&["", "Tổng số", "4", "97.500.000"]),
        ],
        total: true,
        ..Table::default()
    })
}

/// An official letter: no title, the subject under the number, one addressee, number and date still open.
#[allow(dead_code)]
pub fn letter() -> Document {
    Document {
        head: Some(Head { number: None, date: None, ..head() }),
        subject: "V/v đề nghị hỗ trợ ứng cứu sự cố mạng".to_owned(),
        to: strings(&["Công an thành phố Cần Thơ"]),
        body: vec![
            Block::paragraph(
                "Uỷ ban nhân dân phường Ninh Kiều đề nghị Công an thành phố Cần Thơ hỗ trợ phân tích máy chủ tệp bị mã hóa dữ liệu.",
            ),
            Block::paragraph("Trân trọng./."),
        ],
        signature: Some(Signature { capacity: strings(&["CHỦ TỊCH"]), ..Signature::default() }),
        recipients: strings(&["Như trên", "Lưu: VT"]),
        ..Document::default()
    }
}

/// A form whose date stands above the signature and whose head is the motto alone.
#[allow(dead_code)]
pub fn form() -> Document {
    Document {
        language: Language::Vi,
        form_box: Some(strings(&["Mẫu số 05"])),
        head: Some(Head { motto: motto(), without_number: true, without_date: true, ..Head::default() }),
        title: "BÁO CÁO TỔNG HỢP 06 THÁNG".to_owned(),
        body: vec![Block::field("Tên cơ quan, tổ chức", false, None), numbers_table()],
        signature: Some(Signature {
            dateline: Some("Ninh Kiều, ngày …… tháng …… năm ………".to_owned()),
            capacity: strings(&["NGƯỜI ĐẠI DIỆN THEO PHÁP LUẬT"]),
            note: Some("(Đóng dấu hoặc sử dụng chữ ký số)".to_owned()),
            ..Signature::default()
        }),
        ..Document::default()
    }
}

/// What strangers paste into a form: reversed letters, other scripts, words without an end, console output.
#[allow(dead_code)]
pub fn hostile() -> Document {
    let value = |label: &str, value: String| Block::field(label, true, Some(value));
    let row = |a: &str, b: String| vec![a.to_owned(), b];
    Document {
        head: Some(Head { body: "UỶ BAN NHÂN DÂN ".repeat(12), place: "Nơi rất xa ".repeat(8), ..head() }),
        title: "BÁO CÁO VỀ MỘT TIÊU ĐỀ DÀI ".repeat(6),
        subject: "Về việc không ai viết ngắn được ".repeat(10),
        to: (1..=6).map(|number| format!("{} {number}", "Cơ quan nhận có tên dài ".repeat(6))).collect(),
        body: vec![
            value("Tên tệp", "hoadon\u{202E}fdp.exe".to_owned()),
            value("Chữ Do Thái", "שלום עולם 123 abc (ngoặc) שלום".to_owned()),
            value("Chữ Ả Rập", "مرحبا بالعالم 456 def".to_owned()),
            value("Chữ Hán, biểu tượng", "文件 😀 ℡ ﷽".to_owned()),
            value("Dấu rời", "U\u{31B}\u{301}ng cu\u{31B}\u{301}u s\u{1EF1} c\u{1ED1}; x\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}".to_owned()),
            value("Một từ", "a".repeat(3_000)),
            value("Mã băm", "9f86d081884c7d659a2feaa0c55ad015".repeat(8)),
            value("Bảng điều khiển", "\u{1B}[31mLỖI\u{1B}[0m\r\n\tdòng\u{0}hai\u{7}".to_owned()),
            value("Nhiều dòng trống", format!("đầu{}cuối", "\n".repeat(40))),
            Block::Table(Table {
                columns: vec![Column::new("Rất hẹp và có tiêu đề dài", 1), Column::new("Rộng", 9)],
                rows: vec![
                    row("Nghiêmtrọngkhôngcókhoảngtrắng", "b".repeat(500)),
                    row("אבג", "dir \\\\maychu\\chiase\\thumuc\\tep.khoa https://example.vn/a/b?c=d&e=f".to_owned()),
                ],
                ..Table::default()
            }),
        ],
        signature: Some(Signature {
            capacity: vec!["TM. UỶ BAN NHÂN DÂN ".repeat(5)],
            name: Some("Nguyễn ".repeat(30)),
            digital: true,
            ..Signature::default()
        }),
        recipients: (1..=30).map(|number| format!("Nơi nhận thứ {number}")).collect(),
        ..Document::default()
    }
}
