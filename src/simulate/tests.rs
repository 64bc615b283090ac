//! Whole meshes: which VirtualService and rule, and what becomes of the request.

mod connections;
mod delegates;
mod destinations;
mod hosts;
mod rules;

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Answer, Mesh, Name, Outcome, Proxy, Request, Workload};

/// Makes a VirtualService in `shop`.
fn virtual_service(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    })
}

fn route(host: &str) -> Value {
    json!([{"destination": {"host": host}}])
}

fn mesh(objects: &[Value]) -> Mesh {
    Mesh::new(&objects.iter().collect::<Vec<_>>(), "default").unwrap()
}

fn sidecar(namespace: &str) -> Proxy {
    Proxy::Sidecar(Workload::in_namespace(namespace))
}

fn gateway(name: &str) -> Proxy {
    Proxy::Gateway {
        gateway: Name::new("shop", name),
        workload: Workload::in_namespace("istio-system"),
    }
}

/// Reports an outcome in a line: the place, what happens, and the notes.
fn tell(outcome: &Outcome) -> String {
    let mut told = String::new();
    if let Some(place) = outcome.place() {
        write!(told, "{place} ").unwrap();
    }
    match &outcome.answer {
        Answer::Route { destinations, mirrors, .. } => {
            for destination in destinations {
                write!(told, "{}={} ", destination.host, destination.share).unwrap();
            }
            for mirror in mirrors {
                write!(told, "+{}={} ", mirror.host, mirror.share).unwrap();
            }
        }
        Answer::Redirect { redirect, .. } => write!(told, "{} ", redirect.status).unwrap(),
        Answer::DirectResponse { status, .. } => write!(told, "{status} ").unwrap(),
        Answer::PlainService(destination) => write!(told, "plain {destination} ").unwrap(),
        Answer::NotFound => told.push_str("404 "),
        Answer::NotInInput => told.push_str("not in input "),
        Answer::Passthrough => told.push_str("passthrough "),
        Answer::Refused => told.push_str("refused "),
    }
    for note in &outcome.notes {
        write!(told, "({note}) ").unwrap();
    }
    told.trim_end().to_owned()
}

fn told(mesh: &Mesh, request: &Request) -> String {
    tell(&mesh.simulate(request).unwrap())
}

fn misses(mesh: &Mesh, request: &Request) -> Vec<String> {
    mesh.simulate(request).unwrap().misses.iter().map(ToString::to_string).collect()
}

#[test]
fn other_objects_are_passed_by() {
    let others = [json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service"}), json!(5)];
    assert_eq!(told(&mesh(&others), &Request::new("web", "/")), "not in input");
}

#[test]
fn an_object_that_cannot_be_read_is_an_error_with_its_place() {
    for (object, error) in [
        (
            virtual_service("web", &json!({"hosts": "web"})),
            "VirtualService `shop/web`, `spec.hosts`: must be a list",
        ),
        (virtual_service("web", &json!([])), "VirtualService `shop/web`, `spec`: must be a map"),
        (
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {}}),
            "Service `default/`, `metadata.name`: must be there",
        ),
        (
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": "a"}]}}),
            "Service `default/a`, `spec.ports[0].port`: must be a whole number from 0 to 65535",
        ),
    ] {
        assert_eq!(Mesh::new(&[&object], "default").unwrap_err().to_string(), error);
    }
}
