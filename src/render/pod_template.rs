//! The template of the canary's pods.
//!
//! Labels and annotations as planned. Selectors inside the template (affinity, topology spread) that
//! selected the stable pods by a label that differs now are about "pods like me", so they follow.

use serde_json::{Map, Value};

use super::deployment::in_order_of;
use super::metadata::add_entry;
use crate::model::{LabelSelector, Labels};
use crate::plan::Plan;

/// Returns the template of the canary's pods.
///
/// ```yaml
/// labels: { app: web }                     # before
/// labels: { app: web-canary }              # after
/// ```
pub(super) fn render_canary(plan: &Plan<'_, '_>, stable: &Value) -> Value {
    let mut template = stable.clone();
    let Some(fields) = template.as_object_mut() else { return template };
    let metadata = fields.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    if let Some(metadata) = metadata.as_object_mut() {
        let labels = in_order_of(
            metadata.get("labels").and_then(Value::as_object),
            &plan.isolation.pod_labels,
        );
        metadata.insert("labels".to_owned(), labels);
        for (key, value) in &plan.rollout.pod_metadata.annotations {
            add_entry(metadata, "annotations", (key, Value::from(value.clone())));
        }
    }
    if let Some(spec) = fields.get_mut("spec") {
        let identity = &plan.rollout.workload.resource.identity;
        let peers = Peers {
            labels: &plan.rollout.workload.pod_labels,
            changed: &plan.isolation.changed,
            namespace: &identity.namespace,
        };
        peers.follow(spec);
    }
    template
}

/// The stable pods as selectors of the template see them, and how the canary's differ.
struct Peers<'p> {
    labels: &'p Labels,
    changed: &'p [(String, String, String)],
    namespace: &'p str,
}

impl Peers<'_> {
    fn follow(&self, spec: &mut Value) {
        for kind in ["podAffinity", "podAntiAffinity"] {
            let Some(affinity) = spec.pointer_mut(&format!("/affinity/{kind}")) else { continue };
            for term in items(affinity, "requiredDuringSchedulingIgnoredDuringExecution") {
                self.follow_term(term);
            }
            for weighted in items(affinity, "preferredDuringSchedulingIgnoredDuringExecution") {
                weighted
                    .get_mut("podAffinityTerm")
                    .into_iter()
                    .for_each(|term| self.follow_term(term));
            }
        }
        for constraint in items(spec, "topologySpreadConstraints") {
            constraint
                .get_mut("labelSelector")
                .into_iter()
                .for_each(|selector| self.follow_selector(selector));
        }
    }

    /// A term that names other namespaces does not mean pods like this one.
    fn follow_term(&self, term: &mut Value) {
        let namespaces = term.get("namespaces").and_then(Value::as_array);
        let elsewhere = namespaces.is_some_and(|names| {
            !names.is_empty() && !names.iter().any(|name| name.as_str() == Some(self.namespace))
        });
        if !elsewhere && let Some(selector) = term.get_mut("labelSelector") {
            self.follow_selector(selector);
        }
    }

    fn follow_selector(&self, selector: &mut Value) {
        let selects_stable =
            LabelSelector::parse(selector).is_some_and(|selector| selector.selects(self.labels));
        if selects_stable {
            self.changed.iter().for_each(|change| exchange(selector, change));
        }
    }
}

/// Puts the canary's value of a label in place of the stable one.
fn exchange(selector: &mut Value, (key, stable, canary): &(String, String, String)) {
    let labels = selector.get_mut("matchLabels").and_then(|labels| labels.get_mut(key));
    labels.into_iter().for_each(|value| *value = Value::from(canary.clone()));
    for expression in items(selector, "matchExpressions") {
        let text = |field: &str| expression.get(field).and_then(Value::as_str);
        if text("key") == Some(key) && text("operator") == Some("In") {
            let values = items(expression, "values").filter(|value| *value == stable);
            values.for_each(|value| *value = Value::from(canary.clone()));
        }
    }
}

/// Returns the items of the list below `key`, to be changed.
fn items<'v>(parent: &'v mut Value, key: &str) -> std::slice::IterMut<'v, Value> {
    match parent.get_mut(key) {
        Some(Value::Array(items)) => items.iter_mut(),
        _ => [].iter_mut(),
    }
}
