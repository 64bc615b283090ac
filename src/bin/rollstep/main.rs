//! The command `rollstep`: arguments, files, streams and exit codes around the library.
//!
//! Knows only what the library offers to everybody. Manifests go to standard output, everything said
//! to a person goes to standard error.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "this is the shell around the library: files and streams are its business"
)]

mod args;
mod files;

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use args::{Args, Command, RenderArgs};
use clap::Parser as _;
use rollstep::Input;
use rollstep::diagnostic::Diagnostic;

/// The exit code of what could not be done.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let Args { command: Command::Render(args) } = Args::parse();
    match render(args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn render(args: RenderArgs) -> anyhow::Result<ExitCode> {
    args.check()?;
    let sources = files::read_all(&args.paths(), args.recursive)?;
    let stable =
        args.stable.as_deref().map(|path| files::read_all(&[path.to_owned()], args.recursive));
    let (sources, stable) = match (sources, stable.transpose()?) {
        (Ok(sources), None) => (sources, None),
        (Ok(sources), Some(Ok(stable))) => (sources, Some(stable)),
        (sources, stable) => {
            show(
                &sources
                    .err()
                    .into_iter()
                    .chain(stable.and_then(Result::err))
                    .flatten()
                    .collect::<Vec<_>>(),
            );
            return Ok(ExitCode::from(FAILED));
        }
    };
    let input = Input::new(sources, stable);
    let outcome = rollstep::render(&input, &args.into_options());
    show(&outcome.diagnostics);
    match outcome.parts {
        Some(parts) => {
            write_all(&parts).map(|()| ExitCode::SUCCESS).context("cannot write the result")
        }
        None => Ok(ExitCode::from(FAILED)),
    }
}

/// Shows diagnostics to a person, a blank line between two.
fn show(diagnostics: &[Diagnostic]) {
    let texts: Vec<_> = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    // Nobody may be listening; that is no reason to fail.
    let _ = io::stderr().lock().write_all(texts.join("\n").as_bytes());
}

/// Writes the result; a reader that has seen enough is no error.
fn write_all(parts: &[Cow<'_, str>]) -> io::Result<()> {
    let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = parts.iter().try_for_each(|part| stdout.write_all(part.as_bytes()));
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
