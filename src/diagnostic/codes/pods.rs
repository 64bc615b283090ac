//! Codes of problems where pods of two versions run beside each other.

use super::{allowable_error, error, note, warning};
use crate::diagnostic::Code;

/// A Service has no selector or is an ExternalName, so that it cannot be split.
pub const UNSUPPORTED_SERVICE: Code = error(
    "unsupported-service",
    "A Service has no selector or is an ExternalName, so that it cannot be split.",
);
/// How the pods of the two versions are told apart.
pub const ISOLATED_BY: Code =
    note("isolated-by", "How the pods of the two versions are told apart.");
/// The stable Service does not select the stable pods.
pub const SERVICE_MISSES_WORKLOAD: Code =
    error("service-misses-workload", "The stable Service does not select the stable pods.");
/// The new template changes a key of the stable Service's selector.
pub const SELECTOR_FOLLOWS_VERSION: Code = error(
    "selector-follows-version",
    "The new template changes a key of the stable Service's selector.",
);
/// The one Service of both versions does not select the canary's pods.
pub const SERVICE_MISSES_CANARY: Code = error(
    "service-misses-canary",
    "The one Service of both versions does not select the canary's pods.",
);
/// The isolation key is not in the stable Service's selector.
pub const UNKNOWN_ISOLATION_KEY: Code =
    error("unknown-isolation-key", "The isolation key is not in the stable Service's selector.");
/// A selector no longer selects its own pods once they are relabelled.
pub const SELECTOR_BREAKS: Code =
    error("selector-breaks", "A selector no longer selects its own pods once they are relabelled.");
/// A Service is to select by revision, and the revision is not known.
pub const MISSING_REVISION: Code =
    error("missing-revision", "A Service is to select by revision, and the revision is not known.");
/// A revision is no value that a label can have, or both versions are said to have the same.
pub const INVALID_REVISION: Code = error(
    "invalid-revision",
    "A revision is no value that a label can have, or both versions are said to have the same.",
);
/// A revision is given, and no Service selects by it.
pub const REVISION_UNUSED: Code =
    warning("revision-unused", "A revision is given, and no Service selects by it.");
/// The stable Service selects by a revision that no render has written; it is not kept.
pub const PIN_LOST: Code = warning(
    "pin-lost",
    "The stable Service selects by a revision that no render has written; it is not kept.",
);
/// What a controller copies to the canary Service does harm on a cluster.
pub const COPIED_SERVICE: Code = warning(
    "copied-service",
    "What a controller copies to the canary Service does harm on a cluster.",
);
/// A selector covers the stable pods and not those of the canary.
pub const NOT_COVERED: Code = allowable_error(
    "not-covered",
    "A selector covers the stable pods and not those of the canary.",
);
/// A route that the rollout does not name sends to the stable Service as well.
pub const UNLISTED_ROUTE: Code = warning(
    "unlisted-route",
    "A route that the rollout does not name sends to the stable Service as well.",
);
/// Pods of another workload carry the label of the canary's pods.
pub const CANARY_LABEL_TAKEN: Code =
    error("canary-label-taken", "Pods of another workload carry the label of the canary's pods.");
/// Another Service selects the pods of both versions.
pub const ALSO_SELECTS_CANARY: Code =
    warning("also-selects-canary", "Another Service selects the pods of both versions.");
/// A rule sends to a subset of the stable Service that selects none of its pods.
pub const SUBSET_WITHOUT_PODS: Code = allowable_error(
    "subset-without-pods",
    "A rule sends to a subset of the stable Service that selects none of its pods.",
);
/// Pods of another workload answer requests that a step takes for the canary.
pub const SHARED_SERVICE: Code = allowable_error(
    "shared-service",
    "Pods of another workload answer requests that a step takes for the canary.",
);
/// A rule sends to a subset of the stable Service that holds pods of another workload alone.
pub const FOREIGN_SUBSET: Code = note(
    "foreign-subset",
    "A rule sends to a subset of the stable Service that holds pods of another workload alone.",
);
/// Stable and canary pods would mount a volume that only one node or pod can have.
pub const VOLUME_NOT_SHAREABLE: Code = warning(
    "volume-not-shareable",
    "Stable and canary pods would mount a volume that only one node or pod can have.",
);
/// Stable and canary pods take the same port of a node.
pub const HOST_PORT: Code =
    warning("host-port", "Stable and canary pods take the same port of a node.");
/// A hook runs at each step of a rollout.
pub const HOOK_AT_EACH_STEP: Code =
    warning("hook-at-each-step", "A hook runs at each step of a rollout.");
/// Pods read a label of themselves that differs between the two versions.
pub const LABEL_READ_BY_PODS: Code = warning(
    "label-read-by-pods",
    "Pods read a label of themselves that differs between the two versions.",
);
/// A workload that must not run twice at once would.
pub const RECREATE_STRATEGY: Code =
    warning("recreate-strategy", "A workload that must not run twice at once would.");
/// A changed ConfigMap or Secret reaches the old pods too.
pub const CONFIG_SHARED: Code =
    warning("config-shared", "A changed ConfigMap or Secret reaches the old pods too.");
/// A live controller would fight the render.
pub const CONTROLLER_ACTIVE: Code =
    warning("controller-active", "A live controller would fight the render.");

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &UNSUPPORTED_SERVICE,
    &ISOLATED_BY,
    &SERVICE_MISSES_WORKLOAD,
    &SELECTOR_FOLLOWS_VERSION,
    &SERVICE_MISSES_CANARY,
    &UNKNOWN_ISOLATION_KEY,
    &SELECTOR_BREAKS,
    &MISSING_REVISION,
    &INVALID_REVISION,
    &REVISION_UNUSED,
    &PIN_LOST,
    &COPIED_SERVICE,
    &NOT_COVERED,
    &UNLISTED_ROUTE,
    &CANARY_LABEL_TAKEN,
    &ALSO_SELECTS_CANARY,
    &SUBSET_WITHOUT_PODS,
    &SHARED_SERVICE,
    &FOREIGN_SUBSET,
    &VOLUME_NOT_SHAREABLE,
    &HOST_PORT,
    &HOOK_AT_EACH_STEP,
    &LABEL_READ_BY_PODS,
    &RECREATE_STRATEGY,
    &CONFIG_SHARED,
    &CONTROLLER_ACTIVE,
];
