//! VirtualServices that route one host.
//!
//! A sidecar keeps only the older of two (istio/istio:pilot/pkg/networking/core/httproute.go), and a
//! gateway puts the older one's rules first (gateway.go). Files have no age, so they do not
//! say which one wins. At a gateway it is common to part a host by paths; it matters where one of the
//! two is changed by a rollout.

use std::collections::BTreeMap;

use super::Found;
use super::route::Route;
use crate::diagnostic::codes::HOST_CLAIMED_TWICE;
use crate::diagnostic::{Code, Problem};
use crate::manifest::{Manifest, ObjectId};
use crate::simulate::{MESH, full_gateway, full_host};

/// The hosts of a VirtualService and the gateways that they are for.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) id: ObjectId,
    hosts: Vec<String>,
    gateways: Vec<String>,
    /// Whether a rollout changes the VirtualService.
    is_led: bool,
    allowed: Vec<&'static Code>,
}

/// Reports hosts that a VirtualService before has as well.
pub(super) fn check<'a>(manifest: &Manifest<'a>, claims: &[&Claim]) -> Vec<Found<'a>> {
    let mut claimed: BTreeMap<(&str, &str), Claimed> = BTreeMap::new();
    let mut problems = Vec::new();
    for (position, claim) in claims.iter().enumerate() {
        let before = claim.places().filter_map(|place| {
            let before = claimed.get(&place)?;
            // At a gateway it matters where one of the two is changed by a rollout.
            let any = place.1 == MESH || claim.is_led;
            if any { Some(before.first) } else { before.first_led }
        });
        let other = before.min().and_then(|position| claims.get(position));
        let found = other.and_then(|other| claim.check(other, manifest));
        problems.extend(found.map(|problem| Found { allowed: claim.allowed.clone(), problem }));
        for place in claim.places() {
            let one = claimed.entry(place).or_insert(Claimed { first: position, first_led: None });
            if claim.is_led && one.first_led.is_none() {
                one.first_led = Some(position);
            }
        }
    }
    problems
}

/// The first VirtualServices that have a host at a gateway, by their position.
struct Claimed {
    first: usize,
    /// The first that a rollout changes.
    first_led: Option<usize>,
}

impl Claim {
    /// Returns what a VirtualService claims.
    pub(crate) fn of(route: &Route<'_>) -> Self {
        let (spec, namespace) = (route.spec(), &route.identity.namespace);
        let hosts = spec.texts("hosts").into_iter().map(|host| full_host(host, namespace));
        let gateways = spec.texts("gateways").into_iter();
        let mut gateways: Vec<_> =
            gateways.map(|gateway| full_gateway(gateway, namespace)).collect();
        if gateways.is_empty() {
            gateways.push(MESH.to_owned());
        }
        let hosts = hosts.collect();
        Self {
            id: route.id(),
            hosts,
            gateways,
            is_led: route.is_led,
            allowed: route.allowed.clone(),
        }
    }

    /// Returns each host with each gateway.
    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let hosts = self.hosts.iter();
        hosts.flat_map(|host| {
            self.gateways.iter().map(move |gateway| (host.as_str(), gateway.as_str()))
        })
    }

    fn check<'a>(&self, other: &Self, manifest: &Manifest<'a>) -> Option<Problem<'a>> {
        let index = self.hosts.iter().position(|host| other.hosts.contains(host))?;
        let shared = self.gateways.iter().filter(|gateway| other.gateways.contains(gateway));
        let led = self.is_led || other.is_led;
        let gateway = shared.into_iter().find(|gateway| *gateway == MESH || led)?;
        let route = Route::of_input(manifest.resource(self.id)?)?;
        let hosts = route.spec().list("hosts");
        let spot = hosts.get(index)?;
        let host = spot.value.as_str()?;
        let called = manifest.object(other.id)?.identity.called();
        let message = if gateway == MESH {
            format!(
                "{called} routes host `{host}` as well, and sidecars know only the older of the two"
            )
        } else {
            format!(
                "{called} routes host `{host}` at gateway `{gateway}` as well, and the rules of the older one come first"
            )
        };
        let problem = route.problem(spot, &HOST_CLAIMED_TWICE, message);
        Some(problem.help("put the rules of both into one VirtualService"))
    }
}
