//! Whether destinations are there, and what is sent beside them.

use serde_json::json;

use super::*;
use crate::simulate::{Missing, Reach, Share};

fn service(name: &str, ports: &[u16]) -> Value {
    let ports: Vec<_> = ports.iter().map(|port| json!({"port": port})).collect();
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"ports": ports},
    })
}

fn rule(host: &str, subsets: &[&str]) -> Value {
    let subsets: Vec<_> = subsets.iter().map(|name| json!({"name": name})).collect();
    json!({
        "apiVersion": "networking.istio.io/v1beta1", "kind": "DestinationRule",
        "metadata": {"name": host, "namespace": "shop"}, "spec": {"host": host, "subsets": subsets},
    })
}

fn reach(objects: &[Value], destination: &Value) -> Reach {
    let http = json!([{"route": [{"destination": destination}]}]);
    let mut objects = objects.to_vec();
    objects.push(virtual_service("web", &json!({"hosts": ["a.com"], "http": http})));
    let outcome = mesh(&objects).simulate(&Request::new("a.com", "/")).unwrap();
    outcome.destinations()[0].reach.clone()
}

#[test]
fn services_and_ports_are_looked_up() {
    let services = [service("web", &[8080]), service("two", &[80, 81]), service("odd", &[82, 81])];
    for (destination, expected) in [
        (json!({"host": "web"}), Reach::Known),
        (json!({"host": "web", "port": {"number": 8080}}), Reach::Known),
        (json!({"host": "web", "port": {"number": 80}}), Reach::Missing(Missing::Port(80))),
        (json!({"host": "two"}), Reach::Known),
        (json!({"host": "odd"}), Reach::Missing(Missing::Port(80))),
        (json!({"host": "none"}), Reach::NotInInput),
        (json!({"host": "web.shop.svc.cluster.local"}), Reach::Known),
        (json!({"host": "web.shop"}), Reach::Missing(Missing::HalfName)),
        (json!({"host": "web.pay.svc.cluster.local"}), Reach::NotInInput),
        (json!({"host": "example.com"}), Reach::NotInInput),
    ] {
        assert_eq!(reach(&services, &destination), expected, "{destination}");
    }
    assert_eq!(reach(&[], &json!({"host": "web"})), Reach::NotInInput);
}

#[test]
fn service_entries_are_looked_up() {
    let entry = json!({
        "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
        "metadata": {"name": "pay", "namespace": "shop"},
        "spec": {"hosts": ["pay.example.com", "*.bank.com"]},
    });
    for (host, expected) in [
        ("pay.example.com", Reach::Known),
        ("a.bank.com", Reach::Known),
        ("bank.com", Reach::NotInInput),
    ] {
        assert_eq!(reach(std::slice::from_ref(&entry), &json!({"host": host})), expected, "{host}");
    }
    let told = |host: &str| told(&mesh(std::slice::from_ref(&entry)), &Request::new(host, "/"));
    assert_eq!(told("pay.example.com"), "plain pay.example.com:80");
    assert_eq!(told("pay"), "not in input");
    assert_eq!(told("example.com"), "passthrough");
}

#[test]
fn subsets_are_looked_up() {
    let destination = json!({"host": "web", "subset": "v2"});
    let service = service("web", &[80]);
    let missing = Reach::Missing(Missing::Subset("v2".into()));
    for (rules, expected) in [
        (vec![], Reach::SubsetNotInInput),
        (vec![rule("web", &["v1", "v2"])], Reach::Known),
        (vec![rule("web", &["v1"])], missing.clone()),
        (vec![rule("other", &["v2"])], missing),
        (vec![rule("*.shop.svc.cluster.local", &["v2"])], Reach::Known),
    ] {
        let objects = [vec![service.clone()], rules].concat();
        assert_eq!(reach(&objects, &destination), expected);
    }
}

#[test]
fn shares_are_summed_exactly() {
    let route = json!([
        {"destination": {"host": "web"}, "weight": 33},
        {"destination": {"host": "web-canary"}, "weight": 33},
        {"destination": {"host": "other"}, "weight": 34},
    ]);
    let http = json!([{"route": route, "mirror": {"host": "copy"}, "mirrorPercent": 10}]);
    let mesh = mesh(&[virtual_service("web", &json!({"hosts": ["a.com"], "http": http}))]);
    let outcome = mesh.simulate(&Request::new("a.com", "/")).unwrap();
    assert_eq!(
        tell(&outcome),
        "`spec.http[0]` of `shop/web` web=33/100 web-canary=33/100 other=17/50 +copy=1/10"
    );
    let of_web = outcome.share_where(|destination| destination.host.starts_with("web"));
    assert_eq!(Some(of_web), Share::of(66, 100));
    assert_eq!(outcome.share_where(|_| true), Share::ALL);
    assert_eq!(outcome.share_where(|_| false), Share::NONE);
}
