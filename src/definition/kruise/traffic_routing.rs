//! TrafficRoutings: objects that lead requests for the Rollouts that name them.
//!
//! They are not rendered yet. A Rollout that has one does not leave its requests to the number of pods,
//! so it must not be taken for one without any routing. The controller follows the annotation alone:
//! openkruise/rollouts:pkg/controller/rollout/rollout_progressing.go.

use super::GROUP;
use super::references::workload_reference;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::UNSUPPORTED_ROUTING;
use crate::manifest::{Field, Manifest, Resource};
use crate::rollout::{Wanted, find, read_labels, selects};

/// Names a TrafficRouting (openkruise/rollouts:api/v1alpha1/rollout_types.go
/// `TrafficRoutingAnnotation`).
pub(super) const TRAFFIC_ROUTING_ANNOTATION: &str = "rollouts.kruise.io/trafficrouting";

const KIND: &str = "TrafficRouting";

const HELP: &str = "name the Service and the VirtualService in `trafficRoutings` of the Rollout, \
     and write what it says of requests into the steps";

/// Returns the problem with the TrafficRouting that a Rollout names.
pub(super) fn find_named<'a>(
    rollout: &Resource<'a>,
    canary: &Field<'_, 'a>,
    manifest: &Manifest<'a>,
) -> Option<Problem<'a>> {
    let annotation = rollout.field(&["metadata", "annotations", TRAFFIC_ROUTING_ANNOTATION]);
    let field = canary.child("trafficRoutingRef");
    let (place, ignored) = match (filled(annotation), filled(field)) {
        (Some(annotation), _) => (annotation, ""),
        (None, Some(field)) => (
            field,
            "; the controller never reads `trafficRoutingRef` of v1beta1, and follows annotation \
             `rollouts.kruise.io/trafficrouting` alone",
        ),
        (None, None) => return None,
    };
    let name = place.node().as_str()?;
    let by = if ignored.is_empty() { "annotation" } else { "field" };
    let key = if ignored.is_empty() { TRAFFIC_ROUTING_ANNOTATION } else { "trafficRoutingRef" };
    let namespace = &rollout.identity.namespace;
    let wanted = Wanted { group: GROUP, kind: KIND, namespace, name };
    let there = match find(manifest, wanted) {
        Some(_) => "",
        None if manifest.incomplete => "",
        None => ", which is not in the input",
    };
    let message = format!(
        "{by} `{key}` leaves the requests of {} to trafficrouting `{name}`{there}, and \
         TrafficRoutings are not rendered yet{ignored}",
        rollout.called()
    );
    Some(place.problem(&UNSUPPORTED_ROUTING, message).help(HELP))
}

/// Returns the problem with a TrafficRouting for the pods of a Rollout that names no routing at all.
pub(super) fn find_unnamed<'a>(
    rollout: &Resource<'a>,
    manifest: &Manifest<'a>,
) -> Option<Problem<'a>> {
    let namespace = &rollout.identity.namespace;
    let objects = manifest.objects().filter(|(_, object)| {
        object.identity.is(GROUP, KIND) && object.identity.namespace == *namespace
    });
    let mut resources = objects.filter_map(|(id, _)| manifest.resource(id));
    resources.find_map(|routing| {
        let spec = routing.field(&["spec"])?;
        let references = spec.list("objectRef").into_iter();
        let mut services = references.filter_map(|reference| reference.child("service"));
        let service = services.find(|service| may_reach(service, rollout, manifest))?;
        let message = format!(
            "{} leads the requests of service `{}`, and TrafficRoutings are not rendered yet; {} names no other routing",
            routing.called(),
            service.node().as_str()?,
            rollout.called()
        );
        Some(service.problem(&UNSUPPORTED_ROUTING, message).help(HELP))
    })
}

fn filled<'r, 'a>(field: Option<Field<'r, 'a>>) -> Option<Field<'r, 'a>> {
    field.filter(|field| field.node().as_str().is_some_and(|text| !text.is_empty()))
}

/// Returns whether a Service selects pods of the rollout's workload, as far as the input says.
fn may_reach(service: &Field<'_, '_>, rollout: &Resource<'_>, manifest: &Manifest<'_>) -> bool {
    let namespace = &rollout.identity.namespace;
    let named = |group: &str, kind: &str, name: &str| {
        find(manifest, Wanted { group, kind, namespace, name })
    };
    let service = service.node().as_str().and_then(|name| named("", "Service", name));
    let workload = workload_reference(rollout);
    let workload = workload.and_then(|reference| {
        let (group, _) = reference.text("apiVersion")?.split_once('/')?;
        named(group, reference.text("kind")?, reference.text("name")?)
    });
    let (Some(service), Some(workload)) = (service, workload) else { return true };
    let selector = read_labels(service.field(&["spec", "selector"]).as_ref());
    let labels = read_labels(workload.field(&["spec", "template", "metadata", "labels"]).as_ref());
    selector.is_empty() || selects(&selector, &labels)
}
