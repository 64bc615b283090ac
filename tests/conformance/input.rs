//! An input as people write one, made of what a case says.

use std::collections::BTreeSet;

use rollstep::diagnostic::{Severity, codes};
use rollstep::{Compat, Input, Isolate, Options, Source, StageName, render};
use serde_json::{Map, Value, json};

/// What a case says of a rollout.
pub(crate) struct Asked {
    /// Absent where nothing is routed.
    pub(crate) routing: Option<Value>,
    pub(crate) steps: Vec<Value>,
    /// `disableGenerateCanaryService` and `patchPodTemplateMetadata`, where they are said.
    pub(crate) settings: Map<String, Value>,
    pub(crate) objects: Vec<Value>,
    pub(crate) stage: String,
    pub(crate) revisions: [String; 2],
}

/// The objects of a stage, or the codes of the errors.
pub(crate) type Answer = Result<Vec<Value>, BTreeSet<&'static str>>;

impl Asked {
    /// Renders the case.
    pub(crate) fn render(&self) -> Answer {
        let workload = self.objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
        let rollout = self.rollout(workload);
        let texts = self.objects.iter().chain([&rollout]).enumerate();
        let sources = texts.map(|(index, object)| {
            Source::new(format!("{index}.json"), serde_json::to_string(object).unwrap())
        });
        let input = Input::new(sources.collect(), None);
        let [stable, canary] = self.revisions.clone();
        let options = Options {
            step: Some(self.stage.parse::<StageName>().unwrap()),
            compat: Some(Compat::Kruise),
            isolate: Some(Isolate::ByRevision),
            stable_revisions: vec![(None, stable)],
            canary_revisions: vec![(None, canary)],
            // What the controller discards without a word has to be acknowledged here.
            allow: ["no-routing", "edited-since-render"]
                .map(|code| codes::find(code).unwrap())
                .into(),
            ..Options::default()
        };
        let outcome = render(&input, &options);
        match outcome.text() {
            Some(text) => Ok(rollstep::read(&[Source::new("result.yaml", text)]).unwrap()),
            None => {
                let errors =
                    outcome.diagnostics.iter().filter(|one| one.severity == Severity::Error);
                Err(errors.map(|error| error.code.name).collect())
            }
        }
    }

    fn rollout(&self, workload: &Value) -> Value {
        let mut canary = self.settings.clone();
        canary.insert("enableExtraWorkloadForCanary".to_owned(), json!(true));
        canary.insert("steps".to_owned(), json!(self.steps));
        if let Some(routing) = &self.routing {
            canary.insert("trafficRoutings".to_owned(), json!([routing]));
        }
        let mut metadata = json!({"name": "demo"});
        if let Some(namespace) = workload["metadata"].get("namespace") {
            metadata["namespace"] = namespace.clone();
        }
        json!({
            "apiVersion": "rollouts.kruise.io/v1beta1",
            "kind": "Rollout",
            "metadata": metadata,
            "spec": {
                "workloadRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": workload["metadata"]["name"],
                },
                "strategy": {"canary": canary},
            },
        })
    }
}

/// Returns an object beside another one: in its namespace, if that is said.
pub(crate) fn object((api_version, kind): (&str, &str), name: &str, beside: &Value) -> Value {
    let mut metadata = json!({"name": name});
    if let Some(namespace) = beside["metadata"].get("namespace") {
        metadata["namespace"] = namespace.clone();
    }
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata})
}

/// Returns a Deployment whose pods carry these labels; it selects by those that the canary keeps.
pub(crate) fn deployment(
    (labels, patched): (&Map<String, Value>, &Value),
    replicas: &Value,
    beside: &Value,
) -> Value {
    let mut selector = labels.clone();
    selector.retain(|key, _| patched.get(key).is_none());
    let mut deployment = object(("apps/v1", "Deployment"), "web", beside);
    deployment["spec"] = json!({
        "replicas": replicas,
        "selector": {"matchLabels": selector},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "web", "image": "web:2"}]},
        },
    });
    deployment
}
