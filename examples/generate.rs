//! Writes the streams that the benchmarks read.
//!
//! ```text
//! cargo run --example generate -- 13500 > documents.yaml
//! cargo run --example generate -- rollouts 1000 > rollouts.yaml
//! cargo run --example generate -- rollouts 1000 1000 > in-one-namespace.yaml
//! ```
#![allow(clippy::disallowed_methods, reason = "a command of its own, not the library")]

#[path = "../benches/rollouts.rs"]
mod rollouts;
#[path = "../benches/stream.rs"]
mod stream;

use std::io::{self, Write as _};

/// How many rollouts a namespace holds, where the command line does not say.
const TOGETHER: usize = 40;

fn main() -> io::Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        ["rollouts", count] => count.parse().map(|count| rollouts::rollouts(count, TOGETHER)),
        ["rollouts", count, together] => together
            .parse()
            .and_then(|together| count.parse().map(|count| rollouts::rollouts(count, together))),
        [documents] => documents.parse().map(stream::stream),
        _ => return Err(io::Error::other(USAGE)),
    };
    let text = text.map_err(|_| io::Error::other(USAGE))?;
    io::stdout().lock().write_all(text.as_bytes())
}

const USAGE: &str = "say how many documents, for example 685; or `rollouts`, how many, and how many of \
                     them a namespace holds, for example 1000 40";
