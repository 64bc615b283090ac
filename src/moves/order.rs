//! The order of stages, in which a rollout moves.
//!
//! A rollout goes on one stage at a time, and nothing ends it but by its own name: a jump over the
//! last step would ship what the steps were there to try.

use super::{Move, Moving, Release, is_recorded, not_started};
use crate::diagnostic::codes::{ALREADY_STARTED, MOVE_REFUSED, REVISION_CHANGED, UNKNOWN_STEP};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::FieldPath;
use crate::model::{Rollout, StageName};
use crate::rollout::{Stage, find_stage};

/// Returns whether a move can begin at a stage, where all rollouts are moved that are there.
pub(super) fn begins_here(from: Option<Stage>, moving: &Moving) -> bool {
    let under_way = matches!(from, Some(Stage::Step(_) | Stage::Promote));
    match moving.to {
        Move::Start => moving.restart || !under_way,
        Move::Approve | Move::Abort => under_way,
        Move::ApproveTo(_) => matches!(from, Some(Stage::Step(_))),
        Move::Promote => matches!(from, Some(Stage::Step(_))),
        Move::Finish => from == Some(Stage::Promote),
    }
}

/// Returns where the move leads; one that leads nowhere is reported.
pub(super) fn next<'a>(
    release: &Release<'_, 'a>,
    from: Option<Stage>,
    moving: &Moving,
    problems: &mut Collector<'a>,
) -> Option<Stage> {
    let rollout = release.rollout;
    let next = match moving.to {
        Move::Start => start(rollout, from, moving),
        _ if rollout.roll_step.is_none() => Err(not_started(rollout)),
        Move::Abort => Ok(Stage::Stable),
        _ => on(rollout, from, moving.to),
    };
    match next {
        Ok(to) => {
            if moving.to == Move::Start {
                problems.extend(release.check_start(from).into_iter().collect());
            }
            let stale = from == Some(Stage::Done) && to == Stage::Stable;
            let changed = release.plan.filter(|plan| stale && is_recorded(plan) == Some(false));
            problems.extend(changed.map(|_| not_what_runs(rollout)).into_iter().collect());
            (!problems.has_errors()).then_some(to)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

fn start<'a>(
    rollout: &Rollout<'a>,
    from: Option<Stage>,
    moving: &Moving,
) -> Result<Stage, Problem<'a>> {
    match from {
        Some(stage @ (Stage::Step(_) | Stage::Promote)) if !moving.restart => {
            let message = format!("{} is under way, at {}", rollout.called(), told(rollout, stage));
            let help =
                "finish or abort it first, or start it anew, from step 1 on, with `--restart`";
            Err(problem(rollout, &ALREADY_STARTED, message).help(help))
        }
        _ if rollout.steps.is_empty() => {
            Err(refused(rollout, "has no steps", "add steps to the Rollout"))
        }
        _ => Ok(Stage::Step(0)),
    }
}

/// Goes on from a stage of a rollout that is under way.
fn on<'a>(rollout: &Rollout<'a>, from: Option<Stage>, to: Move) -> Result<Stage, Problem<'a>> {
    let last = rollout.steps.len().saturating_sub(1);
    let here = match from {
        Some(stage @ (Stage::Step(_) | Stage::Promote)) => stage,
        Some(stage @ (Stage::Stable | Stage::Done)) => {
            let message =
                format!("is at `{}`, where no rollout is under way", StageName::from(stage));
            return Err(refused(rollout, &message, &start_it(rollout)));
        }
        None => return Err(nowhere(rollout)),
    };
    match (to, here) {
        (Move::Approve, Stage::Step(index)) if index < last => Ok(Stage::Step(index + 1)),
        (Move::Approve | Move::Promote, Stage::Step(index)) if index == last => Ok(Stage::Promote),
        (Move::Approve | Move::Finish, Stage::Promote) => Ok(Stage::Done),
        (Move::ApproveTo(name), here) => to_step(rollout, here, name),
        (_, here) => {
            let message = format!("is at {}", told(rollout, here));
            Err(refused(rollout, &message, &due(rollout, here)))
        }
    }
}

