//! The script at a step with matches: a rule of its own for each, before all others.

use serde_json::{Map, Value, json};

use super::{Described, Failure, Names};
use crate::manifest::FieldPath;
use crate::model::{HeaderChange, NamedMatch, PathMatch, RequestMatch, ValueMatch};

/// Puts a rule for each match at the top, so that the last match comes first.
pub(super) fn insert(
    spec: &mut Value,
    (matches, headers): Described<'_>,
    names: Names<'_>,
) -> Result<(), Failure> {
    let Some(rules) = spec.get_mut("http").and_then(Value::as_array_mut) else {
        let path = FieldPath::of_keys(&["spec"]);
        return Err(Failure::new(path, "there are no http rules to put those of the step before"));
    };
    for request in matches {
        rules.insert(0, rule(request, headers, names));
    }
    Ok(())
}

fn rule(request: &RequestMatch, headers: Option<&HeaderChange>, names: Names<'_>) -> Value {
    let mut rule = Map::new();
    rule.insert("match".to_owned(), json!([conditions(request)]));
    if let Some(change) = headers {
        rule.insert("headers".to_owned(), json!({"request": request_headers(change)}));
    }
    rule.insert("route".to_owned(), json!([{"destination": names.canary_destination()}]));
    Value::Object(rule)
}

fn conditions(request: &RequestMatch) -> Value {
    let mut entry = Map::new();
    if let Some(path) = &request.path {
        let uri = match path {
            PathMatch::Exact(text) => json!({"exact": text}),
            PathMatch::Prefix(text) => json!({"prefix": text}),
            PathMatch::Regex(text) => json!({"regex": text}),
        };
        entry.insert("uri".to_owned(), uri);
    }
    for (key, named) in [("headers", &request.headers), ("queryParams", &request.query_params)] {
        if !named.is_empty() {
            entry.insert(key.to_owned(), Value::Object(named.iter().map(condition).collect()));
        }
    }
    Value::Object(entry)
}

fn condition(named: &NamedMatch) -> (String, Value) {
    let value = match &named.value {
        ValueMatch::Exact(text) => json!({"exact": text}),
        ValueMatch::Regex(text) => json!({"regex": text}),
    };
    (named.name.clone(), value)
}

/// Returns what is done to the request's headers; nothing at all leaves an empty map.
fn request_headers(change: &HeaderChange) -> Value {
    let mut request = Map::new();
    for (key, pairs) in [("set", &change.set), ("add", &change.add)] {
        let pairs: Map<_, _> =
            pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
        if !pairs.is_empty() {
            request.insert(key.to_owned(), Value::Object(pairs));
        }
    }
    if !change.remove.is_empty() {
        request.insert("remove".to_owned(), Value::from(change.remove.clone()));
    }
    Value::Object(request)
}
