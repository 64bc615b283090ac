//! Trees with several workloads behind one Service, and DestinationRules that divide them.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// A tree, and what of it the tests look at.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) objects: Vec<Value>,
    /// The old version of the workload, where `--stable` gives it.
    pub(crate) stable: Option<Value>,
    /// The steps as the Rollout has them.
    pub(crate) steps: Vec<Value>,
}

/// The keys that versions of the application differ in, with their values.
const KEYS: [(&str, [&str; 3]); 3] =
    [("version", ["v1", "v2", "v3"]), ("track", ["a", "b", "c"]), ("zone", ["x", "y", "z"])];

/// The names that routes know subsets by. No DestinationRule has the last.
pub(crate) const SUBSETS: [&str; 5] = ["v1", "v2", "v3", "stable", "nowhere"];

/// The kinds that run pods, and where each has their number.
const KINDS: [(&str, &str, Option<&str>); 10] = [
    ("apps/v1", "Deployment", Some("replicas")),
    ("apps/v1", "StatefulSet", Some("replicas")),
    ("apps/v1", "DaemonSet", None),
    ("apps/v1", "ReplicaSet", Some("replicas")),
    ("batch/v1", "Job", Some("parallelism")),
    ("batch/v1", "CronJob", None),
    ("v1", "Pod", None),
    ("apps.kruise.io/v1alpha1", "CloneSet", Some("replicas")),
    ("apps.kruise.io/v1beta1", "StatefulSet", Some("replicas")),
    ("argoproj.io/v1alpha1", "Rollout", Some("replicas")),
];

/// Makes a tree; no bytes make the plainest one.
pub(crate) fn make(bytes: Vec<u8>) -> Tree {
    let dice = &mut Dice::new(bytes);
    let steps: Vec<_> = (0..2).map(|number| step(dice, number)).collect();
    let new = labels(dice);
    let old = dice.flip().then(|| if dice.flip() { labels(dice) } else { new.clone() });
    let replicas = dice.pick(&[Some(10), Some(1), Some(3), None]);
    let mut objects = vec![deployment("web", &new, replicas, 2), service(dice)];
    let mut rules = Vec::new();
    for number in 0..dice.below(4) {
        let namespace = dice.pick(&["default", "default", "default", "routes"]);
        let name = format!("rule-{number}");
        objects.push(destination_rule(dice, &name, namespace));
        if namespace == "default" && dice.below(3) == 1 {
            rules.push(name);
        }
    }
    objects.push(virtual_service(dice));
    for number in 0..dice.below(5) {
        objects.push(workload(dice, number, &new));
    }
    objects.push(rollout(&steps, &rules));
    let objects = dice.shuffle(objects);
    let stable = old.map(|old| deployment("web", &old, replicas, 1));
    Tree { objects, stable, steps }
}

/// Makes a tree with `odd` beside the workload, and with its labels for the subset of a destination.
///
/// A step takes one percent, which is no larger than the workload's part of the pods.
pub(crate) fn with_odd(odd: &Value, subset: &Value) -> Tree {
    let labels = Map::from_iter(
        [("app", "web"), ("version", "v1")].map(|(key, value)| (key.to_owned(), json!(value))),
    );
    let subsets = json!([
        {"name": "v1", "labels": {"version": "v1"}},
        {"name": "v2", "labels": subset},
    ]);
    let rule = json!({"host": "web", "subsets": subsets});
    let route = json!([
        {"destination": {"host": "web", "subset": "v1"}, "weight": 50},
        {"destination": {"host": "web", "subset": "v2"}, "weight": 50},
    ]);
    let spec = json!({"hosts": ["web"], "http": [{"route": route}]});
    let steps = vec![json!({"replicas": "50%", "traffic": "1%"})];
    let name = json!({"name": "web"});
    let objects = vec![
        deployment("web", &labels, Some(10), 2),
        service(&mut Dice::new(Vec::new())),
        object("networking.istio.io/v1", "DestinationRule", &name, &rule),
        object("networking.istio.io/v1", "VirtualService", &name, &spec),
        odd.clone(),
        rollout(&steps, &[]),
    ];
    Tree { objects, stable: None, steps }
}

