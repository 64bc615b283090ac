//! Services and routing objects of a step, and what is left of it afterwards.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Case;
use super::input::{Answer, Asked, deployment, object};
use super::projection::compare;
use super::table::Verdict;

const VIRTUAL_SERVICE: (&str, &str) = ("networking.istio.io/v1beta1", "VirtualService");
const DESTINATION_RULE: (&str, &str) = ("networking.istio.io/v1beta1", "DestinationRule");
const ROUTES: &[&str] = &["VirtualService", "DestinationRule"];

/// Checks a case of a kind that is routed by.
pub(crate) fn check(case: &Case) -> Verdict {
    let recorded = Recorded::of(case);
    let asked = ask(case, &recorded);
    let mut answer = asked.render();
    let kinds: &[&str] = if case.kind == "service" { &["Service"] } else { ROUTES };
    if let Ok(objects) = &mut answer {
        let own = |object: &Value| OWN_NAMES.iter().any(|name| object["metadata"]["name"] == *name);
        objects.retain(|object| !own(object));
        // The stable Service is pinned before there is a canary.
        if operation(case) == Some("patchStable") {
            objects.retain(|object| object["metadata"]["name"] != canary_of(&asked).as_str());
        }
    }
    recorded.compare(answer, kinds)
}

/// Checks a generated VirtualService, in which only the spec is recorded.
pub(crate) fn check_generated(case: &Value) -> Verdict {
    let mut route = object(VIRTUAL_SERVICE, "route", &Value::Null);
    route["spec"] = case["spec"].clone();
    let reference =
        json!({"apiVersion": VIRTUAL_SERVICE.0, "kind": VIRTUAL_SERVICE.1, "name": "route"});
    let mut settings = Map::new();
    settings.insert(
        "disableGenerateCanaryService".to_owned(),
        case["disableGenerateCanaryService"].clone(),
    );
    let routing = json!({"service": case["service"], "customNetworkRefs": [reference]});
    let asked = complete(routing, settings, vec![route], &case["step"]);
    let ours = asked.render().map(|objects| {
        let route = objects.into_iter().find(|object| object["kind"] == "VirtualService").unwrap();
        vec![json!({"kind": "Spec", "metadata": {"name": "route"}, "spec": route["spec"]})]
    });
    let expected = json!({"kind": "Spec", "metadata": {"name": "route"}, "spec": case["expected"]});
    match ours {
        Ok(ours) => compare(&ours, &[expected], &["Spec"]),
        Err(codes) => Verdict::Refused(codes),
    }
}

/// Names of objects that no case has, which it needs all the same.
const OWN_NAMES: [&str; 2] = ["own-route", "own-rule"];

/// What the controller made of a case.
enum Recorded {
    Objects(Vec<Value>),
    Fails,
    Panics,
}

impl Recorded {
    /// What the shipped scripts give counts, where a test of the controller runs others.
    fn of(case: &Case) -> Self {
        let expected = &case.value["expected"];
        let shipped = &case.value["observed"]["withShippedScripts"];
        if expected.get("controllerPanics").is_some() {
            return Self::Panics;
        }
        let told = if shipped.get("objects").is_some() { shipped } else { expected };
        if told.get("error").is_some_and(Value::is_string) {
            return Self::Fails;
        }
        let mut objects: Vec<Value> = Vec::new();
        for key in ["objects", "services"] {
            objects.extend(told[key].as_array().into_iter().flatten().cloned());
        }
        if let Some(object) = expected.get("object") {
            // The test looks at the spec and the annotations alone.
            let mut object = object.clone();
            object["metadata"] = case.value["input"]["object"]["metadata"].clone();
            object["metadata"]["annotations"] = shipped["annotations"].clone();
            objects.push(object);
        }
        Self::Objects(objects)
    }

    fn compare(&self, answer: Answer, kinds: &[&str]) -> Verdict {
        match (self, answer) {
            (Self::Objects(objects), Ok(ours)) => compare(&ours, objects, kinds),
            (Self::Fails, Err(codes)) if codes == BTreeSet::from(["script-fails"]) => {
                Verdict::Passed
            }
            (Self::Fails, Ok(_)) => Verdict::Differs("the controller fails, we do not".to_owned()),
            (Self::Panics, Ok(_)) => Verdict::Differs("the controller panics".to_owned()),
            (_, Err(codes)) => Verdict::Refused(codes),
        }
    }

    fn namespace(&self) -> Option<&Value> {
        let Self::Objects(objects) = self else { return None };
        objects.iter().find_map(|object| object["metadata"].get("namespace"))
    }
}

fn operation(case: &Case) -> Option<&str> {
    let input = &case.value["input"];
    let operations = input["operations"].as_array().and_then(|operations| operations.last());
    operations.or_else(|| input.get("op"))?.as_str()
}

fn ask(case: &Case, recorded: &Recorded) -> Asked {
    let input = &case.value["input"];
    let mut objects: Vec<Value> = Vec::new();
    for key in ["objects", "services"] {
        objects.extend(input[key].as_array().into_iter().flatten().cloned());
    }
    objects.extend(input.get("object").cloned());
    if let Some(namespace) = recorded.namespace() {
        for object in &mut objects {
            object["metadata"]["namespace"] = namespace.clone();
        }
    }
    let step = ["strategy", "step"].iter().find_map(|key| input.get(key)).unwrap();
    let mut asked = complete(routing(input), settings(input), objects, step);
    if let Some("finalise" | "restoreStable" | "FinalisingTrafficRouting") = operation(case) {
        asked.stage = "done".to_owned();
    }
    for (revision, key) in asked.revisions.iter_mut().zip(["stableRevision", "canaryRevision"]) {
        let told = input.get(key).or_else(|| input["context"].get(key));
        if let Some(told) = told.and_then(Value::as_str) {
            told.clone_into(revision);
        }
    }
    asked
}

