//! VirtualServices and requests, drawn from few words so that they often meet.

use std::collections::BTreeMap;

use rollstep::simulate::{Name, Proxy, Request, Workload};
use serde_json::{Map, Value, json};

use crate::dice::Dice;

const VALUES: [&str; 4] = ["", "1", "12", "a"];

/// Draws up to three VirtualServices with hosts, and one delegate.
pub(crate) fn objects(dice: &mut Dice) -> Vec<Value> {
    let count = 1 + dice.below(3);
    let mut objects: Vec<_> = (0..count).map(|index| root(index, dice)).collect();
    let rules: Vec<_> = (0..=dice.below(2)).map(|_| leaf_rule(dice)).collect();
    objects.push(virtual_service("leaf", &json!({"http": rules})));
    objects
}

fn virtual_service(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    })
}

fn root(index: usize, dice: &mut Dice) -> Value {
    let gateways = [json!(["mesh", "front"]), json!(null), json!(["front"]), json!(["shop/front"])];
    let gateways = gateways[dice.below(4)].clone();
    let hosts = ["web", "web.shop.svc.cluster.local", "a.b.com", "*.b.com", "*.com"];
    let mut hosts = vec![dice.pick(&hosts)];
    if dice.flip() {
        hosts.push(dice.pick(&["web", "c.com", "*.b.com"]));
    }
    let export_to = [json!(null), json!(null), json!(["*"]), json!(["."])][dice.below(4)].clone();
    let rules: Vec<_> = (0..=dice.below(4)).map(|_| rule(dice)).collect();
    let spec = json!({"hosts": hosts, "gateways": gateways, "exportTo": export_to, "http": rules});
    virtual_service(&format!("v{index}"), &spec)
}

fn rule(dice: &mut Dice) -> Value {
    let mut rule = json!({});
    match dice.below(8) {
        5 => rule["redirect"] = json!({"uri": "/elsewhere"}),
        6 => rule["directResponse"] = json!({"status": 403}),
        7 => rule["delegate"] = json!({"name": "leaf"}),
        _ => rule["route"] = route(dice),
    }
    // A delegate's conditions are on other properties, so that nothing conflicts.
    let delegates = rule.get("delegate").is_some();
    let entries: Vec<_> = (0..dice.below(4)).map(|_| entry(dice, delegates)).collect();
    if !entries.is_empty() || dice.flip() {
        rule["match"] = json!(entries);
    }
    rule
}

fn leaf_rule(dice: &mut Dice) -> Value {
    let entries: Vec<_> = (0..dice.below(3))
        .map(|_| {
            let key = dice.pick(&["k", "j"]);
            json!({"queryParams": {key: text(dice)}})
        })
        .collect();
    json!({"match": entries, "route": route(dice)})
}

fn route(dice: &mut Dice) -> Value {
    let hosts = ["web", "web-canary", "other", "web.shop.svc.cluster.local"];
    let weights = [json!(null), json!(0), json!(1), json!(3), json!(20), json!(100)];
    let mut route: Vec<_> = (0..=dice.below(4))
        .map(|_| json!({"destination": {"host": dice.pick(&hosts)}, "weight": weights[dice.below(6)]}))
        .collect();
    if route.len() > 1 && route.iter().all(|entry| entry["weight"].as_u64().unwrap_or(0) == 0) {
        route[0]["weight"] = json!(7);
    }
    json!(route)
}

fn entry(dice: &mut Dice, delegates: bool) -> Value {
    let mut entry = Map::new();
    for _ in 0..=dice.below(3) {
        let (key, value) = condition(dice);
        if !(delegates && ["queryParams", "ignoreUriCase", "sourceNamespace"].contains(&key)) {
            entry.insert(key.to_owned(), value);
        }
    }
    Value::Object(entry)
}

fn condition(dice: &mut Dice) -> (&'static str, Value) {
    match dice.below(12) {
        0 | 1 => ("uri", uri(dice)),
        2 => ("ignoreUriCase", json!(dice.flip())),
        3 => ("headers", named(dice)),
        4 if dice.flip() => ("withoutHeaders", json!({"x": null})),
        4 | 5 => ("withoutHeaders", named(dice)),
        6 => ("queryParams", json!({dice.pick(&["k", "j"]): text(dice)})),
        7 => ("method", json!({"exact": dice.pick(&["GET", "POST", "get"])})),
        8 => ("authority", json!({"prefix": dice.pick(&["web", "a.b.com:", "A"])})),
        9 => ("port", json!(dice.pick(&[80, 8080]))),
        10 => match dice.below(3) {
            0 => ("sourceLabels", json!({"app": "web"})),
            1 => ("sourceNamespace", json!(dice.pick(&["shop", "pay"]))),
            _ => ("scheme", json!({"exact": dice.pick(&["http", "https"])})),
        },
        _ => {
            let gateways = [json!(["mesh"]), json!(["front"]), json!(["mesh", "shop/front"])];
            ("gateways", gateways[dice.below(3)].clone())
        }
    }
}

fn uri(dice: &mut Dice) -> Value {
    let kinds = [
        json!({"prefix": "/a"}),
        json!({"exact": "/a"}),
        json!({"prefix": "/a/"}),
        json!({"prefix": "/"}),
        json!({"prefix": ""}),
        json!({"prefix": "/B"}),
        json!({"exact": "/A"}),
        json!({"regex": "/a.*"}),
        json!({"regex": ".*"}),
        json!({"regex": "/[ab]"}),
        json!({}),
    ];
    kinds[dice.below(kinds.len())].clone()
}

fn named(dice: &mut Dice) -> Value {
    let mut named = json!({dice.pick(&["x", "X-Y"]): text(dice)});
    if dice.flip() {
        named[dice.pick(&["X", "x-y"])] = text(dice);
    }
    named
}

fn text(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => json!({}),
        1 | 2 => json!({"exact": dice.pick(&VALUES)}),
        3 => json!({"prefix": dice.pick(&["1", "a"])}),
        _ => json!({"regex": dice.pick(&["[0-9]+", ".*", "1|12", "*"])}),
    }
}

/// Draws a request.
pub(crate) fn request(dice: &mut Dice) -> Request {
    let hosts =
        ["web", "a.b.com", "web.shop", "web.shop.svc:8080", "x.b.com", "A.b.com:8080", "c.com"];
    let paths = ["/", "/a", "/a/b", "/A", "/ab", "/b", "/b/c", "/a?k=1", "/?k=12&k=a", "/b?k&j=a"];
    let mut request = Request::new(dice.pick(&hosts), dice.pick(&paths));
    request.proxy = proxy(dice);
    request.method = dice.pick(&["GET", "GET", "POST"]).to_owned();
    request.scheme = dice.pick(&["http", "http", "https"]).to_owned();
    request.listener_port = [None, None, Some(80), Some(8080)][dice.below(4)];
    for name in ["x", "x-y"] {
        if dice.flip() {
            request = request.with_header(name, dice.pick(&VALUES));
        }
    }
    request
}

fn proxy(dice: &mut Dice) -> Proxy {
    let labels = [("app".to_owned(), dice.pick(&["web", "other"]).to_owned())];
    let namespace = dice.pick(&["shop", "pay"]).to_owned();
    let workload = Workload { namespace, labels: Some(BTreeMap::from(labels)) };
    if dice.flip() {
        return Proxy::Sidecar(workload);
    }
    Proxy::Gateway { gateway: Name::new("shop", "front"), workload }
}
