//! From sources to the text of a stage: the one function that the tool is.
//!
//! Each layer hands its result to the next, and problems are collected along the way. Nothing is
//! written where one of them is an error.

mod composition;
mod input;
mod rollouts;
mod staging;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use input::Input;
pub use rollouts::{RolloutsRead, read_rollouts};

use crate::diagnostic::codes::NOTHING_TO_RENDER;
use crate::diagnostic::{Code, Collector, Diagnostic, Problem};
use crate::emit;
use crate::manifest::{Manifest, ObjectId, Resource};
use crate::model::{
    self, Compat, Isolate, ObjectName, OldVersions, Rollout, StageName, Wishes, read_autoscalers,
};
use crate::plan::{self, Decisions, Plan, Stage, Surroundings, stages};
use crate::render::{
    Change, Entry, Only, Selection, StageRender, arrange, check_invariants, check_sizes,
    find_hand_edits, removed, render_stage,
};
use crate::source::Source;
use composition::compose;
use staging::choose_stages;

/// The form of the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// YAML documents.
    #[default]
    Yaml,
    /// One `v1` List.
    Json,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The stage of every rollout that has none of its own.
    pub step: Option<StageName>,
    /// The stages of single rollouts.
    pub steps: Vec<(ObjectName, StageName)>,
    /// Whether everything is passed through where there is nothing to render.
    pub filter: bool,
    /// The rollout to render; all of the input, where none is named.
    pub rollout: Option<ObjectName>,
    /// The namespace of objects that name none; `default`, where none is given.
    pub namespace: Option<String>,
    /// How many pods a workload has, where an autoscaler decides.
    pub replicas: Vec<(ObjectName, u32)>,
    /// How the pods of the two versions are told apart; chosen by the manifests, where none is given.
    pub isolate: Option<Isolate>,
    /// The revision of the stable version, of all rollouts or of one.
    pub stable_revisions: Vec<(Option<ObjectName>, String)>,
    /// The revision of the canary.
    pub canary_revisions: Vec<(Option<ObjectName>, String)>,
    /// The controller whose results are written exactly.
    pub compat: Option<Compat>,
    /// The problems that are acknowledged.
    pub allow: Vec<&'static Code>,
    /// Which part of the result is written.
    pub only: Only,
    /// Whether Rollouts are written as well.
    pub keep_rollout: bool,
    /// The form of the result.
    pub format: Format,
}

impl Options {
    /// Returns what decides how the manifests are read.
    fn wishes(&self) -> Wishes<'_> {
        Wishes {
            rollout: self.rollout.as_ref(),
            compat: self.compat,
            isolate: self.isolate.as_ref(),
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The parts of the text, to be written one after the other; none where something is wrong.
    pub parts: Option<Vec<Cow<'a, str>>>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

impl Outcome<'_> {
    /// Returns the text, if there is one.
    pub fn text(&self) -> Option<String> {
        self.parts.as_ref().map(|parts| parts.concat())
    }
}

/// Renders a stage of the rollouts of `input`.
///
/// Pure: the same input and options give the same bytes. Where anything is wrong there is no text at
/// all, and [`Outcome::diagnostics`] tells every problem.
///
/// ```
/// use rollstep::{Input, Options, Source, render};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "# nothing yet\n")], None);
/// let outcome = render(&input, &Options::default());
/// assert!(outcome.parts.is_none());
/// assert_eq!(outcome.diagnostics[0].code.name, "nothing-to-render");
/// ```
pub fn render<'a>(input: &'a Input, options: &Options) -> Outcome<'a> {
    let mut problems = Collector::new(options.allow.clone());
    let text = try_render(input, options, &mut problems);
    let text = text.filter(|_| !problems.has_errors());
    Outcome { parts: text, diagnostics: problems.into_diagnostics() }
}

fn try_render<'a>(
    input: &'a Input,
    options: &Options,
    problems: &mut Collector<'a>,
) -> Option<Vec<Cow<'a, str>>> {
    let namespace = options.namespace.as_deref().unwrap_or("default");
    let manifest = Manifest::read(&input.sources, namespace, problems);
    if manifest.documents.is_empty() {
        problems.push(nothing_to_render("the input holds no objects"));
        return None;
    }
    let stable = input.stable.as_ref().map(|sources| Manifest::read(sources, namespace, problems));
    let captured = input.read_captured(namespace, problems);
    let old = OldVersions { given: stable.as_ref(), captured: &captured };
    let mut rollouts = model::read_rollouts(&manifest, old, options.wishes(), problems);
    let stages = choose_stages(&rollouts, options, problems);
    compose(&mut rollouts, &stages);
    let staged = rollouts.iter().zip(stages);
    let staged: Vec<_> = staged.filter_map(|(rollout, stage)| Some((rollout, stage?))).collect();
    let planned: Vec<_> = staged.iter().map(|(rollout, _)| *rollout).collect();
    let autoscalers = read_autoscalers(&manifest, &planned);
    let surroundings = Surroundings { manifest: &manifest, old, autoscalers: &autoscalers };
    let plans = plan_all(&staged, surroundings, options, problems);
    if problems.has_errors() {
        return None;
    }
    let mut rendered: Vec<_> =
        plans.iter().map(|(plan, stage)| (plan, render_stage(plan, *stage))).collect();
    leave_to_others(&mut rendered);
    for (plan, stage) in rendered.iter_mut().filter(|(plan, _)| !plan.rollout.companion) {
        problems.allowing(plan.rollout.allowed(), |problems| {
            problems.extend(std::mem::take(&mut stage.problems));
            problems.extend(check_invariants(plan, stage));
            problems.extend(check_sizes(plan, stage));
            problems.extend(find_kustomize_differences(plan.rollout, stage));
        });
    }
    let chosen = || plans.iter().filter(|(plan, _)| !plan.rollout.companion);
    let last: Vec<_> = chosen().filter_map(render_last).collect();
    let entries = match options.only {
        Only::Removed => removed(&last),
        _ => arrange(&manifest, &rendered, &selection(&plans, options)),
    };
    if !entries.iter().any(Entry::holds_objects) && options.only != Only::Removed {
        problems.push(nothing_to_render("the result holds no objects"));
        return None;
    }
    Some(match options.format {
        Format::Yaml => emit::to_parts(&entries),
        Format::Json => vec![Cow::Owned(emit::to_json(&entries))],
    })
}

