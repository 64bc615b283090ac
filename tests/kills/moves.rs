//! Moves that are killed: each file is as it was before or as it is after, and the same move can be made
//! again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{contents, finish, kill_after, kills};

/// A tree to move in, and the moves that are made one after another.
struct Moves {
    name: &'static str,
    tree: &'static str,
    stable: &'static str,
    moves: &'static [&'static [&'static str]],
}

/// One file, from its creation to the end.
const ONE: Moves = Moves {
    name: "one",
    tree: "fixtures/istio-guide",
    stable: "fixtures/istio-guide/stable",
    moves: &[
        &["start"],
        &["abort"],
        &["start"],
        &["approve"],
        &["approve"],
        &["promote"],
        &["finish"],
    ],
};

/// The files of several rollouts, in folders of their own.
const ALL: Moves = Moves {
    name: "all",
    tree: "examples/shop/manifests/backoffice",
    stable: "examples/shop/stable",
    moves: &[&["start", "--all"], &["abort", "--all"], &["start", "--all"]],
};

type Tree = BTreeMap<PathBuf, Vec<u8>>;

impl Moves {
    fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kills-moves-{}", self.name))
    }

    fn run(&self, index: usize) -> Command {
        let words = self.moves[index];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
        command.args(words).args(["-R", "-f"]).arg(self.folder());
        command.args(["--allow", "replicas-autoscaled"]);
        if words[0] == "start" {
            command.arg("--stable");
            command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(self.stable));
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Makes the tree anew: every manifest, and no RollStep.
    fn make(&self) -> Tree {
        let _ = fs::remove_dir_all(self.folder());
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.tree);
        let mut tree = Tree::new();
        for (path, bytes) in contents(&from) {
            let path = path.strip_prefix(&from).unwrap();
            let is_left_out = path.ends_with("step.yaml") || path.starts_with("stable");
            if !is_left_out {
                tree.insert(self.folder().join(path), bytes);
            }
        }
        restore(&self.folder(), &tree);
        tree
    }
}

/// Makes a folder hold these files and no others.
fn restore(folder: &Path, tree: &Tree) {
    fs::create_dir_all(folder).unwrap();
    for path in contents(folder).keys().filter(|path| !tree.contains_key(*path)) {
        fs::remove_file(path).unwrap();
    }
    for (path, bytes) in tree {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Whether a file is the text of a move that lies beside the file that it would replace.
fn is_beside(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.starts_with('.') && name.ends_with(".rollstep")
}

fn kill_moves(moves: &Moves) {
    let mut trees = vec![moves.make()];
    let mut takes = Vec::new();
    for index in 0..moves.moves.len() {
        let start = Instant::now();
        finish(&mut moves.run(index));
        takes.push(start.elapsed());
        trees.push(contents(&moves.folder()));
    }
    let (mut beside, mut between) = (0, 0);
    for kill in 0..kills() {
        let index = kill as usize % moves.moves.len();
        let (before, after) = (&trees[index], &trees[index + 1]);
        restore(&moves.folder(), before);
        // Files are written at the end of a run.
        let late = takes[index] / 2 + takes[index] * 6 / 10 * (kill + 1) / kills();
        kill_after(moves.run(index), late);
        let mut found = contents(&moves.folder());
        beside += usize::from(found.keys().any(|path| is_beside(path)));
        found.retain(|path, _| !is_beside(path));
        for (path, bytes) in before {
            let now = found.get(path);
            assert!(now == Some(bytes) || now == after.get(path), "kill {kill}: {path:?}");
        }
        for (path, bytes) in &found {
            let known = before.get(path) == Some(bytes) || after.get(path) == Some(bytes);
            assert!(known, "kill {kill}: {path:?}");
        }
        if found != *after {
            between += usize::from(found != *before);
            finish(&mut moves.run(index));
        }
        assert!(contents(&moves.folder()) == *after, "kill {kill}: another tree");
    }
    let name = moves.name;
    println!("{name}: {} kills, {beside} left a text, {between} were between two files", kills());
}

#[test]
fn a_move_that_is_killed_can_be_made_again() {
    kill_moves(&ONE);
}

#[test]
fn moves_of_several_files_that_are_killed_can_be_made_again() {
    kill_moves(&ALL);
}
