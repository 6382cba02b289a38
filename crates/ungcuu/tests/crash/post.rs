//! kill -9 while the mail server has the text of a letter and has not answered: the letter goes once more, known by its
//! Message-ID, its document is whole, and it stands as sent in the end.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Settings};
use ungcuu_app::notify::letter::{
    self, About, LetterFile, LetterId, LetterState, NewLetter, Standing, To, find_state, post_due,
};
use ungcuu_app::pack::Pack;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::mail::{Config, Security};
use ungcuu_kit::text::Text;
use ungcuu_kit::time::{Clock, MINUTE, Time};
use ungcuu_kit::{args, sql};

use crate::{PATIENCE, place, stage, start_with};

/// A document as it was issued; its bytes are printable, so that the letter carries them readably encoded.
const DOCUMENT: &[u8] = b"%PDF-1.7 So 01/BC-UBND";

/// A mail server that takes the text of every letter, and answers only when it is told to.
struct Mailbox {
    port: u16,
    answers: Arc<AtomicBool>,
    texts: Receiver<String>,
}

impl Mailbox {
    fn open() -> Mailbox {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, texts) = channel();
        let answers = Arc::new(AtomicBool::new(false));
        let answering = answers.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, answers) = (sender.clone(), answering.clone());
                // A client that is killed hangs up in the middle of a word.
                std::thread::spawn(move || drop(talk(&stream, &sender, &answers)));
            }
        });
        Mailbox { port, answers, texts }
    }

    fn config(&self) -> Config {
        Config {
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
            security: Security::None,
            user: None,
            password_file: None,
            from: "ungcuu@xa.example.vn".to_owned(),
            timeout: None,
            ca_file: None,
        }
    }

    /// The text of the next letter.
    fn next(&self) -> String {
        self.texts.recv_timeout(PATIENCE).expect("a letter comes in")
    }
}

fn talk(stream: &TcpStream, texts: &Sender<String>, answers: &AtomicBool) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    let mut say = |words: &str| write!(out, "{words}\r\n");
    say("220 mailbox")?;
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "DATA" => {
                say("354 go on")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                // Whoever listens may have ended already.
                let _ = texts.send(text);
                if answers.load(Ordering::SeqCst) {
                    say("250 taken")?;
                }
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 mailbox")?,
        }
    }
}

#[test]
fn a_letter_cut_off_between_its_text_and_the_answer_goes_again_with_its_document() {
    let (folder, runtime, database) = stage();
    let database = database.as_deref();
    let mailbox = Mailbox::open();
    let id = runtime.block_on(write_letter(folder.path(), database, &mailbox));
    let config = folder.path().join("ungcuu.toml");
    let words = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"ungcuu@xa.example.vn\"\n",
        mailbox.port
    );
    std::fs::write(&config, words).expect("written");

    let (mut server, _) = start_with(folder.path(), database, Some(&config));
    let first = mailbox.next();
    server.kill().expect("killed");
    server.wait().expect("gone");

    mailbox.answers.store(true, Ordering::SeqCst);
    runtime.block_on(async {
        // Nobody knows whether it arrived; until the claim of the dead process is over nobody sends it twice.
        let app = product(folder.path(), database, &mailbox, Clock::System).await;
        assert_eq!(standing(&app, &id).await.state, LetterState::Sending);
        let settings = app.settings.mail.clone().expect("a mail server");
        assert!(post_due(&app, &settings).await.expect("looked"));
        assert_eq!(standing(&app, &id).await.state, LetterState::Sending);
        let later = app.now().plus(11 * MINUTE);
        app.db.close().await;

        let app = product(folder.path(), database, &mailbox, Clock::standing(later)).await;
        assert!(post_due(&app, &settings).await.expect("sent"));
        let after = standing(&app, &id).await;
        assert_eq!((after.state, after.attempts, after.perhaps), (LetterState::Sent, 2, true), "{after:?}");
        let stored = sha256(&app).await;
        assert_eq!(app.blobs.read(&stored, 1 << 20).await.expect("the document"), DOCUMENT);
        let verdict = ungcuu_app::journal::verify(&app.db, &app.blobs, &ungcuu_app::journalled_tables()).await;
        let verdict = verdict.expect("verified");
        assert!(verdict.sound(), "{:#?}", verdict.findings);
        app.db.close().await;
    });
    let second = mailbox.next();
    let message_id = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("Message-ID:"));
        line.expect("a Message-ID").to_owned()
    };
    assert_eq!(message_id(&first), message_id(&second), "whoever has it twice can tell");
    for text in [&first, &second] {
        assert!(text.contains("bc-01.pdf"), "{text}");
        assert!(text.contains("JVBERi0xLjcgU28gMDEvQkMtVUJORA") || text.contains("%PDF-1.7 So 01/BC-UBND"), "{text}");
    }
    assert!(mailbox.texts.try_recv().is_err(), "twice and no more");
}

async fn product(folder: &Path, database: Option<&str>, mailbox: &Mailbox, clock: Clock) -> App {
    let (db, blobs) = place(folder, database).open().await.expect("opens");
    let id = ungcuu_app::pack::embedded_ids().remove(0);
    let pack = Pack::embedded(&id).expect("listed").expect("sound");
    let mail = Some(mailbox.config().open().expect("sound settings"));
    App::new(db, blobs, pack, clock, Chance::System, Settings { mail, ..Settings::default() })
}

async fn standing(app: &App, id: &LetterId) -> Standing {
    let mut tx = app.db.read().await.expect("look");
    find_state(&mut tx, id).await.expect("asked").expect("a letter")
}

/// The hash of the one file there is.
async fn sha256(app: &App) -> String {
    let mut tx = app.db.read().await.expect("look");
    let file: Option<(String,)> =
        tx.one(sql!("SELECT id FROM files ORDER BY id LIMIT 1"), args![]).await.expect("asked");
    file.expect("a file").0
}

/// An installation in which a letter with a document waits to be sent.
async fn write_letter(folder: &Path, database: Option<&str>, mailbox: &Mailbox) -> LetterId {
    let app = product(folder, database, mailbox, Clock::System).await;
    ungcuu_app::install::begin_units(&app).await.expect("units");
    let stored = app.blobs.put_bytes(DOCUMENT.into()).await.expect("stored");
    let mut work = app.work(Actor::system()).await.expect("work");
    let insert = sql!("INSERT INTO files (id, size, media_type, stored_at) VALUES ($1, $2, 'application/pdf', $3)");
    work.tx.run(insert, args![&stored.sha256, stored.size, Time::default()]).await.expect("a file");
    work.record("reports", "report.issued", Text::same("báo cáo"), &[("files", &stored.sha256)]);
    let file = LetterFile {
        sha256: stored.sha256.clone(),
        name: "bc-01.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    };
    let new = NewLetter {
        to: To::Address { name: "Công an huyện".to_owned(), address: "ca@huyen.example.vn".to_owned() },
        subject: Text::same("Báo cáo số 01/BC-UBND"),
        body: Text::same("Kính gửi quý cơ quan."),
        attachments: vec![file],
        about: About { stream: "incident:thử".to_owned(), url: "/incidents".to_owned() },
    };
    let id = letter::post(&mut work, new).await.expect("posted");
    work.commit().await.expect("committed");
    app.db.close().await;
    id
}
