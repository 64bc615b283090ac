//! Rollouts of OpenKruise, versions v1beta1 and v1alpha1.
//!
//! First it is admitted, as the API server would: its fields are those of its
//! [`schema`], the webhook has nothing against it ([`validation`]), and v1alpha1 becomes v1beta1
//! ([`v1alpha1`]). What is read afterwards is field by field as
//! openkruise/rollouts:api/v1beta1/rollout_types.go has it, with the defaults that its CRD would apply,
//! and refused where this tool does not render it yet.

mod conflict;
mod places;
mod references;
mod routing;
mod schema;
mod steps;
mod style;
mod traffic_routing;
mod v1alpha1;
mod validation;

use super::Reader;
use crate::diagnostic::codes::{
    INVALID_FIELD, MISSING_FIELD, UNKNOWN_FIELD, UNSUPPORTED_STRATEGY, UNSUPPORTED_VERSION,
    UNSUPPORTED_WORKLOAD,
};
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{Field, FieldPath, Manifest, Resource};
use crate::rollout::{Definition, PodMetadata, Reference, Revisions, read_labels};
use crate::schema::check;
use places::PLACES;
use references::read_reference;
use style::{Style, style_of};

/// Rollouts of OpenKruise.
pub(super) static READER: Reader = Reader {
    group: GROUP,
    kind: "Rollout",
    admit: admit_stored,
    read: read_definition,
    check_conflicts: conflict::check_conflicts,
    workload: references::workload_name,
    changed_objects: references::changed_objects,
    names: references::names,
};

/// The API group of a Rollout.
const GROUP: &str = "rollouts.kruise.io";

/// The codes of reading that the webhook has reported already, where it refuses a Rollout.
const SAID_BY_THE_WEBHOOK: [&Code; 2] = [&INVALID_FIELD, &MISSING_FIELD];

/// A Rollout as the API server would store it: in version v1beta1.
#[derive(Debug)]
struct Admitted<'a> {
    resource: Resource<'a>,
    /// Whether its fields are those of its schema, so that it can be read.
    well_formed: bool,
    /// Whether the webhook refuses it.
    refused: bool,
}

/// Admits a Rollout, and returns it in version v1beta1.
fn admit_stored<'a>(resource: Resource<'a>, problems: &mut Collector<'a>) -> Option<Resource<'a>> {
    admit(resource, problems).map(|admitted| admitted.resource)
}

/// Admits a Rollout as the API server would; what is wrong with it is reported.
fn admit<'a>(resource: Resource<'a>, problems: &mut Collector<'a>) -> Option<Admitted<'a>> {
    let old = match resource.identity.version.as_str() {
        "v1beta1" => false,
        "v1alpha1" => true,
        _ => {
            problems.push(unsupported_version(&resource));
            return None;
        }
    };
    let mut found = Collector::default();
    let schema = if old { schema::v1alpha1::ROLLOUT } else { schema::ROLLOUT };
    check(&resource.root(), schema, &mut found);
    if resource.identity.name.is_empty() {
        found.push(unnamed(&resource));
    }
    let well_formed = !found.has_any_besides(&UNKNOWN_FIELD);
    problems.append(found);
    let mut found = Collector::default();
    if old {
        validation::v1alpha1::validate(&resource, &mut found);
        v1alpha1::report_losses(&resource, &mut found);
    } else {
        validation::validate(&resource, &mut found);
    }
    let refused = found.has_errors();
    problems.append(found);
    let resource = if old { v1alpha1::convert(resource) } else { resource };
    Some(Admitted { resource, well_formed, refused })
}

/// Reads a Rollout of `manifest`; what is wrong with it is reported.
fn read_definition<'a>(
    resource: Resource<'a>,
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Definition<'a>> {
    let Admitted { resource, well_formed, refused } = admit(resource, problems)?;
    if !well_formed {
        return None;
    }
    let mut said = Collector::default();
    let definition = read_admitted(resource, manifest, &mut said);
    problems.append_besides(said, if refused { &SAID_BY_THE_WEBHOOK } else { &[] });
    definition
}

fn read_admitted<'a>(
    resource: Resource<'a>,
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Definition<'a>> {
    let workload = read_reference(&resource.field(&["spec", "workloadRef"])?)?;
    let supported = check_workload(&resource, &workload, problems);
    let canary = read_strategy(&resource, problems)?;
    let steps = steps::read_steps(&canary, problems);
    let traffic = routing::read_traffic(&resource, &canary, manifest, problems);
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
        places: &PLACES,
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
    let canary = strategy.child("canary");
    if strategy.child("blueGreen").is_some() {
        // The webhook refuses both at once.
        if canary.is_some() {
            return None;
        }
        problems.push(
            strategy
                .key_problem("blueGreen", &UNSUPPORTED_STRATEGY, "blueGreen is not rendered yet")
                .help("use `spec.strategy.canary`"),
        );
        return None;
    }
    let canary = canary?;
    let name = "enableExtraWorkloadForCanary";
    let switch = canary.child(name).filter(|field| field.to_value().as_bool() != Some(true));
    if let Some(field) = switch {
        let message = "partition style changes the pods of one Deployment in place, which manifests cannot say";
        problems.push(field.problem(&UNSUPPORTED_STRATEGY, message).help(
            if resource.is_rewritten() {
                "write `canary`, or remove the annotation".to_owned()
            } else {
                format!("set `{name}: true`, or remove the field")
            },
        ));
        return None;
    }
    Some(canary)
}

fn check_workload<'a>(
    resource: &Resource<'a>,
    workload: &Reference,
    problems: &mut Collector<'a>,
) -> bool {
    let is_deployment = workload.group == "apps" && workload.kind == "Deployment";
    // The webhook has reported it.
    if !validation::takes_workload(resource) {
        return false;
    }
    let message = if !is_deployment {
        format!("workloads of kind {} are not rendered yet", workload.kind)
    } else if style_of(resource) == Style::Partition && !is_switched_off(resource) {
        "a Deployment of another version than apps/v1 is rolled out in partition style".to_owned()
    } else {
        return true;
    };
    problems.push(
        resource
            .problem_at(&workload.path, &UNSUPPORTED_WORKLOAD, message)
            .help("name a Deployment of apps/v1"),
    );
    false
}

fn unsupported_version<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let version = &resource.identity.version;
    let path = FieldPath::of_keys(&["apiVersion"]);
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

/// Returns whether canary style is switched off, which is reported at the switch.
fn is_switched_off(resource: &Resource<'_>) -> bool {
    let switch = ["spec", "strategy", "canary", "enableExtraWorkloadForCanary"];
    resource.field(&switch).is_some_and(|field| field.to_value().as_bool() == Some(false))
}

/// Returns a problem with a value that has the right type and the wrong content.
fn invalid<'a>(field: &Field<'_, 'a>, message: impl Into<String>) -> Problem<'a> {
    field.problem(&INVALID_FIELD, message)
}
