//! The stages of a rollout.

use super::StageName;

/// A stage of a rollout that is known to have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The old version alone.
    Stable,
    /// A step, by its index from 0.
    Step(usize),
    /// The new version everywhere, the canary still beside it.
    Promote,
    /// The new version alone.
    Done,
}

/// Returns the stage of that name in a rollout with that many steps, if it has it.
pub(crate) fn find_stage(name: StageName, steps: usize) -> Option<Stage> {
    match name {
        StageName::Stable => Some(Stage::Stable),
        StageName::Step(number) => {
            number.checked_sub(1).filter(|&index| index < steps).map(Stage::Step)
        }
        StageName::Last => steps.checked_sub(1).map(Stage::Step),
        StageName::Promote => Some(Stage::Promote),
        StageName::Done => Some(Stage::Done),
    }
}

impl From<Stage> for StageName {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Stable => Self::Stable,
            Stage::Step(index) => Self::Step(index + 1),
            Stage::Promote => Self::Promote,
            Stage::Done => Self::Done,
        }
    }
}

/// Returns all stages of a rollout with that many steps, in order.
pub(crate) fn stages(steps: usize) -> impl Iterator<Item = Stage> {
    let numbered = (0..steps).map(Stage::Step);
    std::iter::once(Stage::Stable).chain(numbered).chain([Stage::Promote, Stage::Done])
}

impl Stage {
    /// Returns the index of the step whose canary runs at this stage, if one does.
    pub(crate) fn step_index(self, steps: usize) -> Option<usize> {
        match self {
            Self::Step(index) => Some(index),
            Self::Promote => steps.checked_sub(1),
            Self::Stable | Self::Done => None,
        }
    }
}
