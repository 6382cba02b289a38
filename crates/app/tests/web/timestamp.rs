//! Time-stamps by an authority outside, played by `openssl ts`. Without openssl these tests say so and do nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use ungcuu_app::app::{App, Settings};
use ungcuu_app::checkpoint::timestamp::{Authority, Doubt, check, read_certificates, stamp_last, token_of};
use ungcuu_app::checkpoint::{self, Outside};
use ungcuu_app::journal::verify_against;
use ungcuu_kit::{args, sql};

use crate::support::TestApp;

const CA: &str = "[req]\ndistinguished_name = dn\nx509_extensions = ca\nprompt = no\nutf8 = yes\n[dn]\nCN = Gốc thử\n\
    [ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = hash\n";

const TSA: &str = "[req]\ndistinguished_name = dn\nprompt = no\nutf8 = yes\n[dn]\nCN = Nơi cấp thử\n\
    [ext]\nbasicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = critical,timeStamping\n\
    [other]\nbasicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = critical,timeStamping\n\
    [here]\nserial = serial\nsigner_cert = tsa.pem\ncerts = ca.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n\
    default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n";

/// Runs openssl within a folder; none when the machine has none.
fn openssl(folder: &Path, words: &str) -> Option<()> {
    let done = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().ok()?;
    assert!(done.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&done.stderr));
    Some(())
}

/// An authority with a key of this kind in a folder of its own; none without openssl.
fn authority(kind: &str) -> Option<tempfile::TempDir> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    std::fs::write(folder.join("ca.cnf"), CA).expect("written");
    std::fs::write(folder.join("tsa.cnf"), TSA).expect("written");
    let made = openssl(folder, &format!("req -x509 {kind} -nodes -keyout ca.key -out ca.pem -days 30 -config ca.cnf"));
    if made.is_none() {
        eprintln!("skipped: openssl is not on this machine");
        return None;
    }
    openssl(folder, &format!("req -new {kind} -nodes -keyout tsa.key -out tsa.csr -config tsa.cnf"));
    openssl(
        folder,
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 30 -extfile tsa.cnf -extensions ext",
    );
    Some(place)
}

/// The authority's answer to a question.
fn answer(folder: &Path, question: &[u8]) -> Vec<u8> {
    std::fs::write(folder.join("q.tsq"), question).expect("written");
    openssl(folder, "ts -reply -config tsa.cnf -section here -queryfile q.tsq -out r.tsr");
    std::fs::read(folder.join("r.tsr")).expect("an answer")
}

fn trusted(folder: &Path) -> Vec<Vec<u8>> {
    read_certificates(&std::fs::read_to_string(folder.join("ca.pem")).expect("a certificate"))
}

