//! Forms: one hidden token, one place to come back to, and fields that remember what was typed.
//!
//! A page may hold several forms. What came back with errors belongs to the form whose action (and key) failed; the others
//! show their own values.
//!
//! ```text
//! {% let f = p.form("/incidents/" ~ id ~ "/close").draft("close") %}
//! {{ f.open() }}
//! {{ f.area("lesson", p.t("Bài học", "Lesson")).required() }}
//! {{ f.submit(p.t("Đóng sự cố", "Close incident")) }}
//! {{ f.close() }}
//! ```

use std::fmt::Display;

use askama::Template;
use askama::filters::HtmlSafe;

use super::drawn::Drawn;
use super::field::{Field, Kind};
use crate::page::{FormState, Page};

/// A form of a page; see the module for how it is written.
#[derive(Clone)]
pub struct Form<'a> {
    page: &'a Page,
    action: String,
    key: String,
    draft: String,
    confirm: String,
    upload: bool,
    get: bool,
    class: &'static str,
}

/// The opening tag with its hidden fields.
#[derive(Template)]
#[template(path = "ui/parts/form_open.html")]
pub struct Open<'a> {
    form: &'a Form<'a>,
}

impl HtmlSafe for Open<'_> {}

/// The closing tag.
#[derive(Template)]
#[template(source = "</form>", ext = "html")]
pub struct Close;

impl HtmlSafe for Close {}

/// A value sent along unseen.
#[derive(Template)]
#[template(source = r#"<input type="hidden" name="{{ name }}" value="{{ value }}">"#, ext = "html")]
pub struct Hidden {
    name: String,
    value: String,
}

impl HtmlSafe for Hidden {}

/// A button that sends the form.
#[derive(Template)]
#[template(path = "ui/parts/submit.html")]
pub struct Submit {
    label: String,
    about: String,
    class: &'static str,
    name: String,
    value: String,
    /// The sentence asked before sending; empty when nothing is asked.
    confirm: String,
    /// The form this button belongs to when it stands outside of it.
    form: String,
    to: String,
    keys: String,
    understood: &'static str,
    drawn: Option<Drawn>,
}

impl HtmlSafe for Submit {}

impl Page {
    /// A form that posts to this path.
    pub fn form(&self, action: impl Display) -> Form<'_> {
        Form {
            page: self,
            action: action.to_string(),
            key: String::new(),
            draft: String::new(),
            confirm: String::new(),
            upload: false,
            get: false,
            class: "",
        }
    }
}

impl<'a> Form<'a> {
    /// Choices that the records call by the plan's names are called by them in the reader's language.
    fn named<V: Display, L: Display>(&self, options: impl AsRef<[(V, L)]>) -> Vec<(String, String)> {
        let named = |(value, label): &(V, L)| (value.to_string(), self.page.named_at_end(&label.to_string()));
        options.as_ref().iter().map(named).collect()
    }

