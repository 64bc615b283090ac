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
mod git;
mod invoked;
mod log;
mod output;
mod progress;
mod replace;
mod terminal;
mod tree;

use std::process::ExitCode;

use args::{Args, Command};
use rollstep::Move;

fn main() -> ExitCode {
    let done = log::write_as_told().and_then(|()| commands::krm::run_bare().unwrap_or_else(run));
    done.unwrap_or_else(|error| {
        output::show_lines([format!("error: {error:#}")]);
        ExitCode::from(output::FAILED)
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let Args { command } = match invoked::parse() {
        Ok(args) => args,
        Err(code) => return Ok(code),
    };
    match command {
        Command::Render(args) => commands::render::run(args),
        Command::Plan(args) => commands::plan::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Start(args) => commands::moves::start(&args),
        Command::Approve(args) => commands::moves::approve(&args),
        Command::Promote(args) => commands::moves::run(&args, Move::Promote),
        Command::Finish(args) => commands::moves::run(&args, Move::Finish),
        Command::Abort(args) => commands::moves::run(&args, Move::Abort),
        Command::Status(args) => commands::status::run(args),
        Command::Krm(args) => commands::krm::run(args),
        Command::Argocd(args) => commands::argocd::run(args),
        Command::Completion(args) => commands::completion::run(&args),
        Command::Man(args) => commands::man::run(&args),
    }
}
