//! The Service and the routes of a Rollout: `trafficRoutings`.

use super::references::read_reference;
use super::traffic_routing;
use crate::diagnostic::codes::{DUPLICATE_REFERENCE, NO_ROUTING, UNSUPPORTED_ROUTING};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{Field, Manifest, Resource};
use crate::rollout::{CanaryAddress, Reference, TrafficReference};

/// The API group of the routing objects that are rendered.
const ISTIO: &str = "networking.istio.io";

/// Their kinds.
const KINDS: [&str; 2] = ["VirtualService", "DestinationRule"];

/// Reads the traffic routing.
///
/// `Some(None)`: the Rollout has no routing. `None`: it has one that cannot be followed.
pub(super) fn read_traffic<'a>(
    rollout: &Resource<'a>,
    canary: &Field<'_, 'a>,
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Option<TrafficReference>> {
    if let Some(problem) = traffic_routing::find_named(rollout, canary, manifest) {
        problems.push(problem);
        return None;
    }
    let shared = canary.child("disableGenerateCanaryService");
    let shared = shared.is_some_and(|field| field.to_value().as_bool() == Some(true));
    let address = if shared { CanaryAddress::Subset } else { CanaryAddress::Service };
    let routings = canary.list("trafficRoutings");
    match routings.as_slice() {
        [] => {
            if let Some(problem) = traffic_routing::find_unnamed(rollout, manifest) {
                problems.push(problem);
                return None;
            }
            problems.push(no_routing(canary));
            Some(None)
        }
        // The webhook refuses a second one.
        [routing, ..] => read_routing(routing, address, problems).map(Some),
    }
}

fn no_routing<'a>(canary: &Field<'_, 'a>) -> Problem<'a> {
    canary
        .problem(&NO_ROUTING, "the rollout has no trafficRoutings, so no step can direct traffic")
        .help(
            "add `trafficRoutings` with the Service and the VirtualService, \
             or `--allow no-routing` to share traffic by the number of pods",
        )
}

fn read_routing<'a>(
    routing: &Field<'_, 'a>,
    canary: CanaryAddress,
    problems: &mut Collector<'a>,
) -> Option<TrafficReference> {
    for name in ["ingress", "gateway"] {
        if routing.child(name).is_some() {
            let message = format!("trafficRoutings by `{name}` are not rendered yet");
            let problem = routing.key_problem(name, &UNSUPPORTED_ROUTING, message);
            problems.push(problem.help(format!(
                "use `customNetworkRefs`, which may name {}s of {ISTIO}",
                KINDS.join("s and ")
            )));
            return None;
        }
    }
    // The webhook refuses an empty name.
    let service = routing.child("service")?;
    let name = service.node().as_str().filter(|name| !name.is_empty())?;
    // The webhook refuses an entry without the list; an empty one leaves it to a RollStep.
    routing.child("customNetworkRefs")?;
    let references = routing.list("customNetworkRefs");
    let (routes, destination_rules) = read_routes(&references, problems)?
        .into_iter()
        .partition(|reference| reference.kind == "VirtualService");
    let service = Reference {
        group: String::new(),
        kind: "Service".to_owned(),
        name: name.to_owned(),
        path: service.path(),
    };
    Some(TrafficReference { service, routes, destination_rules, canary })
}

/// Reads the references; what is named twice counts once.
fn read_routes<'a>(
    fields: &[Field<'_, 'a>],
    problems: &mut Collector<'a>,
) -> Option<Vec<Reference>> {
    let read: Vec<_> =
        fields.iter().map(|field| Some((field, read_route(field, problems)?))).collect();
    let mut references: Vec<Reference> = Vec::new();
    for (field, reference) in read.into_iter().collect::<Option<Vec<_>>>()? {
        let called = |one: &Reference| (one.kind.clone(), one.name.clone());
        if references.iter().any(|other| called(other) == called(&reference)) {
            let (kind, name) = (reference.kind.to_lowercase(), &reference.name);
            let message = format!("{kind} `{name}` is named twice");
            let problem = field.problem(&DUPLICATE_REFERENCE, message);
            problems.push(problem.help("remove the entry, or name the other object"));
        } else {
            references.push(reference);
        }
    }
    Some(references)
}

fn read_route<'a>(field: &Field<'_, 'a>, problems: &mut Collector<'a>) -> Option<Reference> {
    let reference = read_reference(field)?;
    if reference.group == ISTIO && KINDS.contains(&reference.kind.as_str()) {
        return Some(reference);
    }
    let group = if reference.group.is_empty() { "the core group" } else { &reference.group };
    let kind = &reference.kind;
    let message = format!("routing objects of kind {kind} of {group} are not rendered yet");
    let problem = field.problem(&UNSUPPORTED_ROUTING, message);
    problems.push(problem.help(format!("name a {} of {ISTIO}", KINDS.join(" or "))));
    None
}
