//! Faults are found: rendered specs, changed by hand in every way that matters.

use serde_json::{Value, json};

use super::foreign::ForeignSubsets;
use super::sides::Sides;
use super::{Rewrite, find_breaks};
use crate::model::{CanaryRequests, NamedMatch, PathMatch, RequestMatch, StepTraffic, ValueMatch};

const SIDES: Sides<'static> = Sides {
    namespace: "shop",
    stable: ("web", "shop"),
    canary: Some("web-canary"),
    foreign: &ForeignSubsets::NONE,
};

fn breaks(before: &Value, after: &Value, traffic: &StepTraffic) -> Vec<String> {
    find_breaks(&Rewrite {
        name: "web",
        before,
        after,
        sides: SIDES,
        traffic: CanaryRequests::of(traffic),
    })
}

fn share(percent: &str) -> StepTraffic {
    StepTraffic { share: Some(percent.parse().unwrap()), ..StepTraffic::default() }
}

fn to(host: &str, weight: u32) -> Value {
    json!({"destination": {"host": host, "port": {"number": 80}}, "weight": weight})
}

/// A rule of others, one for stable among others, a redirect, one of tcp.
fn original() -> Value {
    json!({
        "hosts": ["web"],
        "http": [
            {
                "match": [{"uri": {"prefix": "/pay"}}],
                "route": [to("pay", 100)],
            },
            {
                "name": "api",
                "match": [{"uri": {"prefix": "/api"}, "port": 8080}, {"uri": {"regex": "/v[0-9]+"}}],
                "timeout": "3s",
                "headers": {"response": {"remove": ["x-server"]}},
                "route": [to("web", 60), to("other", 40)],
            },
            {"match": [{"uri": {"exact": "/old"}}], "redirect": {"uri": "/new"}},
            {"route": [{"destination": {"host": "web.shop.svc.cluster.local"}}]},
        ],
        "tcp": [{"route": [to("web", 0)]}],
    })
}

fn split() -> Value {
    let mut spec = original();
    spec["http"][1]["route"] = json!([to("web", 48), to("other", 40), to("web-canary", 12)]);
    let full = |host| json!({"destination": {"host": format!("{host}.shop.svc.cluster.local")}});
    spec["http"][3]["route"] = json!([full("web"), full("web-canary")]);
    spec["http"][3]["route"][0]["weight"] = json!(80);
    spec["http"][3]["route"][1]["weight"] = json!(20);
    spec["tcp"][0]["route"] = json!([to("web", 4), to("web-canary", 1)]);
    spec
}

fn matches() -> StepTraffic {
    let value = ValueMatch::Exact("yes".to_owned());
    let header = NamedMatch { name: "x-canary".to_owned(), value };
    let by_header = RequestMatch { headers: vec![header], ..RequestMatch::default() };
    let path = Some(PathMatch::Prefix("/api/beta".to_owned()));
    let by_path = RequestMatch { path, ..RequestMatch::default() };
    StepTraffic { matches: vec![by_header, by_path], ..StepTraffic::default() }
}

fn twins() -> Value {
    let mut spec = original();
    let canary = json!({"x-canary": {"exact": "yes"}});
    let twin = |rule: &Value, name: Option<&str>, entries: Value| {
        let mut twin = rule.clone();
        twin["match"] = entries;
        name.into_iter().for_each(|name| twin["name"] = json!(name));
        twin["route"][0]["destination"]["host"] = match name {
            Some(_) => json!("web-canary"),
            None => json!("web-canary.shop.svc.cluster.local"),
        };
        twin
    };
    let rules = spec["http"].as_array_mut().unwrap();
    let [api, all] = [rules[1].clone(), rules[3].clone()];
    let beta = json!([{"uri": {"exact": "/api/beta"}}, {"uri": {"prefix": "/api/beta/"}}]);
    let beta_of_api = json!([
        {"uri": {"exact": "/api/beta"}, "port": 8080},
        {"uri": {"prefix": "/api/beta/"}, "port": 8080},
    ]);
    let by_header = json!([
        {"uri": {"prefix": "/api"}, "port": 8080, "headers": canary},
        {"uri": {"regex": "/v[0-9]+"}, "headers": canary},
    ]);
    rules.splice(3..3, [twin(&all, None, beta), twin(&all, None, json!([{"headers": canary}]))]);
    rules.splice(
        1..1,
        [twin(&api, Some("api-canary-2"), beta_of_api), twin(&api, Some("api-canary"), by_header)],
    );
    spec
}

#[test]
fn what_is_right_is_accepted() {
    assert_eq!(breaks(&original(), &split(), &share("20%")), [""; 0]);
    assert_eq!(breaks(&original(), &twins(), &matches()), [""; 0]);
    assert_eq!(breaks(&original(), &original(), &StepTraffic::default()), [""; 0]);
}

