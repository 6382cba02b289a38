//! Where an incident stands in its procedure, as a pure value: which steps wait, are open, done or skipped, round by
//! round. One table of acts decides; pages draw their buttons from it.

use std::collections::BTreeSet;

use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

use crate::pack::{Procedure, Step};

text_enum! {
    /// What has become of a step.
    pub enum StepState {
        Waiting = "waiting": ("Chưa đến", "Not yet"),
        Open = "open": ("Đang làm", "Open"),
        Done = "done": ("Đã xong", "Done"),
        Skipped = "skipped": ("Bỏ qua", "Skipped"),
    }
}

impl StepState {
    /// Behind us, one way or the other.
    pub fn ended(self) -> bool {
        matches!(self, StepState::Done | StepState::Skipped)
    }
}

/// A step in one of its rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAt {
    pub step: String,
    /// Counted from 1 for each step by itself.
    pub round: i64,
    pub state: StepState,
}

/// Every step of an incident in every round so far, in the order they came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    pub steps: Vec<StepAt>,
}

/// What can happen to the flow. Whether the gates are met and who may do it is asked elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The step has what it needs.
    Finish(String),
    /// An optional step is not needed.
    Skip(String),
    /// A skipped step is needed after all.
    TakeUp(String),
    /// A step that repeats begins again (another report).
    Again(String),
    /// A step was finished too early; nothing behind it has ended yet.
    Reopen(String),
    /// The check after recovery failed: back to the steps the procedure names.
    Loop(String),
    /// A closed incident comes back to life.
    Revive,
}

/// Why an act cannot be taken now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAllowed(pub Text);

impl From<NotAllowed> for ungcuu_kit::Error {
    fn from(refusal: NotAllowed) -> Self {
        ungcuu_kit::Error::NotNow(refusal.0)
    }
}

impl Flow {
    /// The beginning: steps without prerequisites are open, the others wait.
    pub fn begin(procedure: &Procedure) -> Flow {
        let first = |step: &Step| StepAt { step: step.id.clone(), round: 1, state: StepState::Waiting };
        let mut flow = Flow { steps: procedure.steps.iter().map(first).collect() };
        flow.open_what_may(procedure);
        flow
    }

    /// The latest round of a step.
    pub fn now(&self, step: &str) -> Option<&StepAt> {
        self.steps.iter().filter(|at| at.step == step).max_by_key(|at| at.round)
    }

    pub fn state(&self, step: &str) -> StepState {
        self.now(step).map_or(StepState::Waiting, |at| at.state)
    }

    /// Every step is behind us.
    pub fn complete(&self, procedure: &Procedure) -> bool {
        procedure.steps.iter().all(|step| self.state(&step.id).ended())
    }

