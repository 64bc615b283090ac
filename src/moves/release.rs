//! A release: the versions on both sides of it, and what the RollStep records of them.
//!
//! The RollStep says in `revision` which template a release is for, in `released` which one runs, and in
//! `stable` what the way back consists of. Decides which old version is taken for the one that ran; the
//! render checks the same of what is committed.

use serde_json::Value;

use super::start::{captured_text, set};
use super::{has_captured, is_recorded};
use crate::diagnostic::codes::{NOT_RELEASED, NOTHING_TO_ROLL_OUT};
use crate::diagnostic::{Collector, Problem};
use crate::model::{RollStep, Rollout, Workload};
use crate::pipeline::Options;
use crate::plan::{self, Plan, is_released, revision};
use crate::render::Edit;
use crate::rollout::Stage;

/// A rollout with the versions of its release.
#[derive(Clone, Copy)]
pub(super) struct Release<'r, 'a> {
    pub(super) rollout: &'r Rollout<'a>,
    /// Absent where the rollout cannot be planned.
    pub(super) plan: Option<&'r Plan<'r, 'a>>,
    /// The workload as the RollStep holds it.
    pub(super) captured: Option<&'r Workload<'a>>,
}

impl<'r, 'a> Release<'r, 'a> {
    /// Returns whether the old version is one that the RollStep does not hold yet.
    pub(super) fn brings_old_version(&self) -> bool {
        let Some(given) = self.given() else { return false };
        self.captured.is_none_or(|captured| revision(captured) != revision(given))
    }

    /// Returns the old version that is given beside the RollStep.
    fn given(&self) -> Option<&'r Workload<'a>> {
        if self.rollout.old_is_captured { None } else { self.rollout.old_workload.as_ref() }
    }

    /// Returns an error for an old version that is not the one that ran before the release which starts.
    pub(super) fn check_start(&self, from: Option<Stage>) -> Option<Problem<'a>> {
        let roll_step = self.rollout.roll_step.as_ref()?;
        let old = self.rollout.old_workload.as_ref()?;
        let found = revision(old);
        let RollStep { released, revision: recorded, .. } = roll_step;
        let ran = match from {
            // What `stable` consists of runs there.
            Some(Stage::Stable) => {
                let captured = self.captured.map(revision);
                captured.is_none_or(|captured| captured == found)
                    || released.as_ref() == Some(&found)
            }
            Some(Stage::Done) => match released.as_ref().or(recorded.as_ref()) {
                Some(runs) => *runs == found,
                None => true,
            },
            Some(Stage::Step(_) | Stage::Promote) | None => {
                is_released(roll_step, &found, self.rollout.old_is_captured)
            }
        };
        (!ran).then(|| plan::not_released(self.rollout, roll_step, old))
    }

    /// Reports an old version that should not be put into the RollStep.
    pub(super) fn doubt(&self, to: Stage, problems: &mut Collector<'a>) {
        if to != Stage::Stable || !self.brings_old_version() {
            return;
        }
        let (Some(given), Some(roll_step)) = (self.given(), &self.rollout.roll_step) else {
            return;
        };
        if !is_released(roll_step, &revision(given), false) {
            problems.push(plan::not_released(self.rollout, roll_step, given));
        }
        if given.template() == self.rollout.workload.template() {
            problems.push(self.is_the_new_one());
        }
    }

    /// The new version would be shipped under the name of the old. It is right where somebody took the
    /// template back in Git; not where the template is recorded as the one that this release is for.
    fn is_the_new_one(&self) -> Problem<'a> {
        let workload = &self.rollout.workload.resource;
        let message =
            format!("what `--stable` gives has the template that {} has now", workload.called());
        let problem = workload.root().problem(&NOTHING_TO_ROLL_OUT, message);
        match self.plan.and_then(is_recorded) {
            Some(true) => problem.help("give the manifest of before this release"),
            Some(false) | None => problem.into_warning().help(
                "give the manifest of before this release, unless the template was taken back",
            ),
        }
    }

    /// Returns what a stage records besides the step.
    ///
    /// The revision is recorded with it, so that the old version of this release is never taken for that
    /// of another one.
    pub(super) fn recorded(&self, to: Stage, options: &Options) -> Vec<Edit> {
        let old = self.rollout.old_workload.as_ref();
        let brings = to == Stage::Stable && self.brings_old_version();
        let acknowledged = to == Stage::Stable && options.allow.contains(&&NOT_RELEASED);
        let released = match to {
            Stage::Done => self.plan.map(|plan| plan.revision.clone()),
            Stage::Stable if brings || acknowledged || self.confirms() => old.map(revision),
            Stage::Stable | Stage::Step(_) | Stage::Promote => None,
        };
        let roll_step = self.rollout.roll_step.as_ref();
        let unrecorded = roll_step.is_some_and(|one| one.revision.is_none());
        let is_new = unrecorded && (brings || to == Stage::Done);
        let new = if is_new { self.plan } else { None };
        let new = new.map(|plan| Value::from(plan.revision.as_str()));
        let known = roll_step.and_then(|one| one.released.as_ref());
        let released = released.filter(|released| Some(released) != known).map(Value::from);
        let brought = if brings { old } else { None };
        let stable = brought.map(|old| Value::from(captured_text(&old.resource)));
        let fields = [("revision", new), ("released", released), ("stable", stable)];
        fields.into_iter().filter_map(|(key, value)| Some(set(&[key], value?))).collect()
    }

    /// Returns whether what is given is what the RollStep holds and does not record as released.
    fn confirms(&self) -> bool {
        let unrecorded = self.rollout.roll_step.as_ref().is_some_and(|one| one.released.is_none());
        unrecorded && self.given().is_some() && has_captured(self.rollout)
    }
}
