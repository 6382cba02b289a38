//! What the administrator sets: holidays of a year, and the day of the year of a report that the plan leaves open.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::calendar::{Field, Year};
use super::{plan, rules, store};
use crate::pack::YearDay;
use crate::permission::Permission;
use crate::setting;
use crate::work::Work;

/// A year of holidays as corrected on the screen.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HolidayYear {
    pub id: String,
    pub year: i64,
    pub days_off: String,
    pub days_on: String,
    pub note: String,
    pub changed_at: Time,
    pub changed_by: String,
    pub version: i64,
}

/// The day before which a report is due, as the locality set it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct ReportDay {
    pub id: String,
    /// A rule of the pack.
    pub rule: String,
    pub month: i64,
    pub day: i64,
    pub changed_at: Time,
    pub changed_by: String,
    pub version: i64,
}

impl ReportDay {
    pub fn day(&self) -> Option<YearDay> {
        Some(YearDay { month: u8::try_from(self.month).ok()?, day: u8::try_from(self.day).ok()? })
    }
}

/// The years that may be edited: nobody plans further, and nobody corrects what came before the law.
pub const FIRST: i16 = 2015;
pub const LAST: i16 = 2100;

/// A year of holidays as typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct YearForm {
    /// One day off a line: `02/09 Quốc khánh`.
    pub days_off: Raw,
    /// Saturdays and Sundays on which offices work, one a line.
    pub days_on: Raw,
    /// Where it was announced.
    pub note: Raw,
    /// Of the year as corrected before; `0` where it was not.
    pub version: Raw,
}

/// Corrects the holidays of a year. Time limits that count in working days follow within a minute.
pub async fn save_year(work: &mut Work, year: i16, form: &YearForm) -> Result<()> {
    work.actor.must(Permission::PackWrite)?;
    if !(FIRST..=LAST).contains(&year) {
        return Err(Error::NotFound);
    }
    work.hold(plan::STREAM).await?;
    let mut checks = Checks::new();
    let days_off = checks.area("days_off", &form.days_off);
    let days_on = checks.area_or_empty("days_on", &form.days_on);
    let note = checks.line("note", &form.note);
    if let Err((field, message)) = Year::typed(year, &days_off, &days_on) {
        checks.refuse(if field == Field::Off { "days_off" } else { "days_on" }, message);
    }
    checks.done()?;
    let known = store::settings::list_years(&mut work.tx).await?.into_iter().find(|it| it.year == i64::from(year));
    let version = known.as_ref().map_or(0, |it| it.version);
    if form.version.as_str() != version.to_string() {
        let theirs = known
            .as_ref()
            .map(|it| vec![("days_off".to_owned(), it.days_off.clone()), ("days_on".to_owned(), it.days_on.clone())]);
        let (who, when) = known.map(|it| (it.changed_by, it.changed_at)).unwrap_or_default();
        return Err(Error::Conflict(Box::new(Conflict { who, when, theirs: theirs.unwrap_or_default() })));
    }
    let it = HolidayYear {
        id: known.map_or_else(|| work.app.chance.id("hol", work.now), |it| it.id),
        year: year.into(),
        days_off,
        days_on,
        note,
        changed_at: work.now,
        changed_by: work.actor.name.clone(),
        version,
    };
    match version {
        0 => store::settings::insert_year(&mut work.tx, &it).await?,
        _ => {
            store::settings::save_year(&mut work.tx, &it).await?;
        }
    }
    // Time limits that count in working days are reckoned anew by the watch.
    setting::save(&mut work.tx, super::watch::SETTLED, "").await?;
    let note = &it.note;
    let what = text!("Sửa lịch nghỉ năm {year}: {note}", "Holidays of {year} corrected: {note}");
    work.record(plan::STREAM, "deadline.holidays", what, &[("holiday_years", &it.id)]);
    Ok(())
}

/// A day of the year as typed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DayForm {
    /// A rule of the pack that leaves its day to the locality.
    pub rule: Raw,
    /// `20/06`: the report is due before this day, every year.
    pub day: Raw,
    /// Of the day as set before; `0` where it was not.
    pub version: Raw,
}

/// Sets the day before which a report is due, every year.
pub async fn save_day(work: &mut Work, form: &DayForm) -> Result<()> {
    work.actor.must(Permission::PackWrite)?;
    work.hold(plan::STREAM).await?;
    let app = work.app.clone();
    let mut checks = Checks::new();
    let rule = app.pack.rule(form.rule.as_str()).filter(|rule| is_open(rule));
    if rule.is_none() {
        checks.refuse("rule", ungcuu_kit::form::unknown());
    }
    let typed = checks.line("day", &form.day);
    let day = Date::strptime("%d/%m/%Y", format!("{}/2027", typed.trim())).ok();
    if day.is_none() && !typed.is_empty() {
        checks
            .refuse("day", Text::new("Hãy ghi ngày và tháng, chẳng hạn 20/06.", "Write day and month, such as 20/06."));
    }
    checks.done()?;
    let (Some(rule), Some(day)) = (rule, day) else { return Err(Error::NotFound) };
    let known = store::settings::list_days(&mut work.tx).await?.into_iter().find(|it| it.rule == rule.id);
    let version = known.as_ref().map_or(0, |it| it.version);
    if form.version.as_str() != version.to_string() {
        let theirs = known.as_ref().map(|it| vec![("day".to_owned(), format!("{:02}/{:02}", it.day, it.month))]);
        let (who, when) = known.map(|it| (it.changed_by, it.changed_at)).unwrap_or_default();
        return Err(Error::Conflict(Box::new(Conflict { who, when, theirs: theirs.unwrap_or_default() })));
    }
    let it = ReportDay {
        id: known.map_or_else(|| work.app.chance.id("day", work.now), |it| it.id),
        rule: rule.id.clone(),
        month: day.month().into(),
        day: day.day().into(),
        changed_at: work.now,
        changed_by: work.actor.name.clone(),
        version,
    };
    match version {
        0 => store::settings::insert_day(&mut work.tx, &it).await?,
        _ => {
            store::settings::save_day(&mut work.tx, &it).await?;
        }
    }
    let (name, day, month) = (rule.name.text(), it.day, it.month);
    let (vi, en) = (&name.vi, &name.en);
    let what = text!("{vi}: hạn trước ngày {day}/{month} hằng năm", "{en}: due before {day}/{month} every year");
    work.record(plan::STREAM, "deadline.day_set", what, &[("report_days", &it.id)]);
    Ok(())
}

/// Whether a rule leaves its day to the locality.
pub fn is_open(rule: &crate::pack::DeadlineRule) -> bool {
    rule.anchor == rules::CALENDAR && rule.before.is_none()
}
