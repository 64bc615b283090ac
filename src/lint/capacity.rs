//! Canaries with too few pods for the requests that a step sends to them.
//!
//! The stable pods stay as many as they were, so that each canary pod gets its share of all requests
//! over the canary's pods, where a stable pod had one over all of them.

use super::Found;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::TOO_FEW_PODS;
use crate::model::{Part, Percent};
use crate::plan::StagePlan;

/// Reports steps whose canary gets a larger share of the requests than of the pods.
pub(crate) fn check<'a>(plans: &[StagePlan<'_, 'a>]) -> Vec<Found<'a>> {
    let chosen = plans.iter().filter(|at| !at.companion);
    let found = chosen.filter_map(|at| {
        let problem = check_plan(at)?;
        Some(Found { allowed: at.plan.rollout.allowed().to_vec(), problem })
    });
    found.collect()
}

fn check_plan<'a>(at: &StagePlan<'_, 'a>) -> Option<Problem<'a>> {
    let plan = at.plan;
    let rollout = plan.rollout;
    rollout.traffic.as_ref()?;
    let index = at.standing.canary?;
    let share = rollout.steps.get(index)?.traffic.share_alone()?;
    let pods = plan.steps.get(index)?.replicas.0;
    let total = plan.pods_behind().0;
    // A canary without any pod has a code of its own.
    if pods == 0 || !is_short(share, pods, total) {
        return None;
    }
    let message = format!(
        "step {} sends {} % of the requests to {pods} of {total} pods: each gets {} times the requests of a pod today",
        index + 1,
        share.hundredths(),
        times(share, pods, total),
    );
    let problem = rollout.problem(Part::ShareOfStep(index), &TOO_FEW_PODS, message);
    let words = [Part::ReplicasOfStep(index), Part::ShareOfStep(index)];
    let words = words.map(|part| rollout.word(part));
    Some(problem.help(repair(share, plan.total.0, total, words)))
}

/// Returns the change of the step after which no pod of the canary gets more than a pod today.
///
/// The canary has at most as many pods as the workload. Where others have pods behind the same
/// Service, that may be too few for the share.
fn repair(share: Percent, own: u32, total: u32, [replicas, traffic]: [&str; 2]) -> String {
    let needed = (u64::from(share.hundredths()) * u64::from(total)).div_ceil(u64::from(own).max(1));
    if needed <= 100 {
        return format!("raise `{replicas}` of the step to {needed} %");
    }
    let carried = u64::from(own) * 100 / u64::from(total).max(1);
    format!("raise `{replicas}` of the step to 100 %, and lower its `{traffic}` to {carried} %")
}

fn is_short(share: Percent, pods: u32, total: u32) -> bool {
    u64::from(share.hundredths()) * u64::from(total) > u64::from(pods) * 100
}

/// Returns how many times the requests of a pod today one of the canary gets, to one decimal.
fn times(share: Percent, pods: u32, total: u32) -> String {
    let tenths = u64::from(share.hundredths()) * u64::from(total) / (u64::from(pods) * 10).max(1);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}

#[cfg(test)]
mod tests {
    use super::{is_short, times};

    #[test]
    fn shares_are_compared_exactly() {
        let share = |text: &str| text.parse().unwrap();
        assert!(is_short(share("80%"), 1, 10));
        assert!(!is_short(share("50%"), 2, 4));
        assert!(!is_short(share("50%"), 2, 3));
        assert!(is_short(share("34%"), 1, 3));
        assert_eq!(times(share("80%"), 1, 10), "8");
        assert_eq!(times(share("50%"), 1, 3), "1.5");
    }
}
