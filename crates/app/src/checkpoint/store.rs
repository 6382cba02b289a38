//! All SQL about checkpoints and their keys.

use std::collections::BTreeMap;

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::model::{Checkpoint, Head, Key};

/// Every key, in order. Keys are changed by hand: a few in a life.
pub async fn list_keys(tx: &mut Tx) -> Result<Vec<Key>> {
    tx.all(
        sql!(
            "SELECT number, public_key, valid_from, valid_to, endorsed_by, endorsement, reason, made_by
               FROM checkpoint_keys ORDER BY number, id LIMIT 1000"
        ),
        args![],
    )
    .await
}

/// The identifier of a key's row.
pub fn key_id(number: i64) -> String {
    format!("key_{number:04}")
}

pub(super) async fn insert_key(tx: &mut Tx, key: &Key) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO checkpoint_keys
                 (id, number, public_key, valid_from, valid_to, endorsed_by, endorsement, reason, made_by, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        args![
            key_id(key.number),
            key.number,
            &key.public_key,
            key.valid_from,
            key.valid_to,
            key.endorsed_by,
            &key.endorsement,
            &key.reason,
            &key.made_by,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn save_key_end(tx: &mut Tx, number: i64, at: Time) -> Result<()> {
    tx.run(
        sql!("UPDATE checkpoint_keys SET valid_to = $2, version = version + 1 WHERE number = $1"),
        args![number, at],
    )
    .await?;
    Ok(())
}

/// The last checkpoint, if there is one.
pub async fn find_last(tx: &mut Tx) -> Result<Option<Checkpoint>> {
    Ok(list(tx, i64::MAX, 1).await?.pop())
}

/// Checkpoints before this number, the latest first.
pub async fn list(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Checkpoint>> {
    tx.all(
        sql!(
            "SELECT number, at, complete_to, streams, root, previous, key_number, signature, hash
               FROM checkpoints WHERE number < $1 ORDER BY number DESC, id LIMIT $2"
        ),
        args![before, limit],
    )
    .await
}

/// The checkpoints with these numbers, in order; at most 100 are asked for.
pub async fn list_numbered(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Checkpoint>> {
    let select = Select::new(
        "SELECT number, at, complete_to, streams, root, previous, key_number, signature, hash FROM checkpoints",
        [],
    )
    .and_in("number", numbers.iter().map(|number| Arg::from(*number)))
    .tail("ORDER BY number, id", []);
    tx.select(select).await
}

/// The heads in these checkpoints; at most 100 checkpoints are asked for.
pub async fn list_heads_in(tx: &mut Tx, numbers: &[i64]) -> Result<BTreeMap<i64, Vec<Head>>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        checkpoint: i64,
        #[sqlx(flatten)]
        head: Head,
    }
    let select = Select::new("SELECT checkpoint, stream, seq, hash FROM checkpoint_heads", [])
        .and_in("checkpoint", numbers.iter().map(|number| Arg::from(*number)))
        .tail("ORDER BY checkpoint, stream, id", []);
    let mut heads: BTreeMap<i64, Vec<Head>> = BTreeMap::new();
    for found in tx.select::<Found>(select).await? {
        heads.entry(found.checkpoint).or_default().push(found.head);
    }
    // By code points, whatever the database sorts by.
    heads.values_mut().for_each(|heads| heads.sort_by(|a, b| a.stream.cmp(&b.stream)));
    Ok(heads)
}

/// Checkpoints after this number in their order, each with its row's identifier.
pub(super) async fn list_after(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Listed>> {
    tx.all(
        sql!(
            "SELECT id, number, at, complete_to, streams, root, previous, key_number, signature, hash
               FROM checkpoints WHERE number > $1 ORDER BY number, id LIMIT $2"
        ),
        args![after, limit],
    )
    .await
}

/// A checkpoint with its row's identifier.
#[derive(sqlx::FromRow)]
pub(super) struct Listed {
    pub id: String,
    #[sqlx(flatten)]
    pub checkpoint: Checkpoint,
}

/// Streams that have grown since they were last in a checkpoint, among those that changed since a moment; in the order of
/// their names.
pub(super) async fn list_grown(tx: &mut Tx, since: Time, limit: i64) -> Result<Vec<Head>> {
    tx.all(
        sql!(
            "SELECT s.id AS stream, s.seq, s.hash FROM journal_streams s
              WHERE s.changed_at >= $1 AND s.seq > 0
                AND NOT EXISTS (SELECT 1 FROM checkpoint_heads h WHERE h.stream = s.id AND h.seq >= s.seq)
              ORDER BY s.id LIMIT $2"
        ),
        args![since, limit],
    )
    .await
}

pub(super) async fn insert(tx: &mut Tx, checkpoint: &Checkpoint, heads: &[Head]) -> Result<()> {
    let it = checkpoint;
    tx.run(
        sql!(
            "INSERT INTO checkpoints
                 (id, number, at, complete_to, streams, root, previous, key_number, signature, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        args![
            it.id(),
            it.number,
            it.at,
            it.complete_to,
            it.streams,
            &it.root,
            &it.previous,
            it.key_number,
            &it.signature,
            &it.hash,
        ],
    )
    .await?;
    for heads in heads.chunks(1000) {
        let rows = heads
            .iter()
            .map(|head| args![head_id(it.number, &head.stream), it.number, &head.stream, head.seq, &head.hash]);
        let insert =
            Select::new("INSERT INTO checkpoint_heads (id, checkpoint, stream, seq, hash) VALUES", []).rows(rows);
        tx.run_built("checkpoint_heads", insert).await?;
    }
    Ok(())
}

/// The identifier of a head's row.
pub(super) fn head_id(checkpoint: i64, stream: &str) -> String {
    format!("{checkpoint:08}:{stream}")
}

/// Heads whose row is not named as it should be (see [`head_id`]).
pub(super) async fn list_misnamed_heads(tx: &mut Tx) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT id FROM checkpoint_heads
              WHERE id <> SUBSTR('0000000', 1, 8 - LENGTH(CAST(checkpoint AS TEXT))) || CAST(checkpoint AS TEXT) || ':' || stream
              ORDER BY id LIMIT 100"
        ),
        args![],
    )
    .await
}

/// Heads that belong to no checkpoint.
pub(super) async fn list_stray_heads(tx: &mut Tx) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT id FROM checkpoint_heads
              WHERE checkpoint NOT IN (SELECT number FROM checkpoints) ORDER BY id LIMIT 100"
        ),
        args![],
    )
    .await
}

