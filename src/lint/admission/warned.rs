//! Fields that Istio's webhook takes with a warning.
//!
//! Fields that it calls deprecated are told by `fields`, and rules that nobody reaches by `reach`.

use super::super::route::Route;
use super::super::spot::Spot;
use super::actions::body_of;
use super::connections::is_address;
use super::scope::legacy_gateways;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::WARNED_BY_ISTIO;

/// How large the body of an answer may be without a word, in bytes.
const LARGE_BODY: usize = 100 * 1024;

/// The kinds of an abort.
const ABORTS: [&str; 3] = ["httpStatus", "grpcStatus", "http2Error"];

/// Reports what Istio warns about.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut told = Vec::new();
    for (spot, full) in legacy_gateways(route) {
        let message = "a gateway is named as a domain, which Istio takes for older manifests";
        let problem = route.problem(&spot, &WARNED_BY_ISTIO, message);
        told.push(problem.help(format!("write `{full}`")));
    }
    for rule in route.rules("http") {
        told.extend(check_body(route, &rule));
        told.extend(check_abort(route, &rule));
    }
    for entry in route.rules("tls").iter().flat_map(|rule| rule.list("match")) {
        let hosts = entry.list("sniHosts");
        let addresses = hosts.iter().filter(|host| host.value.as_str().is_some_and(is_address));
        told.extend(addresses.map(|host| {
            let message = "most clients send no address as the name that they ask for";
            let problem = route.problem(host, &WARNED_BY_ISTIO, message);
            problem.help("name a host, or match `destinationSubnets` in a rule of `tcp`")
        }));
    }
    told
}

fn check_body<'a>(route: &Route<'a>, rule: &Spot<'_>) -> Option<Problem<'a>> {
    let (spot, size) =
        body_of(rule).filter(|(_, size)| (LARGE_BODY..=1024 * 1024).contains(size))?;
    let message = format!("the body has {size} bytes, and every proxy is sent them");
    let problem = route.problem(&spot, &WARNED_BY_ISTIO, message);
    Some(problem.help("send it from a Service of its own"))
}

fn check_abort<'a>(route: &Route<'a>, rule: &Spot<'_>) -> Option<Problem<'a>> {
    let abort = rule.child("fault")?.child("abort")?;
    if ABORTS.iter().any(|kind| abort.has(kind)) {
        return None;
    }
    let problem = route.problem(&abort, &WARNED_BY_ISTIO, "the abort does not say how it answers");
    Some(problem.help("add `httpStatus` or `grpcStatus`, or remove the abort"))
}
