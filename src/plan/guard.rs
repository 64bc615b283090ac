//! No release by accident.
//!
//! Where a RollStep records which template its rollout was started for, another new template is not
//! let through: at `done` it would reach every pod at once, in between it would reach users that the
//! steps so far did not test it on. Where it records which version was released last, another old version
//! is not let through either: it would take the stable pods back to a version before.

use serde_json::Value;

use super::Plan;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{NOT_RELEASED, REVISION_CHANGED, UNSTARTED_RELEASE};
use crate::manifest::{FieldPath, write_go_json};
use crate::model::{RollStep, Rollout, Workload};
use crate::rollout::Stage;

/// Returns what the pod template is: a 64-bit FNV-1a of its canonical JSON, as 16 hex digits.
pub(crate) fn revision(workload: &Workload<'_>) -> String {
    let mut text = String::new();
    if let Some(template) = workload.template() {
        write_go_json(&mut text, template);
    }
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Reports a new template that the rollout was not started for.
pub(super) fn check_revision<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Option<Problem<'a>> {
    let roll_step = plan.rollout.roll_step.as_ref()?;
    let recorded = roll_step.revision.as_ref()?;
    if *recorded == plan.revision {
        return None;
    }
    let rollout = plan.rollout;
    let workload = rollout.workload.resource.called();
    let name = rollout.name_of_flag();
    let (code, message, help) = match stage {
        Stage::Stable => return None,
        Stage::Done => (
            &UNSTARTED_RELEASE,
            format!(
                "{workload} has a template that no rollout was started for, and `done` would ship it at once"
            ),
            format!(
                "start a rollout for it with `rollstep start --rollout {name} --stable PATH`, where PATH \
                 holds the version that runs; or restore the template"
            ),
        ),
        Stage::Step(_) | Stage::Promote => (
            &REVISION_CHANGED,
            format!(
                "{workload} has another template than the one that this rollout was started for{}",
                new_images(rollout)
            ),
            format!(
                "take it in, from step 1 on, with `rollstep start --restart --rollout {name}{}`; or keep it \
                 out: restore the template, and let image automation wait until the rollout is done",
                if rollout.old_workload.is_some() { "" } else { " --stable PATH" }
            ),
        ),
    };
    let path = FieldPath::of_keys(&["spec", "revision"]);
    Some(roll_step.resource.problem_at(&path, code, message).help(help))
}

/// Returns the images that the template has now and the old version has not: mostly it is an image
/// automation that changes a template in the middle of a rollout.
fn new_images(rollout: &Rollout<'_>) -> String {
    let old = rollout.old_workload.as_ref().map_or_else(Vec::new, images);
    let mut new = images(&rollout.workload);
    new.retain(|image| !old.contains(image));
    if new.is_empty() {
        return String::new();
    }
    let new: Vec<_> = new.iter().map(|image| format!("`{image}`")).collect();
    format!("; its image is {} now", new.join(" and "))
}

fn images<'w>(workload: &'w Workload<'_>) -> Vec<&'w str> {
    let lists = ["initContainers", "containers"]
        .map(|key| workload.value.pointer(&format!("/spec/template/spec/{key}")));
    let containers = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    containers.filter_map(|container| container.get("image")?.as_str()).collect()
}

/// Returns an error for an old version that is written at this stage and is not the one that ran.
pub(super) fn check_released<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Option<Problem<'a>> {
    if !matches!(stage, Stage::Stable | Stage::Step(_)) {
        return None;
    }
    let rollout = plan.rollout;
    let roll_step = rollout.roll_step.as_ref()?;
    let old = rollout.old_workload.as_ref()?;
    if is_released(roll_step, &revision(old), rollout.old_is_captured) {
        return None;
    }
    Some(not_released(rollout, roll_step, old))
}

/// Returns whether a version may be the one that ran before this release, as far as the RollStep says.
///
/// A release that is over has recorded itself; the version before it is what the RollStep still holds.
pub(crate) fn is_released(roll_step: &RollStep<'_>, old: &str, captured: bool) -> bool {
    match (&roll_step.released, &roll_step.revision) {
        (Some(released), revision) => released == old || revision.as_ref() == Some(released),
        (None, Some(_)) => !captured,
        (None, None) => true,
    }
}

/// Returns the problem with an old version that is not recorded as released.
pub(crate) fn not_released<'a>(
    rollout: &Rollout<'a>,
    roll_step: &RollStep<'a>,
    old: &Workload<'_>,
) -> Problem<'a> {
    let (called, found) = (rollout.workload.resource.called(), revision(old));
    let (message, key) = match &roll_step.released {
        Some(released) => (
            format!(
                "the old version of {called} is not the one that was released last: its revision is \
                 {found}, and {released} is recorded"
            ),
            "released",
        ),
        None => (
            format!(
                "nothing records that the old version of {called} in the RollStep, revision {found}, is \
                 the one that was released last"
            ),
            "stable",
        ),
    };
    let path = FieldPath::of_keys(&["spec", key]);
    let problem = roll_step.resource.problem_at(&path, &NOT_RELEASED, message);
    let name = rollout.name_of_flag();
    let start = format!(
        "give the version that runs with `rollstep start --restart --rollout {name} --stable PATH`, or go \
         back to it with `rollstep abort --stable PATH`"
    );
    problem.help(match &roll_step.released {
        Some(_) => format!(
            "{start}; where another one was released by other means, add `--allow not-released`"
        ),
        None => format!(
            "{start}; where this one runs, and the rollout is to stay at its step, add `released: {found}` \
             to `spec` of the RollStep"
        ),
    })
}
