//! What the file system says of a file, and opening it without being led elsewhere.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nature {
    /// A file with bytes.
    #[default]
    File,
    /// A symbolic link. Never followed.
    Link,
    /// A device, pipe or socket. Never opened.
    Special,
}

/// What the file system says. Where it does not know something, that is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// What it is.
    pub nature: Nature,
    /// The file system's number.
    pub device: u64,
    /// The file's number in its file system.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// When its bytes were last written, nanoseconds since 1970.
    pub modified: i64,
    /// When anything about it last changed, nanoseconds since 1970. Cannot be set back by whoever sets back the other one.
    pub changed: i64,
    /// Permissions, as in `chmod`.
    pub mode: u32,
    /// Its owner's number.
    pub user: u32,
    /// Its group's number.
    pub group: u32,
}

impl Stat {
    /// Of what was asked of the system.
    #[must_use]
    pub fn of(about: &Metadata) -> Stat {
        let nature = if about.is_symlink() {
            Nature::Link
        } else if about.is_file() {
            Nature::File
        } else {
            Nature::Special
        };
        system(about, Stat { nature, size: about.len(), ..Stat::default() })
    }

    /// Whether both are the same file, untouched.
    #[must_use]
    pub fn is_unchanged(&self, then: &Stat) -> bool {
        self == then
    }
}

#[cfg(unix)]
fn system(about: &Metadata, stat: Stat) -> Stat {
    use std::os::unix::fs::MetadataExt;
    let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    Stat {
        device: about.dev(),
        inode: about.ino(),
        modified: nanos(about.mtime(), about.mtime_nsec()),
        changed: nanos(about.ctime(), about.ctime_nsec()),
        mode: about.mode() & 0o7777,
        user: about.uid(),
        group: about.gid(),
        ..stat
    }
}

#[cfg(not(unix))]
fn system(about: &Metadata, stat: Stat) -> Stat {
    let since = about.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    let mode = if about.permissions().readonly() { 0o444 } else { 0o644 };
    Stat { modified, changed: modified, mode, ..stat }
}

/// Opens a file for reading: not what a link points to (unless `follow`), and without waiting where a pipe stands.
///
/// # Errors
/// Those of the system; a link is one.
#[cfg(unix)]
pub fn open(path: &Path, follow: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    if !follow {
        flags |= rustix::fs::OFlags::NOFOLLOW;
    }
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens a file for reading.
///
/// # Errors
/// Those of the system.
#[cfg(not(unix))]
pub fn open(path: &Path, _follow: bool) -> io::Result<File> {
    File::open(path)
}

/// Whether a folder's contents are made up by the system when they are read (`/proc` and its like).
#[cfg(target_os = "linux")]
#[must_use]
pub fn is_made_up(folder: &Path) -> bool {
    // proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, pstore, bpf, configfs
    const KINDS: [u64; 10] = [
        0x9FA0,
        0x6265_6572,
        0x0027_E0EB,
        0x6367_7270,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x6165_676C,
        0xCAFE_4A11,
        0x6265_6570,
    ];
    #[allow(clippy::cast_sign_loss)]
    rustix::fs::statfs(folder).is_ok_and(|about| KINDS.contains(&(about.f_type as u64 & 0xFFFF_FFFF)))
}

/// Whether a folder's contents are made up by the system when they are read.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn is_made_up(_folder: &Path) -> bool {
    false
}

/// The bytes of a path, so that it can be kept whatever they are.
#[cfg(unix)]
#[must_use]
pub fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

/// The bytes of a path.
#[cfg(not(unix))]
#[must_use]
pub fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

/// The path of kept bytes.
#[cfg(unix)]
#[must_use]
pub fn bytes_path(bytes: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::path::PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The path of kept bytes.
#[cfg(not(unix))]
#[must_use]
pub fn bytes_path(bytes: &[u8]) -> std::path::PathBuf {
    std::path::PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
