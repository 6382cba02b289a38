//! Telling people: the bell within the product, letters by mail, the morning's digest. All of it is written in the unit of
//! work that causes it.
//!
//! Whoever tells says how urgent it is; each account chose what that means for it ([`channel`]).

pub mod channel;
pub mod digest;
pub mod letter;
mod pages;
mod store;

pub use channel::pages::Reach;
pub use pages::Nothing;
pub use store::count_unread;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::mail::is_address;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text, brief, counted};
use ungcuu_kit::time::Time;

use self::channel::Channel;
use self::letter::{Draft, LetterId, LetterKind};
use self::store::{NewNotice, Told};
use crate::app::App;
use crate::auth::AccountId;
use crate::feature::{Feature, Group, NavEntry};
use crate::org::{PersonId, UnitId};
use crate::permission::Permission;
use crate::web::{Access, Routes};
use crate::work::Work;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: own_routes().and(letter_routes()),
        nav: vec![NavEntry {
            group: Group::Administration,
            href: "/letters",
            label: Text::new("Thư gửi đi", "Letters sent"),
            permission: Some(Permission::Admin),
            count: None,
        }],
        tables: &["letters", "channels"],
        ..Feature::default()
    }
}

fn own_routes() -> Routes {
    let own = Access::SignedIn;
    Routes::new()
        .page("/notices", own, Text::new("Thông báo cho tôi", "My notices"), pages::list)
        .asks::<pages::ListQuery>()
        .act("/notices/read", own, Text::new("Đánh dấu đã đọc tất cả", "Mark all as read"), pages::read_all)
        .act("/notices/{id}/open", own, Text::new("Mở một thông báo", "Open a notice"), pages::open)
        .act("/account/channels", own, Text::new("Chọn cách nhận tin", "Choose how to be told"), channel::pages::save)
}

fn letter_routes() -> Routes {
    let need = Access::Need(Permission::Admin);
    Routes::new()
        .page("/letters", need, Text::new("Thư gửi đi", "Letters sent"), letter::pages::list)
        .asks::<letter::pages::ListQuery>()
        .act("/letters/test", need, Text::new("Gửi thư thử", "Send a test letter"), letter::pages::test)
        .upload(
            "/letters/report",
            need,
            Text::new("Ghi nhận thư báo trả lại", "Take in a delivery report"),
            letter::pages::report,
        )
        .page("/letters/{id}", Access::SignedIn, Text::new("Một bức thư", "One letter"), letter::pages::show)
        .act("/letters/{id}/retry", need, Text::new("Gửi lại một bức thư", "Send a letter anew"), letter::pages::retry)
}

/// How soon somebody must know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgency {
    /// Tonight, too: a letter goes at once, first to those on call.
    Now,
    /// Today.
    #[default]
    Soon,
    /// In the morning is early enough; quiet hours hold it back.
    CanWait,
}

impl Urgency {
    /// Whose letter goes first: the smallest. Among the urgent, officers in charge and team leads before their deputies,
    /// those before the other members, and everyone else after them.
    fn turn(self, duty: Option<i64>) -> i64 {
        match self {
            Urgency::Now => duty.unwrap_or(3).clamp(0, 3),
            Urgency::Soon => 10,
            Urgency::CanWait => 20,
        }
    }
}

/// Something told to one account.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Notice {
    pub id: String,
    pub at: Time,
    pub text_vi: String,
    pub text_en: String,
    /// The page it is about.
    pub url: String,
    pub read: bool,
    /// The letter that carries it; absent: the bell only.
    pub letter_id: Option<LetterId>,
}

impl Notice {
    /// The sentence in both languages.
    pub fn text(&self) -> Text {
        Text::owned(self.text_vi.clone(), self.text_en.clone())
    }
}

/// Tells everyone with an account in a unit today, except whoever does it.
pub async fn tell_unit(work: &mut Work, unit: &UnitId, text: &Text, url: &str) -> Result<()> {
    tell_unit_as(work, Urgency::Soon, unit, text, url).await
}

/// The same, as urgent as it is.
pub async fn tell_unit_as(work: &mut Work, urgency: Urgency, unit: &UnitId, text: &Text, url: &str) -> Result<()> {
    let told = store::list_of_unit(&mut work.tx, unit, &work.actor.account_id, work.now).await?;
    tell(work, urgency, told, text, url).await
}

