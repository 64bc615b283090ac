//! References to objects that kustomize has renamed, by the names of now.
//!
//! Only what is rendered sees them: an item that the stage does not change is written as it came, and
//! kustomize finds what it refers to itself.

use serde_json::Value;

use super::item::Item;
use super::previous::{Names, Referent};

/// Returns the item with the names of now, and without what the orchestrator notes.
pub(super) fn resolved(item: &Item, names: &Names, namespace: &str) -> Item {
    let key = item.key(namespace);
    let mut value = item.without_place();
    let at = At { names, namespace: &key.namespace };
    match (key.group.as_str(), key.kind.as_str()) {
        ("rollouts.kruise.io", "Rollout") => at.rollout(&mut value),
        ("networking.istio.io", "VirtualService") => {
            value.get_mut("spec").into_iter().for_each(|spec| at.destinations(spec));
        }
        ("networking.istio.io", "DestinationRule") => {
            value.pointer_mut("/spec/host").into_iter().for_each(|host| at.host(host));
        }
        ("rollstep.dev", "RollStep") => {
            let rollout = value.pointer_mut("/spec/rollout");
            rollout.into_iter().for_each(|name| at.name(("rollouts.kruise.io", "Rollout"), name));
            let routes = value.pointer_mut("/spec/routes").and_then(Value::as_array_mut);
            routes.into_iter().flatten().for_each(|route| at.listed_route(route));
        }
        _ => {}
    }
    if value == item.value { item.clone() } else { item.with_value(value) }
}

/// The namespace that references are written in.
struct At<'n> {
    names: &'n Names,
    namespace: &'n str,
}

impl At<'_> {
    fn rollout(&self, rollout: &mut Value) {
        for pointer in ["/spec/workloadRef", "/spec/objectRef/workloadRef"] {
            rollout.pointer_mut(pointer).into_iter().for_each(|reference| self.object(reference));
        }
        for style in ["canary", "blueGreen"] {
            let routings = rollout.pointer_mut(&format!("/spec/strategy/{style}/trafficRoutings"));
            let routings = routings.and_then(Value::as_array_mut);
            routings.into_iter().flatten().for_each(|routing| self.routing(routing));
        }
    }

    fn routing(&self, routing: &mut Value) {
        let service = routing.get_mut("service");
        service.into_iter().for_each(|name| self.name(("", "Service"), name));
        let references = routing.get_mut("customNetworkRefs").and_then(Value::as_array_mut);
        references.into_iter().flatten().for_each(|reference| self.object(reference));
    }

    /// Resolves a reference with `apiVersion`, `kind` and `name`.
    fn object(&self, reference: &mut Value) {
        let text = |key: &str| reference.get(key).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion").to_owned(), text("kind").to_owned());
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        reference.get_mut("name").into_iter().for_each(|name| self.name((group, &kind), name));
    }

    fn name(&self, (group, kind): (&str, &str), name: &mut Value) {
        let Some(written) = name.as_str() else { return };
        let wanted = Referent { group, kind, namespace: self.namespace, name: written };
        if let Some(now) = self.names.now(wanted) {
            *name = Value::from(now.name.clone());
        }
    }

    /// Resolves a route that a RollStep lists, in whatever namespace.
    fn listed_route(&self, route: &mut Value) {
        let text = |key: &str| route.get(key).and_then(Value::as_str);
        let wanted = Referent {
            group: "networking.istio.io",
            kind: text("kind").unwrap_or_default(),
            namespace: text("namespace").unwrap_or(self.namespace),
            name: text("name").unwrap_or_default(),
        };
        let Some(now) = self.names.now(wanted) else { return };
        let (name, namespace) = (Value::from(now.name.clone()), Value::from(now.namespace.clone()));
        if let Some(fields) = route.as_object_mut() {
            fields.insert("name".to_owned(), name);
            fields.insert("namespace".to_owned(), namespace);
        }
    }

    /// Resolves the hosts of destinations and mirrors, wherever they stand.
    fn destinations(&self, value: &mut Value) {
        if let Value::Array(items) = value {
            items.iter_mut().for_each(|item| self.destinations(item));
            return;
        }
        let Value::Object(map) = value else { return };
        for key in ["destination", "mirror"] {
            let host = map.get_mut(key).and_then(|destination| destination.get_mut("host"));
            host.into_iter().for_each(|host| self.host(host));
        }
        map.values_mut().for_each(|value| self.destinations(value));
    }

    /// Resolves a host, which names its namespace or is of the one that it is written in.
    fn host(&self, host: &mut Value) {
        let Some(written) = host.as_str() else { return };
        let mut labels = written.splitn(3, '.');
        let (name, own, domain) = (labels.next(), labels.next(), labels.next());
        let wanted = Referent {
            group: "",
            kind: "Service",
            namespace: own.unwrap_or(self.namespace),
            name: name.unwrap_or_default(),
        };
        let Some(now) = self.names.now(wanted) else { return };
        let labels = [Some(now.name.as_str()), own.map(|_| now.namespace.as_str()), domain];
        *host = Value::from(labels.into_iter().flatten().collect::<Vec<_>>().join("."));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_keep_their_form() {
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "pre-web", "namespace": "shop", "annotations": {
                "internal.config.kubernetes.io/previousNames": "web",
                "internal.config.kubernetes.io/previousNamespaces": "old",
                "internal.config.kubernetes.io/previousKinds": "Service",
            }},
        });
        let names = Names::of(&[Item { text: String::new(), value: service }], "default");
        let at = At { names: &names, namespace: "shop" };
        for (written, now) in [
            ("web", "pre-web"),
            ("web.shop", "pre-web.shop"),
            ("web.old.svc.cluster.local", "pre-web.shop.svc.cluster.local"),
            ("web.other.svc", "web.other.svc"),
            ("api.example.com", "api.example.com"),
        ] {
            let mut host = json!(written);
            at.host(&mut host);
            assert_eq!(host, now);
        }
        let mut rules = json!([{"mirror": {"host": "web"}, "hosts": ["web"]}]);
        at.destinations(&mut rules);
        assert_eq!(rules, json!([{"mirror": {"host": "pre-web"}, "hosts": ["web"]}]));
    }

    #[test]
    fn listed_routes_have_the_names_of_now() {
        let route = json!({
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "pre-edge", "namespace": "ingress", "annotations": {
                "internal.config.kubernetes.io/previousNames": "edge",
                "internal.config.kubernetes.io/previousNamespaces": "old",
                "internal.config.kubernetes.io/previousKinds": "VirtualService",
            }},
        });
        let names = Names::of(&[Item { text: String::new(), value: route }], "default");
        let listed = |namespace: &str, name: &str| json!({"kind": "VirtualService", "namespace": namespace, "name": name});
        let routes = json!([listed("old", "edge"), listed("other", "edge"), listed("old", "web")]);
        let step = json!({
            "apiVersion": "rollstep.dev/v1alpha1",
            "kind": "RollStep",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"rollout": "web", "routes": routes},
        });
        let item = resolved(&Item { text: String::new(), value: step }, &names, "default");
        assert_eq!(
            item.value["spec"]["routes"],
            json!([listed("ingress", "pre-edge"), listed("other", "edge"), listed("old", "web")])
        );
    }
}
