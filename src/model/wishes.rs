//! Choices of the user, besides the manifests, that decide how these are read.

use super::ObjectName;

/// A controller whose results are written exactly, faults included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compat {
    /// OpenKruise Rollouts.
    Kruise,
}

/// A tool that applies the result, and for which the order of its work is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitOps {
    /// Argo CD, by annotations.
    ArgoCd,
}

/// How the pods of the two versions are distinguished, where that is not left to rollstep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolate {
    /// By this label, which gets another value on the canary's pods.
    ByKey(String),
    /// By the revision of each version, which both Services select by, as the controller does.
    ByRevision,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wishes<'w> {
    /// The rollout that is chosen; all, where none is.
    pub(crate) rollout: Option<&'w ObjectName>,
    pub(crate) compat: Option<Compat>,
    pub(crate) isolate: Option<&'w Isolate>,
}
