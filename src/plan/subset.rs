//! The canary as a subset of a host.
//!
//! Every DestinationRule that the rollout names gets the subset `canary`. Where the canary has no
//! Service of its own, traffic reaches it by that subset alone: then it has to hold the canary's pods
//! and no others, and what is meant for the stable pods needs a subset without the canary's.

use super::routing::{RoutePlan, RuleChange};
use serde_json::Value;

use super::{Isolation, Plan, Stage, Surroundings};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{
    NO_DESTINATION_RULE, SERVICE_MISSES_CANARY, STABLE_REACHES_CANARY, WRONG_CANARY_SUBSET,
};
use crate::manifest::{FieldPath, Identity};
use crate::model::{
    Action, CANARY_SUBSET, CanaryAddress, Destination, DestinationRule, GRAY_LABEL, Labels,
    Rollout, Rule, Side, Traffic, VirtualService, selects,
};

/// The subset `canary` of a DestinationRule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubsetPlan {
    /// The index of the subset, where the original has it already.
    pub(crate) existing: Option<usize>,
    pub(crate) labels: Labels,
}

/// Returns the labels that tell the canary's pods in a subset.
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

/// Tells why the subset would not lead to the canary's pods, where the canary is one.
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
    let wrong = |rule| check_rule(rollout, (traffic, rule), isolation);
    found.extend(rules_of_stable(traffic).filter_map(wrong));
    match rollout.compat {
        // The controller does as it is told; what comes of it is to be seen.
        Some(_) => found.into_iter().map(Problem::into_warning).collect(),
        None => found,
    }
}

fn check_rule<'a>(
    rollout: &Rollout<'a>,
    (traffic, rule): (&Traffic<'a>, &DestinationRule<'a>),
    isolation: &Isolation,
) -> Option<Problem<'a>> {
    if rollout.compat.is_some() {
        return check_scripted(rule, isolation);
    }
    let SubsetPlan { existing, labels } = plan_subset(rollout, rule);
    let called = rule.resource.called();
    if let Some(index) = existing.filter(|_| !selects(&labels, &isolation.pod_labels)) {
        let path = FieldPath::of_keys(&["spec", "subsets"]).index(index).key("labels");
        let message = format!(
            "subset `{CANARY_SUBSET}` of {called} has labels that the canary's pods do not carry"
        );
        let problem = wrong_subset(rule, &path, message);
        return Some(problem.help("remove them, or add them to `patchPodTemplateMetadata.labels`"));
    }
    // Without the old version at hand the pods that run are those of the workload, as far as known.
    let stable = &rollout.old_workload.as_ref().unwrap_or(&rollout.workload).pod_labels;
    (selects(&labels, stable) && selects(&traffic.service.selector, stable)).then(|| {
        let message =
            format!("subset `{CANARY_SUBSET}` of {called} would hold the stable pods as well");
        let path = ["spec", "strategy", "canary", "patchPodTemplateMetadata", "labels"];
        let path = FieldPath::of_keys(&path);
        let problem = rollout.resource.problem_at(&path, &WRONG_CANARY_SUBSET, message);
        let repair = "write a label into `patchPodTemplateMetadata.labels` that the stable pods do not carry";
        problem.help(match rollout.old_workload {
            Some(_) => repair.to_owned(),
            None => format!("{repair}; or give the old manifest with `--stable PATH`, if it has none"),
        })
    })
}

/// The controller's script writes one label, whatever the canary's pods carry.
fn check_scripted<'a>(rule: &DestinationRule<'a>, isolation: &Isolation) -> Option<Problem<'a>> {
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
    Some(problem.help("add the label to `patchPodTemplateMetadata.labels`"))
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
    let path = ["spec", "strategy", "canary", "patchPodTemplateMetadata", "labels"];
    let path = FieldPath::of_keys(&path);
    rollout
        .resource
        .problem_at(&path, &SERVICE_MISSES_CANARY, message)
        .help("patch labels that the Service does not select by, or remove `disableGenerateCanaryService`")
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
    let manifest = surroundings.manifest;
    let rules = manifest.objects().filter(|(_, object)| {
        let identity = &object.identity;
        identity.is("networking.istio.io", "DestinationRule")
            && identity.namespace == service.namespace
    });
    let mut rules = rules.filter_map(|(id, _)| manifest.resource(id));
    let fitting = rules.find(|rule| {
        let host = rule.field(&["spec", "host"]);
        let host = host.as_ref().and_then(|host| host.node().as_str());
        host.is_some_and(|host| traffic.backends.is_stable_host(host, &rule.identity.namespace))
    });
    let path = FieldPath::of_keys(&["spec", "strategy", "canary", "disableGenerateCanaryService"]);
    let problem = rollout.resource.problem_at(&path, &NO_DESTINATION_RULE, message);
    problem.help(match fitting {
        Some(rule) => format!("name {} in `customNetworkRefs`", rule.called()),
        None => format!(
            "add a DestinationRule with host `{}`, and name it in `customNetworkRefs`",
            service.name
        ),
    })
}

/// Tells the rules that send what is meant for stable to the canary's pods as well.
pub(super) fn find_leaks<'a>(
    traffic: &Traffic<'a>,
    plans: &[RoutePlan],
    canary: &Labels,
) -> Vec<Problem<'a>> {
    let shared = traffic.canary == CanaryAddress::Subset;
    let routes = traffic.routes.iter().zip(plans).filter(|_| shared);
    let leaks = routes.flat_map(|(route, plan)| {
        let rules = route.rules.iter();
        rules.filter_map(|rule| find_leak_of_rule(traffic, (route, rule, plan), canary))
    });
    leaks.collect()
}

