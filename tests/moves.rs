//! The step in Git: what each move changes, what comes of it, and what is refused.
//!
//! A move must change one line and nothing else, and what is rendered then must be what the flags of
//! `render` give. The codes that only a move has are shown here, since no render makes them.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files, and fail by a panic"
)]

#[path = "moves/command.rs"]
mod command;
#[path = "moves/files.rs"]
mod files;
#[path = "moves/git.rs"]
mod git;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rollstep::diagnostic::{Severity, codes};
use rollstep::{
    Input, Move, Moves, Moving, ObjectName, Options, Source, StageName, move_steps, render, status,
};

const CATALOG: &str = "examples/shop/manifests/shop/catalog/rollstep.yaml";

/// A tree, the old version beside it, and the rollout that moves.
#[derive(Clone)]
struct Tree {
    sources: Vec<Source>,
    stable: Vec<Source>,
    rollout: &'static str,
}

impl Tree {
    /// The shop without the step of one rollout.
    fn shop() -> Self {
        let mut sources = read(&root().join("examples/shop/manifests"));
        sources.retain(|source| !source.name().ends_with("catalog/step.yaml"));
        let stable = read(&root().join("examples/shop/stable"));
        Self { sources, stable, rollout: "shop/catalog" }
    }

    /// The guide as one file with a comment before each document, in these line endings.
    fn guide(newline: &str) -> Self {
        let files = read_flat(&root().join("fixtures/istio-guide"));
        let texts: Vec<_> =
            files.iter().map(|file| format!("# one of four\n{}", file.text())).collect();
        let text = texts.join("--- # next\n").replace('\n', newline);
        let stable = read(&root().join("fixtures/istio-guide/stable"));
        let stable = stable.iter().map(|old| old.text().replace('\n', newline));
        let stable = stable.map(|old| Source::new("old.yaml", old)).collect();
        let sources = vec![Source::new("all.yaml", text)];
        Self { sources, stable, rollout: "rollouts-demo" }
    }

    fn options(&self) -> Options {
        Options { rollout: Some(ObjectName::from(self.rollout)), ..Options::default() }
    }

    /// Moves without `--stable`; starts with it.
    fn make(&self, moving: &Moving) -> Moves {
        let stable = (moving.to == Move::Start).then(|| self.stable.clone());
        move_steps(&Input::new(self.sources.clone(), stable), &self.options(), moving)
    }

    /// Moves, and returns the tree after it with the lines that differ.
    #[track_caller]
    fn moved(&self, moving: &Moving) -> (Self, usize) {
        let moves = self.make(moving);
        let files = moves.files.unwrap_or_else(|| panic!("{:#?}", moves.diagnostics));
        assert_eq!((1, 1), (files.len(), moves.moved.len()), "{files:#?}");
        let mut tree = self.clone();
        let changed = Source::new(&files[0].name, files[0].after.as_str());
        let before = files[0].before.clone().unwrap_or_default();
        match tree.sources.iter_mut().find(|source| source.name() == files[0].name) {
            Some(source) => *source = changed,
            None => tree.sources.push(changed),
        }
        (tree, differing(&before, &files[0].after))
    }

    #[track_caller]
    fn refused(&self, moving: &Moving) -> &'static str {
        let moves = self.make(moving);
        assert!(moves.files.is_none() && moves.moved.is_empty(), "{:?}", moves.files);
        let error = moves.diagnostics.into_iter().find(|one| one.severity == Severity::Error);
        let error = error.unwrap();
        assert!(error.help.is_some(), "{error}");
        error.code.name
    }

    /// Renders what Git says, without `--stable`.
    #[track_caller]
    fn as_in_git(&self) -> String {
        let outcome_of = Input::new(self.sources.clone(), None);
        let outcome = render(&outcome_of, &self.options());
        outcome.text().unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
    }

    /// Renders by flags.
    #[track_caller]
    fn by_flags(&self, step: &str) -> String {
        let input = Input::new(self.sources.clone(), Some(self.stable.clone()));
        let options = Options { step: Some(step.parse().unwrap()), ..self.options() };
        let outcome = render(&input, &options);
        outcome.text().unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
    }

    fn stage(&self) -> Option<String> {
        let found = status(&Input::new(self.sources.clone(), None), &self.options());
        found.rollouts[0].stage.map(|stage| stage.to_string())
    }
}

