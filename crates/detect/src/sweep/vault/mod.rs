//! A vault for files that were found to be malicious: encrypted, so that nothing runs or finds them there, with all that it takes to put
//! them back.
//!
//! No crash loses a file, and none leaves one in both places unnoticed. A file is taken in these steps, each on disk before the next: an
//! encrypted copy, read back and compared; its entry, *taking*; the file removed from its place; the entry, *kept*. Opening the
//! vault finds whatever was left in between, finishes it and tells.

mod coffer;
mod entry;
mod recover;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

pub use entry::{Item, State};
pub use recover::Finished;

use super::stat::{Nature, Stat, bytes_path, open as open_file, path_bytes};
use super::{hex_bytes, hex_text, sync_folder};
use coffer::{Closing, Key, Opening};

/// How many items a vault lists.
pub const MOST_ITEMS: usize = 1_000_000;

/// Why something could not be done.
#[derive(Debug)]
pub enum Fault {
    /// The system said no.
    Io(PathBuf, io::Error),
    /// The vault has no item of this name.
    Unknown(String),
    /// Another program uses the vault.
    Busy(PathBuf),
    /// What is in the vault is not what was put there, or the key is another.
    Altered(PathBuf),
    /// The file is not the one that was searched.
    Moved(PathBuf),
    /// Something stands where the file is to be put.
    Taken(PathBuf),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(path, error) => write!(out, "{}: {error}", path.display()),
            Fault::Unknown(name) => write!(out, "{name}: there is no such item"),
            Fault::Busy(path) => write!(out, "{} is in use by another program", path.display()),
            Fault::Altered(path) => write!(out, "{} was altered, or the key is another", path.display()),
            Fault::Moved(path) => write!(out, "{} changed since it was searched", path.display()),
            Fault::Taken(path) => write!(out, "{} exists already", path.display()),
        }
    }
}

impl std::error::Error for Fault {}

/// A vault that is open; nobody else uses it meanwhile.
pub struct Vault {
    folder: PathBuf,
    key: Key,
    /// Held until the vault is dropped.
    _lock: File,
    /// Tests end it here: so many steps are done, then it is as if the machine had stopped.
    steps: Option<u32>,
}

impl Vault {
    /// Opens a vault, and makes it on first use: the folder and its key for their owner only. What an earlier crash left in between is finished
    /// and told.
    ///
    /// # Errors
    /// When the system says no, another program has it open, or an entry cannot be read.
    pub fn open(folder: &Path) -> Result<(Vault, Vec<Finished>), Fault> {
        Vault::open_until(folder, None)
    }

