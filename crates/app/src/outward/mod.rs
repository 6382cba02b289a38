//! Copies for outside: the dossier, the indicators, the register of evidence, made for a recipient or up to a marking. The
//! wall of [`crate::coordination`] says how far each thing may go; what goes no farther stays behind, and the copy says how
//! much that is. The file is kept as it was made, so that years later it can be shown what went to whom at which marking.
//!
//! For those inside nothing changes: their own exports hold everything, marked with the strictest of it.

mod actions;
mod model;
mod pages;
mod store;

use ungcuu_kit::id_type;
use ungcuu_kit::text::Text;

use crate::feature::Feature;
use crate::permission::Permission::{ReportRead, ReportWrite};
use crate::web::Access::Need;
use crate::web::Routes;

id_type!(
    /// A copy that was made for somebody outside.
    CopyId, "owc"
);

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/incidents/{id}/outward",
                Need(ReportRead),
                Text::new("Bản lập cho bên ngoài của một sự cố", "Copies of an incident for outside"),
                pages::list,
            )
            .act(
                "/incidents/{id}/outward",
                Need(ReportWrite),
                Text::new(
                    "Lập một bản cho bên ngoài, chỉ gồm những gì được chia sẻ đến đó",
                    "Make a copy for outside with what may go that far",
                ),
                pages::make,
            )
            .file(
                "/incidents/{id}/outward/{copy}/file",
                Need(ReportRead),
                Text::new("Tải một bản lập cho bên ngoài", "Take a copy for outside"),
                pages::file,
            ),
        tables: &["outward_copies"],
        ..Feature::default()
    }
}
