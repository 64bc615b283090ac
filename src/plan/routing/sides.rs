//! Whose a destination is.

use super::Target;
use crate::manifest::Identity;
use crate::model::{CANARY_SUBSET, Destination, VirtualService, is_host_of};

/// Who stable is, and who its canary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'s> {
    pub(crate) stable: &'s Identity,
    /// The name of the canary Service; none where it is a subset of the stable one.
    pub(crate) canary_name: Option<&'s str>,
}

/// The sides as a VirtualService sees them: a host without a dot is in its own namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'s> {
    pub(super) sides: Sides<'s>,
    namespace: &'s str,
}

impl<'s> View<'s> {
    pub(super) fn of(sides: Sides<'s>, virtual_service: &'s VirtualService<'_>) -> Self {
        Self { sides, namespace: &virtual_service.resource.identity.namespace }
    }

    fn is_host_of(self, host: &str, name: &str) -> bool {
        is_host_of(host, self.namespace, (name, &self.sides.stable.namespace))
    }

    pub(super) fn is_stable(self, destination: &Destination) -> bool {
        self.is_host_of(&destination.host, &self.sides.stable.name) && !self.is_canary(destination)
    }

    pub(super) fn is_canary(self, destination: &Destination) -> bool {
        match self.sides.canary_name {
            Some(canary) => self.is_host_of(&destination.host, canary),
            None => {
                self.is_host_of(&destination.host, &self.sides.stable.name)
                    && destination.subset.as_deref() == Some(CANARY_SUBSET)
            }
        }
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
        match (self.sides.canary_name, stable.split_once('.')) {
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
