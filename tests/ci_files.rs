//! The action for GitHub and the job for GitLab: action.yml, and what lies in packaging/ci.
//!
//! Neither service can be had here. `gh` and `curl` are stand-ins that keep comments in files, as
//! far as the script asks; what the services themselves make of the files is not tried.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![cfg(unix)]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_yaml::Value;
use skipped::has;

const MARK: &str = "<!-- rollstep:default/rollouts-demo -->\n";

/// Keeps one comment, after one that somebody else began as ours begins.
const GH: &str = r#"#!/bin/sh
set -eu
printf '%s\n' "$*" >> calls
method=GET
while [ $# -gt 0 ]; do
  case $1 in
    --method) method=$2 ;;
    --jq) filter=$2 ;;
    body=@*) body=${1#body=@} ;;
  esac
  shift
done
if [ "$method" = GET ]; then
  jq -r "$filter" comments.json
else
  cp "$body" comment.md
  jq -n --rawfile body comment.md '[{id: 6, body: $body, user: {type: "User"}}, {id: 7, body: $body, user: {type: "Bot"}}]' > comments.json
fi
"#;

/// The same for GitLab, which answers page by page.
const CURL: &str = r#"#!/bin/sh
set -eu
cat > token
printf '%s\n' "$*" >> calls
method=GET
while [ $# -gt 0 ]; do
  case $1 in
    --request) method=$2 ;;
    body@*) body=${1#body@} ;;
    *page=1) page=comments.json ;;
    *page=2) page=none.json ;;
    */user) page=user.json ;;
  esac
  shift
done
if [ "$method" = GET ]; then
  cat "$page"
else
  cp "$body" comment.md
  jq -n --rawfile body comment.md '[{id: 6, body: $body, author: {id: 1}}, {id: 7, body: $body, author: {id: 42}}]' > comments.json
fi
"#;

/// A folder with the stand-ins, and a tree with its base.
struct Runner {
    folder: PathBuf,
}

