//! Steps that direct no traffic.
//!
//! Their pods get no requests here. The controller takes back what it has done to the routes and the
//! Services: openkruise/rollouts:pkg/controller/rollout/rollout_canary.go `runCanary`.

use crate::diagnostic::Problem;
use crate::diagnostic::codes::STEP_WITHOUT_TRAFFIC;
use crate::model::wishes::Compat;
use crate::rollout::{CanaryAddress, Definition, Part};

/// Reports each; where no traffic is directed at all, that is reported once.
pub(super) fn find<'a>(definition: &Definition<'a>, compat: Option<Compat>) -> Vec<Problem<'a>> {
    let (traffic, steps) = match (&definition.traffic, &definition.steps) {
        (Some(Some(traffic)), Some(steps)) => (traffic, steps.as_slice()),
        _ => return Vec::new(),
    };
    let (effect, why) = match compat {
        None if traffic.canary == CanaryAddress::Subset => (
            "nothing is sent to the canary's subset",
            "stable's destinations may hold the canary's pods as well",
        ),
        None => (
            "the canary's pods get no requests",
            "the controller would share traffic by the number of pods",
        ),
        Some(Compat::Kruise) => (
            "the routes are the original ones, and the stable Service selects the canary's pods as well",
            "the pods of both versions share the requests by their number",
        ),
    };
    let mut found = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if step.traffic.directs() {
            continue;
        }
        let places = definition.places;
        let share = places.word(Part::ShareOfStep(index));
        let matches = places.word(Part::MatchesOfStep(index));
        let message = format!("the step has neither `{share}` nor `{matches}`: {effect}");
        let problem = definition.problem(Part::Step(index), &STEP_WITHOUT_TRAFFIC, message);
        found.push(problem.help(format!("add one of the two; {why}")));
    }
    found
}
