//! The labels that keep the pods of the two versions apart.
//!
//! The stable Service must not select canary pods. Either the rollout itself gives the canary's pods
//! another value for a label that the Service selects by, or one such label gets another value:
//! `canary` where it is there to tell variants apart, `<value>-canary` otherwise. What is chosen depends
//! on the values of the manifests alone, never on the step or the order of the text, since the selector
//! of a Deployment cannot be changed later. Where it is asked for, both Services select by the revision
//! of their version instead: [`revision`].

mod revision;

pub(super) use revision::{check_pins, check_revisions};

use super::{Decisions, subset};
use crate::diagnostic::codes::{
    SELECTOR_BREAKS, SELECTOR_FOLLOWS_VERSION, SERVICE_MISSES_WORKLOAD, UNKNOWN_ISOLATION_KEY,
};
use crate::diagnostic::{Collector, Problem, nearest};
use crate::manifest::FieldPath;
use crate::model::{
    CANARY_DEPLOYMENT_LABEL, CANARY_SUFFIX, CanaryAddress, Compat, Isolate, LabelSelector, Labels,
    Part, Rollout, Service, Workload, selects, with_suffix,
};

/// Labels that everybody uses for the application as a whole: the last to be given another value.
const APPLICATION_KEYS: [&str; 2] = ["app", "app.kubernetes.io/name"];

/// Labels that are there to tell variants of a workload apart, and what they say of a canary.
const VARIANT_KEYS: [&str; 4] = ["track", "variant", "pipecd.dev/variant", "harness.io/track"];
const CANARY_VARIANT: &str = "canary";

/// What the canary's pods carry and what selects them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Isolation {
    pub(crate) means: Means,
    /// The labels of the canary's pods.
    pub(crate) pod_labels: Labels,
    /// What the canary Deployment selects.
    pub(crate) selector: LabelSelector,
    /// What the canary Service selects, or the canary's subset of the one Service; empty where there
    /// is no Service.
    pub(crate) service_selector: Labels,
    /// The labels whose value differs between the two versions: key, stable, canary.
    pub(crate) changed: Vec<(String, String, String)>,
}

impl Isolation {
    /// Returns what the Services are pinned to, where they are.
    pub(crate) fn pins(&self) -> Option<&Pins> {
        match &self.means {
            Means::Revision(pins) => Some(pins),
            Means::PatchedLabels(_) | Means::Relabelled(_) | Means::Subset(_) | Means::OwnLabel => {
                None
            }
        }
    }

    /// Returns the labels of stable pods, as the cluster has them.
    pub(crate) fn stable_pods(&self, workload: &Workload<'_>) -> Labels {
        let mut labels = workload.pod_labels.clone();
        labels.extend(self.pins().and_then(Pins::stable_label));
        labels
    }

    /// Returns the label of the canary's revision, where the Services select by it.
    pub(crate) fn canary_label(&self) -> Option<(String, String)> {
        self.pins().and_then(Pins::canary_label)
    }

    /// Returns the labels of the canary's pods, as the cluster has them.
    pub(crate) fn canary_pods(&self) -> Labels {
        let mut labels = self.pod_labels.clone();
        labels.extend(self.canary_label());
        labels
    }
}

/// What tells the pods apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// The rollout changes these labels of the pods, which the Service selects by.
    PatchedLabels(Vec<String>),
    /// This label gets another value.
    Relabelled(String),
    /// These labels, by which a subset of the one Service selects.
    Subset(Vec<String>),
    /// Each Service selects by the revision of its version.
    Revision(Pins),
    /// Nothing that a Service selects by: traffic goes by the number of pods.
    OwnLabel,
}

/// The revisions that the Services select by; one that is not known is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pins {
    /// The label that the cluster gives to the pods of a revision.
    pub(crate) key: &'static str,
    pub(crate) stable: Option<String>,
    pub(crate) canary: Option<String>,
}

impl Pins {
    fn stable_label(&self) -> Option<(String, String)> {
        self.stable.clone().map(|revision| (self.key.to_owned(), revision))
    }

    fn canary_label(&self) -> Option<(String, String)> {
        self.canary.clone().map(|revision| (self.key.to_owned(), revision))
    }
}

