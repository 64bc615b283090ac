//! Labels and annotations that tools write about one object.
//!
//! A second object with the same would claim the first one's place in those tools, so a copy goes
//! without them.

use serde_json::{Map, Value};

/// Annotations and labels of tools, by the beginning of their key.
const BOOKKEEPING: [&str; 12] = [
    "internal.config.kubernetes.io/",
    "kustomize.config.k8s.io/",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "postrenderer.helm.sh/",
    "kubectl.kubernetes.io/last-applied-configuration",
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/hook",
    "helm.sh/hook",
    "deployment.kubernetes.io/revision",
    "applyset.kubernetes.io/part-of",
];

/// Keys of rollout controllers, and our own.
const ROLLOUT_KEYS: [&str; 3] =
    ["rollouts.kruise.io/", "batchrelease.rollouts.kruise.io/", "rollstep.dev/"];

/// Returns whether the label or annotation is about this one object.
pub(crate) fn is_bookkeeping(key: &str) -> bool {
    BOOKKEEPING.iter().chain(&ROLLOUT_KEYS).any(|prefix| key.starts_with(prefix))
}

/// Returns the entries of `labels` or `annotations` that are to be kept, in their order.
pub(crate) fn kept(
    entries: Option<&Value>,
    keeps: impl Fn(&str, &Value) -> bool,
) -> Map<String, Value> {
    let entries = entries.and_then(Value::as_object).into_iter().flatten();
    let kept = entries.filter(|(key, value)| keeps(key, value));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}
