//! Rollouts that are not chosen, and that change an object which one that is chosen changes.
//!
//! Their part of such an object would be lost if it were written without them.

use super::ignored::{ignored, is_ignored};
use super::kruise::{is_rollout, workload_reference};
use super::roll_step::ListedRoute;
use super::virtual_service::ISTIO;
use super::{ObjectName, Rollout};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::SHARED_OBJECT;
use crate::manifest::{Identity, Manifest, ObjectId, Resource};

/// The routes that RollSteps list, by the rollout that each is of.
pub(super) type Listings = [(ObjectName, Vec<ListedRoute>)];

/// Returns the definitions that name an object of the chosen rollouts, or whose RollStep lists one.
pub(super) fn find<'a>(
    chosen: &[Rollout<'a>],
    listings: &Listings,
    manifest: &Manifest<'a>,
) -> Vec<Resource<'a>> {
    let is_chosen = |id: ObjectId| chosen.iter().any(|rollout| rollout.resource.id == id);
    let others = manifest
        .objects()
        .filter(|(id, object)| is_rollout(&object.identity) && !is_chosen(*id))
        .filter_map(|(id, _)| manifest.resource(id))
        .filter(|other| !is_ignored(other));
    let shares = |other: &Resource<'_>| {
        chosen.iter().any(|rollout| share_an_object(other, listings, rollout))
    };
    others.filter(shares).collect()
}

/// Returns a problem for each ignored rollout that changes an object of a chosen one: its controller and
/// the render would undo each other's changes.
pub(super) fn find_contested<'a>(
    chosen: &[Rollout<'a>],
    listings: &Listings,
    manifest: &Manifest<'a>,
) -> Vec<Problem<'a>> {
    let contested = |other: &Resource<'a>| {
        let rollout = chosen.iter().find(|rollout| share_an_object(other, listings, rollout))?;
        let message = format!(
            "{} is left to its controller, and changes an object that {} changes as well",
            other.called(),
            rollout.called()
        );
        let problem = other.root().problem(&SHARED_OBJECT, message);
        Some(problem.help("render both, or leave both alone"))
    };
    ignored(manifest).filter_map(|other| contested(&other)).collect()
}

fn share_an_object(definition: &Resource<'_>, listings: &Listings, rollout: &Rollout<'_>) -> bool {
    rollout.objects().any(|object| names(definition, listings, &object.identity))
}

/// Returns whether an object that the definition shares is rendered already, so that its part of it is
/// there to be lost.
pub(super) fn matters(
    definition: &Resource<'_>,
    listings: &Listings,
    chosen: &[Rollout<'_>],
) -> bool {
    let mut routes = chosen.iter().flat_map(Rollout::routes);
    routes
        .any(|route| route.original.stored && names(definition, listings, &route.resource.identity))
}

/// Returns whether the definition refers to the object, or its RollStep lists it.
fn names(definition: &Resource<'_>, listings: &Listings, identity: &Identity) -> bool {
    is_listed(&definition.identity, listings, identity)
        || (definition.identity.namespace == identity.namespace && refers_to(definition, identity))
}

fn is_listed(definition: &Identity, listings: &Listings, identity: &Identity) -> bool {
    let own = listings.iter().filter(|(rollout, _)| rollout.names(definition));
    own.flat_map(|(_, routes)| routes).any(|route| {
        identity.is(ISTIO, &route.kind)
            && *identity.namespace == *route.namespace
            && identity.name == route.name
    })
}

fn refers_to(definition: &Resource<'_>, identity: &Identity) -> bool {
    let workload = workload_reference(definition);
    let canary = definition.field(&["spec", "strategy", "canary"]);
    let routings = canary.iter().flat_map(|canary| canary.list("trafficRoutings"));
    let references = routings.flat_map(|routing| routing.list("customNetworkRefs"));
    references.chain(workload).any(|reference| {
        reference.text("kind") == Some(&identity.kind)
            && reference.text("name") == Some(&identity.name)
    })
}
