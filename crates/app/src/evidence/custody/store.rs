//! All SQL about acts of custody.

use ungcuu_kit::db::{Arg, Select, Tx};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;
use ungcuu_kit::{args, sql};

use super::{Act, Custody, CustodyActId, CustodyPhotoId, Party};
use crate::evidence::model::EvidenceId;
use crate::feature::WAITING;
use crate::incident::IncidentId;
use crate::org::{PersonId, UnitId};

/// A picture or signed paper of an act.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema, sqlx::FromRow)]
pub struct Photo {
    pub id: CustodyPhotoId,
    pub act_id: CustodyActId,
    pub file_id: String,
    pub name: String,
    /// In bytes.
    pub size: i64,
}

/// The acts with an item, in their order. Bounded: a thing changes hands some dozen times.
pub async fn list_acts(tx: &mut Tx, item: &EvidenceId) -> Result<Vec<Act>> {
    tx.all(
        sql!(
            "SELECT id, number, kind, happened_at, recorded_at, recorded_by, recorder_id, person, unit, to_person,
                    to_person_id, to_unit, to_unit_id, reason, seal, place
               FROM custody_acts WHERE evidence_id = $1 ORDER BY number, id LIMIT 2000"
        ),
        args![item],
    )
    .await
}

/// The pictures of every act with an item.
pub async fn list_photos(tx: &mut Tx, item: &EvidenceId) -> Result<Vec<Photo>> {
    tx.all(
        sql!(
            "SELECT id, act_id, file_id, name, size FROM custody_photos WHERE evidence_id = $1 ORDER BY id LIMIT 2000"
        ),
        args![item],
    )
    .await
}

/// A picture of an act with this item; one of another item does not exist here.
pub async fn find_photo(tx: &mut Tx, item: &EvidenceId, id: &CustodyPhotoId) -> Result<Option<Photo>> {
    tx.one(
        sql!("SELECT id, act_id, file_id, name, size FROM custody_photos WHERE evidence_id = $1 AND id = $2"),
        args![item, id],
    )
    .await
}

/// Writes acts down, each with the item it was done with.
pub async fn insert_acts(tx: &mut Tx, incident: &IncidentId, acts: &[(EvidenceId, Act)]) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let rows = acts.iter().map(|(item, act)| {
        args![
            &act.id,
            incident,
            item,
            act.number,
            act.kind,
            act.happened_at,
            act.recorded_at,
            &act.recorded_by,
            &act.recorder_id,
            &act.person,
            &act.unit,
            &act.to_person,
            &act.to_person_id,
            &act.to_unit,
            &act.to_unit_id,
            &act.reason,
            &act.seal,
            &act.place,
        ]
    });
    let insert = Select::new(
        "INSERT INTO custody_acts
             (id, incident_id, evidence_id, number, kind, happened_at, recorded_at, recorded_by, recorder_id, person, unit,
              to_person, to_person_id, to_unit, to_unit_id, reason, seal, place) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("custody_acts", insert).await?;
    Ok(())
}

pub async fn insert_photos(tx: &mut Tx, incident: &IncidentId, item: &EvidenceId, photos: &[Photo]) -> Result<()> {
    if photos.is_empty() {
        return Ok(());
    }
    let rows = photos.iter().map(|it| args![&it.id, incident, &it.act_id, item, &it.file_id, &it.name, it.size]);
    let insert = Select::new(
        "INSERT INTO custody_photos (id, incident_id, act_id, evidence_id, file_id, name, size) VALUES",
        [],
    )
    .rows(rows);
    tx.run_built("custody_photos", insert).await?;
    Ok(())
}

/// Writes beside an item what its acts add up to. Leaves the version: nobody's correction is in the way of it.
pub async fn save_custody(tx: &mut Tx, item: &EvidenceId, custody: &Custody, acts: i64) -> Result<()> {
    let nobody = Party::default();
    let holder = custody.answers().unwrap_or(&nobody);
    let offered = custody.offered();
    tx.run(
        sql!(
            "UPDATE evidence
                SET custody = $2, holder = $3, holder_unit = $4, seal = $5, acts = $6, offered_unit_id = $7,
                    offered_person_id = $8, offered_at = $9
              WHERE id = $1"
        ),
        args![
            item,
            custody.state(),
            &holder.person,
            &holder.unit,
            custody.seal(),
            acts,
            &offered.and_then(|(to, _)| to.unit_id.clone()),
            &offered.and_then(|(to, _)| to.person_id.clone()),
            offered.map(|(_, since)| since),
        ],
    )
    .await?;
    Ok(())
}

