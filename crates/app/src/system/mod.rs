//! The register of information systems: what is run, by whom, for whom, at which level.

use ungcuu_kit::id_type;

use crate::feature::Feature;

id_type!(
    /// An information system.
    SystemId, "sys"
);

/// What this feature brings.
pub fn feature() -> Feature {
    Feature { tables: &["systems"], ..Feature::default() }
}
