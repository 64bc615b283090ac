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
mod commands;
mod files;
mod output;
mod progress;
mod replace;
mod terminal;
mod tree;
mod tree;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser as _;
use rollstep::Move;

fn main() -> ExitCode {
    let done = commands::krm::run_bare().unwrap_or_else(run);
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(output::FAILED)
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments = commands::diff::in_order(std::env::args_os().collect());
    let Args { command } = Args::parse_from(arguments);
    match command {
        Command::Render(args) => commands::render::run(args),
        Command::Start(args) => commands::moves::start(args),
        Command::Approve(args) => commands::moves::approve(args),
        Command::Promote(args) => commands::moves::run(args, Move::Promote),
        Command::Finish(args) => commands::moves::run(args, Move::Finish),
        Command::Abort(args) => commands::moves::run(args, Move::Abort),
        Command::Status(args) => commands::status::run(args),
        Command::Start(args) => commands::moves::start(args),
        Command::Approve(args) => commands::moves::approve(args),
        Command::Promote(args) => commands::moves::run(args, Move::Promote),
        Command::Finish(args) => commands::moves::run(args, Move::Finish),
        Command::Abort(args) => commands::moves::run(args, Move::Abort),
        Command::Status(args) => commands::status::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Plan(args) => commands::plan::run(args),
        Command::Krm(args) => commands::krm::run(args),
    }
}
