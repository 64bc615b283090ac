//! An Istio DestinationRule, as far as a rollout looks into it.
//!
//! Fields as istio/api:networking/v1alpha3/destination_rule.proto has them.

use serde_json::Value;

use super::original::Original;
use super::selector::{Labels, parse_labels};
use crate::diagnostic::Collector;
use crate::manifest::Resource;

/// The name of the subset that holds the canary's pods.
///
/// From openkruise/rollouts:lua_configuration/networking.istio.io/DestinationRule/trafficRouting.lua.
pub(crate) const CANARY_SUBSET: &str = "canary";

/// The label of the canary's pods that the controller's script selects by; from the same file.
pub(crate) const GRAY_LABEL: (&str, &str) = ("istio.service.tag", "gray");

/// A DestinationRule.
#[derive(Debug)]
pub(crate) struct DestinationRule<'a> {
    pub(crate) resource: Resource<'a>,
    pub(crate) original: Original,
    pub(crate) host: Option<String>,
    pub(crate) subsets: Vec<Subset>,
}

/// Some of a host's pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subset {
    pub(crate) name: String,
    pub(crate) labels: Labels,
}

/// Reads a DestinationRule.
pub(crate) fn read_destination_rule<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<DestinationRule<'a>> {
    let original = Original::read(&resource, problems)?;
    let host = original.spec.get("host").and_then(Value::as_str).map(str::to_owned);
    let subsets = original.spec.get("subsets").and_then(Value::as_array);
    let subsets = subsets.into_iter().flatten().filter_map(read_subset).collect();
    Some(DestinationRule { resource, original, host, subsets })
}

fn read_subset(subset: &Value) -> Option<Subset> {
    Some(Subset {
        name: subset.get("name")?.as_str()?.to_owned(),
        labels: subset.get("labels").and_then(parse_labels).unwrap_or_default(),
    })
}
