//! The manifests of a render, read once for as many stages as are wanted.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

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
    repeated_secrets: OnceCell<Rc<BTreeSet<String>>>,
}

impl<'a> Reading<'a> {
    /// Reads the input.
    pub(crate) fn of(input: &'a Input, namespace: &str) -> Self {
        let mut problems = Collector::default();
        let manifest = Manifest::read(&input.sources, namespace, &mut problems);
        let stable = input.stable.as_ref();
        let stable = stable.map(|sources| Manifest::read(sources, namespace, &mut problems));
        let captured = input.read_captured(namespace, &mut problems);
        Self { manifest, stable, captured, problems, repeated_secrets: OnceCell::new() }
    }

    /// Returns the values of Secrets that aliases repeat outside of these.
    pub(crate) fn repeated_secrets(&self) -> Rc<BTreeSet<String>> {
        let find = || {
            let captured = self.captured.iter().map(|(_, manifest)| manifest);
            let all = [&self.manifest].into_iter().chain(&self.stable).chain(captured);
            Rc::new(all.flat_map(Manifest::repeated_secrets).collect())
        };
        Rc::clone(self.repeated_secrets.get_or_init(find))
    }

    /// Returns the old versions of workloads.
    pub(crate) fn old(&self) -> OldVersions<'_, 'a> {
        OldVersions { given: self.stable.as_ref(), captured: &self.captured }
    }
}
