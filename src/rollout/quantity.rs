//! Numbers of pods and shares of traffic, and how Kubernetes writes them.

use std::str::FromStr;

use serde_json::Value;

/// A number of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Replicas(pub(crate) u32);

/// A share of a whole, 0 to 100 in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Percent(u8);

/// A number of pods, or a share of all of them: Kubernetes' `IntOrString`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    Pods(Replicas),
    Share(Percent),
}

/// Why a text or number is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuantityError {
    #[error("a share is written as a whole number with `%`, such as `20%`")]
    NoPercent,
    #[error("a share lies between 0% and 100%")]
    OutOfRange,
    #[error("a number of pods is a whole number that is not negative")]
    NoReplicas,
}

impl Replicas {
    /// Returns that many pods, or the most that a Deployment can have: replicas are an int32.
    pub(crate) fn at_most(count: u32) -> Self {
        Self(count.min(i32::MAX.unsigned_abs()))
    }
}

impl Percent {
    /// Returns the hundredths.
    pub(crate) fn hundredths(self) -> u8 {
        self.0
    }
}

/// Reads `20%` as Go's `strconv.Atoi` reads the number: a sign is fine, blanks and fractions are not
/// (k8s.io/apimachinery:pkg/util/intstr `getIntOrPercentValueSafely`).
pub(crate) fn parse_percent(text: &str) -> Option<i64> {
    text.strip_suffix('%')?.parse().ok()
}

/// Reads `20%` where it is a share of a whole.
impl FromStr for Percent {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        match u8::try_from(parse_percent(text).ok_or(QuantityError::NoPercent)?) {
            Ok(hundredths) if hundredths <= 100 => Ok(Self(hundredths)),
            _ => Err(QuantityError::OutOfRange),
        }
    }
}

impl TryFrom<&Value> for Replicas {
    type Error = QuantityError;

    fn try_from(value: &Value) -> Result<Self, QuantityError> {
        let number = value.as_i64().ok_or(QuantityError::NoReplicas)?;
        // Replicas are an int32.
        let number = i32::try_from(number).map_err(|_| QuantityError::NoReplicas)?;
        u32::try_from(number).map(Self).map_err(|_| QuantityError::NoReplicas)
    }
}

impl TryFrom<&Value> for Amount {
    type Error = QuantityError;

    fn try_from(value: &Value) -> Result<Self, QuantityError> {
        match value {
            Value::String(text) => text.parse().map(Self::Share),
            number => Replicas::try_from(number).map(Self::Pods),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Percent, QuantityError};

    #[test]
    fn percents_are_read_as_go_reads_them() {
        assert_eq!("+20%".parse::<Percent>().map(Percent::hundredths), Ok(20));
        assert_eq!("33.3%".parse::<Percent>(), Err(QuantityError::NoPercent));
        assert_eq!("20".parse::<Percent>(), Err(QuantityError::NoPercent));
        assert_eq!("101%".parse::<Percent>(), Err(QuantityError::OutOfRange));
    }
}
