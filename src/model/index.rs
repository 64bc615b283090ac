//! The objects of a manifest by what rollouts ask for: the Services that they know, and the labels of
//! the pods that they run.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::pod_sets::{kinds_that_run_pods, pod_labels_path};
use super::service_keys::{self, ServiceKey};
use super::virtual_service::ISTIO;
use crate::manifest::{Field, Identity, KeyIndex, Manifest, ObjectId, Resource, SharedName};
use crate::rollout::{Labels, read_labels};

/// A key and its value.
type Label = [String; 2];

/// Indices of one manifest, each built when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct ObjectIndex {
    /// The objects that know Services by name or host.
    by_service: OnceCell<KeyIndex<ServiceKey>>,
    /// The objects that run before every sync, by namespace.
    hooks: OnceCell<BTreeMap<SharedName, Vec<ObjectId>>>,
    /// The EnvoyFilters, by the names of routes that they are for.
    filters: OnceCell<KeyIndex<String>>,
    /// The objects that run pods, by the labels of these.
    pods: OnceCell<BTreeMap<SharedName, KeyIndex<Label>>>,
}

impl ObjectIndex {
    /// Returns the VirtualServices, DestinationRules and policies that may know a Service by its name, in
    /// the order of the input.
    pub(crate) fn knowing_service(
        &self,
        manifest: &Manifest<'_>,
        service: &Identity,
    ) -> Vec<ObjectId> {
        let all = || KeyIndex::of(service_keys::candidates(manifest));
        let keys = service_keys::of_service(service);
        self.by_service.get_or_init(all).with_any(&keys, |id| service_keys::of_object(manifest, id))
    }

    /// Returns the objects of a namespace that Argo CD or Helm runs before every sync.
    pub(crate) fn hooks_before_sync(
        &self,
        manifest: &Manifest<'_>,
        namespace: &str,
    ) -> &[ObjectId] {
        let hooks = self.hooks.get_or_init(|| find_hooks(manifest));
        hooks.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Returns the EnvoyFilters that may name one of these rules, in the order of the input.
    pub(crate) fn naming_rule(&self, manifest: &Manifest<'_>, names: &[String]) -> Vec<ObjectId> {
        if names.is_empty() {
            return Vec::new();
        }
        let all = || KeyIndex::of(manifest.of_kind(ISTIO, "EnvoyFilter"));
        self.filters.get_or_init(all).with_any(names, |id| names_of_filter(manifest, id))
    }

    /// Returns the objects in `namespace` that may run pods with all labels of `selector`, in the order of
    /// the input.
    pub(crate) fn running_pods(
        &self,
        manifest: &Manifest<'_>,
        namespace: &str,
        selector: &Labels,
    ) -> Vec<ObjectId> {
        let pods = self.pods.get_or_init(|| index_pods(manifest));
        let Some(index) = pods.get(namespace) else { return Vec::new() };
        index.with_all(&as_keys(selector), |id| labels_of_pods(manifest, id))
    }
}

fn index_pods(manifest: &Manifest<'_>) -> BTreeMap<SharedName, KeyIndex<Label>> {
    let mut running: BTreeMap<SharedName, Vec<ObjectId>> = BTreeMap::new();
    let ids = kinds_that_run_pods().flat_map(|(group, kind)| manifest.of_kind(group, kind));
    for id in ids {
        if let Some(object) = manifest.object(id) {
            running.entry(object.identity.namespace.clone()).or_default().push(id);
        }
    }
    running.into_iter().map(|(namespace, ids)| (namespace, KeyIndex::of(ids))).collect()
}

fn find_hooks(manifest: &Manifest<'_>) -> BTreeMap<SharedName, Vec<ObjectId>> {
    let mut hooks: BTreeMap<SharedName, Vec<ObjectId>> = BTreeMap::new();
    for id in manifest.spelling(HOOK) {
        let Some(resource) = manifest.resource(id) else { continue };
        if HOOKS.iter().any(|hook| hook.runs_before_sync(&resource)) {
            hooks.entry(resource.identity.namespace.clone()).or_default().push(id);
        }
    }
    hooks
}

/// An annotation that makes an object a hook.
struct Hook {
    annotation: &'static str,
    /// The values that mean before every sync.
    before: &'static [&'static str],
}

/// What the annotations of hooks have in common.
const HOOK: &str = "/hook";

/// Argo CD takes Helm's hooks for its own: argoproj/gitops-engine:pkg/sync/hook/helm/type.go.
const HOOKS: [Hook; 2] = [
    Hook { annotation: "argocd.argoproj.io/hook", before: &["PreSync"] },
    Hook { annotation: "helm.sh/hook", before: &["pre-upgrade"] },
];

impl Hook {
    fn runs_before_sync(&self, resource: &Resource<'_>) -> bool {
        let field = resource.field(&["metadata", "annotations", self.annotation]);
        let text = field.as_ref().and_then(|field| field.node().as_str()).unwrap_or_default();
        text.split(',').any(|hook| self.before.contains(&hook.trim()))
    }
}

fn names_of_filter(manifest: &Manifest<'_>, id: ObjectId) -> Vec<String> {
    let Some(filter) = manifest.resource(id) else { return Vec::new() };
    let names = route_names_of(&filter);
    names.iter().filter_map(|name| name.node().as_str().map(str::to_owned)).collect()
}

/// Returns the names of routes that the patches of an EnvoyFilter are for.
pub(crate) fn route_names_of<'r, 'a>(filter: &'r Resource<'a>) -> Vec<Field<'r, 'a>> {
    let patches = filter.field(&["spec"]).map(|spec| spec.list("configPatches"));
    let names = patches.iter().flatten().filter_map(|patch| {
        let configuration = patch.child("match")?.child("routeConfiguration")?;
        configuration.child("vhost")?.child("route")?.child("name")
    });
    names.collect()
}

fn labels_of_pods(manifest: &Manifest<'_>, id: ObjectId) -> Vec<Label> {
    let Some(resource) = manifest.resource(id) else { return Vec::new() };
    let path = pod_labels_path(&resource.identity).unwrap_or_default();
    as_keys(&read_labels(resource.field(path).as_ref()))
}

fn as_keys(labels: &Labels) -> Vec<Label> {
    labels.iter().map(|(key, value)| [key.clone(), value.clone()]).collect()
}
