//! Rules of a delegate, in the place of the rule that names it.

use super::entry::{Entry, Named};
use super::place::DelegatePlace;
use super::read::{Cause, Name, Undecided};
use super::rules::{Action, HttpRule, VirtualService};
use super::selectors::Selectors;
use super::text::Text;
use super::why::{Miss, Unmet};

/// A rule that no longer delegates, or why there is none.
#[derive(Debug)]
pub(super) enum Expanded {
    Rule(HttpRule),
    Dropped(Miss),
}

/// Returns the http rules of `root` with those of its delegates among them, in order.
///
/// A delegate that is missing or not exported leaves nothing behind, and so does a rule of it whose
/// matches are not within those that lead there: Istio tells neither to the user. From
/// istio/istio:pilot/pkg/model/virtualservice_controller.go `mergeVirtualServices`.
pub(super) fn expand(
    root: &VirtualService,
    all: &[VirtualService],
) -> Result<Vec<Expanded>, Undecided> {
    let rules = root.rules.as_ref().map_err(Clone::clone)?;
    let mut expanded = Vec::new();
    for rule in &rules.http {
        match &rule.action {
            Action::Delegate(name) => expanded.extend(expand_rule(rule, name, all)?),
            Action::Route(_) | Action::Redirect(_) | Action::DirectResponse(_) => {
                expanded.push(Expanded::Rule(rule.clone()));
            }
        }
    }
    Ok(expanded)
}

fn expand_rule(
    root: &HttpRule,
    name: &Name,
    all: &[VirtualService],
) -> Result<Vec<Expanded>, Undecided> {
    let dropped = |unmet| Ok(vec![Expanded::Dropped(Miss { place: root.place.clone(), unmet })]);
    // Only a VirtualService without hosts is a delegate.
    let found = all.iter().find(|other| other.name == *name && other.hosts.is_empty());
    let Some(delegate) = found else { return dropped(Unmet::DelegateUnknown(name.clone())) };
    if !delegate.is_exported_to(&root.place.virtual_service.namespace) {
        return dropped(Unmet::DelegateNotExported(name.clone()));
    }
    let rules = delegate.rules.as_ref().map_err(Clone::clone)?;
    rules.http.iter().map(|leaf| merge_rule(root, leaf)).collect()
}

/// From istio/istio:pilot/pkg/model/virtualservice.go `mergeHTTPRoute`.
fn merge_rule(root: &HttpRule, leaf: &HttpRule) -> Result<Expanded, Undecided> {
    if matches!(leaf.action, Action::Delegate(_)) {
        return Err(delegates_again(leaf));
    }
    let mut place = root.place.clone();
    place.delegate = Some(DelegatePlace {
        virtual_service: leaf.place.virtual_service.clone(),
        rule: leaf.place.rule,
        entry: None,
    });
    let Some(entries) = merge_entries(&root.entries, &leaf.entries) else {
        return Ok(Expanded::Dropped(Miss { place, unmet: Unmet::DelegateConflict }));
    };
    Ok(Expanded::Rule(HttpRule {
        place,
        entries,
        action: leaf.action.clone(),
        mirrors: leaf.mirrors.clone().inherit(&root.mirrors),
        has_fault: leaf.has_fault || root.has_fault,
    }))
}

/// From istio/istio:pkg/config/validation/virtualservice.go `validateDelegateHTTPRoute`.
fn delegates_again(leaf: &HttpRule) -> Undecided {
    Undecided {
        kind: super::VIRTUAL_SERVICE,
        object: Box::new(leaf.place.virtual_service.clone()),
        path: format!("spec.http[{}].delegate", leaf.place.rule),
        cause: Cause::Invalid("a delegate must not delegate again".to_owned()),
    }
}

