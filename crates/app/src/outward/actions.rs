//! Makes a copy for outside, in three parts, because no file is made while the records are held: what may go is gathered,
//! the file is made and stored, and the row is written when no marking was changed in between.

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw, unknown};
use ungcuu_kit::text;
use ungcuu_kit::text::{Lang, Text, counted};
use ungcuu_kit::time::Time;

use super::model::{Content, OutwardCopy};
use super::{CopyId, store};
use crate::actor::{Actor, not_allowed};
use crate::app::App;
use crate::coordination::reach::{self, UnitChoice};
use crate::coordination::sieve::Sieve;
use crate::coordination::wall::{self, Circle, Level};
use crate::evidence::{self, listing};
use crate::incident::actions::{record, see, take_any};
use crate::incident::{Incident, IncidentId, timeline};
use crate::indicator::{csv, export};
use crate::org::UnitId;
use crate::permission::Permission::{EvidenceRead, ReportWrite};
use crate::report::dossier::assemble_for;
use crate::report::rendering::{Format, render};
use crate::work::Look;

/// What is to be made, for whom, up to which marking.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CopyForm {
    /// `dossier_pdf`, `dossier_docx`, `indicators_csv`, `indicators_json` or `evidence_csv`.
    pub content: Raw,
    /// An outside body of the register.
    pub unit: Raw,
    /// Or the name of somebody else.
    pub party: Raw,
    /// The strictest marking that may be in it. Empty: whatever may go to the recipient; without one only TLP:CLEAR.
    pub tlp: Raw,
    pub purpose: Raw,
}

/// What was chosen, believed.
struct Wanted {
    content: Content,
    unit: Option<UnitChoice>,
    party: String,
    ceiling: Level,
    purpose: String,
}

/// What goes into a copy.
struct Gathered {
    file: File,
    left_out: usize,
    strictest: Level,
}

