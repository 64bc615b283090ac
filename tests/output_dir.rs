//! `--output-dir` on a real disk: what is written, what is removed, and what is left alone.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![cfg(unix)]

#[path = "output_dir/folder.rs"]
mod folder;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use folder::{Folder, Ran};
use skipped::has;

#[test]
fn two_runs_are_the_same_bytes_and_the_second_touches_nothing() {
    let folder = Folder::new("two-runs");
    folder.write("2", &[]).succeeds();
    let (first, made) = (folder.files(), fs::metadata(folder.out()).unwrap());
    assert_eq!(
        [
            ".rollstep",
            "deployment-workload-demo-canary.yaml",
            "deployment-workload-demo.yaml",
            "secret-key.yaml",
            "service-service-demo-canary.yaml",
            "service-service-demo.yaml",
            "virtualservice-vs-demo.yaml",
        ],
        first.keys().map(String::as_str).collect::<Vec<_>>().as_slice()
    );
    folder.write("2", &[]).succeeds();
    assert_eq!(first, folder.files());
    assert_eq!(made.modified().unwrap(), fs::metadata(folder.out()).unwrap().modified().unwrap());
}

#[test]
fn what_is_no_more_is_removed() {
    let folder = Folder::new("stale");
    folder.write("2", &["--layout", "kpt", "--split", "workloads,routing"]).succeeds();
    assert!(folder.holds("workloads/deployment_workload-demo-canary.yaml"));
    folder.write("done", &["--layout", "kpt", "--split", "workloads,routing"]).succeeds();
    assert!(!folder.holds("workloads/deployment_workload-demo-canary.yaml"));
    assert!(folder.holds("workloads/deployment_workload-demo.yaml"));
    folder.write("done", &["--layout", "single"]).succeeds();
    assert_eq!([".rollstep", "manifest.yaml"], folder.names().as_slice());
    assert!(!folder.out().join("workloads").exists(), "empty folders go as well");
    folder.leaves_nothing_beside();
}

#[test]
fn what_others_wrote_is_refused_and_stays() {
    let folder = Folder::new("foreign");
    folder.put("README.md", "ours\n");
    let ran = folder.write("2", &[]);
    ran.fails("holds README.md, which rollstep did not write");
    assert_eq!(["README.md"], folder.names().as_slice());

    folder.write("2", &["--force"]).succeeds();
    folder.put("notes/a.txt", "mine\n");
    folder.write("done", &[]).fails("README.md and 1 more");
    assert!(folder.holds("deployment-workload-demo-canary.yaml"), "nothing has changed");
    folder.write("done", &["--force"]).succeeds();
    assert!(!folder.holds("deployment-workload-demo-canary.yaml"));
    assert_eq!("ours\n", folder.files()["README.md"].as_str());
    assert_eq!("mine\n", folder.files()["notes/a.txt"].as_str());
    assert!(!folder.out().join(".rollstep-new").exists());
}

#[test]
fn a_file_of_others_is_never_replaced() {
    let folder = Folder::new("in-the-way");
    folder.put("virtualservice-vs-demo.yaml", "by hand\n");
    folder.write("2", &["--force"]).fails("rollstep did not write it");
    assert_eq!(["virtualservice-vs-demo.yaml"], folder.names().as_slice());
    assert_eq!("by hand\n", folder.files()["virtualservice-vs-demo.yaml"].as_str());
}

#[test]
fn a_folder_where_a_file_should_go_leaves_the_old_tree() {
    let folder = Folder::new("folder-in-the-way");
    folder.write("done", &[]).succeeds();
    let before = folder.files();
    fs::create_dir(folder.out().join("deployment-workload-demo-canary.yaml")).unwrap();
    for flags in [&[][..], &["--force"]] {
        assert_eq!(Some(2), folder.write("1", flags).code);
        assert_eq!(before, folder.files());
    }
    folder.leaves_nothing_beside();
}

