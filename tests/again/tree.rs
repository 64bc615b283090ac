//! Trees to be rendered again: a rollout with everything it names, and what lies between.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::routes::{destination_rule, virtual_service};
use super::yaml::Style;

/// A tree in its source form.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) source: String,
    pub(crate) stable: Option<String>,
    pub(crate) steps: usize,
    pub(crate) isolation: Isolation,
}

/// How the pods are told apart.
#[derive(Debug, Clone)]
pub(crate) enum Isolation {
    Chosen,
    ByKey(String),
    /// By the revisions of stable and canary; as a controller does, faults included, or not.
    ByRevision {
        stable: &'static str,
        canary: &'static str,
        compat: bool,
    },
}

/// What both versions of the workload have.
pub(crate) struct Fixed {
    pub(crate) namespace: Option<&'static str>,
    selector: Map<String, Value>,
    expression: Option<Value>,
    /// Whether pods keep away from others like them, and how these are named.
    peers: usize,
    /// Whether the canary is a subset of the one Service.
    shared: bool,
    /// How many DestinationRules the rollout names; at least one, where it is.
    rules: usize,
}

/// Makes a tree; no bytes make the plainest one.
pub(crate) fn make(bytes: Vec<u8>) -> Tree {
    let dice = &mut Dice::new(bytes);
    let stable_given = dice.flip();
    let steps = 1 + dice.below(4);
    // Decided before the bytes are used up.
    let (means, choice) = (dice.below(4), dice.below(12));
    let fixed = fixed(dice);
    let rollout = rollout(dice, &fixed, steps);
    let objects =
        [deployment(dice, &fixed, 2), service(dice, &fixed), virtual_service(dice, &fixed)];
    let old = deployment(dice, &fixed, 1);
    let rules: Vec<_> =
        (0..fixed.rules).map(|number| destination_rule(dice, &fixed, number)).collect();
    let mut documents: Vec<String> =
        objects.iter().chain(&rules).map(|object| style(dice).write(object)).collect();
    documents.push(style(dice).write(&rollout));
    for number in 0..dice.below(3) {
        documents.push(unrelated(number));
    }
    let documents = dice.shuffle(documents);
    // Not the key of the expression, which would not hold for another value.
    let selector = objects[1]["spec"]["selector"].as_object().unwrap();
    let keys: Vec<_> = selector.keys().filter(|key| *key != "zone").cloned().collect();
    let isolation = match means {
        0 => Isolation::Chosen,
        1 => Isolation::ByKey(keys[choice % keys.len()].clone()),
        // What the API server would refuse is for another test.
        _ if patches_the_selector(&rollout, &fixed) => Isolation::Chosen,
        _ => Isolation::ByRevision {
            stable: ["5d4f8c7b9", "1234567890", "1e10"][choice % 3],
            canary: "6c5b4d9f8",
            compat: means == 3,
        },
    };
    let stable = stable_given.then(|| style(dice).write(&old));
    Tree { source: documents.join("---\n"), stable, steps, isolation }
}

/// Returns whether the rollout changes a label that the workload selects by.
fn patches_the_selector(rollout: &Value, fixed: &Fixed) -> bool {
    let patch = rollout.pointer("/spec/strategy/canary/patchPodTemplateMetadata/labels");
    let keys = patch.and_then(Value::as_object).into_iter().flatten();
    keys.into_iter().any(|(key, _)| fixed.selector.contains_key(key))
}

fn style(dice: &mut Dice) -> Style {
    Style {
        flow_below: dice.pick(&[99, 1, 3]),
        comment_every: dice.pick(&[0, 1, 3, 7]),
        indented: dice.flip(),
    }
}

fn fixed(dice: &mut Dice) -> Fixed {
    let labels =
        [("app", "web"), ("tier", "front"), ("track", "stable"), ("example.com/part", "shop")];
    let count = 1 + dice.below(3);
    let first = dice.below(labels.len());
    let chosen = (0..count).map(|number| labels[(first + number) % labels.len()]);
    let selector = chosen.map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let expression =
        dice.pick(&[None, Some("Exists"), Some("In")]).map(|operator| match operator {
            "In" => json!({"key": "zone", "operator": "In", "values": ["a", "b"]}),
            _ => json!({"key": "zone", "operator": "Exists"}),
        });
    let (namespace, peers) = (dice.pick(&[None, Some("shop")]), dice.below(6));
    let shared = dice.below(3) == 2;
    let rules = dice.below(3).max(usize::from(shared));
    Fixed { namespace, selector, expression, peers, shared, rules }
}

