//! What is shipped beside the command: well-formed, of this version, and small.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{ROLLSTEP, empty_folder, root, run_with, succeeded};
use crate::skipped::has;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&read(path)).unwrap()
}

#[test]
fn the_plugin_of_helm_is_of_this_version() {
    let plugin = yaml("packaging/helm/plugin.yaml");
    assert_eq!("postrenderer/v1", plugin["type"]);
    assert_eq!(env!("CARGO_PKG_VERSION"), plugin["version"]);
    // Helm refuses a plugin with a field that it does not know.
    let keys: Vec<_> = plugin.as_object().unwrap().keys().collect();
    assert_eq!(["apiVersion", "type", "name", "version", "runtime", "runtimeConfig"], *keys);
}

/// As kubernetes-sigs/krew:internal/index/validation/validate.go asks for.
#[test]
fn the_manifest_of_krew_is_complete() {
    let plugin = yaml("packaging/krew/rollstep.yaml");
    assert_eq!("krew.googlecontainertools.github.com/v1alpha2", plugin["apiVersion"]);
    assert_eq!("rollstep", plugin["metadata"]["name"], "it is the name of the file");
    let spec = &plugin["spec"];
    assert_eq!(format!("v{}", env!("CARGO_PKG_VERSION")), spec["version"]);
    let short = spec["shortDescription"].as_str().unwrap();
    assert!(!short.is_empty() && short.len() <= 80 && !short.contains('\n'));
    for platform in spec["platforms"].as_array().unwrap() {
        assert!(platform["uri"].as_str().unwrap().ends_with(".tar.gz"));
        let sum = platform["sha256"].as_str().unwrap();
        assert!(sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let files = platform["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["to"] == platform["bin"]), "the command is unpacked");
        assert!(files.iter().any(|file| file["from"] == "LICENSE"));
        assert!(platform["selector"]["matchLabels"]["os"].is_string());
    }
}

/// The archive of krew and that of binstall are one.
#[test]
fn the_archive_has_the_name_that_binstall_looks_for() {
    let cargo = read("Cargo.toml");
    let section = cargo.split("[package.metadata.binstall]\n").nth(1).unwrap();
    let section = section.split("\n\n").next().unwrap();
    let path = "/releases/download/v{ version }/{ name }-{ target }{ archive-suffix }";
    assert!(section.contains(path) && section.contains("pkg-fmt = \"tgz\""), "{section}");
    let krew = yaml("packaging/krew/rollstep.yaml");
    let version = env!("CARGO_PKG_VERSION");
    for platform in krew["spec"]["platforms"].as_array().unwrap() {
        let uri = platform["uri"].as_str().unwrap();
        assert!(uri.contains(&format!("/releases/download/v{version}/rollstep-")), "{uri}");
    }
}

#[test]
fn the_sidecar_fits_the_repo_server() {
    let patch = yaml("packaging/argocd/sidecar.yaml");
    let container = &patch["spec"]["template"]["spec"]["containers"][0];
    assert_eq!("/var/run/argocd/argocd-cmp-server", container["command"][0]);
    assert_eq!(999, container["securityContext"]["runAsUser"]);
    if !has("kubectl") {
        return;
    }
    let server = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: argocd-repo-server\nspec:\n  template:\n    spec:\n      containers:\n      - name: argocd-repo-server\n        image: argocd\n";
    let mut kubectl = Command::new("kubectl");
    kubectl.args(["patch", "--local", "-f", "-", "-o", "json", "--patch-file"]);
    kubectl.arg(root().join("packaging/argocd/sidecar.yaml"));
    let patched: Value = serde_json::from_str(&succeeded(&run_with(&mut kubectl, server))).unwrap();
    let containers = patched["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    assert_eq!(2, containers.len(), "{patched}");
}

#[test]
fn the_image_needs_nothing_but_the_command() {
    let lines = read("packaging/argocd/Dockerfile");
    let from: Vec<_> = lines.lines().filter(|line| line.starts_with("FROM ")).collect();
    assert_eq!(["FROM scratch"], *from);
    // Without a shell there is nobody to run a line.
    assert!(!lines.lines().any(|line| line.starts_with("RUN ")));
    let copied = lines.lines().filter_map(|line| line.strip_prefix("COPY "));
    let sources = copied.filter_map(|line| line.rsplit(' ').nth(1));
    for source in sources.filter(|source| *source != "rollstep") {
        assert!(root().join(source).exists(), "{source}");
    }
}

#[test]
fn man_pages_and_completion_are_written() {
    let folder = empty_folder("man");
    let mut command = Command::new(ROLLSTEP);
    succeeded(&command.arg("man").arg(&folder).output().unwrap());
    let page = fs::read_to_string(folder.join("rollstep-render.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("sync waves"), "{page}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = Command::new(ROLLSTEP).args(["completion", shell]).output().unwrap();
        assert!(succeeded(&script).contains("rollstep"), "{shell}");
    }
}

#[test]
fn the_crate_holds_what_is_needed_to_build_it() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--offline", "--allow-dirty"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = succeeded(&output);
    for wanted in ["src/lib.rs", "src/bin/rollstep/main.rs", "README.md", "LICENSE", "Cargo.lock"] {
        assert!(listed.lines().any(|line| line == wanted), "{wanted}");
    }
    let large = ["fixtures/", "snapshots/", "tests/", "examples/", "fuzz/", "benches/"];
    assert!(!listed.lines().any(|line| large.iter().any(|folder| line.starts_with(folder))));
}