    /// Tells forms with the same action on one page apart (one form a row).
    pub fn key(mut self, key: impl Display) -> Form<'a> {
        self.key = key.to_string();
        self
    }

    /// Keeps what is typed in the browser until the form is sent, under this name.
    pub fn draft(mut self, name: impl Display) -> Form<'a> {
        self.draft = name.to_string();
        self
    }

    /// Sends files (multipart), with progress where script runs.
    pub fn upload(mut self) -> Form<'a> {
        self.upload = true;
        self
    }

    /// Asks by GET: a search or a filter. Carries no token.
    pub fn get(mut self) -> Form<'a> {
        self.get = true;
        self
    }

    /// Fields and buttons side by side on one line.
    pub fn inline(mut self) -> Form<'a> {
        self.class = "inline";
        self
    }

    /// Asks this sentence before sending: what will happen, to whom, whether it can be undone.
    pub fn confirm(mut self, sentence: impl Display) -> Form<'a> {
        self.confirm = sentence.to_string();
        self
    }

    /// The opening tag.
    pub fn open(&'a self) -> Open<'a> {
        if let Some(state) = self.state() {
            state.drawn.open();
        }
        Open { form: self }
    }

    /// The closing tag.
    pub fn close(&self) -> Close {
        Close
    }

    /// The id of the form element, for buttons that stand elsewhere ([`Submit::outside`] is the easier way).
    pub fn id(&self) -> String {
        form_id(&self.action, &self.key)
    }

    /// One line of text.
    pub fn text(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("text"), name, label)
    }

    /// Several lines of text.
    pub fn area(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Area, name, label)
    }

    /// A whole or decimal number.
    pub fn number(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("number"), name, label).short()
    }

    /// A day and an hour, in Vietnam's time.
    pub fn moment(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("datetime-local"), name, label).width("moment")
    }

    /// A day.
    pub fn date(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("date"), name, label).width("moment")
    }

    /// An hour and a minute.
    pub fn time(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("time"), name, label).width("moment")
    }

    /// A mail address.
    pub fn email(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("email"), name, label)
    }

    /// A telephone number.
    pub fn phone(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Line("tel"), name, label).width("moment")
    }

    /// A password; never shown again, also not after an error.
    pub fn password(&self, name: &str, label: impl Display) -> Field {
        let mut field = self.field(Kind::Line("password"), name, label);
        field.value.clear();
        field
    }

    /// One of a list; add a first empty choice with `.blank(…)`.
    pub fn select<V: Display, L: Display>(
        &self,
        name: &str,
        label: impl Display,
        options: impl AsRef<[(V, L)]>,
    ) -> Field {
        self.field(Kind::Select, name, label).options(self.named(options))
    }

    /// One of a few, all in sight.
    pub fn radios<V: Display, L: Display>(
        &self,
        name: &str,
        label: impl Display,
        options: impl AsRef<[(V, L)]>,
    ) -> Field {
        self.field(Kind::Radios, name, label).options(self.named(options))
    }

    /// Any of a few.
    pub fn checks<V: Display, L: Display>(
        &self,
        name: &str,
        label: impl Display,
        options: impl AsRef<[(V, L)]>,
    ) -> Field {
        self.field(Kind::Checks, name, label).options(self.named(options))
    }

    /// One box; sends `1` when ticked and nothing otherwise.
    pub fn check(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::Check, name, label)
    }

    /// Files to pick, drag in or paste. The form must be an [`Form::upload`].
    pub fn file(&self, name: &str, label: impl Display) -> Field {
        self.field(Kind::File, name, label)
    }

    /// A value sent along unseen; the fresh one, also after an error. Only the version stays the one that was read: what
    /// was typed was typed over that one, until the reader has seen theirs beside it.
    pub fn hidden(&self, name: &str, value: impl Display) -> Hidden {
        let mut value = value.to_string();
        if let Some(state) = self.state() {
            state.drawn.add_unseen(name);
            if let ("version", None, Some(read)) = (name, &state.conflict, state.value(name)) {
                read.clone_into(&mut value);
            }
        }
        Hidden { name: name.to_owned(), value }
    }

    /// The page's one primary button.
    pub fn submit(&self, label: impl Display) -> Submit {
        self.button(label, "primary")
    }

    /// A further button of the form, less loud.
    pub fn act(&self, label: impl Display) -> Submit {
        self.button(label, "")
    }

    /// A button that looks like a link: for rows and lines.
    pub fn quiet(&self, label: impl Display) -> Submit {
        self.button(label, "quiet")
    }

    /// A destructive or outward act; asks this sentence first.
    pub fn danger(&self, label: impl Display, sentence: impl Display) -> Submit {
        self.button(label, "danger").confirm(sentence)
    }

    fn button(&self, label: impl Display, class: &'static str) -> Submit {
        Submit {
            label: label.to_string(),
            about: String::new(),
            class,
            name: String::new(),
            value: String::new(),
            confirm: String::new(),
            form: String::new(),
            to: self.id(),
            keys: String::new(),
            understood: self.page.t("Tôi đồng ý:", "I agree:"),
            drawn: self.state().map(|state| state.drawn.clone()),
        }
    }

    fn field(&self, kind: Kind, name: &str, label: impl Display) -> Field {
        let state = self.state();
        let values = state.iter().flat_map(|state| &state.values).filter(|(field, _)| field == name);
        let typed: Vec<String> = values.map(|(_, value)| value.clone()).collect();
        let error = state.and_then(|state| state.errors.iter().find(|(field, _)| field == name));
        let files = state.iter().flat_map(|state| &state.files).filter(|(field, _)| field == name);
        let lost_files: Vec<&str> = files.map(|(_, file)| file.as_str()).collect();
        Field {
            lang: self.page.lang,
            drawn: state.map(|state| state.drawn.clone()),
            lost_files: lost_files.join(", "),
            kind,
            id: format!("{}-{name}", self.id()),
            name: name.to_owned(),
            label: label.to_string(),
            hint: String::new(),
            error: error.map(|(_, text)| self.page.say(text)).unwrap_or_default(),
            value: typed.first().cloned().unwrap_or_default(),
            returned: state.is_some(),
            typed,
            required: false,
            bare: false,
            inline: false,
            readonly: false,
            multiple: false,
            autofocus: false,
            mono: false,
            choices: Vec::new(),
            shared: None,
            suggestions: Vec::new(),
            width: "",
            rows: 4,
            suffix: String::new(),
            source: String::new(),
            attributes: Vec::new(),
        }
    }

    /// Whether it was this form that failed.
    fn came_back(&self) -> bool {
        self.state().is_some()
    }

    /// What came back, when it was this form that failed.
    fn state(&self) -> Option<&'a FormState> {
        let state = &self.page.form;
        (state.action == self.action && sent_key(state) == self.key).then_some(state)
    }
}

