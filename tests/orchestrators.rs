//! kpt and kubectl run rollstep: their pages, followed as they stand, and what pages do not show.
//!
//! A page's `sh` blocks are run in their order in one directory, where its `yaml` blocks that begin
//! with `# PATH` are files. What a page needs and is not installed is a test that is skipped with a
//! message; kubectl must be there where `CI` is `true`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rollstep::Source;
use skipped::has;

const ROLLSTEP: &str = env!("CARGO_BIN_EXE_rollstep");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Makes a directory with nothing but `rollstep` in `bin`.
fn bare(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("bin")).unwrap();
    symlink(ROLLSTEP, directory.join("bin/rollstep")).unwrap();
    directory
}

/// Makes such a directory with the guide's files in `web`.
fn workspace(name: &str) -> PathBuf {
    let directory = bare(name);
    fs::create_dir_all(directory.join("web")).unwrap();
    for file in ["deployment", "service", "virtualservice", "rollout"] {
        let file = format!("{file}.yaml");
        let from = root().join("fixtures/istio-guide").join(&file);
        fs::copy(from, directory.join("web").join(file)).unwrap();
    }
    directory
}

fn run(directory: &Path, script: &str) -> Output {
    let path = std::env::var("PATH").unwrap();
    Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(directory)
        .env("ROLLSTEP", root())
        .env("PATH", format!("{}:{path}", directory.join("bin").display()))
        .output()
        .unwrap()
}

/// Runs a script that must succeed; returns what it writes.
fn succeed(directory: &Path, script: &str) -> String {
    let output = run(directory, script);
    let texts = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{script}\n{}\n{}", texts[0], texts[1]);
    texts[0].clone().into_owned()
}

/// Writes the files of a page and runs its commands.
fn follow(page: &str, directory: &Path) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut script = String::new();
    for block in text.split("\n```").skip(1).step_by(2) {
        let (language, block) = block.split_once('\n').unwrap();
        match (language, block.split_once('\n')) {
            ("sh", _) => {
                // `-e` looks over a `!`, so what must fail says so itself.
                for line in block.lines() {
                    match line.strip_prefix("! ") {
                        Some(line) => script.push_str(&format!("if {line}; then exit 7; fi\n")),
                        None => script.push_str(&format!("{line}\n")),
                    }
                }
            }
            ("yaml", Some((first, rest))) => {
                let path = directory.join(first.strip_prefix("# ").unwrap());
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                // A file that a page names later would be in the way of its first commands.
                script.push_str(&format!("cat > {} <<'END'\n{rest}\nEND\n", path.display()));
            }
            _ => panic!("{page} has a block of {language}"),
        }
    }
    succeed(directory, &script);
}

#[test]
fn the_page_of_kpt_holds() {
    if has("kpt") {
        follow("docs/kpt.md", &bare("kpt-page"));
    }
}

#[test]
fn the_page_of_kustomize_holds() {
    if has("kubectl") {
        follow("docs/kustomize.md", &bare("kustomize-page"));
    }
}

#[test]
fn kpt_writes_the_same_at_done_as_before_the_rollout() {
    if !has("kpt") {
        return;
    }
    let directory = workspace("kpt-round");
    succeed(&directory, "kpt fn eval web --exec cat && cp -r web before");
    for step in ["1", "2", "last", "promote", "done"] {
        succeed(&directory, &format!("kpt fn eval web --exec rollstep -- step={step}"));
        let changed = run(&directory, "diff -r before web").status.code();
        assert_eq!(Some(i32::from(step != "done")), changed, "{step}");
    }
}

/// A kustomization whose RollStep names a function, by annotation.
fn functional(directory: &Path, function: &str) {
    let step = format!(
        "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata:\n  name: web\n  annotations:\n    \
         config.kubernetes.io/function: |\n      {function}\nspec:\n  rollout: rollouts-demo\n  step: 2\n"
    );
    fs::write(directory.join("web/step.yaml"), step).unwrap();
    let kustomization = "namePrefix: eu-\nnamespace: shop\nresources: [deployment.yaml, service.yaml, \
         virtualservice.yaml, rollout.yaml]\ntransformers: [step.yaml]\n";
    fs::write(directory.join("web/kustomization.yaml"), kustomization).unwrap();
}

#[test]
fn a_container_function_says_the_same_as_the_plugin() {
    if !has("kubectl") {
        return;
    }
    let directory = workspace("kustomize-container");
    functional(&directory, "container: {image: example.com/rollstep:v0.1.0}");
    // `docker run … IMAGE` becomes `rollstep` with the same standard input.
    let docker = directory.join("bin/docker");
    fs::write(&docker, "#!/bin/sh\nexec rollstep\n").unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let function = succeed(&directory, "kubectl kustomize --enable-alpha-plugins web");
    assert!(function.contains("host: eu-service-demo-canary\n"), "{function}");
    assert!(!function.contains("config.k"), "{function}");

    let step = fs::read_to_string(directory.join("web/step.yaml")).unwrap();
    let plain = step.replace("config.kubernetes.io/function", "note");
    fs::write(directory.join("web/step.yaml"), plain).unwrap();
    let plugin = succeed(
        &directory,
        "mkdir -p plugins/rollstep.dev/v1alpha1/rollstep
         ln -s $(command -v rollstep) plugins/rollstep.dev/v1alpha1/rollstep/RollStep
         KUSTOMIZE_PLUGIN_HOME=$PWD/plugins kubectl kustomize --enable-alpha-plugins web",
    );
    assert_eq!(function, plugin);
}

