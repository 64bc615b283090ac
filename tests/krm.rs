//! The KRM function: lists in tests/krm, each with the answer beside it.
//!
//! `INSTA_UPDATE=always cargo test --test krm` writes the answers anew; read every line of them.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files, and fail by a panic"
)]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use rollstep::krm::{Answer, run, run_plugin};
use rollstep::{Only, Options, Source, StageName, to_yaml};
use serde_json::{Value, json};

struct Case {
    directory: PathBuf,
    input: String,
    answer: Answer,
}

impl Case {
    fn name(&self) -> String {
        self.directory.file_name().unwrap().to_string_lossy().into_owned()
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/krm");
    let mut directories: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    directories.sort();
    let case = |directory: PathBuf| {
        let input = fs::read_to_string(directory.join("input.yaml")).unwrap();
        let answer = run(&input);
        Case { directory, input, answer }
    };
    directories.into_iter().map(case).collect()
}

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name() == name).unwrap()
}

/// Reads a list as JSON by the other reader; it must be one document.
fn list(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn items(text: &str) -> Vec<Value> {
    list(text)["items"].as_array().unwrap().clone()
}

fn named<'v>(items: &'v [Value], kind: &str, name: &str) -> Option<&'v Value> {
    items.iter().find(|item| item["kind"] == kind && item["metadata"]["name"] == name)
}

#[test]
fn answers_are_as_recorded() {
    let all = cases();
    let errors = all.iter().filter(|case| case.name().starts_with("error-")).count();
    assert!(errors * 3 >= all.len(), "{errors} of {} cases are errors", all.len());
    for case in all {
        let said: Vec<_> = case.answer.diagnostics.iter().map(ToString::to_string).collect();
        let outcome = if case.answer.failed { "failed" } else { "done" };
        let said = format!("{outcome}\n\n{}\n", said.join("\n\n"));
        for (file, found) in [("answer.yaml", &case.answer.text), ("said.txt", &said)] {
            let path = case.directory.join(file);
            if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
                fs::write(&path, found).unwrap();
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(expected, *found, "{}: {file}", case.name());
        }
    }
}

#[test]
fn only_what_the_exit_code_says_is_a_failure() {
    for case in cases() {
        assert_eq!(case.name().starts_with("error-"), case.answer.failed, "{}", case.name());
    }
}

#[test]
fn a_failure_echoes_the_items_and_says_why() {
    for Case { input, answer, .. } in cases().iter().filter(|case| case.answer.failed) {
        if answer.text.is_empty() {
            assert!(!answer.diagnostics.is_empty());
            continue;
        }
        assert_eq!(items(input), items(&answer.text));
        let results = list(&answer.text)["results"].clone();
        assert_eq!("error", results[0]["severity"], "{results}");
    }
}

#[test]
fn a_second_run_changes_nothing() {
    for case in cases().iter().filter(|case| !case.answer.failed) {
        let again = run(&case.answer.text);
        assert!(!again.failed, "{}", case.name());
        let cut = |text: &str| text.split("\nresults:").next().unwrap().to_owned();
        assert_eq!(cut(&case.answer.text), cut(&again.text), "{}", case.name());
        let results = list(&again.text)["results"].clone();
        let decided = |result: &Value| result.get("tags").is_none();
        assert!(!results.as_array().unwrap().iter().any(decided), "{}: {results}", case.name());
    }
}

#[test]
fn what_is_not_ours_comes_back_as_it_was() {
    for case in cases().iter().filter(|case| !case.answer.failed) {
        let answered: Vec<_> = items(&case.answer.text).into_iter().map(without_mark).collect();
        for before in items(&case.input) {
            let (kind, name) = (before["kind"].as_str().unwrap(), &before["metadata"]["name"]);
            if ["Kptfile", "Service", "Rollout", "RollStep"].contains(&kind) {
                let before = without_mark(before);
                assert!(answered.contains(&before), "{}: {before}", case.name());
                continue;
            }
            let after = named(&answered, kind, name.as_str().unwrap()).unwrap();
            let mut annotations =
                before["metadata"]["annotations"].as_object().into_iter().flatten();
            assert!(
                annotations.all(|(key, value)| after["metadata"]["annotations"][key] == *value)
            );
        }
    }
}

/// Returns a definition without the mark that keeps it out of what kustomize builds.
fn without_mark(mut object: Value) -> Value {
    let definition = ["Rollout", "RollStep"].contains(&object["kind"].as_str().unwrap_or_default());
    let metadata = object["metadata"].as_object_mut().filter(|_| definition);
    let Some(metadata) = metadata else { return object };
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else {
        return object;
    };
    annotations.shift_remove("config.kubernetes.io/local-config");
    if annotations.is_empty() {
        metadata.shift_remove("annotations");
    }
    object
}

#[test]
fn a_definition_among_the_items_of_kustomize_is_marked() {
    let case = case("step-among-the-items");
    let mark = |object: &Value| {
        object["metadata"]["annotations"]["config.kubernetes.io/local-config"] == "true"
    };
    let marked: Vec<_> = items(&case.answer.text).into_iter().filter(mark).collect();
    let kinds: Vec<_> = marked.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(vec!["Rollout", "RollStep"], kinds);
}

