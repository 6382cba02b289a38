//! An administrator changes a form: labels, order, which fields are obligatory, options, hints, opening and closing words,
//! recipients; adds fields and takes fields out. What is saved lies over the pack's form, every version is kept, and the
//! pack's own can be taken again. Drafts follow at once; what was issued stays as it was.
//!
//! What can be entered in the pack's own fields and where their values come from stays with the pack, and none of them is
//! ever lost: they are hidden.

mod apply;
mod fields;
mod order;

use askama::Template;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::form::Checks;
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text};

use super::document::{Around, lay_out};
use super::facts::Facts;
use super::fill::{self, Posted};
use super::forms;
use super::model::{Answers, Report};
use super::preview::Preview;
use super::sources::gather;
use super::store::facts::UnitRow;
use super::store::forms::{self as store, FormText};
use crate::incident::actions::see;
use crate::incident::{IncidentId, lookup};
use crate::pack::{Form, FormField, FormOption, FormSection};
use crate::page::Page;
use crate::web::{Ask, Call, Done};
use crate::work::Look;

/// The stream of the forms in the journal.
const STREAM: &str = "forms";
/// Incidents offered for the preview.
const INCIDENTS: i64 = 20;

type Options = Vec<(String, String)>;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct EditorQuery {
    /// An incident whose records fill the page beside the form.
    incident: Ask<IncidentId>,
}

/// What was sent for a form's words: see [`apply`] for the names.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct EditorForm(pub Posted);

impl JsonSchema for EditorForm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FormWords".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let scalar = json_schema!({ "type": ["string", "number", "boolean", "null"] });
        json_schema!({
            "type": "object",
            "description": "`version` (the number of the version that was read, 0 for the plan's words), `title`, \
                            `subject`, `opening`, `closing`, `bases`, `notes`, `kept`, `to`, and for each section \
                            `s.{section}.vi|en|order` and each field `f.{field}.vi|en|hint_vi|hint_en|order|obligatory|\
                            options|hidden|hidden_reason`. A field is added to a section by \
                            `n.{section}.vi|en|kind|order|obligatory|options`. `move` moves one of them by a place: \
                            `f.{field}.up|down`, `s.{section}.up|down`. What is not sent stays.",
            "additionalProperties": { "anyOf": [scalar, { "type": "array", "items": scalar }] },
        })
    }
}

/// A form in the list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FormLine {
    pub id: String,
    pub code: String,
    pub name: String,
    /// How sure the plan is of it.
    pub confidence: String,
    #[serde(skip)]
    pub settled: bool,
    /// Number of the version that holds; 0: the plan's words were never changed.
    pub version: i64,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/forms.html")]
pub struct FormList {
    #[serde(skip)]
    p: Page,
    forms: Vec<FormLine>,
}

pub async fn list(call: Call) -> Result<FormList> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Biểu mẫu", "Forms")).await?;
    let changed = store::list_changed(&mut look.tx).await?;
    let line = |form: &Form| FormLine {
        id: form.id.clone(),
        code: form.code.get(p.lang).to_owned(),
        name: form.name.get(p.lang).to_owned(),
        confidence: p.say(&form.confidence.label()),
        settled: form.confidence.settled(),
        version: changed.iter().find(|(id, _)| *id == form.id).map_or(0, |(_, version)| *version),
    };
    Ok(FormList { forms: look.app.pack.forms.iter().map(line).collect(), p })
}

/// The words of a form with its page beside them.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/editor.html")]
pub struct Editor {
    #[serde(skip)]
    p: Page,
    /// The form as it holds now.
    form: serde_json::Value,
    #[serde(skip)]
    it: Form,
    /// Number of the version that holds; 0: the plan's words.
    version: i64,
    /// Whether what holds is not the plan's words.
    changed: bool,
    versions: Vec<FormText>,
    /// The ids of the pack's own fields, and those of them that its form makes obligatory.
    #[serde(skip)]
    own: Vec<String>,
    #[serde(skip)]
    of_law: Vec<String>,
    #[serde(skip)]
    kinds: Options,
    #[serde(skip)]
    functions: Options,
    #[serde(skip)]
    incidents: Options,
    #[serde(skip)]
    chosen: String,
    #[serde(skip)]
    preview: Preview,
}

impl Editor {
    fn lines(&self, lines: &[String]) -> String {
        lines.join("\n")
    }

