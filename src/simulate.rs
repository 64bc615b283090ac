//! Where a request goes: the rules of VirtualServices, applied as Istio and Envoy apply them.
//!
//! Rendering splits rules and puts twins before them; whether that does to requests what it should is
//! shown here by another way: this module reads the objects by itself and uses nothing of `model`,
//! `plan` or `render`, so that one mistake cannot hide another. Each rule that is copied from upstream
//! names its file. What is simulated and what is assumed is told in docs/simulate.md; what cannot be
//! decided offline is an error or a note, never a guess.
//!
//! ```
//! use rollstep::simulate::{Answer, Mesh, Request, Share};
//! use serde_json::json;
//!
//! let route = json!({
//!     "apiVersion": "networking.istio.io/v1",
//!     "kind": "VirtualService",
//!     "metadata": {"name": "web", "namespace": "shop"},
//!     "spec": {
//!         "hosts": ["web"],
//!         "http": [
//!             {
//!                 "match": [{"headers": {"x-canary": {"exact": "true"}}}],
//!                 "route": [{"destination": {"host": "web-canary"}}],
//!             },
//!             {"route": [
//!                 {"destination": {"host": "web"}, "weight": 80},
//!                 {"destination": {"host": "web-canary"}, "weight": 20},
//!             ]},
//!         ],
//!     },
//! });
//! let mesh = Mesh::new(&[&route], "default")?;
//! let outcome = mesh.simulate(&Request::new("web.shop", "/cart"))?;
//! assert_eq!(outcome.place().map(|place| place.rule), Some(1));
//! let canary = outcome.share_where(|destination| destination.host == "web-canary");
//! assert_eq!(Some(canary), Share::of(1, 5));
//! assert_eq!(
//!     outcome.misses[0].to_string(),
//!     "`spec.http[0].match[0]` of `shop/web`: header `x-canary` is absent",
//! );
//! # Ok::<(), rollstep::simulate::Undecided>(())
//! ```

mod connection;
mod delegate;
mod entry;
mod host;
mod http;
mod literal;
mod mirror;
mod outcome;
mod place;
mod read;
mod request;
mod rule_shares;
mod rules;
mod selectors;
mod service;
mod share;
mod subnet;
mod text;
mod weights;
mod why;
pub(crate) mod witness;

use serde_json::Value;

pub use crate::dialect::{Reason, Refusal};
use delegate::Expanded;
pub(crate) use entry::CLAIM_PREFIX;
pub(crate) use host::{resolve as full_host, resolve_gateway as full_gateway};
pub(crate) use literal::literal;
pub use outcome::{Answer, Destination, Missing, Outcome, Reach, Redirect};
pub use place::{DelegatePlace, Place, Protocol};
pub use read::{Cause, Name, Undecided};
pub use request::{Connection, Proxy, Request, Workload};
pub use rule_shares::RuleShares;
pub use share::Share;
pub use why::{Miss, NotApplied, Note, Property, Unmet, Wanted};

use read::Field;
use rules::VirtualService;
use service::Registry;
use weights::Target;

/// The gateway that stands for all sidecars.
///
/// From istio/istio:pkg/config/constants/constants.go `IstioMeshGateway`.
pub(crate) const MESH: &str = "mesh";

/// The group of Istio's kinds; its versions have one schema.
const GROUP: &str = "networking.istio.io/";

const VIRTUAL_SERVICE: &str = "VirtualService";
const DESTINATION_RULE: &str = "DestinationRule";
const SERVICE_ENTRY: &str = "ServiceEntry";
const SERVICE: &str = "Service";

/// The objects that decide where requests go.
#[derive(Debug, Default)]
pub struct Mesh {
    virtual_services: Vec<VirtualService>,
    /// The http rules of each VirtualService, with those of delegates among them.
    http: Vec<Result<Vec<Expanded>, Undecided>>,
    registry: Registry,
}

impl Mesh {
    /// Reads VirtualServices, DestinationRules, ServiceEntries and Services; other objects are passed by.
    ///
    /// `namespace` is that of objects that name none. A VirtualService with wrong rules is told only
    /// when a request gets to it.
    ///
    /// # Errors
    ///
    /// Where an object cannot be read so far that it is clear which requests it is about.
    pub fn new(objects: &[&Value], namespace: &str) -> Result<Self, Undecided> {
        let mut mesh = Self::default();
        for object in objects {
            mesh.add(object, namespace)?;
        }
        let all = &mesh.virtual_services;
        mesh.http = all.iter().map(|one| delegate::expand(one, all)).collect();
        Ok(mesh)
    }

