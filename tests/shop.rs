//! The example of a whole tree: `examples/shop`, at every step of every rollout.
//!
//! Twenty services, with whatever lies beside them in a real tree. What the fixtures show one at a
//! time must hold of all of it together.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use rollstep::diagnostic::{Diagnostic, Severity};
use rollstep::{Input, ObjectName, Options, Source, StageName, render};
use serde_json::Value;
use skipped::has;

/// The warnings that the README of the example tells of: code, and the object that it is about.
const EXPECTED: [(&str, &str); 4] = [
    ("config-shared", "configmap `storefront-features`"),
    ("hook-at-each-step", "job `catalog-migrate-5.2.0`"),
    ("not-covered", "horizontalpodautoscaler `storefront`"),
    ("not-covered", "scaledobject `recommendations`"),
];

/// The tree at one step.
struct Render {
    name: String,
    options: Options,
    text: Option<String>,
    diagnostics: Vec<Diagnostic>,
}

#[test]
fn the_steps_in_git_render_with_the_warnings_that_the_page_tells() {
    let (text, diagnostics) = render_with(&tree(), &as_in_git());
    assert!(text.is_some(), "{diagnostics:#?}");
    let mut told: Vec<_> =
        diagnostics.iter().filter(|one| one.severity == Severity::Warning).collect();
    told.sort_by_key(|one| (one.code.name, one.message.clone()));
    assert_eq!(EXPECTED.len(), told.len(), "{told:#?}");
    for ((code, about), diagnostic) in EXPECTED.iter().zip(told) {
        assert_eq!(*code, diagnostic.code.name);
        assert!(diagnostic.message.contains(about), "{}", diagnostic.message);
    }
}

#[test]
fn every_step_of_every_rollout_renders_without_an_error() {
    for Render { name, text, diagnostics, .. } in renders() {
        assert!(text.is_some(), "{name}: {diagnostics:#?}");
    }
}

#[test]
fn a_rendered_tree_renders_again_to_the_same() {
    let tree = tree();
    for (name, options) in all_steps(&tree) {
        let (text, _) = render_with(&tree, &options);
        let rendered =
            Input::new(vec![Source::new("rendered.yaml", text.unwrap())], Some(stable()));
        let (again, diagnostics) = render_with(&rendered, &options);
        let again = again.unwrap_or_else(|| panic!("{name}: {diagnostics:#?}"));
        assert!(again == rendered.sources()[0].text(), "{name} renders again to something else");
    }
}

#[test]
fn a_rendered_tree_renders_at_another_step_as_the_source_does() {
    let rendered = as_input(renders()[0].text.clone().unwrap());
    // What was taken back is there in its old version alone: its rollout has nothing to go on with.
    let taken_back = |one: &&Render| one.name.starts_with("shop-backoffice/fraud");
    for Render { name, options, text, .. } in renders().iter().filter(|one| !taken_back(one)) {
        let (found, diagnostics) = render_with(&rendered, options);
        let found = found.unwrap_or_else(|| panic!("{name}: {diagnostics:#?}"));
        assert_eq!(by_name(text.as_ref().unwrap()), by_name(&found), "{name}");
    }
}

#[test]
fn no_value_of_a_secret_is_told() {
    let secret = ["EXAMPLE", "RVhBTVBMR"];
    for Render { name, diagnostics, .. } in renders() {
        for diagnostic in diagnostics {
            let told = diagnostic.to_string();
            assert!(!secret.iter().any(|part| told.contains(part)), "{name}: {told}");
        }
    }
}

#[test]
fn no_value_of_a_broken_secret_is_told() {
    for broken in ["stringData:\n  key: EXAMPLE-a\n  key: EXAMPLE-b\n", "data: {key: [EXAMPLE\n"] {
        let secret = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{broken}");
        let mut sources = read(&root().join("manifests"));
        sources.push(Source::new("broken.yaml", secret));
        let input = Input::new(sources, Some(stable()));
        let (_, diagnostics) = render_with(&input, &as_in_git());
        let told: String = diagnostics.iter().map(ToString::to_string).collect();
        assert!(told.contains("broken.yaml:"), "{told}");
        assert!(!told.contains("EXAMPLE"), "{told}");
    }
}

#[test]
fn kubectl_reads_every_render() {
    if !has("kubectl") {
        return;
    }
    thread::scope(|scope| {
        for chunk in renders().chunks(10) {
            scope.spawn(|| chunk.iter().for_each(label));
        }
    });
}

