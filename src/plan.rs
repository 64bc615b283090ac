//! Decisions: the numbers and names of all stages of a rollout.
//!
//! Holds no YAML. A wrong number is mended here, a wrong field in `render`: weights are computed in
//! [`weights`], replicas in [`replicas`], the labels that keep the pods apart in [`isolation`], what
//! becomes of a VirtualService's rules in [`routing`], and of a DestinationRule's subsets in [`subset`].

mod advice;
mod both_versions;
mod chain;
mod config;
mod copied_service;
mod coverage;
mod empty_subsets;
mod guard;
mod hazards;
mod isolation;
mod origin;
mod replicas;
mod routing;
mod shared_pods;
mod sharing;
mod stage_plan;
mod step_hazards;
mod subset;
mod sync_waves;
mod weights;

pub(crate) use advice::{check_stage, check_versions, check_view};
pub(crate) use both_versions::reaches_both;
pub(crate) use chain::{Chain, Link, find_chains, follow};
pub(crate) use coverage::Selecting;
pub(crate) use empty_subsets::without_pods;
pub(crate) use guard::{is_released, not_released, revision};
pub(crate) use isolation::{Isolation, Means};
pub(crate) use origin::{Changing, Leading, RuleOrigin, find_origin};
pub(crate) use routing::{
    Before, CanaryEntry, PlannedRule, RoutePlan, RuleChange, Target, Twin, TwinMatch, plan_route,
};
pub(crate) use sharing::check_shared;
pub(crate) use stage_plan::{StagePlan, StageRoute};
pub(crate) use subset::{SubsetPlan, rules_of_stable};
pub(crate) use sync_waves::{SyncWaves, check_sync_waves, plan_sync_waves};

use crate::diagnostic::{Collector, Problem};
use crate::model::{
    Amount, Autoscalers, CANARY_SUFFIX, ObjectName, Replicas, Rollout, Sources, with_suffix,
};
use routing::plan_routes;
use step_hazards::StepHazards;

/// What the user decides besides the manifests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions<'d> {
    /// How many pods a workload has, where an autoscaler decides.
    pub(crate) replicas: &'d [(ObjectName, u32)],
    /// The revision of the stable version, of all rollouts or of one.
    pub(crate) stable_revisions: &'d [(Option<ObjectName>, String)],
    /// The revision of the canary.
    pub(crate) canary_revisions: &'d [(Option<ObjectName>, String)],
    /// What stands for revisions that are not given, where a stage is only looked at.
    pub(crate) assumed_revisions: Option<AssumedRevisions>,
}

/// Revisions of the stable and the canary pods that no pod has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssumedRevisions {
    pub(crate) stable: &'static str,
    pub(crate) canary: &'static str,
}

/// All stages of one rollout.
#[derive(Debug)]
pub(crate) struct Plan<'m, 'a> {
    pub(crate) rollout: &'m Rollout<'a>,
    /// The name of the canary Deployment.
    pub(crate) workload_name: String,
    /// The name of the canary Service, where there is one.
    pub(crate) service_name: Option<String>,
    pub(crate) isolation: Isolation,
    pub(crate) steps: Vec<StepPlan<'a>>,
    /// The pods that shares are counted of.
    pub(crate) total: Replicas,
    /// The subset `canary` of each DestinationRule, at every step that directs traffic.
    pub(crate) subsets: Vec<SubsetPlan>,
    /// What should be seen wherever a canary runs.
    pub(crate) canary_problems: Vec<Problem<'a>>,
    /// What should be seen at the steps where it matters.
    pub(crate) step_hazards: StepHazards<'a>,
    /// What the new pod template is, to be compared with what a RollStep records.
    pub(crate) revision: String,
}

impl<'m, 'a> Plan<'m, 'a> {
    /// Returns how many pods answer the requests that a step splits: those of the workload, and those
    /// of others behind the same destinations.
    pub(crate) fn pods_behind(&self) -> Replicas {
        Replicas(self.total.0.saturating_add(shared_pods::most_others(self.rollout)))
    }

    /// Plans a step on the rules of VirtualServices as they are before the rollout changes them.
    fn plan_step(&self, index: usize, routes: &[Before<'_, 'a>]) -> StepRoutes<'a> {
        plan_step(self.rollout, &self.isolation, self.total, index, routes)
    }
}

