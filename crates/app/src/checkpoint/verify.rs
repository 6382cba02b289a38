//! Checks the checkpoints again: each signature, link and tree, the keys and who vouches for them, the time-stamps; that
//! the journal still is what they say; and that the data folder agrees.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::model::{Checkpoint, FIRST, Head, Key, Vouched, vouched};
use super::seal::{MOST, read_checkpoint};
use super::signing::Folder;
use super::timestamp::{self, Doubt};
use super::{merkle, store};
use crate::journal::{Entry, Verdict};

/// What is known outside of the database.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// The folder `seal` of the data folder.
    pub seal: Option<PathBuf>,
    /// Certificates that are trusted to issue time-stamps, as DER.
    pub trusted: Vec<Vec<u8>>,
}

/// What the checkpoints say of one stream: number of the checkpoint, sequence number, hash.
pub type Sealed = (i64, i64, String);

/// Reads what the checkpoints say of a stream.
pub async fn sealed_heads(tx: &mut Tx, stream: &str) -> Result<Vec<Sealed>> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let heads = store::list_sealed(tx, stream, after, 1000).await?;
        let Some(last) = heads.last() else { return Ok(all) };
        after = last.0;
        all.extend(heads);
    }
}

/// Compares an entry with what the checkpoints say stood at its place.
pub fn check_sealed(sealed: &[Sealed], entry: &Entry, verdict: &mut Verdict) {
    for (number, _, _) in sealed.iter().filter(|(_, seq, hash)| *seq == entry.seq && *hash != entry.hash) {
        verdict.find(
            format!("{} #{}", entry.stream, entry.seq),
            text!(
                "Mục nhật ký khác với điểm kiểm chứng số {number}: chuỗi đã bị viết lại.",
                "The entry is not the one in checkpoint {number}: the stream was written anew."
            ),
        );
    }
}

/// Checks everything that the database holds about checkpoints.
pub async fn check(tx: &mut Tx, outside: &Outside, verdict: &mut Verdict) -> Result<()> {
    let keys = store::list_keys(tx).await?;
    check_keys(&keys, verdict);
    let (mut after, mut previous) = (0, None);
    loop {
        let listed = store::list_after(tx, after, 100).await?;
        let Some(last) = listed.last() else { break };
        after = last.checkpoint.number;
        let numbers: Vec<i64> = listed.iter().map(|listed| listed.checkpoint.number).collect();
        let mut heads = store::list_heads_in(tx, &numbers).await?;
        for listed in listed {
            verdict.checkpoints += 1;
            let place = format!("checkpoints {}", listed.checkpoint.number);
            if listed.id != listed.checkpoint.id() {
                verdict.find(place.clone(), altered());
            }
            check_one(&listed.checkpoint, previous.as_ref(), &keys, &place, verdict);
            check_tree(
                &listed.checkpoint,
                &heads.remove(&listed.checkpoint.number).unwrap_or_default(),
                &place,
                verdict,
            );
            previous = Some(listed.checkpoint);
        }
    }
    check_stamps(tx, outside, verdict).await?;
    check_strays(tx, verdict).await
}

fn altered() -> Text {
    Text::new("Điểm kiểm chứng đã bị sửa.", "The checkpoint was altered.")
}

fn check_keys(keys: &[Key], verdict: &mut Verdict) {
    for (key, vouched) in keys.iter().zip(vouched(keys)) {
        let place = format!("checkpoint_keys {}", key.number);
        match vouched {
            Vouched::Yes => {}
            Vouched::Nobody => verdict.note(
                place,
                Text::new(
                    "Khoá này được lập sau khi khoá trước bị mất, không có chữ ký của khoá trước: hãy đối chiếu dấu vân với văn bản của cơ quan.",
                    "This key was made after the one before was lost and nobody signed for it: compare its fingerprint with the office's own papers.",
                ),
            ),
            Vouched::Falsely => verdict.find(
                place,
                Text::new(
                    "Khoá không được khoá trước ký nhận, hoặc đã bị sửa.",
                    "The key was not signed for by the one before, or was altered.",
                ),
            ),
        }
    }
    for key in keys.iter().rev().skip(1).filter(|key| key.valid_to.is_none()) {
        verdict.find(
            format!("checkpoint_keys {}", key.number),
            Text::new("Khoá cũ không có ngày hết hiệu lực.", "An old key without the end of its time."),
        );
    }
}

