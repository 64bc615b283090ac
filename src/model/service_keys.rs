//! Names and hosts by which objects know a Service, as keys.

use serde_json::Value;

use super::destination_rule::read_destination_rule;
use super::virtual_service::{Action, ISTIO, read_virtual_service};
use crate::diagnostic::Collector;
use crate::manifest::{Identity, Manifest, ObjectId, Resource};

/// The group of Istio's policies.
pub(crate) const SECURITY: &str = "security.istio.io";

/// What an object knows a Service by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ServiceKey {
    Name {
        namespace: String,
        name: String,
    },
    /// What follows the wildcard of a host, where that begins with a dot. All others have one key.
    Wildcard(String),
}

/// Returns the objects that may know a Service by its name.
pub(super) fn candidates(manifest: &Manifest<'_>) -> Vec<ObjectId> {
    let kinds = manifest.kinds().filter(|&(group, kind)| match group {
        ISTIO => ["VirtualService", "DestinationRule"].contains(&kind),
        group => group == SECURITY,
    });
    kinds.flat_map(|(group, kind)| manifest.of_kind(group, kind)).collect()
}

/// Returns what objects may know a Service by.
pub(super) fn of_service(service: &Identity) -> Vec<ServiceKey> {
    let Identity { name, namespace, .. } = service;
    let full = format!("{name}.{namespace}.svc.cluster.local");
    let ends = full.match_indices('.').filter_map(|(dot, _)| full.get(dot..));
    let mut keys: Vec<_> = ends.map(wildcard).collect();
    keys.push(wildcard(""));
    keys.push(named(namespace, name));
    keys
}

/// Returns what an object knows Services by.
pub(super) fn of_object(manifest: &Manifest<'_>, id: ObjectId) -> Vec<ServiceKey> {
    let Some(resource) = manifest.resource(id) else { return Vec::new() };
    match (resource.identity.group.as_str(), resource.identity.kind.as_str()) {
        (ISTIO, "VirtualService") => of_route(resource),
        (ISTIO, _) => of_rule(resource),
        _ => of_policy(&resource),
    }
}

/// Returns the hosts that the rules of a VirtualService send to.
fn of_route(resource: Resource<'_>) -> Vec<ServiceKey> {
    let Some(route) = read_virtual_service(resource, &mut Collector::default()) else {
        return Vec::new();
    };
    let mut keys = Vec::new();
    for rule in &route.rules {
        if let Action::Route(destinations) = &rule.action {
            let hosts = destinations.iter().map(|destination| destination.host.as_str());
            keys.extend(hosts.filter_map(|host| of_host(host, &route.resource.identity.namespace)));
        }
    }
    keys
}

/// Returns the host of a DestinationRule, as it is written and as it was before any render.
fn of_rule(resource: Resource<'_>) -> Vec<ServiceKey> {
    let namespace = resource.identity.namespace.clone();
    let written = resource.field(&["spec", "host"]).map(|host| host.to_value());
    let written = written.as_ref().and_then(Value::as_str);
    let mut keys: Vec<_> = written.and_then(|host| of_host(host, &namespace)).into_iter().collect();
    let rule = read_destination_rule(resource, &mut Collector::default());
    let host = rule.and_then(|rule| rule.host);
    keys.extend(host.and_then(|host| of_host(&host, &namespace)));
    keys
}

/// Returns the Services that a policy names as its targets.
fn of_policy(resource: &Resource<'_>) -> Vec<ServiceKey> {
    let Some(spec) = resource.field(&["spec"]) else { return Vec::new() };
    let mut targets = spec.list("targetRefs");
    targets.extend(spec.child("targetRef"));
    let names = targets.iter().filter_map(|target| target.text("name"));
    let namespace = &resource.identity.namespace;
    names.map(|name| named(namespace, name)).collect()
}

/// Returns the Service that a host names in an object of `namespace`, or the end of its wildcard.
fn of_host(host: &str, namespace: &str) -> Option<ServiceKey> {
    if let Some(end) = host.strip_prefix('*') {
        return Some(wildcard(end));
    }
    if !host.contains('.') {
        return Some(named(namespace, host));
    }
    let mut labels = host.split('.');
    let (name, of) = (labels.next()?, labels.next()?);
    (labels.next() == Some("svc")).then(|| named(of, name))
}

fn wildcard(end: &str) -> ServiceKey {
    ServiceKey::Wildcard(if end.starts_with('.') { end.to_owned() } else { String::new() })
}

fn named(namespace: &str, name: &str) -> ServiceKey {
    ServiceKey::Name { namespace: namespace.to_owned(), name: name.to_owned() }
}