/// Streams in a checkpoint of which the journal knows nothing.
pub(super) async fn list_lost_streams(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT stream, MIN(checkpoint) FROM checkpoint_heads
              WHERE stream NOT IN (SELECT id FROM journal_streams)
              GROUP BY stream ORDER BY stream LIMIT 100"
        ),
        args![],
    )
    .await
}

/// What the checkpoints say of a stream, in their order: number of the checkpoint, sequence number, hash.
pub async fn list_sealed(tx: &mut Tx, stream: &str, after: i64, limit: i64) -> Result<Vec<(i64, i64, String)>> {
    tx.all(
        sql!(
            "SELECT checkpoint, seq, hash FROM checkpoint_heads
              WHERE stream = $1 AND checkpoint > $2 ORDER BY checkpoint, id LIMIT $3"
        ),
        args![stream, after, limit],
    )
    .await
}

/// The latest entry of a stream that a checkpoint holds: number of the checkpoint, sequence number.
pub async fn find_sealed(tx: &mut Tx, stream: &str) -> Result<Option<(i64, i64)>> {
    tx.one(
        sql!(
            "SELECT checkpoint, seq FROM checkpoint_heads
              WHERE stream = $1 ORDER BY seq DESC, checkpoint DESC, id LIMIT 1"
        ),
        args![stream],
    )
    .await
}

/// A time-stamp as it came.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Stamp {
    pub id: String,
    pub checkpoint: i64,
    pub at: Time,
    pub authority: String,
    /// Base 64.
    pub token: String,
}

pub(super) async fn insert_stamp(tx: &mut Tx, stamp: &Stamp) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO checkpoint_timestamps (id, checkpoint, at, authority, token) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO NOTHING"
        ),
        args![&stamp.id, stamp.checkpoint, stamp.at, &stamp.authority, &stamp.token],
    )
    .await?;
    Ok(())
}

/// The time-stamps of checkpoints from one number to another, both included.
pub async fn list_stamps(tx: &mut Tx, from: i64, to: i64) -> Result<Vec<Stamp>> {
    tx.all(
        sql!(
            "SELECT id, checkpoint, at, authority, token FROM checkpoint_timestamps
              WHERE checkpoint >= $1 AND checkpoint <= $2 ORDER BY checkpoint, id LIMIT 2000"
        ),
        args![from, to],
    )
    .await
}

/// Time-stamps of no checkpoint.
pub(super) async fn list_stray_stamps(tx: &mut Tx) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT id FROM checkpoint_timestamps
              WHERE checkpoint NOT IN (SELECT number FROM checkpoints) ORDER BY id LIMIT 100"
        ),
        args![],
    )
    .await
}
