//! Steps whose canary no request reaches.
//!
//! The rules for the canary may all stand behind wider ones. Then the step moves nothing, whatever its
//! weights say, and the next one would move everything that was to be tried first.

use super::Found;
use super::reach::{self, Unreachable};
use super::route::{PROTOCOLS, Route};
use super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::STEP_WITHOUT_EFFECT;
use crate::model::{Backends, Side};
use crate::plan::Plan;

/// Reports a step none of whose rules for the canary any request reaches.
pub(super) fn check<'a>(plan: &Plan<'_, 'a>, routes: &[Route<'a>]) -> Option<Found<'a>> {
    let backends = &plan.rollout.traffic.as_ref()?.backends;
    let mut first = None;
    for route in routes {
        let unreachable = reach::find_unreachable(route);
        for (protocol, index, rule) in rules_for_canary(route, backends) {
            let is_it = |one: &&Unreachable| (one.protocol, one.rule) == (protocol, index);
            let by = unreachable.iter().find(is_it)?;
            first = first.or_else(|| Some(report(route, &rule, by)));
        }
    }
    let problem = first?;
    let problem = match plan.rollout.compat {
        // The controller writes it all the same.
        Some(_) => problem.into_warning(),
        None => problem,
    };
    Some(Found { allowed: plan.rollout.allowed().to_vec(), problem })
}

/// Returns the rules that send requests to the canary, each with its list and index.
fn rules_for_canary<'r>(
    route: &'r Route<'_>,
    backends: &Backends,
) -> Vec<(&'static str, usize, Spot<'r>)> {
    let mut found = Vec::new();
    for protocol in PROTOCOLS {
        for (index, rule) in route.rules(protocol).into_iter().enumerate() {
            if leads_to_canary(&rule, &route.identity.namespace, backends) {
                found.push((protocol, index, rule));
            }
        }
    }
    found
}

fn leads_to_canary(rule: &Spot<'_>, namespace: &str, backends: &Backends) -> bool {
    let destinations = rule.list("route");
    let is_sole = destinations.len() == 1;
    destinations.iter().any(|entry| {
        let weight = entry.value.get("weight").and_then(serde_json::Value::as_u64);
        let Some(destination) = entry.child("destination") else { return false };
        let host = destination.text("host").unwrap_or_default();
        let side = backends.side(host, namespace, destination.text("subset"));
        side == Side::Canary && (is_sole || weight.is_some_and(|weight| weight > 0))
    })
}

fn report<'a>(route: &Route<'a>, rule: &Spot<'_>, by: &Unreachable) -> Problem<'a> {
    let what = if by.protocol == "http" { "request" } else { "connection" };
    let message = format!(
        "no {what} of the step reaches the canary: {} takes all that its rules are for",
        by.taken_by
    );
    route.problem(rule, &STEP_WITHOUT_EFFECT, message).help(
        "put the rule for stable before the wider one, or let the step describe requests that reach it",
    )
}