/// Tells one person today, when they have an account.
pub async fn tell_person(work: &mut Work, person: &PersonId, text: &Text, url: &str) -> Result<()> {
    tell_person_as(work, Urgency::Soon, person, text, url).await
}

/// Tells one account today.
pub async fn tell_account(work: &mut Work, account: &AccountId, text: &Text, url: &str) -> Result<()> {
    let told = store::list_of_account(&mut work.tx, account, work.now).await?;
    tell(work, Urgency::Soon, told, text, url).await
}

/// The same, as urgent as it is.
pub async fn tell_person_as(
    work: &mut Work,
    urgency: Urgency,
    person: &PersonId,
    text: &Text,
    url: &str,
) -> Result<()> {
    let told = store::list_of_person(&mut work.tx, person, work.now).await?;
    tell(work, urgency, told, text, url).await
}

/// The bell of one account, and nothing else.
async fn ring(work: &mut Work, account: &AccountId, text: &Text, url: &str) -> Result<()> {
    let id = work.app.chance.id("not", work.now);
    let notice = NewNotice { id, account: account.clone(), letter: None };
    store::insert(&mut work.tx, &[notice], text, url, work.now).await
}

async fn tell(work: &mut Work, urgency: Urgency, told: Vec<Told>, text: &Text, url: &str) -> Result<()> {
    let (app, now) = (work.app.clone(), work.now);
    let mut drafts = Vec::new();
    let mut notices = Vec::new();
    for to in told {
        let chosen = to.channels();
        let by_mail = chosen.of(urgency) == Channel::Mail && letter::writes(&app) && is_address(&to.email);
        let letter = by_mail.then(|| LetterId::new(&app.chance, now));
        drafts.extend(letter.clone().map(|id| copy(&app, id, &to, urgency, (text, url), now)));
        notices.push(NewNotice { id: app.chance.id("not", now), account: to.account_id, letter });
    }
    letter::write(work, &drafts).await?;
    store::insert(&mut work.tx, &notices, text, url, now).await?;
    if !drafts.is_empty() {
        let (count, Text { vi, en }) = (drafts.len(), text);
        let what = text!(
            "Báo tin bằng thư cho {count} người: {vi}",
            "Told {people} by letter: {en}",
            people = counted(count, "person", "people")
        );
        let rows: Vec<(&'static str, &str)> = drafts.iter().map(|draft| ("letters", draft.id.as_str())).collect();
        work.record(letter::STREAM, "letter.posted", what, &rows);
    }
    Ok(())
}

/// A notice as a letter in the language of whoever gets it.
fn copy(app: &App, id: LetterId, to: &Told, urgency: Urgency, (text, url): (&Text, &str), now: Time) -> Draft {
    let lang = Lang::from_tag(&to.lang);
    let words = text.get(lang);
    let urgent = if urgency == Urgency::Now { lang.pick("KHẨN: ", "URGENT: ") } else { "" };
    let link = letter::link(app, url).map(|link| format!("{} {link}\n\n", lang.pick("Xem và xử lý:", "See and act:")));
    Draft {
        id,
        kind: LetterKind::Notice,
        turn: urgency.turn(to.duty),
        due_at: to.channels().send_at(urgency, now),
        to_address: to.email.clone(),
        to_name: to.name.clone(),
        person_id: Some(to.person_id.clone()),
        unit_id: None,
        reply_to: String::new(),
        subject: format!("[ungcuu] {urgent}{}", brief(words, 120)),
        body: format!("{words}\n\n{}{}", link.unwrap_or_default(), foot(app, lang)),
        files: "[]".to_owned(),
        stream: String::new(),
        url: url.to_owned(),
    }
}

/// The last lines of a letter that nobody wrote by hand.
fn foot(app: &App, lang: Lang) -> String {
    let locality = app.pack.locality.get(lang);
    let choose = letter::link(app, "/account#channels")
        .map(|link| format!("\n{} {link}", lang.pick("Chọn cách nhận tin:", "Choose how you are told:")));
    let automatic = match lang {
        Lang::Vi => format!("-- \nThư tự động của ungcuu, {locality}. Không trả lời thư này."),
        Lang::En => format!("-- \nAn automatic letter of ungcuu, {locality}. Please do not answer it."),
    };
    automatic + &choose.unwrap_or_default()
}
