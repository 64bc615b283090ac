//! By which name the command was started, and what that means.
//!
//! `kubectl` starts its plugins by the name of their file: `kubectl-rollstep` is the command, and
//! `kubectl_complete-rollstep` is asked how a line goes on.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::Args;
use crate::commands::{completion, diff};
use crate::log;
use crate::output::FAILED;

/// The name by which `kubectl` asks for completion.
const COMPLETE: &str = "kubectl_complete-rollstep";

/// The beginning of the name of a plugin.
const PLUGIN: &str = "kubectl-";

/// Reads the arguments; without them, returns how the process ends.
pub(crate) fn parse() -> Result<Args, ExitCode> {
    let name = env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    if name == COMPLETE {
        let words = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        return Err(completion::complete(&words.collect::<Vec<_>>()));
    }
    let command = Args::command();
    let command = match name.starts_with(PLUGIN) {
        true => command.bin_name("kubectl rollstep"),
        false => command,
    };
    if let Err(error) = log::write_as_told() {
        eprintln!("error: {error:#}");
        return Err(ExitCode::from(FAILED));
    }
    let arguments = diff::in_order(env::args_os().collect());
    let matches = command.try_get_matches_from(arguments);
    matches.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        if error.use_stderr() {
            log::note(&error.to_string());
        }
        // Nobody may be listening; that is no reason to fail otherwise.
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILED))
    })
}
