//! Files that a move replaces: what they have besides their text, and moves at the same time.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::command::{guide, run, said};

const STEPS: &str = "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {name: a}\nspec:\n  \
    rollout: rollouts-demo\n  step: 1\n";

/// Two rollouts with their RollSteps in one file.
fn two_rollouts(name: &str) -> std::path::PathBuf {
    let folder = guide(name);
    let text = fs::read_to_string(folder.join("all.yaml")).unwrap();
    let in_namespace = |namespace: &str| {
        text.replace("metadata:\n  name:", &format!("metadata:\n  namespace: {namespace}\n  name:"))
    };
    fs::write(folder.join("all.yaml"), in_namespace("one")).unwrap();
    fs::write(folder.join("other.yaml"), in_namespace("two")).unwrap();
    folder
}

/// Returns the RollSteps of both, at step 1.
fn both() -> String {
    let of = |namespace: &str| {
        STEPS.replace("{name: a}", &format!("{{name: a, namespace: {namespace}}}"))
    };
    [of("one"), of("two")].join("---\n")
}

#[test]
fn two_moves_at_once_lose_none() {
    let folder = two_rollouts("at-once");
    for round in 0..60 {
        fs::write(folder.join("steps.yaml"), both()).unwrap();
        let moves = ["one", "two"].map(|namespace| {
            Command::new(env!("CARGO_BIN_EXE_rollstep"))
                .args(["approve", "-f", ".", "--rollout", &format!("{namespace}/rollouts-demo")])
                .current_dir(&folder)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        for one in moves {
            let output = one.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(Some(0), output.status.code(), "round {round}: {stderr}");
        }
        let found = fs::read_to_string(folder.join("steps.yaml")).unwrap();
        assert_eq!(both().replace("step: 1", "step: 2"), found, "round {round}");
    }
}

#[test]
fn two_starts_at_once_share_a_new_file() {
    let folder = two_rollouts("starts-at-once");
    let old = fs::read_to_string(folder.join("old/old.yaml")).unwrap();
    let of = |namespace: &str| {
        old.replace("metadata:\n  name:", &format!("metadata:\n  namespace: {namespace}\n  name:"))
    };
    fs::write(folder.join("old/old.yaml"), [of("one"), of("two")].join("---\n")).unwrap();
    for round in 0..10 {
        let _ = fs::remove_file(folder.join("rollstep.yaml"));
        let starts = ["one", "two"].map(|namespace| {
            let arguments = format!("start -f . --stable old --rollout {namespace}/rollouts-demo");
            Command::new(env!("CARGO_BIN_EXE_rollstep"))
                .args(arguments.split(' '))
                .current_dir(&folder)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        for one in starts {
            let output = one.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let found = fs::read_to_string(folder.join("rollstep.yaml")).unwrap();
        assert_eq!(2, found.matches("kind: RollStep\n").count(), "round {round}: {found}");
    }
}

/// Runs a move that must be refused, and checks that nothing was written.
#[track_caller]
fn refused(folder: &Path, reason: &str) {
    let before = fs::read(folder.join("step.yaml")).unwrap();
    let output = run(folder, "approve -f all.yaml -f step.yaml");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(Some(2), output.status.code(), "{stderr}");
    assert!(stderr.contains(reason), "{stderr}");
    assert!(fs::read(folder.join("step.yaml")).unwrap() == before);
    let left = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().ends_with(".rollstep")));
}

#[test]
fn a_file_that_cannot_be_replaced_is_refused() {
    let folder = guide("refused-files");
    let step = folder.join("step.yaml");
    fs::write(&step, STEPS).unwrap();
    fs::set_permissions(&step, fs::Permissions::from_mode(0o444)).unwrap();
    refused(&folder, "it is read-only");
    fs::set_permissions(&step, fs::Permissions::from_mode(0o644)).unwrap();
    fs::hard_link(&step, folder.join("other-name")).unwrap();
    refused(&folder, "it has 2 hard links");
    fs::remove_file(folder.join("other-name")).unwrap();
    said(&folder, "approve -f all.yaml -f step.yaml");
}

#[test]
fn modes_owners_and_attributes_stay() {
    let folder = guide("attributes");
    let step = folder.join("step.yaml");
    fs::write(&step, STEPS).unwrap();
    let name = "user.review";
    let file = fs::File::options().write(true).open(&step).unwrap();
    let flags = rustix::fs::XattrFlags::empty();
    let has_attributes = rustix::fs::fsetxattr(&file, name, b"by two", flags).is_ok();
    // Only root may give a file away.
    let is_given = std::os::unix::fs::chown(&step, Some(1234), Some(4321)).is_ok();
    fs::set_permissions(&step, fs::Permissions::from_mode(0o2640)).unwrap();
    let before = fs::metadata(&step).unwrap();
    said(&folder, "approve -f all.yaml -f step.yaml");
    let after = fs::metadata(&step).unwrap();
    assert_ne!(before.ino(), after.ino(), "the file was replaced");
    assert_eq!(before.mode(), after.mode());
    assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
    assert!(!is_given || after.uid() == 1234);
    if has_attributes {
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(&step, name, value.as_mut_slice()).unwrap();
        assert_eq!(b"by two", &value[..length]);
    }
}

#[test]
fn what_a_killed_move_left_is_removed() {
    let folder = guide("leftovers");
    fs::write(folder.join("step.yaml"), STEPS).unwrap();
    let left = folder.join(".step.yaml.0123456789abcdef.rollstep");
    let others = [".step.yaml.notes.rollstep", ".other.yaml.0123456789abcdef.rollstep"];
    fs::write(&left, "half of it").unwrap();
    for name in others {
        fs::write(folder.join(name), "not ours").unwrap();
    }
    said(&folder, "approve -f all.yaml -f step.yaml");
    assert!(!left.exists());
    assert!(others.iter().all(|name| folder.join(name).exists()));
}
