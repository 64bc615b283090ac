//! Kinds of definition: what is asked of each, and the table of those that are read.
//!
//! A definition says how a workload is rolled out, in the words of one controller. What comes out of a
//! reader is neutral ([`crate::rollout`]): the rooms above ask it where a thing was said and in which
//! words, and spell no field of it.

mod kruise;

use serde_json::Value;

use crate::diagnostic::Collector;
use crate::manifest::{Identity, Manifest, Resource};
use crate::rollout::Definition;

/// A kind of definition.
struct Reader {
    /// The API group of its objects.
    group: &'static str,
    /// The kind of its objects, in any version.
    kind: &'static str,
    /// Admits an object as the API server would, and returns it as it would be stored.
    admit: for<'a> fn(Resource<'a>, &mut Collector<'a>) -> Option<Resource<'a>>,
    /// Reads an object; what is wrong with it is reported.
    read: for<'a> fn(Resource<'a>, &Manifest<'a>, &mut Collector<'a>) -> Option<Definition<'a>>,
    /// Reports each object whose workload one before it has.
    check_conflicts: for<'a> fn(&[&Resource<'a>], &mut Collector<'a>),
    /// Returns what an object says of its workload; two of one namespace that say the same have one.
    workload: for<'r> fn(&'r Resource<'_>) -> Option<WorkloadName<'r>>,
    /// Returns the objects of its namespace that an object names and that its steps change.
    changed_objects: for<'r> fn(&'r Resource<'_>) -> Vec<ChangedObject<'r>>,
    /// Returns every name of another object.
    names: for<'v> fn(&'v mut Value) -> Vec<NameField<'v>>,
}

/// All kinds of definition.
static READERS: &[&Reader] = &[&kruise::READER];

/// What a definition says of its workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct WorkloadName<'r> {
    api_version: &'r str,
    kind: &'r str,
    name: &'r str,
}

/// An object in the namespace of a definition that its steps change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChangedObject<'r> {
    pub(crate) kind: &'r str,
    pub(crate) name: &'r str,
}

/// The field that holds the name of another object.
#[derive(Debug)]
pub(crate) struct NameField<'v> {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) name: &'v mut Value,
}

fn reader_of(group: &str, kind: &str) -> Option<&'static Reader> {
    READERS.iter().copied().find(|reader| reader.group == group && reader.kind == kind)
}

fn reader_of_object(identity: &Identity) -> Option<&'static Reader> {
    reader_of(&identity.group, &identity.kind)
}

/// Returns whether the object is a definition, in any version.
pub(crate) fn is_rollout(identity: &Identity) -> bool {
    reader_of_object(identity).is_some()
}

/// Returns whether objects of the kind are definitions.
pub(crate) fn is_kind_of_rollout(group: &str, kind: &str) -> bool {
    reader_of(group, kind).is_some()
}

/// Returns whether definitions are of this API group.
pub(crate) fn is_group_of_rollouts(group: &str) -> bool {
    READERS.iter().any(|reader| reader.group == group)
}

/// Returns group and kind of each kind of definition.
pub(crate) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    READERS.iter().map(|reader| (reader.group, reader.kind))
}

/// Admits a definition as the API server would, and returns it as it would be stored; what is wrong
/// with it is reported.
pub(crate) fn admit<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<Resource<'a>> {
    (reader_of_object(&resource.identity)?.admit)(resource, problems)
}

/// Reads a definition of `manifest`; what is wrong with it is reported.
pub(crate) fn read<'a>(
    resource: Resource<'a>,
    manifest: &Manifest<'a>,
    problems: &mut Collector<'a>,
) -> Option<Definition<'a>> {
    (reader_of_object(&resource.identity)?.read)(resource, manifest, problems)
}

/// Reports each definition whose workload one of its kind before it has.
pub(crate) fn check_conflicts<'a>(definitions: &[Resource<'a>], problems: &mut Collector<'a>) {
    for reader in READERS {
        let is_own = |one: &&Resource<'_>| one.identity.is(reader.group, reader.kind);
        let own: Vec<_> = definitions.iter().filter(is_own).collect();
        (reader.check_conflicts)(&own, problems);
    }
}

/// Returns whether two definitions of one kind have the same workload.
pub(crate) fn is_conflict(one: &Resource<'_>, other: &Resource<'_>) -> bool {
    let Identity { group, kind, namespace, .. } = &one.identity;
    let Some(reader) = reader_of(group, kind) else { return false };
    let workload = (reader.workload)(one);
    other.identity.is(group, kind)
        && other.identity.namespace == *namespace
        && workload.is_some()
        && workload == (reader.workload)(other)
}

/// Returns the objects of its namespace that a definition names and that its steps change.
pub(crate) fn changed_objects<'r>(definition: &'r Resource<'_>) -> Vec<ChangedObject<'r>> {
    let reader = reader_of_object(&definition.identity);
    reader.map_or_else(Vec::new, |reader| (reader.changed_objects)(definition))
}

/// Returns every field of a definition that holds the name of another object of its namespace.
pub(crate) fn names<'v>(group: &str, kind: &str, definition: &'v mut Value) -> Vec<NameField<'v>> {
    reader_of(group, kind).map_or_else(Vec::new, |reader| (reader.names)(definition))
}
