//! `ungcuu pack check | show | export`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use ungcuu_app::pack::{Pack, embedded_ids, export};
use ungcuu_kit::text::Lang;

use crate::place::{load_pack, print_problems};

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
    Export { pack: String, folder: PathBuf },
    /// Liệt kê các gói có sẵn. Lists the built-in packs.
    List,
}

impl PackCommand {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            PackCommand::Check { pack } => Ok(check(&pack)),
            PackCommand::Show { pack, english } => {
                println!("{}", load_pack(&pack)?.show(if english { Lang::En } else { Lang::Vi }));
                Ok(ExitCode::SUCCESS)
            }
            PackCommand::Export { pack, folder } => {
                let written = export(&pack, &folder).with_context(|| format!("exporting {pack}"))?;
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
