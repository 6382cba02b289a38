//! What a page says of a form that came back: the errors with the names of their fields, theirs beside yours, and whatever
//! was typed that the page has no field for any more.

use askama::Template;
use askama::filters::HtmlSafe;

use super::form::{form_id, sent_key};
use crate::page::{Conflict, Page};

/// Sent along unseen in many forms; nobody typed them.
const UNTYPED: &[&str] = &["version", "back", "next", "once", "act", "kept", "code", "secret"];

/// The errors of the form that came back, each a link to its field where the page has one.
#[derive(Clone, Template)]
#[template(
    source = r##"{% if !title.is_empty() %}<div class="errors" role="alert" tabindex="-1" autofocus data-errors><h2>{{ title }}</h2>{% if !errors.is_empty() %}<ul>{% for (id, words) in errors %}<li>{% if id.is_empty() %}{{ words }}{% else %}<a href="#{{ id }}">{{ words }}</a>{% endif %}</li>{% endfor %}</ul>{% endif %}</div>{% endif %}"##,
    ext = "html"
)]
pub struct Errors {
    title: String,
    errors: Vec<(String, String)>,
}

impl HtmlSafe for Errors {}

/// What was typed and has no place on the page, to be copied from here.
#[derive(Clone, Template)]
#[template(
    source = r#"{% if !words.is_empty() %}<section class="left-over" aria-labelledby="left-over-title"><h2 id="left-over-title">{{ title }}</h2><dl>{% for (name, typed) in words %}<dt>{{ name }}</dt><dd>{{ typed }}</dd>{% endfor %}</dl></section>{% endif %}"#,
    ext = "html"
)]
pub struct LeftOver {
    title: &'static str,
    words: Vec<(String, String)>,
}

impl HtmlSafe for LeftOver {}

/// Somebody else saved first: theirs beside yours.
#[derive(Clone, Template)]
#[template(path = "ui/parts/conflict.html")]
pub struct ConflictPanel<'a> {
    page: &'a Page,
}

impl HtmlSafe for ConflictPanel<'_> {}

impl ConflictPanel<'_> {
    fn form(&self) -> String {
        form_id(&self.page.form.action, sent_key(&self.page.form))
    }

    /// The field's name on the page.
    fn label(&self, field: &str) -> String {
        self.page.form.drawn.label(field).unwrap_or_else(|| field.to_owned())
    }

    /// A value as the page calls it.
    fn words(&self, field: &str, value: &str) -> String {
        self.page.form.drawn.words(field, value)
    }

    /// The long texts that differ: their stored values.
    fn long<'c>(&self, conflict: &'c Conflict) -> Vec<(&'c str, &'c str)> {
        let drawn = &self.page.form.drawn;
        let fields = conflict.fields.iter().filter(|(field, theirs, _)| drawn.is_long(field) && !theirs.is_empty());
        fields.map(|(field, theirs, _)| (field.as_str(), theirs.as_str())).collect()
    }
}

impl Page {
    /// Whether a form of this page came back.
    pub fn failed(&self) -> bool {
        !self.form.errors.is_empty() || self.form.message.is_some() || self.form.conflict.is_some()
    }

    /// The summary of errors; drawn by the layout.
    pub fn error_summary(&self) -> Errors {
        let state = &self.form;
        let form = form_id(&state.action, sent_key(state));
        let errors = state.errors.iter().map(|(field, text)| match state.drawn.label(field) {
            Some(label) => (format!("{form}-{field}"), named(&label, &self.say(text))),
            // Nothing is known of the fields yet, or there is none of this name: a link would lead nowhere.
            None if state.drawn.is_complete() => (String::new(), self.say(text)),
            None => (format!("{form}-{field}"), self.say(text)),
        });
        let title = match &state.message {
            _ if !state.errors.is_empty() => {
                self.t("Chưa lưu được. Hãy sửa những chỗ sau:", "Not saved yet. Please correct:").to_owned()
            }
            _ if state.conflict.is_some() => String::new(),
            message => message.as_ref().map(|message| self.say(message)).unwrap_or_default(),
        };
        Errors { title, errors: errors.collect() }
    }

