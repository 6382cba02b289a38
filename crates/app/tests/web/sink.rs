//! A mail server for tests: takes letters in over SMTP and keeps them, or misbehaves as it is told.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

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
}

impl Sink {
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    pub async fn new(manner: Manner) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let kept = Arc::new(Kept { manner: Mutex::new(manner), mails: Mutex::new(Vec::new()), took: Notify::new() });
        let serving = kept.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = serving.clone();
                tokio::spawn(async move {
                    // A client that hangs up is no concern of the server's.
                    let _ = talk(stream, &kept).await;
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

async fn talk(stream: TcpStream, kept: &Kept) -> std::io::Result<()> {
    let manner = *kept.manner.lock().expect("sound");
    let mut stream = BufReader::new(stream);
    if manner == Manner::Hang {
        return std::future::pending().await;
    }
    let greeting = if let Manner::Greet(words) = manner { words } else { "220 sink" };
    say(&mut stream, greeting, manner).await?;
    let mut to = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let words = line.trim_end().to_owned();
        let command = words.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match (command.as_str(), manner) {
            ("EHLO", _) => "250 sink",
            ("MAIL", Manner::RefuseSender(words)) => words,
            ("RCPT", Manner::RefuseRecipient(words)) => words,
            ("RCPT", _) => {
                to = words.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                "250 ok"
            }
            ("DATA", _) => {
                say(&mut stream, "354 go on", manner).await?;
                let data = read_data(&mut stream).await?;
                kept.mails.lock().expect("sound").push(Mail { to: to.clone(), data });
                kept.took.notify_one();
                match manner {
                    Manner::DropAfterData => return Ok(()),
                    Manner::HangAfterData => return std::future::pending().await,
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => {
                say(&mut stream, "221 bye", manner).await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        say(&mut stream, answer, manner).await?;
    }
}

async fn read_data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
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

async fn say(stream: &mut BufReader<TcpStream>, words: &str, manner: Manner) -> std::io::Result<()> {
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
