//! The hosts of a rollout as a VirtualService writes them.

use super::Target;
use crate::model::{Backends, Destination, Pods, Side, VirtualService};

/// The backends as a VirtualService sees them: a host without a dot is in its own namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'s> {
    pub(super) backends: &'s Backends,
    namespace: &'s str,
}

impl<'s> View<'s> {
    pub(super) fn of(backends: &'s Backends, virtual_service: &'s VirtualService<'_>) -> Self {
        Self { backends, namespace: &virtual_service.resource.identity.namespace }
    }

    pub(super) fn side(self, destination: &Destination) -> Side {
        let Destination { host, subset, .. } = destination;
        self.backends.side(host, self.namespace, subset.as_deref())
    }

    /// Returns the pods of a subset of the stable host that belongs to other workloads.
    pub(super) fn foreign_pods(self, destination: &Destination) -> Option<&'s Pods> {
        let Destination { host, subset, .. } = destination;
        let pods = self.backends.pods(self.namespace, Some(subset.as_deref()?))?;
        let is_stable_host = self.backends.is_stable_host(host, self.namespace);
        (is_stable_host && self.side(destination) == Side::Foreign).then_some(pods)
    }

    pub(super) fn is_stable(self, destination: &Destination) -> bool {
        self.side(destination) == Side::Stable
    }

    pub(super) fn is_canary(self, destination: &Destination) -> bool {
        self.side(destination) == Side::Canary
    }

    /// Returns whether any request of a rule reaches stable, or its canary beside it.
    pub(super) fn is_bound(self, destinations: &[Destination]) -> bool {
        let count = destinations.len();
        let receives = |destination: &Destination| effective_weight(destination, count) > 0;
        let ours =
            |destination: &Destination| self.is_stable(destination) || self.is_canary(destination);
        destinations.iter().any(|destination| self.is_stable(destination))
            && destinations.iter().any(|destination| ours(destination) && receives(destination))
    }

    /// Returns the canary of a stable host, written as that is.
    pub(super) fn target(self, stable: &str) -> Target {
        match (self.backends.canary_name.as_deref(), stable.split_once('.')) {
            (None, _) => Target::Subset,
            (Some(canary), Some((_, rest))) => Target::Host(format!("{canary}.{rest}")),
            (Some(canary), None) => Target::Host(canary.to_owned()),
        }
    }
}

/// A sole destination gets everything, whatever its weight; of several, an absent weight is 0.
pub(super) fn effective_weight(destination: &Destination, count: usize) -> u64 {
    if count == 1 { 1 } else { u64::from(destination.weight.unwrap_or(0)) }
}
