//! Reads an OpenKruise `Rollout`, version v1beta1.
//!
//! Field by field as openkruise/rollouts:api/v1beta1/rollout_types.go has them, with the defaults
//! that its CRD would apply, and refused where its webhook would refuse
//! (pkg/webhook/rollout/validating/rollout_create_update_handler.go) or where this tool does not
//! render it yet. Nothing after this file knows the name of the controller.

mod routing;
mod schema;
mod steps;

use super::rollout::{Definition, PodMetadata, Reference};
use super::schema::check;
use super::selector::read_labels;
use super::wishes::Revisions;
use crate::diagnostic::codes::{
    INVALID_FIELD, MISSING_FIELD, STYLE_ASSUMED, UNKNOWN_FIELD, UNSUPPORTED_STRATEGY,
    UNSUPPORTED_VERSION, UNSUPPORTED_WORKLOAD,
};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{Field, Identity, Resource};

/// The API group of a Rollout.
const GROUP: &str = "rollouts.kruise.io";

/// Returns whether the object is a Rollout, in any version.
pub(crate) fn is_rollout(identity: &Identity) -> bool {
    identity.is(GROUP, "Rollout")
}

/// Reads a Rollout; what is wrong with it is told.
pub(crate) fn read_definition<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<Definition<'a>> {
    if resource.identity.version != "v1beta1" {
        problems.push(unsupported_version(&resource));
        return None;
    }
    let mut found = Collector::default();
    check(&resource.root(), schema::ROLLOUT, &mut found);
    let broken = found.has_any_besides(&UNKNOWN_FIELD);
    problems.append(found);
    if resource.identity.name.is_empty() {
        problems.push(unnamed(&resource));
        return None;
    }
    if broken {
        return None;
    }
    read_checked(resource, problems)
}

fn read_checked<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<Definition<'a>> {
    let workload = read_reference(&resource.field(&["spec", "workloadRef"])?)?;
    let supported = check_workload(&resource, &workload, problems);
    let canary = read_strategy(&resource, problems)?;
    let steps = steps::read_steps(&canary, problems);
    let traffic = routing::read_traffic(&canary, problems);
    let patch = canary.child("patchPodTemplateMetadata");
    let metadata = |key| patch.as_ref().and_then(|patch: &Field<'_, '_>| patch.child(key));
    let pod_metadata = PodMetadata {
        labels: read_labels(metadata("labels").as_ref()),
        annotations: read_labels(metadata("annotations").as_ref()),
    };
    let switched = |keys: &[&str]| {
        resource.field(keys).is_some_and(|field| field.to_value().as_bool() == Some(true))
    };
    let disabled = switched(&["spec", "disabled"]);
    let paused = switched(&["spec", "strategy", "paused"]);
    let revisions = read_revisions(&resource);
    supported.then_some(Definition {
        resource,
        workload,
        traffic,
        steps,
        pod_metadata,
        disabled,
        paused,
        revisions,
    })
}

/// Reads the revisions from `status.canaryStatus`: openkruise/rollouts:api/v1beta1/rollout_types.go.
fn read_revisions(resource: &Resource<'_>) -> Revisions {
    let status = resource.field(&["status", "canaryStatus"]);
    let text = |key| {
        let text = status.as_ref().and_then(|status: &Field<'_, '_>| status.text(key));
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Revisions { stable: text("stableRevision"), canary: text("podTemplateHash") }
}

/// Returns the canary strategy, the only one that is rendered.
fn read_strategy<'r, 'a>(
    resource: &'r Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<Field<'r, 'a>> {
    let strategy = resource.field(&["spec", "strategy"])?;
    if strategy.child("blueGreen").is_some() {
        problems.push(
            strategy
                .key_problem("blueGreen", &UNSUPPORTED_STRATEGY, "blueGreen is not rendered yet")
                .help("use `spec.strategy.canary`"),
        );
        return None;
    }
    let Some(canary) = strategy.child("canary") else {
        let problem = strategy.problem(&MISSING_FIELD, "the rollout has no canary strategy");
        problems.push(problem.help("add `spec.strategy.canary` with its steps"));
        return None;
    };
    check_style(&strategy, &canary, problems).then_some(canary)
}

/// Refuses partition style, and tells where canary style is only assumed.
fn check_style<'a>(
    strategy: &Field<'_, 'a>,
    canary: &Field<'_, 'a>,
    problems: &mut Collector<'a>,
) -> bool {
    let name = "enableExtraWorkloadForCanary";
    let Some(field) = canary.child(name) else {
        let message = format!("`{name}` is absent; rendered as canary style");
        problems.push(strategy.key_problem("canary", &STYLE_ASSUMED, message).help(format!(
            "write `{name}: true`; a controller takes its absence for partition style"
        )));
        return true;
    };
    let canary_style = field.to_value().as_bool() == Some(true);
    if !canary_style {
        let message = "partition style changes the pods of one Deployment in place, which manifests cannot say";
        problems.push(
            field
                .problem(&UNSUPPORTED_STRATEGY, message)
                .help(format!("set `{name}: true`, or remove the field")),
        );
    }
    canary_style
}

fn check_workload<'a>(
    resource: &Resource<'a>,
    workload: &Reference,
    problems: &mut Collector<'a>,
) -> bool {
    let supported = workload.group == "apps" && workload.kind == "Deployment";
    if !supported {
        let message = format!("workloads of kind {} are not rendered yet", workload.kind);
        problems.push(
            resource
                .problem_at(&workload.path, &UNSUPPORTED_WORKLOAD, message)
                .help("name a Deployment of apps/v1"),
        );
    }
    supported
}

/// Reads `apiVersion`, `kind` and `name`; the version means nothing.
fn read_reference(field: &Field<'_, '_>) -> Option<Reference> {
    let group = field.text("apiVersion")?.split_once('/').map_or("", |(group, _)| group);
    Some(Reference {
        group: group.to_owned(),
        kind: field.text("kind")?.to_owned(),
        name: field.text("name")?.to_owned(),
        path: field.path().key("name"),
    })
}

fn unsupported_version<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let version = &resource.identity.version;
    let path = crate::manifest::FieldPath::of_keys(&["apiVersion"]);
    resource
        .problem_at(
            &path,
            &UNSUPPORTED_VERSION,
            format!("Rollouts of version {version} are not read yet"),
        )
        .help(format!("write the Rollout as {GROUP}/v1beta1"))
}

fn unnamed<'a>(resource: &Resource<'a>) -> Problem<'a> {
    resource.root().problem(&MISSING_FIELD, "the rollout has no name").help("add `metadata.name`")
}

/// Returns a problem with a value that has the right type and the wrong content.
fn invalid<'a>(field: &Field<'_, 'a>, message: impl Into<String>) -> Problem<'a> {
    field.problem(&INVALID_FIELD, message)
}
