//! A definition as its reader returns it: what it names is not looked up yet.

use super::part::{Part, Places};
use super::selector::Labels;
use super::step::Step;
use crate::diagnostic::{Code, Problem};
use crate::manifest::{FieldPath, Resource};

/// A definition as written: what it names is not looked up yet.
#[derive(Debug)]
pub(crate) struct Definition<'a> {
    pub(crate) resource: Resource<'a>,
    pub(crate) workload: Reference,
    /// Absent where it cannot be followed; `Some(None)` where the definition has none.
    pub(crate) traffic: Option<Option<TrafficReference>>,
    /// Absent where they cannot be followed.
    pub(crate) steps: Option<Vec<Step>>,
    pub(crate) pod_metadata: PodMetadata,
    pub(crate) disabled: bool,
    pub(crate) paused: bool,
    /// The revisions that a controller has noted in the status.
    pub(crate) revisions: Revisions,
    pub(crate) places: &'static Places,
}

impl<'a> Definition<'a> {
    /// Returns a problem with a part, placed at the deepest field of it that is there.
    pub(crate) fn problem(
        &self,
        part: Part,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        self.resource.problem_at(&self.places.path_in(&self.resource, part), code, message)
    }
}

/// The name of another object in the same namespace, and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) path: FieldPath,
}

/// The names of the objects that lead traffic to the workload.
#[derive(Debug, Clone)]
pub(crate) struct TrafficReference {
    pub(crate) service: Reference,
    pub(crate) routes: Vec<Reference>,
    pub(crate) destination_rules: Vec<Reference>,
    pub(crate) canary: CanaryAddress,
}

/// How the routing addresses the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CanaryAddress {
    /// As a Service of its own.
    Service,
    /// As a subset of the one Service.
    Subset,
}

/// What the canary's pods carry besides what their template says.
#[derive(Debug, Clone, Default)]
pub(crate) struct PodMetadata {
    pub(crate) labels: Labels,
    pub(crate) annotations: Labels,
}

/// The revisions of the two versions, as the cluster labels their pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Revisions {
    pub(crate) stable: Option<String>,
    pub(crate) canary: Option<String>,
}
