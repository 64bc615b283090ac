//! Things of a pod that cannot be there twice, or that differ between the two versions.
//!
//! For some time two Deployments run the same workload. Some things of a pod only one can have.

use serde_json::Value;

use super::Isolation;
use crate::diagnostic::codes::{
    CONTROLLER_ACTIVE, HOOK_AT_EACH_STEP, HOST_PORT, LABEL_READ_BY_PODS, RECREATE_STRATEGY,
    VOLUME_NOT_SHAREABLE,
};
use crate::diagnostic::{Code, Problem};
use crate::manifest::{Field, FieldPath, Manifest};
use crate::model::{Rollout, Sources};
use crate::template::find_labels_read;

/// Marks of a controller at work, from openkruise/rollouts:pkg/util/constant.go.
const CONTROLLER_ANNOTATIONS: [&str; 2] =
    ["rollouts.kruise.io/in-progressing", "batchrelease.rollouts.kruise.io/control-info"];

/// Returns a warning for each.
pub(super) fn find_hazards<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    sources: Sources<'_, 'a>,
) -> Vec<Problem<'a>> {
    let mut found = find_unshareable_volumes(rollout, sources.manifest);
    found.extend(find_hooks(rollout, sources));
    found.extend(find_host_ports(rollout));
    found.extend(find_labels_read_by_pods(rollout, isolation));
    found.extend(find_recreate(rollout));
    found.extend(find_controller(rollout));
    found
}

fn find_unshareable_volumes<'a>(
    rollout: &Rollout<'a>,
    manifest: &Manifest<'a>,
) -> Vec<Problem<'a>> {
    let workload = &rollout.workload.resource;
    let Some(pod) = workload.field(&["spec", "template", "spec"]) else { return Vec::new() };
    let claims =
        pod.list("volumes").into_iter().filter_map(|volume| volume.child("persistentVolumeClaim"));
    let unshareable = claims.filter_map(|claim| {
        let name = claim.text("claimName")?;
        is_unshareable(manifest, &workload.identity.namespace, name).then(|| {
            let message = format!(
                "claim `{name}` is for one node only, and pods of both versions would mount it"
            );
            claim
                .problem(&VOLUME_NOT_SHAREABLE, message)
                .help("use a claim with ReadWriteMany, or roll out without a canary")
        })
    });
    unshareable.collect()
}

/// Returns whether the claim is in the input and lets only one node or pod write and none share.
fn is_unshareable(manifest: &Manifest<'_>, namespace: &str, name: &str) -> bool {
    let claim = manifest.find(["", "PersistentVolumeClaim", namespace, name]);
    let modes = claim.and_then(|id| {
        manifest.resource(id)?.field(&["spec", "accessModes"]).map(|modes| modes.to_value())
    });
    let modes = modes.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let shareable = |mode: &Value| matches!(mode.as_str(), Some("ReadWriteMany" | "ReadOnlyMany"));
    !modes.is_empty() && !modes.iter().any(shareable)
}

/// Reports hooks that run once more with each step, since a step is a sync.
fn find_hooks<'a>(rollout: &Rollout<'a>, sources: Sources<'_, 'a>) -> Vec<Problem<'a>> {
    let Sources { manifest, index, .. } = sources;
    let namespace = &rollout.workload.resource.identity.namespace;
    let hooks = index.hooks_before_sync(manifest, namespace).iter();
    let hooks = hooks.filter_map(|id| manifest.resource(*id));
    let found = hooks.map(|hook| {
        let message = format!("{} runs at every sync, so once for each step", hook.called());
        let problem = hook.root().problem(&HOOK_AT_EACH_STEP, message);
        problem
            .help("see that it may run again, or keep it out of the tree until the rollout is done")
    });
    found.collect()
}

fn find_host_ports<'a>(rollout: &Rollout<'a>) -> Vec<Problem<'a>> {
    let Some(pod) = rollout.workload.resource.field(&["spec", "template", "spec"]) else {
        return Vec::new();
    };
    let containers = ["containers", "initContainers"].map(|key| pod.list(key));
    let ports = containers.iter().flatten().flat_map(|container| container.list("ports"));
    let mut found: Vec<_> = ports.filter_map(|port| port.child("hostPort")).collect();
    let on_host = pod.child("hostNetwork").filter(|field| field.to_value() == Value::Bool(true));
    found.extend(on_host);
    found.iter().map(host_port).collect()
}

fn host_port<'a>(field: &Field<'_, 'a>) -> Problem<'a> {
    field
        .problem(&HOST_PORT, "pods of both versions want the same port of a node")
        .help("leave room for the canary on other nodes, or do without the port of the node")
}

/// Reports labels that pods read of themselves, and that the canary's pods have with another value.
fn find_labels_read_by_pods<'a>(rollout: &Rollout<'a>, isolation: &Isolation) -> Vec<Problem<'a>> {
    let Some(pod) = rollout.workload.resource.field(&["spec", "template", "spec"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for read in find_labels_read(&pod) {
        let mut changed = isolation.changed.iter();
        let changed = changed.find(|(key, ..)| read.key.is_none_or(|read| read == key));
        let Some((key, stable, canary)) = changed else { continue };
        let message = format!(
            "pods read their label `{key}` here, which is `{canary}` for the canary and `{stable}` for stable"
        );
        let problem = read.field.problem(&LABEL_READ_BY_PODS, message);
        found.push(problem.help(
            "read a label that both versions have, or choose another to keep them apart with `--isolation-key`",
        ));
    }
    found
}

fn find_recreate<'a>(rollout: &Rollout<'a>) -> Option<Problem<'a>> {
    let field = rollout.workload.resource.field(&["spec", "strategy", "type"])?;
    (field.node().as_str() == Some("Recreate")).then(|| {
        field
            .problem(
                &RECREATE_STRATEGY,
                "strategy Recreate says that two versions must not run at once; a canary does",
            )
            .help("use RollingUpdate if they may, or roll out without a canary")
    })
}

/// Reports a live controller, which would change what is rendered here.
fn find_controller<'a>(rollout: &Rollout<'a>) -> Vec<Problem<'a>> {
    let definition = &rollout.resource;
    let phase = definition.field(&["status", "phase"]);
    let progressing = phase.filter(|phase| phase.node().as_str() == Some("Progressing"));
    let mut found: Vec<_> = progressing
        .iter()
        .map(|phase| {
            active(phase.problem(&CONTROLLER_ACTIVE, "a controller is carrying out this rollout"))
        })
        .collect();
    let workload = &rollout.workload.resource;
    for annotation in CONTROLLER_ANNOTATIONS {
        let path = ["metadata", "annotations", annotation];
        if workload.field(&path).is_some() {
            let code: &'static Code = &CONTROLLER_ACTIVE;
            let message = format!("{} carries the mark of a controller at work", workload.called());
            found.push(active(workload.problem_at(&FieldPath::of_keys(&path), code, message)));
        }
    }
    found
}

fn active(problem: Problem<'_>) -> Problem<'_> {
    problem.help(
        "let one of the two decide: docs/moving-from-the-controller.md says how to change over",
    )
}
