#![doc = include_str!("../README.md")]

pub mod diagnostic;
mod emit;
mod manifest;
mod model;
mod pipeline;
mod plan;
mod render;
mod source;

pub use emit::to_yaml;
pub use model::ObjectName;
pub use pipeline::{Format, Input, Options, Outcome, render};
pub use plan::{NoStageName, StageName};
pub use render::Only;
pub use source::{MAX_BYTES, Source};

/// Returns every object of `sources` as Kubernetes sees it, and what was found on the way.
///
/// Lists are taken apart; keys keep the order of the text.
///
/// # Errors
///
/// Every diagnostic, at least one of them an error.
pub fn read(sources: &[Source]) -> Result<Vec<serde_json::Value>, Vec<diagnostic::Diagnostic>> {
    let mut problems = diagnostic::Collector::default();
    let values = manifest::read_values(sources, &mut problems);
    if problems.has_errors() { Err(problems.into_diagnostics()) } else { Ok(values) }
}
