//! The vault on the command line: what is in it, back out of it, away for good.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use ungcuu_detect::hunt::output::{moment, string};
use ungcuu_detect::sweep::hex_text;
use ungcuu_detect::sweep::vault::{Fault, Finished, Item, Vault};
use ungcuu_kit::text;

use crate::tell::{Say, shown};

/// Opens the vault and tells what an earlier run had left in between.
pub fn open(folder: &Path, say: Say) -> Result<Vault> {
    let (vault, finished) = Vault::open(folder).map_err(|fault| say_fault(&fault))?;
    for one in finished {
        let path = |path: &Path| shown(&path.to_string_lossy());
        say.text(&match &one {
            Finished::Dropped(id) => text!(
                "Lần trước dừng giữa chừng: bản chép dở {id} đã bỏ, tệp vẫn ở chỗ cũ.",
                "An earlier run stopped midway: the unfinished copy {id} was dropped, the file is where it was."
            ),
            Finished::Taken(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: {at} còn ở cả hai nơi, nay chỉ còn trong kho.",
                    "An earlier run stopped midway: {at} was in both places and is in the vault only now."
                )
            }
            Finished::WasTaken(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: {at} đã vào kho trọn vẹn.",
                    "An earlier run stopped midway: {at} had gone into the vault whole."
                )
            }
            Finished::Replaced(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: tệp cũ đã vào kho, {at} nay là tệp khác và được để yên.",
                    "An earlier run stopped midway: the file is in the vault; {at} is another one now and was left alone."
                )
            }
            Finished::Restored(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: {at} đã về chỗ, bản trong kho đã bỏ.",
                    "An earlier run stopped midway: {at} had come back; the copy in the vault was removed."
                )
            }
            Finished::NotRestored(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: {at} chưa về được, tệp vẫn ở trong kho.",
                    "An earlier run stopped midway: {at} had not come back; the file is in the vault."
                )
            }
            Finished::Deleted(at) => {
                let at = path(at);
                text!(
                    "Lần trước dừng giữa chừng: tệp lấy từ {at} nay đã xoá hẳn.",
                    "An earlier run stopped midway: the file taken from {at} is deleted now."
                )
            }
            Finished::Lost(at) => {
                let at = path(at);
                text!(
                    "KHO THIẾU: có mục ghi về {at} nhưng bản chép không còn.",
                    "THE VAULT LACKS A COPY: there is an entry for {at}, its copy is gone."
                )
            }
        });
    }
    Ok(vault)
}

/// A fault as both languages have it.
fn say_fault(fault: &Fault) -> anyhow::Error {
    let what = shown(&fault.to_string());
    anyhow::anyhow!(match fault {
        Fault::Io(..) => what,
        Fault::Unknown(_) => format!("kho không có mục này ({what})"),
        Fault::Busy(_) => format!("kho đang được chương trình khác dùng ({what})"),
        Fault::Altered(_) => format!("kho đã bị sửa, hoặc khoá không đúng ({what})"),
        Fault::Moved(_) => format!("tệp đã thay đổi sau khi quét ({what})"),
        Fault::Taken(_) => format!("chỗ đó đã có tệp khác, hãy dùng --to ({what})"),
    })
}

/// The list on standard output.
pub fn list(vault: &Vault, json: bool, say: Say) -> Result<ExitCode> {
    let items = vault.list().map_err(|fault| say_fault(&fault))?;
    if items.is_empty() {
        say.text(&text!("Kho cách ly trống.", "The vault is empty."));
    }
    let mut out = Vec::new();
    for item in &items {
        line(&mut out, item, json)?;
    }
    io::stdout().write_all(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn line(out: &mut Vec<u8>, item: &Item, json: bool) -> io::Result<()> {
    let origin = item.origin().to_string_lossy().into_owned();
    if !json {
        write!(out, "{}  ", item.id)?;
        moment(out, item.taken);
        return writeln!(out, "  {}  {}  {}", item.stat.size, shown(&item.causes.join(",")), shown(&origin));
    }
    out.extend_from_slice(b"{\"id\":");
    string(out, &item.id);
    out.extend_from_slice(b",\"origin\":");
    string(out, &origin);
    write!(
        out,
        ",\"size\":{},\"sha256\":\"{}\",\"mode\":\"{:04o}\"",
        item.stat.size,
        hex_text(&item.sha256),
        item.stat.mode
    )?;
    write!(out, ",\"user\":{},\"group\":{},\"modified\":\"", item.stat.user, item.stat.group)?;
    moment(out, item.stat.modified / 1_000);
    out.extend_from_slice(b"\",\"taken\":\"");
    moment(out, item.taken);
    out.extend_from_slice(b"\",\"rules\":[");
    for (at, cause) in item.causes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        string(out, cause);
    }
    out.extend_from_slice(b"]}\n");
    Ok(())
}

/// Back to its place, or to another.
pub fn restore(vault: &mut Vault, id: &str, to: Option<&Path>, say: Say) -> Result<ExitCode> {
    let path = vault.restore(id, to).map_err(|fault| say_fault(&fault))?;
    let path = shown(&path.to_string_lossy());
    say.text(&text!("Đã đưa về {path}.", "Put back to {path}."));
    Ok(ExitCode::SUCCESS)
}

/// Away for good.
pub fn delete(vault: &mut Vault, id: &str, say: Say) -> Result<ExitCode> {
    let item = vault.delete(id).map_err(|fault| say_fault(&fault))?;
    let path = shown(&item.origin().to_string_lossy());
    say.text(&text!("Đã xoá hẳn tệp lấy từ {path}.", "Deleted for good: the file taken from {path}."));
    Ok(ExitCode::SUCCESS)
}
