//! What is sent, in the manners of curl.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use rollstep::explain::{Caller, Sent};
use rollstep::simulate::{Connection, Name, Proxy, Request, Workload};

/// The request, and who sends it.
#[derive(Debug, Args)]
pub(crate) struct SentArgs {
    /// Where it goes to, such as `https://shop.example.com/cart?item=7`; `tcp://HOST:PORT` and
    /// `tls://HOST:PORT` are connections of which the proxy sees no request
    #[arg(value_name = "URL", help_heading = "Request")]
    url: String,

    /// Method of the request
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = "Request")]
    request: Option<String>,

    /// Header of the request; may be repeated
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = "Request")]
    header: Vec<String>,

    /// Gateway that it comes through; `mesh` for a client in the mesh
    #[arg(long, value_name = "[NAMESPACE/]NAME", help_heading = "Caller")]
    gateway: Option<String>,

    /// Namespace of the client in the mesh, or of the gateway's pods
    #[arg(long, value_name = "NAMESPACE", help_heading = "Caller")]
    source_namespace: Option<String>,

    /// Label of the client's pods, or of the gateway's; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label, help_heading = "Caller")]
    source_label: Vec<(String, String)>,
}

impl SentArgs {
    /// Returns what is sent; `namespace` is that of names without one.
    pub(crate) fn read(&self, namespace: Option<&str>) -> anyhow::Result<(Sent, Caller)> {
        let namespace = namespace.unwrap_or("default");
        let proxy = self.proxy(namespace);
        let caller = match &proxy {
            Some(_) => Caller::Given,
            None if self.is_in_mesh() => Caller::InMesh,
            None => Caller::ByRoute,
        };
        let proxy = proxy.unwrap_or_else(|| Proxy::Sidecar(Workload::in_namespace(namespace)));
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let scheme = scheme.to_ascii_lowercase();
        let sent = match scheme.as_str() {
            "http" | "https" => Sent::Request(self.to_request(&scheme, rest)?.through(proxy)),
            "tcp" | "tls" => Sent::Connection(self.to_connection((&scheme, rest), proxy)?),
            other => bail!("the scheme `{other}` is none of http, https, tcp and tls"),
        };
        Ok((sent, caller))
    }

    fn to_request(&self, scheme: &str, rest: &str) -> anyhow::Result<Request> {
        // A fragment is never sent.
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        ensure!(!host.is_empty(), "the URL `{}` names no host", self.url);
        check_port(host)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut request = Request::new(host, path);
        scheme.clone_into(&mut request.scheme);
        if let Some(method) = &self.request {
            request.method.clone_from(method);
        }
        // What the client connects to is the port of the URL, whatever host it asks for.
        request.listener_port = Some(request.port());
        for header in &self.header {
            let (name, value) = parse_header(header)?;
            if name.eq_ignore_ascii_case("host") {
                value.clone_into(&mut request.host);
            } else {
                request = request.with_header(name, value);
            }
        }
        Ok(request)
    }

    fn to_connection(
        &self,
        (scheme, rest): (&str, &str),
        proxy: Proxy,
    ) -> anyhow::Result<Connection> {
        ensure!(
            self.header.is_empty() && self.request.is_none(),
            "a connection has neither method nor headers"
        );
        let rest = rest.trim_end_matches('/');
        let (host, port) = rest.rsplit_once(':').context("a connection needs HOST:PORT")?;
        let port = port.parse().with_context(|| format!("`{port}` is no port"))?;
        ensure!(!host.is_empty(), "the URL `{}` names no host", self.url);
        let server_name = (scheme == "tls").then(|| host.to_owned());
        let address = host.trim_matches(['[', ']']).parse().ok();
        Ok(Connection { port, server_name, host: Some(host.to_owned()), address, proxy })
    }

    /// Returns the proxy, where anything is said of it.
    fn proxy(&self, namespace: &str) -> Option<Proxy> {
        let labels = self.source_label.iter().cloned().collect::<BTreeMap<_, _>>();
        let labels = (!labels.is_empty()).then_some(labels);
        let workload = |otherwise: &str| {
            let namespace = self.source_namespace.as_deref().unwrap_or(otherwise).to_owned();
            Workload { namespace, labels: labels.clone() }
        };
        match &self.gateway {
            Some(gateway) if !self.is_in_mesh() => {
                let (of, name) = read_gateway(gateway, namespace);
                Some(Proxy::Gateway { gateway: Name::new(of, name), workload: workload(of) })
            }
            Some(_) | None if self.source_namespace.is_none() && labels.is_none() => None,
            Some(_) | None => Some(Proxy::Sidecar(workload(namespace))),
        }
    }

    fn is_in_mesh(&self) -> bool {
        self.gateway.as_deref() == Some("mesh")
    }
}

/// Reads `NAMESPACE/NAME`, `NAME`, or Istio's old form `NAME.NAMESPACE`; returns namespace and name.
fn read_gateway<'g>(gateway: &'g str, namespace: &'g str) -> (&'g str, &'g str) {
    if let Some((of, name)) = gateway.split_once('/') {
        return (of, name);
    }
    match gateway.split_once('.') {
        Some((name, rest)) => (rest.split('.').next().unwrap_or(rest), name),
        None => (namespace, gateway),
    }
}

/// Refuses a port that is none, which would be taken for that of the scheme.
fn check_port(authority: &str) -> anyhow::Result<()> {
    // The colons of an IPv6 address stand before the bracket.
    let behind = authority.rsplit_once(']').map_or(authority, |(_, behind)| behind);
    let Some((_, port)) = behind.rsplit_once(':') else { return Ok(()) };
    let is_port = port.is_empty() || port.parse::<u16>().is_ok();
    ensure!(is_port, "`{port}` is no port");
    Ok(())
}

/// Reads a header as curl does: `name: value`, or `name;` for an empty one.
fn parse_header(header: &str) -> anyhow::Result<(&str, &str)> {
    let pair = match header.split_once(':') {
        Some((name, value)) => Some((name.trim(), value.trim())),
        None => header.strip_suffix(';').map(|name| (name.trim(), "")),
    };
    let pair = pair.filter(|(name, _)| !name.is_empty());
    pair.with_context(|| format!("the header `{header}` is not of the form `name: value`"))
}

fn parse_label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected a label, such as app=web".to_owned()),
    }
}
