//! What the records say about an incident without anyone writing it: how long what took, how often, how many.

use serde::Serialize;
use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use super::count_evidence;
use crate::incident::model::Incident;
use crate::incident::work::measures::{MeasureKind, spans};

/// Moments and numbers of an incident.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    pub happened_at: Option<Time>,
    pub detected_at: Time,
    pub opened_at: Time,
    /// When the first containment measure was done.
    pub contained_at: Option<Time>,
    /// When the last recovery measure was done.
    pub recovered_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub rounds: i64,
    /// Measures done, by kind.
    pub measures: Vec<(MeasureKind, i64)>,
    pub evidence: i64,
}

/// Reads the facts of an incident.
pub async fn facts(tx: &mut Tx, incident: &Incident) -> Result<Facts> {
    let spans = spans(tx, incident).await?;
    let span = |kind| spans.iter().find(|span| span.0 == kind);
    Ok(Facts {
        happened_at: incident.happened_at,
        detected_at: incident.detected_at,
        opened_at: incident.opened_at,
        contained_at: span(MeasureKind::Containment).and_then(|span| span.2),
        recovered_at: span(MeasureKind::Recovery).and_then(|span| span.3),
        closed_at: incident.closed_at,
        rounds: incident.round,
        measures: spans.iter().map(|span| (span.0, span.1)).collect(),
        evidence: count_evidence(tx, incident).await?,
    })
}

impl Facts {
    /// The facts as label and value, in the order of events.
    pub fn lines(&self) -> Vec<(Text, Text)> {
        let moment = |at: Time| Text::same(at.to_minute());
        let since = |at: Time| {
            let (when, Text { vi, en }) = (at.to_minute(), at.span(self.detected_at));
            text!("{when} (sau {vi})", "{when} ({en} after)")
        };
        let mut lines = Vec::new();
        if let Some(at) = self.happened_at {
            lines.push((Text::new("Xảy ra", "Happened"), moment(at)));
        }
        lines.push((Text::new("Phát hiện", "Detected"), moment(self.detected_at)));
        lines.push((Text::new("Mở sự cố", "Opened"), since(self.opened_at)));
        let later = [
            (Text::new("Ngăn chặn được", "Contained"), self.contained_at),
            (Text::new("Khôi phục xong", "Recovered"), self.recovered_at),
            (Text::new("Kết thúc", "Closed"), self.closed_at),
        ];
        for (label, at) in later {
            lines.push((label, at.map_or(Text::new("chưa", "not yet"), since)));
        }
        lines.push((Text::new("Số vòng xử lý", "Rounds"), Text::same(self.rounds.to_string())));
        for (kind, count) in &self.measures {
            lines.push((kind.label(), Text::same(count.to_string())));
        }
        lines.push((Text::new("Chứng cứ đã lưu", "Evidence kept"), Text::same(self.evidence.to_string())));
        lines
    }
}
