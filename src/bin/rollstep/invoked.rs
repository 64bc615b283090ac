//! By which name the command was started, and what that means.
//!
//! `kubectl` starts its plugins by the name of their file: `kubectl-rollstep` is the command, and
//! `kubectl_complete-rollstep` is asked how a line goes on.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use rollstep::escape;

use crate::args::{Args, Command};
use crate::commands::render::RenderArgs;
use crate::commands::{completion, diff};
use crate::log;
use crate::output::{FAILED, write_error};

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
    let arguments = diff::in_order(env::args_os().collect());
    let called = if name.starts_with(PLUGIN) { "kubectl rollstep" } else { "rollstep" };
    parse_words(&arguments, called).map_err(|error| {
        show(&error, &arguments);
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILED))
    })
}

/// Shows what is wrong with the arguments, or the help that was asked for.
///
/// An argument may be the name of a file that a stranger chose, so what it says is escaped.
fn show(error: &clap::Error, arguments: &[OsString]) {
    let text = error.render().to_string();
    let mut shown = text.clone();
    for argument in arguments.iter().map(|argument| argument.to_string_lossy()) {
        let value = argument.split_once('=').map_or("", |(_, value)| value);
        for part in [&*argument, value] {
            let escaped = escape::line(part);
            if escaped != part {
                shown = shown.replace(part, &escaped);
            }
        }
    }
    let shown = escape::lines(&shown);
    if shown != text {
        write_error(&shown);
        return;
    }
    if error.use_stderr() {
        log::note(&text);
    }
    // Nobody may be listening; that is not a reason to fail otherwise.
    let _ = error.print();
}

/// Reads the words of a command line.
///
/// clap builds the arguments of every command before it looks at the first word. `render` runs in
/// pipelines, once for each tree, and its own arguments are enough for it.
fn parse_words(words: &[OsString], called: &str) -> Result<Args, clap::Error> {
    match words {
        [_, first, ..] if first == "render" => {
            let command = RenderArgs::command().name("render").bin_name(format!("{called} render"));
            let mut matches = command.try_get_matches_from(words.iter().skip(1))?;
            let render = RenderArgs::from_arg_matches_mut(&mut matches)?;
            Ok(Args { command: Command::Render(render) })
        }
        _ => {
            let command = Args::command().bin_name(called.to_owned());
            Args::from_arg_matches_mut(&mut command.try_get_matches_from(words)?)
        }
    }
}
