//! `kubectl` finds the command as its plugin, and applies what it renders in the order that it has.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use super::fake_api_server::Server;
use super::{ROLLSTEP, empty_folder, render, root, run_with, stderr, stdout, succeeded};
use crate::skipped::has;

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

/// Applies a text as the set of all that belongs to the rollout.
fn apply(server: &Server, home: &Path, text: &str) -> String {
    let mut kubectl = Command::new("kubectl");
    kubectl.env("HOME", home).env("KUBECONFIG", "/dev/null").env("KUBECTL_APPLYSET", "true");
    kubectl.args(["--server", &server.address, "apply", "--namespace=shop", "--server-side"]);
    kubectl.args(["--validate=false", "--prune", "--applyset=configmaps/guide", "-f", "-"]);
    succeeded(&run_with(&mut kubectl, text))
}

#[test]
fn a_rollout_is_applied_step_by_step_and_pruned() {
    if !has("kubectl") {
        return;
    }
    let server = Server::start();
    let home = empty_folder("kubectl-home");
    for step in ["stable", "1", "2", "3", "promote"] {
        apply(&server, &home, &render("istio-guide", &["--step", step]));
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
    let said = apply(&server, &home, &render("istio-guide", &["--step", "done"]));
    assert!(said.contains("workload-demo-canary pruned"), "{said}");
    let changes = server.changes();
    let route = changes.iter().position(|change| change == "PATCH virtualservices/vs-demo");
    let gone = changes.iter().position(|change| change.starts_with("DELETE"));
    assert!(route.is_some() && route < gone, "{changes:?}");
    let left = server.objects();
    assert!(!left.iter().any(|name| name.ends_with("-canary")), "{left:?}");
}

#[test]
fn nothing_is_applied_where_nothing_was_rendered() {
    if !has("kubectl") {
        return;
    }
    let server = Server::start();
    let mut kubectl = Command::new("kubectl");
    kubectl.env("HOME", empty_folder("kubectl-empty")).env("KUBECONFIG", "/dev/null");
    kubectl.args(["--server", &server.address, "apply", "--server-side", "-f", "-"]);
    let output = run_with(&mut kubectl, "");
    assert!(!output.status.success() && stderr(&output).contains("no objects passed to apply"));
    assert!(server.changes().is_empty());
}
