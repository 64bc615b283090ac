//! The Rollouts of the input alone: what the API server would say of them, and store.

use serde_json::Value;

use crate::diagnostic::{Collector, Diagnostic};
use crate::manifest::{DEFAULT_NAMESPACE, Manifest};
use crate::model::admit_rollouts;
use crate::source::Source;

/// Rollouts, and what is to be said of them.
#[derive(Debug)]
pub struct RolloutsRead {
    /// Every Rollout as the API server would store it, also those that it would refuse.
    pub rollouts: Vec<Value>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the Rollouts of `sources` as the API server would.
///
/// Checks their fields, what the controller's webhook demands, and that no two have one workload;
/// v1alpha1 becomes v1beta1. What they name is not looked up, and nothing is said of what cannot be
/// rendered. An object without a namespace is in `default`.
///
/// ```
/// use rollstep::{Source, read_rollouts};
///
/// let text = "
/// apiVersion: rollouts.kruise.io/v1alpha1
/// kind: Rollout
/// metadata: {name: web}
/// spec:
///   objectRef:
///     workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
///   strategy:
///     canary:
///       steps: [{weight: 20}, {weight: 10}]
/// ";
/// let read = read_rollouts(&[Source::new("rollout.yaml", text)]);
/// assert_eq!(read.rollouts[0]["spec"]["strategy"]["canary"]["steps"][0]["traffic"], "20%");
/// assert_eq!(read.diagnostics[0].code.name, "decreasing-replicas");
/// ```
pub fn read_rollouts(sources: &[Source]) -> RolloutsRead {
    let mut problems = Collector::default();
    let manifest = Manifest::read(sources, DEFAULT_NAMESPACE, &mut problems);
    let admitted = admit_rollouts(&manifest, &mut problems);
    let rollouts = admitted.iter().map(|resource| resource.to_value()).collect();
    RolloutsRead { rollouts, diagnostics: problems.into_diagnostics() }
}
