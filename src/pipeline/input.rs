//! The manifests that a render is made of.

use std::collections::BTreeMap;

use crate::diagnostic::Collector;
use crate::manifest::Manifest;
use crate::model::{ObjectName, find_captured};
use crate::source::Source;

/// The manifests that a render is made of.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub(super) sources: Vec<Source>,
    pub(super) stable: Option<Vec<Source>>,
    /// Old versions that RollSteps hold, as sources of their own.
    captured: Vec<(ObjectName, Source)>,
}

impl Input {
    /// Returns the input of these manifests.
    ///
    /// `sources` hold the new version of the workloads; `stable` the old one, of which only the
    /// workloads are looked at.
    pub fn new(sources: Vec<Source>, stable: Option<Vec<Source>>) -> Self {
        let captured = sources.iter().flat_map(find_captured).collect();
        Self { sources, stable, captured }
    }

    /// Returns the manifests that hold the new version.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns the manifests that hold the old version, where they are given.
    pub(crate) fn stable(&self) -> Option<&[Source]> {
        self.stable.as_deref()
    }

    /// Reads the old versions that RollSteps hold; a RollStep without a namespace is in `namespace`.
    pub(super) fn read_captured<'a>(
        &'a self,
        namespace: &str,
        problems: &mut Collector<'a>,
    ) -> BTreeMap<ObjectName, Manifest<'a>> {
        let mut read = BTreeMap::new();
        for (rollout, source) in &self.captured {
            let manifest = Manifest::read(std::slice::from_ref(source), namespace, problems);
            let namespace = rollout.namespace.clone().or_else(|| Some(namespace.to_owned()));
            let rollout = ObjectName { namespace, name: rollout.name.clone() };
            read.entry(rollout).or_insert(manifest);
        }
        read
    }
}
