//! The targets over their seeds and a bounded number of changes of them, the same ones every time.

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// A hang, not slowness: an input of a few kilobytes takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn read() {
    run("read", rollstep_fuzz::read, 50_000);
}

#[test]
fn edit() {
    run("edit", rollstep_fuzz::edit, 20_000);
}

#[test]
fn render() {
    run("render", rollstep_fuzz::render, 10_000);
}

#[test]
fn scan() {
    run("scan", rollstep_fuzz::scan, 200_000);
}

/// Runs a target: as often as is said here, or from another beginning and for as many runs as
/// `FUZZ_SEED` and `FUZZ_RUNS` say.
fn run(name: &str, target: fn(&[u8]), runs: usize) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let runs = number("FUZZ_RUNS").map_or(runs, |runs| runs as usize);
    let seeds = rollstep_fuzz::seeds::of(name);
    let words = words();
    let mut random = Random(number("FUZZ_SEED").unwrap_or(1));
    seeds.iter().for_each(|seed| run_one(name, target, seed));
    for _ in 0..runs {
        let input = mutate(&seeds, &words, &mut random);
        run_one(name, target, &input);
    }
}

fn run_one(name: &str, target: fn(&[u8]), input: &[u8]) {
    let start = Instant::now();
    let outcome = catch_unwind(|| target(input));
    let took = start.elapsed();
    if outcome.is_err() || took > PATIENCE {
        let path = std::env::temp_dir().join(format!("rollstep-{name}"));
        std::fs::write(&path, input).unwrap();
        panic!("{name} fails or takes long ({took:?}) on {}", path.display());
    }
}

/// Returns a seed with a few changes.
fn mutate(seeds: &[Vec<u8>], words: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = random.pick(seeds).clone();
    for _ in 0..=random.below(4) {
        let start = random.below(input.len() + 1);
        let end = (start + random.below(24)).min(input.len());
        match random.below(7) {
            0 => drop(input.splice(start..end, [])),
            1 => drop(input.splice(start..start, random.pick(words).iter().copied())),
            2 => drop(input.splice(start..end, random.pick(words).iter().copied())),
            3 => {
                let copied = input[start..end].to_vec();
                let to = random.below(input.len() + 1);
                drop(input.splice(to..to, copied));
            }
            4 => {
                let other = random.pick(seeds);
                let from = random.below(other.len() + 1);
                let copied = &other[from..(from + random.below(200)).min(other.len())];
                drop(input.splice(start..end, copied.iter().copied()));
            }
            5 if start < end => input[start] = random.below(128) as u8,
            _ if start < end => input[start] ^= 1 << random.below(8),
            _ => input.truncate(start),
        }
    }
    input
}

/// Returns the words of the dictionary.
fn words() -> Vec<Vec<u8>> {
    let lines = include_str!("../kubernetes.dict").lines();
    let quoted = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let unescape = |word: &str| {
        word.replace("\\x0a", "\n")
            .replace("\\x0d", "\r")
            .replace("\\x09", "\t")
            .replace("\\\"", "\"")
            .replace("\\\\", "\\")
    };
    quoted.map(|word| unescape(word).into_bytes()).collect()
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'s, T>(&mut self, from: &'s [T]) -> &'s T {
        &from[self.below(from.len())]
    }
}
