//! Writes the stream that the benchmarks read: `cargo run --example generate -- 13500 > x.yaml`.
#![allow(clippy::disallowed_methods, reason = "a command of its own, not the library")]

#[path = "../benches/stream.rs"]
mod stream;

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let documents = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let Some(documents) = documents else {
        return Err(io::Error::other("say how many documents, for example 685"));
    };
    io::stdout().lock().write_all(stream::stream(documents).as_bytes())
}
