//! Hosts of a VirtualService that Istio refuses.
//!
//! Looks at one object; hosts that two objects claim are told by `check::hosts`.

use super::super::route::Route;
use super::super::spot::Spot;
use super::Refused;
use super::scope::is_for_mesh;

/// The host that stands for all.
const ANY_HOST: &str = "*";

/// Reports hosts that overlap, and the wildcard where sidecars would have it.
///
/// From istio/istio:pkg/config/validation/validation.go `validateVirtualService`.
pub(super) fn check<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let spec = route.spec();
    let for_mesh = is_for_mesh(route);
    let hosts = spec.list("hosts");
    let mut refused = Vec::new();
    for (index, host) in hosts.iter().enumerate() {
        if for_mesh && host.value == ANY_HOST {
            let message = "`*` is no host for sidecars, only for gateways".to_owned();
            let help = "name the hosts, or a gateway in `gateways`";
            refused.push((host.clone(), message, help));
        }
        let before: Vec<_> = hosts.iter().take(index).collect();
        refused.extend(check_against(host, &before));
    }
    refused
}

fn check_against<'r>(host: &Spot<'r>, before: &[&Spot<'r>]) -> Option<Refused<'r>> {
    let name = host.value.as_str()?;
    let others = before.iter().filter_map(|other| other.value.as_str());
    let other = others.into_iter().find(|other| overlap(name, other))?;
    if other == name {
        return Some((host.clone(), "the host is named twice".to_owned(), "name it once"));
    }
    let message = format!("the host overlaps `{other}`, which is named as well");
    Some((host.clone(), message, "keep the wider of the two, or name hosts that do not overlap"))
}

/// Says whether some name is both; a wildcard is the beginning of a host.
///
/// From istio/istio:pkg/config/host/name.go `Matches`.
fn overlap(one: &str, other: &str) -> bool {
    match (one.strip_prefix('*'), other.strip_prefix('*')) {
        (None, None) => one == other,
        (Some(end), None) => other.ends_with(end),
        (None, Some(end)) => one.ends_with(end),
        (Some(end), Some(other_end)) => end.ends_with(other_end) || other_end.ends_with(end),
    }
}
