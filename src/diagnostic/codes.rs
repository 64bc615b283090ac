//! Every code there is, in the order of the work.
//!
//! A code never changes its name or meaning. Each has a fixture.

use super::{Code, Severity};

const fn code(
    name: &'static str,
    severity: Severity,
    allowable: bool,
    meaning: &'static str,
) -> Code {
    Code { name, severity, allowable, meaning }
}

const fn error(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Error, false, meaning)
}

const fn allowable_error(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Error, true, meaning)
}

const fn warning(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Warning, true, meaning)
}

const fn note(name: &'static str, meaning: &'static str) -> Code {
    code(name, Severity::Note, true, meaning)
}

// Reading.
/// The input is neither UTF-8 nor marked as UTF-16.
pub const NOT_UTF8: Code = error("not-utf8", "The input is neither UTF-8 nor marked as UTF-16.");
/// An input is larger than 1 GiB.
pub const INPUT_TOO_LARGE: Code = error("input-too-large", "An input is larger than 1 GiB.");
/// A line begins with `---` and holds more than blanks or a comment.
pub const INVALID_SEPARATOR: Code =
    error("invalid-separator", "A line begins with `---` and holds more than blanks or a comment.");
/// A document is not valid YAML, or not as Kubernetes reads it.
pub const INVALID_YAML: Code =
    error("invalid-yaml", "A document is not valid YAML, or not as Kubernetes reads it.");
