//! Pods of other workloads behind the destinations that a step splits.
//!
//! The share of a step is that of the requests to the destination. Where other
//! workloads answer a part of them today, the canary takes requests of theirs as well. As long as the
//! share is at most the workload's part of the pods, it could be the workload's own requests. Above
//! that it cannot.

use std::collections::BTreeMap;

use super::routing::{Before, RoutePlan};
use super::subset::left;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::SHARED_SERVICE;
use crate::manifest::FieldPath;
use crate::model::{
    CanaryRequests, Destination, Percent, Pods, Replicas, Rollout, Rule, Side, Traffic,
    VirtualService,
};

/// Returns the most pods of other workloads behind one destination that is stable.
pub(super) fn most_others(rollout: &Rollout<'_>) -> u32 {
    let Some(traffic) = &rollout.traffic else { return 0 };
    let mut most = 0;
    for route in &traffic.routes {
        for rule in &route.rules {
            for pods in shared_pods(traffic, route, rule).values() {
                most = most.max(pods.count_of_others());
            }
        }
    }
    most
}

/// Reports each destination with pods of others that the step takes requests from.
///
/// It is an error where the step's share is larger than the workload's part of the pods.
pub(super) fn check<'a>(
    rollout: &Rollout<'a>,
    step_index: usize,
    routes: &[Before<'_, 'a>],
    plans: &[RoutePlan],
    total: Replicas,
) -> Vec<Problem<'a>> {
    let Some(traffic) = &rollout.traffic else { return Vec::new() };
    let Some(step) = rollout.steps.get(step_index) else { return Vec::new() };
    let mut shared = BTreeMap::new();
    for (before, plan) in routes.iter().zip(plans) {
        let changed = before.rules.iter().filter(|rule| plan.change_of(rule).is_some());
        for rule in changed {
            shared.extend(shared_pods(traffic, before.route, rule));
        }
    }
    let mut problems = Vec::new();
    for (subset, pods) in shared {
        let share = match CanaryRequests::of(&step.traffic) {
            CanaryRequests::None => continue,
            CanaryRequests::Share(share) => Some(share),
            CanaryRequests::Matches { .. } => None,
        };
        let part = Part::of(pods, total);
        let problem = report(rollout, traffic, subset, pods, step_index, share, &part);
        let is_larger = share.is_some_and(|share| part.is_exceeded_by(share));
        // The controller writes it all the same.
        let is_error = is_larger && rollout.compat.is_none();
        problems.push(if is_error { problem } else { problem.into_warning() });
    }
    problems
}

/// Returns the stable destinations of a rule behind which others have pods, by their subset.
///
/// A destination of weight 0 is left out: no request is taken from it.
fn shared_pods<'r>(
    traffic: &'r Traffic<'_>,
    route: &VirtualService<'_>,
    rule: &'r Rule,
) -> BTreeMap<Option<&'r str>, &'r Pods> {
    let mut shared = BTreeMap::new();
    let namespace = &route.resource.identity.namespace;
    for (_, Destination { host, subset, .. }) in left(rule, None) {
        let subset = subset.as_deref();
        if traffic.backends.side(host, namespace, subset) != Side::Stable {
            continue;
        }
        if let Some(pods) = traffic.backends.pods(namespace, subset)
            && pods.count_of_others() > 0
        {
            shared.insert(subset, pods);
        }
    }
    shared
}

/// How many of the pods behind a destination are the workload's.
struct Part {
    own: u64,
    all: u64,
}

impl Part {
    /// Counts the pods that answer during a step: of the workload those of the old version.
    fn of(pods: &Pods, total: Replicas) -> Self {
        let own = if pods.old == Some(false) { 0 } else { u64::from(total.0) };
        Self { own, all: own + u64::from(pods.count_of_others()) }
    }

    /// Returns whether a share of the requests is larger than this part of the pods.
    fn is_exceeded_by(&self, share: Percent) -> bool {
        u64::from(share.hundredths()) * self.all > self.own * 100
    }
}

fn report<'a>(
    rollout: &Rollout<'a>,
    traffic: &Traffic<'a>,
    subset: Option<&str>,
    pods: &Pods,
    step_index: usize,
    share: Option<Percent>,
    part: &Part,
) -> Problem<'a> {
    let service = &traffic.service.resource;
    let running = pods.others.iter().filter(|pods| pods.count > 0);
    let others: Vec<_> = running.map(|pods| pods.identity.called()).collect();
    let behind = match subset {
        None => service.called(),
        Some(subset) => format!("subset `{subset}` of {}", service.called()),
    };
    let asked = match share {
        Some(share) => format!("{} % of its requests", share.hundredths()),
        None => "those of its requests that it describes".to_owned(),
    };
    let message = format!(
        "{behind} also reaches the pods of {}: step {} takes {asked} for the canary, and {} of {} pods behind it are of {}",
        others.join(", "),
        step_index + 1,
        part.own,
        part.all,
        rollout.workload.resource.called(),
    );
    let path = FieldPath::of_keys(&["spec", "selector"]);
    service.problem_at(&path, &SHARED_SERVICE, message).help(match subset {
        None => "route to a subset that holds the pods of the workload alone, or give the workload a Service of its own",
        Some(_) => "add a label of the workload's pods to the subset, or give the workload a Service of its own",
    })
}
