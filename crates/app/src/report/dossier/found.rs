//! What was found: the register of evidence with its SHA-256, and the indicators, written so that none can be followed by
//! accident.

use ungcuu_kit::blobs::size_in_words;
use ungcuu_kit::error::Result;
use ungcuu_render::{Align, Column};

use super::parts::{Part, Teller};
use crate::coordination::sieve::Sieve;
use crate::evidence;
use crate::incident::Incident;
use crate::indicator::Indicator;
use crate::permission::Permission;
use crate::report::store::dossier as store;
use crate::work::Look;

/// Evidence, for those who may read it in this incident, and indicators.
pub async fn parts(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let actor = look.actor.clone();
    if evidence::may(&mut look.tx, &actor, Permission::EvidenceRead, &incident.id).await? {
        parts.push(register(look, incident, sieve, teller).await?);
    }
    parts.push(indicators(look, incident, sieve, teller).await?);
    Ok(parts)
}

async fn register(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Part> {
    let app = look.app.clone();
    let items = store::list_evidence(&mut look.tx, &incident.id).await?;
    let words = |item: &store::EvidenceLine| [item.description.as_str(), &item.source, &item.void_reason].join("\n");
    let sifted = sieve.sift(items.rows, |sieve, item| sieve.level_of(&item.id), words);
    let row = |item: &store::EvidenceLine| {
        let kind = match app.pack.lists.item("evidence_kinds", &item.kind) {
            Some(kind) => kind.label.get(teller.lang).to_owned(),
            None => item.kind.clone(),
        };
        let older = item.replaces_number.map(|number| format!("CC-{number:02}")).unwrap_or_default();
        let collected = teller.when_by(item.collected_at, &item.collected_by).replace('\n', " – ");
        vec![
            format!("CC-{:02}", item.number),
            teller.lines([
                item.name.clone(),
                kind,
                item.description.clone(),
                teller.labelled(teller.t("Nguồn", "From"), &item.source),
                teller.labelled(teller.t("Hệ thống", "System"), item.system_name.as_deref().unwrap_or_default()),
                teller.labelled(teller.t("Thay", "Replaces"), &older),
                teller.labelled(teller.t("Không còn giá trị", "Void"), &item.void_reason),
            ]),
            teller.lines([
                teller.labelled(teller.t("Thu thập", "Collected"), &collected),
                format!("{}: {} – {}", teller.t("Vào sổ", "Registered"), item.added_at.to_minute(), item.added_by),
            ]),
            teller.lines([
                item.sha256
                    .clone()
                    .unwrap_or_else(|| teller.t("Vật chứng không có tệp", "An object without a file").to_owned()),
                item.size.map(size_in_words).unwrap_or_default(),
            ]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Số", "No."), 3).aligned(Align::Center),
        Column::new(teller.t("Chứng cứ", "Evidence"), 9),
        Column::new(teller.t("Khi nào, ai", "When, by whom"), 7),
        Column::new("SHA-256", 6),
    ];
    let rows = sifted.rows.iter().map(row).collect();
    let part = Part::table(teller.title("Sổ chứng cứ", "Evidence"), columns, rows, items.cut, teller);
    Ok(part.sifted(sifted.left_out, sifted.strictest))
}

async fn indicators(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Part> {
    let found = store::list_indicators(&mut look.tx, &incident.id).await?;
    let words = |one: &Indicator| [one.value.as_str(), &one.note, &one.source].join("\n");
    let sifted = sieve.sift(found.rows, |sieve, one| sieve.level_of(one.id.as_str()), words);
    let rows = sifted.rows.iter().map(|one| {
        let seen = one.seen_at.filter(|at| at.to_minute() != one.added_at.to_minute());
        let noted = teller.when_by(Some(one.added_at), &one.added_by).replace('\n', " – ");
        vec![
            teller.say(&one.kind.label()),
            one.defanged(),
            teller.say(&one.malicious.label()),
            teller.lines([
                one.note.clone(),
                teller.labelled(teller.t("Nguồn", "From"), &one.source),
                teller.labelled_at(teller.t("Thấy lúc", "Seen"), seen),
                teller.labelled(teller.t("Ghi", "Noted"), &noted),
            ]),
        ]
    });
    let columns = vec![
        Column::new(teller.t("Loại", "Kind"), 4),
        Column::new(teller.t("Dấu hiệu", "Indicator"), 8),
        Column::new(teller.t("Đánh giá", "Judgement"), 5),
        Column::new(teller.t("Ghi chú", "Note"), 10),
    ];
    let title = teller.title("Dấu hiệu tấn công", "Indicators");
    let part = Part::table(title, columns, rows.collect(), found.cut, teller);
    Ok(part.sifted(sifted.left_out, sifted.strictest))
}
