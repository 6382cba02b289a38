//! What is due in a campaign: its own end, and what is to do after a machine was swept.

use futures::future::BoxFuture;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::{Text, brief};

use super::{CampaignId, store};
use crate::actor::Scope;
use crate::deadline::{Asked, Claim, ClockSource, Done};

const KINDS: &[(&str, Text)] = &[
    ("campaign", Text::new("Đợt rà quét", "Campaign of sweeping")),
    ("follow_up", Text::new("Việc sau rà quét", "To do after a sweep")),
];

/// What this part claims to be due.
pub fn source() -> ClockSource {
    ClockSource { stream: "campaign:", kinds: KINDS, claims }
}

fn claims<'a>(tx: &'a mut Tx, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Vec<Claim>>> {
    Box::pin(async move {
        let id = CampaignId(asked.stream.trim_start_matches("campaign:").to_owned());
        let everywhere = Scope { everywhere: true, ..Scope::default() };
        let Some(campaign) = store::find(tx, &everywhere, &id).await? else { return Ok(Vec::new()) };
        let machines = store::list_follow_ups(tx, &id).await?;
        let subject = format!("{} {}", campaign.code, campaign.title);
        let code = &campaign.code;
        let own = Claim {
            source: "campaign",
            key: campaign.id.to_string(),
            title: Some(text!("Rà xong các máy của {code}", "Finish sweeping the machines of {code}")),
            subject: subject.clone(),
            url: campaign.href(),
            unit_id: Some(campaign.unit_id.clone()),
            starts_at: campaign.planned_from,
            due_at: Some(campaign.planned_to),
            done: campaign.closed_at.map_or(Done::NotYet, Done::At),
            ..Claim::default()
        };
        let follow_ups = machines.into_iter().map(|machine| {
            let (name, what) = (&machine.name, brief(&machine.follow_up, 120));
            Claim {
                source: "follow_up",
                key: machine.id.to_string(),
                title: Some(Text::same(format!("{name}: {what}"))),
                subject: subject.clone(),
                url: machine.href(),
                unit_id: machine.unit_id.clone().or_else(|| Some(campaign.unit_id.clone())),
                person_id: machine.owner_id.clone(),
                starts_at: machine.checked_at.unwrap_or(campaign.opened_at),
                due_at: machine.due_at,
                done: machine.done_at.map_or(Done::NotYet, Done::At),
                ..Claim::default()
            }
        });
        Ok(std::iter::once(own).chain(follow_ups).collect())
    })
}
