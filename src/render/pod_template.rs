//! The template of the canary's pods.
//!
//! Labels and annotations as planned; selectors inside the template that meant "pods like me" follow.

use serde_json::{Map, Value};

use super::deployment::in_order_of;
use super::metadata::add_entry;
use crate::model::Peers;
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
