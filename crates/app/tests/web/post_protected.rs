//! Letters over a line that is encrypted before anything is said (STARTTLS), to a server with a certificate of a self-made
//! authority. Without openssl these tests say so and do nothing.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ungcuu_app::notify::letter::{LetterState, post_due};
use ungcuu_kit::mail::{Config, Security, Settings};

use crate::post::{stage, standing, write};
use crate::sink::{Manner, Sink};

const CA: &str = "[req]\ndistinguished_name = dn\nx509_extensions = ca\nprompt = no\nutf8 = yes\n[dn]\nCN = Gốc của huyện\n\
    [ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = hash\n";

const SERVER: &str = "[req]\ndistinguished_name = dn\nprompt = no\nutf8 = yes\n[dn]\nCN = Máy chủ thư\n\
    [here]\nsubjectAltName = IP:127.0.0.1\nextendedKeyUsage = serverAuth\n\
    [elsewhere]\nsubjectAltName = DNS:mail.example.vn\nextendedKeyUsage = serverAuth\n";

fn openssl(folder: &Path, words: &str) -> Option<()> {
    let done = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().ok()?;
    assert!(done.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&done.stderr));
    Some(())
}

/// An authority and a server's key with its certificate, for the machine `here` or `elsewhere`; none without openssl.
fn authority(extensions: &str) -> Option<tempfile::TempDir> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    std::fs::write(folder.join("ca.cnf"), CA).expect("written");
    std::fs::write(folder.join("server.cnf"), SERVER).expect("written");
    let kind = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
    let made = openssl(folder, &format!("req -x509 {kind} -nodes -keyout ca.key -out ca.pem -days 30 -config ca.cnf"));
    if made.is_none() {
        eprintln!("skipped: openssl is not on this machine");
        return None;
    }
    openssl(folder, &format!("req -new {kind} -nodes -keyout server.key -out server.csr -config server.cnf"));
    openssl(
        folder,
        &format!(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 30 \
             -extfile server.cnf -extensions {extensions}"
        ),
    );
    Some(place)
}

fn acceptor(folder: &Path) -> TlsAcceptor {
    let certificates = CertificateDer::pem_file_iter(folder.join("server.pem")).expect("a certificate");
    let certificates = certificates.collect::<Result<Vec<_>, _>>().expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("they belong together");
    TlsAcceptor::from(Arc::new(config))
}

/// How the product speaks to this server.
fn settings(sink: &Sink, authority: Option<&Path>) -> Settings {
    let config = Config {
        host: "127.0.0.1".to_owned(),
        port: Some(sink.port),
        security: Security::Starttls,
        user: None,
        password_file: None,
        from: "ungcuu@xa.example.vn".to_owned(),
        timeout: None,
        ca_file: authority.map(|folder| folder.join("ca.pem")),
    };
    config.open().expect("sound settings")
}

#[tokio::test]
async fn a_letter_goes_over_the_encrypted_line_when_the_authority_is_trusted_and_not_otherwise() {
    let Some(place) = authority("here") else { return };
    let sink = Sink::with(Manner::Take, Some(acceptor(place.path()))).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    // The machine does not know the authority: nothing is said, the letter waits, and the reason is told.
    assert!(!post_due(&app.app, &settings(&sink, None)).await.expect("tried"));
    let waiting = standing(&app, &id).await;
    assert_eq!((waiting.state, waiting.perhaps), (LetterState::Retrying, false), "{waiting:?}");
    assert!(waiting.why_vi.contains("Không nối được máy chủ thư"), "{waiting:?}");
    assert!(waiting.why_vi.to_lowercase().contains("certificate"), "{waiting:?}");
    assert!(sink.mails().is_empty(), "not a word of it over a line nobody vouches for");

    app.app.clock.advance(ungcuu_kit::time::HOUR);
    assert!(post_due(&app.app, &settings(&sink, Some(place.path()))).await.expect("sent"));
    assert_eq!(standing(&app, &id).await.state, LetterState::Sent);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].protected && mails[0].to == "ca@huyen.example.vn", "{:?}", mails[0]);
}

#[tokio::test]
async fn a_certificate_of_another_machine_is_not_believed() {
    let Some(place) = authority("elsewhere") else { return };
    let sink = Sink::with(Manner::Take, Some(acceptor(place.path()))).await;
    let (app, lan) = stage(&sink).await;
    let id = write(&app, &lan, "ca@huyen.example.vn").await;
    assert!(!post_due(&app.app, &settings(&sink, Some(place.path()))).await.expect("tried"));
    assert_eq!(standing(&app, &id).await.state, LetterState::Retrying);
    assert!(sink.mails().is_empty());
}
