//! Two Rollouts for one workload.
//!
//! The webhook refuses the second one (openkruise/rollouts:pkg/webhook/rollout/validating
//! /rollout_create_update_handler.go `validateRolloutConflict`): the three parts of the reference are
//! compared as strings.

use std::collections::BTreeMap;

use crate::diagnostic::codes::SHARED_OBJECT;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{Field, Resource};

/// Returns the reference to the workload, in either version.
pub(crate) fn workload_reference<'r, 'a>(rollout: &'r Resource<'a>) -> Option<Field<'r, 'a>> {
    let spec = rollout.field(&["spec"])?;
    spec.child("workloadRef").or_else(|| spec.child("objectRef")?.child("workloadRef"))
}

/// Returns whether the two have the same workload.
pub(crate) fn is_conflict(one: &Resource<'_>, other: &Resource<'_>) -> bool {
    let found = workload_key(one);
    found.is_some() && found == workload_key(other)
}

/// Returns the namespace, and the three parts of the reference.
fn workload_key<'r>(rollout: &'r Resource<'_>) -> Option<[&'r str; 4]> {
    let field = workload_reference(rollout)?;
    let namespace = &rollout.identity.namespace;
    Some([namespace, field.text("apiVersion")?, field.text("kind")?, field.text("name")?])
}

/// Tells each Rollout whose workload one before it has.
pub(crate) fn check_conflicts<'a>(rollouts: &[Resource<'a>], problems: &mut Collector<'a>) {
    let mut first = BTreeMap::new();
    for rollout in rollouts {
        let Some(key) = workload_key(rollout) else { continue };
        let other = *first.entry(key).or_insert(rollout);
        if other.id != rollout.id {
            problems.push(conflict(rollout, other));
        }
    }
}

fn conflict<'a>(rollout: &Resource<'a>, other: &Resource<'a>) -> Problem<'a> {
    let (namespace, name) = (&other.identity.namespace, &other.identity.name);
    let message = format!(
        "{} has the workload of {} (webhook: This rollout conflict with \
         Rollout({namespace}/{name}), one workload only have less than one Rollout)",
        rollout.called(),
        other.called()
    );
    let place = workload_reference(rollout).unwrap_or_else(|| rollout.root());
    let problem = place.problem(&SHARED_OBJECT, message);
    problem.help("give each a workload of its own, or remove one of the two")
}
