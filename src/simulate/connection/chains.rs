//! The filter chains of a listener, as Istio makes them of `tls` and `tcp` rules.

use crate::simulate::place::Place;
use crate::simulate::request::Proxy;
use crate::simulate::rules::{ConnectionEntry, ConnectionRule, Rules};
use crate::simulate::selectors::Listener;
use crate::simulate::why::{Miss, Note, Unmet};

/// A filter chain of Envoy's, made of one match entry.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) rule: &'a ConnectionRule,
    /// None where the rule has no match.
    pub(super) entry: Option<&'a ConnectionEntry>,
    pub(super) place: Place,
}

/// The chains of a listener, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Chains<'a> {
    pub(super) chains: Vec<Chain<'a>>,
    pub(super) misses: Vec<Miss>,
    pub(super) notes: Vec<Note>,
}

/// From istio/istio:pilot/pkg/networking/core/tls.go `buildSidecarOutboundTLSFilterChainOpts` and
/// gateway.go `buildGatewayNetworkFiltersFromTLSRoutes`.
pub(super) fn tls_chains<'a>(rules: &[&'a Rules], listener: Listener<'_>) -> Chains<'a> {
    let mut found = Chains::default();
    for rule in rules.iter().flat_map(|rules| &rules.tls) {
        for (index, entry) in rule.entries.iter().enumerate() {
            let place = rule.place.with_entry(index);
            if !found.is_met(entry, &place, listener) {
                continue;
            }
            if found.has_same(entry, listener.proxy) {
                found.misses.push(Miss { place, unmet: Unmet::SameAsEarlier });
            } else {
                found.chains.push(Chain { rule, entry: Some(entry), place });
            }
        }
    }
    found
}

/// Collects rules up to the first that asks for no address.
///
/// From istio/istio:pilot/pkg/networking/core/tls.go `buildSidecarOutboundTCPFilterChainOpts`.
pub(super) fn sidecar_tcp_chains<'a>(rules: &[&'a Rules], listener: Listener<'_>) -> Chains<'a> {
    let mut found = Chains::default();
    for rule in rules.iter().flat_map(|rules| &rules.tcp) {
        if found.collect(rule, listener) {
            break;
        }
    }
    found
}

/// Takes the first rule of which a match has the port and the gateway; addresses do not count.
///
/// From istio/istio:pilot/pkg/networking/core/gateway.go `buildGatewayNetworkFiltersFromTCPRoutes`.
pub(super) fn gateway_tcp_chains<'a>(rules: &[&'a Rules], listener: Listener<'_>) -> Chains<'a> {
    let mut found = Chains::default();
    for rule in rules.iter().flat_map(|rules| &rules.tcp) {
        let mut entries = rule.entries.iter().enumerate();
        let met = entries
            .find(|(index, entry)| found.is_met(entry, &rule.place.with_entry(*index), listener));
        if met.is_some() || rule.entries.is_empty() {
            let place = met.map_or_else(|| rule.place.clone(), |(at, _)| rule.place.with_entry(at));
            found.chains.push(Chain { rule, entry: None, place });
            break;
        }
    }
    found
}

impl<'a> Chains<'a> {
    fn is_met(&mut self, entry: &ConnectionEntry, place: &Place, listener: Listener<'_>) -> bool {
        if matches!(listener.proxy, Proxy::Sidecar(_)) {
            self.notes.extend(entry.selectors.note(listener.proxy, place));
        }
        let unmet = entry.selectors.connection_unmet(listener);
        let is_met = unmet.is_none();
        self.misses.extend(unmet.map(|unmet| Miss { place: place.clone(), unmet }));
        is_met
    }

    /// A sidecar compares names and networks as a whole, a gateway each name.
    fn has_same(&self, entry: &ConnectionEntry, proxy: &Proxy) -> bool {
        let mut earlier = self.chains.iter().filter_map(|chain| chain.entry);
        earlier.any(|other| match proxy {
            Proxy::Sidecar(_) => {
                other.server_names == entry.server_names && other.subnets == entry.subnets
            }
            Proxy::Gateway { .. } => {
                entry.server_names.iter().any(|name| other.server_names.contains(name))
            }
        })
    }

    /// Adds the chains of a tcp rule, and returns whether no further rule counts.
    fn collect(&mut self, rule: &'a ConnectionRule, listener: Listener<'_>) -> bool {
        if rule.entries.is_empty() {
            self.chains.push(Chain { rule, entry: None, place: rule.place.clone() });
            return true;
        }
        for (index, entry) in rule.entries.iter().enumerate() {
            let place = rule.place.with_entry(index);
            if !self.is_met(entry, &place, listener) {
                continue;
            }
            self.chains.push(Chain { rule, entry: Some(entry), place });
            if entry.subnets.is_empty() {
                return true;
            }
        }
        false
    }
}
