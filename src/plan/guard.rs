//! No release by accident.
//!
//! Where a RollStep records which template its rollout was started for, another new template is not
//! let through: at `done` it would reach every pod at once, in between it would reach users that the
//! steps so far did not test it on.

use super::{Plan, Stage};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{REVISION_CHANGED, UNSTARTED_RELEASE};
use crate::manifest::{FieldPath, write_go_json};
use crate::model::Workload;

/// Returns what the pod template is: a 64-bit FNV-1a of its canonical JSON, as 16 hex digits.
pub(super) fn revision(workload: &Workload<'_>) -> String {
    let mut text = String::new();
    workload.template().iter().for_each(|template| write_go_json(&mut text, template));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Tells a new template that the rollout was not started for.
pub(super) fn check_revision<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Option<Problem<'a>> {
    let roll_step = plan.rollout.roll_step.as_ref()?;
    let recorded = roll_step.revision.as_ref()?;
    if *recorded == plan.revision {
        return None;
    }
    let workload = plan.rollout.workload.resource.called();
    let (code, message) = match stage {
        Stage::Stable => return None,
        Stage::Done => (
            &UNSTARTED_RELEASE,
            format!(
                "{workload} has a template that no rollout was started for, and `done` would ship it at once"
            ),
        ),
        Stage::Step(_) | Stage::Promote => (
            &REVISION_CHANGED,
            format!(
                "{workload} has another template than the one that this rollout was started for"
            ),
        ),
    };
    let path = FieldPath::of_keys(&["spec", "revision"]);
    let help = format!(
        "start a rollout for it: step 1 and `revision: {}`; or restore the template",
        plan.revision
    );
    Some(roll_step.resource.problem_at(&path, code, message).help(help))
}
