//! Helm 3 and Helm 4 with rollstep as their post-renderer.
//!
//! Both are fetched below `target/` by `.ci/fetch-helm`. Helm 4 takes the name of a plugin, hands over
//! the hooks as well, and drops what the plugin says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ROLLSTEP, empty_folder, root, stderr, succeeded};
use crate::skipped::skip;

const HOOK: &str = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    helm.sh/hook: pre-upgrade\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n      - name: migrate\n        image: migrate # as it is\n";

/// Each test has a folder of its own.
static TESTS: AtomicUsize = AtomicUsize::new(0);

/// A chart, and a home of its own for Helm.
struct Chart {
    folder: PathBuf,
    helm: PathBuf,
}

/// Returns the folder that holds both; nothing where they cannot be had.
fn fetched() -> Option<&'static Path> {
    static TOOLS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let fetch = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools/helm");
        let there = ["helm-3", "helm-4"].iter().all(|name| folder.join(name).exists());
        let fetch = || Command::new(root().join(".ci/fetch-helm")).arg(&folder).output();
        let fetched = there || fetch().is_ok_and(|output| output.status.success());
        fetched.then_some(folder)
    };
    TOOLS.get_or_init(fetch).as_deref()
}

impl Chart {
    fn new(version: &str) -> Option<Self> {
        let Some(tools) = fetched() else {
            skip(&format!("{version} cannot be fetched"));
            return None;
        };
        let folder =
            empty_folder(&format!("chart-{version}-{}", TESTS.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(folder.join("chart/templates")).unwrap();
        let chart = "apiVersion: v2\nname: guide\nversion: 0.1.0\n";
        fs::write(folder.join("chart/Chart.yaml"), chart).unwrap();
        fs::write(folder.join("chart/templates/job.yaml"), HOOK).unwrap();
        let guide = root().join("fixtures/istio-guide");
        for name in ["deployment.yaml", "rollout.yaml", "service.yaml", "virtualservice.yaml"] {
            fs::copy(guide.join(name), folder.join("chart/templates").join(name)).unwrap();
        }
        fs::copy(guide.join("stable/deployment.yaml"), folder.join("stable.yaml")).unwrap();
        let plugin = folder.join("plugins/rollstep");
        fs::create_dir_all(&plugin).unwrap();
        fs::copy(root().join("packaging/helm/plugin.yaml"), plugin.join("plugin.yaml")).unwrap();
        symlink(ROLLSTEP, plugin.join("rollstep")).unwrap();
        Some(Self { folder, helm: tools.join(version) })
    }

    /// Runs `helm template` with the post-renderer and its arguments.
    fn template(&self, renderer: &str, arguments: &[&str]) -> Output {
        let mut helm = Command::new(&self.helm);
        helm.args(["template", "guide", "chart", "--post-renderer", renderer]);
        for argument in arguments {
            helm.args(["--post-renderer-args", argument]);
        }
        helm.current_dir(&self.folder).env("HOME", &self.folder).env_remove("HELM_PLUGINS");
        if renderer == "rollstep" {
            helm.env("HELM_PLUGINS", self.folder.join("plugins"));
        }
        helm.output().unwrap()
    }
}

const ARGUMENTS: [&str; 5] =
    ["render", "--filter", "--stable=stable.yaml", "--step=2", "--log-file=log"];

/// Asserts what holds of the result of both.
#[track_caller]
fn check(text: &str) {
    for wanted in
        ["name: workload-demo-canary", "name: service-demo-canary", "host: service-demo-canary"]
    {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    assert!(!text.contains("kind: Rollout"), "{text}");
    assert!(!text.contains("migrate-canary") && !text.contains("postrender-filename: "), "{text}");
}

#[test]
fn helm_3_filters_its_stream() {
    let Some(chart) = Chart::new("helm-3") else { return };
    let text = succeeded(&chart.template(ROLLSTEP, &ARGUMENTS));
    check(&text);
    let output =
        chart.template(ROLLSTEP, &["render", "--filter", "--stable=stable.yaml", "--step=9"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("error[unknown-step]"), "{}", stderr(&output));
}

#[test]
fn helm_4_runs_the_plugin() {
    let Some(chart) = Chart::new("helm-4") else { return };
    let text = succeeded(&chart.template("rollstep", &ARGUMENTS));
    check(&text);
    // The hook went through the stream, and came out as it was.
    assert!(text.contains("image: migrate # as it is"), "{text}");
    let wrong = ["render", "--filter", "--stable=stable.yaml", "--step=9", "--log-file=log"];
    let output = chart.template("rollstep", &wrong);
    assert!(!output.status.success());
    assert!(!stderr(&output).contains("unknown-step"), "Helm tells now: {}", stderr(&output));
    let log = fs::read_to_string(chart.folder.join("log")).unwrap();
    assert!(log.contains("error[unknown-step]"), "{log}");
}

/// The blocks of the page, with what needs no cluster in the place of `helm upgrade`.
#[test]
fn the_page_of_helm_holds() {
    let page = fs::read_to_string(root().join("docs/helm.md")).unwrap();
    let blocks: Vec<_> =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [third, install, fourth] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
    for (version, block) in
        [("helm-3", (*third).to_owned()), ("helm-4", [*install, *fourth].concat())]
    {
        let Some(chart) = Chart::new(version) else { return };
        let folder = &chart.folder;
        let bin = folder.join("bin");
        for made in [&bin, &folder.join("live")] {
            fs::create_dir(made).unwrap();
        }
        symlink(ROLLSTEP, bin.join("rollstep")).unwrap();
        symlink(&chart.helm, bin.join("helm")).unwrap();
        symlink(root().join("packaging"), folder.join("packaging")).unwrap();
        fs::copy(folder.join("stable.yaml"), folder.join("live/checkout.yaml")).unwrap();
        let output = Command::new("sh")
            .args(["-e", "-c", &block.replace("helm upgrade", "helm template")])
            .current_dir(folder)
            .env("HOME", folder)
            .env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()))
            .env_remove("HELM_PLUGINS")
            .env_remove("XDG_DATA_HOME")
            .output()
            .unwrap();
        check(&succeeded(&output));
    }
}

#[test]
fn a_chart_without_a_rollout_is_passed_through() {
    let Some(chart) = Chart::new("helm-4") else { return };
    fs::remove_file(chart.folder.join("chart/templates/rollout.yaml")).unwrap();
    let text = succeeded(&chart.template("rollstep", &["render", "--filter", "--log-file=log"]));
    assert!(text.contains("kind: VirtualService") && !text.contains("-canary"), "{text}");
}
