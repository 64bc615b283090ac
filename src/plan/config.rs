//! Configuration that changes under the old version.
//!
//! A ConfigMap or Secret of a fixed name reaches the pods of both versions. Where its content changes
//! with the release, the old pods get the new content on their next start.

use serde_json::Value;

use super::Surroundings;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::CONFIG_SHARED;
use crate::manifest::{FieldPath, Manifest};
use crate::model::Rollout;

/// Reports ConfigMaps and Secrets whose content changed and that both versions use.
pub(super) fn find_shared<'a>(
    rollout: &Rollout<'a>,
    surroundings: Surroundings<'_, 'a>,
) -> Vec<Problem<'a>> {
    let (Some(old), Some(stable)) = (&rollout.old_workload, surroundings.sources.old.given) else {
        return Vec::new();
    };
    let manifest = surroundings.sources.manifest;
    let namespace = &rollout.workload.resource.identity.namespace;
    let before = references(old.template());
    let in_both = references(rollout.workload.template());
    in_both
        .into_iter()
        .filter(|reference| before.binary_search(reference).is_ok())
        .filter_map(|(kind, name)| {
            let now = content(manifest, (kind, namespace, &name))?;
            let before = content(stable, (kind, namespace, &name))?;
            (now != before).then(|| shared(rollout, (kind, &name)))
        })
        .collect()
}

/// Returns the ConfigMaps and Secrets that a pod template names, wherever it does.
fn references(template: Option<&Value>) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(template) = template {
        collect(template, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn collect(value: &Value, found: &mut Vec<(&'static str, String)>) {
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let reference = match key.as_str() {
                    "configMap" | "configMapRef" | "configMapKeyRef" => Some(("ConfigMap", "name")),
                    "secretRef" | "secretKeyRef" => Some(("Secret", "name")),
                    "secret" => Some((
                        "Secret",
                        if value.get("name").is_some() { "name" } else { "secretName" },
                    )),
                    _ => None,
                };
                let name =
                    reference.and_then(|(kind, key)| Some((kind, value.get(key)?.as_str()?)));
                found.extend(name.map(|(kind, name)| (kind, name.to_owned())));
                collect(value, found);
            }
        }
        _ => {}
    }
}

/// Returns what the object holds, wherever it is in the tree.
fn content(
    manifest: &Manifest<'_>,
    (kind, namespace, name): (&str, &str, &str),
) -> Option<Vec<Option<Value>>> {
    let id = manifest.find(["", kind, namespace, name])?;
    let value = manifest.resource(id)?.to_value();
    Some(["data", "stringData", "binaryData"].map(|key| value.get(key).cloned()).to_vec())
}

fn shared<'a>(rollout: &Rollout<'a>, (kind, name): (&str, &str)) -> Problem<'a> {
    let workload = &rollout.workload.resource;
    let kind = kind.to_lowercase();
    let message = format!(
        "the content of {kind} `{name}` changed, and the pods of both versions of {} use it",
        workload.called()
    );
    let path = FieldPath::of_keys(&["spec", "template"]);
    workload
        .problem_at(&path, &CONFIG_SHARED, message)
        .help("give the new content a new name, as kustomize's generators do")
}
