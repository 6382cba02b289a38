//! What every page shows around its content: who, where, the navigation, the failed form, the words of the language.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::{Lang, Text, Words};
use ungcuu_kit::time::Time;

pub use crate::web::{FormState, ShownConflict as Conflict};

use crate::actor::Actor;
use crate::feature;
use crate::web::Call;
use crate::work::Look;

/// The frame of a page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub lang: Lang,
    /// `light`, `dark`, or empty for the machine's choice.
    pub theme: String,
    /// Path and query of this page; forms are shown again here.
    pub path: String,
    pub csrf: String,
    pub now: Time,
    pub title: String,
    pub actor: Option<Person>,
    pub nav: Vec<NavGroup>,
    pub unread: i64,
    pub flash: Option<Text>,
    pub form: FormState,
    pub locality: String,
    /// The plan that is being carried out.
    pub plan: String,
    /// A warning every page shows: an exercise, a plan past its period.
    pub warning: Option<Text>,
    /// The plan's English, while the page is in English; see [`Page::named`].
    english: Arc<BTreeMap<String, String>>,
    account: Option<Actor>,
}

/// Words out of the records; see [`Page::said`].
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"{% if marked %}<span lang="vi">{{ words }}</span>{% else %}{{ words }}{% endif %}"#,
    ext = "html"
)]
pub struct Said {
    words: String,
    marked: bool,
}

impl HtmlSafe for Said {}

/// Words of the plan with their original; see [`Page::original`].
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"{{ words }}{% if !original.is_empty() %}<br><span class="muted small-text" lang="vi">{{ original }}</span>{% endif %}"#,
    ext = "html"
)]
pub struct Original {
    words: String,
    original: String,
}

impl HtmlSafe for Original {}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub account_id: String,
    pub unit_name: String,
}

/// A group of the navigation.
#[derive(Clone, Debug)]
pub struct NavGroup {
    pub title: Text,
    pub items: Vec<NavItem>,
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub href: String,
    pub label: Text,
    pub count: Option<i64>,
    pub current: bool,
}

impl Page {
    /// The frame for whoever asks. Reads the counts beside the navigation, each bounded.
    pub async fn new(call: &Call, look: &mut Look, title: Text) -> Result<Page> {
        let mut page = Page::bare(call, title);
        let Some(actor) = &call.actor else { return Ok(page) };
        page.nav = feature::navigation(look, actor, &call.path).await?;
        page.unread = crate::notify::count_unread(&mut look.tx, &actor.account_id).await?;
        Ok(page)
    }

    /// The frame without anything from the database: public pages and errors.
    pub fn bare(call: &Call, title: Text) -> Page {
        Page {
            lang: call.lang,
            theme: call.theme.clone(),
            path: call.path.clone(),
            csrf: call.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default(),
            now: call.now,
            title: title.get(call.lang).to_owned(),
            actor: call.actor.as_ref().map(|actor| Person {
                name: actor.name.clone(),
                account_id: actor.account_id.to_string(),
                unit_name: actor.unit_name.clone(),
            }),
            nav: Vec::new(),
            unread: 0,
            flash: call.flash.clone(),
            form: call.form.clone(),
            plan: call.app.pack.name.get(call.lang).to_owned(),
            locality: call.app.pack.locality.get(call.lang).to_owned(),
            warning: None,
            english: if call.lang == Lang::En { call.app.pack.english.clone() } else { Arc::default() },
            account: call.actor.clone(),
        }
    }

    /// A sentence written at its place of use: `{{ p.t("Tiếp nhận", "Intake") }}`.
    pub fn t<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(vi, en)
    }

    pub fn say(&self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    /// Words of the plan.
    pub fn words(&self, words: &Words) -> String {
        words.get(self.lang).to_owned()
    }

    /// Words that a record took from the plan (the name of a unit), in the reader's language, without markup.
    pub fn named<'a>(&'a self, words: &'a str) -> &'a str {
        self.english.get(words).map_or(words, String::as_str)
    }

    /// The same for a line that ends in such words: "Trần Thị Hoa – Xã Ba Sao", "Lê Văn Minh (Phòng VHTT)".
    pub fn named_at_end(&self, line: &str) -> String {
        if self.english.is_empty() {
            return line.to_owned();
        }
        let ends = [(" – ", ""), (" (", ")"), (", ", "")].into_iter();
        let named = ends.filter_map(|(mark, close)| {
            let (head, words) = line.rsplit_once(mark)?;
            let english = self.english.get(words.strip_suffix(close)?)?;
            Some(format!("{head}{mark}{english}{close}"))
        });
        self.english.get(line).cloned().or_else(|| named.into_iter().next()).unwrap_or_else(|| line.to_owned())
    }

    /// The same on the page, also for several with commas between them: what has no English is marked as Vietnamese.
    pub fn said(&self, words: impl Display) -> Said {
        let words = words.to_string();
        let said = match self.named(&words) {
            whole if whole != words => whole.to_owned(),
            _ => words.split(", ").map(|one| self.named(one)).collect::<Vec<_>>().join(", "),
        };
        Said { marked: self.lang == Lang::En && said == words, words: said }
    }

    /// Words of the plan that bind as they were issued: English first, and the original under it.
    pub fn original(&self, words: &Words) -> Original {
        let translated = words.en.is_some() && self.lang == Lang::En;
        Original { words: self.words(words), original: if translated { words.vi.clone() } else { String::new() } }
    }

    /// `22/11/2026 14:05`.
    pub fn at(&self, time: &Time) -> String {
        time.to_minute()
    }

    /// `22/11/2026`.
    pub fn day(&self, time: &Time) -> String {
        time.to_day()
    }

    /// "3 giờ trước".
    pub fn ago(&self, time: &Time) -> String {
        time.ago_in(self.now, self.lang)
    }

    /// Whether the reader holds this permission (`feature.verb`) anywhere.
    pub fn can(&self, permission: &str) -> bool {
        let permission = permission.parse().expect("templates name permissions that exist");
        self.account.as_ref().is_some_and(|actor| actor.can(permission))
    }
}