fn check_one(it: &Checkpoint, previous: Option<&Checkpoint>, keys: &[Key], place: &str, verdict: &mut Verdict) {
    let expected = previous.map_or(1, |previous| previous.number + 1);
    if it.number != expected {
        let last = it.number - 1;
        verdict.find(
            place.to_owned(),
            text!(
                "Mất điểm kiểm chứng từ số {expected} đến số {last}.",
                "Checkpoints {expected} to {last} are missing."
            ),
        );
    } else if it.previous != previous.map_or(FIRST, |previous| previous.hash.as_str()) {
        verdict.find(
            place.to_owned(),
            Text::new("Điểm kiểm chứng không nối với điểm trước.", "The checkpoint does not join the one before."),
        );
    }
    let key = keys.iter().find(|key| key.number == it.key_number);
    if !key.is_some_and(|key| key.covers(it.at) && it.is_signed_by(key)) {
        verdict.find(
            place.to_owned(),
            Text::new("Chữ ký của điểm kiểm chứng không đúng.", "The checkpoint's signature does not fit."),
        );
    }
}

fn check_tree(it: &Checkpoint, heads: &[Head], place: &str, verdict: &mut Verdict) {
    let count = i64::try_from(heads.len()).unwrap_or(i64::MAX);
    if count > MOST || count != it.streams || merkle::root(heads) != it.root {
        verdict.find(
            place.to_owned(),
            Text::new(
                "Danh sách chuỗi trong điểm kiểm chứng đã bị sửa.",
                "The list of streams in the checkpoint was altered.",
            ),
        );
    }
}

async fn check_stamps(tx: &mut Tx, outside: &Outside, verdict: &mut Verdict) -> Result<()> {
    let mut from = 1;
    loop {
        // A thousand numbers at a time, so that each has its checkpoint at hand.
        let to = from + 999;
        let checkpoints = store::list_after(tx, from - 1, 1000).await?;
        let Some(last) = checkpoints.last() else { return Ok(()) };
        let to = to.min(last.checkpoint.number);
        for stamp in store::list_stamps(tx, from, to).await? {
            let Some(of) = checkpoints.iter().find(|listed| listed.checkpoint.number == stamp.checkpoint) else {
                continue;
            };
            let token = STANDARD.decode(&stamp.token).unwrap_or_default();
            let hash = hex::decode(&of.checkpoint.hash).unwrap_or_default();
            let said = timestamp::check(&token, &hash, None, &outside.trusted);
            let fits = said.as_ref().is_ok_and(|said| {
                said.at == stamp.at && said.authority == stamp.authority && stamp.id == of.checkpoint.id()
            });
            if !fits {
                verdict.find(format!("checkpoint_timestamps {}", stamp.checkpoint), doubted(said.err()));
            }
        }
        from = to + 1;
    }
}

/// What is said of a time-stamp that is not believed.
pub fn doubted(doubt: Option<Doubt>) -> Text {
    match doubt {
        Some(Doubt::OtherHash) => {
            Text::new("Dấu thời gian không phải của điểm kiểm chứng này.", "The time-stamp is not of this checkpoint.")
        }
        Some(Doubt::Untrusted) => Text::new(
            "Dấu thời gian không phải của tổ chức được tin cậy.",
            "The time-stamp is not of a trusted authority.",
        ),
        _ => Text::new("Dấu thời gian đã bị sửa.", "The time-stamp was altered."),
    }
}

