//! Where the records are kept: `--data DIR` with SQLite, or `--database URL` with PostgreSQL.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use ungcuu_app::app::{App, Place, Settings};
use ungcuu_app::install;
use ungcuu_app::pack::{Pack, Problem, embedded_ids};
use ungcuu_kit::blobs::Blobs;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::db::Db;
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::Clock;

/// Where the records are kept.
#[derive(Args, Clone, Debug)]
pub struct PlaceArgs {
    /// Thư mục dữ liệu. The data folder: database and files.
    #[arg(long, default_value = "data", env = "UNGCUU_DATA")]
    pub data: PathBuf,
    /// Địa chỉ PostgreSQL thay cho SQLite. A PostgreSQL database instead of SQLite: postgres://user@host/name
    #[arg(long, env = "UNGCUU_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
}

impl PlaceArgs {
    pub fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Postgres { url: url.clone(), files: self.data.join("files") },
            None => Place::Folder(self.data.clone()),
        }
    }

    /// The folder of the signing key. In the data folder, so also when the records are in PostgreSQL.
    pub fn seal(&self) -> PathBuf {
        self.data.join("seal")
    }

    /// Opens database and files, schema brought up to date.
    pub async fn open(&self) -> Result<(Db, Blobs)> {
        Ok(self.place().open().await?)
    }

    /// The product on these records, with the pack it was begun with, or the one asked for when it is begun now.
    pub async fn app(&self, pack: Option<&str>, settings: Settings) -> Result<App> {
        let (db, blobs) = self.open().await?;
        let pack = chosen_pack(&db, pack).await?;
        let settings = Settings { seal: Some(self.seal()), ..settings };
        Ok(App::new(db, blobs, pack, Clock::System, Chance::System, settings))
    }
}

/// This very program as the process that looks at pictures; nothing when it cannot be found, and pictures are not shown.
pub fn picture_worker() -> Vec<String> {
    let program = std::env::current_exe().ok().and_then(|path| path.into_os_string().into_string().ok());
    program.map(|program| vec![program, "picture-worker".to_owned()]).unwrap_or_default()
}

/// This very program as the process that reads logs and rules; nothing when it cannot be found, and they are read right here.
pub fn examiner() -> Vec<String> {
    let program = std::env::current_exe().ok().and_then(|path| path.into_os_string().into_string().ok());
    program.map(|program| vec![program, "examine-worker".to_owned()]).unwrap_or_default()
}

/// The pack these records were begun with. A pack on disk is remembered by its folder and read again at each start.
async fn chosen_pack(db: &Db, asked: Option<&str>) -> Result<Pack> {
    let name = match (asked, install::pack_name(db).await?) {
        (Some(asked), _) => asked.to_owned(),
        (None, Some(known)) => known,
        (None, None) => embedded_ids().into_iter().next().context("no pack is built in")?,
    };
    let pack = load_pack(&name)?;
    install::remember_pack(db, &name).await?;
    Ok(pack)
}

/// A pack by the name of a built-in one, or by its folder.
pub fn load_pack(name: &str) -> Result<Pack> {
    match Pack::embedded(name).unwrap_or_else(|| Pack::load_dir(&PathBuf::from(name))) {
        Ok(pack) => Ok(pack),
        Err(problems) => {
            print_problems(&problems);
            bail!("the pack {name} cannot be used");
        }
    }
}

pub fn print_problems(problems: &[Problem]) {
    for problem in problems {
        eprintln!("{}", problem.line_for(Lang::Vi));
    }
}
