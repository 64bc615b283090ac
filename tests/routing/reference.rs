//! Where a request goes, slowly and obviously: Istio's documented rules one after the other.
//!
//! Shares no code with the library; regular expressions are the few that the trees have, each with
//! what it means.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fraction::Fraction;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) parameters: Vec<(&'static str, &'static str)>,
    pub(crate) method: &'static str,
    pub(crate) port: u16,
    pub(crate) gateway: &'static str,
}

/// What becomes of a request: what is done to it, and the share of each destination.
///
/// A destination is its whole entry but the weight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fate {
    pub(crate) rule: Option<usize>,
    pub(crate) settings: Value,
    pub(crate) shares: BTreeMap<String, Fraction>,
}

/// Returns requests that differ in everything that the trees have conditions on.
pub(crate) fn requests() -> Vec<Request> {
    let paths = ["/", "/api/x", "/api/x/y", "/beta", "/beta/x", "/betamax", "/BETA/x"];
    let versions = [None, Some("v1"), Some("v2"), Some("w")];
    let canaries = [None, Some("true"), Some("")];
    let parameters = [None, Some("preview"), Some("Preview")];
    let count = paths.len() * versions.len() * canaries.len() * parameters.len();
    let request = |number: usize| {
        let (path, rest) = (paths[number % paths.len()], number / paths.len());
        let (version, rest) = (versions[rest % versions.len()], rest / versions.len());
        let (canary, rest) = (canaries[rest % canaries.len()], rest / canaries.len());
        let version = version.map(|value| ("Version", value));
        let canary = canary.map(|value| ("x-canary", value));
        let headers = version.into_iter().chain(canary).collect();
        let parameters = parameters[rest].map(|name| (name, "1")).into_iter().collect();
        // One of three ways in for each, so that there are not too many.
        let (method, port, gateway) =
            [("GET", 80, "mesh"), ("POST", 8080, "outer"), ("GET", 8080, "mesh")][number % 3];
        Request { path, headers, parameters, method, port, gateway }
    };
    (0..count).map(request).collect()
}

/// Returns what the http rules of a spec do with a request.
pub(crate) fn fate(spec: &Value, request: &Request) -> Fate {
    let rules = spec["http"].as_array().unwrap();
    for (number, rule) in rules.iter().enumerate() {
        if rule_applies(rule, request) {
            let shares = shares(&rule["route"]);
            return Fate { rule: Some(number), settings: settings(rule), shares };
        }
    }
    Fate { rule: None, settings: json!("404"), shares: BTreeMap::new() }
}

fn rule_applies(rule: &Value, request: &Request) -> bool {
    match rule["match"].as_array() {
        None => true,
        Some(entries) if entries.is_empty() => true,
        Some(entries) => entries.iter().any(|entry| entry_holds(entry, request)),
    }
}

fn entry_holds(entry: &Value, request: &Request) -> bool {
    let ignores_case = entry["ignoreUriCase"] == true;
    for (key, condition) in entry.as_object().unwrap() {
        let holds = match key.as_str() {
            "ignoreUriCase" => true,
            "uri" if ignores_case && condition.get("regex").is_none() => {
                let lower: Value =
                    serde_json::from_str(&condition.to_string().to_lowercase()).unwrap();
                text_holds(&lower, Some(&request.path.to_lowercase()))
            }
            "uri" => text_holds(condition, Some(request.path)),
            "method" => text_holds(condition, Some(request.method)),
            "port" => condition == request.port,
            "gateways" => condition.as_array().unwrap().contains(&json!(request.gateway)),
            "headers" => each(condition, |name, wanted| text_holds(wanted, header(request, name))),
            "queryParams" => {
                each(condition, |name, wanted| text_holds(wanted, parameter(request, name)))
            }
            "withoutHeaders" => each(condition, |name, unwanted| {
                let present = unwanted.as_object().unwrap().is_empty();
                let value = header(request, name);
                !text_holds(unwanted, if present { value } else { value.or(Some("")) })
            }),
            other => panic!("there is no condition `{other}`"),
        };
        if !holds {
            return false;
        }
    }
    true
}

