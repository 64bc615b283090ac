//! Annotations that the API server would refuse.
//!
//! The original of a routing object lies in an annotation, and `kubectl apply` keeps a copy of the
//! whole object in another.

use std::io;

use serde_json::Value;

use super::StageRender;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{ANNOTATIONS_NEAR_LIMIT, ANNOTATIONS_TOO_LARGE};
use crate::manifest::{FieldPath, Resource};

/// The most that keys and values of all annotations of an object may take, in bytes.
///
/// From kubernetes/apimachinery:pkg/api/validation/objectmeta.go `TotalAnnotationSizeLimitB`.
const LIMIT: usize = 256 * 1024;

/// Reports objects whose annotations are or would become too large.
pub(crate) fn check_sizes<'a>(stage: &StageRender<'_, 'a>) -> Vec<Problem<'a>> {
    let plan = stage.at.plan;
    let edited = plan.rollout.objects().filter_map(|object| stage.edited(object.id));
    let changed = edited.filter_map(|edited| check_size(edited.resource, &edited.after));
    let added = stage.additions.iter().filter_map(|addition| {
        let twin = plan.rollout.objects().find(|object| object.id == addition.beside)?;
        check_size(twin, &addition.value)
    });
    changed.chain(added).collect()
}

fn check_size<'a>(resource: &Resource<'a>, value: &Value) -> Option<Problem<'a>> {
    let annotations = value.pointer("/metadata/annotations").and_then(Value::as_object);
    let length = |(key, value): (&String, &Value)| key.len() + value.as_str().map_or(0, str::len);
    let size: usize = annotations.into_iter().flatten().map(length).sum();
    let called = resource.called();
    let path = FieldPath::of_keys(&["metadata", "annotations"]);
    if size > LIMIT {
        let message = format!(
            "the annotations of {called} take {size} bytes, more than the {LIMIT} that the API server takes"
        );
        let problem = resource.problem_at(&path, &ANNOTATIONS_TOO_LARGE, message);
        return Some(problem.help(format!(
            "split the {}; its original must fit into an annotation",
            routing_kind(resource)
        )));
    }
    let applied = size + json_length(value);
    (applied > LIMIT).then(|| {
        let message = format!("the annotations of {called} take {size} bytes, and `kubectl apply` would add a copy of the object");
        let problem = resource.problem_at(&path, &ANNOTATIONS_NEAR_LIMIT, message);
        problem.help(format!(
            "apply with `--server-side`, or split the {}",
            routing_kind(resource)
        ))
    })
}

/// Returns how long the object is as compact JSON, in bytes.
fn json_length(value: &Value) -> usize {
    let mut length = Length(0);
    // Neither a value nor a number of bytes can fail to be written.
    let _ = serde_json::to_writer(&mut length, value);
    length.0
}

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the kind of object that holds an original, by what `resource` is.
fn routing_kind(resource: &Resource<'_>) -> &'static str {
    match resource.identity.kind.as_str() {
        "DestinationRule" => "DestinationRule",
        _ => "VirtualService",
    }
}