fn to(to: Move) -> Moving {
    Moving { to, all: false, file: None, restart: false, beside: Vec::new() }
}

fn start_in(file: &str) -> Moving {
    Moving { file: Some(file.to_owned()), ..to(Move::Start) }
}

/// Returns the guide with a newer version of its workload.
fn with_another_template(text: &str) -> String {
    text.replace("name: version\n          value: canary", "name: version\n          value: newer")
}

/// Returns how many lines of two texts of as many lines differ; all, where their number does.
fn differing(before: &str, after: &str) -> usize {
    let (before, after): (Vec<_>, Vec<_>) =
        (before.split('\n').collect(), after.split('\n').collect());
    if before.len() != after.len() {
        return usize::MAX;
    }
    before.iter().zip(&after).filter(|(old, new)| old != new).count()
}

/// Goes through all stages, and checks each against the flags, the way back included.
#[track_caller]
fn walk(tree: &Tree, start: &Moving, steps: usize) {
    let (mut now, _) = tree.moved(start);
    let numbered = (1..=steps).map(|number| number.to_string());
    let stages: Vec<_> = numbered.chain(["promote", "done"].map(str::to_owned)).collect();
    for (position, stage) in stages.iter().enumerate() {
        assert_eq!(Some(stage), now.stage().as_ref());
        assert_eq!(tree.by_flags(stage), now.as_in_git(), "{stage}");
        let (back, lines) = now.moved(&to(Move::Abort));
        assert_eq!(1, lines, "abort at {stage}");
        assert_eq!(tree.by_flags("stable"), back.as_in_git(), "abort at {stage}");
        assert_eq!("move-refused", back.refused(&to(Move::Approve)));
        if stage != "done" {
            let named = match stage.as_str() {
                "promote" => Move::Finish,
                last if last == steps.to_string() => Move::Promote,
                _ => Move::ApproveTo(StageName::Step(position + 2)),
            };
            let (next, lines) = now.moved(&to(Move::Approve));
            // The end of a release records which version runs now.
            let changed = if stage == "promote" { 2 } else { 1 };
            assert_eq!(changed, lines, "approve at {stage}");
            assert_eq!(next.sources, now.moved(&to(named)).0.sources, "{named:?} at {stage}");
            now = next;
        }
    }
    assert_eq!("move-refused", now.refused(&to(Move::Approve)));
}

#[test]
fn a_rollout_of_the_shop_goes_from_start_to_finish() {
    let tree = Tree::shop();
    walk(&tree, &to(Move::Start), 3);
    let (started, _) = tree.moved(&to(Move::Start));
    let text =
        started.sources.iter().find(|source| source.name().ends_with(CATALOG)).unwrap().text();
    let head = "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata:\n  name: catalog\n  \
        namespace: shop\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\nspec:\n  \
        rollout: catalog\n  step: 1\n  revision: ";
    assert!(text.starts_with(head), "{text}");
    assert!(text.contains("\n  isolation:\n    key: track\n  stable: |\n    "), "{text}");
}

#[test]
fn a_file_of_several_documents_keeps_its_bytes() {
    for newline in ["\n", "\r\n"] {
        let tree = Tree::guide(newline);
        walk(&tree, &start_in("all.yaml"), 3);
        let (started, _) = tree.moved(&start_in("all.yaml"));
        let (before, after) = (tree.sources[0].text(), started.sources[0].text());
        assert!(after.starts_with(before));
        let added = &after[before.len()..];
        assert!(
            added.starts_with(&format!("---{newline}apiVersion: rollstep.dev/v1alpha1{newline}"))
        );
        assert!(newline == "\n" || added.matches('\n').count() == added.matches("\r\n").count());
    }
}