/// What names the workload and its Service beside the routes, and what kustomize makes of it all.
const NAMED: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec: {defaultBackend: {service: {name: service-demo, port: {number: 80}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: scale}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: workload-demo}
  minReplicas: 3
  maxReplicas: 9
";

const ALL_CHANGED: &str = "namePrefix: eu-
nameSuffix: -v1
namespace: shop
resources: [deployment.yaml, service.yaml, virtualservice.yaml, rollout.yaml, named.yaml]
images: [{name: nginx, newName: registry.example/nginx, newTag: 1.27.0}]
configMapGenerator: [{name: settings, literals: [a=b]}]
transformers: [step.yaml]
";

#[test]
fn names_images_and_generated_names_are_those_of_kustomize() {
    if !has("kubectl") {
        return;
    }
    let directory = workspace("kustomize-names");
    let web = directory.join("web");
    let deployment = fs::read_to_string(web.join("deployment.yaml")).unwrap();
    let with_settings = deployment.replace(
        "        ports:",
        "        envFrom: [{configMapRef: {name: settings}}]\n        ports:",
    );
    assert_ne!(deployment, with_settings);
    for (name, text) in [
        ("deployment.yaml", with_settings.as_str()),
        ("named.yaml", NAMED),
        ("kustomization.yaml", ALL_CHANGED),
        (
            "step.yaml",
            "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {name: web}\nspec: {rollout: rollouts-demo, step: 2, replicas: 3}\n",
        ),
    ] {
        fs::write(web.join(name), text).unwrap();
    }
    let built = succeed(
        &directory,
        "mkdir -p plugins/rollstep.dev/v1alpha1/rollstep
         ln -s $(command -v rollstep) plugins/rollstep.dev/v1alpha1/rollstep/RollStep
         KUSTOMIZE_PLUGIN_HOME=$PWD/plugins kubectl kustomize --enable-alpha-plugins web",
    );
    assert!(!built.contains("config.k"), "{built}");
    let objects = rollstep::read(&[Source::new("built.yaml", built)]).unwrap();
    let of = |kind: &str, name: &str| {
        let found =
            objects.iter().find(|one| one["kind"] == kind && one["metadata"]["name"] == name);
        found.unwrap_or_else(|| panic!("no {kind} {name} in {objects:#?}"))
    };
    assert!(objects.iter().all(|one| one["metadata"]["namespace"] == "shop"));
    let settings = objects.iter().find(|one| one["kind"] == "ConfigMap").unwrap();
    let generated = settings["metadata"]["name"].as_str().unwrap();
    assert!(generated.starts_with("eu-settings-v1-"), "{generated}");
    for name in ["eu-workload-demo-v1", "eu-workload-demo-v1-canary"] {
        let container = &of("Deployment", name)["spec"]["template"]["spec"]["containers"][0];
        assert_eq!("registry.example/nginx:1.27.0", container["image"], "{name}");
        assert_eq!(generated, container["envFrom"][0]["configMapRef"]["name"], "{name}");
    }
    let routes = &of("VirtualService", "eu-vs-demo-v1")["spec"]["http"][0]["route"];
    let hosts = [0, 1].map(|index| routes[index]["destination"]["host"].as_str().unwrap());
    assert_eq!(["eu-service-demo-v1", "eu-service-demo-v1-canary"], hosts);
    for host in hosts {
        of("Service", host);
    }
    let front = &of("Ingress", "eu-front-v1")["spec"]["defaultBackend"]["service"]["name"];
    assert_eq!("eu-service-demo-v1", front);
    let scaled = &of("HorizontalPodAutoscaler", "eu-scale-v1")["spec"]["scaleTargetRef"]["name"];
    assert_eq!("eu-workload-demo-v1", scaled);
}

/// Fails on the day that kubectl runs executables, when the page must say so.
#[test]
fn kubectl_skips_an_executable_function() {
    if !has("kubectl") {
        return;
    }
    let directory = workspace("kustomize-exec");
    functional(&directory, "exec: {path: rollstep}");
    let output = succeed(&directory, "kubectl kustomize --enable-alpha-plugins web");
    assert!(!output.contains("canary-of"), "{output}");
}

#[test]
fn bare_without_input_is_the_help() {
    let directory = workspace("bare");
    let output = run(&directory, "rollstep < /dev/null");
    assert_eq!(Some(2), output.status.code());
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: rollstep"));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_bad_list_is_one_clear_error_and_no_list() {
    let directory = workspace("bad-list");
    for input in ["items: [", "kind: List\napiVersion: v1\nitems: []", "a", "---\na: 1\n---\nb: 2"]
    {
        fs::write(directory.join("input"), input).unwrap();
        for command in ["rollstep < input", "rollstep krm < input"] {
            let output = run(&directory, command);
            assert_eq!(Some(2), output.status.code(), "{command}: {input}");
            assert!(output.stdout.is_empty(), "{command}: {input}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(1, said.matches("error").count(), "{said}");
        }
    }
}
