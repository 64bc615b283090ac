//! As much of an API server as `kubectl apply --server-side` and `kubectl diff` talk to.
//!
//! It keeps objects as they are applied, and every change that was asked for, in its order; what is only
//! tried (`dryRun=All`) is answered and not kept. What is applied is not merged: each object has one
//! applier. A patch that `kubectl` made itself is, lists as a whole.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// Group and version, with the kind and the plural of what is served.
const SERVED: [(&str, &[(&str, &str)]); 3] = [
    ("v1", &[("Service", "services"), ("ConfigMap", "configmaps")]),
    ("apps/v1", &[("Deployment", "deployments")]),
    ("networking.istio.io/v1beta1", &[("VirtualService", "virtualservices")]),
];

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Value>,
    changes: Vec<String>,
}

/// A server, until the process ends.
pub(super) struct Server {
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { address, state }
    }

    /// Returns the changes since the last time, such as `PATCH deployments/web`.
    pub(super) fn changes(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().changes)
    }

    /// Returns the names of what is there, such as `deployments/web`.
    pub(super) fn objects(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().map(|path| short(path)).collect()
    }
}

/// Returns the last two parts of a path: plural and name.
fn short(path: &str) -> String {
    let mut parts: Vec<_> = path.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

fn answer(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let Some(first) = head.first() else { return };
    let words: Vec<_> = first.split(' ').map(str::to_owned).collect();
    let length = head.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let (path, query) = words[1].split_once('?').unwrap_or((words[1].as_str(), ""));
    let is_patch = head.iter().any(|line| line.contains("merge-patch+json"));
    let body = if is_patch { patched(state, path, &body) } else { body };
    let (status, value) = reply(state, (words[0].as_str(), path, query), &body);
    let text = value.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let _ = reader.get_mut().write_all((head + &text).as_bytes());
}

fn reply(
    state: &Mutex<State>,
    (method, path, query): (&str, &str, &str),
    body: &[u8],
) -> (u16, Value) {
    if let Some(found) = discover(path) {
        return (200, found);
    }
    let mut state = state.lock().unwrap();
    match method {
        "GET" => match (state.objects.get(path), kind_of(path)) {
            (Some(object), _) => (200, object.clone()),
            (None, Some(kind)) => (200, list(&state, path, (kind, query))),
            (None, None) => missing(),
        },
        "PATCH" | "POST" if query.contains("dryRun=All") => applied(&state, path, body),
        "PATCH" => {
            state.changes.push(format!("PATCH {}", short(path)));
            let (status, mut object) = applied(&state, path, body);
            object["metadata"]["resourceVersion"] = Value::from(state.changes.len().to_string());
            state.objects.insert(path.to_owned(), object.clone());
            (status, object)
        }
        "DELETE" => {
            state.changes.push(format!("DELETE {}", short(path)));
            match state.objects.remove(path) {
                Some(_) => {
                    (200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
                }
                None => missing(),
            }
        }
        _ => missing(),
    }
}

/// Returns the object that is there with a patch made by `kubectl` itself.
fn patched(state: &Mutex<State>, path: &str, patch: &[u8]) -> Vec<u8> {
    let mut object = state.lock().unwrap().objects.get(path).cloned().unwrap_or_default();
    json_patch::merge(&mut object, &serde_json::from_slice(patch).unwrap());
    // What is empty is not there in Go's structures.
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, value| key != "annotations" || *value != json!({}));
    object.to_string().into_bytes()
}

/// Returns what an object becomes, in the version that is there.
fn applied(state: &State, path: &str, body: &[u8]) -> (u16, Value) {
    let known = state.objects.get(path);
    let mut object: Value = serde_json::from_slice(body).unwrap();
    object["metadata"]["uid"] = Value::from(path);
    object["metadata"]["resourceVersion"] =
        known.map_or(Value::from("0"), |known| known["metadata"]["resourceVersion"].clone());
    (if known.is_some() { 200 } else { 201 }, object)
}

fn missing() -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
        "message": "not found", "code": 404,
    });
    (404, status)
}

fn discover(path: &str) -> Option<Value> {
    match path {
        "/api" => return Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => {
            let groups: Vec<_> = SERVED
                .iter()
                .filter_map(|(served, _)| {
                    let (group, version) = served.split_once('/')?;
                    let version = json!({"groupVersion": served, "version": version});
                    Some(json!({"name": group, "versions": [version], "preferredVersion": version}))
                })
                .collect();
            return Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}));
        }
        _ => {}
    }
    let served = path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?;
    let (_, kinds) = SERVED.iter().find(|(version, _)| *version == served)?;
    let resource = |(kind, plural): &(&str, &str)| {
        let verbs = ["get", "list", "patch", "create", "delete"];
        json!({"name": plural, "kind": kind, "namespaced": true, "verbs": verbs})
    };
    let resources: Vec<_> = kinds.iter().map(resource).collect();
    let list = "APIResourceList";
    Some(json!({"kind": list, "apiVersion": "v1", "groupVersion": served, "resources": resources}))
}

/// Returns the kind whose list the path is.
fn kind_of(path: &str) -> Option<&'static str> {
    let plural = path.rsplit('/').next()?;
    let mut kinds = SERVED.iter().flat_map(|(_, kinds)| *kinds);
    kinds.find(|(_, known)| *known == plural).map(|(kind, _)| *kind)
}

/// Returns the objects of one set, which is all that is ever asked for.
fn list(state: &State, path: &str, (kind, query): (&str, &str)) -> Value {
    let of_set = |object: &&Value| {
        let set = object["metadata"]["labels"]["applyset.kubernetes.io/part-of"].as_str();
        set.is_some_and(|set| query.contains(set))
    };
    let below = state.objects.iter().filter(|(one, _)| one.starts_with(&format!("{path}/")));
    let items: Vec<_> = below.map(|(_, object)| object).filter(of_set).cloned().collect();
    json!({"kind": format!("{kind}List"), "apiVersion": "v1", "metadata": {}, "items": items})
}
