//! The dossier of an incident: everything that is known and was done, as one document with its index first. Made when it
//! is asked for and never frozen; the head of the journal at its foot says what state of things it shows.
//!
//! What the reader may not see is left out. Every kind of thing is bounded, and the dossier says where it was cut.

mod actors;
mod found;
pub mod pages;
mod parts;
mod room;
mod said;
mod work;

use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, counted};
use ungcuu_render::{Align, Block, Column, Document, Head, Language, Signature, Table};

use super::document::head_of;
use super::store;
use crate::coordination::levels;
use crate::coordination::sieve::Sieve;
use crate::coordination::wall::Level;
use crate::incident::Incident;
use crate::journal::{self, incident_stream};
use crate::pack::{FunctionSource, Pack};
use crate::work::Look;

pub use parts::{Part, Teller};

/// The dossier as this reader may see it, and its parts.
pub struct Dossier {
    pub document: Document,
    pub parts: Vec<Part>,
    /// How many entries stayed behind in a copy for outside.
    pub left_out: usize,
    /// The strictest level of what it holds.
    pub strictest: Level,
}

/// Puts the dossier together in the reader's language.
pub async fn assemble(look: &mut Look, incident: &Incident, lang: Lang) -> Result<Dossier> {
    assemble_for(look, incident, lang, &Sieve::open(), "").await
}

/// The same as a copy for somebody outside (`to`: who, in the reader's language): what the sieve holds back is not in it.
pub async fn assemble_for(
    look: &mut Look,
    incident: &Incident,
    lang: Lang,
    sieve: &Sieve,
    to: &str,
) -> Result<Dossier> {
    let teller = Teller { lang };
    let app = look.app.clone();
    let mut parts = vec![actors::cover(look, incident, &teller).await?];
    parts.push(actors::taking_part(look, incident, &teller).await?);
    parts.extend(work::parts(look, incident, sieve, &teller).await?);
    parts.extend(found::parts(look, incident, sieve, &teller).await?);
    parts.extend(said::parts(look, incident, sieve, &teller).await?);
    parts.extend(room::parts(look, incident, sieve, &teller).await?);
    parts.push(work::lessons(look, incident, &teller).await?);
    parts.push(reports(look, incident, &teller).await?);
    let own = Level::of(&incident.tlp);
    let left: Vec<(usize, Level)> = parts.iter_mut().map(|part| part.leave_out(sieve, own, &teller)).collect();
    let left_out = left.iter().map(|(count, _)| count).sum();
    let strictest = match sieve.ceiling() {
        Some(_) => left.iter().map(|(_, level)| *level).max().unwrap_or(Level::Clear),
        None => levels::strictest_of(&mut look.tx, incident).await?,
    };

    let unit = store::facts::list_units(&mut look.tx, &[&incident.unit_id]).await?.pop().unwrap_or_default();
    let head = journal::head(&mut look.tx, &incident_stream(incident.id.as_str())).await?;
    let (seq, hash) = head.unwrap_or((0, journal::GENESIS.to_owned()));
    let (code, at) = (&incident.code, look.now.to_minute());
    let mut body = vec![Block::heading(0, teller.t("MỤC LỤC", "CONTENTS")), index(&parts, &teller)];
    for (number, part) in parts.iter().enumerate() {
        body.push(Block::heading(1, format!("{}. {}", roman(number + 1), teller.say(&part.title).to_uppercase())));
        body.extend(part.blocks.iter().cloned());
        if part.cut {
            let rows = part.rows;
            body.push(parts::remark(match lang {
                Lang::Vi => format!("Chỉ in {rows} mục đầu; toàn bộ có trong phần mềm."),
                Lang::En => format!("Only the first {rows} are printed; all of them are in the product."),
            }));
        }
    }
    body.extend(ending(look, &parts, &teller).await?);
    if let Some(ceiling) = sieve.ceiling() {
        body.push(parts::remark(copy_for(ceiling, to, left_out, &teller)));
    } else if strictest != own {
        body.push(parts::remark(
            teller
                .t(
                    "Phạm vi chia sẻ ghi ở đầu hồ sơ là mức chặt nhất của những gì hồ sơ có; muốn gửi rộng hơn, hãy gửi từng phần.",
                    "The marking at the head is the strictest of what the dossier holds; to send it farther, send its parts.",
                )
                .to_owned(),
        ));
    }
    let document = Document {
        language: if lang == Lang::Vi { Language::Vi } else { Language::En },
        form_box: Some(tlp_mark(&app.pack, strictest, lang)),
        head: Some(Head { without_number: true, ..head_of(&app.pack.plan, &unit, look.now) }),
        title: lang.pick("HỒ SƠ SỰ CỐ", "INCIDENT DOSSIER").to_owned(),
        subject: match sieve.lets_incident() && !sieve.names(&incident.title) {
            true => format!("{code}: {}", incident.title),
            false => code.clone(),
        },
        body,
        signature: Some(Signature {
            capacity: vec![teller.t("THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF THE UNIT").to_owned()],
            note: Some(teller.t("(Ký tên, đóng dấu)", "(Signature and seal)").to_owned()),
            ..Signature::default()
        }),
        recipients: match sieve.ceiling() {
            None => recipients(look, incident, &unit.name, &teller).await?,
            Some(_) => vec![to.to_owned(), kept_in(code, &teller)],
        },
        foot: Some(match lang {
            Lang::Vi => format!(
                "In lúc {at} cho {}. Theo nhật ký sự cố {code} gồm {seq} mục, mã băm mục cuối {hash}",
                look.actor.name
            ),
            Lang::En => format!(
                "Printed at {at} for {}. From the journal of {code} with {}, hash of the last {hash}",
                look.actor.name,
                counted(seq, "entry", "entries")
            ),
        }),
        ..Document::default()
    };
    Ok(Dossier { document, parts, left_out, strictest })
}

