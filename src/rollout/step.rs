//! One step of a rollout: how many pods, which requests, how long.

use super::quantity::{Amount, Percent};

/// A step, with the defaults of its schema applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// How many pods run the new version.
    pub(crate) replicas: Amount,
    pub(crate) traffic: StepTraffic,
    /// What a controller would wait for before the next one.
    pub(crate) pause: Pause,
}

/// What ends a step. Nothing here waits; a plan shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    /// A person decides.
    Manual,
    /// So many seconds pass.
    Seconds(u64),
}

/// The requests that a step sends to the canary.
///
/// Whether a route combines a share and matches depends on its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StepTraffic {
    /// A share of all requests.
    pub(crate) share: Option<Percent>,
    /// The requests that any of these describes.
    pub(crate) matches: Vec<RequestMatch>,
    /// How the headers of requests that go to the canary are changed.
    pub(crate) headers: Option<HeaderChange>,
}

impl StepTraffic {
    /// Returns whether any request is sent to the canary; otherwise routing stays as it was.
    pub(crate) fn directs(&self) -> bool {
        self.share.is_some() || !self.matches.is_empty()
    }

    /// Returns the share of all requests, where no match adds others to it.
    pub(crate) fn share_alone(&self) -> Option<Percent> {
        if self.matches.is_empty() { self.share } else { None }
    }
}

/// A description of requests: every part must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestMatch {
    pub(crate) path: Option<PathMatch>,
    pub(crate) headers: Vec<NamedMatch>,
    pub(crate) query_params: Vec<NamedMatch>,
}

/// How the path of a request must look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathMatch {
    Exact(String),
    /// The path itself or one below it: `/beta` and `/beta/x`, not `/betamax`.
    Prefix(String),
    Regex(String),
}

impl RequestMatch {
    /// Returns whether every request is described.
    pub(crate) fn describes_everything(&self) -> bool {
        let any_path = self.path.as_ref().is_none_or(PathMatch::holds_for_every_path);
        any_path && self.headers.is_empty() && self.query_params.is_empty()
    }
}

impl PathMatch {
    /// Returns whether the condition says nothing.
    pub(crate) fn holds_for_every_path(&self) -> bool {
        match self {
            Self::Exact(_) => false,
            Self::Prefix(prefix) => prefix == "/",
            Self::Regex(regex) => [".*", "/.*", "^.*$", "^/.*$", ".+"].contains(&regex.as_str()),
        }
    }
}

/// How a header or a query parameter must look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedMatch {
    pub(crate) name: String,
    pub(crate) value: ValueMatch,
}

/// How a value must look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueMatch {
    Exact(String),
    Regex(String),
}

/// What is done to the headers of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeaderChange {
    pub(crate) set: Vec<(String, String)>,
    pub(crate) add: Vec<(String, String)>,
    pub(crate) remove: Vec<String>,
}
