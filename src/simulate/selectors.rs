//! Conditions on the proxy, which Istio decides before Envoy sees a rule.

use std::collections::BTreeMap;

use super::host;
use super::place::Place;
use super::read::{Field, Undecided};
use super::request::Proxy;
use super::why::{Note, Unmet};

/// What a match entry says about the proxy and its listener.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selectors {
    pub(super) port: Option<u16>,
    /// In full, or `mesh`.
    pub(super) gateways: Vec<String>,
    pub(super) source_labels: BTreeMap<String, String>,
    pub(super) source_namespace: Option<String>,
}

/// The proxy and the port of its listener.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listener<'a> {
    pub(super) proxy: &'a Proxy,
    pub(super) port: u16,
}

impl Selectors {
    /// The keys that it reads.
    pub(super) const KEYS: [&'static str; 4] =
        ["port", "gateways", "sourceLabels", "sourceNamespace"];

    pub(super) fn read(entry: &Field<'_>) -> Result<Self, Undecided> {
        let mut source_labels = BTreeMap::new();
        for (key, value) in entry.child("sourceLabels").entries()? {
            let value = value.text()?.ok_or_else(|| value.invalid("must be a string"))?;
            source_labels.insert(key.to_owned(), value);
        }
        Ok(Self {
            port: entry.child("port").port()?,
            gateways: read_gateways(&entry.child("gateways"))?,
            source_labels,
            source_namespace: entry.child("sourceNamespace").filled()?,
        })
    }

    /// Returns what keeps a match of an http rule from this proxy.
    ///
    /// A match that names gateways is about nothing else. From
    /// istio/istio:pilot/pkg/networking/core/route/route.go `translateRoute` and `sourceMatchHTTP`.
    pub(super) fn http_unmet(&self, listener: Listener<'_>) -> Option<Unmet> {
        let unmet = self.port_unmet(listener.port);
        if self.gateways.is_empty() {
            unmet.or_else(|| self.source_unmet(listener.proxy))
        } else {
            unmet.or_else(|| self.gateway_unmet(listener.proxy))
        }
    }

    /// Returns what keeps a match of a tls or tcp rule from this proxy.
    ///
    /// A sidecar wants all four, a gateway looks at two. From
    /// istio/istio:pilot/pkg/networking/core/tls.go `matchTLS`, `matchTCP` and gateway.go
    /// `l4SingleMatch`.
    pub(super) fn connection_unmet(&self, listener: Listener<'_>) -> Option<Unmet> {
        let unmet = self.port_unmet(listener.port);
        let unmet = unmet.or_else(|| self.gateway_unmet(listener.proxy));
        match listener.proxy {
            Proxy::Sidecar(_) => unmet.or_else(|| self.source_unmet(listener.proxy)),
            Proxy::Gateway { .. } => unmet,
        }
    }

    /// Returns what to tell of a source whose labels are unknown.
    pub(super) fn note(&self, proxy: &Proxy, place: &Place) -> Option<Note> {
        let unknown = !self.source_labels.is_empty() && proxy.workload().labels.is_none();
        unknown.then(|| Note::SourceLabelsUnknown(place.clone()))
    }

    fn port_unmet(&self, found: u16) -> Option<Unmet> {
        let wanted = self.port.filter(|wanted| *wanted != found)?;
        Some(Unmet::Port { wanted, found })
    }

    fn gateway_unmet(&self, proxy: &Proxy) -> Option<Unmet> {
        let found = proxy.gateway_name();
        let fits = self.gateways.is_empty() || self.gateways.contains(&found);
        (!fits).then(|| Unmet::Gateway { wanted: self.gateways.clone(), found })
    }

    fn source_unmet(&self, proxy: &Proxy) -> Option<Unmet> {
        let workload = proxy.workload();
        for (name, wanted) in &self.source_labels {
            let found = workload.labels.as_ref().and_then(|labels| labels.get(name));
            if found != Some(wanted) {
                let (name, wanted) = (name.clone(), wanted.clone());
                return Some(Unmet::SourceLabel { name, wanted, found: found.cloned() });
            }
        }
        let found = &workload.namespace;
        let wanted = self.source_namespace.as_ref().filter(|wanted| *wanted != found)?;
        Some(Unmet::SourceNamespace { wanted: wanted.clone(), found: found.clone() })
    }
}

/// Reads the names of gateways, in full.
pub(super) fn read_gateways(field: &Field<'_>) -> Result<Vec<String>, Undecided> {
    let namespace = &field.object.namespace;
    let names = field.texts()?;
    Ok(names.iter().map(|name| host::resolve_gateway(name, namespace)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Listener, Selectors};
    use crate::simulate::{Name, Proxy, Workload};

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn workload() -> Workload {
        Workload { namespace: "shop".into(), labels: Some(labels(&[("app", "web"), ("v", "1")])) }
    }

    fn told(selectors: &Selectors, proxy: &Proxy) -> [String; 2] {
        let listener = Listener { proxy, port: 80 };
        let unmet = [selectors.http_unmet(listener), selectors.connection_unmet(listener)];
        unmet.map(|unmet| unmet.map(|unmet| unmet.to_string()).unwrap_or_default())
    }

    #[test]
    fn sources_are_compared() {
        let sidecar = Proxy::Sidecar(workload());
        let of = |pairs: &[(&str, &str)], namespace: &str| Selectors {
            source_labels: labels(pairs),
            source_namespace: Some(namespace.to_owned()),
            ..Selectors::default()
        };
        let both = |text: &str| [text.to_owned(), text.to_owned()];
        assert_eq!(told(&of(&[("app", "web")], "shop"), &sidecar), both(""));
        assert_eq!(
            told(&of(&[("app", "x")], "shop"), &sidecar),
            both("source label `app` is `web`, not `x`")
        );
        assert_eq!(told(&of(&[("b", "x")], "shop"), &sidecar), both("source label `b` is absent"));
        assert_eq!(told(&of(&[], "pay"), &sidecar), both("source namespace is `shop`, not `pay`"));
        let unknown = Proxy::Sidecar(Workload::in_namespace("shop"));
        assert_eq!(
            told(&of(&[("app", "web")], "shop"), &unknown),
            both("source label `app` is absent")
        );
    }

    #[test]
    fn http_looks_at_gateways_alone_where_there_are_any() {
        let selectors = Selectors {
            gateways: vec!["mesh".into(), "shop/front".into()],
            source_labels: labels(&[("app", "other")]),
            ..Selectors::default()
        };
        let label = "source label `app` is `web`, not `other`";
        let sidecar = Proxy::Sidecar(workload());
        assert_eq!(told(&selectors, &sidecar), [String::new(), label.to_owned()]);
        let gateway =
            |name| Proxy::Gateway { gateway: Name::new("shop", name), workload: workload() };
        // A gateway does not look at the source of a connection.
        assert_eq!(told(&selectors, &gateway("front")), [String::new(), String::new()]);
        let other = "gateway `shop/back` is not `mesh` or `shop/front`";
        assert_eq!(told(&selectors, &gateway("back")), [other, other].map(str::to_owned));
    }

    #[test]
    fn a_gateway_is_compared_by_its_own_labels() {
        let selectors =
            Selectors { source_labels: labels(&[("app", "x")]), ..Selectors::default() };
        let gateway = Proxy::Gateway { gateway: Name::new("shop", "a"), workload: workload() };
        let label = "source label `app` is `web`, not `x`";
        assert_eq!(told(&selectors, &gateway), [label.to_owned(), String::new()]);
    }

    #[test]
    fn ports_are_compared() {
        let selectors = Selectors { port: Some(8080), ..Selectors::default() };
        let port = "port 80 is not 8080".to_owned();
        assert_eq!(told(&selectors, &Proxy::Sidecar(workload())), [port.clone(), port]);
    }
}