#[test]
fn comments_of_a_roll_step_stay() {
    let mut tree = Tree::guide("\n");
    let step = "# why\nkind: RollStep # what\napiVersion: rollstep.dev/v1alpha1\nmetadata: {name: a}\n\
        spec:   # all\n    step: '1'   # five went well\n    rollout: rollouts-demo\n";
    tree.sources.push(Source::new("step.yaml", step));
    let (moved, _) = tree.moved(&to(Move::Approve));
    assert_eq!(step.replace("'1'", "2"), moved.sources.last().unwrap().text());
    let (restarted, _) = tree.moved(&Moving { restart: true, ..to(Move::Start) });
    let text = restarted.sources.last().unwrap().text();
    assert!(text.starts_with(&step.replace("'1'", "1")), "{text}");
    assert!(
        text.contains("\n    revision: ") && text.contains("\n    stable: |\n        api"),
        "{text}"
    );
}

#[test]
fn a_finished_roll_step_is_renewed_in_place() {
    let tree = Tree::guide("\n");
    let (mut done, _) = tree.moved(&start_in("step.yaml"));
    for _ in 0..4 {
        done = done.moved(&to(Move::Approve)).0;
    }
    assert_eq!(Some("done"), done.stage().as_deref());
    let newer = with_another_template(done.sources[0].text());
    assert_ne!(newer, done.sources[0].text());
    let sources = vec![Source::new("all.yaml", newer), done.sources[1].clone()];
    let next = Tree { sources, ..done.clone() };
    assert_eq!("revision-changed", next.refused(&to(Move::Abort)), "two versions back");
    assert_eq!("not-released", next.refused(&to(Move::Start)), "two versions back");
    let next = Tree { stable: vec![done.sources[0].clone()], ..next };
    let (started, _) = next.moved(&to(Move::Start));
    assert_eq!(2, started.sources.len());
    assert_eq!(Some("1"), started.stage().as_deref());
    let flags_alone = Tree { sources: vec![next.sources[0].clone()], ..next };
    assert_eq!(flags_alone.by_flags("1"), started.as_in_git());
}

#[test]
fn what_does_not_lead_on_is_refused() {
    let tree = Tree::guide("\n");
    assert_eq!("no-roll-step", tree.refused(&to(Move::Approve)));
    assert_eq!("no-roll-step", tree.refused(&to(Move::Abort)));
    let (first, _) = tree.moved(&to(Move::Start));
    assert_eq!("already-started", first.refused(&to(Move::Start)));
    assert_eq!("unknown-step", first.refused(&to(Move::ApproveTo(StageName::Step(9)))));
    for name in ["1", "stable", "promote", "done"] {
        assert_eq!(
            "move-refused",
            first.refused(&to(Move::ApproveTo(name.parse().unwrap()))),
            "{name}"
        );
    }
    assert_eq!("move-refused", first.refused(&to(Move::Promote)));
    assert_eq!("move-refused", first.refused(&to(Move::Finish)));
    let (last, _) = first.moved(&to(Move::ApproveTo(StageName::Last)));
    assert_eq!(Some("3"), last.stage().as_deref());
    assert_eq!("move-refused", last.refused(&to(Move::Finish)));
    assert_eq!("move-refused", last.refused(&to(Move::ApproveTo(StageName::Done))));
    let (stable, _) = last.moved(&to(Move::Abort));
    let again = stable.make(&to(Move::Abort));
    assert_eq!((Some(0), 1), (again.files.map(|files| files.len()), again.moved.len()));
}

#[test]
fn a_move_is_for_one_rollout_or_for_all() {
    let all = Options::default();
    let tree = Tree::shop();
    let input = Input::new(tree.sources, Some(tree.stable));
    let moves = move_steps(&input, &all, &to(Move::Approve));
    assert_eq!("rollout-not-chosen", moves.diagnostics[0].code.name);
    let moves = move_steps(&input, &all, &Moving { all: true, ..to(Move::Approve) });
    assert_eq!(5, moves.moved.len(), "{:#?}", moves.diagnostics);
    assert_eq!(5, moves.files.unwrap().len());
}

#[test]
fn a_template_that_changed_meanwhile_is_refused() {
    let (mut tree, _) = Tree::guide("\n").moved(&start_in("step.yaml"));
    let text = with_another_template(tree.sources[0].text());
    assert_ne!(text, tree.sources[0].text());
    tree.sources[0] = Source::new("all.yaml", text);
    assert_eq!("revision-changed", tree.refused(&to(Move::Approve)));
    assert_eq!(Some("stable"), tree.moved(&to(Move::Abort)).0.stage().as_deref());
    let options = Options { allow: vec![&codes::REVISION_CHANGED], ..tree.options() };
    let moves = move_steps(&Input::new(tree.sources, None), &options, &to(Move::Approve));
    assert!(moves.files.is_some(), "{:#?}", moves.diagnostics);
}

