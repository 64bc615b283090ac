//! The stages of a rollout, and how a person names them.

use std::fmt;
use std::str::FromStr;

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

/// A stage as a person names it: `stable` (or `0`), a step from `1`, `last`, `promote`, `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    /// The old version alone.
    Stable,
    /// A step, by its number from 1.
    Step(usize),
    /// The last step.
    Last,
    /// The new version everywhere, the canary still beside it.
    Promote,
    /// The new version alone.
    Done,
}

/// The text is not the name of a stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a step is `stable` (or 0), a number from 1, `last`, `promote` or `done`")]
pub struct NoStageName;

impl FromStr for StageName {
    type Err = NoStageName;

    fn from_str(text: &str) -> Result<Self, NoStageName> {
        match text {
            "stable" => Ok(Self::Stable),
            "last" => Ok(Self::Last),
            "promote" => Ok(Self::Promote),
            "done" => Ok(Self::Done),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                match number.parse().map_err(|_| NoStageName)? {
                    0 => Ok(Self::Stable),
                    number => Ok(Self::Step(number)),
                }
            }
            _ => Err(NoStageName),
        }
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stable => f.write_str("stable"),
            Self::Step(number) => write!(f, "{number}"),
            Self::Last => f.write_str("last"),
            Self::Promote => f.write_str("promote"),
            Self::Done => f.write_str("done"),
        }
    }
}

impl StageName {
    /// Returns the stage of a rollout with that many steps, if it has it.
    pub(crate) fn of(self, steps: usize) -> Option<Stage> {
        match self {
            Self::Stable => Some(Stage::Stable),
            Self::Step(number) => {
                number.checked_sub(1).filter(|&index| index < steps).map(Stage::Step)
            }
            Self::Last => steps.checked_sub(1).map(Stage::Step),
            Self::Promote => Some(Stage::Promote),
            Self::Done => Some(Stage::Done),
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
