//! The manifests of a render, read once for as many stages as are wanted.

use super::{Input, Options};
use crate::diagnostic::Collector;
use crate::manifest::{Identity, Manifest};
use crate::model::{self, ObjectName, OldVersions, Rollout};

/// Everything that was read.
pub(crate) struct Reading<'a> {
    pub(crate) manifest: Manifest<'a>,
    stable: Option<Manifest<'a>>,
    captured: Vec<(ObjectName, Manifest<'a>)>,
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

    /// Returns the rollouts that the options choose, and how many steps each has.
    pub(crate) fn lengths(&self, options: &Options) -> Vec<(ObjectName, usize)> {
        let mut ignored = Collector::default();
        let wishes = options.wishes();
        let rollouts = model::read_rollouts(&self.manifest, self.old(), wishes, &mut ignored);
        let chosen = rollouts.iter().filter(|rollout| !rollout.companion);
        let length = |rollout: &Rollout<'_>| {
            let Identity { namespace, name, .. } = &rollout.resource.identity;
            let name = ObjectName { namespace: Some(namespace.clone()), name: name.clone() };
            (name, rollout.steps.len())
        };
        chosen.map(length).collect()
    }

    /// Returns the old versions of workloads.
    pub(super) fn old(&self) -> OldVersions<'_, 'a> {
        OldVersions { given: self.stable.as_ref(), captured: &self.captured }
    }
}
