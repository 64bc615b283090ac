//! The static configuration of the one Envoy that all cases share.
//!
//! Every tree has a listener for each proxy that its requests come to, and a cluster for each place
//! that it declares. What the clusters lead to is listeners of the same Envoy, on sockets without a
//! file, which answer with the name of the place and what they see of the request. Only connections
//! go to servers of the test.

use std::collections::{BTreeMap, BTreeSet};
use std::process;

use serde_json::{Value, json};

use super::answering;
use super::case::{Kind, Request};
use super::mesh::{Mesh, Place, Proxy};
use super::translate::l4::{self, Chain};
use super::translate::{Context, virtual_hosts};

/// The header of an answer that names the destination.
pub(crate) const DESTINATION: &str = "x-destination";

/// What destinations tell of the request: headers of the answer, and the headers they are taken from.
const SEEN: [(&str, &str); 5] = [
    ("x-seen-path", ":path"),
    ("x-seen-authority", ":authority"),
    ("x-seen-version", "x-version"),
    ("x-seen-secret", "x-secret"),
    ("x-seen-timeout", "x-envoy-expected-rq-timeout-ms"),
];

const FILTERS: &str = "type.googleapis.com/envoy.extensions.filters";

/// A rendered tree and the requests to it.
pub(crate) struct Trial<'c> {
    pub(crate) name: String,
    pub(crate) mesh: Mesh,
    pub(crate) requests: &'c [Request],
}

/// A listener for the requests of a tree that come to one proxy.
pub(crate) struct Entrance {
    pub(crate) name: String,
    kind: Kind,
    proxy: Proxy,
    /// The routes by the index that answers tell.
    pub(crate) routes: Vec<Value>,
    pub(crate) chains: Vec<Chain>,
    listener: Value,
}

impl Entrance {
    pub(crate) fn takes(&self, request: &Request) -> bool {
        self.kind == request.kind && self.proxy == request.proxy
    }

    fn open(trial: &Trial<'_>, request: &Request, number: usize) -> Self {
        let name = format!("{}/{number}", trial.name);
        let scope = scope(&trial.name, request.kind);
        let context = Context { mesh: &trial.mesh, proxy: &request.proxy, scope: &scope };
        let (hosts, chains) = match request.kind {
            Kind::Http => (virtual_hosts(context), Vec::new()),
            Kind::Tcp => (Vec::new(), l4::tcp(context)),
            Kind::Tls => (Vec::new(), l4::tls(context)),
        };
        let routes = hosts.iter().flat_map(|host| host["routes"].as_array().unwrap().clone());
        let routes = routes.collect();
        let filter_chains = match request.kind {
            Kind::Http => json!([{"filters": [connection_manager(&hosts)]}]),
            Kind::Tcp | Kind::Tls => l4::filter_chains(&chains),
        };
        let address = json!({"socket_address": {"address": "127.0.0.1", "port_value": 0}});
        let mut listener =
            json!({"name": name, "address": address, "filter_chains": filter_chains});
        if request.kind == Kind::Tls {
            let inspector =
                json!({"@type": format!("{FILTERS}.listener.tls_inspector.v3.TlsInspector")});
            listener["listener_filters"] =
                json!([{"name": "tls_inspector", "typed_config": inspector}]);
        }
        let (kind, proxy) = (request.kind, request.proxy.clone());
        Self { name, kind, proxy, routes, chains, listener }
    }
}

/// Returns the listeners that a tree needs for its requests.
pub(crate) fn entrances(trial: &Trial<'_>) -> Vec<Entrance> {
    let mut entrances: Vec<Entrance> = Vec::new();
    for request in trial.requests {
        if !entrances.iter().any(|entrance| entrance.takes(request)) {
            entrances.push(Entrance::open(trial, request, entrances.len()));
        }
    }
    entrances
}

/// Clusters for connections stand beside those for requests.
fn scope(trial: &str, kind: Kind) -> String {
    format!("{trial}/{kind:?}")
}

