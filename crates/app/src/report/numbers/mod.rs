//! Numbers of documents. Within one issuer, sort of document and year they run without gaps that nobody explained: the next
//! one is given, or somebody types one that is free; whoever skips some says why; one that is given up stays in the
//! register, cancelled, with its reason.

pub mod pages;
pub mod store;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text_enum};

use super::ReportId;
use crate::incident::IncidentId;
use crate::org::UnitId;
use crate::ui::Tone;
use crate::work::Work;

id_type!(
    /// A number in the register of documents.
    NumberId, "num"
);

/// The largest number of a year.
const LARGEST: i64 = 99_999;

text_enum! {
    /// What became of a number.
    pub enum NumberState {
        Taken = "taken": ("Đang phát hành", "Being issued"),
        Used = "used": ("Đã dùng", "Used"),
        Cancelled = "cancelled": ("Đã huỷ", "Cancelled"),
    }
}

impl Number {
    /// The numbers before it that were left out: "06–08"; empty when there are none.
    pub fn gap(&self) -> String {
        let (from, to) = (self.number - self.skipped, self.number - 1);
        match self.skipped {
            0 => String::new(),
            1 => format!("{to:02}"),
            _ => format!("{from:02}–{to:02}"),
        }
    }
}

impl NumberState {
    pub fn tone(self) -> Tone {
        match self {
            NumberState::Taken => Tone::Watch,
            NumberState::Used => Tone::Good,
            NumberState::Cancelled => Tone::Quiet,
        }
    }
}

/// One number.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Number {
    pub id: NumberId,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// A sort of document of the pack; empty for letters.
    pub kind: String,
    pub year: i64,
    pub number: i64,
    /// As printed.
    pub symbol: String,
    /// What it was taken for.
    pub subject: String,
    pub state: NumberState,
    pub report_id: Option<ReportId>,
    pub incident_id: Option<IncidentId>,
    /// How many numbers right before it were left out.
    pub skipped: i64,
    /// Why they were, or why it was cancelled.
    pub reason: String,
    pub taken_at: Time,
    pub taken_by: String,
    pub version: i64,
    /// Form and ordinal of the report, and the incident's number, to name it in the reader's language.
    #[serde(skip)]
    pub form: Option<String>,
    #[serde(skip)]
    pub ordinal: Option<i64>,
    #[serde(skip)]
    pub incident_code: Option<String>,
}

/// Whose number, for what.
pub struct Wanted {
    pub unit_id: UnitId,
    /// As the pack knows the unit, for its symbol.
    pub unit_code: String,
    pub unit_kind: String,
    pub kind: String,
    pub year: i64,
    pub subject: String,
    pub report: Option<(ReportId, IncidentId)>,
}

/// What a person says about a number: which one (empty: the next), and why some are left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Typed {
    pub number: Raw,
    pub gap_reason: Raw,
}

/// Takes a number and gives its row, which the caller names in the journal. Whoever types one that somebody has is told
/// who; whoever leaves some out says why.
pub async fn take(work: &mut Work, wanted: &Wanted, typed: &Typed) -> Result<Number> {
    let mut checks = Checks::new();
    store::hold_series(&mut work.tx, &wanted.unit_id, &wanted.kind, wanted.year).await?;
    let last = store::last(&mut work.tx, &wanted.unit_id, &wanted.kind, wanted.year).await?;
    let number = match typed.number.is_empty() {
        true => last + 1,
        false => checks.number("number", &Raw(digits(typed.number.as_str())), 1, LARGEST),
    };
    let reason = checks.line_or_empty("gap_reason", &typed.gap_reason);
    let skips = number > last + 1;
    let taken = match store::find_at(&mut work.tx, &wanted.unit_id, &wanted.kind, wanted.year, number).await? {
        Some(taken) if !typed.number.is_empty() => {
            let (symbol, subject, who, at) =
                (&taken.symbol, &taken.subject, &taken.taken_by, taken.taken_at.to_minute());
            checks.refuse(
                "number",
                text!(
                    "Số {symbol} đã cấp cho: {subject} ({who}, {at}). Hãy ghi số khác hoặc để trống.",
                    "Number {symbol} was given to: {subject} ({who}, {at}). Write another or leave it empty."
                ),
            );
            true
        }
        _ => false,
    };
    if skips && !taken && reason.is_empty() {
        let (from, to) = (last + 1, number - 1);
        checks.refuse(
            "gap_reason",
            text!(
                "Số từ {from:02} đến {to:02} bị bỏ trống. Hãy ghi lý do.",
                "Numbers {from:02} to {to:02} would be left out. Say why."
            ),
        );
    }
    checks.done()?;
    let numbering = &work.app.pack.numbering;
    let symbol = numbering.print(number, &wanted.kind, numbering.symbol(&wanted.unit_code, &wanted.unit_kind));
    let row = Number {
        id: NumberId::new(&work.app.chance, work.now),
        unit_id: wanted.unit_id.clone(),
        unit_name: String::new(),
        kind: wanted.kind.clone(),
        year: wanted.year,
        number,
        symbol,
        subject: wanted.subject.clone(),
        state: if wanted.report.is_some() { NumberState::Taken } else { NumberState::Used },
        report_id: wanted.report.as_ref().map(|(report, _)| report.clone()),
        incident_id: wanted.report.as_ref().map(|(_, incident)| incident.clone()),
        skipped: if skips { number - 1 - last } else { 0 },
        reason: if skips { reason } else { String::new() },
        taken_at: work.now,
        taken_by: work.actor.name.clone(),
        version: 1,
        form: None,
        ordinal: None,
        incident_code: None,
    };
    store::insert(&mut work.tx, &row).await?;
    Ok(row)
}

/// The digits of "05", "5/BC-UBND": what stands before the symbol.
fn digits(typed: &str) -> String {
    typed.split('/').next().unwrap_or_default().trim().to_owned()
}

/// Whether what was typed means this number.
pub fn is_same(number: &Number, typed: &Raw) -> bool {
    digits(typed.as_str()).parse() == Ok(number.number)
}

/// Marks the number of a report as used. Gives its row.
pub async fn used(work: &mut Work, report: &ReportId) -> Result<Option<Number>> {
    let Some(mut number) = store::find_of_report(&mut work.tx, report).await? else { return Ok(None) };
    number.state = NumberState::Used;
    save(work, &number).await?;
    Ok(Some(number))
}

/// Gives up a number; it stays in the register with the reason.
pub async fn cancel(work: &mut Work, number: &Number, reason: &str) -> Result<()> {
    let mut number = number.clone();
    number.state = NumberState::Cancelled;
    number.reason = match number.reason.is_empty() {
        true => reason.to_owned(),
        false => format!("{}; {reason}", number.reason),
    };
    save(work, &number).await
}

async fn save(work: &mut Work, number: &Number) -> Result<()> {
    if store::save(&mut work.tx, number).await? == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// The reason of a number whose year ended before its document was issued.
pub fn year_ended() -> Text {
    Text::new("Hết năm mà văn bản chưa phát hành", "The year ended before the document was issued")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_or_without_its_symbol() {
        assert_eq!(digits("05"), "05");
        assert_eq!(digits("5/BC-UBND"), "5");
        assert_eq!(digits(" 12 "), "12");
    }
}
