//! What `explain` answers: shares as the steps say, places as the files have them, and refusals.
#![cfg(test)]

use std::process::{Command, Output};

use proptest::prelude::*;
use rollstep::explain::{Caller, Explanation, Sent, explain, explain_stages};
use rollstep::simulate::{Answer, Request, Share};
use rollstep::{Input, Options, Source, StageName};
use serde_json::Value;

/// A workload `web` with a Service, rolled out by these steps behind these http rules.
fn input(steps: &str, http: &str) -> Input {
    let text = format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 10
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: web}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: rollouts.kruise.io/v1beta1
kind: Rollout
metadata: {{name: web}}
spec:
  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  strategy:
    canary:
      enableExtraWorkloadForCanary: true
      steps: {steps}
      trafficRoutings:
      - service: web
        customNetworkRefs:
        - {{apiVersion: networking.istio.io/v1, kind: VirtualService, name: web}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: web}}
spec:
  hosts: [web]
  http: {http}
"
    );
    Input::new(vec![Source::new("web.yaml", text)], None)
}

fn at(step: StageName) -> Options {
    Options { step: Some(step), ..Options::default() }
}

fn request() -> Request {
    Request::new("web", "/cart")
}

fn ask(input: &Input, step: StageName, request: Request) -> Explanation {
    let explained = explain(input, &at(step), (&Sent::Request(request), &Caller::ByRoute));
    let diagnostics = &explained.diagnostics;
    explained.answer.unwrap_or_else(|| panic!("{diagnostics:?}")).unwrap()
}

/// The share of a step, and whatever weights the rule has.
fn steps_and_weights() -> impl Strategy<Value = (Vec<u64>, u64, u64)> {
    // The webhook wants replicas that do not fall.
    let rising = prop::collection::vec(1u64..=100, 1..5).prop_map(|mut shares| {
        shares.sort_unstable();
        shares
    });
    (rising, 1u64..1000, 0u64..1000)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_share_at_each_stage_is_that_of_its_step((shares, own, others) in steps_and_weights()) {
        let steps: Vec<_> =
            shares.iter().map(|share| format!("{{replicas: {share}%, traffic: {share}%}}")).collect();
        let http = format!(
            "[{{route: [{{destination: {{host: web}}, weight: {own}}}, \
             {{destination: {{host: other}}, weight: {others}}}]}}]"
        );
        let input = input(&format!("[{}]", steps.join(", ")), &http);
        let asked = (&Sent::Request(request()), &Caller::ByRoute);
        let all = explain_stages(&input, &Options::default(), asked);
        prop_assert_eq!(all.len(), shares.len() + 3);
        for (stage, explained) in all {
            let share = match stage {
                StageName::Step(number) => shares[number - 1],
                StageName::Promote => *shares.last().unwrap(),
                _ => 0,
            };
            let wanted = Share::of(share * own, 100 * (own + others));
            let answer = explained.answer.unwrap().unwrap();
            prop_assert_eq!(Some(answer.canary), wanted, "{}", stage);
            prop_assert_eq!(answer.source.unwrap().field, "spec.http[0]");
        }
    }
}

#[test]
fn a_subset_without_pods_is_noted() {
    let http = "[{route: [{destination: {host: web, subset: v1}}]}]";
    let web = input("[{replicas: 1, traffic: 20%}]", http);
    let rule = "
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}
";
    let mut sources = web.sources().to_vec();
    sources.push(Source::new("rule.yaml", rule));
    let input = Input::new(sources, None);
    let answer = ask(&input, StageName::Done, request());
    let note = "note: subset `v1` selects no pod of the new version of deployment `web`: 503";
    assert!(answer.to_text().contains(note), "{}", answer.to_text());
}

#[test]
fn a_twin_leads_back_to_its_rule_and_rules_behind_twins_to_themselves() {
    let steps =
        "[{replicas: 1, matches: [{headers: [{name: x-a, value: b}]}, {path: {value: /beta}}]}]";
    let http = "
  - match: [{uri: {exact: /other}}]
    route: [{destination: {host: other}}]
  - route: [{destination: {host: web}}]";
    let input = input(steps, http);
    let line = |text: &str| {
        let source = input.sources()[0].text();
        source.lines().position(|line| line.contains(text)).unwrap() + 1
    };
    let step = StageName::Step(1);
    for (request, rule, field, is_twin) in [
        (request().with_header("x-a", "b"), 2, "spec.http[1]", true),
        (Request::new("web", "/beta/x"), 1, "spec.http[1]", true),
        (Request::new("web", "/betamax"), 3, "spec.http[1]", false),
        (Request::new("web", "/other").with_header("x-a", "b"), 0, "spec.http[0]", false),
    ] {
        let answer = ask(&input, step, request);
        assert_eq!(answer.outcome.place().unwrap().rule, rule);
        let source = answer.source.unwrap();
        assert_eq!((source.field.as_str(), source.is_twin), (field, is_twin), "{rule}");
        let wanted = if field == "spec.http[0]" { "match: [{uri" } else { "- route: [" };
        assert_eq!((source.file.as_str(), source.line), ("web.yaml", line(wanted)));
        assert_eq!(answer.canary, if is_twin { Share::ALL } else { Share::NONE });
    }
}

