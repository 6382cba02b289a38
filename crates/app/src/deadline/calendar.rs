//! The days on which offices work. A table of holidays and make-up days comes with the program; a year corrected on the
//! screen takes the place of the table's. A year without data counts its weekends only, and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Text, Words};

use super::store;
use crate::pack::Confidence;

/// Holidays and make-up days by year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// One year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Year {
    /// Days off and what they are, without the usual weekends.
    pub off: BTreeMap<Date, Text>,
    /// Saturdays and Sundays on which offices work.
    pub on: BTreeSet<Date>,
    pub confidence: Confidence,
    /// Corrected on the screen.
    pub corrected: bool,
}

/// The most days off that a year may name.
const MOST: usize = 120;

impl Calendar {
    /// The table that comes with the program.
    pub fn shipped() -> &'static Calendar {
        static SHIPPED: LazyLock<Calendar> = LazyLock::new(|| {
            let text = crate::pack::embedded_beside("holidays.toml").expect("the table is part of the program");
            Calendar::read(&text).expect("the table is sound; a test reads it")
        });
        &SHIPPED
    }

    /// The table with the years that were corrected on the screen.
    pub async fn load(tx: &mut Tx) -> Result<Calendar> {
        let mut calendar = Calendar::shipped().clone();
        for row in store::settings::list_years(tx).await? {
            let Ok(year) = i16::try_from(row.year) else { continue };
            let read = Year::typed(year, &row.days_off, &row.days_on).unwrap_or_default();
            calendar.years.insert(year, Year { corrected: true, ..read });
        }
        Ok(calendar)
    }

    /// Reads the table of a file.
    ///
    /// # Errors
    /// What is wrong with the first entry that cannot be read.
    pub fn read(text: &str) -> Result<Calendar, String> {
        let file: File = toml::from_str(text).map_err(|cause| cause.to_string())?;
        let mut calendar = Calendar::default();
        for table in file.years {
            let mut year = Year { confidence: table.confidence, ..Year::default() };
            for span in table.off {
                for day in span.days()? {
                    year.off.insert(day, span.name.text());
                }
            }
            for day in table.work {
                year.on.insert(iso(&day)?);
            }
            if year.off.keys().chain(&year.on).any(|day| day.year() != table.year) {
                return Err(format!("{}: a day of another year", table.year));
            }
            calendar.years.insert(table.year, year);
        }
        Ok(calendar)
    }

    /// A calendar with these years only, for tests and previews.
    pub fn of(years: impl IntoIterator<Item = (i16, Year)>) -> Calendar {
        Calendar { years: years.into_iter().collect() }
    }

    /// Whether the holidays of a year are known.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether offices work on a day. Of a year without data only the weekends are known.
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let Some(year) = self.years.get(&day.year()) else { return !weekend };
        if weekend { year.on.contains(&day) } else { !year.off.contains_key(&day) }
    }

    pub fn year(&self, year: i16) -> Option<&Year> {
        self.years.get(&year)
    }

    /// Every year there is, the earliest first.
    pub fn years(&self) -> impl Iterator<Item = (i16, &Year)> {
        self.years.iter().map(|(year, days)| (*year, days))
    }
}

impl Year {
    /// Reads what an administrator typed: one day a line, `2/9 Quốc khánh`, `02/09/2026 Quốc khánh` or
    /// `2026-09-02 Quốc khánh`; of the days on which offices work, the day alone.
    ///
    /// # Errors
    /// The first line that is not a day of this year, and which of the two fields it stands in.
    pub fn typed(year: i16, off: &str, on: &str) -> Result<Year, (Field, Text)> {
        let mut read = Year { confidence: Confidence::Seed, ..Year::default() };
        for line in lines(off) {
            let (day, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let day = day_of(year, day).ok_or_else(|| (Field::Off, unreadable(line)))?;
            let name = match name.trim() {
                "" | "Ngày nghỉ" => Text::new("Ngày nghỉ", "Day off"),
                name => Text::same(name),
            };
            read.off.insert(day, name);
        }
        for line in lines(on) {
            let first = line.split_whitespace().next().unwrap_or_default();
            let day = day_of(year, first).ok_or_else(|| (Field::On, unreadable(line)))?;
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                return Err((
                    Field::On,
                    ungcuu_kit::text!(
                        "“{line}” không phải thứ Bảy, Chủ nhật; ngày thường vốn đã là ngày làm việc.",
                        "“{line}” is no Saturday or Sunday; weekdays are working days anyway."
                    ),
                ));
            }
            read.on.insert(day);
        }
        if read.off.len() > MOST || read.on.len() > MOST {
            let field = if read.off.len() > MOST { Field::Off } else { Field::On };
            return Err((field, ungcuu_kit::text!("Tối đa {MOST} ngày một năm.", "At most {MOST} days a year.")));
        }
        Ok(read)
    }

