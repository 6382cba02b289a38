//! A mail server for tests: takes letters in over SMTP and keeps them, or misbehaves as it is told.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How the server behaves to whoever connects from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    Take,
    /// Takes every byte of its answers on its own.
    Slow,
    /// Accepts the connection and says nothing.
    Hang,
    Greet(&'static str),
    RefuseSender(&'static str),
    RefuseRecipient(&'static str),
    /// Takes the text and hangs up without an answer.
    DropAfterData,
    /// Takes the text and never answers.
    HangAfterData,
}

/// A letter that came in.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub data: String,
    /// It came over an encrypted line.
    pub protected: bool,
}

impl Mail {
    pub fn message_id(&self) -> String {
        let line = self.data.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        line.expect("a Message-ID").to_owned()
    }

    /// What it says, decoded: head and text.
    pub fn text(&self) -> String {
        let mail = mail_parser::MessageParser::default().parse(self.data.as_bytes()).expect("a mail");
        format!("{}\n{}", mail.subject().unwrap_or_default(), mail.body_text(0).unwrap_or_default())
    }
}

/// The server.
pub struct Sink {
    pub port: u16,
    kept: Arc<Kept>,
    task: JoinHandle<()>,
}

struct Kept {
    manner: Mutex<Manner>,
    mails: Mutex<Vec<Mail>>,
    took: Notify,
    /// Speaks STARTTLS with this.
    tls: Option<TlsAcceptor>,
}

impl Sink {
    pub async fn new(manner: Manner) -> Sink {
        Sink::with(manner, None).await
    }

    /// The same, offering STARTTLS.
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    pub async fn with(manner: Manner, tls: Option<TlsAcceptor>) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (manner, mails) = (Mutex::new(manner), Mutex::new(Vec::new()));
        let kept = Arc::new(Kept { manner, mails, took: Notify::new(), tls });
        let serving = kept.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = serving.clone();
                tokio::spawn(async move {
                    // A client that hangs up is no concern of the server's.
                    let _ = meet(stream, &kept).await;
                });
            }
        });
        Sink { port, kept, task }
    }

    /// Behaves like this from the next connection on.
    pub fn set(&self, manner: Manner) {
        *self.kept.manner.lock().expect("sound") = manner;
    }

    /// Everything that came in, in its order.
    pub fn mails(&self) -> Vec<Mail> {
        self.kept.mails.lock().expect("sound").clone()
    }

    /// Waits until the text of a letter has come in.
    pub async fn took_one(&self) {
        self.kept.took.notified().await;
    }

    /// Stops listening.
    pub fn close(&self) {
        self.task.abort();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Greets whoever connects, and goes on over an encrypted line when they ask for it.
async fn meet<S: AsyncRead + AsyncWrite + Unpin>(stream: S, kept: &Kept) -> std::io::Result<()> {
    let manner = *kept.manner.lock().expect("sound");
    let mut stream = BufReader::new(stream);
    if manner == Manner::Hang {
        return std::future::pending().await;
    }
    let greeting = if let Manner::Greet(words) = manner { words } else { "220 sink" };
    say(&mut stream, greeting, manner).await?;
    let Some(plain) = talk(stream, manner, kept, kept.tls.is_some()).await? else { return Ok(()) };
    let Some(tls) = &kept.tls else { return Ok(()) };
    // Whoever does not trust the certificate hangs up here.
    let protected = tls.accept(plain).await?;
    talk(BufReader::new(protected), manner, kept, false).await.map(|_| ())
}

/// Speaks until the other side is done; gives the line back when it is to be encrypted.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    manner: Manner,
    kept: &Kept,
    offers: bool,
) -> std::io::Result<Option<S>> {
    let protected = kept.tls.is_some() && !offers;
    let mut to = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let words = line.trim_end().to_owned();
        let command = words.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match (command.as_str(), manner) {
            ("EHLO", _) if offers => "250-sink\r\n250 STARTTLS",
            ("EHLO", _) => "250 sink",
            ("STAR", _) if offers => {
                say(&mut stream, "220 go on", manner).await?;
                return Ok(Some(stream.into_inner()));
            }
            ("MAIL", Manner::RefuseSender(words)) => words,
            ("RCPT", Manner::RefuseRecipient(words)) => words,
            ("RCPT", _) => {
                to = words.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                "250 ok"
            }
            ("DATA", _) => {
                say(&mut stream, "354 go on", manner).await?;
                let data = read_data(&mut stream).await?;
                kept.mails.lock().expect("sound").push(Mail { to: to.clone(), data, protected });
                kept.took.notify_one();
                match manner {
                    Manner::DropAfterData => return Ok(None),
                    Manner::HangAfterData => return std::future::pending().await,
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => {
                say(&mut stream, "221 bye", manner).await?;
                return Ok(None);
            }
            _ => "250 ok",
        };
        say(&mut stream, answer, manner).await?;
    }
}

async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.strip_prefix('.') {
            Some("\r\n") => return Ok(data),
            Some(rest) => data.push_str(rest),
            None => data.push_str(&line),
        }
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    words: &str,
    manner: Manner,
) -> std::io::Result<()> {
    let line = format!("{words}\r\n");
    let pieces: Vec<&[u8]> = match manner {
        Manner::Slow => line.as_bytes().chunks(1).collect(),
        _ => vec![line.as_bytes()],
    };
    for piece in pieces {
        stream.get_mut().write_all(piece).await?;
        stream.get_mut().flush().await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
