//! Finds what a crash left in between, and finishes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Fault, Item, State, Vault, bytes_path, open_file, part_of, sync_folder};

/// Something that an earlier run had begun, and what came of it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// A copy that was not whole was dropped; the file is where it was.
    Dropped(String),
    /// The file was in both places and is in the vault only.
    Taken(PathBuf),
    /// Its removal had happened already; only the entry did not know.
    WasTaken(PathBuf),
    /// The copy is in the vault; at its old place stands another file now, which was left alone.
    Replaced(PathBuf),
    /// The file had arrived at its place; the copy was removed.
    Restored(PathBuf),
    /// It had not arrived; it is in the vault.
    NotRestored(PathBuf),
    /// It was deleted.
    Deleted(PathBuf),
    /// The entry is there, the copy is not. Nothing can be done here.
    Lost(PathBuf),
}

/// What stands at a path.
enum There {
    Nothing,
    Same,
    Other,
}

fn look(path: &Path, item: &Item, by_inode: bool) -> io::Result<There> {
    let mut file = match open_file(path, false) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
        // A link, or a folder where there was none: not the file.
        Err(error) if path.symlink_metadata().is_ok_and(|about| !about.is_file()) => {
            _ = error;
            return Ok(There::Other);
        }
        Err(error) => return Err(error),
    };
    let about = file.metadata()?;
    let stat = super::Stat::of(&about);
    if !about.is_file() || (by_inode && (stat.device, stat.inode) != (item.stat.device, item.stat.inode)) {
        return Ok(There::Other);
    }
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = io::Read::read(&mut file, &mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
    }
    let hash: [u8; 32] = hash.finalize().into();
    Ok(if hash == item.sha256 { There::Same } else { There::Other })
}

impl Vault {
    pub(super) fn recover(&mut self) -> Result<Vec<Finished>, Fault> {
        let mut finished = Vec::new();
        for id in self.names("items", ".part")? {
            self.step()?;
            let part = self.copy_path(&id).with_extension("part");
            fs::remove_file(&part).map_err(|error| Fault::Io(part.clone(), error))?;
            finished.push(Finished::Dropped(id));
        }
        for id in self.names("entries", ".part")? {
            let part = self.entry_path(&id).with_extension("part");
            fs::remove_file(&part).map_err(|error| Fault::Io(part.clone(), error))?;
        }
        // A copy without an entry is whole and knows what it is.
        for id in self.names("items", ".bin")? {
            if self.entry_path(&id).exists() {
                continue;
            }
            let (item, hash) = self.read_copy(&self.copy_path(&id), &id, &mut io::sink())?;
            if hash != item.sha256 {
                return Err(Fault::Altered(self.copy_path(&id)));
            }
            self.step()?;
            self.write_entry(&item)?;
        }
        for id in self.names("entries", "")? {
            let item = self.read_entry(&id)?;
            if item.state != State::Kept
                && let Some(done) = self.finish(item)?
            {
                finished.push(done);
            }
        }
        Ok(finished)
    }

    fn finish(&mut self, item: Item) -> Result<Option<Finished>, Fault> {
        let origin = item.origin();
        let copy = self.copy_path(&item.id);
        Ok(Some(match item.state.clone() {
            State::Kept => return Ok(None),
            State::Deleting => {
                self.forget(&item.id)?;
                Finished::Deleted(origin)
            }
            _ if !copy.exists() && !matches!(item.state, State::Restoring(_)) => Finished::Lost(origin),
            State::Taking => {
                let there = look(&origin, &item, true).map_err(|error| Fault::Io(origin.clone(), error))?;
                if let There::Same = there {
                    // Once more: the file goes only if the copy is good.
                    if self.read_copy(&copy, &item.id, &mut io::sink())?.1 != item.sha256 {
                        return Err(Fault::Altered(copy));
                    }
                    self.step()?;
                    self.remove_origin(&item)?;
                }
                self.step()?;
                self.write_entry(&Item { state: State::Kept, ..item })?;
                match there {
                    There::Same => Finished::Taken(origin),
                    There::Nothing => Finished::WasTaken(origin),
                    There::Other => Finished::Replaced(origin),
                }
            }
            State::Restoring(target) => {
                let target = bytes_path(&target);
                let part = part_of(&target, &item.id);
                match fs::remove_file(&part) {
                    Ok(()) => sync_folder(&part).map_err(|error| Fault::Io(part.clone(), error))?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(Fault::Io(part, error)),
                }
                let there = look(&target, &item, false).map_err(|error| Fault::Io(target.clone(), error))?;
                if let There::Same = there {
                    self.step()?;
                    self.forget(&item.id)?;
                    Finished::Restored(target)
                } else if copy.exists() {
                    self.step()?;
                    self.write_entry(&Item { state: State::Kept, ..item })?;
                    Finished::NotRestored(target)
                } else {
                    // It had arrived, the copy was gone, and since then somebody removed or changed it.
                    self.forget(&item.id)?;
                    Finished::Restored(target)
                }
            }
        }))
    }
}
