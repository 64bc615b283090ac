//! The fields that must be of a certain form, and those that go together or do not.
//!
//! One row for each rule of istio/istio:pkg/config/validation/virtualservice.go and validation.go, or
//! of the CRD, that looks at one value or at what is there beside it. What takes more than that has a
//! file of its own.

use std::ops::RangeInclusive;

use super::super::route::Route;
use super::super::spot::Spot;
use super::Refused;
use super::constraints::{
    ANSWERED_HEADER, ATTEMPTS, CHANGED_HEADER, CORS_HEADER, Constraint, DESTINATION_HOST, DURATION,
    FAULT_PERCENT, HEADER_VALUE, HOST, LABEL_KEY, LABEL_VALUE, METHOD, NAMESPACE, PERCENT, PORT,
    PORT_OR_NONE, REDIRECT_CODE, REMOVED_HEADER, RETRY_ON, SCHEME, SECONDS, STATUS, SUBNET, SUBSET,
    UNSUPPORTED,
};
use crate::diagnostic::listed;

/// Where destinations are.
const DESTINATIONS: &[&str] = &[
    "http[].route[].destination",
    "http[].mirror",
    "http[].mirrors[].destination",
    "tls[].route[].destination",
    "tcp[].route[].destination",
];

/// Where the ports of destinations are.
const PORTS: &[&str] = &[
    "http[].route[].destination.port",
    "http[].mirror.port",
    "http[].mirrors[].destination.port",
    "tls[].route[].destination.port",
    "tcp[].route[].destination.port",
];

/// What the fields below some places must be.
type Values = (&'static [&'static str], &'static [(&'static str, Constraint)]);

/// Of these fields, so many are at each place.
type Choice = (&'static [&'static str], &'static [&'static str], RangeInclusive<usize>);

/// What values must be: below these places, these fields. `[]` is every item, and `{}` every entry.
const VALUES: &[Values] = &[
    (&[""], &[("hosts[]", HOST)]),
    (
        &["http[]"],
        &[
            ("timeout", DURATION),
            ("retries.perTryTimeout", DURATION),
            ("retries.backoff", DURATION),
            ("retries.attempts", ATTEMPTS),
            ("retries.retryOn", RETRY_ON),
            ("fault.delay.percentage.value", FAULT_PERCENT),
            ("fault.delay.fixedDelay", DURATION),
            ("fault.delay.exponentialDelay", UNSUPPORTED),
            ("fault.abort.percentage.value", FAULT_PERCENT),
            ("fault.abort.httpStatus", STATUS),
            ("fault.abort.http2Error", UNSUPPORTED),
            ("mirrorPercent", PERCENT),
            ("mirror_percent", PERCENT),
            ("mirrorPercentage.value", PERCENT),
            ("mirrors[].percentage.value", PERCENT),
            ("corsPolicy.maxAge", SECONDS),
            ("corsPolicy.allowMethods[]", METHOD),
            ("corsPolicy.allowHeaders[]", CORS_HEADER),
            ("corsPolicy.exposeHeaders[]", CORS_HEADER),
            ("redirect.redirectCode", REDIRECT_CODE),
            ("redirect.scheme", SCHEME),
            ("redirect.port", PORT_OR_NONE),
            ("directResponse.status", STATUS),
            ("match[].sourceNamespace", NAMESPACE),
        ],
    ),
    (
        &["http[].match[]", "tls[].match[]", "tcp[].match[]"],
        &[("port", PORT_OR_NONE), ("sourceLabels{}", LABEL_KEY), ("sourceLabels{}", LABEL_VALUE)],
    ),
    (&["tls[].match[]", "tcp[].match[]"], &[("destinationSubnets[]", SUBNET)]),
    (DESTINATIONS, &[("host", DESTINATION_HOST), ("subset", SUBSET), ("port.number", PORT)]),
    (
        &["http[].headers", "http[].route[].headers"],
        &[
            ("request.set{}", CHANGED_HEADER),
            ("request.add{}", CHANGED_HEADER),
            ("request.remove[]", REMOVED_HEADER),
            ("response.set{}", ANSWERED_HEADER),
            ("response.add{}", ANSWERED_HEADER),
            ("response.remove[]", REMOVED_HEADER),
            ("request.set{}", HEADER_VALUE),
            ("request.add{}", HEADER_VALUE),
            ("response.set{}", HEADER_VALUE),
            ("response.add{}", HEADER_VALUE),
        ],
    ),
];

