//! The tab of the dossier: what is in it, to read here or to take along.

use askama::Template;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::assemble;
use crate::incident::Frame;
use crate::incident::actions::see;
use crate::page::Page;
use crate::report::files::download_bytes;
use crate::report::preview::Preview;
use crate::report::rendering::{Format, render};
use crate::web::Call;

/// The dossier to read on the spot.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "report/html/dossier.html")]
pub struct DossierPage {
    #[serde(skip)]
    p: Page,
    #[serde(skip)]
    frame: Frame,
    /// Titles of the parts and how many entries each holds.
    parts: Vec<(Text, usize)>,
    /// The very value that is printed.
    document: serde_json::Value,
    #[serde(skip)]
    preview: Preview,
}

pub async fn show(call: Call) -> Result<DossierPage> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let p = Page::new(&call, &mut look, Text::new("Hồ sơ", "Dossier")).await?;
    let frame = Frame::new(&mut look, &p, &incident, "dossier").await?;
    let dossier = assemble(&mut look, &incident, call.lang).await?;
    Ok(DossierPage {
        parts: dossier.parts.iter().map(|part| (part.title.clone(), part.rows)).collect(),
        preview: Preview::new(&dossier.document)?,
        document: serde_json::to_value(&dossier.document)?,
        frame,
        p,
    })
}

pub async fn pdf(call: Call) -> Result<Response> {
    file(call, Format::Pdf, &[Format::Pdf]).await
}

pub async fn docx(call: Call) -> Result<Response> {
    file(call, Format::Docx, &[Format::Docx]).await
}

async fn file(call: Call, format: Format, formats: &'static [Format]) -> Result<Response> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let dossier = assemble(&mut look, &incident, call.lang).await?;
    let app = look.app.clone();
    drop(look);
    let made = render(&app, dossier.document, formats).await?.pop().unwrap_or_default();
    Ok(download_bytes(made, &format!("{}-ho-so.{}", incident.code, format.ending()), format))
}
