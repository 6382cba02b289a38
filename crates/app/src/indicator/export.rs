//! The indicators as a table for spreadsheets and firewalls, and as JSON for programs of others.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Time;

use super::csv;
use super::model::{Indicator, IndicatorKind, Malicious};
use super::pages::ListQuery;
use super::store::{self, Filter};
use crate::coordination::levels::{self, ItemKind};
use crate::coordination::sieve::{Sieve, Sifted};
use crate::coordination::wall::Level;
use crate::incident::IncidentId;
use crate::incident::actions::see;
use crate::web::Call;

/// How many go into a file; beyond it the file says that it was cut.
const EXPORTED: i64 = 50_000;

/// `GET …/indicators.csv`, for those inside: everything, each with how far it may go.
pub async fn export(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let query: ListQuery = call.query()?;
    let filter = Filter { kind: query.kind, malicious: query.malicious, after: String::new() };
    let found = store::list(&mut look.tx, &incident.id, &filter, EXPORTED).await?;
    let marked = levels::of_all(&mut look.tx, ItemKind::Indicator, &incident.id).await?;
    let level = |it: &Indicator| Level::of(marked.get(it.id.as_str()).unwrap_or(&incident.tlp));
    let mut table = table(&found, level, call.lang);
    if found.len() == EXPORTED as usize {
        table.push_str(&cut(call.lang));
    }
    let name = format!("attachment; filename=\"dau-hieu-{}.csv\"", incident.code);
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((fixed, table).into_response())
}

fn cut(lang: Lang) -> String {
    csv::line([lang.pick("… còn nữa, đã cắt bớt", "… and more, cut here")])
}

/// The indicators of an incident that a sieve lets through, the latest first.
pub async fn sifted(tx: &mut Tx, incident: &IncidentId, sieve: &Sieve) -> Result<Sifted<Indicator>> {
    let found = store::list(tx, incident, &Filter::default(), EXPORTED).await?;
    let words = |it: &Indicator| [it.value.as_str(), &it.note, &it.source].join("\n");
    Ok(sieve.sift(found, |sieve, it| sieve.level_of(it.id.as_str()), words))
}

/// A table with a head, for spreadsheets.
pub fn table(found: &[Indicator], level: impl Fn(&Indicator) -> Level, lang: Lang) -> String {
    let heads = [
        ("Loại", "Kind"),
        ("Giá trị", "Value"),
        ("Viết an toàn", "Defanged"),
        ("Đánh giá", "Verdict"),
        ("Ghi chú", "Note"),
        ("Nguồn", "Source"),
        ("Gặp lúc", "Seen at"),
        ("Thêm lúc", "Added at"),
        ("Người thêm", "Added by"),
        ("Phạm vi chia sẻ", "How far it may go"),
    ];
    let mut table = String::from(csv::MARK);
    table.push_str(&csv::line(heads.map(|(vi, en)| lang.pick(vi, en))));
    for it in found {
        table.push_str(&csv::line([
            it.kind.word().to_owned(),
            it.value.clone(),
            it.defanged(),
            it.malicious.label().get(lang).to_owned(),
            it.note.clone(),
            it.source.clone(),
            it.seen_at.map(|at| at.to_minute()).unwrap_or_default(),
            it.added_at.to_minute(),
            it.added_by.clone(),
            level(it).label().vi.into_owned(),
        ]));
    }
    table
}

/// An indicator as programs of others read it; who of ours noted it is not for them.
#[derive(Serialize)]
pub struct Sign<'a> {
    kind: IndicatorKind,
    value: &'a str,
    verdict: Malicious,
    note: &'a str,
    source: &'a str,
    seen_at: Option<Time>,
    tlp: Level,
}

impl<'a> Sign<'a> {
    pub fn new(it: &'a Indicator, tlp: Level) -> Sign<'a> {
        Sign {
            kind: it.kind,
            value: &it.value,
            verdict: it.malicious,
            note: &it.note,
            source: &it.source,
            seen_at: it.seen_at,
            tlp,
        }
    }
}