#[test]
fn a_stage_that_cannot_be_rendered_is_not_answered() {
    let input = input("[{replicas: 1, traffic: 10%}]", "[{route: [{destination: {host: other}}]}]");
    let asked = (&Sent::Request(request()), &Caller::ByRoute);
    let explained = explain(&input, &at(StageName::Step(1)), asked);
    assert!(explained.answer.is_none());
    assert_eq!(explained.diagnostics[0].code.name, "no-stable-destination");
}

#[test]
fn a_rule_that_engines_read_differently_is_undecided() {
    let http = r"[{match: [{uri: {regex: '/\Q.\E'}}], route: [{destination: {host: other}}]}, {route: [{destination: {host: web}}]}]";
    let input = input("[{replicas: 1, traffic: 10%}]", http);
    let asked = (&Sent::Request(request()), &Caller::ByRoute);
    let explained = explain(&input, &at(StageName::Step(1)), asked);
    let undecided = explained.answer.unwrap().unwrap_err();
    assert!(undecided.to_string().contains("`spec.http[0].match[0].uri.regex`"), "{undecided}");
}

#[test]
fn a_host_of_nobody_is_answered_as_without_virtual_services() {
    let route = "[{route: [{destination: {host: web}}]}]";
    let input = input("[{replicas: 1, traffic: 10%}]", route);
    let answer = ask(&input, StageName::Step(1), Request::new("example.com", "/"));
    assert_eq!(answer.caller, Caller::Default);
    assert_eq!(answer.outcome.answer, Answer::Passthrough);
}

/// A VirtualService for `shop.example.com` and `web`, with more in its spec.
fn bound(more: &str) -> Input {
    let route = "[{route: [{destination: {host: web}}]}]";
    let text = input("[{replicas: 1, traffic: 10%}]", route).sources()[0]
        .text()
        .replace("hosts: [web]", &format!("hosts: [shop.example.com, web]\n  {more}"));
    Input::new(vec![Source::new("web.yaml", text)], None)
}

fn asked_by(input: &Input, host: &str, caller: &Caller) -> String {
    let sent = Sent::Request(Request::new(host, "/"));
    let explained = explain(input, &at(StageName::Step(1)), (&sent, caller));
    explained.answer.unwrap_or_else(|| panic!("{:?}", explained.diagnostics)).unwrap().to_text()
}

#[test]
fn callers_are_those_that_the_virtual_service_is_for() {
    let gateway = "through gateway `edge/front`, of virtualservice `default/web`";
    let mesh =
        "by a client in namespace `default`, since virtualservice `default/web` is for the mesh";
    for (more, host, caller) in [
        ("gateways: [front.edge]", "shop.example.com", gateway),
        ("gateways: [edge/front]", "shop.example.com", gateway),
        ("gateways: [edge/front, mesh]", "shop.example.com", gateway),
        ("gateways: [edge/front]\n  exportTo: [other]", "shop.example.com", gateway),
        ("gateways: [edge/front, mesh]", "web.default", mesh),
        ("gateways: [mesh, edge/front]", "shop.example.com", mesh),
        ("exportTo: ['.']", "web", mesh),
    ] {
        let text = asked_by(&bound(more), host, &Caller::ByRoute);
        assert!(text.contains(caller) && text.contains("10 %  web-canary"), "{more}: {text}");
    }
    let text = asked_by(&bound("gateways: [edge/front, mesh]"), "web", &Caller::InMesh);
    assert!(text.contains(mesh), "{text}");
}

#[test]
fn where_no_caller_is_found_the_virtual_service_is_named() {
    let nobody = bound("gateways: [edge/front]\n  exportTo: ['~']");
    let text = asked_by(&nobody, "shop.example.com", &Caller::ByRoute);
    assert!(
        text.contains("VirtualService `default/web` has the host, and is exported to `~`"),
        "{text}"
    );
    let gateway = bound("gateways: [edge/front]");
    let text = asked_by(&gateway, "shop.example.com", &Caller::InMesh);
    assert!(text.contains("is bound to `edge/front`, not to `mesh`"), "{text}");
}

#[test]
fn what_the_input_lacks_is_not_in_the_input() {
    let text = asked_by(&bound(""), "nothing", &Caller::ByRoute);
    assert!(text.contains("the host is not in the input") && !text.contains("100 %"), "{text}");
    let route = "[{route: [{destination: {host: web}, weight: 1}, {destination: {host: other}, weight: 1}]}]";
    let text = asked_by(&input("[{replicas: 1, traffic: 10%}]", route), "web", &Caller::ByRoute);
    assert!(text.contains("50 %  other.default.svc.cluster.local, not in the input"), "{text}");
}

