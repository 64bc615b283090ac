//! One stage of a plan in a few words: how many pods, and which requests.

use crate::model::Step;
use crate::plan::Plan;
use crate::rollout::Stage;

/// What runs at a stage beside the stable version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) stage: Stage,
    /// How many steps the rollout has.
    pub(super) steps: usize,
    /// Absent where there is no canary.
    pub(super) canary: Option<Canary>,
    /// What the new template is.
    pub(super) revision: String,
    /// Whether the stage consists of an old version that nothing says.
    pub(super) lacks_old: bool,
}

/// The canary of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canary {
    pub(super) pods: u32,
    /// Which requests it gets, as `20 % of requests`.
    pub(super) requests: String,
}

/// Returns the row of a stage.
pub(super) fn row(plan: &Plan<'_, '_>, stage: Stage) -> Row {
    let index = stage.step_index(plan.steps.len());
    let canary = index.and_then(|index| {
        let step = plan.rollout.steps.get(index)?;
        let pods = plan.steps.get(index)?.replicas.0;
        let requests = match plan.rollout.traffic {
            Some(_) => requests(step),
            None => "requests by the number of pods".to_owned(),
        };
        Some(Canary { pods, requests })
    });
    let lacks_old = stage == Stage::Stable && plan.rollout.old_workload.is_none();
    Row { stage, steps: plan.steps.len(), canary, revision: plan.revision.clone(), lacks_old }
}

/// Returns which requests a step sends to the canary, in a few words.
fn requests(step: &Step) -> String {
    let share = step.traffic.share.map(|share| format!("{} % of requests", share.hundredths()));
    let matching = match step.traffic.matches.len() {
        0 => None,
        1 => Some("requests of one match".to_owned()),
        several => Some(format!("requests of {several} matches")),
    };
    match (share, matching) {
        (Some(share), Some(matching)) => format!("{share} and {matching}"),
        (one, other) => one.or(other).unwrap_or_else(|| "no requests".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::requests;
    use crate::model::{Amount, Pause, Replicas, RequestMatch, Step, StepTraffic};

    #[test]
    fn a_step_may_send_a_share_and_what_it_describes() {
        let words = |share: Option<&str>, matches: usize| {
            let traffic = StepTraffic {
                share: share.map(|share| share.parse().unwrap()),
                matches: vec![RequestMatch::default(); matches],
                headers: None,
            };
            let replicas = Amount::Pods(Replicas(1));
            requests(&Step { replicas, traffic, pause: Pause::Manual })
        };
        assert_eq!(words(None, 0), "no requests");
        assert_eq!(words(Some("20%"), 0), "20 % of requests");
        assert_eq!(words(None, 2), "requests of 2 matches");
        assert_eq!(words(Some("20%"), 1), "20 % of requests and requests of one match");
    }
}
