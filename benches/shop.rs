//! How long a plan takes beside rendering what it shows: a tree of twenty services, eight of them rolled
//! out.
//!
//! A plan looks at the stages of each rollout by itself, so there is more for it to render; it should
//! still take no more than three times as long.

use std::fs;
use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use rollstep::review::plan::html::to_html;
use rollstep::{Input, Options, Purpose, Source, render_stages, review};

/// Renders every stage of the tree.
#[divan::bench]
fn render_all_stages(bencher: Bencher<'_, '_>) {
    let (input, options) = (shop(), Options::default());
    let stages = render_stages(&input, &options, Purpose::View);
    assert!(stages.iter().all(|(_, stage)| stage.documents.is_some()), "a stage is refused");
    bencher.bench(|| render_stages(black_box(&input), &options, Purpose::View).len());
}

/// Finds out what every stage of every rollout looks like.
#[divan::bench]
fn plan(bencher: Bencher<'_, '_>) {
    let (input, options) = (shop(), Options::default());
    let rollouts = review::plan(&input, &options).rollouts;
    assert_eq!(rollouts.map(|rollouts| rollouts.len()), Some(8), "the tree has changed");
    bencher.bench(|| review::plan(black_box(&input), &options).rollouts.is_some());
}

/// The same, and writes the page, which has all diffs in it.
#[divan::bench]
fn plan_as_a_page(bencher: Bencher<'_, '_>) {
    let (input, options) = (shop(), Options::default());
    bencher.bench(|| {
        let plan = review::plan(black_box(&input), &options);
        plan.rollouts.map(|rollouts| to_html(&rollouts).len())
    });
}

fn shop() -> Input {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    Input::new(read(&folder.join("manifests")), Some(read(&folder.join("stable"))))
}

/// Reads the files of a folder and of those below it, in their order.
#[allow(clippy::disallowed_methods, reason = "what is measured begins when the files are read")]
fn read(folder: &Path) -> Vec<Source> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        if path.is_dir() {
            sources.extend(read(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            sources.push(Source::new(path.display().to_string(), text));
        }
    }
    sources
}
