//! Which objects lead the traffic: `trafficRoutings`.

use super::{invalid, read_reference};
use crate::diagnostic::Collector;
use crate::diagnostic::codes::{NO_ROUTING, UNSUPPORTED_ROUTING};
use crate::manifest::Field;
use crate::model::rollout::{Reference, TrafficReference};

/// The API group of a VirtualService.
const ISTIO: &str = "networking.istio.io";

/// Reads the traffic routing: `Some(None)` where there is none, `None` where it is not to be used.
pub(super) fn read_traffic<'a>(
    canary: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<Option<TrafficReference>> {
    if let Some(field) = canary.child("disableGenerateCanaryService")
        && field.to_value().as_bool() == Some(true)
    {
        let message = "`disableGenerateCanaryService` is not rendered yet";
        problems.push(field.problem(&UNSUPPORTED_ROUTING, message).help("remove the field"));
        return None;
    }
    let routings = canary.list("trafficRoutings");
    match routings.as_slice() {
        [] => {
            problems.push(no_routing(canary));
            Some(None)
        }
        [routing] => read_routing(routing, problems).map(Some),
        [_, second, ..] => {
            let message = "a rollout supports a single entry of trafficRoutings";
            problems.push(invalid(second, message).help("remove all entries but one"));
            None
        }
    }
}

fn no_routing<'a>(canary: &Field<'_, 'a>) -> crate::diagnostic::Problem<'a> {
    canary
        .problem(&NO_ROUTING, "the rollout has no trafficRoutings, so no step can direct traffic")
        .help(
            "add `trafficRoutings` with the Service and the VirtualService, \
             or `--allow no-routing` to share traffic by the number of pods",
        )
}

fn read_routing<'a>(
    routing: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> Option<TrafficReference> {
    for name in ["ingress", "gateway"] {
        if routing.child(name).is_some() {
            let message = format!("trafficRoutings by `{name}` are not rendered yet");
            let problem = routing.key_problem(name, &UNSUPPORTED_ROUTING, message);
            problems.push(problem.help("name a VirtualService in `customNetworkRefs`"));
            return None;
        }
    }
    let service = routing.child("service")?;
    let references = routing.list("customNetworkRefs");
    if references.is_empty() {
        let problem = invalid(routing, "the entry of trafficRoutings names no routing object");
        problems.push(problem.help("name a VirtualService in `customNetworkRefs`"));
        return None;
    }
    let routes: Vec<_> =
        references.iter().map(|reference| read_route(reference, problems)).collect();
    let service = Reference {
        group: String::new(),
        kind: "Service".to_owned(),
        name: service.node().as_str()?.to_owned(),
        path: service.path(),
    };
    Some(TrafficReference { service, routes: routes.into_iter().collect::<Option<_>>()? })
}

fn read_route<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Reference> {
    let reference = read_reference(field)?;
    if reference.group == ISTIO && reference.kind == "VirtualService" {
        return Some(reference);
    }
    let message = format!("routing objects of kind {} are not rendered yet", reference.kind);
    let problem = field.problem(&UNSUPPORTED_ROUTING, message);
    problems.push(problem.help(format!("name a VirtualService of {ISTIO}")));
    None
}
