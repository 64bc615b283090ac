//! The job that renders for Flux, as its page has it: what it commits, and that it commits nothing twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{ROLLSTEP, empty_folder, root, succeeded};
use crate::skipped::has;

/// Returns the commands of the job's steps, but for the one that installs rollstep.
fn commands() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/flux.md")).unwrap();
    let job = page.split("# .github/workflows/render.yaml\n").nth(1).unwrap();
    let job: Value = serde_yaml::from_str(job.split("```").next().unwrap()).unwrap();
    let steps = job["jobs"]["render"]["steps"].as_array().unwrap().iter();
    let runs = steps.filter_map(|step| step["run"].as_str()).map(str::to_owned);
    runs.filter(|run| !run.starts_with("cargo install ")).collect()
}

/// Runs commands in a folder, as the shell of a job does; returns what they write.
fn run(folder: &Path, commands: &str) -> String {
    let bin = Path::new(ROLLSTEP).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", commands]).current_dir(folder);
    shell.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    shell.env("HOME", folder).env("GITHUB_SHA", "0123abc");
    succeeded(&shell.output().unwrap())
}

/// Returns a clone of a repository that holds a rollout at step 1.
fn clone() -> PathBuf {
    let folder = empty_folder("flux");
    run(&folder, "git init -q --bare -b main origin.git; git clone -q origin.git clone 2>&1");
    let clone = folder.join("clone");
    fs::create_dir(clone.join("manifests")).unwrap();
    let guide = root().join("fixtures/istio-guide");
    for name in ["deployment.yaml", "rollout.yaml", "service.yaml", "virtualservice.yaml"] {
        fs::copy(guide.join(name), clone.join("manifests").join(name)).unwrap();
    }
    let start = format!("rollstep start -f manifests --stable {}/stable", guide.display());
    run(&clone, &start);
    let commit =
        "git checkout -q -b main; git add .; git commit -qm start; git push -q origin main 2>&1";
    run(&clone, &format!("git config user.name a; git config user.email a@b.example; {commit}"));
    clone
}

#[test]
fn the_job_commits_what_was_rendered() {
    if !has("git") {
        return;
    }
    let clone = clone();
    let job = commands();
    assert_eq!(2, job.len(), "{job:?}");
    let log = "git fetch -q; git log --format=%s origin/main";
    for _ in 0..2 {
        job.iter().for_each(|commands| drop(run(&clone, commands)));
        assert_eq!("rendered: 0123abc\nstart\n", run(&clone, log));
    }
    let page = fs::read_to_string(root().join("docs/flux.md")).unwrap();
    let listed = run(&clone, "git ls-tree -r --name-only origin/main rendered");
    for half in ["rendered/workloads", "rendered/routing"] {
        assert!(page.contains(&format!("path: ./{half}\n")), "{half}");
        assert!(listed.lines().any(|line| line.starts_with(half)), "{listed}");
    }
    assert!(
        listed.contains("rendered/workloads/deployment-workload-demo-canary.yaml\n"),
        "{listed}"
    );
    // Flux applies every YAML file that it finds.
    let yaml = listed.lines().filter(|line| line.ends_with(".yaml"));
    for line in yaml {
        let text = fs::read_to_string(clone.join(line)).unwrap();
        assert!(!text.contains("kind: Rollout\n") && !text.contains("kind: RollStep\n"), "{line}");
    }
    // The step after that changes the routes and what carries them.
    run(&clone, "rollstep approve -f manifests && git commit -qam 'step 2'");
    job.iter().for_each(|commands| drop(run(&clone, commands)));
    let changed = run(&clone, "git diff --name-only HEAD~1");
    assert_eq!(
        "rendered/routing/virtualservice-vs-demo.yaml\n\
         rendered/workloads/deployment-workload-demo-canary.yaml\n",
        changed
    );
}