#[test]
fn nothing_is_written_through_links() {
    let folder = Folder::new("links");
    let elsewhere = folder.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::create_dir_all(folder.out()).unwrap();
    symlink(&elsewhere, folder.out().join("workloads")).unwrap();
    let split = ["--split", "workloads,routing", "--force"];
    folder.write("2", &split).fails("nothing is written through links");
    fs::remove_file(folder.out().join("workloads")).unwrap();

    folder.write("2", &split[..2]).succeeds();
    let target = elsewhere.join("target.yaml");
    fs::write(&target, "precious\n").unwrap();
    let place = folder.out().join("routing/virtualservice-vs-demo.yaml");
    fs::remove_file(&place).unwrap();
    symlink(&target, &place).unwrap();
    folder.write("1", &split).fails("nothing is written through links");
    assert_eq!("precious\n", fs::read_to_string(&target).unwrap());
    assert_eq!(1, fs::read_dir(&elsewhere).unwrap().count());
}

#[test]
fn a_list_that_leads_out_removes_nothing() {
    let folder = Folder::new("list-leads-out");
    let precious = folder.beside("precious.yaml");
    fs::write(&precious, "precious\n").unwrap();
    for line in ["../precious.yaml", "/etc/passwd", "a/../../precious.yaml"] {
        folder.put(".rollstep", &format!("{line}\n"));
        folder.write("2", &["--force"]).fails("lies outside");
        assert!(precious.exists());
    }
}

