//! The scope of a VirtualService: its gateways, and the namespaces that see it.
//!
//! From istio/istio:pkg/config/validation/validation.go `validateGatewayNames` and `validateExportTo`.

use super::super::route::Route;
use super::super::spot::Spot;
use super::{Refused, syntax};
use crate::simulate::MESH;

/// How to mend the name of a gateway.
const GATEWAY_HELP: &str = "write `NAMESPACE/NAME`, or the name of a gateway in this namespace";

/// Says whether sidecars take the VirtualService.
pub(super) fn is_for_mesh(route: &Route<'_>) -> bool {
    let spec = route.spec();
    let gateways = spec.texts("gateways");
    gateways.is_empty() || gateways.contains(&MESH)
}

/// Reports gateways and namespaces that Istio refuses.
pub(super) fn check<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let spec = route.spec();
    let mut refused = check_gateways(&spec);
    for protocol in super::PROTOCOLS {
        for entry in route.rules(protocol).iter().flat_map(|rule| rule.list("match")) {
            refused.extend(check_gateways(&entry));
        }
    }
    refused.extend(check_export(&spec, &route.identity.namespace));
    refused
}

fn check_gateways<'r>(spot: &Spot<'r>) -> Vec<Refused<'r>> {
    let refuse = |gateway: &Spot<'r>| {
        let name = gateway.value.as_str()?;
        let is_fine = match name.split_once('/') {
            Some((namespace, name)) => {
                syntax::is_domain_label(namespace) && syntax::is_domain_label(name)
            }
            None => syntax::is_domain(name),
        };
        let message = format!("`{name}` is not the name of a gateway");
        (!is_fine).then_some((gateway.clone(), message, GATEWAY_HELP))
    };
    looked_at(&spot.list("gateways")).iter().filter_map(refuse).collect()
}

/// Returns the gateways that Istio looks at: it stops at the first without a namespace.
fn looked_at<'s, 'r>(gateways: &'s [Spot<'r>]) -> &'s [Spot<'r>] {
    let is_short =
        |gateway: &Spot<'_>| !gateway.value.as_str().is_some_and(|one| one.contains('/'));
    let count = gateways.iter().position(is_short).map_or(gateways.len(), |first| first + 1);
    gateways.get(..count).unwrap_or_default()
}

/// Returns gateways that are named as domains, which Istio takes with a warning.
pub(super) fn legacy_gateways<'r>(route: &'r Route<'_>) -> Vec<(Spot<'r>, String)> {
    let gateways = route.spec().list("gateways");
    let legacy = looked_at(&gateways).iter().filter_map(|gateway| {
        let (name, rest) =
            gateway.value.as_str().filter(|text| !text.contains('/'))?.split_once('.')?;
        let namespace = rest.split('.').next()?;
        Some((gateway.clone(), format!("{namespace}/{name}")))
    });
    legacy.collect()
}

fn check_export<'r>(spec: &Spot<'r>, namespace: &str) -> Vec<Refused<'r>> {
    let exported = spec.list("exportTo");
    let own = |name: &'r str| if name == "." { namespace.to_owned() } else { name.to_owned() };
    let mut refused = Vec::new();
    for (index, spot) in exported.iter().enumerate() {
        let Some(name) = spot.value.as_str() else { continue };
        let before = exported.iter().take(index).filter_map(|one| one.value.as_str());
        let told = if name != "." && name != "*" && !syntax::is_domain_label(name) {
            Some((format!("`{name}` is not a namespace"), "name namespaces, `.` or `*`"))
        } else if before.map(own).any(|other| other == own(name)) {
            Some((format!("`{name}` is named twice"), "name it once; `.` is the own namespace"))
        } else if name == "*" && exported.len() > 1 {
            Some(("`*` is all namespaces, and others are named".to_owned(), "keep `*` alone"))
        } else {
            None
        };
        refused.extend(told.map(|(message, help)| (spot.clone(), message, help)));
    }
    refused
}
