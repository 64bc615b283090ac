//! Which rollout is rendered at which stage.
//!
//! A step of its own wins over the step for all, and flags win over what a RollStep says in Git. A
//! rollout without a step, where others have one, is idle: rendered as done.

use super::Options;
use crate::diagnostic::codes::{
    IDLE_ROLLOUT, MISSING_STEP, PASSED_THROUGH, ROLLOUT_DISABLED, ROLLOUT_PAUSED, UNKNOWN_ROLLOUT,
    UNKNOWN_STEP,
};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::FieldPath;
use crate::model::{Rollout, StageName, chosen, no_rollout};
use crate::plan::{Stage, find_stage};

/// Returns the rollouts with their stages; what cannot be decided is told.
pub(super) fn choose_stages<'m, 'a>(
    rollouts: &'m [Rollout<'a>],
    options: &Options,
    problems: &mut Collector<'a>,
) -> Vec<(&'m Rollout<'a>, Stage)> {
    // A document that could not be read may be the one that is missed.
    if !problems.has_errors() {
        tell_unknown_names(rollouts, options, problems);
        tell_nothing_to_do(rollouts, options, problems);
    }
    let nobody = rollouts.iter().all(|rollout| wanted(rollout, options).is_none());
    let choose = |rollout: &'m Rollout<'a>, problems: &mut Collector<'a>| {
        tell_switches(rollout, problems);
        let stage = match wanted(rollout, options) {
            _ if rollout.disabled => Some(Stage::Done),
            Some(name) => find_stage(name, rollout.steps.len()).or_else(|| {
                problems.push(unknown_step(rollout, name));
                None
            }),
            None => {
                if !nobody {
                    problems.push(idle(rollout));
                }
                Some(Stage::Done)
            }
        };
        stage.map(|stage| (rollout, stage))
    };
    rollouts
        .iter()
        .filter_map(|rollout| {
            problems.allowing(rollout.allowed(), |problems| choose(rollout, problems))
        })
        .collect()
}

/// Returns the stage that is asked for.
fn wanted(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let own = chosen(&options.steps, &rollout.resource.identity);
    let in_git = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    own.or(options.step).or(in_git)
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
    let stepless = rollouts.iter().all(|rollout| wanted(rollout, options).is_none());
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
    let name = &rollout.resource.identity.name;
    let help = format!("say its step with `--step {name}=STEP`, or with a RollStep");
    rollout.resource.root().problem(&IDLE_ROLLOUT, message).help(help)
}

fn missing_step<'a>() -> Problem<'a> {
    Problem::new(&MISSING_STEP, "no step was given").help(
        "add `--step` with `stable`, a number from 1, `last`, `promote` or `done`, or a RollStep",
    )
}

fn unknown_step<'a>(rollout: &Rollout<'a>, name: StageName) -> Problem<'a> {
    let message = format!("{} has no step {name}", rollout.called());
    let path = FieldPath::of_keys(&["spec", "strategy", "canary", "steps"]);
    let numbered: String = (1..=rollout.steps.len()).map(|number| format!("{number}, ")).collect();
    let help = format!("choose one of stable, {numbered}last, promote, done");
    rollout.resource.problem_at(&path, &UNKNOWN_STEP, message).help(help)
}
