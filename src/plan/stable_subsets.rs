//! Subsets of the stable Service that hold no stable pod.
//!
//! A destination may name a subset beside the stable Service. Where the labels of the subset are not
//! those of the pods that run, nobody answers there, whatever the Service selects. The stable pods are
//! those of the old version until they are replaced.

use std::collections::BTreeSet;

use super::subset::{is_rule_of_stable, is_stable_host, left};
use super::{Plan, Stage, Surroundings};
use crate::diagnostic::codes::SUBSET_WITHOUT_PODS;
use crate::diagnostic::{Collector, Problem};
use crate::model::{
    CANARY_SUBSET, Labels, Rollout, Subset, Traffic, VirtualService, Workload,
    read_destination_rule, selects,
};

/// Labels that the cluster gives to pods, of which no template says the value.
const CLUSTER_LABELS: [&str; 2] = ["pod-template-hash", "controller-revision-hash"];

/// Returns the subsets of the stable Service's host that DestinationRules of the input have.
pub(super) fn find_subsets(
    rollout: &Rollout<'_>,
    surroundings: Surroundings<'_, '_>,
) -> Vec<Subset> {
    let Some(traffic) = &rollout.traffic else { return Vec::new() };
    let manifest = surroundings.manifest;
    let name = traffic.service.resource.identity.name.as_str();
    let rules = manifest
        .objects()
        .filter(|(_, object)| object.identity.is("networking.istio.io", "DestinationRule"))
        .filter_map(|(id, _)| manifest.resource_mentioning(id, &[name]))
        .filter_map(|resource| read_destination_rule(resource, &mut Collector::default()));
    let of_stable = rules.filter(|rule| is_rule_of_stable(traffic, rule));
    of_stable.flat_map(|rule| rule.subsets).collect()
}

/// Tells destinations of the stable Service whose subset holds none of the pods that run.
pub(super) fn check_subsets<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Vec<Problem<'a>> {
    let Some(traffic) = &plan.rollout.traffic else { return Vec::new() };
    let routes = traffic.routes.iter().enumerate();
    routes.flat_map(|(number, route)| check_route(plan, stage, (traffic, number, route))).collect()
}

fn check_route<'a>(
    plan: &Plan<'_, 'a>,
    stage: Stage,
    (traffic, number, route): (&Traffic<'a>, usize, &VirtualService<'a>),
) -> Vec<Problem<'a>> {
    let step = stage.step_index(plan.steps.len()).and_then(|index| plan.steps.get(index));
    let planned = step.and_then(|step| step.routes.get(number));
    let namespace = &route.resource.identity.namespace;
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for rule in &route.rules {
        let change = planned.and_then(|planned| planned.change_of(rule));
        for (index, destination) in left(rule, change) {
            let subset = destination.subset.as_deref();
            let subset = subset.filter(|_| is_stable_host(traffic, &destination.host, namespace));
            // Once is enough for all that name it.
            let subset = subset.filter(|name| told.insert(*name));
            let Some(message) = subset.and_then(|name| without_pods(plan, stage, name)) else {
                continue;
            };
            let path = rule.path().key("route").index(index).key("destination").key("subset");
            let problem = route.problem(&path, &SUBSET_WITHOUT_PODS, message);
            found.push(problem.help(
                "correct the labels of the subset in its DestinationRule, or those of the pods",
            ));
        }
    }
    found
}

/// Returns what to say of a subset of the stable Service that holds none of the pods that run.
pub(crate) fn without_pods(plan: &Plan<'_, '_>, stage: Stage, name: &str) -> Option<String> {
    if name == CANARY_SUBSET && plan.service_name.is_none() {
        return None;
    }
    let mut subsets = plan.stable_subsets.iter().filter(|subset| subset.name == name).peekable();
    subsets.peek()?;
    let (version, workload) = running(plan.rollout, stage)?;
    let labels = &workload.pod_labels;
    if subsets.any(|subset| may_hold(subset, labels)) {
        return None;
    }
    let called = workload.resource.called();
    Some(format!("subset `{name}` selects no pod of the {version} version of {called}"))
}

/// Returns the version that the stable Deployment runs, where its pods are known.
fn running<'p, 'a>(
    rollout: &'p Rollout<'a>,
    stage: Stage,
) -> Option<(&'static str, &'p Workload<'a>)> {
    match stage {
        Stage::Stable | Stage::Step(_) => Some(("old", rollout.old_workload.as_ref()?)),
        Stage::Promote | Stage::Done => Some(("new", &rollout.workload)),
    }
}

fn may_hold(subset: &Subset, pods: &Labels) -> bool {
    let mut said = subset.labels.clone();
    said.retain(|key, _| !CLUSTER_LABELS.contains(&key.as_str()));
    said.is_empty() || selects(&said, pods)
}
