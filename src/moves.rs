//! Edits of a RollStep that move a rollout to another stage.
//!
//! The step lies in Git as one line, so a move is a change of text: [`start`] writes a RollStep or
//! renews a finished one, every other move edits the line `step:`. The move to done also records which
//! version it releases, and [`Move::Abort`] puts an old version that is given into a RollStep which has
//! none, or another one. What a move makes of the input is
//! planned and checked as a render would before it is offered, so that no commit says what cannot be
//! rendered. Writing files is left to the caller; which stage follows which is decided in [`order`].

mod change;
mod checked;
mod files;
mod flags;
mod kustomization;
mod order;
mod release;
mod row;
mod start;
mod status;
mod words;

pub use change::FileChange;
use checked::check_moved;
use files::Files;
use release::Release;
pub use status::{OldVersion, Standing, Statuses, Template, status};

use crate::diagnostic::codes::{NO_ROLL_STEP, ROLLOUT_NOT_CHOSEN};
use crate::diagnostic::{Collector, Diagnostic, Problem, Severity, listed};
use crate::model::{self, ObjectName, Rollout, StageName, is_rollout, read_autoscalers};
use crate::pipeline::{ASSUMED_REVISIONS, Input, Options, Reading};
use crate::plan::{self, Decisions, Plan, Selecting, Surroundings};
use crate::rollout::{Stage, find_stage};
use crate::source::Source;

/// Where a rollout is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To step 1 of a new release.
    Start,
    /// To the next stage.
    Approve,
    /// To this step.
    ApproveTo(StageName),
    /// From the last step to the new version everywhere, the canary still beside it.
    Promote,
    /// From there to the new version alone.
    Finish,
    /// Back to the old version alone.
    Abort,
}

/// A move, and how it is made.
#[derive(Debug, Clone)]
pub struct Moving {
    /// Where to.
    pub to: Move,
    /// Whether every rollout is moved that stands where the move begins.
    pub all: bool,
    /// The file of the RollStep, where the input is not read from files; that of a RollStep which is not
    /// there yet. One beside the Rollout, where none is given.
    pub file: Option<String>,
    /// Whether a rollout that is under way may be started anew.
    pub restart: bool,
    /// Files that are not part of the input: the one that `file` names, if it is there, and kustomizations
    /// of the folders that files of the input or `file` lie in.
    pub beside: Vec<Source>,
}

/// What came of a move.
#[derive(Debug, Clone)]
pub struct Moves {
    /// What is to be written, each file once; none where something is wrong.
    pub files: Option<Vec<FileChange>>,
    /// Each rollout that moves.
    pub moved: Vec<Moved>,
    /// Every problem found, those of one rollout after those of another.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rollout that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Which one.
    pub rollout: ObjectName,
    /// Where it stands after the move.
    pub stage: StageName,
    /// The file that holds its RollStep.
    pub file: String,
    /// What the stage does, in one line.
    pub sentence: String,
    /// A proposal for the message of the commit.
    pub message: String,
}

/// Moves a rollout of `input`, or all.
///
/// Pure: what is to be written is returned, and nothing where anything is wrong.
pub fn move_steps(input: &Input, options: &Options, moving: &Moving) -> Moves {
    let mut diagnostics = Vec::new();
    let names = match choose(input, options, moving) {
        Ok(names) => names,
        Err(diagnostics) => return Moves { files: None, moved: Vec::new(), diagnostics },
    };
    diagnostics.extend(flags::refuse(options, moving));
    let mut files = Files { input: input.clone(), beside: moving.beside.clone() };
    let mut moved = Vec::new();
    for name in names {
        let options = Options { rollout: Some(name), ..options.clone() };
        let (step, told) = move_one(&files, &options, moving);
        diagnostics.extend(told);
        if let Some((after, one)) = step {
            files = after;
            moved.push(one);
        }
    }
    let failed = diagnostics.iter().any(|one| one.severity == Severity::Error);
    let changes = (!failed).then(|| files.changes(input.sources(), &moving.beside));
    Moves { files: changes, moved: if failed { Vec::new() } else { moved }, diagnostics }
}

