//! Host names: which are meant by short ones, and which a VirtualService claims.

/// What the full name of a Service ends with; the cluster's domain is taken to be the default one.
const SERVICE_SUFFIX: &str = ".svc.cluster.local";

/// Returns the full name of a host as a field of an object in `namespace` has it.
///
/// Only a name without any dot is short; `web.shop` is taken as it stands. From
/// istio/istio:pilot/pkg/model/config.go `ResolveShortnameToFQDN`.
pub(crate) fn resolve(host: &str, namespace: &str) -> String {
    let host = host.to_ascii_lowercase();
    if host.contains(['.', '*']) || host.is_empty() {
        return host;
    }
    service_name(&host, namespace)
}

/// Returns the full name of a gateway as an object in `namespace` names it; `mesh` is one already.
///
/// From istio/istio:pilot/pkg/model/config.go `resolveGatewayName`, the form with dots included.
pub(crate) fn resolve_gateway(gateway: &str, namespace: &str) -> String {
    if gateway == super::MESH {
        return gateway.to_owned();
    }
    match (gateway.split_once('/'), gateway.split_once('.')) {
        (Some((".", name)), _) => format!("{namespace}/{name}"),
        (Some(_), _) => gateway.to_owned(),
        (None, Some((name, rest))) => format!("{}/{name}", rest.split('.').next().unwrap_or(rest)),
        (None, None) => format!("{namespace}/{gateway}"),
    }
}

/// Returns the full name of a Service.
pub(super) fn service_name(name: &str, namespace: &str) -> String {
    format!("{name}.{namespace}{SERVICE_SUFFIX}")
}

/// Returns name and namespace of the Service with the full name `host`.
pub(super) fn split_service_name(host: &str) -> Option<(&str, &str)> {
    host.strip_suffix(SERVICE_SUFFIX)?.split_once('.').filter(|(_, rest)| !rest.contains('.'))
}

/// Returns the full name of the Service that a client in `namespace` reaches by `host`.
///
/// Sidecars know a Service by `web` in its own namespace, and everywhere by `web.shop`,
/// `web.shop.svc` and the full name. From istio/istio:pilot/pkg/networking/core/httproute.go
/// `GenerateAltVirtualHosts`.
pub(super) fn service_called(host: &str, namespace: &str) -> Option<String> {
    let host = without_port(host).to_ascii_lowercase();
    if split_service_name(&host).is_some() {
        return Some(host);
    }
    let mut labels = host.split('.');
    match (labels.next(), labels.next(), labels.next(), labels.next()) {
        (Some(name), None, ..) => Some(service_name(name, namespace)),
        (Some(name), Some(of), None | Some("svc"), None) => Some(service_name(name, of)),
        _ => None,
    }
}

/// Returns the host without `:port`.
pub(super) fn without_port(host: &str) -> &str {
    split_port(host).map_or(host, |(name, _)| name)
}

/// Returns the port that the host names.
pub(super) fn port_of(host: &str) -> Option<u16> {
    split_port(host).map(|(_, port)| port)
}

/// An IPv6 address has colons of its own; only in brackets can a port follow.
fn split_port(host: &str) -> Option<(&str, u16)> {
    let (name, port) = host.rsplit_once(':')?;
    let is_name = !name.contains(':') || name.ends_with(']');
    port.parse().ok().filter(|_| is_name).map(|port| (name, port))
}

/// A host of a VirtualService, in full and in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// One name.
    Exact(String),
    /// Every longer name with this end; the `*` alone has an empty one.
    Suffix(String),
}

/// How well a host fits; the greater wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// By an end of so many bytes.
    Suffix(usize),
    /// In full.
    Exact,
}

impl Host {
    /// Reads a host of an object in `namespace`.
    pub(super) fn parse(host: &str, namespace: &str) -> Self {
        Self::literal(&resolve(host, namespace))
    }

    /// Reads a name that is never short.
    pub(super) fn literal(name: &str) -> Self {
        let host = name.to_ascii_lowercase();
        match host.strip_prefix('*') {
            Some(suffix) => Self::Suffix(suffix.to_owned()),
            None => Self::Exact(host),
        }
    }

    /// Returns how well it fits a name in lower case and without a port.
    ///
    /// As Envoy picks a virtual host: `*.shop.com` is every longer name with that end, `a.b.shop.com`
    /// as well, and not `shop.com` itself. From istio/istio:pkg/config/host/name.go `Matches`.
    pub(super) fn fit(&self, name: &str) -> Option<Fit> {
        match self {
            Self::Exact(host) => (host == name).then_some(Fit::Exact),
            Self::Suffix(suffix) => (name.len() > suffix.len() && name.ends_with(suffix.as_str()))
                .then_some(Fit::Suffix(suffix.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_without_a_dot_are_short() {
        for (host, full) in [
            ("web", "web.shop.svc.cluster.local"),
            ("Web", "web.shop.svc.cluster.local"),
            ("web.shop", "web.shop"),
            ("web.other.svc.cluster.local", "web.other.svc.cluster.local"),
            ("*.shop", "*.shop"),
            ("*", "*"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(resolve(host, "shop"), full);
        }
    }

    #[test]
    fn gateways_are_named_in_four_ways() {
        for (gateway, full) in [
            ("front", "shop/front"),
            ("edge/front", "edge/front"),
            ("./front", "shop/front"),
            ("front.edge.svc.cluster.local", "edge/front"),
            ("mesh", "mesh"),
        ] {
            assert_eq!(resolve_gateway(gateway, "shop"), full);
        }
    }

    #[test]
    fn clients_call_services_by_four_names() {
        let full = Some("web.shop.svc.cluster.local".to_owned());
        for host in ["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local", "WEB:8080"] {
            assert_eq!(service_called(host, "shop"), full, "{host}");
        }
        assert_eq!(service_called("web", "pay").unwrap(), "web.pay.svc.cluster.local");
        for host in ["www.shop.com", "a.b.c.d", "web.shop.svc.cluster.local.more.parts"] {
            assert_eq!(service_called(host, "shop"), None, "{host}");
        }
        assert_eq!(split_service_name("web.shop.svc.cluster.local"), Some(("web", "shop")));
        assert_eq!(split_service_name("a.web.shop.svc.cluster.local"), None);
    }

    #[test]
    fn ports_are_taken_off() {
        assert_eq!((without_port("web:80"), port_of("web:80")), ("web", Some(80)));
        assert_eq!((without_port("web"), port_of("web")), ("web", None));
        assert_eq!((without_port("[::1]:80"), port_of("[::1]:80")), ("[::1]", Some(80)));
        assert_eq!((without_port("fe80::1"), port_of("fe80::1")), ("fe80::1", None));
        assert_eq!((without_port("web:http"), port_of("web:http")), ("web:http", None));
    }

    #[test]
    fn the_longest_end_fits_best() {
        let fit = |host: &str, name| Host::parse(host, "shop").fit(name);
        assert_eq!(fit("a.shop.com", "a.shop.com"), Some(Fit::Exact));
        assert_eq!(fit("*.shop.com", "a.shop.com"), Some(Fit::Suffix(9)));
        assert_eq!(fit("*.shop.com", "a.b.shop.com"), Some(Fit::Suffix(9)));
        assert_eq!(fit("*.shop.com", "shop.com"), None);
        assert_eq!(fit("*.shop.com", ".shop.com"), None);
        assert_eq!(fit("*", "a.shop.com"), Some(Fit::Suffix(0)));
        assert!(Fit::Exact > Fit::Suffix(99) && Fit::Suffix(9) > Fit::Suffix(4));
    }
}
