//! VirtualServices that a RollStep lists beside those that the definition names.

use super::Lookup;
use crate::diagnostic::codes::{
    DUPLICATE_REFERENCE, INVALID_FIELD, UNKNOWN_ROUTE, UNSUPPORTED_ROUTING,
};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::FieldPath;
use crate::model::roll_step::{ListedRoute, RollStep};
use crate::model::valid_name::check_object;
use crate::model::virtual_service::{ISTIO, VirtualService};
use crate::rollout::{Part, Places, Wanted, find, suggest};

/// Returns the routes that the RollStep lists and the definition does not name.
///
/// One that the input lacks is an error, as it is where the definition names it.
pub(super) fn find_listed<'a>(
    lookup: &Lookup<'_, 'a>,
    roll_step: Option<&RollStep<'a>>,
    named: &[VirtualService<'a>],
    problems: &mut Collector<'a>,
) -> Option<Vec<VirtualService<'a>>> {
    let Some(roll_step) = roll_step.filter(|roll_step| !roll_step.routes.is_empty()) else {
        return Some(Vec::new());
    };
    if lookup.compat.is_some() {
        problems.push(not_by_the_controller(roll_step));
        return None;
    }
    let mut found: Vec<VirtualService<'a>> = Vec::new();
    let mut complete = true;
    for listed in &roll_step.routes {
        let wanted = Wanted {
            group: ISTIO,
            kind: &listed.kind,
            namespace: &listed.namespace,
            name: &listed.name,
        };
        let Some(resource) = find(lookup.manifest, wanted) else {
            if !lookup.manifest.incomplete {
                let help = suggest(lookup.manifest, wanted, None);
                problems.push(unknown(roll_step, listed).help(help));
            }
            complete = false;
            continue;
        };
        let known = &lookup.definition.resource.identity.namespace;
        if check_object(&resource, known, problems).is_none() {
            complete = false;
            continue;
        }
        if named.iter().chain(&found).any(|route| route.resource.id == resource.id) {
            problems.push(twice(roll_step, listed));
            continue;
        }
        match lookup.read_route(resource, problems) {
            Some(route) => found.push(route),
            None => complete = false,
        }
    }
    complete.then_some(found)
}

/// Returns the problem with routes of a rollout that names no Service to lead requests to.
pub(super) fn without_service<'a>(
    roll_step: &RollStep<'a>,
    places: &Places,
) -> Option<Problem<'a>> {
    roll_step.routes.first()?;
    let traffic = places.word(Part::Traffic);
    let message = format!(
        "the rollout has no {traffic}, so that no Service is known that these routes send to"
    );
    let problem = roll_step.resource.problem_at(&routes_path(), &INVALID_FIELD, message);
    Some(problem.help(format!("add `{traffic}` to the Rollout, or remove `routes`")))
}

fn not_by_the_controller<'a>(roll_step: &RollStep<'a>) -> Problem<'a> {
    let message = "the controller knows the routes alone that the Rollout names, in its own namespace: `--compat kruise` cannot write these";
    let problem = roll_step.resource.problem_at(&routes_path(), &UNSUPPORTED_ROUTING, message);
    problem.help("render without `--compat`, or remove `routes`")
}

fn unknown<'a>(roll_step: &RollStep<'a>, listed: &ListedRoute) -> Problem<'a> {
    let message = format!(
        "{} lists {} `{}/{}`, which is not in the input",
        roll_step.resource.called(),
        listed.kind.to_lowercase(),
        listed.namespace,
        listed.name
    );
    roll_step.resource.problem_at(&listed.path.key("name"), &UNKNOWN_ROUTE, message)
}

fn twice<'a>(roll_step: &RollStep<'a>, listed: &ListedRoute) -> Problem<'a> {
    let ListedRoute { kind, namespace, name, path } = listed;
    let message = format!("{} `{namespace}/{name}` is named twice", kind.to_lowercase());
    let problem = roll_step.resource.problem_at(path, &DUPLICATE_REFERENCE, message);
    problem.help("remove the entry, or name the other object")
}

fn routes_path() -> FieldPath {
    FieldPath::of_keys(&["spec", "routes"])
}
