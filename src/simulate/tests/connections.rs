//! TLS and TCP.

use serde_json::json;

use super::*;
use crate::simulate::Connection;

fn connection(port: u16, proxy: Proxy) -> Connection {
    Connection { port, server_name: None, host: None, address: None, proxy }
}

fn tls(name: &str, proxy: Proxy) -> Connection {
    Connection { server_name: Some(name.to_owned()), ..connection(443, proxy) }
}

fn told(mesh: &Mesh, connection: &Connection) -> String {
    tell(&mesh.simulate_connection(connection).unwrap())
}

fn misses(mesh: &Mesh, connection: &Connection) -> Vec<String> {
    let misses = mesh.simulate_connection(connection).unwrap().misses;
    misses.iter().map(ToString::to_string).collect()
}

fn with_tls(rules: &Value) -> Mesh {
    let spec = json!({"hosts": ["*.b.com"], "gateways": ["mesh", "front"], "tls": rules});
    mesh(&[virtual_service("web", &spec)])
}

fn with_tcp(rules: &Value) -> Mesh {
    let spec = json!({"hosts": ["db"], "gateways": ["mesh", "front"], "tcp": rules});
    mesh(&[virtual_service("web", &spec)])
}

fn to_db(address: Option<&str>) -> Connection {
    let address = address.map(|address| address.parse().unwrap());
    Connection { host: Some("db".into()), address, ..connection(3306, sidecar("shop")) }
}

#[test]
fn the_most_specific_server_name_wins_whatever_the_order() {
    let mesh = with_tls(&json!([
        {"match": [{"sniHosts": ["*.b.com"]}], "route": route("wide")},
        {"match": [{"port": 80, "sniHosts": ["a.b.com"]}, {"sniHosts": ["a.b.com"]}], "route": route("close")},
        {"match": [{"sniHosts": ["a.b.com"]}], "route": route("never")},
    ]));
    for proxy in [sidecar("shop"), gateway("front")] {
        let close = tls("A.b.com", proxy.clone());
        assert_eq!(told(&mesh, &close), "`spec.tls[1].match[1]` of `shop/web` close=1");
        assert_eq!(
            misses(&mesh, &close),
            [
                "`spec.tls[1].match[0]` of `shop/web`: port 443 is not 80",
                "`spec.tls[2].match[0]` of `shop/web`: an earlier match is the same",
                "`spec.tls[0].match[0]` of `shop/web`: another match is closer",
            ]
        );
        assert_eq!(
            told(&mesh, &tls("x.b.com", proxy)),
            "`spec.tls[0].match[0]` of `shop/web` wide=1"
        );
    }
}

#[test]
fn a_name_that_no_match_has_is_refused_or_passes() {
    let mesh = with_tls(&json!([{"match": [{"sniHosts": ["a.b.com"]}], "route": route("a")}]));
    assert_eq!(told(&mesh, &tls("x.b.com", gateway("front"))), "refused");
    assert_eq!(told(&mesh, &tls("x.b.com", sidecar("shop"))), "passthrough");
    assert_eq!(told(&mesh, &tls("x.b.com", gateway("back"))), "refused");
    assert_eq!(told(&mesh, &tls("web.shop.svc", sidecar("pay"))), "not in input");
}

#[test]
fn the_address_comes_before_the_server_name() {
    let mesh = with_tls(&json!([
        {"match": [{"sniHosts": ["a.b.com"]}], "route": route("named")},
        {"match": [{"sniHosts": ["*.b.com"], "destinationSubnets": ["10.0.0.0/8"]}], "route": route("near")},
    ]));
    let at = |address: &str| Connection {
        address: Some(address.parse().unwrap()),
        ..tls("a.b.com", sidecar("shop"))
    };
    assert_eq!(told(&mesh, &at("10.0.0.1")), "`spec.tls[1].match[0]` of `shop/web` near=1");
    assert_eq!(told(&mesh, &at("11.0.0.1")), "`spec.tls[0].match[0]` of `shop/web` named=1");
    assert_eq!(
        told(&mesh, &tls("a.b.com", sidecar("shop"))),
        "`spec.tls[0].match[0]` of `shop/web` named=1 (`spec.tls[1].match[0]` of `shop/web` has \
         `destinationSubnets`, and the address is unknown)"
    );
}