    /// The days off as an administrator types them.
    pub fn typed_off(&self) -> String {
        let line = |(day, name): (&Date, &Text)| format!("{} {}", day.strftime("%d/%m/%Y"), name.vi);
        self.off.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The make-up days as an administrator types them.
    pub fn typed_on(&self) -> String {
        self.on.iter().map(|day| day.strftime("%d/%m/%Y").to_string()).collect::<Vec<_>>().join("\n")
    }
}

/// Which of the two fields of a year a line stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Off,
    On,
}

fn lines(typed: &str) -> impl Iterator<Item = &str> {
    typed.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn unreadable(line: &str) -> Text {
    ungcuu_kit::text!(
        "Không đọc được “{line}”. Mỗi dòng một ngày của năm này, chẳng hạn: 02/09 Quốc khánh.",
        "“{line}” cannot be read. One day of this year a line, such as: 02/09 National Day."
    )
}

/// A day of this year, as people and machines write it.
fn day_of(year: i16, typed: &str) -> Option<Date> {
    let typed = typed.trim_end_matches([':', ',', '.', ';']);
    let day = Date::strptime("%Y-%m-%d", typed)
        .or_else(|_| Date::strptime("%d/%m/%Y", typed))
        .or_else(|_| Date::strptime("%d/%m/%Y", format!("{typed}/{year}")))
        .ok()?;
    (day.year() == year).then_some(day)
}

fn iso(day: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", day).map_err(|_| format!("{day} is not a day"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    years: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    year: i16,
    #[serde(default)]
    confidence: Confidence,
    off: Vec<Span>,
    #[serde(default)]
    work: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    on: String,
    #[serde(default)]
    to: Option<String>,
    name: Words,
}

impl Span {
    /// The days of the span that are no usual weekend.
    fn days(&self) -> Result<Vec<Date>, String> {
        let (first, last) = (iso(&self.on)?, iso(self.to.as_ref().unwrap_or(&self.on))?);
        if last < first || last.duration_since(first).as_hours() > 31 * 24 {
            return Err(format!("{} to {} is no span of days off", first, last));
        }
        let days = first.series(1.day()).take_while(|day| *day <= last);
        Ok(days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)).collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_table_that_comes_with_the_program_is_sound_and_covers_2021_to_2027() {
        let text = crate::pack::embedded_beside("holidays.toml").expect("there");
        let calendar = Calendar::read(&text).expect("sound");
        assert_eq!(calendar.years().map(|(year, _)| year).collect::<Vec<_>>(), (2021..=2027).collect::<Vec<_>>());
        for (year, days) in calendar.years() {
            assert!((9..=14).contains(&days.off.len()), "{year} has {} days off", days.off.len());
            assert!(days.on.iter().all(|day| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)), "{year}");
        }
    }

    #[test]
    fn tet_is_off_a_make_up_saturday_works_and_an_unknown_year_knows_its_weekends_only() {
        let calendar = Calendar::shipped();
        assert!(!calendar.is_working(date(2026, 2, 17)), "the first day of Tết");
        assert!(calendar.is_working(date(2026, 1, 10)), "Saturday in place of 2 January");
        assert!(!calendar.is_working(date(2026, 1, 2)) && !calendar.is_working(date(2026, 1, 17)));
        assert!(
            !calendar.knows(2031) && calendar.is_working(date(2031, 1, 1)) && !calendar.is_working(date(2031, 1, 4))
        );
    }

    #[test]
    fn an_administrator_types_a_year_as_clerks_write_days() {
        let year = Year::typed(2028, "01/01 Tết Dương lịch\n\n26/1/2028 Tết\n2028-09-04", "08/01").expect("read");
        assert_eq!(year.off.len(), 3);
        assert_eq!(year.off[&date(2028, 1, 26)].vi, "Tết");
        assert!(year.on.contains(&date(2028, 1, 8)));
        assert_eq!(Year::typed(2028, &year.typed_off(), &year.typed_on()), Ok(year));
        assert_eq!(Year::typed(2028, "30/02 gì đó", "").expect_err("no such day").0, Field::Off);
        assert_eq!(Year::typed(2028, "01/01/2027", "").expect_err("another year").0, Field::Off);
        assert_eq!(Year::typed(2028, "", "03/01").expect_err("a Monday").0, Field::On);
    }
}
