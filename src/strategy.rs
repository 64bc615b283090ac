//! Canary style: a canary Deployment beside the stable one.
//!
//! The one place that says which version the stable Deployment runs at a stage, whether a canary runs
//! beside it, and how the Services stand. What places it asks for this and not for the stage.

use crate::model::Rollout;
use crate::rollout::Stage;

/// What stands at a stage, besides the routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) stable: StableWorkload,
    /// The step whose canary runs, by its index.
    pub(crate) canary: Option<usize>,
    /// Whether the canary's Service stands beside the stable one.
    pub(crate) has_canary_service: bool,
    /// Whether the stable Service keeps to the pods of the old version by their revision, where the
    /// Services select by revision.
    pub(crate) is_pinned: bool,
    /// Whether the routes send requests to the canary.
    pub(crate) directs: bool,
}

/// What the stable Deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StableWorkload {
    /// The old version, as its manifest has it.
    Old,
    /// The old version, whose manifest is not known: the new template is written and held back.
    Held,
    /// The new version.
    New,
}

impl Standing {
    /// Returns whether pods of the old version and of the new one run beside each other.
    pub(crate) fn runs_both_versions(self) -> bool {
        self.canary.is_some() && self.stable != StableWorkload::New
    }

    /// Returns what stands at `stage` of the rollout.
    pub(crate) fn at(rollout: &Rollout<'_>, stage: Stage) -> Self {
        let canary = stage.step_index(rollout.steps.len());
        let step = canary.and_then(|index| rollout.steps.get(index));
        let directs = step.is_some_and(|step| step.traffic.directs());
        // The controller takes back what it has done to the Services at a step that directs no traffic:
        // openkruise/rollouts:pkg/controller/rollout/rollout_canary.go `runCanary`.
        let has_canary_service = canary.is_some() && (directs || rollout.compat.is_none());
        let (stable, is_step) = match (stage, &rollout.old_workload) {
            (Stage::Stable, Some(_)) => (StableWorkload::Old, false),
            (Stage::Step(_), Some(_)) => (StableWorkload::Old, true),
            (Stage::Step(_), None) => (StableWorkload::Held, true),
            // What runs at `stable` is not known without the old version: looked at, not applied.
            (Stage::Stable, None) | (Stage::Promote | Stage::Done, _) => {
                (StableWorkload::New, false)
            }
        };
        Self {
            stable,
            canary,
            has_canary_service,
            is_pinned: is_step && has_canary_service,
            directs,
        }
    }
}
