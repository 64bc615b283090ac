//! A connection of which the proxy sees no request: which rule of `tls` or `tcp` takes it.

mod chains;
mod choice;

use super::host::{self, Host};
use super::outcome::{Answer, Outcome};
use super::read::Undecided;
use super::request::{Connection, Proxy};
use super::rules::{Rules, VirtualService};
use super::selectors::Listener;
use super::{Mesh, plain_service};
use chains::{gateway_tcp_chains, sidecar_tcp_chains, tls_chains};

/// Finds where a connection goes.
pub(super) fn simulate(mesh: &Mesh, connection: &Connection) -> Result<Outcome, Undecided> {
    let rules = applying_rules(mesh, connection)?;
    let listener = Listener { proxy: &connection.proxy, port: connection.port };
    let mut found = match (&connection.server_name, &connection.proxy) {
        (Some(_), _) => tls_chains(&rules, listener),
        (None, Proxy::Sidecar(_)) => sidecar_tcp_chains(&rules, listener),
        (None, Proxy::Gateway { .. }) => gateway_tcp_chains(&rules, listener),
    };
    let any_tls = connection.server_name.is_some() && !found.chains.is_empty();
    let chosen = found.choose(connection);
    let answer = match (chosen, &connection.proxy) {
        (Some(chain), _) => Answer::Route {
            place: chain.place,
            destinations: mesh.registry.destinations(&chain.rule.route, connection.port),
            mirrors: Vec::new(),
        },
        (None, Proxy::Gateway { .. }) => Answer::Refused,
        // A sidecar with tls rules for the Service has no other chain for it.
        (None, Proxy::Sidecar(_)) if any_tls => Answer::Passthrough,
        (None, Proxy::Sidecar(workload)) => {
            let host = connection.host.as_ref().or(connection.server_name.as_ref());
            host.map_or(Answer::Passthrough, |host| {
                plain_service(mesh, host, &workload.namespace, connection.port)
            })
        }
    };
    Ok(Outcome { answer, misses: found.misses, notes: found.notes })
}

/// Returns the rules of the VirtualServices that have a say, in the order of their names.
///
/// A sidecar looks at those that have the Service's host
/// (istio/istio:pilot/pkg/networking/core/tls.go `getConfigsForHost`), a gateway at all of its own:
/// which hosts its servers have is not part of the input.
fn applying_rules<'a>(
    mesh: &'a Mesh,
    connection: &Connection,
) -> Result<Vec<&'a Rules>, Undecided> {
    let host = connection.host.as_ref().or(connection.server_name.as_ref());
    let has_host = |one: &VirtualService| match (&connection.proxy, host) {
        (Proxy::Sidecar(workload), Some(host)) => {
            let name = host::without_port(host).to_ascii_lowercase();
            let service = host::service_called(host, &workload.namespace);
            let fits = |host: &Host| {
                let service = service.as_ref().and_then(|service| host.fit(service));
                host.fit(&name).or(service).is_some()
            };
            one.hosts.iter().any(fits)
        }
        (Proxy::Sidecar(_), None) | (Proxy::Gateway { .. }, _) => true,
    };
    let applying = mesh.virtual_services.iter();
    let applying = applying.filter(|one| one.applies_to(&connection.proxy) && has_host(one));
    let mut applying: Vec<_> = applying.collect();
    applying.sort_by_key(|one| (&one.name.name, &one.name.namespace));
    applying.into_iter().map(|one| one.rules.as_ref().map_err(Clone::clone)).collect()
}
