//! The page of the dossier for checking, and the file itself.

use askama::Template;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::collect::collect;
use super::model::{DOSSIER, FORMAT, Index, LeftOut, README, Why};
use super::readme::readme;
use super::send::{Parcel, send};
use crate::actor::not_allowed;
use crate::checkpoint;
use crate::coordination::levels;
use crate::evidence;
use crate::incident::actions::see;
use crate::incident::frame::reads_journal;
use crate::incident::{Frame, Incident, IncidentId};
use crate::journal::{self, incident_stream};
use crate::page::Page;
use crate::permission::Permission;
use crate::report::dossier::assemble;
use crate::report::rendering::{Format, render};
use crate::web::{Call, Done};
use crate::work::Look;

/// What the dossier for checking would hold now.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "proof/html/show.html")]
pub struct ProofView {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    /// Entries of the incident's journal.
    entries: i64,
    /// How many of them a checkpoint holds, and its number.
    signed: i64,
    checkpoint: Option<i64>,
    /// When an authority outside stamped that checkpoint.
    stamped: Option<Time>,
    /// Fingerprint of the public key; empty while there is no key.
    fingerprint: String,
    /// Whether the server can sign now.
    ready: bool,
    /// How far it may go: the strictest marking of anything in the incident.
    tlp: String,
}

/// The incident, for whoever may take all of it along: its papers, its evidence and its journal.
async fn readable(look: &mut Look, id: &IncidentId) -> Result<Incident> {
    let incident = see(look, id).await?;
    let actor = look.actor.clone();
    let evidence = evidence::may(&mut look.tx, &actor, Permission::EvidenceRead, id).await?;
    if !evidence || !reads_journal(look, id).await? {
        return Err(not_allowed());
    }
    Ok(incident)
}

pub async fn show(call: Call) -> Result<ProofView> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = readable(&mut look, &id).await?;
    let p = Page::new(&call, &mut look, Text::new("Hồ sơ để kiểm chứng", "Dossier for checking")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "dossier").await?;
    let stream = incident_stream(id.as_str());
    let entries = journal::head(&mut look.tx, &stream).await?.map_or(0, |(seq, _)| seq);
    let sealed = checkpoint::find_sealed(&mut look.tx, &stream).await?;
    let stamped = match sealed {
        Some((number, _)) => checkpoint::list_stamps(&mut look.tx, number, number).await?.pop().map(|stamp| stamp.at),
        None => None,
    };
    let key = checkpoint::list_keys(&mut look.tx).await?.pop();
    let strictest = levels::strictest_of(&mut look.tx, &incident).await?;
    drop(look);
    Ok(ProofView {
        tlp: strictest.word().to_owned(),
        entries,
        signed: sealed.map_or(0, |(_, seq)| seq.min(entries)),
        checkpoint: sealed.map(|(number, _)| number),
        stamped,
        fingerprint: key.map(|key| key.fingerprint()).unwrap_or_default(),
        ready: checkpoint::present_signer(&call.app).await.is_ok(),
        frame,
        p,
    })
}

/// A form with nothing in it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Nothing {}

/// Has what is new signed, so that the dossier proves the latest entries, too.
pub async fn make_checkpoint(call: Call, _: Nothing) -> Result<Done> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    readable(&mut look, &id).await?;
    drop(look);
    let message = match checkpoint::seal(&call.app).await? {
        Some(_) => Text::new("Các mục mới nhất đã được ký.", "The latest entries are signed."),
        None => Text::new("Mọi mục đều đã được ký từ trước.", "Every entry was signed before."),
    };
    Ok(Done::to(format!("/incidents/{id}/proof")).saying(message))
}

pub async fn zip(call: Call) -> Result<Response> {
    let id: IncidentId = call.param("id")?;
    let mut look = call.look().await?;
    let incident = readable(&mut look, &id).await?;
    let (key, signer) = checkpoint::present_signer(&call.app).await?;
    let mut collected = collect(&mut look.tx, &incident).await?;
    let dossier = assemble(&mut look, &incident, call.lang).await?;
    let strictest = dossier.strictest;
    let (made_at, made_by) = (look.now, look.actor.name.clone());
    // Laying out and sending take long; the transaction must not.
    drop(look);
    match render(&call.app, dossier.document, &[Format::Pdf]).await {
        Ok(mut made) => {
            let about = Text::new("Hồ sơ sự cố, để đọc", "The incident's dossier, to read");
            collected.made.insert(0, (DOSSIER.to_owned(), made.pop().unwrap_or_default(), about));
        }
        Err(Error::NotNow(_)) => {
            collected.left_out.push(LeftOut { name: DOSSIER.to_owned(), sha256: None, why: Why::Unavailable });
        }
        Err(other) => return Err(other),
    }
    let index = Index {
        format: FORMAT.to_owned(),
        incident: incident.id.to_string(),
        code: incident.code.clone(),
        title: incident.title.clone(),
        // What holds all of it goes no farther than the strictest thing in it.
        tlp: strictest.word().to_owned(),
        made_at,
        made_by,
        stream: incident_stream(id.as_str()),
        entries: collected.entries,
        head: collected.head,
        key: key.number,
        files: Vec::new(),
        left_out: collected.left_out,
    };
    let sheet = readme(&index, &key.fingerprint());
    collected.made.insert(0, (README.to_owned(), sheet.into(), Text::new("Đọc trước", "Read this first")));
    let name = format!("attachment; filename=\"{}-kiem-chung.zip\"", incident.code);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        // Sent as it is: what it holds is compressed already.
        (header::CONTENT_ENCODING, "identity".to_owned()),
    ];
    let parcel = Parcel { index, made: collected.made, stored: collected.stored, signer };
    Ok((headers, Body::from_stream(send(call.app.clone(), parcel))).into_response())
}
