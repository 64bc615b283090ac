//! The rollout of the controller's Istio guide, against what the controller makes of it.
//!
//! The expected files lie beside the crate; where they are not there the tests are skipped, but not
//! in CI.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rollstep::{Input, Options, Source, render};
use serde_json::{Value, json};
use skipped::skip_outside_ci;

/// The annotation that holds the original.
const ORIGINAL: &str = "rollouts.kruise.io/original-spec-configuration";

#[test]
fn virtual_services_are_those_of_the_controller() {
    let Some(guide) = Guide::find() else { return };
    for step in ["1", "2", "3"] {
        let objects = guide.render(step);
        let expected = guide.read(&format!("expected/virtualservice.step-{step}.yaml"));
        assert_eq!(expected, [find(&objects, "VirtualService", "vs-demo")], "step {step}");
    }
}

#[test]
fn the_annotation_is_byte_for_byte_that_of_the_controller() {
    let Some(guide) = Guide::find() else { return };
    let line = |text: &str| {
        let mut lines = text.lines().filter(|line| line.contains(ORIGINAL));
        lines.next().unwrap().trim().to_owned()
    };
    for step in ["1", "2", "3"] {
        let expected = guide.text(&format!("expected/virtualservice.step-{step}.yaml"));
        assert_eq!(line(&expected), line(&guide.render_text(step)), "step {step}");
    }
}

#[test]
fn the_annotation_of_the_live_object_is_what_the_guide_prints() {
    let Some(mut guide) = Guide::find() else { return };
    guide.replace("virtualservice.yaml", "live/virtualservice.yaml");
    let text = guide.text("expected/live.annotation.txt");
    let expected = text.strip_suffix('\n').unwrap();
    for step in ["1", "2", "3", "promote"] {
        let object = find(&guide.render(step), "VirtualService", "vs-demo");
        assert_eq!(object["metadata"]["annotations"][ORIGINAL], expected, "step {step}");
    }
}

#[test]
fn canary_objects_are_as_expected() {
    let Some(guide) = Guide::find() else { return };
    let expected = guide.read("expected/canary.yaml");
    for (step, replicas) in [("1", 1), ("2", 2), ("3", 3), ("promote", 3)] {
        let objects = guide.render(step);
        let mut deployment = expected[0].clone();
        deployment["spec"]["replicas"] = json!(replicas);
        assert_eq!(deployment, find(&objects, "Deployment", "workload-demo-canary"), "step {step}");
        assert_eq!(expected[1], find(&objects, "Service", "service-demo-canary"), "step {step}");
    }
}

#[test]
fn without_the_old_version_the_stable_deployment_is_paused() {
    let Some(guide) = Guide::find() else { return };
    let source = guide.text("input/deployment.yaml");
    for step in ["1", "2", "3"] {
        let text = guide.render_text(step);
        let first = text.split("---\n").next().unwrap();
        assert_eq!(format!("{source}  paused: true\n"), moved_last(first), "step {step}");
    }
}

#[test]
fn with_the_old_version_it_is_that_file() {
    let Some(mut guide) = Guide::find() else { return };
    guide.stable = Some(guide.sources("stable"));
    let old = guide.text("stable/deployment.yaml");
    for step in ["stable", "1", "2", "3"] {
        let text = guide.render_text(step);
        assert_eq!(Some(old.as_str()), text.split("---\n").next(), "step {step}");
    }
}

#[test]
fn at_the_end_all_is_as_it_came() {
    let Some(guide) = Guide::find() else { return };
    let files = ["deployment", "service", "virtualservice"];
    let texts = files.map(|file| guide.text(&format!("input/{file}.yaml")));
    assert_eq!(texts.join("---\n"), guide.render_text("done"));
}

#[test]
fn promote_runs_the_new_version_beside_the_canary() {
    let Some(guide) = Guide::find() else { return };
    let (last, promote) = (guide.render("3"), guide.render("promote"));
    let deployment = guide.read("input/deployment.yaml");
    assert_eq!(deployment, [find(&promote, "Deployment", "workload-demo")]);
    for (kind, name) in [
        ("Deployment", "workload-demo-canary"),
        ("Service", "service-demo"),
        ("Service", "service-demo-canary"),
        ("VirtualService", "vs-demo"),
    ] {
        assert_eq!(find(&last, kind, name), find(&promote, kind, name));
    }
    assert_eq!(last.len(), promote.len());
}

