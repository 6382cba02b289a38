//! The public rules beside the repository, where they are.

use std::path::PathBuf;

use ungcuu_detect::sigma::load;

/// A folder of the data for development; none, and a word, where it is not.
pub fn shared(part: &str) -> Option<PathBuf> {
    let given = std::env::var_os("UNGCUU_SHARED_DATA").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let further = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    let found = given.into_iter().chain([beside, further]).map(|path| path.join(part)).find(|path| path.is_dir());
    if found.is_none() {
        eprintln!("skipped: the folder shared/data/{part} is not here (UNGCUU_SHARED_DATA)");
    }
    found
}

#[test]
fn every_public_rule_is_taken_but_the_two_with_placeholders() {
    let Some(path) = shared("sigma") else { return };
    let set = load(&[path]);
    assert_eq!(set.counts.files, 3_331);
    let reasons: Vec<_> = set.refused.iter().map(|r| &r.reason).collect();
    assert_eq!(set.refused.len(), 2, "{reasons:?}");
    assert!(reasons.iter().all(|reason| reason.contains("%known_cdcs%")), "{reasons:?}");
    assert_eq!(set.counts.rules, 3_329);
    // macOS (4) and one of Palo Alto: no log of theirs is read here.
    assert_eq!(set.counts.unrouted, 5);
}
