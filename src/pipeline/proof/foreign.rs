//! Subsets of the stable Service that hold pods of other workloads alone.
//!
//! The proof finds them by itself, from the objects as Kubernetes sees them. It shares nothing with the
//! reading of routes, so that a fault there does not hide itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::objects::ProofIndex;
use crate::manifest::{Identity, Manifest, SharedName};
use crate::model::{
    CANARY_DEPLOYMENT_LABEL, CANARY_SUFFIX, ORIGINAL_ANNOTATION, Rollout, is_host_of, with_suffix,
};

/// The names of these subsets.
#[derive(Debug, Default)]
pub(super) struct ForeignSubsets(BTreeSet<String>);

/// The keys of the labels that the cluster adds to pods.
const OF_THE_CLUSTER: [&str; 2] = ["pod-template-hash", "controller-revision-hash"];

/// Annotations of what runs for a moment only.
const HOOKS: [&str; 2] = ["helm.sh/hook", "argocd.argoproj.io/hook"];

impl ForeignSubsets {
    /// No subset at all.
    #[cfg(test)]
    pub(super) const NONE: Self = Self(BTreeSet::new());

    /// Finds them as a route in `namespace` sees them.
    pub(super) fn find(
        manifest: &Manifest<'_>,
        index: &ProofIndex,
        behind: &Behind<'_>,
        namespace: &str,
    ) -> Self {
        let Behind { service, selector, ours, theirs } = behind;
        let (mut own, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        for subset in subsets_of(manifest, index, service, namespace) {
            let Some(name) = subset.get("name").and_then(Value::as_str) else { continue };
            let wanted = subset.get("labels").cloned().unwrap_or_default();
            let known = without_cluster_keys(&wanted);
            if ours.iter().any(|pods| has_all(pods, selector) && has_all(pods, &known)) {
                own.insert(name.to_owned());
            } else if theirs.iter().any(|pods| has_all(pods, &wanted)) {
                foreign.insert(name.to_owned());
            }
        }
        foreign.retain(|name| !own.contains(name));
        Self(foreign)
    }

    pub(super) fn hold(&self, subset: Option<&str>) -> bool {
        subset.is_some_and(|subset| self.0.contains(subset))
    }
}

/// The labels of the pods behind the stable Service of a rollout.
pub(super) struct Behind<'r> {
    service: &'r Identity,
    /// What the Service selects by, as far as templates say it.
    selector: Value,
    /// The labels of the workload's pods, in both versions.
    ours: Vec<Value>,
    /// The labels of the pods of other workloads.
    theirs: Vec<Value>,
}

impl<'r> Behind<'r> {
    /// Finds them once for all routes of the rollout. None where no route names a subset.
    pub(super) fn find(
        manifest: &Manifest<'_>,
        index: &ProofIndex,
        rollout: &'r Rollout<'_>,
    ) -> Option<Self> {
        let traffic = rollout.traffic.as_ref()?;
        if !traffic.routes.iter().any(|route| names_subset(&route.original.spec)) {
            return None;
        }
        let service = &traffic.service.resource;
        let selector = service.to_value().pointer("/spec/selector").cloned().unwrap_or_default();
        let selector = without_cluster_keys(&selector);
        let ours: Vec<Value> = rollout.versions().map(|one| pod_labels(&one.value)).collect();
        let mut behind = Self { service: &service.identity, selector, ours, theirs: Vec::new() };
        behind.theirs = labels_of_others(manifest, index, rollout, &behind);
        Some(behind)
    }
}

fn names_subset(spec: &Value) -> bool {
    let rules = ["http", "tls", "tcp"].into_iter().filter_map(|list| spec.get(list)?.as_array());
    let entries = rules.flatten().filter_map(|rule| rule.get("route")?.as_array());
    entries.flatten().any(|entry| entry.pointer("/destination/subset").is_some())
}

fn labels_of_others(
    manifest: &Manifest<'_>,
    index: &ProofIndex,
    rollout: &Rollout<'_>,
    behind: &Behind<'_>,
) -> Vec<Value> {
    let Behind { service, selector, ours, .. } = behind;
    let workload = &rollout.workload.resource.identity;
    let values = selector.as_object().into_iter().flatten();
    let words: Vec<&str> = values.filter_map(|(_, value)| value.as_str()).collect();
    let mut found = Vec::new();
    for id in index.running(manifest, &service.namespace, selector) {
        let is_workload =
            manifest.object(id).is_some_and(|one| one.identity.key() == workload.key());
        if is_workload || rollout.own.contains(&id) {
            continue;
        }
        let Some(resource) = manifest.resource_mentioning(id, &words) else { continue };
        let value = resource.to_value();
        let labels = pod_labels(&value);
        let is_behind = labels.is_object() && has_all(&labels, selector);
        let is_counted_elsewhere = is_run_for_another(manifest, &value, service, ours)
            || is_of_replica_set_of(&workload.name, &value);
        if is_behind && !is_counted_elsewhere {
            found.push(labels);
        }
    }
    found
}

