//! One stage of the rollouts of an input: chosen, planned, rendered and checked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Options;
use super::planned::{Planned, Rollouts, Selection};
use super::proof::prove;
use super::reading::Reading;
use super::staging::choose_stages;
use crate::diagnostic::codes::NOTHING_TO_RENDER;
use crate::diagnostic::{Collector, Problem};
use crate::lint;
use crate::manifest::{Identity, Manifest, Object, ObjectId, Resource};
use crate::model::{GitOps, Rollout, is_roll_step, is_rollout};
use crate::plan::{self, Leading, Plan, StagePlan, SyncWaves, follow};
use crate::render::{
    self, Change, Entry, Only, StageRender, arrange, changes_by_object, check_invariants,
    check_sizes, removed, render_stage, spec_after, stamp,
};
use crate::rollout::{Stage, stages};

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
pub(crate) struct Rendering<'s, 'a> {
    pub(super) manifest: &'s Manifest<'a>,
    pub(super) plans: &'s [StagePlan<'s, 'a>],
    pub(super) leading: Leading<'s, 'a>,
    rendered: &'s [StageRender<'s, 'a>],
    changes: BTreeMap<ObjectId, &'s Change<'s, 'a>>,
    /// The last step of rollouts that are at a stage without a canary, where what is removed is asked for.
    last: Vec<StageRender<'s, 'a>>,
}

/// What came of a stage, and what is to be said of it.
pub(crate) struct StageOutcome<'a, T> {
    /// Nothing where anything is wrong.
    pub(crate) result: Option<T>,
    pub(crate) problems: Collector<'a>,
}

/// Runs `work` on the stage that the options ask for; nothing where anything is wrong.
pub(crate) fn with_stage<'a, T>(
    reading: &Reading<'a>,
    (options, purpose): (&Options, Purpose),
    work: impl FnOnce(&Rendering<'_, 'a>) -> Result<T, Problem<'a>>,
) -> StageOutcome<'a, T> {
    let rollouts = Rollouts::of(reading, options);
    let planned = Planned::of(&rollouts, purpose);
    planned.render(&planned.by_options(), work)
}

impl<'a> Planned<'_, 'a> {
    /// Renders a stage and runs `work` on it; nothing where anything is wrong.
    pub(crate) fn render<T>(
        &self,
        selection: &Selection,
        work: impl FnOnce(&Rendering<'_, 'a>) -> Result<T, Problem<'a>>,
    ) -> StageOutcome<'a, T> {
        let mut problems = self.problems(selection);
        let result = self.try_render(selection, &mut problems, work);
        StageOutcome { result, problems }
    }

    /// Returns whether a stage is planned without an error. Its render may still have one.
    pub(crate) fn is_planned(&self, selection: &Selection) -> bool {
        let mut problems = self.problems(selection);
        let plans = self.plan_stages(selection, &mut problems);
        !plans.is_empty() && !problems.has_errors()
    }

    fn try_render<T>(
        &self,
        selection: &Selection,
        problems: &mut Collector<'a>,
        work: impl FnOnce(&Rendering<'_, 'a>) -> Result<T, Problem<'a>>,
    ) -> Option<T> {
        let Rollouts { reading, options, .. } = self.rollouts;
        let manifest = &reading.manifest;
        if manifest.documents.is_empty() {
            problems.push(nothing_to_render("the input holds no objects"));
            return None;
        }
        let plans = self.plan_stages(selection, problems);
        let waves = options.gitops.map(|GitOps::ArgoCd| plan::plan_sync_waves(&plans));
        if let (Some(waves), Purpose::Apply | Purpose::Commit) = (&waves, self.purpose) {
            check_waves(&plans, waves, problems);
        }
        if self.purpose.is_blocked(problems) {
            return None;
        }
        let mut rendered: Vec<_> = plans.iter().map(render_stage).collect();
        leave_to_others(&mut rendered);
        problems.extend(prove(manifest, &self.proof_index, &plans, &rendered));
        stamp(&mut rendered, waves.as_ref());
        check_rendered(&mut rendered, problems);
        if self.purpose.is_blocked(problems) {
            return None;
        }
        let leading = Leading::of(&plans);
        let namespace = options.namespace();
        let found = lint::check_rewritten(manifest, &plans, &leading, &rendered, namespace);
        lint::push_all(found, problems);
        // What may not be applied can still be looked at.
        if self.purpose != Purpose::View && problems.has_errors() {
            return None;
        }
        let last_steps: Vec<_> = match options.only {
            Only::Removed => plans.iter().filter_map(at_last_step).collect(),
            _ => Vec::new(),
        };
        let last = last_steps.iter().map(render_stage).collect();
        let (plans, rendered) = (&plans, &rendered);
        let changes = changes_by_object(rendered);
        match work(&Rendering { manifest, plans, leading, rendered, changes, last }) {
            Ok(result) => Some(result),
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }

    /// Returns the rollouts whose stage is known, each at its stage, on the routes that those before it leave.
    fn plan_stages<'s>(
        &'s self,
        selection: &Selection,
        problems: &mut Collector<'a>,
    ) -> Vec<StagePlan<'s, 'a>> {
        let staged = choose_stages(self, selection, problems);
        if selection.is_whole && staged.iter().any(Option::is_some) {
            problems.append(self.together.clone());
        }
        let mut plans = Vec::with_capacity(staged.len());
        let mut asked = Vec::with_capacity(staged.len());
        for (member, staged) in selection.members.iter().zip(staged) {
            let (Some(one), Some(staged)) = (self.plans.get(member.index), staged) else {
                continue;
            };
            let found = one.problems.clone();
            problems.append_of_rollout(found, one.rollout.allowed(), member.companion);
            let Some(plan) = &one.plan else { continue };
            plans.push(plan.at(staged.stage).with_role(member.companion));
            asked.push(staged.asked);
        }
        follow(&mut plans, spec_after);
        for (at, is_asked) in plans.iter().zip(asked).filter(|(at, _)| !at.companion) {
            problems.allowing(at.plan.rollout.allowed(), |problems| match self.purpose {
                Purpose::Apply | Purpose::Commit if is_asked => plan::check_stage(at, problems),
                Purpose::Apply | Purpose::Commit | Purpose::View => plan::check_view(at, problems),
            });
        }
        plans
    }
}

