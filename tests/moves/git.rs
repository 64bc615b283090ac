//! `git:REV` in the place of a path: what is read, and what never runs.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::{guide, run, said};

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.example"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "a"]);
}

/// Returns a repository whose last commit brings the new version, in a folder below its top.
fn repository(name: &str) -> PathBuf {
    let folder = guide(name);
    let shop = folder.join("deep/shop");
    fs::create_dir_all(&shop).unwrap();
    git(&folder, &["init", "-q", "-b", "main", "."]);
    let new = fs::read_to_string(folder.join("all.yaml")).unwrap();
    let old = fs::read_to_string(folder.join("old/old.yaml")).unwrap();
    fs::remove_file(folder.join("all.yaml")).unwrap();
    fs::remove_dir_all(folder.join("old")).unwrap();
    let first = new.split("--- # next\n").next().unwrap();
    assert!(first.contains("kind: Deployment"));
    fs::write(shop.join("all.yaml"), new.replace(first, &old)).unwrap();
    commit(&folder);
    fs::write(shop.join("all.yaml"), &new).unwrap();
    fs::write(shop.join("later.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        .unwrap();
    commit(&folder);
    folder
}

#[track_caller]
fn refused(folder: &Path, arguments: &str, reason: &str) {
    let output = run(folder, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(Some(2), output.status.code(), "{stderr}");
    assert!(stderr.contains(reason), "{stderr}");
}

#[test]
fn a_revision_stands_for_the_same_paths() {
    let folder = repository("revision");
    let from_folder = said(&folder, "start -f deep/shop --stable git:HEAD~1 --dry-run");
    assert!(from_folder.contains("\n+  stable: |\n"), "{from_folder}");
    let shop = folder.join("deep/shop");
    let here = said(&shop, "start -f all.yaml -f later.yaml --stable git:HEAD~1 --dry-run");
    assert!(here.contains("\n+  stable: |\n"), "{here}");
    let from_top = said(&folder, "start -R -f . --stable git:main~1 --dry-run");
    assert!(from_top.contains("\n+  stable: |\n"), "{from_top}");
    // The newest version is not an old one.
    refused(&folder, "start -f deep/shop --stable git:HEAD --dry-run", "nothing-to-roll-out");
    let base = run(&folder, "diff -f deep/shop --base git:HEAD~1 --step done --stat");
    assert_eq!(Some(1), base.status.code());
    assert!(String::from_utf8(base.stdout).unwrap().contains("Deployment default/workload-demo"));
}

#[test]
fn a_link_is_read_where_it_leads_to() {
    let folder = repository("link");
    let shop = folder.join("deep/shop");
    fs::rename(shop.join("all.yaml"), folder.join("all.txt")).unwrap();
    symlink("../../all.txt", shop.join("all.yaml")).unwrap();
    symlink("..", shop.join("up.yaml")).unwrap();
    commit(&folder);
    let rendered = said(&folder, "render -f deep/shop --stable git:HEAD~1 --step done");
    assert!(rendered.contains("kind: Deployment"));
    let text = fs::read_to_string(folder.join("all.txt")).unwrap();
    fs::write(folder.join("all.txt"), text.replace("value: canary", "value: newer")).unwrap();
    let started = said(&folder, "start -f deep/shop --stable git:HEAD --dry-run");
    assert!(started.contains("value: canary"), "{started}");
}

#[test]
fn what_is_no_revision_is_refused() {
    let folder = repository("no-revision");
    let start = |stable: &str| format!("start -f deep/shop --stable {stable} --dry-run");
    refused(&folder, &start("git:nothing"), "there is no revision `nothing`");
    refused(&folder, &start("git:"), "is no revision");
    refused(&folder, &start("git:--output=x"), "is no revision");
    refused(&folder, &start("git:HEAD:deep"), "is no revision");
    refused(&folder, "status -f - --stable git:HEAD", "standard input has none");
    fs::create_dir(folder.join("new")).unwrap();
    fs::copy(folder.join("deep/shop/all.yaml"), folder.join("new/all.yaml")).unwrap();
    refused(&folder, "start -f new --stable git:HEAD", "nothing that `-f` names is there at HEAD");
}

#[test]
fn a_shallow_clone_is_told_what_to_fetch() {
    let folder = repository("origin");
    let clone = folder.join("../shallow-clone");
    let _ = fs::remove_dir_all(&clone);
    let address = format!("file://{}", folder.display());
    git(&folder, &["clone", "-q", "--depth", "1", &address, clone.to_str().unwrap()]);
    refused(&clone, "start -f deep/shop --stable git:HEAD~1", "`fetch-depth: 0`");
}

#[test]
fn a_pointer_of_lfs_is_refused() {
    let folder = repository("lfs");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    fs::write(folder.join("deep/shop/later.yaml"), pointer).unwrap();
    commit(&folder);
    fs::remove_file(folder.join("deep/shop/later.yaml")).unwrap();
    refused(&folder, "start -f deep/shop --stable git:HEAD", "is a pointer of Git LFS");
}

/// Neither the settings of a repository nor the environment may start another program or lead elsewhere.
#[test]
fn nothing_of_the_repository_runs() {
    let folder = repository("hostile");
    let trap = folder.join("trap");
    let trapped = folder.join("trapped");
    fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", trapped.display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let program = trap.to_str().unwrap();
    let settings =
        ["core.fsmonitor", "core.pager", "core.sshCommand", "filter.a.smudge", "diff.external"];
    for name in settings {
        git(&folder, &["config", name, program]);
    }
    fs::write(folder.join(".gitattributes"), "* filter=a\n").unwrap();
    fs::create_dir_all(folder.join("deep/shop/bin")).unwrap();
    fs::copy(&trap, folder.join("deep/shop/bin/git")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rollstep"))
        .args(["start", "-f", "deep/shop", "--stable", "git:HEAD~1", "--dry-run"])
        .current_dir(&folder)
        .env("PATH", format!("bin:{}", std::env::var("PATH").unwrap()))
        .env("GIT_DIR", "/nowhere")
        .env("GIT_TRACE", folder.join("traced"))
        .env("GIT_EXTERNAL_DIFF", program)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!trapped.exists() && !folder.join("traced").exists());
}
