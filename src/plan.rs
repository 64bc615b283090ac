//! Decides the numbers and names of all stages of a rollout.
//!
//! Holds no YAML. A wrong number is mended here, a wrong field in `render`: weights are computed in
//! [`weights`], replicas in [`replicas`], the labels that keep the pods apart in [`isolation`], what
//! becomes of a VirtualService's rules in [`routing`], and of a DestinationRule's subsets in [`subset`].

mod advice;
mod both_versions;
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
mod stage;
mod subset;
mod sync_waves;
mod weights;

pub(crate) use advice::{check_stage, check_versions, check_view};
pub(crate) use both_versions::reaches_both;
pub(crate) use empty_subsets::without_pods;
pub(crate) use guard::{is_released, not_released, revision};
pub(crate) use isolation::{Isolation, Means};
pub(crate) use origin::{changing, find_origin};
pub(crate) use routing::{
    CanaryEntry, PlannedRule, RoutePlan, RuleChange, Target, Twin, TwinMatch, plan_route,
};
pub(crate) use sharing::check_shared;
pub(crate) use stage::{Stage, find_stage, stages};
pub(crate) use subset::{SubsetPlan, rules_of_stable};
pub(crate) use sync_waves::{SyncWaves, check_sync_waves, plan_sync_waves};

use crate::diagnostic::{Collector, Problem};
use crate::manifest::Manifest;
use crate::model::{
    Amount, Autoscalers, CANARY_SUFFIX, ObjectName, OldVersions, Replicas, Rollout, with_suffix,
};
use routing::plan_routes;

/// What the user decides besides the manifests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions<'d> {
    /// How many pods a workload has, where an autoscaler decides.
    pub(crate) replicas: &'d [(ObjectName, u32)],
    /// The revision of the stable version, of all rollouts or of one.
    pub(crate) stable_revisions: &'d [(Option<ObjectName>, String)],
    /// The revision of the canary.
    pub(crate) canary_revisions: &'d [(Option<ObjectName>, String)],
    /// What stands for revisions that nobody has said, where a stage is only looked at.
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
    /// What the new pod template is, to be compared with what a RollStep records.
    pub(crate) revision: String,
}

impl<'m, 'a> Plan<'m, 'a> {
    /// Returns whether a stage directs traffic to the canary.
    pub(crate) fn directs(&self, stage: Stage) -> bool {
        let step = stage.step_index(self.steps.len());
        let step = step.and_then(|index| self.rollout.steps.get(index));
        step.is_some_and(|step| step.traffic.directs())
    }

    /// Returns how many pods answer the requests that a step splits: those of the workload, and those
    /// of others behind the same destinations.
    pub(crate) fn pods_behind(&self) -> Replicas {
        Replicas(self.total.0.saturating_add(shared_pods::most_others(self.rollout)))
    }

    /// Returns whether the Services tell the pods apart at a stage with a canary.
    ///
    /// The controller takes back what it has done to them at a step that directs no traffic:
    /// openkruise/rollouts:pkg/controller/rollout/rollout_canary.go `runCanary`.
    pub(crate) fn splits_services(&self, stage: Stage) -> bool {
        let has_canary = stage.step_index(self.steps.len()).is_some();
        has_canary && (self.directs(stage) || self.rollout.compat.is_none())
    }
}

/// Where a rollout stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'s, 'a> {
    pub(crate) manifest: &'s Manifest<'a>,
    pub(crate) old: OldVersions<'s, 'a>,
    pub(crate) autoscalers: &'s Autoscalers,
}

/// One step: how many pods the canary has, and what becomes of each VirtualService.
#[derive(Debug)]
pub(crate) struct StepPlan<'a> {
    pub(crate) replicas: Replicas,
    pub(crate) routes: Vec<RoutePlan>,
    /// What stands in the way of this step, or should be seen.
    pub(crate) problems: Vec<Problem<'a>>,
}

/// Plans all stages of `rollout`, or tells why that cannot be.
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
    canary_problems.extend(hazards::find_hazards(rollout, surroundings.manifest));
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
    let replicas = replicas::plan_replicas(total, &amounts);
    let steps = replicas.into_iter().zip(&rollout.steps).enumerate();
    let plan_step = |(index, (replicas, step))| {
        let (routes, mut problems) = match &rollout.traffic {
            Some(traffic) => plan_routes(traffic, step),
            None => (Vec::new(), Vec::new()),
        };
        problems.extend(advice::check_matches(rollout, index));
        // The controller's script takes what the right routing cannot.
        problems.retain(|_| rollout.compat.is_none());
        problems.extend(shared_pods::check(rollout, index, &routes, total));
        if let Some(traffic) = &rollout.traffic {
            problems.extend(both_versions::find_leaks(
                rollout,
                traffic,
                &routes,
                &isolation.pod_labels,
            ));
        }
        if step.traffic.directs() {
            problems.extend(copied_service::find_harm(rollout));
            problems.extend(both_versions::find_callers_beside(rollout));
        }
        StepPlan { replicas, routes, problems }
    };
    steps.map(plan_step).collect()
}

/// Tells replicas and revisions that are given for what is not there.
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
