//! Subsets of the stable Service that hold no pod of the version that runs.
//!
//! A destination may name a subset beside the stable Service. Where the labels of the subset are not
//! those of the pods that run, no pod answers there, whatever the Service selects. The stable pods are
//! those of the old version until they are replaced.

use std::collections::BTreeMap;

use super::subset::left;
use super::{Plan, StagePlan, StageRoute};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::SUBSET_WITHOUT_PODS;
use crate::manifest::FieldPath;
use crate::model::{CANARY_SUBSET, Destination, Rule, Side, Traffic, VirtualService};
use crate::rollout::Stage;

/// Reports destinations of the stable Service whose subset holds none of the pods that run.
///
/// It is an error where all that a rule leaves to stable goes to such subsets, and a warning where
/// only a part of it does.
pub(super) fn check_subsets<'a>(at: &StagePlan<'_, 'a>) -> Vec<Problem<'a>> {
    let Some(traffic) = &at.plan.rollout.traffic else { return Vec::new() };
    at.led().flat_map(|(route, led)| check_route(at.plan, at.stage, traffic, route, led)).collect()
}

/// A subset without pods, at the first destination that names it.
struct Empty {
    path: FieldPath,
    message: String,
    /// Whether all that some rule leaves to stable goes to subsets without pods.
    takes_all: bool,
}

fn check_route<'a>(
    plan: &Plan<'_, 'a>,
    stage: Stage,
    traffic: &Traffic<'a>,
    route: &VirtualService<'a>,
    led: &StageRoute<'_>,
) -> Vec<Problem<'a>> {
    let planned = led.change.as_deref();
    let namespace = &route.resource.identity.namespace;
    let mut found: BTreeMap<&str, Empty> = BTreeMap::new();
    for rule in led.rules.iter() {
        let change = planned.and_then(|planned| planned.change_of(rule));
        let is_stable = |destination: &Destination| {
            let Destination { host, subset, .. } = destination;
            traffic.backends.side(host, namespace, subset.as_deref()) == Side::Stable
        };
        let stable: Vec<_> = left(rule, change).filter(|(_, one)| is_stable(one)).collect();
        let empty =
            |one: &Destination| without_pods(plan, stage, namespace, one.subset.as_deref()?);
        let takes_all = stable.iter().all(|(_, one)| empty(one).is_some());
        for (index, destination) in stable {
            let (Some(name), Some(message)) = (&destination.subset, empty(destination)) else {
                continue;
            };
            let path = subset_path(rule, index);
            let entry = found.entry(name).or_insert(Empty { path, message, takes_all });
            entry.takes_all |= takes_all;
        }
    }
    // The controller writes it all the same.
    let is_scripted = plan.rollout.compat.is_some();
    let problem = |empty: Empty| {
        let problem = route.problem(&empty.path, &SUBSET_WITHOUT_PODS, empty.message).help(
            "correct the labels of the subset in its DestinationRule, or those of the pods, or route to another subset",
        );
        if empty.takes_all && !is_scripted { problem } else { problem.into_warning() }
    };
    found.into_values().map(problem).collect()
}

fn subset_path(rule: &Rule, index: usize) -> FieldPath {
    rule.path().key("route").index(index).key("destination").key("subset")
}

/// Returns the message for a subset of the stable Service that holds none of the pods that run, as an
/// object of `namespace` names it.
pub(crate) fn without_pods(
    plan: &Plan<'_, '_>,
    stage: Stage,
    namespace: &str,
    name: &str,
) -> Option<String> {
    if name == CANARY_SUBSET && plan.service_name.is_none() {
        return None;
    }
    let pods = plan.rollout.traffic.as_ref()?.backends.pods(namespace, Some(name))?;
    let (version, is_held) = match stage {
        Stage::Stable | Stage::Step(_) => ("old", pods.old?),
        Stage::Promote | Stage::Done => ("new", pods.new),
    };
    if is_held || pods.are_foreign() {
        return None;
    }
    let called = plan.rollout.workload.resource.called();
    Some(format!("subset `{name}` selects no pod of the {version} version of {called}"))
}
