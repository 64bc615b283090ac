//! Where fuzzing starts: the fixtures, each as one text, and what lies in `seeds/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::render::DIVIDER;

/// Returns the seeds of a target, in an order that does not change.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds: Vec<Vec<u8>> = entries(&root.join("seeds").join(target))
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    for fixture in entries(&root.join("../fixtures")).into_iter().filter(|path| path.is_dir()) {
        let text = stream(&fixture);
        match target {
            "read" => seeds.push(text),
            "scan" => seeds.extend(documents(&text)),
            "edit" => seeds.extend(edits(&text)),
            "render" => seeds.extend(steps(&text, &fixture)),
            other => panic!("there is no target `{other}`"),
        }
    }
    seeds.retain(|seed| seed.len() < 64 * 1024);
    seeds
}

/// Returns each document alone: that is what is scanned.
fn documents(text: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let ended = |text: &str| format!("{}\n", text.trim_end_matches('\n')).into_bytes();
    text.split("\n---\n").map(ended).collect()
}

/// No edit at all makes the second document of the first; the others are a few of each kind.
fn edits(text: &[u8]) -> Vec<Vec<u8>> {
    let picks: [&[u8]; 3] = [&[0], &[2, 40, 0, 7, 200, 3, 0], &[3, 90, 4, 1, 130, 1, 8, 230, 5, 2]];
    picks.iter().map(|picks| [picks, text].concat()).collect()
}

/// Steps 1 and 2, `promote` and `done`, the first two with the old version where there is one.
fn steps(text: &[u8], fixture: &Path) -> Vec<Vec<u8>> {
    let stable = fixture.join("stable");
    let old = if stable.is_dir() { stream(&stable) } else { Vec::new() };
    let divided = [text, DIVIDER.as_bytes(), &old].concat();
    let text = if old.is_empty() { text } else { &divided };
    [5, 6, 2, 3].iter().map(|step| [&[*step, 0], text].concat()).collect()
}

/// Returns the manifests of a folder as one stream.
fn stream(folder: &Path) -> Vec<u8> {
    let is_manifest = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "yml" | "json"))
    };
    let files = entries(folder).into_iter().filter(is_manifest);
    let texts: Vec<_> = files.map(|file| fs::read(file).unwrap()).collect();
    texts.join("\n---\n".as_bytes())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
