//! Rollouts that are left as they came.
//!
//! A rollout may belong to its controller while others of the same tree are rendered here. Its
//! annotation says so; no object of it is changed, and the Rollout itself stays in the output, since the
//! controller needs it.

use super::ObjectName;
use crate::definition::is_rollout;
use crate::diagnostic::codes::{IGNORED_ROLLOUT_CHOSEN, INVALID_FIELD, ROLLOUT_IGNORED};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{FieldPath, Manifest, Resource};

/// The annotation that leaves a rollout alone.
pub(crate) const IGNORE_ANNOTATION: &str = "rollstep.dev/ignore";

const PATH: [&str; 3] = ["metadata", "annotations", IGNORE_ANNOTATION];

/// Returns whether the object is a Rollout that is left as it came.
pub(crate) fn is_ignored(resource: &Resource<'_>) -> bool {
    is_rollout(&resource.identity) && value(resource).as_deref() == Some("true")
}

/// Returns the Rollouts of the input that are left as they came.
pub(crate) fn ignored<'a>(manifest: &Manifest<'a>) -> impl Iterator<Item = Resource<'a>> {
    let rollouts = manifest.objects().filter(|(_, object)| is_rollout(&object.identity));
    rollouts.filter_map(|(id, _)| manifest.resource(id)).filter(is_ignored)
}

/// Reports what is left as it came, and what contradicts that.
pub(super) fn report<'a>(
    resource: &Resource<'a>,
    chosen: Option<&ObjectName>,
    problems: &mut Collector<'a>,
) {
    let field = FieldPath::of_keys(&PATH);
    let called = resource.called();
    if chosen.is_some_and(|name| name.names(&resource.identity)) {
        problems.push(is_chosen(resource, "`--rollout` names it"));
    } else if chosen.is_none() {
        let message = format!("{called} is left as it came");
        problems.push(resource.problem_at(&field, &ROLLOUT_IGNORED, message));
    }
}

/// Returns the problem with an ignored rollout that something asks for.
pub(crate) fn is_chosen<'a>(resource: &Resource<'a>, how: &str) -> Problem<'a> {
    let message = format!("{} is to be left as it came, and {how}", resource.called());
    let problem = resource.problem_at(&FieldPath::of_keys(&PATH), &IGNORED_ROLLOUT_CHOSEN, message);
    problem.help(format!("remove the annotation `{IGNORE_ANNOTATION}`, or leave the rollout alone"))
}

/// Returns the problem with an annotation that says neither yes nor no.
pub(super) fn check<'a>(resource: &Resource<'a>) -> Option<Problem<'a>> {
    let value = value(resource)?;
    if value == "true" || value == "false" {
        return None;
    }
    let message = format!("the annotation `{IGNORE_ANNOTATION}` is neither `true` nor `false`");
    let problem = resource.problem_at(&FieldPath::of_keys(&PATH), &INVALID_FIELD, message);
    Some(problem.help(format!("write `{IGNORE_ANNOTATION}: \"true\"`, or remove it")))
}

fn value(resource: &Resource<'_>) -> Option<String> {
    let field = resource.field(&PATH)?;
    Some(field.node().as_str().map_or_else(|| field.to_value().to_string(), str::to_owned))
}
