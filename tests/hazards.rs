//! The table of docs/routing.md and the examples of docs/hazards.md say what the controller's script and
//! rollstep make of each hazard; both are so.
//!
//! Each example is a rollout of Service `web` by one VirtualService, rendered at its step
//! with `--compat kruise` and without. Fixtures and tests that the table names are there.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollstep::diagnostic::Severity;
use rollstep::{Compat, Input, Only, Options, Source, StageName};
use serde_json::{Value, json};

/// Where the table of hazards stands, and where their examples.
const TABLE: &str = "docs/routing.md";
const EXAMPLES: &str = "docs/hazards.md";

/// Hazards that rules alone do not show: their rows name the fixtures that do.
const WITHOUT_EXAMPLE: [&str; 2] = ["H23", "H24"];

/// What came of an example, and the codes of what was said.
struct Rendered {
    text: Option<String>,
    errors: BTreeSet<&'static str>,
    warnings: BTreeSet<&'static str>,
}

#[test]
fn every_example_of_the_page_is_so() {
    for (title, example) in examples() {
        check(&title, &example, ("controller", Some(Compat::Kruise)));
        check(&title, &example, ("rollstep", None));
    }
}

#[test]
fn every_hazard_has_a_row_and_an_example() {
    let table = read(TABLE);
    let titles: BTreeSet<_> = examples().into_iter().map(|(title, _)| title).collect();
    for number in 1..=24 {
        let hazard = format!("H{number}");
        let row = format!("| [{hazard}](hazards.md#{}) |", hazard.to_lowercase());
        if WITHOUT_EXAMPLE.contains(&hazard.as_str()) {
            assert!(table.contains(&format!("| {hazard} |")), "{hazard} has no row");
        } else {
            assert!(table.contains(&row) && titles.contains(&hazard), "{hazard} has no example");
        }
    }
}

#[test]
fn what_keeps_a_hazard_away_is_there() {
    let table = read(TABLE);
    for row in table.lines().filter(|line| line.starts_with("| [H") || line.starts_with("| H")) {
        let kept_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let mut source = None;
        for name in kept_by.split('`').skip(1).step_by(2) {
            if name.starts_with("tests/") {
                source = Some(fs::read_to_string(root().join(name)).unwrap());
                continue;
            }
            match &source {
                None => assert!(root().join("fixtures").join(name).is_dir(), "no fixture `{name}`"),
                Some(source) => {
                    assert!(source.contains(&format!("fn {name}(")), "no test `{name}`");
                }
            }
        }
        assert!(kept_by.contains('`'), "nothing keeps {row}");
    }
}

/// Compares what comes of an example in one mode with what the page says.
fn check(title: &str, example: &Value, (key, compat): (&str, Option<Compat>)) {
    let Rendered { text, errors, warnings: mut told } = render(example, compat);
    if let Some(code) = example[key].as_str().filter(|said| *said != "unchanged") {
        assert_eq!(BTreeSet::from([code]), errors, "{title}, {key}");
        return;
    }
    let text = text.unwrap_or_else(|| panic!("{title}, {key}: {errors:?}"));
    let objects = rollstep::read(&[Source::new("result.yaml", text)]).unwrap();
    let expected = |said: &Value, before: &Value| {
        if said.is_null() || said == "unchanged" { before.clone() } else { said.clone() }
    };
    assert!(!example[key].is_null(), "{title} does not say what `{key}` is");
    let rules = expected(&example[key], &example["before"]);
    assert_eq!(rules, spec(&objects, "web"), "{title}, {key}");
    let delegate = expected(&example[format!("{key}Delegate")], &example["delegate"]);
    if !delegate.is_null()
        && objects.iter().any(|object| object["metadata"]["name"] == "web-routes")
    {
        assert_eq!(delegate, spec(&objects, "web-routes"), "{title}, {key}");
    }
    let warnings = example[format!("{key}Warns")].as_array().cloned().unwrap_or_default();
    let warnings: BTreeSet<_> = warnings.iter().map(|code| code.as_str().unwrap()).collect();
    told.remove("stable-paused");
    assert_eq!(warnings, told, "{title}, {key}");
}

/// Returns the rules of a VirtualService.
fn spec(objects: &[Value], name: &str) -> Value {
    let mut objects = objects.iter();
    let found = objects
        .find(|object| object["kind"] == "VirtualService" && object["metadata"]["name"] == name);
    let mut spec = found.unwrap_or_else(|| panic!("there is no `{name}`"))["spec"].clone();
    spec.as_object_mut().unwrap().shift_remove("hosts");
    spec
}

fn render(example: &Value, compat: Option<Compat>) -> Rendered {
    let sources = objects(example).into_iter();
    let sources = sources.map(|object| Source::new("web.yaml", object.to_string())).collect();
    let step = Some(StageName::Step(1));
    // The pins of both Services. Where there is one for both versions, there are none.
    let pinned = compat.filter(|_| example["oneService"] != true);
    let revision = |revision: &str| pinned.iter().map(|_| (None, revision.to_owned())).collect();
    let options = Options {
        step,
        compat,
        only: Only::Routing,
        stable_revisions: revision("5f7d"),
        canary_revisions: revision("9c1b"),
        ..Options::default()
    };
    let input = Input::new(sources, None);
    let outcome = rollstep::render(&input, &options);
    let codes = |severity: Severity| {
        let told = outcome.diagnostics.iter().filter(|one| one.severity == severity);
        told.map(|one| one.code.name).collect()
    };
    Rendered {
        text: outcome.text(),
        errors: codes(Severity::Error),
        warnings: codes(Severity::Warning),
    }
}

fn objects(example: &Value) -> Vec<Value> {
    let labels = json!({"app": "web"});
    let pods = json!({"containers": [{"name": "web", "image": "web:2"}]});
    let template = json!({"metadata": {"labels": labels}, "spec": pods});
    let deployment =
        json!({"replicas": 10, "selector": {"matchLabels": labels}, "template": template});
    let service = json!({"selector": labels, "ports": [{"port": 80}]});
    let mut rules = example["before"].clone();
    rules["hosts"] = json!(["web.example.com"]);
    let mut step = example["step"].clone();
    step["replicas"] = json!(1);
    let route =
        json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "name": "web"});
    let mut canary = json!({
        "enableExtraWorkloadForCanary": true,
        "steps": [step],
        "trafficRoutings": [{"service": "web", "customNetworkRefs": [route]}],
    });
    if example["oneService"] == true {
        canary["disableGenerateCanaryService"] = json!(true);
    }
    let workload = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let rollout = json!({"workloadRef": workload, "strategy": {"canary": canary}});
    let mut objects = vec![
        object(("apps/v1", "Deployment"), "web", &deployment),
        object(("v1", "Service"), "web", &service),
        object(("networking.istio.io/v1", "VirtualService"), "web", &rules),
        object(("rollouts.kruise.io/v1beta1", "Rollout"), "web", &rollout),
    ];
    if let Some(delegate) = example.get("delegate") {
        let kind = ("networking.istio.io/v1", "VirtualService");
        objects.push(object(kind, "web-routes", delegate));
    }
    objects
}

fn object((api_version, kind): (&str, &str), name: &str, spec: &Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec})
}

/// Returns the examples of the page, each with the title of its section.
fn examples() -> Vec<(String, Value)> {
    let page = read(EXAMPLES);
    let sections = page.split("\n## ").skip(1);
    let example = |section: &str| {
        let (title, rest) = section.split_once('\n').unwrap();
        let text = rest.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
        let example = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{title}: {error}"));
        (title.to_owned(), example)
    };
    sections.map(example).collect()
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
