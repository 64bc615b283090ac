//! Rules of `tls` and `tcp` that Istio refuses.
//!
//! From istio/istio:pkg/config/validation/validation.go `validateTLSRoute` and `validateTCPRoute`.

use super::super::route::Route;
use super::super::spot::Spot;
use super::{Refused, syntax};

/// Reports rules without destinations, and matches without names.
pub(super) fn check<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let mut refused = Vec::new();
    for rule in ["tls", "tcp"].into_iter().flat_map(|protocol| route.rules(protocol)) {
        if rule.list("route").is_empty() {
            let help = "add a destination to `route`";
            refused.push((rule, "the rule has no destination".to_owned(), help));
        }
    }
    for rule in route.rules("tls") {
        let matches = rule.list("match");
        let named = |one: &Spot<'_>| !one.list("sniHosts").is_empty();
        refused.extend(matches.iter().flat_map(|one| check_names(route, one)));
        if matches.is_empty() || !matches.iter().all(named) {
            let message = "a rule of `tls` has a match without `sniHosts`, or none".to_owned();
            refused.push((rule, message, "name the hosts in `match[].sniHosts`"));
        }
    }
    for entry in route.rules("tcp").iter().flat_map(|rule| rule.list("match")) {
        if entry.value.is_null() {
            let message = "the match is null".to_owned();
            refused.push((entry, message, "say what it matches, or remove it"));
        }
    }
    refused
}

/// Names are hosts, and lie within those of the VirtualService.
fn check_names<'r>(route: &'r Route<'_>, entry: &Spot<'r>) -> Vec<Refused<'r>> {
    let spec = route.spec();
    let hosts = spec.texts("hosts");
    let refuse = |spot: Spot<'r>| {
        let name = spot.value.as_str()?;
        if is_address(name) {
            return None;
        }
        if !syntax::is_host(name) {
            let help = "write the name that clients ask for, as `web.example.com`";
            return Some((spot, format!("`{name}` is not a host"), help));
        }
        let is_within = hosts.is_empty() || hosts.iter().any(|host| is_within(name, host));
        let message = format!("no host of the VirtualService covers `{name}`");
        (!is_within).then_some((spot, message, "name it in `hosts`, or correct the name"))
    };
    entry.list("sniHosts").into_iter().filter_map(refuse).collect()
}

/// Says whether a name of a client is an address, which Istio takes with a warning.
pub(super) fn is_address(name: &str) -> bool {
    !syntax::is_wildcard_domain(name) && syntax::is_address(name)
}

/// Says whether a host covers all that a name stands for.
///
/// From istio/istio:pkg/config/host/name.go `SubsetOf`.
fn is_within(name: &str, host: &str) -> bool {
    match (name.strip_prefix('*'), host.strip_prefix('*')) {
        (None, None) => name == host,
        (None, Some(end)) => name.ends_with(end),
        (Some(_), None) => false,
        (Some(name_end), Some(end)) => name_end.ends_with(end),
    }
}
