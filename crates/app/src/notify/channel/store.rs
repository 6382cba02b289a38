//! All SQL about how accounts want to be told.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::{args, sql};

use super::Channels;
use crate::auth::AccountId;

pub async fn find(tx: &mut Tx, account: &AccountId) -> Result<Option<Channels>> {
    tx.one(
        sql!("SELECT urgent, soon, can_wait, quiet_from, quiet_to, version FROM channels WHERE id = $1"),
        args![account],
    )
    .await
}

/// The mail address of an account's person, and the person.
pub async fn find_address(tx: &mut Tx, account: &AccountId) -> Result<Option<(String, String)>> {
    tx.one(
        sql!("SELECT p.email, p.id FROM accounts a JOIN people p ON p.id = a.person_id WHERE a.id = $1"),
        args![account],
    )
    .await
}

/// Saves a choice over the version it was made on; 0 when another was saved meanwhile.
pub async fn save(tx: &mut Tx, account: &AccountId, chosen: &Channels) -> Result<u64> {
    tx.run(
        sql!(
            "INSERT INTO channels (id, urgent, soon, can_wait, quiet_from, quiet_to, version)
             VALUES ($1, $2, $3, $4, $5, $6, 1)
             ON CONFLICT (id) DO UPDATE
                SET urgent = excluded.urgent, soon = excluded.soon, can_wait = excluded.can_wait,
                    quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, version = channels.version + 1
              WHERE channels.version = $7"
        ),
        args![account, chosen.urgent, chosen.soon, chosen.can_wait, chosen.quiet_from, chosen.quiet_to, chosen.version],
    )
    .await
}
