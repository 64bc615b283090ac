//! Trees with any VirtualService: what people write into rules, and what steps ask for.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// A tree, and what of it the tests look at.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) objects: Vec<Value>,
    /// The steps as the Rollout has them.
    pub(crate) steps: Vec<Value>,
}

/// Makes a tree; no bytes make the plainest one.
pub(crate) fn make(bytes: Vec<u8>) -> Tree {
    let dice = &mut Dice::new(bytes);
    let steps: Vec<_> = (0..3).map(|number| step(dice, number)).collect();
    let mut objects = vec![deployment(), service()];
    objects.extend(virtual_services(dice));
    objects.push(rollout(&steps));
    Tree { objects, steps }
}

fn deployment() -> Value {
    let labels = json!({"app": "web"});
    let pod = json!({"containers": [{"name": "web", "image": "web:2"}]});
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    let spec = json!({"replicas": 10, "selector": {"matchLabels": labels}, "template": template});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
}

fn service() -> Value {
    let spec = json!({"selector": {"app": "web"}, "ports": [{"port": 80}]});
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})
}

fn rollout(steps: &[Value]) -> Value {
    let route =
        json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "name": "web"});
    let routings = json!([{"service": "web", "customNetworkRefs": [route]}]);
    let canary = json!({
        "enableExtraWorkloadForCanary": true, "steps": steps, "trafficRoutings": routings,
    });
    let workload = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let spec = json!({"workloadRef": workload, "strategy": {"canary": canary}});
    json!({"apiVersion": "rollouts.kruise.io/v1beta1", "kind": "Rollout", "metadata": {"name": "web"}, "spec": spec})
}

fn step(dice: &mut Dice, number: usize) -> Value {
    let replicas = ["20%", "50%", "100%"][number];
    match dice.below(5) {
        0 | 1 => json!({"replicas": replicas, "traffic": format!("{}%", 1 + dice.below(100))}),
        2 | 3 => {
            let matches: Vec<_> = (0..=dice.below(3)).map(|_| step_match(dice)).collect();
            json!({"replicas": replicas, "matches": matches})
        }
        _ => json!({"replicas": replicas}),
    }
}

fn step_match(dice: &mut Dice) -> Value {
    let mut found = Map::new();
    let named = |(name, kind, value): (&str, &str, &str)| json!([{"name": name, "type": kind, "value": value}]);
    let header = dice.pick(&[
        Some(("x-canary", "Exact", "true")),
        Some(("version", "Exact", "v2")),
        Some(("version", "RegularExpression", "v[0-9]")),
        None,
    ]);
    header.into_iter().for_each(|header| drop(found.insert("headers".to_owned(), named(header))));
    if dice.below(3) == 2 {
        found.insert("queryParams".to_owned(), named(("preview", "Exact", "1")));
    }
    let path = dice.pick(&[
        None,
        None,
        Some(("PathPrefix", "/beta")),
        Some(("PathPrefix", "/")),
        Some(("Exact", "/api/x")),
        Some(("RegularExpression", "/(api|beta)/.*")),
    ]);
    if let Some((kind, value)) = path {
        found.insert("path".to_owned(), json!({"type": kind, "value": value}));
    }
    Value::Object(found)
}

/// One VirtualService, or one that leaves routing to another.
fn virtual_services(dice: &mut Dice) -> Vec<Value> {
    let spec = spec(dice);
    match dice.below(6) {
        0..4 => vec![virtual_service("web", None, &spec)],
        choice => {
            let namespace = (choice == 5).then_some("routes");
            let mut delegate = json!({"name": "web-routes"});
            namespace.into_iter().for_each(|namespace| delegate["namespace"] = json!(namespace));
            let mut leaving = json!({"delegate": delegate});
            if dice.flip() {
                leaving["match"] = json!([entry(dice)]);
            }
            let root =
                json!({"hosts": ["web.example.com"], "http": [leaving, rule(dice, 9, true)]});
            let spec = json!({"http": spec["http"]});
            vec![
                virtual_service("web", None, &root),
                virtual_service("web-routes", namespace, &spec),
            ]
        }
    }
}

fn virtual_service(name: &str, namespace: Option<&str>, spec: &Value) -> Value {
    let mut metadata = json!({"name": name});
    namespace.into_iter().for_each(|namespace| metadata["namespace"] = json!(namespace));
    json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata, "spec": spec})
}

fn spec(dice: &mut Dice) -> Value {
    let last = dice.below(5);
    let rules: Vec<_> = (0..=last).map(|number| rule(dice, number, number == last)).collect();
    let mut spec = json!({"hosts": ["web.example.com"], "http": rules});
    if dice.below(4) == 3 {
        spec["tcp"] = json!([{"match": [{"port": 3306}], "route": connections(dice)}, {"route": connections(dice)}]);
    }
    if dice.below(4) == 3 {
        let names = json!([{"sniHosts": ["web.example.com"]}]);
        spec["tls"] = json!([{"match": names, "route": connections(dice)}]);
    }
    spec
}