/// Changes what is right at `pointer`, and returns what is said of it.
fn fault((right, traffic): (&Value, &StepTraffic), pointer: &str, value: &Value) -> String {
    let mut wrong = right.clone();
    match (wrong.pointer_mut(pointer), pointer.rsplit_once('/')) {
        (Some(place), _) => *place = value.clone(),
        (None, Some((above, key))) => wrong.pointer_mut(above).unwrap()[key] = value.clone(),
        (None, None) => panic!("{pointer}"),
    }
    let found = breaks(&original(), &wrong, traffic);
    assert!(!found.is_empty(), "{pointer} as {value} is not found");
    found.join("; ")
}

#[test]
fn faults_of_a_split_are_found() {
    let (right, traffic) = (split(), share("20%"));
    let found = |pointer: &str, value: Value| fault((&right, &traffic), pointer, &value);
    for (pointer, value, said) in [
        // Weights: the canary's, stable's, that of others, none.
        ("/http/1/route/2/weight", json!(13), "`spec.http[1]` gives the canary another share"),
        ("/http/1/route/0/weight", json!(60), "gives the canary another share than 20 %"),
        ("/http/1/route/1/weight", json!(41), "gives the canary another share"),
        ("/http/3/route/1/weight", json!(0), "`spec.http[3]` gives the canary another share"),
        ("/tcp/0/route/0/weight", json!(5), "`spec.tcp[0]` gives the canary another share"),
        ("/http/1/route/0/weight", json!(-1), "has weights that Istio refuses"),
        // Destinations: another host, another port, one more, one less.
        ("/http/1/route/2/destination/host", json!("pay"), "has destinations that it should not"),
        ("/http/1/route/2/destination/host", json!("web"), "has destinations that it should not"),
        ("/http/1/route/2/destination/port", json!({"number": 81}), "has destinations"),
        ("/http/1/route/1/destination/host", json!("web"), "has destinations"),
        ("/http/3/route/1/destination/host", json!("web-canary"), "has destinations"),
        ("/http/1/route", json!([to("web", 48), to("web-canary", 12)]), "has destinations"),
        // Fields: another value, dropped, added.
        ("/http/1/timeout", json!("4s"), "differs in more than its destinations"),
        ("/http/1/match/0/port", json!(80), "differs in more"),
        ("/http/1/retries", json!({}), "differs in more"),
        ("/http/0/route/0/weight", json!(99), "is not for stable, and was changed"),
        ("/http/2/redirect/uri", json!("/newer"), "is not for stable, and was changed"),
        ("/hosts", json!(["web", "pay"]), "a field besides the rules"),
        ("/gateways", json!(["mesh"]), "a field besides the rules"),
        ("/tls", json!([]), "the rules of `spec.tls` are not those"),
    ] {
        let told = found(pointer, value);
        assert!(told.contains(said), "{pointer}: {told}");
    }
}

#[test]
fn rules_in_another_order_are_found() {
    for (right, traffic) in [(split(), share("20%")), (twins(), matches())] {
        for index in 1..right["http"].as_array().unwrap().len() {
            let mut wrong = right.clone();
            wrong["http"].as_array_mut().unwrap().swap(index - 1, index);
            let harmless = wrong["http"][index - 1]["name"] == "api-canary"
                && wrong["http"][index]["name"] == "api-canary-2";
            // Twins of one rule may stand in any order: all of them lead to the canary.
            let both = [index - 1, index].map(|at| wrong["http"][at].get("match").is_some());
            let harmless = harmless || (both == [true, true] && index == 6);
            assert_eq!(breaks(&original(), &wrong, &traffic).is_empty(), harmless, "{index}");
        }
    }
}

#[test]
fn a_rule_that_is_missing_or_there_twice_is_found() {
    for (right, traffic) in [(split(), share("20%")), (twins(), matches())] {
        for index in 0..right["http"].as_array().unwrap().len() {
            let mut wrong = right.clone();
            wrong["http"].as_array_mut().unwrap().remove(index);
            assert!(!breaks(&original(), &wrong, &traffic).is_empty(), "{index} is missing");
            let twice = right["http"][index].clone();
            let is_twin = !original()["http"].as_array().unwrap().contains(&twice);
            let mut wrong = right.clone();
            wrong["http"].as_array_mut().unwrap().insert(index, twice);
            let harmless = is_twin && !traffic.matches.is_empty();
            assert_eq!(breaks(&original(), &wrong, &traffic).is_empty(), harmless, "{index} twice");
        }
    }
}

