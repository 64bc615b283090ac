//! Annotations that grow too large, made here: as fixtures they would be.
#![cfg(test)]

use rollstep::diagnostic::Severity;
use rollstep::{Input, Only, Options, Outcome, Source, StageName, render};

/// Deployment, Service and Rollout; the VirtualService is that of the test.
const BESIDE: &str = include_str!("beside/web.yaml");

/// Returns a VirtualService whose original is somewhat longer than `length`.
fn virtual_service(length: usize) -> String {
    let value = "x".repeat(length);
    format!(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: web\nspec:\n  \
         hosts:\n  - web.example.com\n  http:\n  - headers:\n      request:\n        set:\n          \
         long: {value}\n    route:\n    - destination:\n        host: web\n"
    )
}

fn input(length: usize) -> Input {
    let route = virtual_service(length);
    let sources = [("beside.yaml", BESIDE), ("route.yaml", route.as_str())];
    Input::new(sources.map(|(name, text)| Source::new(name, text)).to_vec(), None)
}

fn render_at(input: &Input, step: StageName) -> Outcome<'_> {
    render(input, &Options { step: Some(step), only: Only::Routing, ..Options::default() })
}

/// Returns code and severity of what is said of annotations.
fn said(outcome: &Outcome<'_>) -> Vec<(&'static str, Severity)> {
    let said = outcome.diagnostics.iter().map(|said| (said.code.name, said.severity));
    said.filter(|(code, _)| code.starts_with("annotations-")).collect()
}

#[test]
fn an_original_that_no_annotation_can_hold_is_an_error() {
    let input = input(262_144);
    let outcome = render_at(&input, StageName::Step(1));
    assert_eq!(said(&outcome), [("annotations-too-large", Severity::Error)]);
    assert!(outcome.text().is_none());
}

#[test]
fn an_original_that_leaves_no_room_for_that_of_kubectl_is_a_warning() {
    let input = input(100_000);
    let outcome = render_at(&input, StageName::Step(1));
    assert_eq!(said(&outcome), [("annotations-near-limit", Severity::Warning)]);
    assert!(outcome.text().unwrap().len() > 200_000);
}

#[test]
fn half_of_it_is_in_order() {
    let input = input(50_000);
    assert_eq!(said(&render_at(&input, StageName::Step(1))), []);
}

#[test]
fn a_stage_that_stores_nothing_has_room() {
    let input = input(262_144);
    let outcome = render_at(&input, StageName::Done);
    assert_eq!(said(&outcome), []);
    assert!(outcome.text().is_some());
}
