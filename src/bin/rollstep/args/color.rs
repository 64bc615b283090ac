//! Whether what is written is coloured.

use std::io::{self, IsTerminal as _};

use clap::{Args, ValueEnum};

/// Colours.
#[derive(Debug, Clone, Args)]
pub(crate) struct ColorArgs {
    /// When to use colours; `auto` is on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl ColorArgs {
    /// Returns whether standard output is to be coloured.
    pub(crate) fn is_on(&self) -> bool {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.color {
            When::Auto => io::stdout().is_terminal() && !unwanted,
            When::Always => true,
            When::Never => false,
        }
    }
}