#[test]
fn a_read_only_folder_stays_as_it_is() {
    let folder = Folder::new("read-only");
    folder.write("1", &[]).succeeds();
    let before = folder.files();
    fs::set_permissions(folder.out(), fs::Permissions::from_mode(0o555)).unwrap();
    folder.write("2", &[]).fails("is read-only");
    assert_eq!(before, folder.files());
    fs::set_permissions(folder.out(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_folder_that_one_stands_in_stays() {
    let folder = Folder::new("stands-in-it");
    folder.write("1", &[]).succeeds();
    let ran = folder.write_at(&folder.out(), ".", &["--step", "done"]);
    ran.succeeds();
    assert!(!folder.holds("deployment-workload-demo-canary.yaml"));
    let ran = folder.write_at(&folder.out(), ".", &["--step", "2", "--layout", "kpt"]);
    ran.succeeds();
    let there = folder.files();
    folder.write("2", &["--layout", "kpt"]).succeeds();
    assert_eq!(there, folder.files(), "both ways write the same");
    assert!(!folder.out().join(".rollstep-new").exists());
}

#[test]
fn what_an_interrupted_run_left_is_put_right() {
    let folder = Folder::new("interrupted");
    folder.write("1", &[]).succeeds();
    let before = folder.files();
    // It died between the two renames, or while it wrote.
    fs::rename(folder.out(), folder.beside(".out.rollstep-old")).unwrap();
    fs::create_dir(folder.beside(".out.rollstep-new")).unwrap();
    fs::write(folder.beside(".out.rollstep-new/.rollstep"), "").unwrap();
    folder.write("1", &[]).succeeds();
    assert_eq!(before, folder.files());
    folder.write("2", &[]).succeeds();
    folder.leaves_nothing_beside();
}

/// No file may grow over a few blocks: a write fails as on a full disk, or kills the process.
#[test]
fn a_full_disk_or_a_crash_leaves_the_old_tree() {
    let folder = Folder::new("full-disk");
    folder.write("done", &[]).succeeds();
    let before = folder.files();
    let large = folder.beside("large.yaml");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\ndata:\n  text: ";
    fs::write(&large, format!("{map}{}\n", "x".repeat(100_000))).unwrap();
    let large = large.to_str().unwrap();
    for flags in ["", "--force"] {
        if flags == "--force" {
            folder.put("README.md", "foreign\n");
        }
        let before: Vec<_> = before.iter().collect();
        let same = || {
            let mut after = folder.files();
            after.remove("README.md");
            after.retain(|path, _| !path.starts_with(".rollstep-new/"));
            assert_eq!(before, after.iter().collect::<Vec<_>>());
        };
        let full = folder.limited("trap '' XFSZ; ulimit -f 16;", &["--step=1", "-f", large, flags]);
        assert_eq!(Some(2), full.code, "{}", full.stderr);
        assert!(full.stderr.contains("cannot write"), "{}", full.stderr);
        folder.leaves_nothing_beside();
        same();
        let killed =
            folder.limited("ulimit -c 0; ulimit -f 16;", &["--step=1", "-f", large, flags]);
        assert_eq!(None, killed.code, "{}", killed.stderr);
        same();
    }
    folder.write("1", &["--force"]).succeeds();
    assert!(folder.holds("deployment-workload-demo-canary.yaml"));
    assert!(!folder.out().join(".rollstep-new").exists());
}

#[test]
fn nothing_is_written_where_the_render_fails() {
    let folder = Folder::new("render-fails");
    assert_eq!(Some(2), folder.write("7", &[]).code);
    assert!(!folder.out().exists());
    folder.write("1", &[]).succeeds();
    let before = folder.files();
    folder.write("7", &[]).fails("unknown-step");
    assert_eq!(before, folder.files());
}

#[test]
fn files_with_a_secret_are_for_their_owner() {
    let folder = Folder::new("secrets");
    let mode =
        |path: &str| fs::metadata(folder.out().join(path)).unwrap().permissions().mode() & 0o777;
    for flags in [&[][..], &["--force"]] {
        folder.write("1", flags).succeeds();
        assert_eq!(0o600, mode("secret-key.yaml"), "also where a checkout left it open");
        assert_ne!(0o600, mode("service-service-demo.yaml"));
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(folder.out().join("secret-key.yaml"), open).unwrap();
        folder.write("1", &[&["--check"], flags].concat()).succeeds();
        folder.put("README.md", "foreign\n");
    }
    let folder = Folder::new("secrets-in-one");
    folder.write("1", &["--layout", "single"]).succeeds();
    let found = fs::metadata(folder.out().join("manifest.yaml")).unwrap();
    assert_eq!(0o600, found.permissions().mode() & 0o777);
}

/// Secrets that are no document of their own, each in another way.
const HIDDEN: &str = "apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}}
- {apiVersion: v1, kind: Secret, metadata: {name: listed}, data: {a: aHVudGVy}}
---
# apiVersion: v1
# kind: Secret
# stringData: {a: hunter}
apiVersion: v1
kind: ConfigMap
metadata: {name: commented}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: text}
data:
  manifest: |
    # hunter is in it
    apiVersion: v1
    kind: Secret
    metadata: {name: a}
    stringData: {a: hunter}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: script}
data:
  run.sh: |
    kubectl apply -f - <<END
    kind: Secret
    stringData: {a: hunter}
    END
---
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: template}
objects:
- {kind: Secret, data: {a: aHVudGVy}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: applied
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"kind\":\"ConfigMap\",\"data\":{\"a\":\"kind: Secret\\nmetadata: {name: a}\\napiVersion: v1\\ndata: {a: aHVudGVy}\"}}
---
apiVersion: rollstep.dev/v1alpha1
kind: RollStep
metadata: {name: step}
spec:
  rollout: rollouts-demo
  step: 1
  stable: |
    # kind: Secret
    # stringData: {a: hunter}
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: workload-demo}
    spec:
      replicas: 3
      selector: {matchLabels: {app: nginx}}
      template:
        metadata: {labels: {app: nginx}}
        spec: {containers: [{name: nginx, image: \"nginx:1\"}]}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: a}
    stringData: {a: hunter}
---
apiVersion: example.com/v1
kind: Release
metadata: {name: refers}
spec: {valuesFrom: [{kind: Secret, name: a}]} # The Secret is made elsewhere.
";

#[test]
fn files_with_a_secret_inside_another_object_are_for_their_owner() {
    let folder = Folder::new("secrets-inside");
    let hidden = folder.beside("hidden.yaml");
    fs::write(&hidden, HIDDEN).unwrap();
    let flags = ["-f", hidden.to_str().unwrap(), "--keep-rollout"];
    folder.write("1", &flags).succeeds();
    let is_closed = |name: &str| {
        let path = folder.out().join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
    };
    for name in [
        "secret-listed",
        "configmap-commented",
        "configmap-text",
        "configmap-script",
        "template-template",
        "configmap-applied",
        "rollstep-step",
    ] {
        assert!(is_closed(&format!("{name}.yaml")), "{name}");
    }
    for name in ["configmap-listed", "release-refers", "service-service-demo"] {
        assert!(!is_closed(&format!("{name}.yaml")), "{name}");
    }
    // No check shows a value either, neither of what is there nor of what is not.
    let check = |flags: &[&str]| {
        let ran = folder.write("1", &[&["--check"], flags].concat());
        assert_eq!(Some(1), ran.code, "{}", ran.stderr);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("hunter") && !all.contains("aHVudGVy"), "{all}");
    };
    check(&[]);
    for name in folder.names().into_iter().filter(|name| name.ends_with(".yaml")) {
        let path = folder.out().join(&name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(
            &path,
            text.replace("hunter", "hunters").replace("metadata:", "labels: {}\nmetadata:"),
        )
        .unwrap();
    }
    check(&flags);
    fs::remove_dir_all(folder.out()).unwrap();
    check(&flags);
    check(&[&flags[..], &["--layout", "single"]].concat());
    // What is behind the end of a document is not read, and not shown.
    let service = folder.out().join("service-service-demo.yaml");
    folder.write("1", &[]).succeeds();
    let text = fs::read_to_string(&service).unwrap();
    fs::write(service, text + "...\nkind: Secret\nstringData: {a: hunter}\n").unwrap();
    check(&[]);
}

#[test]
fn a_check_says_what_differs_and_writes_nothing() {
    let folder = Folder::new("check");
    let ran = folder.write("1", &["--check"]);
    assert_eq!(Some(1), ran.code, "{}", ran.stderr);
    assert!(ran.stdout.contains("--- /dev/null\n+++ "), "{}", ran.stdout);
    assert!(!folder.out().exists());
    folder.write("1", &[]).succeeds();
    let ran = folder.write("1", &["--check"]);
    assert_eq!((Some(0), ""), (ran.code, ran.stdout.as_str()));
    let before = folder.files();
    let ran = folder.write("2", &["--check"]);
    assert_eq!(Some(1), ran.code);
    assert!(ran.stdout.contains("\n+      weight: 50\n"), "{}", ran.stdout);
    let ran = folder.write("done", &["--check"]);
    assert!(ran.stdout.contains("canary.yaml\n+++ /dev/null\n"), "{}", ran.stdout);
    assert_eq!(before, folder.files());
    fs::remove_file(folder.out().join("service-service-demo.yaml")).unwrap();
    assert_eq!(Some(1), folder.write("1", &["--check"]).code);
    folder.put("README.md", "foreign\n");
    folder.write("1", &["--check"]).fails("did not write");
    assert_eq!(Some(1), folder.write("1", &["--check", "--force"]).code);
}

#[test]
fn a_check_shows_no_value_of_a_secret() {
    let folder = Folder::new("check-secrets");
    let shown = |ran: Ran| {
        assert_eq!(Some(1), ran.code, "{}", ran.stderr);
        for value in ["aHVudGVy", "c3dvcmRmaXNo", "hunter", "swordfish"] {
            assert!(!ran.stdout.contains(value) && !ran.stderr.contains(value), "{}", ran.stdout);
        }
        ran.stdout
    };
    assert!(shown(folder.write("1", &["--check"])).contains("\n+  password: '***'\n"));
    folder.write("1", &[]).succeeds();
    let path = folder.out().join("secret-key.yaml");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("aHVudGVy", "c3dvcmRmaXNo"),
        (
            "  name: key\n",
            "  name: key\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"a\": \"swordfish\"}'\n",
        ),
        ("\ndata:", "\nstringData:\n  other: hunter\ndata:"),
        ("kind: Secret", "kind: ConfigMap"),
        ("kind: Secret", "kind: \"S\\x65cret\""),
        ("kind: Secret", "kind: [ # hunter"),
        ("kind: Secret", "kind: Template\nobjects:\n- {kind: Secret, data: {a: c3dvcmRmaXNo}}"),
        (
            "  name: key\n",
            "  name: key\n  annotations: {objectset.rio.cattle.io/applied: swordfish}\n",
        ),
        ("\ndata:", "\ndata: aHVudGVy # hunter\nother:"),
    ] {
        fs::write(&path, text.replace(from, to)).unwrap();
        let stdout = shown(folder.write("1", &["--check"]));
        assert!(stdout.contains("secret-key.yaml"), "{stdout}");
    }
    fs::write(&path, text.replace("aHVudGVy", "c3dvcmRmaXNo")).unwrap();
    let stdout = shown(folder.write("1", &["--check"]));
    assert!(stdout.contains("'*** (before)'\n+  password: '*** (after)'"), "{stdout}");
    fs::write(&path, b"\xff\xfe\xff hunter").unwrap();
    shown(folder.write("1", &["--check"]));
    let copied = r#"# {kind: Secret, data: {a: swordfish}}
apiVersion: v1
kind: ConfigMap
metadata: {name: copy}
data: {secret: '{"kind":"Secret","data":{"a":"c3dvcmRmaXNo"}}'}
"#;
    folder.put("service-service-demo.yaml", copied);
    shown(folder.write("1", &["--check"]));
}

#[test]
fn every_stage_has_a_folder() {
    let folder = Folder::new("all-steps");
    let stable = format!("{}/fixtures/istio-guide/stable", env!("CARGO_MANIFEST_DIR"));
    folder.all_steps(&["--stable", &stable]).succeeds();
    let folders = ["0-stable", "1-step", "2-step", "3-step", "4-promote", "5-done"];
    assert_eq!(folders, folder.top().as_slice());
    let ran = folder.all_steps(&[]);
    ran.succeeds();
    assert!(ran.stderr.contains("note[stage-left-out]"), "{}", ran.stderr);
    assert_eq!(folders[1..], folder.top());
}

#[test]
fn wrong_usage_is_told() {
    let folder = Folder::new("usage");
    for flags in [
        &["--only", "removed"][..],
        &["-o", "json"],
        &["--all-steps"],
        &["--only", "routing", "--split", "workloads,routing"],
        &["--split", "routing"],
        &["--layout", "flat"],
    ] {
        assert_eq!(Some(2), folder.write("1", flags).code, "{flags:?}");
    }
    assert!(!folder.out().exists());
    for flags in [&["--check"][..], &["--force"], &["--kustomization"], &["--all-steps"]] {
        let ran = folder.run(Path::new("."), &[&["--step", "1"], flags].concat());
        assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()), "{flags:?}");
    }
    let file = folder.beside("file");
    fs::write(&file, "").unwrap();
    let ran = folder.write_at(Path::new("."), file.to_str().unwrap(), &["--step", "1"]);
    ran.fails("is no folder");
}

