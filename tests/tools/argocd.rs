//! The plugin as Argo CD's server of plugins runs it, and the order that its stamps ask for.
//!
//! From argoproj/argo-cd:cmpserver/plugin/plugin.go: the commands of plugin.yaml run in a copy of the
//! application's folder, with nothing on standard input and an environment of their own.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rollstep::{GitOps, Input, Options, Source, StageName};
use serde_json::Value;

use super::{ROLLSTEP, empty_folder, root, stderr, stdout, succeeded};

const WAVE: &str = "argocd.argoproj.io/sync-wave";
const OPTIONS: &str = "argocd.argoproj.io/sync-options";

/// An application in a copy of its repository.
struct Application {
    folder: PathBuf,
}

impl Application {
    fn new(name: &str) -> Self {
        let folder = empty_folder(name).join("apps/guide");
        copy(&root().join("fixtures/istio-guide"), &folder);
        // The tools' own files are no manifests.
        fs::write(folder.join(".argocd-source.yaml"), "plugin: {}\n").unwrap();
        Self { folder }
    }

    /// Runs a command of plugin.yaml, as the server does.
    fn run(&self, command: &[String], variables: &[(&str, &str)]) -> Output {
        assert_eq!("/usr/local/bin/rollstep", command[0]);
        Command::new(ROLLSTEP)
            .args(&command[1..])
            .current_dir(&self.folder)
            .env_clear()
            .envs([
                ("ARGOCD_APP_NAME", "guide"),
                ("ARGOCD_APP_NAMESPACE", "shop"),
                ("ARGOCD_APP_SOURCE_PATH", "apps/guide"),
                ("KUBE_VERSION", "1.33"),
            ])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn generate(&self, variables: &[(&str, &str)]) -> Output {
        self.run(&command("/spec/generate/command"), variables)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn command(pointer: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("packaging/argocd/plugin.yaml")).unwrap();
    let plugin: Value = serde_yaml::from_str(&text).unwrap();
    let words = plugin.pointer(pointer).unwrap().as_array().unwrap();
    words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn parameters(text: &'static str) -> [(&'static str, &'static str); 1] {
    [("ARGOCD_APP_PARAMETERS", text)]
}

#[test]
fn parameters_come_in_each_of_their_forms() {
    let application = Application::new("argocd-forms");
    let wanted = stdout(&application.generate(&parameters(
        r#"[{"name":"step","string":"2"},{"name":"stable","string":"stable"},{"name":"allow","array":["style-assumed"]}]"#,
    )));
    assert!(wanted.contains("name: workload-demo-canary"), "{wanted}");
    let others: [&[(&str, &str)]; 4] = [
        &parameters(
            r#"[{"name":"steps","map":{"rollouts-demo":"2"}},{"name":"stable","string":"./stable/"}]"#,
        ),
        &[("PARAM_STEP", "2"), ("PARAM_STABLE", "stable"), ("PARAM_ALLOW_0", "style-assumed")],
        &[
            ("ARGOCD_APP_PARAMETERS", "null"),
            ("ARGOCD_ENV_STEP", "2"),
            ("ARGOCD_ENV_STABLE", "stable"),
        ],
        &[
            ("ARGOCD_APP_PARAMETERS", r#"[{"name":"step","string":"2"}]"#),
            // Beside the JSON these say the same with less.
            ("PARAM_STEP", "2"),
            ("ARGOCD_ENV_STEP", "1"),
            ("ARGOCD_ENV_ROLLSTEP_STABLE", "../guide/stable"),
        ],
    ];
    for variables in others {
        assert_eq!(wanted, succeeded(&application.generate(variables)), "{variables:?}");
    }
}

#[test]
fn an_application_without_a_step_writes_nothing() {
    let application = Application::new("argocd-none");
    for variables in [&[][..], &parameters("null"), &parameters("[]"), &parameters("")] {
        let output = application.generate(variables);
        assert_eq!((Some(2), ""), (output.status.code(), stdout(&output).as_str()));
        let said = stderr(&output);
        assert!(said.contains("error[missing-step]"), "{said}");
        assert!(said.contains("rollstep.dev/ignore"), "{said}");
    }
    fs::remove_file(application.folder.join("rollout.yaml")).unwrap();
    let output = application.generate(&[]);
    let text = succeeded(&output);
    assert!(text.contains("kind: VirtualService") && !text.contains("-canary"), "{text}");
    assert!(stderr(&output).contains("note[passed-through]"), "{}", stderr(&output));
}

#[test]
fn what_is_wrong_is_one_line_and_nothing_is_written() {
    let application = Application::new("argocd-wrong");
    for (text, told) in [
        (r#"[{"name":"step","string":"9"}]"#, "choose one of stable, 1, 2, 3, last, promote, done"),
        (r#"[{"name":"step","string":"two"}]"#, "parameter `step` is `two`: a step is `stable`"),
        (
            r#"[{"name":"stop","string":"2"}]"#,
            "there is no parameter `stop`; there are step, steps,",
        ),
        (r#"[{"name":"step","array":["2"]}]"#, "parameter `step` is no string"),
        (
            r#"[{"name":"allow","array":["no"]}]"#,
            "parameter `allow` is `no`: there is no such code",
        ),
        (r#"[{"name":"stable","string":"/etc"}]"#, "expected a path inside the repository"),
        (r#"[{"name":"stable","string":"../../../etc"}]"#, "expected a path inside the repository"),
        (
            r#"[{"name":"step","string":"1"},{"name":"step","string":"2"}]"#,
            "parameter `step` is given twice in ARGOCD_APP_PARAMETERS",
        ),
        // As the CRD leaves an entry with `value: "2"`.
        (r#"[{"name":"step"}]"#, "parameter `step` has no value; write it under `string`"),
        ("{}", "ARGOCD_APP_PARAMETERS is no list of parameters"),
        ("[", "ARGOCD_APP_PARAMETERS is no JSON"),
    ] {
        let output = application.generate(&parameters(text));
        assert_eq!((Some(2), ""), (output.status.code(), stdout(&output).as_str()), "{text}");
        let said = stderr(&output);
        let errors: Vec<_> = said.lines().filter(|line| line.starts_with("error")).collect();
        assert!(errors.len() == 1 && errors[0].contains(told), "{text}: {said}");
        assert!(said.lines().all(|line| line.starts_with("error") || line.starts_with("warning")));
    }
}

#[test]
fn a_variable_that_names_a_rollout_twice_is_refused() {
    let application = Application::new("argocd-twice");
    for (variable, name) in [
        ("ARGOCD_ENV_STEPS", "steps"),
        ("ARGOCD_ENV_ROLLSTEP_REPLICAS", "replicas"),
        ("PARAM_STEPS", "steps"),
    ] {
        let output = application.generate(&[(variable, "a=1, b=2, a=2")]);
        assert_eq!((Some(2), ""), (output.status.code(), stdout(&output).as_str()), "{variable}");
        assert_eq!(format!("error: parameter `{name}` names `a` twice\n"), stderr(&output));
    }
}

/// Without a step the new version would ship.
#[test]
fn an_empty_field_of_the_page_says_nothing_against_a_variable() {
    let application = Application::new("argocd-empty");
    let stable = ("ARGOCD_ENV_STABLE", "stable");
    let wanted = succeeded(&application.generate(&[("ARGOCD_ENV_STEP", "2"), stable]));
    assert!(wanted.contains("name: workload-demo-canary"), "{wanted}");
    let empty = r#"[{"name":"step","string":""},{"name":"stable","string":""}]"#;
    let variables = [("ARGOCD_APP_PARAMETERS", empty), ("ARGOCD_ENV_STEP", "2"), stable];
    assert_eq!(wanted, succeeded(&application.generate(&variables)));
}

#[test]
fn a_link_leads_nowhere_but_into_the_repository() {
    let application = Application::new("argocd-links");
    let folder = &application.folder;
    let elsewhere = empty_folder("argocd-elsewhere");
    copy(&folder.join("stable"), &elsewhere);
    fs::rename(folder.join("stable"), folder.parent().unwrap().join("old")).unwrap();
    symlink("../old", folder.join("inside")).unwrap();
    symlink(&elsewhere, folder.join("outside")).unwrap();
    fs::create_dir(folder.join("below")).unwrap();
    symlink(elsewhere.join("deployment.yaml"), folder.join("below/old.yaml")).unwrap();
    let at = |stable| application.generate(&[("PARAM_STEP", "1"), ("PARAM_STABLE", stable)]);
    assert!(succeeded(&at("inside")).contains("name: workload-demo-canary"));
    assert_eq!(succeeded(&at("inside")), succeeded(&at("../old")));
    symlink("../../../argocd-elsewhere/deployment.yaml", folder.join("file")).unwrap();
    let refused = |output: &Output, path: &str| {
        assert_eq!((Some(2), ""), (output.status.code(), stdout(output).as_str()), "{path}");
        let wanted =
            format!("error: {path} leads out of the repository; put what it leads to there\n");
        assert_eq!(wanted, stderr(output));
    };
    for (stable, path) in [("outside", "outside"), ("file", "file"), ("below", "below/old.yaml")] {
        refused(&at(stable), path);
    }
    // A manifest of the application is no other matter.
    symlink(elsewhere.join("deployment.yaml"), folder.join("more.yaml")).unwrap();
    refused(&at("inside"), "./more.yaml");
}

#[test]
fn a_parameter_that_is_no_text_is_not_taken_for_absent() {
    let application = Application::new("argocd-no-text");
    let output = Command::new(ROLLSTEP)
        .args(["argocd", "generate"])
        .current_dir(&application.folder)
        .env("PARAM_STEP", std::ffi::OsStr::from_bytes(b"2\xff"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!((Some(2), ""), (output.status.code(), stdout(&output).as_str()));
    assert_eq!("error: PARAM_STEP is not UTF-8\n", stderr(&output));
}

#[test]
fn a_kustomization_is_piped() {
    let application = Application::new("argocd-kustomization");
    let plain = application.folder.join("kustomization.yaml");
    fs::write(plain, "resources: [deployment.yaml]\n").unwrap();
    let output = application.generate(&parameters("null"));
    assert_eq!(Some(2), output.status.code());
    assert!(stderr(&output).contains("kustomize build . | rollstep argocd generate -f -"));
}

#[test]
fn parameters_are_announced() {
    let output = Application::new("argocd-parameters")
        .run(&command("/spec/parameters/dynamic/command"), &[]);
    let announced: Vec<Value> = serde_json::from_str(&succeeded(&output)).unwrap();
    for one in &announced {
        let form = one["collectionType"].as_str().unwrap();
        assert!(["string", "array", "map"].contains(&form) && one.get(form).is_some(), "{one}");
    }
    assert!(announced.iter().any(|one| one["name"] == "step"));
}

/// Returns the input of a fixture, or of what was rendered of it, with the old version.
fn input_of(fixture: &str, rendered: Option<String>) -> Input {
    let folder = root().join("fixtures").join(fixture);
    let sources = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.filter(|path| path.extension().is_some_and(|one| one == "yaml")).collect();
        files.sort();
        let read = |path: &PathBuf| {
            Source::new(path.display().to_string(), fs::read_to_string(path).unwrap())
        };
        files.iter().map(read).collect::<Vec<_>>()
    };
    let source = rendered.map(|text| vec![Source::new("rendered.yaml", text)]);
    Input::new(source.unwrap_or_else(|| sources(&folder)), Some(sources(&folder.join("stable"))))
}

#[track_caller]
fn render(input: &Input, options: &Options) -> String {
    let outcome = rollstep::render(input, options);
    outcome.text().unwrap_or_else(|| panic!("{:?}", outcome.diagnostics))
}

fn objects(text: String) -> Vec<Value> {
    rollstep::read(&[Source::new("rendered.yaml", text)]).unwrap()
}

fn at(step: &str) -> Options {
    let step = Some(step.parse::<StageName>().unwrap());
    Options { step, gitops: Some(GitOps::ArgoCd), ..Options::default() }
}

/// Returns each object at a stage, with the wave in which Argo CD applies it.
fn waves(step: &str) -> Vec<(String, i64, Value)> {
    let wave = |object: Value| {
        let wave = object["metadata"]["annotations"][WAVE].as_str();
        let wave = wave.map_or(0, |wave| wave.parse().unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (format!("{}/{}", text(&object["kind"]), text(&object["metadata"]["name"])), wave, object)
    };
    let text = render(&input_of("istio-guide", None), &at(step));
    objects(text).into_iter().map(wave).collect()
}

#[test]
fn routes_are_synced_behind_the_canary_which_is_pruned_last() {
    for step in ["1", "2", "3", "promote"] {
        let waves = waves(step);
        let of = |name: &str| waves.iter().find(|(one, _, _)| one == name).unwrap();
        let route = of("VirtualService/vs-demo").1;
        for canary in ["Deployment/workload-demo-canary", "Service/service-demo-canary"] {
            let (_, wave, object) = of(canary);
            assert!(*wave < route, "{canary} at {step}");
            assert_eq!("PruneLast=true", object["metadata"]["annotations"][OPTIONS], "{canary}");
        }
        assert!(waves.iter().all(|(_, _, object)| object["spec"]["paused"] != true));
    }
    // Nothing is left to wait for, and what is pruned goes behind all waves.
    assert!(waves("done").iter().all(|(_, wave, _)| *wave == 0));
}

#[test]
fn stamps_are_forgotten_when_rendered_again() {
    let sorted = |text: String| {
        let mut all = objects(text);
        all.sort_by_key(|one| format!("{}{}", one["kind"], one["metadata"]["name"]));
        all
    };
    for fixture in ["istio-guide", "argocd-syncs-routes-behind-pods"] {
        for first in ["1", "promote", "done"] {
            let kept = Options { keep_rollout: true, ..at(first) };
            let rendered = render(&input_of(fixture, None), &kept);
            let again = input_of(fixture, Some(rendered));
            for (step, gitops) in ["1", "promote", "done", "stable"]
                .into_iter()
                .flat_map(|step| [(step, Some(GitOps::ArgoCd)), (step, None)])
            {
                let options = Options { gitops, ..at(step) };
                let from_source = sorted(render(&input_of(fixture, None), &options));
                let from_rendered = sorted(render(&again, &options));
                assert_eq!(from_source, from_rendered, "{fixture} {first} {step} {gitops:?}");
            }
        }
    }
}
