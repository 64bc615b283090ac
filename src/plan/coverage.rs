//! Who else selects the pods.
//!
//! A policy or budget that selects the stable pods by the label that differs now passes the canary's
//! by: unprotected, uncounted, unmonitored. For what protects that is an error.

mod neighbours;
mod selectors;

use super::{Isolation, Means, Surroundings};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{ALSO_SELECTS_CANARY, NOT_COVERED};
use crate::manifest::{FieldPath, Resource};
use crate::model::{LabelSelector, Labels, Part, Rollout, read_labels, selects};
use neighbours::find_neighbours;
use selectors::{PodSelector, Protects, find_selectors};

/// Tells selectors of the input that do not cover the canary's pods, and Services that select both.
pub(super) fn find_uncovered<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    surroundings: Surroundings<'_, 'a>,
) -> Vec<Problem<'a>> {
    let manifest = surroundings.manifest;
    let pods = Pods::of(rollout, isolation);
    let mut found = Vec::new();
    if isolation.means == Means::OwnLabel {
        return found;
    }
    for (id, object) in manifest.objects().filter(|(id, _)| !rollout.own.contains(id)) {
        if object.identity.is("", "Service") {
            let ours =
                rollout.traffic.as_ref().is_some_and(|traffic| traffic.service.resource.id == id);
            let here = object.identity.namespace == pods.namespace;
            let other = (here && !ours).then(|| manifest.resource(id)).flatten();
            found.extend(other.and_then(|service| pods.check_service(&service)));
        } else if selectors::is_known(&object.identity) {
            let resource = manifest.resource(id);
            if let Some(resource) = resource {
                found.extend(selectors::check_types(&resource));
                found.extend(pods.check_selectors(&resource));
            }
        }
    }
    // Without its revision, nothing is said of what the canary Service selects.
    let is_known = isolation.pins().is_none_or(|pins| pins.canary.is_some());
    let canary_selector = is_known.then_some(&isolation.service_selector);
    found.extend(find_neighbours(rollout, canary_selector, manifest));
    let autoscaler = surroundings.autoscalers.find(&rollout.workload.resource.identity);
    let autoscaler = autoscaler.and_then(|autoscaler| manifest.resource(autoscaler.id));
    found.extend(autoscaler.map(|autoscaler| not_scaled(&autoscaler)));
    found
}

/// The pods of both sides.
struct Pods<'p> {
    means: &'p Means,
    namespace: &'p str,
    stable: Vec<Labels>,
    canary: Labels,
    /// What users call the switch that leaves both versions to one Service.
    one_service_switch: &'static str,
}

impl<'p> Pods<'p> {
    fn of(rollout: &'p Rollout<'_>, isolation: &'p Isolation) -> Self {
        Self {
            means: &isolation.means,
            namespace: &rollout.workload.resource.identity.namespace,
            stable: rollout.versions().map(|workload| isolation.stable_pods(workload)).collect(),
            canary: isolation.canary_pods(),
            one_service_switch: rollout.word(Part::OneServiceSwitch),
        }
    }

    fn check_service<'a>(&self, service: &Resource<'a>) -> Option<Problem<'a>> {
        let selector = read_labels(service.field(&["spec", "selector"]).as_ref());
        if selector.is_empty() || !self.stable.iter().any(|labels| selects(&selector, labels)) {
            return None;
        }
        let path = FieldPath::of_keys(&["spec", "selector"]);
        let called = service.called();
        if selects(&selector, &self.canary) {
            let message =
                format!("{called} selects the pods of both versions, whatever the step says");
            let repair = match self.means {
                Means::Subset(_) => {
                    format!("route them by subset, or remove `{}`", self.one_service_switch)
                }
                _ => "choose a label that it selects by with `--isolation-key`".to_owned(),
            };
            return Some(
                service
                    .problem_at(&path, &ALSO_SELECTS_CANARY, message)
                    .help(format!("requests to it are shared by the number of pods; {repair}")),
            );
        }
        Some(
            uncovered(
                service,
                &path,
                "selects the stable pods only: the canary's pods get none of its requests",
            )
            .into_warning(),
        )
    }

    fn check_selectors<'a>(&self, resource: &Resource<'a>) -> Vec<Problem<'a>> {
        let selectors = find_selectors(resource).into_iter();
        let uncovered = selectors.filter_map(|selector| {
            let problem =
                uncovered(resource, &selector.path, self.difference(resource, &selector)?);
            Some(match selector.protects {
                Protects::Yes => problem,
                Protects::No => problem.into_warning(),
            })
        });
        uncovered.collect()
    }

    /// Returns what the selector makes different between the pods of both sides, if anything.
    fn difference(&self, resource: &Resource<'_>, selector: &PodSelector) -> Option<&'static str> {
        if !selector.namespaces.include(self.namespace, &resource.identity.namespace) {
            return None;
        }
        let hits = |labels: &Labels| hits(&selector.selector, labels, self.namespace);
        let stable = self.stable.iter().any(hits);
        match (stable, hits(&self.canary)) {
            (true, false) => {
                Some("selects the stable pods only: it does not hold for the canary's pods")
            }
            // What is written for all but the stable pods was not written for the canary's.
            (false, true) if selector.selector.is_negative() => {
                Some("selects all but the stable pods: it would hold for the canary's pods")
            }
            _ => None,
        }
    }
}

/// Cilium selects by the namespace as by a label.
fn hits(selector: &LabelSelector, labels: &Labels, namespace: &str) -> bool {
    let mut labels = labels.clone();
    labels.insert("io.kubernetes.pod.namespace".to_owned(), namespace.to_owned());
    selector.selects(&labels)
}

fn uncovered<'a>(resource: &Resource<'a>, path: &FieldPath, difference: &str) -> Problem<'a> {
    let message = format!("{} {difference}", resource.called());
    resource
        .problem_at(path, &NOT_COVERED, message)
        .help("select by a label that both have, choose another label with `--isolation-key`, or add a copy for the canary")
}

fn not_scaled<'a>(autoscaler: &Resource<'a>) -> Problem<'a> {
    let message = format!(
        "{} scales the stable pods only; the canary's number is that of the step",
        autoscaler.called()
    );
    let path = FieldPath::of_keys(&["spec", "scaleTargetRef"]);
    let problem = autoscaler.problem_at(&path, &NOT_COVERED, message);
    problem.help("see that the pods of the step carry the share that it sends").into_warning()
}
