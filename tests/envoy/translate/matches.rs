//! The conditions of an entry of `match` (route.go `TranslateRouteMatch`).

use serde_json::{Map, Value, json};

use super::super::mesh::{Proxy, VirtualService, items};

/// The conditions that are translated; the others are seen to by [`applies`], or decide nothing.
const FIELDS: [&str; 14] = [
    "name",
    "uri",
    "scheme",
    "method",
    "authority",
    "headers",
    "withoutHeaders",
    "queryParams",
    "ignoreUriCase",
    "port",
    "sourceLabels",
    "sourceNamespace",
    "gateways",
    "statPrefix",
];

/// Returns whether a proxy gets an entry at all (route.go `sourceMatchHTTP`): gateways count alone
/// where they are named.
pub(super) fn applies(entry: &Value, owner: &VirtualService, proxy: &Proxy) -> bool {
    if !fits_port(entry, proxy) {
        return false;
    }
    let gateways: Vec<_> = items(&entry["gateways"]).iter().filter_map(Value::as_str).collect();
    match gateways.as_slice() {
        [] => fits_source(entry, proxy),
        gateways => owner.names_gateway(gateways, proxy),
    }
}

pub(super) fn fits_port(entry: &Value, proxy: &Proxy) -> bool {
    entry["port"].as_u64().is_none_or(|port| port == proxy.port)
}

pub(super) fn fits_source(entry: &Value, proxy: &Proxy) -> bool {
    let labels = entry["sourceLabels"].as_object().into_iter().flatten();
    let mut labels = labels.map(|(key, value)| (key, value.as_str().unwrap()));
    let namespace = entry["sourceNamespace"].as_str().unwrap_or_default();
    labels.all(|(key, value)| proxy.labels.get(key).is_some_and(|own| own == value))
        && (namespace.is_empty() || namespace == proxy.namespace)
}

/// Returns an entry in Envoy's words; one that is null is taken as no condition.
pub(super) fn translate(entry: &Value) -> Value {
    let fields = entry.as_object().into_iter().flatten();
    for (field, _) in fields {
        assert!(FIELDS.contains(&field.as_str()), "`{field}` of a match is not translated");
    }
    let mut conditions = path(&entry["uri"]);
    if entry["ignoreUriCase"] == true {
        conditions.insert("case_sensitive".to_owned(), json!(false));
    }
    let mut headers = Vec::new();
    for name in ["method", "authority", "scheme"] {
        if entry[name].is_object() {
            headers.push(condition(&format!(":{name}"), &entry[name]));
        }
    }
    headers.extend(named(&entry["headers"], condition));
    headers.extend(named(&entry["withoutHeaders"], inverted));
    conditions.insert("headers".to_owned(), Value::Array(headers));
    let parameters = named(&entry["queryParams"], condition);
    conditions.insert("query_parameters".to_owned(), Value::Array(parameters));
    Value::Object(conditions)
}

fn path(uri: &Value) -> Map<String, Value> {
    let (key, value) = match string_match(uri) {
        None => ("prefix", json!("/")),
        Some(("exact", text)) => ("path", json!(text)),
        Some(("prefix", text)) => ("prefix", json!(text)),
        Some((_, regex)) => ("safe_regex", json!({"regex": regex})),
    };
    Map::from_iter([(key.to_owned(), value)])
}

fn named(map: &Value, condition: impl Fn(&str, &Value) -> Value) -> Vec<Value> {
    let map = map.as_object().into_iter().flatten();
    map.map(|(name, value)| condition(name, value)).collect()
}

/// One without a value asks only that the header or parameter is there.
fn condition(name: &str, value: &Value) -> Value {
    match string_match(value) {
        None => json!({"name": name, "present_match": true}),
        Some(("regex", regex)) => {
            json!({"name": name, "string_match": {"safe_regex": {"regex": regex}}})
        }
        Some((kind, text)) => json!({"name": name, "string_match": {kind: text}}),
    }
}

/// A header that is missing counts as an empty one, unless only its presence is asked for.
fn inverted(name: &str, value: &Value) -> Value {
    let mut condition = condition(name, value);
    condition["invert_match"] = json!(true);
    if string_match(value).is_some() {
        condition["treat_missing_header_as_empty"] = json!(true);
    }
    condition
}

fn string_match(value: &Value) -> Option<(&str, &str)> {
    let (kind, text) = value.as_object()?.iter().next()?;
    let known = ["exact", "prefix", "regex"].contains(&kind.as_str());
    assert!(known, "`{kind}` is no kind of match");
    Some((kind, text.as_str().unwrap()))
}
