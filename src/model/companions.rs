//! Rollouts that are not chosen, and that change an object which one that is chosen changes.
//!
//! Their part of such an object would be lost if it were written without them.

use std::collections::{BTreeMap, BTreeSet};

use super::ignored::{ignored, is_ignored};
use super::roll_step::ListedRoute;
use super::rollout::Rollout;
use crate::definition::{ChangedObject, changed_objects, is_rollout};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::SHARED_OBJECT;
use crate::manifest::{Identity, Manifest, Resource};
use crate::rollout::ObjectName;

/// The routes that RollSteps list, by the rollout that each is of.
pub(super) type Listings = [(ObjectName, Vec<ListedRoute>)];

/// A definition that shares an object with a chosen rollout.
pub(super) struct Companion<'a> {
    pub(super) resource: Resource<'a>,
    /// Whether a shared object is rendered already, so that its part of it is there to be lost.
    pub(super) shares_rendered: bool,
}

/// Returns the definitions that name an object of the chosen rollouts, or whose RollStep lists one.
pub(super) fn find<'a>(
    chosen: &[Rollout<'a>],
    listings: &Listings,
    manifest: &Manifest<'a>,
) -> Vec<Companion<'a>> {
    let ids: BTreeSet<_> = chosen.iter().map(|rollout| rollout.resource.id).collect();
    let others = manifest
        .objects()
        .filter(|(id, object)| is_rollout(&object.identity) && !ids.contains(id))
        .filter_map(|(id, _)| manifest.resource(id))
        .filter(|other| !is_ignored(other));
    let others: Vec<_> = others.collect();
    let changers = Changers::of(&others, listings);
    let mut found = BTreeMap::new();
    for rollout in chosen {
        for object in rollout.objects() {
            for position in changers.of_object(&object.identity) {
                found.entry(*position).or_insert(false);
            }
        }
        for route in rollout.routes().filter(|route| route.original.stored) {
            for position in changers.of_object(&route.resource.identity) {
                found.insert(*position, true);
            }
        }
    }
    let companion = |(position, resource)| {
        Some(Companion { resource, shares_rendered: *found.get(&position)? })
    };
    others.into_iter().enumerate().filter_map(companion).collect()
}

/// Returns a problem for each ignored rollout that changes an object of a chosen one: its controller and
/// the render would undo each other's changes.
pub(super) fn find_contested<'a>(
    chosen: &[Rollout<'a>],
    listings: &Listings,
    manifest: &Manifest<'a>,
) -> Vec<Problem<'a>> {
    let others: Vec<_> = ignored(manifest).collect();
    let changers = Changers::of(&others, listings);
    let mut first_chosen = BTreeMap::new();
    for rollout in chosen {
        for object in rollout.objects() {
            for position in changers.of_object(&object.identity) {
                first_chosen.entry(*position).or_insert(rollout);
            }
        }
    }
    let contested = |(position, other): (usize, &Resource<'a>)| {
        let message = format!(
            "{} is left to its controller, and changes an object that {} changes as well",
            other.called(),
            first_chosen.get(&position)?.called()
        );
        let problem = other.root().problem(&SHARED_OBJECT, message);
        Some(problem.help("render both, or leave both alone"))
    };
    others.iter().enumerate().filter_map(contested).collect()
}

/// An object that definitions name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named<'r> {
    namespace: &'r str,
    kind: &'r str,
    name: &'r str,
}

/// The positions of definitions, by the objects that each changes.
struct Changers<'r> {
    by_object: BTreeMap<Named<'r>, Vec<usize>>,
}

impl<'r> Changers<'r> {
    /// Looks once at each definition and at what its RollStep lists.
    fn of(definitions: &'r [Resource<'_>], listings: &'r Listings) -> Self {
        let mut found = Self { by_object: BTreeMap::new() };
        let mut by_name: BTreeMap<ObjectName, Vec<usize>> = BTreeMap::new();
        for (position, definition) in definitions.iter().enumerate() {
            let Identity { namespace, .. } = &definition.identity;
            by_name.entry(ObjectName::of(&definition.identity)).or_default().push(position);
            for ChangedObject { kind, name } in changed_objects(definition) {
                found.add(Named { namespace, kind, name }, position);
            }
        }
        for (rollout, routes) in listings {
            for position in by_name.get(rollout).into_iter().flatten() {
                found.add_listed(routes, *position);
            }
        }
        found
    }

    fn add_listed(&mut self, routes: &'r [ListedRoute], position: usize) {
        for ListedRoute { namespace, kind, name, .. } in routes {
            self.add(Named { namespace, kind, name }, position);
        }
    }

    fn add(&mut self, object: Named<'r>, position: usize) {
        self.by_object.entry(object).or_default().push(position);
    }

    /// Returns the positions of the definitions that change an object.
    fn of_object<'s>(&'s self, identity: &'s Identity) -> &'s [usize] {
        let Identity { namespace, kind, name, .. } = identity;
        let named = Named { namespace, kind, name };
        self.by_object.get(&named).map_or(&[], Vec::as_slice)
    }
}
