//! The canary as a subset of a host.
//!
//! Every DestinationRule that the rollout names gets the subset `canary`. Where the canary has no
//! Service of its own, traffic reaches it by that subset alone: then it has to hold the canary's pods
//! and no others, and what is meant for the stable pods needs a subset without the canary's.

use super::routing::RuleChange;
use super::{Isolation, Surroundings};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{NO_DESTINATION_RULE, SERVICE_MISSES_CANARY, WRONG_CANARY_SUBSET};
use crate::manifest::FieldPath;
use crate::model::{
    Action, CANARY_SUBSET, CanaryAddress, Destination, DestinationRule, GRAY_LABEL, Labels, Part,
    Rollout, Rule, Traffic, selects,
};

/// The subset `canary` of a DestinationRule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubsetPlan {
    /// The index of the subset, where the original has it already.
    pub(crate) existing: Option<usize>,
    pub(crate) labels: Labels,
}

/// Returns the labels that select the canary's pods in a subset.
pub(super) fn canary_labels(rollout: &Rollout<'_>) -> Labels {
    let patched = &rollout.pod_metadata.labels;
    if patched.is_empty() {
        return Labels::from([(GRAY_LABEL.0.to_owned(), GRAY_LABEL.1.to_owned())]);
    }
    patched.clone()
}

/// Decides the subset `canary` of `rule`: an existing one gets the labels laid over its own.
pub(super) fn plan_subset(rollout: &Rollout<'_>, rule: &DestinationRule<'_>) -> SubsetPlan {
    let existing = rule.subset(CANARY_SUBSET);
    let mut labels = existing.map_or_else(Labels::new, |(_, subset)| subset.labels.clone());
    labels.extend(canary_labels(rollout));
    SubsetPlan { existing: existing.map(|(index, _)| index), labels }
}

/// Returns the DestinationRules for the host of the stable Service.
pub(crate) fn rules_of_stable<'t, 'a>(
    traffic: &'t Traffic<'a>,
) -> impl Iterator<Item = &'t DestinationRule<'a>> {
    traffic.destination_rules.iter().filter(|rule| is_rule_of_stable(traffic, rule))
}

/// Returns whether a DestinationRule is for the host of the stable Service.
fn is_rule_of_stable(traffic: &Traffic<'_>, rule: &DestinationRule<'_>) -> bool {
    let namespace = &rule.resource.identity.namespace;
    rule.host.as_ref().is_some_and(|host| traffic.backends.is_stable_host(host, namespace))
}

/// Reports why the subset would not lead to the canary's pods, where the canary is one.
pub(super) fn check_subset<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    surroundings: Surroundings<'_, 'a>,
) -> Vec<Problem<'a>> {
    let by_subset = |traffic: &&Traffic<'_>| traffic.canary == CanaryAddress::Subset;
    let Some(traffic) = rollout.traffic.as_ref().filter(by_subset) else { return Vec::new() };
    let mut found = Vec::new();
    if !selects(&traffic.service.selector, &isolation.pod_labels) {
        found.push(service_misses_canary(rollout, traffic));
    }
    if rules_of_stable(traffic).next().is_none() {
        found.push(no_destination_rule(rollout, traffic, surroundings));
    }
    let wrong = |rule| check_rule(rollout, traffic, rule, isolation);
    found.extend(rules_of_stable(traffic).filter_map(wrong));
    match rollout.compat {
        // The controller writes it all the same.
        Some(_) => found.into_iter().map(Problem::into_warning).collect(),
        None => found,
    }
}

fn check_rule<'a>(
    rollout: &Rollout<'a>,
    traffic: &Traffic<'a>,
    rule: &DestinationRule<'a>,
    isolation: &Isolation,
) -> Option<Problem<'a>> {
    if rollout.compat.is_some() {
        return check_scripted(rollout, rule, isolation);
    }
    let SubsetPlan { existing, labels } = plan_subset(rollout, rule);
    let called = rule.resource.called();
    if let Some(index) = existing
        && !selects(&labels, &isolation.pod_labels)
    {
        let path = FieldPath::of_keys(&["spec", "subsets"]).index(index).key("labels");
        let message = format!(
            "subset `{CANARY_SUBSET}` of {called} has labels that the canary's pods do not carry"
        );
        let problem = wrong_subset(rule, &path, message);
        let labels = rollout.word(Part::PodLabels);
        return Some(problem.help(format!("remove them, or add them to `{labels}`")));
    }
    // Without the old version at hand the pods that run are those of the workload, as far as known.
    let stable = &rollout.old_workload.as_ref().unwrap_or(&rollout.workload).pod_labels;
    (selects(&labels, stable) && selects(&traffic.service.selector, stable)).then(|| {
        let message =
            format!("subset `{CANARY_SUBSET}` of {called} would hold the stable pods as well");
        let problem = rollout.problem(Part::PodLabels, &WRONG_CANARY_SUBSET, message);
        let labels = rollout.word(Part::PodLabels);
        let repair = format!("write a label into `{labels}` that the stable pods do not carry");
        problem.help(match rollout.old_workload {
            Some(_) => repair,
            None => {
                format!("{repair}; or give the old manifest with `--stable PATH`, if it has none")
            }
        })
    })
}

