//! Styles of rolling out.
//!
//! From openkruise/rollouts:api/v1beta1/rollout_types.go `GetRollingStyle` and `IsRealPartition`, with
//! one difference: where the Rollout of a Deployment of apps/v1 names no style, canary style is
//! assumed, as in the controller's own guide for Istio.

use crate::manifest::{Field, Resource};

/// How the pods of the new version are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// In a Deployment of their own.
    Canary,
    /// The same; what the controller would take for partition style, as nothing is said.
    Assumed,
    /// In place of pods of the one workload.
    Partition,
    BlueGreen,
}

/// Returns the style of a Rollout of v1beta1.
pub(super) fn style_of(resource: &Resource<'_>) -> Style {
    if resource.field(&["spec", "strategy", "blueGreen"]).is_some() {
        return Style::BlueGreen;
    }
    let workload = resource.field(&["spec", "workloadRef"]);
    if !workload.is_none_or(|workload| is_deployment(&workload)) {
        return Style::Partition;
    }
    let switch = ["spec", "strategy", "canary", "enableExtraWorkloadForCanary"];
    match resource.field(&switch).map(|field| field.to_value().as_bool()) {
        None => Style::Assumed,
        Some(Some(true)) => Style::Canary,
        Some(_) => Style::Partition,
    }
}

/// Returns whether the workload is a Deployment of apps/v1, the only one that has canary style.
///
/// A part of the reference that is absent is reported by the schema and counts as right here.
pub(super) fn is_deployment(workload: &Field<'_, '_>) -> bool {
    let api_version = workload.text("apiVersion").unwrap_or("apps/v1");
    let kind = workload.text("kind").unwrap_or("Deployment");
    (api_version, kind) == ("apps/v1", "Deployment")
}