/// The authority on the network; gives its address.
async fn serve(folder: PathBuf) -> String {
    let router = Router::new()
        .route(
            "/",
            post(move |question: Bytes| {
                let folder = folder.clone();
                async move { tokio::task::spawn_blocking(move || answer(&folder, &question)).await.expect("an answer") }
            }),
        )
        .route("/broken", post(|| async { (StatusCode::OK, vec![0_u8; 200 << 10]) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    // It answers until its test has ended.
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn with_authority(app: &TestApp, url: String, trusted: Vec<Vec<u8>>) -> App {
    let settings = Settings { timestamps: Some(Authority { url, trusted }), ..app.app.settings.clone() };
    let it = &app.app;
    App::new(it.db.clone(), it.blobs.clone(), it.pack.clone(), it.clock.clone(), it.chance.clone(), settings)
}

#[test]
fn a_time_stamp_is_believed_for_its_hash_its_question_and_its_authority_only() {
    for kind in ["-newkey rsa:2048", "-newkey ec -pkeyopt ec_paramgen_curve:P-256"] {
        let (Some(place), Some(stranger)) = (authority(kind), authority(kind)) else { return };
        let (hash, nonce) = ([7; 32], [0x80, 1, 2, 3, 4, 5, 6, 7]);
        let question = checkpoint::timestamp::request(&hash, &nonce);
        let answer = answer(place.path(), &question);
        let token = token_of(&answer).expect("granted");
        let trusted_here = trusted(place.path());
        let stamped = check(token, &hash, Some(&nonce), &trusted_here).expect("believed");
        assert_eq!(stamped.authority, "Nơi cấp thử");
        assert_eq!(check(token, &hash, None, &[]).expect("read"), stamped);
        assert_eq!(check(token, &[8; 32], Some(&nonce), &trusted_here), Err(Doubt::OtherHash));
        assert_eq!(check(token, &hash, Some(&[1; 8]), &trusted_here), Err(Doubt::OtherNonce));
        assert_eq!(check(token, &hash, None, &trusted(stranger.path())), Err(Doubt::Untrusted));
        // No bit of it can be another without a doubt, and no cut makes it fall over.
        for at in 0..token.len() {
            let mut changed = token.to_vec();
            changed[at] ^= 1 << (at % 8);
            if let Ok(other) = check(&changed, &hash, Some(&nonce), &trusted_here) {
                // What no signature covers: version numbers and the like. It says the same.
                assert_eq!(other, stamped, "byte {at}");
            }
            assert!(check(&token[..at], &hash, Some(&nonce), &trusted_here).is_err());
        }
    }
}

#[test]
fn a_refusal_or_rubbish_is_no_time_stamp() {
    let refused = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02];
    assert_eq!(token_of(&refused), Err(Doubt::Refused));
    assert_eq!(token_of(b"<html>"), Err(Doubt::Unreadable));
    assert_eq!(check(b"", &[7; 32], None, &[]), Err(Doubt::Unreadable));
    assert_eq!(check(&[0x30; 5000], &[7; 32], None, &[]), Err(Doubt::Unreadable));
}

#[tokio::test]
async fn the_last_checkpoint_is_stamped_once_and_an_altered_stamp_is_named() {
    let Some(place) = authority("-newkey rsa:2048") else { return };
    let app = TestApp::new().await;
    let officer = app.person("Lê Thị Lan", "phong-vhtt", &["can_bo_vhtt"]).await;
    checkpoint::keep_up(&app.app).await.expect("made");
    let url = serve(place.path().to_owned()).await;
    let trusted = trusted(place.path());
    let stamping = with_authority(&app, url.clone(), trusted.clone());
    stamp_last(&stamping).await.expect("stamped");
    stamp_last(&stamping).await.expect("nothing to do");
    let mut tx = app.app.db.read().await.expect("look");
    let stamps = checkpoint::list_stamps(&mut tx, 1, 9).await.expect("read");
    assert_eq!((stamps.len(), stamps[0].authority.as_str()), (1, "Nơi cấp thử"));
    drop(tx);
    app.assert_sound().await;
    app.get(Some(&officer), "/journal/checkpoints").await.is(200);
    let outside = Outside { trusted, ..Outside::default() };
    let tables = ungcuu_app::journalled_tables();
    let verdict = verify_against(&app.app.db, &app.app.blobs, &tables, &outside).await.expect("verified");
    assert!(verdict.sound(), "{:#?}", verdict.findings);
    for change in [
        sql!("UPDATE checkpoint_timestamps SET at = at + 1"),
        sql!("UPDATE checkpoint_timestamps SET authority = 'Nơi khác'"),
        sql!("UPDATE checkpoint_timestamps SET token = 'AAAA' || token"),
        sql!("UPDATE checkpoint_timestamps SET checkpoint = 7"),
        sql!("UPDATE checkpoint_timestamps SET id = 'chk_00000002'"),
    ] {
        let mut tx = app.app.db.write().await.expect("write");
        tx.run(change, args![]).await.expect("changed");
        let findings =
            ungcuu_app::journal::verify_records(&mut tx, &tables, &outside).await.expect("verified").findings;
        assert!(findings.iter().any(|it| it.place.starts_with("checkpoint_timestamps")), "{}: {findings:?}", change.0);
    }
}

#[tokio::test]
async fn an_authority_that_is_away_answers_too_much_or_is_another_leaves_no_stamp() {
    let (Some(place), Some(stranger)) = (authority("-newkey rsa:2048"), authority("-newkey rsa:2048")) else { return };
    let app = TestApp::new().await;
    checkpoint::keep_up(&app.app).await.expect("made");
    let url = serve(place.path().to_owned()).await;
    for (url, trusted) in [
        ("http://127.0.0.1:9".to_owned(), trusted(place.path())),
        (format!("{url}/broken"), trusted(place.path())),
        (format!("{url}/nowhere"), trusted(place.path())),
        (url, trusted(stranger.path())),
    ] {
        stamp_last(&with_authority(&app, url, trusted)).await.expect_err("no stamp");
    }
    let mut tx = app.app.db.read().await.expect("look");
    assert!(checkpoint::list_stamps(&mut tx, 1, 9).await.expect("read").is_empty());
}