#[test]
fn the_list_is_echoed_but_for_items_and_results() {
    for case in cases().iter().filter(|case| !case.answer.text.is_empty()) {
        let (before, after) = (list(&case.input), list(&case.answer.text));
        for key in ["apiVersion", "kind", "functionConfig"] {
            assert_eq!(before.get(key), after.get(key), "{}: {key}", case.name());
        }
    }
}

#[test]
fn results_are_what_orchestrators_read() {
    for case in cases().iter().filter(|case| !case.answer.text.is_empty()) {
        let list = list(&case.answer.text);
        for result in list["results"].as_array().into_iter().flatten() {
            assert!(result["message"].is_string());
            assert!(["error", "warning", "info"].map(Value::from).contains(&result["severity"]));
            assert!(result.get("field").is_none() || result["resourceRef"]["kind"].is_string());
            assert!(result.get("file").is_none_or(|file| file["path"].is_string()));
        }
    }
}

#[test]
fn done_takes_away_what_a_step_added_and_nothing_else() {
    let case = case("step-of-kpt-adds-files-beside-their-twins");
    let done = run(&case.answer.text.replace("step: \"1\"", "step: done"));
    assert!(!done.failed);
    let (before, after) = (items(&case.input), items(&done.text));
    assert_eq!(before.len(), after.len());
    let deleted = list(&done.text)["results"].clone();
    let deleted = deleted.as_array().unwrap().iter();
    let deleted = deleted.filter(|one| one["message"].as_str().unwrap().starts_with("removed: "));
    assert_eq!(2, deleted.count());
    for (before, mut after) in before.into_iter().zip(after) {
        // The annotation of the original is gone, and with it everything that was changed.
        if let Some(spec) = after.get_mut("spec").and_then(Value::as_object_mut) {
            assert!(!spec.contains_key("paused"));
        }
        assert_eq!(before, after);
    }
}

#[test]
fn a_step_updates_ours_in_place() {
    let case = case("step-of-kpt-adds-files-beside-their-twins");
    let moved = case.answer.text.replace("app/deployment_web-canary.yaml", "canary/all.yaml");
    let second = run(&moved.replace("step: \"1\"", "step: \"2\""));
    let canary = named(&items(&second.text), "Deployment", "web-canary").unwrap().clone();
    assert_eq!(json!(2), canary["spec"]["replicas"]);
    let file = &canary["metadata"]["annotations"]["internal.config.kubernetes.io/path"];
    assert_eq!("canary/all.yaml", file);
    assert_eq!(items(&moved).len(), items(&second.text).len());
}

#[test]
fn a_file_that_is_taken_gets_a_second_object() {
    let case = case("step-of-kpt-adds-files-beside-their-twins");
    let taken = case.input.replace("'app/Kptfile'", "'app/service_web-canary.yaml'");
    let answer = run(&taken);
    let service = named(&items(&answer.text), "Service", "web-canary").unwrap().clone();
    let annotations = &service["metadata"]["annotations"];
    assert_eq!("app/service_web-canary.yaml", annotations["config.kubernetes.io/path"]);
    assert_eq!("1", annotations["config.kubernetes.io/index"]);
    assert_eq!("1", annotations["internal.config.kubernetes.io/index"]);
}

#[test]
fn json_is_read_and_answered_in_yaml() {
    let case = case("step-of-kpt-adds-files-beside-their-twins");
    let answer = run(&list(&case.input).to_string());
    assert_eq!(list(&case.answer.text), list(&answer.text));
    assert!(answer.text.starts_with("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"));
}

#[test]
fn the_older_plugin_says_the_same_as_the_function() {
    let case = case("renamed-by-kustomize-is-found");
    let list = list(&case.input);
    let stream: Vec<_> = items(&case.input).iter().map(to_yaml).collect();
    let answer = run_plugin(&to_yaml(&list["functionConfig"]), &stream.join("---\n"));
    assert!(!answer.failed);
    let read = rollstep::read(&[Source::new("-", &answer.text)]).unwrap();
    assert_eq!(items(&case.answer.text), read);
    let bad = run_plugin("kind: [", &stream.join("---\n"));
    assert!(bad.failed && bad.text.is_empty() && !bad.diagnostics.is_empty());
}