/// Lets `kubectl` label every object of a render; it must find as many as we do.
fn label(Render { name, text, .. }: &Render) {
    let text = text.as_ref().unwrap();
    let mut kubectl = Command::new("kubectl")
        .args(["label", "--local", "-f", "-", "-o", "name", "x=y"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    kubectl.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = kubectl.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}");
    let count = String::from_utf8(output.stdout).unwrap().lines().count();
    assert_eq!(by_name(text).len(), count, "{name}");
}

#[test]
fn kustomize_before_the_render_changes_nothing() {
    let listed = fs::read_to_string(root().join("kustomization.yaml")).unwrap();
    for source in read(&root().join("manifests")) {
        let path = Path::new(source.name()).strip_prefix(root()).unwrap();
        let line = format!("- {}\n", path.display());
        assert!(listed.contains(&line), "kustomization.yaml lacks {line}");
    }
    if !has("kubectl") {
        return;
    }
    let built = Command::new("kubectl").arg("kustomize").arg(root()).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let built = Source::new("built.yaml", String::from_utf8(built.stdout).unwrap());
    let options = Options { filter: true, ..as_in_git() };
    let (through, diagnostics) = render_with(&Input::new(vec![built], Some(stable())), &options);
    let through = through.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let (direct, _) = render_with(&tree(), &as_in_git());
    assert_eq!(by_name(&direct.unwrap()), by_name(&through));
}

#[test]
fn the_tree_has_what_a_real_one_has() {
    let objects = rollstep::read(tree().sources()).unwrap();
    let count = |kind: &str| objects.iter().filter(|object| object["kind"] == kind).count();
    let services: Vec<_> = folders(&root().join("manifests/shop"))
        .into_iter()
        .chain(folders(&root().join("manifests/backoffice")))
        .collect();
    assert_eq!(20, services.len(), "{services:?}");
    assert_eq!(8, count("Rollout"));
    assert_eq!(8, count("RollStep"));
    for kind in ["NetworkPolicy", "AuthorizationPolicy", "PodDisruptionBudget", "Secret"] {
        assert!(count(kind) >= 3, "{kind}");
    }
    for kind in ["HorizontalPodAutoscaler", "ScaledObject", "Job", "ConfigMap", "ServiceAccount"] {
        assert!(count(kind) >= 1, "{kind}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop")
}

fn tree() -> Input {
    Input::new(read(&root().join("manifests")), Some(stable()))
}

fn stable() -> Vec<Source> {
    read(&root().join("stable"))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Reads the files below a folder in lexical order.
fn read(folder: &Path) -> Vec<Source> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read_one = |path: PathBuf| match path.is_dir() {
        true => read(&path),
        false => {
            let text = fs::read_to_string(&path).unwrap();
            vec![Source::new(path.display().to_string(), text)]
        }
    };
    paths.into_iter().flat_map(read_one).collect()
}

/// The step of each rollout is that of its RollStep; Rollouts are kept, to render again.
fn as_in_git() -> Options {
    Options { keep_rollout: true, ..Options::default() }
}

/// Returns the steps in Git, and each step of each rollout while the others stay there.
fn all_steps(tree: &Input) -> Vec<(String, Options)> {
    let objects = rollstep::read(tree.sources()).unwrap();
    let mut all = vec![("as in Git".to_owned(), as_in_git())];
    for rollout in objects.iter().filter(|object| object["kind"] == "Rollout") {
        let metadata = &rollout["metadata"];
        let text = |key: &str| metadata[key].as_str().unwrap().to_owned();
        let name = ObjectName { namespace: Some(text("namespace")), name: text("name") };
        let steps = rollout["spec"]["strategy"]["canary"]["steps"].as_array().unwrap().len();
        let numbered = (0..=steps).map(|number| number.to_string());
        for step in numbered.chain(["promote".to_owned(), "done".to_owned()]) {
            let stage: StageName = step.parse().unwrap();
            let options = Options { steps: [(name.clone(), stage)].into(), ..as_in_git() };
            all.push((format!("{name} at {step}"), options));
        }
    }
    all
}

/// Renders each of these once, for all tests.
fn renders() -> &'static [Render] {
    static RENDERS: OnceLock<Vec<Render>> = OnceLock::new();
    RENDERS.get_or_init(|| {
        let tree = tree();
        let render = |(name, options): (String, Options)| {
            let (text, diagnostics) = render_with(&tree, &options);
            Render { name, options, text, diagnostics }
        };
        all_steps(&tree).into_iter().map(render).collect()
    })
}

fn as_input(text: String) -> Input {
    Input::new(vec![Source::new("rendered.yaml", text)], Some(stable()))
}

fn render_with(input: &Input, options: &Options) -> (Option<String>, Vec<Diagnostic>) {
    let outcome = render(input, options);
    (outcome.text(), outcome.diagnostics)
}

/// Returns the objects of a text by kind, namespace and name.
fn by_name(text: &str) -> BTreeMap<String, Value> {
    let objects = rollstep::read(&[Source::new("text", text)]).unwrap();
    let key = |object: &Value| {
        let metadata = &object["metadata"];
        format!("{} {}/{}", object["kind"], metadata["namespace"], metadata["name"])
    };
    objects.into_iter().map(|object| (key(&object), object)).collect()
}
