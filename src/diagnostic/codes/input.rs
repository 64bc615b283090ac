//! What can be wrong with what is read: texts, and the rollouts in them.

use super::{allowable_error, error, note, warning};
use crate::diagnostic::Code;

/// The input is neither UTF-8 nor marked as UTF-16.
pub const NOT_UTF8: Code = error("not-utf8", "The input is neither UTF-8 nor marked as UTF-16.");
/// An input is larger than 1 GiB.
pub const INPUT_TOO_LARGE: Code = error("input-too-large", "An input is larger than 1 GiB.");
/// A link in a folder does not lead to a regular file of the folder or of its repository.
pub const LINK_LEADS_OUTSIDE: Code = error(
    "link-leads-outside",
    "A link in a folder does not lead to a regular file of the folder or of its repository.",
);
/// A line begins with `---` and holds more than blanks or a comment.
pub const INVALID_SEPARATOR: Code =
    error("invalid-separator", "A line begins with `---` and holds more than blanks or a comment.");
/// A document is not valid YAML, or not as Kubernetes reads it.
pub const INVALID_YAML: Code =
    error("invalid-yaml", "A document is not valid YAML, or not as Kubernetes reads it.");
/// A document that is changed holds something that readers of YAML 1.2 read otherwise than `kubectl`.
pub const AMBIGUOUS_YAML: Code = warning(
    "ambiguous-yaml",
    "A document that is changed holds something that readers of YAML 1.2 read otherwise than `kubectl`.",
);
/// A document nests deeper than any Kubernetes object.
pub const TOO_DEEP: Code = error("too-deep", "A document nests deeper than any Kubernetes object.");
/// Aliases make a document far larger than its text.
pub const EXCESSIVE_ALIASING: Code =
    error("excessive-aliasing", "Aliases make a document far larger than its text.");
/// A document has no `apiVersion` or no `kind`.
pub const NOT_AN_OBJECT: Code =
    error("not-an-object", "A document has no `apiVersion` or no `kind`.");
/// Two documents are the same object.
pub const DUPLICATE_OBJECT: Code = error("duplicate-object", "Two documents are the same object.");
/// A map has a key twice; `kubectl` takes the last one.
pub const DUPLICATE_KEY: Code =
    warning("duplicate-key", "A map has a key twice; `kubectl` takes the last one.");
/// A merge key overrides a key written before it, for `kubectl` only.
pub const MERGE_OVERRIDES: Code = warning(
    "merge-overrides",
    "A merge key overrides a key written before it, for `kubectl` only.",
);
/// Text after `...` is not read, as `kubectl` does not.
pub const TEXT_AFTER_END: Code =
    warning("text-after-end", "Text after `...` is not read, as `kubectl` does not.");
/// A document that is changed holds a scalar that kustomize reads otherwise than `kubectl`.
pub const KUSTOMIZE_DIFFERS: Code = warning(
    "kustomize-differs",
    "A document that is changed holds a scalar that kustomize reads otherwise than `kubectl`.",
);
/// The input holds no objects, or none would be written.
pub const NOTHING_TO_RENDER: Code =
    error("nothing-to-render", "The input holds no objects, or none would be written.");

/// The input holds no Rollout.
pub const NO_ROLLOUT: Code = error("no-rollout", "The input holds no Rollout.");
/// A flag names a rollout that is not in the input.
pub const UNKNOWN_ROLLOUT: Code =
    error("unknown-rollout", "A flag names a rollout that is not in the input.");
/// Two RollSteps name one rollout.
pub const DUPLICATE_ROLL_STEP: Code =
    error("duplicate-roll-step", "Two RollSteps name one rollout.");
/// A Rollout has a field that its schema does not know.
pub const UNKNOWN_FIELD: Code =
    allowable_error("unknown-field", "A Rollout has a field that its schema does not know.");
/// A field has a value that its schema does not take.
pub const INVALID_FIELD: Code =
    error("invalid-field", "A field has a value that its schema does not take.");
/// An object has a name that Kubernetes refuses.
pub const INVALID_NAME: Code =
    error("invalid-name", "An object has a name that Kubernetes refuses.");
/// A required field is not there.
pub const MISSING_FIELD: Code = error("missing-field", "A required field is not there.");
/// A rollout names a workload that is not in the input.
pub const UNKNOWN_WORKLOAD: Code =
    error("unknown-workload", "A rollout names a workload that is not in the input.");
/// A rollout names a Service that is not in the input.
pub const UNKNOWN_SERVICE: Code =
    error("unknown-service", "A rollout names a Service that is not in the input.");
/// A rollout names a routing object that is not in the input.
pub const UNKNOWN_ROUTE: Code =
    error("unknown-route", "A rollout names a routing object that is not in the input.");
/// A rollout names a routing object twice.
pub const DUPLICATE_REFERENCE: Code =
    warning("duplicate-reference", "A rollout names a routing object twice.");
/// The version of a Rollout is not read yet.
pub const UNSUPPORTED_VERSION: Code =
    error("unsupported-version", "The version of a Rollout is not read yet.");
