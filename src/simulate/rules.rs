//! A VirtualService as it routes.

use super::entry::{self, Entry};
use super::host::Host;
use super::mirror::Mirrors;
use super::outcome::Redirect;
use super::place::{Place, Protocol};
use super::read::{Field, Name, Undecided};
use super::request::Proxy;
use super::selectors::{Selectors, read_gateways};
use super::subnet::Subnet;
use super::weights::{Weighted, read_route};
use super::why::NotApplied;

/// The status codes that Istio can redirect with.
///
/// From istio/istio:pilot/pkg/networking/core/route/route.go `ApplyRedirect`.
const REDIRECT_CODES: [u16; 5] = [301, 302, 303, 307, 308];

/// A VirtualService; its rules are read with it and looked at when a request gets there.
#[derive(Debug)]
pub(super) struct VirtualService {
    pub(super) name: Name,
    /// None in a delegate.
    pub(super) hosts: Vec<Host>,
    /// In full; `mesh` where the object names none.
    gateways: Vec<String>,
    export_to: Vec<String>,
    pub(super) rules: Result<Rules, Undecided>,
}

/// The rules of a VirtualService, by protocol.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) http: Vec<HttpRule>,
    pub(super) tls: Vec<ConnectionRule>,
    pub(super) tcp: Vec<ConnectionRule>,
}

/// A rule for requests.
#[derive(Debug, Clone)]
pub(super) struct HttpRule {
    pub(super) place: Place,
    pub(super) entries: Vec<Entry>,
    pub(super) action: Action,
    pub(super) mirrors: Mirrors,
    pub(super) has_fault: bool,
}

/// What a rule does with a request.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Route(Vec<Weighted>),
    Redirect(Redirect),
    DirectResponse(u16),
    Delegate(Name),
}

/// A rule for connections.
#[derive(Debug)]
pub(super) struct ConnectionRule {
    pub(super) place: Place,
    pub(super) entries: Vec<ConnectionEntry>,
    pub(super) route: Vec<Weighted>,
}

/// A match entry of a rule for connections.
#[derive(Debug)]
pub(super) struct ConnectionEntry {
    pub(super) selectors: Selectors,
    /// As written; empty for tcp.
    pub(super) server_names: Vec<String>,
    pub(super) subnets: Vec<Subnet>,
}

impl VirtualService {
    pub(super) fn read(root: &Field<'_>) -> Result<Self, Undecided> {
        Self::read_spec(&root.child("spec"))
    }

    /// Reads the `spec` alone.
    pub(super) fn read_spec(spec: &Field<'_>) -> Result<Self, Undecided> {
        spec.entries()?;
        let name = spec.object.clone();
        let hosts = spec.child("hosts").texts()?;
        let mut gateways = read_gateways(&spec.child("gateways"))?;
        if gateways.is_empty() {
            gateways.push(super::MESH.to_owned());
        }
        Ok(Self {
            hosts: hosts.iter().map(|host| Host::parse(host, &name.namespace)).collect(),
            gateways,
            export_to: spec.child("exportTo").texts()?,
            rules: Rules::read(spec),
            name,
        })
    }

    /// Gives it a host, where it is a delegate and has none.
    pub(super) fn with_host(mut self, host: &str) -> Self {
        if self.hosts.is_empty() {
            self.hosts.push(Host::parse(host, &self.name.namespace));
        }
        self
    }

    /// Returns whether a proxy is told of it.
    pub(super) fn applies_to(&self, proxy: &Proxy) -> bool {
        !self.hosts.is_empty()
            && self.gateways.contains(&proxy.gateway_name())
            && self.is_exported_to(&proxy.workload().namespace)
    }

    /// Returns what keeps it from a proxy, where it has hosts.
    pub(super) fn not_applied(&self, proxy: &Proxy) -> Option<NotApplied> {
        let (gateway, namespace) = (proxy.gateway_name(), &proxy.workload().namespace);
        if !self.gateways.contains(&gateway) {
            return Some(NotApplied::Gateway { bound: self.gateways.clone(), found: gateway });
        }
        let (to, found) = (self.export_to.clone(), namespace.clone());
        (!self.is_exported_to(namespace)).then_some(NotApplied::Export { to, found })
    }

    /// From istio/istio:pilot/pkg/model/virtualservice_controller.go `delegateVirtualServices`.
    pub(super) fn is_exported_to(&self, namespace: &str) -> bool {
        let own = self.name.namespace == namespace;
        self.export_to.is_empty()
            || self.export_to.iter().any(|to| to == "*" || to == namespace || (to == "." && own))
    }
}

