//! Which rule takes the request, and what it does.

use serde_json::json;

use super::*;

fn web(rules: &Value) -> Mesh {
    mesh(&[virtual_service(
        "web",
        &json!({"hosts": ["web"], "gateways": ["mesh", "front"], "http": rules}),
    )])
}

fn get(path: &str) -> Request {
    Request::new("web", path).through(sidecar("shop"))
}

#[test]
fn the_first_rule_and_entry_that_match_count() {
    let mesh = web(&json!([
        {"match": [{"uri": {"exact": "/a"}}, {"uri": {"prefix": "/b"}}], "directResponse": {"status": 403}},
        {"match": [{"uri": {"prefix": "/b"}}], "route": route("never")},
        {"match": [{"uri": {"prefix": "/c"}}], "redirect": {"uri": "/d"}},
        {"match": [], "route": route("rest")},
    ]));
    assert_eq!(told(&mesh, &get("/bc")), "`spec.http[0].match[1]` of `shop/web` 403");
    assert_eq!(told(&mesh, &get("/c?x")), "`spec.http[2].match[0]` of `shop/web` 301");
    assert_eq!(told(&mesh, &get("/")), "`spec.http[3]` of `shop/web` rest=1");
    assert_eq!(
        misses(&mesh, &get("/c")),
        [
            "`spec.http[0].match[0]` of `shop/web`: path `/c` is not `/a`",
            "`spec.http[0].match[1]` of `shop/web`: path `/c` does not begin with `/b`",
            "`spec.http[1].match[0]` of `shop/web`: path `/c` does not begin with `/b`",
        ]
    );
}

#[test]
fn nothing_that_matches_is_404() {
    let mesh = web(&json!([{"match": [{"uri": {"exact": "/a"}}], "route": route("a")}]));
    assert_eq!(told(&mesh, &get("/")), "404");
    assert_eq!(misses(&mesh, &get("/")).len(), 1);
}

#[test]
fn what_follows_a_catch_all_is_never_reached() {
    let every = "takes every request, so what follows is never reached)";
    let of_port = "takes every request of this proxy and port, so these never reach what follows)";
    for (entries, end) in [
        (json!([{"uri": {"prefix": "/"}}]), every),
        (json!([{"port": 80}]), of_port),
        (json!(null), every),
    ] {
        let mesh = web(&json!([
            {"match": entries, "route": route("a")},
            {"match": [{"uri": {"exact": "/b"}}], "route": route("b")},
        ]));
        let told = told(&mesh, &get("/b"));
        assert!(told.contains(" a=1 (`spec.http[0]"), "{told}");
        assert!(told.ends_with(end), "{told}");
    }
    // A condition that every request meets is not always noticed, and then nothing is cut off.
    let mesh = web(&json!([
        {"match": [{"uri": {"prefix": ""}}], "route": route("a")},
        {"route": route("b")},
    ]));
    assert_eq!(told(&mesh, &get("/b")), "`spec.http[0].match[0]` of `shop/web` a=1");
}

#[test]
fn a_proxy_without_rules_acts_as_if_there_were_none() {
    let mesh = web(&json!([{"match": [{"port": 8080}], "route": route("a")}]));
    let note = "(no rule of VirtualService `shop/web` applies to this proxy and port)";
    assert_eq!(told(&mesh, &get("/")), format!("not in input {note}"));
    let full = Request::new("web.shop.svc.cluster.local", "/").through(gateway("front"));
    assert_eq!(told(&mesh, &full), "404");
    assert_eq!(
        misses(&mesh, &full),
        ["`spec.http[0].match[0]` of `shop/web`: port 80 is not 8080"]
    );
}

#[test]
fn doubts_are_told() {
    let mesh = web(&json!([
        {"match": [{"sourceLabels": {"app": "x"}, "headers": {"v": {"exact": "2"}}}], "route": route("a")},
        {"match": [{"headers": {"v": {"exact": "2"}}}], "fault": {}, "route": route("b")},
    ]));
    let request = get("/").with_header("v", "2").with_header("V", "1");
    assert_eq!(
        told(&mesh, &request),
        "`spec.http[1].match[0]` of `shop/web` b=1 (`spec.http[0].match[0]` of `shop/web` has \
         `sourceLabels`, and the labels of the source are unknown) (header `v` is repeated; only its \
         first value was looked at) (`spec.http[1].match[0]` of `shop/web` injects faults, which are \
         left out)"
    );
}

#[test]
fn a_wrong_rule_is_told_when_a_request_gets_there() {
    for (rules, error) in [
        (json!([{"route": []}]), "`spec.http[0]`: must have one of"),
        (json!([{"route": route("a"), "redirect": {}}]), "`spec.http[0]`: must have one of"),
        (json!([{"redirect": {"redirectCode": 304}}]), "`spec.http[0].redirect.redirectCode`"),
        (json!([{"directResponse": {}}]), "`spec.http[0].directResponse.status`: must be 200"),
        (
            json!([{"match": [{"uri": {"regex": "a++"}}], "route": route("a")}]),
            "`spec.http[0].match[0].uri.regex`: the regex `a++` has `+`",
        ),
        (json!({}), "`spec.http`: must be a list"),
        (json!([null]), "`spec.http[0]`: must be a map"),
    ] {
        let mesh = web(&rules);
        let told = mesh.simulate(&get("/")).unwrap_err().to_string();
        assert!(told.starts_with(&format!("VirtualService `shop/web`, {error}")), "{told}");
        assert!(mesh.simulate(&Request::new("other", "/")).is_ok());
    }
}
