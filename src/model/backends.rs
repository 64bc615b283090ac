//! The pods that the requests to a destination reach, and whose they are.
//!
//! Several workloads may stand behind the stable Service of a rollout: `v1` and `v2` of one
//! application, each with a subset of its own. Only what reaches the workload of the rollout is
//! stable. This is decided here, once, from the Service, the DestinationRules for its host and the
//! pods of all workloads of the input. The proof of a render decides it again by means of its own.

use std::collections::BTreeMap;

use super::destination_rule::CANARY_SUBSET;
use super::index::ObjectIndex;
use super::name::{CANARY_SUFFIX, with_suffix};
use super::pod_sets::{PodSet, find_selected, without_cluster_labels};
use super::service::Service;
use super::subset_rules::{find_subsets, is_wildcard_of};
use super::virtual_service::is_host_of;
use super::workload::Workload;
use crate::manifest::{Identity, Manifest, SharedName};
use crate::rollout::{CanaryAddress, Labels, selects};

/// Whose pods a destination reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Those of the rollout's workload, perhaps beside those of others. So too where no owner is known.
    Stable,
    /// Those of its canary.
    Canary,
    /// Those of others alone.
    Foreign,
}

/// The pods behind the stable Service, or behind one of its subsets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pods {
    /// Whether pods of the old version are among them. Unknown where that version is not given.
    pub(crate) old: Option<bool>,
    /// Whether pods of the new version are among them.
    pub(crate) new: bool,
    /// The pods of other workloads.
    pub(crate) others: Vec<PodSet>,
    /// The labels that each definition of the subset selects by.
    definitions: Vec<Labels>,
}

impl Pods {
    /// Returns whether these are pods of other workloads and none of the rollout's.
    pub(crate) fn are_foreign(&self) -> bool {
        let ours = self.new || self.old == Some(true);
        !ours && !self.others.is_empty()
    }

    /// Returns whether the subset selects pods with these labels, by any of its definitions.
    pub(crate) fn may_hold(&self, labels: &Labels) -> bool {
        self.definitions.iter().any(|definition| selects(definition, labels))
    }

    /// Returns how many of the pods belong to other workloads.
    pub(crate) fn count_of_others(&self) -> u32 {
        self.others.iter().fold(0, |sum, pods| sum.saturating_add(pods.count))
    }
}

/// What stands behind the hosts of a rollout.
#[derive(Debug, Clone)]
pub(crate) struct Backends {
    /// The stable Service.
    pub(crate) stable: Identity,
    /// The name of the canary Service. None where the canary is a subset of the stable one.
    pub(crate) canary_name: Option<String>,
    /// All pods of the stable Service.
    service: Pods,
    /// The pods of each subset, by the namespace of the DestinationRule that defines it.
    subsets: BTreeMap<SharedName, BTreeMap<String, Pods>>,
}

/// What decides whose pods stand behind a Service.
pub(super) struct Sources<'s, 'a> {
    pub(super) manifest: &'s Manifest<'a>,
    pub(super) index: &'s ObjectIndex,
    pub(super) new: &'s Workload<'a>,
    pub(super) old: Option<&'s Workload<'a>>,
}

impl Backends {
    /// Looks up the pods behind the stable Service and each of its subsets.
    pub(super) fn find(
        service: &Service<'_>,
        canary: CanaryAddress,
        sources: &Sources<'_, '_>,
    ) -> Self {
        let stable = service.resource.identity.clone();
        let canary_name = match canary {
            CanaryAddress::Service => Some(with_suffix(&stable.name, CANARY_SUFFIX)),
            CanaryAddress::Subset => None,
        };
        let others = sources.others(&stable.namespace, &service.selector);
        let mut subsets: BTreeMap<SharedName, BTreeMap<String, Pods>> = BTreeMap::new();
        for (namespace, defined) in find_subsets(sources.manifest, sources.index, &stable) {
            let known = subsets.entry(namespace).or_default();
            for subset in defined {
                let pods = sources.pods_of(&service.selector, &subset.labels, &others);
                known.entry(subset.name).or_default().add(pods);
            }
        }
        let service = sources.pods_of(&service.selector, &Labels::new(), &others);
        Self { stable, canary_name, service, subsets }
    }

