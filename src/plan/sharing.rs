//! Objects that more than one wants.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::{CANARY_NAME_TAKEN, SHARED_OBJECT};
use crate::manifest::{Manifest, Resource};
use crate::model::Rollout;

/// Tells objects that two rollouts change.
pub(crate) fn check_shared<'a>(rollouts: &[Rollout<'a>], problems: &mut Collector<'a>) {
    for (index, rollout) in rollouts.iter().enumerate() {
        for earlier in rollouts.iter().take(index) {
            let shared =
                objects(rollout).find(|object| objects(earlier).any(|other| other.id == object.id));
            if let Some(object) = shared {
                let message = format!(
                    "{} and {} both change {}, which is not rendered yet",
                    earlier.called(),
                    rollout.called(),
                    object.called()
                );
                let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
                problems.push(
                    problem.help("choose one with `--rollout`, or give each an object of its own"),
                );
            }
        }
    }
}

fn objects<'r, 'a>(rollout: &'r Rollout<'a>) -> impl Iterator<Item = &'r Resource<'a>> {
    let traffic = rollout.traffic.iter();
    let routes = traffic.clone().flat_map(|traffic| &traffic.routes).map(|route| &route.resource);
    let services = traffic.map(|traffic| &traffic.service.resource);
    [&rollout.workload.resource].into_iter().chain(services).chain(routes)
}

/// Tells objects of the input that have the name of one that the rollout adds.
pub(super) fn check_names<'a>(
    rollout: &Rollout<'a>,
    manifest: &Manifest<'a>,
    (workload, service): (&str, Option<&str>),
    problems: &mut Collector<'a>,
) {
    let namespace = &rollout.workload.resource.identity.namespace;
    let wanted = [("apps", "Deployment", Some(workload)), ("", "Service", service)];
    for (group, kind, name) in wanted {
        let taken = name.and_then(|name| manifest.find([group, kind, namespace, name]));
        if let Some(object) = taken.and_then(|id| manifest.resource(id)) {
            let message = format!(
                "{} has the name of an object that {} adds",
                object.called(),
                rollout.called()
            );
            let problem = object.root().problem(&CANARY_NAME_TAKEN, message);
            problems.push(
                problem
                    .help("rename it, or take it out of the input if it is of an earlier render"),
            );
        }
    }
}