pub(crate) fn metadata(fixed: &Fixed, name: &str) -> Map<String, Value> {
    let mut metadata = Map::from_iter([("name".to_owned(), json!(name))]);
    if let Some(namespace) = fixed.namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata
}

/// Labels or annotations that people, versions and tools write; none at all in several ways.
pub(crate) fn notes(dice: &mut Dice, version: usize) -> Option<Value> {
    let mut notes = Map::new();
    let chosen: [(&str, Value); 6] = [
        ("team", json!("shop")),
        ("version", json!(format!("v{version}"))),
        ("argocd.argoproj.io/tracking-id", json!(format!("shop:{version}"))),
        ("deployment.kubernetes.io/revision", json!(version.to_string())),
        ("kubectl.kubernetes.io/last-applied-configuration", json!("{\"a\":\"b\"}\n")),
        ("helm.sh/chart", json!(format!("web-{version}"))),
    ];
    match dice.below(4) {
        0 => return None,
        1 => {}
        _ => {
            for (key, value) in chosen {
                if dice.flip() {
                    notes.insert(key.to_owned(), value);
                }
            }
        }
    }
    Some(Value::Object(notes))
}

pub(crate) fn insert(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    value.into_iter().for_each(|value| drop(map.insert(key.to_owned(), value)));
}

fn deployment(dice: &mut Dice, fixed: &Fixed, version: usize) -> Value {
    let mut metadata = metadata(fixed, "web");
    insert(&mut metadata, "labels", notes(dice, version));
    insert(&mut metadata, "annotations", notes(dice, version));
    let mut spec = Map::new();
    // A paused old version is refused at `stable`, which is for another test.
    let paused = [None, Some(false), Some(version > 1)];
    let fields = [
        ("replicas", dice.pick(&[Some(10), None, Some(4), Some(0)]).map(|count| json!(count))),
        ("paused", dice.pick(&paused).map(|paused| json!(paused))),
        ("minReadySeconds", dice.flip().then(|| json!(5 * version))),
        ("strategy", dice.flip().then(|| json!({"rollingUpdate": {"maxSurge": version}}))),
        ("selector", Some(selector(fixed))),
        ("template", Some(template(dice, fixed, version))),
    ];
    for (key, value) in dice.shuffle(fields.into()) {
        insert(&mut spec, key, value);
    }
    let mut object =
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec});
    if dice.below(4) == 3 {
        object["status"] = json!({"replicas": version});
    }
    object
}

fn selector(fixed: &Fixed) -> Value {
    let mut selector = json!({"matchLabels": fixed.selector});
    if let Some(expression) = &fixed.expression {
        selector["matchExpressions"] = json!([expression]);
    }
    selector
}

fn template(dice: &mut Dice, fixed: &Fixed, version: usize) -> Value {
    let mut labels: Vec<_> = fixed.selector.clone().into_iter().collect();
    labels.push(("zone".to_owned(), json!("a")));
    if dice.flip() {
        labels.push(("version".to_owned(), json!(format!("v{version}"))));
    }
    if dice.flip() {
        labels.push((format!("only-in-{version}"), json!("yes")));
    }
    if dice.below(3) == 2 {
        labels.push(("release".to_owned(), json!("stable")));
    }
    let labels: Map<_, _> = dice.shuffle(labels).into_iter().collect();
    let mut metadata = json!({"labels": labels});
    match dice.below(4) {
        0 => {}
        1 => metadata["annotations"] = json!({}),
        2 => metadata["annotations"] = json!({"checksum/config": version.to_string()}),
        _ => metadata["annotations"] = json!({"sidecar": "on", "checksum/config": "same"}),
    }
    let mut pod = Map::new();
    insert(&mut pod, "affinity", affinity(dice, fixed, &labels));
    insert(&mut pod, "topologySpreadConstraints", spread(dice, &labels));
    let image = format!("web:{version}");
    let environment =
        json!([{"name": "LEVEL", "value": format!("{version}")}, {"name": "EMPTY", "value": ""}]);
    let containers = json!([{"name": "web", "image": image, "env": environment}]);
    pod.insert("containers".to_owned(), containers);
    json!({"metadata": metadata, "spec": pod})
}