#[test]
fn a_bare_name_is_that_of_the_service_in_its_own_namespace() {
    let text = bound("gateways: [edge/front]").sources()[0]
        .text()
        .replace("{name: web}", "{name: web, namespace: shop}");
    let input = Input::new(vec![Source::new("web.yaml", text)], None);
    let text = asked_by(&input, "web", &Caller::ByRoute);
    assert!(text.contains("by a client in namespace `shop`"), "{text}");
    assert!(text.contains("100 %  web.shop.svc.cluster.local:80"), "{text}");
    assert!(text.contains("is bound to `edge/front`, not to `mesh`"), "{text}");
}

#[test]
fn a_rule_for_a_port_takes_only_its_requests() {
    let route =
        "[{match: [{port: 8080}], route: [{destination: {host: web, port: {number: 80}}}]}]";
    let both = route.replace("}}}]}]", "}}}]}, {route: [{destination: {host: other}}]}]");
    let input = |http: &str| input("[{replicas: 1, traffic: 10%}]", http);
    let text = asked_by(&input(&both), "web:8080", &Caller::ByRoute);
    assert!(text.contains("takes every request of this proxy and port"), "{text}");
    let input = input(route);
    let text = asked_by(&input, "web:8080", &Caller::ByRoute);
    assert!(text.contains("10 %  web-canary"), "{text}");
    let text = asked_by(&input, "web", &Caller::ByRoute);
    assert!(
        text.contains("no rule of VirtualService `default/web` applies to this proxy and port"),
        "{text}"
    );
    assert!(!text.contains("web-canary"), "{text}");
}

fn command(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    command.arg("explain").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().unwrap()
}

const GUIDE: [&str; 3] = ["-f", "fixtures/istio-guide", "--step=1"];

#[test]
fn headers_and_urls_are_read_as_curl_reads_them() {
    let answered = |arguments: &[&str]| -> Value {
        let output = command(&[&GUIDE, ["-o", "json"].as_slice(), arguments].concat());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(Some(0), output.status.code(), "{arguments:?}: {stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let sent = |arguments: &[&str]| answered(arguments)["sent"].clone();
    let plain = sent(&["example.com"]);
    assert_eq!((&plain["scheme"], &plain["path"]), (&Value::from("http"), &Value::from("/")));
    let full = sent(&["-X", "PUT", "HTTPS://me:secret@Example.com:8443/a?b=c#d"]);
    assert_eq!(full["host"], "Example.com:8443");
    assert_eq!((&full["port"], &full["path"]), (&Value::from(8443), &Value::from("/a?b=c")));
    assert_eq!((&full["method"], &full["scheme"]), (&Value::from("PUT"), &Value::from("https")));
    assert_eq!(sent(&["https://example.com?a=b"])["path"], "/?a=b");
    let other = sent(&["-H", "Host: shop.example.com", "http://10.0.0.1:81/"]);
    assert_eq!((&other["host"], &other["port"]), (&Value::from("shop.example.com"), &81.into()));
    let headers = sent(&["-H", "a:  b: c ", "-H", "empty;", "example.com"])["headers"].clone();
    assert_eq!(headers.to_string(), r#"[{"name":"a","value":"b: c"},{"name":"empty","value":""}]"#);
    assert_eq!(answered(&["-H", "version: canary", "example.com"])["canaryShare"], "1");
}

#[test]
fn callers_are_taken_as_given() {
    let caller = |arguments: &[&str]| -> Value {
        let output = command(&[&GUIDE, ["-o", "json", "a.b"].as_slice(), arguments].concat());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["caller"].clone()
    };
    assert_eq!(caller(&[])["chosenBy"], "default/vs-demo");
    let other = caller(&["--gateway", "edge/public", "--source-label", "app=edge"]);
    assert_eq!(
        other.to_string(),
        r#"{"gateway":"edge/public","namespace":"edge","labels":{"app":"edge"},"chosenBy":null}"#
    );
    let mesh = caller(&["--source-namespace", "office"]);
    assert_eq!((&mesh["gateway"], &mesh["namespace"]), (&Value::Null, &Value::from("office")));
}

#[test]
fn what_cannot_be_answered_ends_with_2() {
    for (arguments, said) in [
        (vec!["ftp://example.com"], "the scheme `ftp` is none of"),
        (vec!["http:///a"], "names no host"),
        (vec!["tcp://web"], "a connection needs HOST:PORT"),
        (vec!["tls://web:http"], "`http` is no port"),
        (vec!["http://example.com:99999/"], "`99999` is no port"),
        (vec!["https://[::1]:8x/"], "`8x` is no port"),
        (vec!["-H", "a", "example.com"], "the header `a` is not of the form"),
        (vec!["-H", "a: b", "tcp://web:80"], "a connection has neither method nor headers"),
        (vec!["--source-label", "a", "example.com"], "expected a label"),
        (vec!["--all-steps", "example.com"], "cannot be used with"),
    ] {
        let output = command(&[&GUIDE, arguments.as_slice()].concat());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((Some(2), 0), (output.status.code(), output.stdout.len()), "{arguments:?}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    let output = command(&["-f", "fixtures/unknown-service", "--all-steps", "example.com"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((Some(2), 0), (output.status.code(), output.stdout.len()));
    assert_eq!(stderr.matches("error[unknown-service]").count(), 1, "{stderr}");
}
