//! Numbers of pods: those of the canary at each step, and those of the stable Deployment.
//!
//! Rounds as the controller does, so that a plan read in review is what the cluster would do. Knows
//! nothing of YAML; placing the numbers is left to `render`.
//!
//! `spec.replicas` is not a part of the version. While both versions run, the stable Deployment has the
//! larger of the old number and the new one, and shares are counted of it: to scale up works at once,
//! and to scale down takes effect at `promote`.

use super::{Decisions, Surroundings};
use crate::diagnostic::codes::{
    REPLICAS_AUTOSCALED, REPLICAS_DIFFER, REPLICAS_MISSING, UNKNOWN_REPLICAS,
};
use crate::diagnostic::{Collector, Problem, listed};
use crate::manifest::FieldPath;
use crate::model::{Amount, Percent, Replicas, Rollout, chosen};

/// Returns the canary's pods at each step.
///
/// Shares are rounded up, nothing exceeds `total`, and no step takes pods away from the one before
/// it: openkruise/rollouts:pkg/controller/batchrelease/control/util.go `CalculateBatchReplicas`, and
/// canarystyle/deployment/canary.go `UpgradeBatch`, which never scales down.
pub(super) fn plan_replicas(total: Replicas, steps: &[Amount]) -> Vec<Replicas> {
    let mut most = Replicas(0);
    steps
        .iter()
        .map(|&amount| {
            most = most.max(canary_replicas(total, amount));
            most
        })
        .collect()
}

fn canary_replicas(total: Replicas, amount: Amount) -> Replicas {
    match amount {
        Amount::Pods(pods) => pods.min(total),
        Amount::Share(share) => share_of(total, share),
    }
}

/// Returns the share of `total` pods, rounded up: a step of 1 % still starts one pod.
fn share_of(total: Replicas, share: Percent) -> Replicas {
    let hundredths = u64::from(total.0) * u64::from(share.hundredths());
    Replicas(u32::try_from(hundredths.div_ceil(100)).unwrap_or(total.0))
}

/// Returns `spec.replicas` of the stable Deployment where the old version is written. What the input
/// leaves out stays out, since an autoscaler decides it.
pub(super) fn replicas_of_old(rollout: &Rollout<'_>, beside_canary: bool) -> Option<Replicas> {
    let new = rollout.workload.replicas?;
    let old = rollout.old_workload.as_ref().and_then(|old| old.replicas);
    Some(if beside_canary { old.map_or(new, |old| old.max(new)) } else { new })
}

/// Returns the larger of the old number of pods and the new one, as far as manifests say them.
pub(super) fn larger_number(rollout: &Rollout<'_>) -> Option<Replicas> {
    rollout.versions().filter_map(|workload| workload.replicas).max()
}

/// Returns the pods that shares are counted of.
///
/// What is to be said of the number matters only where there is a canary.
pub(super) fn total_replicas<'a>(
    rollout: &Rollout<'a>,
    surroundings: Surroundings<'_, 'a>,
    decisions: &Decisions<'_>,
) -> (Replicas, Vec<Problem<'a>>) {
    let identity = &rollout.workload.resource.identity;
    let given = chosen(decisions.replicas, identity).map(Replicas::at_most);
    let in_git = rollout.roll_step.as_ref().and_then(|step| step.replicas);
    if let Some(replicas) = given.or(in_git) {
        return (replicas, Vec::new());
    }
    let autoscaler = surroundings.autoscalers.find(identity);
    let mut problems: Vec<_> =
        autoscaler.map(|autoscaler| autoscaled(rollout, &autoscaler.called)).into_iter().collect();
    let old = rollout.old_workload.as_ref().and_then(|old| old.replicas);
    if let (Some(old), Some(new)) = (old, rollout.workload.replicas)
        && old != new
    {
        problems.push(replicas_differ(rollout, old, new));
    }
    let number = larger_number(rollout);
    if number.is_none() {
        problems.push(replicas_missing(rollout));
    }
    (number.unwrap_or(Replicas(1)), problems)
}