/// The kind of workload is not rendered yet.
pub const UNSUPPORTED_WORKLOAD: Code =
    error("unsupported-workload", "The kind of workload is not rendered yet.");
/// The strategy of a Rollout is not rendered yet.
pub const UNSUPPORTED_STRATEGY: Code =
    error("unsupported-strategy", "The strategy of a Rollout is not rendered yet.");
/// A kind of traffic routing is not rendered yet.
pub const UNSUPPORTED_ROUTING: Code =
    error("unsupported-routing", "A kind of traffic routing is not rendered yet.");
/// A rollout has no trafficRoutings: traffic would follow the number of pods.
pub const NO_ROUTING: Code = allowable_error(
    "no-routing",
    "A rollout has no trafficRoutings: traffic would follow the number of pods.",
);
/// Two rollouts change one object.
pub const SHARED_OBJECT: Code = error("shared-object", "Two rollouts change one object.");
/// A step asks for fewer replicas than the one before it.
pub const DECREASING_REPLICAS: Code =
    error("decreasing-replicas", "A step asks for fewer replicas than the one before it.");
/// A Rollout breaks a rule of the controller's webhook that has no code of its own.
pub const REFUSED_BY_WEBHOOK: Code = error(
    "refused-by-webhook",
    "A Rollout breaks a rule of the controller's webhook that has no code of its own.",
);
/// A field of a v1alpha1 Rollout has no place in v1beta1 and means nothing.
pub const LOST_IN_CONVERSION: Code = warning(
    "lost-in-conversion",
    "A field of a v1alpha1 Rollout has no place in v1beta1 and means nothing.",
);
/// `enableExtraWorkloadForCanary` is absent, and canary style is assumed.
pub const STYLE_ASSUMED: Code = warning(
    "style-assumed",
    "`enableExtraWorkloadForCanary` is absent, and canary style is assumed.",
);
/// A rollout is switched off and rendered as done.
pub const ROLLOUT_DISABLED: Code =
    note("rollout-disabled", "A rollout is switched off and rendered as done.");
/// A rollout is paused, which changes nothing here.
pub const ROLLOUT_PAUSED: Code =
    note("rollout-paused", "A rollout is paused, which changes nothing here.");
/// A step has neither traffic nor matches and sends nothing to the canary.
pub const STEP_WITHOUT_TRAFFIC: Code = warning(
    "step-without-traffic",
    "A step has neither traffic nor matches and sends nothing to the canary.",
);
/// A step has both traffic and matches; the matches win.
pub const TRAFFIC_IGNORED: Code =
    warning("traffic-ignored", "A step has both traffic and matches; the matches win.");
/// A step changes request headers without matches, which has no effect.
pub const HEADER_MODIFIER_IGNORED: Code = warning(
    "header-modifier-ignored",
    "A step changes request headers without matches, which has no effect.",
);
/// A match names a header twice.
pub const DUPLICATE_HEADER: Code = error("duplicate-header", "A match names a header twice.");
/// A match would send all requests to the canary.
pub const MATCHES_EVERYTHING: Code =
    error("matches-everything", "A match would send all requests to the canary.");

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &NOT_UTF8,
    &INPUT_TOO_LARGE,
    &LINK_LEADS_OUTSIDE,
    &INVALID_SEPARATOR,
    &INVALID_YAML,
    &AMBIGUOUS_YAML,
    &TOO_DEEP,
    &EXCESSIVE_ALIASING,
    &NOT_AN_OBJECT,
    &DUPLICATE_OBJECT,
    &DUPLICATE_KEY,
    &MERGE_OVERRIDES,
    &TEXT_AFTER_END,
    &KUSTOMIZE_DIFFERS,
    &NOTHING_TO_RENDER,
    &NO_ROLLOUT,
    &UNKNOWN_ROLLOUT,
    &DUPLICATE_ROLL_STEP,
    &UNKNOWN_FIELD,
    &INVALID_FIELD,
    &INVALID_NAME,
    &MISSING_FIELD,
    &UNKNOWN_WORKLOAD,
    &UNKNOWN_SERVICE,
    &UNKNOWN_ROUTE,
    &DUPLICATE_REFERENCE,
    &UNSUPPORTED_VERSION,
    &UNSUPPORTED_WORKLOAD,
    &UNSUPPORTED_STRATEGY,
    &UNSUPPORTED_ROUTING,
    &NO_ROUTING,
    &SHARED_OBJECT,
    &DECREASING_REPLICAS,
    &REFUSED_BY_WEBHOOK,
    &LOST_IN_CONVERSION,
    &STYLE_ASSUMED,
    &ROLLOUT_DISABLED,
    &ROLLOUT_PAUSED,
    &STEP_WITHOUT_TRAFFIC,
    &TRAFFIC_IGNORED,
    &HEADER_MODIFIER_IGNORED,
    &DUPLICATE_HEADER,
    &MATCHES_EVERYTHING,
];
