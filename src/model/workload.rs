//! A Deployment, as far as a rollout looks into it.

use serde_json::Value;

use super::probes::check_probes;
use crate::diagnostic::Collector;
use crate::diagnostic::codes::{INVALID_FIELD, MISSING_FIELD};
use crate::manifest::{Field, Resource};
use crate::rollout::{LabelSelector, Labels, Replicas, labels_of, read_labels, read_selector};
use crate::schema::{Schema, check};

/// A Deployment.
#[derive(Debug)]
pub(crate) struct Workload<'a> {
    /// The object of the input; its value may be the old version.
    pub(crate) resource: Resource<'a>,
    /// The object in this version.
    pub(crate) value: Value,
    /// Absent where the manifest leaves it to the API server.
    pub(crate) replicas: Option<Replicas>,
    pub(crate) selector: LabelSelector,
    pub(crate) pod_labels: Labels,
}

/// Reads a Deployment; what is wrong with it is reported.
pub(crate) fn read_workload<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<Workload<'a>> {
    let Some(selector) = resource.field(&["spec", "selector"]) else {
        problems.push(missing(&resource, "spec.selector"));
        return None;
    };
    let selector = read_selector(&selector, problems)?;
    let Some(template) = resource.field(&["spec", "template"]) else {
        problems.push(missing(&resource, "spec.template"));
        return None;
    };
    let labels = template.child("metadata").and_then(|metadata| metadata.child("labels"));
    let own = resource.field(&["metadata", "labels"]);
    own.iter().chain(&labels).for_each(|field| check(field, Schema::Labels, problems));
    check_probes(&template, problems);
    let pod_labels = read_labels(labels.as_ref());
    if selector.is_empty() || !selector.selects(&pod_labels) {
        problems.push(selects_nothing(&resource));
        return None;
    }
    let replicas = match resource.field(&["spec", "replicas"]) {
        Some(field) => Some(read_replicas(&field, problems)?),
        None => None,
    };
    let value = resource.to_value();
    Some(Workload { resource, value, replicas, selector, pod_labels })
}

impl<'a> Workload<'a> {
    /// Returns the pod template.
    pub(crate) fn template(&self) -> Option<&Value> {
        self.value.pointer("/spec/template")
    }

    /// Returns the workload in another version, which the input does not hold as such.
    pub(super) fn in_version(self, value: Value) -> Self {
        let replicas = value.pointer("/spec/replicas").map(Replicas::try_from);
        Self {
            replicas: replicas.and_then(Result::ok),
            pod_labels: labels_of(value.pointer("/spec/template/metadata/labels")),
            value,
            ..self
        }
    }
}

fn read_replicas<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Replicas> {
    match Replicas::try_from(&field.to_value()) {
        Ok(replicas) => Some(replicas),
        Err(error) => {
            let problem = field.problem(&INVALID_FIELD, error.to_string());
            problems.push(problem.help("write a whole number without quotes"));
            None
        }
    }
}

fn missing<'a>(resource: &Resource<'a>, field: &str) -> crate::diagnostic::Problem<'a> {
    let message = format!("{} has no `{field}`", resource.called());
    resource.root().problem(&MISSING_FIELD, message).help(format!("add `{field}`"))
}

fn selects_nothing<'a>(resource: &Resource<'a>) -> crate::diagnostic::Problem<'a> {
    let message = format!("the selector of {} does not select its own pods", resource.called());
    let path = crate::manifest::FieldPath::of_keys(&["spec", "selector"]);
    resource
        .problem_at(&path, &INVALID_FIELD, message)
        .help("make `spec.template.metadata.labels` carry every label of the selector")
}
