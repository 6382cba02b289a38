//! All SQL about settings, and nothing else.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

/// The value of a setting, if it was ever saved.
pub async fn read(tx: &mut Tx, id: &str) -> Result<Option<String>> {
    let found: Option<(String,)> = tx.one(sql!("SELECT value FROM settings WHERE id = $1"), args![id]).await?;
    Ok(found.map(|(value,)| value))
}

/// Saves a setting in place of what it was.
pub async fn save(tx: &mut Tx, id: &str, value: &str) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO settings (id, value) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET value = excluded.value"
        ),
        args![id, value],
    )
    .await?;
    Ok(())
}
