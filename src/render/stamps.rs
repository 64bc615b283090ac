//! Annotations for Argo CD on what a stage writes.
//!
//! What an earlier render stamped is taken off first, whether or not anything is stamped now, so that
//! a result does not depend on the one that it was made from.

use std::borrow::Cow;

use super::{Change, Edited, StageRender};
use crate::manifest::Resource;
use crate::model::{is_stamped, stamp_prune_last, stamp_wave, unstamp};
use crate::plan::SyncWaves;

/// Stamps all that is rendered; nothing where there are no waves.
///
/// ```yaml
/// metadata:                                      # the canary's objects
///   annotations:
///     argocd.argoproj.io/sync-wave: "0"
///     argocd.argoproj.io/sync-options: PruneLast=true
///     rollstep.dev/stamped: sync-wave=0,PruneLast=true
/// ```
pub(crate) fn stamp(rendered: &mut [StageRender<'_, '_>], waves: Option<&SyncWaves>) {
    for stage in rendered {
        for resource in routing(stage) {
            let wave = waves.and_then(|waves| waves.get(&resource.id));
            stage.stamp(resource, wave.copied());
        }
        if waves.is_some() {
            for addition in &mut stage.additions {
                stamp_wave(&mut addition.value, 0);
                stamp_prune_last(&mut addition.value);
            }
        }
    }
}

/// Returns the routing objects that the rollout writes: those of one that is not rendered itself are
/// the others' business, unless it changes them.
fn routing<'p, 'a>(stage: &StageRender<'p, 'a>) -> Vec<&'p Resource<'a>> {
    let at = stage.at;
    let routes = at.led().filter(|(_, led)| !led.superseded).map(|(route, _)| &route.resource);
    let rules = at.plan.rollout.traffic.iter().flat_map(|traffic| &traffic.destination_rules);
    let all = routes.chain(rules.map(|rule| &rule.resource));
    let changes = |resource: &Resource<'_>| stage.changes.iter().any(|(id, _)| *id == resource.id);
    all.filter(|resource| !at.companion || changes(resource)).collect()
}

impl<'m, 'a> StageRender<'m, 'a> {
    fn stamp(&mut self, resource: &'m Resource<'a>, wave: Option<i64>) {
        let after = match self.edited(resource.id) {
            Some(edited) => Cow::Borrowed(&edited.after),
            None => Cow::Owned(resource.to_value()),
        };
        if wave.is_none() && !is_stamped(&after) {
            return;
        }
        let mut after = after.into_owned();
        unstamp(&mut after);
        if let Some(wave) = wave {
            stamp_wave(&mut after, wave);
        }
        let edited = Edited::into(resource, after);
        let edited = edited.map(|edited| (resource.id, Change::Edit(edited)));
        let position = self.changes.iter().position(|(id, _)| *id == resource.id);
        let place = position.unwrap_or(self.changes.len());
        self.changes.splice(place..place + usize::from(position.is_some()), edited);
    }
}
