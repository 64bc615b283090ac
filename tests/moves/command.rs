//! What only the running command shows: files, their bytes, permissions and links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::root;

/// Returns an empty folder of the test's own, with the guide as one file and its old version.
pub(super) fn guide(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moves").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let tree = super::Tree::guide("\n");
    fs::write(folder.join("all.yaml"), tree.sources[0].text()).unwrap();
    fs::create_dir(folder.join("old")).unwrap();
    fs::write(folder.join("old/old.yaml"), tree.stable[0].text()).unwrap();
    folder
}

pub(super) fn run(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollstep"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

#[track_caller]
pub(super) fn said(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(Some(0), output.status.code(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_start_writes_a_file_beside_the_rollout() {
    let folder = guide("start");
    let diff = said(&folder, "start -f all.yaml --stable old --dry-run");
    assert!(diff.starts_with("--- /dev/null\n+++ rollstep.yaml\n@@ "), "{diff}");
    assert!(!folder.join("rollstep.yaml").exists());
    let line =
        "default/rollouts-demo: step 1 of 3: 1 canary pod, requests of one match (rollstep.yaml)\n";
    assert_eq!(line, said(&folder, "start -f all.yaml --stable old"));
    assert!(folder.join("rollstep.yaml").exists());
    let again = run(&folder, "start -f all.yaml --stable old");
    assert_eq!(Some(2), again.status.code());
    let stderr = String::from_utf8(again.stderr).unwrap();
    assert!(stderr.contains("rollstep.yaml is there and not among the manifests"), "{stderr}");
    let diff = said(&folder, "approve -f . --dry-run");
    assert!(diff.contains("\n-  step: 1\n+  step: 2\n"), "{diff}");
    let message = said(&folder, "approve -f . --message");
    assert!(message.starts_with("rollouts-demo: step 2 of 3, 50 % of requests\n\n"), "{message}");
    let names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(3, names.len(), "{names:?}");
}

#[test]
fn what_the_library_does_not_see_of_a_file_stays() {
    let folder = guide("bytes");
    let step = "\u{feff}apiVersion: rollstep.dev/v1alpha1\r\nkind: RollStep\r\nmetadata: {name: a}\r\n\
        spec:\r\n  step: 1 # now\r\n  rollout: rollouts-demo";
    fs::write(folder.join("step.yaml"), step).unwrap();
    said(&folder, "approve -f . --stable old");
    let found = fs::read_to_string(folder.join("step.yaml")).unwrap();
    assert_eq!(step.replace("step: 1", "step: 2"), found);
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(step[3..].encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(folder.join("step.yaml"), &wide).unwrap();
    let refused = run(&folder, "approve -f . --stable old");
    assert_eq!(Some(2), refused.status.code());
    assert!(fs::read(folder.join("step.yaml")).unwrap() == wide);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = guide("links");
    said(&folder, "start -f all.yaml --stable old --file old/step.yaml");
    fs::set_permissions(folder.join("old/step.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("old/step.yaml", folder.join("step.yaml")).unwrap();
    said(&folder, "approve -f all.yaml -f step.yaml");
    assert!(fs::symlink_metadata(folder.join("step.yaml")).unwrap().is_symlink());
    let step = folder.join("old/step.yaml");
    assert!(fs::read_to_string(&step).unwrap().contains("\n  step: 2\n"));
    assert_eq!(0o640, fs::metadata(&step).unwrap().permissions().mode() & 0o777);
}

#[test]
fn what_means_nothing_is_not_offered() {
    for command in ["start", "approve", "promote", "finish", "abort", "status"] {
        let help = said(&root(), &format!("{command} --help"));
        assert!(help.contains("--recursive") && !help.contains("--filter"), "{command}: {help}");
        let refused = run(&root(), &format!("{command} --filter"));
        assert_eq!(Some(2), refused.status.code(), "{command}");
    }
}

#[test]
fn all_move_or_none() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moves/all");
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("examples/shop/manifests"), &folder);
    let [first, last] =
        ["cart", "storefront"].map(|name| folder.join(format!("shop/{name}/step.yaml")));
    let before = fs::read(&first).unwrap();
    // The last one cannot be edited, which is noticed only where its bytes are seen.
    let text = fs::read_to_string(&last).unwrap();
    let wide = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
    fs::write(&last, wide.collect::<Vec<u8>>()).unwrap();
    let refused = run(&folder, "approve -R -f . --all");
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(Some(2), refused.status.code(), "{stderr}");
    assert!(stderr.contains("storefront/step.yaml: it is UTF-16"), "{stderr}");
    assert!(fs::read(&first).unwrap() == before, "the first has moved");
    let left = super::entries(&folder.join("shop/cart"));
    assert!(left.iter().all(|path| path.extension().is_some_and(|one| one == "yaml")), "{left:?}");
}

#[test]
fn a_status_is_a_table_or_json() {
    let folder = guide("status");
    let nowhere = "ROLLOUT                STEP  MEANING      OLD VERSION  TEMPLATE\n\
        default/rollouts-demo  -     not started  absent       unrecorded\n";
    assert_eq!(nowhere, said(&folder, "status -f all.yaml"));
    said(&folder, "start -f all.yaml --stable old");
    let started = "ROLLOUT                STEP    MEANING                              OLD VERSION  TEMPLATE\n\
        default/rollouts-demo  1 of 3  1 canary pod, requests of one match  captured     recorded\n";
    assert_eq!(started, said(&folder, "status -f ."));
    let json = r#"{
  "rollouts": [
    {
      "namespace": "default",
      "name": "rollouts-demo",
      "stage": "1",
      "steps": 3,
      "meaning": "1 canary pod, requests of one match",
      "oldVersion": "captured",
      "template": "recorded",
      "file": "./rollstep.yaml"
    }
  ]
}
"#;
    assert_eq!(json, said(&folder, "status -f . -o json"));
    let step = fs::read_to_string(folder.join("rollstep.yaml")).unwrap();
    let conflict = "<<<<<<< HEAD\n  step: 1\n=======\n  step: 2\n>>>>>>> main\n";
    fs::write(folder.join("rollstep.yaml"), step.replace("  step: 1\n", conflict)).unwrap();
    let output = run(&folder, "status -f .");
    assert_eq!(Some(2), output.status.code());
    let [told, shown] = [output.stderr, output.stdout].map(|text| String::from_utf8(text).unwrap());
    assert!(told.contains("= help: resolve the merge conflict"), "{told}");
    assert_eq!(shown, "");
}

/// `UPDATE_DOCS=1 cargo test --test moves` writes the outputs of the page anew.
#[test]
fn the_page_shows_what_is_said() {
    let path = root().join("docs/stepping.md");
    let page = fs::read_to_string(&path).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moves/page");
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("examples/shop"), &folder.join("examples/shop"));
    let mut blocks = page.split("```sh\n");
    let mut anew = blocks.next().unwrap().to_owned();
    for block in blocks {
        let (command, after) = block.split_once("\n```\n\n```text\n").unwrap();
        let (_, rest) = after.split_at(after.find("```\n").unwrap());
        let found = said(&folder, command.strip_prefix("rollstep ").unwrap());
        anew.push_str(&format!("```sh\n{command}\n```\n\n```text\n{found}{rest}"));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, anew).unwrap();
    } else {
        assert_eq!(anew, page);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in super::entries(from) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, target).unwrap();
        }
    }
}
