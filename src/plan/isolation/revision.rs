//! Pods kept apart by their revision, as the controller does.
//!
//! The cluster labels each pod with a hash of its template. Pods and selectors of both Deployments
//! stay as they are, and each Service selects the revision of its version besides. The hashes cannot
//! be computed from manifests: they are given, or a controller has noted them in the Rollout's status.

use super::{Isolation, Means, Pins, changed, check_stable_service};
use crate::diagnostic::codes::{
    INVALID_REVISION, MISSING_REVISION, PIN_LOST, REVISION_UNUSED, SELECTOR_BREAKS,
    SERVICE_MISSES_WORKLOAD, UNKNOWN_ROLLOUT,
};
use crate::diagnostic::{Code, Collector, Problem, listed};
use crate::manifest::{FieldPath, Identity};
use crate::model::{
    CanaryAddress, Compat, Isolate, Labels, ObjectName, Part, Rollout, Service, is_label_value,
};
use crate::plan::{Decisions, Plan};
use crate::rollout::Stage;

/// Returns the label that the cluster gives to the pods of a revision.
///
/// From openkruise/rollouts:pkg/util/controller_finder.go `RevisionLabelKey`.
pub(super) fn key_of(workload: &Identity) -> Option<&'static str> {
    match (workload.group.as_str(), workload.kind.as_str()) {
        ("apps", "Deployment") | ("apps.kruise.io", "CloneSet" | "DaemonSet") => {
            Some("pod-template-hash")
        }
        ("apps" | "apps.kruise.io", "StatefulSet") | ("apps", "DaemonSet") => {
            Some("controller-revision-hash")
        }
        _ => None,
    }
}

/// Returns whether the Services of the rollout select by revision.
///
/// The controller does so always, except where it leaves both versions to one Service.
pub(super) fn is_by_revision(rollout: &Rollout<'_>) -> bool {
    let own_service =
        rollout.traffic.as_ref().is_some_and(|traffic| traffic.canary == CanaryAddress::Service);
    let asked = rollout.isolate == Some(Isolate::ByRevision);
    own_service && (asked || rollout.compat == Some(Compat::Kruise))
}

/// Plans what both Services select.
pub(super) fn plan_pins<'a>(
    rollout: &Rollout<'a>,
    service: &Service<'a>,
    (decisions, problems): (&Decisions<'_>, &mut Collector<'a>),
) -> Option<Isolation> {
    let key = key_of(&rollout.workload.resource.identity)?;
    let mut selector = service.selector.clone();
    selector.remove(key);
    check_stable_service(rollout, (service, &selector), problems)?;
    if selector.is_empty() {
        problems.push(nothing_besides(service, key));
        return None;
    }
    let name = &rollout.resource.identity;
    let (stable, canary) = (decisions.stable_revisions, decisions.canary_revisions);
    let assumed = decisions.assumed_revisions;
    let pins = Pins {
        key,
        stable: given(stable, name)
            .or_else(|| rollout.revisions.stable.clone())
            .or_else(|| assumed.map(|assumed| assumed.stable.to_owned())),
        canary: given(canary, name)
            .or_else(|| rollout.revisions.canary.clone())
            .or_else(|| assumed.map(|assumed| assumed.canary.to_owned())),
    };
    // Of the rollout's labels only those count that the selector has already:
    // openkruise/rollouts:pkg/trafficrouting/manager.go `createCanaryService`.
    for (key, value) in &mut selector {
        if let Some(patched) = rollout.pod_metadata.labels.get(key) {
            value.clone_from(patched);
        }
    }
    selector.extend(pins.canary_label());
    Some(keep_labels(rollout, (Means::Revision(pins), selector)))
}

/// Plans what the controller makes of a rollout without a Service: nothing tells the pods apart.
pub(super) fn plan_unpinned(rollout: &Rollout<'_>) -> Isolation {
    keep_labels(rollout, (Means::OwnLabel, Labels::new()))
}