/// A document holds something that `kubectl` and this reader could read differently.
pub const AMBIGUOUS_YAML: Code = error(
    "ambiguous-yaml",
    "A document holds something that `kubectl` and this reader could read differently.",
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

// The rollout.
/// The input holds no Rollout.
pub const NO_ROLLOUT: Code = error("no-rollout", "The input holds no Rollout.");
/// A flag names a rollout that is not in the input.
pub const UNKNOWN_ROLLOUT: Code =
    error("unknown-rollout", "A flag names a rollout that is not in the input.");
/// Two RollSteps name one rollout.
pub const DUPLICATE_ROLL_STEP: Code =
    error("duplicate-roll-step", "Two RollSteps name one rollout.");
/// A field asks for something that is not there yet.
pub const NOT_YET: Code = error("not-yet", "A field asks for something that is not there yet.");
/// A Rollout has a field that its schema does not know.
pub const UNKNOWN_FIELD: Code =
    allowable_error("unknown-field", "A Rollout has a field that its schema does not know.");
/// A field has a value that its schema does not take.
pub const INVALID_FIELD: Code =
    error("invalid-field", "A field has a value that its schema does not take.");
/// A required field is not there.
pub const MISSING_FIELD: Code = error("missing-field", "A required field is not there.");
/// A rollout names a workload that is not in the input.
pub const UNKNOWN_WORKLOAD: Code =
    error("unknown-workload", "A rollout names a workload that is not in the input.");
/// A rollout names a Service that is not in the input.
pub const UNKNOWN_SERVICE: Code =
    error("unknown-service", "A rollout names a Service that is not in the input.");
/// A rollout names a VirtualService that is not in the input.
pub const UNKNOWN_ROUTE: Code =
    error("unknown-route", "A rollout names a VirtualService that is not in the input.");
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
/// `enableExtraWorkloadForCanary` is absent, and canary style is assumed.
pub const STYLE_ASSUMED: Code =
    note("style-assumed", "`enableExtraWorkloadForCanary` is absent, and canary style is assumed.");
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

// The stage.
/// No step was given.
pub const MISSING_STEP: Code = error("missing-step", "No step was given.");
/// A rollout has no such step.
pub const UNKNOWN_STEP: Code = error("unknown-step", "A rollout has no such step.");
/// A rollout has no step while others have one; it is rendered as done.
pub const IDLE_ROLLOUT: Code =
    warning("idle-rollout", "A rollout has no step while others have one; it is rendered as done.");
/// A filter found nothing to render and passes everything through.
pub const PASSED_THROUGH: Code =
    warning("passed-through", "A filter found nothing to render and passes everything through.");
/// The stage `stable` needs the old version of the workload.
pub const NO_STABLE_VERSION: Code =
    error("no-stable-version", "The stage `stable` needs the old version of the workload.");
/// The input holds the old version alone.
pub const NOTHING_TO_ROLL_OUT: Code =
    error("nothing-to-roll-out", "The input holds the old version alone.");
/// A new template is about to ship at once, which no rollout was started for.
pub const UNSTARTED_RELEASE: Code = allowable_error(
    "unstarted-release",
    "A new template is about to ship at once, which no rollout was started for.",
);
/// The new template is not the one that the rollout was started for.
pub const REVISION_CHANGED: Code = allowable_error(
    "revision-changed",
    "The new template is not the one that the rollout was started for.",
);
/// `--stable` does not hold the workload of a rollout.
pub const STABLE_MISSING_WORKLOAD: Code =
    error("stable-missing-workload", "`--stable` does not hold the workload of a rollout.");
/// The old and the new workload have different selectors, which cannot be changed.
pub const STABLE_SELECTOR_DIFFERS: Code = error(
    "stable-selector-differs",
    "The old and the new workload have different selectors, which cannot be changed.",
);
/// Without `--stable` the stable Deployment keeps the new template, paused.
pub const STABLE_PAUSED: Code = warning(
    "stable-paused",
    "Without `--stable` the stable Deployment keeps the new template, paused.",
);
/// `promote` follows a step without traffic, so that the canary adds no capacity.
pub const ADDS_NO_CAPACITY: Code = warning(
    "adds-no-capacity",
    "`promote` follows a step without traffic, so that the canary adds no capacity.",
);

// The workload.
/// A workload has no `spec.replicas`, which counts as 1.
pub const REPLICAS_MISSING: Code =
    warning("replicas-missing", "A workload has no `spec.replicas`, which counts as 1.");
/// An autoscaler decides the replicas of a workload.
pub const REPLICAS_AUTOSCALED: Code =
    allowable_error("replicas-autoscaled", "An autoscaler decides the replicas of a workload.");
/// The old and the new workload have different replicas; the old ones count.
pub const REPLICAS_DIFFER: Code = warning(
    "replicas-differ",
    "The old and the new workload have different replicas; the old ones count.",
);
/// `--replicas` names a workload that no rollout has.
pub const UNKNOWN_REPLICAS: Code =
    error("unknown-replicas", "`--replicas` names a workload that no rollout has.");
/// The input has an object under the name of a canary object.
pub const CANARY_NAME_TAKEN: Code =
    error("canary-name-taken", "The input has an object under the name of a canary object.");
/// The annotation that holds replaced values does not fit the old manifest.
pub const INVALID_REPLACED: Code = error(
    "invalid-replaced",
    "The annotation that holds replaced values does not fit the old manifest.",
);

// Isolation.
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
/// The isolation key is not in the stable Service's selector.
pub const UNKNOWN_ISOLATION_KEY: Code =
    error("unknown-isolation-key", "The isolation key is not in the stable Service's selector.");
/// A selector no longer selects its own pods once they are relabelled.
pub const SELECTOR_BREAKS: Code =
    error("selector-breaks", "A selector no longer selects its own pods once they are relabelled.");
/// A selector covers the stable pods and not those of the canary.
pub const NOT_COVERED: Code = allowable_error(
    "not-covered",
    "A selector covers the stable pods and not those of the canary.",
);
/// Another Service selects the pods of both versions.
pub const ALSO_SELECTS_CANARY: Code =
    warning("also-selects-canary", "Another Service selects the pods of both versions.");
/// Stable and canary pods would mount a volume that only one node or pod can have.
pub const VOLUME_NOT_SHAREABLE: Code = warning(
    "volume-not-shareable",
    "Stable and canary pods would mount a volume that only one node or pod can have.",
);
/// Stable and canary pods take the same port of a node.
pub const HOST_PORT: Code =
    warning("host-port", "Stable and canary pods take the same port of a node.");
/// A workload that must not run twice at once would.
pub const RECREATE_STRATEGY: Code =
    warning("recreate-strategy", "A workload that must not run twice at once would.");
/// A changed ConfigMap or Secret reaches the old pods too.
pub const CONFIG_SHARED: Code =
    warning("config-shared", "A changed ConfigMap or Secret reaches the old pods too.");
/// A live controller would fight the render.
pub const CONTROLLER_ACTIVE: Code =
    warning("controller-active", "A live controller would fight the render.");

// Routing.
/// No rule of a VirtualService sends to the stable Service.
pub const NO_STABLE_DESTINATION: Code =
    error("no-stable-destination", "No rule of a VirtualService sends to the stable Service.");
/// A rule is of a kind that is not split yet.
pub const UNSUPPORTED_RULE: Code =
    error("unsupported-rule", "A rule is of a kind that is not split yet.");
/// A VirtualService is not what its schema says.
pub const INVALID_ROUTE: Code =
    error("invalid-route", "A VirtualService is not what its schema says.");
/// A match of the step cannot be combined with that of a rule.
pub const MATCH_CONFLICT: Code =
    error("match-conflict", "A match of the step cannot be combined with that of a rule.");
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
/// The annotation that holds the original of a VirtualService cannot be read.
pub const INVALID_ORIGINAL: Code = error(
    "invalid-original",
    "The annotation that holds the original of a VirtualService cannot be read.",
);
/// A rendered VirtualService was edited by hand.
pub const EDITED_SINCE_RENDER: Code =
    allowable_error("edited-since-render", "A rendered VirtualService was edited by hand.");
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

// Ourselves.
/// A check of our own result failed; this is a fault of rollstep.
pub const INTERNAL: Code =
    error("internal", "A check of our own result failed; this is a fault of rollstep.");

/// All codes.
pub const ALL: &[&Code] = &[
    &NOT_UTF8,
    &INPUT_TOO_LARGE,
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
    &NOT_YET,
    &UNKNOWN_FIELD,
    &INVALID_FIELD,
    &MISSING_FIELD,
    &UNKNOWN_WORKLOAD,
    &UNKNOWN_SERVICE,
    &UNKNOWN_ROUTE,
    &UNSUPPORTED_VERSION,
    &UNSUPPORTED_WORKLOAD,
    &UNSUPPORTED_STRATEGY,
    &UNSUPPORTED_ROUTING,
    &NO_ROUTING,
    &SHARED_OBJECT,
    &DECREASING_REPLICAS,
    &STYLE_ASSUMED,
    &ROLLOUT_DISABLED,
    &ROLLOUT_PAUSED,
    &STEP_WITHOUT_TRAFFIC,
    &TRAFFIC_IGNORED,
    &HEADER_MODIFIER_IGNORED,
    &DUPLICATE_HEADER,
    &MATCHES_EVERYTHING,
    &MISSING_STEP,
    &UNKNOWN_STEP,
    &IDLE_ROLLOUT,
    &PASSED_THROUGH,
    &NO_STABLE_VERSION,
    &NOTHING_TO_ROLL_OUT,
    &UNSTARTED_RELEASE,
    &REVISION_CHANGED,
    &STABLE_MISSING_WORKLOAD,
    &STABLE_SELECTOR_DIFFERS,
    &STABLE_PAUSED,
    &ADDS_NO_CAPACITY,
    &REPLICAS_MISSING,
    &REPLICAS_AUTOSCALED,
    &REPLICAS_DIFFER,
    &UNKNOWN_REPLICAS,
    &CANARY_NAME_TAKEN,
    &INVALID_REPLACED,
    &UNSUPPORTED_SERVICE,
    &ISOLATED_BY,
    &SERVICE_MISSES_WORKLOAD,
    &SELECTOR_FOLLOWS_VERSION,
    &UNKNOWN_ISOLATION_KEY,
    &SELECTOR_BREAKS,
    &NOT_COVERED,
    &ALSO_SELECTS_CANARY,
    &VOLUME_NOT_SHAREABLE,
    &HOST_PORT,
    &RECREATE_STRATEGY,
    &CONFIG_SHARED,
    &CONTROLLER_ACTIVE,
    &NO_STABLE_DESTINATION,
    &UNSUPPORTED_RULE,
    &INVALID_ROUTE,
    &MATCH_CONFLICT,
    &HEADER_CONFLICT,
    &WEIGHT_TOO_LARGE,
    &TWIN_NAME_TAKEN,
    &SUBSET_NOT_ON_CANARY,
    &INVALID_ORIGINAL,
    &EDITED_SINCE_RENDER,
    &ANNOTATIONS_TOO_LARGE,
    &ANNOTATIONS_NEAR_LIMIT,
    &INTERNAL,
];

/// Returns the code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.name == name)
}

/// Returns the code whose name is probably meant.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    super::nearest(name, ALL.iter().map(|code| code.name))
}
