//! The rules of routing once more, written down as plainly as they can be said.
//!
//! Knows the words that tests/simulate/draw.rs draws from and no others: the namespace is `shop`, the
//! gateway is `front`, no match of a delegate conflicts, and each pattern has a function.

use rollstep::simulate::{Proxy, Request};
use serde_json::{Map, Value, json};

/// What must come out.
pub(crate) struct Expected {
    pub(crate) told: String,
    /// A destination for each unit of weight.
    pub(crate) lots: Vec<String>,
}

/// A line of a proxy's table: where it is from, its conditions, and the rule.
struct Line {
    place: String,
    conditions: Value,
    rule: Value,
}

pub(crate) fn simulate(objects: &[Value], request: &Request) -> Expected {
    let Some(lines) = table(objects, request) else {
        let is_sidecar = matches!(request.proxy, Proxy::Sidecar(_));
        return Expected { told: if is_sidecar { "none" } else { "404" }.into(), lots: vec![] };
    };
    match lines.into_iter().find(|line| all_hold(&line.conditions, request)) {
        None => Expected { told: "404".into(), lots: vec![] },
        Some(line) => {
            let action = ["route", "redirect", "directResponse"];
            let action = action.into_iter().find(|key| line.rule.get(key).is_some()).unwrap();
            Expected { told: format!("{} {action}", line.place), lots: lots(&line.rule["route"]) }
        }
    }
}

/// Step 1 of the order of selection: the table of the VirtualServices with the host.
fn table(objects: &[Value], request: &Request) -> Option<Vec<Line>> {
    let leaf = objects.last().unwrap();
    for wanted in hosts_in_order(request) {
        let with_host = objects
            .iter()
            .filter(|object| is_for_proxy(object, request) && full_hosts(object).contains(&wanted));
        let tables: Vec<Vec<Line>> =
            with_host.map(|object| lines_of(object, leaf, request)).collect();
        if tables.is_empty() {
            continue;
        }
        let mut with_lines = tables.into_iter().filter(|lines| !lines.is_empty());
        if matches!(request.proxy, Proxy::Sidecar(_)) {
            // No other host is tried, and of several objects the first counts. But one host is spelled
            // in two ways, so both spellings come before that.
            return with_lines.next();
        }
        let joined: Vec<Line> = with_lines.flatten().collect();
        if !joined.is_empty() {
            let (last, first): (Vec<_>, Vec<_>) =
                joined.into_iter().partition(|line| takes_all(&line.conditions));
            return Some(first.into_iter().chain(last).collect());
        }
    }
    None
}

/// Every host that would claim the request, the best first.
fn hosts_in_order(request: &Request) -> Vec<String> {
    let name = request.host.split(':').next().unwrap().to_lowercase();
    let full = match (&request.proxy, name.as_str()) {
        (Proxy::Sidecar(_), "web.shop" | "web.shop.svc") => "web.shop.svc.cluster.local".to_owned(),
        (Proxy::Sidecar(workload), "web") => {
            format!("web.{}.svc.cluster.local", workload.namespace)
        }
        _ => name,
    };
    let mut hosts = vec![full.clone()];
    let mut rest = full.as_str();
    while let Some((_, end)) = rest.split_once('.') {
        hosts.push(format!("*.{end}"));
        rest = end;
    }
    hosts
}

fn full_hosts(object: &Value) -> Vec<String> {
    let hosts = object["spec"]["hosts"].as_array().cloned().unwrap_or_default();
    let full = |host: &Value| match host.as_str().unwrap() {
        "web" => "web.shop.svc.cluster.local".to_owned(),
        host => host.to_owned(),
    };
    hosts.iter().map(full).collect()
}

fn is_for_proxy(object: &Value, request: &Request) -> bool {
    let spec = &object["spec"];
    let gateways =
        if spec["gateways"].is_array() { spec["gateways"].clone() } else { json!(["mesh"]) };
    let exported = match spec["exportTo"].get(0).and_then(Value::as_str) {
        Some(".") => workload(request).0 == "shop",
        _ => true,
    };
    exported && names_proxy(&gateways, request)
}

fn names_proxy(gateways: &Value, request: &Request) -> bool {
    let names: &[&str] = match request.proxy {
        Proxy::Sidecar(_) => &["mesh"],
        Proxy::Gateway { .. } => &["front", "shop/front"],
    };
    gateways.as_array().unwrap().iter().any(|gateway| names.contains(&gateway.as_str().unwrap()))
}

fn workload(request: &Request) -> (&str, &str) {
    let (Proxy::Sidecar(workload) | Proxy::Gateway { workload, .. }) = &request.proxy;
    (&workload.namespace, &workload.labels.as_ref().unwrap()["app"])
}

/// Steps 2 and 4: what this proxy is sent of one VirtualService.
fn lines_of(object: &Value, leaf: &Value, request: &Request) -> Vec<Line> {
    let name = object["metadata"]["name"].as_str().unwrap();
    let mut lines = Vec::new();
    for (index, rule) in object["spec"]["http"].as_array().unwrap().iter().enumerate() {
        for line in lines_of_rule(&format!("{name}/{index}"), rule, leaf) {
            if !is_sent(&line.conditions, request) {
                continue;
            }
            let last = takes_all(&line.conditions);
            lines.push(line);
            if last {
                return lines;
            }
        }
    }
    lines
}

