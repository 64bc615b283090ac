//! How a diff is written.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use rollstep::Movement;
use rollstep::review::diff::{
    Color, Comment, Comparison, Labels, Unified, to_json, to_json_patches, to_markdown,
    to_merge_patches, to_stat, to_unified,
};

use crate::args::ColorArgs;

/// The format, and what belongs to one of them.
#[derive(Debug, Clone, Args)]
pub(super) struct FormatArgs {
    /// Format of the diff
    #[arg(short, long, value_name = "FORMAT", default_value = "unified", help_heading = "Output")]
    output: Output,

    /// Say for each object how many lines differ, and no more
    #[arg(long, conflicts_with = "output", help_heading = "Output")]
    stat: bool,

    /// Lines to show around those that differ
    #[arg(short = 'U', long, value_name = "LINES", default_value_t = 3, help_heading = "Output")]
    unified: usize,

    /// Show long annotations, such as the original of a route, in full
    #[arg(long, help_heading = "Output")]
    full: bool,

    /// Most bytes of a Markdown comment; whole objects are left out from the end
    #[arg(long, value_name = "BYTES", default_value_t = 65_000, help_heading = "Output")]
    max_length: usize,

    #[command(flatten)]
    color: ColorArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    /// Lines, for people
    Unified,
    /// A comment on a pull request
    Markdown,
    /// One object of JSON with the values before and after
    Json,
    /// A JSON patch (RFC 6902) for each object
    JsonPatch,
    /// A JSON merge patch (RFC 7386) for each object
    MergePatch,
}

impl FormatArgs {
    /// Writes what differs; fails where it may not be as long as it must.
    pub(super) fn write(
        &self,
        comparison: Comparison,
        labels: &Labels,
        movements: &[Movement],
    ) -> anyhow::Result<String> {
        let folded = if self.full { comparison } else { comparison.folded() };
        if self.stat {
            return Ok(to_stat(&folded));
        }
        Ok(match self.output {
            Output::Unified => {
                let color = if self.color.is_on() { Color::Always } else { Color::Never };
                let labels = labels.clone();
                to_unified(&folded, &Unified { labels, context: self.unified, color })
            }
            Output::Markdown => {
                let (context, max_length) = (self.unified, self.max_length);
                let comment = Comment { movements, context, max_length };
                to_markdown(&folded, &comment).context("`--max-length` is too small")?
            }
            Output::Json => to_json(&folded, labels),
            Output::JsonPatch => to_json_patches(&folded),
            Output::MergePatch => to_merge_patches(&folded),
        })
    }
}
