//! Rules that another VirtualService completes (pilot/pkg/model/virtualservice.go
//! `mergeVirtualServicesIfNeeded`).

use serde_json::{Map, Value, json};

use super::super::mesh::{Mesh, VirtualService, items};

/// What a delegate's rule has from the rule that leads to it, where it has none of its own.
const INHERITED: [&str; 8] = [
    "rewrite",
    "timeout",
    "retries",
    "mirror",
    "mirrors",
    "mirrorPercentage",
    "corsPolicy",
    "headers",
];

/// Conditions that name what they are about.
const NAMED: [&str; 3] = ["headers", "withoutHeaders", "queryParams"];

/// Returns the rules of a VirtualService, those of its delegates in their places, each with its owner.
pub(super) fn expand<'m>(
    mesh: &'m Mesh,
    owner: &'m VirtualService,
) -> Vec<(&'m VirtualService, Value)> {
    let mut rules = Vec::new();
    for rule in owner.list("http") {
        let Some(delegate) = rule["delegate"].as_object() else {
            rules.push((owner, rule.clone()));
            continue;
        };
        let named = |other: &&VirtualService| {
            let namespace = delegate.get("namespace").and_then(Value::as_str);
            delegate.get("name") == Some(&json!(other.name))
                && namespace.unwrap_or(&owner.namespace) == other.namespace
                && other.list("hosts").is_empty()
        };
        // One that is not there takes its rule with it.
        let Some(delegate) = mesh.virtual_services.iter().find(named) else { continue };
        let merged = delegate.list("http").iter().filter_map(|own| merge(rule, own));
        rules.extend(merged.map(|rule| (delegate, rule)));
    }
    rules
}

fn merge(root: &Value, own: &Value) -> Option<Value> {
    let mut rule = own.clone();
    rule["match"] = Value::Array(merge_matches(items(&root["match"]), items(&own["match"]))?);
    for key in INHERITED {
        if own[key].is_null() && !root[key].is_null() {
            rule[key] = root[key].clone();
        }
    }
    Some(rule)
}

/// A rule whose conditions contradict those before it is dropped.
fn merge_matches(root: &[Value], own: &[Value]) -> Option<Vec<Value>> {
    if root.is_empty() || own.is_empty() {
        return Some([root, own].concat());
    }
    let mut merged = Vec::new();
    for own in own {
        let before = merged.len();
        let fitting = root.iter().filter(|root| !contradicts(root, own));
        merged.extend(fitting.map(|root| merge_entry(root, own)));
        if merged.len() == before {
            return None;
        }
    }
    Some(merged)
}

/// The delegate's conditions win. Labels, namespaces and gateways of the root are not carried over.
fn merge_entry(root: &Value, own: &Value) -> Value {
    let mut entry = own.clone();
    for key in ["uri", "scheme", "method", "authority", "port"] {
        if own[key].is_null() && !root[key].is_null() {
            entry[key] = root[key].clone();
        }
    }
    for key in NAMED {
        let both = [&root[key], &own[key]].into_iter().filter_map(Value::as_object).flatten();
        let both: Map<_, _> = both.map(|(name, value)| (name.clone(), value.clone())).collect();
        if !both.is_empty() {
            entry[key] = Value::Object(both);
        }
    }
    entry
}

fn contradicts(root: &Value, own: &Value) -> bool {
    let texts = ["uri", "scheme", "method", "authority"];
    let named = ["headers", "queryParams"].iter().any(|key| {
        let own = own[key].as_object().into_iter().flatten();
        own.into_iter().any(|(name, value)| excludes(&root[key][name], value))
    });
    let ports = [&root["port"], &own["port"]];
    let ignores_case = |entry: &Value| entry["ignoreUriCase"] == true;
    named
        || texts.iter().any(|key| excludes(&root[key], &own[key]))
        || (ports.iter().all(|port| port.is_u64()) && ports[0] != ports[1])
        || ignores_case(root) != ignores_case(own)
}

/// Returns whether a condition of the delegate is not within that of the root; regexes never are.
fn excludes(root: &Value, own: &Value) -> bool {
    let text = |value: &Value, kind: &str| value[kind].as_str().map(str::to_owned);
    if root.is_null() || own.is_null() {
        return false;
    }
    if let Some(exact) = text(root, "exact") {
        return text(own, "exact") != Some(exact);
    }
    let Some(prefix) = text(root, "prefix") else { return true };
    let own = text(own, "prefix").or_else(|| text(own, "exact"));
    !own.is_some_and(|own| own.starts_with(&prefix))
}
