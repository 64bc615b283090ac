//! Requests that reach the pods of both versions, where one Service stands before both.
//!
//! Without a Service of its own the canary is a subset. A destination that names no subset, and a client
//! that no VirtualService routes, reach any pod of the Service, by the number of pods.

use serde_json::Value;

use super::Plan;
use super::routing::{Before, RoutePlan};
use super::subset::left;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::STABLE_REACHES_CANARY;
use crate::manifest::{FieldPath, Identity};
use crate::model::{
    CANARY_SUBSET, CanaryAddress, Destination, Labels, Part, Rollout, Rule, Side, Traffic,
    VirtualService,
};
use crate::rollout::Stage;

/// Reports the rules that send what is meant for stable to the canary's pods as well.
pub(super) fn find_leaks<'a>(
    rollout: &Rollout<'a>,
    traffic: &Traffic<'a>,
    routes: &[Before<'_, 'a>],
    plans: &[RoutePlan],
    canary: &Labels,
) -> Vec<Problem<'a>> {
    if traffic.canary != CanaryAddress::Subset {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (before, plan) in routes.iter().zip(plans) {
        let route = before.route;
        for rule in before.rules {
            let Some(message) = find_leak_of_rule(traffic, route, rule, plan, canary) else {
                continue;
            };
            let problem = route.problem(&rule.path(), &STABLE_REACHES_CANARY, message);
            found.push(problem.help(format!(
                "give the destination a subset by a label whose value `{}` changes",
                rollout.word(Part::PodMetadata)
            )));
        }
    }
    found
}

/// Returns why what the rule leaves to stable reaches the canary's pods, or may.
fn find_leak_of_rule(
    traffic: &Traffic<'_>,
    route: &VirtualService<'_>,
    rule: &Rule,
    plan: &RoutePlan,
    canary: &Labels,
) -> Option<String> {
    let namespace = &route.resource.identity.namespace;
    let left = left(rule, plan.change_of(rule)).map(|(_, destination)| destination);
    let mut stable = left.filter(|destination| {
        let Destination { host, subset, .. } = destination;
        traffic.backends.side(host, namespace, subset.as_deref()) == Side::Stable
    });
    stable.find_map(|one| find_leak(traffic, namespace, one.subset.as_deref(), canary))
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
        && find_leak(traffic, "", subset, &plan.isolation.pod_labels).is_some()
}

/// Reports that callers beside the VirtualServices reach the pods of both versions.
///
/// Where a VirtualService holds for a gateway alone, a client in the mesh that calls the one Service by
/// its name is not routed at all. A delegate has no hosts: the VirtualService that leaves routing to it
/// decides, and counts where the rollout names it.
pub(super) fn find_callers_beside<'a>(rollout: &Rollout<'a>) -> Option<Problem<'a>> {
    let traffic = rollout.traffic.as_ref()?;
    if traffic.canary != CanaryAddress::Subset {
        return None;
    }
    let mut first = None;
    let has_hosts = |route: &&VirtualService<'_>| !texts(&route.original.spec, "hosts").is_empty();
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
    let switch = rollout.word(Part::OneServiceSwitch);
    Some(problem.help(format!("{repair}, or remove `{switch}`")))
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
    let (spec, namespace) = (&route.original.spec, &route.resource.identity.namespace);
    let is_stable = |host: &&str| traffic.backends.is_host_or_wildcard(host, namespace);
    if !is_for_mesh(spec) || !texts(spec, "hosts").iter().any(is_stable) {
        let list = if texts(spec, "gateways").is_empty() { "hosts" } else { "gateways" };
        let repair = format!("add host `{name}` and gateway `mesh` to it");
        return Some(Kept { list, repair });
    }
    let exports = texts(spec, "exportTo");
    let is_here = |to: &&str| *to == "*" || *here == **to || (*to == "." && namespace == here);
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

/// Returns why what is sent there reaches the canary's pods, or may.
fn find_leak(
    traffic: &Traffic<'_>,
    namespace: &str,
    subset: Option<&str>,
    canary: &Labels,
) -> Option<String> {
    let Some(name) = subset else {
        return Some(
            "the stable destination has no subset, so its requests reach the canary's pods as well"
                .to_owned(),
        );
    };
    let Some(pods) = traffic.backends.pods(namespace, Some(name)) else {
        return Some(format!(
            "no DestinationRule of the input has subset `{name}`, so it may hold the canary's pods as well"
        ));
    };
    pods.may_hold(canary).then(|| {
        format!("subset `{name}` holds the canary's pods as well, so its requests reach both")
    })
}