    /// The steps being worked on, in the order of the procedure.
    pub fn open<'a>(&self, procedure: &'a Procedure) -> Vec<&'a Step> {
        procedure.steps.iter().filter(|step| self.state(&step.id) == StepState::Open).collect()
    }

    /// Where an act leads from here, or why it cannot be taken.
    pub fn after(&self, procedure: &Procedure, act: &Act) -> Result<Flow, NotAllowed> {
        let mut flow = self.clone();
        match act {
            Act::Finish(id) => flow.end(procedure, id, StepState::Done)?,
            Act::Skip(id) => {
                if !known(procedure, id)?.optional {
                    return Err(no("Bước này không được bỏ qua.", "This step cannot be skipped."));
                }
                flow.end(procedure, id, StepState::Skipped)?;
            }
            Act::TakeUp(id) => {
                known(procedure, id)?;
                match flow.latest(id) {
                    Some(at) if at.state == StepState::Skipped => at.state = StepState::Open,
                    _ => return Err(no("Bước này chưa bị bỏ qua.", "This step was not skipped.")),
                }
            }
            Act::Again(id) => {
                if !known(procedure, id)?.repeats {
                    return Err(no("Bước này chỉ làm một lần.", "This step is done once."));
                }
                if !flow.state(id).ended() {
                    return Err(no("Bước này còn đang làm.", "This step is still open."));
                }
                flow.new_round(&[id.as_str()]);
            }
            Act::Reopen(id) => flow.reopen(procedure, id)?,
            Act::Loop(id) => {
                let round: Vec<&str> = procedure.round_of(id).iter().map(|step| step.id.as_str()).collect();
                if round.is_empty() {
                    return Err(no("Bước này không quay lại.", "This step does not loop back."));
                }
                if flow.state(id) != StepState::Open {
                    return Err(no("Bước kiểm tra chưa mở.", "The check is not open."));
                }
                flow.end(procedure, id, StepState::Done)?;
                flow.new_round(&round);
                flow.wait_again(procedure, &round);
            }
            Act::Revive => {
                if !flow.complete(procedure) {
                    return Err(no("Sự cố còn bước đang làm.", "The incident still has open steps."));
                }
                let round = revived(procedure);
                flow.new_round(&round);
            }
        }
        flow.open_what_may(procedure);
        Ok(flow)
    }

    fn latest(&mut self, step: &str) -> Option<&mut StepAt> {
        self.steps.iter_mut().filter(|at| at.step == step).max_by_key(|at| at.round)
    }

    fn end(&mut self, procedure: &Procedure, id: &str, state: StepState) -> Result<(), NotAllowed> {
        known(procedure, id)?;
        match self.latest(id) {
            Some(at) if at.state == StepState::Open => {
                at.state = state;
                Ok(())
            }
            Some(at) if at.state == StepState::Waiting => {
                Err(no("Bước này chưa đến lượt: còn bước trước chưa xong.", "It is not this step's turn yet."))
            }
            _ => Err(no("Bước này đã kết thúc.", "This step has ended.")),
        }
    }

    /// Opens a finished step in its present round; what had opened behind it waits for it again.
    fn reopen(&mut self, procedure: &Procedure, id: &str) -> Result<(), NotAllowed> {
        known(procedure, id)?;
        if self.state(id) != StepState::Done {
            return Err(no("Bước này chưa hoàn thành.", "This step is not finished."));
        }
        let behind = |step: &&Step| procedure.before(&step.id).contains(id);
        if procedure.steps.iter().filter(behind).any(|step| self.state(&step.id).ended()) {
            return Err(no(
                "Đã có bước sau hoàn thành, nên không mở lại bước này được.",
                "A later step has ended already, so this one cannot be opened again.",
            ));
        }
        self.wait_again(procedure, &[id]);
        if let Some(at) = self.latest(id) {
            at.state = StepState::Open;
        }
        Ok(())
    }

    /// A new round of these steps, waiting.
    fn new_round(&mut self, steps: &[&str]) {
        for step in steps {
            let round = self.now(step).map_or(1, |at| at.round + 1);
            self.steps.push(StepAt { step: (*step).to_owned(), round, state: StepState::Waiting });
        }
    }

    /// Steps behind the loop that had opened already wait for the new round.
    fn wait_again(&mut self, procedure: &Procedure, round: &[&str]) {
        for step in &procedure.steps {
            let behind = procedure.before(&step.id).iter().any(|before| round.contains(before));
            if behind
                && !round.contains(&step.id.as_str())
                && let Some(at) = self.latest(&step.id)
                && at.state == StepState::Open
            {
                at.state = StepState::Waiting;
            }
        }
    }

    /// Opens every waiting step whose prerequisites are behind us. A skipped optional step counts as behind us.
    fn open_what_may(&mut self, procedure: &Procedure) {
        let ended: BTreeSet<String> =
            procedure.steps.iter().filter(|step| self.state(&step.id).ended()).map(|step| step.id.clone()).collect();
        for step in &procedure.steps {
            let ready = step.after.iter().all(|before| ended.contains(before));
            if ready
                && let Some(at) = self.latest(&step.id)
                && at.state == StepState::Waiting
            {
                at.state = StepState::Open;
            }
        }
    }
}

/// What opens again when a closed incident comes back: the loop and everything behind it; without a loop, the last step.
fn revived(procedure: &Procedure) -> Vec<&str> {
    let looping = procedure.steps.iter().find(|step| step.loop_back.is_some());
    let Some(looping) = looping else {
        return procedure.steps.last().map(|step| step.id.as_str()).into_iter().collect();
    };
    let round: BTreeSet<&str> = procedure.round_of(&looping.id).iter().map(|step| step.id.as_str()).collect();
    procedure
        .steps
        .iter()
        .map(|step| step.id.as_str())
        .filter(|id| round.contains(id) || procedure.before(id).iter().any(|before| round.contains(before)))
        .collect()
}

