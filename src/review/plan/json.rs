//! A plan for machines.
//!
//! Shares are exact fractions beside a number of percent, which is rounded where it has to be. Names
//! of fields do not change their meaning; new ones may come.

use serde_json::{Value, json};

use super::{AffectedObject, Capacity, Pause, RolloutPlan, RuleView, StagePlan, StageView};
use crate::escape;
use crate::simulate::Share;

/// Returns the plans as JSON with an indentation, and a newline at the end.
pub fn to_json(rollouts: &[RolloutPlan]) -> String {
    let rollouts: Vec<_> = rollouts.iter().map(rollout).collect();
    escape::json(&json!({"rollouts": rollouts}))
}

fn rollout(plan: &RolloutPlan) -> Value {
    let RolloutPlan {
        namespace,
        name,
        workload,
        service,
        virtual_services,
        other_namespaces,
        pods,
        nothing_new,
        stages,
    } = plan;
    json!({
        "namespace": namespace,
        "name": name,
        "workload": workload,
        "service": service,
        "virtualServices": virtual_services,
        "otherNamespaces": other_namespaces,
        "pods": pods,
        "nothingNew": nothing_new,
        "stages": stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

fn stage(plan: &StagePlan) -> Value {
    let StagePlan { stage, asked, view } = plan;
    let mut value = json!({"stage": stage.to_string(), "asked": asked});
    let more = match view {
        Ok(view) => self::view(view),
        Err(codes) => json!({"errors": codes}),
    };
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

fn view(view: &StageView) -> Value {
    let StageView {
        stable_pods,
        stable_version,
        canary_pods,
        capacity,
        matches,
        rules,
        pause,
        objects,
        refused,
    } = view;
    let mut value = json!({
        "stable": {"pods": stable_pods, "version": stable_version.word()},
        "canary": {"pods": canary_pods, "capacity": capacity.map(self::capacity)},
        "matches": matches,
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "pause": pause.map(self::pause),
        "objects": objects.iter().map(object).collect::<Vec<_>>(),
    });
    if let (Some(fields), false) = (value.as_object_mut(), refused.is_empty()) {
        fields.insert("errors".to_owned(), json!(refused));
    }
    value
}

fn capacity(capacity: Capacity) -> Value {
    let Capacity { pods, traffic } = capacity;
    json!({"pods": share(pods), "traffic": traffic.map(share), "short": capacity.is_short()})
}

fn rule(rule: &RuleView) -> Value {
    let RuleView { virtual_service, path, name, requests, reached, canary, stable, others } = rule;
    json!({
        "virtualService": virtual_service,
        "path": format!("spec.{path}"),
        "name": name,
        "requests": requests,
        "reached": reached,
        "canary": share(*canary),
        "stable": share(*stable),
        "others": share(*others),
    })
}

fn pause(pause: Pause) -> Value {
    match pause {
        Pause::Manual => json!({"manual": true}),
        Pause::Seconds(seconds) => json!({"seconds": seconds}),
    }
}

fn object(object: &AffectedObject) -> Value {
    let key = &object.key;
    json!({
        "change": object.change.word(),
        "group": key.group,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
    })
}

/// A number that every reader takes for the same one: whole where it is whole.
fn share(share: Share) -> Value {
    let percent = share.numerator() as f64 * 100.0 / share.denominator() as f64;
    let percent = if percent.fract() == 0.0 { json!(percent as u64) } else { json!(percent) };
    json!({"fraction": share.to_string(), "percent": percent})
}
