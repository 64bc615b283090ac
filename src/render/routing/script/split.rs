//! The script at a step with a share: weights are rounded down, rule by rule.

use serde_json::{Map, Value, json};

use super::{Failure, Names, PROTOCOLS, stable_share, truthy};
use crate::manifest::FieldPath;
use crate::model::Percent;

/// Splits every rule without a match that sends to stable, once for each of its stable destinations.
pub(super) fn split(spec: &mut Value, share: Percent, names: Names<'_>) -> Result<(), Failure> {
    // All rules are collected before the first one is changed.
    let mut found = Vec::new();
    for protocol in PROTOCOLS {
        found.extend(rules_to_split(spec, protocol, names)?);
    }
    for (protocol, index) in found {
        let path = rule_path(protocol, index);
        let rule = spec.get_mut(protocol).and_then(|rules| rules.get_mut(index));
        let route = rule.and_then(|rule| rule.get_mut("route")).and_then(Value::as_array_mut);
        route.map_or(Ok(()), |route| split_route(route, (share, names), &path))?;
    }
    Ok(())
}

pub(super) fn rule_path(protocol: &str, index: usize) -> FieldPath {
    FieldPath::of_keys(&["spec", protocol]).index(index)
}

/// Returns the rules to split; one with several stable destinations as often as it has them.
fn rules_to_split<'p>(
    spec: &Value,
    protocol: &'p str,
    names: Names<'_>,
) -> Result<Vec<(&'p str, usize)>, Failure> {
    let mut found = Vec::new();
    let rules = spec.get(protocol).and_then(Value::as_array);
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        // An empty match is one all the same.
        if truthy(rule.get("match")).is_some() {
            continue;
        }
        for host in hosts(rule, &rule_path(protocol, index))? {
            found.extend(names.is_stable(host).then_some((protocol, index)));
        }
    }
    Ok(found)
}

fn hosts<'r>(rule: &'r Value, path: &FieldPath) -> Result<Vec<&'r str>, Failure> {
    let Some(route) = rule.get("route").and_then(Value::as_array) else {
        return Err(Failure::new(
            path.clone(),
            "the rule has neither a match nor destinations, and the script looks for destinations in every rule without a match",
        ));
    };
    let host = |(index, entry): (usize, &'r Value)| {
        let host = entry.pointer("/destination/host").and_then(Value::as_str);
        host.ok_or_else(|| {
            Failure::new(path.key("route").index(index), "the destination has no host")
        })
    };
    route.iter().enumerate().map(host).collect()
}

/// Reduces every weight, whoever it belongs to, and puts the canary behind.
fn split_route(
    route: &mut Vec<Value>,
    (share, names): (Percent, Names<'_>),
    path: &FieldPath,
) -> Result<(), Failure> {
    let stable = stable_share(share);
    #[expect(clippy::cast_precision_loss, reason = "a list of 2^52 destinations fits no memory")]
    let count = route.len() as f64;
    for (index, entry) in route.iter_mut().enumerate() {
        let weight = match truthy(entry.get("weight")) {
            None => stable / count,
            Some(weight) => {
                let path = || path.key("route").index(index).key("weight");
                let number = number(weight)
                    .ok_or_else(|| Failure::new(path(), "the weight is no number"))?;
                number * stable / 100.0
            }
        };
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("weight".to_owned(), whole(weight.floor()));
        }
    }
    let mut canary = Map::new();
    canary.insert("destination".to_owned(), names.canary_destination());
    canary.insert("weight".to_owned(), json!(share.hundredths()));
    route.push(Value::Object(canary));
    Ok(())
}

/// Returns the number that Lua computes with: a string that holds one will do.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Returns a whole number as JSON has it.
fn whole(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "what does not fit stays a float")]
    let integer = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared to see whether anything was lost")]
    let exact = (integer as f64 - number).abs() < f64::EPSILON;
    if exact { json!(integer) } else { json!(number) }
}
