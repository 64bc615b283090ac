//! Mirrors that keep sending to stable while a canary runs.
//!
//! A render leaves mirrors as they are: what is mirrored is a copy, and no client waits for its answer.
//! Whoever compares the versions by it should know.

use super::registry::service_of;
use super::route::Route;
use super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::MIRROR_OF_STABLE;

/// Reports mirrors whose target is the stable Service.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let rules = route.rules("http");
    let targets = rules.iter().flat_map(|rule| {
        let mirrors = rule.list("mirrors");
        let targets = mirrors.iter().filter_map(|mirror| mirror.child("destination"));
        rule.child("mirror").into_iter().chain(targets.collect::<Vec<_>>())
    });
    targets.filter_map(|target| check_target(route, &target)).collect()
}

fn check_target<'a>(route: &Route<'a>, target: &Spot<'_>) -> Option<Problem<'a>> {
    let (namespace, name) = service_of(target.filled("host")?, &route.identity.namespace)?;
    if !route.stable.iter().any(|(stable, of)| *stable == name && *of == namespace) {
        return None;
    }
    let message = format!(
        "requests are mirrored to service `{name}`, which is stable: the canary gets no copy"
    );
    let problem = route.problem(&target.child("host")?, &MIRROR_OF_STABLE, message);
    Some(
        problem
            .help("know that a step does not change mirrors, or remove it while the rollout runs"),
    )
}
