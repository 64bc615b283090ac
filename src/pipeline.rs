//! From sources to the text of a stage: the one function that the tool is.
//!
//! Each layer hands its result to the next, and problems are collected along the way. Nothing is
//! written where one of them is an error.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostic::codes::{MISSING_STEP, NOTHING_TO_RENDER, UNKNOWN_STEP};
use crate::diagnostic::{Code, Collector, Diagnostic, Problem};
use crate::emit;
use crate::manifest::{Manifest, ObjectId};
use crate::model::{ObjectName, Rollout, read_autoscalers, read_rollouts};
use crate::plan::{self, Decisions, Plan, Stage, StageName, Surroundings, stages};
use crate::render::{
    Change, Only, Selection, StageRender, arrange, check_invariants, render_stage,
};
use crate::source::Source;

/// The manifests that a render is made of.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The manifests with the new version of the workloads.
    pub sources: Vec<Source>,
    /// The manifests with the old version, of which only the workloads are looked at.
    pub stable: Option<Vec<Source>>,
}

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
    /// The stage.
    pub step: Option<StageName>,
    /// The rollout to render; all of the input, where none is named.
    pub rollout: Option<ObjectName>,
    /// The namespace of objects that name none; `default`, where none is given.
    pub namespace: Option<String>,
    /// How many pods a workload has, where an autoscaler decides.
    pub replicas: Vec<(ObjectName, u32)>,
    /// The label that tells the pods apart.
    pub isolation_key: Option<String>,
    /// The problems that are acknowledged.
    pub allow: Vec<&'static Code>,
    /// Which part of the result is written.
    pub only: Only,
    /// Whether Rollouts are written as well.
    pub keep_rollout: bool,
    /// The form of the result.
    pub format: Format,
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
/// let input = Input { sources: vec![Source::new("empty.yaml", "# nothing yet\n")], stable: None };
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
    let stable = input.stable.as_ref().map(|sources| Manifest::read(sources, namespace, problems));
    if manifest.documents.is_empty() {
        problems.push(nothing_to_render("the input holds no objects"));
        return None;
    }
    let rollouts = read_rollouts(&manifest, stable.as_ref(), options.rollout.as_ref(), problems);
    let plans = plan_all(&rollouts, &manifest, options, problems);
    let staged = choose_stages(&plans, options, problems);
    if problems.has_errors() {
        return None;
    }
    let rendered: Vec<_> = staged
        .iter()
        .map(|(plan, stage)| {
            let rendered = render_stage(plan, *stage);
            let broken = check_invariants(plan, &rendered);
            broken.into_iter().for_each(|problem| problems.push(problem));
            (plan.rollout, rendered)
        })
        .collect();
    warn_of_kustomize(&rendered, problems);
    let pairs: Vec<_> = rendered.iter().map(|(rollout, stage)| (*rollout, stage)).collect();
    let changed = match options.only {
        Only::Changed => plans.iter().flat_map(changed_objects).collect(),
        Only::Everything | Only::Workloads | Only::Routing => BTreeSet::new(),
    };
    let selection = Selection { only: options.only, keep_rollout: options.keep_rollout, changed };
    let entries = arrange(&manifest, &pairs, &selection);
    if entries.is_empty() {
        problems.push(nothing_to_render("the result holds no objects"));
        return None;
    }
    Some(match options.format {
        Format::Yaml => emit::to_parts(&entries),
        Format::Json => vec![Cow::Owned(emit::to_json(&entries))],
    })
}

fn plan_all<'m, 'a>(
    rollouts: &'m [Rollout<'a>],
    manifest: &Manifest<'a>,
    options: &Options,
    problems: &mut Collector<'a>,
) -> Vec<Plan<'m, 'a>> {
    let decisions =
        Decisions { replicas: &options.replicas, isolation_key: options.isolation_key.as_deref() };
    if !rollouts.is_empty() {
        plan::check_decisions(rollouts, &decisions, problems);
    }
    plan::check_shared(rollouts, problems);
    let surroundings = Surroundings { manifest, autoscalers: read_autoscalers(manifest, rollouts) };
    let plans = rollouts.iter();
    plans.filter_map(|rollout| plan::plan(rollout, &surroundings, &decisions, problems)).collect()
}

/// Finds the stage of each rollout that the user asks for.
fn choose_stages<'p, 'm, 'a>(
    plans: &'p [Plan<'m, 'a>],
    options: &Options,
    problems: &mut Collector<'a>,
) -> Vec<(&'p Plan<'m, 'a>, Stage)> {
    let Some(name) = options.step else {
        problems.push(missing_step());
        return Vec::new();
    };
    let mut staged = Vec::new();
    for plan in plans {
        match name.of(plan.steps.len()) {
            Some(stage) => {
                plan::check_stage(plan, stage, problems);
                staged.push((plan, stage));
            }
            None => problems.push(unknown_step(plan, name)),
        }
    }
    staged
}

/// Returns the objects of the input whose value some stage changes.
fn changed_objects(plan: &Plan<'_, '_>) -> BTreeSet<ObjectId> {
    let source = plan.rollout.workload.resource.to_value();
    let differs = |change: &Change<'_, '_>| match change {
        Change::Edit { .. } => true,
        Change::Replace(resource) => resource.to_value() != source,
    };
    let all = stages(plan.steps.len()).flat_map(|stage| render_stage(plan, stage).changes);
    all.filter(|(_, change)| differs(change)).map(|(id, _)| id).collect()
}

/// Warns of scalars in what is changed that kustomize would read otherwise.
fn warn_of_kustomize<'a>(
    rendered: &[(&Rollout<'a>, StageRender<'_, 'a>)],
    problems: &mut Collector<'a>,
) {
    for (rollout, stage) in rendered {
        let routes = rollout.traffic.iter().flat_map(|traffic| &traffic.routes);
        let service = rollout.traffic.iter().map(|traffic| &traffic.service.resource);
        let objects =
            routes.map(|route| &route.resource).chain(service).chain([&rollout.workload.resource]);
        for object in objects {
            let changed = stage.changes.iter().any(|(id, _)| *id == object.id);
            let copied = stage.additions.iter().any(|addition| addition.beside == object.id);
            if changed || copied {
                object
                    .kustomize_differences()
                    .into_iter()
                    .for_each(|problem| problems.push(problem));
            }
        }
    }
}

fn nothing_to_render<'a>(message: &str) -> Problem<'a> {
    let problem = Problem::new(&NOTHING_TO_RENDER, message);
    problem.help(
        "an empty result would be taken for a wish to delete everything; check the paths and flags",
    )
}

fn missing_step<'a>() -> Problem<'a> {
    Problem::new(&MISSING_STEP, "no step was given")
        .help("add `--step` with `stable`, a number from 1, `last`, `promote` or `done`")
}

fn unknown_step<'a>(plan: &Plan<'_, 'a>, name: StageName) -> Problem<'a> {
    let rollout = plan.rollout;
    let count = plan.steps.len();
    let message = format!("{} has no step {name}", rollout.called());
    let path = crate::manifest::FieldPath::of_keys(&["spec", "strategy", "canary", "steps"]);
    let numbered = (1..=count).map(|number| format!("{number}, ")).collect::<String>();
    let help = format!("choose one of stable, {numbered}last, promote, done");
    rollout.resource.problem_at(&path, &UNKNOWN_STEP, message).help(help)
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
