//! What is done to sets of rules: the built-in ones are noted, others are imported, a version is chosen, a rule is silenced.

use sha2::{Digest, Sha256};
use ungcuu_detect::{sigma, sweep};
use ungcuu_kit::blobs::Stored;
use ungcuu_kit::error::{Conflict, Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, fold};

use super::store::{self, State};
use super::{RuleKind, RuleSet, RuleSetId, RuleStateId, RuleVersion, RuleVersionId, SetRule, SetRuleId};
use crate::actor::Actor;
use crate::app::App;
use crate::evidence::StoredFile;
use crate::journal;
use crate::permission::Permission::SensorWrite;
use crate::sensor::STREAM;
use crate::sensor::ask::{Heard, Talk};
use crate::sensor::probe::{self, ReadSet, RefusedLine, Said, Task};
use crate::work::Work;

/// How many versions one set may have.
const VERSIONS: i64 = 10_000;

/// The set of a kind that is built in, as this program has it; noted as a new version when an earlier program had another.
pub async fn built_in(work: &mut Work, kind: RuleKind) -> Result<RuleSet> {
    let hash = built_in_hash(kind);
    let known = store::find_built_in(&mut work.tx, kind).await?;
    if let Some(known) = known.as_ref().filter(|known| known.hash == hash) {
        return Ok(known.clone());
    }
    let id = match &known {
        Some(known) => known.id.clone(),
        None => RuleSetId::new(&work.app.chance, work.now),
    };
    let name = kind.built_in_name().vi.into_owned();
    add_version(work, known, &id, (&name, true), (None, "", &hash), probe::built_in(kind)).await?;
    store::find_set(&mut work.tx, &id).await?.ok_or(Error::NotFound)
}

/// Notes the built-in sets when the product starts.
pub async fn settle_built_in(app: &App) -> Result<()> {
    for kind in RuleKind::ALL {
        let mut tx = app.db.read().await?;
        let known = store::find_built_in(&mut tx, *kind).await?;
        drop(tx);
        if known.is_some_and(|known| known.hash == built_in_hash(*kind)) {
            continue;
        }
        let mut work = app.work(Actor::system()).await?;
        built_in(&mut work, *kind).await?;
        work.commit().await?;
    }
    Ok(())
}

fn built_in_hash(kind: RuleKind) -> String {
    let files: &[(&str, &str)] = match kind {
        RuleKind::Sigma => &sigma::own::FILES,
        RuleKind::Yara => &sweep::own::FILES,
    };
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hex::encode(hash.finalize())
}

/// Reads an archive of rules in a process of its own. No transaction is open meanwhile.
pub async fn read(app: &App, stored: &Stored) -> Result<ReadSet> {
    let task = Task::Read { archive: app.blobs.path(&stored.sha256) };
    let mut talk = Talk::begin(app, &task).await?;
    let (mut rules, mut refused) = (Vec::new(), Vec::new());
    let counts = loop {
        match talk.hear().await {
            Some(Heard::Said(Said::Rule(rule))) => rules.push(*rule),
            Some(Heard::Said(Said::Refused(refusal))) => refused.push(refusal),
            Some(Heard::Said(Said::Read(counts))) => break counts,
            Some(_) => {}
            None => {
                return Err(Error::field(
                    "files",
                    Text::new(
                        "Tệp này không đọc được như một bộ quy tắc. Hãy nén thư mục quy tắc thành .zip (giải nén nhiều nhất 64 MB) rồi gửi lại.",
                        "This file cannot be read as a set of rules. Pack the folder of rules as .zip (64 MB unpacked at most) and send it again.",
                    ),
                ));
            }
        }
    };
    if counts.rules + counts.correlations == 0 {
        let why = refused.first().map(|first: &RefusedLine| format!("{}:{}: {}", first.path, first.line, first.reason));
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        return Err(Error::field(
            "files",
            text!("Trong tệp không có quy tắc nào dùng được{why}.", "There is no usable rule in it{why}."),
        ));
    }
    Ok(ReadSet { rules, refused, counts })
}

/// Keeps what was read as a new set, or as a new version of the set with this name, which is used from now on.
pub async fn import(work: &mut Work, name: &str, file_name: &str, stored: &Stored, read: ReadSet) -> Result<RuleSetId> {
    work.actor.must(SensorWrite)?;
    let known = store::find_named(&mut work.tx, name).await?;
    let folded = fold(name);
    if RuleKind::ALL.iter().any(|kind| folded == fold(&kind.built_in_name().vi)) {
        return Err(Error::field(
            "name",
            Text::new("Tên này là của bộ quy tắc có sẵn.", "This is the name of the built-in rules."),
        ));
    }
    if let Some(known) = known.as_ref().filter(|known| known.kind != read.counts.kind) {
        let Text { vi, en } = known.kind.label();
        return Err(Error::field(
            "name",
            text!("Bộ có tên này là về {vi}; tệp thì không.", "The set with this name is about {en}; the file is not."),
        ));
    }
    if known.as_ref().is_some_and(|known| known.hash == stored.sha256) {
        return Err(Error::not_now(
            "Bản này đang được dùng rồi; không có gì thay đổi.",
            "This very version is in use already; nothing was changed.",
        ));
    }
    let file = StoredFile {
        sha256: stored.sha256.clone(),
        md5: Some(stored.md5.clone()),
        size: stored.size,
        media_type: "application/zip".to_owned(),
    };
    crate::evidence::note_files(work, std::slice::from_ref(&file)).await?;
    let id = match &known {
        Some(known) => known.id.clone(),
        None => RuleSetId::new(&work.app.chance, work.now),
    };
    add_version(work, known, &id, (name, false), (Some(&stored.sha256), file_name, &stored.sha256), read).await?;
    Ok(id)
}