impl<'s, 'a> Rendering<'s, 'a> {
    /// Returns the rollouts that are at a stage, and which.
    pub(crate) fn plans(&self) -> &'s [StagePlan<'s, 'a>] {
        self.plans
    }

    /// Returns the rollouts by the VirtualServices that they change.
    pub(crate) fn leading(&self) -> &Leading<'s, 'a> {
        &self.leading
    }

    /// Returns the rollouts that are rendered themselves, each at its stage.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = &StageRender<'s, 'a>> {
        self.rendered.iter().filter(|stage| !stage.at.companion)
    }

    /// Returns what the stage makes of an object of the input.
    pub(crate) fn value_of(&self, resource: &Resource<'a>) -> Cow<'_, Value> {
        value_after(self.changes.get(&resource.id).copied(), resource)
    }

    /// Returns the objects of the kinds that are wanted, of those that the rollouts may change or copy and
    /// those that they add, as the stage has them.
    pub(crate) fn touched_values(
        &self,
        is_wanted: impl Fn(&Identity) -> bool,
    ) -> Vec<Cow<'_, Value>> {
        let mut seen = BTreeSet::new();
        let mut values = Vec::new();
        for stage in self.rendered {
            let objects = stage.at.plan.rollout.objects();
            let wanted: Vec<_> = objects.filter(|object| is_wanted(&object.identity)).collect();
            // What is added is of the kind of its twin.
            let twins: BTreeSet<_> = wanted.iter().map(|object| object.id).collect();
            let added = stage.additions.iter().filter(|added| twins.contains(&added.beside));
            let new = wanted.into_iter().filter(|object| seen.insert(object.id));
            values.extend(new.map(|object| self.value_of(object)));
            values.extend(added.map(|added| Cow::Borrowed(&added.value)));
        }
        values
    }

    /// Makes sure that the stage holds objects.
    ///
    /// # Errors
    ///
    /// Where it holds none.
    pub(crate) fn ensure_objects(&self, options: &Options) -> Result<(), Problem<'a>> {
        let own: BTreeSet<_> = self.chosen().flat_map(|stage| &stage.at.plan.rollout.own).collect();
        let is_written = |(id, object): (ObjectId, &Object)| {
            let Object { identity, .. } = object;
            !own.contains(&id) && !is_rollout(identity) && !is_roll_step(identity)
        };
        if options.only != Only::Everything || !self.manifest.objects().any(is_written) {
            self.entries(options)?;
        }
        Ok(())
    }

    /// Returns what is written, in which order.
    ///
    /// # Errors
    ///
    /// Where that would be nothing.
    pub(crate) fn entries<'e>(
        &'e self,
        options: &Options,
    ) -> Result<Vec<Entry<'e, 'a>>, Problem<'a>> {
        let entries = match options.only {
            Only::Removed => removed(&self.last),
            _ => arrange(self.manifest, self.rendered, &selection(self.plans, options)),
        };
        if !entries.iter().any(Entry::holds_objects) && options.only != Only::Removed {
            return Err(nothing_to_render("the result holds no objects"));
        }
        Ok(entries)
    }
}

