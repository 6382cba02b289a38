//! What a page says outside of its own content: notices, empty states, dialogs.

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::text::Lang;

use crate::page::Page;

/// A line that says one thing. Its sort is a mark and a word at the edge, never a filled box.
#[derive(Clone, Template)]
#[template(
    source = r#"<div class="notice {{ sort }}"{% if sort == "bad" %} role="alert"{% else %} role="status"{% endif %}><p>{{ words }}{% if !href.is_empty() %} <a href="{{ href }}">{{ act }}</a>{% endif %}</p></div>"#,
    ext = "html"
)]
pub struct Notice {
    sort: &'static str,
    words: String,
    href: String,
    act: String,
}

impl HtmlSafe for Notice {}

impl Notice {
    /// A link at the end of the line.
    pub fn act(mut self, href: impl Display, label: impl Display) -> Notice {
        self.href = href.to_string();
        self.act = label.to_string();
        self
    }
}

/// What stands on a page that has nothing yet: what belongs here, and the first act.
#[derive(Clone, Template)]
#[template(
    source = r#"<div class="empty"><p class="empty-title">{{ title }}</p><p>{{ words }}</p>{% if !href.is_empty() %}<p><a class="button" href="{{ href }}">{{ act }}</a></p>{% endif %}</div>"#,
    ext = "html"
)]
pub struct Empty {
    title: String,
    words: String,
    href: String,
    act: String,
}

impl HtmlSafe for Empty {}

impl Empty {
    /// The first act.
    pub fn act(mut self, href: impl Display, label: impl Display) -> Empty {
        self.href = href.to_string();
        self.act = label.to_string();
        self
    }
}

/// What a person wrote, in paragraphs, exactly as typed.
#[derive(Clone, Template)]
#[template(
    source = r#"<div class="prose"{% if marked %} lang="vi"{% endif %}>{% for paragraph in paragraphs %}<p>{% for line in paragraph %}{% if !loop.first %}<br>{% endif %}{{ line }}{% endfor %}</p>{% endfor %}</div>"#,
    ext = "html"
)]
pub struct Prose {
    paragraphs: Vec<Vec<String>>,
    /// On an English page: what people type here is Vietnamese.
    marked: bool,
}

impl HtmlSafe for Prose {}

/// The opening of a dialog or drawer; what follows is its content, up to [`Page::dialog_end`].
#[derive(Clone, Template)]
#[template(
    source = r#"<dialog id="{{ id }}" class="{{ class }}" aria-labelledby="{{ id }}-title"><div class="dialog-head"><h2 id="{{ id }}-title">{{ title }}</h2><form method="dialog"><button class="button quiet icon-only" aria-label="{{ close }}">{{ icon }}</button></form></div><div class="dialog-body">"#,
    ext = "html"
)]
pub struct Dialog {
    id: String,
    class: &'static str,
    title: String,
    close: &'static str,
    icon: super::icon::Icon,
}

impl HtmlSafe for Dialog {}

impl Dialog {
    /// A drawer at the right edge: a preview beside the list.
    pub fn drawer(mut self) -> Dialog {
        self.class = "drawer";
        self
    }
}

/// The end of a dialog.
#[derive(Clone, Template)]
#[template(source = "</div></dialog>", ext = "html")]
pub struct DialogEnd;

impl HtmlSafe for DialogEnd {}

impl Page {
    /// A line of the sort `info`, `ok`, `watch`, `bad` or `drill`.
    pub fn notice(&self, sort: &str, words: impl Display) -> Notice {
        let sorts = ["ok", "watch", "bad", "drill"];
        let sort = sorts.into_iter().find(|known| *known == sort).unwrap_or("info");
        Notice { sort, words: words.to_string(), href: String::new(), act: String::new() }
    }

    /// An empty page: what belongs here.
    pub fn empty(&self, title: impl Display, words: impl Display) -> Empty {
        Empty { title: title.to_string(), words: words.to_string(), href: String::new(), act: String::new() }
    }

    /// What a person typed, in paragraphs.
    pub fn prose(&self, typed: impl Display) -> Prose {
        let typed = typed.to_string();
        let (named, marked) = (self.named(&typed), self.lang == Lang::En && self.named(&typed) == typed);
        let typed = named.replace("\r\n", "\n");
        let paragraphs = typed.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
        let lines = |text: &str| text.trim().lines().map(str::to_owned).collect();
        Prose { paragraphs: paragraphs.map(lines).collect(), marked }
    }

    /// Opens a dialog; `data-dialog` of a link names its id. End it with [`Page::dialog_end`].
    pub fn dialog(&self, id: &str, title: impl Display) -> Dialog {
        Dialog {
            id: id.to_owned(),
            class: "dialog",
            title: title.to_string(),
            close: self.t("Đóng", "Close"),
            icon: self.icon("close"),
        }
    }

    /// Ends a dialog.
    pub fn dialog_end(&self) -> DialogEnd {
        DialogEnd
    }
}
