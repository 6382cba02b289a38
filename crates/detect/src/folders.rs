//! Walks folders in the order of names, without going in circles.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// What a walk meets.
pub(crate) struct Met<'p> {
    pub path: &'p Path,
    /// Of the link itself where one stands in a folder; of what it leads to where one was named: that is meant.
    pub kind: FileType,
    /// Named by whoever asked, not found in a folder.
    pub named: bool,
}

/// Whoever is told on the way.
pub(crate) trait Visit {
    /// Why the walk ends early.
    type Ended;

    /// Something is there. For a folder the answer says whether it is gone into; of others it means nothing.
    fn meet(&mut self, met: Met) -> Result<bool, Self::Ended>;

    /// A folder, or what was named, cannot be read.
    fn fault(&mut self, path: &Path, reason: String);
}

/// Walks a path and, where it is a folder, what is below it. `deepest`: how many levels are gone down.
///
/// # Errors
/// Those of the visitor.
pub(crate) fn walk<V: Visit>(path: &Path, deepest: usize, visitor: &mut V) -> Result<(), V::Ended> {
    match fs::metadata(path) {
        Ok(about) => step(path, about.file_type(), true, deepest, deepest, visitor),
        Err(error) => {
            visitor.fault(path, error.to_string());
            Ok(())
        }
    }
}

fn step<V: Visit>(
    path: &Path,
    kind: FileType,
    named: bool,
    levels: usize,
    deepest: usize,
    visitor: &mut V,
) -> Result<(), V::Ended> {
    if !visitor.meet(Met { path, kind, named })? || !kind.is_dir() {
        return Ok(());
    }
    if levels == 0 {
        visitor.fault(path, format!("folders nest deeper than {deepest} levels"));
        return Ok(());
    }
    match list(path) {
        Ok(list) => list.iter().try_for_each(|(path, kind)| step(path, *kind, false, levels - 1, deepest, visitor)),
        Err(error) => {
            visitor.fault(path, error.to_string());
            Ok(())
        }
    }
}

fn list(folder: &Path) -> io::Result<Vec<(PathBuf, FileType)>> {
    let entry = |entry: io::Result<fs::DirEntry>| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)));
    let mut list = fs::read_dir(folder)?.map(entry).collect::<io::Result<Vec<_>>>()?;
    list.sort_unstable_by(|one, two| one.0.cmp(&two.0));
    Ok(list)
}

/// A path without links and detours, also of what is not there yet.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path,
    }
}

/// Whether a path is one of some that are resolved. Their names are compared first: asking the system costs more.
pub(crate) fn is_one_of(resolved: &[PathBuf], path: &Path) -> bool {
    resolved.iter().any(|other| other.file_name() == path.file_name()) && resolved.contains(&self::resolved(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told {
        met: Vec<String>,
        faults: Vec<String>,
    }

    impl Visit for Told {
        type Ended = ();

        fn meet(&mut self, met: Met) -> Result<bool, ()> {
            let name = met.path.file_name().unwrap().to_string_lossy().into_owned();
            let wanted = name != "left";
            self.met.push(name);
            Ok(wanted)
        }

        fn fault(&mut self, path: &Path, reason: String) {
            self.faults.push(format!("{}: {reason}", path.file_name().unwrap().display()));
        }
    }

    #[test]
    fn folders_are_walked_in_order_as_deep_as_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("top");
        fs::create_dir_all(top.join("b/c/d")).unwrap();
        fs::create_dir(top.join("left")).unwrap();
        for name in ["z", "a", "b/1", "b/c/2", "left/3"] {
            fs::write(top.join(name), "").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(&top, top.join("b/again")).unwrap();
        let mut told = Told::default();
        assert!(walk(&top, 2, &mut told).is_ok());
        told.met.retain(|name| name != "again");
        assert_eq!(told.met, ["top", "a", "b", "1", "c", "left", "z"]);
        assert_eq!(told.faults, ["c: folders nest deeper than 2 levels"]);
        let mut told = Told::default();
        assert!(walk(&top.join("nowhere"), 2, &mut told).is_ok());
        assert_eq!((told.met.len(), told.faults.len()), (0, 1));
    }
}
