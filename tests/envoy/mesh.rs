//! What Istio would know of a rendered tree: its Services, subsets and VirtualServices.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::Value;

/// The namespace of objects that name none.
pub(crate) const NAMESPACE: &str = "default";

/// The domain of the cluster.
const DOMAIN: &str = ".svc.cluster.local";

/// The objects of one rendered tree.
#[derive(Debug)]
pub(crate) struct Mesh {
    /// The objects as they are.
    pub(crate) objects: Vec<Value>,
    /// The ports of each Service by its full host.
    pub(crate) services: BTreeMap<String, Vec<u64>>,
    /// The subsets of hosts, by full host and name.
    subsets: BTreeSet<(String, String)>,
    pub(crate) virtual_services: Vec<VirtualService>,
}

/// A VirtualService.
#[derive(Debug)]
pub(crate) struct VirtualService {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) spec: Value,
}

/// The proxy that a request comes to, as far as Istio makes its configuration by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) port: u64,
    /// `mesh`, or the gateway with its namespace.
    pub(crate) gateway: String,
    pub(crate) namespace: String,
    pub(crate) labels: BTreeMap<String, String>,
}

/// A place that requests can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u64,
    pub(crate) subset: String,
}

impl Proxy {
    pub(crate) fn is_gateway(&self) -> bool {
        self.gateway != "mesh"
    }
}

impl Place {
    /// Returns the name of the cluster, as Istio gives it.
    pub(crate) fn cluster(&self) -> String {
        format!("outbound|{}|{}|{}", self.port, self.subset, self.host)
    }

    /// Returns the name that cases have for the place: as short as its namespace and port allow.
    pub(crate) fn label(&self) -> String {
        let host = self.host.strip_suffix(DOMAIN).unwrap_or(&self.host);
        let mut label = host.strip_suffix(&format!(".{NAMESPACE}")).unwrap_or(host).to_owned();
        if self.port != 80 {
            label.push_str(&format!(":{}", self.port));
        }
        if !self.subset.is_empty() {
            label.push_str(&format!("/{}", self.subset));
        }
        label
    }
}

impl VirtualService {
    /// Returns the items of a list of `spec`.
    pub(crate) fn list(&self, key: &str) -> &[Value] {
        items(&self.spec[key])
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().map(|item| item.as_str().unwrap()).collect()
    }

    /// Returns whether proxies of a gateway, or those of the mesh, are led by it.
    pub(crate) fn concerns(&self, proxy: &Proxy) -> bool {
        let gateways = self.texts("gateways");
        match gateways.as_slice() {
            [] => !proxy.is_gateway(),
            gateways => self.names_gateway(gateways, proxy),
        }
    }

    /// Returns whether one of these names of gateways is that of the proxy.
    pub(crate) fn names_gateway(&self, gateways: &[&str], proxy: &Proxy) -> bool {
        let full = |name: &&str| match *name {
            "mesh" => "mesh".to_owned(),
            name if name.contains('/') => name.to_owned(),
            name => format!("{}/{name}", self.namespace),
        };
        gateways.iter().any(|name| full(name) == proxy.gateway)
    }

    /// Returns the hosts that it leads: names that a sidecar knows a Service by, or those of a gateway.
    pub(crate) fn domains(&self, proxy: &Proxy) -> Vec<String> {
        let hosts = self.texts("hosts").into_iter().map(|host| resolve(host, &self.namespace));
        hosts
            .flat_map(|host| match proxy.is_gateway() {
                true => vec![host],
                false => domains_in_mesh(&host, &proxy.namespace),
            })
            .collect()
    }
}

/// Returns the names by which a sidecar in `namespace` knows a host.
pub(crate) fn domains_in_mesh(host: &str, namespace: &str) -> Vec<String> {
    let Some(short) = host.strip_suffix(DOMAIN) else { return vec![host.to_owned()] };
    let mut domains = vec![host.to_owned(), format!("{short}.svc"), short.to_owned()];
    let name = short.strip_suffix(&format!(".{namespace}"));
    domains.extend(name.map(str::to_owned));
    domains
}

/// Returns a host in full: one without a dot is a Service of the namespace (pilot/pkg/model/config.go).
pub(crate) fn resolve(host: &str, namespace: &str) -> String {
    match host.contains('.') || host == "*" {
        true => host.to_owned(),
        false => format!("{host}.{namespace}{DOMAIN}"),
    }
}

