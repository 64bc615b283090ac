//! The manifests of a render, read once for as many stages as are wanted.

use super::Input;
use crate::diagnostic::Collector;
use crate::manifest::Manifest;
use crate::model::{ObjectName, OldVersions};

/// Everything that was read.
pub(crate) struct Reading<'a> {
    pub(crate) manifest: Manifest<'a>,
    stable: Option<Manifest<'a>>,
    captured: Vec<(ObjectName, Manifest<'a>)>,
    /// What cannot be read.
    pub(crate) problems: Collector<'a>,
}

impl<'a> Reading<'a> {
    /// Reads the input.
    pub(crate) fn of(input: &'a Input, namespace: &str) -> Self {
        let mut problems = Collector::default();
        let manifest = Manifest::read(&input.sources, namespace, &mut problems);
        let stable = input.stable.as_ref();
        let stable = stable.map(|sources| Manifest::read(sources, namespace, &mut problems));
        let captured = input.read_captured(namespace, &mut problems);
        Self { manifest, stable, captured, problems }
    }

    /// Returns the old versions of workloads.
    pub(crate) fn old(&self) -> OldVersions<'_, 'a> {
        OldVersions { given: self.stable.as_ref(), captured: &self.captured }
    }
}
