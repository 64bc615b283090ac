//! Checks of the webhook on a Rollout of v1alpha1.
//!
//! In the order of openkruise/rollouts:pkg/webhook/rollout/validating/validate_v1alphal_rollout.go.
//! Weights are looked at only where a step has no replicas of its own, so that `weight: 150` beside
//! `replicas: 1` passes here, and is refused where the step is read.

use super::rules::{
    DECREASING, DECREASING_WEIGHT, NEITHER_WEIGHT_NOR_REPLICAS, NO_CANARY, NO_WORKLOAD,
    REPLICAS_OVER_THE_LIMIT, ROLLING_STYLE, WEIGHT, WEIGHT_OVER_THE_LIMIT,
};
use super::scaled::{PARTITION_LIMIT, Scaled};
use super::steps::{check_not_empty, check_replicas};
use super::{check_kind, check_routings};
use crate::definition::kruise::style::is_deployment;
use crate::definition::kruise::v1alpha1::ROLLING_STYLE_ANNOTATION;
use crate::diagnostic::Collector;
use crate::manifest::{Field, Resource};

/// Reports what the webhook refuses.
pub(in crate::definition::kruise) fn validate<'a>(
    resource: &Resource<'a>,
    problems: &mut Collector<'a>,
) {
    let Some(spec) = resource.field(&["spec"]).filter(Field::is_map) else { return };
    let workload = resource.field(&["spec", "objectRef", "workloadRef"]);
    match &workload {
        Some(workload) => check_kind(workload, problems),
        None => problems.push(NO_WORKLOAD.at_value(&spec, "objectRef")),
    }
    let style = resource.field(&["metadata", "annotations", ROLLING_STYLE_ANNOTATION]);
    let said = style.as_ref().and_then(|field| field.node().as_str()).unwrap_or_default();
    let said = said.to_lowercase();
    if let Some(field) = style
        && !["", "canary", "partition"].contains(&said.as_str())
    {
        problems.push(ROLLING_STYLE.at(&field));
    }
    let Some(canary) = resource.field(&["spec", "strategy", "canary"]) else {
        let strategy = spec.child("strategy").unwrap_or(spec);
        if strategy.is_map() {
            problems.push(NO_CANARY.at(&strategy));
        }
        return;
    };
    let canary_style = ["", "canary"].contains(&said.as_str())
        && workload.is_none_or(|workload| is_deployment(&workload));
    check_steps(&canary, canary_style, problems);
    check_routings(&canary, problems);
}

fn check_steps<'a>(canary: &Field<'_, 'a>, canary_style: bool, problems: &mut Collector<'a>) {
    let steps = canary.list("steps");
    check_not_empty(canary, problems);
    for step in &steps {
        check_step(step, problems);
        if !canary_style {
            check_limit(step, problems);
        }
    }
    let routed = !canary.list("trafficRoutings").is_empty();
    for (earlier, step) in steps.iter().zip(steps.iter().skip(1)) {
        if routed && weight_of(step) < weight_of(earlier) && weight_of(step).is_some() {
            problems.push(DECREASING_WEIGHT.at_value(step, "weight"));
        }
        let falls = match (replicas_of(earlier), replicas_of(step)) {
            (Some(earlier), Some(later)) => later.falls_behind(earlier),
            _ => false,
        };
        if falls {
            let key = if step.child("replicas").is_some() { "replicas" } else { "weight" };
            problems.push(DECREASING.at_key(step, key));
        }
    }
}

fn check_step<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    check_replicas(step, problems);
    if step.child("replicas").is_some() {
        return;
    }
    match weight_of(step) {
        Some(weight) if !(1..=100).contains(&weight) => {
            problems.push(WEIGHT.at_value(step, "weight"));
        }
        None if step.child("weight").is_none() => {
            problems.push(NEITHER_WEIGHT_NOR_REPLICAS.at(step));
        }
        _ => {}
    }
}

/// Reports a step with traffic that has more pods than partition style allows.
fn check_limit<'a>(step: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    let Some(replicas) = step.child("replicas") else {
        if weight_of(step).is_some_and(|weight| (PARTITION_LIMIT + 1..=100).contains(&weight)) {
            problems.push(WEIGHT_OVER_THE_LIMIT.at_value(step, "weight"));
        }
        return;
    };
    let directs = step.child("weight").is_some() || !step.list("matches").is_empty();
    let scaled = Scaled::of(step, "replicas").filter(|scaled| scaled.is_positive());
    if directs && scaled.is_some_and(Scaled::is_over_the_limit) {
        problems.push(REPLICAS_OVER_THE_LIMIT.at(&replicas));
    }
}

fn weight_of(step: &Field<'_, '_>) -> Option<i64> {
    step.child("weight")?.to_value().as_i64()
}

/// Returns the replicas of a step, or its weight where it has none.
fn replicas_of(step: &Field<'_, '_>) -> Option<Scaled> {
    match step.child("replicas") {
        Some(_) => Scaled::of(step, "replicas"),
        None => weight_of(step).map(Scaled::Share),
    }
}
