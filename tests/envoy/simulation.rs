//! What the library's simulation says of the same trees and requests.
//!
//! The cases hold of Envoy, so a simulation that agrees with them agrees with Envoy.

use std::collections::BTreeMap;

use rollstep::simulate::{self, Answer, Connection, Destination, Name, Outcome, Reach, Workload};

use super::case::{Kind, Request};
use super::mesh::{Mesh, NAMESPACE, Place, Proxy};

/// Tells where the simulation sends a request elsewhere than the case does.
pub(crate) fn check(mesh: &Mesh, request: &Request) -> Result<(), String> {
    let objects: Vec<_> = mesh.objects.iter().collect();
    let simulated = simulate::Mesh::new(&objects, NAMESPACE).unwrap();
    let outcome = match request.kind {
        Kind::Http => simulated.simulate(&to_request(request)),
        Kind::Tcp | Kind::Tls => simulated.simulate_connection(&to_connection(request)),
    };
    let outcome = outcome.map_err(|undecided| undecided.to_string())?;
    let found = match answer_without_destination(&outcome, request) {
        Some(answer) => BTreeMap::from([(answer, request.to.values().sum())]),
        None => shares(mesh, &outcome, request)?,
    };
    match found == request.to {
        true => Ok(()),
        false => Err(format!("is simulated to go to {found:?}, not to {:?}", request.to)),
    }
}

fn to_request(request: &Request) -> simulate::Request {
    let scheme = request.headers.iter().find(|(name, _)| name == "x-forwarded-proto");
    simulate::Request {
        method: request.method.clone(),
        scheme: scheme.map_or("http", |(_, scheme)| scheme).to_owned(),
        headers: request.headers.clone(),
        listener_port: u16::try_from(request.proxy.port).ok(),
        proxy: to_proxy(&request.proxy),
        ..simulate::Request::new(&request.host, &request.path)
    }
}

fn to_connection(request: &Request) -> Connection {
    Connection {
        port: u16::try_from(request.proxy.port).unwrap(),
        server_name: (request.kind == Kind::Tls).then(|| request.host.clone()),
        host: (request.kind == Kind::Tcp).then(|| request.host.clone()),
        address: None,
        proxy: to_proxy(&request.proxy),
    }
}

fn to_proxy(proxy: &Proxy) -> simulate::Proxy {
    let labels = Some(proxy.labels.clone());
    let workload = Workload { labels, ..Workload::in_namespace(&proxy.namespace) };
    match proxy.gateway.split_once('/') {
        None => simulate::Proxy::Sidecar(workload),
        Some((namespace, name)) => {
            simulate::Proxy::Gateway { gateway: Name::new(namespace, name), workload }
        }
    }
}

/// Returns what cases call an answer that no destination gives.
fn answer_without_destination(outcome: &Outcome, request: &Request) -> Option<String> {
    match &outcome.answer {
        Answer::Route { .. } | Answer::PlainService(_) => None,
        Answer::DirectResponse { status, .. } => Some(status.to_string()),
        Answer::Redirect { redirect, .. } => {
            let scheme = redirect.scheme.as_deref().unwrap_or("http");
            let authority = redirect.authority.as_ref().unwrap_or(&request.host);
            let uri = redirect.uri.as_ref().unwrap_or(&request.path);
            Some(format!("{} {scheme}://{authority}{uri}", redirect.status))
        }
        Answer::NotFound | Answer::NotInInput | Answer::Passthrough | Answer::Refused => {
            match request.kind {
                Kind::Http => Some("404".to_owned()),
                Kind::Tcp | Kind::Tls => Some("closed".to_owned()),
            }
        }
    }
}

/// Returns the shares in parts of the case's sum; a part that is not whole is none of them.
fn shares(
    mesh: &Mesh,
    outcome: &Outcome,
    request: &Request,
) -> Result<BTreeMap<String, u64>, String> {
    let total: u64 = request.to.values().sum();
    let mut shares = BTreeMap::new();
    for destination in outcome.destinations() {
        let share = destination.share;
        let parts = share.numerator() * total;
        if !parts.is_multiple_of(share.denominator()) {
            return Err(format!("{destination} is simulated to get {share}"));
        }
        let label = label(mesh, destination, request);
        *shares.entry(label).or_default() += parts / share.denominator();
    }
    Ok(shares)
}

/// A connection to a destination that is missing is closed.
fn label(mesh: &Mesh, destination: &Destination, request: &Request) -> String {
    let is_service = destination.resolved.ends_with(".svc.cluster.local");
    let unknown = destination.reach == Reach::NotInInput && is_service;
    // The mesh of a case has no other Services than the input.
    let lacking = unknown && !mesh.services.contains_key(&destination.resolved);
    match (&destination.reach, request.kind) {
        (_, Kind::Http) if lacking => return "missing".to_owned(),
        (_, Kind::Tcp | Kind::Tls) if lacking => return "closed".to_owned(),
        (Reach::Missing(_), Kind::Http) => return "missing".to_owned(),
        (Reach::Missing(_), Kind::Tcp | Kind::Tls) => return "closed".to_owned(),
        (Reach::Known | Reach::NotInInput | Reach::SubsetNotInInput, _) => {}
    }
    let host = destination.resolved.clone();
    let only = match mesh.services.get(&host).map(Vec::as_slice) {
        Some([only]) => Some(*only),
        _ => None,
    };
    let port = destination.port.map(u64::from).or(only).unwrap_or(request.proxy.port);
    Place { host, port, subset: destination.subset.clone().unwrap_or_default() }.label()
}
