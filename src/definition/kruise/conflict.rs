//! Two Rollouts for one workload.
//!
//! The webhook refuses the second one (openkruise/rollouts:pkg/webhook/rollout/validating
//! /rollout_create_update_handler.go `validateRolloutConflict`): the three parts of the reference are
//! compared as strings.

use std::collections::BTreeMap;

use super::references::{workload_name, workload_reference};
use crate::diagnostic::codes::SHARED_OBJECT;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::Resource;

/// Reports each Rollout whose workload one before it has.
pub(super) fn check_conflicts<'a>(rollouts: &[&Resource<'a>], problems: &mut Collector<'a>) {
    let mut first = BTreeMap::new();
    for rollout in rollouts {
        let Some(workload) = workload_name(rollout) else { continue };
        let other = *first.entry((&rollout.identity.namespace, workload)).or_insert(rollout);
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
