//! What a rule may try again on.
//!
//! Names from istio/istio:pkg/config/validation/validation.go `supportedRetryOnPolicies`, and statuses
//! that golang/go:src/net/http/status.go has a text for.

use core::ops::RangeInclusive;

/// The names of conditions, those for gRPC last.
const NAMES: [&str; 16] = [
    "5xx",
    "gateway-error",
    "reset",
    "reset-before-request",
    "connect-failure",
    "retriable-4xx",
    "refused-stream",
    "retriable-status-codes",
    "retriable-headers",
    "envoy-ratelimited",
    "http3-post-connect-failure",
    "cancelled",
    "deadline-exceeded",
    "internal",
    "resource-exhausted",
    "unavailable",
];

/// The statuses that have a text.
const STATUSES: [RangeInclusive<u16>; 12] = [
    100..=103,
    200..=208,
    226..=226,
    300..=305,
    307..=308,
    400..=418,
    421..=426,
    428..=429,
    431..=431,
    451..=451,
    500..=508,
    510..=511,
];

/// Says whether Istio takes a list of conditions.
pub(super) fn is_retry_on(list: &str) -> bool {
    list.split(',').all(is_condition)
}

fn is_condition(text: &str) -> bool {
    let status = text.parse::<u16>().ok();
    let is_status = |status: u16| STATUSES.iter().any(|range| range.contains(&status));
    NAMES.contains(&text) || status.is_some_and(is_status)
}

#[cfg(test)]
mod tests {
    use super::is_retry_on;

    #[test]
    fn names_and_statuses_are_taken() {
        for (list, taken) in [
            ("5xx", true),
            ("connect-failure,refused-stream,503", true),
            ("5xx, reset", false),
            ("5XX", false),
            ("599", false),
            ("gateway-errors", false),
        ] {
            assert_eq!(is_retry_on(list), taken, "{list}");
        }
    }
}
