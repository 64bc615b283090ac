//! Problems: a code, a place and a repair for each.
//!
//! Every problem is collected, not only the first. A [`Diagnostic`] has a stable code, so that it
//! can be acknowledged and looked up, and a location that a person can go to. Inside the library a
//! problem is a [`Problem`]: it points at a byte of a source, and line and column are looked up
//! when it is shown.

pub mod codes;
mod explanation;
mod limit;
mod lines;
mod listed;
mod nearest;
mod problem;

use std::fmt;

use crate::escape;
pub(crate) use limit::limited;
pub(crate) use lines::Lines;
pub(crate) use listed::listed;
pub(crate) use nearest::nearest;
pub(crate) use problem::{Collector, Place, Problem};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// The result is written; a person should look.
    Warning,
    /// Something worth knowing.
    Note,
}

impl Severity {
    /// Returns the word shown before the code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One kind of problem, known by a name that never changes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// The stable name, in kebab case.
    pub name: &'static str,
    /// How bad it is unless acknowledged.
    pub severity: Severity,
    /// Whether `--allow` may acknowledge it.
    pub allowable: bool,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// A place in an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The name of the source.
    pub file: String,
    /// The line, from 1; 0 where the problem is with the source as a whole.
    pub line: usize,
    /// The column in characters, from 1; 0 where the problem is with the source as a whole.
    pub column: usize,
    /// The path of the field in its object, such as `spec.workloadRef.name`.
    pub field: Option<String>,
    /// The text of the line, with the values of a Secret masked.
    pub source_line: Option<String>,
}

impl Location {
    /// Returns the location that is a whole file.
    pub fn of_file(name: &str) -> Self {
        Self { file: name.to_owned(), line: 0, column: 0, field: None, source_line: None }
    }
}

/// One problem, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: &'static Code,
    /// How bad it is here.
    pub severity: Severity,
    /// What was found: lower case, no final stop.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// The repair, as an instruction.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns a diagnostic without a location.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        let severity = code.severity;
        Self { code, severity, message: message.into(), location: None, help: None }
    }

    /// Adds the location.
    #[must_use]
    pub fn with_location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds the repair.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Shows the diagnostic as a person reads it, over several lines.
///
/// ```text
/// error[unknown-service]: rollout `web` sends traffic to service `webb`, which is not in the input
///   --> rollout.yaml:21:18 (spec.strategy.canary.trafficRoutings[0].service)
///    |
/// 21 |       - service: webb
///    |                  ^
///    = help: add service `webb`, or correct the name; did you mean `web`?
/// ```
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = escape::line(cut(&self.message));
        write!(f, "{}[{}]: {message}", self.severity.as_str(), self.code.name)?;
        let gutter = match &self.location {
            Some(location) => show_location(f, location)?,
            None => 1,
        };
        if let Some(help) = &self.help {
            write!(f, "\n{:gutter$} = help: {}", "", escape::line(cut(help)))?;
        }
        Ok(())
    }
}

/// The most bytes that are shown of a message or of its parts: a name can be as long as its file.
const MAX_SHOWN: usize = 4_000;

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_SHOWN)).unwrap_or(text)
}

/// Writes the place and its line; returns the width of the line number.
fn show_location(f: &mut fmt::Formatter<'_>, location: &Location) -> Result<usize, fmt::Error> {
    let gutter = location.line.to_string().len();
    write!(f, "\n{:gutter$}--> {}", "", escape::line(cut(&location.file)))?;
    if location.line > 0 {
        write!(f, ":{}:{}", location.line, location.column)?;
    }
    if let Some(field) = &location.field {
        write!(f, " ({})", escape::line(cut(field)))?;
    }
    if let Some(text) = &location.source_line {
        // A place behind what is shown is marked at its end.
        let before: String = text.chars().take(location.column.saturating_sub(1)).collect();
        let mark = format!("{}^", " ".repeat(escape::line(&before).chars().count()));
        let text = escape::line(text);
        write!(f, "\n{:gutter$} |\n{} | {text}\n{:gutter$} | {mark}", "", location.line, "")?;
    }
    Ok(gutter)
}
