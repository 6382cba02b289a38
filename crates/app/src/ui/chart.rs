//! Charts that are their own tables: drawn on the server, read by everyone, printed as they are.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::page::Page;

/// One bar a row: the table and the chart are the same thing.
#[derive(Clone, Template)]
#[template(path = "ui/parts/bars.html")]
pub struct Bars<'a> {
    page: &'a Page,
    title: String,
    rows: Vec<(String, i64)>,
}

impl HtmlSafe for Bars<'_> {}

/// Columns over time, up to four series, with a table folded under them.
#[derive(Clone, Template)]
#[template(path = "ui/parts/columns.html")]
pub struct Columns<'a> {
    page: &'a Page,
    title: String,
    labels: Vec<String>,
    series: Vec<(String, Vec<i64>)>,
}

impl HtmlSafe for Columns<'_> {}

/// One drawn column, in the units of the drawing.
struct Column {
    series: usize,
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

impl Page {
    /// A bar for each row, longest where the number is largest.
    pub fn bars<L: Display>(&self, title: impl Display, rows: impl AsRef<[(L, i64)]>) -> Bars<'_> {
        let rows = rows.as_ref().iter().map(|(label, value)| (label.to_string(), *value)).collect();
        Bars { page: self, title: title.to_string(), rows }
    }

    /// Columns side by side for each label; add the numbers with [`Columns::series`].
    pub fn columns<L: Display>(&self, title: impl Display, labels: impl AsRef<[L]>) -> Columns<'_> {
        let labels = labels.as_ref().iter().map(L::to_string).collect();
        Columns { page: self, title: title.to_string(), labels, series: Vec::new() }
    }
}

impl Bars<'_> {
    fn percent(&self, value: &i64) -> i64 {
        let most = self.rows.iter().map(|(_, value)| *value).max().unwrap_or(0);
        if most > 0 { (value * 100 / most).max(i64::from(*value > 0)) } else { 0 }
    }
}

impl Columns<'_> {
    /// The numbers of one series, one for each label.
    pub fn series(mut self, name: impl Display, values: impl AsRef<[i64]>) -> Self {
        self.series.push((name.to_string(), values.as_ref().to_vec()));
        self
    }

    fn most(&self) -> i64 {
        let values = self.series.iter().flat_map(|(_, values)| values);
        values.copied().max().unwrap_or(0).max(1)
    }

    /// Every column, in a drawing of 1000 by 100.
    fn drawn(&self) -> Vec<Column> {
        let group = 1000.0 / self.labels.len().max(1) as f64;
        let width = group * 0.7 / self.series.len().max(1) as f64;
        let mut columns = Vec::new();
        for (series, (name, values)) in self.series.iter().enumerate() {
            for (place, (value, label)) in values.iter().zip(&self.labels).enumerate() {
                let height = *value as f64 * 100.0 / self.most() as f64;
                columns.push(Column {
                    series,
                    x: format!("{:.1}", group * (place as f64 + 0.15) + width * series as f64),
                    y: format!("{:.1}", 100.0 - height),
                    width: format!("{:.1}", (width - 2.0).max(1.0)),
                    height: format!("{height:.1}"),
                    title: format!("{label}: {} {name}", self.page.number(value)),
                });
            }
        }
        columns
    }

    fn value(&self, values: &[i64], place: &usize) -> String {
        values.get(*place).map(|value| self.page.number(value)).unwrap_or_default()
    }
}
