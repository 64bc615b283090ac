//! What a rule does with a request (route.go `applyHTTPRouteDestination`, `ApplyRedirect`,
//! `ApplyDirectResponse`, `TranslateHeadersOperations`).

use serde_json::{Map, Value, json};

use super::super::mesh::{VirtualService, items};
use super::{Context, DRAW};

/// What Istio tries again by default (pilot/pkg/networking/core/route/retry/retry.go).
const RETRY_ON: &str =
    "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

/// How often Istio tries again by default.
const RETRIES: u64 = 2;

/// Completes a route, which has its conditions already.
pub(super) fn translate(
    context: Context<'_>,
    owner: &VirtualService,
    (rule, route): (&Value, &mut Value),
) {
    change_headers(route, &rule["headers"]);
    if let Some(redirect) = rule["redirect"].as_object() {
        route["redirect"] = translate_redirect(redirect);
    } else if rule["directResponse"].is_object() {
        route["direct_response"] = json!({"status": rule["directResponse"]["status"]});
    } else {
        send(context, owner, (rule, route));
    }
    if rule["corsPolicy"].is_object() {
        route["typed_per_filter_config"] =
            json!({"envoy.filters.http.cors": cors(&rule["corsPolicy"])});
    }
}

fn send(context: Context<'_>, owner: &VirtualService, (rule, route): (&Value, &mut Value)) {
    let mut action = json!({
        "timeout": rule["timeout"].as_str().unwrap_or("0s"),
        "retry_policy": retry_policy(&rule["retries"]),
        "request_mirror_policies": mirrors(context, owner, rule),
    });
    let rewrite = &rule["rewrite"];
    if let Some(uri) = rewrite["uri"].as_str() {
        action["prefix_rewrite"] = json!(uri);
    }
    if let Some(authority) = rewrite["authority"].as_str() {
        action["host_rewrite_literal"] = json!(authority);
    }
    let destinations = items(&rule["route"]);
    assert!(!destinations.is_empty(), "a rule does nothing: {rule}");
    if let [sole] = destinations {
        action["cluster"] = json!(context.cluster(owner, &sole["destination"]));
        change_headers(route, &sole["headers"]);
    } else {
        let weighted = destinations.iter().filter(|entry| weight(entry) > 0);
        let clusters = weighted.map(|entry| {
            let name = context.cluster(owner, &entry["destination"]);
            let mut cluster = json!({"name": name, "weight": weight(entry)});
            change_headers(&mut cluster, &entry["headers"]);
            cluster
        });
        let clusters: Vec<_> = clusters.collect();
        action["weighted_clusters"] = json!({"clusters": clusters, "header_name": DRAW});
    }
    route["route"] = action;
}

pub(super) fn weight(entry: &Value) -> u64 {
    entry["weight"].as_u64().unwrap_or(0)
}

/// No attempts are no policy, and no policy is Istio's own.
fn retry_policy(retries: &Value) -> Value {
    let attempts = retries["attempts"].as_u64().unwrap_or(RETRIES);
    if attempts == 0 {
        return Value::Null;
    }
    let mut policy = json!({
        "num_retries": attempts,
        "retry_on": retries["retryOn"].as_str().unwrap_or(RETRY_ON),
        "retriable_status_codes": [503],
    });
    if let Some(patience) = retries["perTryTimeout"].as_str() {
        policy["per_try_timeout"] = json!(patience);
    }
    policy
}

fn mirrors(context: Context<'_>, owner: &VirtualService, rule: &Value) -> Vec<Value> {
    let one = rule["mirror"].is_object().then(|| (&rule["mirror"], &rule["mirrorPercentage"]));
    let many = items(&rule["mirrors"]).iter();
    let many = many.map(|mirror| (&mirror["destination"], &mirror["percentage"]));
    let policy = |(destination, percentage): (&Value, &Value)| {
        let percent = percentage["value"].as_f64().unwrap_or(100.0);
        let fraction =
            json!({"numerator": (percent * 10_000.0).round() as u64, "denominator": "MILLION"});
        let cluster = context.cluster(owner, destination);
        json!({"cluster": cluster, "runtime_fraction": {"default_value": fraction}})
    };
    one.into_iter().chain(many).map(policy).collect()
}

/// Adds to a route, or to one of its clusters, what is done to headers.
fn change_headers(target: &mut Value, headers: &Value) {
    for direction in ["request", "response"] {
        let change = &headers[direction];
        let set = additions(&change["set"], "OVERWRITE_IF_EXISTS_OR_ADD");
        let added = additions(&change["add"], "APPEND_IF_EXISTS_OR_ADD");
        push(target, &format!("{direction}_headers_to_add"), &[added, set].concat());
        push(target, &format!("{direction}_headers_to_remove"), items(&change["remove"]));
    }
}

fn additions(pairs: &Value, action: &str) -> Vec<Value> {
    let pairs = pairs.as_object().into_iter().flatten();
    let header = |(key, value): (&String, &Value)| json!({"header": {"key": key, "value": value}, "append_action": action});
    pairs.map(header).collect()
}

/// Appends to a list that may not be there yet.
pub(super) fn push(target: &mut Value, key: &str, more: &[Value]) {
    let all = [items(&target[key]), more].concat();
    if !all.is_empty() {
        target[key] = Value::Array(all);
    }
}

fn translate_redirect(redirect: &Map<String, Value>) -> Value {
    let mut translated = Map::new();
    for (field, value) in redirect {
        let (key, value) = match field.as_str() {
            "uri" => ("path_redirect", value.clone()),
            "prefixRewrite" => ("prefix_rewrite", value.clone()),
            "authority" => ("host_redirect", value.clone()),
            "scheme" => ("scheme_redirect", value.clone()),
            "port" => ("port_redirect", value.clone()),
            "redirectCode" => ("response_code", json!(redirect_code(value))),
            other => panic!("`{other}` of a redirect is not translated"),
        };
        translated.insert(key.to_owned(), value);
    }
    Value::Object(translated)
}

fn redirect_code(code: &Value) -> &'static str {
    match code.as_u64() {
        Some(301) => "MOVED_PERMANENTLY",
        Some(302) => "FOUND",
        Some(303) => "SEE_OTHER",
        Some(307) => "TEMPORARY_REDIRECT",
        Some(308) => "PERMANENT_REDIRECT",
        other => panic!("{other:?} is no code of a redirect"),
    }
}

fn cors(policy: &Value) -> Value {
    let list = |key: &str| {
        let texts = items(&policy[key]).iter().map(|text| text.as_str().unwrap());
        texts.collect::<Vec<_>>().join(",")
    };
    json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": items(&policy["allowOrigins"]),
        "allow_methods": list("allowMethods"),
        "allow_headers": list("allowHeaders"),
    })
}