fn lines_of_rule(place: &str, rule: &Value, leaf: &Value) -> Vec<Line> {
    let own = entries(rule);
    if rule.get("delegate").is_none() {
        let line = |(index, conditions): (Option<usize>, Value)| Line {
            place: format!("{place}/{index:?}"),
            conditions,
            rule: rule.clone(),
        };
        return own.into_iter().map(line).collect();
    }
    let mut lines = Vec::new();
    for (leaf_index, leaf_rule) in leaf["spec"]["http"].as_array().unwrap().iter().enumerate() {
        for (inner, leaf_conditions) in entries(leaf_rule) {
            for (outer, root_conditions) in &own {
                let mut conditions = root_conditions.as_object().unwrap().clone();
                conditions.extend(leaf_conditions.as_object().unwrap().clone());
                lines.push(Line {
                    place: format!("{place}/{outer:?}>{leaf_index}/{inner:?}"),
                    conditions: Value::Object(conditions),
                    rule: leaf_rule.clone(),
                });
            }
        }
    }
    lines
}

/// No match is one without conditions.
fn entries(rule: &Value) -> Vec<(Option<usize>, Value)> {
    match rule["match"].as_array() {
        Some(entries) if !entries.is_empty() => {
            entries.iter().cloned().enumerate().map(|(index, entry)| (Some(index), entry)).collect()
        }
        _ => vec![(None, json!({}))],
    }
}

fn is_sent(conditions: &Value, request: &Request) -> bool {
    let (namespace, app) = workload(request);
    let in_host = request.host.split(':').nth(1).map(|port| port.parse().unwrap());
    let of_scheme = if request.scheme == "https" { 443 } else { 80 };
    let port = request.listener_port.or(in_host).unwrap_or(of_scheme);
    let port_fits = conditions["port"].is_null() || conditions["port"] == json!(port);
    if conditions["gateways"].is_array() {
        return port_fits && names_proxy(&conditions["gateways"], request);
    }
    let label = &conditions["sourceLabels"]["app"];
    let source = &conditions["sourceNamespace"];
    port_fits
        && (label.is_null() || *label == json!(app))
        && (source.is_null() || *source == json!(namespace))
}

fn takes_all(conditions: &Value) -> bool {
    let mut left: Map<String, Value> = conditions.as_object().unwrap().clone();
    for key in ["port", "gateways", "sourceLabels", "sourceNamespace", "ignoreUriCase"] {
        left.remove(key);
    }
    let any_path = [json!({}), json!({"prefix": "/"}), json!({"regex": ".*"})];
    left.remove("uri").is_none_or(|uri| any_path.contains(&uri)) && left.is_empty()
}

/// Step 3, and the table of leaf matches.
fn all_hold(conditions: &Value, request: &Request) -> bool {
    let each = |key: &str| conditions[key].as_object().cloned().unwrap_or_default();
    let header = |name: &str| {
        let mut headers = request.headers.iter();
        headers
            .find(|(key, _)| key.to_lowercase() == name.to_lowercase())
            .map(|(_, value)| value.as_str())
    };
    uri_holds(conditions, request)
        && holds(&conditions["method"], Some(&request.method))
        && holds(&conditions["scheme"], Some(&request.scheme))
        && holds(&conditions["authority"], Some(&request.host))
        && each("headers").iter().all(|(name, text)| holds(text, header(name)))
        && each("withoutHeaders").iter().all(|(name, text)| is_without(text, header(name)))
        && each("queryParams").iter().all(|(name, text)| {
            let query = request.path.split('?').nth(1).unwrap_or("");
            let mut pairs =
                query.split('&').map(|pair| (pair.split('=').next(), pair.split('=').nth(1)));
            let value = pairs.find(|(key, _)| *key == Some(name.as_str()));
            holds(text, value.map(|(_, value)| value.unwrap_or("")))
        })
}

fn uri_holds(conditions: &Value, request: &Request) -> bool {
    let mut path = request.path.split('?').next().unwrap().to_owned();
    let mut uri = conditions["uri"].clone();
    if conditions["ignoreUriCase"] == json!(true) && uri.get("regex").is_none() {
        path = path.to_lowercase();
        for text in uri.as_object_mut().into_iter().flat_map(|uri| uri.values_mut()) {
            *text = json!(text.as_str().unwrap().to_lowercase());
        }
    }
    holds(&uri, Some(&path))
}

fn is_without(text: &Value, found: Option<&str>) -> bool {
    let presence = [json!(null), json!({}), json!({"regex": "*"})].contains(text);
    if presence { found.is_none() } else { !holds(text, Some(found.unwrap_or(""))) }
}

fn holds(text: &Value, found: Option<&str>) -> bool {
    if text.is_null() {
        return true;
    }
    let Some(found) = found else { return false };
    let Some((kind, wanted)) = text.as_object().unwrap().iter().next() else { return true };
    let wanted = wanted.as_str().unwrap();
    match (kind.as_str(), wanted) {
        ("exact", _) => found == wanted,
        ("prefix", _) => found.len() >= wanted.len() && found[..wanted.len()] == *wanted,
        ("regex", ".*" | "*") => true,
        ("regex", "/a.*") => &found[..found.len().min(2)] == "/a",
        ("regex", "/[ab]") => found == "/a" || found == "/b",
        ("regex", "[0-9]+") => {
            !found.is_empty() && found.chars().all(|digit| digit.is_ascii_digit())
        }
        ("regex", "1|12") => found == "1" || found == "12",
        _ => panic!("{text} is not drawn"),
    }
}

/// One lot for each unit of weight; a sole destination has one in any case.
fn lots(route: &Value) -> Vec<String> {
    let Some(entries) = route.as_array() else { return vec![] };
    let mut lots = Vec::new();
    for entry in entries {
        let weight = if entries.len() == 1 { 1 } else { entry["weight"].as_u64().unwrap_or(0) };
        let host = entry["destination"]["host"].as_str().unwrap();
        let full = if host.contains('.') {
            host.to_owned()
        } else {
            format!("{host}.shop.svc.cluster.local")
        };
        lots.extend((0..weight).map(|_| full.clone()));
    }
    lots
}
