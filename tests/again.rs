//! What was rendered is rendered again: the same as from the source, whatever lay between.
//!
//! Git may hold the result of one step when the next is rendered. For generated trees and any
//! sequence of stages the last one decides alone: objects that no stage of the sequence changed keep
//! their bytes, all others their values.
#![cfg(test)]

#[path = "again/dice.rs"]
mod dice;
#[path = "again/routes.rs"]
mod routes;
#[path = "again/tree.rs"]
mod tree;
#[path = "again/yaml.rs"]
mod yaml;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::TestCaseError;
use rollstep::diagnostic::codes;
use rollstep::{Compat, Input, Isolate, Options, Source, StageName, render};
use serde_json::Value;
use tree::{Isolation, Tree};

/// Documents by kind, namespace and name: the text and the value.
type Documents = BTreeMap<[String; 3], (String, Value)>;

/// What of the generated labels and annotations tools write; clones go without.
const BOOKKEEPING: [&str; 3] = [
    "argocd.argoproj.io/tracking-id",
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_stage_follows_from_every_other(bytes in vec(any::<u8>(), 0..224)) {
        let tree = tree::make(bytes);
        for first in between(&tree) {
            for last in all(&tree) {
                check(&tree, &[first], last)?;
            }
        }
    }

    #[test]
    fn any_sequence_of_stages_is_forgotten(
        bytes in vec(any::<u8>(), 0..224),
        choices in vec(any::<u8>(), 4),
    ) {
        let tree = tree::make(bytes);
        let (between, all) = (between(&tree), all(&tree));
        let stage = |choice: u8, stages: &[StageName]| stages[usize::from(choice) % stages.len()];
        let path: Vec<_> = choices[..3].iter().map(|choice| stage(*choice, &between)).collect();
        check(&tree, &path, stage(choices[3], &all))?;
    }
}

/// Each tree is rendered many times, so that fewer of them than usual will do.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 16, failure_persistence: None, ..usual }
}

/// Returns the stages that keep both versions, or the new one.
fn between(tree: &Tree) -> Vec<StageName> {
    let steps = (1..=tree.steps).map(StageName::Step);
    steps.chain([StageName::Promote, StageName::Done]).collect()
}

fn all(tree: &Tree) -> Vec<StageName> {
    between(tree).into_iter().chain([StageName::Stable]).collect()
}

/// Renders the stages of `path` one from the other and `last` from that, and from the source.
fn check(tree: &Tree, path: &[StageName], last: StageName) -> Result<(), TestCaseError> {
    if all(tree).into_iter().any(|stage| controller_fails(tree, stage)) {
        return Ok(());
    }
    let mut texts = vec![tree.source.clone()];
    for &stage in path {
        match render_at(tree, texts.last().unwrap(), stage) {
            Ok(text) => texts.push(text),
            Err(problems) => return Err(fail(tree, path, (last, &texts, &problems))),
        }
    }
    let direct = render_at(tree, &tree.source, last);
    let again = render_at(tree, texts.last().unwrap(), last);
    match (direct, again) {
        (Ok(direct), Ok(again)) => {
            texts.push(again.clone());
            compare(&texts, &direct, &again)
                .map_err(|difference| fail(tree, path, (last, &texts, &difference)))
        }
        (Err(_), Err(_)) if last == StageName::Stable && tree.stable.is_none() => Ok(()),
        (direct, again) => {
            let difference = format!("from the source {direct:#?}\nagain {again:#?}");
            Err(fail(tree, path, (last, &texts, &difference)))
        }
    }
}

/// Returns whether there is nothing to render as the controller would, since its script fails.
fn controller_fails(tree: &Tree, stage: StageName) -> bool {
    let compat = matches!(tree.isolation, Isolation::ByRevision { compat: true, .. });
    let failed = |problems: String| problems.contains("error[script-fails]");
    compat && render_at(tree, &tree.source, stage).err().is_some_and(failed)
}

