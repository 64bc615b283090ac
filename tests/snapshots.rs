//! Renders every fixture and compares with what is recorded under `snapshots/`.
//!
//! A fixture shows one behaviour; besides its recorded result it has to keep what holds of every
//! render. Read `git diff snapshots/` line by line after `INSTA_UPDATE=always cargo test`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/case.rs"]
mod case;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use case::{Case, Rendered, crate_root, entries, read_all};
use rollstep::check::{self, Finding, report};
use rollstep::diagnostic::{Severity, codes};
use rollstep::{Format, Only, Options, Source};
use serde_json::Value;

/// Codes that no fixture can show, and why.
const WITHOUT_FIXTURE: &[(&str, &str)] = &[
    ("link-leads-outside", "links are those of a disk, made by `tests/links.rs`"),
    ("input-too-large", "a file of more than 1 GiB; tests/command.rs makes one"),
    ("internal", "a fault of ours, which a fixture would have to hold on to"),
    ("annotations-too-large", "more than 256 KiB, made by `tests/annotations.rs`"),
    ("annotations-near-limit", "more than 128 KiB, made by `tests/annotations.rs`"),
    ("no-file-name", "of files alone, made by `tests/tree.rs`"),
    ("stage-left-out", "of trees alone, made by `tests/tree.rs`"),
    ("rollout-not-chosen", "of a move, which no render makes; `tests/moves.rs`"),
    ("no-roll-step", "of a move; `tests/moves.rs`"),
    ("already-started", "of a move; `tests/moves.rs`"),
    ("move-refused", "of a move; `tests/moves.rs`"),
    ("step-not-editable", "of a move; `tests/moves.rs`"),
    ("flag-not-recorded", "of a move; `tests/moves.rs`"),
    ("kustomization-not-built", "of a move; `tests/moves.rs`"),
];

#[test]
fn renders_are_as_recorded() {
    check_all(|case| {
        let rendered = case.render_all();
        let settings = settings_of(case);
        for (step, rendered) in &rendered {
            let Some(text) = &rendered.text else { continue };
            let name = format!("{step}.{}", extension(case));
            let bytes = text.clone().into_bytes();
            settings.bind(|| insta::assert_binary_snapshot!(&name, bytes));
        }
        if let Some(text) = show_diagnostics(&rendered) {
            settings.bind(|| insta::assert_snapshot!("diagnostics", text));
        }
    });
}

#[test]
fn checks_are_as_recorded() {
    check_all(|case| {
        let Some(findings) = check_of(case) else { return };
        let text = report(&findings, check::Format::Text, "-");
        settings_of(case).bind(|| insta::assert_snapshot!("check", text));
    });
}

/// Returns what is found where a case is to be checked.
fn check_of(case: &Case) -> Option<Vec<Finding>> {
    let input = case.input.as_ref().ok().filter(|_| case.check)?;
    Some(check::check(input, &case.options))
}

#[test]
fn nothing_else_lies_among_the_snapshots() {
    let root = crate_root().join("snapshots");
    let mut expected = BTreeSet::new();
    for case in read_all() {
        let rendered = case.render_all();
        let mut expect = |name: &str| expected.insert(root.join(&case.name).join(name));
        for (step, _) in rendered.iter().filter(|(_, rendered)| rendered.text.is_some()) {
            expect(&format!("{step}.snap"));
            expect(&format!("{step}.snap.{}", extension(&case)));
        }
        if show_diagnostics(&rendered).is_some() {
            expect("diagnostics.snap");
        }
        if case.check {
            expect("check.snap");
        }
    }
    let left: Vec<_> = files(&root).into_iter().filter(|file| !expected.contains(file)).collect();
    assert!(left.is_empty(), "no fixture produces {left:#?}");
}

#[test]
fn every_code_has_a_fixture() {
    let cases = read_all();
    let rendered = cases.iter().flat_map(Case::render_all);
    let found = cases.iter().filter_map(check_of).flatten().map(|finding| finding.diagnostic);
    let shown: BTreeSet<_> = rendered
        .flat_map(|(_, rendered)| rendered.diagnostics)
        .chain(found)
        .map(|diagnostic| diagnostic.code.name)
        .collect();
    let exempt = |name: &str| WITHOUT_FIXTURE.iter().any(|(code, _)| *code == name);
    let names = codes::all().map(|code| code.name);
    let missing: Vec<_> = names.filter(|name| !shown.contains(name) && !exempt(name)).collect();
    assert!(missing.is_empty(), "no fixture shows {missing:?}");
}

#[test]
fn a_third_of_the_fixtures_are_errors() {
    let mut cases = read_all();
    // What is only checked is not rendered at any step.
    cases.retain(|case| !case.steps.is_empty());
    let fails =
        |case: &&Case| case.render_all().iter().all(|(_, rendered)| rendered.text.is_none());
    let errors = cases.iter().filter(fails).count();
    assert!(errors * 3 >= cases.len(), "{errors} of {} fixtures are errors", cases.len());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    check_all(|case| {
        for (step, first) in case.render_all() {
            let second = case.render((step != "no-step").then_some(step));
            assert_eq!(first.text, second.text, "step {step}");
            assert_eq!(first.diagnostics, second.diagnostics, "step {step}");
        }
    });
}

#[test]
fn nothing_is_written_where_there_is_an_error() {
    check_all(|case| {
        for (step, rendered) in case.render_all() {
            let is_error = rendered.diagnostics.iter().any(|one| one.severity == Severity::Error);
            assert_eq!(is_error, rendered.text.is_none(), "step {step}");
            assert!(rendered.text.is_none_or(|text| !text.is_empty()), "step {step}");
        }
    });
}

