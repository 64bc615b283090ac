//! Changes that somebody made to a rendered VirtualService.
//!
//! Each stage is made from the stored original, so that whatever else was changed would be lost
//! without a word. An object that carries an original must therefore be what some stage makes of it.

use serde_json::Value;

use super::edit::{Edit, edits_between};
use super::routing;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::EDITED_SINCE_RENDER;
use crate::manifest::FieldPath;
use crate::model::{ORIGINAL_ANNOTATION, StepTraffic, VirtualService, is_bookkeeping};
use crate::plan::Plan;

/// Tells the VirtualServices of the rollout that are not what any stage makes of their original.
pub(crate) fn find_hand_edits<'a>(plan: &Plan<'_, 'a>) -> Vec<Problem<'a>> {
    let routes = plan.rollout.traffic.iter().flat_map(|traffic| &traffic.routes).enumerate();
    let stored = routes.filter(|(_, route)| route.original.stored);
    stored.filter_map(|(index, route)| find_hand_edit(plan, index, route)).collect()
}

fn find_hand_edit<'a>(
    plan: &Plan<'_, 'a>,
    index: usize,
    route: &VirtualService<'a>,
) -> Option<Problem<'a>> {
    let found = comparable(&route.resource.to_value());
    let traffic = plan.rollout.traffic.as_ref()?;
    let steps = plan.steps.iter().zip(&plan.rollout.steps);
    let rendered =
        steps.filter(|(_, step)| step.traffic != StepTraffic::None).flat_map(|(planned, step)| {
            // The tree may have been rendered as the controller would, or written by it.
            let scripted = routing::script_route(route, &step.traffic, plan.sides(traffic));
            let scripted = scripted.ok().map(|(object, _)| object);
            [Some(routing::render(route, planned.routes.get(index))), scripted]
        });
    let nearest = rendered
        .flatten()
        .map(|stage| edits_between(&comparable(&stage), &found))
        .min_by_key(Vec::len)
        .filter(|edits| !edits.is_empty())?;
    let fields: Vec<_> = nearest.iter().map(|edit| format!("`{}`", edit_path(edit))).collect();
    let message = format!(
        "{} was edited since it was rendered: {} would be lost",
        route.resource.called(),
        fields.join(", ")
    );
    let problem =
        route.resource.problem_at(&edit_path(nearest.first()?), &EDITED_SINCE_RENDER, message);
    Some(
        problem
            .help("make the change in the source, or `--allow edited-since-render` to discard it"),
    )
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
        let entries = object.pointer(&format!("/metadata/{key}")).and_then(Value::as_object);
        let kept = entries
            .into_iter()
            .flatten()
            .filter(|(key, _)| !is_bookkeeping(key) || *key == ORIGINAL_ANNOTATION);
        let kept: serde_json::Map<_, _> =
            kept.map(|(key, value)| (key.clone(), value.clone())).collect();
        if !kept.is_empty() {
            metadata.insert(key.to_owned(), Value::Object(kept));
        }
    }
    serde_json::json!({"metadata": metadata, "spec": object.get("spec")})
}
