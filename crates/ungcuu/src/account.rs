//! `ungcuu account …`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use ungcuu_app::app::Settings;
use ungcuu_app::install;

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
        }
        Ok(ExitCode::SUCCESS)
    }
}
