//! The rules of a VirtualService at a step.

use serde_json::{Map, Value};

use crate::model::{CANARY_SUBSET, HeaderChange, StringMatch};
use crate::plan::{CanaryEntry, PlannedRule, RoutePlan, RuleChange, Target, Twin, TwinMatch};
use crate::render::metadata::add_entry;

/// Returns the spec with the planned changes.
///
/// ```yaml
/// http:
/// - route:
///   - destination: { host: web }           # before
///
///   - destination: { host: web }           # after a step of 20 %
///     weight: 80
///   - destination: { host: web-canary }
///     weight: 20
/// ```
///
/// Rules are changed from the last to the first, so that indices stay true.
pub(in crate::render) fn render_spec(original: &Value, plan: &RoutePlan) -> Value {
    let mut spec = original.clone();
    rewrite(&mut spec, plan);
    spec
}

fn rewrite(spec: &mut Value, plan: &RoutePlan) {
    let mut changes: Vec<&PlannedRule> = plan.changes.iter().collect();
    changes.sort_by_key(|planned| std::cmp::Reverse(planned.index));
    for PlannedRule { protocol, index, change } in changes {
        let rules = spec.get_mut(protocol.field()).and_then(Value::as_array_mut);
        let Some(rules) = rules else { continue };
        let Some(rule) = rules.get_mut(*index) else { continue };
        match change {
            RuleChange::Split { weights, canaries } => split(rule, weights, canaries),
            RuleChange::Twins(twins) => {
                let twins: Vec<_> = twins.iter().map(|twin| render_twin(rule, twin)).collect();
                rules.splice(index..index, twins);
            }
        }
    }
}

fn split(rule: &mut Value, weights: &[u32], canaries: &[CanaryEntry]) {
    let Some(route) = rule.get_mut("route").and_then(Value::as_array_mut) else { return };
    let copies: Vec<_> = canaries
        .iter()
        .filter_map(|canary| {
            let mut entry = route.get(canary.copy_of)?.clone();
            redirect(&mut entry, &canary.target);
            set_weight(&mut entry, canary.weight);
            Some(entry)
        })
        .collect();
    // Beside other destinations an absent weight is 0 already.
    let sole = route.len() == 1;
    for (entry, weight) in route.iter_mut().zip(weights) {
        if sole || *weight > 0 || entry.get("weight").is_some() {
            set_weight(entry, *weight);
        }
    }
    route.extend(copies);
}

fn set_weight(entry: &mut Value, weight: u32) {
    if let Some(fields) = entry.as_object_mut() {
        fields.insert("weight".to_owned(), Value::from(weight));
    }
}

/// Sends a destination to the canary: to its host, where the stable host's subsets do not exist, or
/// to its subset.
fn redirect(entry: &mut Value, target: &Target) {
    let Some(destination) = entry.get_mut("destination").and_then(Value::as_object_mut) else {
        return;
    };
    match target {
        Target::Host(host) => {
            destination.insert("host".to_owned(), Value::from(host.clone()));
            destination.shift_remove("subset");
        }
        Target::Subset => {
            destination.insert("subset".to_owned(), Value::from(CANARY_SUBSET));
        }
    }
}

/// Returns a copy of the whole rule for the requests that the step describes.
///
/// ```yaml
/// - name: api-canary                       # a twin of rule `api`
///   match:
///   - uri: { prefix: /api }                # the rule's own condition
///     headers: { version: { exact: v2 } }  # the step's
///   timeout: 3s
///   route: [{ destination: { host: web-canary } }]
/// ```
fn render_twin(rule: &Value, twin: &Twin) -> Value {
    let entries = rule.get("match").and_then(Value::as_array);
    let matches: Vec<Value> = twin
        .matches
        .iter()
        .map(|twin_match| {
            let entry = twin_match.entry.and_then(|index| entries?.get(index)).cloned();
            render_match(entry.unwrap_or_else(|| Value::Object(Map::new())), twin_match)
        })
        .collect();
    let mut fields = Map::new();
    if let Some(name) = &twin.name {
        fields.insert("name".to_owned(), Value::from(name.clone()));
    }
    fields.insert("match".to_owned(), Value::Array(matches));
    for (key, value) in rule.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "name" | "match") {
            fields.insert(key.clone(), value.clone());
        }
    }
    let route = fields.get_mut("route").and_then(Value::as_array_mut);
    if let Some(route) = route {
        for (index, target) in &twin.targets {
            if let Some(entry) = route.get_mut(*index) {
                redirect(entry, target);
            }
        }
    }
    if let Some(headers) = &twin.headers {
        change_headers(&mut fields, headers);
    }
    Value::Object(fields)
}

fn render_match(mut entry: Value, twin: &TwinMatch) -> Value {
    let Some(fields) = entry.as_object_mut() else { return entry };
    if let Some(uri) = &twin.uri {
        fields.insert("uri".to_owned(), string_match(uri));
    }
    for (key, added) in [("headers", &twin.headers), ("queryParams", &twin.query_params)] {
        for (name, value) in added {
            add_entry(fields, key, (name, string_match(value)));
        }
    }
    entry
}

fn string_match(value: &StringMatch) -> Value {
    let (key, text) = match value {
        StringMatch::Present => return Value::Object(Map::new()),
        StringMatch::Exact(text) => ("exact", text),
        StringMatch::Prefix(text) => ("prefix", text),
        StringMatch::Regex(text) => ("regex", text),
    };
    Value::Object(Map::from_iter([(key.to_owned(), Value::from(text.clone()))]))
}

/// Writes the changes of request headers, beside what the rule says of responses.
fn change_headers(rule: &mut Map<String, Value>, change: &HeaderChange) {
    let mut request = Map::new();
    for (key, pairs) in [("set", &change.set), ("add", &change.add)] {
        for (name, value) in pairs {
            add_entry(&mut request, key, (name, Value::from(value.clone())));
        }
    }
    if !change.remove.is_empty() {
        request.insert("remove".to_owned(), Value::from(change.remove.clone()));
    }
    if !request.is_empty() {
        add_entry(rule, "headers", ("request", Value::Object(request)));
    }
}
