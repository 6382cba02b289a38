//! Calls to the response team and what became of them.

use ungcuu_kit::db::{Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use crate::coordination::callout::Try;
use crate::coordination::model::{Summoned, SummonedId, Summons, SummonsId, TeamMember};
use crate::incident::IncidentId;
use crate::work::Work;

/// The present members of the teams that play a part in the incident: leads first.
pub async fn list_team(tx: &mut Tx, incident: &IncidentId, now: Time) -> Result<Vec<TeamMember>> {
    tx.all(
        sql!(
            "SELECT DISTINCT a.person_id, p.name, u.name AS unit_name, a.kind AS part, p.phone, p.phone_off_hours,
                    p.email
               FROM appointments a
               JOIN incident_units iu ON iu.unit_id = a.unit_id
               JOIN people p ON p.id = a.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE iu.incident_id = $1 AND a.kind IN ('lead', 'deputy', 'member') AND p.active = TRUE
                AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)
              ORDER BY p.name, a.person_id
              LIMIT 200"
        ),
        args![incident, now],
    )
    .await
}

/// Every call, the latest first.
pub async fn list(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Summons>> {
    tx.all(
        sql!(
            "SELECT id, number, place, meet_at, words, sent_at, sent_by
               FROM summonses WHERE incident_id = $1 ORDER BY number DESC, id LIMIT 50"
        ),
        args![incident],
    )
    .await
}

/// Everyone who was called in this incident, by call.
pub async fn list_summoned(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Summoned>> {
    tx.all(
        sql!(
            "SELECT s.id, s.summons_id, s.person_id, p.name, u.name AS unit_name, p.phone, p.phone_off_hours, s.part,
                    s.state, s.called_at, s.acknowledged_at, s.arrived_at, s.declined_at, s.reason, s.channel,
                    s.recorded_by, s.version, p.email, s.due_at
               FROM summoned_people s
               JOIN people p ON p.id = s.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE s.incident_id = $1
              ORDER BY s.summons_id DESC, p.name, s.id
              LIMIT 1000"
        ),
        args![incident],
    )
    .await
}

pub async fn find_summoned(tx: &mut Tx, incident: &IncidentId, id: &SummonedId) -> Result<Option<Summoned>> {
    tx.one(
        sql!(
            "SELECT s.id, s.summons_id, s.person_id, p.name, u.name AS unit_name, p.phone, p.phone_off_hours, s.part,
                    s.state, s.called_at, s.acknowledged_at, s.arrived_at, s.declined_at, s.reason, s.channel,
                    s.recorded_by, s.version, p.email, s.due_at
               FROM summoned_people s
               JOIN people p ON p.id = s.person_id
               JOIN units u ON u.id = p.unit_id
              WHERE s.incident_id = $1 AND s.id = $2"
        ),
        args![incident, id],
    )
    .await
}

pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let next: Option<(i64,)> = tx
        .one(
            sql!("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM summonses WHERE incident_id = $1"),
            args![incident],
        )
        .await?;
    Ok(next.map_or(1, |(number,)| number))
}

pub async fn insert(tx: &mut Tx, incident: &IncidentId, summons: &Summons) -> Result<()> {
    let it = summons;
    tx.run(
        sql!(
            "INSERT INTO summonses (id, incident_id, number, place, meet_at, words, sent_at, sent_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![&it.id, incident, it.number, &it.place, it.meet_at, &it.words, it.sent_at, &it.sent_by],
    )
    .await?;
    Ok(())
}

/// Enters everyone who is called, in one statement; gives back their rows. Beside each member stands when somebody has to
/// try the next way.
pub async fn insert_summoned(
    work: &mut Work,
    incident: &IncidentId,
    summons: &SummonsId,
    members: &[(&TeamMember, Option<Time>)],
) -> Result<Vec<SummonedId>> {
    let now = work.now;
    let ids: Vec<SummonedId> = members.iter().map(|_| SummonedId::new(&work.app.chance, now)).collect();
    let rows = ids.iter().zip(members).map(|(id, (member, due_at))| {
        args![id, summons, incident, &member.person_id, &member.part, "called", now, "", "", "", 1_i64, *due_at]
    });
    let insert = Select::new(
        "INSERT INTO summoned_people
             (id, summons_id, incident_id, person_id, part, state, called_at, reason, channel, recorded_by, version,
              due_at) VALUES",
        [],
    )
    .rows(rows);
    work.tx.run_built("summoned_people", insert).await?;
    Ok(ids)
}

/// Writes back where someone is, unless it changed since `version` was read.
pub async fn save_summoned(tx: &mut Tx, summoned: &Summoned) -> Result<u64> {
    let it = summoned;
    tx.run(
        sql!(
            "UPDATE summoned_people
                SET state = $3, acknowledged_at = $4, arrived_at = $5, declined_at = $6, reason = $7, channel = $8,
                    recorded_by = $9, due_at = $10, version = version + 1
              WHERE id = $1 AND version = $2"
        ),
        args![
            &it.id,
            it.version,
            it.state,
            it.acknowledged_at,
            it.arrived_at,
            it.declined_at,
            &it.reason,
            &it.channel,
            &it.recorded_by,
            it.due_at,
        ],
    )
    .await
}

pub async fn count(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let count: Option<(i64,)> =
        tx.one(sql!("SELECT COUNT(*) FROM summonses WHERE incident_id = $1"), args![incident]).await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Every try to reach somebody, in order.
pub async fn list_tries(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<Try>> {
    tx.all(
        sql!(
            "SELECT id, summoned_id, way, reached_at, outcome, note, tried_at, tried_by, due_at
               FROM summons_tries WHERE incident_id = $1 ORDER BY summoned_id, tried_at, id LIMIT 5000"
        ),
        args![incident],
    )
    .await
}

pub async fn insert_try(tx: &mut Tx, incident: &IncidentId, one: &Try) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO summons_tries
                 (id, incident_id, summoned_id, way, reached_at, outcome, note, tried_at, tried_by, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        args![
            &one.id,
            incident,
            &one.summoned_id,
            one.way,
            &one.reached_at,
            one.outcome,
            &one.note,
            one.tried_at,
            &one.tried_by,
            one.due_at,
        ],
    )
    .await?;
    Ok(())
}
