//! The rollouts of an input, read and planned once for all of their stages.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::proof::ProofIndex;
use super::stage::Purpose;
use super::staging::{own_step, said_by_flags, wanted};
use super::{Options, Reading};
use crate::diagnostic::Collector;
use crate::manifest::{Manifest, ObjectId};
use crate::model::{Autoscalers, ReadRollout, ReadRollouts, Rollout, StageName, read_autoscalers};
use crate::plan::{self, AssumedRevisions, Decisions, Plan, Selecting, Surroundings};
use crate::render::find_hand_edits;
use crate::rollout::{Stage, stages};

/// What a view shows for revisions that only the cluster knows.
pub(crate) const ASSUMED_REVISIONS: AssumedRevisions =
    AssumedRevisions { stable: "stable-revision", canary: "canary-revision" };

/// The rollouts that the options choose, and those that share an object with them.
pub(crate) struct Rollouts<'r, 'a> {
    pub(super) reading: &'r Reading<'a>,
    pub(super) options: &'r Options,
    read: ReadRollouts<'a>,
    autoscalers: Autoscalers,
}

impl<'r, 'a> Rollouts<'r, 'a> {
    /// Reads the rollouts.
    pub(crate) fn of(reading: &'r Reading<'a>, options: &'r Options) -> Self {
        let read = ReadRollouts::of(reading.sources(), options.wishes());
        let found: Vec<_> = read.found().collect();
        let autoscalers = read_autoscalers(&reading.manifest, &found);
        Self { reading, options, read, autoscalers }
    }

    /// Returns the same rollouts for other steps.
    pub(super) fn with_options<'o>(self, options: &'o Options) -> Rollouts<'o, 'a>
    where
        'r: 'o,
    {
        let Self { reading, read, autoscalers, .. } = self;
        Rollouts { reading, options, read, autoscalers }
    }

    /// Returns the rollouts that could be read.
    pub(crate) fn found(&self) -> impl Iterator<Item = &Rollout<'a>> {
        self.read.found()
    }

    /// Returns the rollouts that are chosen, and the stage that steps ask of each.
    pub(super) fn chosen_by_steps(
        &self,
    ) -> impl Iterator<Item = (&Rollout<'a>, Option<StageName>)> {
        let chosen = self.found().filter(|rollout| !rollout.companion);
        chosen.map(|rollout| (rollout, wanted(rollout, self.options)))
    }
}

/// Returns the stage that is asked of a rollout. One that is switched off has no other than done.
pub(crate) fn asked(rollout: &Rollout<'_>, options: &Options) -> Option<StageName> {
    if rollout.disabled { Some(StageName::Done) } else { wanted(rollout, options) }
}

/// Rollouts with all of their stages planned.
pub(crate) struct Planned<'r, 'a> {
    pub(super) rollouts: &'r Rollouts<'r, 'a>,
    pub(super) purpose: Purpose,
    pub(super) plans: Vec<PlannedRollout<'r, 'a>>,
    /// What is wrong with rollouts beside each other, and with the decisions of the user.
    pub(super) together: Collector<'a>,
    /// The rollouts that may change or copy an object, by their index.
    by_object: BTreeMap<ObjectId, Vec<usize>>,
    /// Our own objects of an earlier render.
    own: BTreeSet<ObjectId>,
    pub(super) proof_index: ProofIndex,
}

/// A rollout with all of its stages planned.
pub(super) struct PlannedRollout<'r, 'a> {
    pub(super) rollout: &'r Rollout<'a>,
    pub(super) plan: Option<Plan<'r, 'a>>,
    /// What stands in the way of every stage, or should be seen at each.
    pub(super) problems: Collector<'a>,
}

/// The rollouts that a stage is rendered of, and what flags say of each.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    pub(super) members: Vec<Member>,
    /// Whether these are all rollouts, so that what is wrong with the whole counts.
    pub(super) is_whole: bool,
}

/// A rollout of a selection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// The index among the rollouts that could be read.
    pub(super) index: usize,
    /// The stage that flags say.
    pub(super) said: Option<StageName>,
    /// Whether only its part of shared objects counts.
    pub(super) companion: bool,
}

