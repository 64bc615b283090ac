//! A Service, as far as a rollout looks into it.

use super::wishes::Compat;
use crate::diagnostic::codes::{INVALID_FIELD, UNSUPPORTED_SERVICE};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Resource};
use crate::rollout::{Labels, Part, Places, read_labels};
use crate::schema::{Schema, check};

/// A Service with a selector.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    pub(crate) resource: Resource<'a>,
    pub(crate) selector: Labels,
}

/// Reads a Service that can be split into a stable and a canary one.
pub(crate) fn read_service<'a>(
    resource: Resource<'a>,
    compat: Option<Compat>,
    places: &Places,
    problems: &mut Collector<'a>,
) -> Option<Service<'a>> {
    let external = resource
        .field(&["spec", "type"])
        .is_some_and(|field| field.node().as_str() == Some("ExternalName"));
    let field = resource.field(&["spec", "selector"]);
    let labels = resource.field(&["metadata", "labels"]);
    for field in field.iter().chain(&labels) {
        check(field, Schema::Labels, problems);
    }
    check_version(&resource, problems);
    let selector = read_labels(field.as_ref());
    if external || selector.is_empty() {
        let problem = unsupported(&resource, external, compat);
        problems.push(problem.help(format!(
            "name a Service in {} that selects the workload's pods",
            places.word(Part::Traffic)
        )));
        return None;
    }
    Some(Service { resource, selector })
}

/// Reports another version than the only one that Services have.
fn check_version<'a>(resource: &Resource<'a>, problems: &mut Collector<'a>) {
    let Some(version) = resource.field(&["apiVersion"]) else { return };
    if version.node().as_str() != Some("v1") {
        let message = format!("{} is of an API that has no Services", resource.called());
        problems.push(version.problem(&INVALID_FIELD, message).help("write `apiVersion: v1`"));
    }
}

fn unsupported<'a>(resource: &Resource<'a>, external: bool, compat: Option<Compat>) -> Problem<'a> {
    let called = resource.called();
    let (field, message) = match (external, compat) {
        (true, _) => (
            "type",
            format!("{called} is an ExternalName, so no pods stand behind it to choose from"),
        ),
        (false, None) => {
            ("selector", format!("{called} has no selector, so its pods cannot be told apart"))
        }
        // openkruise/rollouts:pkg/trafficrouting/manager.go `createCanaryService`.
        (false, Some(Compat::Kruise)) => (
            "selector",
            format!(
                "{called} has no selector, and the controller panics where it adds the revision to it"
            ),
        ),
    };
    resource.problem_at(&FieldPath::of_keys(&["spec", field]), &UNSUPPORTED_SERVICE, message)
}