/// A rule without a match is mostly the last: it leaves nothing to those behind it.
fn rule(dice: &mut Dice, number: usize, is_last: bool) -> Value {
    let mut rule = Map::new();
    let mut insert = |key: &str, value: Value| drop(rule.insert(key.to_owned(), value));
    if dice.below(3) == 2 {
        insert("name", json!(format!("rule-{number}")));
    }
    match dice.below(if is_last { 4 } else { 12 }) {
        0 => {}
        1 => insert("match", json!([])),
        count => {
            let entries: Vec<_> = (0..=count % 2).map(|_| entry(dice)).collect();
            insert("match", json!(entries));
        }
    }
    let settings = [
        ("timeout", json!("3s")),
        ("headers", json!({})),
        ("headers", json!({"response": {"remove": []}})),
        ("retries", json!({"attempts": 0})),
        ("mirror", json!({"host": "web"})),
        ("corsPolicy", json!({"allowOrigins": [{"exact": "https://example.com"}]})),
    ];
    let (key, value) = &settings[dice.below(settings.len())];
    match dice.below(8) {
        6 => insert("redirect", json!({"uri": "/new"})),
        7 => insert("directResponse", json!({"status": 403})),
        choice => {
            if choice % 2 == 1 {
                insert(key, value.clone());
            }
            insert("route", route(dice));
        }
    }
    Value::Object(rule)
}

fn entry(dice: &mut Dice) -> Value {
    let conditions = [
        json!({"uri": {"prefix": "/"}}),
        json!({"uri": {"prefix": "/beta"}}),
        json!({"uri": {"exact": "/api/x"}}),
        json!({"uri": {"regex": "/(api|beta)/.*"}}),
        json!({"uri": {"prefix": "/Beta"}, "ignoreUriCase": true}),
        json!({"headers": {"X-Canary": {"exact": "true"}}}),
        json!({"headers": {"version": {"prefix": "v"}}}),
        json!({"headers": {"version": {"regex": "v[0-9]"}, "x-canary": {}}}),
        json!({"headers": {"version": {"exact": "v2"}}}),
        json!({"headers": {}}),
        json!({"withoutHeaders": {"x-canary": {}}}),
        json!({"withoutHeaders": {"version": {"exact": "v1"}}}),
        json!({"queryParams": {"Preview": {"exact": "1"}}}),
        json!({"queryParams": {"preview": {}}}),
        json!({"method": {"exact": "GET"}}),
        json!({"port": 8080}),
        json!({"gateways": ["outer"]}),
        json!({}),
    ];
    let mut entry = Map::new();
    for _ in 0..=dice.below(2) {
        let condition = conditions[dice.below(conditions.len())].as_object().unwrap();
        entry.extend(condition.clone());
    }
    Value::Object(entry)
}

fn route(dice: &mut Dice) -> Value {
    let count = 1 + [0, 0, 1, 2][dice.below(4)];
    let mut entries: Vec<_> = (0..count).map(|_| destination(dice)).collect();
    // Istio refuses several destinations none of which gets a request.
    if count > 1 && entries.iter().all(|entry| entry["weight"].as_u64().unwrap_or(0) == 0) {
        entries[0]["weight"] = json!(1);
    }
    json!(entries)
}

/// Destinations of a rule for connections, which have no headers.
fn connections(dice: &mut Dice) -> Value {
    let mut route = route(dice);
    for entry in route.as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("headers");
    }
    route
}

fn destination(dice: &mut Dice) -> Value {
    let hosts = [
        "web",
        "web",
        "web.default.svc.cluster.local",
        "web-canary",
        "other",
        "web.routes.svc.cluster.local",
        "web.partner.example.com",
        "webmaster",
    ];
    let mut destination = json!({"host": hosts[dice.below(hosts.len())]});
    match dice.below(5) {
        3 => destination["port"] = json!({"number": 80}),
        4 => destination["subset"] = json!(dice.pick(&["v1", "v2"])),
        _ => {}
    }
    let mut entry = json!({"destination": destination});
    let weight = dice.pick(&[Some(50), None, Some(0), Some(1), Some(33), Some(67), Some(900)]);
    weight.into_iter().for_each(|weight| entry["weight"] = json!(weight));
    match dice.below(6) {
        4 => entry["headers"] = json!({"request": {"set": {"x-from": "rule"}}}),
        5 => entry["headers"] = json!({}),
        _ => {}
    }
    entry
}