#[test]
fn stable_is_the_old_version_alone() {
    let Some(mut guide) = Guide::find() else { return };
    let outcome = guide.outcome("stable");
    assert_eq!((None, "no-stable-version"), (outcome.0, outcome.1[0].code.name));
    guide.stable = Some(guide.sources("stable"));
    let files = ["stable/deployment", "input/service", "input/virtualservice"];
    let texts = files.map(|file| guide.text(&format!("{file}.yaml")));
    assert_eq!(texts.join("---\n"), guide.render_text("stable"));
}

#[test]
fn the_rollout_as_published_is_refused() {
    let Some(guide) = Guide::find() else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_rollstep"))
        .args(["render", "--step", "1", "-f", "as-published/rollout.yaml"])
        .args(
            ["deployment", "service", "virtualservice"].map(|file| format!("-finput/{file}.yaml")),
        )
        .current_dir(&guide.folder)
        .output()
        .unwrap();
    assert_eq!(Some(2), output.status.code());
    assert_eq!("", String::from_utf8(output.stdout).unwrap());
    let expected = "\
error[unknown-service]: rollout `rollouts-demo` refers to service `mocka`, which is not in the input
  --> as-published/rollout.yaml:24:18 (spec.strategy.canary.trafficRoutings[0].service)
   |
24 |       - service: mocka
   |                  ^
   = help: add service `mocka`, or correct the name; did you mean `service-demo`? Its selector matches the workload's pods
";
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(expected), "{said}");
}

/// The files of the guide, and the input that is made of them.
struct Guide {
    folder: PathBuf,
    sources: Vec<Source>,
    stable: Option<Vec<Source>>,
}

impl Guide {
    fn find() -> Option<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/istio-guide");
        if !folder.exists() {
            skip_outside_ci(&format!("{} is not there", folder.display()));
            return None;
        }
        let mut guide = Self { folder, sources: Vec::new(), stable: None };
        guide.sources = guide.sources("input");
        Some(guide)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// Returns the manifests of a folder, in lexical order.
    fn sources(&self, folder: &str) -> Vec<Source> {
        let entries = fs::read_dir(self.folder.join(folder)).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let name = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
        let source = |file: &PathBuf| Source::new(name(file), fs::read_to_string(file).unwrap());
        files.iter().map(source).collect()
    }

    fn replace(&mut self, name: &str, file: &str) {
        let text = self.text(file);
        let source = self.sources.iter_mut().find(|source| source.name() == name);
        *source.unwrap() = Source::new(name, text);
    }

    fn read(&self, file: &str) -> Vec<Value> {
        read(file, self.text(file))
    }

    fn outcome(&self, step: &str) -> (Option<String>, Vec<rollstep::diagnostic::Diagnostic>) {
        let options = Options { step: Some(step.parse().unwrap()), ..Options::default() };
        let input = Input::new(self.sources.clone(), self.stable.clone());
        let outcome = render(&input, &options);
        (outcome.text(), outcome.diagnostics)
    }

    fn render_text(&self, step: &str) -> String {
        let (text, diagnostics) = self.outcome(step);
        text.unwrap_or_else(|| panic!("step {step}: {}", diagnostics[0]))
    }

    fn render(&self, step: &str) -> Vec<Value> {
        read(step, self.render_text(step))
    }
}

fn read(name: &str, text: String) -> Vec<Value> {
    rollstep::read(&[Source::new(name, text)]).unwrap()
}

#[track_caller]
fn find(objects: &[Value], kind: &str, name: &str) -> Value {
    let mut found = objects
        .iter()
        .filter(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    let object = found.next().unwrap_or_else(|| panic!("there is no {kind} {name}")).clone();
    assert!(found.next().is_none(), "there are several {kind} {name}");
    object
}

/// Puts the line that pauses behind the others, wherever it was put.
fn moved_last(text: &str) -> String {
    let (paused, others): (Vec<_>, Vec<_>) =
        text.split_inclusive('\n').partition(|line| line.trim() == "paused: true");
    [others.concat(), paused.concat()].concat()
}
