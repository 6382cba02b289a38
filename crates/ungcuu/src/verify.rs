//! `ungcuu verify`: has anything been altered?

use std::process::ExitCode;

use anyhow::Result;

use crate::place::PlaceArgs;

pub async fn run(place: PlaceArgs) -> Result<ExitCode> {
    let (db, blobs) = place.open().await?;
    let verdict = ungcuu_app::journal::verify(&db, &blobs, &ungcuu_app::journalled_tables()).await?;
    for finding in &verdict.findings {
        println!("{}: {} ({})", finding.place, finding.what.vi, finding.what.en);
    }
    let (streams, entries, rows, files) = (verdict.streams, verdict.entries, verdict.rows, verdict.files);
    eprintln!("Đã soát {streams} chuỗi, {entries} mục nhật ký, {rows} dòng, {files} tệp.");
    if verdict.sound() {
        eprintln!("Nguyên vẹn. Sound.");
        Ok(ExitCode::SUCCESS)
    } else {
        eprintln!("Có {} chỗ không như khi được ghi. Altered.", verdict.findings.len());
        Ok(ExitCode::FAILURE)
    }
}