/// Where a rollout stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'s, 'a> {
    pub(crate) sources: Sources<'s, 'a>,
    pub(crate) autoscalers: &'s Autoscalers,
    pub(crate) selecting: &'s Selecting<'a>,
}

/// One step: how many pods the canary has, and what becomes of each VirtualService.
#[derive(Debug)]
pub(crate) struct StepPlan<'a> {
    pub(crate) replicas: Replicas,
    pub(crate) routes: Vec<RoutePlan>,
    /// What stands in the way of this step, or should be seen.
    pub(crate) problems: Vec<Problem<'a>>,
}

/// Plans all stages of `rollout`, or reports why that is not possible.
pub(crate) fn plan<'m, 'a>(
    rollout: &'m Rollout<'a>,
    surroundings: Surroundings<'_, 'a>,
    decisions: &Decisions<'_>,
    problems: &mut Collector<'a>,
) -> Option<Plan<'m, 'a>> {
    let (total, mut canary_problems) = replicas::total_replicas(rollout, surroundings, decisions);
    let isolation = isolation::plan_isolation(rollout, decisions, problems)?;
    let workload_name = with_suffix(&rollout.workload.resource.identity.name, CANARY_SUFFIX);
    let service_name =
        rollout.traffic.as_ref().and_then(|traffic| traffic.backends.canary_name.clone());
    let steps = plan_steps(rollout, &isolation, total);
    let rules = rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
    let subsets = rules.map(|rule| subset::plan_subset(rollout, rule)).collect();
    canary_problems.extend(isolation::check_selector(rollout, &isolation));
    canary_problems.extend(subset::check_subset(rollout, &isolation, surroundings));
    canary_problems.extend(coverage::find_uncovered(rollout, &isolation, surroundings));
    canary_problems.extend(hazards::find_hazards(rollout, &isolation, surroundings.sources));
    let step_hazards = step_hazards::find(rollout, surroundings);
    canary_problems.extend(config::find_shared(rollout, surroundings));
    let revision = guard::revision(&rollout.workload);
    Some(Plan {
        rollout,
        workload_name,
        service_name,
        isolation,
        steps,
        total,
        subsets,
        canary_problems,
        step_hazards,
        revision,
    })
}

/// Plans every step for a workload of that many pods.
fn plan_steps<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    total: Replicas,
) -> Vec<StepPlan<'a>> {
    let amounts: Vec<Amount> = rollout.steps.iter().map(|step| step.replicas).collect();
    let before: Vec<_> = rollout.routes().map(Before::original).collect();
    let replicas = replicas::plan_replicas(total, &amounts).into_iter().enumerate();
    let steps = replicas.map(|(index, replicas)| {
        let StepRoutes { routes, problems } = plan_step(rollout, isolation, total, index, &before);
        StepPlan { replicas, routes, problems }
    });
    steps.collect()
}

/// What becomes of the VirtualServices at a step.
struct StepRoutes<'a> {
    routes: Vec<RoutePlan>,
    problems: Vec<Problem<'a>>,
}

fn plan_step<'a>(
    rollout: &Rollout<'a>,
    isolation: &Isolation,
    total: Replicas,
    index: usize,
    before: &[Before<'_, 'a>],
) -> StepRoutes<'a> {
    let (Some(traffic), Some(step)) = (&rollout.traffic, rollout.steps.get(index)) else {
        return StepRoutes { routes: Vec::new(), problems: advice::check_matches(rollout, index) };
    };
    let (routes, mut problems) = plan_routes(traffic, before, step);
    problems.extend(advice::check_matches(rollout, index));
    if rollout.compat.is_some() {
        // The controller's script takes what the right routing cannot.
        problems.clear();
    }
    problems.extend(shared_pods::check(rollout, index, before, &routes, total));
    let canary = &isolation.pod_labels;
    problems.extend(both_versions::find_leaks(rollout, traffic, before, &routes, canary));
    if step.traffic.directs() {
        problems.extend(copied_service::find_harm(rollout));
        problems.extend(both_versions::find_callers_beside(rollout));
    }
    StepRoutes { routes, problems }
}

/// Reports replicas and revisions that are given for what is not there.
pub(crate) fn check_decisions<'a>(
    rollouts: &[&Rollout<'a>],
    decisions: &Decisions<'_>,
    problems: &mut Collector<'a>,
) {
    if rollouts.is_empty() {
        return;
    }
    isolation::check_revisions(rollouts, decisions, problems);
    replicas::check_replicas(rollouts, decisions, problems);
}
