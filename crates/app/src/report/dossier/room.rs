//! What the room in which an incident is coordinated wrote down: the register of decisions with everybody's word, and the
//! situation reports as they went out.

use ungcuu_kit::error::Result;
use ungcuu_render::{Align, Column};

use super::parts::{Part, Teller};
use crate::coordination::model::{DecisionState, Word};
use crate::coordination::sieve::Sieve;
use crate::coordination::wall::Level;
use crate::incident::Incident;
use crate::report::store::room as store;
use crate::work::Look;

/// Decisions, then situation reports.
pub async fn parts(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Vec<Part>> {
    Ok(vec![decisions(look, incident, teller).await?, situations(look, incident, sieve, teller).await?])
}

async fn decisions(look: &mut Look, incident: &Incident, teller: &Teller) -> Result<Part> {
    let decisions = store::list_decisions(&mut look.tx, &incident.id).await?;
    let words = store::list_words(&mut look.tx, &incident.id).await?;
    let row = |it: &store::DecisionLine| {
        let said = words.rows.iter().filter(|word| word.decision_id == it.id).map(|word| {
            let said: Word = word.word.parse().unwrap_or(Word::Asked);
            let when = word.said_at.map(|at| format!(" ({})", at.to_minute())).unwrap_or_default();
            format!("- {}: {}{when} {}", word.name, teller.say(&said.label()), word.text).trim_end().to_owned()
        });
        let state: DecisionState = it.state.parse().unwrap_or(DecisionState::Open);
        vec![
            format!("D-{}", it.number),
            teller.lines([
                it.what.clone(),
                teller.labelled(teller.t("Lý do", "Why"), &it.why),
                teller.labelled(teller.t("Cách khác đã cân nhắc", "Also considered"), &it.considered),
                teller.when_by(Some(it.noted_at), &it.noted_by),
            ]),
            said.collect::<Vec<_>>().join("\n"),
            teller.lines([teller.say(&state.label()), teller.at(it.settled_at), it.reason.clone()]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Số", "No."), 3).aligned(Align::Center),
        Column::new(teller.t("Quyết định", "Decision"), 10),
        Column::new(teller.t("Ý kiến", "Words"), 8),
        Column::new(teller.t("Kết quả", "Outcome"), 5),
    ];
    let title = teller.title("Sổ quyết định", "Register of decisions");
    Ok(Part::table(title, columns, decisions.rows.iter().map(row).collect(), decisions.cut || words.cut, teller))
}

async fn situations(look: &mut Look, incident: &Incident, sieve: &Sieve, teller: &Teller) -> Result<Part> {
    let situations = store::list_situations(&mut look.tx, &incident.id).await?;
    let words = |it: &store::SituationLine| [it.assessment.as_str(), &it.outlook, &it.needs].join("\n");
    let sifted = sieve.sift(situations.rows, |_, it| Level::of(&it.tlp), words);
    let row = |it: &store::SituationLine| {
        vec![
            it.number.to_string(),
            teller.when_by(it.published_at, &it.published_by),
            teller.lines([
                it.assessment.clone(),
                teller.labelled(teller.t("Dự kiến tiếp theo", "What comes next"), &it.outlook),
                teller.labelled(teller.t("Đề nghị", "What is asked for"), &it.needs),
            ]),
            teller.lines([Level::of(&it.tlp).label().vi.into_owned(), it.sha256.chars().take(16).collect()]),
        ]
    };
    let columns = vec![
        Column::new(teller.t("Số", "No."), 2).aligned(Align::Center),
        Column::new(teller.t("Phát hành", "Published"), 5),
        Column::new(teller.t("Nội dung", "Words"), 12),
        Column::new(teller.t("Phạm vi chia sẻ, mã băm", "Marking, hash"), 6),
    ];
    let title = teller.title("Bản tin tình hình", "Situation reports");
    let part = Part::table(title, columns, sifted.rows.iter().map(row).collect(), situations.cut, teller);
    Ok(part.sifted(sifted.left_out, sifted.strictest))
}