/// A tree in its own input would be read back, and take the place of sources.
#[test]
fn a_folder_that_is_read_is_not_written() {
    let folder = Folder::new("in-its-input");
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/istio-guide");
    for input in ["input", "input/workloads"].map(|input| folder.beside(input)) {
        fs::create_dir(&input).unwrap();
        for file in ["deployment.yaml", "service.yaml", "virtualservice.yaml", "rollout.yaml"] {
            fs::copy(guide.join(file), input.join(file)).unwrap();
        }
    }
    folder.put("old.yaml", &fs::read_to_string(guide.join("stable/deployment.yaml")).unwrap());
    symlink(folder.beside("input"), folder.beside("link")).unwrap();
    let before = folder.all();
    for words in [
        "-f input --output-dir input",
        "-f input/ --output-dir ./link",
        "-f link --output-dir input/../input --check",
        "-f input --output-dir input/workloads/.. --layout single",
        "-f input/workloads --output-dir input --split workloads,routing",
        "-R -f input/workloads --output-dir input/workloads/out",
        "-R -f input/workloads --output-dir input/workloads/not/there",
        "-f input --output-dir out --stable out",
    ] {
        folder.command(words).fails("would be written where manifests are read from (");
        assert_eq!(before, folder.all(), "{words}");
    }
    // Beside what is read, and below where nothing is read.
    folder.command("-f input --output-dir input/out").succeeds();
    folder.command("-f input/workloads --output-dir input").succeeds();
    let files = "-f deployment.yaml -f service.yaml -f virtualservice.yaml -f rollout.yaml";
    let files = files.replace("-f ", "-f input/workloads/");
    folder.command(&format!("{files} --output-dir input/workloads")).succeeds();
}

