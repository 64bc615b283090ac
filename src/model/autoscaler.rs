//! Who else decides how many pods a workload has.

use crate::manifest::{Identity, Manifest, Resource};

/// Returns the first autoscaler of the input that scales `workload`.
///
/// Looks at HorizontalPodAutoscalers and KEDA's ScaledObjects.
pub(crate) fn find_autoscaler<'a>(
    manifest: &Manifest<'a>,
    workload: &Identity,
) -> Option<Resource<'a>> {
    let candidates = manifest.objects().filter(|(_, object)| {
        object.identity.namespace == workload.namespace && is_autoscaler(&object.identity)
    });
    candidates
        .filter_map(|(id, _)| manifest.resource(id))
        .find(|autoscaler| scales(autoscaler, workload))
}

fn is_autoscaler(identity: &Identity) -> bool {
    identity.is("autoscaling", "HorizontalPodAutoscaler") || identity.is("keda.sh", "ScaledObject")
}

fn scales(autoscaler: &Resource<'_>, workload: &Identity) -> bool {
    let Some(target) = autoscaler.field(&["spec", "scaleTargetRef"]) else { return false };
    // A ScaledObject that names no kind means a Deployment.
    target.text("name") == Some(workload.name.as_str())
        && target.text("kind").is_none_or(|kind| kind == workload.kind)
}