/// Pods like me, other pods, or pods of some version.
fn affinity(dice: &mut Dice, fixed: &Fixed, labels: &Map<String, Value>) -> Option<Value> {
    let own = json!({"matchLabels": fixed.selector});
    let expressions: Vec<_> = fixed
        .selector
        .iter()
        .map(|(key, value)| json!({"key": key, "operator": "In", "values": [value, "other"]}))
        .collect();
    let selector = match (fixed.peers + dice.below(2)) % 6 {
        0 => return None,
        1 | 2 => own,
        3 => json!({"matchExpressions": expressions}),
        4 => json!({"matchLabels": labels}),
        _ => json!({"matchLabels": {"app": "other"}}),
    };
    let mut term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": selector});
    match dice.below(3) {
        0 => {}
        1 => term["namespaces"] = json!(["elsewhere"]),
        _ => term["namespaces"] = json!([]),
    }
    let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": [term]});
    let preferred = json!({"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]});
    Some(match dice.below(3) {
        0 => json!({"podAntiAffinity": required}),
        1 => json!({"podAffinity": preferred}),
        _ => json!({"podAntiAffinity": preferred, "podAffinity": required}),
    })
}

fn spread(dice: &mut Dice, labels: &Map<String, Value>) -> Option<Value> {
    let label = labels.iter().nth(dice.below(labels.len())).unwrap();
    let selector = json!({"matchLabels": {label.0: label.1}});
    (dice.below(3) == 2)
        .then(|| json!([{"maxSkew": 1, "topologyKey": "zone", "labelSelector": selector}]))
}

fn service(dice: &mut Dice, fixed: &Fixed) -> Value {
    let mut metadata = metadata(fixed, "web");
    insert(&mut metadata, "labels", notes(dice, 1));
    insert(&mut metadata, "annotations", notes(dice, 1));
    let count = 1 + dice.below(fixed.selector.len());
    let mut selector: Map<_, _> = fixed.selector.clone().into_iter().take(count).collect();
    if dice.below(4) == 3 {
        selector.insert("zone".to_owned(), json!("a"));
    }
    let mut spec = json!({"selector": selector, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]});
    match dice.below(4) {
        0 => {}
        1 => spec["clusterIP"] = json!("None"),
        2 => {
            spec["type"] = json!("LoadBalancer");
            spec["loadBalancerIP"] = json!("192.0.2.1");
            spec["ports"][0]["nodePort"] = json!(30080);
        }
        _ => spec["clusterIP"] = json!("10.0.0.1"),
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
}

fn rollout(dice: &mut Dice, fixed: &Fixed, count: usize) -> Value {
    let steps: Vec<_> = (1..=count).map(|number| step(dice, number)).collect();
    let reference =
        |kind, name| json!({"apiVersion": "networking.istio.io/v1", "kind": kind, "name": name});
    let mut references = vec![reference("VirtualService", "web".to_owned())];
    references.extend(
        (0..fixed.rules).map(|number| reference("DestinationRule", format!("rule-{number}"))),
    );
    let routing = json!({"service": "web", "customNetworkRefs": dice.shuffle(references)});
    let mut canary =
        json!({"enableExtraWorkloadForCanary": true, "steps": steps, "trafficRoutings": [routing]});
    if fixed.shared {
        canary["disableGenerateCanaryService"] = json!(true);
    }
    let key = fixed.selector.keys().next().unwrap();
    let patch = match dice.below(6) {
        0 => None,
        // The one Service has to select the canary's pods too.
        1 if fixed.shared => Some(json!({"labels": {"beside": "canary", "zone": "a"}})),
        1 => Some(json!({"labels": {key: "patched"}})),
        2 => Some(json!({"labels": {"release": "canary"}})),
        3 => Some(json!({"annotations": {"sidecar": "off"}})),
        4 => Some(json!({
            "labels": {"version": "canary", "only-in-2": "no"},
            "annotations": {"checksum/config": "2"},
        })),
        _ => Some(json!({"labels": {"rank": "canary"}, "annotations": {"rank": "canary"}})),
    };
    patch.into_iter().for_each(|patch| canary["patchPodTemplateMetadata"] = patch);
    let workload = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let spec = json!({"workloadRef": workload, "strategy": {"canary": canary}});
    json!({"apiVersion": "rollouts.kruise.io/v1beta1", "kind": "Rollout", "metadata": metadata(fixed, "web"), "spec": spec})
}

fn step(dice: &mut Dice, number: usize) -> Value {
    let share = format!("{}%", 20 * number);
    match dice.below(4) {
        0 | 1 => json!({"replicas": share, "traffic": share}),
        2 => {
            json!({"replicas": share, "matches": [{"headers": [{"name": "tester", "value": format!("t{number}")}]}]})
        }
        _ => json!({"replicas": share}),
    }
}

fn unrelated(number: usize) -> String {
    match number {
        0 => "# Of nobody's interest.\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other,   labels: {app: web}}\ndata:\n    mode: 0644 # as it is\n".to_owned(),
        _ => "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: other\n  labels:\n    app: web\n".to_owned(),
    }
}