#[test]
fn kustomize_reads_a_tree_in_its_order() {
    if !has("kubectl") {
        return;
    }
    let folder = Folder::new("kustomize");
    for layout in ["kind-name", "kustomize", "kpt", "single"] {
        folder.write("2", &["--kustomization", "--layout", layout]).succeeds();
        let out = folder.out();
        let built = Command::new("kubectl").arg("kustomize").arg(&out).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let rendered = folder.run(Path::new("."), &["--step", "2"]).stdout;
        assert_eq!(kinds(&rendered), kinds(&String::from_utf8(built.stdout).unwrap()), "{layout}");
    }
    folder.write("2", &["--kustomization", "--layout", "kustomize"]).succeeds();
    let theirs = folder.beside("theirs");
    fs::create_dir(&theirs).unwrap();
    let mut command = Command::new("kubectl");
    command.arg("kustomize").arg(folder.out()).arg("-o").arg(&theirs);
    assert!(command.status().unwrap().success());
    let mut named = folder.names();
    named.retain(|name| name.contains('_'));
    let mut built: Vec<_> = fs::read_dir(&theirs)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    built.sort();
    assert_eq!(built, named, "the layout is kustomize's own");
}

#[test]
fn kpt_reads_a_tree() {
    if !has("kpt") {
        return;
    }
    let folder = Folder::new("kpt");
    folder.write("2", &["--layout", "kpt"]).succeeds();
    let read = Command::new("kpt").args(["fn", "source"]).arg(folder.out()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let text = String::from_utf8(read.stdout).unwrap();
    for name in folder.names().iter().filter(|name| name.ends_with(".yaml")) {
        assert!(text.contains(name), "{name} is not read");
    }
}

#[test]
fn who_waits_at_a_terminal_is_told() {
    if !has("script") {
        return;
    }
    let folder = Folder::new("progress");
    let log = folder.beside("log");
    let mut child = Command::new("script")
        .args(["-qec"])
        .arg(format!(
            "(sleep 2; cat {0}/fixtures/stable-is-paused/web.yaml) | {1} render -f - --step done --output-dir {2}",
            env!("CARGO_MANIFEST_DIR"),
            env!("CARGO_BIN_EXE_rollstep"),
            folder.out().display(),
        ))
        .arg(&log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(child.wait().unwrap().success());
    thread::sleep(Duration::from_millis(10));
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("\rreading …\r\x1b[K"), "{said:?}");
}

fn kinds(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with("kind: "));
    lines.map(str::to_owned).collect()
}