/// Returns an isolation that keeps the labels of the canary's pods, but for those of the rollout, and the
/// selector of its Deployment.
fn keep_labels(rollout: &Rollout<'_>, (means, service_selector): (Means, Labels)) -> Isolation {
    let stable = &rollout.workload.pod_labels;
    let mut pod_labels = stable.clone();
    pod_labels.extend(rollout.pod_metadata.labels.clone());
    let selector = rollout.workload.selector.clone();
    // The controller leaves selectors inside the template as they are.
    let changed = match rollout.compat {
        None => changed(stable, &pod_labels),
        Some(Compat::Kruise) => Vec::new(),
    };
    Isolation { means, pod_labels, selector, service_selector, changed }
}

/// Returns what was said for the rollout: by its name, with its namespace first, or for all.
fn given(said: &[(Option<ObjectName>, String)], rollout: &Identity) -> Option<String> {
    let rank = |(name, _): &&(Option<ObjectName>, String)| match name {
        Some(name) if name.namespace.is_some() => 2,
        Some(_) => 1,
        None => 0,
    };
    let names = |name: &ObjectName| name.names(rollout);
    let of_it = said.iter().filter(|(name, _)| name.as_ref().is_none_or(names));
    of_it.max_by_key(rank).map(|(_, revision)| revision.clone())
}

/// Reports revisions that are given for a rollout that is not there, for several at once, or in vain.
pub(in crate::plan) fn check_revisions<'a>(
    rollouts: &[&Rollout<'a>],
    decisions: &Decisions<'_>,
    problems: &mut Collector<'a>,
) {
    let said = [
        ("--stable-revision", decisions.stable_revisions),
        ("--canary-revision", decisions.canary_revisions),
    ];
    for (flag, said) in said {
        let found =
            said.iter().filter_map(|(name, _)| check_revision(rollouts, flag, name.as_ref()));
        found.for_each(|problem| problems.push(problem));
    }
}

fn check_revision<'a>(
    rollouts: &[&Rollout<'a>],
    flag: &str,
    name: Option<&ObjectName>,
) -> Option<Problem<'a>> {
    let meant: Vec<_> = rollouts
        .iter()
        .filter(|rollout| name.is_none_or(|name| name.names(&rollout.resource.identity)))
        .collect();
    let (code, message) = match (name, meant.as_slice()) {
        (Some(name), []) => {
            (&UNKNOWN_ROLLOUT, format!("no rollout `{name}` is rendered, which `{flag}` names"))
        }
        (None, [_, _, ..]) => (
            &MISSING_REVISION,
            format!("`{flag}` does not say of which of {} rollouts", meant.len()),
        ),
        (_, meant) if meant.iter().any(|rollout| is_by_revision(rollout)) => return None,
        _ => {
            let message = format!("no Service selects by the revision that `{flag}` gives");
            let help = "add `--isolation pin`, or remove the flag";
            return Some(Problem::new(&REVISION_UNUSED, message).help(help));
        }
    };
    let names = listed(rollouts.iter().map(|one| &one.resource.identity.name));
    let help = format!("write `{flag} NAME=REVISION` with one of {names}");
    Some(Problem::new(code, message).help(help))
}

/// Reports pins that cannot be written at `stage`, and one of somebody else that is lost.
pub(in crate::plan) fn check_pins<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Vec<Problem<'a>> {
    let Some(pins) = plan.isolation.pins() else { return Vec::new() };
    let rollout = plan.rollout;
    let mut found: Vec<_> = lost_pin(rollout, pins).into_iter().collect();
    let stable = Side {
        pods: "stable",
        part: Part::StableRevision,
        noted: &rollout.revisions.stable,
        revision: &pins.stable,
    };
    let canary = Side {
        pods: "canary",
        part: Part::CanaryRevision,
        noted: &rollout.revisions.canary,
        revision: &pins.canary,
    };
    match stage {
        Stage::Stable | Stage::Done => {}
        Stage::Promote => found.extend(canary.check(rollout, pins.key)),
        Stage::Step(_) => {
            found.extend(stable.check(rollout, pins.key));
            found.extend(canary.check(rollout, pins.key));
            if pins.stable == pins.canary && pins.stable.is_some() {
                let message = "stable and canary pods are said to have the same revision";
                found.push(canary.problem(rollout, &INVALID_REVISION, message).help(
                    "give the revisions of two versions: the old ReplicaSet's and the canary's",
                ));
            }
        }
    }
    found
}

