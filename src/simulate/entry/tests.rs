//! The table of leaf matches, row by row.

use serde_json::{Value, json};

use super::{Entry, read_entries};
use crate::simulate::read::{Field, Undecided};
use crate::simulate::{Name, Request};

fn read(entry: &Value) -> Result<Entry, Undecided> {
    let rule = json!({"match": [entry]});
    let name = Name::new("shop", "web");
    Ok(read_entries(&Field::root("VirtualService", &name, &rule))?.remove(0))
}

#[track_caller]
fn check(entry: &Value, cases: &[(&Request, &str)]) {
    let entry = read(entry).unwrap();
    for (request, unmet) in cases {
        let found = entry.unmet(request).unwrap().map(|unmet| unmet.to_string());
        assert_eq!(found.unwrap_or_default(), *unmet, "{request:?}");
    }
}

fn get(path: &str) -> Request {
    Request::new("web", path)
}

fn with(name: &str, value: &str) -> Request {
    get("/").with_header(name, value)
}

#[test]
fn paths_are_compared_without_the_query() {
    check(
        &json!({"uri": {"exact": "/a"}}),
        &[(&get("/a?x"), ""), (&get("/A"), "path `/A` is not `/a`")],
    );
    check(&json!({"uri": {"prefix": "/foo"}}), &[(&get("/foobar"), "")]);
    check(
        &json!({"uri": {"prefix": "/foo/"}}),
        &[(&get("/foo?/"), "path `/foo` does not begin with `/foo/`")],
    );
    check(&json!({"uri": {"regex": "/a.c"}}), &[(&get("/abc?d"), "")]);
    check(&json!({"uri": {"prefix": ""}}), &[(&get("/abc"), "")]);
    check(&json!({"uri": {}}), &[(&get("/abc"), "")]);
}

#[test]
fn the_case_of_paths_may_be_ignored_but_in_a_regex() {
    check(&json!({"uri": {"exact": "/A"}, "ignoreUriCase": true}), &[(&get("/a"), "")]);
    check(&json!({"uri": {"prefix": "/A"}, "ignoreUriCase": true}), &[(&get("/ab"), "")]);
    check(
        &json!({"uri": {"regex": "/A"}, "ignoreUriCase": true}),
        &[(&get("/a"), "path `/a` does not match `/A`")],
    );
}

#[test]
fn headers_ignore_the_case_of_names_alone() {
    check(
        &json!({"headers": {"X-User": {"exact": "jo"}}}),
        &[
            (&with("x-user", " jo "), ""),
            (&with("x-user", "Jo"), "the value `Jo` of header `X-User` is not `jo`"),
            (&get("/"), "header `X-User` is absent"),
        ],
    );
    check(
        &json!({"headers": {"x": {}}}),
        &[(&with("x", ""), ""), (&get("/"), "header `x` is absent")],
    );
    check(
        &json!({"headers": {"x": {"exact": ""}}}),
        &[(&with("x", ""), ""), (&get("/"), "header `x` is absent")],
    );
    // Two keys that differ by case are two conditions.
    check(
        &json!({"headers": {"x": {"exact": "a"}, "X": {"exact": "b"}}}),
        &[(&with("x", "a"), "the value `a` of header `X` is not `b`")],
    );
    // These names are nothing special.
    check(
        &json!({"headers": {"method": {"exact": "GET"}}}),
        &[(&get("/"), "header `method` is absent")],
    );
}

#[test]
fn absent_headers_count_as_empty_where_they_are_excluded() {
    for (condition, absent, empty, a) in [
        (json!({"exact": "a"}), true, true, false),
        (json!({"exact": ""}), false, false, true),
        (json!({"regex": ".*"}), false, false, false),
        (json!({"regex": ".+"}), true, true, false),
        (json!({"prefix": "a"}), true, true, false),
        (json!({}), true, false, false),
        (json!(null), true, false, false),
        (json!({"regex": "*"}), true, false, false),
    ] {
        let entry = read(&json!({"withoutHeaders": {"x": condition}})).unwrap();
        let holds = |request: &Request| entry.unmet(request).unwrap().is_none();
        let found = [holds(&get("/")), holds(&with("x", "")), holds(&with("x", "a"))];
        assert_eq!(found, [absent, empty, a], "{condition}");
    }
}