/// Checks the one label that the controller's script writes, whatever the canary's pods carry.
fn check_scripted<'a>(
    rollout: &Rollout<'_>,
    rule: &DestinationRule<'a>,
    isolation: &Isolation,
) -> Option<Problem<'a>> {
    let (key, value) = GRAY_LABEL;
    if isolation.pod_labels.get(key).is_some_and(|own| own == value) {
        return None;
    }
    let message = format!(
        "the controller gives subset `{CANARY_SUBSET}` of {} the label `{key}: {value}`, which the canary's pods do not carry",
        rule.resource.called()
    );
    let path = FieldPath::of_keys(&["spec", "subsets"]);
    let problem = wrong_subset(rule, &path, message);
    Some(problem.help(format!("add the label to `{}`", rollout.word(Part::PodLabels))))
}

/// Points at a field of the original.
fn wrong_subset<'a>(rule: &DestinationRule<'a>, path: &FieldPath, message: String) -> Problem<'a> {
    rule.original.problem(&rule.resource, path, (&WRONG_CANARY_SUBSET, message))
}

fn service_misses_canary<'a>(rollout: &Rollout<'a>, traffic: &Traffic<'a>) -> Problem<'a> {
    let message = format!(
        "{} is the one Service of both versions, and does not select the canary's pods",
        traffic.service.resource.called()
    );
    rollout.problem(Part::PodLabels, &SERVICE_MISSES_CANARY, message).help(format!(
        "patch labels that the Service does not select by, or remove `{}`",
        rollout.word(Part::OneServiceSwitch)
    ))
}

fn no_destination_rule<'a>(
    rollout: &Rollout<'a>,
    traffic: &Traffic<'a>,
    surroundings: Surroundings<'_, 'a>,
) -> Problem<'a> {
    let service = &traffic.service.resource.identity;
    let message = format!(
        "the canary is a subset of service `{}`, and {} names no DestinationRule for its host",
        service.name,
        rollout.called()
    );
    let manifest = surroundings.sources.manifest;
    let rules =
        manifest.of_kind_in("networking.istio.io", "DestinationRule", &service.namespace).iter();
    let mut rules = rules.filter_map(|id| manifest.resource(*id));
    let fitting = rules.find(|rule| {
        let host = rule.field(&["spec", "host"]);
        let host = host.as_ref().and_then(|host| host.node().as_str());
        host.is_some_and(|host| traffic.backends.is_stable_host(host, &rule.identity.namespace))
    });
    let routes = rollout.word(Part::Routes);
    let problem = rollout.problem(Part::OneServiceSwitch, &NO_DESTINATION_RULE, message);
    problem.help(match fitting {
        Some(rule) => format!("name {} in `{routes}`", rule.called()),
        None => {
            format!("add a DestinationRule with host `{}`, and name it in `{routes}`", service.name)
        }
    })
}

/// Returns the destinations of the original that requests still reach after the change, by index.
pub(super) fn left<'r>(
    rule: &'r Rule,
    change: Option<&'r RuleChange>,
) -> impl Iterator<Item = (usize, &'r Destination)> {
    let destinations = match &rule.action {
        Action::Route(destinations) => destinations.as_slice(),
        Action::Delegate(_) | Action::Other => &[],
    };
    let receives = move |index: usize, destination: &Destination| match change {
        Some(RuleChange::Split { weights, .. }) => weights.get(index).is_some_and(|one| *one > 0),
        Some(RuleChange::Twins(_)) | None => {
            destinations.len() == 1 || destination.weight.unwrap_or(0) > 0
        }
    };
    let left = destinations.iter().enumerate();
    left.filter(move |(index, one)| receives(*index, one))
}
