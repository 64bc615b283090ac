//! Selectors inside a pod template that mean "pods like me".
//!
//! Affinity and topology spread of a workload mostly select its own pods. Where these get another
//! label, the selectors follow; a selector of other pods stays as it is.

use crate::rollout::{LabelSelector, Labels};
use serde_json::Value;

/// Pods as the selectors of their template see them, and the labels that differ on others like them.
pub(crate) struct Peers<'p> {
    pub(crate) labels: &'p Labels,
    pub(crate) changed: &'p [(String, String, String)],
    pub(crate) namespace: &'p str,
}

impl Peers<'_> {
    /// Changes the selectors of a pod's `spec` that selected these pods.
    pub(crate) fn follow(&self, spec: &mut Value) {
        for kind in ["podAffinity", "podAntiAffinity"] {
            let Some(affinity) = spec.pointer_mut(&format!("/affinity/{kind}")) else { continue };
            for term in items(affinity, "requiredDuringSchedulingIgnoredDuringExecution") {
                self.follow_term(term);
            }
            let weighted = items(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
            for term in weighted.filter_map(|weighted| weighted.get_mut("podAffinityTerm")) {
                self.follow_term(term);
            }
        }
        for constraint in items(spec, "topologySpreadConstraints") {
            if let Some(selector) = constraint.get_mut("labelSelector") {
                self.follow_selector(selector);
            }
        }
    }

    /// Follows a term. One that names other namespaces does not mean pods like this one.
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
            for change in self.changed {
                exchange(selector, change);
            }
        }
    }
}

/// Puts the other value of a label in place of the one.
fn exchange(selector: &mut Value, (key, stable, canary): &(String, String, String)) {
    let labels = selector.get_mut("matchLabels").and_then(|labels| labels.get_mut(key));
    if let Some(value) = labels {
        *value = Value::from(canary.clone());
    }
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