async fn check_strays(tx: &mut Tx, verdict: &mut Verdict) -> Result<()> {
    for (id,) in store::list_misnamed_heads(tx).await? {
        verdict.find(format!("checkpoint_heads {id}"), altered());
    }
    for (id,) in store::list_stray_heads(tx).await? {
        verdict.find(
            format!("checkpoint_heads {id}"),
            Text::new("Dòng này không thuộc điểm kiểm chứng nào.", "This row belongs to no checkpoint."),
        );
    }
    for (id,) in store::list_stray_stamps(tx).await? {
        verdict.find(
            format!("checkpoint_timestamps {id}"),
            Text::new("Dấu thời gian không thuộc điểm kiểm chứng nào.", "The time-stamp belongs to no checkpoint."),
        );
    }
    for (stream, number) in store::list_lost_streams(tx).await? {
        verdict.find(
            stream,
            text!(
                "Chuỗi có trong điểm kiểm chứng số {number} nhưng nhật ký không còn.",
                "The stream is in checkpoint {number}, and the journal no longer has it."
            ),
        );
    }
    Ok(())
}

/// Checks that the data folder's key and list agree with the database.
pub async fn check_folder(tx: &mut Tx, outside: &Outside, verdict: &mut Verdict) -> Result<()> {
    let Some(folder) = outside.seal.clone().map(Folder) else { return Ok(()) };
    let keys = store::list_keys(tx).await?;
    let place = folder.0.join("key").display().to_string();
    match (keys.last(), folder.public_key()) {
        (None, Ok(None)) => return Ok(()),
        (Some(key), Ok(Some(public))) if public == key.public_key => {
            if folder.is_open_to_others() {
                verdict.note(
                    place,
                    Text::new(
                        "Người khác trên máy chủ đọc được khoá ký; hãy đặt quyền 0600.",
                        "Others on the server can read the signing key; set its mode to 0600.",
                    ),
                );
            }
        }
        (Some(_), Ok(None)) => verdict.note(
            place,
            Text::new(
                "Không có khoá ký trong thư mục dữ liệu; các điểm kiểm chứng đã có vẫn soát được.",
                "The signing key is not in the data folder; the checkpoints there are were checked without it.",
            ),
        ),
        (_, Ok(Some(_))) => verdict.find(
            place,
            Text::new("Khoá ký không phải khoá đang ghi trong sổ.", "The signing key is not the one in the records."),
        ),
        (_, Err(_)) => {
            verdict.find(place, Text::new("Tệp khoá ký đã hỏng.", "The file of the signing key is broken."));
        }
    }
    check_list(tx, &folder, verdict).await
}

async fn check_list(tx: &mut Tx, folder: &Folder, verdict: &mut Verdict) -> Result<()> {
    let list = folder.list();
    let place = list.display().to_string();
    let text = match tokio::fs::read_to_string(&list).await {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            if store::find_last(tx).await?.is_some() {
                verdict
                    .find(place, Text::new("Danh sách điểm kiểm chứng đã mất.", "The list of checkpoints is missing."));
            }
            return Ok(());
        }
        Err(cause) => return Err(Error::internal(cause)),
    };
    let mut lines = text.lines();
    let mut after = 0;
    loop {
        let listed = store::list_after(tx, after, 1000).await?;
        let Some(last) = listed.last() else { break };
        after = last.checkpoint.number;
        for it in listed.iter().map(|listed| &listed.checkpoint) {
            // A crash may have come between the record and its line; the next checkpoint adds what is missing.
            let Some(line) = lines.next() else { return Ok(()) };
            if read_checkpoint(line) != Some((it.number, it.hash.as_str())) || !line.ends_with(&it.at.to_iso()) {
                let number = it.number;
                verdict.find(
                    place,
                    text!(
                        "Danh sách trong thư mục dữ liệu và điểm kiểm chứng số {number} không khớp nhau.",
                        "The list in the data folder and checkpoint {number} do not agree."
                    ),
                );
                return Ok(());
            }
        }
    }
    if let Some((number, _)) = lines.next().and_then(read_checkpoint) {
        verdict.find(
            place,
            text!(
                "Cơ sở dữ liệu đã bị đưa về trạng thái cũ: điểm kiểm chứng số {number} đã lập mà không còn.",
                "The database was put back to an earlier state: checkpoint {number} was made and is no longer there."
            ),
        );
    }
    Ok(())
}
