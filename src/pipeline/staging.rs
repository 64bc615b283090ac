//! The choice of a stage for each rollout.
//!
//! A step of its own wins over the step for all, and flags win over what a RollStep says in Git. A
//! rollout without a step is an error, since its new version would reach everybody; where the old
//! version shows that there is none, it is rendered as it is.

use std::collections::BTreeSet;

use super::Options;
use super::planned::{Member, Planned, PlannedRollout, Selection};
use crate::diagnostic::codes::{
    DISABLED_IN_MID_ROLLOUT, IDLE_ROLLOUT, MISSING_STEP, PASSED_THROUGH, ROLLOUT_DISABLED,
    ROLLOUT_PAUSED, SHARED_OBJECT, UNKNOWN_ROLLOUT, UNKNOWN_STEP,
};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Manifest};
use crate::model::{self, IGNORE_ANNOTATION, ObjectName, Part, Rollout, StageName, no_rollout};
use crate::rollout::{Stage, find_stage};

/// The stage of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Staged {
    pub(super) stage: Stage,
    /// Whether somebody asks for it: flags, a RollStep or the Rollout itself.
    pub(super) asked: bool,
}

/// Returns the stage of each rollout. What cannot be decided is reported.
pub(super) fn choose_stages<'a>(
    planned: &Planned<'_, 'a>,
    selection: &Selection,
    problems: &mut Collector<'a>,
) -> Vec<Option<Staged>> {
    // A document that could not be read may be the one that is missed.
    let complete = !problems.has_errors();
    if complete && selection.is_whole {
        let options = planned.rollouts.options;
        let manifest = &planned.rollouts.reading.manifest;
        report_unknown_names(&planned.plans, manifest, options, problems);
        report_no_rollout(&planned.plans, manifest, options, problems);
    }
    let mut staged = Vec::with_capacity(selection.members.len());
    for member in &selection.members {
        let Some(rollout) = planned.plans.get(member.index).map(|one| one.rollout) else {
            staged.push(None);
            continue;
        };
        let stage = problems
            .allowing(rollout.allowed(), |problems| choose_stage(rollout, member, problems));
        let missing = stage.is_some_and(|staged| !staged.asked);
        if missing && complete && !member.companion && !rollout.nothing_new {
            problems.push(missing_step(rollout));
        }
        staged.push(stage);
    }
    staged
}

fn choose_stage<'a>(
    rollout: &Rollout<'a>,
    member: &Member,
    problems: &mut Collector<'a>,
) -> Option<Staged> {
    if !member.companion {
        report_switches(rollout, problems);
    }
    if rollout.disabled {
        if !member.companion {
            let found = find_disabled_in_mid_rollout(rollout, member.said);
            problems.extend(found.into_iter().collect());
        }
        return Some(Staged { stage: Stage::Done, asked: true });
    }
    let in_git = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    let Some(name) = member.said.or(in_git) else {
        if member.companion {
            problems.extend(unknown_companion(rollout).into_iter().collect());
        } else if rollout.nothing_new {
            problems.push(idle(rollout));
        }
        return Some(Staged { stage: Stage::Done, asked: false });
    };
    let Some(stage) = find_stage(name, rollout.steps.len()) else {
        problems.push(unknown_step(rollout, member, name));
        return None;
    };
    Some(Staged { stage, asked: true })
}

/// Returns the problem with a step of a disabled rollout, which controllers take for done.
pub(crate) fn disabled_in_mid_rollout<'a>(
    rollout: &Rollout<'a>,
    options: &Options,
) -> Option<Problem<'a>> {
    if rollout.companion {
        return None;
    }
    find_disabled_in_mid_rollout(rollout, said_by_flags(rollout, options))
}

fn find_disabled_in_mid_rollout<'a>(
    rollout: &Rollout<'a>,
    said: Option<StageName>,
) -> Option<Problem<'a>> {
    let in_git = if said.is_none() { rollout.roll_step.as_ref() } else { None };
    let asked = said.or(in_git.and_then(|roll_step| roll_step.step))?;
    let harmless = asked == StageName::Done || (asked == StageName::Stable && rollout.nothing_new);
    if !rollout.disabled || harmless {
        return None;
    }
    let message = format!(
        "{} is disabled, which would ship the new version to everybody, and its step is `{asked}`",
        rollout.called()
    );
    let problem = match in_git {
        Some(roll_step) => {
            let path = FieldPath::of_keys(&["spec", "step"]);
            roll_step.resource.problem_at(&path, &DISABLED_IN_MID_ROLLOUT, message)
        }
        None => rollout.problem(Part::Disabled, &DISABLED_IN_MID_ROLLOUT, message),
    };
    Some(problem.help(format!(
        "remove `{}` of the Rollout to go on or back; where the new version is meant for \
         everybody, write `step: done`",
        rollout.word(Part::Disabled)
    )))
}

