//! Tabs: each a page of its own, so that every one can be linked to and printed.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::page::Page;

/// One tab.
#[derive(Clone, Debug)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub count: Option<i64>,
    pub current: bool,
}

impl Tab {
    /// A tab without a count.
    pub fn new(href: impl Display, label: impl Display) -> Tab {
        Tab { href: href.to_string(), label: label.to_string(), count: None, current: false }
    }

    /// How many things are behind it.
    pub fn count(mut self, count: i64) -> Tab {
        self.count = Some(count);
        self
    }

    /// The tab one is on.
    pub fn current(mut self, yes: bool) -> Tab {
        self.current = yes;
        self
    }
}

/// The line of tabs.
#[derive(Clone, Template)]
#[template(
    source = r#"<nav class="tabs" aria-label="{{ label }}"><ul>{% for tab in tabs %}<li><a href="{{ tab.href }}"{% if tab.current %} aria-current="page"{% endif %}>{{ tab.label }}{% match tab.count %}{% when Some(n) %}{% if *n > 0 %} <span class="count">{{ n }}</span>{% endif %}{% when None %}{% endmatch %}</a></li>{% endfor %}</ul></nav>"#,
    ext = "html"
)]
pub struct Tabs {
    label: &'static str,
    tabs: Vec<Tab>,
}

impl HtmlSafe for Tabs {}

impl Page {
    /// A line of tabs.
    pub fn tabs(&self, tabs: impl AsRef<[Tab]>) -> Tabs {
        Tabs { label: self.t("Các phần", "Sections"), tabs: tabs.as_ref().to_vec() }
    }
}