    fn open_until(folder: &Path, steps: Option<u32>) -> Result<(Vault, Vec<Finished>), Fault> {
        let fault = |error| Fault::Io(folder.to_owned(), error);
        for one in [folder.to_owned(), folder.join("items"), folder.join("entries")] {
            make_folder(&one).map_err(fault)?;
        }
        let lock = private(&folder.join("lock"), true).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(Fault::Busy(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => return Err(fault(error)),
        }
        let key = read_key(&folder.join("key"))?;
        let mut vault = Vault { folder: folder.to_owned(), key, _lock: lock, steps };
        let finished = vault.recover()?;
        Ok((vault, finished))
    }

    /// A step is about to be done.
    fn step(&mut self) -> Result<(), Fault> {
        match &mut self.steps {
            Some(0) => Err(Fault::Io(self.folder.clone(), io::Error::other("stopped by a test"))),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn copy_path(&self, id: &str) -> PathBuf {
        self.folder.join("items").join(format!("{id}.bin"))
    }

    fn entry_path(&self, id: &str) -> PathBuf {
        self.folder.join("entries").join(id)
    }

    /// Takes a file: the one with this inode, and only if its bytes are those that were searched.
    ///
    /// # Errors
    /// When it cannot be taken; it is then still in its place.
    pub fn take(
        &mut self,
        path: &Path,
        stat: &Stat,
        sha256: [u8; 32],
        causes: &[String],
        now: i64,
    ) -> Result<Item, Fault> {
        let path = std::path::absolute(path).map_err(|error| Fault::Io(path.to_owned(), error))?;
        let fault = |error| Fault::Io(path.clone(), error);
        let mut file = open_file(&path, false).map_err(fault)?;
        let found = Stat::of(&file.metadata().map_err(fault)?);
        if (found.device, found.inode, found.nature) != (stat.device, stat.inode, Nature::File) {
            return Err(Fault::Moved(path));
        }
        let mut random = [0; 8];
        SystemRandom::new().fill(&mut random).map_err(|_| fault(io::Error::other("no randomness")))?;
        let id = format!("{}-{}", hex_text(&sha256[..4]), hex_text(&random));
        let item = Item {
            id: id.clone(),
            origin: path_bytes(&path),
            stat: found,
            sha256,
            causes: causes.to_vec(),
            taken: now,
            state: State::Taking,
        };
        self.step()?;
        let copy = self.copy_path(&id);
        let part = copy.with_extension("part");
        let written = self.write_copy(&part, &item, &mut file);
        match written {
            Ok(written) if written == sha256 => {}
            Ok(_) => {
                _ = fs::remove_file(&part);
                return Err(Fault::Moved(path));
            }
            Err(error) => {
                _ = fs::remove_file(&part);
                return Err(Fault::Io(part, error));
            }
        }
        self.step()?;
        if self.read_copy(&part, &id, &mut io::sink())?.1 != sha256 {
            return Err(Fault::Altered(part));
        }
        self.step()?;
        fs::rename(&part, &copy).and_then(|()| sync_folder(&copy)).map_err(|error| Fault::Io(copy.clone(), error))?;
        self.step()?;
        self.write_entry(&item)?;
        self.step()?;
        self.remove_origin(&item)?;
        self.step()?;
        let kept = Item { state: State::Kept, ..item };
        self.write_entry(&kept)?;
        Ok(kept)
    }

    /// Copies a file into the vault's folder; gives the hash of what was copied.
    fn write_copy(&self, part: &Path, item: &Item, file: &mut File) -> io::Result<[u8; 32]> {
        let mut out = private(part, false)?;
        let mut closing = Closing::begin(&self.key, &item.id, &mut out)?;
        closing.whole(&item.encode()?)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; coffer::PIECE];
        loop {
            let read = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(&piece[..read]);
            closing.write_all(&piece[..read])?;
        }
        closing.finish()?;
        out.sync_all()?;
        Ok(hash.finalize().into())
    }

    /// Reads a copy: what it says of itself, and the hash of its bytes, which go to `out`.
    fn read_copy(&self, copy: &Path, id: &str, out: &mut dyn Write) -> Result<(Item, [u8; 32]), Fault> {
        let altered = || Fault::Altered(copy.to_owned());
        let file = File::open(copy).map_err(|error| Fault::Io(copy.to_owned(), error))?;
        let mut opening = Opening::begin(&self.key, id, file).map_err(|_| altered())?;
        let head = opening.next().map_err(|_| altered())?.ok_or_else(altered)?;
        let item = Item::decode(&head).ok_or_else(altered)?;
        let mut hash = Sha256::new();
        while let Some(piece) = opening.next().map_err(|_| altered())? {
            hash.update(&piece);
            out.write_all(&piece).map_err(|error| Fault::Io(copy.to_owned(), error))?;
        }
        Ok((item, hash.finalize().into()))
    }

    /// Removes the file that an item came from, if it is still that file.
    fn remove_origin(&self, item: &Item) -> Result<(), Fault> {
        let origin = item.origin();
        let fault = |error| Fault::Io(origin.clone(), error);
        remove_same(&origin, &item.stat).map_err(fault)?;
        sync_folder(&origin).map_err(fault)
    }

    fn write_entry(&self, item: &Item) -> Result<(), Fault> {
        let path = self.entry_path(&item.id);
        let part = path.with_extension("part");
        let name = format!("entry {}", item.id);
        let write = || {
            let mut out = private(&part, true)?;
            out.set_len(0)?;
            let mut closing = Closing::begin(&self.key, &name, &mut out)?;
            closing.whole(&item.encode()?)?;
            closing.finish()?;
            out.sync_all()?;
            fs::rename(&part, &path)?;
            sync_folder(&path)
        };
        write().map_err(|error| Fault::Io(path.clone(), error))
    }

    fn read_entry(&self, id: &str) -> Result<Item, Fault> {
        let path = self.entry_path(id);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Fault::Unknown(id.to_owned())),
            Err(error) => return Err(Fault::Io(path, error)),
        };
        let altered = || Fault::Altered(path.clone());
        let name = format!("entry {id}");
        let mut opening = Opening::begin(&self.key, &name, file).map_err(|_| altered())?;
        let head = opening.next().map_err(|_| altered())?.ok_or_else(altered)?;
        Item::decode(&head).filter(|item| item.id == id).ok_or_else(altered)
    }

