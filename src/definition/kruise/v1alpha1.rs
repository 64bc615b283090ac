//! A Rollout of v1alpha1 in the form of v1beta1, as the API server stores it.
//!
//! Follows openkruise/rollouts:api/v1alpha1/conversion.go, and reports what that loses. Nodes keep
//! their spans, so that whatever is wrong later is shown where it is written.
//!
//! ```yaml
//! spec:                                       # before
//!   objectRef:
//!     workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//!   strategy: {canary: {steps: [{weight: 20}]}}
//! spec:                                       # after
//!   workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//!   strategy:
//!     canary: {steps: [{traffic: 20%, replicas: 20%}], enableExtraWorkloadForCanary: true}
//! ```

use super::GROUP;
use super::schema::v1alpha1::ROLLOUT;
use super::traffic_routing::TRAFFIC_ROUTING_ANNOTATION;
use crate::diagnostic::Collector;
use crate::diagnostic::codes::LOST_IN_CONVERSION;
use crate::manifest::{Content, Entry, Field, Node, Resource, Scalar, Span};
use crate::schema::prune;

/// Says the style (openkruise/rollouts:api/v1alpha1/rollout_types.go `RollingStyleAnnotation`).
pub(super) const ROLLING_STYLE_ANNOTATION: &str = "rollouts.kruise.io/rolling-style";

/// Reports what v1beta1 has no place for.
pub(super) fn report_losses<'a>(resource: &Resource<'a>, problems: &mut Collector<'a>) {
    if let Some(spec) = resource.field(&["spec"])
        && spec.child("rolloutID").is_some()
    {
        let message = "`rolloutID` is lost when the API server stores the Rollout as v1beta1";
        let problem = spec.key_problem("rolloutID", &LOST_IN_CONVERSION, message);
        problems.push(problem.help("remove the field"));
    }
    let canary = resource.field(&["spec", "strategy", "canary"]);
    let is_on = |field: &Field<'_, 'a>| field.to_value().as_bool() == Some(true);
    let name = "disableGenerateCanaryService";
    if let Some(canary) = canary
        && canary.child(name).is_some_and(|field| is_on(&field))
    {
        let message = format!(
            "`{name}` is lost when the API server stores the Rollout as v1beta1, so that there is a \
             canary Service"
        );
        let problem = canary.key_problem(name, &LOST_IN_CONVERSION, message);
        problems.push(problem.help("remove the field, or write the Rollout as v1beta1"));
    }
}

/// Returns the Rollout in the form of v1beta1; fields that v1alpha1 does not have are left behind.
pub(super) fn convert(resource: Resource<'_>) -> Resource<'_> {
    let annotation = |name: &str| {
        let metadata = resource.node.child("metadata")?;
        let entry = metadata.child("annotations")?.entry(name)?;
        entry.value.as_str().filter(|text| !text.is_empty()).map(|_| entry)
    };
    let annotations = Annotations {
        style: annotation(ROLLING_STYLE_ANNOTATION),
        traffic_routing: annotation(TRAFFIC_ROUTING_ANNOTATION),
    };
    let pruned = prune(&resource.node, ROLLOUT);
    let node = with_entries(&pruned, |entry| match &*entry.key {
        "apiVersion" => {
            let value = Scalar::from(format!("{GROUP}/v1beta1"));
            vec![with_value(entry, &entry.key, scalar(value, entry.value.span))]
        }
        "spec" => {
            let spec = convert_spec(&entry.value, &annotations);
            vec![with_value(entry, &entry.key, spec)]
        }
        _ => vec![entry.clone()],
    });
    let mut resource = resource.rewritten(node);
    resource.identity.version = "v1beta1".into();
    resource
}

/// The annotations of v1alpha1 that are fields in v1beta1.
struct Annotations<'n> {
    style: Option<&'n Entry>,
    traffic_routing: Option<&'n Entry>,
}

fn convert_spec(spec: &Node, annotations: &Annotations<'_>) -> Node {
    with_entries(spec, |entry| match &*entry.key {
        "objectRef" => entry.value.entry("workloadRef").cloned().into_iter().collect(),
        "rolloutID" => Vec::new(),
        "strategy" => {
            let strategy = with_entries(&entry.value, |entry| match &*entry.key {
                "canary" if !entry.value.is_null() => {
                    let canary = convert_canary(entry, annotations);
                    vec![with_value(entry, &entry.key, canary)]
                }
                _ => vec![entry.clone()],
            });
            vec![with_value(entry, &entry.key, strategy)]
        }
        _ => vec![entry.clone()],
    })
}

fn convert_canary(canary: &Entry, annotations: &Annotations<'_>) -> Node {
    let mut node = with_entries(&canary.value, |entry| match &*entry.key {
        "disableGenerateCanaryService" => Vec::new(),
        "steps" => vec![with_value(entry, &entry.key, convert_steps(&entry.value))],
        _ => vec![entry.clone()],
    });
    let partition = annotations.style.and_then(|entry| entry.value.as_str());
    let partition = partition.is_some_and(|style| style.eq_ignore_ascii_case("partition"));
    let style = annotations.style.unwrap_or(canary);
    let switch = scalar(Scalar::Bool(!partition), style.value.span);
    let switch = with_value(style, "enableExtraWorkloadForCanary", switch);
    let reference = annotations.traffic_routing;
    let reference =
        reference.map(|entry| with_value(entry, "trafficRoutingRef", entry.value.clone()));
    if let Content::Mapping { entries, .. } = &mut node.content {
        entries.push(switch);
        entries.extend(reference);
    }
    node
}

fn convert_steps(steps: &Node) -> Node {
    let Content::Sequence { items, flow } = &steps.content else { return steps.clone() };
    let items = items.iter().map(convert_step).collect();
    Node { content: Content::Sequence { items, flow: *flow }, ..steps.clone() }
}

/// Returns the step with its weight as traffic, and as replicas too where it has none.
fn convert_step(step: &Node) -> Node {
    let has_replicas = step.child("replicas").is_some_and(|replicas| !replicas.is_null());
    with_entries(step, |entry| match (&*entry.key, weight_of(entry)) {
        ("weight", Some(weight)) => {
            let share = scalar(Scalar::from(format!("{weight}%")), entry.value.span);
            let traffic = with_value(entry, "traffic", share.clone());
            let replicas = (!has_replicas).then(|| with_value(entry, "replicas", share));
            [Some(traffic), replicas].into_iter().flatten().collect()
        }
        ("weight", None) => Vec::new(),
        ("replicas", _) if !has_replicas => Vec::new(),
        _ => vec![entry.clone()],
    })
}

fn weight_of(entry: &Entry) -> Option<i64> {
    entry.value.to_value().as_i64()
}

/// Returns the mapping with other entries in place of each; anything else as it is.
fn with_entries(node: &Node, convert: impl Fn(&Entry) -> Vec<Entry>) -> Node {
    let Content::Mapping { entries, flow } = &node.content else { return node.clone() };
    let entries = entries.iter().flat_map(convert).collect();
    Node { content: Content::Mapping { entries, flow: *flow }, ..node.clone() }
}

fn with_value(entry: &Entry, key: &str, value: Node) -> Entry {
    Entry { key: key.into(), value, ..entry.clone() }
}

fn scalar(value: Scalar, span: Span) -> Node {
    Node { span, content: Content::Scalar { value, plain: true }, alias: false }
}
