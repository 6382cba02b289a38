//! The documents that are measured: a statutory form, a report and a dossier, invented but shaped like real ones.

use ungcuu_render::{Align, Annex, Block, Choice, Column, Date, Document, FieldRow, Head, Signature, Table};

/// An initial report of two to three pages: labels with values, boxes to tick, a table of fields.
pub fn form(turn: usize) -> Document {
    let mut body = Vec::new();
    for section in ["I. THÔNG TIN VỀ TỔ CHỨC BÁO CÁO", "II. THÔNG TIN VỀ HỆ THỐNG", "III. THÔNG TIN VỀ SỰ CỐ"]
    {
        body.push(Block::heading(1, section));
        for label in ["Tên cơ quan, tổ chức", "Địa chỉ", "Điện thoại", "Thư điện tử", "Người liên hệ"]
        {
            body.push(Block::field(label, true, Some(format!("Uỷ ban nhân dân xã, ấp {turn}, đường Nguyễn Trãi"))));
        }
        let choice =
            |index: usize| Choice::new(format!("Dấu hiệu hoặc cách phát hiện thứ {index}"), index.is_multiple_of(3));
        let options = (1..=8).map(choice).collect();
        body.push(Block::Choices {
            label: "Cách thức phát hiện".to_owned(), obligatory: true, options, columns: 2
        });
    }
    let row = |index: usize| FieldRow {
        label: format!("Thông tin thứ {index} về hệ thống bị sự cố"),
        obligatory: index.is_multiple_of(2),
        value: Some("Máy chủ tệp, hệ điều hành phiên bản 2016, địa chỉ 203.0.113.7".to_owned()),
        ..FieldRow::default()
    };
    body.push(Block::FieldTable { rows: (1..=12).map(row).collect() });
    body.push(Block::paragraph(sentence(turn)));
    Document {
        title: "BÁO CÁO BAN ĐẦU SỰ CỐ".to_owned(), subject: format!("Về sự cố số {turn}"), body, ..around()
    }
}

/// Some 20 pages: running text with a table in each chapter.
pub fn report(turn: usize) -> Document {
    let mut body = Vec::new();
    for chapter in 1..=12 {
        body.push(Block::heading(1, format!("{chapter}. TÌNH HÌNH VÀ KẾT QUẢ, LẦN {turn}")));
        body.extend((1..=9).map(|number| Block::paragraph(sentence(chapter * 100 + number))));
        body.push(table(12, chapter));
    }
    Document {
        title: "BÁO CÁO".to_owned(), subject: "Về công tác sáu tháng đầu năm".to_owned(), body, ..around()
    }
}

/// Some 200 pages: one table after the other, as the record of a long incident is, and an annex on its side.
pub fn dossier(turn: usize) -> Document {
    let mut body = Vec::new();
    for part in 1..=15 {
        body.push(Block::heading(1, format!("{part}. PHẦN CỦA HỒ SƠ, LẦN {turn}")));
        body.extend((1..=3).map(|number| Block::paragraph(sentence(part * 100 + number))));
        body.push(table(170, part));
    }
    let title = vec!["Phụ lục I".to_owned(), "NHẬT KÝ".to_owned()];
    let annexes = vec![Annex { title, landscape: true, body: vec![table(300, turn)] }];
    Document { title: "HỒ SƠ SỰ CỐ".to_owned(), subject: "SC-2026-0042".to_owned(), body, annexes, ..around() }
}

/// Columns and rows as the journal of an incident has them, with a hash in every third.
pub fn table(rows: usize, turn: usize) -> Block {
    let columns = vec![
        Column::new("TT", 1).aligned(Align::Center),
        Column::new("Thời điểm", 3),
        Column::new("Việc đã làm, kết quả", 8),
        Column::new("Người làm", 3),
    ];
    let row = |index: usize| {
        let hash =
            if index.is_multiple_of(3) { format!("\nSHA-256: {:064x}", index * 7919 + turn) } else { String::new() };
        vec![
            index.to_string(),
            format!("{:02}/11/2026 {:02}:{:02}", index % 28 + 1, index % 24, index % 60),
            format!("Sao chép nhật ký của máy chủ {turn}/{index}, đối chiếu với bản sao lưu gần nhất{hash}"),
            "Nguyễn Thị Thuỳ Dương".to_owned(),
        ]
    };
    Block::Table(Table { columns, rows: (1..=rows).map(row).collect(), ..Table::default() })
}

fn sentence(turn: usize) -> String {
    format!(
        "Lúc {:02} giờ {:02} phút, cán bộ trực phát hiện máy chủ tệp không mở được hồ sơ điện tử; đơn vị vận hành đã rút máy \
         khỏi mạng nội bộ, giữ nguyên nguồn điện để không làm mất dấu vết trong bộ nhớ, sao chép nhật ký và báo cáo đơn vị \
         chuyên trách theo Văn bản số {turn}/BC-UBND. Việc khôi phục dữ liệu được làm từ bản sao lưu đêm trước và có biên \
         bản kèm theo.",
        turn % 24,
        turn % 60
    )
}

fn around() -> Document {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    Document {
        head: Some(Head {
            parent: Some("TỈNH MẪU".to_owned()),
            body: "UỶ BAN NHÂN DÂN\nXÃ MẪU".to_owned(),
            number: Some("07/BC-UBND".to_owned()),
            place: "Xã Mẫu".to_owned(),
            date: Some(Date { year: 2026, month: 11, day: 5 }),
            motto: strings(&["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]),
            ..Head::default()
        }),
        to: strings(&["Uỷ ban nhân dân tỉnh", "Công an tỉnh"]),
        signature: Some(Signature {
            capacity: strings(&["TM. UỶ BAN NHÂN DÂN", "CHỦ TỊCH"]),
            name: Some("Lê Văn Tám".to_owned()),
            ..Signature::default()
        }),
        recipients: strings(&["Như trên", "Lưu: VT"]),
        ..Document::default()
    }
}
