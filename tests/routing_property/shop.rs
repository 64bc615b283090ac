//! Trees with one VirtualService, of any shape that Istio takes.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// The stable Service.
const SERVICE: &str = "web";
/// Destinations that are stable, and others, some of which look like it.
const HOSTS: [&str; 6] =
    ["web", "web.default", "web.default.svc.cluster.local", "web.shop", "shop", "web-v2"];
const SHARES: [&str; 5] = ["1%", "10%", "33%", "50%", "99%"];

/// A rollout whose traffic one VirtualService directs.
pub(crate) struct Shop {
    /// The spec of the VirtualService.
    pub(crate) route: Value,
    pub(crate) steps: Vec<Value>,
}

impl Shop {
    /// Returns the tree as one stream.
    pub(crate) fn to_sources(&self) -> String {
        let reference = json!({
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "name": "web",
        });
        let canary = json!({
            "enableExtraWorkloadForCanary": true,
            "steps": self.steps,
            "trafficRoutings": [{"service": SERVICE, "customNetworkRefs": [reference]}],
        });
        let rollout = json!({
            "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "strategy": {"canary": canary},
        });
        let labels = json!({"app": "web"});
        let deployment = json!({
            "replicas": 10,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": "web:2"}]},
            },
        });
        let service = json!({"selector": labels, "ports": [{"port": 80}]});
        let objects = [
            ("apps/v1", "Deployment", &deployment),
            ("v1", "Service", &service),
            ("networking.istio.io/v1", "VirtualService", &self.route),
            ("rollouts.kruise.io/v1beta1", "Rollout", &rollout),
        ];
        let documents = objects.map(|(api_version, kind, spec)| {
            format!(
                "apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: web\nspec: {spec}\n"
            )
        });
        documents.join("---\n")
    }
}

/// Returns a VirtualService with one rule without match and one destination with a bare host.
pub(crate) fn plain_route(dice: &mut Dice) -> Value {
    let mut rule = Map::new();
    rule.insert("route".to_owned(), json!([{"destination": {"host": SERVICE}}]));
    let mut spec =
        json!({"hosts": [dice.pick(&["*.example.com", "web.example.com"])], "http": [rule]});
    if dice.flip() {
        spec["gateways"] = json!(["gateway", "mesh"]);
    }
    spec
}

/// Returns a step with a share, or with exact and regular expressions of headers, parameters, paths.
pub(crate) fn plain_step(dice: &mut Dice) -> Value {
    if dice.flip() {
        return json!({"replicas": "100%", "traffic": dice.pick(&SHARES)});
    }
    let mut step =
        json!({"replicas": "100%", "matches": matches(dice, &["Exact", "RegularExpression"])});
    if dice.flip() {
        step["requestHeaderModifier"] = json!({"set": [{"name": "x-canary", "value": "yes"}]});
    }
    step
}

/// Returns any step.
pub(crate) fn step(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({"replicas": "100%", "traffic": dice.pick(&SHARES)}),
        1 => json!({"replicas": "100%"}),
        _ => json!({
            "replicas": "100%",
            "matches": matches(dice, &["Exact", "PathPrefix", "RegularExpression"]),
        }),
    }
}

fn matches(dice: &mut Dice, paths: &[&str]) -> Vec<Value> {
    let kinds = ["Exact", "RegularExpression"];
    let mut one = || {
        let mut found = Map::new();
        let named = |dice: &mut Dice, name: &str| json!([{"name": name, "value": dice.pick(&["yes", "a-b", "0644"]), "type": dice.pick(&kinds)}]);
        if dice.flip() {
            found.insert("queryParams".to_owned(), named(dice, "q"));
        }
        if dice.flip() {
            let kind = dice.pick(paths);
            found.insert("path".to_owned(), json!({"type": kind, "value": "/api"}));
        }
        if dice.flip() || found.is_empty() {
            let name = dice.pick(&["user-agent", "x-user"]);
            found.insert("headers".to_owned(), named(dice, name));
        }
        Value::Object(found)
    };
    let first = one();
    let second = one();
    if first == second || dice.flip() { vec![first] } else { vec![first, second] }
}

/// Returns a VirtualService of any shape.
pub(crate) fn route(dice: &mut Dice) -> Value {
    let mut spec = json!({"hosts": ["web.example.com"]});
    let rules: Vec<_> = (0..1 + dice.below(3)).map(|_| rule(dice)).collect();
    spec["http"] = Value::Array(dice.shuffle(rules));
    if dice.flip() {
        spec["tcp"] = json!([{"route": [{"destination": {"host": dice.pick(&HOSTS)}}]}]);
    }
    if dice.flip() {
        spec["exportTo"] = json!([]);
    }
    spec
}

fn rule(dice: &mut Dice) -> Value {
    let mut rule = Map::new();
    if dice.flip() {
        let condition = dice.pick(&["/api", "/"]);
        let one = match dice.below(3) {
            0 => json!({"uri": {"prefix": condition}}),
            1 => json!({"headers": {"debug": {}}}),
            _ => json!({"uri": {"exact": condition}, "headers": {"user": {"regex": ".*"}}}),
        };
        rule.insert("match".to_owned(), json!([one]));
    }
    if dice.below(8) == 7 {
        rule.insert("redirect".to_owned(), json!({"uri": "/"}));
        return Value::Object(rule);
    }
    let count = 1 + dice.below(3);
    let route: Vec<_> = (0..count).map(|_| destination(dice, count)).collect();
    rule.insert("route".to_owned(), Value::Array(route));
    for (key, value) in
        [("timeout", json!("3s")), ("retries", json!({"attempts": 2})), ("corsPolicy", json!({}))]
    {
        if dice.flip() {
            rule.insert(key.to_owned(), value);
        }
    }
    Value::Object(rule)
}

fn destination(dice: &mut Dice, count: usize) -> Value {
    let mut destination = json!({"host": dice.pick(&HOSTS)});
    if dice.flip() {
        destination["port"] = json!({"number": 80});
    }
    if dice.flip() {
        destination["subset"] = json!(dice.pick(&["v1", "v2"]));
    }
    let mut entry = json!({"destination": destination});
    if count > 1 || dice.flip() {
        entry["weight"] = json!(dice.pick(&[1, 33, 50, 100]));
    }
    entry
}
