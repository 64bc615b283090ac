//! Connections: the rules of `tcp` and `tls` (pilot/pkg/networking/core/{tls,networkfilter}.go).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::mesh::{VirtualService, items};
use super::action::weight;
use super::{Context, matches};

/// Where connections go: by the name they ask for, or all of them.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) server_name: Option<String>,
    clusters: Vec<Cluster>,
}

/// A cluster that connections are sent to.
#[derive(Debug, Clone)]
struct Cluster {
    name: String,
    /// What cases call the destination.
    label: String,
    weight: u64,
}

impl Chain {
    /// Returns how much goes to each destination.
    pub(crate) fn shares(&self) -> BTreeMap<String, u64> {
        let mut shares = BTreeMap::new();
        for cluster in &self.clusters {
            *shares.entry(cluster.label.clone()).or_default() += cluster.weight;
        }
        shares
    }
}

/// Returns the chain for connections without TLS: that of the first rule that concerns the proxy.
pub(crate) fn tcp(context: Context<'_>) -> Vec<Chain> {
    let mut chains = rules(context, "tcp").filter_map(|(owner, rule)| {
        let entries = items(&rule["match"]);
        let concerns =
            entries.is_empty() || entries.iter().any(|entry| applies(context, owner, entry));
        concerns.then(|| Chain { server_name: None, clusters: clusters(context, owner, rule) })
    });
    chains.next().into_iter().collect()
}

/// Returns the chains for connections with TLS; of two rules for a name the first counts.
pub(crate) fn tls(context: Context<'_>) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for (owner, rule) in rules(context, "tls") {
        let entries = items(&rule["match"]).iter().filter(|entry| applies(context, owner, entry));
        for name in entries.flat_map(|entry| items(&entry["sniHosts"])) {
            let server_name = name.as_str().map(str::to_owned);
            if !chains.iter().any(|known| known.server_name == server_name) {
                chains.push(Chain { server_name, clusters: clusters(context, owner, rule) });
            }
        }
    }
    chains
}

fn rules<'c>(
    context: Context<'c>,
    protocol: &'static str,
) -> impl Iterator<Item = (&'c VirtualService, &'c Value)> {
    let owners = context.mesh.virtual_services.iter();
    let owners = owners.filter(move |owner| owner.concerns(context.proxy));
    owners.flat_map(move |owner| owner.list(protocol).iter().map(move |rule| (owner, rule)))
}

/// Here all conditions count together, gateways and labels as well.
fn applies(context: Context<'_>, owner: &VirtualService, entry: &Value) -> bool {
    assert!(entry["destinationSubnets"].is_null(), "subnets are not translated");
    let gateways: Vec<_> = items(&entry["gateways"]).iter().filter_map(Value::as_str).collect();
    let gateway = gateways.is_empty() || owner.names_gateway(&gateways, context.proxy);
    gateway
        && matches::fits_port(entry, context.proxy)
        && matches::fits_source(entry, context.proxy)
}

/// A sole destination has everything; of several only those with a weight count.
fn clusters(context: Context<'_>, owner: &VirtualService, rule: &Value) -> Vec<Cluster> {
    let cluster = |entry: &Value, weight: u64| {
        let place = context.place(owner, &entry["destination"]);
        Cluster { name: context.scoped(&place), label: place.label(), weight }
    };
    match items(&rule["route"]) {
        [sole] => vec![cluster(sole, 1)],
        several => {
            let weighted = several.iter().filter(|entry| weight(entry) > 0);
            weighted.map(|entry| cluster(entry, weight(entry))).collect()
        }
    }
}

/// Returns what chains are to Envoy, which wants at least one: it leads nowhere.
pub(crate) fn filter_chains(chains: &[Chain]) -> Value {
    match chains {
        [] => json!([{"filters": [tcp_proxy(&json!({"cluster": "nowhere"}))]}]),
        chains => chains.iter().map(filter_chain).collect(),
    }
}

fn filter_chain(chain: &Chain) -> Value {
    let weighted = chain.clusters.iter();
    let weighted = weighted.map(|cluster| json!({"name": cluster.name, "weight": cluster.weight}));
    let target = match chain.clusters.as_slice() {
        [sole] => json!({"cluster": sole.name}),
        _ => json!({"weighted_clusters": {"clusters": weighted.collect::<Vec<_>>()}}),
    };
    let filters = json!([tcp_proxy(&target)]);
    match &chain.server_name {
        None => json!({"filters": filters}),
        Some(name) => json!({"filter_chain_match": {"server_names": [name]}, "filters": filters}),
    }
}

fn tcp_proxy(target: &Value) -> Value {
    let mut config = target.clone();
    let kind = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
    config["@type"] = json!(kind);
    config["stat_prefix"] = json!("connections");
    json!({"name": "tcp_proxy", "typed_config": config})
}