impl Mesh {
    /// Reads a rendered text.
    pub(crate) fn read(text: &str) -> Self {
        let documents = serde_yaml::Deserializer::from_str(text);
        let objects = documents.map(|document| Value::deserialize(document).unwrap()).collect();
        let mut mesh = Self {
            objects,
            services: BTreeMap::new(),
            subsets: BTreeSet::new(),
            virtual_services: Vec::new(),
        };
        for object in mesh.objects.clone() {
            mesh.add(&object);
        }
        mesh
    }

    fn add(&mut self, object: &Value) {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(NAMESPACE);
        let name = object["metadata"]["name"].as_str().unwrap();
        let spec = &object["spec"];
        match object["kind"].as_str().unwrap() {
            "Service" => {
                self.services.insert(resolve(name, namespace), ports(spec, "port"));
            }
            "ServiceEntry" => {
                for host in items(&spec["hosts"]) {
                    let host = host.as_str().unwrap().to_owned();
                    self.services.insert(host, ports(spec, "number"));
                }
            }
            "DestinationRule" => {
                let host = resolve(spec["host"].as_str().unwrap(), namespace);
                let names = items(&spec["subsets"]).iter().map(|subset| subset["name"].as_str());
                self.subsets.extend(names.map(|name| (host.clone(), name.unwrap().to_owned())));
            }
            "VirtualService" => {
                let (name, namespace) = (name.to_owned(), namespace.to_owned());
                self.virtual_services.push(VirtualService { name, namespace, spec: spec.clone() });
            }
            _ => {}
        }
    }

    /// Returns every place that the tree declares; there are clusters for these and no others.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (host, ports) in &self.services {
            let own = self.subsets.iter().filter(|(other, _)| other == host);
            let subsets: Vec<_> = own.map(|(_, name)| name.clone()).collect();
            for &port in ports {
                let all = std::iter::once(String::new()).chain(subsets.clone());
                places.extend(all.map(|subset| Place { host: host.clone(), port, subset }));
            }
        }
        places
    }

    /// Returns where a destination leads (pilot/pkg/networking/core/route/route.go
    /// `GetDestinationCluster`): to its own port, the only one of the Service, or that of the listener.
    pub(crate) fn place(&self, destination: &Value, (namespace, port): (&str, u64)) -> Place {
        let host = resolve(destination["host"].as_str().unwrap(), namespace);
        let only = match self.services.get(&host).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        };
        let port = destination["port"]["number"].as_u64().or(only).unwrap_or(port);
        let subset = destination["subset"].as_str().unwrap_or_default().to_owned();
        Place { host, port, subset }
    }
}

impl Mesh {
    /// Returns the names of the Deployments whose pods stand behind a place of the default namespace.
    pub(crate) fn deployments_behind(&self, place: &Place) -> BTreeSet<String> {
        let of_kind =
            |kind: &'static str| self.objects.iter().filter(move |object| object["kind"] == kind);
        let is_it = |host: &Value| resolve(host.as_str().unwrap(), NAMESPACE) == place.host;
        let service = of_kind("Service").find(|service| is_it(&service["metadata"]["name"]));
        let rules = of_kind("DestinationRule").filter(|rule| is_it(&rule["spec"]["host"]));
        let mut subsets = rules.flat_map(|rule| items(&rule["spec"]["subsets"]));
        let subset = subsets.find(|subset| subset["name"] == *place.subset);
        let selector = &service.unwrap()["spec"]["selector"];
        let labels = subset.map_or(&Value::Null, |subset| &subset["labels"]);
        let wanted: Vec<_> =
            [selector, labels].into_iter().filter_map(Value::as_object).flatten().collect();
        let is_behind = |deployment: &&Value| {
            let pods = &deployment["spec"]["template"]["metadata"]["labels"];
            wanted.iter().all(|(key, value)| pods.get(key) == Some(value))
        };
        let found = of_kind("Deployment").filter(is_behind);
        found.map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn ports(spec: &Value, key: &str) -> Vec<u64> {
    items(&spec["ports"]).iter().map(|port| port[key].as_u64().unwrap()).collect()
}

/// Returns the items of a list, none where there is no list.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