#[test]
fn faults_of_twins_are_found() {
    let (right, traffic) = (twins(), matches());
    let found = |pointer: &str, value: Value| fault((&right, &traffic), pointer, &value);
    for (pointer, value, said) in [
        ("/http/1/route/0/destination/host", json!("web"), "`spec.http[1]` has a twin with dest"),
        ("/http/1/route/1/destination/host", json!("web-canary"), "has a twin with destinations"),
        ("/http/1/route/0/weight", json!(100), "has a twin with destinations"),
        ("/http/2/timeout", json!("4s"), "has a twin that differs in more than it should"),
        ("/http/2/name", json!(""), "has a twin that differs in more"),
        ("/http/2/headers/response/remove/0", json!("x"), "has a twin that changes other headers"),
        ("/http/2/headers/request", json!({"set": {"a": "b"}}), "changes other headers"),
        // The hijack: a twin without its rule's own condition.
        (
            "/http/2/match/0",
            json!({"headers": {"x-canary": {"exact": "yes"}}}),
            "for requests that",
        ),
        ("/http/2/match/0/uri/prefix", json!("/"), "for requests that it is not for"),
        ("/http/2/match", json!([]), "for requests that it is not for"),
        ("/http/2/match/1/method", json!({"exact": "GET"}), "for requests that it is not for"),
        // Conditions that only requests can tell apart.
        ("/http/2/match/0/headers/x-canary/exact", json!("no"), "with header `x-canary: yes`"),
        ("/http/2/match/0/uri/prefix", json!("/api/beta"), "with header `x-canary: yes`"),
        ("/http/1/match/1/uri/prefix", json!("/api/beta"), "/api/betax` does not go where"),
        ("/http/1/match/0/uri/exact", json!("/api/bet"), "`web/api/beta` does not go where"),
        ("/http/6/match/0/headers", json!({"x-other": {}}), "does not go where it should"),
        // Rules that nothing may be done to.
        ("/http/0/match/0/headers", json!({"x-canary": {}}), "the rules of `spec.http`"),
        ("/tcp/0/route/0/destination/host", json!("web-canary"), "the rules of `spec.tcp`"),
    ] {
        let told = found(pointer, value);
        assert!(told.contains(said), "{pointer}: {told}");
    }
}

#[test]
fn a_rule_of_others_has_no_twin() {
    let mut wrong = twins();
    let rules = wrong["http"].as_array_mut().unwrap();
    let mut twin = rules[0].clone();
    twin["match"] = json!([{"uri": {"prefix": "/pay"}, "headers": {"x-canary": {"exact": "yes"}}}]);
    rules.insert(0, twin);
    let told = breaks(&original(), &wrong, &matches());
    assert_eq!(told, ["`spec.http[0]` has a twin and is not for stable"]);
}

#[test]
fn a_stage_without_traffic_is_the_original() {
    let told = breaks(&original(), &split(), &StepTraffic::default());
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("`spec.http[1]` is not for stable, and was changed"), "{told:?}");
}

/// A step with a match whose parts engines and people read in more than one way.
fn odd(headers: &[(&str, &str)], path: Option<&str>) -> StepTraffic {
    let named = |(name, value): &(&str, &str)| NamedMatch {
        name: (*name).to_owned(),
        value: ValueMatch::Exact((*value).to_owned()),
    };
    let headers = headers.iter().map(named).collect();
    let path = path.map(|path| PathMatch::Prefix(path.to_owned()));
    let wanted = RequestMatch { path, headers, query_params: Vec::new() };
    StepTraffic { matches: vec![wanted], ..StepTraffic::default() }
}

#[test]
fn odd_conditions_are_no_faults() {
    let rule = |entry: Value| json!({"match": [entry], "route": [to("web", 1)]});
    let spec = |twin: Value, own: Value| {
        let mut twin = rule(twin);
        twin["route"] = json!([to("web-canary", 1)]);
        let before = json!({"hosts": ["*"], "http": [rule(own.clone())]});
        (before, json!({"hosts": ["*"], "http": [twin, rule(own)]}))
    };
    let exact = |text: &str| json!({"exact": text});
    for (traffic, own, twin) in [
        // The host is no header of its own.
        (odd(&[("Host", "a")], None), json!({}), json!({"headers": {"Host": exact("a")}})),
        // Blanks around a value are not part of it.
        (odd(&[("x", " a")], None), json!({}), json!({"headers": {"x": exact(" a")}})),
        // A path without a slash is none.
        (
            odd(&[("x", "a")], Some("/")),
            json!({"uri": {"prefix": "api"}}),
            json!({"uri": {"prefix": "api"}, "headers": {"x": exact("a")}}),
        ),
        // What is null is absent.
        (
            odd(&[("x", "a")], Some("/b")),
            json!({"uri": null, "headers": {"x": null}}),
            json!({"uri": exact("/b"), "headers": {"x": exact("a")}}),
        ),
    ] {
        let (before, mut after) = spec(twin, own);
        if traffic.matches[0].path == Some(PathMatch::Prefix("/b".to_owned())) {
            let mut below = after["http"][0]["match"][0].clone();
            below["uri"] = json!({"prefix": "/b/"});
            after["http"][0]["match"].as_array_mut().unwrap().push(below);
        }
        assert_eq!(breaks(&before, &after, &traffic), [""; 0]);
    }
}
