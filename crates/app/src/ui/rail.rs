//! The step rail: where a procedure stands, by shape and number, so that it reads without colour.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;

use super::given::Whole;
use crate::page::Page;

/// Where one step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// A hollow circle.
    Todo,
    /// A ring; several steps may run side by side.
    Now,
    /// A filled circle.
    Done,
    /// A slash through the circle.
    Skipped,
    /// An arrow back: to be done once more.
    Looped,
}

impl StepState {
    fn class(self) -> &'static str {
        match self {
            StepState::Todo => "todo",
            StepState::Now => "now",
            StepState::Done => "done",
            StepState::Skipped => "skipped",
            StepState::Looped => "looped",
        }
    }
}

/// One step of the rail.
#[derive(Clone, Debug)]
pub struct RailStep {
    /// What stands in the circle: `7`.
    pub mark: String,
    pub title: String,
    pub state: StepState,
    /// Empty when the step has no page.
    pub href: String,
}

/// The whole rail.
#[derive(Clone, Template)]
#[template(path = "ui/parts/rail.html")]
pub struct Rail<'a> {
    page: &'a Page,
    steps: Vec<RailStep>,
    round: i64,
    small: bool,
}

impl HtmlSafe for Rail<'_> {}

impl Page {
    /// A step rail.
    pub fn rail(&self, steps: impl AsRef<[RailStep]>) -> Rail<'_> {
        Rail { page: self, steps: steps.as_ref().to_vec(), round: 1, small: false }
    }
}

impl Rail<'_> {
    /// Which time the procedure goes round; said from the second on.
    pub fn round(mut self, round: impl Whole) -> Self {
        self.round = round.whole();
        self
    }

    /// The miniature on cards and in lists; its circles are no links.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    fn said(&self, state: StepState) -> &'static str {
        match state {
            StepState::Todo => self.page.t("chưa làm", "to do"),
            StepState::Now => self.page.t("đang làm", "now"),
            StepState::Done => self.page.t("đã xong", "done"),
            StepState::Skipped => self.page.t("bỏ qua", "skipped"),
            StepState::Looped => self.page.t("làm lại", "again"),
        }
    }

    /// "Bước 7 trên 11: đang làm" for the miniature, which is one picture to a screen reader.
    fn summary(&self) -> String {
        let done = self.steps.iter().filter(|step| step.state == StepState::Done).count();
        let now = self.steps.iter().filter(|step| step.state == StepState::Now);
        let now = now.map(|step| step.mark.as_str()).collect::<Vec<_>>().join(", ");
        let all = self.steps.len();
        let vi = format!("Xong {done}/{all} bước, đang làm bước {now}");
        let en = format!("{done} of {all} steps done, now at step {now}");
        self.page.t(&vi, &en).to_owned()
    }
}

impl RailStep {
    /// A step by its number.
    pub fn new(mark: impl Display, title: impl Display, state: StepState) -> RailStep {
        RailStep { mark: mark.to_string(), title: title.to_string(), state, href: String::new() }
    }

    /// The page of the step.
    pub fn link(mut self, href: impl Display) -> RailStep {
        self.href = href.to_string();
        self
    }
}
