//! Small marks beside names: severity, TLP, state, unit, person, progress.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;

use ungcuu_kit::text::Lang;

use super::given::{Truth, Whole};
use crate::page::Page;

/// How loud a state is. Amber and red are missing on purpose: only clocks fill themselves with those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say: grey.
    Quiet,
    /// Going on: the accent.
    Active,
    /// Well: green.
    Good,
    /// Wants a look: an outlined mark, not a fill.
    Watch,
    /// Wrong: an outlined mark, not a fill.
    Bad,
    /// Exercise mode: violet.
    Drill,
}

impl Tone {
    /// The class of the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Quiet => "quiet",
            Tone::Active => "active",
            Tone::Good => "good",
            Tone::Watch => "watch",
            Tone::Bad => "bad",
            Tone::Drill => "drill",
        }
    }
}

/// A tone, or a reference to one.
pub trait Toned {
    fn tone(&self) -> Tone;
}

impl Toned for Tone {
    fn tone(&self) -> Tone {
        *self
    }
}

impl<T: Toned> Toned for &T {
    fn tone(&self) -> Tone {
        (**self).tone()
    }
}

/// Severity as a word and a bar of one to four cells.
#[derive(Clone, Template)]
#[template(
    source = r#"<span class="severity" data-level="{{ level }}"><span class="unseen">{{ label }}: </span><span class="severity-word">{{ word }}</span><span class="cells" aria-hidden="true"><i></i><i></i><i></i><i></i></span></span>"#,
    ext = "html"
)]
pub struct Severity {
    level: u8,
    label: &'static str,
    word: String,
}

impl HtmlSafe for Severity {}

/// A TLP 2.0 label, always with its words.
#[derive(Clone, Template)]
#[template(
    source = r#"<span class="tlp" data-tlp="{{ class }}" title="{{ meaning }}">{{ word }}</span>"#,
    ext = "html"
)]
pub struct Tlp {
    class: &'static str,
    word: &'static str,
    meaning: &'static str,
}

impl HtmlSafe for Tlp {}

/// A unit or a person, with a link when there is a page about them.
#[derive(Clone, Template)]
#[template(
    source = r#"{% if href.is_empty() %}<span class="chip {{ kind }}">{% else %}<a class="chip {{ kind }}" href="{{ href }}">{% endif %}<span class="face" aria-hidden="true">{{ face }}</span><span class="chip-name"{% if marked %} lang="vi"{% endif %}>{{ name }}</span>{% if !detail.is_empty() %} <span class="chip-detail">{{ detail }}</span>{% endif %}{% if href.is_empty() %}</span>{% else %}</a>{% endif %}"#,
    ext = "html"
)]
pub struct Chip {
    kind: &'static str,
    name: String,
    face: String,
    href: String,
    detail: String,
    /// The name has no English on an English page.
    marked: bool,
}

impl HtmlSafe for Chip {}

impl Chip {
    /// The page about it.
    pub fn link(mut self, href: impl Display) -> Chip {
        self.href = href.to_string();
        self
    }

    /// A word behind the name: the role, the unit of a person.
    pub fn detail(mut self, words: impl Display) -> Chip {
        self.detail = words.to_string();
        self
    }
}

/// One word about the state of a thing.
#[derive(Clone, Template)]
#[template(source = r#"<span class="state {{ tone.class() }}">{{ word }}</span>"#, ext = "html")]
pub struct State {
    tone: Tone,
    word: String,
}

impl HtmlSafe for State {}

/// A plain label: a keyword, an indicator kind.
#[derive(Clone, Template)]
#[template(
    source = r#"{% if href.is_empty() %}<span class="tag">{{ word }}</span>{% else %}<a class="tag" href="{{ href }}">{{ word }}</a>{% endif %}"#,
    ext = "html"
)]
pub struct Tag {
    word: String,
    href: String,
}

impl HtmlSafe for Tag {}

impl Tag {
    /// Where the tag leads.
    pub fn link(mut self, href: impl Display) -> Tag {
        self.href = href.to_string();
        self
    }
}

/// A number over a label that leads to the list behind it.
#[derive(Clone, Template)]
#[template(
    source = r#"<a class="figure" href="{{ href }}"><span class="figure-number">{{ number }}</span> <span class="figure-label">{{ label }}</span></a>"#,
    ext = "html"
)]
pub struct Figure {
    href: String,
    number: String,
    label: String,
}

impl HtmlSafe for Figure {}

