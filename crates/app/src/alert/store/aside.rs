//! What hangs on an alert: files and events; and the saved views of the queue.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::alert::model::{AlertEvent, AlertFile, AlertFileId, AlertId, EventKind, SavedView, ViewId};
use crate::auth::AccountId;
use crate::incident::IncidentId;

/// Notes that a stored file exists; the same bytes twice are one file.
pub async fn insert_stored(tx: &mut Tx, sha256: &str, size: i64, media_type: &str, now: Time) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO files (id, size, media_type, stored_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET removed_at = NULL"
        ),
        args![sha256, size, media_type, now],
    )
    .await?;
    Ok(())
}

/// Hangs a file on an alert on which these bytes do not hang yet.
pub async fn insert_file(tx: &mut Tx, alert: &AlertId, file: &AlertFile) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO alert_files (id, alert_id, file_id, name, media_type, size, added_at, added_by, carried)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE)"
        ),
        args![&file.id, alert, &file.file_id, &file.name, &file.media_type, file.size, file.added_at, &file.added_by,],
    )
    .await?;
    Ok(())
}

/// The files of an alert, in the order they came.
pub async fn list_files(tx: &mut Tx, alert: &AlertId) -> Result<Vec<AlertFile>> {
    tx.all(
        sql!(
            "SELECT id, file_id, name, media_type, size, added_at, added_by, carried
               FROM alert_files WHERE alert_id = $1 ORDER BY id LIMIT 200"
        ),
        args![alert],
    )
    .await
}

/// A file of an alert with the alert's id, for those behind an incident.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileOfIncident {
    pub alert_id: AlertId,
    pub id: AlertFileId,
    pub name: String,
    pub size: i64,
}

/// The files of every alert behind an incident that were chosen to go along.
pub async fn list_files_of_incident(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<FileOfIncident>> {
    tx.all(
        sql!(
            "SELECT f.alert_id, f.id, f.name, f.size
               FROM alert_files f JOIN alerts a ON a.id = f.alert_id
              WHERE a.incident_id = $1 AND a.incident_id IS NOT NULL AND f.carried = TRUE
              ORDER BY f.id LIMIT 500"
        ),
        args![incident],
    )
    .await
}

/// One file of one alert.
pub async fn find_file(tx: &mut Tx, alert: &AlertId, file: &AlertFileId) -> Result<Option<AlertFile>> {
    tx.one(
        sql!(
            "SELECT id, file_id, name, media_type, size, added_at, added_by, carried
               FROM alert_files WHERE id = $1 AND alert_id = $2"
        ),
        args![file, alert],
    )
    .await
}

/// How many files hang on an alert.
pub async fn count_files(tx: &mut Tx, alert: &AlertId) -> Result<i64> {
    let counted: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM alert_files WHERE alert_id = $1"), args![alert]).await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// Marks every file of an alert as going along with the incident.
pub async fn carry_files(tx: &mut Tx, alert: &AlertId) -> Result<()> {
    tx.run(sql!("UPDATE alert_files SET carried = TRUE WHERE alert_id = $1"), args![alert]).await?;
    Ok(())
}

/// Writes down what was said or done about several alerts at once.
pub async fn insert_events(tx: &mut Tx, events: &[(AlertId, AlertEvent)]) -> Result<()> {
    for chunk in events.chunks(500) {
        let rows = chunk.iter().map(|(alert, event)| {
            args![&event.id, alert, event.kind, &event.text, &event.text_en, &event.by_name, event.at]
        });
        let insert =
            Select::new("INSERT INTO alert_events (id, alert_id, kind, text, text_en, by_name, at) VALUES", [])
                .rows(rows);
        tx.run_built("alert_events", insert).await?;
    }
    Ok(())
}

/// What was said and done about an alert, oldest first.
pub async fn list_events(tx: &mut Tx, alert: &AlertId) -> Result<Vec<AlertEvent>> {
    let mut events: Vec<AlertEvent> = tx
        .all(
            sql!(
                "SELECT id, kind, text, text_en, by_name, at FROM alert_events
                  WHERE alert_id = $1 ORDER BY id DESC LIMIT 200"
            ),
            args![alert],
        )
        .await?;
    events.reverse();
    Ok(events)
}

/// Who decided last about an alert, and when.
pub async fn find_last_act(tx: &mut Tx, alert: &AlertId) -> Result<Option<(String, Time)>> {
    tx.one(
        sql!("SELECT by_name, at FROM alert_events WHERE alert_id = $1 AND kind = 'act' ORDER BY id DESC LIMIT 1"),
        args![alert],
    )
    .await
}

/// How many messages of a kind there are.
pub async fn count_events(tx: &mut Tx, alert: &AlertId, kind: EventKind) -> Result<i64> {
    let counted: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM alert_events WHERE alert_id = $1 AND kind = $2"), args![alert, kind]).await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// The saved views of an account, oldest first.
pub async fn list_views(tx: &mut Tx, account: &AccountId) -> Result<Vec<SavedView>> {
    tx.all(
        sql!(
            "SELECT id, name, query FROM saved_views
              WHERE account_id = $1 AND list = 'alerts' ORDER BY id LIMIT 20"
        ),
        args![account],
    )
    .await
}

pub async fn insert_view(tx: &mut Tx, account: &AccountId, view: &SavedView, now: Time) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO saved_views (id, account_id, list, name, query, created_at)
             VALUES ($1, $2, 'alerts', $3, $4, $5)"
        ),
        args![&view.id, account, &view.name, &view.query, now],
    )
    .await?;
    Ok(())
}

/// Removes a view of this account; false when it has none such.
pub async fn delete_view(tx: &mut Tx, account: &AccountId, id: &ViewId) -> Result<bool> {
    let deleted = tx.run(sql!("DELETE FROM saved_views WHERE id = $1 AND account_id = $2"), args![id, account]).await?;
    Ok(deleted > 0)
}