impl Rules {
    fn read(spec: &Field<'_>) -> Result<Self, Undecided> {
        let http = spec.child("http").maps()?;
        let http = http.iter().enumerate().map(|(index, rule)| HttpRule::read(index, rule));
        Ok(Self {
            http: http.collect::<Result<_, _>>()?,
            tls: read_connection_rules(spec, Protocol::Tls)?,
            tcp: read_connection_rules(spec, Protocol::Tcp)?,
        })
    }
}

impl HttpRule {
    fn read(index: usize, rule: &Field<'_>) -> Result<Self, Undecided> {
        Ok(Self {
            place: Place::of_rule(rule.object, Protocol::Http, index),
            entries: entry::read_entries(rule)?,
            action: Action::read(rule)?,
            mirrors: Mirrors::read(rule)?,
            has_fault: rule.child("fault").present().is_some(),
        })
    }
}

impl Action {
    /// Reads the one action of a rule.
    ///
    /// None and several are refused, as by
    /// istio/istio:pkg/config/validation/virtualservice.go `validateHTTPRoute`.
    fn read(rule: &Field<'_>) -> Result<Self, Undecided> {
        let route = read_route(&rule.child("route"))?;
        let mut actions = Vec::new();
        if !route.is_empty() {
            actions.push(Self::Route(route));
        }
        if let Some(redirect) = rule.child("redirect").present() {
            actions.push(Self::Redirect(read_redirect(&redirect)?));
        }
        if let Some(response) = rule.child("directResponse").present() {
            actions.push(Self::DirectResponse(read_status(&response)?));
        }
        if let Some(delegate) = rule.child("delegate").present() {
            actions.push(Self::Delegate(read_delegate(&delegate)?));
        }
        match (actions.pop(), actions.is_empty()) {
            (Some(action), true) => Ok(action),
            _ => Err(rule
                .invalid("must have one of `route`, `redirect`, `directResponse` and `delegate`")),
        }
    }
}

fn read_redirect(redirect: &Field<'_>) -> Result<Redirect, Undecided> {
    let code = redirect.child("redirectCode");
    let status = code.number(599)?.filter(|code| *code != 0).unwrap_or(301);
    match REDIRECT_CODES.into_iter().find(|known| u64::from(*known) == status) {
        None => Err(code.invalid("is no status that Istio redirects with")),
        Some(status) => Ok(Redirect {
            status,
            scheme: redirect.child("scheme").filled()?,
            authority: redirect.child("authority").filled()?,
            uri: redirect.child("uri").filled()?,
        }),
    }
}

fn read_status(response: &Field<'_>) -> Result<u16, Undecided> {
    let status = response.child("status");
    let number = status.number(600)?.and_then(|number| u16::try_from(number).ok());
    number.filter(|number| *number >= 200).ok_or_else(|| status.invalid("must be 200 to 600"))
}

fn read_delegate(delegate: &Field<'_>) -> Result<Name, Undecided> {
    let name = delegate.child("name");
    let namespace = delegate.child("namespace").filled()?;
    let named = name.filled()?.ok_or_else(|| name.invalid("must name a VirtualService"))?;
    Ok(Name::new(namespace.unwrap_or_else(|| delegate.object.namespace.clone()), named))
}

fn read_connection_rules(
    spec: &Field<'_>,
    protocol: Protocol,
) -> Result<Vec<ConnectionRule>, Undecided> {
    let rules = spec.child(protocol.key()).maps()?;
    let read = |(index, rule): (usize, &Field<'_>)| {
        let route = read_route(&rule.child("route"))?;
        if route.is_empty() {
            return Err(rule.child("route").invalid("must have a destination"));
        }
        let place = Place::of_rule(rule.object, protocol, index);
        let entries = rule.child("match").maps()?;
        let entries = entries.iter().map(ConnectionEntry::read).collect::<Result<Vec<_>, _>>()?;
        Ok(ConnectionRule { place, entries, route })
    };
    rules.iter().enumerate().map(read).collect()
}

impl ConnectionEntry {
    /// The keys beside those on the proxy; an unknown one is refused as in http rules.
    const KEYS: [&'static str; 3] = ["sniHosts", "destinationSubnets", "sourceSubnet"];

    fn read(entry: &Field<'_>) -> Result<Self, Undecided> {
        for (key, value) in entry.entries()? {
            if !Self::KEYS.contains(&key) && !Selectors::KEYS.contains(&key) {
                return Err(value.invalid("is no field of a match"));
            }
        }
        let subnets = entry.child("destinationSubnets").items()?;
        Ok(Self {
            selectors: Selectors::read(entry)?,
            server_names: entry.child("sniHosts").texts()?,
            subnets: subnets.iter().map(Subnet::read).collect::<Result<_, _>>()?,
        })
    }
}
