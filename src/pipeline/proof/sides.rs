//! Whose a destination is, and what it is for the canary.

use serde_json::Value;

use super::foreign::ForeignSubsets;
use crate::model::{CANARY_SUBSET, is_host_of};

/// Who stable is and who its canary, as a VirtualService in a namespace sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'s> {
    pub(super) namespace: &'s str,
    /// Name and namespace of the stable Service.
    pub(super) stable: (&'s str, &'s str),
    /// The name of the canary Service; none where the canary is a subset of the stable one.
    pub(super) canary: Option<&'s str>,
    /// The subsets of the stable Service that hold pods of other workloads alone.
    pub(super) foreign: &'s ForeignSubsets,
}

/// Whose a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Stable,
    Canary,
    Other,
}

impl Sides<'_> {
    pub(super) fn of(self, host: &str, subset: Option<&str>) -> Side {
        let is = |name: &str| is_host_of(host, self.namespace, (name, self.stable.1));
        match self.canary {
            Some(canary) if is(canary) => Side::Canary,
            None if is(self.stable.0) && subset == Some(CANARY_SUBSET) => Side::Canary,
            _ if is(self.stable.0) && !self.foreign.hold(subset) => Side::Stable,
            _ => Side::Other,
        }
    }

    /// Returns whose an entry of a `route` is.
    pub(super) fn of_entry(self, entry: &Value) -> Side {
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        self.of(text("/destination/host").unwrap_or_default(), text("/destination/subset"))
    }

    /// Returns whether a rule names stable as a destination.
    pub(super) fn are_in(self, rule: &Value, side: Side) -> bool {
        entries(rule).iter().any(|entry| self.of_entry(entry) == side)
    }

    /// Returns host and subset of the canary of a stable destination.
    pub(super) fn canary_of(self, host: &str) -> (String, Option<&'static str>) {
        match (self.canary, host.split_once('.')) {
            (None, _) => (host.to_owned(), Some(CANARY_SUBSET)),
            (Some(canary), None) => (canary.to_owned(), None),
            (Some(canary), Some((_, domain))) => (format!("{canary}.{domain}"), None),
        }
    }

    /// Returns the entry of a `route` for the canary, where it is stable's.
    pub(super) fn redirected(self, entry: &Value) -> Value {
        let mut entry = entry.clone();
        if self.of_entry(&entry) != Side::Stable {
            return entry;
        }
        if let Some(destination) = entry.get_mut("destination").and_then(Value::as_object_mut) {
            let host = destination.get("host").and_then(Value::as_str).unwrap_or_default();
            let (host, subset) = self.canary_of(host);
            destination.insert("host".to_owned(), Value::from(host));
            match subset {
                Some(subset) => destination.insert("subset".to_owned(), Value::from(subset)),
                None => destination.shift_remove("subset"),
            };
        }
        entry
    }
}

/// Returns the entries of the `route` of a rule.
pub(super) fn entries(rule: &Value) -> &[Value] {
    rule.get("route").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
