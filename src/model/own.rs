//! Objects of ours that an earlier render left in the input.
//!
//! A rendered tree may be rendered again. Our own objects carry marks; they are dropped and made
//! anew. An object without our mark under the name of one of ours is somebody else's.

use super::name::{CANARY_DEPLOYMENT_LABEL, CANARY_OF_ANNOTATION, CANARY_SUFFIX, with_suffix};
use crate::diagnostic::codes::CANARY_NAME_TAKEN;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{Identity, Manifest, ObjectId, Resource};
use crate::rollout::{Wanted, find};

/// The canary objects of an earlier render.
#[derive(Debug, Default)]
pub(crate) struct Own<'a> {
    pub(crate) deployment: Option<Resource<'a>>,
    pub(crate) service: Option<Resource<'a>>,
}

impl<'a> Own<'a> {
    /// Returns what is dropped from the input.
    pub(super) fn ids(&self) -> Vec<ObjectId> {
        self.deployment.iter().chain(&self.service).map(|object| object.id).collect()
    }

    /// Finds our own objects beside the workload and the Service; others of their names are reported.
    ///
    /// With the Service comes whether the canary has one of its own. Without, one that we made before
    /// that was so is dropped, and any other Service of its name may be there.
    pub(super) fn find(
        manifest: &Manifest<'a>,
        workload: &Identity,
        service: Option<(&Identity, bool)>,
        problems: &mut Collector<'a>,
    ) -> Self {
        let label = ["metadata", "labels", CANARY_DEPLOYMENT_LABEL];
        let annotation = ["metadata", "annotations", CANARY_OF_ANNOTATION];
        let deployment = find_named(manifest, workload);
        let service_canary = service.and_then(|(service, _)| find_named(manifest, service));
        let deployment = deployment
            .and_then(|found| marked(found, (&label, &with_suffix(&workload.name, "")), problems));
        let service = service_canary.and_then(|found| {
            let (service, made) = service?;
            let mark = (annotation.as_slice(), service.name.as_str());
            if made || is_marked(&found, mark) { marked(found, mark, problems) } else { None }
        });
        Self { deployment, service }
    }
}

fn find_named<'a>(manifest: &Manifest<'a>, stable: &Identity) -> Option<Resource<'a>> {
    let name = with_suffix(&stable.name, CANARY_SUFFIX);
    let Identity { group, kind, namespace, .. } = stable;
    find(manifest, Wanted { group, kind, namespace, name: &name })
}

/// Returns the object if it carries our mark with that value.
fn marked<'a>(
    object: Resource<'a>,
    (mark, value): (&[&str], &str),
    problems: &mut Collector<'a>,
) -> Option<Resource<'a>> {
    if is_marked(&object, (mark, value)) {
        return Some(object);
    }
    problems.push(name_taken(&object));
    None
}

fn is_marked(object: &Resource<'_>, (mark, value): (&[&str], &str)) -> bool {
    object.field(mark).is_some_and(|field| field.node().as_str() == Some(value))
}

fn name_taken<'a>(object: &Resource<'a>) -> Problem<'a> {
    let message = format!("{} has the name of an object that the rollout adds", object.called());
    object.root().problem(&CANARY_NAME_TAKEN, message).help("give it another name")
}
