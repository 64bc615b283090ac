//! What Istio's webhook refuses.
//!
//! A VirtualService that it refuses is not applied, and the whole step with it. The rules are those of
//! istio/istio:pkg/config/validation/virtualservice.go and validation.go; what a field must be is told
//! as `invalid-route` where a rollout needs it, and the names of fields by `fields`.

mod conditions;
mod hosts;

use super::route::{PROTOCOLS, Route};
use super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::REFUSED_BY_ISTIO;

/// The actions of an http rule, of which it has one.
const ACTIONS: [&str; 4] = ["route", "redirect", "directResponse", "delegate"];

/// What is refused: where, why, and the repair.
type Refused<'r> = (Spot<'r>, String, &'static str);

/// Tells what Istio refuses.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut refused = check_spec(route);
    refused.extend(hosts::check(route));
    for rule in route.rules("http") {
        refused.extend(check_action(&rule));
        refused.extend(check_retries(&rule));
        refused.extend(check_mirrors(&rule));
    }
    for rule in PROTOCOLS.into_iter().flat_map(|protocol| route.rules(protocol)) {
        refused.extend(check_weights(&rule));
        refused.extend(check_destinations(&rule));
        refused.extend(check_ports(&rule));
    }
    refused.extend(check_connections(route));
    let refused = refused.into_iter().map(|(spot, message, help)| {
        let problem = route.problem(&spot, &REFUSED_BY_ISTIO, message);
        problem.help(help)
    });
    refused.chain(conditions::check(route)).collect()
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

/// One action, and what cannot stand beside it.
fn check_action<'r>(rule: &Spot<'r>) -> Vec<Refused<'r>> {
    let has = |action: &&str| match *action {
        "route" => !rule.list("route").is_empty(),
        other => rule.has(other),
    };
    let actions: Vec<_> = ACTIONS.into_iter().filter(has).collect();
    let [action] = actions.as_slice() else {
        let message = match actions.as_slice() {
            [] => "the rule does nothing".to_owned(),
            several => format!("the rule has several actions: {}", quoted(several)),
        };
        let help = "give it one of `route`, `redirect`, `directResponse` and `delegate`";
        return vec![(rule.clone(), message, help)];
    };
    let excluded: &[&str] = match *action {
        "redirect" | "directResponse" => &["fault", "rewrite"],
        _ => &[],
    };
    let beside = excluded.iter().filter_map(|key| Some((key, rule.child(key)?)));
    let refuse = |(key, spot): (&&str, Spot<'r>)| {
        (spot, format!("`{key}` cannot stand beside `{action}`"), "remove one of the two")
    };
    beside.map(refuse).collect()
}

fn check_retries<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let retries = rule.child("retries")?;
    let attempts = retries.value.get("attempts")?.as_i64()?;
    let others = ["perTryTimeout", "retryOn", "retryRemoteLocalities"];
    let other = others.into_iter().find(|key| retries.has(key)).filter(|_| attempts == 0)?;
    let message = format!("`{other}` says nothing where there are no attempts");
    Some((retries.child(other)?, message, "remove it, or raise `attempts`"))
}

fn check_mirrors<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let both = rule.has("mirror") && !rule.list("mirrors").is_empty();
    let message = "the rule has `mirror` and `mirrors`".to_owned();
    both.then(|| rule.child("mirror"))
        .flatten()
        .map(|spot| (spot, message, "use `mirrors` for all"))
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
            "the weights add up to 0, so that nobody answers".to_owned()
        } else {
            format!("the weights add up to {sum}, more than Envoy takes")
        };
        refused.extend(
            rule.child("route").map(|spot| (spot, message, "write weights that add up to 100")),
        );
    }
    refused
}

/// A destination names a host, and one alone.
fn check_destinations<'r>(rule: &Spot<'r>) -> Vec<Refused<'r>> {
    let refuse = |one: Spot<'r>| {
        let host = one.child("destination").and_then(|destination| destination.filled("host"));
        let message = match host {
            None => "the destination names no host".to_owned(),
            Some("*") => "`*` is no host to send to".to_owned(),
            Some(_) => return None,
        };
        Some((one, message, "name the Service in `destination.host`"))
    };
    rule.list("route").into_iter().filter_map(refuse).collect()
}

fn check_ports<'r>(rule: &Spot<'r>) -> Vec<Refused<'r>> {
    let destinations = rule.list("route");
    let numbers = destinations
        .iter()
        .filter_map(|one| one.child("destination")?.child("port")?.child("number"));
    let wrong = numbers.filter(|number| {
        !number.value.as_u64().is_some_and(|port| (1..=u64::from(u16::MAX)).contains(&port))
    });
    let refuse = |spot| (spot, "a port is a number from 1 to 65535".to_owned(), "correct the port");
    wrong.map(refuse).collect()
}

fn check_connections<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
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
        if matches.is_empty() || !matches.iter().all(named) {
            let message = "a rule of `tls` has a match without `sniHosts`, or none".to_owned();
            refused.push((rule, message, "name the hosts in `match[].sniHosts`"));
        }
    }
    refused
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