/// What a copy for outside is, and what is not in it.
fn copy_for(ceiling: Level, to: &str, left_out: usize, teller: &Teller) -> String {
    let level = ceiling.label().vi;
    match teller.lang {
        Lang::Vi => format!(
            "Bản này lập cho {to}, chỉ gồm những gì được chia sẻ đến mức {level}; {left_out} mục ở mức chặt hơn không có trong bản này."
        ),
        Lang::En => format!(
            "This copy was made for {to} and holds what may be shared up to {level}; {} marked more strictly {} left out.",
            counted(left_out, "entry", "entries"),
            if left_out == 1 { "is" } else { "are" }
        ),
    }
}

/// The file in which a copy is kept.
fn kept_in(code: &str, teller: &Teller) -> String {
    match teller.lang {
        Lang::Vi => format!("Lưu: VT, hồ sơ {code}"),
        Lang::En => format!("File: records office, {code}"),
    }
}

/// "TLP:AMBER – …", as the pack words it: the mark on a line, what it means on the next.
fn tlp_mark(pack: &Pack, level: Level, lang: Lang) -> Vec<String> {
    match pack.lists.item("tlp", level.word()) {
        Some(item) => item.label.get(lang).split(" – ").map(str::to_owned).collect(),
        None => vec![level.label().vi.into_owned()],
    }
}

/// What it is and who made it, before the signature.
async fn ending(look: &mut Look, parts: &[Part], teller: &Teller) -> Result<Vec<Block>> {
    let (count, at) = (parts.len(), look.now.to_minute());
    let actor = look.actor.clone();
    let person = store::facts::find_person(&mut look.tx, &actor.person_id).await?;
    let title = person.map(|person| person.title).filter(|title| !title.is_empty());
    let by = [Some(actor.name.clone()), title].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let says = match teller.lang {
        Lang::Vi => format!(
            "Hồ sơ gồm {count} phần, lập lúc {at} từ nhật ký và các sổ của sự cố, trong phạm vi người lập được xem./."
        ),
        Lang::En => format!(
            "The dossier has {count} parts and was made at {at} from the journal and the registers of the incident, as far as its maker may see them."
        ),
    };
    Ok(vec![Block::paragraph(says), Block::field(teller.t("Người lập hồ sơ", "Made by"), false, Some(by))])
}