    /// Returns whether `host`, written in an object of `namespace`, is that of the stable Service.
    pub(crate) fn is_stable_host(&self, host: &str, namespace: &str) -> bool {
        is_host_of(host, namespace, (&self.stable.name, &self.stable.namespace))
    }

    /// Returns whether a host of a VirtualService holds for the stable Service, by a wildcard as well.
    pub(crate) fn is_host_or_wildcard(&self, host: &str, namespace: &str) -> bool {
        self.is_stable_host(host, namespace) || is_wildcard_of(host, &self.stable)
    }

    /// Returns whose pods a destination reaches that is written in an object of `namespace`.
    pub(crate) fn side(&self, host: &str, namespace: &str, subset: Option<&str>) -> Side {
        if let Some(canary) = &self.canary_name
            && is_host_of(host, namespace, (canary, &self.stable.namespace))
        {
            return Side::Canary;
        }
        if !self.is_stable_host(host, namespace) {
            return Side::Foreign;
        }
        if self.canary_name.is_none() && subset == Some(CANARY_SUBSET) {
            return Side::Canary;
        }
        match self.pods(namespace, subset) {
            Some(pods) if pods.are_foreign() => Side::Foreign,
            _ => Side::Stable,
        }
    }

    /// Returns the pods behind the stable Service, or behind a subset of it that is known to an object of
    /// `namespace`.
    ///
    /// A proxy takes the DestinationRule of its own namespace, else that of the Service's, else one of
    /// another: istio/istio:pilot/pkg/model/push_context.go `destinationRule`. The namespace of a
    /// VirtualService stands for that of the proxies that it is for.
    pub(crate) fn pods(&self, namespace: &str, subset: Option<&str>) -> Option<&Pods> {
        let Some(name) = subset else { return Some(&self.service) };
        let near = [namespace, self.stable.namespace.as_str()];
        let near = near.into_iter().filter_map(|namespace| self.subsets.get(namespace));
        near.chain(self.subsets.values()).find_map(|subsets| subsets.get(name))
    }
}

impl Pods {
    /// Adds the pods of another definition of the same subset.
    fn add(&mut self, other: Self) {
        self.new |= other.new;
        self.definitions.extend(other.definitions);
        self.old = match (self.old, other.old) {
            (Some(one), Some(other)) => Some(one || other),
            (one, other) => one.or(other),
        };
        for pods in other.others {
            if !self.others.contains(&pods) {
                self.others.push(pods);
            }
        }
    }
}

impl Sources<'_, '_> {
    /// Returns the pods of other workloads that the Service selects.
    fn others(&self, namespace: &str, selector: &Labels) -> Vec<PodSet> {
        let mut others = find_selected(self.manifest, self.index, namespace, selector);
        let mut ours: Vec<&Labels> = vec![&self.new.pod_labels];
        ours.extend(self.old.map(|old| &old.pod_labels));
        others.retain(|pods| {
            // A ReplicaSet or Pod that was read from a cluster without what runs it.
            let labels = without_cluster_labels(&pods.labels);
            let has_our_labels = !pods.owners.is_empty() && ours.contains(&&labels);
            let is_ours =
                has_our_labels || pods.is_of_replica_set_of(&self.new.resource.identity.name);
            // A tree may hold the workload itself twice.
            let is_workload = pods.identity.key() == self.new.resource.identity.key();
            !is_workload && !is_ours
        });
        others
    }

    fn pods_of(&self, selector: &Labels, subset: &Labels, others: &[PodSet]) -> Pods {
        // A template does not say the labels that the cluster adds, an object of the cluster does.
        let others = others.iter().filter(|pods| selects(subset, &pods.labels));
        let others = others.cloned().collect();
        let definitions = vec![subset.clone()];
        let mut selector = without_cluster_labels(selector);
        for (key, value) in without_cluster_labels(subset) {
            let other = selector.insert(key, value.clone());
            if other.is_some_and(|other| other != value) {
                let old = self.old.map(|_| false);
                return Pods { old, new: false, others, definitions };
            }
        }
        let holds = |workload: &Workload<'_>| selects(&selector, &workload.pod_labels);
        Pods { old: self.old.map(holds), new: holds(self.new), others, definitions }
    }
}
