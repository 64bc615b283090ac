//! What a proxy is sent of the VirtualServices with a host, as a list of routes.

use crate::simulate::Mesh;
use crate::simulate::delegate::Expanded;
use crate::simulate::entry::Entry;
use crate::simulate::place::Place;
use crate::simulate::read::Undecided;
use crate::simulate::request::Proxy;
use crate::simulate::rules::{HttpRule, VirtualService};
use crate::simulate::selectors::{Listener, Selectors};
use crate::simulate::why::{Miss, Note};

/// What a proxy is sent of a VirtualService, and what it is not, in order.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) notes: Vec<Note>,
}

#[derive(Debug)]
pub(super) enum Step<'a> {
    /// Not sent to this proxy.
    Missed(Miss),
    /// One route of Envoy's list.
    Route { rule: &'a HttpRule, entry: Option<&'a Entry>, place: Place },
}

impl Step<'_> {
    pub(super) fn is_route(&self) -> bool {
        matches!(self, Self::Route { .. })
    }

    fn is_catch_all(&self) -> bool {
        matches!(self, Self::Route { entry, .. } if entry.is_none_or(Entry::is_catch_all))
    }
}

/// Lays out VirtualServices with one host.
///
/// A sidecar follows the first that has a rule for it; a gateway joins them, and moves what takes
/// every request to the end. From istio/istio:pilot/pkg/networking/core/gateway.go
/// `buildGatewayHTTPRouteConfig` and route/route.go `SortVHostRoutes`.
pub(super) fn lay_out_group<'a>(
    mesh: &'a Mesh,
    group: &[&'a VirtualService],
    listener: Listener<'_>,
) -> Result<Layout<'a>, Undecided> {
    let mut all = Layout::default();
    let mut used = Vec::new();
    let mut passed_by = Vec::new();
    for virtual_service in group {
        let laid = lay_out(mesh, virtual_service, listener)?;
        let has_routes = laid.steps.iter().any(Step::is_route);
        if matches!(listener.proxy, Proxy::Sidecar(_)) && has_routes && !used.is_empty() {
            passed_by.push(virtual_service.name.clone());
            continue;
        }
        if has_routes {
            used.push(virtual_service.name.clone());
        }
        all.steps.extend(laid.steps);
        all.notes.extend(laid.notes);
    }
    match (listener.proxy, used.as_slice()) {
        (Proxy::Sidecar(_), [followed]) if !passed_by.is_empty() => {
            all.notes.push(Note::SharedHost { followed: followed.clone(), others: passed_by });
        }
        (Proxy::Gateway { .. }, [_, _, ..]) => {
            all.notes.push(Note::JoinedHost { virtual_services: used });
            // The sort is stable.
            all.steps.sort_by_key(Step::is_catch_all);
        }
        _ => {}
    }
    Ok(all)
}

/// Lays out what a proxy is sent of one VirtualService, up to what takes every request.
///
/// From istio/istio:pilot/pkg/networking/core/route/route.go `BuildHTTPRoutesForVirtualService`.
fn lay_out<'a>(
    mesh: &'a Mesh,
    virtual_service: &VirtualService,
    listener: Listener<'_>,
) -> Result<Layout<'a>, Undecided> {
    let mut layout = Layout::default();
    let rules = mesh.http_rules(virtual_service)?;
    for (index, expanded) in rules.iter().enumerate() {
        let rule = match expanded {
            Expanded::Rule(rule) => rule,
            Expanded::Dropped(miss) => {
                layout.steps.push(Step::Missed(miss.clone()));
                continue;
            }
        };
        let (takes_all, rest) = layout.lay_out_rule(rule, listener);
        if let Some(note) = takes_all {
            if rest > 0 || index + 1 < rules.len() {
                layout.notes.push(note);
            }
            break;
        }
    }
    Ok(layout)
}

impl<'a> Layout<'a> {
    /// Returns a note where the rule takes every request, and how many entries follow.
    fn lay_out_rule(
        &mut self,
        rule: &'a HttpRule,
        listener: Listener<'_>,
    ) -> (Option<Note>, usize) {
        if rule.entries.is_empty() {
            let place = rule.place.clone();
            self.steps.push(Step::Route { rule, entry: None, place: place.clone() });
            return (Some(Note::NeverReached(place)), 0);
        }
        for (index, entry) in rule.entries.iter().enumerate() {
            let place = place_of(rule, entry);
            self.notes.extend(entry.selectors.note(listener.proxy, &place));
            if let Some(unmet) = entry.selectors.http_unmet(listener) {
                self.steps.push(Step::Missed(Miss { place, unmet }));
                continue;
            }
            self.steps.push(Step::Route { rule, entry: Some(entry), place: place.clone() });
            if entry.is_catch_all() {
                return (Some(never_reached(entry, place)), rule.entries.len() - index - 1);
            }
        }
        (None, 0)
    }
}

/// Returns the note on what follows an entry that takes every request.
fn never_reached(entry: &Entry, place: Place) -> Note {
    if entry.selectors == Selectors::default() {
        return Note::NeverReached(place);
    }
    Note::NeverReachedHere(place)
}

fn place_of(rule: &HttpRule, entry: &Entry) -> Place {
    let mut place = rule.place.clone();
    place.entry = entry.index;
    if let Some(delegate) = &mut place.delegate {
        delegate.entry = entry.delegate_index;
    }
    place
}
