//! Reports as files. An issued one comes as it was stored; a draft is made for the occasion and says that it is a draft.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio_util::io::ReaderStream;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::fold;

use super::model::Report;
use super::pages::draft_of;
use super::rendering::{Format, render};
use super::{ReportId, forms, store};
use crate::incident::actions::see;
use crate::web::Call;

pub async fn report_pdf(call: Call) -> Result<Response> {
    report(call, Format::Pdf, &[Format::Pdf]).await
}

pub async fn report_docx(call: Call) -> Result<Response> {
    report(call, Format::Docx, &[Format::Docx]).await
}

async fn report(call: Call, format: Format, formats: &'static [Format]) -> Result<Response> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: ReportId = call.param("report")?;
    let report = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let stored = match format {
        Format::Pdf => &report.pdf,
        Format::Docx => &report.docx,
    };
    let name = file_name(&report, &incident.code, format);
    if let Some(sha256) = stored {
        let file = look.app.blobs.open_file(sha256).await?;
        return Ok(download(Body::from_stream(ReaderStream::new(file)), &name, format));
    }
    let app = look.app.clone();
    let form = forms::of(&mut look.tx, &app.pack, &report).await?;
    let (_, document) = draft_of(&mut look, &app.pack, &incident, &report, &form).await?;
    drop(look);
    let made = render(&app, document, formats).await?.pop().unwrap_or_default();
    Ok(download_bytes(made, &name, format))
}

/// The copy that came back signed.
pub async fn report_signed(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let incident = see(&mut look, &call.param("id")?).await?;
    let id: ReportId = call.param("report")?;
    let report = store::find(&mut look.tx, &incident.id, &id).await?.ok_or(Error::NotFound)?;
    let sha256 = report.signed.as_ref().ok_or(Error::NotFound)?;
    let name = signed_name(&report, &incident.code);
    let file = look.app.blobs.open_file(sha256).await?;
    Ok(download(Body::from_stream(ReaderStream::new(file)), &name, Format::Pdf))
}

/// A number without its marks: `01/QĐ-UBND` as `01-qd-ubnd`.
fn ascii(number: &str) -> String {
    fold(number).replace('/', "-")
}

/// The name under which a report is saved.
pub fn file_name(report: &Report, code: &str, format: Format) -> String {
    let number = if report.number.is_empty() || report.state.is_draft() {
        "nhap".to_owned()
    } else {
        format!("so-{}", ascii(&report.number))
    };
    format!("{code}-{}-{number}.{}", report.form, format.ending())
}

/// The same for the copy that came back signed.
pub fn signed_name(report: &Report, code: &str) -> String {
    file_name(report, code, Format::Pdf).replace(".pdf", "-da-ky.pdf")
}

/// Bytes made just now, to be kept by the reader.
pub fn download_bytes(bytes: Bytes, name: &str, format: Format) -> Response {
    download(Body::from(bytes), name, format)
}

fn download(body: Body, name: &str, format: Format) -> Response {
    // Names are made of codes and ids; whatever else a pack may hold must not end the header early.
    let plain: String = name
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || "-._".contains(sign) { sign } else { '-' })
        .collect();
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}\"")),
    ];
    (headers, body).into_response()
}
