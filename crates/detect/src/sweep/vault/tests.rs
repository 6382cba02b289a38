//! The vault, also when the machine stops after any of its steps.

use super::*;

const BYTES: &[u8] = b"<?php system($_GET['c']); // ung cuu";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.folder.path().join("www")).unwrap();
        fs::write(place.origin(), BYTES).unwrap();
        place
    }

    fn origin(&self) -> PathBuf {
        self.folder.path().join("www/shell.php")
    }

    fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn open(&self) -> (Vault, Vec<Finished>) {
        Vault::open(&self.vault()).unwrap()
    }

    fn take(&self, vault: &mut Vault) -> Result<Item, Fault> {
        let stat = Stat::of(&fs::symlink_metadata(self.origin()).unwrap());
        vault.take(&self.origin(), &stat, Sha256::digest(BYTES).into(), &["web_shell".into()], 42)
    }

    /// Exactly one of the two has the file.
    fn is_in_the_vault(&self, vault: &Vault) -> bool {
        let items = vault.list().unwrap();
        let there = self.origin().exists();
        assert_eq!(there, items.is_empty(), "in both places or in none");
        if there {
            assert_eq!(fs::read(self.origin()).unwrap(), BYTES);
        } else {
            assert_eq!(items[0].state, State::Kept);
            let mut copy = Vec::new();
            vault.read_copy(&vault.copy_path(&items[0].id), &items[0].id, &mut copy).unwrap();
            assert_eq!(copy, BYTES);
        }
        let parts = |folder: PathBuf| {
            fs::read_dir(folder)
                .unwrap()
                .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "part"))
                .count()
        };
        assert_eq!(
            parts(self.vault().join("items"))
                + parts(self.vault().join("entries"))
                + parts(self.folder.path().join("www")),
            0
        );
        !there
    }
}

#[test]
fn a_file_goes_in_and_comes_back_as_it_was() {
    let place = Place::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(place.origin(), fs::Permissions::from_mode(0o640)).unwrap();
    }
    let before = Stat::of(&fs::metadata(place.origin()).unwrap());
    let (mut vault, finished) = place.open();
    assert!(finished.is_empty());
    let item = place.take(&mut vault).unwrap();
    assert!(place.is_in_the_vault(&vault));
    assert_eq!((item.origin(), item.causes.join(" ").as_str(), item.taken), (place.origin(), "web_shell", 42));
    let stored = fs::read(vault.copy_path(&item.id)).unwrap();
    assert!(memchr::memmem::find(&stored, b"system").is_none(), "nothing of it can be read there");
    assert_eq!(vault.restore(&item.id, None).unwrap(), place.origin());
    assert!(!place.is_in_the_vault(&vault));
    let after = Stat::of(&fs::metadata(place.origin()).unwrap());
    assert_eq!((after.mode, after.modified, after.user), (before.mode, before.modified, before.user));
}

#[test]
fn only_the_owner_can_read_the_vault() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new();
        let (mut vault, _) = place.open();
        let item = place.take(&mut vault).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place.vault()), 0o700);
        for path in [place.vault().join("key"), vault.copy_path(&item.id), vault.entry_path(&item.id)] {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[test]
fn a_file_that_is_another_by_now_is_left_alone() {
    let place = Place::new();
    let (mut vault, _) = place.open();
    let stat = Stat::of(&fs::symlink_metadata(place.origin()).unwrap());
    let taken = |vault: &mut Vault| vault.take(&place.origin(), &stat, Sha256::digest(BYTES).into(), &[], 1);
    fs::write(place.origin(), b"harmless").unwrap();
    assert!(matches!(taken(&mut vault), Err(Fault::Moved(_))));
    fs::rename(place.origin(), place.folder.path().join("www/other")).unwrap();
    fs::write(place.origin(), BYTES).unwrap();
    assert!(matches!(taken(&mut vault), Err(Fault::Moved(_))));
    #[cfg(unix)]
    {
        fs::remove_file(place.origin()).unwrap();
        std::os::unix::fs::symlink(place.folder.path().join("www/other"), place.origin()).unwrap();
        assert!(taken(&mut vault).is_err(), "a link is not followed");
    }
    assert!(vault.list().unwrap().is_empty());
}

#[test]
fn nothing_is_overwritten_when_a_file_comes_back() {
    let place = Place::new();
    let (mut vault, _) = place.open();
    let item = place.take(&mut vault).unwrap();
    fs::write(place.origin(), b"a new page").unwrap();
    assert!(matches!(vault.restore(&item.id, None), Err(Fault::Taken(_))));
    assert_eq!(fs::read(place.origin()).unwrap(), b"a new page");
    let elsewhere = place.folder.path().join("elsewhere");
    vault.restore(&item.id, Some(&elsewhere)).unwrap();
    assert_eq!(fs::read(elsewhere).unwrap(), BYTES);
    assert!(vault.list().unwrap().is_empty());
}

#[test]
fn an_altered_copy_does_not_come_out() {
    let place = Place::new();
    let (mut vault, _) = place.open();
    let item = place.take(&mut vault).unwrap();
    let path = vault.copy_path(&item.id);
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(vault.read_copy(&path, &item.id, &mut io::sink()).is_err(), "byte {at}");
    }
    for length in [0, 10, whole.len() - 1, whole.len() - 20] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(vault.restore(&item.id, None).is_err());
        assert!(!place.origin().exists());
        assert_eq!(vault.list().unwrap()[0].state, State::Kept);
    }
}

