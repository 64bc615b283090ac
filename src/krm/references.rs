//! References to objects that kustomize has renamed, by the names of now.
//!
//! Only what is rendered sees them: an item that the stage does not change is written as it came, and
//! kustomize finds what it refers to itself.

use std::borrow::Cow;

use serde_json::Value;

use super::item::Item;
use super::previous::{Names, Referent};
use crate::definition::{self, NameField, is_kind_of_rollout};

/// Returns the item with the names of now, and without what the orchestrator notes.
pub(super) fn resolved<'i>(item: &'i Item, names: &Names, namespace: &str) -> Cow<'i, Item> {
    if !names.any_renamed && !item.has_place() {
        return Cow::Borrowed(item);
    }
    let key = item.key(namespace);
    let mut value = item.without_place();
    let at = At { names, namespace: &key.namespace };
    match (key.group.as_str(), key.kind.as_str()) {
        (group, kind) if is_kind_of_rollout(group, kind) => {
            for NameField { group, kind, name } in definition::names(group, kind, &mut value) {
                at.name((&group, &kind), name);
            }
        }
        ("networking.istio.io", "VirtualService") => {
            if let Some(spec) = value.get_mut("spec") {
                at.destinations(spec);
            }
        }
        ("networking.istio.io", "DestinationRule") => {
            if let Some(host) = value.pointer_mut("/spec/host") {
                at.host(host);
            }
        }
        ("rollstep.dev", "RollStep") => {
            if let Some(name) = value.pointer_mut("/spec/rollout") {
                at.rollout(name);
            }
            let routes = value.pointer_mut("/spec/routes").and_then(Value::as_array_mut);
            for route in routes.into_iter().flatten() {
                at.listed_route(route);
            }
        }
        _ => {}
    }
    if value == *item.value() { Cow::Borrowed(item) } else { Cow::Owned(item.with_value(value)) }
}

/// The namespace that references are written in.
struct At<'n> {
    names: &'n Names,
    namespace: &'n str,
}

impl At<'_> {
    /// Resolves the name of a definition of any kind.
    fn rollout(&self, name: &mut Value) {
        let Some(written) = name.as_str() else { return };
        let mut now = definition::kinds().filter_map(|(group, kind)| {
            self.names.now(Referent { group, kind, namespace: self.namespace, name: written })
        });
        if let Some(now) = now.next() {
            *name = Value::from(now.name.clone());
        }
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
            for item in items {
                self.destinations(item);
            }
            return;
        }
        let Value::Object(map) = value else { return };
        for key in ["destination", "mirror"] {
            let destination = map.get_mut(key);
            if let Some(host) = destination.and_then(|destination| destination.get_mut("host")) {
                self.host(host);
            }
        }
        for value in map.values_mut() {
            self.destinations(value);
        }
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
        let names = Names::of(&[Item::new(String::new(), service)], "default");
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
        let names = Names::of(&[Item::new(String::new(), route)], "default");
        let listed = |namespace: &str, name: &str| json!({"kind": "VirtualService", "namespace": namespace, "name": name});
        let routes = json!([listed("old", "edge"), listed("other", "edge"), listed("old", "web")]);
        let step = json!({
            "apiVersion": "rollstep.dev/v1alpha1",
            "kind": "RollStep",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"rollout": "web", "routes": routes},
        });
        let step = Item::new(String::new(), step);
        let item = resolved(&step, &names, "default");
        assert_eq!(
            item.value()["spec"]["routes"],
            json!([listed("ingress", "pre-edge"), listed("other", "edge"), listed("old", "web")])
        );
    }
}