/// Reports `--replicas` for workloads that no rollout has.
pub(super) fn check_replicas<'a>(
    rollouts: &[&Rollout<'a>],
    decisions: &Decisions<'_>,
    problems: &mut Collector<'a>,
) {
    for (name, _) in decisions.replicas {
        let known = |rollout: &&Rollout<'_>| name.names(&rollout.workload.resource.identity);
        if rollouts.iter().any(known) {
            continue;
        }
        let names = listed(rollouts.iter().map(|one| &one.workload.resource.identity.name));
        let message = format!("no rollout has a workload `{name}`, which `--replicas` names");
        let help = format!("name one of the workloads {names}");
        problems.push(Problem::new(&UNKNOWN_REPLICAS, message).help(help));
    }
}

fn autoscaled<'a>(rollout: &Rollout<'a>, autoscaler: &str) -> Problem<'a> {
    let workload = &rollout.workload.resource;
    let message = format!("{autoscaler} decides how many pods {} has", workload.called());
    workload.problem_at(&replicas_path(), &REPLICAS_AUTOSCALED, message).help(format!(
        "say how many with `--replicas {}=N`, or `--allow replicas-autoscaled` to count `spec.replicas`",
        workload.identity.name_of_flag()
    ))
}

fn replicas_differ<'a>(rollout: &Rollout<'a>, old: Replicas, new: Replicas) -> Problem<'a> {
    let workload = &rollout.workload.resource;
    let scaled = format!("{} is scaled from {} to {} pods", workload.called(), old.0, new.0);
    let message = if old < new {
        format!("{scaled}: stable has {} from step 1 on", new.0)
    } else {
        format!("{scaled}: stable has {} until `promote`", old.0)
    };
    let problem = workload.problem_at(&replicas_path(), &REPLICAS_DIFFER, message);
    problem.help("shares of pods are counted of the larger number while both versions run")
}

/// Returns the problem with shares of an unknown number. A controller counts it as 1.
fn replicas_missing<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let workload = &rollout.workload.resource;
    let in_percent = rollout.steps.iter().any(|step| matches!(step.replicas, Amount::Share(_)));
    let message = format!("{} has no replicas, which counts as 1", workload.called());
    let problem = workload.problem_at(&replicas_path(), &REPLICAS_MISSING, message);
    let problem = problem.help(format!(
        "write `spec.replicas`, or say how many with `--replicas {}=N`; shares of it are rounded up",
        workload.identity.name_of_flag()
    ));
    if in_percent && rollout.compat.is_none() { problem } else { problem.into_warning() }
}

fn replicas_path() -> FieldPath {
    FieldPath::of_keys(&["spec", "replicas"])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plan_replicas;
    use crate::model::{Amount, Replicas};

    fn amounts() -> impl Strategy<Value = Vec<Amount>> {
        let share =
            (0u8..=100).prop_map(|share| Amount::Share(format!("{share}%").parse().unwrap()));
        let pods = (0u32..2000).prop_map(|pods| Amount::Pods(Replicas(pods)));
        prop::collection::vec(prop_oneof![share, pods], 1..8)
    }

    #[test]
    fn rounds_up_and_stops_at_the_total() {
        let amounts = ["1%", "33%", "99%"].map(|share| Amount::Share(share.parse().unwrap()));
        assert_eq!(plan_replicas(Replicas(5), &amounts), [1, 2, 5].map(Replicas));
        assert_eq!(plan_replicas(Replicas(4), &[Amount::Pods(Replicas(10))]), [Replicas(4)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn steps_never_fall_and_never_exceed(total in 0u32..3000, amounts in amounts()) {
            let planned = plan_replicas(Replicas(total), &amounts);
            prop_assert!(planned.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(planned.iter().all(|replicas| replicas.0 <= total));
            for (planned, amount) in planned.iter().zip(&amounts) {
                if let Amount::Share(share) = amount {
                    prop_assert!(u64::from(planned.0) * 100 >= u64::from(total) * u64::from(share.hundredths()));
                }
            }
        }
    }
}
