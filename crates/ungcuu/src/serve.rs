//! `ungcuu serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use ungcuu_app::app::{App, Settings};
use ungcuu_app::checkpoint::timestamp::Authority;
use ungcuu_kit::outside::Outside;

use crate::place::PlaceArgs;
use crate::verify::certificates;

#[derive(Args)]
pub struct Serve {
    /// Địa chỉ nghe. The address to listen on.
    #[arg(long, env = "UNGCUU_LISTEN")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Gói kế hoạch dùng khi bắt đầu (tên gói có sẵn hoặc thư mục). The pack to begin with.
    #[arg(long)]
    pack: Option<String>,
    /// Tệp cấu hình TOML. A configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// The configuration file. What the command line says goes before it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The address to listen on, `127.0.0.1:8080` unless said otherwise.
    listen: Option<SocketAddr>,
    /// The largest evidence file taken in, in bytes; 64 GiB unless said otherwise.
    upload_limit: Option<i64>,
    /// Set when HTTPS is spoken by something in front, so that cookies say so.
    secure_cookies: bool,
    pack: Option<String>,
    /// After how many days a file of evidence is read again; 30 unless said otherwise, 0 never.
    recheck_days: Option<i64>,
    /// `https://…` or `http://…` (the answer is signed, so the way need not be) of a time-stamping authority (RFC 3161); nobody is asked unless it is set.
    tsa_url: Option<String>,
    /// A PEM file with the certificates that are trusted to speak for it.
    tsa_certificate: Option<PathBuf>,
    /// Where people reach this installation, for links in letters.
    public_url: Option<String>,
    /// The mail server; nothing is sent without one.
    mail: Option<ungcuu_kit::mail::Config>,
}

impl Config {
    fn timestamps(&self) -> Result<Option<Authority>> {
        let (Some(url), Some(file)) = (&self.tsa_url, &self.tsa_certificate) else {
            if self.tsa_url.is_some() || self.tsa_certificate.is_some() {
                bail!("tsa_url and tsa_certificate go together");
            }
            return Ok(None);
        };
        Outside::at(url, Duration::ZERO, 0).context("tsa_url")?;
        Ok(Some(Authority { url: url.clone(), trusted: certificates(file)? }))
    }
}

const LISTEN: &str = "127.0.0.1:8080";

impl Serve {
    pub async fn run(self) -> Result<ExitCode> {
        let config = match &self.config {
            Some(file) => {
                let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
                toml::from_str(&text).with_context(|| format!("the configuration {}", file.display()))?
            }
            None => Config::default(),
        };
        let defaults = crate::render_worker::settings();
        let settings = Settings {
            upload_limit: config.upload_limit.unwrap_or(defaults.upload_limit),
            secure_cookies: config.secure_cookies,
            recheck_days: config.recheck_days.unwrap_or(defaults.recheck_days),
            picture_worker: crate::place::picture_worker(),
            examiner: crate::place::examiner(),
            timestamps: config.timestamps()?,
            mail: config.mail.map(ungcuu_kit::mail::Config::open).transpose().context("the mail server")?,
            public_url: public_url(config.public_url)?,
            ..defaults
        };
        let pack = self.pack.as_deref().or(config.pack.as_deref());
        let app = self.place.app(pack, settings).await?;
        if let Some(first) = ungcuu_app::install::begin(&app).await? {
            eprintln!("Đã tạo quản trị viên đầu tiên. The first administrator was made:");
            eprintln!("  tên đăng nhập (login):        {}", first.login);
            eprintln!("  mật khẩu một lần (password):  {}", first.password);
        }
        let listen = self.listen.or(config.listen).unwrap_or(LISTEN.parse().context("the default address")?);
        run(app, listen).await
    }
}

/// The address for links, without the slash at its end.
fn public_url(address: Option<String>) -> Result<String> {
    let address = address.unwrap_or_default();
    let plain = address.starts_with("https://") || address.starts_with("http://");
    anyhow::ensure!(address.is_empty() || plain, "public_url begins with https:// or http://: {address}");
    Ok(address.trim_end_matches('/').to_owned())
}

/// Serves until asked to stop, then finishes what is under way.
pub async fn run(app: App, listen: SocketAddr) -> Result<ExitCode> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let address = listener.local_addr().context("asking for the address")?;
    eprintln!("Sẵn sàng tại (ready at) http://{address}");
    let router = ungcuu_app::web::router(&app, &ungcuu_app::routes());
    let mut background = ungcuu_app::background(&app);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = std::future::IntoFuture::into_future(axum::serve(listener, service));
    tokio::select! {
        served = serving => served.context("serving")?,
        cause = first_failure(&mut background) => return Err(cause).context("work in the background"),
        () = asked_to_stop() => {}
    }
    background.shutdown().await;
    // Requests that were acknowledged are committed; the rest never happened.
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for a task that fails. One that has nothing to do here (letters without a mail server) may end in peace.
async fn first_failure(tasks: &mut JoinSet<()>) -> JoinError {
    while let Some(ended) = tasks.join_next().await {
        if let Err(cause) = ended {
            return cause;
        }
    }
    std::future::pending().await
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
