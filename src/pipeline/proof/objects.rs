//! The objects of the manifest that the proof asks for, found once for all stages.
//!
//! An index of the proof's own: the reading of routes has another, so that a fault of one does not hide
//! in the other.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::foreign::{Behind, ForeignSubsets, original_spec, pod_labels};
use crate::manifest::{Identity, KeyIndex, Manifest, ObjectId, SharedName};
use crate::model::Rollout;

/// The kinds that run pods, and pods, by group.
const KINDS: [(&str, &str); 13] = [
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.kruise.io", "StatefulSet"),
    ("apps.kruise.io", "DaemonSet"),
    ("apps.kruise.io", "BroadcastJob"),
    ("argoproj.io", "Rollout"),
];

/// What the proof finds in a manifest.
#[derive(Debug, Default)]
pub(crate) struct ProofIndex {
    /// The DestinationRules, by their host.
    rules: OnceCell<KeyIndex<String>>,
    /// What runs pods in each namespace, by their labels.
    pods: OnceCell<BTreeMap<SharedName, KeyIndex<Label>>>,
    /// The foreign subsets of each rollout, by the namespace of the route that may name them.
    foreign: RefCell<BTreeMap<(ObjectId, SharedName), Rc<ForeignSubsets>>>,
}

/// The key of a label and its value.
type Label = [String; 2];

impl ProofIndex {
    /// Returns the foreign subsets of a rollout, as a route in `namespace` sees them.
    pub(super) fn foreign(
        &self,
        manifest: &Manifest<'_>,
        rollout: &Rollout<'_>,
        namespace: &SharedName,
    ) -> Rc<ForeignSubsets> {
        let key = (rollout.resource.id, namespace.clone());
        if let Some(found) = self.foreign.borrow().get(&key) {
            return Rc::clone(found);
        }
        let found = match Behind::find(manifest, self, rollout) {
            Some(behind) => ForeignSubsets::find(manifest, self, &behind, namespace),
            None => ForeignSubsets::default(),
        };
        let found = Rc::new(found);
        self.foreign.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// Returns the DestinationRules whose host may be that of a Service.
    pub(super) fn rules_of(&self, manifest: &Manifest<'_>, service: &Identity) -> Vec<ObjectId> {
        let all = || manifest.of_kind("networking.istio.io", "DestinationRule");
        let index = self.rules.get_or_init(|| KeyIndex::of(all()));
        let full = format!("{}.{}.svc.cluster.local", service.name, service.namespace);
        let ends = full.match_indices('.').filter_map(|(dot, _)| full.get(dot..));
        let mut keys: Vec<_> = ends.map(|end| format!("*{end}")).collect();
        keys.push("*".to_owned());
        keys.push(format!("{}.{}", service.name, service.namespace));
        index.with_any(&keys, |id| host_of(manifest, id).into_iter().collect())
    }

    /// Returns what may run pods in a namespace with all labels of a selector.
    pub(super) fn running(
        &self,
        manifest: &Manifest<'_>,
        namespace: &str,
        selector: &Value,
    ) -> Vec<ObjectId> {
        let index = self.pods.get_or_init(|| index_pods(manifest));
        let Some(index) = index.get(namespace) else { return Vec::new() };
        index.with_all(&labels(selector), |id| match manifest.resource(id) {
            Some(resource) => labels(&pod_labels(&resource.to_value())),
            None => Vec::new(),
        })
    }
}

fn index_pods(manifest: &Manifest<'_>) -> BTreeMap<SharedName, KeyIndex<Label>> {
    let mut running: BTreeMap<SharedName, Vec<ObjectId>> = BTreeMap::new();
    for (group, kind) in KINDS {
        for id in manifest.of_kind(group, kind) {
            if let Some(object) = manifest.object(id) {
                running.entry(object.identity.namespace.clone()).or_default().push(id);
            }
        }
    }
    running.into_iter().map(|(namespace, ids)| (namespace, KeyIndex::of(ids))).collect()
}

fn labels(labels: &Value) -> Vec<Label> {
    let labels = labels.as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some([key.clone(), value.as_str()?.to_owned()])).collect()
}

/// Returns the host of a DestinationRule: a wildcard before a dot as it is, any other as `*`, and else the
/// name and namespace of the Service that it names.
fn host_of(manifest: &Manifest<'_>, id: ObjectId) -> Option<String> {
    let resource = manifest.resource(id)?;
    let spec = original_spec(&resource.to_value());
    let host = spec.get("host")?.as_str()?;
    if let Some(end) = host.strip_prefix('*') {
        return Some(if end.starts_with('.') { host } else { "*" }.to_owned());
    }
    match host.split('.').collect::<Vec<_>>().as_slice() {
        [name] => Some(format!("{name}.{}", resource.identity.namespace)),
        [name, namespace, ..] => Some(format!("{name}.{namespace}")),
        [] => None,
    }
}