/// Returns the rollouts to move, by namespace and name.
fn choose(
    input: &Input,
    options: &Options,
    moving: &Moving,
) -> Result<Vec<ObjectName>, Vec<Diagnostic>> {
    let reading = Reading::of(input, options.namespace());
    let mut problems = Collector::new(options.allow.clone());
    problems.append(reading.problems.clone());
    if moving.to == Move::Start {
        problems.extend(not_built(&reading, options, moving));
    }
    if problems.has_errors() {
        return Err(problems.into_diagnostics());
    }
    let all = reading.manifest.objects().filter(|(_, object)| is_rollout(&object.identity));
    let left_alone: Vec<_> = model::ignored(&reading.manifest).map(|one| one.id).collect();
    let wanted = options.rollout.as_ref();
    let all = all.filter(|(id, _)| wanted.is_some() || !left_alone.contains(id));
    let found: Vec<ObjectName> = all
        .filter(|(_, object)| wanted.is_none_or(|name| name.names(&object.identity)))
        .map(|(_, object)| ObjectName::of(&object.identity))
        .collect();
    match (found.as_slice(), wanted) {
        ([], Some(wanted)) => Ok(vec![wanted.clone()]),
        ([], None) => {
            problems.push(model::no_rollout());
            Err(problems.into_diagnostics())
        }
        ([_], _) => Ok(found),
        (_, _) if moving.all => Ok(standing(&reading, (options, found), moving)),
        _ => {
            problems.push(several(&found));
            Err(problems.into_diagnostics())
        }
    }
}

/// Returns an error for each Rollout that is started without the build of its kustomization.
fn not_built<'a>(reading: &Reading<'a>, options: &Options, moving: &Moving) -> Vec<Problem<'a>> {
    let wanted = options.rollout.as_ref();
    let rollouts = reading.manifest.objects().filter(|(_, object)| {
        is_rollout(&object.identity) && wanted.is_none_or(|name| name.names(&object.identity))
    });
    let rollouts = rollouts.filter_map(|(id, _)| reading.manifest.resource(id));
    let file = moving.file.as_deref();
    rollouts
        .filter_map(|rollout| kustomization::not_built(&rollout, &moving.beside, file))
        .collect()
}

fn several<'a>(found: &[ObjectName]) -> Problem<'a> {
    let message = format!("a move is for one rollout, and the input has {}", listed(found));
    Problem::new(&ROLLOUT_NOT_CHOSEN, message)
        .help("name one with `--rollout [NAMESPACE/]NAME`, or move all with `--all`")
}

/// Returns of several rollouts those that are where the move begins, or all if none is.
fn standing(
    reading: &Reading<'_>,
    (options, found): (&Options, Vec<ObjectName>),
    moving: &Moving,
) -> Vec<ObjectName> {
    let mut ignored = Collector::default();
    let rollouts = model::read_rollouts(reading.sources(), options.wishes(), &mut ignored);
    let begins = |name: &&ObjectName| {
        let rollout = rollouts.iter().find(|rollout| name.names(&rollout.resource.identity));
        rollout.is_none_or(|rollout| order::begins_here(stage_of(rollout), moving))
    };
    let standing: Vec<_> = found.iter().filter(begins).cloned().collect();
    if standing.is_empty() { found } else { standing }
}

/// Returns where the rollout stands; nowhere, where no RollStep says a stage that it has.
fn stage_of(rollout: &Rollout<'_>) -> Option<Stage> {
    let name = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step)?;
    find_stage(name, rollout.steps.len())
}

/// Moves the rollout that the options name, in files where others may have moved before.
fn move_one(
    files: &Files,
    options: &Options,
    moving: &Moving,
) -> (Option<(Files, Moved)>, Vec<Diagnostic>) {
    let mut problems = Collector::new(options.allow.clone());
    let Some(edited) = edit(files, options, moving, &mut problems) else {
        return (None, problems.into_diagnostics());
    };
    let (moved, mut told) = check_moved(&edited, &files.input, options);
    // What was read before the move was read for its sake alone; its warnings come again.
    told.splice(0..0, edited.doubts);
    (moved.map(|moved| (edited.files, moved)), told)
}

