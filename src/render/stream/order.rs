//! Moves of VirtualServices in the stream, since `kubectl apply` works from top to bottom.
//!
//! Where a canary comes, a VirtualService stands behind all that it sends to; where one goes, before
//! what the canary loses. Nothing else moves.

use std::collections::{BTreeMap, BTreeSet};

use super::pinned::move_canary_back;
use super::{Entry, routes};
use crate::manifest::ObjectId;
use crate::render::StageRender;

/// Moves the VirtualServices that would come too early or too late.
pub(super) fn move_routes<'m, 'a>(
    mut entries: Vec<Entry<'m, 'a>>,
    rendered: &[StageRender<'_, '_>],
) -> Vec<Entry<'m, 'a>> {
    let mut order = Order::of(&entries, rendered);
    for stage in rendered {
        order.move_routes_of(&mut entries, stage);
    }
    order.arrange(entries)
}

/// Where the entries of the rollouts stand.
///
/// An entry that moves gets another place, and the entries are sorted once in the end: each rollout looks
/// at its own entries alone, however many there are.
pub(super) struct Order {
    /// The entries that stand for each object of a rollout.
    of_objects: BTreeMap<ObjectId, EntriesOf>,
    /// The places of the entries that move, by their index.
    moved: BTreeMap<usize, Place>,
    moves: usize,
}

/// The indices of the entries that stand for an object.
#[derive(Debug, Default)]
pub(super) struct EntriesOf {
    pub(super) object: Option<usize>,
    /// Of what is added beside it.
    pub(super) beside: Vec<usize>,
}

/// A place among the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The index of an entry that stays where it is.
    index: usize,
    side: Side,
    /// How many entries moved before this one, which come first on the same side.
    rank: usize,
}

/// The side of an entry. What stands before it comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Before,
    At,
    Behind,
}

impl Order {
    fn of(entries: &[Entry<'_, '_>], rendered: &[StageRender<'_, '_>]) -> Self {
        let objects = rendered.iter().flat_map(|stage| stage.at.plan.rollout.objects());
        let objects: BTreeSet<ObjectId> = objects.map(|object| object.id).collect();
        let mut of_objects: BTreeMap<ObjectId, EntriesOf> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(id) = entry.object.filter(|id| objects.contains(id)) {
                of_objects.entry(id).or_default().object = Some(index);
            } else if let Some(id) = entry.beside {
                of_objects.entry(id).or_default().beside.push(index);
            }
        }
        Self { of_objects, moved: BTreeMap::new(), moves: 0 }
    }

    fn move_routes_of(&mut self, entries: &mut [Entry<'_, '_>], stage: &StageRender<'_, '_>) {
        let at = stage.at;
        let rollout = at.plan.rollout;
        let routes: Vec<_> = routes(rollout).collect();
        let service = rollout.traffic.as_ref().map(|traffic| traffic.service.resource.id);
        let rules = rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
        let rules: Vec<_> = rules.map(|rule| rule.resource.id).collect();
        let pinned = at.plan.isolation.pins().is_some() && !at.companion;
        if pinned && at.standing.runs_both_versions() {
            move_canary_back(self, entries, rollout);
        }
        if !stage.additions.is_empty() {
            let mut needed = vec![rollout.workload.resource.id];
            needed.extend(service);
            if at.standing.directs {
                needed.extend(&rules);
            }
            self.move_behind(&routes, &needed);
        }
        if !at.standing.directs {
            let changed = |id: &ObjectId| stage.changes.iter().any(|(changed, _)| changed == id);
            let mut losing = rules;
            losing.retain(changed);
            // Beside a canary a Service changes for another reason; where none is left it may be pinned
            // on the cluster, whatever the input says.
            if stage.additions.is_empty() {
                losing.extend(service.filter(|id| pinned || changed(id)));
            }
            self.move_before(&routes, &losing);
        }
    }

    /// Moves those of `routes` that come too early behind the last of `needed` and what stands beside it.
    fn move_behind(&mut self, routes: &[ObjectId], needed: &[ObjectId]) {
        let needed = needed.iter().filter_map(|id| self.last_place_of(*id));
        let Some(last) = needed.max() else { return };
        for route in self.places_of(routes) {
            if route.place < last {
                self.move_to(route.index, last.index, Side::Behind);
            }
        }
    }

    /// Moves those of `routes` that come too late before the first of `losing`.
    fn move_before(&mut self, routes: &[ObjectId], losing: &[ObjectId]) {
        let Some(first) = self.places_of(losing).first().map(|losing| losing.place) else { return };
        for route in self.places_of(routes) {
            if route.place > first {
                self.move_to(route.index, first.index, Side::Before);
            }
        }
    }

    /// Moves an entry right behind all that stands at a place.
    pub(super) fn move_close_behind(&mut self, index: usize, place: Place) {
        self.move_to(index, place.index, Side::Behind);
    }

    fn move_to(&mut self, entry: usize, index: usize, side: Side) {
        self.moves += 1;
        self.moved.insert(entry, Place { index, side, rank: self.moves });
    }

    /// Returns the entries that stand for an object.
    pub(super) fn entries_of(&self, id: ObjectId) -> Option<&EntriesOf> {
        self.of_objects.get(&id)
    }

    /// Returns the last place of an object and of what is added beside it.
    pub(super) fn last_place_of(&self, id: ObjectId) -> Option<Place> {
        let EntriesOf { object, beside } = self.entries_of(id)?;
        beside.iter().chain(object).map(|index| self.place_of(*index)).max()
    }

    /// Returns the place of the entry that had this index.
    pub(super) fn place_of(&self, index: usize) -> Place {
        let own = Place { index, side: Side::At, rank: 0 };
        self.moved.get(&index).copied().unwrap_or(own)
    }

    /// Returns the entries of objects where they are now, in order.
    fn places_of(&self, ids: &[ObjectId]) -> Vec<Placed> {
        let indices = ids.iter().filter_map(|id| self.entries_of(*id)?.object);
        let mut placed: Vec<_> =
            indices.map(|index| Placed { place: self.place_of(index), index }).collect();
        placed.sort_unstable();
        placed
    }

    /// Puts the entries where their places are.
    fn arrange<'m, 'a>(&self, entries: Vec<Entry<'m, 'a>>) -> Vec<Entry<'m, 'a>> {
        if self.moved.is_empty() {
            return entries;
        }
        let mut placed: Vec<_> = entries.into_iter().enumerate().collect();
        placed.sort_by_cached_key(|(index, _)| self.place_of(*index));
        placed.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// An entry, and the place that it has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    place: Place,
    index: usize,
}
