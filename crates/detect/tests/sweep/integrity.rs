//! Later passes: what is unchanged is passed over, what changed is told.

use std::fs;
use std::path::Path;

use ungcuu_detect::sweep::baseline::Baseline;
use ungcuu_detect::sweep::yara::Rules;
use ungcuu_detect::sweep::{Outcome, resolved};

use super::{Asked, EVIL, Told, rules};

fn pass(rules: &Rules, base: &Baseline, folder: &Path) -> (Told, Outcome, Baseline) {
    let (told, mut outcome) = Asked { base: Some(base), ..Asked::of(rules) }.sweep(&[folder]);
    let next = outcome.next.take().expect("a baseline for the next time");
    (told, outcome, next)
}

#[test]
fn only_what_changed_is_looked_at_again_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["a", "b", "c", "d"] {
        fs::write(at(name), name).unwrap();
    }
    let rules = rules(EVIL);
    let (told, outcome, base) = pass(&rules, &Baseline::none(), folder.path());
    assert!(told.changes.is_empty());
    assert_eq!(outcome.unchanged, 0);
    let (told, outcome, base) = pass(&rules, &base, folder.path());
    assert_eq!((told.changes.len(), outcome.unchanged), (0, 4));
    fs::write(at("a"), "evil").unwrap();
    fs::remove_file(at("b")).unwrap();
    fs::write(at("e"), "new").unwrap();
    #[cfg(unix)]
    fs::set_permissions(at("c"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (told, outcome, base) = pass(&rules, &base, folder.path());
    let expected: &[&str] = if cfg!(unix) {
        &["a changed", "b removed", "c mode", "e added"]
    } else {
        &["a changed", "b removed", "e added"]
    };
    assert_eq!(told.changes, expected);
    assert_eq!(told.findings, ["evil a"]);
    assert!(outcome.unchanged < 3);
    // A file with findings is told every time, an unchanged one is not looked at.
    let (told, outcome, _) = pass(&rules, &base, folder.path());
    assert_eq!((told.changes.len(), told.findings.len()), (0, 1));
    assert_eq!(outcome.unchanged, 3);
}

#[test]
fn other_rules_look_at_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "a wicked word").unwrap();
    let before = rules(EVIL);
    let (_, _, base) = pass(&before, &Baseline::none(), folder.path());
    let after = rules(r#"rule wicked { strings: $a = "wicked" condition: $a }"#);
    let (told, outcome, _) = pass(&after, &base, folder.path());
    assert_eq!((told.findings.join(" ").as_str(), outcome.unchanged, told.changes.len()), ("wicked a", 0, 0));
}

#[cfg(unix)]
#[test]
fn a_time_that_was_set_back_does_not_hide_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "good").unwrap();
    let rules = rules(EVIL);
    let (_, _, base) = pass(&rules, &Baseline::none(), folder.path());
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::io::Write::write_all(&mut &file, b"evil").unwrap();
    file.set_modified(before).unwrap();
    let (told, _, _) = pass(&rules, &base, folder.path());
    assert_eq!((told.changes.join(" ").as_str(), told.findings.len()), ("a changed", 1));
}

#[cfg(unix)]
#[test]
fn where_a_link_points_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/bin/true", &link).unwrap();
    let rules = rules(EVIL);
    let (_, _, base) = pass(&rules, &Baseline::none(), folder.path());
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("/bin/false", &link).unwrap();
    let (told, _, base) = pass(&rules, &base, folder.path());
    assert_eq!(told.changes, ["link changed"]);
    fs::remove_file(&link).unwrap();
    fs::write(&link, "a file now").unwrap();
    let (told, _, _) = pass(&rules, &base, folder.path());
    assert_eq!(told.changes[0].split(' ').next_back(), Some("nature+mode"));
}

#[test]
fn what_is_to_be_skipped_is_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("vault")).unwrap();
    fs::write(folder.path().join("vault/a"), "evil").unwrap();
    fs::write(folder.path().join("b"), "evil").unwrap();
    let rules = rules(EVIL);
    let skip = vec![resolved(&folder.path().join("vault"))];
    let (told, _) = Asked { skip, ..Asked::of(&rules) }.sweep(&[folder.path()]);
    assert_eq!(told.findings, ["evil b"]);
}
