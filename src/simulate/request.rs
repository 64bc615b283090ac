//! What is sent: a request or a connection, and through which proxy.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::Name;
use super::host;

/// An HTTP request as it arrives at the proxy.
///
/// ```
/// use rollstep::simulate::Request;
///
/// let request = Request::new("web.shop:8080", "/cart?item=7").with_header("x-canary", "true");
/// assert_eq!(request.method, "GET");
/// assert_eq!(request.port(), 8080);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The host as the client writes it, with `:port` where it does.
    pub host: String,
    /// The path with the query, normalised as the mesh normalises it.
    pub path: String,
    /// The method, in upper case as a rule.
    pub method: String,
    /// `http` or `https`, as the proxy sees it after `x-forwarded-proto`.
    pub scheme: String,
    /// The headers; where one is repeated the first counts, and a note says so.
    pub headers: Vec<(String, String)>,
    /// The port of the listener; without it that of `host`, or that of the scheme.
    pub listener_port: Option<u16>,
    /// The proxy that decides.
    pub proxy: Proxy,
}

impl Request {
    /// Makes a plain `GET` by a client in the namespace `default`, through its sidecar.
    pub fn new(host: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            path: path.into(),
            method: "GET".to_owned(),
            scheme: "http".to_owned(),
            headers: Vec::new(),
            listener_port: None,
            proxy: Proxy::Sidecar(Workload::in_namespace("default")),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends it through another proxy.
    #[must_use]
    pub fn through(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Returns the port of the listener that takes the request.
    ///
    /// In the mesh this is the port of the Service, at a gateway that of its server.
    pub fn port(&self) -> u16 {
        let by_scheme = if self.scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        self.listener_port.or_else(|| host::port_of(&self.host)).unwrap_or(by_scheme)
    }

    /// Returns the path without the query.
    pub(super) fn path_alone(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    /// Returns the first value of a query parameter, as it stands.
    ///
    /// Nothing is decoded; `?k` and `?k=` are both empty values. From
    /// envoyproxy/envoy:source/common/http/utility.cc `parseParameters`.
    pub(super) fn query_parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Returns the first value of a header, without blanks around it, and how often it is there.
    ///
    /// The names of HTTP/2 for what is no header of its own are known, and `host` as well.
    pub(super) fn header(&self, name: &str) -> (Option<&str>, usize) {
        let name = name.to_ascii_lowercase();
        let own = match name.as_str() {
            ":authority" | "host" => Some(&self.host),
            ":path" => Some(&self.path),
            ":method" => Some(&self.method),
            ":scheme" => Some(&self.scheme),
            _ => None,
        };
        if let Some(own) = own {
            return (Some(own), 1);
        }
        let mut values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(&name));
        let first = values.next().map(|(_, value)| value.trim_matches([' ', '\t']));
        (first, usize::from(first.is_some()) + values.count())
    }
}

/// A connection of which the proxy sees no request: TCP, or TLS that it does not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The port of the listener.
    pub port: u16,
    /// The name that a TLS client asks for; with it `tls` rules apply, without it `tcp` rules.
    pub server_name: Option<String>,
    /// The Service that a client in the mesh means, by any of its names.
    pub host: Option<String>,
    /// The address that it connects to.
    pub address: Option<IpAddr>,
    /// The proxy that decides.
    pub proxy: Proxy,
}

/// The proxy that decides where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// The sidecar of a client.
    Sidecar(Workload),
    /// A gateway.
    Gateway {
        /// The Gateway object.
        gateway: Name,
        /// The pods that it runs on.
        workload: Workload,
    },
}

impl Proxy {
    pub(super) fn workload(&self) -> &Workload {
        match self {
            Self::Sidecar(workload) | Self::Gateway { workload, .. } => workload,
        }
    }

    /// Returns the name by which VirtualServices and their matches mean it.
    pub(super) fn gateway_name(&self) -> String {
        match self {
            Self::Sidecar(_) => super::MESH.to_owned(),
            Self::Gateway { gateway, .. } => gateway.to_string(),
        }
    }
}

/// The pods beside or in which a proxy runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Their namespace.
    pub namespace: String,
    /// Their labels, where they are known.
    pub labels: Option<BTreeMap<String, String>>,
}

impl Workload {
    /// Names pods of which only the namespace is known.
    pub fn in_namespace(namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), labels: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn the_port_is_given_or_follows() {
        let mut request = Request::new("web", "/");
        assert_eq!(request.port(), 80);
        request.scheme = "https".into();
        assert_eq!(request.port(), 443);
        request.host = "web:8080".into();
        assert_eq!(request.port(), 8080);
        request.listener_port = Some(9);
        assert_eq!(request.port(), 9);
    }

    #[test]
    fn query_parameters_are_not_decoded_and_the_first_counts() {
        let request = Request::new("web", "/a?k=%41&k=b&empty&also=&x=1=2?3");
        assert_eq!(request.path_alone(), "/a");
        for (name, value) in [
            ("k", Some("%41")),
            ("K", None),
            ("empty", Some("")),
            ("also", Some("")),
            ("x", Some("1=2?3")),
            ("none", None),
        ] {
            assert_eq!(request.query_parameter(name), value, "{name}");
        }
        assert_eq!(Request::new("web", "/a").query_parameter(""), None);
    }

    #[test]
    fn headers_are_found_in_any_case_and_trimmed() {
        let request = Request::new("web:80", "/a?b")
            .with_header("X-User", " jo \t")
            .with_header("x-user", "other");
        assert_eq!(request.header("x-uSER"), (Some("jo"), 2));
        assert_eq!(request.header("x-other"), (None, 0));
        assert_eq!(request.header(":authority"), (Some("web:80"), 1));
        assert_eq!(request.header("Host"), (Some("web:80"), 1));
        assert_eq!(request.header(":path"), (Some("/a?b"), 1));
        assert_eq!(request.header("method"), (None, 0));
    }
}