/// Returns the problem with a companion without a step: a rendered object holds the part of every rollout
/// that shares it.
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

/// Returns the stage that is asked for.
pub(super) fn wanted(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let in_git = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    wanted_by_flags(rollout, options).or(in_git)
}

/// Returns the stage that flags say. `--step` without a name is not for rollouts that are switched off.
pub(super) fn said_by_flags(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let said = wanted_by_flags(rollout, options)?;
    let is_named = own_step(rollout, options).is_some();
    Some(if rollout.disabled && !is_named { StageName::Done } else { said })
}

fn wanted_by_flags(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    let of_all = if rollout.companion { None } else { options.step };
    own_step(rollout, options).or(of_all)
}

/// Returns the stage that flags say of this rollout by its name.
pub(super) fn own_step(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    if options.steps.is_empty() {
        return None;
    }
    let full = ObjectName::of(&rollout.resource.identity);
    let bare = ObjectName { namespace: None, name: full.name.clone() };
    options.steps.get(&full).or_else(|| options.steps.get(&bare)).copied()
}

fn report_unknown_names<'a>(
    rollouts: &[PlannedRollout<'_, 'a>],
    manifest: &Manifest<'a>,
    options: &Options,
    problems: &mut Collector<'a>,
) {
    if options.steps.is_empty() {
        return;
    }
    let known: BTreeSet<_> = rollouts
        .iter()
        .map(|one| ObjectName::of(&one.rollout.resource.identity))
        .flat_map(|full| [ObjectName { namespace: None, name: full.name.clone() }, full])
        .collect();
    for name in options.steps.keys().filter(|name| !known.contains(*name)) {
        let mut ignored = model::ignored(manifest);
        if let Some(ignored) = ignored.find(|ignored| name.names(&ignored.identity)) {
            problems.push(model::is_ignored_and_chosen(&ignored, "`--step` names it"));
            continue;
        }
        let message = format!("there is no rollout `{name}` in the input, which `--step` names");
        let names: Vec<_> = rollouts.iter().map(|one| one.rollout.called()).collect();
        let help = format!("name one of: {}", names.join(", "));
        problems.push(Problem::new(&UNKNOWN_ROLLOUT, message).help(help));
    }
}

fn report_no_rollout<'a>(
    rollouts: &[PlannedRollout<'_, 'a>],
    manifest: &Manifest<'a>,
    options: &Options,
    problems: &mut Collector<'a>,
) {
    // What is ignored was named already.
    if !rollouts.is_empty() || model::ignored(manifest).next().is_some() {
        return;
    }
    if options.filter {
        let message = "there is no Rollout; everything is passed through";
        problems.push(Problem::new(&PASSED_THROUGH, message));
    } else {
        problems.push(no_rollout());
    }
}

fn report_switches<'a>(rollout: &Rollout<'a>, problems: &mut Collector<'a>) {
    let called = rollout.called();
    if rollout.disabled {
        let message = format!("{called} is disabled: rendered as done");
        problems.push(rollout.problem(Part::Disabled, &ROLLOUT_DISABLED, message));
    }
    if rollout.paused {
        let message =
            format!("{called} is paused, which asks a controller to wait and changes nothing here");
        problems.push(rollout.problem(Part::Paused, &ROLLOUT_PAUSED, message));
    }
}

fn idle<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!(
        "{} has no step, and {} has the template that runs: rendered as it is",
        rollout.called(),
        rollout.workload.resource.called()
    );
    rollout.resource.root().problem(&IDLE_ROLLOUT, message)
}

fn missing_step<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!(
        "{} has no step, so the template of {} would reach everybody at once",
        rollout.called(),
        rollout.workload.resource.called()
    );
    let name = rollout.name_of_flag();
    rollout.resource.root().problem(&MISSING_STEP, message).help(format!(
        "start it with `rollstep start --rollout {name} --stable PATH`; or render it as it is with \
         `--step {name}=done`; or leave it to its controller with the annotation \
         `{IGNORE_ANNOTATION}: \"true\"`"
    ))
}

/// Returns the problem with a step that is not there, placed where Git says it or else at the steps.
fn unknown_step<'a>(rollout: &Rollout<'a>, member: &Member, name: StageName) -> Problem<'a> {
    let message = format!("{} has no step {name}", rollout.called());
    let in_git = rollout.roll_step.as_ref();
    let problem = match in_git {
        Some(roll_step) if member.said.is_none() => {
            let path = FieldPath::of_keys(&["spec", "step"]);
            roll_step.resource.problem_at(&path, &UNKNOWN_STEP, message)
        }
        _ => rollout.problem(Part::Steps, &UNKNOWN_STEP, message),
    };
    let numbered: String = (1..=rollout.steps.len()).map(|number| format!("{number}, ")).collect();
    let help = format!("choose one of stable, {numbered}last, promote, done");
    problem.help(help)
}
