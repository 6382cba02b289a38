//! Notices within the product: the bell. Written in the unit of work that causes them; mail comes with the clocks.

use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::{args, sql};

use crate::auth::AccountId;
use crate::feature::Feature;
use crate::org::{PersonId, UnitId};
use crate::work::Work;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature::default()
}

/// Tells everyone with an account in a unit, except whoever does it.
pub async fn tell_unit(work: &mut Work, unit: &UnitId, text: &Text, url: &str) -> Result<()> {
    let accounts: Vec<(AccountId,)> = work
        .tx
        .all(
            sql!(
                "SELECT a.id FROM accounts a JOIN people p ON p.id = a.person_id
                  WHERE p.unit_id = $1 AND a.disabled = FALSE AND a.id <> $2
                  ORDER BY a.id LIMIT 500"
            ),
            args![unit, &work.actor.account_id],
        )
        .await?;
    for (account,) in accounts {
        tell(work, &account, text, url).await?;
    }
    Ok(())
}

/// Tells one person, when they have an account.
pub async fn tell_person(work: &mut Work, person: &PersonId, text: &Text, url: &str) -> Result<()> {
    let account: Option<(AccountId,)> = work
        .tx
        .one(sql!("SELECT id FROM accounts WHERE person_id = $1 AND disabled = FALSE"), args![person])
        .await?;
    match account {
        Some((account,)) => tell(work, &account, text, url).await,
        None => Ok(()),
    }
}

async fn tell(work: &mut Work, account: &AccountId, text: &Text, url: &str) -> Result<()> {
    work.tx
        .run(
            sql!(
                "INSERT INTO notices (id, account_id, at, text_vi, text_en, url, read)
                 VALUES ($1, $2, $3, $4, $5, $6, FALSE)"
            ),
            args![work.app.chance.id("not", work.now), account, work.now, text.vi.as_ref(), text.en.as_ref(), url],
        )
        .await?;
    Ok(())
}
