//! Holidays year by year, and the days that the plan leaves to the locality.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::deadline::calendar::Calendar;
use crate::deadline::settings::{self, DayForm, FIRST, LAST, YearForm};
use crate::deadline::store;
use crate::pack::Confidence;
use crate::page::Page;
use crate::ui::Tab;
use crate::web::{Ask, Call, Done};

/// What the address may ask for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// The present year when nothing is asked.
    #[schemars(range(min = 2015, max = 2100))]
    year: Ask<i16>,
}

/// A report whose day the locality sets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OpenDay {
    pub rule: String,
    pub name: String,
    /// `20/06`; empty while nobody has set it.
    pub day: String,
    pub version: i64,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "deadline/html/calendar.html")]
pub struct CalendarView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    tabs: Vec<Tab>,
    year: i16,
    known: bool,
    corrected: bool,
    /// Came with the program and was read in the announcement itself.
    settled: bool,
    days_off: String,
    days_on: String,
    note: String,
    version: i64,
    days: Vec<OpenDay>,
}

pub async fn calendar(call: Call) -> Result<CalendarView> {
    let asked: Asked = call.query()?;
    let mut look = call.look().await?;
    let this_year = call.now.local().year();
    let year = asked.year.0.unwrap_or(this_year).clamp(FIRST, LAST);
    let calendar = Calendar::load(&mut look.tx).await?;
    let corrected = store::settings::list_years(&mut look.tx).await?.into_iter().find(|it| it.year == i64::from(year));
    let set = store::settings::list_days(&mut look.tx).await?;
    let p = Page::new(&call, &mut look, Text::new("Lịch nghỉ, ngày nộp báo cáo", "Holidays and due days")).await?;
    let rules = call.app.pack.regimes.iter().flat_map(|regime| &regime.rules).filter(|rule| settings::is_open(rule));
    let days = rules.map(|rule| {
        let set = set.iter().find(|set| set.rule == rule.id);
        OpenDay {
            rule: rule.id.clone(),
            name: p.words(&rule.name),
            day: set.map(|set| format!("{:02}/{:02}", set.day, set.month)).unwrap_or_default(),
            version: set.map_or(0, |set| set.version),
        }
    });
    let days = days.collect();
    let shipped = calendar.year(year);
    let mut years: Vec<i16> = calendar.years().map(|(year, _)| year).chain([this_year, this_year + 1, year]).collect();
    years.sort_unstable();
    years.dedup();
    let tab = |it: &i16| Tab::new(format!("/deadlines/calendar?year={it}"), it).current(*it == year);
    Ok(CalendarView {
        tabs: years.iter().map(tab).collect(),
        year,
        known: shipped.is_some(),
        corrected: corrected.is_some(),
        settled: shipped.is_some_and(|year| year.confidence <= Confidence::Read2),
        days_off: corrected
            .as_ref()
            .map(|it| it.days_off.clone())
            .or(shipped.map(|year| year.typed_off()))
            .unwrap_or_default(),
        days_on: corrected
            .as_ref()
            .map(|it| it.days_on.clone())
            .or(shipped.map(|year| year.typed_on()))
            .unwrap_or_default(),
        note: corrected.as_ref().map(|it| it.note.clone()).unwrap_or_default(),
        version: corrected.map_or(0, |it| it.version),
        days,
        p,
    })
}

pub async fn save_year(call: Call, form: YearForm) -> Result<Done> {
    let year: i16 = call.param("year")?;
    let mut work = call.work().await?;
    settings::save_year(&mut work, year, &form).await?;
    let said = ungcuu_kit::text!("Đã lưu lịch nghỉ năm {year}.", "The holidays of {year} are saved.");
    Ok(work.done(format!("/deadlines/calendar?year={year}")).await?.saying(said))
}

pub async fn save_day(call: Call, form: DayForm) -> Result<Done> {
    let mut work = call.work().await?;
    settings::save_day(&mut work, &form).await?;
    let said =
        Text::new("Đã đặt ngày nộp; báo cáo có trong danh sách hạn việc.", "The day is set; the report is listed.");
    Ok(work.done("/deadlines/calendar#days").await?.saying(said))
}
