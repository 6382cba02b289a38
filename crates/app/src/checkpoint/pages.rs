//! The list of checkpoints, the public key to print and to take along, and what is asked for from them.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::model::{Checkpoint, Key, Vouched, vouched};
use super::{actions, seal, signing, store};
use crate::auth::qr;
use crate::page::Page;
use crate::permission::Permission;
use crate::web::{Call, Done};

const ROWS: usize = 50;

#[derive(Deserialize, Default, JsonSchema)]
#[serde(default)]
pub struct ListQuery {
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Option<i64>,
}

/// A checkpoint with its time-stamp.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    checkpoint: Checkpoint,
    /// When an authority outside stamped it, and the authority's name.
    stamped: Option<(Time, String)>,
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "checkpoint/html/list.html")]
pub struct ListView {
    #[serde(skip)]
    p: Page,
    rows: Vec<Row>,
    next: Option<String>,
    /// The key that signs now.
    key: Option<Key>,
    /// Whether an authority is asked for time-stamps.
    asks_authority: bool,
}

pub async fn list(call: Call) -> Result<ListView> {
    let query: ListQuery = call.query()?;
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Điểm kiểm chứng", "Checkpoints")).await?;
    let before = query.after.unwrap_or(i64::MAX);
    let mut checkpoints = store::list(&mut look.tx, before, ROWS as i64 + 1).await?;
    let more = checkpoints.len() > ROWS;
    checkpoints.truncate(ROWS);
    let range = (checkpoints.last().map_or(0, |it| it.number), checkpoints.first().map_or(0, |it| it.number));
    let stamps = store::list_stamps(&mut look.tx, range.0, range.1).await?;
    let mut stamps: BTreeMap<i64, (Time, String)> =
        stamps.into_iter().map(|stamp| (stamp.checkpoint, (stamp.at, stamp.authority))).collect();
    Ok(ListView {
        next: more.then(|| range.0.to_string()),
        rows: checkpoints
            .into_iter()
            .map(|checkpoint| Row { stamped: stamps.remove(&checkpoint.number), checkpoint })
            .collect(),
        key: store::list_keys(&mut look.tx).await?.pop(),
        asks_authority: call.app.settings.timestamps.is_some(),
        p,
    })
}

/// A form with nothing in it.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Nothing {}

/// Makes a checkpoint now, for whoever may read journals: it changes no record, and the next hour would make it anyway.
pub async fn make(call: Call, _: Nothing) -> Result<Done> {
    call.actor()?.must(Permission::JournalRead)?;
    let message = match seal::seal(&call.app).await? {
        Some(number) => text!("Đã lập điểm kiểm chứng số {number}.", "Checkpoint {number} is made."),
        None => {
            Text::new("Không có gì mới từ điểm kiểm chứng gần nhất.", "Nothing has changed since the last checkpoint.")
        }
    };
    Ok(Done::to("/journal/checkpoints").saying(message))
}

#[derive(Template, Serialize, JsonSchema)]
#[template(path = "checkpoint/html/key.html")]
pub struct KeyView {
    #[serde(skip)]
    p: Page,
    /// The latest first.
    keys: Vec<Key>,
    /// Whether each may be believed because of the one before.
    #[serde(skip)]
    vouched: Vec<Vouched>,
    /// SHA-256 of the present public key, in blocks of four.
    fingerprint: String,
    /// The private half is missing from the server's data folder.
    lost: bool,
}

impl KeyView {
    fn present(&self) -> Option<&Key> {
        self.keys.first()
    }

    /// The present public key as a picture: width, and one path over its dark squares.
    fn picture(&self) -> Option<(usize, String)> {
        let code = qr::encode(self.present()?.public_key.as_bytes())?;
        Some((code.width(), code.path()))
    }

    fn lines(&self) -> impl Iterator<Item = (&Key, bool)> {
        self.keys.iter().zip(self.vouched.iter().map(|vouched| *vouched == Vouched::Yes))
    }
}

pub async fn key(call: Call) -> Result<KeyView> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Khoá công khai", "The public key")).await?;
    let mut keys = store::list_keys(&mut look.tx).await?;
    drop(look);
    let lost = !keys.is_empty() && matches!(seal::present_signer(&call.app).await, Err(Error::NotNow(_)));
    let mut vouched = vouched(&keys);
    keys.reverse();
    vouched.reverse();
    let fingerprint = keys.first().map(Key::fingerprint).unwrap_or_default();
    Ok(KeyView { keys, vouched, fingerprint, lost, p })
}

pub async fn pem(call: Call) -> Result<Response> {
    let mut look = call.look().await?;
    let key = store::list_keys(&mut look.tx).await?.pop().ok_or(Error::NotFound)?;
    let name = format!("attachment; filename=\"ungcuu-khoa-{}.pem\"", key.number);
    let headers = [(header::CONTENT_TYPE, "application/x-pem-file".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, signing::to_pem(&key.public_key)).into_response())
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct ChangeForm {
    /// Why the key is changed; stands in the journal.
    reason: Raw,
}

pub async fn change_key(call: Call, form: ChangeForm) -> Result<Done> {
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    checks.done()?;
    let key = actions::change(&call.app, call.actor()?.clone(), &reason).await?;
    let number = key.number;
    let message = text!(
        "Khoá số {number} ký từ bây giờ. Hãy in trang này và thay bản đã niêm yết.",
        "Key {number} signs from now on. Print this page and replace the copy that hangs out."
    );
    Ok(Done::to("/journal/key").saying(message))
}
