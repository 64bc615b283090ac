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
use crate::plan::{RoutePlan, SubsetPlan, plan_route};
use script::{Failure, Fault};

/// Returns the VirtualService with the planned changes, or as it was without any.
pub(super) fn render(virtual_service: &VirtualService<'_>, plan: Option<&RoutePlan>) -> Value {
    let VirtualService { resource, original, .. } = virtual_service;
    let before = virtual_service.spec();
    match plan {
        Some(plan) => {
            let spec = virtual_service::render_spec(before, plan);
            original::render_changed(resource, original, spec)
        }
        None if before != &original.spec => {
            original::render_changed(resource, original, before.clone())
        }
        None => original::render_original(resource, original),
    }
}

/// Returns the VirtualService as the controller leaves it before it changes anything: the original,
/// stored but not changed.
pub(super) fn render_stored(route: &VirtualService<'_>) -> Value {
    original::render_changed(&route.resource, &route.original, route.original.spec.clone())
}

/// Returns the spec of a VirtualService at a step; nothing where the controller's script fails.
pub(crate) fn route_spec(
    compat: Option<Compat>,
    route: &VirtualService<'_>,
    traffic: &StepTraffic,
    backends: &Backends,
) -> Option<Value> {
    match compat {
        Some(Compat::Kruise) => script::route(route.spec(), traffic, backends).ok(),
        None => {
            let (plan, _) = plan_route(route, traffic, backends);
            Some(virtual_service::render_spec(route.spec(), &plan))
        }
    }
}

/// What the controller makes of an object, and what is to be said of it.
pub(super) type Scripted<'a> = Result<(Value, Vec<Problem<'a>>), Problem<'a>>;

/// Returns the VirtualService as the controller writes it at a step.
pub(super) fn script_route<'a>(
    route: &VirtualService<'a>,
    traffic: &StepTraffic,
    backends: &Backends,
) -> Scripted<'a> {
    let object = (&route.resource, &route.original);
    let spec = script::route(route.spec(), traffic, backends);
    let spec = spec.map_err(|failure| failed(object, &failure))?;
    let faults = script::find_route_faults(route, &spec, traffic, backends);
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
