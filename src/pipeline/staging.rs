//! Which rollout is rendered at which stage.
//!
//! A step of its own wins over the step for all, and flags win over what a RollStep says in Git. A
//! rollout without a step, where others have one, is idle: rendered as done.

use super::Options;
use crate::diagnostic::codes::{
    IDLE_ROLLOUT, MISSING_STEP, PASSED_THROUGH, ROLLOUT_DISABLED, ROLLOUT_PAUSED, SHARED_OBJECT,
    UNKNOWN_ROLLOUT, UNKNOWN_STEP,
};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::FieldPath;
use crate::model::{Rollout, StageName, chosen, no_rollout};
use crate::plan::{Stage, find_stage};

/// Returns the stage of each rollout; what cannot be decided is told.
pub(super) fn choose_stages<'a>(
    rollouts: &[Rollout<'a>],
    options: &Options,
    problems: &mut Collector<'a>,
) -> Vec<Option<Stage>> {
    // A document that could not be read may be the one that is missed.
    if !problems.has_errors() {
        tell_unknown_names(rollouts, options, problems);
        tell_nothing_to_do(rollouts, options, problems);
    }
    let nobody = chosen_ones(rollouts).all(|rollout| wanted(rollout, options).is_none());
    let choose = |rollout: &Rollout<'a>, problems: &mut Collector<'a>| {
        if !rollout.companion {
            tell_switches(rollout, problems);
        }
        match wanted(rollout, options) {
            _ if rollout.disabled => Some(Stage::Done),
            Some(name) => find_stage(name, rollout.steps.len()).or_else(|| {
                problems.push(unknown_step(rollout, options, name));
                None
            }),
            None if rollout.companion => {
                problems.extend(unknown_companion(rollout).into_iter().collect());
                Some(Stage::Done)
            }
            None => {
                if !nobody {
                    problems.push(idle(rollout));
                }
                Some(Stage::Done)
            }
        }
    };
    let choose = |rollout: &Rollout<'a>| {
        problems.allowing(rollout.allowed(), |problems| choose(rollout, problems))
    };
    rollouts.iter().map(choose).collect()
}

/// An object that was rendered holds the part of every rollout that shares it.
fn unknown_companion<'a>(rollout: &Rollout<'a>) -> Option<Problem<'a>> {
    let route = rollout.routes().find(|route| route.original.stored)?;
    let message = format!(
        "{}, which is not rendered, shares {} with one that is, and its step is not known",
        rollout.called(),
        route.resource.called()
    );
    let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
    let name = rollout.name_of_flag();
    Some(problem.help(format!("say its step with `--step {name}=STEP` or a RollStep")))
}

/// Returns the rollouts that are rendered themselves.
fn chosen_ones<'m, 'a>(rollouts: &'m [Rollout<'a>]) -> impl Iterator<Item = &'m Rollout<'a>> {
    rollouts.iter().filter(|rollout| !rollout.companion)
}

/// Returns the stage that is asked for.
pub(super) fn wanted(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let in_git = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    wanted_by_flags(rollout, options).or(in_git)
}

fn wanted_by_flags(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let own = chosen(&options.steps, &rollout.resource.identity);
    own.or(options.step.filter(|_| !rollout.companion))
}

fn tell_unknown_names<'a>(
    rollouts: &[Rollout<'a>],
    options: &Options,
    problems: &mut Collector<'a>,
) {
    for (name, _) in &options.steps {
        if !rollouts.iter().any(|rollout| name.names(&rollout.resource.identity)) {
            let message =
                format!("there is no rollout `{name}` in the input, which `--step` names");
            let names: Vec<_> = rollouts.iter().map(Rollout::called).collect();
            let help = format!("name one of: {}", names.join(", "));
            problems.push(Problem::new(&UNKNOWN_ROLLOUT, message).help(help));
        }
    }
}

fn tell_nothing_to_do<'a>(
    rollouts: &[Rollout<'a>],
    options: &Options,
    problems: &mut Collector<'a>,
) {
    let stepless = chosen_ones(rollouts).all(|rollout| wanted(rollout, options).is_none());
    if stepless && options.filter {
        let message =
            if rollouts.is_empty() { "there is no Rollout" } else { "no rollout has a step" };
        let message = format!("{message}; everything is passed through as done");
        let problem = Problem::new(&PASSED_THROUGH, message);
        problems.push(problem.help("add a Rollout, and its step with `--step` or a RollStep"));
    } else if rollouts.is_empty() {
        problems.push(no_rollout());
    } else if stepless {
        problems.push(missing_step());
    }
}

fn tell_switches<'a>(rollout: &Rollout<'a>, problems: &mut Collector<'a>) {
    let switches: [(bool, &[&str], &'static Code, &str); 2] = [
        (
            rollout.disabled,
            &["spec", "disabled"],
            &ROLLOUT_DISABLED,
            "is disabled: rendered as done",
        ),
        (
            rollout.paused,
            &["spec", "strategy", "paused"],
            &ROLLOUT_PAUSED,
            "is paused, which asks a controller to wait and changes nothing here",
        ),
    ];
    for (on, path, code, message) in switches {
        if on {
            let message = format!("{} {message}", rollout.called());
            problems.push(rollout.resource.problem_at(&FieldPath::of_keys(path), code, message));
        }
    }
}

fn idle<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!("{} has no step: rendered as done", rollout.called());
    let name = rollout.name_of_flag();
    let help = format!("say its step with `--step {name}=STEP`, or with a RollStep");
    rollout.resource.root().problem(&IDLE_ROLLOUT, message).help(help)
}

fn missing_step<'a>() -> Problem<'a> {
    Problem::new(&MISSING_STEP, "no step was given").help(
        "add `--step` with `stable`, a number from 1, `last`, `promote` or `done`, or a RollStep",
    )
}

/// The step is wrong where Git says it; a flag is at hand, and the steps that there are help more.
fn unknown_step<'a>(rollout: &Rollout<'a>, options: &Options, name: StageName) -> Problem<'a> {
    let message = format!("{} has no step {name}", rollout.called());
    let in_git = rollout.roll_step.as_ref();
    let in_git = in_git.filter(|_| wanted_by_flags(rollout, options).is_none());
    let (resource, keys): (_, &[&str]) = match in_git {
        Some(roll_step) => (&roll_step.resource, &["spec", "step"]),
        None => (&rollout.resource, &["spec", "strategy", "canary", "steps"]),
    };
    let numbered: String = (1..=rollout.steps.len()).map(|number| format!("{number}, ")).collect();
    let help = format!("choose one of stable, {numbered}last, promote, done");
    resource.problem_at(&FieldPath::of_keys(keys), &UNKNOWN_STEP, message).help(help)
}
