//! The parts of a definition: where each is said, and what its users call it.

use crate::manifest::{FieldPath, Resource};

/// Something that a definition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All steps.
    Steps,
    /// A step, by its index.
    Step(usize),
    /// How many pods run the new version at a step.
    ReplicasOfStep(usize),
    /// The share of the requests that a step sends to the canary.
    ShareOfStep(usize),
    /// The requests that a step describes.
    MatchesOfStep(usize),
    /// One description of requests, by its index.
    MatchOfStep { step: usize, index: usize },
    /// The Service and the routes.
    Traffic,
    /// The routes.
    Routes,
    /// What the canary's pods carry besides what their template says.
    PodMetadata,
    /// The labels among that.
    PodLabels,
    /// The switch that leaves both versions to one Service.
    OneServiceSwitch,
    /// Whether the rollout is switched off.
    Disabled,
    /// Whether a controller is to wait.
    Paused,
    /// The revision of the stable pods, as a controller notes it.
    StableRevision,
    /// The revision of the canary's pods, as a controller notes it.
    CanaryRevision,
}

/// Where a kind of definition says its parts, and the words of its users for them.
#[derive(Debug)]
pub(crate) struct Places {
    /// Returns where a definition says a part.
    pub(crate) path: fn(&Resource<'_>, Part) -> FieldPath,
    /// Returns what the users of the definition call a part.
    pub(crate) word: fn(Part) -> &'static str,
}

impl Places {
    /// Returns where a definition says a part, whether or not it is there.
    pub(crate) fn path_in(&self, definition: &Resource<'_>, part: Part) -> FieldPath {
        (self.path)(definition, part)
    }

    /// Returns what the users of the definition call a part.
    pub(crate) fn word(&self, part: Part) -> &'static str {
        (self.word)(part)
    }
}
