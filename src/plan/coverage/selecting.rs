//! The selectors of the input that may hold for the pods of a rollout, found without a walk.
//!
//! Services and policies are read once and filed under one label that they select by, since pods that they
//! select must carry it. What selects by no label is looked at for every rollout.

use std::collections::{BTreeMap, BTreeSet};

use super::selectors::{PodSelector, check_types, find_selectors, is_known};
use crate::diagnostic::Problem;
use crate::manifest::{Manifest, ObjectId, Resource, SharedName};
use crate::model::{Labels, Rollout, read_labels};

/// The selectors of the input.
#[derive(Debug, Default)]
pub(crate) struct Selecting<'a> {
    services: BTreeMap<SharedName, Filed<Labels>>,
    policies: Filed<PodSelector>,
    /// What is wrong with selectors, whatever they select.
    pub(super) problems: Vec<Problem<'a>>,
}

/// Selectors by one label that each selects by.
#[derive(Debug)]
struct Filed<S> {
    by_label: BTreeMap<(String, String), Vec<Selector<S>>>,
    /// Those that select by no label.
    wide: Vec<Selector<S>>,
}

/// A selector, and the object that has it.
#[derive(Debug)]
pub(super) struct Selector<S> {
    pub(super) id: ObjectId,
    pub(super) selector: S,
}

impl<'a> Selecting<'a> {
    /// Reads the Services of the namespaces that the rollouts are in, and all policies.
    pub(crate) fn of(manifest: &Manifest<'a>, rollouts: &[&Rollout<'a>]) -> Self {
        let mut found = Self::default();
        if rollouts.is_empty() {
            return found;
        }
        let namespaces: BTreeSet<_> =
            rollouts.iter().map(|rollout| &rollout.workload.resource.identity.namespace).collect();
        for namespace in namespaces {
            let ids = manifest.of_kind_in("", "Service", namespace).iter();
            let services = found.services.entry(namespace.clone()).or_default();
            for service in ids.filter_map(|id| manifest.resource(*id)) {
                services.add_service(&service);
            }
        }
        let policies = manifest.objects().filter(|(_, object)| is_known(&object.identity));
        for policy in policies.filter_map(|(id, _)| manifest.resource(id)) {
            found.problems.extend(check_types(&policy));
            found.policies.add_policy(&policy);
        }
        found
    }

    /// Returns the Services of a namespace that may select pods with one of these sets of labels.
    pub(super) fn services(&self, namespace: &str, pods: &[&Labels]) -> Vec<&Selector<Labels>> {
        self.services.get(namespace).map_or_else(Vec::new, |services| services.find(pods))
    }

    /// Returns the selectors of policies that may hold for pods with one of these sets of labels.
    pub(super) fn policies(&self, pods: &[&Labels]) -> Vec<&Selector<PodSelector>> {
        self.policies.find(pods)
    }
}

fn first(labels: &Labels) -> Option<(String, String)> {
    labels.first_key_value().map(|(key, value)| (key.clone(), value.clone()))
}

impl Filed<Labels> {
    /// Adds what a Service selects; one without a selector selects nothing.
    fn add_service(&mut self, service: &Resource<'_>) {
        let selector = read_labels(service.field(&["spec", "selector"]).as_ref());
        if let Some(label) = first(&selector) {
            self.add(Some(label), Selector { id: service.id, selector });
        }
    }
}

impl Filed<PodSelector> {
    fn add_policy(&mut self, policy: &Resource<'_>) {
        for selector in find_selectors(policy) {
            let label = first(&selector.selector.match_labels);
            self.add(label, Selector { id: policy.id, selector });
        }
    }
}

impl<S> Default for Filed<S> {
    fn default() -> Self {
        Self { by_label: BTreeMap::new(), wide: Vec::new() }
    }
}

impl<S> Filed<S> {
    fn add(&mut self, label: Option<(String, String)>, selector: Selector<S>) {
        match label {
            Some(label) => self.by_label.entry(label).or_default().push(selector),
            None => self.wide.push(selector),
        }
    }

    fn find(&self, pods: &[&Labels]) -> Vec<&Selector<S>> {
        let labels: BTreeSet<_> = pods.iter().flat_map(|labels| labels.iter()).collect();
        let mut found: Vec<_> = self.wide.iter().collect();
        for (key, value) in labels {
            let label = (key.clone(), value.clone());
            found.extend(self.by_label.get(&label).into_iter().flatten());
        }
        found.sort_by_key(|selector| selector.id);
        found
    }
}
