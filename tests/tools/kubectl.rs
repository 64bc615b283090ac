//! `kubectl` finds the command as its plugin, and applies what it renders in the order that it has.

use std::os::unix::fs::symlink;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fake_api_server::Server;
use super::{ROLLSTEP, empty_folder, render, root, run_with, stderr, stdout, succeeded};
use crate::skipped::has;

/// Each run of `kubectl` has a home of its own.
static HOMES: AtomicUsize = AtomicUsize::new(0);

/// Returns `kubectl` with the command as a plugin.
fn kubectl(name: &str, arguments: &[&str]) -> Output {
    let plugins = empty_folder(name);
    for plugin in ["kubectl-rollstep", "kubectl_complete-rollstep"] {
        symlink(ROLLSTEP, plugins.join(plugin)).unwrap();
    }
    let path = format!("{}:{}", plugins.display(), std::env::var("PATH").unwrap());
    Command::new("kubectl")
        .args(arguments)
        .env("PATH", path)
        .current_dir(root().join("fixtures"))
        .output()
        .unwrap()
}

#[test]
fn it_is_a_plugin() {
    if !has("kubectl") {
        return;
    }
    let guide = ["rollstep", "render", "-f", "istio-guide", "--stable", "istio-guide/stable"];
    let output = kubectl("kubectl-render", &[&guide[..], &["--step", "2"]].concat());
    assert_eq!(render("istio-guide", &["--step", "2"]), succeeded(&output));
    let output = kubectl("kubectl-fails", &[&guide[..], &["--step", "9"]].concat());
    assert_eq!((Some(2), ""), (output.status.code(), stdout(&output).as_str()));
    let help = succeeded(&kubectl("kubectl-help", &["rollstep", "render", "--help"]));
    assert!(help.contains("Usage: kubectl rollstep render"), "{help}");
}

#[test]
fn lines_are_completed() {
    if !has("kubectl") {
        return;
    }
    for (words, offered, ending) in [
        (&["re"][..], "render\tWrite the manifests of one step", ":4"),
        (&["render", "--gitops", ""], "argocd\t", ":4"),
        (&["render", "--keep"], "--keep-rollout\t", ":4"),
        (&["render", "--filename", ""], "", ":0"),
        (&["argocd", "g"], "generate\t", ":4"),
        (&["completion", "z"], "zsh", ":4"),
    ] {
        let output = kubectl("kubectl-complete", &[&["__complete", "rollstep"], words].concat());
        let text = succeeded(&output);
        assert!(
            text.contains(offered) && text.ends_with(&format!("{ending}\n")),
            "{words:?}: {text}"
        );
    }
}

/// Returns `kubectl` in front of the server, with what rollstep rendered on its way.
fn at(server: &Server, command: &str) -> Command {
    let home =
        empty_folder(&format!("at-server-{command}-{}", HOMES.fetch_add(1, Ordering::Relaxed)));
    symlink(ROLLSTEP, home.join("rollstep")).unwrap();
    let path = format!("{}:{}", home.display(), std::env::var("PATH").unwrap());
    let mut kubectl = Command::new("kubectl");
    kubectl.env("HOME", &home).env("KUBECONFIG", "/dev/null").env("PATH", path);
    kubectl.env_remove("KUBECTL_EXTERNAL_DIFF");
    kubectl.args(["--server", &server.address, command, "-f", "-"]);
    kubectl
}

/// Applies a text as the set of all that belongs to the rollout.
fn apply_set(server: &Server, text: &str) -> String {
    let mut kubectl = at(server, "apply");
    kubectl.arg("--server-side").env("KUBECTL_APPLYSET", "true");
    kubectl.args(["--namespace=shop", "--validate=false", "--prune"]);
    succeeded(&run_with(kubectl.arg("--applyset=configmaps/guide"), text))
}