/// The files after a move that is not checked yet.
struct Edited {
    files: Files,
    /// The file that holds the RollStep.
    file: String,
    from: Option<StageName>,
    to: Stage,
    /// Where the workload is read from.
    workload: String,
    /// Whether the input holds the old version, or what is captured of it.
    old_known: bool,
    /// What is to be said of an old version that is put into the RollStep.
    doubts: Vec<Diagnostic>,
}

fn edit<'a>(
    files: &'a Files,
    options: &Options,
    moving: &Moving,
    problems: &mut Collector<'a>,
) -> Option<Edited> {
    let reading = Reading::of(&files.input, options.namespace());
    problems.append(reading.problems.clone());
    // What another release has captured is not the old version of this one; the same release, started
    // anew, still has it.
    let captures = moving.to != Move::Start || (moving.restart && files.input.stable().is_none());
    let mut sources = reading.sources();
    if !captures {
        sources.old.captured = None;
    }
    let rollouts = model::read_rollouts(sources, options.wishes(), problems);
    let rollout = rollouts.iter().find(|rollout| !rollout.companion);
    if problems.has_errors() {
        return None;
    }
    let rollout = rollout?;
    let autoscalers = read_autoscalers(&reading.manifest, &[rollout]);
    let selecting = &Selecting::of(&reading.manifest, &[rollout]);
    let autoscalers = &autoscalers;
    let surroundings = Surroundings { sources, autoscalers, selecting };
    let mut found = Collector::new(options.allow.clone());
    let plan = plan::plan(rollout, surroundings, &decisions(options), &mut found);
    let captured = reading.sources().old.captured_workload(rollout);
    let release = Release { rollout, plan: plan.as_ref(), captured: captured.as_ref() };
    let from = stage_of(rollout);
    let to = order::next(&release, from, moving, problems)?;
    let mut doubts = Collector::new(options.allow.clone());
    release.doubt(to, &mut doubts);
    if doubts.has_errors() {
        problems.append(doubts);
        return None;
    }
    let (file, files) = match moving.to {
        Move::Start => {
            let Some(plan) = &plan else {
                problems.append(found);
                return None;
            };
            let document = start::RollStepDocument { plan, options, moving };
            document.write(files, problems)?
        }
        _ => step_to(&release, to, (files, options, moving), problems)?,
    };
    Some(Edited {
        files,
        file,
        from: rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step),
        to,
        workload: rollout.workload.resource.document.source().name().to_owned(),
        old_known: rollout.old_workload.is_some(),
        doubts: doubts.into_diagnostics(),
    })
}

/// Edits the line that says the step, and what a stage at rest records: which version runs there, and
/// what the way back consists of.
fn step_to<'a>(
    release: &Release<'_, 'a>,
    to: Stage,
    (files, options, moving): (&'a Files, &Options, &Moving),
    problems: &mut Collector<'a>,
) -> Option<(String, Files)> {
    let Some(roll_step) = &release.rollout.roll_step else {
        problems.push(not_started(release.rollout));
        return None;
    };
    let mut edits = vec![start::set(&["step"], start::step_value(to))];
    edits.extend(release.recorded(to, options));
    edits.extend(flags::recorded(roll_step, release.plan, options));
    files.with_edits(&roll_step.resource, &edits, moving, problems)
}

fn not_started<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!("{} has no RollStep, so there is no step to move", rollout.called());
    rollout.resource.root().problem(&NO_ROLL_STEP, message).help(order::start_it(rollout))
}

/// Returns whether the RollStep has captured an old version.
fn has_captured(rollout: &Rollout<'_>) -> bool {
    let roll_step = rollout.roll_step.as_ref();
    roll_step.is_some_and(|one| one.resource.field(&["spec", "stable"]).is_some())
}

/// Plans without the revisions of pods, which only the render is given.
fn decisions(options: &Options) -> Decisions<'_> {
    Decisions {
        replicas: &options.replicas,
        stable_revisions: &[],
        canary_revisions: &[],
        assumed_revisions: Some(ASSUMED_REVISIONS),
    }
}

/// Returns whether the template is the one that the RollStep records, where it records one.
fn is_recorded(plan: &Plan<'_, '_>) -> Option<bool> {
    let recorded = plan.rollout.roll_step.as_ref()?.revision.as_ref()?;
    Some(*recorded == plan.revision)
}
