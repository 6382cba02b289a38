//! A form as it holds today: the pack's, or what an administrator made of it. Reports that were issued keep what was
//! printed; drafts follow the form.

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::{Error, Result};

use super::model::Report;
use super::store::forms as store;
use crate::pack::{Form, Pack};

/// The form with this id as people fill it in; none when neither the pack nor anybody has it.
pub async fn find(tx: &mut Tx, pack: &Pack, id: &str) -> Result<Option<Form>> {
    Ok(find_whole(tx, pack, id).await?.map(Form::shown))
}

/// The same with the fields that were hidden.
pub async fn find_whole(tx: &mut Tx, pack: &Pack, id: &str) -> Result<Option<Form>> {
    let Some(of_pack) = pack.form(id) else { return Ok(None) };
    let changed = store::find(tx, id).await?.filter(|text| !text.body.is_empty());
    // Words that a later program cannot read give way to the pack's.
    let read = changed.and_then(|text| serde_json::from_str(&text.body).ok());
    Ok(Some(read.unwrap_or_else(|| of_pack.clone())))
}

/// Every form of the pack that an administrator changed, as it holds today.
pub async fn changed(tx: &mut Tx, pack: &Pack) -> Result<Vec<Form>> {
    let bodies = store::list_bodies(tx).await?;
    let forms = bodies.iter().filter_map(|(body,)| serde_json::from_str::<Form>(body).ok());
    Ok(forms.filter(|form| pack.form(&form.id).is_some()).collect())
}

/// The form of a report.
pub async fn of(tx: &mut Tx, pack: &Pack, report: &Report) -> Result<Form> {
    find(tx, pack, &report.form).await?.ok_or_else(gone)
}

/// The sentence for a report whose form the pack has no longer.
pub fn gone() -> Error {
    Error::not_now(
        "Gói kế hoạch hiện tại không còn mẫu của báo cáo này.",
        "The present plan no longer has the form of this report.",
    )
}