/// What `check` calls an error at a stage, `render` refuses there.
#[test]
fn what_is_rendered_has_no_error_for_check() {
    check_all(|case| {
        let Ok(input) = &case.input else { return };
        let steps = case.steps.iter().flatten().map(String::as_str);
        for step in ["stable"].into_iter().chain(steps) {
            if case.render(Some(step)).text.is_none() {
                continue;
            }
            let options = Options { step: Some(step.parse().unwrap()), ..case.options.clone() };
            let findings = check::check(input, &options);
            let mut errors =
                findings.iter().filter(|one| one.diagnostic.severity == Severity::Error);
            let error = errors.next().map(|finding| finding.diagnostic.to_string());
            assert_eq!(error, None, "step {step} is rendered all the same");
        }
    });
}

#[test]
fn results_are_read_back() {
    check_all(|case| {
        for (step, rendered) in case.render_all() {
            let Some(text) = rendered.text else { continue };
            if let Err(problems) = rollstep::read(&[Source::new("result.yaml", text)]) {
                panic!("step {step}: {}", problems[0]);
            }
        }
    });
}

#[test]
fn documents_of_others_keep_their_bytes() {
    check_all(|case| {
        let Ok(input) = &case.input else { return };
        if case.options.only != Only::Everything || case.options.format != Format::Yaml {
            return;
        }
        let others: Vec<_> =
            input.sources().iter().flat_map(|source| others(case, source)).collect();
        for (step, rendered) in case.render_all() {
            let Some(text) = rendered.text else { continue };
            for other in &others {
                assert!(text.contains(other.as_str()), "step {step}: changed or lost\n{other}");
            }
        }
    });
}

/// Checks every case, and names those that fail.
#[track_caller]
fn check_all(check: impl Fn(&Case)) {
    let fails = |case: &Case| catch_unwind(AssertUnwindSafe(|| check(case))).is_err();
    let failed: Vec<_> = read_all().into_iter().filter(fails).map(|case| case.name).collect();
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

fn settings_of(case: &Case) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("../snapshots").join(&case.name));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn extension(case: &Case) -> &'static str {
    match case.options.format {
        Format::Yaml => "yaml",
        Format::Json => "json",
    }
}

/// Returns what is said at the steps, once for steps in a row where it is the same.
fn show_diagnostics(rendered: &[(&str, Rendered)]) -> Option<String> {
    let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
    for (step, rendered) in rendered {
        let shown: Vec<_> =
            rendered.diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
        let shown = shown.join("\n");
        match groups.last_mut() {
            Some((steps, text)) if *text == shown => steps.push(step),
            _ => groups.push((vec![step], shown)),
        }
    }
    let said = groups.into_iter().filter(|(_, text)| !text.is_empty());
    let said: Vec<_> =
        said.map(|(steps, text)| format!("at {}:\n\n{text}", steps.join(", "))).collect();
    (!said.is_empty()).then(|| said.join("\n"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        entries(folder).into_iter().partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| self::files(folder));
    // What insta has found and nobody has accepted is told by the test that found it.
    let is_pending = |file: &PathBuf| file.to_string_lossy().contains(".snap.new");
    files.into_iter().chain(below).filter(|file| !is_pending(file)).collect()
}

/// Returns the documents of a source in YAML that hold no part of a rollout.
fn others(case: &Case, source: &Source) -> Vec<String> {
    if source.text().trim_start().starts_with('{') {
        return Vec::new();
    }
    let mut documents = vec![String::new()];
    for line in source.text().split_inclusive('\n') {
        if line.starts_with("---") {
            documents.push(String::new());
        } else {
            documents.last_mut().unwrap().push_str(line);
        }
    }
    let parts = parts(case);
    documents.retain(|document| {
        let objects = rollstep::read(&[Source::new("document.yaml", document.as_str())]);
        let objects = objects.unwrap_or_default();
        let is_other = |object: &Value| !is_ours(object) && !parts.contains(&called(object));
        !objects.is_empty() && objects.iter().all(is_other)
    });
    documents
}

/// Returns whether the object is a definition, or was added by an earlier render.
fn is_ours(object: &Value) -> bool {
    let marked = |pointer: &str| object.pointer(pointer).is_some();
    object["kind"] == "Rollout"
        || object["kind"] == "RollStep"
        || marked("/metadata/labels/rollouts.kruise.io~1canary-deployment")
        || marked("/metadata/annotations/rollstep.dev~1canary-of")
}

/// Returns kind and name of everything that the rollouts of a case name.
fn parts(case: &Case) -> BTreeSet<(String, String)> {
    let sources = case.input.as_ref().map_or(&[][..], |input| input.sources());
    let objects = rollstep::read(sources).unwrap_or_default();
    let rollouts = objects.iter().filter(|object| object["kind"] == "Rollout");
    let mut parts = BTreeSet::new();
    for step in objects.iter().filter(|object| object["kind"] == "RollStep") {
        for route in step["spec"]["routes"].as_array().into_iter().flatten() {
            parts.insert((text(&route["kind"]), text(&route["name"])));
        }
    }
    for rollout in rollouts {
        let spec = &rollout["spec"];
        for reference in [&spec["workloadRef"], &spec["objectRef"]["workloadRef"]] {
            parts.insert(("Deployment".to_owned(), text(&reference["name"])));
        }
        let routing = &spec["strategy"]["canary"]["trafficRoutings"][0];
        parts.insert(("Service".to_owned(), text(&routing["service"])));
        for route in routing["customNetworkRefs"].as_array().into_iter().flatten() {
            parts.insert((text(&route["kind"]), text(&route["name"])));
        }
    }
    parts
}

fn called(object: &Value) -> (String, String) {
    (text(&object["kind"]), text(&object["metadata"]["name"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