/// How much of something is done.
#[derive(Clone, Template)]
#[template(
    source = r#"<span class="progress"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="progress-all" width="100" height="6"/><rect class="progress-done" width="{{ percent }}" height="6"/></svg><span>{{ words }}</span></span>"#,
    ext = "html"
)]
pub struct Progress {
    percent: i64,
    words: String,
}

impl HtmlSafe for Progress {}

/// One condition of a gate: met or missing.
#[derive(Clone, Template)]
#[template(
    source = r#"<span class="gate" data-met="{{ met }}"><span class="unseen">{{ said }}: </span>{{ label }}</span>"#,
    ext = "html"
)]
pub struct Gate {
    met: bool,
    said: &'static str,
    label: String,
}

impl HtmlSafe for Gate {}

/// A hash, short in sight, whole for copying and for print.
#[derive(Clone, Template)]
#[template(
    source = r#"<code class="hash" title="{{ whole }}" data-copy="{{ whole }}"><span class="hash-short" aria-hidden="true">{{ short }}…</span><span class="hash-whole">{{ whole }}</span></code>"#,
    ext = "html"
)]
pub struct Hash {
    short: String,
    whole: String,
}

impl HtmlSafe for Hash {}

impl Page {
    /// Severity 1 to 4 with the plan's word for it.
    pub fn severity(&self, level: impl Whole, word: impl Display) -> Severity {
        Severity {
            level: level.whole().clamp(1, 4) as u8, label: self.t("Mức độ", "Severity"), word: word.to_string()
        }
    }

    /// A TLP 2.0 label from `red`, `amber+strict`, `amber`, `green` or `clear`; anything else is shown as the strictest.
    pub fn tlp(&self, code: impl Display) -> Tlp {
        let (class, word, vi, en) = match code.to_string().to_ascii_lowercase().as_str() {
            "clear" | "white" => ("clear", "TLP:CLEAR", "Chia sẻ công khai", "May be shared with anyone"),
            "green" => ("green", "TLP:GREEN", "Chia sẻ trong cộng đồng", "May be shared within the community"),
            "amber" => (
                "amber",
                "TLP:AMBER",
                "Chia sẻ trong cơ quan và với bên cần biết",
                "May be shared within the organisation and with those who need to know",
            ),
            "amber+strict" | "amber_strict" => {
                ("amber-strict", "TLP:AMBER+STRICT", "Chỉ chia sẻ trong cơ quan", "Within the organisation only")
            }
            _ => ("red", "TLP:RED", "Chỉ người nhận trực tiếp", "For the direct recipients only"),
        };
        Tlp { class, word, meaning: self.t(vi, en) }
    }

    /// A unit.
    pub fn unit(&self, name: impl Display) -> Chip {
        let words = name.to_string();
        let name = self.named(&words).to_owned();
        let marked = self.lang == Lang::En && name == words;
        Chip { kind: "unit", face: String::new(), name, href: String::new(), detail: String::new(), marked }
    }

    /// A person; the face is the first letter of the given name, which stands last in Vietnamese.
    pub fn person(&self, name: impl Display) -> Chip {
        let name = name.to_string();
        let given = name.split_whitespace().next_back().unwrap_or_default();
        let face = given.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        Chip { kind: "person", face, name, href: String::new(), detail: String::new(), marked: false }
    }

    /// One word about a state.
    pub fn state(&self, tone: impl Toned, word: impl Display) -> State {
        State { tone: tone.tone(), word: word.to_string() }
    }

    /// A plain label.
    pub fn tag(&self, word: impl Display) -> Tag {
        Tag { word: word.to_string(), href: String::new() }
    }

    /// A number that leads to its list: the first line of the home page.
    pub fn figure(&self, href: impl Display, count: impl Whole, label: impl Display) -> Figure {
        Figure { href: href.to_string(), number: self.number(count), label: label.to_string() }
    }

    /// "7/11" with a bar.
    pub fn progress(&self, done: impl Whole, all: impl Whole) -> Progress {
        let (done, all) = (done.whole(), all.whole());
        let percent = if all > 0 { (done * 100 / all).clamp(0, 100) } else { 0 };
        Progress { percent, words: format!("{}/{}", self.number(done), self.number(all)) }
    }

    /// A condition that must hold before something may be finished.
    pub fn gate(&self, met: impl Truth, label: impl Display) -> Gate {
        let met = met.truth();
        let said = if met { self.t("Đã có", "Met") } else { self.t("Còn thiếu", "Missing") };
        Gate { met, said, label: label.to_string() }
    }

    /// The first ten digits of a hash, the whole on hover, by copying and in print.
    pub fn hash(&self, whole: impl Display) -> Hash {
        let whole = whole.to_string();
        Hash { short: whole.chars().take(10).collect(), whole }
    }
}
