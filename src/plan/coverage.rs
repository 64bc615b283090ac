//! Policies, budgets and Services that select the pods of a rollout.
//!
//! A policy or budget that selects the stable pods by the label that differs now passes the canary's
//! by: unprotected, uncounted, unmonitored. For what protects that is an error.

mod neighbours;
mod selecting;
mod selectors;

use super::{Isolation, Means, Surroundings};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{ALSO_SELECTS_CANARY, NOT_COVERED};
use crate::manifest::{FieldPath, Manifest, Resource};
use crate::model::{LabelSelector, Labels, Part, Rollout, selects};
use neighbours::find_neighbours;
pub(crate) use selecting::Selecting;
use selecting::Selector;
use selectors::{PodSelector, Protects};

/// Reports selectors of the input that do not cover the canary's pods, and Services that select both.
pub(super) fn find_uncovered<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    surroundings: Surroundings<'_, 'a>,
) -> Vec<Problem<'a>> {
    let Surroundings { sources, selecting, .. } = surroundings;
    let manifest = sources.manifest;
    if isolation.means == Means::OwnLabel {
        return Vec::new();
    }
    let pods = Pods::of(rollout, isolation);
    let mut found = Vec::new();
    for service in selecting.services(pods.namespace, &pods.stable.iter().collect::<Vec<_>>()) {
        let is_ours = rollout
            .traffic
            .as_ref()
            .is_some_and(|traffic| traffic.service.resource.id == service.id);
        if !is_ours && !rollout.own.contains(&service.id) {
            found.extend(pods.check_service(manifest, service));
        }
    }
    found.extend(selecting.problems.iter().cloned());
    for policy in selecting.policies(&pods.as_cilium_sees_them().iter().collect::<Vec<_>>()) {
        if !rollout.own.contains(&policy.id) {
            found.extend(pods.check_policy(manifest, policy));
        }
    }
    // Without its revision, nothing is said of what the canary Service selects.
    let is_known = isolation.pins().is_none_or(|pins| pins.canary.is_some());
    let canary_selector = is_known.then_some(&isolation.service_selector);
    found.extend(find_neighbours(rollout, canary_selector, sources));
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

    /// Returns the labels of all pods, that of their namespace among them.
    fn as_cilium_sees_them(&self) -> Vec<Labels> {
        let all = self.stable.iter().chain([&self.canary]);
        all.map(|labels| with_namespace(labels, self.namespace)).collect()
    }

    fn check_service<'a>(
        &self,
        manifest: &Manifest<'a>,
        found: &Selector<Labels>,
    ) -> Option<Problem<'a>> {
        let selector = &found.selector;
        if !self.stable.iter().any(|labels| selects(selector, labels)) {
            return None;
        }
        let service = &manifest.resource(found.id)?;
        let path = FieldPath::of_keys(&["spec", "selector"]);
        let called = service.called();
        if selects(selector, &self.canary) {
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

    fn check_policy<'a>(
        &self,
        manifest: &Manifest<'a>,
        found: &Selector<PodSelector>,
    ) -> Option<Problem<'a>> {
        let selector = &found.selector;
        let own = &manifest.object(found.id)?.identity.namespace;
        let difference = self.difference(selector, own)?;
        let resource = manifest.resource(found.id)?;
        let problem = uncovered(&resource, &selector.path, difference);
        Some(match selector.protects {
            Protects::Yes => problem,
            Protects::No => problem.into_warning(),
        })
    }

    /// Returns what the selector makes different between the pods of both sides, if anything.
    fn difference(&self, selector: &PodSelector, own: &str) -> Option<&'static str> {
        if !selector.namespaces.include(self.namespace, own) {
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

fn hits(selector: &LabelSelector, labels: &Labels, namespace: &str) -> bool {
    selector.selects(&with_namespace(labels, namespace))
}

/// Returns the labels of pods with that of their namespace, by which Cilium selects as well.
fn with_namespace(labels: &Labels, namespace: &str) -> Labels {
    let mut labels = labels.clone();
    labels.insert("io.kubernetes.pod.namespace".to_owned(), namespace.to_owned());
    labels
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