/// The units that lead or support a step by the plan, without those drawn in for help, and the file it is kept in.
async fn recipients(look: &mut Look, incident: &Incident, operator: &str, teller: &Teller) -> Result<Vec<String>> {
    let app = look.app.clone();
    let playing = store::dossier::list_units(&mut look.tx, &incident.id).await?.rows;
    let steps = &app.pack.procedure.steps;
    let drawn_in =
        |id: &str| app.pack.function(id).is_none_or(|function| function.from == Some(FunctionSource::Related));
    let mut names: Vec<String> = Vec::new();
    for function in steps.iter().flat_map(|step| step.support.iter().chain(&step.lead)) {
        for (_, name) in playing.iter().filter(|(id, _)| id == function && !drawn_in(id)) {
            if name != operator && !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names.push(kept_in(&incident.code, teller));
    Ok(names)
}

fn index(parts: &[Part], teller: &Teller) -> Block {
    let row = |(number, part): (usize, &Part)| {
        let count = match (part.rows, part.cut) {
            (0, _) => teller.t("không có", "none").to_owned(),
            (rows, true) => format!("{rows}+"),
            (rows, false) => rows.to_string(),
        };
        // The last is the page, which only the layout knows.
        vec![roman(number + 1), teller.say(&part.title), count, String::new()]
    };
    Block::Table(Table {
        columns: vec![
            Column::new(teller.t("TT", "No."), 2).aligned(Align::Center),
            Column::new(teller.t("Nội dung", "Content"), 13),
            Column::new(teller.t("Số mục", "Entries"), 3).aligned(Align::Center),
            Column::new(teller.t("Trang", "Page"), 2).aligned(Align::Center),
        ],
        rows: parts.iter().enumerate().map(row).collect(),
        contents: true,
        ..Table::default()
    })
}

/// The reports that were issued, with the SHA-256 of their files.
async fn reports(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let reports = store::list(&mut look.tx, &incident.id).await?;
    let cut = reports.len() as i64 == store::REPORTS;
    let mut lines = super::pages::lines(&app.pack, reports, teller.lang);
    lines.retain(|line| !line.report.state.is_draft());
    // In the order in which they were issued.
    lines.reverse();
    let rows = lines.into_iter().map(|line| {
        let report = line.report;
        let prints = [("PDF", &report.pdf), ("Word", &report.docx)];
        let prints =
            prints.iter().filter_map(|(kind, sha256)| sha256.as_ref().map(|sha256| format!("{kind}: {sha256}")));
        vec![
            report.number.clone(),
            format!("{} – {}\n{}", line.code, line.name, teller.say(&report.state.label())),
            teller.when_by(report.issued_at, &report.issued_by),
            prints.collect::<Vec<_>>().join("\n"),
        ]
    });
    let title = teller.title("Báo cáo đã phát hành", "Reports issued");
    let columns = vec![
        Column::new(teller.t("Số", "No."), 2).aligned(Align::Center),
        Column::new(teller.t("Báo cáo", "Report"), 7),
        Column::new(teller.t("Phát hành", "Issued"), 5),
        Column::new("SHA-256", 8),
    ];
    Ok(Part::table(title, columns, rows.collect(), cut, teller))
}

/// 1 to 39 in Roman numerals, as parts of a document are counted.
fn roman(mut number: usize) -> String {
    let mut numeral = String::new();
    for (value, letters) in [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while number >= value {
            numeral.push_str(letters);
            number -= value;
        }
    }
    numeral
}

#[cfg(test)]
mod tests {
    use super::roman;

    #[test]
    fn parts_are_counted_in_roman_numerals() {
        let counted: Vec<String> = [1, 4, 9, 14, 19].into_iter().map(roman).collect();
        assert_eq!(counted, ["I", "IV", "IX", "XIV", "XIX"]);
    }
}
