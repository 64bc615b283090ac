//! Flags of a move, and what becomes of them.
//!
//! The next render has no flags of the move. So each is recorded in the RollStep, or refused.

use serde_json::Value;

use super::start::set;
use super::{Move, Moving, is_recorded};
use crate::diagnostic::codes::{FLAG_NOT_RECORDED, NOT_RELEASED, REVISION_CHANGED};
use crate::diagnostic::{Collector, Diagnostic, Problem};
use crate::model::RollStep;
use crate::pipeline::Options;
use crate::plan::Plan;
use crate::render::Edit;

/// Returns an error for each flag that the move does not record.
pub(super) fn refuse(options: &Options, moving: &Moving) -> Vec<Diagnostic> {
    let mut problems = Collector::default();
    let starts = moving.to == Move::Start;
    let of_start = [
        ("--replicas", !options.replicas.is_empty(), "replicas"),
        ("--isolation", options.isolate.is_some(), "isolation"),
        ("--compat", options.compat.is_some(), "compat"),
    ];
    for (flag, _, field) in of_start.into_iter().filter(|(_, given, _)| *given && !starts) {
        let message = format!("`{flag}` is recorded by `rollstep start`, and not by this move");
        let problem = Problem::new(&FLAG_NOT_RECORDED, message);
        problems
            .push(problem.help(format!("leave it out, or write `spec.{field}` of the RollStep")));
    }
    let of_pods = [
        ("--stable-revision", !options.stable_revisions.is_empty()),
        ("--canary-revision", !options.canary_revisions.is_empty()),
    ];
    for (flag, _) in of_pods.into_iter().filter(|(_, given)| *given) {
        let message = format!("`{flag}` is not recorded in the RollStep");
        let problem = Problem::new(&FLAG_NOT_RECORDED, message);
        problems.push(problem.help("leave it out here, and give it to `rollstep render`"));
    }
    problems.into_diagnostics()
}

/// Returns the edits that record what is acknowledged.
///
/// A template that is taken in is recorded as the one that the release is for, so that the next change of
/// it is noticed again. An old version that is taken is recorded as released.
pub(super) fn recorded(
    roll_step: &RollStep<'_>,
    plan: Option<&Plan<'_, '_>>,
    options: &Options,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let takes_in = options.allow.contains(&&REVISION_CHANGED);
    if let Some(plan) = plan.filter(|plan| takes_in && is_recorded(plan) == Some(false)) {
        edits.push(set(&["revision"], Value::from(plan.revision.as_str())));
    }
    edits.extend(allowed(Some(roll_step), options));
    edits
}

/// Returns the edit that adds acknowledged codes to those that the RollStep has.
pub(super) fn allowed(roll_step: Option<&RollStep<'_>>, options: &Options) -> Option<Edit> {
    let elsewhere = [&NOT_RELEASED, &REVISION_CHANGED];
    let known = roll_step.map_or(&[][..], |roll_step| &roll_step.allow);
    let mut codes: Vec<_> = known.iter().map(|code| code.name).collect();
    let before = codes.len();
    for code in options.allow.iter().filter(|code| !elsewhere.contains(code)) {
        if !codes.contains(&code.name) {
            codes.push(code.name);
        }
    }
    (codes.len() > before).then(|| set(&["allow"], Value::from(codes)))
}
