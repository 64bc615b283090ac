//! The version of the workload in the input, and the place of the new one.
//!
//! Mostly the input holds the new version. A tree that was rendered with `--stable` holds the old one
//! at steps 1 to N, and the new one in the canary Deployment.

use super::recover::{REPLACED_ANNOTATION, Remains, recover};
use super::stamp::unstamp;
use super::workload::Workload;
use crate::diagnostic::codes::{INVALID_REPLACED, NO_STABLE_VERSION};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Resource};
use crate::rollout::PodMetadata;

/// The workload in its new version.
pub(super) struct New<'a> {
    pub(super) workload: Workload<'a>,
    /// Whether the input holds the old version alone.
    pub(super) nothing_new: bool,
}

/// Finds the new version, in the workload itself or in our own canary Deployment.
pub(super) fn find_new<'a>(
    workload: Workload<'a>,
    old: Option<&Workload<'a>>,
    (canary, patch): (Option<&Resource<'a>>, &PodMetadata),
    problems: &mut Collector<'a>,
) -> Option<New<'a>> {
    let Some(old) = old else {
        let settled = canary.is_none_or(|canary| is_made_from(&workload, canary, patch));
        if !settled {
            problems.push(needs_stable(&workload));
        }
        return settled.then_some(New { workload, nothing_new: false });
    };
    if workload.template() != old.template() {
        return Some(New { workload, nothing_new: false });
    }
    let Some(canary) = canary else { return Some(New { workload, nothing_new: true }) };
    let namespace = workload.resource.identity.namespace.clone();
    let mut value = canary.to_value();
    unstamp(&mut value);
    let remains = Remains { old: &old.value, canary: &value, patch, namespace: &namespace };
    let Some(new) = recover(remains) else {
        problems.push(invalid_replaced(canary));
        return None;
    };
    let nothing_new = new.pointer("/spec/template") == old.template();
    Some(New { workload: workload.in_version(new), nothing_new })
}

/// Returns whether the workload can be what the canary was made from: a paused one is new, since we
/// pause nothing else, and so is one with the canary's template.
fn is_made_from(workload: &Workload<'_>, canary: &Resource<'_>, patch: &PodMetadata) -> bool {
    if workload.value.pointer("/spec/paused").and_then(serde_json::Value::as_bool) == Some(true) {
        return true;
    }
    let namespace = &workload.resource.identity.namespace;
    let mut value = canary.to_value();
    unstamp(&mut value);
    let remains = Remains { old: &workload.value, canary: &value, patch, namespace };
    recover(remains).is_some_and(|new| new.pointer("/spec/template") == workload.template())
}

fn needs_stable<'a>(workload: &Workload<'a>) -> Problem<'a> {
    let called = workload.resource.called();
    let message =
        format!("{called} is of another version than the canary beside it, and not paused");
    workload
        .resource
        .root()
        .problem(&NO_STABLE_VERSION, message)
        .help("give the old manifest with `--stable PATH`, as for the render before; or remove the canary Deployment to start anew")
}

fn invalid_replaced<'a>(canary: &Resource<'a>) -> Problem<'a> {
    let path = FieldPath::of_keys(&["metadata", "annotations", REPLACED_ANNOTATION]);
    let message = format!("the annotation of {} does not fit the old manifest", canary.called());
    canary
        .problem_at(&path, &INVALID_REPLACED, message)
        .help("render from the source, or give the same `--stable` as for the render before")
}
