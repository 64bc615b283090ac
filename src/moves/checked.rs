//! Whether what a move makes of the input can be rendered.
//!
//! The tree after the move is planned and rendered like any other, so that a commit never says a step
//! that the next render refuses: a template that has changed meanwhile, a policy that no longer covers
//! the canary, a VirtualService that was edited by hand.

use super::row::row;
use super::{Edited, Move, Moved, Moving, words};
use crate::diagnostic::codes::{NO_STABLE_VERSION, STEP_NOT_EDITABLE};
use crate::diagnostic::{Collector, Diagnostic, Problem};
use crate::model::{ObjectName, StageName};
use crate::pipeline::{Options, Purpose, Reading, with_stage};
use crate::plan::Stage;

/// Returns what is to be said of the move, if the tree after it can be rendered.
pub(super) fn check_moved(
    edited: &Edited,
    options: &Options,
    moving: &Moving,
) -> (Option<Moved>, Vec<Diagnostic>) {
    let mut problems = Collector::new(options.allow.clone());
    let reading = Reading::of(&edited.tree, options.namespace(), &mut problems);
    let wanted = match moving.to {
        // What was decided lies in the RollStep now, and must do without the flags.
        Move::Start => {
            Options { isolate: None, compat: None, replicas: Vec::new(), ..options.clone() }
        }
        _ => options.clone(),
    };
    let purpose = purpose(edited, &mut problems);
    let moved = with_stage(&reading, (&wanted, purpose), &mut problems, |rendering| {
        let chosen = rendering.plans().iter().find(|(plan, _)| !plan.rollout.companion);
        let Some((plan, stage)) = chosen.filter(|(_, stage)| *stage == edited.to) else {
            return Err(not_as_meant(edited));
        };
        let rollout = ObjectName::of(&plan.rollout.resource.identity);
        let row = row(plan, *stage);
        Ok(Moved {
            stage: StageName::from(*stage),
            file: edited.file.clone(),
            sentence: words::sentence(&rollout, &row),
            message: words::message(&rollout, edited.from, &row),
            rollout,
        })
    });
    (moved, problems.into_diagnostics())
}

/// The way back must be open even where the old version is kept outside of the input: what is missing
/// then is told, and rendering asks for it.
fn purpose(edited: &Edited, problems: &mut Collector<'_>) -> Purpose {
    if edited.to != Stage::Stable || edited.old_known {
        return Purpose::Apply;
    }
    let file = &edited.file;
    let message = format!(
        "`{file}` holds no old version, which `stable` consists of: without `--stable PATH` the next \
         render is refused, and what was applied last stays"
    );
    let problem = Problem::new(&NO_STABLE_VERSION, message).into_warning();
    problems.push(problem.help(format!(
        "put it there: take the manifest of before from Git, as in `git show COMMIT:{} > ../old.yaml`, and \
         abort once more with `--stable ../old.yaml`",
        edited.workload
    )));
    Purpose::View
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