impl Submit {
    /// What the button sends, to tell several buttons of one form apart.
    pub fn sends(mut self, name: &str, value: impl Display) -> Submit {
        self.name = name.to_owned();
        self.value = value.to_string();
        if let Some(drawn) = &self.drawn {
            drawn.add_unseen(name);
        }
        self
    }

    /// What the button is about, for whoever hears the page: of many buttons alike each has its own name.
    pub fn about(mut self, words: impl Display) -> Submit {
        self.about = words.to_string();
        self
    }

    /// Asks this sentence before sending.
    pub fn confirm(mut self, sentence: impl Display) -> Submit {
        self.confirm = sentence.to_string();
        self
    }

    /// The button stands outside its form (in the header strip) and sends it all the same.
    pub fn outside(mut self) -> Submit {
        self.form = self.to.clone();
        self
    }

    /// The letter that presses the button: `t`.
    pub fn keys(mut self, key: &str) -> Submit {
        self.keys = key.to_owned();
        self
    }
}

/// The key of the form that was sent.
pub(super) fn sent_key(state: &FormState) -> &str {
    state.values.iter().find(|(name, _)| name == "_form").map(|(_, key)| key.as_str()).unwrap_or_default()
}

/// An id made of the form's path, so that the summary of errors can link to fields it did not draw.
pub(super) fn form_id(action: &str, key: &str) -> String {
    let path = action.split('?').next().unwrap_or_default();
    let letters = path.chars().chain("-".chars()).chain(key.chars());
    let slug: String = letters.map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("f-{}", slug.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use ungcuu_kit::text::Text;

    use super::super::checks::page;
    use super::*;

    fn came_back(values: &[(&str, &str)]) -> Page {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let errors = vec![("title".to_owned(), Text::new("Hãy ghi tiêu đề.", "Write a title."))];
        let form = FormState { action: "/a/close".to_owned(), values, errors, ..FormState::default() };
        page(|page| page.form = form)
    }

    #[test]
    fn what_was_typed_returns_only_into_the_form_that_failed() {
        let page = came_back(&[("title", "mới")]);
        let failed = page.form("/a/close").text("title", "Tiêu đề").value("cũ").to_string();
        assert!(failed.contains("value=\"mới\"") && failed.contains("Hãy ghi tiêu đề."), "{failed}");
        let other = page.form("/a/open").text("title", "Tiêu đề").value("cũ").to_string();
        assert!(other.contains("value=\"cũ\"") && !other.contains("Hãy ghi"), "{other}");
        let keyed = page.form("/a/close").key(2).text("title", "Tiêu đề").value("cũ").to_string();
        assert!(keyed.contains("value=\"cũ\""), "{keyed}");
    }

    #[test]
    fn the_summary_links_to_the_field_by_its_id() {
        let page = came_back(&[("_form", "2")]);
        let field = page.form("/a/close").key(2).text("title", "Tiêu đề").to_string();
        let summary = page.error_summary().to_string();
        assert!(field.contains("id=\"f-a-close-2-title\""), "{field}");
        assert!(summary.contains("href=\"#f-a-close-2-title\""), "{summary}");
    }

    #[test]
    fn a_password_never_comes_back_and_a_hidden_value_is_fresh() {
        let page = came_back(&[("password", "bí mật"), ("step", "b1")]);
        let form = page.form("/a/close");
        assert!(!form.password("password", "Mật khẩu").to_string().contains("bí mật"));
        assert!(form.hidden("step", "b2").to_string().contains("value=\"b2\""));
    }

    #[test]
    fn what_others_saved_meanwhile_is_overwritten_only_by_whoever_has_seen_it() {
        let mut page = came_back(&[("version", "1")]);
        assert!(page.form("/a/close").hidden("version", 2).to_string().contains("value=\"1\""));
        assert!(page.form("/a/open").hidden("version", 2).to_string().contains("value=\"2\""));
        page.form.conflict = Some(crate::page::Conflict { who: String::new(), when: page.now, fields: Vec::new() });
        assert!(page.form("/a/close").hidden("version", 2).to_string().contains("value=\"2\""));
    }

    #[test]
    fn an_unticked_box_stays_unticked_after_an_error() {
        let form_page = came_back(&[("title", "")]);
        assert!(!form_page.form("/a/close").check("urgent", "Gấp").value(true).to_string().contains("checked"));
        let options = [("mail", "Thư"), ("web", "Trang")];
        let boxes =
            came_back(&[("on", "web")]).form("/a/close").checks("on", "Hệ thống", options).values(["mail"]).to_string();
        assert!(boxes.contains("value=\"web\" checked") && !boxes.contains("value=\"mail\" checked"), "{boxes}");
    }
}
