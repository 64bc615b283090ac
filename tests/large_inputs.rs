//! Inputs that grow in one direction must not take time with the square of it.
//!
//! Each of these took minutes once; the bound is far from what they take now, and farther from that.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files and the clock")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rollstep::{Input, Options, Outcome, Source, StageName};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_list_is_read_once_for_all_of_its_items() {
    let item = |number| {
        format!("- apiVersion: v1\n  kind: Service\n  metadata:\n    name: other-{number}\n")
    };
    let items: String = (0..2000).map(item).collect();
    let text = guide() + "---\napiVersion: v1\nkind: List\nitems:\n" + &items;
    render(text, |outcome| assert!(outcome.parts.is_some()));
}

#[test]
fn many_words_that_kustomize_reads_otherwise() {
    let words = format!("exportTo: [{}]\n  hosts:\n", ["yes"; 10_000].join(", "));
    let text = guide().replace("hosts:\n", &words);
    let count = "9900 more with this code are not shown";
    render(text, |outcome| {
        assert!(outcome.diagnostics.len() < 200);
        assert!(outcome.diagnostics.iter().any(|one| one.message == count));
    });
}

#[test]
fn many_rollouts_that_look_at_the_same_neighbours() {
    let text = guide();
    let shop = |number| {
        ["service-demo", "workload-demo", "rollouts-demo", "vs-demo", "nginx"]
            .iter()
            .fold(text.clone(), |text, name| text.replace(name, &format!("{name}-{number}")))
    };
    let texts: Vec<_> = (0..600).map(shop).collect();
    render(texts.join("---\n"), |outcome| assert!(outcome.parts.is_some()));
}

#[test]
fn many_separators_that_hold_something() {
    let text = guide() + &"--- a\n".repeat(50_000);
    render(text, |outcome| assert!(outcome.parts.is_none()));
}

fn render(text: String, check: impl FnOnce(Outcome<'_>)) {
    let start = Instant::now();
    let input = Input::new(vec![Source::new("input.yaml", text)], None);
    let options = Options { step: Some(StageName::Step(1)), ..Options::default() };
    check(rollstep::render(&input, &options));
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

fn guide() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/istio-guide");
    let names = ["deployment.yaml", "rollout.yaml", "service.yaml", "virtualservice.yaml"];
    names.map(|name| fs::read_to_string(folder.join(name)).unwrap()).join("---\n")
}
