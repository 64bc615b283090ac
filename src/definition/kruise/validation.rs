//! Checks of the controller's webhook when a Rollout is created.
//!
//! Each rule once, in the order of openkruise/rollouts:pkg/webhook/rollout/validating
//! /rollout_create_update_handler.go. The webhook stops at the first step that breaks a rule; here
//! every one is reported. The limit of partition style is a warning where canary style is assumed
//! (`style-assumed`). A value of the wrong type is left to the schema.

mod routing;
mod rules;
mod scaled;
mod steps;
pub(super) mod v1alpha1;

use super::style::{Style, style_of};
use crate::diagnostic::codes::STYLE_ASSUMED;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{Field, Resource};
use routing::check_routings;
use rules::{BOTH_STRATEGIES, KIND_NOT_FOR_BLUE_GREEN, KIND_NOT_SUPPORTED, NO_STRATEGY};
use steps::{check_steps, over_the_limit};

/// The kinds of workload that the webhook takes (pkg/util/workloads_utils.go).
const WORKLOADS: [(&str, &str); 7] = [
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.kruise.io", "StatefulSet"),
    ("apps.kruise.io", "DaemonSet"),
];

/// The kinds of workload that it takes for blueGreen.
const BLUE_GREEN_WORKLOADS: [(&str, &str); 2] =
    [("apps", "Deployment"), ("apps.kruise.io", "CloneSet")];

/// Returns whether the webhook has nothing against the kind of the workload.
pub(super) fn takes_workload(resource: &Resource<'_>) -> bool {
    let blue_green = resource.field(&["spec", "strategy", "blueGreen"]).is_some();
    let kinds: &[_] = if blue_green { &BLUE_GREEN_WORKLOADS } else { &WORKLOADS };
    let workload = resource.field(&["spec", "workloadRef"]);
    workload.is_some_and(|workload| is_kind_of(&workload, kinds))
}

/// Reports what the webhook refuses in a Rollout of v1beta1.
pub(super) fn validate<'a>(resource: &Resource<'a>, problems: &mut Collector<'a>) {
    let Some(spec) = resource.field(&["spec"]).filter(Field::is_map) else { return };
    let strategy = spec.child("strategy");
    let of = |name| strategy.as_ref().and_then(|strategy: &Field<'_, 'a>| strategy.child(name));
    let (canary, blue_green) = (of("canary"), of("blueGreen"));
    if let Some(workload) = spec.child("workloadRef") {
        check_kind(&workload, problems);
        if blue_green.is_some() && is_kind_of(&workload, &WORKLOADS) {
            check_kind_for_blue_green(&workload, problems);
        }
    }
    match (&strategy, canary, blue_green) {
        (Some(strategy), Some(_), Some(_)) => problems.push(BOTH_STRATEGIES.at(strategy)),
        (Some(strategy), Some(canary), None) => check_canary(resource, strategy, &canary, problems),
        (_, _, Some(blue_green)) => check_strategy(&blue_green, Style::BlueGreen, problems),
        (strategy, None, None) => {
            let strategy = strategy.as_ref().unwrap_or(&spec);
            if strategy.is_map() {
                problems.push(NO_STRATEGY.at(strategy));
            }
        }
        (None, Some(_), None) => {}
    }
}

fn check_strategy<'a>(strategy: &Field<'_, 'a>, style: Style, problems: &mut Collector<'a>) {
    check_steps(strategy, style, problems);
    check_routings(strategy, problems);
}

fn check_canary<'a>(
    resource: &Resource<'a>,
    strategy: &Field<'_, 'a>,
    canary: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) {
    let style = style_of(resource);
    check_strategy(canary, style, problems);
    if style == Style::Assumed {
        problems.push(assumed(strategy, canary));
    }
}

fn check_kind<'a>(workload: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    let is_named = workload.text("apiVersion").is_some() && workload.text("kind").is_some();
    if is_named && !is_kind_of(workload, &WORKLOADS) {
        problems.push(KIND_NOT_SUPPORTED.at_key(workload, "kind"));
    }
}

fn check_kind_for_blue_green<'a>(workload: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    if !is_kind_of(workload, &BLUE_GREEN_WORKLOADS) {
        problems.push(KIND_NOT_FOR_BLUE_GREEN.at_key(workload, "kind"));
    }
}

/// Compares group and kind; the version means nothing here.
fn is_kind_of(workload: &Field<'_, '_>, kinds: &[(&str, &str)]) -> bool {
    let api_version = workload.text("apiVersion").unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = workload.text("kind").unwrap_or_default();
    kinds.contains(&(group, kind))
}

/// Warns that canary style is assumed, and of the steps that the webhook would refuse.
fn assumed<'a>(strategy: &Field<'_, 'a>, canary: &Field<'_, 'a>) -> Problem<'a> {
    let name = "enableExtraWorkloadForCanary";
    let mut message = format!(
        "`{name}` is absent; rendered as canary style, where the controller would take it for \
         partition style"
    );
    let refused = over_the_limit(canary);
    if !refused.is_empty() {
        let numbers: Vec<_> = refused.iter().map(usize::to_string).collect();
        let steps = if refused.len() == 1 { "step" } else { "steps" };
        let numbers = numbers.join(", ");
        message += &format!(
            ", and its webhook would refuse {steps} {numbers}: over 50% of the pods with traffic"
        );
    }
    let problem = strategy.key_problem("canary", &STYLE_ASSUMED, message);
    problem.help(format!("write `{name}: true`"))
}
