//! Destinations of rules that are not there.
//!
//! A missing one answers 503 to its share, and no webhook refuses it: of `istioctl analyze` these are
//! IST0101 and IST0112 (istio/istio:pkg/config/analysis/analyzers/virtualservice/).

use super::admission::is_destination_host;
use super::registry::{Registry, ServiceName, service_of};
use super::route::{PROTOCOLS, Route};
use super::spot::Spot;
use crate::diagnostic::codes::{AMBIGUOUS_PORT, UNKNOWN_HOST, UNKNOWN_PORT, UNKNOWN_SUBSET};
use crate::diagnostic::{Problem, listed, nearest};
use crate::simulate::full_host;

/// Reports destinations that are not there.
pub(super) fn check<'a>(route: &Route<'a>, registry: &Registry) -> Vec<Problem<'a>> {
    find_destinations(route).iter().filter_map(|one| one.check(registry)).collect()
}

/// Returns whether what a stage adds to the registry may matter for a destination of a VirtualService.
pub(super) fn may_concern(added: &Registry, route: &Route<'_>) -> bool {
    find_destinations(route).iter().any(|one| match one.host.split('.').nth(1) {
        Some(namespace) => added.may_concern(namespace),
        None => added.may_concern(&route.identity.namespace),
    })
}

fn find_destinations<'r, 'a>(route: &'r Route<'a>) -> Vec<Destination<'r, 'a>> {
    let mut spots = Vec::new();
    for rule in PROTOCOLS.into_iter().flat_map(|protocol| route.rules(protocol)) {
        spots.extend(rule.list("route").iter().filter_map(|one| one.child("destination")));
        spots.extend(rule.child("mirror"));
        let mirrors = rule.list("mirrors");
        spots.extend(mirrors.iter().filter_map(|mirror| mirror.child("destination")));
    }
    spots.into_iter().filter_map(|spot| Destination::of(route, spot)).collect()
}

/// A destination that names a host.
struct Destination<'r, 'a> {
    route: &'r Route<'a>,
    spot: Spot<'r>,
    host: &'r str,
}

impl<'r, 'a> Destination<'r, 'a> {
    fn of(route: &'r Route<'a>, spot: Spot<'r>) -> Option<Self> {
        // What is not a host, Istio refuses.
        let host = spot.filled("host").filter(|host| is_destination_host(host))?;
        Some(Self { route, spot, host })
    }

    fn check(&self, registry: &Registry) -> Option<Problem<'a>> {
        let namespace = &self.route.identity.namespace;
        if registry.is_entry(self.host) {
            return None;
        }
        let Some(service) = service_of(self.host, namespace) else {
            return self.half_a_name(registry);
        };
        if !registry.has_service(&service) {
            return self.unknown_host(&service, registry);
        }
        self.check_port(&service, registry).or_else(|| self.check_subset(&service, registry))
    }

    /// Reports a host such as `web.shop`, which looks like a Service and is taken for a host elsewhere.
    fn half_a_name(&self, registry: &Registry) -> Option<Problem<'a>> {
        let (name, of) = self.host.trim_end_matches(".svc").split_once('.')?;
        if !registry.has_service(&(of.to_owned(), name.to_owned())) {
            return None;
        }
        let message = format!(
            "`{}` is no name of a service here: Istio takes a host with a dot as complete",
            self.host
        );
        let full = full_host(name, of);
        let spot = self.spot.child("host")?;
        Some(self.route.problem(&spot, &UNKNOWN_HOST, message).help(format!("write `{full}`")))
    }

    fn unknown_host(&self, service: &ServiceName, registry: &Registry) -> Option<Problem<'a>> {
        let (namespace, name) = service;
        registry.names_of(namespace).next()?;
        let message = format!(
            "service `{name}` in namespace `{namespace}` is not in the input: where the cluster has none either, its share is answered with 503"
        );
        let meant = nearest(name, registry.names_of(namespace));
        let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        let help = format!("add service `{name}`, or correct the name{meant}");
        Some(self.route.problem(&self.spot.child("host")?, &UNKNOWN_HOST, message).help(help))
    }

    fn check_port(&self, service: &ServiceName, registry: &Registry) -> Option<Problem<'a>> {
        let ports = registry.ports(service)?;
        let (_, name) = service;
        let listed = listed(ports);
        let number = self.spot.child("port").and_then(|port| port.child("number"));
        match number.as_ref().and_then(|number| Some((number, number.value.as_u64()?))) {
            // Istio refuses what is not a port.
            Some((spot, port)) if !ports.contains(&port) && (1..=65535).contains(&port) => {
                let message = format!(
                    "service `{name}` has no port `{port}`: its share would be answered with 503"
                );
                let problem = self.route.problem(spot, &UNKNOWN_PORT, message);
                Some(problem.help(format!("choose one of {listed}")))
            }
            // A canary's destination has the port of stable's, which is reported by itself.
            None if ports.len() > 1 && !self.is_of_the_render(service) => {
                let message = format!(
                    "service `{name}` has several ports and the destination names none: behind a gateway that listens on another it would not be found"
                );
                let problem = self.route.problem(&self.spot, &AMBIGUOUS_PORT, message);
                Some(problem.help(format!("add `port.number`, one of {listed}")))
            }
            _ => None,
        }
    }

    /// Returns whether a render has put the destination there, which then reports what it lacks.
    fn is_of_the_render(&self, service: &ServiceName) -> bool {
        let path = self.route.source_path(&self.spot.path);
        let is_written = path.segments().last() == self.spot.path.segments().last();
        self.route.canary.contains(service) || !is_written
    }

    fn check_subset(&self, service: &ServiceName, registry: &Registry) -> Option<Problem<'a>> {
        let subset = self.spot.filled("subset")?;
        let host = full_host(self.host, &self.route.identity.namespace);
        let known = registry.subsets(&host, service)?;
        if known.contains(&subset) {
            return None;
        }
        let message = format!(
            "no destination rule has subset `{subset}` of host `{}`: its share would be answered with 503",
            self.host
        );
        let meant = nearest(subset, known);
        let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        let help =
            format!("add the subset to a DestinationRule of that host, or correct the name{meant}");
        Some(self.route.problem(&self.spot.child("subset")?, &UNKNOWN_SUBSET, message).help(help))
    }
}
