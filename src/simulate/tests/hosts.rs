//! Which VirtualService has the host.

use serde_json::json;

use super::*;

fn one(name: &str, hosts: &Value) -> Value {
    virtual_service(name, &json!({"hosts": hosts, "http": [{"route": route(name)}]}))
}

fn by(mesh: &Mesh, host: &str, proxy: Proxy) -> String {
    let outcome = mesh.simulate(&Request::new(host, "/").through(proxy)).unwrap();
    outcome.place().map_or_else(|| tell(&outcome), |place| place.virtual_service.name.clone())
}

#[test]
fn the_closest_host_wins() {
    let gateways = json!(["front"]);
    let at = |name: &str, host: &str| {
        virtual_service(
            name,
            &json!({"hosts": [host], "gateways": gateways, "http": [{"route": route("a")}]}),
        )
    };
    let mesh = mesh(&[
        at("all", "*"),
        at("long", "*.b.com"),
        at("short", "*.com"),
        at("exact", "a.b.com"),
    ]);
    for (host, name) in [
        ("a.b.com", "exact"),
        ("A.B.com:8080", "exact"),
        ("x.b.com", "long"),
        ("x.y.b.com", "long"),
        ("b.com", "short"),
        ("com", "all"),
    ] {
        assert_eq!(by(&mesh, host, gateway("front")), name, "{host}");
    }
    let why = |by: &str| {
        format!(
            "(VirtualService `shop/all` has the host, and is bound to `shop/front`, not to `{by}`)"
        )
    };
    let back = by(&mesh, "a.b.com", gateway("back"));
    assert!(back.starts_with(&format!("404 {}", why("shop/back"))), "{back}");
    let sidecar = by(&mesh, "a.b.com", sidecar("shop"));
    assert!(sidecar.starts_with(&format!("passthrough {}", why("mesh"))), "{sidecar}");
}

#[test]
fn short_names_are_those_of_the_namespace() {
    let mesh = mesh(&[one("web", &json!(["web"])), one("half", &json!(["pay.shop"]))]);
    for (host, from, name) in [
        ("web", "shop", "web"),
        ("web:80", "shop", "web"),
        ("web.shop", "pay", "web"),
        ("web.shop.svc", "pay", "web"),
        ("web.shop.svc.cluster.local", "pay", "web"),
        ("web", "pay", "not in input"),
        ("pay", "shop", "not in input"),
        ("pay.shop", "shop", "half"),
        ("example.com", "shop", "passthrough"),
    ] {
        assert_eq!(by(&mesh, host, sidecar(from)), name, "{host} from {from}");
    }
}

#[test]
fn behind_a_wildcard_services_have_their_other_names() {
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"ports": [{"port": 80}]},
    });
    let all = one("all", &json!(["*.shop.svc.cluster.local"]));
    assert_eq!(by(&mesh(&[service, all.clone()]), "web", sidecar("shop")), "all");
    assert_eq!(by(&mesh(&[all]), "example.com", sidecar("shop")), "passthrough");
}

#[test]
fn what_is_not_exported_is_not_there() {
    for (export_to, own, other) in [
        (json!(null), true, true),
        (json!(["*"]), true, true),
        (json!(["."]), true, false),
        (json!(["pay"]), false, true),
    ] {
        let spec =
            json!({"hosts": ["a.com"], "exportTo": export_to, "http": [{"route": route("a")}]});
        let mesh = mesh(&[virtual_service("web", &spec)]);
        let found = ["shop", "pay"].map(|from| by(&mesh, "a.com", sidecar(from)) == "web");
        assert_eq!(found, [own, other], "{export_to}");
    }
}

#[test]
fn a_sidecar_follows_one_and_a_gateway_joins_all() {
    let spec =
        |rules: &Value| json!({"hosts": ["a.com"], "gateways": ["mesh", "front"], "http": rules});
    let mesh = mesh(&[
        virtual_service(
            "two",
            &spec(&json!([{"match": [{"uri": {"prefix": "/two"}}], "route": route("two")}])),
        ),
        virtual_service("one", &spec(&json!([{"route": route("one")}]))),
    ]);
    let two = Request::new("a.com", "/two");
    assert_eq!(
        told(&mesh, &two),
        "`spec.http[0]` of `shop/one` one=1 (`shop/two` has the same host; the sidecar follows the \
         oldest, taken to be `shop/one`)"
    );
    assert_eq!(
        told(&mesh, &two.through(gateway("front"))),
        "`spec.http[0].match[0]` of `shop/two` two=1 (`shop/one` and `shop/two` have one host; the \
         gateway joins them by age, taken to be this order)"
    );
}
