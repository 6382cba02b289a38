//! The loudest thing on a page: what remains until something is due.
//!
//! Calm until the last quarter of its time, amber in it, red when late; still once it is met. The exact moment shows on
//! focus and hover, and script lets it tick between two visits to the server.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::time::{DAY, Time};

use super::given::{Instant, Truth};
use crate::page::Page;

/// Amber from here on when nobody said when the clock started.
const LAST_DAY: i64 = DAY;

/// A clock chip.
#[derive(Clone, Template)]
#[template(path = "ui/parts/clock.html")]
pub struct Clock<'a> {
    page: &'a Page,
    due: Option<Time>,
    started: Option<Time>,
    met: Option<Time>,
    waived: bool,
    label: String,
    href: String,
}

impl HtmlSafe for Clock<'_> {}

/// A moment in a sentence or a table cell; the exact time is its title.
#[derive(Clone, Template)]
#[template(
    source = r#"{% if iso.is_empty() %}{{ words }}{% else %}<time datetime="{{ iso }}" title="{{ title }}"{% if ago %} data-ago{% endif %}>{{ words }}</time>{% endif %}"#,
    ext = "html"
)]
pub struct Moment {
    iso: String,
    title: String,
    words: String,
    ago: bool,
}

impl HtmlSafe for Moment {}

impl Moment {
    /// A dash where no moment is known.
    fn unknown() -> Moment {
        Moment { iso: String::new(), title: String::new(), words: "–".to_owned(), ago: false }
    }
}

impl Page {
    /// A clock that runs until `due`. Takes a `Time` or an `Option<Time>`; without one it says "chưa có hạn".
    pub fn clock(&self, due: impl Instant) -> Clock<'_> {
        Clock {
            page: self,
            due: due.instant(),
            started: None,
            met: None,
            waived: false,
            label: String::new(),
            href: String::new(),
        }
    }

    /// "3 giờ trước", the exact time on hover.
    pub fn since(&self, time: impl Instant) -> Moment {
        let Some(time) = time.instant() else { return Moment::unknown() };
        Moment { iso: time.to_iso(), title: time.to_minute(), words: time.ago_in(self.now, self.lang), ago: true }
    }

    /// "22/11/2026 14:05" as a machine-readable moment.
    pub fn moment(&self, time: impl Instant) -> Moment {
        let Some(time) = time.instant() else { return Moment::unknown() };
        let words = time.to_minute();
        Moment { iso: time.to_iso(), title: time.ago_in(self.now, self.lang), words, ago: false }
    }
}

impl Clock<'_> {
    /// What is due: "Báo cáo 24 giờ".
    pub fn label(mut self, words: impl Display) -> Self {
        self.label = words.to_string();
        self
    }

    /// When the clock started: the last quarter is counted from here. Without it, the last day is amber.
    pub fn started(mut self, at: impl Instant) -> Self {
        self.started = at.instant();
        self
    }

    /// When the duty was done; the clock then stands still.
    pub fn met(mut self, at: impl Instant) -> Self {
        self.met = at.instant();
        self
    }

    /// Somebody set the duty aside with a reason.
    pub fn waived(mut self, yes: impl Truth) -> Self {
        self.waived = yes.truth();
        self
    }

    /// Where the chip leads.
    pub fn link(mut self, href: impl Display) -> Self {
        self.href = href.to_string();
        self
    }

    /// The first moment of the amber quarter.
    fn amber_from(&self, due: Time) -> Time {
        let whole = self.started.map(|started| due.0.saturating_sub(started.0).max(0));
        due.plus(-whole.map(|micros| micros / 4).unwrap_or(LAST_DAY))
    }

    fn state(&self) -> &'static str {
        let now = self.page.now;
        match (self.due, self.met) {
            _ if self.waived => "waived",
            (Some(due), Some(met)) if met > due => "met-late",
            (_, Some(_)) => "met",
            (None, None) => "none",
            (Some(due), None) if now > due => "late",
            (Some(due), None) if now >= self.amber_from(due) => "due",
            _ => "running",
        }
    }

    fn words(&self) -> String {
        let page = self.page;
        match (self.due, self.met) {
            _ if self.waived => page.t("được miễn", "waived").to_owned(),
            (Some(due), Some(met)) if met > due => {
                let span = met.span(due);
                page.say(&ungcuu_kit::text::Text::owned(
                    format!("xong, trễ {}", span.vi),
                    format!("done, {} late", span.en),
                ))
            }
            (_, Some(_)) => page.t("đã xong", "done").to_owned(),
            (None, None) => page.t("chưa có hạn", "no time limit").to_owned(),
            (Some(due), None) => page.say(&due.remaining(page.now)),
        }
    }

    fn ticks(&self) -> bool {
        matches!(self.state(), "running" | "due" | "late")
    }

    /// The exact moment, for hover and focus.
    fn title(&self) -> String {
        let exact = self.met.or(self.due).map(Time::to_minute).unwrap_or_default();
        let what = if self.met.is_some() { self.page.t("Xong lúc", "Done at") } else { self.page.t("Hạn", "Due") };
        if exact.is_empty() { exact } else { format!("{what} {exact}") }
    }

    fn iso(&self) -> String {
        self.met.or(self.due).map(Time::to_iso).unwrap_or_default()
    }

    /// The start of the amber quarter in seconds since 1970, for script.
    fn amber(&self) -> i64 {
        self.due.map(|due| self.amber_from(due).0 / 1_000_000).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use ungcuu_kit::time::{HOUR, MINUTE};

    use super::super::checks::page;
    use super::*;

    #[test]
    fn a_clock_turns_amber_in_its_last_quarter_and_red_when_late() {
        let start = Time::parse("22/11/2026 08:00").expect("a moment");
        let due = start.plus(24 * HOUR);
        let state = |now: Time| page(|page| page.now = now).clock(due).started(start).state();
        assert_eq!(state(start.plus(17 * HOUR)), "running");
        assert_eq!(state(start.plus(18 * HOUR)), "due");
        assert_eq!(state(due), "due");
        assert_eq!(state(due.plus(MINUTE)), "late");
    }

    #[test]
    fn a_met_clock_stands_still_and_says_how_late_it_was() {
        let due = Time::parse("22/11/2026 08:00").expect("a moment");
        let page = page(|page| page.now = due.plus(99 * HOUR));
        let clock = page.clock(Some(due)).met(due.plus(70 * MINUTE));
        assert_eq!(clock.words(), "xong, trễ 1 giờ 10 phút");
        assert!(!clock.ticks());
        assert_eq!(page.clock(due).met(due).state(), "met");
        assert_eq!(page.clock(None::<Time>).words(), "chưa có hạn");
    }
}
