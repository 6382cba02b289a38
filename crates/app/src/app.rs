//! What every handler and job is given: the database, the files, the pack, the clock. Built once, cheap to clone.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use rust_embed::RustEmbed;
use tokio::sync::Semaphore;
use ungcuu_kit::blobs::Blobs;
use ungcuu_kit::chance::Chance;
use ungcuu_kit::db::{Db, MigrationFile};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{Clock, Time};

use crate::actor::Actor;
use crate::auth::Throttle;
use crate::checkpoint::timestamp::Authority;
use crate::live::Live;
use crate::pack::Pack;
use crate::report::rendering::{Maker, Rendering};
use crate::work::{Look, Work};

/// The running product.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub blobs: Blobs,
    pub pack: Pack,
    pub clock: Clock,
    pub chance: Chance,
    pub live: Live,
    pub throttle: Throttle,
    pub settings: Settings,
    pub rendering: Rendering,
    /// Pictures are looked at one at a time, each in a process of its own.
    pub drawing: Arc<Semaphore>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What the operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest evidence file taken in, in bytes.
    pub upload_limit: i64,
    /// Whether pages are served over HTTPS by something in front, so that cookies say so.
    pub secure_cookies: bool,
    /// The demonstration shows its accounts on the sign-in page.
    pub demonstration: bool,
    /// Where documents are made into files.
    pub maker: Maker,
    /// After how many days a file of evidence is read again; 0 never.
    pub recheck_days: i64,
    /// The program, with its arguments, that looks at pictures in a process of its own
    /// ([`ungcuu_kit::picture::worker`]). Without one, pictures are not shown.
    pub picture_worker: Vec<String>,
    /// The program, with its arguments, that reads logs and rules in a process of its own ([`crate::sensor::probe::work`]).
    /// Without one they are read here, bounded by nothing but their readers.
    pub examiner: Vec<String>,
    /// The folder of the signing key; without one no checkpoints are made.
    pub seal: Option<PathBuf>,
    /// Who time-stamps the checkpoints.
    pub timestamps: Option<Authority>,
    /// The mail server; without one, letters wait and notices stay with the bell.
    pub mail: Option<ungcuu_kit::mail::Settings>,
    /// Where people reach this installation, for links in letters: `https://ungcuu.example.vn`. Empty: no links.
    pub public_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            upload_limit: 64 << 30,
            secure_cookies: false,
            demonstration: false,
            maker: Maker::Here,
            recheck_days: 30,
            picture_worker: Vec::new(),
            examiner: Vec::new(),
            seal: None,
            timestamps: None,
            mail: None,
            public_url: String::new(),
        }
    }
}

/// Where the records are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder that holds the SQLite database and the files.
    Folder(PathBuf),
    /// A PostgreSQL database by URL, and a folder for the files.
    Postgres { url: String, files: PathBuf },
}

#[derive(RustEmbed)]
#[folder = "../../migrations"]
struct Migrations;

/// The migrations this program was built with.
pub fn migrations() -> Vec<MigrationFile> {
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = Migrations::get(&name).expect("a listed file is there");
        MigrationFile { name: name.into_owned(), text: String::from_utf8_lossy(&file.data).into_owned() }
    };
    Migrations::iter().map(read).collect()
}

/// The database in a data folder.
const SQLITE: &str = "ungcuu.sqlite";

impl Place {
    /// Whether records were ever kept here. A database server tells only when it is opened.
    pub fn is_there(&self) -> bool {
        match self {
            Place::Folder(folder) => folder.join(SQLITE).is_file(),
            Place::Postgres { .. } => true,
        }
    }

    /// Opens the database and brings its schema up to date; opens the folder of files.
    pub async fn open(&self) -> Result<(Db, Blobs)> {
        let (db, files) = match self {
            Place::Folder(folder) => {
                tokio::fs::create_dir_all(folder)
                    .await
                    .with_context(|| format!("creating the data folder {}", folder.display()))?;
                (Db::open_sqlite(&folder.join(SQLITE)).await?, folder.join("files"))
            }
            Place::Postgres { url, files } => (Db::open_postgres(url).await?, files.clone()),
        };
        db.migrate(&migrations()).await?;
        Ok((db, Blobs::open(files).await?))
    }
}

impl App {
    pub fn new(db: Db, blobs: Blobs, pack: Pack, clock: Clock, chance: Chance, settings: Settings) -> App {
        let rendering = Rendering::new(settings.maker.clone());
        App(Arc::new(Inner {
            db,
            blobs,
            pack,
            clock,
            chance,
            live: Live::default(),
            throttle: Throttle::default(),
            settings,
            rendering,
            drawing: Arc::new(Semaphore::new(1)),
        }))
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Begins looking, as this actor.
    pub async fn look(&self, actor: Actor) -> Result<Look> {
        Ok(Look { tx: self.db.read().await?, actor, now: self.now(), app: self.clone() })
    }

    /// Begins changing, as this actor.
    pub async fn work(&self, actor: Actor) -> Result<Work> {
        Ok(Work::new(self.db.write().await?, actor, self.now(), self.clone()))
    }
}
