//! What the public sees: pick what happened, say where and when, add pictures, say who to call back; then follow it by
//! a code. Nothing of what officers write among themselves is ever shown here.

use askama::Template;
use axum::body::Body;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::chance;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, counted, shorten};
use ungcuu_kit::time::Time;

use crate::actor::Scope;
use crate::alert::intake::{attach, receive, record_rows};
use crate::alert::model::{
    Alert, AlertEvent, AlertFile, AlertStatus, EventKind, FROM_PUBLIC, NewAlert, code_hash, plain_code, spoken,
};
use crate::alert::{store, triage};
use crate::incident::lookup;
use crate::org::UnitId;
use crate::pack::ReportTile;
use crate::page::Page;
use crate::web::{Call, Done, Most, Upload};
use crate::work::Look;

/// What anyone may send at a time, without an account.
const PUBLIC_FILES: Most = Most { files: 10, each: 50 << 20, total: 100 << 20 };

/// The longest message, in characters.
const WORDS: usize = 4000;

/// A tile as the page shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tile {
    pub id: String,
    pub name: String,
    pub hint: String,
    /// What to do while waiting.
    pub advice: Vec<String>,
    #[serde(skip)]
    icon: &'static str,
}

impl Tile {
    fn new(tile: &ReportTile, page: &Page) -> Tile {
        // The pack names what is meant; the drawing is the interface's.
        let icon = match tile.icon.as_deref() {
            Some("lock") => "machine-locked",
            Some("mail") => "mail",
            Some("globe") => "globe",
            Some("user") => "person",
            Some("wifi") => "slow",
            _ => "question",
        };
        Tile {
            id: tile.id.clone(),
            name: page.words(&tile.name),
            hint: tile.hint.as_ref().map(|hint| page.words(hint)).unwrap_or_default(),
            advice: tile.advice.iter().map(|line| page.words(line)).collect(),
            icon,
        }
    }
}

/// The public form: first the tiles, then the rest for the tile picked.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "alert/html/report.html")]
pub struct ReportView {
    #[serde(skip)]
    p: Page,
    pub tiles: Vec<Tile>,
    /// The tile picked by `?tile=`.
    pub picked: Option<Tile>,
    /// The units of the locality: id and name.
    pub units: Vec<(String, String)>,
    /// The kind of each unit, which heads the long list.
    #[serde(skip)]
    unit_groups: Vec<(String, String)>,
    /// Whom to call: name and telephone.
    pub desk: Option<(String, String)>,
    #[serde(skip)]
    once: String,
}