    /// Theirs beside yours; drawn by the layout.
    pub fn conflict_panel(&self) -> ConflictPanel<'_> {
        ConflictPanel { page: self }
    }

    /// What was typed and has no place on this page: the form is gone from it, or one of its fields; drawn by the layout.
    pub fn left_over(&self) -> LeftOver {
        let state = &self.form;
        let title = self.t(
            "Chữ bạn đã gõ không còn ô trên trang này; hãy chép lại nếu cần",
            "What you typed has no field on this page any more; copy it if you need it",
        );
        let lost = |name: &str, typed: &str| {
            let unseen = name.starts_with('_') || UNTYPED.contains(&name) || is_id(typed);
            !unseen && !typed.trim().is_empty() && !state.drawn.has(name)
        };
        let words = state.values.iter().filter(|(name, typed)| state.drawn.is_complete() && lost(name, typed));
        LeftOver { title, words: words.cloned().collect() }
    }
}

/// "Phát hiện lúc: thời điểm này còn ở tương lai." A sentence that names its field already stands as it is.
fn named(label: &str, sentence: &str) -> String {
    let label = label.trim().trim_end_matches(':');
    if label.is_empty() || sentence.to_lowercase().contains(&label.to_lowercase()) {
        return sentence.to_owned();
    }
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    // A name or an abbreviation keeps its capitals.
    let second = sentence.split_whitespace().nth(1).unwrap_or_default();
    let is_name = letters.clone().next().is_some_and(char::is_uppercase) || second.starts_with(char::is_uppercase);
    if is_name { format!("{label}: {sentence}") } else { format!("{label}: {first}{}", letters.as_str()) }
}

/// `inc_01GVJ2…`: chosen, not typed.
fn is_id(typed: &str) -> bool {
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    typed.split_once('_').is_some_and(|(kind, rest)| kind.len() <= 4 && rest.len() == 26 && plain(kind) && plain(rest))
}

#[cfg(test)]
mod tests {
    use ungcuu_kit::text::Text;

    use super::super::checks::page;
    use super::*;
    use crate::page::FormState;

    fn came_back(values: &[(&str, &str)], errors: &[(&str, &'static str)]) -> Page {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let errors = errors.iter().map(|(field, words)| ((*field).to_owned(), Text::new(words, words))).collect();
        let form = FormState { action: "/a/close".to_owned(), values, errors, ..FormState::default() };
        page(|page| page.form = form)
    }

    #[test]
    fn the_summary_says_of_which_field_it_speaks() {
        let page = came_back(
            &[("noticed_at", "x")],
            &[("noticed_at", "Thời điểm này còn ở tương lai."), ("title", "Hãy ghi tiêu đề."), ("gone", "Sai.")],
        );
        let form = page.form("/a/close");
        form.open();
        form.moment("noticed_at", "Phát hiện lúc").to_string();
        form.text("title", "Tiêu đề").to_string();
        page.form.drawn.complete();
        let summary = page.error_summary().to_string();
        let line = "<a href=\"#f-a-close-noticed_at\">Phát hiện lúc: thời điểm này còn ở tương lai.</a>";
        assert!(summary.contains(line), "{summary}");
        assert!(summary.contains(">Hãy ghi tiêu đề.</a>") && summary.contains("<li>Sai.</li>"), "{summary}");
        assert_eq!(named("Tệp", "PDF không đọc được."), "Tệp: PDF không đọc được.");
        assert_eq!(named("Người", "Lê Thị Lan đã nghỉ."), "Người: Lê Thị Lan đã nghỉ.");
    }

    #[test]
    fn what_has_no_field_any_more_stands_on_the_page_as_words() {
        let values = [
            ("note", "Đã gọi UBND xã."),
            ("title", "Máy lạ"),
            ("version", "3"),
            ("unit", "unt_00000000000000000000000000"),
            ("act", "merge"),
        ];
        let page = came_back(&values, &[]);
        assert!(page.left_over().to_string().is_empty(), "not before the page was drawn");
        let form = page.form("/a/close");
        form.open();
        form.text("title", "Tiêu đề").to_string();
        page.form.drawn.complete();
        let words = page.left_over().to_string();
        assert!(words.contains("Đã gọi UBND xã.") && !words.contains("Máy lạ"), "{words}");
        assert!(!words.contains("unt_") && !words.contains("merge") && !words.contains("version"), "{words}");
    }
}