/// Plans the rollouts whose stage is known.
fn plan_all<'m, 'a>(
    staged: &[(&'m Rollout<'a>, Stage)],
    surroundings: Surroundings<'_, 'a>,
    options: &Options,
    problems: &mut Collector<'a>,
) -> Vec<(Plan<'m, 'a>, Stage)> {
    let decisions = Decisions { replicas: &options.replicas };
    let rollouts: Vec<_> = staged.iter().map(|(rollout, _)| *rollout).collect();
    plan::check_decisions(&rollouts, &decisions, problems);
    plan::check_shared(&rollouts, problems);
    let plan_one = |&(rollout, stage): &(&'m Rollout<'a>, Stage)| {
        if rollout.companion {
            let mut found = Collector::default();
            let plan = plan::plan(rollout, surroundings, &decisions, &mut found);
            problems.append_errors(found);
            return plan.map(|plan| (plan, stage));
        }
        problems.allowing(rollout.allowed(), |problems| {
            let plan = plan::plan(rollout, surroundings, &decisions, problems)?;
            plan::check_stage(&plan, stage, problems);
            problems.extend(find_hand_edits(&plan));
            Some((plan, stage))
        })
    };
    staged.iter().filter_map(plan_one).collect()
}

/// Of rollouts that are not rendered themselves, only what they share with others is written.
fn leave_to_others(rendered: &mut [(&Plan<'_, '_>, StageRender<'_, '_>)]) {
    let chosen = rendered.iter().filter(|(plan, _)| !plan.rollout.companion);
    let routes = chosen.flat_map(|(plan, _)| plan.rollout.routes());
    let routes: BTreeSet<_> = routes.map(|route| route.resource.id).collect();
    for (_, stage) in rendered.iter_mut().filter(|(plan, _)| plan.rollout.companion) {
        stage.additions.clear();
        stage.changes.retain(|(id, _)| routes.contains(id));
    }
}

/// Renders the last step of a rollout that is at a stage without a canary.
fn render_last<'m, 'a>((plan, stage): &'m (Plan<'m, 'a>, Stage)) -> Option<StageRender<'m, 'a>> {
    let last = plan.steps.len().checked_sub(1)?;
    stage.step_index(plan.steps.len()).is_none().then(|| render_stage(plan, Stage::Step(last)))
}

fn selection(plans: &[(Plan<'_, '_>, Stage)], options: &Options) -> Selection {
    let changed = match options.only {
        Only::Changed => plans.iter().flat_map(|(plan, _)| changed_objects(plan)).collect(),
        Only::Everything | Only::Workloads | Only::Routing | Only::Removed => BTreeSet::new(),
    };
    Selection { only: options.only, keep_rollout: options.keep_rollout, changed }
}

/// Returns the objects of the input whose value some stage changes.
fn changed_objects(plan: &Plan<'_, '_>) -> BTreeSet<ObjectId> {
    let source = plan.rollout.workload.resource.to_value();
    let differs = |change: &Change<'_, '_>| match change {
        Change::Edit(_) => true,
        Change::Replace(resource) => resource.to_value() != source,
    };
    let all = stages(plan.steps.len()).flat_map(|stage| render_stage(plan, stage).changes);
    let changed = all.filter(|(_, change)| differs(change)).map(|(id, _)| id);
    // What another rollout writes is changed by this one as well.
    let superseded = plan.rollout.routes().filter(|route| route.superseded);
    changed.chain(superseded.map(|route| route.resource.id)).collect()
}

/// Warns of scalars in what is changed or copied that kustomize would read otherwise.
fn find_kustomize_differences<'a>(
    rollout: &Rollout<'a>,
    stage: &StageRender<'_, 'a>,
) -> Vec<Problem<'a>> {
    let concerned = |object: &&Resource<'a>| {
        let changed = stage.changes.iter().any(|(id, _)| *id == object.id);
        changed || stage.additions.iter().any(|addition| addition.beside == object.id)
    };
    rollout.objects().filter(concerned).flat_map(Resource::kustomize_differences).collect()
}

fn nothing_to_render<'a>(message: &str) -> Problem<'a> {
    let problem = Problem::new(&NOTHING_TO_RENDER, message);
    problem.help(
        "an empty result would be taken for a wish to delete everything; check the paths and flags",
    )
}

/// Returns every object of `sources` as Kubernetes sees it.
///
/// Lists are taken apart; keys keep the order of the text.
///
/// # Errors
///
/// Every diagnostic, at least one of them an error.
pub fn read(sources: &[Source]) -> Result<Vec<serde_json::Value>, Vec<Diagnostic>> {
    let mut problems = Collector::default();
    let manifest = Manifest::read(sources, "default", &mut problems);
    if problems.has_errors() {
        return Err(problems.into_diagnostics());
    }
    let ids = manifest.objects().map(|(id, _)| id);
    Ok(ids.filter_map(|id| manifest.resource(id)).map(|resource| resource.to_value()).collect())
}
