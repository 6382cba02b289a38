//! Around a table: heads that sort, filters that stay in the address, and the line that leads to the next rows.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;

use super::choices::{Choice, LongChoice};
use super::field::Field;
use super::form::Form;
use super::given::{Maybe, Whole};
use crate::page::Page;

/// A column head that sorts by a click; the order stands in the address as `sort=due` or `sort=-due`.
#[derive(Clone, Template)]
#[template(
    source = r#"<th scope="col"{% if number %} class="number"{% endif %}{% if !order.is_empty() %} aria-sort="{{ order }}"{% endif %}><a class="sort" href="{{ href }}">{{ label }}</a></th>"#,
    ext = "html"
)]
pub struct Sort {
    label: String,
    href: String,
    order: &'static str,
    number: bool,
}

impl HtmlSafe for Sort {}

impl Sort {
    /// A column of numbers, set to the right.
    pub fn number(mut self) -> Sort {
        self.number = true;
        self
    }
}

/// A filter that is set, with the link that takes it away.
#[derive(Clone, Debug)]
pub struct SetFilter {
    pub label: String,
    pub value: String,
    pub without: String,
}

/// The filter bar: fields that ask by GET, and a chip for each that is set.
#[derive(Clone, Template)]
#[template(path = "ui/parts/filters.html")]
pub struct Filters<'a> {
    page: &'a Page,
    form: Form<'a>,
    fields: Vec<Field>,
    set: Vec<SetFilter>,
    kept: Vec<(String, String)>,
}

impl HtmlSafe for Filters<'_> {}

/// "50 trong khoảng 20.000" and the way on.
#[derive(Clone, Template)]
#[template(path = "ui/parts/pager.html")]
pub struct Pager<'a> {
    page: &'a Page,
    shown: i64,
    about: Option<i64>,
    next: Option<String>,
    previous: Option<String>,
}

impl HtmlSafe for Pager<'_> {}

impl Page {
    /// The head of a column that sorts.
    pub fn sort(&self, column: &str, label: impl Display) -> Sort {
        let asked = self.query("sort").unwrap_or_default();
        let down = format!("-{column}");
        let (order, next) = match asked.as_str() {
            sort if sort == column => ("ascending", down.as_str()),
            sort if sort == down => ("descending", column),
            _ => ("", column),
        };
        Sort { label: label.to_string(), href: self.with("sort", next), order, number: false }
    }

    /// A filter bar over this page's query.
    pub fn filters(&self) -> Filters<'_> {
        let form = self.form(self.bare_path()).key("filters").get();
        let kept = self.query("sort").map(|sort| ("sort".to_owned(), sort)).into_iter().collect();
        Filters { page: self, form, fields: Vec::new(), set: Vec::new(), kept }
    }

    /// The end of a list: how many rows are shown, and of how many there are about.
    pub fn pager(&self, shown: impl Whole, about: impl About) -> Pager<'_> {
        Pager { page: self, shown: shown.whole(), about: about.about(), next: None, previous: None }
    }
}

