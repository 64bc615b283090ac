//! A check that the input can be rendered after a move.
//!
//! The tree after the move is planned and rendered like any other, so that a commit never says a step
//! that the next render refuses: a template that has changed meanwhile, a policy that no longer covers
//! the canary, a VirtualService that was edited by hand.

use super::row::row;
use super::{Edited, Moved, words};
use crate::diagnostic::codes::{NO_STABLE_VERSION, STEP_NOT_EDITABLE};
use crate::diagnostic::{Diagnostic, Problem, Severity};
use crate::model::{ObjectName, StageName};
use crate::pipeline::{Input, Options, Purpose, Reading, StageOutcome, with_stage};
use crate::rollout::Stage;

/// Returns what came of the move, if the files after it can be rendered, and what is to be said of it:
/// errors, and warnings that the stage before did not have.
pub(super) fn check_moved(
    edited: &Edited,
    before: &Input,
    options: &Options,
) -> (Option<Moved>, Vec<Diagnostic>) {
    let reading = Reading::of(&edited.files.input, options.namespace());
    let wanted = without_flags(options);
    let (purpose, doubt) = purpose(edited);
    let outcome = with_stage(&reading, (&wanted, purpose), |rendering| {
        let chosen = rendering.plans().iter().find(|at| !at.companion);
        let Some(at) = chosen.filter(|at| at.stage == edited.to) else {
            return Err(not_as_meant(edited));
        };
        let rollout = ObjectName::of(&at.plan.rollout.resource.identity);
        let row = row(at.plan, at.stage);
        Ok(Moved {
            stage: StageName::from(at.stage),
            file: edited.file.clone(),
            sentence: words::sentence(&rollout, &row),
            message: words::message(&rollout, edited.from, &row),
            rollout,
        })
    });
    let StageOutcome { result: moved, mut problems } = outcome;
    problems.extend(doubt.into_iter().collect());
    let mut told = problems.into_diagnostics();
    told.retain(|one| one.severity <= Severity::Warning);
    if told.iter().any(|one| one.severity == Severity::Warning) {
        let known = told_before(before, &wanted, purpose);
        told.retain(|one| {
            one.severity == Severity::Error || !known.iter().any(|other| is_same(one, other))
        });
    }
    (moved, told)
}

/// Returns the options without the flags whose decisions lie in the RollStep now.
fn without_flags(options: &Options) -> Options {
    Options {
        isolate: None,
        compat: None,
        replicas: Vec::new(),
        stable_revisions: Vec::new(),
        canary_revisions: Vec::new(),
        allow: Vec::new(),
        ..options.clone()
    }
}

/// Returns what is said of the stage before the move.
fn told_before(before: &Input, options: &Options, purpose: Purpose) -> Vec<Diagnostic> {
    let reading = Reading::of(before, options.namespace());
    let outcome = with_stage(&reading, (options, purpose), |_| Ok(()));
    outcome.problems.into_diagnostics()
}

/// Returns whether two diagnostics say the same of one field, on whatever line it stands.
fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    let place = |diagnostic: &Diagnostic| {
        diagnostic.location.as_ref().map(|at| (at.file.clone(), at.field.clone()))
    };
    one.code == other.code && one.message == other.message && place(one) == place(other)
}

/// The way back must be open even where the old version is kept outside of the input: what is missing
/// then is told, and rendering asks for it.
fn purpose<'a>(edited: &Edited) -> (Purpose, Option<Problem<'a>>) {
    if edited.to != Stage::Stable || edited.old_known {
        return (Purpose::Commit, None);
    }
    let file = &edited.file;
    let message = format!(
        "`{file}` holds no old version, which `stable` consists of: without `--stable PATH` the next \
         render is refused, and what was applied last stays"
    );
    let problem = Problem::new(&NO_STABLE_VERSION, message).into_warning();
    let problem = problem.help(format!(
        "put it there: take the manifest of before from Git, as in `git show COMMIT:{} > ../old.yaml`, and \
         abort once more with `--stable ../old.yaml`",
        edited.workload
    ));
    (Purpose::View, Some(problem))
}

fn not_as_meant<'a>(edited: &Edited) -> Problem<'a> {
    let message = format!(
        "the rollout would not be at `{}` with the RollStep in `{}`",
        StageName::from(edited.to),
        edited.file
    );
    Problem::new(&STEP_NOT_EDITABLE, message)
        .help("look whether the Rollout is disabled, or name another file with `--file PATH`")
}