/// Every fixture that needs no old version and no flag but the step says the same as a list.
#[test]
fn a_list_becomes_what_the_manifests_become() {
    let mut compared = 0;
    for fixture in fixture::read_all() {
        let Ok(input) = &fixture.input else { continue };
        let sorted = |mut objects: Vec<Value>| {
            let name = |object: &Value| {
                let metadata = &object["metadata"];
                [&object["kind"], &metadata["namespace"], &metadata["name"]]
                    .map(ToString::to_string)
            };
            objects.sort_by_key(name);
            objects
        };
        let Ok(items) = rollstep::read(input.sources()) else { continue };
        // What orchestrators note is not for the manifests alone.
        if json!(items).to_string().contains("config.kubernetes.io/") {
            continue;
        }
        for step in fixture.steps.iter().flatten() {
            let named = step.parse::<StageName>().unwrap();
            let options = Options {
                step: Some(named),
                filter: true,
                keep_rollout: true,
                ..Options::default()
            };
            let plain = rollstep::Input::new(input.sources().to_vec(), None);
            let rendered = rollstep::render(&plain, &Options { only: Only::Everything, ..options });
            let list = json!({
                "apiVersion": "config.kubernetes.io/v1",
                "kind": "ResourceList",
                "items": items,
                "functionConfig": {"data": {"step": step}},
            });
            let answer = run(&list.to_string());
            let name = format!("{} at {step}", fixture.name);
            assert_eq!(
                rendered.text().is_none(),
                answer.failed,
                "{name}: {:?}",
                answer.diagnostics
            );
            if let Some(text) = rendered.text() {
                let expected = rollstep::read(&[Source::new("-", text)]).unwrap();
                let found = self::items(&answer.text).into_iter().map(without_mark).collect();
                assert_eq!(sorted(expected), sorted(found), "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} compared");
}

/// Returns the answer to a list of the guide's step with this configuration.
fn answer_with(config: &Value) -> Answer {
    let mut asked = list(&case("error-without-a-step").input);
    asked["functionConfig"] = config.clone();
    run(&asked.to_string())
}

/// What says no step clearly is refused with its own reason.
#[test]
fn a_configuration_that_says_no_step_clearly_is_refused() {
    let data = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "data": data});
    for (config, told) in [
        (data(json!({"step": ""})), "`step` is empty"),
        (data(json!({"step": " , "})), "`step` is empty"),
        (data(json!({"step": "1 2"})), "`step` is given twice"),
        (data(json!({"step": "web=1,web=2"})), "`step` of `web` is given twice"),
        (data(json!({"step": null})), "a step is `stable` (or 0)"),
        (data(json!({"replicas": "web=1 web=2"})), "`replicas` of `web` is given twice"),
        (data(json!({"stable": ""})), "`stable` is empty"),
        (
            data(json!({"isolation": "pin", "isolation-key": "app"})),
            "`isolation-key` and `isolation` contradict each other",
        ),
        (data(json!(["step=1"])), "`data` of the functionConfig is no map"),
        (data(json!("step=1")), "`data` of the functionConfig is no map"),
        (json!({"kind": "ConfigMap", "Data": {"step": "1"}}), "has `Data`, and no `data`"),
        (json!({"step": "1"}), "the functionConfig has `step`, and no `data`"),
        (json!("step=1"), "the functionConfig is no object"),
        (json!([1]), "the functionConfig is no object"),
    ] {
        let answer = answer_with(&config);
        assert!(answer.failed, "{config}: {:?}", answer.diagnostics);
        let first = &answer.diagnostics[0];
        assert!(first.message.contains(told) && first.help.is_some(), "{config}: {first}");
        assert_eq!(items(&case("error-without-a-step").input), items(&answer.text));
    }
    // These say nothing at all, and nothing else says a step.
    for config in [json!({}), json!(null), data(json!({})), data(json!(null))] {
        let answer = answer_with(&config);
        assert_eq!("missing-step", answer.diagnostics[0].code.name, "{config}");
    }
}

#[test]
fn a_plugin_has_one_configuration() {
    let step = "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {name: a}\n\
        spec: {rollout: a, step: 1}\n";
    for (config, found) in [
        ("", 0),
        ("# nothing\n", 0),
        (&format!("{step}---\n{}", step.replace("name: a", "name: b")), 2),
    ] {
        let answer = run_plugin(config, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        assert!(answer.failed && answer.text.is_empty(), "{config}");
        let told = format!("expected one RollStep as configuration, found {found}");
        assert_eq!(told, answer.diagnostics[0].message);
    }
}

#[test]
fn an_item_that_is_no_object_is_named_by_its_place() {
    let mut asked = list(&case("error-without-a-step").input);
    asked["items"].as_array_mut().unwrap().push(json!({"a": 1}));
    let count = asked["items"].as_array().unwrap().len();
    let answer = run(&asked.to_string());
    assert!(answer.failed);
    let place = &answer.diagnostics[0].location.as_ref().unwrap().file;
    assert_eq!(&format!("item {count}"), place);
}

#[test]
fn of_two_lists_of_items_the_last_counts() {
    let item =
        |name: &str| format!("- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: {name}}}\n");
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    let first = format!("items:\n{}{}", item("a"), item("b"));
    for (second, left) in [("items: []\n".to_owned(), 0), (format!("items:\n{}", item("c")), 1)] {
        let answer = run(&format!("{head}{first}{second}"));
        let text = answer.text;
        assert_eq!(text.matches("kind: ConfigMap").count(), left, "{text}");
        assert!(!text.contains("name: a"), "{text}");
    }
}
