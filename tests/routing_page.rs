//! What docs/routing.md shows is what is rendered.
//!
//! Each `yaml` block has a document with the step and what there was, one with what the controller
//! makes of it and one with what is written by default; `error` in place of a result is the code of
//! the refusal. A section about a class of differences shows one that its code tells.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollstep::diagnostic::Severity;
use rollstep::{Compat, Input, Options, Source, StageName, render};
use serde::Deserialize;
use serde_json::{Value, json};

/// A result in the form of the page, and the codes that are told.
type Shown = (Value, BTreeSet<&'static str>);

#[test]
fn what_is_shown_is_what_is_rendered() {
    let page = read_page();
    let blocks: Vec<_> = page.split("```yaml\n").skip(1).map(block).collect();
    assert!(blocks.len() >= 15, "{} examples", blocks.len());
    for block in blocks {
        let documents = documents(block);
        let modes = [Some(Compat::Kruise), None];
        for (shown, compat) in documents[1..].iter().zip(modes) {
            let (found, _) = rendered(&documents[0], compat);
            assert_eq!(*shown, found, "{compat:?}\n{block}");
        }
    }
}

#[test]
fn every_class_of_differences_is_told_by_its_code() {
    let page = read_page();
    // The table of hazards is for tests/hazards.rs.
    let (page, _) = page.split_once("\n## Hazards\n").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| [")).collect::<Vec<_>>();
    assert!(rows.len() >= 14, "{} classes", rows.len());
    let mut listed = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.split(" | ").collect();
        let title = cells[0].trim_start_matches("| [").split(']').next().unwrap();
        let section = page.split("\n### ").find(|section| {
            section.lines().next().is_some_and(|line| line.eq_ignore_ascii_case(title))
        });
        let section = section.unwrap_or_else(|| panic!("no section {title}"));
        let example = section.split_once("```yaml\n").map(|(_, rest)| block(rest));
        let (_, told) = rendered(&documents(example.unwrap())[0], Some(Compat::Kruise));
        let codes: Vec<_> = cells[2].split('`').skip(1).step_by(2).collect();
        assert!(codes.iter().any(|code| told.contains(code)), "{title}: {told:?}");
        listed.extend(codes.into_iter().map(str::to_owned));
    }
    let codes = rollstep::diagnostic::codes::all().map(|code| code.name);
    let missing: Vec<_> =
        codes.filter(|code| code.starts_with("script-") && !listed.contains(*code)).collect();
    assert!(missing.is_empty(), "no class is told by {missing:?}");
}

fn block(rest: &str) -> &str {
    rest.split("```").next().unwrap()
}

fn documents(block: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(block);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

/// Renders the first document of an example, and returns the same fields of the result.
fn rendered(example: &Value, compat: Option<Compat>) -> Shown {
    let input = Input::new(vec![Source::new("tree.yaml", tree(example))], None);
    let revision = |revision: &str| compat.iter().map(|_| (None, revision.to_owned())).collect();
    let options = Options {
        step: Some(StageName::Step(1)),
        compat,
        stable_revisions: revision("5f7d"),
        canary_revisions: revision("9c1b"),
        ..Options::default()
    };
    let outcome = render(&input, &options);
    let codes = outcome.diagnostics.iter().map(|one| one.code.name).collect();
    let Some(text) = outcome.text() else {
        let errors = outcome.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        let errors: Vec<_> = errors.map(|error| error.code.name).collect();
        return (json!({"error": errors.join(", ")}), codes);
    };
    let objects = rollstep::read(&[Source::new("result.yaml", text)]).unwrap();
    let of_kind = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let mut found = json!({});
    if let Some(rules) = example.get("http").and(of_kind("VirtualService")["spec"].get("http")) {
        found["http"] = rules.clone();
    }
    if example.get("destinationRule").is_some() {
        found["destinationRule"] = of_kind("DestinationRule")["spec"].clone();
    }
    (found, codes)
}

fn tree(example: &Value) -> String {
    let api_version = "networking.istio.io/v1";
    let route = json!([{"destination": {"host": "web"}}]);
    let rules = example.get("http").cloned().unwrap_or_else(|| json!([{"route": route}]));
    let mut references =
        vec![json!({"apiVersion": api_version, "kind": "VirtualService", "name": "web"})];
    let mut objects = Vec::new();
    if let Some(rule) = example.get("destinationRule") {
        references
            .push(json!({"apiVersion": api_version, "kind": "DestinationRule", "name": "web"}));
        objects.push((api_version, "DestinationRule", rule.clone()));
    }
    let selector = json!({"app": "web"});
    let labels = example.get("labels").cloned().unwrap_or_else(|| selector.clone());
    let mut step = example["step"].clone();
    step["replicas"] = json!("100%");
    let canary = json!({
        "enableExtraWorkloadForCanary": true,
        "steps": [step],
        "trafficRoutings": [{"service": "web", "customNetworkRefs": references}],
    });
    let workload = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    objects.extend([
        ("apps/v1", "Deployment", deployment(&labels)),
        ("v1", "Service", json!({"selector": selector, "ports": [{"port": 80}]})),
        (api_version, "VirtualService", json!({"hosts": ["web"], "http": rules})),
        (
            "rollouts.kruise.io/v1beta1",
            "Rollout",
            json!({"workloadRef": workload, "strategy": {"canary": canary}}),
        ),
    ]);
    let named =
        objects.into_iter().map(|(api_version, kind, spec)| (api_version, kind, "web", spec));
    let mut objects: Vec<_> = named.collect();
    // Other workloads behind the Service, and subsets of a DestinationRule that the rollout does not name.
    for (name, labels) in example.get("others").and_then(Value::as_object).into_iter().flatten() {
        objects.push(("apps/v1", "Deployment", name, deployment(labels)));
    }
    if let Some(subsets) = example.get("subsets") {
        let rule = json!({"host": "web", "subsets": subsets});
        objects.push((api_version, "DestinationRule", "subsets", rule));
    }
    let documents = objects.iter().map(|(api_version, kind, name, spec)| {
        format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"
        )
    });
    documents.collect::<Vec<_>>().join("---\n")
}

fn deployment(labels: &Value) -> Value {
    let template = json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": "web:2"}]},
    });
    json!({"replicas": 1, "selector": {"matchLabels": labels}, "template": template})
}

fn read_page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/routing.md");
    fs::read_to_string(path).unwrap()
}
