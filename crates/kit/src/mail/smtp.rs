//! The conversation with the mail server, step by step, each within its limit of time.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use lettre::{Address, Message};

use super::compose::compose;
use super::{Delay, Letter, Outcome, Security, Settings};
use crate::form::clean;
use crate::text::{Text, brief};

/// How much of the server's own words is kept, in characters.
const WORDS: usize = 200;
/// What a slow line carries at the least, in bytes a second; a large letter has so much longer.
const SLOWEST: u64 = 32 << 10;

/// Sends one letter. Takes at most some six steps' time, and what its size needs.
pub async fn send(settings: &Settings, letter: &Letter) -> Outcome {
    match compose(letter, &settings.from) {
        Ok(message) => converse(settings, &message).await.unwrap_or_else(|outcome| outcome),
        Err(why) => Outcome::Refused(why),
    }
}

/// What a step came to when it did not go well.
enum Fault {
    Late(u64),
    Smtp(Error),
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done.map_err(Fault::Smtp),
        Err(_) => Err(Fault::Late(limit.as_secs().max(1))),
    }
}

async fn converse(settings: &Settings, message: &Message) -> Result<Outcome, Outcome> {
    let mut line = reach(settings).await?;
    let to: Vec<Address> = message.envelope().to().to_vec();
    let from = message.envelope().from().cloned();
    let step = settings.step;
    let said = within(step, line.command(Mail::new(from, Vec::new()))).await;
    said.map_err(|fault| match fault.code() {
        // Too large for this server (RFC 5321, 4.2.3): no later try changes that.
        Some(552) => refused(&fault.words()),
        _ => {
            let Text { vi, en } = fault.words();
            let why = text!(
                "Máy chủ thư không nhận thư từ địa chỉ gửi: {vi}",
                "The mail server takes no letters from our address: {en}"
            );
            server(why)
        }
    })?;
    for address in to {
        let said = within(step, line.command(Rcpt::new(address, Vec::new()))).await;
        said.map_err(|fault| verdict(&fault, &Text::new("người nhận", "the recipient")))?;
    }
    within(step, line.command(Data)).await.map_err(|fault| verdict(&fault, &Text::new("thư", "the letter")))?;
    let bytes = message.formatted();
    let longer = Duration::from_secs(bytes.len() as u64 / SLOWEST);
    let taken = within(step + longer, line.message(&bytes)).await.map_err(|fault| match fault.code() {
        Some(_) => verdict(&fault, &Text::new("thư", "the letter")),
        None => {
            let Text { vi, en } = fault.words();
            let why = text!(
                "Đã trao thư nhưng máy chủ không trả lời: {vi} Thư có thể đã đi.",
                "The letter was handed over and no answer came: {en} It may have gone out."
            );
            Outcome::TryLater(Delay { why, server: true, perhaps_sent: true })
        }
    })?;
    // Taken is taken, however the server says goodbye.
    let _ = within(step.min(Duration::from_secs(5)), line.quit()).await;
    Ok(Outcome::Sent(answer(&taken)))
}

/// Connects, protects the line and signs in.
async fn reach(settings: &Settings) -> Result<AsyncSmtpConnection, Outcome> {
    let (host, port, step) = (settings.host.as_str(), settings.port, settings.step);
    let hello = ClientId::Domain(settings.domain().to_owned());
    let unreached = |fault: Fault| {
        let Text { vi, en } = fault.words();
        let why = text!(
            "Không nối được máy chủ thư {host}:{port}: {vi}",
            "The mail server {host}:{port} cannot be reached: {en}"
        );
        server(why)
    };
    let tls = match settings.security {
        Security::None => None,
        _ => Some(protection(settings).await.map_err(|fault| unreached(Fault::Smtp(fault)))?),
    };
    let at_once = tls.clone().filter(|_| settings.security == Security::Tls);
    let connected = AsyncSmtpConnection::connect_tokio1((host, port), Some(step), &hello, at_once, None);
    let mut line = within(step, connected).await.map_err(unreached)?;
    if let (Security::Starttls, Some(tls)) = (settings.security, tls) {
        within(step, line.starttls(tls, &hello)).await.map_err(unreached)?;
    }
    if !settings.user.is_empty() {
        let credentials = Credentials::new(settings.user.clone(), settings.password.0.clone());
        let signed_in = within(step, line.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await;
        signed_in.map_err(|fault| {
            let Text { vi, en } = fault.words();
            let why = text!("Không đăng nhập được vào máy chủ thư: {vi}", "Signing in at the mail server failed: {en}");
            server(why)
        })?;
    }
    Ok(line)
}

/// Reading the machine's certificates touches many files, so it is done aside.
async fn protection(settings: &Settings) -> Result<TlsParameters, Error> {
    let (host, trusted) = (settings.host.clone(), settings.trusted.clone());
    let build = move || {
        let mut tls = TlsParameters::builder(host);
        if !trusted.is_empty() {
            tls = tls.add_root_certificate(Certificate::from_pem(&trusted)?);
        }
        tls.build_rustls()
    };
    tokio::task::spawn_blocking(build).await.expect("building the protection does not panic")
}

impl Fault {
    /// The code the server answered with.
    fn code(&self) -> Option<u16> {
        match self {
            Fault::Smtp(error) => error.status().and_then(|code| code.to_string().parse().ok()),
            Fault::Late(_) => None,
        }
    }

    /// What happened: the server's own words where it said any.
    fn words(&self) -> Text {
        match self {
            Fault::Late(seconds) => {
                text!("không trả lời trong {seconds} giây.", "no answer within {seconds} s.")
            }
            Fault::Smtp(error) => {
                let source = error.source().map(|source| brief(&clean(&source.to_string()), WORDS)).unwrap_or_default();
                match (self.code(), source.as_str()) {
                    (Some(code), said) => Text::same(format!("{code} {said}").trim_end().to_owned()),
                    (None, "") | (None, "incomplete response") => {
                        Text::new("đường truyền bị ngắt.", "the line was cut.")
                    }
                    (None, said) => Text::same(said.to_owned()),
                }
            }
        }
    }
}

/// A letter that the server answered with 4xx waits, one with 5xx never goes (RFC 5321, 4.2.1).
fn verdict(fault: &Fault, what: &Text) -> Outcome {
    let (Text { vi, en }, Text { vi: what_vi, en: what_en }) = (fault.words(), what);
    match fault.code() {
        Some(500..) => {
            let why = text!("Máy chủ thư từ chối {what_vi}: {vi}", "The mail server refuses {what_en}: {en}");
            Outcome::Refused(why)
        }
        code => {
            let why =
                text!("Máy chủ thư chưa nhận {what_vi}: {vi}", "The mail server does not take {what_en} yet: {en}");
            Outcome::TryLater(Delay { why, server: code.is_none(), perhaps_sent: false })
        }
    }
}

fn refused(words: &Text) -> Outcome {
    let Text { vi, en } = words;
    Outcome::Refused(text!("Máy chủ thư từ chối thư: {vi}", "The mail server refuses the letter: {en}"))
}

fn server(why: Text) -> Outcome {
    Outcome::TryLater(Delay { why, server: true, perhaps_sent: false })
}

fn answer(response: &Response) -> String {
    let words = response.message().collect::<Vec<_>>().join(" ");
    brief(&clean(&format!("{} {words}", response.code())), WORDS)
}
