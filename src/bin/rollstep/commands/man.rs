//! Man pages, for those who make packages.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser};

use crate::args::Args;

/// Write the man pages into a directory, one per command.
#[derive(Debug, Parser)]
pub(crate) struct ManArgs {
    /// Directory that the pages are written to; made where it is not there
    #[arg(value_name = "PATH")]
    directory: PathBuf,
}

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let context = || format!("cannot write to {}", args.directory.display());
    fs::create_dir_all(&args.directory).with_context(context)?;
    clap_mangen::generate_to(Args::command(), &args.directory).with_context(context)?;
    Ok(ExitCode::SUCCESS)
}
