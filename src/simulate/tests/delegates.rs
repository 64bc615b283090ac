//! Rules of other VirtualServices.

use serde_json::json;

use super::*;

fn delegating(root: &Value, leaf: &Value) -> Mesh {
    let mut rule = json!({"delegate": {"name": "leaf"}});
    rule["match"] = root.clone();
    mesh(&[
        virtual_service(
            "root",
            &json!({"hosts": ["web"], "http": [rule, {"route": route("rest")}]}),
        ),
        virtual_service("leaf", &json!({"http": [{"match": leaf, "route": route("leaf")}]})),
    ])
}

fn get(path: &str) -> Request {
    Request::new("web.shop", path)
}

#[test]
fn matches_are_merged_and_both_places_are_told() {
    let mesh = delegating(
        &json!([{"uri": {"prefix": "/a"}}, {"headers": {"x": {"exact": "1"}}}]),
        &json!([{"uri": {"prefix": "/a/b"}}]),
    );
    let leaf = |root| {
        format!(
            "`spec.http[0].match[{root}]` of `shop/root`, delegate `spec.http[0].match[0]` of `shop/leaf` leaf=1"
        )
    };
    assert_eq!(told(&mesh, &get("/a/b/c")), leaf(0));
    assert_eq!(told(&mesh, &get("/a/c")), "`spec.http[1]` of `shop/root` rest=1");
    let missed = misses(&mesh, &get("/a/c"));
    assert_eq!(missed.len(), 2, "{missed:?}");
    assert_eq!(
        told(&delegating(&json!(null), &json!([{"uri": {"prefix": "/a"}}])), &get("/a")),
        "`spec.http[0]` of `shop/root`, delegate `spec.http[0].match[0]` of `shop/leaf` leaf=1"
    );
    assert_eq!(
        told(&delegating(&json!([{"uri": {"prefix": "/a"}}]), &json!(null)), &get("/a")),
        "`spec.http[0].match[0]` of `shop/root`, delegate `spec.http[0]` of `shop/leaf` leaf=1"
    );
}

#[test]
fn matches_that_are_not_within_are_dropped() {
    for (root, leaf, fits) in [
        (json!({"uri": {"prefix": "/a"}}), json!({"uri": {"prefix": "/ab"}}), true),
        (json!({"uri": {"prefix": "/a"}}), json!({"uri": {"exact": "/a"}}), true),
        (json!({"uri": {"prefix": "/a"}}), json!({"uri": {"prefix": "/"}}), false),
        (json!({"uri": {"exact": "/a"}}), json!({"uri": {"exact": "/a"}}), true),
        (json!({"uri": {"exact": "/a"}}), json!({"uri": {"prefix": "/a"}}), false),
        (json!({"uri": {"regex": "/a"}}), json!({"uri": {"exact": "/a"}}), false),
        (json!({"uri": {"prefix": "/a"}}), json!({"uri": {"regex": "/a"}}), false),
        (json!({"uri": {"regex": "/a"}}), json!({"method": {"exact": "GET"}}), true),
        (json!({"headers": {"x": {}}}), json!({"headers": {"x": {}}}), false),
        (json!({"headers": {"x": {}}}), json!({"headers": {"y": {}}}), true),
        (json!({"ignoreUriCase": true}), json!({}), false),
        (json!({"sourceNamespace": "a"}), json!({}), false),
        (json!({"sourceNamespace": "a"}), json!({"sourceNamespace": "a"}), true),
        (json!({}), json!({"sourceNamespace": "a"}), true),
        (json!({"sourceLabels": {"a": "1"}}), json!({"sourceLabels": {"a": "2"}}), false),
        (json!({"port": 80}), json!({"port": 81}), false),
        (json!({"port": 80}), json!({}), true),
        (json!({"gateways": ["mesh"]}), json!({"gateways": ["mesh", "front"]}), false),
        (json!({"gateways": ["mesh", "front"]}), json!({"gateways": ["front"]}), true),
    ] {
        let mesh = delegating(&json!([root]), &json!([leaf]));
        let missed = misses(&mesh, &get("/none"));
        let conflict = "the delegate's match is not within the one that leads to it";
        let dropped = missed.iter().any(|miss| miss.ends_with(conflict));
        assert_eq!(!dropped, fits, "{root} {leaf}");
    }
}

#[test]
fn a_delegate_that_is_not_there_leaves_nothing() {
    let missing = mesh(&[virtual_service(
        "root",
        &json!({"hosts": ["web"], "http": [{"delegate": {"name": "leaf"}}, {"route": route("rest")}]}),
    )]);
    assert_eq!(told(&missing, &get("/")), "`spec.http[1]` of `shop/root` rest=1");
    assert_eq!(
        misses(&missing, &get("/")),
        ["`spec.http[0]` of `shop/root`: delegate `shop/leaf` is not in the input"]
    );
    let mut leaf =
        virtual_service("leaf", &json!({"exportTo": ["."], "http": [{"route": route("leaf")}]}));
    leaf["metadata"]["namespace"] = json!("pay");
    let rule = json!({"delegate": {"name": "leaf", "namespace": "pay"}});
    let root = virtual_service("root", &json!({"hosts": ["web"], "http": [rule]}));
    let hidden = mesh(&[root.clone(), leaf.clone()]);
    assert_eq!(
        misses(&hidden, &get("/")),
        ["`spec.http[0]` of `shop/root`: delegate `pay/leaf` is not exported to this namespace"]
    );
    leaf["spec"]["exportTo"] = json!(["shop"]);
    let shown = mesh(&[root, leaf]);
    let outcome = shown.simulate(&get("/")).unwrap();
    // Short names are those of the delegate's own namespace.
    assert_eq!(outcome.destinations()[0].resolved, "leaf.pay.svc.cluster.local");
}

#[test]
fn a_delegate_does_not_delegate() {
    let objects = [
        virtual_service(
            "root",
            &json!({"hosts": ["web"], "http": [{"delegate": {"name": "leaf"}}]}),
        ),
        virtual_service("leaf", &json!({"http": [{"delegate": {"name": "root"}}]})),
    ];
    let error = mesh(&objects).simulate(&get("/")).unwrap_err().to_string();
    assert_eq!(
        error,
        "VirtualService `shop/leaf`, `spec.http[0].delegate`: a delegate must not delegate again"
    );
}
