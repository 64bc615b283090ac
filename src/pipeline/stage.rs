//! One stage of the rollouts of an input: chosen, planned, rendered and checked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Options;
use super::composition::compose;
use super::proof::prove;
use super::reading::Reading;
use super::staging::{Staged, choose_stages};
use crate::diagnostic::codes::NOTHING_TO_RENDER;
use crate::diagnostic::{Collector, Problem};
use crate::lint;
use crate::manifest::{Manifest, ObjectId, Resource};
use crate::model::{self, GitOps, Rollout, read_autoscalers};
use crate::plan::{
    self, AssumedRevisions, Decisions, Plan, Stage, Surroundings, SyncWaves, stages,
};
use crate::render::{
    Change, Entry, Only, Selection, StageRender, arrange, check_invariants, check_sizes,
    find_hand_edits, removed, render_stage, stamp,
};

/// What a view shows for revisions that only the cluster knows.
pub(crate) const ASSUMED_REVISIONS: AssumedRevisions =
    AssumedRevisions { stable: "stable-revision", canary: "canary-revision" };

/// What a stage is rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be applied: the old version must be known where it is written.
    Apply,
    /// To be committed: as it is to be applied, but for revisions, which only the render is given.
    Commit,
    /// To be looked at: what runs is taken as it is.
    View,
}

impl Purpose {
    /// Returns whether what was found stands in the way of the stage.
    fn is_blocked(self, problems: &Collector<'_>) -> bool {
        match self {
            Self::Apply | Self::Commit => problems.has_errors(),
            Self::View => problems.has_errors_that_stay(),
        }
    }
}

/// One stage, rendered.
pub(crate) struct Rendering<'m, 'a> {
    pub(super) manifest: &'m Manifest<'a>,
    pub(super) plans: &'m [(Plan<'m, 'a>, Stage)],
    rendered: Vec<(&'m Plan<'m, 'a>, StageRender<'m, 'a>)>,
    /// The last step of rollouts that are at a stage without a canary.
    last: Vec<StageRender<'m, 'a>>,
}

/// Runs `work` on the stage that the options ask for; nothing where anything is wrong.
pub(crate) fn with_stage<'a, T>(
    reading: &Reading<'a>,
    (options, purpose): (&Options, Purpose),
    problems: &mut Collector<'a>,
    work: impl FnOnce(&Rendering<'_, 'a>) -> Result<T, Problem<'a>>,
) -> Option<T> {
    let manifest = &reading.manifest;
    if manifest.documents.is_empty() {
        problems.push(nothing_to_render("the input holds no objects"));
        return None;
    }
    let mut rollouts = model::read_rollouts(manifest, reading.old(), options.wishes(), problems);
    let stages = choose_stages(&rollouts, manifest, options, problems);
    let names: Vec<_> = stages.iter().map(|staged| staged.map(|staged| staged.stage)).collect();
    compose(&mut rollouts, &names);
    let staged = rollouts.iter().zip(stages);
    let staged: Vec<_> = staged.filter_map(|(rollout, staged)| Some((rollout, staged?))).collect();
    let planned: Vec<_> = staged.iter().map(|(rollout, _)| *rollout).collect();
    let autoscalers = read_autoscalers(manifest, &planned);
    let surroundings = Surroundings { manifest, old: reading.old(), autoscalers: &autoscalers };
    let plans = plan_all(&staged, surroundings, (options, purpose), problems);
    let waves = options.gitops.map(|GitOps::ArgoCd| plan::plan_sync_waves(&plans));
    if let (Some(waves), Purpose::Apply | Purpose::Commit) = (&waves, purpose) {
        check_waves(&plans, waves, problems);
    }
    if purpose.is_blocked(problems) {
        return None;
    }
    let mut rendered: Vec<_> =
        plans.iter().map(|(plan, stage)| (plan, render_stage(plan, *stage))).collect();
    leave_to_others(&mut rendered);
    problems.extend(prove(manifest, &plans, &rendered));
    stamp(&mut rendered, waves.as_ref());
    check_rendered(&mut rendered, problems);
    if purpose.is_blocked(problems) {
        return None;
    }
    lint::push_all(
        lint::check_rewritten(manifest, &plans, &rendered, options.namespace()),
        problems,
    );
    // What may not be applied can still be looked at.
    if purpose != Purpose::View && problems.has_errors() {
        return None;
    }
    let chosen = plans.iter().filter(|(plan, _)| !plan.rollout.companion);
    let last = chosen.filter_map(render_last).collect();
    match work(&Rendering { manifest, plans: &plans, rendered, last }) {
        Ok(result) => Some(result),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

impl<'m, 'a> Rendering<'m, 'a> {
    /// Returns the rollouts that are at a stage, and which.
    pub(crate) fn plans(&self) -> &'m [(Plan<'m, 'a>, Stage)] {
        self.plans
    }

    /// Returns the plans of the rollouts that are rendered themselves, each with its stage.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = &(&'m Plan<'m, 'a>, StageRender<'m, 'a>)> {
        self.rendered.iter().filter(|(plan, _)| !plan.rollout.companion)
    }

    /// Returns what the stage makes of an object of the input.
    pub(crate) fn value_of(&self, resource: &Resource<'a>) -> Value {
        let changes = self.rendered.iter().flat_map(|(_, stage)| &stage.changes);
        match changes.into_iter().find(|(id, _)| *id == resource.id) {
            Some((_, Change::Edit(edited))) => edited.after.clone(),
            Some((_, Change::Replace(other))) => other.to_value(),
            None => resource.to_value(),
        }
    }

    /// Returns what is written, in which order.
    ///
    /// # Errors
    ///
    /// Where that would be nothing.
    pub(crate) fn entries(&'m self, options: &Options) -> Result<Vec<Entry<'m, 'a>>, Problem<'a>> {
        let entries = match options.only {
            Only::Removed => removed(&self.last),
            _ => arrange(self.manifest, &self.rendered, &selection(self.plans, options)),
        };
        if !entries.iter().any(Entry::holds_objects) && options.only != Only::Removed {
            return Err(nothing_to_render("the result holds no objects"));
        }
        Ok(entries)
    }
}

/// Tells where Argo CD could not keep the order.
fn check_waves<'a>(
    plans: &[(Plan<'_, 'a>, Stage)],
    waves: &SyncWaves,
    problems: &mut Collector<'a>,
) {
    for (plan, stage) in plans.iter().filter(|(plan, _)| !plan.rollout.companion) {
        problems.allowing(plan.rollout.allowed(), |problems| {
            problems.extend(plan::check_sync_waves(plan, *stage, waves));
        });
    }
}