fn find_leak_of_rule<'a>(
    traffic: &Traffic<'a>,
    (route, rule, plan): (&VirtualService<'a>, &Rule, &RoutePlan),
    canary: &Labels,
) -> Option<Problem<'a>> {
    let namespace = &route.resource.identity.namespace;
    let left = left(rule, plan.change_of(rule)).map(|(_, destination)| destination);
    let mut stable = left.filter(|destination| {
        let Destination { host, subset, .. } = destination;
        traffic.backends.side(host, namespace, subset.as_deref()) == Side::Stable
    });
    let subset = |one: &'_ Destination| one.subset.clone();
    let message = stable.find_map(|one| find_leak(traffic, subset(one).as_deref(), canary))?;
    let problem = route.problem(&rule.path(), &STABLE_REACHES_CANARY, message);
    Some(problem.help(
        "give the destination a subset by a label whose value `patchPodTemplateMetadata` changes",
    ))
}

/// Returns whether what is sent to the one Service, or to a subset of it, reaches the pods of both
/// versions at a stage.
pub(crate) fn reaches_both(plan: &Plan<'_, '_>, stage: Stage, subset: Option<&str>) -> bool {
    let Some(traffic) = &plan.rollout.traffic else { return false };
    let has_canary = stage.step_index(plan.steps.len()).is_some();
    let is_canary = subset == Some(CANARY_SUBSET);
    let shared = traffic.canary == CanaryAddress::Subset;
    shared
        && has_canary
        && !is_canary
        && find_leak(traffic, subset, &plan.isolation.pod_labels).is_some()
}

/// Reports that callers beside the VirtualServices reach the pods of both versions.
///
/// Where a VirtualService holds for a gateway alone, a client in the mesh that calls the one Service by
/// its name is not routed at all. A delegate has no hosts: the VirtualService that leaves routing to it
/// decides, and counts where the rollout names it.
pub(super) fn find_callers_beside<'a>(traffic: &Traffic<'a>) -> Option<Problem<'a>> {
    if traffic.canary != CanaryAddress::Subset {
        return None;
    }
    let mut first = None;
    let has_hosts = |route: &&VirtualService<'_>| !texts(route.spec(), "hosts").is_empty();
    for route in traffic.routes.iter().filter(has_hosts) {
        let kept = find_what_keeps_mesh(traffic, route)?;
        first = first.or(Some((route, kept)));
    }
    let (route, Kept { list, repair }) = first?;
    let message = format!(
        "clients in the mesh that call service `{}` by its name are not routed by {}: they reach the pods of both versions",
        traffic.service.resource.identity.name,
        route.resource.called()
    );
    let problem =
        route.problem(&FieldPath::of_keys(&["spec", list]), &STABLE_REACHES_CANARY, message);
    Some(problem.help(format!("{repair}, or remove `disableGenerateCanaryService`")))
}

/// What keeps clients in the mesh from a VirtualService.
struct Kept {
    /// The list of its spec that does.
    list: &'static str,
    repair: String,
}

/// Returns what keeps clients in the namespace of the stable Service, that call it by its name, from a
/// VirtualService. None where it routes them.
fn find_what_keeps_mesh(traffic: &Traffic<'_>, route: &VirtualService<'_>) -> Option<Kept> {
    let Identity { name, namespace: here, .. } = &traffic.service.resource.identity;
    let (spec, namespace) = (route.spec(), &route.resource.identity.namespace);
    let is_stable = |host: &&str| traffic.backends.is_host_or_wildcard(host, namespace);
    if !is_for_mesh(spec) || !texts(spec, "hosts").iter().any(is_stable) {
        let list = if texts(spec, "gateways").is_empty() { "hosts" } else { "gateways" };
        let repair = format!("add host `{name}` and gateway `mesh` to it");
        return Some(Kept { list, repair });
    }
    let exports = texts(spec, "exportTo");
    let is_here = |to: &&str| *to == "*" || here == *to || (*to == "." && namespace == here);
    if !exports.is_empty() && !exports.iter().any(is_here) {
        return Some(Kept { list: "exportTo", repair: format!("export it to namespace `{here}`") });
    }
    if !has_rule_for_mesh(spec) {
        let repair = "add a rule to it that holds for gateway `mesh`".to_owned();
        return Some(Kept { list: "http", repair });
    }
    None
}

/// Returns whether a VirtualService, or a match of it, is for clients in the mesh.
fn is_for_mesh(bound: &Value) -> bool {
    let gateways = texts(bound, "gateways");
    gateways.is_empty() || gateways.contains(&"mesh")
}

/// Returns whether any rule is for clients in the mesh: where none is, they are not routed.
fn has_rule_for_mesh(spec: &Value) -> bool {
    let lists = ["http", "tls", "tcp"].into_iter().filter_map(|key| spec.get(key)?.as_array());
    let mut matches = lists.flatten().map(|rule| rule.get("match").and_then(Value::as_array));
    matches.any(|matches| {
        matches.is_none_or(|matches| matches.is_empty() || matches.iter().any(is_for_mesh))
    })
}

fn texts<'v>(spec: &'v Value, key: &str) -> Vec<&'v str> {
    let items = spec.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).collect()
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

/// Returns why what is sent there reaches the canary's pods, or may.
fn find_leak(traffic: &Traffic<'_>, subset: Option<&str>, canary: &Labels) -> Option<String> {
    let Some(name) = subset else {
        return Some(
            "the stable destination has no subset, so its requests reach the canary's pods as well"
                .to_owned(),
        );
    };
    let Some(pods) = traffic.backends.pods(Some(name)) else {
        return Some(format!(
            "no DestinationRule of the input has subset `{name}`, so it may hold the canary's pods as well"
        ));
    };
    pods.may_hold(canary).then(|| {
        format!("subset `{name}` holds the canary's pods as well, so its requests reach both")
    })
}
