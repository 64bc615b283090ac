//! The manifests of a render, read once for as many stages as are wanted.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Input;
use crate::diagnostic::Collector;
use crate::manifest::Manifest;
use crate::model::{ObjectIndex, ObjectName, OldVersions, Sources};

/// Everything that was read.
pub(crate) struct Reading<'a> {
    pub(crate) manifest: Manifest<'a>,
    stable: Option<Manifest<'a>>,
    index: ObjectIndex,
    captured: BTreeMap<ObjectName, Manifest<'a>>,
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
        Self {
            manifest,
            stable,
            index: ObjectIndex::default(),
            captured,
            problems,
            repeated_secrets: OnceCell::new(),
        }
    }

    /// Returns the values of Secrets that aliases repeat outside of these.
    pub(crate) fn repeated_secrets(&self) -> Rc<BTreeSet<String>> {
        let find = || {
            let captured = self.captured.values();
            let all = [&self.manifest].into_iter().chain(&self.stable).chain(captured);
            Rc::new(all.flat_map(Manifest::repeated_secrets).collect())
        };
        Rc::clone(self.repeated_secrets.get_or_init(find))
    }

    /// Returns where the objects are that rollouts name.
    pub(crate) fn sources(&self) -> Sources<'_, 'a> {
        let old = OldVersions { given: self.stable.as_ref(), captured: Some(&self.captured) };
        Sources { manifest: &self.manifest, index: &self.index, old }
    }
}
