//! What Istio would tell a proxy of the VirtualServices of a tree, in Envoy's words.
//!
//! Written for these tests from the rules of istio/istio, and sharing nothing with the library: which
//! rules a proxy gets and in which order is here (pilot/pkg/networking/core/route/route.go
//! `BuildHTTPRoutesForVirtualService`), the conditions in [`matches`], what is done in [`action`], the
//! rules of other VirtualServices in [`delegate`], and connections in [`l4`]. A field that is not
//! translated is refused, so that no case shows less than it seems to.

#[path = "translate/action.rs"]
mod action;
#[path = "translate/delegate.rs"]
mod delegate;
#[path = "translate/l4.rs"]
pub(crate) mod l4;
#[path = "translate/matches.rs"]
mod matches;

use serde_json::{Value, json};

use super::mesh::{Mesh, Place, Proxy, VirtualService, domains_in_mesh, items};

/// The header by which a test decides what a weighted route draws.
pub(crate) const DRAW: &str = "x-draw";

/// The header of an answer that tells the index of the route that was taken.
pub(crate) const ROUTE: &str = "x-route";

/// The fields of a rule that are translated, or that decide nothing here.
const FIELDS: [&str; 14] = [
    "name",
    "match",
    "route",
    "redirect",
    "directResponse",
    "delegate",
    "rewrite",
    "timeout",
    "retries",
    "headers",
    "corsPolicy",
    "mirror",
    "mirrors",
    "mirrorPercentage",
];

/// A proxy and what it is told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) mesh: &'c Mesh,
    pub(crate) proxy: &'c Proxy,
    /// Stands before the names of clusters, so that each tree has its own.
    pub(crate) scope: &'c str,
}

impl Context<'_> {
    /// Returns the name of the cluster that a destination of a VirtualService stands for.
    fn cluster(&self, owner: &VirtualService, destination: &Value) -> String {
        self.scoped(&self.place(owner, destination))
    }

    fn place(&self, owner: &VirtualService, destination: &Value) -> Place {
        self.mesh.place(destination, (&owner.namespace, self.proxy.port))
    }

    pub(crate) fn scoped(&self, place: &Place) -> String {
        format!("{}/{}", self.scope, place.cluster())
    }
}

/// Returns the virtual hosts of a proxy, each route with an index of its own in [`ROUTE`].
pub(crate) fn virtual_hosts(context: Context<'_>) -> Vec<Value> {
    let mut hosts: Vec<(String, Vec<Value>)> = Vec::new();
    for owner in &context.mesh.virtual_services {
        if !owner.concerns(context.proxy) {
            continue;
        }
        let routes = routes(context, owner);
        for domain in owner.domains(context.proxy) {
            add(&mut hosts, context.proxy, (domain, routes.clone()));
        }
    }
    if !context.proxy.is_gateway() {
        hosts.retain(|(_, routes)| !routes.is_empty());
        add_plain_services(&mut hosts, context);
    }
    number(hosts)
}

/// Of two VirtualServices for a host a sidecar has the older; a gateway has both, the older first, and
/// routes for everything behind all others (route.go `SortVHostRoutes`).
fn add(
    hosts: &mut Vec<(String, Vec<Value>)>,
    proxy: &Proxy,
    (domain, routes): (String, Vec<Value>),
) {
    match hosts.iter_mut().find(|(known, _)| *known == domain) {
        None => hosts.push((domain, routes)),
        Some(_) if !proxy.is_gateway() => {}
        Some((_, known)) => {
            known.extend(routes);
            known.sort_by_key(is_catch_all);
        }
    }
}

/// A Service that no VirtualService leads is reached directly.
fn add_plain_services(hosts: &mut Vec<(String, Vec<Value>)>, context: Context<'_>) {
    for place in context.mesh.places() {
        if place.port != context.proxy.port || !place.subset.is_empty() {
            continue;
        }
        let route = json!({
            "match": {"prefix": "/"},
            "route": {"cluster": context.scoped(&place), "timeout": "0s"},
        });
        for domain in domains_in_mesh(&place.host, &context.proxy.namespace) {
            if !hosts.iter().any(|(known, _)| *known == domain) {
                hosts.push((domain, vec![route.clone()]));
            }
        }
    }
}

fn number(hosts: Vec<(String, Vec<Value>)>) -> Vec<Value> {
    let mut index = 0;
    let mut numbered = Vec::new();
    for (domain, mut routes) in hosts {
        for route in &mut routes {
            let header = json!({"header": {"key": ROUTE, "value": index.to_string()}});
            action::push(route, "response_headers_to_add", &[header]);
            index += 1;
        }
        numbered.push(json!({
            "name": domain,
            "domains": [domain],
            "routes": routes,
            "include_attempt_count_in_response": true,
        }));
    }
    numbered
}

/// Returns the routes of one VirtualService, up to the first that takes everything.
fn routes(context: Context<'_>, owner: &VirtualService) -> Vec<Value> {
    let mut routes = Vec::new();
    for (owner, rule) in delegate::expand(context.mesh, owner) {
        let unknown = rule.as_object().unwrap().keys().find(|key| !FIELDS.contains(&key.as_str()));
        assert!(unknown.is_none(), "`{}` of a rule is not translated", unknown.unwrap());
        let entries = match items(&rule["match"]) {
            [] => &[Value::Null],
            entries => entries,
        };
        for entry in entries {
            if matches::applies(entry, owner, context.proxy) {
                routes.push(route(context, owner, (&rule, entry)));
            }
            if routes.last().is_some_and(is_catch_all) {
                return routes;
            }
        }
    }
    routes
}

fn route(context: Context<'_>, owner: &VirtualService, (rule, entry): (&Value, &Value)) -> Value {
    let mut route = json!({"match": matches::translate(entry)});
    action::translate(context, owner, (rule, &mut route));
    route
}

/// Returns whether a route takes every request (route.go `IsCatchAllRoute`).
fn is_catch_all(route: &Value) -> bool {
    let conditions = &route["match"];
    let every_path = conditions["prefix"] == "/" || conditions["safe_regex"]["regex"] == ".*";
    let others = [&conditions["headers"], &conditions["query_parameters"]];
    every_path && others.iter().all(|others| items(others).is_empty())
}