fn render_at(tree: &Tree, text: &str, stage: StageName) -> Result<String, String> {
    let stable =
        tree.stable.as_ref().map(|stable| vec![Source::new("stable.yaml", stable.as_str())]);
    let input = Input::new(vec![Source::new("web.yaml", text)], stable);
    // Some trees leave the replicas out.
    let allow = vec![&codes::REPLICAS_MISSING];
    let mut options =
        Options { step: Some(stage), keep_rollout: true, allow, ..Options::default() };
    match &tree.isolation {
        Isolation::Chosen => {}
        Isolation::ByKey(key) => options.isolate = Some(Isolate::ByKey(key.clone())),
        Isolation::ByRevision { stable, canary, compat } => {
            options.isolate = (!compat).then_some(Isolate::ByRevision);
            options.compat = compat.then_some(Compat::Kruise);
            options.stable_revisions = vec![(None, (*stable).to_owned())];
            options.canary_revisions = vec![(None, (*canary).to_owned())];
        }
    }
    let outcome = render(&input, &options);
    let shown: Vec<_> = outcome.diagnostics.iter().map(ToString::to_string).collect();
    outcome.text().ok_or_else(|| shown.join("\n"))
}

/// Compares two results: the bytes of what no text on the way changed, the values of all.
fn compare(texts: &[String], direct: &str, again: &str) -> Result<(), String> {
    let (direct, again) = (documents(direct), documents(again));
    if direct.keys().ne(again.keys()) {
        return Err(format!("{:?}\nbut again {:?}", direct.keys(), again.keys()));
    }
    let texts: Vec<_> = texts.iter().map(|text| documents(text)).collect();
    for (name, (text, value)) in &direct {
        let (text_again, value_again) = &again[name];
        if value != value_again {
            return Err(format!("values differ:\n{text}\nbut again:\n{text_again}"));
        }
        let source = texts[0].get(name);
        let untouched = texts[..texts.len() - 1].iter().all(|text| text.get(name) == source);
        let untouched = untouched && source.is_some_and(|(source, _)| source == text);
        if untouched && text != text_again {
            return Err(format!("bytes differ:\n{text}\nbut again:\n{text_again}"));
        }
    }
    Ok(())
}

fn documents(text: &str) -> Documents {
    let documents = text.split("---\n").map(|text| {
        let values = rollstep::read(&[Source::new("document.yaml", text)]).unwrap();
        let [value] = values.as_slice() else { panic!("no document:\n{text}") };
        let field =
            |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let name = [field("/kind"), field("/metadata/namespace"), field("/metadata/name")];
        (name.map(str::to_owned), (text.to_owned(), comparable(value)))
    });
    documents.collect()
}

/// Returns the value without what is not kept: labels and annotations that hold nothing, what tools
/// wrote about the one object, and what the API server reports.
fn comparable(value: &Value) -> Value {
    let mut value = value.clone();
    let object = value.as_object_mut().unwrap();
    object.shift_remove("status");
    let metadata = object["metadata"].as_object_mut().unwrap();
    for key in ["labels", "annotations"] {
        let Some(entries) = metadata.get_mut(key).and_then(Value::as_object_mut) else { continue };
        entries.retain(|key, _| !BOOKKEEPING.contains(&key.as_str()));
        if entries.is_empty() {
            metadata.shift_remove(key);
        }
    }
    value
}

fn fail(
    tree: &Tree,
    path: &[StageName],
    (last, texts, difference): (StageName, &[String], &str),
) -> TestCaseError {
    let path: Vec<_> = path.iter().chain([&last]).map(ToString::to_string).collect();
    let (path, stable) = (path.join(" -> "), tree.stable.as_deref().unwrap_or("(none)"));
    let between = texts.get(1).map_or("", String::as_str);
    TestCaseError::fail(format!(
        "{path}\n==== source\n{}\n==== stable\n{stable}\n==== first\n{between}\n==== {difference}",
        tree.source
    ))
}