#[test]
fn a_sidecar_takes_the_closest_network_up_to_the_first_rule_without_one() {
    let mesh = with_tcp(&json!([
        {"match": [{"destinationSubnets": ["10.0.0.0/8"]}], "route": route("wide")},
        {"match": [{"destinationSubnets": ["10.1.0.0/16"], "port": 3306}], "route": route("close")},
        {"match": [{"port": 1}, {"port": 3306}], "route": route("rest")},
        {"match": [{"destinationSubnets": ["10.1.1.0/24"]}], "route": route("never")},
    ]));
    for (address, place) in [
        ("10.2.0.1", "`spec.tcp[0].match[0]` of `shop/web` wide=1"),
        ("10.1.1.1", "`spec.tcp[1].match[0]` of `shop/web` close=1"),
        ("11.0.0.1", "`spec.tcp[2].match[1]` of `shop/web` rest=1"),
    ] {
        assert_eq!(told(&mesh, &to_db(Some(address))), place);
    }
    let weighted = with_tcp(&json!([{"route": [
        {"destination": {"host": "a"}, "weight": 1},
        {"destination": {"host": "b"}, "weight": 3},
        {"destination": {"host": "c"}},
    ]}]));
    assert_eq!(told(&weighted, &to_db(None)), "`spec.tcp[0]` of `shop/web` a=1/4 b=3/4");
}

#[test]
fn a_connection_that_no_rule_takes_goes_on_as_without_one() {
    let mesh = with_tcp(&json!([{"match": [{"port": 1}], "route": route("a")}]));
    assert_eq!(told(&mesh, &to_db(None)), "not in input");
    assert_eq!(
        misses(&mesh, &to_db(None)),
        ["`spec.tcp[0].match[0]` of `shop/web`: port 3306 is not 1"]
    );
    assert_eq!(told(&mesh, &connection(5, sidecar("shop"))), "passthrough");
}

#[test]
fn a_gateway_takes_the_first_rule_and_looks_at_port_and_gateway_alone() {
    let mesh = with_tcp(&json!([
        {"match": [{"gateways": ["back"]}, {"port": 1}], "route": route("other")},
        {"match": [{"port": 3306, "destinationSubnets": ["10.0.0.0/8"], "sourceLabels": {"a": "b"}}], "route": route("a")},
        {"route": route("b")},
    ]));
    assert_eq!(
        told(&mesh, &connection(3306, gateway("front"))),
        "`spec.tcp[1].match[0]` of `shop/web` a=1"
    );
    assert_eq!(
        told(&mesh, &connection(1, gateway("front"))),
        "`spec.tcp[0].match[1]` of `shop/web` other=1"
    );
    assert_eq!(told(&mesh, &connection(7, gateway("front"))), "`spec.tcp[2]` of `shop/web` b=1");
    assert_eq!(told(&mesh, &connection(7, gateway("none"))), "refused");
}

#[test]
fn wrong_rules_are_errors() {
    for (mesh, error) in [
        (with_tcp(&json!([{"route": []}])), "`spec.tcp[0].route`: must have a destination"),
        (
            with_tcp(&json!([{"match": [{"destinationSubnets": ["a"]}], "route": route("a")}])),
            "`spec.tcp[0].match[0].destinationSubnets[0]`: must be a network as `10.0.0.0/8`",
        ),
        (
            with_tcp(&json!([{"match": [{"uri": {}}], "route": route("a")}])),
            "`spec.tcp[0].match[0].uri`: is no field of a match",
        ),
    ] {
        let told = mesh.simulate_connection(&to_db(None)).unwrap_err().to_string();
        assert_eq!(told, format!("VirtualService `shop/web`, {error}"));
    }
}
