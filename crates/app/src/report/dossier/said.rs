//! What was decided, directed, said and asked: options and the owner's word, directions, summons, statements, who was
//! told what, requests with their replies.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;
use ungcuu_render::{Align, Block, Column, Table};

use super::parts::{Part, Teller, nothing};
use crate::coordination::sieve::Sieve;
use crate::coordination::wall::Level;
use crate::incident::Incident;
use crate::pack::Pack;
use crate::report::store::said as store;
use crate::work::Look;

/// Everything people decided and said to each other.
pub async fn parts(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Vec<Part>> {
    Ok(vec![
        options(look, incident, teller).await?,
        directions(look, incident, teller).await?,
        summons(look, incident, teller).await?,
        statements(look, incident, teller).await?,
        disclosures(look, incident, sieve, teller).await?,
        requests(look, incident, teller).await?,
    ])
}

async fn options(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let options = store::list_options(&mut look.tx, &incident.id).await?;
    let proposals = store::list_proposals(&mut look.tx, &incident.id).await?;
    let option_row = |option: &store::OptionLine| {
        let state = match option.state.as_str() {
            "approved" => teller.t("Đã duyệt", "Approved"),
            "proposed" => teller.t("Đang đề xuất", "Proposed"),
            "replaced" => teller.t("Đã thay phương án khác", "Replaced"),
            "dropped" => teller.t("Không chọn", "Dropped"),
            _ => teller.t("Đã cân nhắc", "Weighed"),
        };
        vec![
            option.number.to_string(),
            teller.lines([option.title.clone(), option.what.clone()]),
            teller.lines([
                teller.labelled(teller.t("Ưu điểm", "For"), &option.advantages),
                teller.labelled(teller.t("Hạn chế", "Against"), &option.drawbacks),
                teller.labelled(teller.t("Ảnh hưởng", "Impact"), &option.impact),
                teller.labelled(teller.t("Nguồn lực, thời gian", "Effort"), &option.effort),
            ]),
            state.to_owned(),
        ]
    };
    let proposal_row = |proposal: &store::ProposalLine| {
        let state = match proposal.state.as_str() {
            "approved" => teller.t("Duyệt", "Approved"),
            "returned" => teller.t("Trả lại", "Returned"),
            "withdrawn" => teller.t("Đã rút", "Withdrawn"),
            _ => teller.t("Chờ ý kiến", "Waiting"),
        };
        vec![
            proposal.number.to_string(),
            teller.lines([
                format!("{} {}: {}", teller.t("Phương án", "Option"), proposal.option_number, proposal.option_title),
                proposal.words.clone(),
                teller.when_by(Some(proposal.proposed_at), &proposal.proposed_by),
            ]),
            teller.lines([
                state.to_owned(),
                proposal.answer.clone(),
                teller.when_by(proposal.answered_at, &proposal.answered_by),
            ]),
        ]
    };
    let mut blocks = Vec::new();
    if !options.rows.is_empty() {
        let columns = vec![
            Column::new(teller.t("Số", "No."), 2).aligned(Align::Center),
            Column::new(teller.t("Phương án", "Option"), 8),
            Column::new(teller.t("Cân nhắc", "Weighed"), 10),
            Column::new(teller.t("Kết quả", "Outcome"), 4),
        ];
        blocks.push(table(columns, options.rows.iter().map(option_row).collect()));
    }
    if !proposals.rows.is_empty() {
        blocks.push(Block::heading(
            2,
            teller.t("Đề xuất và quyết định của chủ quản", "Proposals and the owner's decision"),
        ));
        let columns = vec![
            Column::new(teller.t("Lần", "No."), 2).aligned(Align::Center),
            Column::new(teller.t("Đề xuất", "Proposal"), 11),
            Column::new(teller.t("Ý kiến chủ quản", "The owner's word"), 11),
        ];
        blocks.push(table(columns, proposals.rows.iter().map(proposal_row).collect()));
    }
    if blocks.is_empty() {
        blocks.push(nothing(teller));
    }
    let title = teller.title("Phương án và quyết định", "Options and decisions");
    let cut = options.cut || proposals.cut;
    Ok(Part { title, rows: options.rows.len() + proposals.rows.len(), cut, blocks, sifted: None })
}

fn table(columns: Vec<Column>, rows: Vec<Vec<String>>) -> Block {
    Block::Table(Table { columns, rows, ..Table::default() })
}

async fn directions(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let directions = store::list_directions(&mut look.tx, &incident.id).await?;
    let row = |direction: &store::DirectionLine| {
        let receiver = direction.unit_name.clone().or_else(|| direction.person_name.clone()).unwrap_or_default();
        let acknowledged = teller.when_by(direction.acknowledged_at, &direction.acknowledged_by).replace('\n', " – ");
        let done = teller.when_by(direction.done_at, &direction.done_by).replace('\n', " – ");
        vec![
            direction.number.to_string(),
            teller.lines([direction.text.clone(), teller.when_by(Some(direction.given_at), &direction.given_by)]),
            teller.lines([receiver, teller.labelled(teller.t("Hạn", "Due"), &teller.at(direction.due_at))]),
            teller.lines([
                teller.labelled(teller.t("Đã nhận", "Acknowledged"), &acknowledged),
                teller.labelled(teller.t("Đã làm", "Done"), &done),
                direction.answer.clone(),
            ]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Số", "No."), 2).aligned(Align::Center),
        Column::new(teller.t("Ý kiến chỉ đạo", "Direction"), 9),
        Column::new(teller.t("Giao cho", "To"), 6),
        Column::new(teller.t("Thực hiện", "Carried out"), 8),
    ];
    let rows = directions.rows.iter().map(row).collect();
    Ok(Part::table(teller.title("Chỉ đạo", "Directions"), columns, rows, directions.cut, teller))
}

async fn summons(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let summoned = store::list_summoned(&mut look.tx, &incident.id).await?;
    let mut blocks = Vec::new();
    for called in summoned.rows.chunk_by(|one, next| one.number == next.number) {
        let Some(first) = called.first() else { continue };
        let (place, at) = (&first.place, first.meet_at.to_minute());
        let sent = format!("{} – {}", first.sent_at.to_minute(), first.sent_by);
        blocks.push(Block::heading(2, format!("{} {}", teller.t("Triệu tập lần", "Summons"), first.number)));
        blocks.push(Block::paragraph(format!(
            "{}: {place}, {at}. {}: {sent}.",
            teller.t("Nơi, giờ tập trung", "Where and when"),
            teller.t("Phát lệnh", "Sent")
        )));
        let row = |line: &store::SummonedLine| {
            let declined = teller.labelled(teller.t("Không đến được", "Cannot come"), &teller.at(line.declined_at));
            vec![
                teller.lines([line.name.clone(), line.unit_name.clone()]),
                teller.lines([
                    teller.labelled_at(teller.t("Gọi", "Called"), Some(line.called_at)),
                    teller.labelled_at(teller.t("Xác nhận", "Acknowledged"), line.acknowledged_at),
                    teller.labelled_at(teller.t("Có mặt", "Arrived"), line.arrived_at),
                    declined,
                    line.reason.clone(),
                ]),
            ]
        };
        let columns = vec![
            Column::new(teller.t("Người", "Who"), 1),
            Column::new(teller.t("Thời điểm, ghi chú", "When, note"), 1),
        ];
        blocks.push(table(columns, called.iter().map(row).collect()));
    }
    if blocks.is_empty() {
        blocks.push(nothing(teller));
    }
    let title = teller.title("Triệu tập lực lượng", "Summons");
    Ok(Part { title, rows: summoned.rows.len(), cut: summoned.cut, blocks, sifted: None })
}

async fn statements(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let spokespersons = store::list_spokespersons(&mut look.tx, &incident.id).await?;
    let statements = store::list_statements(&mut look.tx, &incident.id).await?;
    let publications = store::list_publications(&mut look.tx, &incident.id).await?;
    let mut blocks = Vec::new();
    for person in &spokespersons.rows {
        let until = person.valid_to.map(|to| format!(" – {}", to.to_minute())).unwrap_or_default();
        blocks.push(Block::paragraph(format!(
            "{}: {}, {}, {} ({}{until}). {} ({}, {}).",
            teller.t("Người phát ngôn", "Spokesperson"),
            person.name,
            person.title,
            person.unit_name,
            person.valid_from.to_minute(),
            person.decision,
            person.named_by,
            person.named_at.to_minute(),
        )));
    }
    for statement in &statements.rows {
        let state = match statement.state.as_str() {
            "approved" => teller.t("Đã duyệt", "Approved"),
            "returned" => teller.t("Trả lại", "Returned"),
            _ => teller.t("Chờ duyệt", "Waiting for approval"),
        };
        let (number, n) = (statement.number, statement.n);
        blocks.push(Block::heading(2, format!("{number}.{n}. {} – {state}", statement.title)));
        blocks.extend(statement.text.split("\n\n").map(Block::paragraph));
        let written = teller.t("Soạn", "Written by");
        let mut by = vec![format!("{written}: {} ({})", statement.written_by, statement.written_at.to_minute())];
        if let Some(at) = statement.answered_at {
            let answer = statement.answer.trim().trim_end_matches('.');
            let words = if answer.is_empty() { String::new() } else { format!(": {answer}") };
            by.push(format!("{state}: {} ({}){words}", statement.answered_by, at.to_minute()));
        }
        let places = publications.rows.iter().filter(|line| line.statement_id == statement.id);
        by.extend(places.map(|line| {
            format!("{}: {} ({})", teller.t("Đã đăng", "Published"), line.place, line.published_at.to_minute())
        }));
        blocks.push(super::parts::remark(by.join("; ")));
    }
    if blocks.is_empty() {
        blocks.push(nothing(teller));
    }
    let title = teller.title("Phát ngôn, cung cấp thông tin", "Statements");
    let cut = spokespersons.cut || statements.cut || publications.cut;
    // Whoever was named to speak is an entry, too: nothing in it that is read may count as nothing.
    let rows = spokespersons.rows.len() + statements.rows.len();
    Ok(Part { title, rows, cut, blocks, sifted: None })
}

/// The label of a list's choice; the id where the pack no longer has it.
fn label(pack: &Pack, list: &str, id: &str, teller: &Teller) -> String {
    match pack.lists.item(list, id) {
        Some(item) => item.label.get(teller.lang).to_owned(),
        None => id.to_owned(),
    }
}

async fn disclosures(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let disclosures = store::list_disclosures(&mut look.tx, &incident.id).await?;
    // What was told at a laxer level still names whom the incident is about.
    let level = |_: &Sieve, line: &store::DisclosureLine| Level::of(&line.tlp).max(Level::of(&incident.tlp));
    let sifted = sieve.sift(disclosures.rows, level, |line| line.text.clone());
    // What was shared with many at once is one entry with many names.
    let same = |one: &store::DisclosureLine, next: &store::DisclosureLine| {
        (one.told_at, &one.told_by, &one.sort, &one.kind, &one.text, &one.tlp, one.struck, &one.receipt)
            == (next.told_at, &next.told_by, &next.sort, &next.kind, &next.text, &next.tlp, next.struck, &next.receipt)
    };
    let row = |told: &[store::DisclosureLine]| {
        let name = |line: &store::DisclosureLine| line.unit_name.clone().unwrap_or_else(|| line.party.clone());
        let names: Vec<String> = told.iter().map(name).collect();
        let line = told.first()?;
        let struck = if line.struck {
            format!("{}: {}", teller.t("Đã gạch bỏ", "Struck out"), line.struck_reason)
        } else {
            String::new()
        };
        let shared =
            if line.sort == "shared" { teller.t("Chia sẻ thông tin", "Shared for working together") } else { "" };
        // The mark alone; what it means stands at the head of the dossier and in the plan.
        let tlp = label(&app.pack, "tlp", &line.tlp.replace('+', "_"), teller);
        let mark = tlp.split(" – ").next().unwrap_or_default().to_owned();
        Some(vec![
            teller.when_by(Some(line.told_at), &line.told_by),
            names.join(";\n"),
            teller.lines([
                label(&app.pack, "disclosure_kinds", &line.kind, teller),
                shared.to_owned(),
                line.text.clone(),
                struck,
            ]),
            teller.lines([
                label(&app.pack, "disclosure_channels", &line.channel, teller),
                mark,
                teller.labelled(teller.t("Ký nhận", "Receipt"), &line.receipt),
            ]),
        ])
    };
    let columns = vec![
        Column::new(teller.t("Khi nào, ai báo", "When, by whom"), 6),
        Column::new(teller.t("Báo cho", "To"), 7),
        Column::new(teller.t("Nội dung", "What"), 10),
        Column::new(teller.t("Cách báo", "How"), 6),
    ];
    let rows = sifted.rows.chunk_by(same).filter_map(row).collect();
    let title = teller.title("Thông báo, báo cáo, chia sẻ đã thực hiện", "Who was told what");
    let part = Part::table(title, columns, rows, disclosures.cut, teller);
    Ok(part.sifted(sifted.left_out, sifted.strictest))
}

fn request_state(request: &store::RequestLine, teller: &Teller) -> &'static str {
    match (request.state.as_str(), teller.lang) {
        ("sent", Lang::Vi) => "chờ nhận",
        ("sent", Lang::En) => "sent",
        ("accepted", Lang::Vi) => "đã nhận",
        ("accepted", Lang::En) => "accepted",
        ("answered", Lang::Vi) => "đã trả lời",
        ("answered", Lang::En) => "answered",
        ("declined", Lang::Vi) => "bị từ chối",
        ("declined", Lang::En) => "declined",
        (_, Lang::Vi) => "đã kết thúc",
        (_, Lang::En) => "closed",
    }
}

async fn requests(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let requests = store::list_requests(&mut look.tx, &incident.id).await?;
    let replies = store::list_replies(&mut look.tx, &incident.id).await?;
    let reply_line = |reply: &store::ReplyLine| {
        let word = match reply.kind.as_str() {
            "accept" => teller.t("Nhận", "Accepted"),
            "decline" => teller.t("Từ chối", "Declined"),
            "close" => teller.t("Kết thúc", "Closed"),
            _ => teller.t("Trả lời", "Reply"),
        };
        let (at, by) = (reply.said_at.to_minute(), &reply.said_by);
        format!("- {word} ({at}, {by}) {}", reply.text)
    };
    let row = |request: &store::RequestLine| {
        let said = replies.rows.iter().filter(|reply| reply.request_id == request.id).map(reply_line);
        vec![
            request.number.to_string(),
            teller.lines([
                request.unit_name.clone(),
                teller.labelled(teller.t("Hạn", "Due"), &teller.at(request.due_at)),
            ]),
            teller.lines([
                format!(
                    "{} ({})",
                    label(&app.pack, "request_kinds", &request.kind, teller),
                    request_state(request, teller)
                ),
                request.text.clone(),
                teller.when_by(Some(request.sent_at), &request.sent_by),
            ]),
            said.collect::<Vec<_>>().join("\n"),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Số", "No."), 2).aligned(Align::Center),
        Column::new(teller.t("Gửi đến", "To"), 6),
        Column::new(teller.t("Đề nghị", "Request"), 8),
        Column::new(teller.t("Trả lời", "Replies"), 8),
    ];
    let rows = requests.rows.iter().map(row).collect();
    let title = teller.title("Yêu cầu phối hợp", "Requests");
    Ok(Part::table(title, columns, rows, requests.cut || replies.cut, teller))
}
