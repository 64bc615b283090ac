//! Codes of problems with routes, and of faults of rollstep itself.

use super::{allowable_error, error, warning};
use crate::diagnostic::Code;

/// No rule of a VirtualService sends to the stable Service.
pub const NO_STABLE_DESTINATION: Code =
    error("no-stable-destination", "No rule of a VirtualService sends to the stable Service.");
/// A step describes requests, and only rules of tcp or tls send to the stable Service.
pub const MATCH_NEEDS_HTTP: Code = error(
    "match-needs-http",
    "A step describes requests, and only rules of tcp or tls send to the stable Service.",
);
/// A step describes requests, and leaves a rule of tcp or tls as it is.
pub const CONNECTION_RULE_UNCHANGED: Code = warning(
    "connection-rule-unchanged",
    "A step describes requests, and leaves a rule of tcp or tls as it is.",
);
/// A rule leaves routing to a VirtualService that is not in the input.
pub const UNKNOWN_DELEGATE: Code = warning(
    "unknown-delegate",
    "A rule leaves routing to a VirtualService that is not in the input.",
);
/// A VirtualService is not what its schema says.
pub const INVALID_ROUTE: Code =
    error("invalid-route", "A VirtualService is not what its schema says.");
/// A DestinationRule is not what its schema says.
pub const INVALID_DESTINATION_RULE: Code =
    error("invalid-destination-rule", "A DestinationRule is not what its schema says.");
/// A match of the step cannot be combined with that of a rule.
pub const MATCH_CONFLICT: Code =
    error("match-conflict", "A match of the step cannot be combined with that of a rule.");
/// A step directs traffic, and no request reaches the canary.
pub const STEP_WITHOUT_EFFECT: Code =
    error("step-without-effect", "A step directs traffic, and no request reaches the canary.");
/// No request that a match of the step describes meets the conditions of a rule for stable.
pub const MATCH_NEVER_MET: Code = warning(
    "match-never-met",
    "No request that a match of the step describes meets the conditions of a rule for stable.",
);
/// A header change of the step cannot be combined with that of a rule.
pub const HEADER_CONFLICT: Code =
    error("header-conflict", "A header change of the step cannot be combined with that of a rule.");
/// The exact weights of a rule are larger than Istio takes.
pub const WEIGHT_TOO_LARGE: Code =
    error("weight-too-large", "The exact weights of a rule are larger than Istio takes.");
/// A rule already has the name of a twin.
pub const TWIN_NAME_TAKEN: Code =
    error("twin-name-taken", "A rule already has the name of a twin.");
/// A subset of the stable Service does not exist on the canary Service.
pub const SUBSET_NOT_ON_CANARY: Code = warning(
    "subset-not-on-canary",
    "A subset of the stable Service does not exist on the canary Service.",
);
/// The canary is a subset of the one Service, and no DestinationRule for its host is named.
pub const NO_DESTINATION_RULE: Code = error(
    "no-destination-rule",
    "The canary is a subset of the one Service, and no DestinationRule for its host is named.",
);
/// Subset `canary` selects others than the canary's pods.
pub const WRONG_CANARY_SUBSET: Code =
    error("wrong-canary-subset", "Subset `canary` selects others than the canary's pods.");
/// What is meant for the stable pods reaches those of the canary as well.
pub const STABLE_REACHES_CANARY: Code = warning(
    "stable-reaches-canary",
    "What is meant for the stable pods reaches those of the canary as well.",
);
/// The annotation that holds the original of a routing object cannot be read.
pub const INVALID_ORIGINAL: Code = error(
    "invalid-original",
    "The annotation that holds the original of a routing object cannot be read.",
);
/// A rendered routing object was edited by hand.
pub const EDITED_SINCE_RENDER: Code =
    allowable_error("edited-since-render", "A rendered routing object was edited by hand.");
/// The annotations of an object are larger than the API server takes.
pub const ANNOTATIONS_TOO_LARGE: Code = error(
    "annotations-too-large",
    "The annotations of an object are larger than the API server takes.",
);
/// The annotations of an object leave no room for those of `kubectl apply`.
pub const ANNOTATIONS_NEAR_LIMIT: Code = warning(
    "annotations-near-limit",
    "The annotations of an object leave no room for those of `kubectl apply`.",
);

/// A DestinationRule keeps a client at one pod, but the step splits requests by weight.
pub const HASH_BEFORE_SPLIT: Code = warning(
    "hash-before-split",
    "A DestinationRule keeps a client at one pod, but the step splits requests by weight.",
);
/// An EnvoyFilter is for a rule by its name, which the twin for the canary does not have.
pub const FILTER_MISSES_TWIN: Code = warning(
    "filter-misses-twin",
    "An EnvoyFilter is for a rule by its name, which the twin for the canary does not have.",
);

/// A check of our own result failed; this is a fault of rollstep.
pub const INTERNAL: Code =
    error("internal", "A check of our own result failed; this is a fault of rollstep.");

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &NO_STABLE_DESTINATION,
    &MATCH_NEEDS_HTTP,
    &CONNECTION_RULE_UNCHANGED,
    &UNKNOWN_DELEGATE,
    &INVALID_ROUTE,
    &INVALID_DESTINATION_RULE,
    &MATCH_CONFLICT,
    &STEP_WITHOUT_EFFECT,
    &MATCH_NEVER_MET,
    &HEADER_CONFLICT,
    &WEIGHT_TOO_LARGE,
    &TWIN_NAME_TAKEN,
    &SUBSET_NOT_ON_CANARY,
    &NO_DESTINATION_RULE,
    &WRONG_CANARY_SUBSET,
    &STABLE_REACHES_CANARY,
    &INVALID_ORIGINAL,
    &EDITED_SINCE_RENDER,
    &ANNOTATIONS_TOO_LARGE,
    &ANNOTATIONS_NEAR_LIMIT,
    &HASH_BEFORE_SPLIT,
    &FILTER_MISSES_TWIN,
    &INTERNAL,
];