/// Returns an object as a change leaves it.
fn value_after<'r>(change: Option<&'r Change<'_, '_>>, resource: &Resource<'_>) -> Cow<'r, Value> {
    match change {
        Some(Change::Edit(edited)) => Cow::Borrowed(&edited.after),
        Some(Change::Replace(other)) => Cow::Owned(other.to_value()),
        None => Cow::Owned(resource.to_value()),
    }
}

/// Reports where Argo CD could not keep the order.
fn check_waves<'a>(plans: &[StagePlan<'_, 'a>], waves: &SyncWaves, problems: &mut Collector<'a>) {
    for at in plans.iter().filter(|at| !at.companion) {
        problems.allowing(at.plan.rollout.allowed(), |problems| {
            problems.extend(plan::check_sync_waves(at, waves));
        });
    }
}

/// Checks the result itself.
fn check_rendered<'a>(rendered: &mut [StageRender<'_, 'a>], problems: &mut Collector<'a>) {
    for stage in rendered.iter_mut().filter(|stage| !stage.at.companion) {
        let rollout = stage.at.plan.rollout;
        problems.allowing(rollout.allowed(), |problems| {
            problems.extend(std::mem::take(&mut stage.problems));
            problems.extend(check_invariants(stage));
            problems.extend(check_sizes(stage));
            problems.extend(find_differences_of_readers(rollout, stage));
        });
    }
}

/// Removes from rollouts that are not rendered themselves what they do not share with others.
fn leave_to_others(rendered: &mut [StageRender<'_, '_>]) {
    let chosen = rendered.iter().filter(|stage| !stage.at.companion);
    let routes = chosen.flat_map(|stage| stage.at.plan.rollout.routes());
    let routes: BTreeSet<_> = routes.map(|route| route.resource.id).collect();
    for stage in rendered.iter_mut().filter(|stage| stage.at.companion) {
        stage.additions.clear();
        stage.changes.retain(|(id, _)| routes.contains(id));
    }
}

/// Returns the last step of a rollout that is at a stage without a canary.
fn at_last_step<'p, 'a>(at: &StagePlan<'p, 'a>) -> Option<StagePlan<'p, 'a>> {
    if at.companion || at.standing.canary.is_some() {
        return None;
    }
    let last = at.plan.steps.len().checked_sub(1)?;
    Some(at.plan.at(Stage::Step(last)))
}

fn selection(plans: &[StagePlan<'_, '_>], options: &Options) -> render::Selection {
    let changed = match options.only {
        Only::Changed => plans.iter().flat_map(|at| changed_objects(at.plan)).collect(),
        Only::Everything | Only::Workloads | Only::Routing | Only::Removed => BTreeSet::new(),
    };
    render::Selection { only: options.only, keep_rollout: options.keep_rollout, changed }
}

/// Returns the objects of the input whose value some stage changes.
fn changed_objects<'a>(plan: &Plan<'_, 'a>) -> BTreeSet<ObjectId> {
    let source = plan.rollout.workload.resource.to_value();
    let workload = plan.rollout.workload.resource.id;
    let differs = |id: ObjectId, change: &Change<'_, '_>| match change {
        Change::Edit(edited) => id != workload || edited.after != source,
        Change::Replace(resource) => resource.to_value() != source,
    };
    let mut changed = BTreeSet::new();
    for stage in stages(plan.steps.len()) {
        let at = plan.at(stage);
        let changes = render_stage(&at).changes;
        changed.extend(changes.iter().filter(|(id, one)| differs(*id, one)).map(|(id, _)| *id));
    }
    changed
}

/// Reports what other tools would read otherwise in what is changed or copied.
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