fn object(api_version: &str, kind: &str, metadata: &Value, spec: &Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec})
}

/// Returns the labels of pods that the Service selects.
fn labels(dice: &mut Dice) -> Map<String, Value> {
    let mut labels = Map::from_iter([("app".to_owned(), json!("web"))]);
    for (key, values) in KEYS {
        if dice.below(4) < 3 {
            labels.insert(key.to_owned(), json!(dice.pick(&values)));
        }
    }
    labels
}

fn template(labels: &Map<String, Value>, image: &str) -> Value {
    let containers = json!([{"name": "web", "image": image}]);
    json!({"metadata": {"labels": labels}, "spec": {"containers": containers}})
}

fn deployment(
    name: &str,
    labels: &Map<String, Value>,
    replicas: Option<u64>,
    version: u64,
) -> Value {
    let template = template(labels, &format!("web:{version}"));
    let mut spec = json!({"selector": {"matchLabels": {"app": "web"}}, "template": template});
    if let Some(replicas) = replicas {
        spec["replicas"] = json!(replicas);
    }
    object("apps/v1", "Deployment", &json!({"name": name}), &spec)
}

fn service(dice: &mut Dice) -> Value {
    let port = json!([{"name": "http", "port": 80}]);
    let metadata = dice.pick(&[None, Some("default")]);
    let metadata = metadata.map_or_else(
        || json!({"name": "web"}),
        |namespace| json!({"name": "web", "namespace": namespace}),
    );
    object("v1", "Service", &metadata, &json!({"selector": {"app": "web"}, "ports": port}))
}

/// Returns a workload beside the one that is rolled out: behind its Service, or not.
fn workload(dice: &mut Dice, number: usize, ours: &Map<String, Value>) -> Value {
    let (api_version, kind, replicas) = dice.pick(&KINDS);
    let mut labels = labels(dice);
    match dice.below(8) {
        5 => drop(labels.insert("app".to_owned(), json!("other"))),
        6 => labels.clone_from(ours),
        _ => {}
    }
    let namespace = dice.pick(&["default", "default", "default", "default", "routes"]);
    let mut metadata = json!({"name": format!("other-{number}"), "namespace": namespace});
    if matches!(kind, "Pod" | "ReplicaSet") {
        let owner = |name: &str| json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": "1"}]);
        match dice.below(5) {
            2 => metadata["ownerReferences"] = owner("web"),
            3 => metadata["ownerReferences"] = owner("other-0"),
            4 => metadata["ownerReferences"] = owner("elsewhere"),
            _ => {}
        }
        if dice.below(4) == 3 {
            labels.insert("pod-template-hash".to_owned(), json!("5d4f8c7b9"));
        }
    }
    if kind == "Pod" {
        metadata["labels"] = json!(labels);
        return object(api_version, kind, &metadata, &template(&labels, "web:9")["spec"]);
    }
    let template = template(&labels, "web:9");
    let mut spec = match kind {
        "CronJob" => {
            json!({"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": template}}})
        }
        "Job" => json!({"template": template}),
        _ => json!({"selector": {"matchLabels": labels}, "template": template}),
    };
    if let (Some(key), Some(count)) = (replicas, dice.pick(&[None, Some(1), Some(9), Some(0)])) {
        spec[key] = json!(count);
    }
    object(api_version, kind, &metadata, &spec)
}

fn destination_rule(dice: &mut Dice, name: &str, namespace: &str) -> Value {
    let host = dice.pick(&[
        "web",
        "web",
        "web.default.svc.cluster.local",
        "*.default.svc.cluster.local",
        "*.local",
        "*",
        "other",
    ]);
    let mut subsets = Vec::new();
    for name in &SUBSETS[..4] {
        if dice.below(3) < 2 {
            subsets.push(json!({"name": name, "labels": subset_labels(dice)}));
        }
    }
    let metadata = json!({"name": name, "namespace": namespace});
    let spec = json!({"host": host, "subsets": subsets});
    object("networking.istio.io/v1", "DestinationRule", &metadata, &spec)
}