    /// All items, in the order in which they were taken.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn list(&self) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        for id in self.names("entries", "")? {
            items.push(self.read_entry(&id)?);
        }
        items.sort_by(|one, two| (one.taken, &one.id).cmp(&(two.taken, &two.id)));
        Ok(items)
    }

    /// Names in one of the vault's folders with this ending, without it.
    fn names(&self, folder: &str, ending: &str) -> Result<Vec<String>, Fault> {
        let folder = self.folder.join(folder);
        let list = fs::read_dir(&folder).map_err(|error| Fault::Io(folder.clone(), error))?;
        let mut names = Vec::new();
        for entry in list.take(2 * MOST_ITEMS) {
            let entry = entry.map_err(|error| Fault::Io(folder.clone(), error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(ending).filter(|name| entry::is_id(name)) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Puts a file back where it was, or to another place, with its permissions and times, and its owner where that is allowed.
    ///
    /// # Errors
    /// When something stands there, or the copy is not what was taken; the item is then still in the vault.
    pub fn restore(&mut self, id: &str, to: Option<&Path>) -> Result<PathBuf, Fault> {
        let item = self.read_entry(id)?;
        let target = match to {
            Some(to) => std::path::absolute(to).map_err(|error| Fault::Io(to.to_owned(), error))?,
            None => item.origin(),
        };
        if target.symlink_metadata().is_ok() {
            return Err(Fault::Taken(target));
        }
        self.step()?;
        let going = Item { state: State::Restoring(path_bytes(&target)), ..item };
        self.write_entry(&going)?;
        self.step()?;
        let part = part_of(&target, id);
        let fault = |error| Fault::Io(target.clone(), error);
        let mut out = private(&part, false).map_err(fault)?;
        let copied = self
            .read_copy(&self.copy_path(id), id, &mut out)
            .and_then(|(_, hash)| if hash == going.sha256 { Ok(()) } else { Err(Fault::Altered(self.copy_path(id))) });
        if let Err(fault) = copied {
            _ = fs::remove_file(&part);
            self.write_entry(&Item { state: State::Kept, ..going })?;
            return Err(fault);
        }
        dress(&out, &going.stat);
        out.sync_all().map_err(fault)?;
        self.step()?;
        // A link fails where something stands; a rename would replace it.
        match fs::hard_link(&part, &target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Fault::Taken(target)),
            // Some file systems know no links.
            Err(_) if target.symlink_metadata().is_err() => fs::rename(&part, &target).map_err(fault)?,
            Err(error) => return Err(fault(error)),
        }
        self.step()?;
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
            _ => sync_folder(&target).map_err(fault)?,
        }
        self.step()?;
        self.forget(id)?;
        Ok(target)
    }

    /// Deletes an item for good.
    ///
    /// # Errors
    /// When the system says no.
    pub fn delete(&mut self, id: &str) -> Result<Item, Fault> {
        let item = Item { state: State::Deleting, ..self.read_entry(id)? };
        self.step()?;
        self.write_entry(&item)?;
        self.step()?;
        self.forget(id)?;
        Ok(item)
    }

    /// Removes the copy and then the entry.
    fn forget(&mut self, id: &str) -> Result<(), Fault> {
        for path in [self.copy_path(id), self.entry_path(id)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Fault::Io(path, error)),
                _ => sync_folder(&path).map_err(|error| Fault::Io(path.clone(), error))?,
            }
            self.step()?;
        }
        Ok(())
    }
}

/// Where a file is written before it stands in its place.
fn part_of(target: &Path, id: &str) -> PathBuf {
    target.with_file_name(format!(".{id}.part"))
}

/// Permissions, times and owner of a restored file; the owner only as far as the account may.
fn dress(file: &File, stat: &Stat) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        _ = std::os::unix::fs::fchown(file, Some(stat.user), Some(stat.group));
        // After the owner: changing that takes away the bits that let others run it as its owner.
        _ = file.set_permissions(fs::Permissions::from_mode(stat.mode));
    }
    if let Ok(nanos) = u64::try_from(stat.modified) {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(nanos);
        _ = file.set_modified(time);
    }
}

/// Removes a file if it is the one with this inode. The folder is opened first and asked itself, so that nobody can put another in its place
/// meanwhile.
#[cfg(unix)]
fn remove_same(path: &Path, stat: &Stat) -> io::Result<()> {
    use rustix::fs::{AtFlags, Mode, OFlags, openat, statat, unlinkat};
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = openat(rustix::fs::CWD, folder, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let about = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss)]
    if (about.st_dev as u64, about.st_ino as u64) != (stat.device, stat.inode) {
        return Err(io::Error::other("another file stands there now"));
    }
    Ok(unlinkat(&folder, name, AtFlags::empty())?)
}

#[cfg(not(unix))]
fn remove_same(path: &Path, stat: &Stat) -> io::Result<()> {
    if Stat::of(&fs::symlink_metadata(path)?).modified != stat.modified {
        return Err(io::Error::other("another file stands there now"));
    }
    fs::remove_file(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that only its owner reads; `again`: it may be there already.
fn private(path: &Path, again: bool) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if again {
        options.create(true);
    } else {
        options.create_new(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read_key(path: &Path) -> Result<Key, Fault> {
    let fault = |error| Fault::Io(path.to_owned(), error);
    match fs::read_to_string(path) {
        Ok(text) => {
            let bytes = hex_bytes(text.trim()).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            bytes.map(Key).ok_or_else(|| Fault::Altered(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            SystemRandom::new().fill(&mut key).map_err(|_| fault(io::Error::other("no randomness")))?;
            let part = path.with_extension("part");
            let mut out = private(&part, true).map_err(fault)?;
            let text = format!("{}\n", hex_text(&key));
            out.set_len(0)
                .and_then(|()| out.write_all(text.as_bytes()))
                .and_then(|()| out.sync_all())
                .map_err(fault)?;
            fs::rename(&part, path).and_then(|()| sync_folder(path)).map_err(fault)?;
            Ok(Key(key))
        }
        Err(error) => Err(fault(error)),
    }
}

#[cfg(test)]
mod tests;