/// Chooses how to tell the pods apart, or tells why none of the ways will do.
pub(super) fn plan_isolation<'a>(
    rollout: &Rollout<'a>,
    decisions: &Decisions<'_>,
    problems: &mut Collector<'a>,
) -> Option<Isolation> {
    let Some(traffic) = &rollout.traffic else {
        return match rollout.compat {
            None => Some(without_service(rollout)),
            Some(Compat::Kruise) => Some(revision::plan_unpinned(rollout)),
        };
    };
    let service = &traffic.service;
    if revision::is_by_revision(rollout) {
        return revision::plan_pins(rollout, service, (decisions, problems));
    }
    check_stable_service(rollout, (service, &service.selector), problems)?;
    match (traffic.canary, rollout.compat) {
        (CanaryAddress::Subset, Some(Compat::Kruise)) => Some(revision::plan_unpinned(rollout)),
        (CanaryAddress::Subset, None) => Some(by_subset(rollout, service)),
        (CanaryAddress::Service, _) => by_label(rollout, service, problems),
    }
}

/// Returns an isolation by another value for a label that the stable Service selects by.
fn by_label<'a>(
    rollout: &Rollout<'a>,
    service: &Service<'a>,
    problems: &mut Collector<'a>,
) -> Option<Isolation> {
    let key = match &rollout.isolate {
        Some(Isolate::ByKey(key)) => Some(key.as_str()),
        Some(Isolate::ByRevision) | None => None,
    };
    if let Some(key) = key.filter(|key| !service.selector.contains_key(*key)) {
        problems.push(unknown_key(service, key));
        return None;
    }
    let patched: Vec<String> = service
        .selector
        .iter()
        .filter(|(key, value)| {
            rollout.pod_metadata.labels.get(*key).is_some_and(|patched| patched != *value)
        })
        .map(|(key, _)| key.clone())
        .collect();
    let (means, own) = if patched.is_empty() {
        let key = key.map_or_else(|| choose_key(rollout, service), |key| Some(key.to_owned()))?;
        let value = canary_value(&key, service.selector.get(&key)?);
        (Means::Relabelled(key.clone()), Labels::from([(key, value)]))
    } else {
        (Means::PatchedLabels(patched), Labels::new())
    };
    Some(isolate(rollout, means, &own))
}

/// Returns an isolation by a label of the canary's own beside all others, where there is no Service.
fn without_service(rollout: &Rollout<'_>) -> Isolation {
    let workload = with_suffix(&rollout.workload.resource.identity.name, "");
    isolate(
        rollout,
        Means::OwnLabel,
        &Labels::from([(CANARY_DEPLOYMENT_LABEL.to_owned(), workload)]),
    )
}

/// Returns an isolation by the labels of the canary's subset beside all others, where there is one Service.
///
/// The canary Deployment selects by these too, so that it lays no claim to the stable pods.
fn by_subset(rollout: &Rollout<'_>, service: &Service<'_>) -> Isolation {
    let own = subset::canary_labels(rollout);
    let means = Means::Subset(own.keys().cloned().collect());
    let mut isolation = isolate(rollout, means, &own);
    isolation.service_selector = service.selector.clone();
    isolation.service_selector.extend(own);
    isolation
}

/// Lays the rollout's labels and our own over those of the new template.
fn isolate(rollout: &Rollout<'_>, means: Means, own: &Labels) -> Isolation {
    let stable = &rollout.workload.pod_labels;
    let mut pod_labels = stable.clone();
    pod_labels.extend(rollout.pod_metadata.labels.clone());
    pod_labels.extend(own.clone());
    let service = rollout.traffic.as_ref().map(|traffic| &traffic.service.selector);
    let follow = |(key, value): (&String, &String)| {
        (key.clone(), pod_labels.get(key).unwrap_or(value).clone())
    };
    let service_selector: Labels = service.into_iter().flatten().map(follow).collect();
    let mut selector = rollout.workload.selector.clone();
    selector.match_labels = selector.match_labels.iter().map(follow).collect();
    selector.match_labels.extend(own.clone());
    if let Means::PatchedLabels(keys) = &means {
        let chosen = keys.iter().filter_map(|key| pod_labels.get_key_value(key));
        selector.match_labels.extend(chosen.map(|(key, value)| (key.clone(), value.clone())));
    }
    let changed = changed(stable, &pod_labels);
    Isolation { means, pod_labels, selector, service_selector, changed }
}

fn changed(stable: &Labels, canary: &Labels) -> Vec<(String, String, String)> {
    let changed = canary.iter().filter_map(|(key, value)| {
        let old = stable.get(key).filter(|old| *old != value)?;
        Some((key.clone(), old.clone(), value.clone()))
    });
    changed.collect()
}