/// Returns whether the pods are those of a canary, or of an object that is looked at by itself.
fn is_run_for_another(
    manifest: &Manifest<'_>,
    object: &Value,
    service: &Identity,
    ours: &[Value],
) -> bool {
    let labels = object.pointer("/metadata/labels");
    let mark = labels.and_then(|labels| labels.get(CANARY_DEPLOYMENT_LABEL));
    let annotations = object.pointer("/metadata/annotations");
    let hook = HOOKS.iter().find_map(|key| annotations?.get(key));
    if [mark, hook].into_iter().flatten().any(|value| !value.is_null()) {
        return true;
    }
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let is_there = |owner: &Value| {
        let text = |key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        manifest.find([group, text("kind"), &service.namespace, text("name")]).is_some()
    };
    let is_ours = ours.contains(&without_cluster_keys(&pod_labels(object)));
    owners.is_some_and(|owners| is_ours || owners.iter().any(is_there))
}

/// Returns whether a ReplicaSet runs the object that has the name of a Deployment, or of its canary,
/// and the hash of the template.
fn is_of_replica_set_of(deployment: &str, object: &Value) -> bool {
    let labels = pod_labels(object);
    let Some(hash) = labels.get("pod-template-hash").and_then(Value::as_str) else { return false };
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let mut names = owners.into_iter().flatten().filter_map(|owner| owner.get("name")?.as_str());
    let canary = with_suffix(deployment, CANARY_SUFFIX);
    names.any(|name| [deployment, &canary].iter().any(|of| name == format!("{of}-{hash}")))
}

/// Returns the labels of the pods that an object runs, or is.
pub(super) fn pod_labels(object: &Value) -> Value {
    let place = match object.get("kind").and_then(Value::as_str) {
        Some("Pod") => "/metadata/labels",
        Some("CronJob") => "/spec/jobTemplate/spec/template/metadata/labels",
        _ => "/spec/template/metadata/labels",
    };
    object.pointer(place).cloned().unwrap_or_default()
}

/// Returns the subsets of the DestinationRules that hold for the host of a Service.
///
/// In each namespace the rules whose host is the longest count. The names that the Service's own
/// namespace has are not looked for in others.
fn subsets_of(
    manifest: &Manifest<'_>,
    index: &ProofIndex,
    service: &Identity,
    client: &str,
) -> Vec<Value> {
    let full = format!("{}.{}.svc.cluster.local", service.name, service.namespace);
    let mut of_namespaces: BTreeMap<SharedName, (usize, Vec<Value>)> = BTreeMap::new();
    for id in index.rules_of(manifest, service) {
        let Some(resource) = manifest.resource(id) else { continue };
        let spec = original_spec(&resource.to_value());
        let host = spec.get("host").and_then(Value::as_str).unwrap_or_default();
        let namespace = resource.identity.namespace.clone();
        let length = match host.strip_prefix('*') {
            Some(end) if full.ends_with(end) => host.len(),
            None if is_host_of(host, &namespace, (&service.name, &service.namespace)) => usize::MAX,
            Some(_) | None => continue,
        };
        let (longest, subsets) = of_namespaces.entry(namespace).or_default();
        if length > *longest {
            *longest = length;
            subsets.clear();
        }
        if length == *longest {
            subsets.extend(
                spec.get("subsets").and_then(Value::as_array).into_iter().flatten().cloned(),
            );
        }
    }
    let near = [client, service.namespace.as_str()];
    let mut lists: Vec<_> = near.iter().filter_map(|name| of_namespaces.remove(*name)).collect();
    lists.extend(of_namespaces.into_values());
    let mut subsets: Vec<Value> = Vec::new();
    for (_, list) in lists {
        let known: Vec<_> = subsets.iter().map(|subset| subset.get("name").cloned()).collect();
        let new = list.into_iter().filter(|subset| !known.contains(&subset.get("name").cloned()));
        subsets.extend(new);
    }
    subsets
}

/// Returns the spec of a DestinationRule as it was before any render.
pub(super) fn original_spec(object: &Value) -> Value {
    let annotations = object.pointer("/metadata/annotations");
    let stored = annotations.and_then(|all| all.get(ORIGINAL_ANNOTATION)).and_then(Value::as_str);
    let stored: Option<Value> = stored.and_then(|text| serde_json::from_str(text).ok());
    let original = stored.and_then(|stored| stored.get("spec").cloned());
    original.or_else(|| object.get("spec").cloned()).unwrap_or_default()
}

fn without_cluster_keys(labels: &Value) -> Value {
    let mut labels = labels.clone();
    if let Some(map) = labels.as_object_mut() {
        map.retain(|key, _| !OF_THE_CLUSTER.contains(&key.as_str()));
    }
    labels
}

/// Returns whether labels have all that a selector asks for. What is not a string is not a label.
fn has_all(labels: &Value, selector: &Value) -> bool {
    let wanted = selector.as_object().into_iter().flatten();
    let mut wanted = wanted.filter(|(_, value)| value.is_string());
    wanted.all(|(key, value)| labels.get(key) == Some(value))
}