async fn add_version(
    work: &mut Work,
    known: Option<RuleSet>,
    set: &RuleSetId,
    (name, built_in): (&str, bool),
    (file, file_name, hash): (Option<&str>, &str, &str),
    read: ReadSet,
) -> Result<()> {
    let app = work.app.clone();
    let last = store::list_versions(&mut work.tx, set, 1).await?.first().map_or(0, |version| version.number);
    let number = last + 1;
    if number > VERSIONS {
        return Err(Error::not_now("Bộ quy tắc này có quá nhiều phiên bản.", "This set has too many versions."));
    }
    match &known {
        None => store::insert_set(&mut work.tx, set, name, (read.counts.kind, built_in), work.now).await?,
        Some(known) => {
            if !store::save_active(&mut work.tx, set, number, known.version).await? {
                return Err(Error::Conflict(Box::default()));
            }
        }
    }
    let version = RuleVersion {
        id: RuleVersionId::new(&app.chance, work.now),
        number,
        file_name: file_name.to_owned(),
        hash: hash.to_owned(),
        rules: read.counts.rules,
        correlations: read.counts.correlations,
        refused: read.counts.refused,
        unrouted: read.counts.unrouted,
        imported_at: work.now,
        imported_by: work.actor.name.clone(),
    };
    store::insert_version(&mut work.tx, set, file, &version).await?;
    store::insert_rules(&mut work.tx, &app, work.now, (set, &version.id), &read.rules).await?;
    store::insert_refusals(&mut work.tx, &app, work.now, &version.id, &read.refused).await?;
    let mut rows = vec![("rule_sets", set.as_str()), ("rule_set_versions", version.id.as_str())];
    rows.extend(file.map(|file| ("files", file)));
    let rules = read.counts.rules + read.counts.correlations;
    let what = text!(
        "Nhập bộ quy tắc {name}, phiên bản {number}: {rules} quy tắc",
        "Imported the rule set {name}, version {number}: {rules} rules"
    );
    work.record(STREAM, "rules.imported", what, &rows);
    Ok(())
}

/// Uses another version of a set from now on.
pub async fn choose(work: &mut Work, id: &RuleSetId, number: i64, version: i64) -> Result<()> {
    work.actor.must(SensorWrite)?;
    let set = store::find_set(&mut work.tx, id).await?.ok_or(Error::NotFound)?;
    if set.built_in {
        return Err(Error::not_now(
            "Bộ quy tắc có sẵn luôn theo phiên bản phần mềm.",
            "The built-in rules always go with the program.",
        ));
    }
    if !store::has_version(&mut work.tx, id, number).await? {
        return Err(Error::field("number", ungcuu_kit::form::unknown()));
    }
    if !store::save_active(&mut work.tx, id, number, version).await? {
        return Err(conflict(work, id.as_str()).await?);
    }
    let name = &set.name;
    let what =
        text!("Dùng phiên bản {number} của bộ quy tắc {name}", "Version {number} of the rule set {name} is used");
    work.record(STREAM, "rules.chosen", what, &[("rule_sets", id.as_str())]);
    Ok(())
}

/// Silences a rule with a reason, or uses it again (with why).
pub async fn decide(
    work: &mut Work,
    set: &RuleSetId,
    rule: &SetRuleId,
    silenced: bool,
    reason: &str,
    version: i64,
) -> Result<SetRule> {
    work.actor.must(SensorWrite)?;
    let rule = store::find_rule(&mut work.tx, set, rule).await?.ok_or(Error::NotFound)?;
    if rule.silenced == silenced {
        return Err(Error::not_now("Quy tắc đang ở trạng thái này rồi.", "The rule is in this state already."));
    }
    let by = work.actor.name.clone();
    let known = store::find_state(&mut work.tx, set, &rule.rule_id).await?;
    let (id, stored) = match known {
        Some((id, stored)) => (id, stored),
        None => (RuleStateId::new(&work.app.chance, work.now), 0),
    };
    let state = State { id: &id, silenced, reason, by: &by, at: work.now };
    match stored {
        0 => store::insert_state(&mut work.tx, set, &rule.rule_id, &state).await?,
        _ if version == stored && store::save_state(&mut work.tx, stored, &state).await? => {}
        _ => return Err(conflict(work, id.as_str()).await?),
    }
    let title = &rule.title;
    let what = match silenced {
        true => text!("Tắt quy tắc “{title}”: {reason}", "Silenced the rule “{title}”: {reason}"),
        false => text!("Dùng lại quy tắc “{title}”: {reason}", "The rule “{title}” is used again: {reason}"),
    };
    work.record(STREAM, "rule.decided", what, &[("rule_states", id.as_str())]);
    Ok(rule)
}

async fn conflict(work: &mut Work, row: &str) -> Result<Error> {
    let (who, when) = journal::last_writer(&mut work.tx, STREAM, row).await?.unwrap_or_default();
    Ok(Error::Conflict(Box::new(Conflict { who, when, theirs: Vec::new() })))
}
