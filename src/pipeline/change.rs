//! Pairs of stages for a reviewer: two of one tree, or two trees at their own steps.
//!
//! Decides which rollouts move, and between which stages. The comparison itself is left to
//! [`review`](crate::review).

use std::collections::{BTreeMap, BTreeSet};

use super::documents::RenderedStage;
use super::planned::{Planned, Rollouts};
use super::stage::Purpose;
use super::staging::{own_step, wanted};
use super::{Input, Options, Reading};
use crate::diagnostic::Collector;
use crate::manifest::{Identity, Manifest};
use crate::model::{ObjectName, Rollout, StageName};
use crate::rollout::{Stage, find_stage, stages};

/// Two renders, and between which stages the rollouts move.
#[derive(Debug, Clone)]
pub struct RenderedChange<'a> {
    /// The rollouts that move, in the order of the input.
    pub movements: Vec<Movement>,
    /// What is there before.
    pub before: RenderedStage<'a>,
    /// What is there after.
    pub after: RenderedStage<'a>,
}

/// A rollout, and the stages that it moves between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The rollout, with its namespace.
    pub rollout: ObjectName,
    /// The stage before; none where the tree before has no such rollout, or no step for it.
    pub before: Option<StageName>,
    /// The stage after; none where the tree after has no such rollout, or no step for it.
    pub after: Option<StageName>,
}

/// Renders the stage that the options ask for, and the one that it is compared with.
///
/// That is the stage `from` or, where none is given, the one before. The rollouts that move are those
/// for which the options say a step; where they say none, those for which a RollStep does. A rollout
/// at `stable` stays there unless `from` says where it came from.
///
/// ```
/// use rollstep::{Input, Options, Source, StageName, render_change};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "# nothing yet\n")], None);
/// let change = render_change(&input, &Options::default(), Some(StageName::Stable));
/// assert!(change.movements.is_empty() && change.after.documents.is_none());
/// ```
pub fn render_change<'a>(
    input: &'a Input,
    options: &Options,
    from: Option<StageName>,
) -> RenderedChange<'a> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, Purpose::View);
    let movements = movements(&rollouts, options, from);
    let stages: BTreeMap<_, _> = movements.iter().map(|one| (&one.rollout, one.before)).collect();
    let after = planned.by_options();
    let before = planned.with_stages(after.clone(), |rollout| {
        *stages.get(&ObjectName::of(&rollout.resource.identity))?
    });
    RenderedChange {
        before: planned.documents(&before),
        after: planned.documents(&after),
        movements,
    }
}

/// Renders two trees, each rollout at its own step.
///
/// A tree without a rollout is taken as it is, and so is a rollout of the base without a step: it is what
/// runs. In the other tree such a rollout is an error, unless its workload has the template of the base.
/// Steps for rollouts that only one tree has are no mistake.
pub fn render_beside<'a>(
    base: &'a Input,
    input: &'a Input,
    options: &Options,
) -> RenderedChange<'a> {
    let options = Options { filter: true, ..options.clone() };
    let (before, at_before) = at_own(base, &options, &|_| true);
    let mut ignored = Collector::default();
    let runs = Manifest::read(base.sources(), options.namespace(), &mut ignored);
    let is_as_it_runs = |rollout: &Rollout<'_>| {
        let Identity { group, kind, namespace, name, .. } = &rollout.workload.resource.identity;
        let id = runs.find([group, kind, namespace, name]);
        let there = id.and_then(|id| runs.resource(id));
        let template = there.and_then(|there| Some(there.field(&["spec", "template"])?.to_value()));
        template.as_ref() == rollout.workload.template()
    };
    let (after, at_after) = at_own(input, &options, &is_as_it_runs);
    let earlier: BTreeMap<_, _> =
        at_before.iter().map(|(rollout, stage)| (rollout, *stage)).collect();
    let later: BTreeSet<_> = at_after.iter().map(|(rollout, _)| rollout).collect();
    let mut movements = Vec::new();
    for (rollout, after) in &at_after {
        let before = earlier.get(rollout).copied().flatten();
        movements.push(Movement { rollout: rollout.clone(), before, after: *after });
    }
    for (rollout, before) in at_before.iter().filter(|(rollout, _)| !later.contains(rollout)) {
        movements.push(Movement { rollout: rollout.clone(), before: *before, after: None });
    }
    RenderedChange { movements, before, after }
}

/// Renders a tree, and returns the stage of each rollout.
///
/// Of rollouts without a step, those that need none are rendered as they are.
fn at_own<'a>(
    input: &'a Input,
    options: &Options,
    needs_none: &dyn Fn(&Rollout<'_>) -> bool,
) -> (RenderedStage<'a>, Vec<(ObjectName, Option<StageName>)>) {
    let reading = Reading::of(input, options.namespace());
    let all = Rollouts::of(&reading, options);
    let options = Options { steps: known_steps(&all, options), ..options.clone() };
    let rollouts = all.with_options(&options);
    let mut at = Vec::new();
    for (rollout, asked) in rollouts.chosen_by_steps() {
        let stage = asked.map(|stage| exact(stage, rollout.steps.len()));
        at.push((ObjectName::of(&rollout.resource.identity), stage));
    }
    let planned = Planned::of(&rollouts, Purpose::View);
    let selection = planned.with_stages(planned.by_options(), |rollout| {
        let is_idle = !rollout.companion
            && !rollout.disabled
            && wanted(rollout, &options).is_none()
            && needs_none(rollout);
        if is_idle { Some(StageName::Done) } else { None }
    });
    (planned.documents(&selection), at)
}

/// Returns the steps of rollouts that the tree has.
fn known_steps(rollouts: &Rollouts<'_, '_>, options: &Options) -> BTreeMap<ObjectName, StageName> {
    let own = rollouts.found().filter_map(|rollout| {
        let step = own_step(rollout, options)?;
        Some((ObjectName::of(&rollout.resource.identity), step))
    });
    own.collect()
}

fn movements(
    rollouts: &Rollouts<'_, '_>,
    options: &Options,
    from: Option<StageName>,
) -> Vec<Movement> {
    let said_by_flags = options.step.is_some() || !options.steps.is_empty();
    let mut movements = Vec::new();
    for (rollout, wanted) in rollouts.chosen_by_steps() {
        let is_named = own_step(rollout, options).is_some();
        let is_asked = is_named || options.step.is_some() || !said_by_flags;
        if !is_asked || rollout.disabled {
            continue;
        }
        let Some(after) = wanted else { continue };
        let steps = rollout.steps.len();
        let after = exact(after, steps);
        let before = match from {
            Some(from) => exact(from, steps),
            None => stage_before(after, steps),
        };
        movements.push(Movement {
            rollout: ObjectName::of(&rollout.resource.identity),
            before: Some(before),
            after: Some(after),
        });
    }
    movements
}

/// Returns the stage by its number, where the rollout has it.
fn exact(stage: StageName, steps: usize) -> StageName {
    find_stage(stage, steps).map_or(stage, StageName::from)
}

/// Returns the stage before, or `stable`, which has none before it.
fn stage_before(stage: StageName, steps: usize) -> StageName {
    let until = stages(steps).take_while(|one| StageName::from(*one) != stage);
    until.last().map_or(StageName::from(Stage::Stable), StageName::from)
}
