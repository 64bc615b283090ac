//! Names of the stages of a rollout, as a person writes them.

use std::fmt;
use std::str::FromStr;

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
