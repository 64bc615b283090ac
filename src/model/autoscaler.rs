//! Who else decides how many pods a workload has.

use std::collections::{BTreeMap, BTreeSet};

use super::Rollout;
use crate::manifest::{Identity, Manifest, ObjectId};

/// The autoscalers of the input, by the namespace and name of what they scale.
///
/// HorizontalPodAutoscalers and KEDA's ScaledObjects; read once for all rollouts.
#[derive(Debug, Default)]
pub(crate) struct Autoscalers {
    by_target: BTreeMap<(String, String), Vec<Autoscaler>>,
}

#[derive(Debug)]
pub(crate) struct Autoscaler {
    pub(crate) id: ObjectId,
    pub(crate) called: String,
    /// A ScaledObject that names no kind means a Deployment.
    target_kind: Option<String>,
}

/// Reads the autoscalers of the namespaces that the rollouts are in.
pub(crate) fn read_autoscalers(manifest: &Manifest<'_>, rollouts: &[&Rollout<'_>]) -> Autoscalers {
    let mut autoscalers = Autoscalers::default();
    let namespaces: BTreeSet<_> =
        rollouts.iter().map(|rollout| &rollout.workload.resource.identity.namespace).collect();
    let candidates = manifest.objects().filter(|(_, object)| {
        is_autoscaler(&object.identity) && namespaces.contains(&object.identity.namespace)
    });
    for resource in candidates.filter_map(|(id, _)| manifest.resource(id)) {
        let Some(target) = resource.field(&["spec", "scaleTargetRef"]) else { continue };
        let Some(name) = target.text("name") else { continue };
        let key = (resource.identity.namespace.to_string(), name.to_owned());
        autoscalers.by_target.entry(key).or_default().push(Autoscaler {
            id: resource.id,
            called: resource.called(),
            target_kind: target.text("kind").map(str::to_owned),
        });
    }
    autoscalers
}

impl Autoscalers {
    /// Returns the first autoscaler of `workload`.
    pub(crate) fn find(&self, workload: &Identity) -> Option<&Autoscaler> {
        let key = (workload.namespace.to_string(), workload.name.clone());
        let scales = |autoscaler: &&Autoscaler| {
            autoscaler.target_kind.as_ref().is_none_or(|kind| workload.kind == **kind)
        };
        self.by_target.get(&key)?.iter().find(scales)
    }
}

fn is_autoscaler(identity: &Identity) -> bool {
    identity.is("autoscaling", "HorizontalPodAutoscaler") || identity.is("keda.sh", "ScaledObject")
}