impl ReportView {
    fn when(&self) -> Vec<(&'static str, &'static str)> {
        vec![("now", self.p.lang.pick("Vừa mới", "Just now")), ("other", self.p.lang.pick("Lúc khác", "Another time"))]
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Asked {
    /// The tile of the plan that was chosen.
    tile: String,
}

pub async fn form(call: Call) -> Result<ReportView> {
    let asked: Asked = call.query()?;
    let page = Page::bare(&call, Text::new("Báo sự cố", "Report an incident"));
    let pack = &call.app.pack;
    let picked = pack.tile(&asked.tile).map(|tile| Tile::new(tile, &page));
    let (mut units, mut unit_groups) = (Vec::new(), Vec::new());
    let mut look = call.look().await?;
    let desk = front_desk(&mut look).await?;
    if picked.is_some() {
        let everywhere = Scope { everywhere: true, ..Scope::default() };
        units = crate::org::list_inside_options(&mut look.tx, &everywhere).await?;
        unit_groups = crate::org::list_unit_groups(&mut look.tx, pack, call.lang).await?;
    }
    Ok(ReportView {
        tiles: pack.tiles.iter().map(|tile| Tile::new(tile, &page)).collect(),
        picked,
        units,
        unit_groups,
        desk,
        once: chance::secret(),
        p: page,
    })
}

/// The unit that the pack names for citizens to call, with its telephone as the register has it.
async fn front_desk(look: &mut Look) -> Result<Option<(String, String)>> {
    let app = look.app.clone();
    let Some(code) = &app.pack.front_desk else { return Ok(None) };
    let Some(id) = crate::org::unit_by_code(&mut look.tx, code).await? else { return Ok(None) };
    let unit = crate::org::get_unit(&mut look.tx, &id).await?;
    Ok(Some((unit.name, unit.phone)).filter(|(_, phone)| !phone.is_empty()))
}

/// What anyone may say of what happened.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReportForm {
    /// What happened, one of the pack's tiles.
    tile: Raw,
    description: Raw,
    /// The unit (`uni_…`); may be left out.
    unit: Raw,
    place: Raw,
    /// `other`: at `happened_at`; otherwise now.
    when: Raw,
    happened_at: Raw,
    name: Raw,
    phone: Raw,
    email: Raw,
    /// 64 letters of chance, so that the same form sent twice is one report.
    once: Raw,
}

/// `POST /report`: takes a report in and leads to its page.
pub async fn send(call: Call, body: Body) -> Result<Done> {
    call.app.throttle.report(call.address)?;
    let upload = Upload::receive(&call, body, PUBLIC_FILES).await?;
    let form: ReportForm = upload.words()?;
    let mut work = call.work().await?;
    let units = store::list_units_named(&mut work.tx, &[form.unit.as_str().to_owned()]).await?;
    let new = check(&call, &form, units.into_iter().next().map(|unit| unit.unit_id))?;
    let received = receive(&mut work, std::slice::from_ref(&new)).await?;
    let Some(one) = received.into_iter().next() else { return Err(Error::NotFound) };
    let rows = attach(&mut work, &one.id, &upload.files).await?;
    let code = &one.code;
    if !rows.is_empty() {
        let count = upload.files.len();
        record_rows(
            &mut work,
            "alert.files_added",
            text!("{code}: kèm {count} tệp", "{code}: {files}", files = counted(count, "file", "files")),
            &rows,
        );
    }
    if let (Some(unit), false) = (&new.unit_id, one.folded) {
        let title = &new.title;
        let words = text!("Tin báo mới {code}: {title}", "New report {code}: {title}");
        crate::notify::tell_unit(&mut work, unit, &words, &format!("/alerts/{}", one.id)).await?;
    }
    let tracking = spoken(one.tracking_code.as_deref().unwrap_or_default());
    let result = serde_json::json!({ "tracking_code": tracking });
    let said = Text::new("Đã nhận tin báo. Cảm ơn bạn.", "We have your report. Thank you.");
    Ok(work.done(format!("/report/{tracking}")).await?.saying(said).with(result))
}

fn check(call: &Call, form: &ReportForm, unit: Option<UnitId>) -> Result<NewAlert> {
    let mut checks = Checks::new();
    let pack = &call.app.pack;
    let tile = pack.tile(form.tile.as_str());
    if tile.is_none() {
        checks.refuse("tile", Text::new("Hãy chọn chuyện gì xảy ra.", "Choose what happened."));
    }
    let description = checks.area_or_empty("description", &form.description);
    if unit.is_none() && !form.unit.is_empty() {
        checks.refuse("unit", ungcuu_kit::form::unknown());
    }
    let happened_at = match form.when.as_str() {
        "other" => Some(checks.moment("happened_at", &form.happened_at)),
        _ => checks.moment_or_none("happened_at", &form.happened_at).or(Some(call.now)),
    };
    checks.past("happened_at", happened_at, call.now);
    let reporter_email = if form.email.is_empty() { String::new() } else { checks.email("email", &form.email) };
    let once = &form.once;
    let new = NewAlert {
        title: tile.map(|tile| title(tile, &description)).unwrap_or_default(),
        description,
        severity: tile.map_or(2, |tile| tile.severity),
        source: FROM_PUBLIC.to_owned(),
        // Two citizens' reports are never folded, or one would read the other's; the same form sent twice is.
        external_id: if once.as_str().len() == 64 { once.as_str().to_owned() } else { chance::secret() },
        unit_id: unit,
        place: checks.line_or_empty("place", &form.place),
        tile: form.tile.as_str().to_owned(),
        scenario: tile.map(|tile| tile.scenario.clone()),
        reporter_name: checks.line_or_empty("name", &form.name),
        reporter_phone: checks.phone("phone", &form.phone),
        reporter_email,
        happened_at,
        noticed_at: Some(call.now),
        tracked: true,
        ..NewAlert::default()
    };
    checks.done()?;
    Ok(new)
}

/// The tile's name and the first words of the story, so that two reports can be told apart in the queue. Addresses are
/// left to the story: cut short they would lead elsewhere.
fn title(tile: &ReportTile, description: &str) -> String {
    let name = tile.name.get(ungcuu_kit::text::Lang::Vi);
    let first = description.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let is_address = |word: &&str| word.contains("//") || word.contains("[.]") || word.contains('@');
    let words: Vec<&str> = first.split_whitespace().filter(|word| !is_address(word)).collect();
    if words.is_empty() { name.to_owned() } else { format!("{name}: {}", shorten(&words.join(" "), 100)) }
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FindForm {
    pub code: Raw,
}

/// `POST /report/find`: from a code on paper to its page.
pub async fn find(call: Call, form: FindForm) -> Result<Done> {
    call.app.throttle.report(call.address)?;
    let mut look = call.look().await?;
    let code = plain_code(form.code.as_str());
    if store::find_by_tracking(&mut look.tx, &code_hash(&code)).await?.is_none() {
        let words =
            Text::new("Không có tin nào mang mã này. Hãy xem lại mã.", "No report has this code. Check it again.");
        return Err(Error::field("code", words));
    }
    Ok(Done::to(format!("/report/{}", spoken(&code))))
}

/// A unit and its telephone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Desk {
    pub name: String,
    /// Empty when the register has none.
    pub phone: String,
}

/// How far a report has come, step by step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Progress {
    pub what: Text,
    pub reached: bool,
    pub at: Option<Time>,
}

