//! What `check` tells besides what a render tells: routes as Istio would take them, and who answers.

use super::{allowable_error, error, warning};
use crate::diagnostic::Code;

/// A VirtualService breaks a rule of Istio's webhook.
pub const REFUSED_BY_ISTIO: Code =
    error("refused-by-istio", "A VirtualService breaks a rule of Istio's webhook.");
/// A VirtualService has what Istio's webhook takes with a warning.
pub const WARNED_BY_ISTIO: Code =
    warning("warned-by-istio", "A VirtualService has what Istio's webhook takes with a warning.");
/// A VirtualService has a field that Istio does not know, which the API server drops.
pub const UNKNOWN_ROUTE_FIELD: Code = allowable_error(
    "unknown-route-field",
    "A VirtualService has a field that Istio does not know, which the API server drops.",
);
/// A VirtualService has a field that Istio has replaced by another.
pub const DEPRECATED_FIELD: Code =
    warning("deprecated-field", "A VirtualService has a field that Istio has replaced by another.");
/// A regular expression means different things to different engines.
pub const REGEX_DIFFERS: Code =
    warning("regex-differs", "A regular expression means different things to different engines.");
/// No request reaches a rule: those before it take them all.
pub const UNREACHABLE_RULE: Code =
    warning("unreachable-rule", "No request reaches a rule: those before it take them all.");
/// No request reaches a match of a rule: those before it take them all.
pub const UNREACHABLE_MATCH: Code = warning(
    "unreachable-match",
    "No request reaches a match of a rule: those before it take them all.",
);
/// Two rules of a VirtualService have one name.
pub const DUPLICATE_RULE_NAME: Code =
    warning("duplicate-rule-name", "Two rules of a VirtualService have one name.");
/// A rule sends to a Service that is not in the input.
pub const UNKNOWN_HOST: Code =
    warning("unknown-host", "A rule sends to a Service that is not in the input.");
/// A rule sends to a subset that no DestinationRule of the input has.
pub const UNKNOWN_SUBSET: Code =
    warning("unknown-subset", "A rule sends to a subset that no DestinationRule of the input has.");
/// A rule sends to a port that its Service does not have.
pub const UNKNOWN_PORT: Code =
    warning("unknown-port", "A rule sends to a port that its Service does not have.");
/// A rule sends to a Service of several ports and names none.
pub const AMBIGUOUS_PORT: Code =
    warning("ambiguous-port", "A rule sends to a Service of several ports and names none.");
/// Two VirtualServices route one host.
pub const HOST_CLAIMED_TWICE: Code =
    warning("host-claimed-twice", "Two VirtualServices route one host.");
/// A mirror keeps sending to stable while a canary runs.
pub const MIRROR_OF_STABLE: Code =
    warning("mirror-of-stable", "A mirror keeps sending to stable while a canary runs.");
/// A step gives the canary a larger share of the requests than of the pods.
pub const TOO_FEW_PODS: Code = warning(
    "too-few-pods",
    "A step gives the canary a larger share of the requests than of the pods.",
);

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &REFUSED_BY_ISTIO,
    &WARNED_BY_ISTIO,
    &UNKNOWN_ROUTE_FIELD,
    &DEPRECATED_FIELD,
    &REGEX_DIFFERS,
    &UNREACHABLE_RULE,
    &UNREACHABLE_MATCH,
    &DUPLICATE_RULE_NAME,
    &UNKNOWN_HOST,
    &UNKNOWN_SUBSET,
    &UNKNOWN_PORT,
    &AMBIGUOUS_PORT,
    &HOST_CLAIMED_TWICE,
    &MIRROR_OF_STABLE,
    &TOO_FEW_PODS,
];
