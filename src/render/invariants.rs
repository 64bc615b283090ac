//! What must hold of every render, looked up in the result itself.
//!
//! The plan has made sure of all this from the manifests. Here it is checked once more on what is
//! about to be written; a break is our fault and is never written.

use serde_json::Value;

use super::StageRender;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::INTERNAL;
use crate::model::{Labels, selects};
use crate::plan::Plan;

/// Tells every invariant that the rendered canary objects break.
pub(crate) fn check_invariants<'a>(
    plan: &Plan<'_, 'a>,
    rendered: &StageRender<'_, 'a>,
) -> Vec<Problem<'a>> {
    let of_kind = |kind: &str| {
        let mut values = rendered.additions.iter().map(|addition| &addition.value);
        values.find(|value| value.get("kind").and_then(Value::as_str) == Some(kind))
    };
    let Some(deployment) = of_kind("Deployment") else { return Vec::new() };
    let canary = labels(deployment.pointer("/spec/template/metadata/labels"));
    let mut broken = Vec::new();
    if !selects(&labels(deployment.pointer("/spec/selector/matchLabels")), &canary) {
        broken.push("the canary Deployment does not select its own pods");
    }
    if let (Some(traffic), Some(service)) = (&plan.rollout.traffic, of_kind("Service")) {
        let selector = labels(service.pointer("/spec/selector"));
        let versions = [Some(&plan.rollout.workload), plan.rollout.old_workload.as_ref()];
        let mut stable = versions.into_iter().flatten().map(|workload| &workload.pod_labels);
        if selector.is_empty() || !selects(&selector, &canary) {
            broken.push("the canary Service does not select the canary's pods");
        }
        if selects(&traffic.service.selector, &canary) {
            broken.push("the stable Service selects the canary's pods");
        }
        if stable.any(|pods| selects(&selector, pods) || !selects(&traffic.service.selector, pods))
        {
            broken.push("a Service does not select the stable pods as it should");
        }
    }
    broken.into_iter().map(|message| internal(plan, message)).collect()
}

fn internal<'a>(plan: &Plan<'_, 'a>, message: &str) -> Problem<'a> {
    let problem = plan.rollout.resource.root().problem(&INTERNAL, message);
    problem.help("nothing was written; please report this with the manifests")
}

fn labels(map: Option<&Value>) -> Labels {
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
