//! Objects that more than one wants.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::SHARED_OBJECT;
use crate::manifest::{Identity, Manifest, ObjectId, Resource};
use crate::model::{Rollout, is_conflict, is_rollout, workload_reference};

/// Tells objects that two rollouts change.
pub(crate) fn check_shared<'a>(rollouts: &[&Rollout<'a>], problems: &mut Collector<'a>) {
    for (index, rollout) in rollouts.iter().enumerate() {
        for earlier in rollouts.iter().take(index) {
            let shared = rollout
                .objects()
                .find(|object| earlier.objects().any(|other| other.id == object.id));
            // That two have one workload is told where they are read.
            let told = |_: &&Resource<'a>| is_conflict(&earlier.resource, &rollout.resource);
            if let Some(object) = shared.filter(|object| !told(object)) {
                let message = format!(
                    "{} and {} both change {}, which is not rendered yet",
                    earlier.called(),
                    rollout.called(),
                    object.called()
                );
                let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
                problems.push(problem.help("give each an object of its own"));
            }
        }
    }
}

/// Tells objects that a rollout which is not rendered names as well: its step is not known.
pub(crate) fn check_unchosen<'a>(
    rollouts: &[&Rollout<'a>],
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) {
    let is_chosen = |id: ObjectId| rollouts.iter().any(|rollout| rollout.resource.id == id);
    let others = manifest
        .objects()
        .filter(|(id, object)| is_rollout(&object.identity) && !is_chosen(*id))
        .filter_map(|(id, _)| manifest.resource(id));
    for other in others {
        for rollout in rollouts {
            let same_namespace = other.identity.namespace == rollout.resource.identity.namespace;
            let mut objects = rollout.objects().filter(|_| same_namespace);
            if let Some(object) = objects.find(|object| names(&other, &object.identity)) {
                let message = format!(
                    "{}, which is not rendered, names {} as well, and its step is not known",
                    other.called(),
                    object.called()
                );
                let problem = other.root().problem(&SHARED_OBJECT, message);
                problems.push(problem.help("give each an object of its own"));
            }
        }
    }
}

/// Returns whether the definition refers to the object.
fn names(definition: &Resource<'_>, identity: &Identity) -> bool {
    let workload = workload_reference(definition);
    let canary = definition.field(&["spec", "strategy", "canary"]);
    let routings = canary.iter().flat_map(|canary| canary.list("trafficRoutings"));
    let references = routings.flat_map(|routing| routing.list("customNetworkRefs"));
    references.chain(workload).any(|reference| {
        reference.text("kind") == Some(&identity.kind)
            && reference.text("name") == Some(&identity.name)
    })
}
