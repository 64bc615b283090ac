//! Invariants of every render, checked on the result itself.
//!
//! The plan has made sure of all this from the manifests. Here it is checked once more on what is
//! about to be written; a break is our fault and is never written. What becomes of requests is proved
//! by the pipeline, which simulates them.

mod subsets;

use serde_json::Value;

use super::StageRender;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::INTERNAL;
use crate::model::{Labels, labels_of, selects};
use crate::plan::Plan;

/// Reports every invariant that the rendered canary objects break.
pub(crate) fn check_invariants<'a>(rendered: &StageRender<'_, 'a>) -> Vec<Problem<'a>> {
    let plan = rendered.at.plan;
    let of_kind = |kind: &str| {
        let mut values = rendered.additions.iter().map(|addition| &addition.value);
        values.find(|value| value.get("kind").and_then(Value::as_str) == Some(kind))
    };
    let mut broken = match plan.rollout.compat {
        // Whose faults are told one by one.
        Some(_) => Vec::new(),
        None => subsets::check_rules(plan, rendered),
    };
    broken.extend(check_pin(plan, rendered));
    let Some(deployment) = of_kind("Deployment") else { return internal(plan, broken) };
    let mut canary = labels_of(deployment.pointer("/spec/template/metadata/labels"));
    if !selects(&labels_of(deployment.pointer("/spec/selector/matchLabels")), &canary) {
        broken.push("the canary Deployment does not select its own pods");
    }
    if let (Some(stable), Some(service)) = (stable_selector(plan, rendered), of_kind("Service")) {
        let selector = labels_of(service.pointer("/spec/selector"));
        // The cluster adds the label of the revision, whatever the template says.
        canary.extend(plan.isolation.canary_label());
        let mut pods = plan.rollout.versions().map(|workload| plan.isolation.stable_pods(workload));
        if selector.is_empty() || !selects(&selector, &canary) {
            broken.push("the canary Service does not select the canary's pods");
        }
        if selects(&stable, &canary) && !is_unpinned(plan, rendered) {
            broken.push("the stable Service selects the canary's pods");
        }
        if pods.any(|pods| selects(&selector, &pods) || !selects(&stable, &pods)) {
            broken.push("a Service does not select the stable pods as it should");
        }
    }
    broken.extend(subsets::check_canary(plan, rendered, &canary));
    internal(plan, broken)
}

/// Returns what the stable Service selects at this stage.
fn stable_selector(plan: &Plan<'_, '_>, rendered: &StageRender<'_, '_>) -> Option<Labels> {
    let service = &plan.rollout.traffic.as_ref()?.service;
    Some(match rendered.edited(service.resource.id) {
        Some(edited) => labels_of(edited.after.pointer("/spec/selector")),
        None => service.selector.clone(),
    })
}

/// Returns whether this is the stage at which both versions are the new one and the stable Service may
/// select the canary's pods.
fn is_unpinned(plan: &Plan<'_, '_>, rendered: &StageRender<'_, '_>) -> bool {
    plan.isolation.pins().is_some() && !rendered.at.standing.is_pinned
}

/// Checks that the stable Service is pinned at the steps, and at no other stage.
fn check_pin(plan: &Plan<'_, '_>, rendered: &StageRender<'_, '_>) -> Option<&'static str> {
    let pins = plan.isolation.pins()?;
    let pin = stable_selector(plan, rendered)?.remove(pins.key);
    let wanted = if rendered.at.standing.is_pinned { pins.stable.clone() } else { None };
    (pin != wanted).then_some("the stable Service is not pinned as it should be")
}

fn internal<'a>(plan: &Plan<'_, 'a>, broken: Vec<&str>) -> Vec<Problem<'a>> {
    let told = broken.into_iter().map(|message| {
        let problem = plan.rollout.resource.root().problem(&INTERNAL, message);
        problem.help("nothing was written; please report this with the manifests")
    });
    told.collect()
}
