//! The Services, subsets and other hosts that the objects of a stage know.
//!
//! Something is missing only where the input would hold it: a tree without any Service of a namespace
//! says nothing of that namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::spot::Spot;
use crate::manifest::{Identity, ObjectKey};
use crate::simulate::full_host;

/// The group of Istio's routing kinds.
pub(super) const ISTIO: &str = "networking.istio.io";

/// The kinds that are looked at.
const KNOWN: [(&str, &str); 4] = [
    (ISTIO, "VirtualService"),
    (ISTIO, "DestinationRule"),
    (ISTIO, "ServiceEntry"),
    ("", "Service"),
];

/// The namespace and name of a Service.
pub(super) type ServiceName = (String, String);

/// What can be sent to.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// What is there at every stage.
    base: Option<Rc<Self>>,
    /// The ports of each Service; none where it is a name for a host elsewhere.
    services: BTreeMap<ServiceName, Option<Vec<u64>>>,
    /// The subsets of each host that a DestinationRule is for.
    subsets: BTreeMap<String, BTreeSet<String>>,
    /// The namespaces that have DestinationRules.
    ruled: BTreeSet<String>,
    /// The hosts of ServiceEntries.
    entries: BTreeSet<String>,
    /// The namespaces of the Services that are here, or that rules here are for.
    namespaces: BTreeSet<String>,
    /// Whether a rule or entry here is for hosts of any namespace.
    is_of_any: bool,
}

/// Returns whether objects of this kind are looked at.
pub(crate) fn is_known(identity: &Identity) -> bool {
    KNOWN.iter().any(|(group, kind)| identity.is(group, kind))
}

/// Returns whether an object is a VirtualService.
pub(crate) fn is_route(identity: &Identity) -> bool {
    identity.is(ISTIO, "VirtualService")
}

/// Returns the Service that a host names in an Istio object of `namespace`, if it can name one.
///
/// A host with a dot is complete: istio/istio:pilot/pkg/model/config.go `ResolveShortnameToFQDN`.
pub(super) fn service_of(host: &str, namespace: &str) -> Option<ServiceName> {
    if !host.contains('.') {
        return Some((namespace.to_owned(), host.to_owned()));
    }
    let mut labels = host.split('.');
    let (name, of, svc) = (labels.next()?, labels.next()?, labels.next()?);
    (svc == "svc" && labels.next().is_some()).then(|| (of.to_owned(), name.to_owned()))
}

impl Registry {
    /// Returns a registry that has what `base` has, to which a stage adds its own.
    pub(crate) fn beside(base: &Rc<Self>) -> Self {
        Self { base: Some(Rc::clone(base)), ..Self::default() }
    }

    /// Returns this registry and the one that it stands beside.
    fn layers(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.base.as_deref())
    }

    /// Reads an object; one of another kind is passed over.
    pub(crate) fn add(&mut self, value: &Value, namespace: &str) {
        let key = ObjectKey::of(value, namespace);
        let empty = Value::Null;
        let spec = Spot::of_spec(value.get("spec").unwrap_or(&empty));
        match (key.group.as_str(), key.kind.as_str()) {
            ("", "Service") => {
                self.namespaces.insert(key.namespace.clone());
                self.services.insert((key.namespace, key.name), ports(&spec));
            }
            (ISTIO, "DestinationRule") => self.add_rule(&spec, &key.namespace),
            (ISTIO, "ServiceEntry") => {
                self.entries.extend(spec.texts("hosts").into_iter().map(str::to_lowercase));
                self.is_of_any = true;
            }
            _ => {}
        }
    }

    fn add_rule(&mut self, spec: &Spot<'_>, namespace: &str) {
        let Some(host) = spec.filled("host") else { return };
        let host = full_host(host, namespace);
        match host.split('.').nth(1) {
            Some(namespace) if !host.starts_with('*') => {
                self.namespaces.insert(namespace.to_owned());
            }
            _ => self.is_of_any = true,
        }
        self.namespaces.insert(namespace.to_owned());
        let subsets = self.subsets.entry(host).or_default();
        let names = spec.list("subsets");
        subsets.extend(names.iter().filter_map(|one| one.filled("name")).map(str::to_owned));
        self.ruled.insert(namespace.to_owned());
    }

    /// Returns whether what is here, whatever it stands beside, may matter for a Service of a namespace.
    pub(super) fn may_concern(&self, namespace: &str) -> bool {
        self.is_of_any || self.namespaces.contains(namespace)
    }

    /// Returns the ports of a Service, if it is in the input and has any.
    pub(super) fn ports(&self, service: &ServiceName) -> Option<&[u64]> {
        let mut layers = self.layers();
        let ports = layers.find_map(|layer| layer.services.get(service))?;
        ports.as_deref().filter(|ports| !ports.is_empty())
    }

    pub(super) fn has_service(&self, service: &ServiceName) -> bool {
        self.layers().any(|layer| layer.services.contains_key(service))
    }

    /// Returns whether the host is one that a ServiceEntry adds.
    pub(super) fn is_entry(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let covers = |entry: &String| {
            *entry == host || entry.strip_prefix('*').is_some_and(|suffix| host.ends_with(suffix))
        };
        self.layers().any(|layer| layer.entries.iter().any(covers))
    }

    /// Returns the names of the Services of a namespace.
    pub(super) fn names_of(&self, namespace: &str) -> impl Iterator<Item = &str> {
        let first = (namespace.to_owned(), String::new());
        self.layers().flat_map(move |layer| {
            let from_first = layer.services.range(first.clone()..);
            let of = from_first.take_while(move |((of, _), _)| of == namespace);
            of.map(|((_, name), _)| name.as_str())
        })
    }

    /// Returns the subsets of a host, where the input would hold them.
    pub(super) fn subsets(&self, host: &str, (namespace, _): &ServiceName) -> Option<Vec<&str>> {
        let fits = |rule: &str| {
            rule == host || rule.strip_prefix('*').is_some_and(|suffix| host.ends_with(suffix))
        };
        let all = self.layers().flat_map(|layer| &layer.subsets);
        let mut fitting = all.filter(|(rule, _)| fits(rule)).peekable();
        let is_ruled = self.layers().any(|layer| layer.ruled.contains(namespace));
        if fitting.peek().is_none() && !is_ruled {
            return None;
        }
        Some(fitting.flat_map(|(_, names)| names).map(String::as_str).collect())
    }
}

/// Returns the ports of a Service; none where it is a name for a host elsewhere.
fn ports(spec: &Spot<'_>) -> Option<Vec<u64>> {
    let is_elsewhere = spec.text("type") == Some("ExternalName");
    let ports = spec.list("ports");
    let numbers = ports.iter().filter_map(|port| port.value.get("port")?.as_u64());
    (!is_elsewhere).then(|| numbers.collect())
}

#[cfg(test)]
mod tests {
    use super::service_of;

    #[test]
    fn a_host_with_a_dot_is_complete() {
        let of = |host| service_of(host, "shop");
        let web = |namespace: &str| Some((namespace.to_owned(), "web".to_owned()));
        assert_eq!(of("web"), web("shop"));
        assert_eq!(of("web.team.svc.cluster.local"), web("team"));
        assert_eq!(of("web.team"), None);
        assert_eq!(of("web.example.com"), None);
    }
}
