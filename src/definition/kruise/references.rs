//! The references of a Rollout to other objects.

use serde_json::Value;

use crate::definition::{ChangedObject, NameField, WorkloadName};
use crate::manifest::{Field, Resource};
use crate::rollout::Reference;

/// Reads `apiVersion`, `kind` and `name`; the version means nothing.
pub(super) fn read_reference(field: &Field<'_, '_>) -> Option<Reference> {
    let group = group_of(field.text("apiVersion")?);
    Some(Reference {
        group: group.to_owned(),
        kind: field.text("kind")?.to_owned(),
        name: field.text("name")?.to_owned(),
        path: field.path().key("name"),
    })
}

/// Returns the reference to the workload, in either version.
pub(super) fn workload_reference<'r, 'a>(rollout: &'r Resource<'a>) -> Option<Field<'r, 'a>> {
    let spec = rollout.field(&["spec"])?;
    spec.child("workloadRef").or_else(|| spec.child("objectRef")?.child("workloadRef"))
}

/// Returns the three parts of the reference to the workload, which the webhook compares as strings.
pub(super) fn workload_name<'r>(rollout: &'r Resource<'_>) -> Option<WorkloadName<'r>> {
    let field = workload_reference(rollout)?;
    Some(WorkloadName {
        api_version: field.text("apiVersion")?,
        kind: field.text("kind")?,
        name: field.text("name")?,
    })
}

/// Returns the workload and the routing objects of a Rollout.
pub(super) fn changed_objects<'r>(rollout: &'r Resource<'_>) -> Vec<ChangedObject<'r>> {
    let canary = rollout.field(&["spec", "strategy", "canary"]);
    let routings = canary.iter().flat_map(|canary| canary.list("trafficRoutings"));
    let references = routings.flat_map(|routing| routing.list("customNetworkRefs"));
    let references = references.chain(workload_reference(rollout));
    let object = |reference: Field<'r, '_>| {
        Some(ChangedObject { kind: reference.text("kind")?, name: reference.text("name")? })
    };
    references.filter_map(object).collect()
}

/// Returns the names of the workload, the Service and the routing objects, in any version and strategy.
pub(super) fn names(rollout: &mut Value) -> Vec<NameField<'_>> {
    let mut found = Vec::new();
    for (key, value) in entries(rollout.get_mut("spec")) {
        match key {
            "workloadRef" => found.extend(name_of_object(value)),
            "objectRef" => found.extend(value.get_mut("workloadRef").and_then(name_of_object)),
            "strategy" => {
                for (_, strategy) in entries(Some(value)) {
                    let routings = items(strategy.get_mut("trafficRoutings"));
                    found.extend(routings.flat_map(names_of_routing));
                }
            }
            _ => {}
        }
    }
    found
}

fn names_of_routing(routing: &mut Value) -> Vec<NameField<'_>> {
    let mut found = Vec::new();
    for (key, value) in entries(Some(routing)) {
        match key {
            "service" => {
                let (group, kind) = (String::new(), "Service".to_owned());
                found.push(NameField { group, kind, name: value });
            }
            "customNetworkRefs" => found.extend(items(Some(value)).filter_map(name_of_object)),
            _ => {}
        }
    }
    found
}

/// Returns the name in a reference with `apiVersion`, `kind` and `name`.
fn name_of_object(reference: &mut Value) -> Option<NameField<'_>> {
    let text = |key: &str| reference.get(key).and_then(Value::as_str).unwrap_or_default();
    let (group, kind) = (group_of(text("apiVersion")).to_owned(), text("kind").to_owned());
    Some(NameField { group, kind, name: reference.get_mut("name")? })
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn entries(map: Option<&mut Value>) -> impl Iterator<Item = (&str, &mut Value)> {
    let map = map.and_then(Value::as_object_mut);
    map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn items(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}