/// Checks a chosen stage: any step, or of the stages that end the rollout only the next one.
fn to_step<'a>(rollout: &Rollout<'a>, here: Stage, name: StageName) -> Result<Stage, Problem<'a>> {
    let Some(there) = find_stage(name, rollout.steps.len()) else {
        let message = format!("{} has no step {name}", rollout.called());
        let help = format!("choose a step from 1 to {}", rollout.steps.len());
        return Err(problem(rollout, &UNKNOWN_STEP, message).help(help));
    };
    if there == here {
        let message = format!("is at {} already", told(rollout, here));
        return Err(refused(rollout, &message, "name another step, or leave it so"));
    }
    let follows = match (here, there) {
        (_, Stage::Step(_)) => true,
        (Stage::Step(index), Stage::Promote) => index + 1 == rollout.steps.len(),
        (here, there) => (here, there) == (Stage::Promote, Stage::Done),
    };
    if follows {
        return Ok(there);
    }
    let message = format!("is at {}, from which `{name}` does not follow", told(rollout, here));
    let help = if there == Stage::Stable {
        "go back to the old version with `rollstep abort`"
    } else {
        "approve the stages between, one after the other"
    };
    Err(refused(rollout, &message, help))
}

/// Returns the move that is due where another one was asked for.
fn due(rollout: &Rollout<'_>, here: Stage) -> String {
    let last = rollout.steps.len().saturating_sub(1);
    let name = rollout.name_of_flag();
    match here {
        Stage::Step(index) if index == last => {
            format!(
                "promote it first, so that the stable pods come up: `rollstep promote --rollout {name}`"
            )
        }
        Stage::Step(_) => {
            format!("approve the steps that are left first: `rollstep approve --rollout {name}`")
        }
        Stage::Promote | Stage::Stable | Stage::Done => format!(
            "finish it with `rollstep finish --rollout {name}`, or go back with `rollstep abort --rollout {name}`"
        ),
    }
}

/// Returns the problem with a RollStep that captured a version before the one that ran last.
fn not_what_runs<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!(
        "{} has another template than the one that was released, so the captured old version may \
         not be what ran before",
        rollout.workload.resource.called()
    );
    problem(rollout, &REVISION_CHANGED, message)
        .help("restore the template to take the release back, or start a rollout for the new one")
}

fn nowhere<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let step = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    match step {
        Some(name) => {
            let message = format!("{} has no step {name}", rollout.called());
            let help = "correct the step, or go back with `rollstep abort`";
            problem(rollout, &UNKNOWN_STEP, message).help(help)
        }
        None => refused(rollout, "has no step", &start_it(rollout)),
    }
}

/// Returns the repair for a rollout that is not under way.
pub(super) fn start_it(rollout: &Rollout<'_>) -> String {
    let name = rollout.name_of_flag();
    format!("start it with `rollstep start --rollout {name} --stable PATH`")
}

fn told(rollout: &Rollout<'_>, stage: Stage) -> String {
    match stage {
        Stage::Step(index) => format!("step {} of {}", index + 1, rollout.steps.len()),
        stage => format!("`{}`", StageName::from(stage)),
    }
}

fn refused<'a>(rollout: &Rollout<'a>, message: &str, help: &str) -> Problem<'a> {
    problem(rollout, &MOVE_REFUSED, format!("{} {message}", rollout.called())).help(help)
}

/// Returns a problem with the step where the RollStep says it.
fn problem<'a>(rollout: &Rollout<'a>, code: &'static Code, message: String) -> Problem<'a> {
    match &rollout.roll_step {
        Some(roll_step) => {
            let path = FieldPath::of_keys(&["spec", "step"]);
            roll_step.resource.problem_at(&path, code, message)
        }
        None => rollout.resource.root().problem(code, message),
    }
}
