//! What can be wrong with a move from one stage to another.

use super::error;
use crate::diagnostic::Code;

/// A move is for one rollout, and the input has several.
pub const ROLLOUT_NOT_CHOSEN: Code =
    error("rollout-not-chosen", "A move is for one rollout, and the input has several.");
/// A rollout that was not started has no step to move.
pub const NO_ROLL_STEP: Code =
    error("no-roll-step", "A rollout that was not started has no step to move.");
/// A rollout is to be started that is under way.
pub const ALREADY_STARTED: Code =
    error("already-started", "A rollout is to be started that is under way.");
/// The stage where a rollout stands does not lead to the one that is asked for.
pub const MOVE_REFUSED: Code = error(
    "move-refused",
    "The stage where a rollout stands does not lead to the one that is asked for.",
);
/// A RollStep cannot be written or edited where it is to lie.
pub const STEP_NOT_EDITABLE: Code =
    error("step-not-editable", "A RollStep cannot be written or edited where it is to lie.");

/// A flag of a move would not be recorded in the RollStep, so that the next render would lack it.
pub const FLAG_NOT_RECORDED: Code = error(
    "flag-not-recorded",
    "A flag of a move would not be recorded in the RollStep, so that the next render would lack it.",
);
/// A rollout of a kustomization is started without what the kustomization builds.
pub const KUSTOMIZATION_NOT_BUILT: Code = error(
    "kustomization-not-built",
    "A rollout of a kustomization is started without what the kustomization builds.",
);

/// All of these.
pub(super) const ALL: &[&Code] = &[
    &ROLLOUT_NOT_CHOSEN,
    &NO_ROLL_STEP,
    &ALREADY_STARTED,
    &MOVE_REFUSED,
    &STEP_NOT_EDITABLE,
    &FLAG_NOT_RECORDED,
    &KUSTOMIZATION_NOT_BUILT,
];
