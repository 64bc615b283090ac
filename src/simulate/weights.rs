//! Destinations of a rule, and the share of each.

use super::Share;
use super::host;
use super::read::{Field, Undecided};

/// The highest sum of the weights of one rule that Envoy accepts.
///
/// From envoyproxy/envoy:api/envoy/config/route/v3/route_components.proto `WeightedCluster`.
const MAX_SUM: u64 = u32::MAX as u64;

/// A destination as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) resolved: String,
    pub(super) subset: Option<String>,
    pub(super) port: Option<u16>,
}

/// A destination and its share.
pub(super) type Weighted = (Target, Share);

impl Target {
    /// Reads a `destination`.
    pub(super) fn read(field: &Field<'_>) -> Result<Self, Undecided> {
        let host = field.child("host");
        let name = host.filled()?.ok_or_else(|| host.invalid("must name a host"))?;
        Ok(Self {
            resolved: host::resolve(&name, &field.object.namespace),
            host: name,
            subset: field.child("subset").filled()?,
            port: field.child("port").child("number").port()?,
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.resolved, &self.subset, self.port) == (&other.resolved, &other.subset, other.port)
    }
}

/// Reads the `route` of a rule: destinations with a share, each once.
///
/// A sole destination takes everything, whatever its weight. Of several, those without a weight or
/// with 0 are dropped, and the same one twice adds up. From
/// istio/istio:pilot/pkg/networking/core/route/route.go `applyHTTPRouteDestination`, and
/// networkfilter.go `buildOutboundNetworkFilters` for connections.
///
/// # Errors
///
/// Where all of several weights are 0: the webhook refuses it (validation.go
/// `validateWeights`), and so does Envoy.
pub(super) fn read_route(route: &Field<'_>) -> Result<Vec<Weighted>, Undecided> {
    let mut weighted = Vec::new();
    for entry in route.maps()? {
        let target = Target::read(&entry.child("destination"))?;
        let weight = entry.child("weight").number(i32::MAX.unsigned_abs().into())?;
        weighted.push((target, weight.unwrap_or(0)));
    }
    if let [(target, _)] = weighted.as_slice() {
        return Ok(vec![(target.clone(), Share::ALL)]);
    }
    let sum: u64 = weighted.iter().map(|(_, weight)| weight).sum();
    match sum {
        _ if weighted.is_empty() => Ok(Vec::new()),
        0 => Err(route.invalid("the weights add up to 0")),
        1..=MAX_SUM => Ok(share(fold(weighted), sum)),
        _ => Err(route.invalid("the weights add up to more than Envoy accepts")),
    }
}

fn fold(weighted: Vec<(Target, u64)>) -> Vec<(Target, u64)> {
    let mut folded: Vec<(Target, u64)> = Vec::new();
    for (target, weight) in weighted.into_iter().filter(|(_, weight)| *weight > 0) {
        match folded.iter_mut().find(|(other, _)| other.is_same(&target)) {
            Some((_, sum)) => *sum += weight,
            None => folded.push((target, weight)),
        }
    }
    folded
}

fn share(folded: Vec<(Target, u64)>, sum: u64) -> Vec<Weighted> {
    let shares = folded.into_iter().map(|(target, weight)| Some((target, Share::of(weight, sum)?)));
    shares.flatten().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::read_route;
    use crate::simulate::Name;
    use crate::simulate::read::Field;

    fn told(route: &Value) -> String {
        match read_route(&Field::root("VirtualService", &Name::new("shop", "web"), route)) {
            Ok(weighted) => {
                let parts = weighted.iter().map(|(target, share)| {
                    format!("{}{}={share}", target.host, target.subset.as_deref().unwrap_or(""))
                });
                parts.collect::<Vec<_>>().join(" ")
            }
            Err(undecided) => undecided.cause.to_string(),
        }
    }

    fn to(host: &str, weight: &Value) -> Value {
        json!({"destination": {"host": host}, "weight": weight})
    }

    #[test]
    fn a_sole_destination_takes_everything() {
        for weight in [json!(null), json!(0), json!(1), json!(100)] {
            assert_eq!(told(&json!([to("a", &weight)])), "a=1");
        }
    }

    #[test]
    fn several_share_by_weight_and_those_without_are_dropped() {
        for (weights, text) in [
            ([json!(29), json!(60), json!(10)], "a=29/99 b=20/33 c=10/99"),
            ([json!(80), json!(40), json!(20)], "a=4/7 b=2/7 c=1/7"),
            ([json!(0), json!(null), json!(20)], "c=1"),
        ] {
            let [a, b, c] = weights;
            assert_eq!(told(&json!([to("a", &a), to("b", &b), to("c", &c)])), text);
        }
    }

    #[test]
    fn duplicates_add_up() {
        let subset = json!({"destination": {"host": "a", "subset": "v1"}, "weight": 2});
        let full = to("a.shop.svc.cluster.local", &json!(1));
        let route = json!([to("a", &json!(1)), subset, full, to("b", &json!(1))]);
        assert_eq!(told(&route), "a=2/5 av1=2/5 b=1/5");
    }

    #[test]
    fn weights_that_say_nothing_are_refused() {
        let two = |one: Value, two: Value| told(&json!([to("a", &one), to("b", &two)]));
        assert_eq!(two(json!(0), json!(null)), "the weights add up to 0");
        assert_eq!(two(json!(-1), json!(2)), "must be a whole number from 0 to 2147483647");
        assert_eq!(two(json!("1"), json!(2)), "must be a whole number from 0 to 2147483647");
        let most = json!(i32::MAX);
        assert_eq!(two(most.clone(), most.clone()), "a=1/2 b=1/2");
        let three = json!([to("a", &most), to("b", &most), to("c", &most)]);
        assert_eq!(told(&three), "the weights add up to more than Envoy accepts");
        assert_eq!(told(&json!([{"destination": {}}])), "must name a host");
    }
}