/// One of the two revisions.
struct Side<'s> {
    pods: &'static str,
    /// Where a controller notes it.
    part: Part,
    /// What it has noted.
    noted: &'s Option<String>,
    revision: &'s Option<String>,
}

impl Side<'_> {
    fn check<'a>(&self, rollout: &Rollout<'a>, key: &str) -> Option<Problem<'a>> {
        let (pods, name) = (self.pods, rollout.name_of_flag());
        let help = format!(
            "give it with `--{pods}-revision {name}=REVISION`; the {pods} pods have it as label `{key}`"
        );
        let (code, message) = match self.revision {
            None => {
                let workload = rollout.workload.resource.called();
                (
                    &MISSING_REVISION,
                    format!("the revision of the {pods} pods of {workload} is not known"),
                )
            }
            Some(revision) if revision.is_empty() || !is_label_value(revision) => {
                (&INVALID_REVISION, format!("`{revision}` is no value that a label can have"))
            }
            Some(_) => return None,
        };
        Some(self.problem(rollout, code, &message).help(help))
    }

    /// Points at the status where that is what was read.
    fn problem<'a>(
        &self,
        rollout: &Rollout<'a>,
        code: &'static Code,
        message: &str,
    ) -> Problem<'a> {
        match self.revision {
            Some(_) if self.noted == self.revision => rollout.problem(self.part, code, message),
            Some(_) => Problem::new(code, message),
            None => rollout.resource.root().problem(code, message),
        }
    }
}

/// Reports a pin that no render of ours has written, since our canary objects are not beside it.
fn lost_pin<'a>(rollout: &Rollout<'a>, pins: &Pins) -> Option<Problem<'a>> {
    let service = &rollout.traffic.as_ref()?.service;
    if !rollout.own.is_empty() {
        return None;
    }
    let pin = service.selector.get(pins.key)?;
    let key = pins.key;
    let message = format!(
        "{} selects by `{key}: {pin}`, which no render has written: it is not kept",
        service.resource.called()
    );
    let path = FieldPath::of_keys(&["spec", "selector", key]);
    let problem = service.resource.problem_at(&path, &PIN_LOST, message);
    Some(problem.help(format!("remove `{key}` from the selector; the rollout decides about it")))
}

fn nothing_besides<'a>(service: &Service<'a>, key: &str) -> Problem<'a> {
    let message = format!("{} selects by nothing but `{key}`", service.resource.called());
    let path = FieldPath::of_keys(&["spec", "selector"]);
    service
        .resource
        .problem_at(&path, &SERVICE_MISSES_WORKLOAD, message)
        .help("add a label to its selector that the pods of both versions carry")
}

/// Reports labels of the rollout that the canary Deployment cannot have beside the selector it keeps.
pub(super) fn selector_breaks<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!(
        "`{}` changes a label that the selector of {} holds, which the canary Deployment keeps: the API server would refuse it",
        rollout.word(Part::PodMetadata),
        rollout.workload.resource.called()
    );
    let problem = rollout.problem(Part::PodMetadata, &SELECTOR_BREAKS, message);
    problem.help(match rollout.compat {
        Some(Compat::Kruise) => {
            "remove the label there, or render without `--compat`: the selector then follows"
        }
        None => "remove the label there, or render without revisions: the selector then follows",
    })
}

#[cfg(test)]
mod tests {
    use super::key_of;
    use crate::manifest::Identity;

    #[test]
    fn the_key_is_that_of_the_kind() {
        let key = |group: &str, kind: &str| {
            let [version, namespace] = ["v1".into(), "default".into()];
            let (group, kind) = (group.into(), kind.into());
            key_of(&Identity { group, version, kind, namespace, name: String::new() })
        };
        let hash = Some("pod-template-hash");
        let revision = Some("controller-revision-hash");
        assert_eq!(key("apps", "Deployment"), hash);
        assert_eq!(key("apps.kruise.io", "CloneSet"), hash);
        assert_eq!(key("apps.kruise.io", "DaemonSet"), hash);
        assert_eq!(key("apps", "DaemonSet"), revision);
        assert_eq!(key("apps", "StatefulSet"), revision);
        assert_eq!(key("apps.kruise.io", "StatefulSet"), revision);
        assert_eq!(key("batch", "Job"), None);
    }
}
