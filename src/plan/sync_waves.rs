//! Waves of an Argo CD sync, one for each routing object.
//!
//! Argo CD applies a whole wave at once, by kind, and begins the next when all of it is healthy. So
//! routes that lead to a canary come one wave behind its pods and Service, and where no canary is
//! left, a DestinationRule loses the canary's subset one wave behind the routes. The canary's own
//! objects are pruned behind the last wave. Waves that people wrote win; ours are counted from them.

use std::collections::BTreeMap;

use super::{Plan, StagePlan};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{PAUSED_IN_SYNC_WAVES, ROUTES_SYNC_TOO_EARLY};
use crate::manifest::{FieldPath, ObjectId, Resource};
use crate::model::{Traffic, sync_wave};
use crate::strategy::StableWorkload;

/// The waves of routing objects that are not in the default one.
pub(crate) type SyncWaves = BTreeMap<ObjectId, i64>;

/// Decides the waves of the routing objects of all rollouts.
pub(crate) fn plan_sync_waves(plans: &[StagePlan<'_, '_>]) -> SyncWaves {
    let mut waves = SyncWaves::new();
    for (plan, traffic) in directing(plans) {
        let behind = needed_wave(plan, traffic) + 1;
        for route in &traffic.routes {
            let wave = waves.entry(route.resource.id).or_insert(behind);
            *wave = behind.max(*wave);
        }
    }
    let needed: Vec<_> = directing(plans).flat_map(|(_, traffic)| rules(traffic)).collect();
    let idle = plans.iter().filter(|at| !at.standing.directs);
    for traffic in idle.filter_map(|at| at.plan.rollout.traffic.as_ref()) {
        let routes = traffic.routes.iter().map(|route| wave_of(&route.resource, &waves));
        let behind = routes.max().unwrap_or_default() + 1;
        for rule in rules(traffic).filter(|rule| !needed.contains(rule)) {
            let wave = waves.entry(rule).or_insert(behind);
            *wave = behind.max(*wave);
        }
    }
    waves
}

/// Reports where the order cannot be kept.
pub(crate) fn check_sync_waves<'a>(at: &StagePlan<'_, 'a>, waves: &SyncWaves) -> Vec<Problem<'a>> {
    let plan = at.plan;
    let Some(traffic) = &plan.rollout.traffic else { return Vec::new() };
    if !at.standing.directs {
        return Vec::new();
    }
    let needed = needed_wave(plan, traffic);
    let routes = traffic.routes.iter().map(|route| (route, wave_of(&route.resource, waves)));
    let early = routes.clone().filter(|(_, wave)| *wave <= needed);
    let early = early.map(|(route, wave)| routes_too_early(&route.resource, (wave, needed)));
    let workload = sync_wave(&plan.rollout.workload.value).unwrap_or_default();
    let paused = at.standing.stable == StableWorkload::Held;
    let stuck = paused && routes.clone().any(|(_, wave)| wave > workload);
    early.chain(stuck.then(|| paused_in_waves(plan))).collect()
}

/// Returns the rollouts that lead traffic to a canary.
fn directing<'p, 'a>(
    plans: &'p [StagePlan<'p, 'a>],
) -> impl Iterator<Item = (&'p Plan<'p, 'a>, &'p Traffic<'a>)> {
    let directing = plans.iter().filter(|at| at.standing.directs);
    directing.filter_map(|at| Some((at.plan, at.plan.rollout.traffic.as_ref()?)))
}

/// Returns the wave in which the last of what routes to a canary need is applied.
fn needed_wave(plan: &Plan<'_, '_>, traffic: &Traffic<'_>) -> i64 {
    let workload = sync_wave(&plan.rollout.workload.value).unwrap_or_default();
    let rules = traffic.destination_rules.iter().map(|rule| &rule.resource);
    let others = rules.chain([&traffic.service.resource]);
    let others = others.map(|resource| sync_wave(&resource.to_value()).unwrap_or_default());
    others.fold(workload, i64::max)
}

fn rules<'t>(traffic: &'t Traffic<'_>) -> impl Iterator<Item = ObjectId> + 't {
    traffic.destination_rules.iter().map(|rule| rule.resource.id)
}

/// Returns the wave of an object: a person's, else ours, else the default one.
fn wave_of(resource: &Resource<'_>, waves: &SyncWaves) -> i64 {
    let own = sync_wave(&resource.to_value());
    own.or_else(|| waves.get(&resource.id).copied()).unwrap_or_default()
}

fn routes_too_early<'a>(resource: &Resource<'a>, (wave, needed): (i64, i64)) -> Problem<'a> {
    let message = format!(
        "{} leads to the canary and is in sync wave {wave}, and what it needs in wave {needed}",
        resource.called()
    );
    let path = FieldPath::of_keys(&["metadata", "annotations", "argocd.argoproj.io/sync-wave"]);
    let problem = resource.problem_at(&path, &ROUTES_SYNC_TOO_EARLY, message);
    problem.help(format!("put it into wave {} or a later one, or remove its wave", needed + 1))
}

fn paused_in_waves<'a>(plan: &Plan<'_, 'a>) -> Problem<'a> {
    let workload = &plan.rollout.workload.resource;
    let message = format!(
        "{} is paused, which Argo CD never takes for healthy: the sync waits before the wave of the \
         routes for ever",
        workload.called()
    );
    workload.root().problem(&PAUSED_IN_SYNC_WAVES, message).help(
        "give the old manifest with `--stable PATH` or as `stable` of a RollStep, which `rollstep start` writes",
    )
}