#[test]
fn what_cannot_be_written_is_refused() {
    let tree = Tree::guide("\n");
    let input = Input::new(tree.sources.clone(), None);
    let moves = move_steps(&input, &tree.options(), &to(Move::Start));
    assert_eq!("no-stable-version", moves.diagnostics[0].code.name);
    let json = r#"{"apiVersion": "rollstep.dev/v1alpha1", "kind": "RollStep", "metadata":
        {"name": "a"}, "spec": {"rollout": "rollouts-demo", "step": 1}}"#;
    let mut in_json = tree.clone();
    in_json.sources.push(Source::new("step.json", json));
    assert_eq!("step-not-editable", in_json.refused(&to(Move::Approve)));
    let mut beside_json = tree.clone();
    beside_json.sources.push(Source::new("more.json", "{\"apiVersion\": \"v1\", \"kind\": \"X\"}"));
    assert_eq!("step-not-editable", beside_json.refused(&start_in("more.json")));
    // `-f FOLDER` would not find it again.
    for file in ["more.txt", "steps/more", "new.json"] {
        assert_eq!("step-not-editable", tree.refused(&start_in(file)), "{file}");
    }
    let mut piped = tree;
    piped.sources = vec![Source::new("-", piped.sources[0].text())];
    assert_eq!("step-not-editable", piped.refused(&to(Move::Start)));
}

#[test]
fn the_way_back_is_open_where_the_old_version_lies_elsewhere() {
    let sources = read(&root().join("examples/shop/manifests"));
    let tree = Tree { sources, ..Tree::shop() };
    let moves = tree.make(&to(Move::Abort));
    assert_eq!(1, moves.files.unwrap().len());
    assert_eq!("no-stable-version", moves.diagnostics[0].code.name);
    assert_eq!(Severity::Warning, moves.diagnostics[0].severity);
}

/// Returns the guide at a step that somebody wrote by hand, without an old version.
fn by_hand(step: &str) -> Tree {
    let mut tree = Tree::guide("\n");
    let text = format!(
        "# by hand\napiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {{name: a}}\n\
         spec:\n  rollout: rollouts-demo\n  step: {step} # now\n"
    );
    tree.sources.push(Source::new("step.yaml", text));
    tree
}

#[test]
fn who_goes_back_without_the_old_version_is_told_what_the_next_render_needs() {
    let tree = by_hand("2");
    let moves = tree.make(&to(Move::Abort));
    let said = &moves.diagnostics[0];
    assert_eq!((Severity::Warning, "no-stable-version"), (said.severity, said.code.name));
    assert!(said.message.contains("without `--stable PATH` the next render is refused"), "{said}");
    let help = said.help.as_ref().unwrap();
    assert!(
        help.contains("git show COMMIT:all.yaml") && help.contains("abort once more"),
        "{said}"
    );
    let moved = &moves.moved[0];
    assert!(moved.sentence.ends_with("which `--stable PATH` must give"), "{}", moved.sentence);
    let fact = "\nOld version: not in the RollStep; rendering needs --stable PATH\n";
    assert!(moved.message.contains(fact), "{}", moved.message);
}