#[test]
fn two_programs_do_not_use_it_at_once() {
    let place = Place::new();
    let (_vault, _) = place.open();
    assert!(matches!(Vault::open(&place.vault()), Err(Fault::Busy(_))));
}

/// Runs `act` with the machine stopping after each number of steps, and once more during the recovery from that.
fn stopped_everywhere(
    prepare: impl Fn(&Place),
    act: impl Fn(&Place, &mut Vault) -> Result<(), Fault>,
    check: impl Fn(&Place, &Vault, &[Finished]),
) {
    for steps in 0.. {
        let place = Place::new();
        prepare(&place);
        let (mut vault, _) = place.open();
        vault.steps = Some(steps);
        let done = act(&place, &mut vault).is_ok();
        drop(vault);
        // Recovery may be stopped as well, after any of its steps.
        for again in 0.. {
            if Vault::open_until(&place.vault(), Some(again)).is_ok() {
                break;
            }
            assert!(again < 20);
        }
        let (vault, finished) = place.open();
        check(&place, &vault, &finished);
        if done {
            assert!(steps > 1);
            return;
        }
        assert!(steps < 30);
    }
}

#[test]
fn a_stop_while_a_file_is_taken_loses_nothing() {
    stopped_everywhere(
        |_| {},
        |place, vault| place.take(vault).map(|_| ()),
        |place, vault, _| _ = place.is_in_the_vault(vault),
    );
}

#[test]
fn a_stop_while_a_file_comes_back_loses_nothing() {
    stopped_everywhere(
        |place| _ = place.take(&mut place.open().0).unwrap(),
        |place, vault| {
            let id = vault.list()?[0].id.clone();
            vault.restore(&id, None).map(|path| assert_eq!(path, place.origin()))
        },
        |place, vault, _| _ = place.is_in_the_vault(vault),
    );
}

#[test]
fn a_deletion_once_begun_is_finished() {
    stopped_everywhere(
        |place| _ = place.take(&mut place.open().0).unwrap(),
        |_, vault| {
            let id = vault.list()?[0].id.clone();
            vault.delete(&id).map(|_| ())
        },
        |place, vault, _| {
            assert!(!place.origin().exists());
            let copies = fs::read_dir(place.vault().join("items")).unwrap().count();
            assert_eq!(copies, vault.list().unwrap().len());
        },
    );
}

#[test]
fn what_was_in_between_is_told() {
    let told = |steps: u32| {
        let place = Place::new();
        let (mut vault, _) = place.open();
        vault.steps = Some(steps);
        assert!(place.take(&mut vault).is_err());
        drop(vault);
        place.open().1
    };
    assert!(matches!(&told(1)[..], [Finished::Dropped(_)]));
    assert!(matches!(&told(3)[..], [Finished::Taken(_)]));
    assert!(matches!(&told(4)[..], [Finished::Taken(_)]));
    assert!(matches!(&told(5)[..], [Finished::WasTaken(_)]));
}

#[test]
fn another_file_at_the_old_place_is_left_alone() {
    let place = Place::new();
    let (mut vault, _) = place.open();
    vault.steps = Some(4);
    assert!(place.take(&mut vault).is_err());
    drop(vault);
    fs::write(place.origin(), b"a new page").unwrap();
    let (vault, finished) = place.open();
    assert_eq!(finished, [Finished::Replaced(place.origin())]);
    assert_eq!(fs::read(place.origin()).unwrap(), b"a new page");
    assert_eq!(vault.list().unwrap()[0].state, State::Kept);
}
