//! Letters on their way out, by SMTP. One letter is one conversation; each of its steps has a limit of time, and what
//! comes of it is sorted by what to do next: done, try later, give up.
//!
//! Nothing here is queued and nothing is tried twice: that is the caller's, who keeps the letter.

mod compose;
mod smtp;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use lettre::Address;
use lettre::message::Mailbox;
use serde::Deserialize;

use crate::text::Text;
use crate::time::Time;

pub use smtp::send;

/// How the line to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain at first, encrypted before anything is said; port 587. A server that cannot is not spoken to.
    #[default]
    Starttls,
    /// Encrypted from the first byte; port 465.
    Tls,
    /// Not at all; port 25. For a server on the same machine or the same closed network.
    None,
}

/// The mail server as the configuration file names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub host: String,
    /// 587, 465 or 25 by `security` unless said otherwise.
    pub port: Option<u16>,
    #[serde(default)]
    pub security: Security,
    /// Who signs in at the mail server; nobody when absent.
    pub user: Option<String>,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// Who the letters are from: `ungcuu@xa.example.vn` or `Ứng cứu sự cố <ungcuu@xa.example.vn>`.
    pub from: String,
    /// Seconds that one step of the conversation may take, from 1 to 300; 30 unless said otherwise.
    pub timeout: Option<u64>,
    /// A file of certificates (PEM) to be trusted beside the machine's own, for a server with one of its own making.
    pub ca_file: Option<PathBuf>,
}

/// A secret that is never printed.
#[derive(Clone, Default)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The mail server, ready to be spoken to.
#[derive(Clone, Debug)]
pub struct Settings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Empty: nobody signs in.
    pub user: String,
    password: Secret,
    from: Mailbox,
    /// What one step of the conversation may take.
    pub step: Duration,
    trusted: Vec<u8>,
}

impl Config {
    /// Reads the files it names and checks what can be checked without the server.
    ///
    /// # Errors
    /// A sentence for the operator when something is missing or would send the password in the clear.
    pub fn open(self) -> anyhow::Result<Settings> {
        let from: Mailbox = self.from.parse().with_context(|| format!("mail.from is no address: {}", self.from))?;
        let read = |file: &PathBuf| std::fs::read(file).with_context(|| format!("reading {}", file.display()));
        let password = match &self.password_file {
            Some(file) => String::from_utf8(read(file)?).context("the mail password is not text")?,
            None => String::new(),
        };
        let user = self.user.unwrap_or_default();
        if !user.is_empty() && password.trim().is_empty() {
            bail!("mail.user needs a password: name its file in mail.password_file");
        }
        let here = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if !user.is_empty() && self.security == Security::None && !here {
            bail!("mail.security = \"none\" would send the password in the clear; use \"starttls\" or \"tls\"");
        }
        let seconds = self.timeout.unwrap_or(30);
        if !(1..=300).contains(&seconds) {
            bail!("mail.timeout is between 1 and 300 seconds");
        }
        let usual = match self.security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        Ok(Settings {
            port: self.port.unwrap_or(usual),
            host: self.host,
            security: self.security,
            user,
            password: Secret(password.lines().next().unwrap_or_default().to_owned()),
            from,
            step: Duration::from_secs(seconds),
            trusted: self.ca_file.as_ref().map(read).transpose()?.unwrap_or_default(),
        })
    }
}

impl Settings {
    /// The part of the sender's address behind the @: what our letters are known by.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Who the letters are from, as it stands in them.
    pub fn sender(&self) -> String {
        self.from.to_string()
    }
}

/// A letter as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// One address.
    pub to: String,
    /// Where answers go, when not to the sender.
    pub reply_to: String,
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// `<…@…>`; the same at every try, so that whoever gets it twice can tell.
    pub message_id: String,
    pub at: Time,
    /// Nobody wrote it by hand, so that no absence notice answers it.
    pub automatic: bool,
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a letter.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// What came of one try.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The server has taken it on, with these words.
    Sent(String),
    TryLater(Delay),
    /// It will never be taken: this address, or this letter.
    Refused(Text),
}

/// Why a letter has to wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    pub why: Text,
    /// The server as a whole, not this letter: another one would fare no better now.
    pub server: bool,
    /// The text was handed over and no answer came: it may arrive, and once more after the next try.
    pub perhaps_sent: bool,
}

/// Whether a letter can be addressed to this.
pub fn is_address(address: &str) -> bool {
    address.is_ascii() && address.len() <= 254 && address.parse::<Address>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(words: &str) -> anyhow::Result<Settings> {
        toml::from_str::<Config>(words)?.open()
    }

    #[test]
    fn the_usual_port_follows_the_protection() {
        let port = |security: &str| {
            let words = format!("host = \"mail.example.vn\"\nfrom = \"a@example.vn\"\nsecurity = \"{security}\"");
            config(&words).expect("sound").port
        };
        assert_eq!([port("starttls"), port("tls"), port("none")], [587, 465, 25]);
    }

    #[test]
    fn a_password_never_goes_out_in_the_clear_nor_into_a_log() {
        let folder = std::env::temp_dir().join(crate::chance::secret());
        std::fs::write(&folder, "rất bí mật\n").expect("written");
        let file = folder.display();
        let words = |host: &str, security: &str| {
            format!(
                "host = \"{host}\"\nfrom = \"a@example.vn\"\nuser = \"a\"\npassword_file = \"{file}\"\n\
                 security = \"{security}\""
            )
        };
        assert!(config(&words("mail.example.vn", "none")).is_err());
        assert!(config(&words("localhost", "none")).is_ok());
        let settings = config(&words("mail.example.vn", "tls")).expect("sound");
        assert!(!format!("{settings:?}").contains("bí mật"), "{settings:?}");
        assert!(config("host = \"m\"\nfrom = \"a@example.vn\"\nuser = \"a\"").is_err(), "a user without a password");
        std::fs::remove_file(&folder).expect("removed");
    }

    #[test]
    fn only_one_plain_address_is_an_address() {
        assert!(is_address("lan.le@xa.example.vn"));
        for wrong in ["", "lan", "lan@", "a@b.vn, c@d.vn", "a@b.vn\r\nBcc: c@d.vn", "Lan <a@b.vn>", "lân@b.vn"] {
            assert!(!is_address(wrong), "{wrong:?}");
        }
    }
}
