//! A case: a folder with manifests, the step to render, and where requests should then go.
//!
//! `manifests.yaml` holds what the case is about; a Deployment and Services that all cases share lie
//! beside the folders in `shop.yaml`. `case.yaml` holds the rest:
//!
//! - `about`, a sentence, and `shows`, the rows of docs/envoy.md that it belongs to;
//! - `step`, as the flag of the command takes it;
//! - `before`, what goes where in the tree as it is written;
//! - `pods`, the Deployments whose pods stand behind a destination of that tree;
//! - `requests`, what goes where in the tree that is rendered, or `refused`, the codes of the errors;
//! - `controller`, what goes where in the tree that OpenKruise's controller would make of it.
//!
//! A request goes `to` a destination, or to several by weight. `missing` is one that nothing declares,
//! `403` an answer of the proxy itself, and `closed` a connection that leads nowhere. The other keys:
//! `path`, `method`, `host`, `headers`; `from`, the proxy it comes to; `tcp` or `sni` for a connection;
//! `samples`, to be drawn at random; `seen`, what the destination sees, and `answer`, the headers that
//! come back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rollstep::diagnostic::Severity;
use rollstep::{Compat, Input, Options, Source, StageName, render};
use serde_json::Value;

use super::mesh::{Mesh, NAMESPACE, Proxy, items};

const KEYS: [&str; 8] =
    ["about", "shows", "step", "before", "pods", "requests", "refused", "controller"];

const REQUEST_KEYS: [&str; 11] =
    ["to", "path", "method", "host", "headers", "from", "tcp", "sni", "samples", "seen", "answer"];

/// A case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) shows: Vec<String>,
    step: StageName,
    input: Input,
    /// The tree as it is written.
    text: String,
    pub(crate) before: Vec<Request>,
    /// The names of the Deployments behind each destination.
    pub(crate) pods: BTreeMap<String, BTreeSet<String>>,
    pub(crate) requests: Vec<Request>,
    pub(crate) refused: BTreeSet<String>,
    pub(crate) controller: Vec<Request>,
}

/// A request and where it should go.
pub(crate) struct Request {
    /// The request as the case has it.
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) proxy: Proxy,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The destinations and their weights.
    pub(crate) to: BTreeMap<String, u64>,
    pub(crate) samples: Option<u64>,
    /// Headers of the answer and their values.
    pub(crate) answer: Vec<(String, String)>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Http,
    Tcp,
    Tls,
}

/// What a case is rendered to: a tree, or the codes of the errors.
pub(crate) type Rendered = Result<Mesh, BTreeSet<String>>;

/// Reads all cases, in the order of their names.
pub(crate) fn read_all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/envoy/cases");
    let entries = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.iter().map(|folder| Case::read(&root, folder)).collect()
}

impl Case {
    fn read(root: &Path, folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(folder.join("case.yaml")).unwrap();
        let case: Value =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        check_keys(&case, &KEYS);
        let source = |name: &str, path: &Path| Source::new(name, fs::read_to_string(path).unwrap());
        let manifests = folder.join("manifests.yaml");
        let sources = vec![
            source("shop.yaml", &root.join("shop.yaml")),
            source("manifests.yaml", &manifests),
        ];
        let texts: Vec<_> = sources.iter().map(Source::text).collect();
        let text = texts.join("---\n");
        let requests = |key: &str| items(&case[key]).iter().map(Request::read).collect();
        Self {
            name,
            shows: items(&case["shows"]).iter().map(text_of).collect(),
            step: text_of(&case["step"]).parse().unwrap(),
            input: Input::new(sources, None),
            text,
            before: requests("before"),
            pods: pods(&case["pods"]),
            requests: requests("requests"),
            refused: items(&case["refused"]).iter().map(text_of).collect(),
            controller: requests("controller"),
        }
    }

    /// Reads the tree as it is written.
    pub(crate) fn read_input(&self) -> Mesh {
        Mesh::read(&self.text)
    }

    /// Renders the case.
    pub(crate) fn render(&self) -> Rendered {
        self.render_with(Options::default())
    }

    /// Renders the case as the controller would, which tells pods apart by revisions that it knows.
    pub(crate) fn render_as_controller(&self) -> Rendered {
        let revision = |name: &str| vec![(None, name.to_owned())];
        self.render_with(Options {
            compat: Some(Compat::Kruise),
            stable_revisions: revision("old"),
            canary_revisions: revision("new"),
            ..Options::default()
        })
    }

    fn render_with(&self, options: Options) -> Rendered {
        let outcome = render(&self.input, &Options { step: Some(self.step), ..options });
        if let Some(text) = outcome.text() {
            return Ok(Mesh::read(&text));
        }
        let errors = outcome.diagnostics.iter();
        let errors = errors.filter(|diagnostic| diagnostic.code.severity == Severity::Error);
        Err(errors.map(|error| error.code.name.to_owned()).collect())
    }
}

impl Request {
    fn read(request: &Value) -> Self {
        check_keys(request, &REQUEST_KEYS);
        let text = |key: &str, otherwise: &str| match &request[key] {
            Value::Null => otherwise.to_owned(),
            value => text_of(value),
        };
        let mut answer = pairs(&request["answer"]);
        let seen = pairs(&request["seen"]).into_iter();
        answer.extend(seen.map(|(key, value)| (format!("x-seen-{key}"), value)));
        Self {
            text: request.to_string(),
            kind: kind(request),
            proxy: proxy(&request["from"]),
            method: text("method", "GET"),
            path: text("path", "/"),
            host: text("sni", &text("host", "web")),
            headers: pairs(&request["headers"]),
            to: destinations(&request["to"]),
            samples: request["samples"].as_u64(),
            answer,
        }
    }
}

fn check_keys(value: &Value, known: &[&str]) {
    let unknown = value.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
    assert!(unknown.is_none(), "`{}` is no key of {value}", unknown.unwrap());
}

fn kind(request: &Value) -> Kind {
    match (&request["tcp"], &request["sni"]) {
        (Value::Null, Value::Null) => Kind::Http,
        (_, Value::Null) => Kind::Tcp,
        _ => Kind::Tls,
    }
}

/// A sidecar beside the Services, unless the case says otherwise.
fn proxy(from: &Value) -> Proxy {
    Proxy {
        port: from["port"].as_u64().unwrap_or(80),
        gateway: from["gateway"].as_str().unwrap_or("mesh").to_owned(),
        namespace: from["namespace"].as_str().unwrap_or(NAMESPACE).to_owned(),
        labels: pairs(&from["labels"]).into_iter().collect(),
    }
}

fn destinations(to: &Value) -> BTreeMap<String, u64> {
    match to {
        Value::Object(weights) => {
            let weights = weights.iter();
            weights.map(|(name, weight)| (name.clone(), weight.as_u64().unwrap())).collect()
        }
        sole => BTreeMap::from([(text_of(sole), 1)]),
    }
}

fn pods(behind: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let behind = behind.as_object().into_iter().flatten();
    behind.map(|(name, pods)| (name.clone(), items(pods).iter().map(text_of).collect())).collect()
}

fn pairs(map: &Value) -> Vec<(String, String)> {
    let map = map.as_object().into_iter().flatten();
    map.map(|(key, value)| (key.clone(), text_of(value))).collect()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => panic!("{other} is neither a text nor a number"),
    }
}
