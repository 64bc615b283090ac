//! Invariants of DestinationRules, and of a canary that is a subset.

use serde_json::Value;

use crate::model::{CANARY_SUBSET, CanaryAddress, DestinationRule, Labels, labels_of, selects};
use crate::plan::{Plan, rules_of_stable};
use crate::render::StageRender;

/// Checks that all that a DestinationRule says besides the canary's subset is in the result as it was.
pub(super) fn check_rules(
    plan: &Plan<'_, '_>,
    rendered: &StageRender<'_, '_>,
) -> Vec<&'static str> {
    let rules = plan.rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
    let changed = rules.filter(|rule| {
        result(rendered, rule).is_some_and(|spec| others(spec) != others(&rule.original.spec))
    });
    changed.map(|_| "a DestinationRule is not what it was besides the canary's subset").collect()
}

/// Checks that the subset of a canary of the one Service leads to its pods and to no stable ones.
pub(super) fn check_canary(
    plan: &Plan<'_, '_>,
    rendered: &StageRender<'_, '_>,
    canary: &Labels,
) -> Vec<&'static str> {
    let traffic = plan.rollout.traffic.iter();
    let mut broken = Vec::new();
    // In compat mode the controller decides, and what it misses is reported by the plan.
    let checked = rendered.at.standing.directs && plan.rollout.compat.is_none();
    for traffic in traffic.filter(|it| checked && it.canary == CanaryAddress::Subset) {
        if !selects(&traffic.service.selector, canary) {
            broken.push("the one Service does not select the canary's pods");
        }
        let old = plan.rollout.old_workload.as_ref().map(|old| &old.pod_labels);
        for subset in rules_of_stable(traffic).filter_map(|rule| result(rendered, rule)) {
            let selector = canary_subset(subset).map(|subset| labels_of(subset.get("labels")));
            let Some(selector) = selector.filter(|selector| selects(selector, canary)) else {
                broken.push("subset `canary` does not hold the canary's pods");
                continue;
            };
            if old.is_some_and(|pods| selects(&selector, pods)) {
                broken.push("subset `canary` holds stable pods");
            }
        }
    }
    broken
}

/// Returns the spec that the rule gets, if it gets another one.
fn result<'r>(rendered: &'r StageRender<'_, '_>, rule: &DestinationRule<'_>) -> Option<&'r Value> {
    rendered.edited(rule.resource.id)?.after.get("spec")
}

fn is_canary(subset: &Value) -> bool {
    subset.get("name").and_then(Value::as_str) == Some(CANARY_SUBSET)
}

fn canary_subset(spec: &Value) -> Option<&Value> {
    spec.get("subsets").and_then(Value::as_array)?.iter().find(|subset| is_canary(subset))
}

/// Returns the spec without the canary's subset.
fn others(spec: &Value) -> Value {
    let mut spec = spec.clone();
    if let Some(subsets) = spec.get_mut("subsets").and_then(Value::as_array_mut) {
        subsets.retain(|subset| !is_canary(subset));
    }
    let none = |subsets: &Value| subsets.as_array().is_none_or(Vec::is_empty);
    if spec.get("subsets").is_some_and(none) {
        spec.as_object_mut().map(|fields| fields.shift_remove("subsets"));
    }
    spec
}
