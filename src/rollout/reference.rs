//! Lookup of the objects that a rollout names, and of the name that was probably meant.

use super::selector::{Labels, read_labels, selects};
use crate::diagnostic::nearest;
use crate::manifest::{Manifest, Object, Resource};

/// The object that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) group: &'w str,
    pub(crate) kind: &'w str,
    pub(crate) namespace: &'w str,
    pub(crate) name: &'w str,
}

/// Returns the object that is wanted; one without a name is not found.
pub(crate) fn find<'a>(manifest: &Manifest<'a>, wanted: Wanted<'_>) -> Option<Resource<'a>> {
    if wanted.name.is_empty() {
        return None;
    }
    let id = manifest.find([wanted.group, wanted.kind, wanted.namespace, wanted.name])?;
    manifest.resource(id)
}

/// Returns what to say of an object that is not there: add it, or the name that was probably meant.
///
/// The nearest name first, then a Service that selects `pods`, then the only one of its kind.
pub(crate) fn suggest(
    manifest: &Manifest<'_>,
    wanted: Wanted<'_>,
    pods: Option<&Labels>,
) -> String {
    let kind = wanted.kind.to_lowercase();
    let add = format!("add {kind} `{}`, or correct the name", wanted.name);
    let names = names(manifest, wanted);
    if let Some(name) = nearest(wanted.name, names.iter().map(String::as_str)) {
        return format!("{add}; did you mean `{name}`?");
    }
    if let Some(name) = pods.and_then(|pods| selecting_service(manifest, wanted, pods)) {
        return format!("{add}; did you mean `{name}`? Its selector matches the workload's pods");
    }
    match names.as_slice() {
        [name] => {
            format!(
                "{add}; did you mean `{name}`? It is the only {kind} in namespace `{}`",
                wanted.namespace
            )
        }
        _ => elsewhere(manifest, wanted).map_or(add.clone(), |namespace| {
            let there = format!("{add}; there is one of that name in namespace `{namespace}`");
            if wanted.kind == "VirtualService" {
                return format!("{there}, which `routes` of a RollStep can list");
            }
            there
        }),
    }
}

/// Returns the names of the kind in the namespace.
fn names(manifest: &Manifest<'_>, wanted: Wanted<'_>) -> Vec<String> {
    let identities = manifest.objects().map(|(_, object)| &object.identity);
    identities
        .filter(|identity| identity.is(wanted.group, wanted.kind))
        .filter(|identity| identity.namespace == wanted.namespace && !identity.name.is_empty())
        .map(|identity| identity.name.clone())
        .collect()
}

fn selecting_service(manifest: &Manifest<'_>, wanted: Wanted<'_>, pods: &Labels) -> Option<String> {
    let services = manifest.objects().filter(|(_, Object { identity, .. })| {
        let named = !identity.name.is_empty();
        named && identity.is("", "Service") && identity.namespace == wanted.namespace
    });
    let mut resources = services.filter_map(|(id, _)| manifest.resource(id));
    let service = resources.find(|service| {
        let selector = read_labels(service.field(&["spec", "selector"]).as_ref());
        !selector.is_empty() && selects(&selector, pods)
    })?;
    Some(service.identity.name)
}

/// Returns another namespace that has an object of the wanted name.
fn elsewhere(manifest: &Manifest<'_>, wanted: Wanted<'_>) -> Option<String> {
    let mut identities = manifest.objects().map(|(_, object)| &object.identity);
    identities
        .find(|identity| identity.is(wanted.group, wanted.kind) && identity.name == wanted.name)
        .map(|identity| identity.namespace.to_string())
}
