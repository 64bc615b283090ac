//! Values that Istio's webhook refuses, or warns about.
//!
//! A VirtualService that it refuses is not applied, and the whole step with it. The rules are those of
//! istio/istio:pkg/config/validation/virtualservice.go and validation.go; a wrong type is reported
//! as `invalid-route` where a rollout needs it, and the names of fields by `fields`.

mod actions;
mod conditions;
mod connections;
mod constraints;
mod headers;
mod hosts;
mod retry;
mod scope;
mod syntax;
mod table;
mod warned;

use super::route::{PROTOCOLS, Route};
use super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::REFUSED_BY_ISTIO;

/// What is refused: where, why, and the repair.
type Refused<'r> = (Spot<'r>, String, &'static str);

/// Reports what Istio refuses.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut refused = check_spec(route);
    refused.extend(hosts::check(route));
    refused.extend(scope::check(route));
    refused.extend(actions::check(route));
    refused.extend(table::check_choices(route));
    refused.extend(table::check_values(route));
    refused.extend(route.rules("http").iter().filter_map(headers::check_authority));
    let rules = PROTOCOLS.into_iter().flat_map(|protocol| route.rules(protocol));
    refused.extend(rules.collect::<Vec<_>>().iter().flat_map(check_weights));
    refused.extend(connections::check(route));
    let refused = refused.into_iter().map(|(spot, message, help)| {
        let problem = route.problem(&spot, &REFUSED_BY_ISTIO, message);
        problem.help(help)
    });
    refused.chain(conditions::check(route)).chain(warned::check(route)).collect()
}

/// Says whether Istio takes a host to send to.
pub(super) fn is_destination_host(host: &str) -> bool {
    host != "*" && syntax::is_wildcard_domain(host)
}

fn check_spec<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let spec = route.spec();
    let mut refused = Vec::new();
    if PROTOCOLS.iter().all(|protocol| spec.list(protocol).is_empty()) {
        let message = format!("{} has no rule", route.called());
        refused.push((spec.clone(), message, "add a rule to `http`, `tls` or `tcp`"));
    }
    let of_others = ["gateways", "tls", "tcp"].into_iter().filter(|key| !spec.list(key).is_empty());
    for key in of_others.filter(|_| spec.list("hosts").is_empty()) {
        let message = format!(
            "a VirtualService without hosts is for others to delegate to, and has no `{key}`"
        );
        refused.extend(
            spec.child(key).map(|spot| (spot, message, "add `hosts`, or remove the field")),
        );
    }
    refused
}

/// Weights are int32, and those of several destinations must leave a share to one.
fn check_weights<'r>(rule: &Spot<'r>) -> Vec<Refused<'r>> {
    let destinations = rule.list("route");
    let weight = |one: &Spot<'_>| one.value.get("weight").filter(|value| !value.is_null()).cloned();
    let within = |weight: &serde_json::Value| {
        weight.as_i64().is_some_and(|weight| (0..=i64::from(i32::MAX)).contains(&weight))
    };
    let mut refused: Vec<_> = destinations
        .iter()
        .filter(|one| weight(one).is_some_and(|weight| !within(&weight)))
        .filter_map(|one| {
            let message = "a weight is a whole number from 0 to 2147483647".to_owned();
            Some((one.child("weight")?, message, "write a weight within these bounds"))
        })
        .collect();
    let sum: u64 = destinations.iter().filter_map(|one| weight(one)?.as_u64()).sum();
    if destinations.len() > 1 && refused.is_empty() && (sum == 0 || sum > u64::from(u32::MAX)) {
        let message = if sum == 0 {
            "the weights add up to 0, so no destination gets a request".to_owned()
        } else {
            format!("the weights add up to {sum}, more than Envoy takes")
        };
        refused.extend(
            rule.child("route").map(|spot| (spot, message, "write weights that add up to 100")),
        );
    }
    refused
}
