//! A request: which VirtualService has its host, and which rule takes it.

mod layout;

use super::entry::Entry;
use super::host::{self, Fit, Host};
use super::outcome::{Answer, Outcome};
use super::place::Place;
use super::read::Undecided;
use super::request::{Proxy, Request};
use super::rules::{Action, HttpRule, VirtualService};
use super::selectors::Listener;
use super::why::{Miss, Note};
use super::{Mesh, plain_service};
use layout::{Layout, Step, lay_out_group};

/// Finds where a request goes.
pub(super) fn simulate(mesh: &Mesh, request: &Request) -> Result<Outcome, Undecided> {
    let listener = Listener { proxy: &request.proxy, port: request.port() };
    let mut layout = Layout::default();
    let mut claims = claims(mesh, request);
    if claims.is_empty() {
        layout.notes = not_for_proxy(mesh, request);
    }
    while let Some((best, _)) = claims.last() {
        let best = *best;
        let rest = claims.iter().position(|(fit, _)| *fit == best).unwrap_or_default();
        let group: Vec<_> = claims.drain(rest..).map(|(_, found)| found).collect();
        let laid = lay_out_group(mesh, &group, listener)?;
        let has_routes = laid.steps.iter().any(Step::is_route);
        layout.steps.extend(laid.steps);
        layout.notes.extend(laid.notes);
        if has_routes {
            return walk(mesh, request, layout);
        }
        // A gateway goes on to the next best host, a sidecar treats the host as a plain Service.
        if let (Proxy::Sidecar(_), Some(first)) = (&request.proxy, group.first()) {
            layout.notes.push(Note::NoRuleForProxy(first.name.clone()));
            break;
        }
    }
    let misses = layout.steps.into_iter().filter_map(|step| match step {
        Step::Missed(miss) => Some(miss),
        Step::Route { .. } => None,
    });
    let answer = match &request.proxy {
        Proxy::Sidecar(workload) => {
            plain_service(mesh, &request.host, &workload.namespace, listener.port)
        }
        Proxy::Gateway { .. } => Answer::NotFound,
    };
    Ok(Outcome { answer, misses: misses.collect(), notes: layout.notes })
}

/// Returns the VirtualServices that have the host and apply to the proxy, the best last.
///
/// Of those that fit as well the order is that in which Istio breaks ties of age, by name and
/// namespace (istio/istio:pilot/pkg/model/config.go `sortByCreationComparator`).
fn claims<'a>(mesh: &'a Mesh, request: &Request) -> Vec<(Fit, &'a VirtualService)> {
    let mut claims = having_host(mesh, request);
    claims.retain(|(_, one)| one.applies_to(&request.proxy));
    claims.sort_by(|(fit, one), (other_fit, other)| {
        let names = (&one.name.name, &one.name.namespace);
        fit.cmp(other_fit).then(names.cmp(&(&other.name.name, &other.name.namespace)))
    });
    claims
}

/// Returns why the VirtualServices that have the host do not apply to the proxy.
fn not_for_proxy(mesh: &Mesh, request: &Request) -> Vec<Note> {
    let all = having_host(mesh, request).into_iter();
    let notes = all.filter_map(|(_, one)| {
        let why = one.not_applied(&request.proxy)?;
        Some(Note::NotForProxy { virtual_service: one.name.clone(), why })
    });
    notes.collect()
}

/// Returns the VirtualServices that have the host, whether they apply to the proxy or not.
fn having_host<'a>(mesh: &'a Mesh, request: &Request) -> Vec<(Fit, &'a VirtualService)> {
    let name = host::without_port(&request.host).to_ascii_lowercase();
    let service = match &request.proxy {
        Proxy::Sidecar(workload) => host::service_called(&request.host, &workload.namespace),
        Proxy::Gateway { .. } => None,
    };
    // Behind a wildcard only a Service that is there has its other names.
    let is_known = service.as_ref().is_some_and(|service| mesh.registry.knows(service));
    let fit = |host: &Host| {
        let of_service = service.as_ref().and_then(|service| host.fit(service));
        host.fit(&name).max(of_service.filter(|fit| *fit == Fit::Exact || is_known))
    };
    let all = mesh.virtual_services.iter();
    all.filter_map(|one| Some((one.hosts.iter().filter_map(fit).max()?, one))).collect()
}

/// Takes the first route that the request meets.
fn walk(mesh: &Mesh, request: &Request, layout: Layout<'_>) -> Result<Outcome, Undecided> {
    let Layout { steps, mut notes } = layout;
    let mut misses = Vec::new();
    for step in steps {
        let (rule, entry, place) = match step {
            Step::Missed(miss) => {
                misses.push(miss);
                continue;
            }
            Step::Route { rule, entry, place } => (rule, entry, place),
        };
        let unmet = match entry {
            Some(entry) => {
                note_repeated(entry, request, &mut notes);
                entry.unmet(request)?
            }
            None => None,
        };
        match unmet {
            Some(unmet) => misses.push(Miss { place, unmet }),
            None => {
                if rule.has_fault {
                    notes.push(Note::Fault(place.clone()));
                }
                let answer = answer(mesh, rule, place, request.port());
                return Ok(Outcome { answer, misses, notes });
            }
        }
    }
    Ok(Outcome { answer: Answer::NotFound, misses, notes })
}

fn note_repeated(entry: &Entry, request: &Request, notes: &mut Vec<Note>) {
    for name in entry.repeated_headers(request) {
        let note = Note::RepeatedHeader(name);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}

fn answer(mesh: &Mesh, rule: &HttpRule, place: Place, port: u16) -> Answer {
    match &rule.action {
        Action::Route(weighted) => Answer::Route {
            place,
            destinations: mesh.registry.destinations(weighted, port),
            mirrors: mesh.registry.destinations(&rule.mirrors.shares(), port),
        },
        Action::Redirect(redirect) => Answer::Redirect { place, redirect: redirect.clone() },
        Action::DirectResponse(status) => Answer::DirectResponse { place, status: *status },
        // Expansion leaves no such rule.
        Action::Delegate(_) => Answer::NotFound,
    }
}