fn known<'a>(procedure: &'a Procedure, id: &str) -> Result<&'a Step, NotAllowed> {
    procedure.step(id).ok_or(no("Quy trình không có bước này.", "The procedure has no such step."))
}

fn no(vi: &'static str, en: &'static str) -> NotAllowed {
    NotAllowed(Text::new(vi, en))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::pack::{Pack, embedded_ids};

    static PROCEDURES: LazyLock<Vec<Procedure>> = LazyLock::new(|| {
        let packs = embedded_ids().into_iter().map(|id| Pack::embedded(&id).expect("listed").expect("sound"));
        packs.map(|pack| pack.procedure).collect()
    });

    fn cao_lanh() -> Procedure {
        Pack::embedded("cao-lanh-2021-2025").expect("shipped").expect("sound").procedure
    }

    fn finish(flow: Flow, procedure: &Procedure, steps: &[&str]) -> Flow {
        steps.iter().fold(flow, |flow, step| {
            flow.after(procedure, &Act::Finish((*step).to_owned())).unwrap_or_else(|no| panic!("{step}: {no:?}"))
        })
    }

    #[test]
    fn steps_five_and_six_run_beside_seven_to_ten_and_four_may_be_skipped() {
        let procedure = cao_lanh();
        let flow = finish(Flow::begin(&procedure), &procedure, &["b1", "b2", "b3"]);
        let open: Vec<&str> = flow.open(&procedure).iter().map(|step| step.id.as_str()).collect();
        assert_eq!(open, ["b4", "b5", "b6", "b7"]);
        let flow = flow.after(&procedure, &Act::Skip("b4".into())).expect("optional");
        assert!(flow.after(&procedure, &Act::Skip("b5".into())).is_err());
        assert_eq!(flow.state("b4"), StepState::Skipped);
    }

    #[test]
    fn a_failed_check_reopens_seven_and_eight_as_the_next_round() {
        let procedure = cao_lanh();
        let flow = finish(Flow::begin(&procedure), &procedure, &["b1", "b2", "b3", "b7", "b8", "b9"]);
        let flow = flow.after(&procedure, &Act::Loop("b10".into())).expect("looped");
        assert_eq!(flow.now("b7").map(|at| (at.round, at.state)), Some((2, StepState::Open)));
        assert_eq!(flow.now("b8").map(|at| (at.round, at.state)), Some((2, StepState::Waiting)));
        assert_eq!(flow.state("b11"), StepState::Waiting);
        let flow = finish(flow, &procedure, &["b7", "b8", "b9"]);
        let flow = flow.after(&procedure, &Act::Loop("b10".into())).expect("looped again");
        assert_eq!(flow.now("b7").map(|at| at.round), Some(3));
    }

    fn acts(procedure: &Procedure) -> Vec<Act> {
        let each = |step: &Step| {
            let id = &step.id;
            [
                Act::Finish(id.clone()),
                Act::Skip(id.clone()),
                Act::TakeUp(id.clone()),
                Act::Again(id.clone()),
                Act::Reopen(id.clone()),
                Act::Loop(id.clone()),
            ]
        };
        procedure.steps.iter().flat_map(each).chain([Act::Revive]).collect()
    }

    proptest! {
        /// No sequence of legal acts gets stuck: while the flow is not complete some step is open, and a step is only
        /// ever behind us when everything before it is.
        #[test]
        fn every_reachable_state_has_a_way_on(choices in prop::collection::vec(0_usize..1000, 0..60)) {
            for procedure in PROCEDURES.iter() {
                let acts = acts(procedure);
                let mut flow = Flow::begin(procedure);
                for choice in &choices {
                    if let Ok(next) = flow.after(procedure, &acts[choice % acts.len()]) {
                        flow = next;
                    }
                    let open = flow.open(procedure);
                    prop_assert!(flow.complete(procedure) || !open.is_empty(), "stuck: {flow:?}");
                    for step in &open {
                        prop_assert!(flow.after(procedure, &Act::Finish(step.id.clone())).is_ok());
                    }
                }
                // From anywhere, finishing what is open leads to the end.
                for _ in 0..200 {
                    let Some(step) = flow.open(procedure).first().map(|step| step.id.clone()) else { break };
                    flow = flow.after(procedure, &Act::Finish(step)).expect("an open step can be finished");
                }
                prop_assert!(flow.complete(procedure));
            }
        }
    }
}
