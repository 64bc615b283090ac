//! Codes of problems with a stage, and with the workload of a rollout.

use super::{allowable_error, error, note, warning};
use crate::diagnostic::Code;

/// A rollout has no step, and its new version would reach every pod at once.
pub const MISSING_STEP: Code = error(
    "missing-step",
    "A rollout has no step, and its new version would reach every pod at once.",
);
/// A rollout has no such step.
pub const UNKNOWN_STEP: Code = error("unknown-step", "A rollout has no such step.");
/// A rollout without a step has the template that runs; it is rendered as it is.
pub const IDLE_ROLLOUT: Code = note(
    "idle-rollout",
    "A rollout without a step has the template that runs; it is rendered as it is.",
);
/// A rollout is left as it came, as its annotation says.
pub const ROLLOUT_IGNORED: Code =
    note("rollout-ignored", "A rollout is left as it came, as its annotation says.");
/// A rollout is to be ignored, and is chosen or has a step.
pub const IGNORED_ROLLOUT_CHOSEN: Code =
    error("ignored-rollout-chosen", "A rollout is to be ignored, and is chosen or has a step.");
/// A disabled rollout has a RollStep in the middle of a release.
pub const DISABLED_IN_MID_ROLLOUT: Code = error(
    "disabled-in-mid-rollout",
    "A disabled rollout has a RollStep in the middle of a release.",
);
/// A filter found no rollout to render and passes everything through.
pub const PASSED_THROUGH: Code =
    note("passed-through", "A filter found no rollout to render and passes everything through.");
/// The stage `stable` needs the old version of the workload.
pub const NO_STABLE_VERSION: Code =
    error("no-stable-version", "The stage `stable` needs the old version of the workload.");
/// The old version of a workload is paused, so that it would not bring its pods back.
pub const OLD_VERSION_PAUSED: Code = error(
    "old-version-paused",
    "The old version of a workload is paused, so that it would not bring its pods back.",
);
/// A step sends requests to a canary without pods.
pub const NO_CANARY_PODS: Code =
    warning("no-canary-pods", "A step sends requests to a canary without pods.");
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
/// The old version is not the one that is recorded as released.
pub const NOT_RELEASED: Code =
    allowable_error("not-released", "The old version is not the one that is recorded as released.");
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
/// A paused Deployment keeps Argo CD from reaching the wave of the routes.
pub const PAUSED_IN_SYNC_WAVES: Code = warning(
    "paused-in-sync-waves",
    "A paused Deployment keeps Argo CD from reaching the wave of the routes.",
);
/// Routes to a canary are in no later sync wave than what they need.
pub const ROUTES_SYNC_TOO_EARLY: Code = warning(
    "routes-sync-too-early",
    "Routes to a canary are in no later sync wave than what they need.",
);
/// `promote` follows a step without traffic, so that the canary adds no capacity.
pub const ADDS_NO_CAPACITY: Code = warning(
    "adds-no-capacity",
    "`promote` follows a step without traffic, so that the canary adds no capacity.",
);

/// A workload has no `spec.replicas`, which counts as 1.
pub const REPLICAS_MISSING: Code =
    allowable_error("replicas-missing", "A workload has no `spec.replicas`, which counts as 1.");
/// An autoscaler decides the replicas of a workload.
pub const REPLICAS_AUTOSCALED: Code =
    allowable_error("replicas-autoscaled", "An autoscaler decides the replicas of a workload.");
/// The old and the new workload have different replicas; the old ones count.
pub const REPLICAS_DIFFER: Code = note(
    "replicas-differ",
    "The old and the new workload have different replicas; the larger number counts.",
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

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &MISSING_STEP,
    &UNKNOWN_STEP,
    &IDLE_ROLLOUT,
    &ROLLOUT_IGNORED,
    &IGNORED_ROLLOUT_CHOSEN,
    &DISABLED_IN_MID_ROLLOUT,
    &PASSED_THROUGH,
    &NO_STABLE_VERSION,
    &OLD_VERSION_PAUSED,
    &NO_CANARY_PODS,
    &NOTHING_TO_ROLL_OUT,
    &UNSTARTED_RELEASE,
    &REVISION_CHANGED,
    &NOT_RELEASED,
    &STABLE_MISSING_WORKLOAD,
    &STABLE_SELECTOR_DIFFERS,
    &STABLE_PAUSED,
    &PAUSED_IN_SYNC_WAVES,
    &ROUTES_SYNC_TOO_EARLY,
    &ADDS_NO_CAPACITY,
    &REPLICAS_MISSING,
    &REPLICAS_AUTOSCALED,
    &REPLICAS_DIFFER,
    &UNKNOWN_REPLICAS,
    &CANARY_NAME_TAKEN,
    &INVALID_REPLACED,
];
