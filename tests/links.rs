//! Links below the folder of `-f`: where they may lead, and what becomes of those that lead elsewhere.
#![cfg(test)]
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A repository with the guide in `shop`, and a manifest in `common`.
fn repository(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("links-{name}"));
    let _ = fs::remove_dir_all(&root);
    for folder in [".git", "shop", "common"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join(".git/config"), "token: hunter2\n").unwrap();
    fs::write(root.join("common/config.yaml"), CONFIG).unwrap();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/istio-guide");
    for file in ["deployment", "rollout", "service", "virtualservice"] {
        let file = format!("{file}.yaml");
        fs::copy(guide.join(&file), root.join("shop").join(&file)).unwrap();
    }
    root
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n";

fn run(arguments: &[&str], root: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollstep")).args(arguments).current_dir(root).output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

#[test]
fn a_link_within_the_repository_is_followed() {
    let root = repository("within");
    symlink("../common/config.yaml", root.join("shop/config.yaml")).unwrap();
    let output = run(&["render", "-f", "shop", "--step", "1"], &root);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("name: shared"));
}

#[test]
fn a_link_within_the_folder_is_followed_without_a_repository() {
    let root = repository("folder");
    fs::remove_dir_all(root.join(".git")).unwrap();
    // The project itself may lie in a repository, so a working tree above is one of its own.
    symlink("service.yaml", root.join("shop/again.yaml")).unwrap();
    fs::rename(root.join("shop/service.yaml"), root.join("shop/service.txt")).unwrap();
    fs::remove_file(root.join("shop/again.yaml")).unwrap();
    symlink("service.txt", root.join("shop/again.yaml")).unwrap();
    let output = run(&["render", "-f", "shop", "--step", "1"], &root);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn what_lies_elsewhere_is_not_read() {
    let outside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("links-elsewhere");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.txt"), "token: hunter2\n").unwrap();
    let targets = [
        Path::new("/proc/self/environ").to_owned(),
        Path::new("../.git/config").to_owned(),
        outside.join("secret.txt"),
        outside.join("absent"),
        Path::new("/dev/zero").to_owned(),
    ];
    for target in targets {
        let root = repository("elsewhere-of");
        symlink(&target, root.join("shop/evil.yaml")).unwrap();
        for command in [&["render", "--step", "1"][..], &["check"]] {
            let output = run(&[command, &["-f", "shop"]].concat(), &root);
            assert_eq!(output.status.code(), Some(2), "{target:?} {}", said(&output));
            assert!(output.stdout.is_empty());
            assert!(said(&output).contains("error[link-leads-outside]"), "{}", said(&output));
            assert!(said(&output).contains("--> shop/evil.yaml"), "{}", said(&output));
        }
        for command in ["plan", "status"] {
            let output = run(&[command, "-f", "shop"], &root);
            assert_eq!(output.status.code(), Some(0), "{target:?} {}", said(&output));
            assert!(said(&output).contains("warning[link-leads-outside]"), "{}", said(&output));
        }
        for command in ["render", "check", "plan", "explain", "diff", "start", "approve"] {
            let output = run(&[command, "-f", "shop"], &root);
            assert!(!said(&output).contains("hunter2"), "{command}");
            assert!(!said(&output).contains("PATH="), "{command}");
        }
    }
}

#[test]
fn a_move_does_not_write_through_a_link_that_leads_outside() {
    let root = repository("moves");
    let outside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("links-written");
    fs::create_dir_all(&outside).unwrap();
    let text = "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {name: rollouts-demo}\n\
                spec:\n  rollout: rollouts-demo\n  step: 1\n";
    let target = outside.join("step.yaml");
    fs::write(&target, text).unwrap();
    symlink(&target, root.join("step.yaml")).unwrap();
    let output = run(&["approve", "-f", "shop", "-f", "step.yaml"], &root);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("is a link that leads out"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&target).unwrap(), text);

    fs::rename(&target, root.join("common/step.yaml")).unwrap();
    fs::remove_file(root.join("step.yaml")).unwrap();
    symlink("common/step.yaml", root.join("step.yaml")).unwrap();
    let output = run(&["approve", "-f", "shop", "-f", "step.yaml"], &root);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(fs::read_to_string(root.join("common/step.yaml")).unwrap().contains("step: 2"));
    assert!(root.join("step.yaml").is_symlink());
}
