//! Who sends the request, where that is not said.
//!
//! A request alone does not say through which proxy it comes. The first gateway of a VirtualService
//! that has the host is a good guess, and a sidecar beside it where it names none; which was taken is
//! told.

use serde_json::Value;

use super::Sent;
use crate::simulate::{Name, Proxy, Workload};

/// How the caller is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The request says by which proxy it comes.
    Given,
    /// The first gateway of a VirtualService for the host, or a sidecar in its namespace.
    ByRoute,
    /// So it was found, at this VirtualService.
    Of(Name),
    /// No VirtualService is for the host: a sidecar in the namespace of objects that name none.
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
        Caller::ByRoute => {
            let routes = objects.iter().filter_map(|object| of_route(object, namespace));
            routes.map(|(proxy, route)| (sent.through(proxy), Caller::Of(route))).collect()
        }
    }
}

/// Returns the caller where none of them gets anywhere.
pub(super) fn otherwise((sent, caller): (&Sent, &Caller), namespace: &str) -> (Sent, Caller) {
    match caller {
        Caller::Given | Caller::Of(_) | Caller::Default => (sent.clone(), caller.clone()),
        Caller::ByRoute => {
            let proxy = Proxy::Sidecar(Workload::in_namespace(namespace));
            (sent.through(proxy), Caller::Default)
        }
    }
}

fn of_route(object: &Value, namespace: &str) -> Option<(Proxy, Name)> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    if text("/kind") != Some("VirtualService") {
        return None;
    }
    let namespace = text("/metadata/namespace").unwrap_or(namespace);
    let name = Name::new(namespace, text("/metadata/name")?);
    let gateways = object.pointer("/spec/gateways").and_then(Value::as_array);
    let first = gateways.and_then(|gateways| gateways.first()).and_then(Value::as_str);
    let proxy = match first {
        None | Some("mesh") => Proxy::Sidecar(Workload::in_namespace(namespace)),
        Some(gateway) => {
            let (of, gateway) = gateway.split_once('/').unwrap_or((namespace, gateway));
            let of = if of == "." { namespace } else { of };
            let gateway = Name::new(of, gateway);
            Proxy::Gateway { gateway, workload: Workload::in_namespace(of) }
        }
    };
    Some((proxy, name))
}