#[test]
fn the_way_back_is_put_into_the_roll_step_where_it_is_given() {
    // At once, or once more after the warning.
    for step in ["2", "promote", "stable"] {
        let tree = by_hand(step);
        let input = Input::new(tree.sources.clone(), Some(tree.stable.clone()));
        let moves = move_steps(&input, &tree.options(), &to(Move::Abort));
        let files = moves.files.unwrap_or_else(|| panic!("{:?}", moves.diagnostics));
        assert!(moves.diagnostics.iter().all(|one| one.code.name != "no-stable-version"));
        assert!(!moves.moved[0].message.contains("--stable"), "{}", moves.moved[0].message);
        let mut back = tree.clone();
        back.sources[1] = Source::new("step.yaml", files[0].after.as_str());
        assert!(files[0].after.contains("\n  step: stable # now\n"), "{}", files[0].after);
        assert_eq!(tree.stable[0].text(), captured(&back)[0]);
        assert_eq!(tree.by_flags("stable"), back.as_in_git());
        // It is of this release, and never taken for the version before another one.
        back.sources[0] = Source::new("all.yaml", with_another_template(tree.sources[0].text()));
        let again = Options { step: "1".parse().ok(), ..tree.options() };
        let input = Input::new(back.sources, None);
        let told = render(&input, &again).diagnostics;
        assert!(told.iter().any(|one| one.code.name == "revision-changed"));
    }
    let again = by_hand("stable").make(&to(Move::Abort));
    assert_eq!(Some(0), again.files.map(|files| files.len()));
    assert_eq!("no-stable-version", again.diagnostics[0].code.name);
}

#[test]
fn the_new_version_is_not_captured_as_the_old_one() {
    let mut tree = by_hand("2");
    let whole = Tree::guide("\n").sources[0].text().to_owned();
    tree.stable = vec![Source::new("new.yaml", whole)];
    let given = |tree: &Tree| {
        let input = Input::new(tree.sources.clone(), Some(tree.stable.clone()));
        move_steps(&input, &tree.options(), &to(Move::Abort))
    };
    let doubted = given(&tree);
    assert!(doubted.files.is_some(), "the template may have been taken back");
    let said = &doubted.diagnostics[0];
    assert_eq!((Severity::Warning, "nothing-to-roll-out"), (said.severity, said.code.name));
    // It is this release's, by its revision.
    tree.sources[1] = Source::new("step.yaml", doubted.files.unwrap()[0].after.as_str());
    let recorded = tree.sources[1].text().split("  stable: |").next().unwrap().to_owned();
    tree.sources[1] = Source::new("step.yaml", recorded.replace("step: stable", "step: 2"));
    let refused = given(&tree);
    assert!(refused.files.is_none());
    let said = &refused.diagnostics[0];
    assert_eq!((Severity::Error, "nothing-to-roll-out"), (said.severity, said.code.name));
    assert!(tree.make(&to(Move::Abort)).files.is_some(), "without it the way back is open");
}

#[test]
fn a_captured_version_stays_when_another_is_given() {
    let (started, _) = Tree::guide("\n").moved(&start_in("step.yaml"));
    let another = started.stable[0].text().replace("replicas: 3", "replicas: 4");
    let stable = Some(vec![Source::new("old.yaml", another)]);
    let input = Input::new(started.sources.clone(), stable);
    let moves = move_steps(&input, &started.options(), &to(Move::Abort));
    let files = moves.files.unwrap();
    let before = started.sources[1].text();
    assert_eq!(before.replace("step: 1\n", "step: stable\n"), files[0].after);
}

#[test]
fn lines_of_a_secret_are_not_shown() {
    let mut tree = Tree::guide("\n");
    let step = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: hidden}\n---\n\
        spec: {step: 1, rollout: rollouts-demo}\nkind: RollStep\nmetadata: {name: a}\n\
        apiVersion: rollstep.dev/v1alpha1\n";
    tree.sources.push(Source::new("step.yaml", step));
    let files = tree.make(&to(Move::Approve)).files.unwrap();
    assert_eq!(step.replace("step: 1", "step: 2"), files[0].after);
    let diff = files[0].to_diff();
    assert!(diff.contains("+spec: {step: 2, ") && !diff.contains("hidden"), "{diff}");
}

#[test]
fn a_message_begins_with_a_short_line() {
    let moves = Tree::shop().make(&to(Move::Start));
    let message = &moves.moved[0].message;
    assert!(message.starts_with("catalog: step 1 of 3, requests of one match\n\n"), "{message}");
    assert!(message.contains("\nRevision: "), "{message}");
    let long = "x".repeat(80);
    let tree = Tree::guide("\n");
    let text = tree.sources[0].text().replace("name: rollouts-demo", &format!("name: {long}"));
    let input = Input::new(vec![Source::new("all.yaml", text)], Some(tree.stable));
    let moves = move_steps(&input, &Options::default(), &to(Move::Start));
    let subject = moves.moved[0].message.lines().next().unwrap();
    assert_eq!(72, subject.chars().count(), "{subject}");
}

