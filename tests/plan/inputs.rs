//! What is planned: the guide, a whole tree, what is awkward, and every fixture.

use std::fs;
use std::path::{Path, PathBuf};

use rollstep::review::plan::Outcome;
use rollstep::{Input, Options, Source, StageName, review};

use crate::case;

fn read(path: &Path) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = match path.is_dir() {
        true => fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect(),
        false => vec![path.to_owned()],
    };
    paths.sort();
    let below = |path: &PathBuf| match path.is_dir() {
        true => read(path),
        false if path.extension().is_some_and(|extension| extension == "yaml") => {
            vec![Source::new(path.display().to_string(), fs::read_to_string(path).unwrap())]
        }
        false => Vec::new(),
    };
    paths.iter().flat_map(below).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn guide() -> (Input, Options) {
    let folder = root().join("fixtures/istio-guide");
    let files = ["deployment", "rollout", "service", "virtualservice"];
    let sources = files.iter().flat_map(|name| read(&folder.join(format!("{name}.yaml"))));
    let input = Input::new(sources.collect(), Some(read(&folder.join("stable"))));
    (input, Options { step: Some(StageName::Step(2)), ..Options::default() })
}

pub(crate) fn messy() -> (Input, Options) {
    (Input::new(read(&root().join("tests/plan/messy.yaml")), None), Options::default())
}

pub(crate) fn two_rollouts() -> (Input, Options) {
    (Input::new(read(&root().join("fixtures/two-rollouts-of-one-route")), None), Options::default())
}

pub(crate) fn elsewhere() -> (Input, Options) {
    let folder = root().join("fixtures/listed-route-of-another-namespace");
    (Input::new(read(&folder), None), Options::default())
}

pub(crate) fn shop() -> (Input, Options) {
    let folder = root().join("examples/shop");
    let input = Input::new(read(&folder.join("manifests")), Some(read(&folder.join("stable"))));
    (input, Options::default())
}

pub(crate) fn planned_fixtures() -> Vec<(String, Outcome)> {
    let cases = case::read_all().into_iter();
    let planned = cases.filter_map(|case| {
        let outcome = review::plan(case.input.as_ref().ok()?, &case.options);
        Some((case.name, outcome))
    });
    planned.collect()
}