/// A report as its reporter follows it.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "alert/html/follow.html")]
pub struct FollowView {
    #[serde(skip)]
    p: Page,
    /// `ABCDE-FGHJK`.
    pub code: String,
    /// What becomes of it, in plain words.
    pub state: Text,
    pub received_at: Time,
    pub steps: Vec<Progress>,
    /// The unit that has it.
    pub unit: Option<Desk>,
    /// What the reporter picked and wrote, and the names of what they sent.
    pub what: String,
    pub description: String,
    pub place: String,
    pub files: Vec<String>,
    pub messages: Vec<Message>,
    pub advice: Vec<String>,
    /// Whom to call: name and telephone.
    pub desk: Option<(String, String)>,
    /// Whether the reporter can still say that it is over.
    #[serde(skip)]
    goes_on: bool,
}

/// What the reporter wrote after the first report, and what was answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Message {
    pub at: Time,
    /// Written by the office; otherwise by the reporter.
    pub answer: bool,
    pub text: String,
}

pub async fn follow(call: Call) -> Result<FollowView> {
    call.app.throttle.report(call.address)?;
    let mut look = call.look().await?;
    let alert = followed(&call, &mut look.tx).await?;
    let events = store::list_events(&mut look.tx, &alert.id).await?;
    let closed = match &alert.incident_id {
        Some(id) => lookup::is_closed(&mut look.tx, id).await?,
        None => false,
    };
    let page = Page::bare(&call, Text::new("Theo dõi tin báo", "Follow a report"));
    let tile = call.app.pack.tile(&alert.tile).map(|tile| Tile::new(tile, &page));
    Ok(FollowView {
        code: spoken(alert.tracking_code.as_deref().unwrap_or_default()),
        state: state(&alert, closed),
        received_at: alert.received_at,
        steps: steps(&alert, closed),
        unit: match &alert.unit_id {
            Some(unit) => Some(crate::org::get_unit(&mut look.tx, unit).await?),
            None => None,
        }
        .map(|unit| Desk { name: unit.name, phone: unit.phone }),
        what: tile.as_ref().map(|tile| tile.name.clone()).unwrap_or_default(),
        description: alert.description.clone(),
        place: alert.place.clone(),
        messages: events.iter().filter_map(|event| message(event, &page)).collect(),
        advice: tile.filter(|_| alert.status.is_open()).map(|tile| tile.advice).unwrap_or_default(),
        desk: front_desk(&mut look).await?,
        files: sent(store::list_files(&mut look.tx, &alert.id).await?, &alert),
        goes_on: !closed && alert.status != AlertStatus::Dismissed,
        p: page,
    })
}

/// The names of what the reporter sent, not of what officers added.
fn sent(files: Vec<AlertFile>, alert: &Alert) -> Vec<String> {
    let theirs = |file: &AlertFile| file.added_by == alert.received_by;
    files.into_iter().filter(theirs).map(|file| file.name).collect()
}