#[test]
fn query_parameters_are_taken_as_they_stand() {
    let missing = "query parameter `k` is absent";
    check(&json!({"queryParams": {"k": {}}}), &[(&get("/?k"), ""), (&get("/?K"), missing)]);
    check(
        &json!({"queryParams": {"k": {"exact": ""}}}),
        &[(&get("/?k"), ""), (&get("/?k="), ""), (&get("/"), missing)],
    );
    check(
        &json!({"queryParams": {"k": {"exact": "a b"}}}),
        &[(&get("/?k=a+b"), "the value `a+b` of query parameter `k` is not `a b`")],
    );
    check(
        &json!({"queryParams": {"k": {"regex": "a+"}}}),
        &[
            (&get("/?k=aa&k=b"), ""),
            (&get("/?k=aab"), "the value `aab` of query parameter `k` does not match `a+`"),
        ],
    );
}

#[test]
fn authority_method_and_scheme_are_compared_as_they_stand() {
    let request = Request::new("web:80", "/");
    check(&json!({"authority": {"exact": "web:80"}}), &[(&request, "")]);
    check(
        &json!({"authority": {"exact": "web"}}),
        &[(&request, "authority `web:80` is not `web`")],
    );
    check(&json!({"method": {"exact": "get"}}), &[(&request, "method `GET` is not `get`")]);
    check(&json!({"scheme": {"exact": "https"}}), &[(&request, "scheme `http` is not `https`")]);
    check(&json!({"method": {}}), &[(&request, "")]);
}

#[test]
fn all_conditions_must_hold() {
    let entry = json!({"uri": {"prefix": "/a"}, "headers": {"x": {}}, "method": {"exact": "GET"}});
    check(
        &entry,
        &[
            (&get("/a").with_header("x", ""), ""),
            (&get("/a"), "header `x` is absent"),
            (&with("x", ""), "path `/` does not begin with `/a`"),
        ],
    );
}

#[test]
fn what_cannot_be_decided_matters_where_it_decides() {
    let entry = json!({"uri": {"regex": "[a&&b]"}, "headers": {"x": {}}});
    check(&entry, &[(&get("/"), "header `x` is absent")]);
    let error = read(&entry).unwrap().unmet(&with("x", "")).unwrap_err();
    assert_eq!(error.path, "match[0].uri.regex");
    let claim = read(&json!({"headers": {"@request.auth.claims.group": {"exact": "a"}}})).unwrap();
    let error = claim.unmet(&get("/")).unwrap_err();
    assert_eq!(error.path, "match[0].headers.@request.auth.claims.group");
}

#[test]
fn catch_alls_are_those_that_istio_notices() {
    for (entry, is_catch_all) in [
        (json!({}), true),
        (json!({"uri": {"prefix": "/"}}), true),
        (json!({"uri": {"regex": ".*"}}), true),
        (json!({"uri": {"prefix": ""}}), false),
        (json!({"uri": {"prefix": "/"}, "method": {}}), false),
        (json!({"uri": {"prefix": "/"}, "withoutHeaders": {"x": {}}}), false),
        (json!({"queryParams": {"x": {}}}), false),
        (json!({"gateways": ["mesh"], "port": 80}), true),
    ] {
        assert_eq!(read(&entry).unwrap().is_catch_all(), is_catch_all, "{entry}");
    }
}

#[test]
fn wrong_entries_are_refused_at_their_place() {
    for (entry, path) in [
        (json!(null), "match[0]"),
        (json!({"header": {}}), "match[0].header"),
        (json!({"headers": {"x": null}}), "match[0].headers.x"),
        (json!({"headers": []}), "match[0].headers"),
        (json!({"port": "80"}), "match[0].port"),
        (json!({"ignoreUriCase": "yes"}), "match[0].ignoreUriCase"),
        (json!({"gateways": [5]}), "match[0].gateways[0]"),
        (json!({"sourceLabels": {"a": 1}}), "match[0].sourceLabels.a"),
    ] {
        assert_eq!(read(&entry).unwrap_err().path, path, "{entry}");
    }
}
