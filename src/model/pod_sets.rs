//! The pods that the workloads of the input run, as a Service sees them: by their labels.
//!
//! Several workloads may stand behind one Service. Which of them do is looked up here, once for each
//! Service that is split.

use super::index::ObjectIndex;
use super::name::{CANARY_DEPLOYMENT_LABEL, CANARY_SUFFIX, with_suffix};
use crate::manifest::{Field, Identity, Manifest, Resource};
use crate::rollout::{Labels, read_labels, selects};

/// Labels that the cluster adds to pods. No template says their value.
const CLUSTER_LABELS: [&str; 2] = [POD_TEMPLATE_HASH, "controller-revision-hash"];

const POD_TEMPLATE_HASH: &str = "pod-template-hash";

/// Annotations of objects that run for a moment while a tool installs the others, such as the Pod of
/// `helm test`.
const HOOKS: [&str; 2] = ["helm.sh/hook", "argocd.argoproj.io/hook"];

/// A kind that runs pods.
struct Kind {
    group: &'static str,
    kind: &'static str,
    /// Where the labels of its pods are.
    labels: &'static [&'static str],
    /// Where the number of its pods is, if the manifest says one.
    replicas: &'static [&'static str],
}

const TEMPLATE: &[&str] = &["spec", "template", "metadata", "labels"];
const REPLICAS: &[&str] = &["spec", "replicas"];

/// The kinds that run pods.
///
/// From kubernetes/api (apps/v1, batch/v1, core/v1), openkruise/kruise:apis/apps/v1alpha1 and
/// argoproj/argo-rollouts:pkg/apis/rollouts/v1alpha1/types.go.
const KINDS: [Kind; 13] = [
    kind("apps", "Deployment", TEMPLATE, REPLICAS),
    kind("apps", "StatefulSet", TEMPLATE, REPLICAS),
    kind("apps", "DaemonSet", TEMPLATE, &[]),
    kind("apps", "ReplicaSet", TEMPLATE, REPLICAS),
    kind("batch", "Job", TEMPLATE, &["spec", "parallelism"]),
    kind(
        "batch",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
        &[],
    ),
    kind("", "Pod", &["metadata", "labels"], &[]),
    kind("", "ReplicationController", TEMPLATE, REPLICAS),
    kind("apps.kruise.io", "CloneSet", TEMPLATE, REPLICAS),
    kind("apps.kruise.io", "StatefulSet", TEMPLATE, REPLICAS),
    kind("apps.kruise.io", "DaemonSet", TEMPLATE, &[]),
    kind("apps.kruise.io", "BroadcastJob", TEMPLATE, &[]),
    kind("argoproj.io", "Rollout", TEMPLATE, REPLICAS),
];

const fn kind(
    group: &'static str,
    kind: &'static str,
    labels: &'static [&'static str],
    replicas: &'static [&'static str],
) -> Kind {
    Kind { group, kind, labels, replicas }
}

/// Returns whether objects of a kind run pods.
pub(crate) fn runs_pods(group: &str, kind: &str) -> bool {
    KINDS.iter().any(|known| known.group == group && known.kind == kind)
}

/// Returns the group and kind of everything that runs pods.
pub(super) fn kinds_that_run_pods() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|kind| (kind.group, kind.kind))
}

fn kind_of(identity: &Identity) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| identity.is(kind.group, kind.kind))
}

/// Returns where an object of a kind that runs pods has their labels.
pub(crate) fn pod_labels_path(identity: &Identity) -> Option<&'static [&'static str]> {
    kind_of(identity).map(|kind| kind.labels)
}

/// The pods of one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PodSet {
    /// The object that runs them.
    pub(crate) identity: Identity,
    pub(crate) labels: Labels,
    /// How many pods there are. One where the manifest does not say.
    pub(crate) count: u32,
    /// The names of the objects that run this one, as a Deployment runs a ReplicaSet.
    pub(crate) owners: Vec<String>,
}

impl PodSet {
    /// Returns whether these are pods of a Deployment's ReplicaSet, or of its canary's.
    ///
    /// Such a ReplicaSet is named after the Deployment and the hash of the template:
    /// kubernetes/kubernetes:pkg/controller/deployment/sync.go `getNewReplicaSet`. What is added to
    /// the labels of a running pod, such as those of a sidecar, does not matter.
    pub(super) fn is_of_replica_set_of(&self, deployment: &str) -> bool {
        let Some(hash) = self.labels.get(POD_TEMPLATE_HASH) else { return false };
        let names = [deployment, &with_suffix(deployment, CANARY_SUFFIX)]
            .map(|name| format!("{name}-{hash}"));
        self.owners.iter().any(|owner| names.contains(owner))
    }
}

/// Returns the pods in `namespace` that a Service with this selector sends to.
///
/// What an earlier render has added for a canary does not count, nor what another object of the
/// input runs (a ReplicaSet of a Deployment, a Pod of a ReplicaSet), nor what runs as a hook.
pub(super) fn find_selected(
    manifest: &Manifest<'_>,
    index: &ObjectIndex,
    namespace: &str,
    selector: &Labels,
) -> Vec<PodSet> {
    let selector = without_cluster_labels(selector);
    let words: Vec<&str> = selector.values().map(String::as_str).collect();
    let mut found = Vec::new();
    for id in index.running_pods(manifest, namespace, &selector) {
        let Some(resource) = manifest.resource_mentioning(id, &words) else { continue };
        let Some(pods) = read_pod_set(&resource) else { continue };
        if selects(&selector, &pods.labels) && !is_counted_elsewhere(manifest, &resource) {
            found.push(pods);
        }
    }
    found
}

/// Returns a selector without the labels whose values only the cluster knows.
pub(crate) fn without_cluster_labels(selector: &Labels) -> Labels {
    let mut selector = selector.clone();
    selector.retain(|key, _| !CLUSTER_LABELS.contains(&key.as_str()));
    selector
}

fn read_pod_set(resource: &Resource<'_>) -> Option<PodSet> {
    let kind = kind_of(&resource.identity)?;
    let labels = read_labels(resource.field(kind.labels).as_ref());
    let count = match kind.replicas {
        [] => None,
        path => resource.field(path).and_then(|field| field.to_value().as_u64()),
    };
    let owners = owners_of(resource);
    let owners = owners.iter();
    Some(PodSet {
        identity: resource.identity.clone(),
        labels,
        count: count.map_or(1, |count| u32::try_from(count).unwrap_or(u32::MAX)),
        owners: owners.filter_map(|owner| owner.text("name").map(str::to_owned)).collect(),
    })
}

/// Returns the references to the objects that run this one.
fn owners_of<'r, 'a>(resource: &'r Resource<'a>) -> Vec<Field<'r, 'a>> {
    let owners = resource.field(&["metadata", "ownerReferences"]);
    owners.map_or_else(Vec::new, |owners| owners.items())
}

/// Returns whether the pods are a canary's or a hook's, or are counted where their owner is.
fn is_counted_elsewhere(manifest: &Manifest<'_>, resource: &Resource<'_>) -> bool {
    let is_canary = resource.field(&["metadata", "labels", CANARY_DEPLOYMENT_LABEL]).is_some();
    let is_hook = |key: &str| resource.field(&["metadata", "annotations", key]).is_some();
    if is_canary || HOOKS.into_iter().any(is_hook) {
        return true;
    }
    owners_of(resource).iter().any(|owner| {
        let text = |key| owner.text(key).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let key = [group, text("kind"), resource.identity.namespace.as_str(), text("name")];
        manifest.find(key).is_some()
    })
}
