//! How a line goes on: scripts for shells, and answers for `kubectl`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::{PossibleValue, StyledStr};
use clap::{Arg, ArgAction, Command, CommandFactory as _, Parser};
use clap_complete::Shell;

use crate::args::Args;

/// Write a completion script.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep completion bash > /etc/bash_completion.d/rollstep
  rollstep completion fish > ~/.config/fish/completions/rollstep.fish")]
pub(crate) struct CompletionArgs {
    /// Shell that the script is for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionArgs) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "rollstep", &mut script);
    io::stdout().write_all(&script).context("cannot write the script")?;
    Ok(ExitCode::SUCCESS)
}

/// What `kubectl` offers besides our lines; from spf13/cobra:completions.go `ShellCompDirective`.
#[derive(Debug, Clone, Copy)]
enum Besides {
    Files = 0,
    Nothing = 4,
}

/// Answers `kubectl`, which gives the words so far, the last of them unfinished.
pub(crate) fn complete(words: &[String]) -> ExitCode {
    let (begun, before) = match words.split_last() {
        Some((last, before)) => (last.as_str(), before),
        None => ("", words),
    };
    let mut root = Args::command();
    root.build();
    let command = descend(&root, before);
    let (offers, besides) = offers(command, before.last().map(String::as_str), begun);
    let mut lines: Vec<_> =
        offers.into_iter().filter(|line| line.starts_with(begun)).map(|line| line + "\n").collect();
    lines.push(format!(":{}\n", besides as u8));
    match io::stdout().write_all(lines.concat().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Returns the command that the words lead to.
fn descend<'c>(root: &'c Command, words: &[String]) -> &'c Command {
    let mut command = root;
    for word in words {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    command
}

/// Returns what can come next, each with a description behind a tab.
fn offers(command: &Command, before: Option<&str>, begun: &str) -> (Vec<String>, Besides) {
    let valued = command.get_arguments().find(|arg| {
        matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
            && before.is_some_and(|word| is_named(arg, word))
    });
    let positional = command.get_positionals().next();
    if let Some(arg) = valued {
        return values(arg);
    }
    if begun.starts_with('-') {
        let options = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let named = options.filter_map(|arg| Some((format!("--{}", arg.get_long()?), arg)));
        let lines = named.map(|(name, arg)| described(&name, arg.get_help()));
        return (lines.collect(), Besides::Nothing);
    }
    if let Some(arg) = positional {
        return values(arg);
    }
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let lines = below.map(|below| described(below.get_name(), below.get_about()));
    (lines.collect(), Besides::Nothing)
}

fn is_named(arg: &Arg, word: &str) -> bool {
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    long.as_deref() == Some(word) || short.as_deref() == Some(word)
}

fn values(arg: &Arg) -> (Vec<String>, Besides) {
    let possible = arg.get_possible_values();
    let shown = possible.iter().filter(|value| !value.is_hide_set());
    let line = |value: &PossibleValue| described(value.get_name(), value.get_help());
    let lines: Vec<_> = shown.map(line).collect();
    let path = arg.get_value_names().into_iter().flatten().any(|name| name.as_str() == "PATH");
    (lines, if path { Besides::Files } else { Besides::Nothing })
}

fn described(name: &str, about: Option<&StyledStr>) -> String {
    let about = about.map(ToString::to_string).unwrap_or_default();
    match about.lines().next() {
        Some(about) => format!("{name}\t{about}"),
        None => name.to_owned(),
    }
}
