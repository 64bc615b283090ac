//! Who sends the request, where that is not said.
//!
//! A request alone does not say through which proxy it comes. The first gateway of a VirtualService
//! that has the host is a good guess, and a sidecar beside it where it names none; which was taken is
//! told.

use serde_json::Value;

use super::Sent;
use crate::simulate::{MESH, Name, Proxy, Workload, full_gateway};

/// How the caller is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The request says by which proxy it comes.
    Given,
    /// The first gateway of a VirtualService for the host, or a sidecar in its namespace.
    ByRoute,
    /// A sidecar that a VirtualService for the host is exported to.
    InMesh,
    /// So it was found, at this VirtualService.
    Of(Name),
    /// No VirtualService is for the host: a sidecar in the namespace of the Service that has this name,
    /// or of objects that name none.
    Default,
}

/// Returns the callers to be tried, in the order of the VirtualServices.
pub(super) fn candidates(
    (sent, caller): (&Sent, &Caller),
    objects: &[Value],
    namespace: &str,
) -> Vec<(Sent, Caller)> {
    match caller {
        Caller::Given | Caller::Of(_) | Caller::Default => vec![(sent.clone(), caller.clone())],
        Caller::ByRoute | Caller::InMesh => {
            let routes = objects.iter().flat_map(|object| of_route(object, namespace));
            let routes = routes.filter(|(proxy, _)| {
                *caller == Caller::ByRoute || matches!(proxy, Proxy::Sidecar(_))
            });
            routes.map(|(proxy, route)| (sent.through(proxy), Caller::Of(route))).collect()
        }
    }
}

/// Returns the caller where none of them gets anywhere.
pub(super) fn otherwise(
    (sent, caller): (&Sent, &Caller),
    objects: &[Value],
    namespace: &str,
) -> (Sent, Caller) {
    match caller {
        Caller::Given | Caller::Of(_) | Caller::Default => (sent.clone(), caller.clone()),
        Caller::ByRoute | Caller::InMesh => {
            let namespace = home_of(sent.host(), objects, namespace);
            let proxy = Proxy::Sidecar(Workload::in_namespace(namespace));
            (sent.through(proxy), Caller::Default)
        }
    }
}

/// Returns the namespace of the Service that has the host as its bare name.
///
/// It is `namespace` where that has such a Service, or where no namespace has one.
fn home_of<'o>(host: &str, objects: &'o [Value], namespace: &'o str) -> &'o str {
    let name = host.split(':').next().unwrap_or(host);
    let homes = objects.iter().filter_map(|object| {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let is_called = text("/metadata/name").is_some_and(|own| own.eq_ignore_ascii_case(name));
        let is_it = text("/kind") == Some("Service") && is_called;
        is_it.then(|| text("/metadata/namespace").unwrap_or(namespace))
    });
    let homes: Vec<_> = homes.collect();
    if homes.contains(&namespace) {
        return namespace;
    }
    homes.first().copied().unwrap_or(namespace)
}

/// Returns the callers that a VirtualService is for: through each of its gateways, in their order.
fn of_route(object: &Value, namespace: &str) -> Vec<(Proxy, Name)> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (Some("VirtualService"), Some(name)) = (text("/kind"), text("/metadata/name")) else {
        return Vec::new();
    };
    let namespace = text("/metadata/namespace").unwrap_or(namespace);
    let list = |pointer: &str| {
        let items = object.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let gateways = list("/spec/gateways");
    let gateways = if gateways.is_empty() { vec![MESH] } else { gateways };
    let exports = list("/spec/exportTo");
    let callers = gateways.into_iter().map(|gateway| {
        let gateway = full_gateway(gateway, namespace);
        let proxy = match gateway.split_once('/') {
            None => {
                Proxy::Sidecar(Workload::in_namespace(exported_to(namespace, namespace, &exports)))
            }
            Some((of, name)) => Proxy::Gateway {
                gateway: Name::new(of, name),
                workload: Workload::in_namespace(exported_to(of, namespace, &exports)),
            },
        };
        (proxy, Name::new(namespace, name))
    });
    callers.collect()
}

/// Returns the wanted namespace, if a VirtualService of namespace `own` is exported to it, else the
/// first that it is exported to.
///
/// The pods of a gateway may run in another namespace than that of its Gateway object.
fn exported_to<'e>(wanted: &'e str, own: &'e str, exports: &[&'e str]) -> &'e str {
    let names: Vec<_> = exports.iter().map(|to| if *to == "." { own } else { to }).collect();
    let is_wanted = |to: &&str| *to == "*" || *to == wanted;
    if names.is_empty() || names.iter().any(is_wanted) {
        return wanted;
    }
    // `~` stands for no namespace at all.
    names.into_iter().find(|to| *to != "~").unwrap_or(wanted)
}
