//! `ungcuu pack check | show | export`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use ungcuu_app::pack::{Form, Pack, embedded_ids, export};
use ungcuu_app::report::changed_forms;
use ungcuu_kit::text::Lang;

use crate::place::{PlaceArgs, load_pack, print_problems};

#[derive(Subcommand)]
pub enum PackCommand {
    /// Kiểm tra một gói: nêu tệp, dòng, lỗi và cách sửa. Checks a pack and names file, line, fault and cure.
    Check { pack: String },
    /// Tóm tắt một gói. Shows what a pack holds.
    Show {
        pack: String,
        #[arg(long)]
        english: bool,
    },
    /// Xuất gói có sẵn ra một thư mục để sửa. Writes a built-in pack to a folder.
    Export {
        pack: String,
        folder: PathBuf,
        /// Kèm các biểu mẫu đã sửa trên màn hình, lấy từ thư mục dữ liệu này. With the forms changed on the screen of this
        /// installation.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Như trên, từ PostgreSQL. The same from a PostgreSQL database.
        #[arg(long)]
        database: Option<String>,
    },
    /// Liệt kê các gói có sẵn. Lists the built-in packs.
    List,
}

impl PackCommand {
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            PackCommand::Check { pack } => Ok(check(&pack)),
            PackCommand::Show { pack, english } => {
                println!("{}", load_pack(&pack)?.show(if english { Lang::En } else { Lang::Vi }));
                Ok(ExitCode::SUCCESS)
            }
            PackCommand::Export { pack, folder, data, database } => {
                let changed = changed(&pack, data, database).await?;
                let written = export(&pack, &folder, &changed).with_context(|| format!("exporting {pack}"))?;
                if !changed.is_empty() {
                    eprintln!("Kèm {} biểu mẫu đã sửa.", changed.len());
                }
                written.iter().for_each(|file| println!("{file}"));
                Ok(ExitCode::SUCCESS)
            }
            PackCommand::List => {
                embedded_ids().iter().for_each(|id| println!("{id}"));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// The forms that were changed in an installation; none when none is named.
async fn changed(pack: &str, data: Option<PathBuf>, database: Option<String>) -> Result<Vec<Form>> {
    if data.is_none() && database.is_none() {
        return Ok(Vec::new());
    }
    let data = data.unwrap_or_else(|| PathBuf::from("data"));
    if database.is_none() && !data.is_dir() {
        bail!("there is no folder {}", data.display());
    }
    let (db, _) = PlaceArgs { data, database }.open().await?;
    let mut tx = db.read().await?;
    Ok(changed_forms(&mut tx, &load_pack(pack)?).await?)
}

fn check(pack: &str) -> ExitCode {
    match Pack::embedded(pack).unwrap_or_else(|| Pack::load_dir(&PathBuf::from(pack))) {
        Ok(sound) => {
            for warning in &sound.warnings {
                eprintln!("{}:{}: cảnh báo: {}", warning.file, warning.line, warning.what.vi);
            }
            let (steps, tasks) = (sound.procedure.steps.len(), sound.tasks.len());
            eprintln!("Gói {} dùng được: {steps} bước, {tasks} nhiệm vụ, {} cảnh báo.", sound.id, sound.warnings.len());
            ExitCode::SUCCESS
        }
        Err(problems) => {
            print_problems(&problems);
            ExitCode::FAILURE
        }
    }
}
