//! Units, people and who holds which office.

mod install;

use ungcuu_kit::id_type;

pub use install::{NewPerson, enter_person, install_units};

use crate::feature::Feature;

id_type!(
    /// A unit of the locality, or an outside body.
    UnitId, "uni"
);
id_type!(
    /// A person.
    PersonId, "per"
);
id_type!(
    /// A person holding an office from one day to another.
    AppointmentId, "app"
);

/// What this feature brings.
pub fn feature() -> Feature {
    Feature { tables: &["units", "people", "appointments"], ..Feature::default() }
}

/// The unit that carries a code of the pack.
pub async fn unit_by_code(tx: &mut ungcuu_kit::db::Tx, code: &str) -> ungcuu_kit::Result<Option<UnitId>> {
    let found: Option<(UnitId,)> =
        tx.one(ungcuu_kit::sql!("SELECT id FROM units WHERE code = $1"), ungcuu_kit::args![code]).await?;
    Ok(found.map(|(id,)| id))
}
