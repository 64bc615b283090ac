//! The subsets of a DestinationRule at a step that directs traffic.

use serde_json::{Map, Value};

use crate::model::CANARY_SUBSET;
use crate::plan::SubsetPlan;
use crate::render::deployment::in_order_of;

/// Returns the spec with the subset `canary`.
///
/// ```yaml
/// host: web
/// subsets:
/// - name: stable                           # as it was
///   labels: { version: stable }
/// - name: canary                           # added, or its labels laid over
///   labels: { version: canary }
/// ```
pub(super) fn render_spec(original: &Value, plan: &SubsetPlan) -> Value {
    let mut spec = original.clone();
    let Some(fields) = spec.as_object_mut() else { return spec };
    let subsets = fields.entry("subsets").or_insert(Value::Null);
    if !subsets.is_array() {
        *subsets = Value::Array(Vec::new());
    }
    let Some(subsets) = subsets.as_array_mut() else { return spec };
    match plan.existing.and_then(|index| subsets.get_mut(index)) {
        Some(subset) => set_labels(subset, plan),
        None => {
            let name = ("name".to_owned(), Value::from(CANARY_SUBSET));
            let mut subset = Value::Object(Map::from_iter([name]));
            set_labels(&mut subset, plan);
            subsets.push(subset);
        }
    }
    spec
}

fn set_labels(subset: &mut Value, plan: &SubsetPlan) {
    if let Some(fields) = subset.as_object_mut() {
        let labels = in_order_of(fields.get("labels").and_then(Value::as_object), &plan.labels);
        fields.insert("labels".to_owned(), labels);
    }
}
