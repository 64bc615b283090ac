//! Two releases in a row, by each way that a step takes from Git to a cluster.
//!
//! On the way a step is forgotten, an image changes in the middle of a rollout, and a release is taken
//! back. At every point only the version that was captured and the one that was started are written, or
//! nothing is.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rollstep::Source;
use skipped::has;

const ROLLSTEP: &str = env!("CARGO_BIN_EXE_rollstep");

/// How manifests are read, and what renders them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Folder,
    Kustomize,
    ArgoCd,
}

/// A tree in Git.
struct Site {
    way: Way,
    folder: PathBuf,
}

impl Site {
    fn new(way: Way, name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-release").join(name);
        let _ = fs::remove_dir_all(&folder);
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_release");
        for part in ["web", "kustomize"] {
            fs::create_dir_all(folder.join(part)).unwrap();
            for entry in fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
                fs::copy(entry.path(), folder.join(part).join(entry.file_name())).unwrap();
            }
        }
        if way == Way::Kustomize {
            fs::write(folder.join("web/kustomization.yaml"), "resources:\n- all.yaml\n").unwrap();
        }
        Self { way, folder }
    }

    fn shell(&self, script: &str) -> Output {
        let paths = std::env::var("PATH").unwrap();
        let command = Path::new(ROLLSTEP).parent().unwrap();
        Command::new("sh")
            .args(["-c", script])
            .current_dir(&self.folder)
            .env("PATH", format!("{}:{paths}", command.display()))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.folder.join(file);
        let before = fs::read_to_string(&path).unwrap();
        let after = edit(&before);
        assert_ne!(before, after, "{file}");
        fs::write(path, after).unwrap();
    }

    /// Merges another image, as an image automation does.
    fn merge(&self, from: u32, to: u32) {
        match self.way {
            Way::Kustomize => self.edit("kustomize/kustomization.yaml", |text| {
                text.replace(&format!("newTag: \"{from}\""), &format!("newTag: \"{to}\""))
            }),
            Way::Folder | Way::ArgoCd => self.edit("web/all.yaml", |text| {
                text.replace(&format!("acme/web:{from}\n"), &format!("acme/web:{to}\n"))
            }),
        }
    }

    /// Writes what runs now into `old-VERSION.yaml`.
    fn keep(&self, version: u32) {
        let output = match self.way {
            Way::Kustomize => {
                self.shell(&format!("kubectl kustomize kustomize > old-{version}.yaml"))
            }
            Way::Folder | Way::ArgoCd => self.shell(&format!("cp web/all.yaml old-{version}.yaml")),
        };
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    fn roll_step(&self) -> String {
        let folder = if self.way == Way::Kustomize { "kustomize" } else { "web" };
        format!("{folder}/rollstep.yaml")
    }

    fn run(&self, command: &str) -> Output {
        match self.way {
            Way::Kustomize => self.shell(&format!(
                "kubectl kustomize kustomize > built.yaml && rollstep {command} -f - --file {} < built.yaml",
                self.roll_step()
            )),
            Way::Folder | Way::ArgoCd => self.shell(&format!("rollstep {command} -f web")),
        }
    }

    fn render(&self) -> Output {
        match self.way {
            Way::Folder => self.shell("rollstep render -f web"),
            Way::Kustomize => self.shell("kubectl kustomize kustomize | rollstep render --filter"),
            Way::ArgoCd => {
                self.shell("cd web && env -i \"$(command -v rollstep)\" argocd generate")
            }
        }
    }

    #[track_caller]
    fn moves(&self, command: &str) {
        let output = self.run(command);
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
    }

    #[track_caller]
    fn is_refused(&self, command: &str, code: &str) {
        let before = fs::read(self.folder.join(self.roll_step())).ok();
        let output = self.run(command);
        assert_eq!(Some(2), output.status.code(), "{command}");
        assert!(
            text(&output.stderr).contains(&format!("error[{code}]")),
            "{}",
            text(&output.stderr)
        );
        assert!(before == fs::read(self.folder.join(self.roll_step())).ok(), "{command}");
    }

    /// Nothing at all is written.
    #[track_caller]
    fn ships_nothing(&self, code: &str) {
        let output = self.render();
        assert_eq!((Some(2), ""), (output.status.code(), text(&output.stdout).as_str()));
        assert!(
            text(&output.stderr).contains(&format!("error[{code}]")),
            "{}",
            text(&output.stderr)
        );
    }

    /// These versions are written, and no other.
    #[track_caller]
    fn ships(&self, stable: u32, canary: Option<u32>) {
        let output = self.render();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let objects = rollstep::read(&[Source::new("-", text(&output.stdout))]).unwrap();
        let deployments = objects.iter().filter(|object| object["kind"] == "Deployment");
        let mut images: Vec<_> = deployments
            .map(|one| {
                let name = one["metadata"]["name"].as_str().unwrap().trim_start_matches("north-");
                let image = &one["spec"]["template"]["spec"]["containers"][0]["image"];
                (name.to_owned(), image.as_str().unwrap().to_owned())
            })
            .collect();
        images.sort();
        let mut wanted = vec![("web".to_owned(), format!("acme/web:{stable}"))];
        wanted.extend(canary.map(|canary| ("web-canary".to_owned(), format!("acme/web:{canary}"))));
        assert_eq!(wanted, images);
        let all = text(&output.stdout);
        assert!(!all.contains("kind: RollStep") && !all.contains("kind: Rollout"));
    }

    /// What the release would record, without starting it.
    fn revision_of(&self, start: &str) -> String {
        let output = self.run(&format!("{start} --dry-run"));
        let diff = text(&output.stdout);
        let line = diff.lines().find_map(|line| line.strip_prefix("+  revision: "));
        line.unwrap_or_else(|| panic!("{diff}{}", text(&output.stderr))).to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn walk(way: Way, name: &str) {
    let site = Site::new(way, name);
    first_release(&site);
    second_release(&site);
}

fn first_release(site: &Site) {
    site.keep(1);
    site.merge(1, 2);
    // The step is forgotten.
    site.ships_nothing("missing-step");
    site.moves("start --stable old-1.yaml");
    site.ships(1, Some(2));
    // An image automation merges another version, which is kept out.
    site.merge(2, 9);
    site.ships_nothing("revision-changed");
    site.is_refused("approve", "revision-changed");
    site.merge(9, 2);
    site.moves("approve");
    site.ships(1, Some(2));
    site.moves("abort");
    site.ships(1, None);
    site.moves("abort");
    site.is_refused("approve", "move-refused");
    site.moves("start --stable old-1.yaml");
    for stable in [1, 1, 2] {
        site.ships(stable, Some(2));
        site.moves("approve");
    }
    site.ships(2, None);
}

fn second_release(site: &Site) {
    site.keep(2);
    site.merge(2, 3);
    site.ships_nothing("unstarted-release");
    // Somebody writes the step by hand: the RollStep still holds the version before the last one.
    let start = "start --stable old-2.yaml";
    let revision = site.revision_of(start);
    let file = site.roll_step();
    let released = fs::read_to_string(site.folder.join(&file)).unwrap();
    site.edit(&file, |text| {
        let recorded = text.lines().find(|line| line.starts_with("  revision: ")).unwrap();
        text.replace("step: done", "step: 1").replace(recorded, &format!("  revision: {revision}"))
    });
    site.ships_nothing("not-released");
    site.edit(&file, |_| released.clone());
    site.is_refused("start --stable old-1.yaml", "not-released");
    site.moves(start);
    site.ships(2, Some(3));
    // Another version is merged in the middle of it, and taken in.
    site.merge(3, 4);
    site.ships_nothing("revision-changed");
    site.moves("start --restart");
    site.ships(2, Some(4));
    site.is_refused("finish", "move-refused");
    for stable in [2, 2, 4] {
        site.ships(stable, Some(4));
        site.moves("approve");
    }
    site.ships(4, None);
    // Taken back, and started again.
    site.moves("abort");
    site.ships(2, None);
    site.moves(start);
    site.ships(2, Some(4));
}

#[test]
fn by_folder() {
    walk(Way::Folder, "folder");
}

#[test]
fn by_kustomize() {
    if has("kubectl") {
        walk(Way::Kustomize, "kustomize");
    }
}

#[test]
fn by_argo_cd() {
    walk(Way::ArgoCd, "argo-cd");
}

/// RollSteps of before `released`, as `start` and the moves after it wrote them.
///
/// One in the middle of a release looks like one that somebody set to step 1 by hand after two releases. So
/// the old version is confirmed once, and the step stays.
#[test]
fn a_roll_step_without_released_is_read() {
    for step in ["1", "2", "promote", "done", "0", "stable"] {
        let site = Site::new(Way::Folder, &format!("before-{step}"));
        site.merge(1, 2);
        let before = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_release/before");
        let written = fs::read_to_string(before.join("rollstep.yaml")).unwrap();
        let written = written.replace("step: 1\n", &format!("step: {step}\n"));
        fs::write(site.folder.join("web/rollstep.yaml"), written).unwrap();
        let (stable, canary) = match step {
            "1" | "2" => (1, Some(2)),
            "promote" => (2, Some(2)),
            "done" => (2, None),
            _ => (1, None),
        };
        if stable == 1 {
            site.ships_nothing("not-released");
            let help = text(&site.render().stderr);
            let released = help.split('`').find(|part| part.starts_with("released: ")).unwrap();
            site.edit("web/rollstep.yaml", |text| {
                text.replace("  isolation:", &format!("  {released}\n  isolation:"))
            });
        }
        site.ships(stable, canary);
        let rendered = text(&site.render().stdout);
        // The selector and the isolation stay: the key of the fixture, with a value for each version.
        let of_canary = rendered.matches("app: web-canary\n").count();
        assert_eq!(if canary.is_some() { 3 } else { 0 }, of_canary, "{step}: {rendered}");
        let of_stable = rendered.matches("app: web\n").count();
        assert_eq!(3, of_stable, "{step}: {rendered}");
    }
}

/// A RollStep that is a resource is seen by the function, and by nothing behind it.
#[test]
fn kustomize_leaves_out_what_the_function_marks() {
    if !has("kubectl") {
        return;
    }
    let site = Site::new(Way::Kustomize, "marked");
    site.keep(1);
    site.merge(1, 2);
    site.moves("start --stable old-1.yaml");
    let kustomization =
        fs::read_to_string(site.folder.join("kustomize/kustomization.yaml")).unwrap();
    assert!(kustomization.contains("- ../web\n- rollstep.yaml\n"), "{kustomization}");
    assert!(
        kustomization.starts_with("# The web shop") && kustomization.contains("\"2\" # the line")
    );
    let step = fs::read_to_string(site.folder.join("kustomize/rollstep.yaml")).unwrap();
    assert!(!step.contains("local-config"), "{step}");
    site.edit("kustomize/kustomization.yaml", |text| {
        format!("{text}transformers:\n- rollstep.yaml\n")
    });
    let built = site.shell(
        "mkdir -p plugins/rollstep.dev/v1alpha1/rollstep && \
         ln -s \"$(command -v rollstep)\" plugins/rollstep.dev/v1alpha1/rollstep/RollStep && \
         KUSTOMIZE_PLUGIN_HOME=\"$PWD/plugins\" kubectl kustomize --enable-alpha-plugins kustomize",
    );
    assert!(built.status.success(), "{}", text(&built.stderr));
    let built = text(&built.stdout);
    assert!(
        built.contains("image: acme/web:1\n") && built.contains("image: acme/web:2\n"),
        "{built}"
    );
    assert!(built.contains("name: north-web-canary\n"), "{built}");
    for gone in ["kind: RollStep", "kind: Rollout\n", "local-config"] {
        assert!(!built.contains(gone), "{built}");
    }
}

/// The workload that is captured must be the one that is built.
#[test]
fn another_workload_than_the_built_one_is_refused() {
    if !has("kubectl") {
        return;
    }
    let site = Site::new(Way::Kustomize, "another-workload");
    site.keep(1);
    site.merge(1, 2);
    let old = fs::read_to_string(site.folder.join("old-1.yaml")).unwrap();
    for (change, to, code) in [
        ("name: north-web\n", "name: web\n", "stable-missing-workload"),
        ("namespace: shop\n", "namespace: other\n", "stable-missing-workload"),
        ("app: web\n", "app: other\n", "stable-selector-differs"),
    ] {
        fs::write(site.folder.join("other.yaml"), old.replace(change, to)).unwrap();
        site.is_refused("start --stable other.yaml", code);
    }
    let source = site.run("start --stable web/all.yaml");
    assert!(
        text(&source.stderr).contains("`kubectl kustomize OLD > old.yaml`"),
        "{}",
        text(&source.stderr)
    );
    let unbuilt = site.shell("rollstep start -f web --stable old-1.yaml");
    let said = text(&unbuilt.stderr);
    assert_eq!(Some(2), unbuilt.status.code());
    assert!(said.contains("error[kustomization-not-built]"), "{said}");
    assert!(said.contains(
        "kubectl kustomize web | rollstep start -f - --stable old.yaml --file web/rollstep.yaml"
    ));
    // The stream is of another state than the file.
    site.moves("start --stable old-1.yaml");
    let stale = site.shell("kubectl kustomize kustomize > stale.yaml");
    assert!(stale.status.success());
    site.moves("approve");
    let late = site.shell("rollstep approve -f - --file kustomize/rollstep.yaml < stale.yaml");
    assert!(text(&late.stderr).contains("error[step-not-editable]"), "{}", text(&late.stderr));
}
