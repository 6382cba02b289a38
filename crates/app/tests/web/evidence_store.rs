//! Files of evidence in the store: large ones, a full disk, files that lie there already.

use std::path::{Path, PathBuf};

use axum::body::Body;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Settings};
use ungcuu_app::evidence::{NewItem, StoredFile, add_stored};
use ungcuu_app::incident::IncidentId;
use ungcuu_app::incident::actions::take;
use ungcuu_kit::blobs::Blobs;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::text::Text;

use crate::evidence::{BOUNDARY, FACTS, fields, file_head, items, operator, send, stored_files, upload};
use crate::incident::opened;
use crate::support::TestApp;

#[tokio::test]
async fn a_large_file_passes_through_in_pieces_and_is_hashed_rightly() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let (pieces, mut digest) = (1024_u32, Sha256::new());
    let piece = |n: u32| -> Bytes {
        let mut noise = n.wrapping_mul(2_654_435_761) | 1;
        let letter = |_| {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            noise as u8
        };
        (0..64 << 10).map(letter).collect::<Vec<u8>>().into()
    };
    (0..pieces).for_each(|n| digest.update(piece(n)));
    let head = Bytes::from(fields(&operator, &FACTS) + &file_head("o-dia.img"));
    let tail = Bytes::from(format!("\r\n--{BOUNDARY}--\r\n"));
    let body = futures::stream::iter([head].into_iter().chain((0..pieces).map(piece)).chain([tail]));
    let body = Body::from_stream(futures::StreamExt::map(body, Ok::<_, std::io::Error>));
    send(&app, &operator, &format!("/incidents/{id}/evidence/upload"), body).await.place();
    let item = &items(&app, &operator, &id).await[0];
    assert_eq!(item["size"], 64 << 20);
    assert_eq!(item["sha256"], hex::encode(digest.finalize()));
    app.assert_sound().await;
}

/// A file system of one megabyte, taken away again at the end.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(place: &Path) -> Option<SmallDisk> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(place)
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| SmallDisk(place.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The product with its files on a disk of one megabyte; none where a test may not mount one.
pub async fn on_small_disk(place: &Path) -> Option<(TestApp, SmallDisk)> {
    let mut app = TestApp::new().await;
    let Some(disk) = SmallDisk::mount(place) else {
        eprintln!("skipped: this machine does not let a test mount a small disk");
        return None;
    };
    let blobs = Blobs::open(disk.0.join("files")).await.expect("a store");
    let old = app.app.clone();
    let (db, pack, clock) = (old.db.clone(), old.pack.clone(), old.clock.clone());
    app.app = App::new(db, blobs, pack, clock, Chance::seeded(8), Settings::default());
    app.router = ungcuu_app::web::router(&app.app, &ungcuu_app::routes());
    Some((app, disk))
}

#[tokio::test]
async fn a_full_disk_is_said_and_everything_else_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((app, _disk)) = on_small_disk(folder.path()).await else { return };
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let page = format!("/incidents/{id}/evidence");
    let more = [("_page", page.as_str()), ("description", "bản sao ổ đĩa")];
    let refused = upload(&app, &operator, &id, &more, &[("o.img", &[1; 3 << 20])]).await;
    refused.is(507).shows("Ổ đĩa của máy chủ đã đầy").shows("bản sao ổ đĩa");
    assert!(stored_files(&app.app).is_empty(), "nothing half-written stays");
    assert!(items(&app, &operator, &id).await.is_empty());
    upload(&app, &operator, &id, &[], &[("nho.log", b"con cho cho tep nho")]).await.place();
    app.get(Some(&operator), &page).await.is(200).shows("nho.log");
    app.assert_sound().await;
}

#[tokio::test]
async fn files_that_are_stored_already_are_carried_over_into_an_incident() {
    let app = TestApp::new().await;
    let operator = operator(&app).await;
    let id = opened(&app, &operator).await;
    let stored = app.app.blobs.put_bytes(Bytes::from_static(b"anh chup")).await.expect("stored");
    let file = StoredFile {
        sha256: stored.sha256.clone(),
        md5: Some(stored.md5),
        size: stored.size,
        media_type: "image/png".to_owned(),
    };
    let incident: IncidentId = id.parse().expect("an id");
    let mut work = app.app.work(Actor::system()).await.expect("work");
    take(&mut work, &incident).await.expect("taken");
    let item = NewItem { name: "anh.png".to_owned(), file: Some(file), ..NewItem::default() };
    let added = add_stored(&mut work, &incident, "b1", vec![item.clone(), item]).await.expect("added");
    let rows: Vec<(&'static str, &str)> = added.rows.iter().map(|(table, id)| (*table, id.as_str())).collect();
    let mut named = vec![("incidents", incident.as_str())];
    named.extend(rows);
    work.record(&format!("incident:{incident}"), "alert.carried", Text::same("chuyển"), &named);
    work.commit().await.expect("committed");
    let listed = items(&app, &operator, &id).await;
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["kind"], &listed[0]["sha256"]), (&"other".into(), &stored.sha256.into()));
    app.assert_sound().await;
}
