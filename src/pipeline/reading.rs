//! The manifests of a render, read once for as many stages as are wanted.

use std::collections::BTreeSet;

use super::staging::wanted;
use super::{Input, Options};
use crate::diagnostic::Collector;
use crate::manifest::Manifest;
use crate::model::{self, ObjectName, OldVersions, Rollout, StageName};

/// Everything that was read.
pub(crate) struct Reading<'a> {
    pub(crate) manifest: Manifest<'a>,
    stable: Option<Manifest<'a>>,
    captured: Vec<(ObjectName, Manifest<'a>)>,
}

/// A rollout that is read, and the stage that is asked for.
pub(crate) struct Chosen {
    pub(crate) name: ObjectName,
    /// The name of its workload.
    pub(crate) workload: ObjectName,
    /// How many steps it has.
    pub(crate) steps: usize,
    pub(crate) asked: Option<StageName>,
    /// Whether only its part of shared objects counts.
    pub(crate) companion: bool,
    /// Whether the Rollout is switched off, so that it has no other stage than done.
    pub(crate) disabled: bool,
}

impl<'a> Reading<'a> {
    /// Reads the input; what cannot be read is told.
    pub(crate) fn of(input: &'a Input, namespace: &str, problems: &mut Collector<'a>) -> Self {
        let read =
            |sources, problems: &mut Collector<'a>| Manifest::read(sources, namespace, problems);
        Self {
            manifest: read(&input.sources, problems),
            stable: input.stable.as_ref().map(|sources| read(sources, problems)),
            captured: input.read_captured(namespace, problems),
        }
    }

    /// Returns the values of Secrets that aliases repeat outside of these.
    pub(crate) fn repeated_secrets(&self) -> BTreeSet<String> {
        let captured = self.captured.iter().map(|(_, manifest)| manifest);
        let all = [&self.manifest].into_iter().chain(&self.stable).chain(captured);
        all.flat_map(Manifest::repeated_secrets).collect()
    }

    /// Returns the rollouts that the options choose and that can be at any stage, and how many steps each
    /// has.
    pub(crate) fn lengths(&self, options: &Options) -> Vec<(ObjectName, usize)> {
        let chosen = self.chosen(options).into_iter();
        let chosen = chosen.filter(|chosen| !chosen.companion && !chosen.disabled);
        chosen.map(|chosen| (chosen.name, chosen.steps)).collect()
    }

    /// Returns the rollouts that the options choose, and those that share an object with them.
    pub(crate) fn chosen(&self, options: &Options) -> Vec<Chosen> {
        let mut ignored = Collector::default();
        let wishes = options.wishes();
        let rollouts = model::read_rollouts(&self.manifest, self.old(), wishes, &mut ignored);
        let chosen = |rollout: &Rollout<'_>| Chosen {
            name: ObjectName::of(&rollout.resource.identity),
            workload: ObjectName::of(&rollout.workload.resource.identity),
            steps: rollout.steps.len(),
            asked: if rollout.disabled { Some(StageName::Done) } else { wanted(rollout, options) },
            companion: rollout.companion,
            disabled: rollout.disabled,
        };
        rollouts.iter().map(chosen).collect()
    }

    /// Returns the options with every chosen rollout that has no step taken as done, for views that need
    /// none.
    pub(crate) fn with_idle_as_done(&self, options: &Options) -> Options {
        let chosen = self.chosen(options).into_iter();
        let idle = chosen.filter(|chosen| !chosen.companion && chosen.asked.is_none());
        let mut options = options.clone();
        options.steps.extend(idle.map(|chosen| (chosen.name, StageName::Done)));
        options
    }

    /// Returns the old versions of workloads.
    pub(crate) fn old(&self) -> OldVersions<'_, 'a> {
        OldVersions { given: self.stable.as_ref(), captured: &self.captured }
    }
}