impl Filters<'_> {
    /// A search field.
    pub fn search(mut self, name: &str, label: impl Display) -> Self {
        let label = label.to_string();
        let value = self.page.query(name);
        if let Some(value) = &value {
            self.note(name, &label, value);
        }
        self.fields.push(self.form.text(name, &label).kind("search").value(value));
        self
    }

    /// A choice; the first, empty one lets everything through.
    pub fn choice<V: Display, L: Display>(
        mut self,
        name: &str,
        label: impl Display,
        options: impl AsRef<[(V, L)]>,
    ) -> Self {
        let label = label.to_string();
        let value = self.page.query(name);
        let everything = !options.as_ref().iter().any(|(value, _)| value.to_string().is_empty());
        let field = self.form.select(name, &label, options);
        // An order has a usual choice instead of “all”.
        let field = if everything { field.blank(self.page.t("Tất cả", "All")) } else { field }.value(&value);
        if let Some(value) = &value {
            let chosen = field.choices().iter().find(|choice| choice.chosen);
            let words = chosen.map(|choice: &Choice| choice.label.clone()).unwrap_or_else(|| value.clone());
            self.note(name, &label, &words);
        }
        self.kept.retain(|(kept, _)| kept != name);
        self.fields.push(field);
        self
    }

    /// A choice among hundreds. The one that is chosen stands above the others, too.
    pub fn long_choice(mut self, name: &str, label: impl Display, choices: &Arc<LongChoice>) -> Self {
        let label = label.to_string();
        let value = self.page.query(name);
        let chosen = value.as_deref().and_then(|value| Some((value.to_owned(), choices.label(value)?.to_owned())));
        if let Some(value) = &value {
            self.note(name, &label, chosen.as_ref().map_or(value, |(_, words)| words));
        }
        let field = self.form.select(name, &label, chosen.as_slice()).blank(self.page.t("Tất cả", "All"));
        self.fields.push(field.value(&value).shared(choices.clone()));
        self.kept.retain(|(kept, _)| kept != name);
        self
    }

    /// A day from or until which to list.
    pub fn day(mut self, name: &str, label: impl Display) -> Self {
        let label = label.to_string();
        let value = self.page.query(name);
        if let Some(value) = &value {
            let words = ungcuu_kit::time::Time::parse(value).map(|day| day.to_day());
            self.note(name, &label, &words.unwrap_or_else(|_| value.clone()));
        }
        self.fields.push(self.form.date(name, &label).value(value));
        self
    }

    /// A query parameter that stays as it is: the view one is on.
    pub fn keep(mut self, name: &str) -> Self {
        self.kept.retain(|(kept, _)| kept != name);
        self.kept.extend(self.page.query(name).map(|value| (name.to_owned(), value)));
        self
    }

    fn note(&mut self, name: &str, label: &str, value: &str) {
        if !value.is_empty() {
            let without = self.page.without(name);
            self.set.push(SetFilter { label: label.to_owned(), value: value.to_owned(), without });
        }
    }
}

impl Pager<'_> {
    /// The cursor of the next rows; goes into the address as `after`.
    pub fn next(mut self, cursor: impl Maybe) -> Self {
        self.next = cursor.maybe().map(|cursor| self.page.with("after", cursor));
        self
    }

    /// The cursor of the rows before; goes into the address as `before`. Without it, a link leads to the top.
    pub fn previous(mut self, cursor: impl Maybe) -> Self {
        self.previous = cursor.maybe().map(|cursor| self.page.with("before", cursor));
        self
    }

    fn top(&self) -> Option<String> {
        let inside = self.page.query("after").or_else(|| self.page.query("before"));
        inside.map(|_| self.page.without("after"))
    }
}

/// About how many rows there are, if anybody counted.
pub trait About {
    fn about(&self) -> Option<i64>;
}

impl<T: Whole> About for Option<T> {
    fn about(&self) -> Option<i64> {
        self.as_ref().map(T::whole)
    }
}

impl<T: About> About for &T {
    fn about(&self) -> Option<i64> {
        (**self).about()
    }
}

#[cfg(test)]
mod tests {
    use super::super::checks::page;

    #[test]
    fn a_second_click_turns_the_order_and_filters_become_chips() {
        let page = page(|page| page.path = "/alerts?state=new&sort=due&after=9".to_owned());
        assert!(page.sort("due", "Hạn").to_string().contains("href=\"/alerts?state=new&#38;sort=-due\""));
        let bar = page.filters().choice("state", "Trạng thái", [("new", "Mới"), ("old", "Cũ")]).to_string();
        assert!(bar.contains("Trạng thái: <b>Mới</b>") && bar.contains("href=\"/alerts?sort=due\""), "{bar}");
        let pager = page.pager(50, Some(20_000)).next(Some("42")).to_string();
        assert!(pager.contains("50 trong khoảng 20.000") && pager.contains("after=42"), "{pager}");
    }
}