/// The way of a report in plain words.
fn steps(alert: &Alert, closed: bool) -> Vec<Progress> {
    let step = |vi: &'static str, en: &'static str, reached: bool, at: Option<Time>| Progress {
        what: Text::new(vi, en),
        reached,
        at: at.filter(|_| reached),
    };
    let taken = alert.status != AlertStatus::New;
    let opened = alert.status == AlertStatus::Opened;
    let mut steps = vec![step("Đã nhận tin", "Received", true, Some(alert.received_at))];
    match alert.status {
        AlertStatus::Merged => {
            steps.push(step("Xử lý chung với tin khác báo cùng việc", "Dealt with together", true, alert.ended_at));
        }
        AlertStatus::Dismissed => {
            steps.push(step("Đã xem xong, không phải xử lý thêm", "Looked at; nothing to do", true, alert.ended_at));
        }
        _ => {
            let verified = opened || alert.status == AlertStatus::Verified;
            steps.push(step("Cán bộ xem xét", "An officer looks at it", taken, alert.taken_at));
            steps.push(step("Xác minh", "Confirmed", verified, alert.verified_at));
            steps.push(step("Xử lý", "Being dealt with", opened, alert.ended_at));
            steps.push(step("Xong", "Done", closed, None));
        }
    }
    steps
}

async fn followed(call: &Call, tx: &mut ungcuu_kit::db::Tx) -> Result<Alert> {
    let code: String = call.param("code")?;
    store::find_by_tracking(tx, &code_hash(&plain_code(&code))).await?.ok_or(Error::NotFound)
}

/// Only what passes between reporter and office; what officers note stays with them, and so do their names.
fn message(event: &AlertEvent, page: &Page) -> Option<Message> {
    let answer = match event.kind {
        EventKind::Answer => true,
        EventKind::Reporter => false,
        EventKind::Act | EventKind::Repeat => return None,
    };
    Some(Message { at: event.at, answer, text: event.words(page.lang).to_owned() })
}

fn state(alert: &Alert, closed: bool) -> Text {
    match alert.status {
        _ if closed => Text::new("Đã xử lý xong. Cảm ơn bạn đã báo.", "Dealt with. Thank you for reporting."),
        AlertStatus::New => Text::new("Đã nhận, đang chờ cán bộ xem.", "Received; an officer will look at it."),
        AlertStatus::Taken => Text::new("Cán bộ đang xem xét.", "An officer is looking at it."),
        AlertStatus::Verified | AlertStatus::Opened => {
            Text::new("Đã xác minh, đang xử lý.", "Confirmed and being dealt with.")
        }
        AlertStatus::Merged => Text::new(
            "Đã có tin khác báo cùng việc này; cơ quan đang xử lý chung.",
            "Others reported the same; it is being dealt with together.",
        ),
        AlertStatus::Dismissed => Text::new(
            "Đã xem xong, không phải xử lý thêm. Nếu vẫn còn hiện tượng, hãy nhắn thêm bên dưới.",
            "Looked at; nothing more needs doing. If it goes on, write below.",
        ),
    }
}

/// What a reporter adds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MessageForm {
    text: Raw,
    /// Ticked: it is over.
    over: Raw,
}

/// `POST /report/{code}/messages`: the reporter adds words or files.
pub async fn add(call: Call, body: Body) -> Result<Done> {
    call.app.throttle.report(call.address)?;
    // Whoever does not know a code cannot make the server take in files.
    let alert = {
        let mut look = call.look().await?;
        followed(&call, &mut look.tx).await?
    };
    let upload = Upload::receive(&call, body, PUBLIC_FILES).await?;
    let form: MessageForm = upload.words()?;
    let mut checks = Checks::new();
    let words = checks.area_or_empty("text", &form.text);
    let over = form.over.ticked();
    if words.is_empty() && upload.files.is_empty() && !over {
        checks.refuse("text", ungcuu_kit::form::empty());
    }
    if words.chars().count() > WORDS {
        checks.refuse("text", text!("Dài quá {WORDS} ký tự.", "Longer than {WORDS} characters."));
    }
    checks.done()?;
    let words = match (over, words.is_empty()) {
        (true, true) => Text::new("Người báo cho biết đã hết.", "The reporter says it is over."),
        (true, false) => text!("Người báo cho biết đã hết. {words}", "The reporter says it is over. {words}"),
        (false, _) => Text::same(words),
    };
    let mut work = call.work().await?;
    triage::hear(&mut work, &alert, words, &upload.files).await?;
    let code = spoken(alert.tracking_code.as_deref().unwrap_or_default());
    let said = Text::new("Đã gửi thêm. Cảm ơn bạn.", "Sent. Thank you.");
    Ok(work.done(format!("/report/{code}")).await?.saying(said))
}