enum File {
    Made(String),
    ToLayOut(Box<ungcuu_render::Document>, &'static [Format]),
}

/// Makes a copy and keeps it.
pub async fn make(app: &App, actor: &Actor, id: &IncidentId, form: &CopyForm, lang: Lang) -> Result<OutwardCopy> {
    let mut look = app.look(actor.clone()).await?;
    let incident = see(&mut look, id).await?;
    look.actor.must_in(ReportWrite, &incident.unit_id)?;
    let wanted = read(&mut look, &incident, form).await?;
    if wanted.content == Content::EvidenceCsv && !evidence::may(&mut look.tx, actor, EvidenceRead, id).await? {
        return Err(not_allowed());
    }
    let sieve = Sieve::up_to(&mut look.tx, &incident, wanted.ceiling).await?;
    let gathered = gather(&mut look, &incident, &wanted, &sieve, lang).await?;
    drop(look);
    let bytes = match gathered.file {
        File::Made(words) => Bytes::from(words),
        File::ToLayOut(document, formats) => render(app, *document, formats).await?.pop().unwrap_or_default(),
    };
    let stored = app.blobs.put_bytes(bytes).await?;

    let mut work = app.work(actor.clone()).await?;
    let taken = take_any(&mut work, id).await?;
    work.actor.must_in(ReportWrite, &taken.incident.unit_id)?;
    if !Sieve::up_to(&mut work.tx, &taken.incident, wanted.ceiling).await?.is_as(&sieve) {
        return Err(Error::not_now(
            "Vừa có người đổi phạm vi chia sẻ trong sự cố này. Hãy lập lại bản này.",
            "Somebody has just changed a marking in this incident. Make the copy again.",
        ));
    }
    let copy = OutwardCopy {
        id: CopyId::new(&app.chance, work.now),
        content: wanted.content,
        party: wanted.unit.as_ref().map_or_else(|| wanted.party.clone(), |unit| unit.name.clone()),
        unit_id: wanted.unit.map(|unit| unit.id),
        ceiling: wanted.ceiling,
        tlp: gathered.strictest,
        left_out: i64::try_from(gathered.left_out).unwrap_or(i64::MAX),
        purpose: wanted.purpose,
        file_id: stored.sha256,
        size: stored.size,
        made_at: work.now,
        made_by: work.actor.name.clone(),
        incident_tlp: Level::of(&taken.incident.tlp),
    };
    store::insert_file(&mut work.tx, &copy.file_id, copy.size, copy.content.media_type(), work.now).await?;
    store::insert(&mut work.tx, id, &copy).await?;
    let what = sentence(app, &copy);
    let mut rows = vec![("outward_copies", copy.id.to_string()), ("files", copy.file_id.clone())];
    rows.push(timeline::note(&mut work, id, "message", what.clone()).await?);
    record(&mut work, id, "outward.made", what, &rows);
    work.commit().await?;
    Ok(copy)
}

/// Reads the form before the wall.
async fn read(look: &mut Look, incident: &Incident, form: &CopyForm) -> Result<Wanted> {
    let app = look.app.clone();
    let mut checks = Checks::new();
    let content: Option<Content> = checks.choice("content", &form.content);
    let unit = match checks.id_or_none::<UnitId>("unit", &form.unit) {
        Some(id) => reach::find_unit(&mut look.tx, &id).await?.filter(|unit| unit.outside),
        None => None,
    };
    if unit.is_none() && !form.unit.is_empty() {
        checks.refuse("unit", unknown());
    }
    if unit.is_some() && !form.party.is_empty() {
        checks.refuse(
            "party",
            Text::new("Đã chọn đơn vị thì để trống mục này.", "Leave this empty when a body is chosen."),
        );
    }
    let party = checks.line_or_empty("party", &form.party);
    let asked: Option<Level> = checks.choice_or_none("tlp", &form.tlp);
    let (most, refusal) = match &unit {
        Some(unit) => {
            let most = wall::most_for(reach::circle(&mut look.tx, &incident.id, &[], unit).await?);
            (most, asked.map(|asked| wall::refusal(asked, &app.pack.name_text(&unit.name))))
        }
        None if !party.is_empty() => {
            let most = wall::most_for(Circle::Stranger);
            (most, asked.map(|asked| wall::refusal(asked, &Text::same(party.clone()))))
        }
        None => (Level::Green, Some(for_nobody())),
    };
    // Nobody named and nothing chosen is the safest: what everybody may read.
    let nobody = unit.is_none() && party.is_empty();
    let ceiling = asked.unwrap_or(if nobody { Level::Clear } else { most });
    if ceiling > most
        && let Some(refusal) = refusal
    {
        checks.refuse("tlp", refusal);
    }
    let purpose = checks.line_or_empty("purpose", &form.purpose);
    checks.done()?;
    let Some(content) = content else { return Err(Error::field("content", ungcuu_kit::form::empty())) };
    Ok(Wanted { content, unit, party, ceiling, purpose })
}

/// Why something for named recipients only is not made without a name.
fn for_nobody() -> Text {
    Text::new(
        "Mức này chỉ đến được nơi nhận nêu tên; TLP:RED thì không ra ngoài. Hãy chọn nơi nhận, hoặc mức TLP:GREEN, TLP:CLEAR.",
        "This level goes to a named recipient only, and TLP:RED to nobody outside. Choose a recipient, or TLP:GREEN or TLP:CLEAR.",
    )
}

async fn gather(look: &mut Look, incident: &Incident, wanted: &Wanted, sieve: &Sieve, lang: Lang) -> Result<Gathered> {
    let app = look.app.clone();
    match wanted.content {
        Content::DossierPdf | Content::DossierDocx => {
            let to = match &wanted.unit {
                Some(unit) => app.pack.named(&unit.name, lang).to_owned(),
                None if wanted.party.is_empty() => lang.pick("bên ngoài", "outside").to_owned(),
                None => wanted.party.clone(),
            };
            let dossier = assemble_for(look, incident, lang, sieve, &to).await?;
            let formats: &'static [Format] = match wanted.content {
                Content::DossierDocx => &[Format::Docx],
                _ => &[Format::Pdf],
            };
            Ok(Gathered {
                file: File::ToLayOut(Box::new(dossier.document), formats),
                left_out: dossier.left_out,
                strictest: dossier.strictest,
            })
        }
        Content::IndicatorsCsv | Content::IndicatorsJson => {
            let found = export::sifted(&mut look.tx, &incident.id, sieve).await?;
            let level = |it: &crate::indicator::Indicator| sieve.level_of(it.id.as_str());
            let made = match wanted.content {
                Content::IndicatorsJson => {
                    let indicators = found.rows.iter().map(|it| export::Sign::new(it, level(it))).collect();
                    let list = List {
                        incident: &incident.code,
                        tlp: found.strictest,
                        made_at: look.now,
                        left_out: found.left_out,
                        indicators,
                    };
                    serde_json::to_string_pretty(&list)?
                }
                _ => export::table(&found.rows, level, lang) + &last_line(found.left_out, lang),
            };
            Ok(Gathered { file: File::Made(made), left_out: found.left_out, strictest: found.strictest })
        }
        Content::EvidenceCsv => {
            let found = listing::sifted(&mut look.tx, &incident.id, sieve).await?;
            let made = listing::table(&app.pack, &found.rows, sieve, lang) + &last_line(found.left_out, lang);
            Ok(Gathered { file: File::Made(made), left_out: found.left_out, strictest: found.strictest })
        }
    }
}

/// The indicators as one JSON value.
#[derive(Serialize)]
struct List<'a> {
    incident: &'a str,
    /// The strictest marking of what is in it.
    tlp: Level,
    made_at: Time,
    /// How many stayed behind.
    left_out: usize,
    indicators: Vec<export::Sign<'a>>,
}

/// The line of a table that says how much stayed behind; nothing when nothing did.
fn last_line(left_out: usize, lang: Lang) -> String {
    match (left_out, lang) {
        (0, _) => String::new(),
        (count, Lang::Vi) => csv::line([format!("{count} mục không có trong bản này vì phạm vi chia sẻ")]),
        (count, Lang::En) => {
            csv::line([format!("{} left out because of the marking", counted(count, "entry", "entries"))])
        }
    }
}

/// What went to whom at which marking, for the journal.
fn sentence(app: &App, copy: &OutwardCopy) -> Text {
    let content = copy.content.label();
    let (vi, en, level, left_out) = (&content.vi, &content.en, copy.ceiling.label().vi, copy.left_out);
    let (to, english) = match copy.party.as_str() {
        "" => ("bên ngoài, không nêu nơi nhận".to_owned(), "outside, no recipient named".to_owned()),
        party => (party.to_owned(), app.pack.named(party, Lang::En).to_owned()),
    };
    let (why_vi, why_en) = match copy.purpose.as_str() {
        "" => (String::new(), String::new()),
        purpose => (format!("; mục đích: {purpose}"), format!("; for: {purpose}")),
    };
    text!(
        "Lập bản cho {to}: {vi}, đến mức {level}, để lại {left_out} mục ở mức chặt hơn{why_vi}",
        "Made a copy for {english}: {en}, up to {level}, {left_out} left out as marked more strictly{why_en}"
    )
}