/// Returns every pair that fits together; none where an entry of the delegate fits nowhere.
///
/// From istio/istio:pilot/pkg/model/virtualservice.go `mergeHTTPMatchRequests`.
fn merge_entries(root: &[Entry], leaf: &[Entry]) -> Option<Vec<Entry>> {
    if leaf.is_empty() {
        return Some(root.to_vec());
    }
    let leaf = leaf.iter().cloned();
    let mut leaf = leaf.map(|entry| Entry { delegate_index: entry.index, index: None, ..entry });
    if root.is_empty() {
        return Some(leaf.collect());
    }
    leaf.try_fold(Vec::new(), |mut merged, leaf| {
        let before = merged.len();
        let fitting = root.iter().filter(|root| !conflicts(root, &leaf));
        merged.extend(fitting.map(|root| merge_entry(root, &leaf)));
        (merged.len() > before).then_some(merged)
    })
}

/// From istio/istio:pilot/pkg/model/virtualservice.go `hasConflict`.
fn conflicts(root: &Entry, leaf: &Entry) -> bool {
    let texts = [
        (&root.uri, &leaf.uri),
        (&root.scheme, &leaf.scheme),
        (&root.method, &leaf.method),
        (&root.authority, &leaf.authority),
    ];
    let texts_conflict = texts.into_iter().any(|pair| match pair {
        (Some(root), Some(leaf)) => root.conflicts(leaf),
        _ => false,
    });
    texts_conflict
        || named_conflict(&root.headers, &leaf.headers)
        || named_conflict(&root.without_headers, &leaf.without_headers)
        || named_conflict(&root.query_parameters, &leaf.query_parameters)
        || root.ignore_uri_case != leaf.ignore_uri_case
        || selectors_conflict(&root.selectors, &leaf.selectors)
}

fn named_conflict(root: &[Named], leaf: &[Named]) -> bool {
    leaf.iter().any(|leaf| {
        let same = root.iter().find(|root| root.name == leaf.name);
        same.is_some_and(|root| root.text.conflicts(&leaf.text))
    })
}

fn selectors_conflict(root: &Selectors, leaf: &Selectors) -> bool {
    let port = root.port.is_some() && leaf.port.is_some() && root.port != leaf.port;
    let namespace =
        root.source_namespace.is_some() && root.source_namespace != leaf.source_namespace;
    let label = leaf
        .source_labels
        .iter()
        .any(|(key, value)| root.source_labels.get(key).is_some_and(|own| own != value));
    let both_name_gateways = !root.gateways.is_empty() && !leaf.gateways.is_empty();
    let wider = root.gateways.len() < leaf.gateways.len()
        || leaf.gateways.iter().any(|gateway| !root.gateways.contains(gateway));
    port || namespace || label || (both_name_gateways && wider)
}

/// From istio/istio:pilot/pkg/model/virtualservice.go `mergeHTTPMatchRequest`.
fn merge_entry(root: &Entry, leaf: &Entry) -> Entry {
    let text = |leaf: &Option<Text>, root: &Option<Text>| leaf.clone().or_else(|| root.clone());
    Entry {
        index: root.index,
        delegate_index: leaf.delegate_index,
        selectors: merge_selectors(&root.selectors, &leaf.selectors),
        ignore_uri_case: leaf.ignore_uri_case,
        uri: text(&leaf.uri, &root.uri),
        scheme: text(&leaf.scheme, &root.scheme),
        method: text(&leaf.method, &root.method),
        authority: text(&leaf.authority, &root.authority),
        headers: merge_named(&root.headers, &leaf.headers),
        without_headers: merge_named(&root.without_headers, &leaf.without_headers),
        query_parameters: merge_named(&root.query_parameters, &leaf.query_parameters),
    }
}

fn merge_named(root: &[Named], leaf: &[Named]) -> Vec<Named> {
    let kept = root.iter().filter(|root| leaf.iter().all(|leaf| leaf.name != root.name));
    kept.chain(leaf).cloned().collect()
}

fn merge_selectors(root: &Selectors, leaf: &Selectors) -> Selectors {
    let mut source_labels = root.source_labels.clone();
    source_labels.extend(leaf.source_labels.clone());
    let gateways = if leaf.gateways.is_empty() { &root.gateways } else { &leaf.gateways };
    Selectors {
        port: leaf.port.or(root.port),
        gateways: gateways.clone(),
        source_labels,
        source_namespace: leaf.source_namespace.clone().or_else(|| root.source_namespace.clone()),
    }
}
