//! An Istio DestinationRule, as far as a rollout looks into it.
//!
//! Fields as istio/api:networking/v1alpha3/destination_rule.proto has them. Policies are carried
//! through by `render`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cursor::{Cursor, Invalid};
use super::original::Original;
use crate::diagnostic::codes::INVALID_DESTINATION_RULE;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::Resource;
use crate::rollout::{Labels, labels_of};

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
    /// The host, as it is written.
    pub(crate) host: Option<String>,
    /// The subsets, as far as they can be read.
    pub(crate) subsets: Vec<Subset>,
    /// What Istio would refuse, or could take in two ways.
    pub(crate) invalid: Option<Box<Problem<'a>>>,
}

/// Some of a host's pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subset {
    pub(crate) name: String,
    pub(crate) labels: Labels,
}

impl<'a> DestinationRule<'a> {
    /// Returns the subset of that name and its index, if there is one.
    pub(crate) fn subset(&self, name: &str) -> Option<(usize, &Subset)> {
        self.subsets.iter().enumerate().find(|(_, subset)| subset.name == name)
    }
}

/// Reads a DestinationRule; whether it matters that it is invalid is for the caller to say.
pub(crate) fn read_destination_rule<'a>(
    resource: Resource<'a>,
    problems: &mut Collector<'a>,
) -> Option<DestinationRule<'a>> {
    let original = Original::read(&resource, problems)?;
    let host = original.spec.get("host").and_then(Value::as_str).map(str::to_owned);
    let subsets = original.spec.get("subsets").and_then(Value::as_array);
    let subsets = subsets.into_iter().flatten().filter_map(read_subset).collect();
    let invalid = check_spec(&Cursor::of_spec(&original.spec)).err().map(|(path, message)| {
        let code = &INVALID_DESTINATION_RULE;
        let problem = original.problem(&resource, &path, (code, message));
        Box::new(problem.help("correct the field; a subset has a name of its own and labels"))
    });
    Some(DestinationRule { resource, original, host, subsets, invalid })
}

fn read_subset(subset: &Value) -> Option<Subset> {
    Some(Subset {
        name: subset.get("name")?.as_str()?.to_owned(),
        labels: labels_of(subset.get("labels")),
    })
}

fn check_spec(spec: &Cursor<'_>) -> Result<(), Invalid> {
    if spec.text("host")?.is_none_or(|host| host.is_empty()) {
        return Err(spec.invalid("the DestinationRule has no host"));
    }
    let mut names = BTreeSet::new();
    for subset in spec.list("subsets")? {
        let name = check_subset(&subset)?;
        // Istio takes two of a name and uses one of them.
        if !names.insert(name.clone()) {
            let message = format!("there are two subsets `{name}`");
            return Err(subset.child("name").invalid(&message));
        }
    }
    Ok(())
}

/// Returns the name of a subset.
fn check_subset(subset: &Cursor<'_>) -> Result<String, Invalid> {
    if !subset.value.is_object() {
        return Err(subset.invalid("a subset must be a map"));
    }
    for (_, label) in subset.child("labels").entries()? {
        if !label.value.is_string() {
            return Err(label.invalid("the value of a label must be a string"));
        }
    }
    let name = subset.text("name")?.filter(|name| !name.is_empty());
    name.ok_or_else(|| subset.invalid("the subset has no name"))
}
