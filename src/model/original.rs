//! The original of a routing object, before anything was changed.
//!
//! While traffic is split, the object carries its original in an annotation, as the controller's
//! objects do. Every stage is made from the original, so that none depends on the one before it.

use serde_json::{Map, Value};

use super::stamp::unstamp;
use crate::diagnostic::codes::INVALID_ORIGINAL;
use crate::diagnostic::{Code, Collector, Problem};
use crate::manifest::{FieldPath, Resource, write_go_json};
use crate::schema::{Schema, check};

/// The annotation that holds the original while traffic is split.
///
/// From openkruise/rollouts:pkg/trafficrouting/network/customNetworkProvider/
/// custom_network_provider.go `OriginalSpecAnnotation`.
pub(crate) const ORIGINAL_ANNOTATION: &str = "rollouts.kruise.io/original-spec-configuration";

/// A routing object before anything was changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Original {
    pub(crate) spec: Value,
    pub(crate) labels: Option<Value>,
    pub(crate) annotations: Option<Value>,
    /// Whether it comes from the annotation.
    pub(crate) stored: bool,
}

impl Original {
    /// Reads the original of an object; an annotation that cannot be read is told.
    ///
    /// Labels and annotations that are no strings are told as well.
    pub(super) fn read<'a>(resource: &Resource<'a>, problems: &mut Collector<'a>) -> Option<Self> {
        for map in ["labels", "annotations"] {
            if let Some(field) = resource.field(&["metadata", map]) {
                check(&field, Schema::Labels, problems);
            }
        }
        match Self::find(resource) {
            Ok(original) => Some(original),
            Err(problem) => {
                problems.push(*problem);
                None
            }
        }
    }

    /// Returns a problem with the field at `path` of the original of `resource`.
    ///
    /// A stored original has no bytes of its own; its annotation stands for it.
    pub(crate) fn problem<'a>(
        &self,
        resource: &Resource<'a>,
        path: &FieldPath,
        (code, message): (&'static Code, String),
    ) -> Problem<'a> {
        if !self.stored {
            return resource.problem_at(path, code, message);
        }
        let message = format!("{message} (in the stored original, {path})");
        resource.problem_at(&annotation_path(), code, message)
    }

    fn find<'a>(resource: &Resource<'a>) -> Result<Self, Box<Problem<'a>>> {
        let mut object = resource.to_value();
        unstamp(&mut object);
        let metadata = object.get("metadata");
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        match annotations.and_then(|annotations| annotations.get(ORIGINAL_ANNOTATION)) {
            Some(stored) => Self::parse(stored).ok_or_else(|| Box::new(unreadable(resource))),
            None => Ok(Self {
                spec: object.get("spec").cloned().unwrap_or_default(),
                labels: filled(labels),
                annotations: filled(annotations),
                stored: false,
            }),
        }
    }

    fn parse(stored: &Value) -> Option<Self> {
        let value: Value = serde_json::from_str(stored.as_str()?).ok()?;
        let spec = value.get("spec").filter(|spec| spec.is_object())?.clone();
        let part = |key: &str| filled(value.get(key));
        Some(Self { spec, labels: part("labels"), annotations: part("annotations"), stored: true })
    }

    /// Returns the text of the annotation that stores this original.
    ///
    /// Go's `json.Marshal` of spec, labels and annotations in that order, the last two left out where
    /// they are empty; the annotation itself is not part of it.
    pub(crate) fn to_annotation(&self) -> String {
        let mut text = String::from("{\"spec\":");
        write_go_json(&mut text, &self.spec);
        for (key, part) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if let Some(part) = part {
                text.push_str(&format!(",\"{key}\":"));
                write_go_json(&mut text, part);
            }
        }
        text.push('}');
        text
    }
}

fn filled(part: Option<&Value>) -> Option<Value> {
    part.filter(|part| part.as_object().is_some_and(|map: &Map<_, _>| !map.is_empty())).cloned()
}

fn unreadable<'a>(resource: &Resource<'a>) -> Problem<'a> {
    let message = format!("the stored original of {} is no JSON with a `spec`", resource.called());
    resource
        .problem_at(&annotation_path(), &INVALID_ORIGINAL, message)
        .help("remove the annotation if the object is the original, or take the original from Git")
}

fn annotation_path() -> FieldPath {
    FieldPath::of_keys(&["metadata", "annotations", ORIGINAL_ANNOTATION])
}