#[test]
fn a_rollout_is_applied_step_by_step_and_pruned() {
    if !has("kubectl") {
        return;
    }
    let server = Server::start();
    for step in ["stable", "1", "2", "3", "promote"] {
        apply_set(&server, &render("istio-guide", &["--step", step]));
        let changes = server.changes();
        assert!(!changes.iter().any(|change| change.starts_with("DELETE")), "{step}: {changes:?}");
        let at = |wanted: &str| changes.iter().position(|change| change.ends_with(wanted));
        let route = at("virtualservices/vs-demo");
        for canary in ["deployments/workload-demo-canary", "services/service-demo-canary"] {
            let applied = at(canary);
            assert_eq!(step != "stable", applied.is_some(), "{step}: {changes:?}");
            assert!(applied < route, "{canary} at {step}: {changes:?}");
        }
    }
    let said = apply_set(&server, &render("istio-guide", &["--step", "done"]));
    assert!(said.contains("workload-demo-canary pruned"), "{said}");
    let changes = server.changes();
    let route = changes.iter().position(|change| change == "PATCH virtualservices/vs-demo");
    let gone = changes.iter().position(|change| change.starts_with("DELETE"));
    assert!(route.is_some() && route < gone, "{changes:?}");
    let left = server.objects();
    assert!(!left.iter().any(|name| name.ends_with("-canary")), "{left:?}");
}

/// Compares a text with what the server has.
fn diff(server: &Server, side: &str, program: Option<&str>, text: &str) -> Output {
    let mut kubectl = at(server, "diff");
    kubectl.arg(side);
    kubectl.envs(program.map(|program| ("KUBECTL_EXTERNAL_DIFF", program)));
    run_with(&mut kubectl, text)
}

#[test]
fn a_difference_from_the_cluster_is_shown() {
    if !has("kubectl") {
        return;
    }
    for side in ["--server-side", "--server-side=false"] {
        a_difference_is_shown(side);
    }
}

#[track_caller]
fn a_difference_is_shown(side: &str) {
    let server = Server::start();
    let [first, second] = ["1", "2"].map(|step| render("istio-guide", &["--step", step]));
    succeeded(&run_with(at(&server, "apply").args(["--server-side", "--validate=false"]), &first));
    server.changes();
    for program in [None, Some("rollstep diff"), Some("rollstep diff --stat")] {
        let same = diff(&server, side, program, &first);
        assert_eq!((Some(0), ""), (same.status.code(), stdout(&same).as_str()), "{program:?}");
        let output = diff(&server, side, program, &second);
        assert_eq!(Some(1), output.status.code(), "{program:?}: {}", stderr(&output));
    }
    let shown = stdout(&diff(&server, side, Some("rollstep diff"), &second));
    assert!(shown.contains("VirtualService default/vs-demo changed, +4 -7\n"), "{shown}");
    assert!(
        shown.contains("+      weight: 50\n") && !shown.contains("\nService default/"),
        "{shown}"
    );
    let counted = stdout(&diff(&server, side, Some("rollstep diff --stat"), &second));
    assert!(counted.contains("2 changed; "), "{counted}");
    let nothing_there = Server::start();
    let shown = stdout(&diff(&nothing_there, side, Some("rollstep diff"), &first));
    assert!(shown.starts_with("Deployment default/workload-demo created, +"), "{shown}");
    // What goes wrong is no difference: neither here nor there.
    for (program, text) in
        [("rollstep diff --no-such-flag", second.as_str()), ("rollstep diff", "a: [")]
    {
        let failed = diff(&server, side, Some(program), text);
        assert!(failed.status.code() > Some(1), "{program}: {}", stderr(&failed));
    }
    assert!(server.changes().is_empty(), "to look changes nothing");
}

#[test]
fn nothing_is_applied_where_nothing_was_rendered() {
    if !has("kubectl") {
        return;
    }
    let server = Server::start();
    let output = run_with(at(&server, "apply").arg("--server-side"), "");
    assert!(!output.status.success() && stderr(&output).contains("no objects passed to apply"));
    assert!(server.changes().is_empty());
}
