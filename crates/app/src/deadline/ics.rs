//! What is due as a calendar that other programs subscribe to (RFC 5545).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use icalendar::{Calendar, Component, Event, EventStatus, Property};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::{DAY, MINUTE, Time};

use super::model::DeadlineState;
use super::store::list::{self, Line};
use super::{kind_label, store, units};
use crate::auth::{actor_of, token_hash};
use crate::permission::Permission;
use crate::web::Call;

/// The most entries of one feed.
const ENTRIES: i64 = 1000;
/// How far back what is over still stands in the calendar.
const BACK: i64 = 60 * DAY;
/// How often programs should come back.
const REFRESH: &str = "PT1H";

/// `GET /calendar/{token}`: the secret in the address is the only key, so an unknown one is no address at all.
pub async fn feed(call: Call) -> Result<Response> {
    let token: String = call.param("token")?;
    let token = token.strip_suffix(".ics").unwrap_or(&token);
    let mut look = call.look().await?;
    let feed = store::settings::find_feed(&mut look.tx, &token_hash(token)).await?.ok_or(Error::NotFound)?;
    let actor = actor_of(&call.app, &mut look.tx, &feed.account_id).await?.ok_or(Error::NotFound)?;
    // The roles may have changed since the address was made; it shows what its account may see today.
    let own = units::own_units(&mut look.tx, &call.app.pack, &actor).await?;
    let units = match &feed.unit_id {
        Some(unit) => own.into_iter().filter(|own| own == unit).collect(),
        None => own,
    };
    if !actor.can(Permission::DeadlineRead) || units.is_empty() {
        return Err(Error::NotFound);
    }
    let (person, since) = (feed.unit_id.is_none(), call.now.plus(-BACK));
    let lines = list::list_for_feed(&mut look.tx, &actor, &units, person, since, ENTRIES).await?;
    let name = match feed.unit_name.is_empty() {
        true => format!("{} – {}", call.lang.pick("Hạn việc", "Time limits"), actor.name),
        false => format!("{} – {}", call.lang.pick("Hạn việc", "Time limits"), feed.unit_name),
    };
    let host = call.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if call.app.settings.secure_cookies { "https" } else { "http" };
    let calendar = calendar(&name, &lines, &format!("{scheme}://{host}"), call.now, call.lang);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, calendar).into_response())
}

/// The calendar's text.
fn calendar(name: &str, lines: &[Line], site: &str, now: Time, lang: Lang) -> String {
    let mut calendar = Calendar::new();
    calendar.name(name).append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    for line in lines {
        if let Some(event) = event(line, site, now, lang) {
            calendar.push(event);
        }
    }
    calendar.done().to_string()
}

fn event(line: &Line, site: &str, now: Time, lang: Lang) -> Option<Event> {
    let it = &line.it;
    let due = it.due_at?;
    // The last microsecond of a day would be shown as the next one.
    let end = stamp(Time(due.0 - due.0.rem_euclid(MINUTE)));
    let state = match it.state {
        DeadlineState::Open if due < now => format!("{}: ", lang.pick("TRỄ", "LATE")),
        DeadlineState::Open => String::new(),
        other => format!("{}: ", other.label().get(lang)),
    };
    let title = it.title();
    let facts = [
        it.subject.clone(),
        it.bound().get(lang).to_owned(),
        it.why().get(lang).to_owned(),
        it.basis().get(lang).to_owned(),
        if line.person_name.is_empty() { line.unit_name.clone() } else { line.person_name.clone() },
    ];
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    let url = if it.url.is_empty() { format!("{site}/deadlines/{}", it.id) } else { format!("{site}{}", it.url) };
    let mut event = Event::new();
    event
        .uid(&format!("{}@ungcuu", it.id))
        .summary(&format!("{state}{}", title.get(lang)))
        .description(&facts.join("\n"))
        .add_property("DTSTART", &end)
        .add_property("DTEND", &end)
        .add_property("URL", &url)
        .status(if it.is_open() { EventStatus::Tentative } else { EventStatus::Confirmed })
        .sequence(u32::try_from(it.version).unwrap_or(u32::MAX))
        .add_property("CATEGORIES", kind_label(&it.source).get(lang))
        .add_property("DTSTAMP", stamp(now));
    Some(event.done())
}

/// A moment as calendars write it, in UTC.
fn stamp(at: Time) -> String {
    at.plus(-7 * ungcuu_kit::time::HOUR).local().strftime("%Y%m%dT%H%M%SZ").to_string()
}
