//! Rules for what a stage makes of VirtualServices, and for the pods that answer.
//!
//! Each rule has a file of its own. A rule looks at the result and at the plan that it was made from,
//! and changes neither. A VirtualService that the stage rewrites must be one that Istio takes: what is
//! an error there forbids writing. Of one that is written as it came the same is a warning.

mod admission;
mod capacity;
mod destinations;
mod effect;
mod fields;
mod hosts;
mod mirrors;
mod names;
mod reach;
mod registry;
mod route;
mod spot;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) use capacity::check as check_capacity;
pub(crate) use hosts::Claim;
pub(crate) use reach::unreachable_rules;
pub(crate) use registry::{Registry, is_known, is_route};
pub(crate) use route::Route;

use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::Manifest;
use crate::plan::{Leading, StagePlan};
use crate::render::{Change, StageRender, changes_by_object};

/// A problem, and the codes that the rollouts around it acknowledge.
pub(crate) struct Found<'a> {
    pub(crate) allowed: Vec<&'static Code>,
    pub(crate) problem: Problem<'a>,
}

/// Adds what was found, each acknowledged as its rollouts say.
pub(crate) fn push_all<'a>(found: Vec<Found<'a>>, problems: &mut Collector<'a>) {
    for Found { allowed, problem } in found {
        problems.allowing(&allowed, |problems| problems.push(problem));
    }
}

/// Checks a VirtualService by every rule that looks at nothing else.
pub(crate) fn check_route<'a>(route: &Route<'a>) -> Vec<Found<'a>> {
    let mut problems = check_admission(route);
    problems.extend(reach::check(route));
    problems.extend(names::check(route));
    problems.extend(mirrors::check(route));
    problems.into_iter().map(|problem| route.found(problem)).collect()
}

/// Checks that the destinations of a VirtualService are there.
pub(crate) fn check_destinations<'a>(route: &Route<'a>, registry: &Registry) -> Vec<Found<'a>> {
    let problems = destinations::check(route, registry).into_iter();
    problems.map(|problem| route.found(problem)).collect()
}

/// Returns whether what a stage adds to the registry may matter for the destinations of a VirtualService.
pub(crate) fn may_concern(added: &Registry, route: &Route<'_>) -> bool {
    destinations::may_concern(added, route)
}

/// Checks which VirtualServices, in the order of the input, route one host.
pub(crate) fn check_hosts<'a>(manifest: &Manifest<'a>, claims: &[&Claim]) -> Vec<Found<'a>> {
    hosts::check(manifest, claims)
}

/// Checks the VirtualServices that a stage rewrites, on every render.
///
/// Reports what forbids writing them, and which of their rules no request reaches.
pub(crate) fn check_rewritten<'a>(
    manifest: &Manifest<'a>,
    plans: &[StagePlan<'_, 'a>],
    leading: &Leading<'_, 'a>,
    rendered: &[StageRender<'_, 'a>],
    namespace: &str,
) -> Vec<Found<'a>> {
    let changes = changes_by_object(rendered);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for at in plans {
        if at.companion || !at.standing.directs {
            continue;
        }
        let mut routes = Vec::new();
        for led in at.plan.rollout.routes() {
            let value = match changes.get(&led.resource.id) {
                Some(Change::Edit(edited)) => Cow::Borrowed(&edited.after),
                Some(Change::Replace(_)) | None => Cow::Owned(led.resource.to_value()),
            };
            routes.extend(Route::of_rendered(&value, manifest, leading, namespace));
        }
        found.extend(effect::check(at.plan, &routes));
        for route in routes.iter().filter(|route| seen.insert(route.identity.clone())) {
            let mut problems = check_admission(route);
            problems.retain(Problem::is_error);
            problems.extend(reach::check(route));
            found.extend(problems.into_iter().map(|problem| route.found(problem)));
        }
    }
    found
}

/// Returns what Istio's webhook and the API server would say of a VirtualService.
fn check_admission<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut problems = admission::check(route);
    problems.extend(fields::check(route));
    if !route.is_directed {
        problems = problems.into_iter().map(Problem::into_warning).collect();
    }
    problems
}
