//! Steps that say nothing of traffic.
//!
//! What becomes of their pods depends on who carries them out: here they get no requests, and the
//! controller takes back what it has done to the routes and the Services:
//! openkruise/rollouts:pkg/controller/rollout/rollout_canary.go `runCanary`.

use crate::diagnostic::Problem;
use crate::diagnostic::codes::STEP_WITHOUT_TRAFFIC;
use crate::manifest::FieldPath;
use crate::model::{CanaryAddress, Compat};
use crate::rollout::Definition;

/// Tells each; without trafficRoutings no step directs traffic, which is told once.
pub(super) fn find<'a>(definition: &Definition<'a>, compat: Option<Compat>) -> Vec<Problem<'a>> {
    let (traffic, steps) = match (&definition.traffic, &definition.steps) {
        (Some(Some(traffic)), Some(steps)) => (traffic, steps.as_slice()),
        _ => return Vec::new(),
    };
    let (message, help) = match compat {
        None if traffic.canary == CanaryAddress::Subset => (
            "the step has neither `traffic` nor `matches`: nothing is sent to the canary's subset",
            "add one of the two; stable's destinations may hold the canary's pods as well",
        ),
        None => (
            "the step has neither `traffic` nor `matches`: the canary's pods get no requests",
            "add one of the two; the controller would share traffic by the number of pods",
        ),
        Some(Compat::Kruise) => (
            "the step has neither `traffic` nor `matches`: the routes are the original ones, and the stable Service selects the canary's pods as well",
            "add one of the two; the pods of both versions share the requests by their number",
        ),
    };
    let path = FieldPath::of_keys(&["spec", "strategy", "canary", "steps"]);
    let silent = steps.iter().enumerate().filter(|(_, step)| !step.traffic.directs());
    let tell = |(index, _)| {
        let path = path.index(index);
        definition.resource.problem_at(&path, &STEP_WITHOUT_TRAFFIC, message).help(help)
    };
    silent.map(tell).collect()
}
