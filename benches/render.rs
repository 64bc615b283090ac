//! How long it takes to render a stage: the guide's rollout alone, and in the midst of a large stream.
//! [`shop`] has a plan beside it.

mod shop;
mod stream;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use rollstep::{Input, Options, Source, StageName, read, render};
use stream::{GUIDE, stream};

const OLD_WORKLOAD: &str = include_str!("../fixtures/istio-guide/stable/deployment.yaml");

/// How many documents make 1 MB and 20 MB.
const DOCUMENTS: [usize; 2] = [685, 13_500];

fn main() {
    divan::main();
}

/// Renders one step of the guide's rollout.
#[divan::bench(args = ["1", "2", "promote"])]
fn guide(bencher: Bencher<'_, '_>, step: &str) {
    let sources = GUIDE.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let stable = vec![Source::new("stable/deployment.yaml", OLD_WORKLOAD)];
    let input = Input::new(sources, Some(stable));
    let options = at_step(step);
    bencher.bench(|| render(black_box(&input), &options).parts.is_some());
}

/// Renders a step where almost every document passes through as it is.
#[divan::bench(args = DOCUMENTS, sample_count = 10, sample_size = 1)]
fn pass_through(bencher: Bencher<'_, '_>, documents: usize) {
    let sources = vec![Source::new("stream.yaml", stream(documents))];
    let size = sources.iter().map(|source| source.text().len()).sum::<usize>();
    let input = Input::new(sources, None);
    let options = at_step("2");
    assert!(render(&input, &options).parts.is_some(), "the stream is refused");
    bencher
        .counter(BytesCount::new(size))
        .bench(|| render(black_box(&input), &options).parts.is_some());
}

/// Reads every document as a value.
#[divan::bench(args = DOCUMENTS, sample_count = 10, sample_size = 1)]
fn values(bencher: Bencher<'_, '_>, documents: usize) {
    let sources = [Source::new("stream.yaml", stream(documents))];
    let size = sources.iter().map(|source| source.text().len()).sum::<usize>();
    bencher.counter(BytesCount::new(size)).bench(|| read(black_box(&sources)).is_ok());
}

fn at_step(step: &str) -> Options {
    Options { step: step.parse::<StageName>().ok(), ..Options::default() }
}