    fn en<'a>(&self, words: &'a ungcuu_kit::text::Words) -> &'a str {
        words.en.as_deref().unwrap_or_default()
    }

    fn hint_vi<'a>(&self, field: &'a FormField) -> &'a str {
        field.hint.as_ref().map(|hint| hint.vi.as_str()).unwrap_or_default()
    }

    fn hint_en<'a>(&self, field: &'a FormField) -> &'a str {
        field.hint.as_ref().and_then(|hint| hint.en.as_deref()).unwrap_or_default()
    }

    fn options(&self, field: &FormField) -> String {
        field.options.iter().map(apply::option_line).collect::<Vec<_>>().join("\n")
    }

    fn unsettled(&self, field: &FormField) -> String {
        let least = field.options.iter().map(|option: &FormOption| option.confidence).chain([field.confidence]).max();
        let least = least.unwrap_or_default();
        if least.settled() { String::new() } else { self.p.say(&least.label()) }
    }

    fn confidence(&self) -> String {
        self.p.say(&self.it.confidence.label())
    }

    /// The name to send a part of a section or a field under.
    fn name(&self, kind: &str, id: &str, part: &str) -> String {
        format!("{kind}.{id}.{part}")
    }

    /// Where a part (`s`) or a field (`f`) stands on the page.
    fn anchor(&self, kind: &str, id: &str) -> String {
        order::anchor(kind, id)
    }

    /// Whether an administrator added the field.
    fn is_added(&self, field: &FormField) -> bool {
        !self.own.contains(&field.id)
    }

    /// What hiding a field of the plan means.
    fn about_hiding(&self, field: &FormField) -> &str {
        match self.of_law.contains(&field.id) {
            true => self.p.t(
                "Phải ghi: mẫu của quy định bắt buộc trường này.",
                "Needed: the form of the law makes this field obligatory.",
            ),
            false => self.p.t(
                "Trường của kế hoạch không mất, lấy lại được.",
                "A field of the plan is not lost and can be shown again.",
            ),
        }
    }

    fn takes_more(&self, section: &FormSection) -> bool {
        fields::takes_more(section)
    }

    /// One line for each option, and one to write in.
    fn rows(&self, field: &FormField) -> u8 {
        u8::try_from(field.options.len() + 1).unwrap_or(12).min(12)
    }
}

pub async fn show(call: Call) -> Result<Editor> {
    let id: String = call.param("form")?;
    let query: EditorQuery = call.query()?;
    let mut look = call.look().await?;
    let app = look.app.clone();
    let form = forms::find_whole(&mut look.tx, &app.pack, &id).await?.ok_or(Error::NotFound)?;
    let title = Text::owned(form.name.vi.clone(), form.name.get(Lang::En).to_owned());
    let p = Page::new(&call, &mut look, title).await?;
    let versions = store::list(&mut look.tx, &id).await?;
    let chosen = query.incident.0;
    let preview = preview_of(&mut look, &form.clone().shown(), chosen.as_ref()).await?;
    let actor = look.actor.clone();
    let open = lookup::list_open(&mut look.tx, &actor, INCIDENTS).await?;
    let functions = &app.pack.functions;
    let own: Vec<&FormField> = app.pack.form(&id).into_iter().flat_map(Form::fields).collect();
    Ok(Editor {
        of_law: own.iter().filter(|field| field.obligatory).map(|field| field.id.clone()).collect(),
        own: own.iter().map(|field| field.id.clone()).collect(),
        kinds: fields::kinds(p.lang),
        form: serde_json::to_value(&form)?,
        version: versions.first().map_or(0, |text| text.ordinal),
        changed: versions.first().is_some_and(|text| !text.body.is_empty()),
        versions,
        functions: functions.iter().map(|one| (one.id.clone(), one.name.get(p.lang).to_owned())).collect(),
        incidents: open.into_iter().map(|one| (one.id.to_string(), format!("{} {}", one.code, one.title))).collect(),
        chosen: chosen.map(|id| id.to_string()).unwrap_or_default(),
        preview,
        it: form,
        p,
    })
}

/// The printed page of a form, filled from an incident the reader may see; without one, empty.
async fn preview_of(look: &mut Look, form: &Form, chosen: Option<&IncidentId>) -> Result<Preview> {
    let app = look.app.clone();
    let now = look.now;
    let actor = look.actor.clone();
    let (code, title, facts, unit) = match chosen {
        Some(id) => {
            let incident = see(look, id).await?;
            let gathered = gather(&mut look.tx, &actor, &app.pack, &incident, form, now).await?;
            (incident.code, incident.title, gathered.facts, gathered.unit)
        }
        None => {
            let issuer = app.pack.plan.issuer.join(" ");
            let unit = UnitRow { name: issuer, ..UnitRow::default() };
            ("SC-…".to_owned(), "…".to_owned(), Facts::default(), unit)
        }
    };
    let report = Report { form: form.id.clone(), capacity: first_capacity(form), ..Report::blank(now) };
    let filled = fill::live(form, &Answers::new(), &facts);
    let (code, title) = (code.as_str(), title.as_str());
    let around = Around { pack: &app.pack, code, title, report: &report, unit: &unit, facts: &facts, at: now };
    Preview::new(&lay_out(form, &filled, &around))
}

fn first_capacity(form: &Form) -> String {
    form.signature.capacities.first().cloned().unwrap_or_default()
}

/// The page of the words that are being typed. Changes nothing.
pub async fn look_ahead(call: Call, typed: EditorForm) -> Result<Done> {
    let id: String = call.param("form")?;
    let mut look = call.look().await?;
    let app = look.app.clone();
    let form = forms::find_whole(&mut look.tx, &app.pack, &id).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let form = apply::apply(&typed.0, &form, &app.pack, "x-new", &mut checks).shown();
    checks.done()?;
    let chosen = typed.0.first("incident").as_str().parse().ok();
    let preview = preview_of(&mut look, &form, chosen.as_ref()).await?;
    Ok(Done::to(format!("/packs/forms/{id}")).with(serde_json::json!({ "html": preview.markup()? })))
}

