//! A number or a share as the webhook scales it: against 100.

use crate::manifest::Field;
use crate::rollout::parse_percent;

/// What Go's `GetScaledValueFromIntOrPercent` makes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scaled {
    Pods(i64),
    Share(i64),
    /// A string that is not a share.
    NoShare,
}

impl Scaled {
    /// Scales the value below `key`; the schema reports what is neither a number nor a string.
    pub(super) fn of(field: &Field<'_, '_>, key: &str) -> Option<Self> {
        let value = field.child(key)?.to_value();
        match value.as_str() {
            Some(text) => Some(parse_percent(text).map_or(Self::NoShare, Self::Share)),
            None => value.as_i64().map(Self::Pods),
        }
    }

    /// Returns whether it is a positive number, or a share over 0 % and of at most 100 %.
    pub(super) fn is_positive(self) -> bool {
        match self {
            Self::Pods(pods) => pods > 0,
            Self::Share(share) => (1..=100).contains(&share),
            Self::NoShare => false,
        }
    }

    /// Returns whether a step of `self` would take pods away after one of `earlier`; a number and a
    /// share are not compared.
    pub(super) fn falls_behind(self, earlier: Self) -> bool {
        match (earlier, self) {
            (Self::Pods(earlier), Self::Pods(later))
            | (Self::Share(earlier), Self::Share(later)) => later < earlier,
            _ => false,
        }
    }

    /// Returns whether it is a share over the limit of partition style.
    pub(super) fn is_over_the_limit(self) -> bool {
        matches!(self, Self::Share(share) if share > PARTITION_LIMIT)
    }
}

/// The most percent of the pods that a step of partition style has while it directs traffic: the
/// default of the controller's flag `--partition-percent-limit`.
pub(super) const PARTITION_LIMIT: i64 = 50;
