//! `ungcuu account …`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use ungcuu_app::actor::Actor;
use ungcuu_app::app::{App, Settings};
use ungcuu_app::auth::{AccountId, actions};
use ungcuu_app::install;
use ungcuu_app::work::Work;

use crate::place::PlaceArgs;

#[derive(Subcommand)]
pub enum AccountCommand {
    /// Tạo tài khoản cho một người mới của một đơn vị. Makes an account for a new person of a unit.
    Add {
        login: String,
        /// Họ tên. The person's name.
        #[arg(long)]
        name: String,
        /// Mã đơn vị trong gói. The unit's code in the pack.
        #[arg(long)]
        unit: String,
        /// Vai trò của gói (lặp lại được). A role of the pack, may be repeated.
        #[arg(long)]
        role: Vec<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Liệt kê tài khoản: tên đăng nhập, họ tên, đơn vị, vai trò, tình trạng. Lists accounts, one a line, tab-separated.
    List {
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Đặt lại mật khẩu, in ra mật khẩu một lần. Puts a one-time password in place and prints it.
    Reset {
        login: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Khoá tài khoản ngay lập tức. Keeps an account out, at once.
    Disable {
        login: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Mở lại tài khoản đã khoá. Lets a disabled account in again.
    Enable {
        login: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

impl AccountCommand {
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            AccountCommand::Add { login, name, unit, role, place } => {
                let app = place.app(None, Settings::default()).await?;
                install::begin_units(&app).await?;
                let password = install::add_account(&app, &login, &name, &unit, &role).await?;
                eprintln!("Đã tạo {login}. Mật khẩu một lần (one-time password):");
                println!("{password}");
            }
            AccountCommand::List { place } => {
                let app = place.app(None, Settings::default()).await?;
                for line in actions::list_lines(&app).await? {
                    println!("{}", line.join("\t"));
                }
            }
            AccountCommand::Reset { login, place } => {
                let app = place.app(None, Settings::default()).await?;
                let (password, hash) = actions::one_time_password().await?;
                let (mut work, id) = find(&app, &login).await?;
                actions::reset(&mut work, &id, &hash).await?;
                work.commit().await?;
                eprintln!("Đã đặt lại mật khẩu của {login}. Mật khẩu một lần (one-time password):");
                println!("{password}");
            }
            AccountCommand::Disable { login, place } => {
                let app = place.app(None, Settings::default()).await?;
                let (mut work, id) = find(&app, &login).await?;
                actions::disable(&mut work, &id).await?;
                work.commit().await?;
                eprintln!("Đã khoá (disabled) {login}.");
            }
            AccountCommand::Enable { login, place } => {
                let app = place.app(None, Settings::default()).await?;
                let (mut work, id) = find(&app, &login).await?;
                actions::enable(&mut work, &id).await?;
                work.commit().await?;
                eprintln!("Đã mở lại (enabled) {login}.");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The account with this sign-in name, and the work in which it is changed.
async fn find(app: &App, login: &str) -> Result<(Work, AccountId)> {
    let mut work = app.work(Actor::system()).await?;
    let found = actions::find_by_login(&mut work, login).await?;
    let id = found.with_context(|| format!("không có tài khoản (no account) {login}"))?;
    Ok((work, id))
}
