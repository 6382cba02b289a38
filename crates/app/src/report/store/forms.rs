//! What an administrator wrote in place of the pack's words of a form.

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

/// One version of a form's words.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct FormText {
    pub id: String,
    pub form: String,
    pub ordinal: i64,
    /// The form as JSON; empty: the pack's words hold again.
    #[serde(skip)]
    pub body: String,
    pub note: String,
    pub saved_at: Time,
    pub saved_by: String,
}

/// The version that holds; none when the pack's words were never changed.
pub async fn find(tx: &mut Tx, form: &str) -> Result<Option<FormText>> {
    tx.one(
        sql!(
            "SELECT id, form, ordinal, body, note, saved_at, saved_by FROM form_texts
              WHERE form = $1 ORDER BY ordinal DESC, id LIMIT 1"
        ),
        args![form],
    )
    .await
}

/// Every version of a form, the latest first.
pub async fn list(tx: &mut Tx, form: &str) -> Result<Vec<FormText>> {
    tx.all(
        sql!(
            "SELECT id, form, ordinal, body, note, saved_at, saved_by FROM form_texts
              WHERE form = $1 ORDER BY ordinal DESC, id LIMIT 50"
        ),
        args![form],
    )
    .await
}

/// The forms that were ever changed, with the number of versions and whether the pack's words hold again.
pub async fn list_changed(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.all(sql!("SELECT form, MAX(ordinal) FROM form_texts GROUP BY form ORDER BY MIN(id) LIMIT 200"), args![]).await
}

/// A new version; 0 when somebody saved that ordinal first.
pub async fn insert(tx: &mut Tx, text: &FormText) -> Result<u64> {
    let it = text;
    tx.run(
        sql!(
            "INSERT INTO form_texts (id, form, ordinal, body, note, saved_at, saved_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (form, ordinal) DO NOTHING"
        ),
        args![&it.id, &it.form, it.ordinal, &it.body, &it.note, it.saved_at, &it.saved_by],
    )
    .await
}

/// Every form that is changed now: its words as JSON.
pub async fn list_bodies(tx: &mut Tx) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT t.body FROM form_texts t
              WHERE t.body <> '' AND t.ordinal = (SELECT MAX(l.ordinal) FROM form_texts l WHERE l.form = t.form)
              ORDER BY t.form, t.id LIMIT 500"
        ),
        args![],
    )
    .await
}
