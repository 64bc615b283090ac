//! The routing objects that no stage changes, read and checked once for all stages.

use std::rc::Rc;

use crate::lint::{self, Claim, Found, Registry, Route};
use crate::manifest::Manifest;
use crate::pipeline::Planned;

/// What no stage changes of the objects that are looked at.
pub(super) struct Untouched<'a> {
    pub(super) registry: Rc<Registry>,
    pub(super) claims: Vec<Claim>,
    /// VirtualServices with destinations that the input lacks and that a stage may have.
    pub(super) doubtful: Vec<Route<'a>>,
    /// What is wrong at every stage.
    pub(super) found: Vec<Found<'a>>,
}

impl<'a> Untouched<'a> {
    /// Reads the objects one after the other, and keeps of most of them no more than what they claim.
    pub(super) fn of(planned: &Planned<'_, 'a>) -> Self {
        let manifest = planned.manifest();
        let (registry, touched) = read_registries(planned);
        let mut untouched =
            Self { registry, claims: Vec::new(), doubtful: Vec::new(), found: Vec::new() };
        for (id, object) in manifest.objects() {
            if planned.touches(id) || !lint::is_route(&object.identity) {
                continue;
            }
            let Some(route) = manifest.resource(id).and_then(Route::untouched) else { continue };
            untouched.claims.push(Claim::of(&route));
            untouched.found.extend(lint::check_route(&route));
            let missing = lint::check_destinations(&route, &touched);
            if missing.is_empty() {
                continue;
            }
            if lint::may_concern(&touched, &route) {
                untouched.doubtful.push(route);
            } else {
                untouched.found.extend(missing);
            }
        }
        untouched
    }
}

/// Returns what untouched objects can be sent to, and beside it the objects of the input that stages
/// change.
fn read_registries(planned: &Planned<'_, '_>) -> (Rc<Registry>, Registry) {
    let mut untouched = Registry::default();
    let mut touched = Vec::new();
    let manifest: &Manifest<'_> = planned.manifest();
    for (id, object) in manifest.objects() {
        if !lint::is_known(&object.identity) || lint::is_route(&object.identity) {
            continue;
        }
        let Some(resource) = manifest.resource(id) else { continue };
        if planned.touches(id) {
            touched.push(resource);
        } else {
            untouched.add(&resource.to_value(), &resource.identity.namespace);
        }
    }
    let untouched = Rc::new(untouched);
    let mut beside = Registry::beside(&untouched);
    for resource in touched {
        beside.add(&resource.to_value(), &resource.identity.namespace);
    }
    (untouched, beside)
}