    /// Reads the `spec` of one VirtualService; one without hosts is asked by the host that is given.
    pub(crate) fn of_spec(name: &Name, spec: &Value, host: &str) -> Result<Self, Undecided> {
        let read = VirtualService::read_spec(&Field::root(VIRTUAL_SERVICE, name, spec))?;
        let all = vec![read.with_host(host)];
        let http = all.iter().map(|one| delegate::expand(one, &all)).collect();
        Ok(Self { virtual_services: all, http, registry: Registry::default() })
    }

    fn add(&mut self, object: &Value, namespace: &str) -> Result<(), Undecided> {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let kinds = [VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY];
        let istio = kinds.into_iter().find(|kind| *kind == text("kind"));
        let istio = istio.filter(|_| text("apiVersion").starts_with(GROUP));
        let is_service = (text("apiVersion"), text("kind")) == ("v1", SERVICE);
        let Some(kind) = istio.or(is_service.then_some(SERVICE)) else { return Ok(()) };
        let unnamed = Name::new(namespace, "");
        let metadata = Field::root(kind, &unnamed, object).child("metadata");
        let own = metadata.child("namespace").filled()?.unwrap_or_else(|| namespace.to_owned());
        let called = metadata.child("name");
        let called = called.filled()?.ok_or_else(|| called.invalid("must be there"))?;
        let name = Name::new(own, called);
        let root = Field::root(kind, &name, object);
        match kind {
            VIRTUAL_SERVICE => self.virtual_services.push(VirtualService::read(&root)?),
            SERVICE => self.registry.add_service(&root)?,
            SERVICE_ENTRY => self.registry.add_service_entry(&root)?,
            _ => self.registry.add_destination_rule(&root)?,
        }
        Ok(())
    }

    /// Finds where a request goes.
    ///
    /// # Errors
    ///
    /// Where a field that decides is invalid, or is read differently by different engines.
    pub fn simulate(&self, request: &Request) -> Result<Outcome, Undecided> {
        http::simulate(self, request)
    }

    /// Finds where a connection goes of which the proxy sees no request.
    ///
    /// # Errors
    ///
    /// Where a VirtualService that may decide is invalid.
    pub fn simulate_connection(&self, connection: &Connection) -> Result<Outcome, Undecided> {
        connection::simulate(self, connection)
    }

    fn http_rules(&self, wanted: &VirtualService) -> Result<&[Expanded], Undecided> {
        let mut all = self.virtual_services.iter().zip(&self.http);
        let found = all.find(|(one, _)| std::ptr::eq(*one, wanted));
        found.map_or(Ok(&[]), |(_, rules)| match rules {
            Ok(rules) => Ok(rules.as_slice()),
            Err(undecided) => Err(undecided.clone()),
        })
    }
}

/// Returns the share of each destination in the `route` of a rule, in an object of `namespace`.
///
/// Whether the destinations are there is not looked up.
///
/// # Errors
///
/// Where Istio refuses the destinations or their weights.
pub(crate) fn read_destinations(
    route: &Value,
    namespace: &str,
) -> Result<Vec<Destination>, Undecided> {
    let unnamed = Name::new(namespace, "");
    let weighted = weights::read_route(&Field::root(VIRTUAL_SERVICE, &unnamed, route))?;
    let destinations = weighted.into_iter().map(|(target, share)| {
        let Target { host, resolved, subset, port } = target;
        Destination { host, resolved, subset, port, share, reach: Reach::NotInInput }
    });
    Ok(destinations.collect())
}

/// Answers for a client in the mesh where no VirtualService has a say.
fn plain_service(mesh: &Mesh, host: &str, namespace: &str, port: u16) -> Answer {
    let name = host::without_port(host).to_ascii_lowercase();
    let service = host::service_called(host, namespace);
    let known = service.as_ref().is_some_and(|service| mesh.registry.knows(service));
    let resolved = match service {
        Some(service) if known => service,
        _ if mesh.registry.is_entry(&name) => name.clone(),
        // `web.shop` may be a host elsewhere as well as a Service.
        Some(service) if !name.contains('.') || name.ends_with(".svc") || service == name => {
            return Answer::NotInInput;
        }
        _ => return Answer::Passthrough,
    };
    let target = Target { host: name, resolved, subset: None, port: Some(port) };
    let mut destinations = mesh.registry.destinations(&[(target, Share::ALL)], port);
    destinations.pop().map_or(Answer::NotInInput, Answer::PlainService)
}

#[cfg(test)]
mod tests;
