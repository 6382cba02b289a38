//! `ungcuu demo`: the plan with people and work in it, ready to click. Begun anew at each start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::demo;
use ungcuu_app::install;
use ungcuu_app::pack::embedded_ids;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::db::Db;
use ungcuu_kit::time::Clock;

use crate::place::load_pack;

/// A file that marks a folder as a demonstration's, so that nothing else is ever wiped.
const MARK: &str = "ungcuu-demonstration";

#[derive(Args)]
pub struct Demo {
    /// Địa chỉ nghe. The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Thư mục dữ liệu của bản chạy thử; làm mới mỗi lần chạy. Its folder, made anew at each start.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Cơ sở dữ liệu PostgreSQL còn trống, thay cho SQLite. An empty PostgreSQL database instead of SQLite.
    #[arg(long)]
    database: Option<String>,
}

impl Demo {
    pub async fn run(self) -> Result<ExitCode> {
        let folder = self.data.unwrap_or_else(|| std::env::temp_dir().join("ungcuu-demo"));
        begin_anew(&folder)?;
        let place = match self.database {
            Some(url) => Place::Postgres { url, files: folder.join("files") },
            None => Place::Folder(folder.clone()),
        };
        let (db, blobs) = place.open().await?;
        refuse_filled(&db).await?;
        let name = embedded_ids().into_iter().next().context("no pack is built in")?;
        let pack = load_pack(&name)?;
        let settings = Settings {
            demonstration: true,
            public_url: format!("http://{}", self.listen),
            picture_worker: crate::place::picture_worker(),
            examiner: crate::place::examiner(),
            seal: Some(folder.join("seal")),
            ..crate::render_worker::settings()
        };

        // The demonstration's past is lived through on a clock of its own, which ends at the present moment.
        let now = Clock::System.now();
        let clock = Clock::standing(now.plus(-demo::PAST));
        let past = App::new(db.clone(), blobs.clone(), pack.clone(), clock, Chance::seeded(2022), settings.clone());
        let accounts = demo::fill(&past, now).await.context("filling the demonstration")?;
        past.rendering.rest().await;
        let app = App::new(db, blobs, pack, Clock::System, Chance::System, settings);

        println!("Tài khoản chạy thử, mật khẩu chung: {}", demo::PASSWORD);
        for account in &accounts {
            println!("  {:<12} {:<28} {}", account.login, account.name, account.role);
        }
        println!("Dữ liệu: {} (làm mới mỗi lần chạy)", folder.display());
        crate::serve::run(app, self.listen).await
    }
}

/// A database may hold someone's real work, so it is never emptied here.
async fn refuse_filled(db: &Db) -> Result<()> {
    if install::is_begun(db).await? {
        bail!("the database holds records already; name an empty one");
    }
    Ok(())
}

/// Empties the demonstration's own folder; refuses any other that holds something.
fn begin_anew(folder: &Path) -> Result<()> {
    let ours = folder.join(MARK).exists();
    let filled = folder.exists() && std::fs::read_dir(folder).context("looking into the folder")?.next().is_some();
    if filled && !ours {
        bail!("{} holds something that is not a demonstration; name another folder", folder.display());
    }
    if ours {
        std::fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    std::fs::write(folder.join(MARK), "").context("marking the folder")?;
    Ok(())
}