impl<'r, 'a> Planned<'r, 'a> {
    /// Plans the rollouts.
    pub(crate) fn of(rollouts: &'r Rollouts<'r, 'a>, purpose: Purpose) -> Self {
        let options = rollouts.options;
        let decisions = Decisions {
            replicas: &options.replicas,
            stable_revisions: &options.stable_revisions,
            canary_revisions: &options.canary_revisions,
            assumed_revisions: match purpose {
                Purpose::Apply => None,
                Purpose::Commit | Purpose::View => Some(ASSUMED_REVISIONS),
            },
        };
        let found: Vec<_> = rollouts.found().collect();
        let surroundings = Surroundings {
            sources: rollouts.reading.sources(),
            autoscalers: &rollouts.autoscalers,
            selecting: &Selecting::of(&rollouts.reading.manifest, &found),
        };
        let mut together = Collector::default();
        plan::check_decisions(&found, &decisions, &mut together);
        plan::check_shared(&found, &mut together);
        let mut plans: Vec<_> = found
            .into_iter()
            .map(|rollout| {
                let mut problems = Collector::default();
                let plan = plan::plan(rollout, surroundings, &decisions, &mut problems);
                PlannedRollout { rollout, plan, problems }
            })
            .collect();
        add_hand_edits(&mut plans);
        let mut by_object: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
        for (index, planned) in plans.iter().enumerate() {
            for object in planned.rollout.objects() {
                by_object.entry(object.id).or_default().push(index);
            }
        }
        let chosen = plans.iter().filter(|planned| !planned.rollout.companion);
        let own = chosen.flat_map(|planned| planned.rollout.own.iter().copied()).collect();
        Self {
            rollouts,
            purpose,
            plans,
            together,
            by_object,
            own,
            proof_index: ProofIndex::default(),
        }
    }