/// Returns the canary's value of a label: `canary` for a variant, else the value with a suffix.
fn canary_value(key: &str, stable: &str) -> String {
    if stable.is_empty() || (VARIANT_KEYS.contains(&key) && stable != CANARY_VARIANT) {
        return CANARY_VARIANT.to_owned();
    }
    with_suffix(stable, CANARY_SUFFIX)
}

/// Prefers a key that is there to tell variants apart, then one that Service and Deployment both select
/// by, then one that is not the application's name, then the first in bytewise order.
fn choose_key(rollout: &Rollout<'_>, service: &Service<'_>) -> Option<String> {
    let selector = &rollout.workload.selector.match_labels;
    let rank = |key: &&String| {
        let variant = VARIANT_KEYS.contains(&key.as_str());
        (
            !variant,
            !selector.contains_key(*key),
            APPLICATION_KEYS.contains(&key.as_str()),
            (*key).clone(),
        )
    };
    service.selector.keys().min_by_key(rank).cloned()
}

/// Checks that the stable Service selects the pods of both versions of the stable Deployment.
fn check_stable_service<'a>(
    rollout: &Rollout<'a>,
    (service, selector): (&Service<'a>, &Labels),
    problems: &mut Collector<'a>,
) -> Option<()> {
    let (new, old) = (&rollout.workload, rollout.old_workload.as_ref());
    let misses = |workload: &Workload<'_>| !selects(selector, &workload.pod_labels);
    let old_missed = old.is_some_and(misses);
    if !misses(new) && !old_missed {
        return Some(());
    }
    let (service, workload) = (&service.resource, new.resource.called());
    let path = FieldPath::of_keys(&["spec", "selector"]);
    let called = service.called();
    problems.push(if old.is_some() && misses(new) != old_missed {
        let message = format!("{called} selects the pods of only one version of {workload}");
        service
            .problem_at(&path, &SELECTOR_FOLLOWS_VERSION, message)
            .help("remove the label that changes with the version from the Service's selector")
    } else {
        let message = format!("{called} does not select the pods of {workload}");
        service
            .problem_at(&path, &SERVICE_MISSES_WORKLOAD, message)
            .help(missed_help(new, selector))
    });
    None
}

/// Returns the repair of a selector that misses pods. `--isolation pin` or a controller leaves one by
/// revision.
fn missed_help(workload: &Workload<'_>, selector: &Labels) -> String {
    let pinned = revision::key_of(&workload.resource.identity);
    match pinned.filter(|key| selector.contains_key(*key)) {
        Some(key) => format!(
            "remove `{key}` from the selector, or render with `--isolation pin`, if it is how the pods are told apart"
        ),
        None => {
            "make the selector match `spec.template.metadata.labels` of the workload".to_owned()
        }
    }
}

/// Reports a canary Deployment whose selector does not select its pods.
///
/// Only where it is written: at a stage without a canary nothing stands in the way.
pub(super) fn check_selector<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
) -> Option<Problem<'a>> {
    if isolation.selector.selects(&isolation.pod_labels) {
        return None;
    }
    let keeps_labels = rollout.compat == Some(Compat::Kruise) || isolation.pins().is_some();
    Some(if keeps_labels {
        revision::selector_breaks(rollout)
    } else {
        expression_breaks(rollout, &isolation.means)
    })
}

/// Reports an expression of the workload's selector that does not hold for the label's new value.
fn expression_breaks<'a>(rollout: &Rollout<'a>, means: &Means) -> Problem<'a> {
    let workload = &rollout.workload.resource;
    let message = format!(
        "the selector of {} would not select the canary's pods once they are relabelled",
        workload.called()
    );
    let path = FieldPath::of_keys(&["spec", "selector"]);
    let problem = workload.problem_at(&path, &SELECTOR_BREAKS, message);
    problem.help(match means {
        Means::Subset(_) => format!("write other labels into `{}`", rollout.word(Part::PodLabels)),
        _ => "choose another label with `--isolation-key`".to_owned(),
    })
}

fn unknown_key<'a>(service: &Service<'a>, wanted: &str) -> Problem<'a> {
    let keys: Vec<_> = service.selector.keys().map(String::as_str).collect();
    let help = match nearest(wanted, keys.iter().copied()) {
        Some(key) => format!("correct the key; did you mean `{key}`?"),
        None => format!("choose one of {}", keys.join(", ")),
    };
    let message = format!("{} does not select by `{wanted}`", service.resource.called());
    let path = FieldPath::of_keys(&["spec", "selector"]);
    service.resource.problem_at(&path, &UNKNOWN_ISOLATION_KEY, message).help(help)
}
