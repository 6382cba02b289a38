//! The register of evidence as a table, for a copy that goes outside. Only what is known about the items; the files
//! themselves are handed over by an act of custody.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Lang;

use super::model::Evidence;
use super::store::{self, Filter};
use crate::coordination::sieve::{Sieve, Sifted};
use crate::incident::IncidentId;
use crate::indicator::csv;
use crate::pack::Pack;

/// How many items a table holds at most.
const LISTED: i64 = 20_000;

/// The items of an incident that a sieve lets through, in the order of their numbers.
pub async fn sifted(tx: &mut Tx, incident: &IncidentId, sieve: &Sieve) -> Result<Sifted<Evidence>> {
    let mut found = store::list(tx, incident, &Filter::default(), LISTED).await?;
    found.reverse();
    let words = |it: &Evidence| [it.description.as_str(), &it.source, &it.folder, &it.void_reason].join("\n");
    Ok(sieve.sift(found, |sieve, it| sieve.level_of(it.id.as_str()), words))
}

/// A table with a head, for spreadsheets.
pub fn table(pack: &Pack, found: &[Evidence], sieve: &Sieve, lang: Lang) -> String {
    let heads = [
        ("Số", "No."),
        ("Tên", "Name"),
        ("Loại", "Kind"),
        ("SHA-256", "SHA-256"),
        ("Kích thước (byte)", "Size in bytes"),
        ("Mô tả", "Description"),
        ("Nguồn", "From"),
        ("Thu thập lúc", "Collected at"),
        ("Người thu thập", "Collected by"),
        ("Vào sổ lúc", "Registered at"),
        ("Người giữ", "Held by"),
        ("Không còn giá trị vì", "Void because"),
        ("Phạm vi chia sẻ", "How far it may go"),
    ];
    let mut table = String::from(csv::MARK);
    table.push_str(&csv::line(heads.map(|(vi, en)| lang.pick(vi, en))));
    for it in found {
        let kind = pack.lists.item("evidence_kinds", &it.kind);
        let holder = [it.kept.holder.as_str(), &it.kept.holder_unit];
        let holder: Vec<&str> = holder.into_iter().filter(|part| !part.is_empty()).collect();
        table.push_str(&csv::line([
            it.code(),
            it.name.clone(),
            kind.map_or_else(|| it.kind.clone(), |kind| kind.label.get(lang).to_owned()),
            it.sha256.clone().unwrap_or_default(),
            it.size.map(|size| size.to_string()).unwrap_or_default(),
            it.description.clone(),
            it.source.clone(),
            it.collected_at.map(|at| at.to_minute()).unwrap_or_default(),
            it.collected_by.clone(),
            it.added_at.to_minute(),
            holder.join(", "),
            it.void_reason.clone(),
            sieve.level_of(it.id.as_str()).label().vi.into_owned(),
        ]));
    }
    table
}
