//! The commands: each reads its arguments, asks the library, and writes what comes of it.

pub(crate) mod argocd;
pub(crate) mod check;
pub(crate) mod completion;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod krm;
pub(crate) mod man;
pub(crate) mod moves;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod status;