/// A unit that something can be handed to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Receiver {
    pub id: UnitId,
    pub name: String,
}

/// Units that something can be handed to: those that play a part, bodies outside, and those that the plan names for a
/// function (`named`: their codes), whether they were drawn into the incident or not.
pub async fn list_receivers(tx: &mut Tx, incident: &IncidentId, named: &[&str], now: Time) -> Result<Vec<Receiver>> {
    let select = Select::new("SELECT u.id, u.name FROM units u", [])
        .and("(u.valid_to IS NULL OR u.valid_to > ?)", args![now])
        .and_in_group(
            "(u.outside = TRUE OR u.id IN (SELECT unit_id FROM incident_units WHERE incident_id = ?) OR u.code",
            args![incident],
            named.iter().map(|code| Arg::from(*code)),
            ")",
        );
    tx.select(select.tail("ORDER BY u.outside, u.folded, u.id LIMIT 500", [])).await
}

/// Whether a unit stands outside an incident: it is no unit of ours, or plays no part, so that its people cannot answer here.
pub async fn is_outside(tx: &mut Tx, incident: &IncidentId, unit: &UnitId) -> Result<bool> {
    let found: Option<(bool,)> = tx
        .one(
            sql!(
                "SELECT CASE WHEN u.outside THEN TRUE
                             WHEN EXISTS (SELECT 1 FROM incident_units x
                                           WHERE x.incident_id = $1 AND x.unit_id = u.id) THEN FALSE
                             ELSE TRUE END
                   FROM units u WHERE u.id = $2"
            ),
            args![incident, unit],
        )
        .await?;
    Ok(found.is_some_and(|(outside,)| outside))
}

/// The person of a unit with this name, when there is exactly one.
pub async fn find_person(tx: &mut Tx, unit: &UnitId, name: &str) -> Result<Option<PersonId>> {
    let found: Vec<(PersonId,)> = tx
        .all(
            sql!("SELECT id FROM people WHERE unit_id = $1 AND name = $2 AND active = TRUE ORDER BY id LIMIT 2"),
            args![unit, name],
        )
        .await?;
    Ok(match found.as_slice() {
        [(one,)] => Some(one.clone()),
        _ => None,
    })
}

/// The people of the units that play a part, for suggestions while typing.
pub async fn list_names(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<(String,)>> {
    tx.all(
        sql!(
            "SELECT p.name FROM people p
              WHERE p.active = TRUE
                AND p.unit_id IN (SELECT unit_id FROM incident_units WHERE incident_id = $1)
              ORDER BY p.folded, p.id LIMIT 300"
        ),
        args![incident],
    )
    .await
}

/// Something that is being handed to the reader.
#[derive(Debug, sqlx::FromRow)]
pub struct Offered {
    pub id: EvidenceId,
    pub incident_id: IncidentId,
    pub incident_code: String,
    pub incident_title: String,
    pub number: i64,
    pub name: String,
    pub holder: String,
    pub since: Time,
}

/// What is being handed to this person, or to one of these units without naming a person, the longest waiting first.
pub async fn list_offered(tx: &mut Tx, person: &PersonId, units: &[UnitId]) -> Result<Vec<Offered>> {
    let head =
        "SELECT e.id, e.incident_id, i.code AS incident_code, i.title AS incident_title, e.number, e.name, e.holder,
                       e.offered_at AS since
                  FROM evidence e JOIN incidents i ON i.id = e.incident_id";
    let mut found: Vec<Offered> = tx
        .select(
            Select::new(head, [])
                .and("e.offered_person_id = ?", args![person])
                .and("e.offered_at IS NOT NULL", [])
                .tail("ORDER BY e.offered_at, e.id LIMIT ?", args![WAITING]),
        )
        .await?;
    let to_units: Vec<Offered> = tx
        .select(
            Select::new(head, [])
                .and_in("e.offered_unit_id", units.iter().map(Arg::from))
                .and("e.offered_person_id IS NULL", [])
                .and("e.offered_at IS NOT NULL", [])
                .tail("ORDER BY e.offered_at, e.id LIMIT ?", args![WAITING]),
        )
        .await?;
    found.extend(to_units);
    Ok(found)
}
