//! VirtualServices that route one host.
//!
//! A sidecar keeps only the older of two (istio/istio:pilot/pkg/networking/core/httproute.go), and a
//! gateway puts the older one's rules first (gateway.go). Files have no age, so they do not
//! say which one wins. At a gateway it is common to part a host by paths; it matters where one of the
//! two is changed by a rollout.

use super::Found;
use super::route::Route;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::HOST_CLAIMED_TWICE;
use crate::simulate::{MESH, full_gateway, full_host};

/// Reports hosts that a VirtualService before has as well.
pub(super) fn check<'a>(routes: &[Route<'a>]) -> Vec<Found<'a>> {
    let claims: Vec<_> = routes.iter().map(Claim::of).collect();
    let mut problems = Vec::new();
    for (position, claim) in claims.iter().enumerate() {
        let before = claims.get(..position).unwrap_or_default();
        let found = before.iter().find_map(|other| claim.check(other));
        let allowed = claim.route.allowed.clone();
        problems.extend(found.map(|problem| Found { allowed, problem }));
    }
    problems
}

/// The hosts of a VirtualService and the gateways that they are for.
struct Claim<'r, 'a> {
    route: &'r Route<'a>,
    hosts: Vec<String>,
    gateways: Vec<String>,
}

impl<'r, 'a> Claim<'r, 'a> {
    fn of(route: &'r Route<'a>) -> Self {
        let (spec, namespace) = (route.spec(), &route.identity.namespace);
        let hosts = spec.texts("hosts").into_iter().map(|host| full_host(host, namespace));
        let gateways = spec.texts("gateways").into_iter();
        let mut gateways: Vec<_> =
            gateways.map(|gateway| full_gateway(gateway, namespace)).collect();
        if gateways.is_empty() {
            gateways.push(MESH.to_owned());
        }
        Self { route, hosts: hosts.collect(), gateways }
    }

    fn check(&self, other: &Self) -> Option<Problem<'a>> {
        let index = self.hosts.iter().position(|host| other.hosts.contains(host))?;
        let shared = self.gateways.iter().filter(|gateway| other.gateways.contains(gateway));
        let led = self.route.is_led || other.route.is_led;
        let gateway = shared.into_iter().find(|gateway| *gateway == MESH || led)?;
        let hosts = self.route.spec().list("hosts");
        let spot = hosts.get(index)?;
        let host = spot.value.as_str()?;
        let called = other.route.called();
        let message = if gateway == MESH {
            format!(
                "{called} routes host `{host}` as well, and sidecars know only the older of the two"
            )
        } else {
            format!(
                "{called} routes host `{host}` at gateway `{gateway}` as well, and the rules of the older one come first"
            )
        };
        let problem = self.route.problem(spot, &HOST_CLAIMED_TWICE, message);
        Some(problem.help("put the rules of both into one VirtualService"))
    }
}
