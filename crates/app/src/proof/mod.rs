//! An incident's dossier for checking: one ZIP file with the journal's entries, the rows they speak of, the evidence and
//! the issued papers, the checkpoints that hold the stream, and the public keys. Whoever has the file and the program can
//! check it on another machine, without the database and without a network ([`check`]).

mod archive;
mod check;
mod collect;
mod model;
mod pages;
mod readme;
mod send;
#[cfg(test)]
mod tests;

use ungcuu_kit::text::Text;

use crate::feature::Feature;
use crate::permission::Permission::ReportRead;
use crate::web::{Access, Routes};

pub use check::{Asked, Checked, check};

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: Routes::new()
            .page(
                "/incidents/{id}/proof",
                Access::Need(ReportRead),
                Text::new("Hồ sơ để kiểm chứng: có gì trong đó", "The dossier for checking: what is in it"),
                pages::show,
            )
            .act(
                "/incidents/{id}/proof/checkpoint",
                Access::Need(ReportRead),
                Text::new("Ký các mục nhật ký mới nhất", "Have the latest entries signed"),
                pages::make_checkpoint,
            )
            .file(
                "/incidents/{id}/proof/zip",
                Access::Need(ReportRead),
                Text::new("Tải hồ sơ để kiểm chứng", "Take the dossier for checking"),
                pages::zip,
            ),
        ..Feature::default()
    }
}