fn each(map: &Value, holds: impl Fn(&str, &Value) -> bool) -> bool {
    map.as_object().unwrap().iter().all(|(name, condition)| holds(name, condition))
}

fn header(request: &Request, name: &str) -> Option<&'static str> {
    let mut headers = request.headers.iter();
    headers.find(|(other, _)| other.to_lowercase() == name.to_lowercase()).map(|(_, value)| *value)
}

fn parameter(request: &Request, name: &str) -> Option<&'static str> {
    request.parameters.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

fn text_holds(condition: &Value, text: Option<&str>) -> bool {
    let Some(text) = text else { return false };
    match condition.as_object().unwrap().iter().next() {
        None => true,
        Some((kind, wanted)) => {
            let wanted = wanted.as_str().unwrap();
            match kind.as_str() {
                "exact" => text == wanted,
                "prefix" => text.starts_with(wanted),
                "regex" => expression_holds(wanted, text),
                other => panic!("there is no `{other}`"),
            }
        }
    }
}

fn expression_holds(expression: &str, text: &str) -> bool {
    match expression {
        "v[0-9]" => {
            let digit = text.strip_prefix('v').unwrap_or_default();
            digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit())
        }
        "/(api|beta)/.*" => text.starts_with("/api/") || text.starts_with("/beta/"),
        other => panic!("nobody says what `{other}` means"),
    }
}

/// Returns whether a match of a step describes the request.
pub(crate) fn is_described(wanted: &Value, request: &Request) -> bool {
    let holds = |named: &Value, found: Option<&str>| {
        let value = named["value"].as_str().unwrap();
        found.is_some_and(|found| match named["type"].as_str().unwrap() {
            "Exact" => found == value,
            "RegularExpression" => expression_holds(value, found),
            other => panic!("there is no type `{other}`"),
        })
    };
    let list = |key: &str| wanted[key].as_array().cloned().unwrap_or_default();
    let name = |named: &Value| named["name"].as_str().unwrap().to_owned();
    list("headers").iter().all(|named| holds(named, header(request, &name(named))))
        && list("queryParams").iter().all(|named| holds(named, parameter(request, &name(named))))
        && match wanted.get("path") {
            None => true,
            Some(path) if path["type"] == "PathPrefix" => {
                let parts = |path: &str| -> Vec<String> {
                    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
                };
                parts(request.path).starts_with(&parts(path["value"].as_str().unwrap()))
            }
            Some(path) => holds(path, Some(request.path)),
        }
}

/// Returns the share of each destination of a route; of several, an absent weight is 0.
pub(crate) fn shares(route: &Value) -> BTreeMap<String, Fraction> {
    let Some(entries) = route.as_array() else { return BTreeMap::new() };
    let weights: Vec<u64> =
        entries.iter().map(|entry| entry["weight"].as_u64().unwrap_or(0)).collect();
    let mut shares = BTreeMap::new();
    for (entry, weight) in entries.iter().zip(&weights) {
        let share = match weights.as_slice() {
            [_] => Fraction::new(1, 1),
            weights => Fraction::new(*weight, weights.iter().sum()),
        };
        if !share.is_zero() {
            let sum = shares.entry(destination(entry)).or_insert(Fraction::new(0, 1));
            *sum = sum.plus(share);
        }
    }
    shares
}

/// Returns what a destination is called here: its entry without the weight.
pub(crate) fn destination(entry: &Value) -> String {
    without(entry, &["weight"]).to_string()
}

/// Returns a rule without what names it, when it applies and where it leads.
pub(crate) fn settings(rule: &Value) -> Value {
    without(rule, &["name", "match", "route"])
}

pub(crate) fn without(map: &Value, keys: &[&str]) -> Value {
    let mut map = map.clone();
    keys.iter().for_each(|key| drop(map.as_object_mut().unwrap().shift_remove(*key)));
    map
}