/// Saves the words as a new version.
pub async fn save(call: Call, typed: EditorForm) -> Result<Done> {
    let id: String = call.param("form")?;
    let mut work = call.work().await?;
    let app = work.app.clone();
    let before = forms::find_whole(&mut work.tx, &app.pack, &id).await?.ok_or(Error::NotFound)?;
    let mut checks = Checks::new();
    let seen = typed.0.first("version");
    // The number of the version: no field of an earlier one has such an id, so no draft has an answer under it.
    let ordinal: i64 = seen.as_str().parse().unwrap_or_default();
    let mut form = apply::apply(&typed.0, &before, &app.pack, &format!("x{}", ordinal + 1), &mut checks);
    let moved = order::shift(&typed.0, &mut form);
    let note = checks.line_or_empty("note", &typed.0.first("note"));
    checks.done()?;
    let body = serde_json::to_string(&form)?;
    let Text { vi, en } = form.name.text();
    let Text { vi: told, en: english } = joined(fields::told(&before, &form), moved.as_ref());
    let what = match told.is_empty() {
        true => text!("Sửa biểu mẫu {vi}", "Changed the form {en}"),
        false => text!("Sửa biểu mẫu {vi}: {told}", "Changed the form {en}: {english}"),
    };
    insert(&mut work, &id, seen.as_str(), body, note, what).await?;
    let place = place(&id, &typed.0);
    let place = moved.map_or(place.clone(), |moved| format!("{place}#{}", moved.anchor));
    let done = work.done(place).await?;
    Ok(done.saying(Text::new(
        "Đã lưu. Bản nháp dùng ngay lời mới; văn bản đã phát hành giữ nguyên.",
        "Saved. Drafts follow at once; what was issued stays as it was.",
    )))
}

/// Takes the plan's words again; what was written stays among the versions.
pub async fn reset(call: Call, typed: EditorForm) -> Result<Done> {
    let id: String = call.param("form")?;
    let mut work = call.work().await?;
    let app = work.app.clone();
    let form = app.pack.form(&id).ok_or(Error::NotFound)?;
    let Text { vi, en } = form.name.text();
    let what = text!("Lấy lại lời của kế hoạch cho {vi}", "Took the plan's words for {en} again");
    insert(&mut work, &id, typed.0.first("version").as_str(), String::new(), String::new(), what).await?;
    let done = work.done(place(&id, &typed.0)).await?;
    Ok(done.saying(Text::new("Biểu mẫu dùng lại lời của kế hoạch.", "The form has the plan's words again.")))
}

/// What was changed, with what was moved behind it.
fn joined(told: Text, moved: Option<&order::Moved>) -> Text {
    let Some(moved) = moved else { return told };
    let behind = |told: &str, moved: &str| if told.is_empty() { moved.to_owned() } else { format!("{told}; {moved}") };
    Text::owned(behind(&told.vi, &moved.told.vi), behind(&told.en, &moved.told.en))
}

fn place(id: &str, typed: &Posted) -> String {
    match typed.first("incident").as_str().parse::<IncidentId>() {
        Ok(incident) => format!("/packs/forms/{id}?incident={incident}"),
        Err(_) => format!("/packs/forms/{id}"),
    }
}

/// A new version over the one that was read; whoever read an older one is told who was faster.
async fn insert(
    work: &mut crate::work::Work,
    form: &str,
    seen: &str,
    body: String,
    note: String,
    what: Text,
) -> Result<()> {
    let last = store::find(&mut work.tx, form).await?;
    let ordinal = last.as_ref().map_or(0, |text| text.ordinal);
    let text = FormText {
        id: work.app.chance.id("frm", work.now),
        form: form.to_owned(),
        ordinal: ordinal + 1,
        body,
        note,
        saved_at: work.now,
        saved_by: work.actor.name.clone(),
    };
    if seen != ordinal.to_string() || store::insert(&mut work.tx, &text).await? == 0 {
        let (who, when) = last.map(|text| (text.saved_by, text.saved_at)).unwrap_or_default();
        return Err(Error::Conflict(Box::new(Conflict { who, when, theirs: Vec::new() })));
    }
    work.record(STREAM, "form.changed", what, &[("form_texts", text.id.as_str())]);
    Ok(())
}

/// The form as it holds now, as a piece of a pack's file.
pub async fn toml_file(call: Call) -> Result<Response> {
    #[derive(Serialize)]
    struct Piece {
        forms: Vec<Form>,
    }
    let id: String = call.param("form")?;
    let mut look = call.look().await?;
    let app = look.app.clone();
    let form = forms::find_whole(&mut look.tx, &app.pack, &id).await?.ok_or(Error::NotFound)?;
    let written = toml::to_string(&Piece { forms: vec![form] }).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.toml\"")),
    ];
    Ok((headers, Body::from(written)).into_response())
}
