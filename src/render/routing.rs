//! Routing objects, one file per kind.
//!
//! Made anew from the original each time, so that no stage depends on the one before it.

mod destination_rule;
mod original;
mod script;
mod virtual_service;

use serde_json::Value;

use crate::diagnostic::Problem;
use crate::diagnostic::codes::SCRIPT_FAILS;
use crate::manifest::Resource;
use crate::model::{
    Backends, Compat, DestinationRule, Original, Places, StepTraffic, VirtualService,
};
use crate::plan::{StagePlan, StageRoute, SubsetPlan};
use script::{Failure, Fault};
pub(super) use virtual_service::render_spec;

/// Returns the VirtualService at a stage: with the planned changes, or as it was without any.
pub(super) fn render(route: &VirtualService<'_>, led: &StageRoute<'_>) -> Value {
    let VirtualService { resource, original, .. } = route;
    match &led.change {
        Some(plan) => render_with(route, render_spec(&led.spec, plan)),
        None if *led.spec != original.spec => render_with(route, led.spec.clone().into_owned()),
        None => original::render_original(resource, original),
    }
}

/// Returns the VirtualService with this spec, its original beside it.
pub(super) fn render_with(route: &VirtualService<'_>, spec: Value) -> Value {
    original::render_changed(&route.resource, &route.original, spec)
}

/// Returns the spec of a VirtualService as the controller's script makes it. None where the script fails.
pub(super) fn script(before: &Value, traffic: &StepTraffic, backends: &Backends) -> Option<Value> {
    script::route(before, traffic, backends).ok()
}

/// Returns the spec that a rollout makes of a VirtualService at a stage.
///
/// None where the stage changes nothing, or where the controller's script fails.
pub(crate) fn spec_after(at: &StagePlan<'_, '_>, led: &StageRoute<'_>) -> Option<Value> {
    let traffic = at.traffic()?;
    match at.plan.rollout.compat {
        Some(Compat::Kruise) => {
            let backends = &at.plan.rollout.traffic.as_ref()?.backends;
            script(&led.spec, traffic, backends)
        }
        None => Some(render_spec(&led.spec, led.change.as_ref()?)),
    }
}

/// What the controller makes of an object, and what is to be said of it.
pub(super) type Scripted<'a> = Result<(Value, Vec<Problem<'a>>), Problem<'a>>;

/// Returns the VirtualService as the controller writes it at a step.
pub(super) fn script_route<'a>(
    route: &VirtualService<'a>,
    before: &Value,
    traffic: &StepTraffic,
    backends: &Backends,
) -> Scripted<'a> {
    let object = (&route.resource, &route.original);
    let spec = script::route(before, traffic, backends);
    let spec = spec.map_err(|failure| failed(object, &failure))?;
    let namespace = &route.resource.identity.namespace;
    let faults = script::find_route_faults((before, namespace), &spec, traffic, backends);
    Ok(scripted(object, spec, faults))
}

/// Returns the DestinationRule as the controller writes it at any step that directs traffic.
pub(super) fn script_rule<'a>(
    rule: &DestinationRule<'a>,
    backends: &Backends,
    places: &Places,
) -> Scripted<'a> {
    let object = (&rule.resource, &rule.original);
    let spec = script::add_subset(&rule.original.spec);
    let spec = spec.map_err(|failure| failed(object, &failure))?;
    let faults = script::find_rule_faults(rule, &spec, backends, places);
    Ok(scripted(object, spec, faults))
}

type Object<'o, 'a> = (&'o Resource<'a>, &'o Original);

fn scripted<'a>(
    (resource, original): Object<'_, 'a>,
    spec: Value,
    faults: Vec<Fault>,
) -> (Value, Vec<Problem<'a>>) {
    let told = faults.into_iter().map(|fault| {
        let Fault { code, path, message, help } = fault;
        original.problem(resource, &path, (code, message)).help(help)
    });
    let told = told.collect();
    (original::render_changed(resource, original, spec), told)
}

fn failed<'a>((resource, original): Object<'_, 'a>, failure: &Failure) -> Problem<'a> {
    let message = format!(
        "the controller's script fails on {}, and the rollout would be stuck: {}",
        resource.called(),
        failure.message
    );
    original
        .problem(resource, &failure.path, (&SCRIPT_FAILS, message))
        .help("render without `--compat`, or change what the script stumbles over")
}

/// Returns the DestinationRule with the canary's subset, or as it was without a plan.
pub(super) fn render_rule(rule: &DestinationRule<'_>, plan: Option<&SubsetPlan>) -> Value {
    let DestinationRule { resource, original, .. } = rule;
    match plan {
        Some(plan) => {
            let spec = destination_rule::render_spec(&original.spec, plan);
            original::render_changed(resource, original, spec)
        }
        None => original::render_original(resource, original),
    }
}