/// How many of some fields may be there, and must.
const CHOICES: &[Choice] = &[
    (&["http[].route[]", "tls[].route[]", "tcp[].route[]"], &["destination"], 1..=1),
    (&["http[].mirrors[]"], &["destination"], 1..=1),
    (DESTINATIONS, &["host"], 1..=1),
    (PORTS, &["number"], 1..=1),
    (&["http[].redirect"], &["uri", "prefixRewrite"], 0..=1),
    (&["http[].redirect"], &["port", "derivePort"], 0..=1),
    (
        &["http[].redirect"],
        &["uri", "prefixRewrite", "authority", "scheme", "port", "derivePort"],
        1..=6,
    ),
    (&["http[].directResponse"], &["status"], 1..=1),
    (&["http[].directResponse.body"], &["string", "bytes"], 0..=1),
    (&["http[].rewrite"], &["uri", "uriRegexRewrite"], 0..=1),
    (&["http[].rewrite"], &["uri", "uriRegexRewrite", "authority"], 1..=3),
    (&["http[].rewrite.uriRegexRewrite"], &["match", "rewrite"], 2..=2),
    (&["http[].fault"], &["delay", "abort"], 1..=2),
    (&["http[].fault.delay"], &["fixedDelay", "exponentialDelay"], 0..=1),
    (&["http[].fault.abort"], &["httpStatus", "grpcStatus", "http2Error"], 0..=1),
];

/// Reports values that are not what they must be.
pub(super) fn check_values<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let mut refused = Vec::new();
    for (places, fields) in VALUES {
        for spot in places.iter().flat_map(|place| find(&route.spec(), place)) {
            for (field, constraint) in *fields {
                let found = find(&spot, field);
                refused.extend(found.into_iter().filter_map(|spot| constraint.check(spot)));
            }
        }
    }
    refused
}

/// Reports fields that are missing, or cannot stand together.
pub(super) fn check_choices<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let mut refused = Vec::new();
    for (places, keys, bounds) in CHOICES {
        for spot in places.iter().flat_map(|place| find(&route.spec(), place)) {
            refused.extend(check_choice(spot, keys, bounds));
        }
    }
    refused
}

fn check_choice<'r>(
    spot: Spot<'r>,
    keys: &[&str],
    bounds: &RangeInclusive<usize>,
) -> Option<Refused<'r>> {
    let there: Vec<_> = keys.iter().copied().filter(|key| is_there(&spot, key)).collect();
    if there.len() > *bounds.end() {
        let message = format!("only one of {} may be there", listed(&there));
        return Some((spot, message, "remove the other"));
    }
    // A name that Istio does not know is reported by itself: it was meant to be one of these.
    let is_misspelt = spot.entries().iter().any(|(key, _)| key.contains('_'));
    if there.len() >= *bounds.start() || is_misspelt {
        return None;
    }
    let missing = listed(keys.iter().filter(|key| !there.contains(key)));
    Some(if *bounds.start() == keys.len() {
        (spot, format!("{missing} is missing"), "add it, or remove what it belongs to")
    } else {
        (spot, format!("there is none of {missing}"), "add one of them, or remove the field")
    })
}

/// Says whether a field is there; to protobuf an empty string is not.
fn is_there(spot: &Spot<'_>, key: &str) -> bool {
    spot.child(key).is_some_and(|child| child.value != "")
}

/// Returns the fields that a row of the table is for.
fn find<'r>(from: &Spot<'r>, place: &str) -> Vec<Spot<'r>> {
    if place.is_empty() {
        return vec![from.clone()];
    }
    let (step, rest) = place.split_once('.').unwrap_or((place, ""));
    let below = match (step.strip_suffix("[]"), step.strip_suffix("{}")) {
        (Some(list), _) => from.list(list),
        (_, Some(map)) => from.child(map).as_ref().map(entries).unwrap_or_default(),
        _ => from.child(step).into_iter().collect(),
    };
    if rest.is_empty() {
        return below;
    }
    below.iter().flat_map(|spot| find(spot, rest)).collect()
}

fn entries<'r>(map: &Spot<'r>) -> Vec<Spot<'r>> {
    // The API server drops what is null before Istio is asked.
    let entries = map.entries().into_iter().map(|(_, entry)| entry);
    entries.filter(|entry| !entry.value.is_null()).collect()
}
