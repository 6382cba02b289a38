//! The register of document numbers as a page: look up, note a number used outside, cancel one that will not be used.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

use super::store::NumberFilter;
use super::{Number, NumberId, NumberState, Typed, Wanted, store};
use crate::incident::{IncidentId, lookup};
use crate::org;
use crate::org::UnitId;
use crate::pack::Pack;
use crate::page::Page;
use crate::permission::Permission;
use crate::report::actions::name_with;
use crate::report::store::facts::list_units;
use crate::web::{Ask, Call, Done};

/// Rows of one page.
const ROWS: usize = 50;

/// The stream of the register in the journal.
const STREAM: &str = "numbers";

type Options = Vec<(String, String)>;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct NumbersQuery {
    unit: Ask<UnitId>,
    /// A sort of document of the plan, or `letter`.
    kind: String,
    /// Only numbers of this year.
    year: Ask<i64>,
    state: Ask<NumberState>,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<NumberId>,
}

/// Letters have no sort of their own.
const LETTER: &str = "letter";

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/numbers.html")]
pub struct Numbers {
    #[serde(skip)]
    p: Page,
    numbers: Vec<Number>,
    next: Option<String>,
    /// Incidents among them that the reader may see.
    #[serde(skip)]
    visible: Vec<IncidentId>,
    #[serde(skip)]
    units: Options,
    /// Units that the reader may note numbers of.
    #[serde(skip)]
    own_units: Options,
    #[serde(skip)]
    kinds: Options,
    #[serde(skip)]
    years: Options,
    #[serde(skip)]
    states: Options,
}

impl Numbers {
    fn kind_name(&self, kind: &str) -> String {
        let kind = if kind.is_empty() { LETTER } else { kind };
        self.kinds.iter().find(|(id, _)| id == kind).map_or(kind, |(_, name)| name.as_str()).to_owned()
    }

    /// The page of the document; empty for one that was written elsewhere, or that the reader may not see.
    fn link(&self, number: &Number) -> String {
        match (&number.incident_id, &number.report_id) {
            (Some(incident), Some(report)) if self.visible.contains(incident) => {
                format!("/incidents/{incident}/reports/{report}")
            }
            _ => String::new(),
        }
    }

    fn state_word(&self, number: &Number) -> String {
        self.p.say(&number.state.label())
    }

    fn may_cancel(&self, number: &Number) -> bool {
        number.report_id.is_none()
            && number.state == NumberState::Used
            && self.own_units.iter().any(|(id, _)| id == number.unit_id.as_str())
    }
}

fn kinds(pack: &Pack, lang: Lang) -> Options {
    let mut kinds: Options = pack
        .numbering
        .kinds
        .iter()
        .map(|kind| (kind.id.clone(), format!("{} – {}", kind.symbol, kind.name.get(lang))))
        .collect();
    kinds.push((LETTER.to_owned(), lang.pick("Công văn", "Letter").to_owned()));
    kinds
}

pub async fn list(call: Call) -> Result<Numbers> {
    let query: NumbersQuery = call.query()?;
    let filter = NumberFilter {
        unit: query.unit.0,
        kind: match query.kind.as_str() {
            "" => None,
            LETTER => Some(String::new()),
            kind => Some(kind.to_owned()),
        },
        year: query.year.0,
        state: query.state.0,
    };
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Sổ số văn bản", "Register of document numbers")).await?;
    let scope = look.actor.scope(Permission::ReportRead);
    let mut numbers = store::list(&mut look.tx, &scope, &filter, query.after.0.as_ref(), ROWS as i64 + 1).await?;
    let more = numbers.len() > ROWS;
    numbers.truncate(ROWS);
    for number in &mut numbers {
        number.subject = subject(&look.app.pack, number, p.lang);
    }
    let ids: Vec<IncidentId> = numbers.iter().filter_map(|number| number.incident_id.clone()).collect();
    let actor = look.actor.clone();
    let visible = match ids.is_empty() || !actor.can(Permission::IncidentRead) {
        true => Vec::new(),
        false => lookup::list_visible(&mut look.tx, &actor, &ids).await?,
    };
    let writes = look.actor.scope(Permission::ReportWrite);
    let own_units =
        if writes.is_empty() { Vec::new() } else { org::list_inside_options(&mut look.tx, &writes).await? };
    let this_year = look.now.year();
    Ok(Numbers {
        visible: visible.into_iter().map(|(id,)| id).collect(),
        next: numbers.last().filter(|_| more).map(|number| number.id.to_string()),
        numbers,
        units: org::list_inside_options(&mut look.tx, &scope).await?,
        own_units,
        kinds: kinds(&look.app.pack, p.lang),
        years: (0..5).map(|ago| (this_year - ago).to_string()).map(|year| (year.clone(), year)).collect(),
        states: NumberState::options(p.lang),
        p,
    })
}