/// Returns the `trafficRoutings` entry of a case, whose parts lie at different places.
fn routing(input: &Value) -> Value {
    let rollout = &input["rollout"]["spec"]["strategy"]["canary"]["trafficRoutings"][0];
    let told = [&input["trafficRouting"], rollout].into_iter().find(|routing| routing.is_object());
    if let Some(routing) = told {
        let mut routing = routing.clone();
        routing.as_object_mut().unwrap().remove("ingress");
        return routing;
    }
    let references = match input["config"].get("TrafficConf") {
        Some(references) => references.clone(),
        None => json!([{
            "apiVersion": input["object"]["apiVersion"],
            "kind": input["object"]["kind"],
            "name": input["object"]["metadata"]["name"],
        }]),
    };
    let service = ["StableService", "stableService"].iter();
    let service = service.filter_map(|key| input["config"].get(key).or_else(|| input.get(key)));
    json!({"service": service.into_iter().next().unwrap(), "customNetworkRefs": references})
}

fn settings(input: &Value) -> Map<String, Value> {
    let mut settings = Map::new();
    let places = [input, &input["context"]];
    let disabled = places.iter().any(|place| place["disableGenerateCanaryService"] == true);
    // A TrafficRouting names one Service, as a rollout without a canary Service does.
    let one = input.get("canaryService").is_some_and(|canary| *canary == input["stableService"]);
    settings.insert("disableGenerateCanaryService".to_owned(), json!(disabled || one));
    if let Some(labels) = input.get("selectorPatch") {
        settings.insert("patchPodTemplateMetadata".to_owned(), json!({"labels": labels}));
    }
    settings
}

/// Adds what a case leaves out and a rollout needs: the Service, its pods, and something that routes.
fn complete(
    mut routing: Value,
    settings: Map<String, Value>,
    mut objects: Vec<Value>,
    step: &Value,
) -> Asked {
    let name = routing["service"].as_str().unwrap().to_owned();
    let beside = objects.first().cloned().unwrap_or(Value::Null);
    if !objects.iter().any(|object| object["kind"] == "Service") {
        let mut service = object(("v1", "Service"), &name, &beside);
        service["spec"] = json!({"selector": {"app": name}, "ports": [{"port": 80}]});
        objects.push(service);
    }
    let canary = format!("{name}-canary");
    for object in &mut objects {
        if object["kind"] == "Service" && object["metadata"]["name"] == canary.as_str() {
            object["metadata"]["annotations"]["rollstep.dev/canary-of"] = json!(name);
        }
    }
    let mut references = routing["customNetworkRefs"].as_array().cloned().unwrap_or_default();
    let mut add = |(api_version, kind): (&str, &str), name: &str, spec: Value| {
        let mut added = object((api_version, kind), name, &beside);
        added["spec"] = spec;
        objects.push(added);
        references.push(json!({"apiVersion": api_version, "kind": kind, "name": name}));
    };
    if routing.get("customNetworkRefs").is_none() {
        let route =
            json!({"hosts": [name], "http": [{"route": [{"destination": {"host": name}}]}]});
        add(VIRTUAL_SERVICE, OWN_NAMES[0], route);
    }
    let ruled = routing["customNetworkRefs"].as_array().into_iter().flatten();
    let ruled = ruled.filter(|reference| reference["kind"] == "DestinationRule").count() > 0;
    if settings["disableGenerateCanaryService"] == true && !ruled {
        let stable = json!({"name": "stable", "labels": {"app": name}});
        add(DESTINATION_RULE, OWN_NAMES[1], json!({"host": name, "subsets": [stable]}));
    }
    routing["customNetworkRefs"] = json!(references);
    let mut services = objects.iter().filter(|object| object["kind"] == "Service");
    let service = services.find(|service| service["metadata"]["name"] == name.as_str());
    let selector = service.and_then(|service| service["spec"]["selector"].as_object()).cloned();
    let mut labels = selector.unwrap_or_else(|| Map::from_iter([("app".to_owned(), json!(name))]));
    // The pin is the rollout's, but where there is one Service it is nobody's: pods carry the label.
    if settings["disableGenerateCanaryService"] == false {
        labels.remove("pod-template-hash");
    }
    let patched = &settings.get("patchPodTemplateMetadata").unwrap_or(&Value::Null)["labels"];
    objects.push(deployment((&labels, patched), &json!(10), &beside));
    let mut step = step.clone();
    if step.get("replicas").is_none() {
        step["replicas"] = json!(1);
    }
    Asked {
        routing: Some(routing),
        steps: vec![step],
        settings,
        objects,
        stage: "1".to_owned(),
        revisions: ["stable1", "canary1"].map(str::to_owned),
    }
}

fn canary_of(asked: &Asked) -> String {
    let service = asked.routing.as_ref().and_then(|routing| routing["service"].as_str());
    format!("{}-canary", service.unwrap())
}