    /// Returns what the user asks for.
    pub(crate) fn options(&self) -> &'r Options {
        self.rollouts.options
    }

    /// Returns the values of Secrets that aliases repeat outside of these.
    pub(crate) fn repeated_secrets(&self) -> Rc<BTreeSet<String>> {
        self.rollouts.reading.repeated_secrets()
    }

    /// Returns the manifests.
    pub(crate) fn manifest(&self) -> &'r Manifest<'a> {
        &self.rollouts.reading.manifest
    }

    /// Returns a collector with what is wrong with the manifests and the rollouts that are selected.
    pub(super) fn problems(&self, selection: &Selection) -> Collector<'a> {
        let Rollouts { reading, options, read, .. } = self.rollouts;
        let mut problems = Collector::new(options.allow.clone());
        problems.append(reading.problems.clone());
        problems.append(read.problems.clone());
        let mut append = |one: &ReadRollout<'a>, companion| {
            problems.append_of_rollout(one.problems.clone(), &one.allowed, companion);
        };
        if !selection.is_whole {
            let members = selection.members.iter();
            let read = members.filter_map(|one| Some((read.of_found(one.index)?, one.companion)));
            for (one, companion) in read {
                append(one, companion);
            }
            return problems;
        }
        let members: BTreeMap<_, _> =
            selection.members.iter().map(|member| (member.index, member.companion)).collect();
        for one in &read.each {
            let companion = match one.found {
                Some(index) => members.get(&index).copied(),
                None => Some(one.companion),
            };
            if let Some(companion) = companion {
                append(one, companion);
            }
        }
        problems.append(read.together.clone());
        problems
    }

    /// Selects all rollouts at the stages that the options ask for.
    pub(crate) fn by_options(&self) -> Selection {
        self.all(|rollout| self.said(rollout))
    }

    /// Selects all rollouts as the options say; one of which no stage is asked is done.
    pub(crate) fn by_options_or_done(&self) -> Selection {
        self.all(|rollout| {
            let is_idle = !rollout.companion && asked(rollout, self.rollouts.options).is_none();
            if is_idle { Some(StageName::Done) } else { self.said(rollout) }
        })
    }

    /// Selects all rollouts, those that are chosen at `stage`, or at their last step where they have
    /// fewer.
    pub(crate) fn at(&self, stage: Stage) -> Selection {
        self.all(|rollout| {
            if rollout.companion || rollout.disabled {
                return own_step(rollout, self.rollouts.options);
            }
            Some(match stage {
                Stage::Step(index) if index >= rollout.steps.len() => StageName::Last,
                stage => StageName::from(stage),
            })
        })
    }

    /// Returns the selection with the stages of some rollouts said by `said`.
    pub(super) fn with_stages(
        &self,
        mut selection: Selection,
        said: impl Fn(&Rollout<'a>) -> Option<StageName>,
    ) -> Selection {
        for member in &mut selection.members {
            if let Some(one) = self.plans.get(member.index) {
                member.said = said(one.rollout).or(member.said);
            }
        }
        selection
    }

    /// Returns every stage of the longest rollout, and the selection of all rollouts there.
    pub(crate) fn each_stage(&self) -> Vec<(StageName, Selection)> {
        let chosen = self.rollouts.found().filter(|one| !one.companion && !one.disabled);
        let longest = chosen.map(|rollout| rollout.steps.len()).max().unwrap_or(0);
        stages(longest).map(|stage| (StageName::from(stage), self.at(stage))).collect()
    }

    /// Selects one rollout at `stage`, and beside it those that share an object with it, at the stages that
    /// are asked of them.
    pub(crate) fn alone(&self, index: usize, stage: StageName) -> Selection {
        let own = Member { index, said: Some(stage), companion: false };
        let beside = self.sharing(index).into_iter().filter_map(|index| {
            let rollout = self.plans.get(index)?.rollout;
            let said = asked(rollout, self.rollouts.options);
            Some(Member { index, said, companion: true })
        });
        let mut members: Vec<_> = beside.chain([own]).collect();
        members.sort_by_key(|member| member.index);
        Selection { members, is_whole: false }
    }

    fn all(&self, said: impl Fn(&Rollout<'a>) -> Option<StageName>) -> Selection {
        let members = self.plans.iter().enumerate().map(|(index, planned)| Member {
            index,
            said: said(planned.rollout),
            companion: planned.rollout.companion,
        });
        Selection { members: members.collect(), is_whole: true }
    }

    fn said(&self, rollout: &Rollout<'_>) -> Option<StageName> {
        said_by_flags(rollout, self.rollouts.options)
    }

    /// Returns whether some rollout may change, copy or drop an object.
    pub(crate) fn touches(&self, id: ObjectId) -> bool {
        self.by_object.contains_key(&id) || self.own.contains(&id)
    }

    /// Returns the other rollouts that share an object with one.
    fn sharing(&self, index: usize) -> BTreeSet<usize> {
        let Some(one) = self.plans.get(index) else { return BTreeSet::new() };
        let objects = one.rollout.objects().filter_map(|object| self.by_object.get(&object.id));
        objects.flatten().copied().filter(|other| *other != index).collect()
    }

    /// Returns the rollouts, each with its index.
    pub(crate) fn each(&self) -> impl Iterator<Item = (usize, &'r Rollout<'a>)> + use<'_, 'r, 'a> {
        self.plans.iter().map(|planned| planned.rollout).enumerate()
    }
}

/// Adds what somebody has changed in rendered objects; each rollout that changes the object has it.
fn add_hand_edits(plans: &mut [PlannedRollout<'_, '_>]) {
    let planned: Vec<_> = (0..plans.len())
        .filter(|index| plans.get(*index).is_some_and(|one| one.plan.is_some()))
        .collect();
    let found = {
        let plans: Vec<_> = plans.iter().filter_map(|one| one.plan.as_ref()).collect();
        find_hand_edits(&plans)
    };
    for edit in found {
        for rollout in edit.rollouts {
            let one = planned.get(rollout).and_then(|index| plans.get_mut(*index));
            if let Some(one) = one {
                one.problems.push(edit.problem.clone());
            }
        }
    }
}