/// Returns the configuration for all trees and their listeners.
pub(crate) fn configuration(trials: &[(Trial<'_>, Vec<Entrance>)]) -> Value {
    let entrances = trials.iter().flat_map(|(_, entrances)| entrances);
    let mut listeners: Vec<_> = entrances.map(|entrance| entrance.listener.clone()).collect();
    let mut addresses = BTreeMap::new();
    let mut clusters = Vec::new();
    for (trial, entrances) in trials {
        let kinds: BTreeSet<_> = entrances.iter().map(|entrance| entrance.kind).collect();
        for (place, &kind) in pairs(&trial.mesh.places(), &kinds) {
            let key = (place.label(), kind == Kind::Http);
            let number = addresses.len();
            let address = addresses.entry(key).or_insert_with(|| address(place, kind, number));
            let name = format!("{}/{}", scope(&trial.name, kind), place.cluster());
            clusters.push(cluster(&name, address));
        }
    }
    let destinations = addresses.iter().filter(|((_, http), _)| *http);
    listeners.extend(destinations.map(|((label, _), address)| destination(label, address)));
    json!({
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
        "static_resources": {"listeners": listeners, "clusters": clusters},
    })
}

fn pairs<'p, 'k>(
    places: &'p [Place],
    kinds: &'k BTreeSet<Kind>,
) -> impl Iterator<Item = (&'p Place, &'k Kind)> {
    places.iter().flat_map(|place| kinds.iter().map(move |kind| (place, kind)))
}

/// Requests go to a listener of Envoy, connections to a server of the test.
fn address(place: &Place, kind: Kind, number: usize) -> Value {
    match kind {
        Kind::Http => json!({"pipe": {"path": format!("@rollstep-{}-{number}", process::id())}}),
        Kind::Tcp | Kind::Tls => {
            let port = answering::serve(&place.label());
            json!({"socket_address": {"address": "127.0.0.1", "port_value": port}})
        }
    }
}

fn cluster(name: &str, address: &Value) -> Value {
    let endpoint = json!({"endpoint": {"address": address}});
    json!({
        "name": name,
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    })
}

/// Returns a listener that answers with the name of a place and what it sees of the request.
///
/// A request that says `x-broken` gets a 503 of it, so that attempts can be counted.
fn destination(label: &str, address: &Value) -> Value {
    let sees = SEEN.map(|(key, of)| (key, format!("%REQ({of})%")));
    let named = [(DESTINATION, label.to_owned())].into_iter().chain(sees);
    let header = |(key, value)| json!({"header": {"key": key, "value": value}});
    let headers: Vec<_> = named.map(header).collect();
    let broken = json!({"prefix": "/", "headers": [{"name": "x-broken", "present_match": true}]});
    let answer =
        |when: Value, status: u16| json!({"match": when, "direct_response": {"status": status}});
    let mut manager = connection_manager(&[json!({
        "name": label,
        "domains": ["*"],
        "routes": [answer(broken, 503), answer(json!({"prefix": "/"}), 200)],
        "response_headers_to_add": headers,
    })]);
    // The proxy is trusted, so that what it says of the timeout is not taken away.
    manager["typed_config"]["use_remote_address"] = json!(true);
    manager["typed_config"]["internal_address_config"] = json!({"unix_sockets": true});
    let name = format!("destination {label}");
    json!({"name": name, "address": address, "filter_chains": [{"filters": [manager]}]})
}

/// Clusters are not checked: one that is missing is an answer, as in Istio.
fn connection_manager(hosts: &[Value]) -> Value {
    let filter = |name: &str, kind: &str| {
        let kind = format!("{FILTERS}.http.{kind}");
        json!({"name": format!("envoy.filters.http.{name}"), "typed_config": {"@type": kind}})
    };
    let kind = format!("{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager");
    let config = json!({
        "@type": kind,
        "stat_prefix": "requests",
        "route_config": {
            "validate_clusters": false,
            "ignore_port_in_host_matching": true,
            "virtual_hosts": hosts,
        },
        "http_filters": [filter("cors", "cors.v3.Cors"), filter("router", "router.v3.Router")],
    });
    json!({"name": "http_connection_manager", "typed_config": config})
}