/// What a number was taken for: a report by its form's name in the reader's language, anything else as it was noted.
fn subject(pack: &Pack, number: &Number, lang: Lang) -> String {
    let form = number.form.as_ref().and_then(|form| pack.form(form));
    let (Some(form), Some(ordinal), Some(code)) = (form, number.ordinal, &number.incident_code) else {
        return number.subject.clone();
    };
    let (vi, en) = name_with(form, ordinal);
    format!("{}, {code}", lang.pick(&vi, &en))
}

/// A number that was used for a document written elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NoteForm {
    pub unit: Raw,
    /// A sort of document of the plan, or `letter`.
    pub kind: Raw,
    /// Empty: the next one.
    pub number: Raw,
    pub subject: Raw,
    pub gap_reason: Raw,
}

pub async fn note(call: Call, form: NoteForm) -> Result<Done> {
    let mut work = call.work().await?;
    let mut checks = Checks::new();
    let app = work.app.clone();
    let unit = checks.id::<UnitId>("unit", &form.unit);
    let kind = match form.kind.as_str() {
        LETTER => String::new(),
        kind => {
            if app.pack.numbering.kind(kind).is_none() {
                checks.refuse("kind", unknown());
            }
            kind.to_owned()
        }
    };
    let subject = checks.line("subject", &form.subject);
    let found = match &unit {
        Some(unit) => list_units(&mut work.tx, &[unit]).await?.pop(),
        None => None,
    };
    if unit.is_some() && found.is_none() {
        checks.refuse("unit", unknown());
    }
    checks.done()?;
    let unit = found.ok_or(Error::NotFound)?;
    work.actor.must_in(Permission::ReportWrite, &unit.id)?;
    let wanted = Wanted {
        unit_id: unit.id,
        unit_code: unit.code,
        unit_kind: unit.kind,
        kind,
        year: work.now.year(),
        subject,
        report: None,
    };
    let typed = Typed { number: form.number, gap_reason: form.gap_reason };
    let number = super::take(&mut work, &wanted, &typed).await?;
    let (symbol, subject) = (&number.symbol, &number.subject);
    let what = text!("Ghi số {symbol}: {subject}", "Noted number {symbol}: {subject}");
    let said = text!("Đã ghi số {symbol} vào sổ.", "Number {symbol} is in the register.");
    work.record(STREAM, "number.noted", what, &[("document_numbers", number.id.as_str())]);
    let done = work.done("/numbers").await?.with(serde_json::json!({ "id": number.id, "symbol": number.symbol }));
    Ok(done.saying(said))
}

/// Why a number will not be used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CancelForm {
    pub reason: Raw,
    pub version: Raw,
}

/// Cancels a number that was noted by hand; the number of a report goes with its report.
pub async fn cancel(call: Call, form: CancelForm) -> Result<Done> {
    let id: NumberId = call.param("id")?;
    let mut work = call.work().await?;
    let number = store::find(&mut work.tx, &id).await?.ok_or(Error::NotFound)?;
    if !work.actor.can_in(Permission::ReportRead, &number.unit_id) {
        return Err(Error::NotFound);
    }
    work.actor.must_in(Permission::ReportWrite, &number.unit_id)?;
    if number.report_id.is_some() || number.state != NumberState::Used {
        return Err(Error::not_now(
            "Số này thuộc một báo cáo hoặc đã huỷ. Số của bản nháp được huỷ cùng bản nháp.",
            "This number belongs to a report or was cancelled. A draft's number is cancelled with the draft.",
        ));
    }
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    super::cancel(&mut work, &number, &reason).await?;
    let symbol = &number.symbol;
    let what = text!("Huỷ số {symbol}: {reason}", "Cancelled number {symbol}: {reason}");
    work.record(STREAM, "number.cancelled", what, &[("document_numbers", id.as_str())]);
    Ok(work.done("/numbers").await?.saying(text!("Đã huỷ số {symbol}.", "Number {symbol} is cancelled.")))
}
