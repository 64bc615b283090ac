//! Changes that somebody made to a rendered routing object.
//!
//! Each stage is made from the stored original, so that whatever else was changed would be lost
//! without a word. An object that carries an original must therefore be what some stage makes of it.

use serde_json::Value;

use super::edit::{Edit, edits_between};
use super::routing;
use crate::diagnostic::codes::EDITED_SINCE_RENDER;
use crate::diagnostic::{Problem, listed};
use crate::manifest::{FieldPath, Resource};
use crate::model::{
    DestinationRule, Earlier, ORIGINAL_ANNOTATION, VirtualService, is_bookkeeping, kept, unstamp,
};
use crate::plan::{Plan, RoutePlan, SubsetPlan, plan_route};

/// Tells the routing objects of the rollout that are not what any stage makes of their original.
pub(crate) fn find_hand_edits<'a>(plan: &Plan<'_, 'a>) -> Vec<Problem<'a>> {
    let routes = plan.rollout.routes().enumerate();
    let routes = routes.filter(|(_, route)| route.original.stored && !route.superseded);
    let routes = routes.filter_map(|(number, route)| {
        find_hand_edit(&route.resource, &rendered(plan, number, route))
    });
    let rules = plan.rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
    let rules = rules.zip(&plan.subsets).filter(|(rule, _)| rule.original.stored);
    let rules = rules.filter_map(|(rule, subset)| {
        find_hand_edit(&rule.resource, &rendered_rule(plan, rule, subset))
    });
    routes.chain(rules).collect()
}

/// Tells how `resource` differs from that of `rendered` which is nearest to it.
fn find_hand_edit<'a>(resource: &Resource<'a>, rendered: &[Value]) -> Option<Problem<'a>> {
    let mut found = resource.to_value();
    unstamp(&mut found);
    let found = comparable(&found);
    let nearest = rendered
        .iter()
        .map(|stage| edits_between(&comparable(stage), &found))
        .min_by_key(Vec::len)
        .filter(|edits| !edits.is_empty())?;
    let fields = listed(nearest.iter().map(edit_path));
    let message =
        format!("{} was edited since it was rendered: {fields} would be lost", resource.called());
    let problem = resource.problem_at(&edit_path(nearest.first()?), &EDITED_SINCE_RENDER, message);
    Some(
        problem
            .help("make the change in the source, or `--allow edited-since-render` to discard it"),
    )
}

/// Returns the VirtualService at every stage, rendered rightly and as the controller would.
fn rendered(plan: &Plan<'_, '_>, number: usize, route: &VirtualService<'_>) -> Vec<Value> {
    let stored = [routing::render_stored(route)];
    let Some(earlier) = &route.earlier else {
        let planned = |index: usize| plan.steps.get(index)?.routes.get(number).cloned();
        return at_steps(plan, route, planned).into_iter().chain(stored).collect();
    };
    let bases =
        earlier.any.iter().map(|spec| route.after(Earlier { spec: spec.clone(), any: Vec::new() }));
    let results = bases.flat_map(|base| {
        let planned = |index: usize| {
            let step = plan.rollout.steps.get(index)?;
            let backends = &plan.rollout.traffic.as_ref()?.backends;
            Some(plan_route(&base, &step.traffic, backends).0)
        };
        let own = at_steps(plan, &base, planned);
        own.into_iter().chain([routing::render(&base, None)])
    });
    results.chain(stored).collect()
}

/// Returns the DestinationRule, the same at every step that directs traffic, in both ways.
fn rendered_rule(
    plan: &Plan<'_, '_>,
    rule: &DestinationRule<'_>,
    subset: &SubsetPlan,
) -> Vec<Value> {
    let Some(traffic) = &plan.rollout.traffic else { return Vec::new() };
    let scripted = routing::script_rule(rule, &traffic.backends, plan.rollout.places);
    let scripted = scripted.ok().map(|(object, _)| object);
    [routing::render_rule(rule, Some(subset))].into_iter().chain(scripted).collect()
}

/// Returns the VirtualService at every step that directs traffic, by what is planned for it.
fn at_steps(
    plan: &Plan<'_, '_>,
    route: &VirtualService<'_>,
    planned: impl Fn(usize) -> Option<RoutePlan>,
) -> Vec<Value> {
    let Some(traffic) = &plan.rollout.traffic else { return Vec::new() };
    let backends = &traffic.backends;
    let steps = plan.rollout.steps.iter().map(|step| &step.traffic).enumerate();
    let steps = steps.filter(|(_, traffic)| traffic.directs());
    let results = steps.flat_map(|(index, traffic)| {
        let rightly = planned(index).map(|planned| routing::render(route, Some(&planned)));
        let scripted = routing::script_route(route, traffic, backends);
        let scripted = scripted.ok().map(|(object, _)| object);
        [rightly, scripted]
    });
    results.flatten().collect()
}

fn edit_path(edit: &Edit) -> FieldPath {
    match edit {
        Edit::Set { path, .. } | Edit::Remove { path } => path.clone(),
        Edit::Insert { path, index, .. } => path.index(*index),
    }
}

/// Returns what a render decides about: spec, labels, and the annotations of people.
fn comparable(object: &Value) -> Value {
    let mut metadata = serde_json::Map::new();
    for key in ["labels", "annotations"] {
        let entries = object.pointer(&format!("/metadata/{key}"));
        let kept = kept(entries, |key, _| !is_bookkeeping(key) || key == ORIGINAL_ANNOTATION);
        if !kept.is_empty() {
            metadata.insert(key.to_owned(), Value::Object(kept));
        }
    }
    serde_json::json!({"metadata": metadata, "spec": object.get("spec")})
}
