//! Changes that somebody made to a rendered routing object.
//!
//! Each stage is made from the stored original, so that whatever else was changed would be lost
//! without a word. An object that carries an original must therefore be what some stage makes of it.

mod peel;

use serde_json::Value;

use super::edit::{Edit, edits_between};
use super::routing;
use crate::diagnostic::codes::EDITED_SINCE_RENDER;
use crate::diagnostic::{Problem, listed};
use crate::manifest::{FieldPath, Resource};
use crate::model::{
    DestinationRule, ORIGINAL_ANNOTATION, VirtualService, is_bookkeeping, kept, unstamp,
};
use crate::plan::{Chain, Link, Plan, SubsetPlan, find_chains};
use peel::{Way, directing_steps};

/// A change that a render would lose.
pub(crate) struct HandEdit<'a> {
    /// The rollouts that change the object, by their index.
    pub(crate) rollouts: Vec<usize>,
    pub(crate) problem: Problem<'a>,
}

/// Returns the routing objects of the rollouts that are not what any of their stages makes of the
/// original.
pub(crate) fn find_hand_edits<'a>(plans: &[&Plan<'_, 'a>]) -> Vec<HandEdit<'a>> {
    let mut found = Vec::new();
    let rollouts: Vec<_> = plans.iter().map(|plan| plan.rollout).collect();
    for chain in find_chains(&rollouts) {
        let problem = find_in_route(plans, &chain);
        let rollouts = chain.links.iter().map(|link| link.rollout).collect();
        found.extend(problem.map(|problem| HandEdit { rollouts, problem }));
    }
    for (index, plan) in plans.iter().enumerate() {
        let rules = plan.rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
        for (rule, subset) in rules.zip(&plan.subsets).filter(|(rule, _)| rule.original.stored) {
            let problem = find_hand_edit(&rule.resource, &rendered_rule(plan, rule, subset));
            found.extend(problem.map(|problem| HandEdit { rollouts: vec![index], problem }));
        }
    }
    found
}

fn find_in_route<'a>(plans: &[&Plan<'_, 'a>], chain: &Chain) -> Option<Problem<'a>> {
    let links: Vec<_> = chain.links.iter().filter_map(|link| linked(plans, *link)).collect();
    let route = links.first()?.route;
    if !route.original.stored {
        return None;
    }
    let stored = routing::render_with(route, route.original.spec.clone());
    let mut rendered = match links.as_slice() {
        [one] => at_steps(one),
        several => vec![routing::render_with(route, peel::replay(several))],
    };
    rendered.push(stored);
    find_hand_edit(&route.resource, &rendered)
}

/// A rollout, and a VirtualService that it changes.
struct Linked<'p, 'a> {
    plan: &'p Plan<'p, 'a>,
    route: &'p VirtualService<'a>,
}

fn linked<'p, 'a>(plans: &[&'p Plan<'p, 'a>], link: Link) -> Option<Linked<'p, 'a>> {
    let plan = *plans.get(link.rollout)?;
    Some(Linked { plan, route: plan.rollout.routes().nth(link.route)? })
}

/// Returns the VirtualService at every step that directs traffic, rendered rightly and as the controller
/// would.
fn at_steps(linked: &Linked<'_, '_>) -> Vec<Value> {
    let mut results = Vec::new();
    for step in directing_steps(linked.plan.rollout) {
        for way in [Way::Planned, Way::Scripted] {
            let spec = peel::written(linked, &linked.route.original.spec, step, way);
            results.extend(spec.map(|spec| routing::render_with(linked.route, spec)));
        }
    }
    results
}

/// Reports how `resource` differs from that of `rendered` which is nearest to it.
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