impl Runner {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci_files").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("bin")).unwrap();
        let new = Self { folder };
        new.stand_in("gh", GH);
        new.stand_in("curl", CURL);
        let other = format!("{MARK}of another").replace('\n', "\\n");
        let other = format!(
            "{{\"id\": 6, \"body\": \"{other}\", \"user\": {{\"type\": \"User\"}}, \"author\": {{\"id\": 1}}}}"
        );
        let empty =
            "{\"id\": 5, \"body\": null, \"user\": {\"type\": \"Bot\"}, \"author\": {\"id\": 42}}";
        new.write("comments.json", &format!("[{other}, {empty}]"));
        new.write("none.json", "[]");
        new.write("user.json", "{\"id\": 42}");
        new.tree("base", 1);
        new.tree("tree", 2);
        new
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn stand_in(&self, name: &str, script: &str) {
        let path = self.folder.join("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Writes the rollout of the guide at a step.
    fn tree(&self, name: &str, step: usize) {
        fs::create_dir_all(self.folder.join(name)).unwrap();
        for file in ["deployment", "rollout", "service", "virtualservice"] {
            let from = root().join(format!("fixtures/istio-guide/{file}.yaml"));
            fs::copy(from, self.folder.join(format!("{name}/{file}.yaml"))).unwrap();
        }
        let step = format!(
            "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {{name: step}}\nspec: {{rollout: rollouts-demo, step: {step}}}\n"
        );
        self.write(&format!("{name}/step.yaml"), &step);
    }

    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let command = Path::new(env!("CARGO_BIN_EXE_rollstep")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let stand_ins = self.folder.join("bin");
        let path = format!("{}:{}:{path}", command.display(), stand_ins.display());
        let mut run = Command::new("sh");
        run.arg(root().join("packaging/ci").join(script)).current_dir(&self.folder);
        run.env_clear().env("PATH", path).envs(variables.iter().copied());
        run.output().unwrap()
    }

    fn comment(&self, variables: &[(&str, &str)]) -> Output {
        let always = [
            ("ROLLSTEP_PATH", "tree"),
            ("ROLLSTEP_BASE", "base"),
            ("GITHUB_STEP_SUMMARY", "summary.md"),
        ];
        self.run("comment.sh", &[&always, variables].concat())
    }

    /// Comments twice: with another step the second time.
    fn comment_twice(&self, variables: &[(&str, &str)]) -> (String, String) {
        let mut comments = Vec::new();
        for step in [2, 3] {
            self.tree("tree", step);
            succeeded(&self.comment(variables));
            comments.push(self.read("comment.md"));
        }
        assert_ne!(comments[0], comments[1]);
        (comments.remove(0), self.read("calls"))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(name: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(name)).unwrap()).unwrap()
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_step_of_the_action_has_a_shell_and_a_script_that_exists() {
    let action = yaml("action.yml");
    assert_eq!(Some("composite"), action["runs"]["using"].as_str());
    for step in action["runs"]["steps"].as_sequence().unwrap() {
        assert_eq!(Some("sh"), step["shell"].as_str(), "{step:?}");
        let run = step["run"].as_str().unwrap();
        assert!(!run.contains("${{"), "an input would be run: {run}");
        let script = run.split("$GITHUB_ACTION_PATH/").nth(1).unwrap().trim_end_matches('"');
        assert!(root().join(script).is_file(), "{script}");
    }
}

#[test]
fn inputs_of_the_action_are_used_and_on_the_page() {
    let page = fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    for (name, input) in yaml("action.yml")["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        assert!(input["description"].is_string(), "{name}");
        assert!(
            input["required"].as_bool() == Some(true) || input["default"].is_string(),
            "{name}"
        );
        assert!(text.contains(&format!("${{{{ inputs.{name} }}}}")), "{name} is not used");
        assert!(page.contains(&format!("| `{name}` |")), "{name} is not on the page");
    }
}

#[test]
fn the_job_for_gitlab_is_lines_of_text_with_scripts_that_exist() {
    let job = &yaml("packaging/ci/gitlab-ci.yml")["rollstep"];
    let lines = ["before_script", "script"].map(|part| job[part].as_sequence().unwrap().clone());
    let lines = lines.concat();
    let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    let scripts: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split("sh \"$ROLLSTEP_SOURCE/packaging/").nth(1))
        .collect();
    let scripts: Vec<_> = scripts.iter().map(|script| script.trim_end_matches('"')).collect();
    assert_eq!(["ci/install.sh", "ci/comment.sh"], scripts[..]);
    for script in scripts {
        assert!(root().join("packaging").join(script).is_file(), "{script}");
    }
}

/// The lines that fetch the base, on a branch that began before the tip of its target.
#[test]
fn the_job_for_gitlab_compares_with_where_the_branch_began() {
    let runner = Runner::new("gitlab-base");
    let job = &yaml("packaging/ci/gitlab-ci.yml")["rollstep"]["script"];
    let lines = job.as_sequence().unwrap().iter().map(|line| line.as_str().unwrap());
    let lines: Vec<_> = lines.filter(|line| !line.contains("ROLLSTEP_")).collect();
    let commit = "git -c user.name=a -c user.email=a@a.test commit -q -m a --allow-empty";
    let script = format!(
        "set -eu; git init -q origin; cd origin; git config uploadpack.allowAnySHA1InWant true\n\
         mkdir shop; echo old > shop/web.yaml; git add .; {commit}; began=$(git rev-parse HEAD)\n\
         echo new > shop/web.yaml; git add .; {commit}; tip=$(git rev-parse HEAD); cd ..\n\
         git clone -q --depth 1 \"file://$PWD/origin\" clone; cd clone\n\
         CI_MERGE_REQUEST_DIFF_BASE_SHA=$began; {MERGED}\n{}\ncat \"$base/shop/web.yaml\"\n",
        lines.join("\n")
    );
    for (merged, expected) in [("", "old\n"), ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA=$tip", "new\n")]
    {
        let _ = fs::remove_dir_all(runner.folder.join("origin"));
        let _ = fs::remove_dir_all(runner.folder.join("clone"));
        let mut shell = Command::new("sh");
        shell.args(["-c", &script.replace(MERGED, merged)]).current_dir(&runner.folder);
        let output = shell.env("TMPDIR", &runner.folder).output().unwrap();
        succeeded(&output);
        assert_eq!(expected, String::from_utf8(output.stdout).unwrap());
    }
}

/// Where the script says what the target was when it was merged.
const MERGED: &str = ": merged";

#[test]
fn the_summary_has_the_plan_and_the_diff_and_nobody_is_told() {
    let runner = Runner::new("summary");
    succeeded(&runner.comment(&[("ROLLSTEP_PULL_REQUEST", "3")]));
    let summary = runner.read("summary.md");
    assert!(summary.starts_with(MARK), "{summary}");
    for part in
        ["### Rollout <code>default/rollouts-demo</code>", "### Against the base", "+  replicas: 2"]
    {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    assert!(!runner.folder.join("calls").exists());
}

#[test]
fn a_base_without_the_tree_is_said() {
    let runner = Runner::new("new");
    succeeded(&runner.comment(&[("ROLLSTEP_BASE", "nowhere")]));
    let summary = runner.read("summary.md");
    assert!(summary.starts_with(MARK) && summary.ends_with(" yet.\n"), "{summary}");
}

#[test]
fn what_cannot_be_rendered_fails_and_comments_nothing() {
    let runner = Runner::new("fails");
    runner.write("tree/service.yaml", "# gone\n");
    let output = runner.comment(&[("ROLLSTEP_COMMENT", "true"), ("ROLLSTEP_PULL_REQUEST", "3")]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("error[unknown-service]"));
    assert!(!runner.folder.join("calls").exists());
}

#[test]
fn a_comment_on_github_is_created_and_then_updated() {
    if !has("jq") {
        return;
    }
    let (first, calls) = Runner::new("github").comment_twice(&[
        ("ROLLSTEP_COMMENT", "true"),
        ("ROLLSTEP_PULL_REQUEST", "3"),
        ("GITHUB_REPOSITORY", "o/r"),
    ]);
    assert!(first.starts_with(MARK), "{first}");
    let calls: Vec<_> = calls.lines().collect();
    assert_eq!(4, calls.len(), "{calls:#?}");
    assert!(calls[1].starts_with("api --method POST repos/o/r/issues/3/comments "), "{calls:#?}");
    assert!(calls[3].starts_with("api --method PATCH repos/o/r/issues/comments/7 "), "{calls:#?}");
}

#[test]
fn a_note_on_gitlab_is_created_and_then_updated_without_the_token_in_an_argument() {
    if !has("jq") {
        return;
    }
    let runner = Runner::new("gitlab");
    let (first, calls) = runner.comment_twice(&[
        ("ROLLSTEP_COMMENT", "true"),
        ("ROLLSTEP_GITLAB_TOKEN", "hidden"),
        ("CI_API_V4_URL", "https://gitlab.test/api/v4"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_IID", "3"),
    ]);
    assert!(first.starts_with(MARK), "{first}");
    let notes = "https://gitlab.test/api/v4/projects/1/merge_requests/3/notes";
    assert!(calls.contains(&format!("--request POST {notes} ")), "{calls}");
    assert!(calls.contains(&format!("--request PUT {notes}/7 ")), "{calls}");
    assert_eq!(1, calls.matches("POST").count(), "{calls}");
    assert!(!calls.contains("hidden"));
    assert_eq!("header = \"PRIVATE-TOKEN: hidden\"\n", runner.read("token"));
}

#[test]
fn the_checkout_does_not_choose_what_is_run() {
    let runner = Runner::new("toolchain");
    runner.write("rust-toolchain.toml", "[toolchain]\nchannel = \"evil\"\n");
    let cargo = "#!/bin/sh\nset -eu\nd=$(pwd)\nwhile [ \"$d\" != / ]; do\n\
                 ! [ -e \"$d/rust-toolchain.toml\" ]\n! [ -e \"$d/.cargo/config.toml\" ]\n\
                 d=$(dirname \"$d\")\ndone\necho \"$*\" >> \"$CALLS\"\n";
    runner.stand_in("cargo", cargo);
    let calls = runner.folder.join("calls");
    fs::create_dir_all(runner.folder.join("source")).unwrap();
    // Without a command on PATH, the source is built.
    let stand_ins = runner.folder.join("bin");
    let path = format!("{}:/usr/bin:/bin", stand_ins.display());
    let mut run = Command::new("sh");
    run.arg(root().join("packaging/ci/install.sh")).current_dir(&runner.folder).env_clear();
    run.env("PATH", path).env("CALLS", &calls).env("ROLLSTEP_SOURCE", "source");
    succeeded(&run.output().unwrap());
    let source = fs::canonicalize(runner.folder.join("source")).unwrap();
    let expected = format!("install --locked --path {}\n", source.display());
    assert_eq!(expected, fs::read_to_string(calls).unwrap());
}

#[test]
fn what_is_said_is_no_command_to_github() {
    let runner = Runner::new("said");
    let mut words = Vec::new();
    for _ in 0..2 {
        runner.write("tree/broken.yaml", "kind: [\n");
        let output = runner.comment(&[("GITHUB_ACTIONS", "true")]);
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        let (word, rest) =
            said.strip_prefix("::stop-commands::").unwrap().split_once('\n').unwrap();
        assert!(word.len() == 32 && rest.ends_with(&format!("\n::{word}::\n")), "{said}");
        assert!(rest.starts_with("error["), "{said}");
        words.push(word.to_owned());
    }
    assert_ne!(words[0], words[1]);
}

#[test]
fn what_is_fetched_is_pinned() {
    for page in ["docs/ci.md", "docs/flux.md", "docs/check.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for (_, used) in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let version = used.split(['@', ' ']).nth(1).unwrap_or_default();
            let is_hash =
                version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hash || version == "COMMIT", "{page}: {used}");
        }
    }
}

#[test]
fn the_command_that_is_there_is_taken_unless_another_version_is_asked_for() {
    let runner = Runner::new("install");
    runner.stand_in("cargo", "#!/bin/sh\necho \"$*\" >> \"$CALLS\"\n");
    let here = env!("CARGO_PKG_VERSION");
    succeeded(&runner.run("install.sh", &[]));
    succeeded(&runner.run("install.sh", &[("ROLLSTEP_VERSION", here)]));
    assert!(!runner.folder.join("calls").exists());
    let calls = runner.folder.join("calls").display().to_string();
    let path = [("GITHUB_PATH", "path"), ("CARGO_HOME", "/cargo"), ("CALLS", &calls)];
    succeeded(&runner.run("install.sh", &[&path[..], &[("ROLLSTEP_VERSION", "9.9.9")]].concat()));
    assert_eq!("install --locked --force rollstep --version 9.9.9\n", runner.read("calls"));
    assert_eq!("/cargo/bin\n", runner.read("path"));
}
