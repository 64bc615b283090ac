//! The subsets that DestinationRules define for the host of a Service.

use std::collections::BTreeMap;

use super::destination_rule::{Subset, read_destination_rule};
use super::index::ObjectIndex;
use super::virtual_service::{ISTIO, is_host_of};
use crate::diagnostic::Collector;
use crate::manifest::{Identity, Manifest, ObjectId, SharedName};

/// A DestinationRule whose host is the stable one, or a wildcard that holds for it.
struct Candidate {
    namespace: SharedName,
    precision: Precision,
    subsets: Vec<Subset>,
}

/// How precisely a host names a Service. The larger is the more precise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// By a wildcard of this length.
    Wildcard(usize),
    Exact,
}

/// Returns the subsets that the DestinationRules of each namespace give to the host of a Service.
///
/// Of the rules of one namespace those with the most precise host count, all of them.
pub(super) fn find_subsets(
    manifest: &Manifest<'_>,
    index: &ObjectIndex,
    service: &Identity,
) -> BTreeMap<SharedName, Vec<Subset>> {
    let mut candidates = Vec::new();
    for id in index.knowing_service(manifest, service) {
        candidates.extend(read_candidate(manifest, id, service));
    }
    let mut most: BTreeMap<SharedName, Precision> = BTreeMap::new();
    for Candidate { namespace, precision, .. } in &candidates {
        let known = most.entry(namespace.clone()).or_insert(*precision);
        *known = (*known).max(*precision);
    }
    candidates.retain(|rule| most.get(&rule.namespace) == Some(&rule.precision));
    let mut subsets: BTreeMap<SharedName, Vec<Subset>> = BTreeMap::new();
    for rule in candidates {
        subsets.entry(rule.namespace).or_default().extend(rule.subsets);
    }
    subsets
}

fn read_candidate(manifest: &Manifest<'_>, id: ObjectId, service: &Identity) -> Option<Candidate> {
    if !manifest.object(id)?.identity.is(ISTIO, "DestinationRule") {
        return None;
    }
    let resource = manifest
        .resource_mentioning(id, &[service.name.as_str()])
        .or_else(|| manifest.resource_mentioning(id, &["*"]))?;
    let rule = read_destination_rule(resource, &mut Collector::default())?;
    let host = rule.host.as_deref()?;
    let namespace = rule.resource.identity.namespace.clone();
    let precision = if is_host_of(host, &namespace, (&service.name, &service.namespace)) {
        Precision::Exact
    } else if is_wildcard_of(host, service) {
        Precision::Wildcard(host.len())
    } else {
        return None;
    };
    Some(Candidate { namespace, precision, subsets: rule.subsets })
}

/// Returns whether a host with a wildcard holds for a Service: `*.shop.svc.cluster.local` or `*`.
pub(super) fn is_wildcard_of(host: &str, service: &Identity) -> bool {
    let Some(end) = host.strip_prefix('*') else { return false };
    let full = format!("{}.{}.svc.cluster.local", service.name, service.namespace);
    full.ends_with(end)
}
