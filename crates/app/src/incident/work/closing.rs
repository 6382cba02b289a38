//! What must hold whenever an incident may be closed, for every shipped procedure and any way of getting there.

use std::sync::LazyLock;

use proptest::prelude::*;
use ungcuu_kit::text::Text;

use crate::incident::flow::{Act, Flow, StepState};
use crate::incident::model::{GateState, Gates, obstacles};
use crate::pack::{Pack, Procedure, Step, embedded_ids};

static PROCEDURES: LazyLock<Vec<Procedure>> = LazyLock::new(|| {
    let packs = embedded_ids().into_iter().map(|id| Pack::embedded(&id).expect("listed").expect("sound"));
    packs.map(|pack| pack.procedure).collect()
});

/// Gates that are met or not as the choices say, one after the other.
fn gates(procedure: &Procedure, met: &mut impl Iterator<Item = bool>) -> Gates {
    let state = |gate: &crate::pack::Gate, met: bool| GateState {
        kind: gate.kind.clone(),
        key: gate.key.clone(),
        label: gate.label.text(),
        met,
        obligatory: gate.obligatory,
        have: i64::from(met),
        need: 1,
    };
    let of_step = |step: &Step, met: &mut dyn Iterator<Item = bool>| {
        step.gates.iter().map(|gate| state(gate, met.next().unwrap_or(true))).collect::<Vec<_>>()
    };
    procedure.steps.iter().map(|step| (step.id.clone(), of_step(step, met))).collect()
}

fn lacks(gates: &Gates, step: &Step) -> bool {
    gates.get(&step.id).into_iter().flatten().any(|gate| gate.obligatory && !gate.met)
}

/// What may be done next: like the product, no step is finished while an obligatory gate is open.
fn legal(procedure: &Procedure, gates: &Gates) -> Vec<Act> {
    let each = |step: &Step| {
        let id = &step.id;
        let finish = (!lacks(gates, step)).then(|| Act::Finish(id.clone()));
        let others = [Act::Skip, Act::TakeUp, Act::Again, Act::Reopen, Act::Loop].map(|act| act(id.clone()));
        finish.into_iter().chain(others).collect::<Vec<_>>()
    };
    procedure.steps.iter().flat_map(each).chain([Act::Revive]).collect()
}

proptest! {
    /// Nothing in the way means: every step is behind us, and no step that was not skipped lacks what it must have.
    /// And the other way round, so that an incident which has everything can always be closed.
    #[test]
    fn nothing_stands_in_the_way_only_when_every_step_has_ended_with_what_it_must_have(
        rounds in prop::collection::vec(
            (prop::collection::vec(0_usize..1000, 0..20), prop::collection::vec(prop::bool::weighted(0.93), 40)),
            1..6,
        ),
        at_the_end in prop::bool::ANY,
    ) {
        for procedure in PROCEDURES.iter() {
            let mut flow = Flow::begin(procedure);
            for (choices, met) in &rounds {
                // Gates come and go: a piece of evidence is added, a text is taken back.
                let gates = gates(procedure, &mut met.iter().copied());
                let acts = legal(procedure, &gates);
                for choice in choices {
                    if let Ok(next) = flow.after(procedure, &acts[choice % acts.len()]) {
                        flow = next;
                    }
                }
                if at_the_end {
                    flow = run_to_the_end(procedure, flow, &gates);
                }
                check(procedure, &flow, &gates)?;
            }
        }
    }
}

/// Finishes what may be finished until nothing more may.
fn run_to_the_end(procedure: &Procedure, mut flow: Flow, gates: &Gates) -> Flow {
    for _ in 0..200 {
        let next = flow.open(procedure).into_iter().find(|step| !lacks(gates, step)).map(|step| step.id.clone());
        let Some(step) = next else { break };
        flow = flow.after(procedure, &Act::Finish(step)).expect("an open step can be finished");
    }
    flow
}

fn check(procedure: &Procedure, flow: &Flow, gates: &Gates) -> Result<(), TestCaseError> {
    let missing: Vec<Text> = obstacles(procedure, flow, gates);
    let in_order = |step: &Step| match flow.state(&step.id) {
        StepState::Skipped => step.optional,
        StepState::Done => !lacks(gates, step),
        StepState::Open | StepState::Waiting => false,
    };
    let complete = procedure.steps.iter().all(in_order);
    prop_assert_eq!(missing.is_empty(), complete, "{:?} {:?}", flow, missing);
    Ok(())
}

#[test]
fn the_whole_of_a_procedure_with_everything_met_leaves_nothing_in_the_way() {
    for procedure in PROCEDURES.iter() {
        let gates = gates(procedure, &mut std::iter::repeat(true));
        let flow = run_to_the_end(procedure, Flow::begin(procedure), &gates);
        assert!(obstacles(procedure, &flow, &gates).is_empty(), "{}", procedure.id);
    }
}