/// Returns one to three labels.
fn subset_labels(dice: &mut Dice) -> Map<String, Value> {
    let mut labels = Map::new();
    for _ in 0..=dice.below(3) {
        let (key, values) = dice.pick(&KEYS);
        labels.insert(key.to_owned(), json!(dice.pick(&values)));
    }
    match dice.below(10) {
        7 => drop(labels.insert("app".to_owned(), json!("web"))),
        8 => drop(labels.insert("app".to_owned(), json!("other"))),
        9 => drop(labels.insert("pod-template-hash".to_owned(), json!("5d4f8c7b9"))),
        _ => {}
    }
    labels
}

fn virtual_service(dice: &mut Dice) -> Value {
    let mut rules: Vec<_> = (0..dice.below(3)).map(|number| rule(dice, Some(number))).collect();
    rules.push(rule(dice, None));
    let mut spec = json!({"hosts": ["web.example.com"], "gateways": ["outer"], "http": rules});
    if dice.below(5) == 4 {
        spec["tcp"] = json!([{"match": [{"port": 3306}], "route": route(dice)}]);
    }
    object("networking.istio.io/v1", "VirtualService", &json!({"name": "web"}), &spec)
}

/// Returns a rule for a path of its own, or for all that is left.
fn rule(dice: &mut Dice, number: Option<usize>) -> Value {
    let mut rule = Map::new();
    if let Some(number) = number {
        rule.insert("match".to_owned(), json!([{"uri": {"prefix": format!("/{number}/")}}]));
    }
    rule.insert("route".to_owned(), route(dice));
    Value::Object(rule)
}

fn route(dice: &mut Dice) -> Value {
    let count = 1 + dice.below(3);
    let mut entries: Vec<_> = (0..count).map(|_| entry(dice)).collect();
    let has_weight = |entry: &Value| entry["weight"].as_u64().unwrap_or(0) > 0;
    if count > 1 && !entries.iter().any(has_weight) {
        entries[0]["weight"] = json!(1);
    }
    json!(entries)
}

fn entry(dice: &mut Dice) -> Value {
    let host = dice.pick(&["web", "web", "web", "web", "web.default.svc.cluster.local", "other"]);
    let mut destination = json!({"host": host});
    if dice.below(4) > 0 {
        destination["subset"] = json!(dice.pick(&SUBSETS));
    }
    let weight = dice.pick(&[Some(50), Some(30), Some(1), Some(0), None]);
    let mut entry = json!({"destination": destination});
    if let Some(weight) = weight {
        entry["weight"] = json!(weight);
    }
    entry
}

fn step(dice: &mut Dice, number: usize) -> Value {
    let replicas = ["50%", "100%"][number];
    match dice.below(6) {
        0 => json!({"replicas": replicas, "traffic": "50%"}),
        1 => json!({"replicas": replicas, "traffic": "100%"}),
        2 | 3 => json!({"replicas": replicas, "traffic": format!("{}%", 1 + dice.below(100))}),
        4 => {
            let header = json!([{"name": "x-canary", "type": "Exact", "value": "yes"}]);
            json!({"replicas": replicas, "matches": [{"headers": header}]})
        }
        _ => json!({"replicas": replicas}),
    }
}

fn rollout(steps: &[Value], rules: &[String]) -> Value {
    let reference = |kind, name: &str| json!({"apiVersion": "networking.istio.io/v1", "kind": kind, "name": name});
    let mut references = vec![reference("VirtualService", "web")];
    references.extend(rules.iter().map(|name| reference("DestinationRule", name)));
    let canary = json!({
        "enableExtraWorkloadForCanary": true,
        "steps": steps,
        "trafficRoutings": [{"service": "web", "customNetworkRefs": references}],
    });
    let workload = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let spec = json!({"workloadRef": workload, "strategy": {"canary": canary}});
    object("rollouts.kruise.io/v1beta1", "Rollout", &json!({"name": "web"}), &spec)
}
