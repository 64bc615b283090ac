//! Whether what is written is coloured.

use clap::{Args, ValueEnum};

use crate::terminal;

/// Colours.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ColorArgs {
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

impl ColorArgs {
    /// Returns whether standard output is to be coloured.
    pub(crate) fn is_on(self) -> bool {
        match self.color {
            When::Auto => terminal::takes_color(),
            When::Always => true,
            When::Never => false,
        }
    }
}
