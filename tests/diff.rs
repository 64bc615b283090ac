//! What `rollstep diff` says, in each format, and what holds of every diff.
//!
//! Goldens lie in tests/diff/snapshots; read `git diff tests/diff` after `INSTA_UPDATE=always cargo
//! test --test diff`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod case;
#[path = "diff/command.rs"]
mod command;
#[path = "diff/formats.rs"]
mod formats;
#[path = "diff/properties.rs"]
mod properties;
#[path = "diff/secrets.rs"]
mod secrets;

use rollstep::review::diff::{
    Color, Comment, Comparison, Labels, Unified, compare, to_json, to_json_patches, to_markdown,
    to_merge_patches, to_stat, to_unified,
};
use rollstep::{Movement, RenderedChange};

/// A diff, and what is known of it.
struct Diff {
    comparison: Comparison,
    movements: Vec<Movement>,
    labels: Labels,
}

impl Diff {
    fn of(change: RenderedChange<'_>) -> Self {
        fn documents(stage: rollstep::RenderedStage<'_>) -> Vec<rollstep::RenderedDocument<'_>> {
            stage.documents.unwrap_or_else(|| panic!("{:#?}", stage.diagnostics))
        }
        let comparison = compare(&documents(change.before), &documents(change.after)).folded();
        let labels = Labels::of(&change.movements);
        Self { comparison, movements: change.movements, labels }
    }

    fn unified(&self, color: Color) -> String {
        let labels = self.labels.clone();
        to_unified(&self.comparison, &Unified { labels, context: 3, color })
    }

    fn markdown(&self, max_length: usize) -> String {
        let comment = Comment { movements: &self.movements, context: 3, max_length };
        to_markdown(&self.comparison, &comment).unwrap()
    }

    /// Returns the diff in every format, by its name.
    fn all(&self) -> [(&'static str, String); 7] {
        [
            ("unified", self.unified(Color::Never)),
            ("color", self.unified(Color::Always).replace('\x1b', "␛")),
            ("stat", to_stat(&self.comparison)),
            ("markdown", self.markdown(65_000)),
            ("json", to_json(&self.comparison, &self.labels)),
            ("json-patch", to_json_patches(&self.comparison)),
            ("merge-patch", to_merge_patches(&self.comparison)),
        ]
    }
}

/// Compares a text with the one that is recorded under the name.
#[track_caller]
fn assert_recorded(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diff/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