/// Checks the result itself.
fn check_rendered<'a>(
    rendered: &mut [(&Plan<'_, 'a>, StageRender<'_, 'a>)],
    problems: &mut Collector<'a>,
) {
    for (plan, stage) in rendered.iter_mut().filter(|(plan, _)| !plan.rollout.companion) {
        problems.allowing(plan.rollout.allowed(), |problems| {
            problems.extend(std::mem::take(&mut stage.problems));
            problems.extend(check_invariants(plan, stage));
            problems.extend(check_sizes(plan, stage));
            problems.extend(find_differences_of_readers(plan.rollout, stage));
        });
    }
}

/// Plans the rollouts whose stage is known.
fn plan_all<'m, 'a>(
    staged: &[(&'m Rollout<'a>, Staged)],
    surroundings: Surroundings<'_, 'a>,
    (options, purpose): (&Options, Purpose),
    problems: &mut Collector<'a>,
) -> Vec<(Plan<'m, 'a>, Stage)> {
    let decisions = Decisions {
        replicas: &options.replicas,
        stable_revisions: &options.stable_revisions,
        canary_revisions: &options.canary_revisions,
        assumed_revisions: match purpose {
            Purpose::Apply => None,
            Purpose::Commit | Purpose::View => Some(ASSUMED_REVISIONS),
        },
    };
    let rollouts: Vec<_> = staged.iter().map(|(rollout, _)| *rollout).collect();
    plan::check_decisions(&rollouts, &decisions, problems);
    plan::check_shared(&rollouts, problems);
    let plan_one = |&(rollout, Staged { stage, asked }): &(&'m Rollout<'a>, Staged)| {
        if rollout.companion {
            let mut found = Collector::default();
            let plan = plan::plan(rollout, surroundings, &decisions, &mut found);
            problems.append_errors(found);
            return plan.map(|plan| (plan, stage));
        }
        problems.allowing(rollout.allowed(), |problems| {
            let plan = plan::plan(rollout, surroundings, &decisions, problems)?;
            match purpose {
                Purpose::Apply | Purpose::Commit if asked => {
                    plan::check_stage(&plan, stage, problems);
                }
                Purpose::Apply | Purpose::Commit | Purpose::View => {
                    plan::check_view(&plan, stage, problems);
                }
            }
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

/// Warns of what other tools would read otherwise in what is changed or copied.
fn find_differences_of_readers<'a>(
    rollout: &Rollout<'a>,
    stage: &StageRender<'_, 'a>,
) -> Vec<Problem<'a>> {
    let concerned = |object: &&Resource<'a>| {
        let changed = stage.changes.iter().any(|(id, _)| *id == object.id);
        changed || stage.additions.iter().any(|addition| addition.beside == object.id)
    };
    let differences = |object: &Resource<'a>| {
        let mut found = object.kustomize_differences();
        found.extend(object.yaml_1_2_differences());
        found
    };
    rollout.objects().filter(concerned).flat_map(differences).collect()
}

fn nothing_to_render<'a>(message: &str) -> Problem<'a> {
    let problem = Problem::new(&NOTHING_TO_RENDER, message);
    problem.help(
        "an empty result would be taken for a wish to delete everything; check the paths and flags",
    )
}
