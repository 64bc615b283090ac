//! Which VirtualServices move, since whoever applies the stream does so from top to bottom.
//!
//! Where a canary comes, a VirtualService stands behind all that it sends to; where one goes, before
//! what the canary loses. Nothing else moves.

use super::pinned::move_canary_back;
use super::{Entry, routes};
use crate::manifest::ObjectId;
use crate::render::StageRender;

/// Moves the VirtualServices of one rollout that would come too early or too late.
pub(super) fn move_routes(entries: &mut [Entry<'_, '_>], stage: &StageRender<'_, '_>) {
    let at = stage.at;
    let rollout = at.plan.rollout;
    let routes: Vec<_> = routes(rollout).collect();
    let service = rollout.traffic.iter().map(|traffic| traffic.service.resource.id);
    let rules = rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
    let rules: Vec<_> = rules.map(|rule| rule.resource.id).collect();
    let pinned = at.plan.isolation.pins().is_some() && !at.companion;
    if pinned && at.standing.runs_both_versions() {
        move_canary_back(entries, rollout);
    }
    if !stage.additions.is_empty() {
        let subsets = rules.iter().copied().filter(|_| at.standing.directs);
        let needed: Vec<_> =
            service.clone().chain([rollout.workload.resource.id]).chain(subsets).collect();
        move_behind(entries, &routes, &needed);
    }
    if !at.standing.directs {
        let changed = |id: &ObjectId| stage.changes.iter().any(|(changed, _)| changed == id);
        // Beside a canary a Service changes for another reason; where none is left it may be pinned
        // on the cluster, whatever the input says.
        let service = service.filter(|id| stage.additions.is_empty() && (pinned || changed(id)));
        let losing: Vec<_> = rules.into_iter().filter(changed).chain(service).collect();
        move_before(entries, &routes, &losing);
    }
}

/// Moves those of `routes` that come too early behind the last of `needed` and what stands beside it.
fn move_behind(entries: &mut [Entry<'_, '_>], routes: &[ObjectId], needed: &[ObjectId]) {
    let is_needed = |entry: &Entry<'_, '_>| {
        entry.object.or(entry.beside).is_some_and(|id| needed.contains(&id))
    };
    let Some(last) = entries.iter().rposition(is_needed) else { return };
    let is_route = |entry: &Entry<'_, '_>| entry.object.is_some_and(|id| routes.contains(&id));
    // A stable sort of what lies between the first route and `last`: routes behind all others.
    let early = entries.iter().take(last).position(is_route);
    if let Some(between) = early.and_then(|first| entries.get_mut(first..=last)) {
        between.sort_by_key(is_route);
    }
}

/// Moves those of `routes` that come too late before the first of `losing`.
fn move_before(entries: &mut [Entry<'_, '_>], routes: &[ObjectId], losing: &[ObjectId]) {
    let is_of =
        |ids: &[ObjectId], entry: &Entry<'_, '_>| entry.object.is_some_and(|id| ids.contains(&id));
    let Some(first) = entries.iter().position(|entry| is_of(losing, entry)) else { return };
    let late = entries.iter().rposition(|entry| is_of(routes, entry));
    // The other way round: routes before all others between `first` and the last route.
    if let Some(between) = late.and_then(|last| entries.get_mut(first..=last)) {
        between.sort_by_key(|entry| !is_of(routes, entry));
    }
}
