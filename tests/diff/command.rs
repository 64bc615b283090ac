//! What only the running command shows: exit codes, streams, and how kubectl calls it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::case::crate_root;

const GUIDE: [&str; 3] = ["diff", "-f", "fixtures/istio-guide"];

#[test]
fn the_exit_code_says_whether_anything_differs() {
    let ran = run(&[&GUIDE[..], &["--step", "2"]].concat());
    assert_eq!(Some(1), ran.status.code());
    assert!(
        text(&ran.stdout).starts_with("Deployment default/workload-demo-canary changed, +1 -1\n")
    );
    let same = run(&[&GUIDE[..], &["--from", "2", "--to", "2"]].concat());
    assert_eq!((Some(0), 0), (same.status.code(), same.stdout.len()));
    for wrong in [
        &["--step", "9"][..],
        &["--step", "stable"],
        &["--to", "1", "--step", "1"],
        &["--base", "nowhere", "--step", "1"],
        &["--from", "7", "--to", "1"],
        &["--base", "-", "--step", "1"],
        &["--stat", "-o", "json", "--step", "1"],
        &["-o", "markdown", "--max-length", "10", "--step", "1"],
        &["fixtures", "fixtures"],
        &[],
    ] {
        let ran = run(&[&GUIDE[..], wrong].concat());
        assert_eq!((Some(2), 0), (ran.status.code(), ran.stdout.len()), "{wrong:?}");
        assert!(!ran.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn without_a_flag_the_roll_steps_say_what_moves() {
    let shop = ["diff", "-R", "-f", "examples/shop/manifests", "--stat"];
    let all = text(&run(&shop).stdout);
    assert!(all.contains("shop/storefront-canary") && !all.contains("fraud"), "{all}");
    let one = text(&run(&[&shop[..], &["--step", "shop/catalog=2"]].concat()).stdout);
    let lines: Vec<_> = one.lines().filter(|line| line.contains(" | ")).collect();
    assert!(lines.len() > 1 && lines.iter().all(|line| line.contains("catalog")), "{one}");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let ran = |more: &[&str]| text(&run(&[&GUIDE[..], &["--step", "2"], more].concat()).stdout);
    assert!(!ran(&[]).contains('\x1b'));
    assert!(ran(&["--color", "always"]).contains("\x1b[32;7m2\x1b[0m"));
    assert!(!ran(&["--color=never"]).contains('\x1b'));
}

#[test]
fn context_length_and_folding_are_as_asked() {
    let ran = |more: &[&str]| text(&run(&[&GUIDE[..], &["--step", "2"], more].concat()).stdout);
    assert!(ran(&["-U", "0"]).contains("@@ -9 +9 @@\n-  replicas: 1\n+  replicas: 2\n"));
    let first = |more: &[&str]| text(&run(&[&GUIDE[..], &["--step", "1"], more].concat()).stdout);
    assert!(first(&[]).contains("original-spec-configuration: … ("));
    assert!(first(&["--full"]).contains("original-spec-configuration: '{\"spec\""));
    let short = ran(&["-o", "markdown", "--max-length", "400"]);
    assert!(short.len() <= 400 && short.contains("not shown"), "{short}");
}

/// The words are in the order in which kubectl 1.32 gives them.
#[test]
fn kubectl_may_call_it_for_its_diff() {
    let (live, merged) = directories("kubectl-calls");
    let [live_path, merged_path] = [&live, &merged].map(|path| path.to_str().unwrap());
    // KUBECTL_EXTERNAL_DIFF='rollstep diff' puts the name of the command behind the directories.
    let ran = run(&[live_path, merged_path, "diff", "-U=1"]);
    assert_eq!(Some(1), ran.status.code(), "{}", text(&ran.stderr));
    let shown = text(&ran.stdout);
    assert!(shown.starts_with("ConfigMap shop/a changed, +1 -1\n"), "{shown}");
    assert!(shown.contains("ConfigMap shop/b created, +6 -0\n--- /dev/null\n"), "{shown}");
    assert!(shown.contains("*** (before)") && shown.contains("*** (after)"), "{shown}");
    assert_eq!(ran.stdout, run(&["diff", live_path, merged_path, "-U=1"]).stdout);
    assert_eq!(Some(0), run(&[live_path, live_path, "diff"]).status.code());
    fs::write(merged.join("v1.ConfigMap.shop.a"), "a: [").unwrap();
    let ran = run(&[live_path, merged_path, "diff"]);
    assert_eq!((Some(2), 0), (ran.status.code(), ran.stdout.len()));
}

/// Writes what kubectl writes: one object a file, empty for one that is not there.
fn directories(name: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    let map = |name: &str, value: &str| {
        format!(
            "apiVersion: v1\ndata:\n  a: {value}\nkind: ConfigMap\nmetadata: {{name: {name}, \
             namespace: shop}}\n# end\n"
        )
    };
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: shop}}\ndata: {{a: '{value}'}}\n"
        )
    };
    let (live, merged) = (folder.join("LIVE-1"), folder.join("MERGED-1"));
    for (directory, value, b, masked) in [
        (&live, "old", String::new(), "*** (before)"),
        (&merged, "new", map("b", "new"), "*** (after)"),
    ] {
        fs::create_dir_all(directory).unwrap();
        fs::write(directory.join("v1.ConfigMap.shop.a"), map("a", value)).unwrap();
        fs::write(directory.join("v1.ConfigMap.shop.b"), b).unwrap();
        fs::write(directory.join("v1.Secret.shop.s"), secret(masked)).unwrap();
    }
    (live, merged)
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollstep"))
        .args(arguments)
        .current_dir(crate_root())
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