/// Returns the old version that the RollStep holds, as two readers see it.
fn captured(tree: &Tree) -> [String; 2] {
    let text = tree.sources.last().unwrap().text();
    let objects = rollstep::read(&[Source::new("step.yaml", text)]).unwrap();
    let other: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    let of_text = |text: Option<&str>| text.unwrap().to_owned();
    [of_text(objects[0]["spec"]["stable"].as_str()), of_text(other["spec"]["stable"].as_str())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..Default::default() })]

    #[test]
    fn what_is_captured_reads_back_byte_for_byte(
        before in prop::sample::select(vec!["", "\n", "# old\n", "  \n", "\n\n# é\n", " # a\n"]),
        ends in prop::collection::vec(
            prop::sample::select(vec!["", " ", "   ", " # é 🙂", " #\tx\t", "\n", "\n  ", " #  "]), 40),
        after in prop::sample::select(vec!["", "\n", "\n\n\n", "\n  ", "\n#", "\n \n", "\n# \u{feff}\n"]),
        newline in prop::sample::select(vec!["\n", "\n", "\r\n"]),
    ) {
        let mut tree = Tree::guide("\n");
        let lines = tree.stable[0].text().trim_end().lines().zip(ends);
        let lines: Vec<_> = lines.map(|(line, end)| format!("{line}{end}")).collect();
        let text = format!("{before}{}{after}", lines.join("\n")).replace('\n', newline);
        tree.stable = vec![Source::new("old.yaml", text)];
        // What no reader takes for a manifest is no matter of ours.
        prop_assume!(rollstep::read(&tree.stable).is_ok_and(|objects| objects.len() == 1));
        let moves = tree.make(&start_in("step.yaml"));
        prop_assert!(moves.files.is_some(), "{:?}", moves.diagnostics);
        let (started, _) = tree.moved(&start_in("step.yaml"));
        let old = tree.stable[0].text().to_owned();
        prop_assert_eq!([old.clone(), old], captured(&started));
        let (back, _) = started.moved(&to(Move::Abort));
        prop_assert_eq!(tree.by_flags("stable"), back.as_in_git());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Reads the files below a folder in lexical order.
fn read(folder: &Path) -> Vec<Source> {
    let mut paths: Vec<_> = entries(folder);
    paths.sort();
    let read_one = |path: PathBuf| match path.is_dir() {
        true => read(&path),
        false => vec![source(&path)],
    };
    paths.into_iter().flat_map(read_one).collect()
}

fn read_flat(folder: &Path) -> Vec<Source> {
    let mut paths = entries(folder);
    paths.sort();
    let is_yaml = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    paths.iter().filter(is_yaml).map(|path| source(path)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn source(path: &Path) -> Source {
    Source::new(path.display().to_string(), fs::read_to_string(path).unwrap())
}

#[test]
fn a_name_does_not_steer_the_terminal_that_shows_the_status() {
    let mut tree = Tree::guide("\n");
    let text = tree.sources[0].text().replace("name: rollouts-demo", "name: \"a\\e[31m\"");
    tree.sources = vec![Source::new("all.yaml", text)];
    let found = status(&Input::new(tree.sources, None), &Options::default());
    assert!(found.to_text().contains(r"default/a\u{1b}[31m"), "{}", found.to_text());
}

#[test]
fn a_name_does_not_steer_the_terminal_that_shows_a_move() {
    let mut tree = Tree::guide("\n");
    let text = tree.sources[0].text().replace("name: rollouts-demo", "name: \"a\\e]0;b\\nc\"");
    tree.sources = vec![Source::new("a\u{1b}.yaml", text)];
    let input = Input::new(tree.sources, Some(tree.stable));
    let moving = start_in("step\u{1b}.yaml");
    let moves = move_steps(&input, &Options::default(), &moving);
    let said = [&moves.moved[0].sentence, &moves.moved[0].message];
    let files = moves.files.unwrap();
    assert!(said.iter().all(|text| text.contains(r"a\u{1b}]0;b\nc")), "{said:?}");
    let diff = files[0].to_diff();
    for text in [said[0], said[1], &diff] {
        assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{text:?}");
    }
}
