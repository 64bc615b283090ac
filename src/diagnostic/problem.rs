//! Problems while they are collected: places are bytes of a source, not yet lines.

use super::{Code, Diagnostic, Location, Severity};
use crate::source::Source;

/// A byte of a source and the field that lies there.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    pub(crate) source: &'a Source,
    pub(crate) offset: usize,
    pub(crate) field: Option<String>,
    /// Whether the lines around may hold values of a Secret.
    pub(crate) secret: bool,
}

/// A diagnostic whose line and column are not looked up yet.
#[derive(Debug, Clone)]
pub(crate) struct Problem<'a> {
    code: &'static Code,
    message: String,
    help: Option<String>,
    place: Option<Place<'a>>,
}

impl<'a> Problem<'a> {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, place: None }
    }

    pub(crate) fn at(mut self, place: Place<'a>) -> Self {
        self.place = Some(place);
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Every problem found so far, and what the user has acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Collector<'a> {
    problems: Vec<Problem<'a>>,
    allowed: Vec<&'static Code>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(allowed: Vec<&'static Code>) -> Self {
        Self { problems: Vec::new(), allowed }
    }

    pub(crate) fn push(&mut self, problem: Problem<'a>) {
        self.problems.push(problem);
    }

    /// Takes over the problems of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }

    /// Returns whether anything but `code` was found.
    pub(crate) fn has_any_besides(&self, code: &'static Code) -> bool {
        self.problems.iter().any(|problem| problem.code != code)
    }

    /// Returns whether anything found so far forbids writing.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| self.severity(problem) == Some(Severity::Error))
    }

    /// An acknowledged error is shown as a warning; an acknowledged warning is not shown.
    fn severity(&self, problem: &Problem<'a>) -> Option<Severity> {
        let allowed = problem.code.allowable && self.allowed.contains(&problem.code);
        match problem.code.severity {
            Severity::Error if allowed => Some(Severity::Warning),
            _ if allowed => None,
            severity => Some(severity),
        }
    }

    /// Returns the problems as shown: errors first, then by place, then as found.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        // Beside an error nobody has an eye for notes.
        let least = if self.has_errors() { Severity::Warning } else { Severity::Note };
        let mut shown: Vec<_> = self
            .problems
            .iter()
            .filter_map(|problem| Some((self.severity(problem)?, problem)))
            .filter(|(severity, _)| *severity <= least)
            .collect();
        shown.sort_by_key(|(severity, problem)| (*severity, sort_place(problem)));
        let mut diagnostics: Vec<_> =
            shown.into_iter().map(|(severity, problem)| to_diagnostic(problem, severity)).collect();
        diagnostics.dedup();
        diagnostics
    }
}

fn sort_place<'p>(problem: &'p Problem<'_>) -> (Option<(&'p str, usize)>, &'static str) {
    let place = problem.place.as_ref();
    (place.map(|place| (place.source.name(), place.offset)), problem.code.name)
}

fn to_diagnostic(problem: &Problem<'_>, severity: Severity) -> Diagnostic {
    Diagnostic {
        code: problem.code,
        severity,
        message: problem.message.clone(),
        location: problem.place.as_ref().map(to_location),
        help: problem.help.clone(),
    }
}

/// Looks up line and column, counted from 1, columns in characters.
fn to_location(place: &Place<'_>) -> Location {
    let text = place.source.text();
    let before = text.get(..place.offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    Location {
        file: place.source.name().to_owned(),
        line: 1 + before.bytes().filter(|&byte| byte == b'\n').count(),
        column: 1 + before.get(line_start..).unwrap_or_default().chars().count(),
        field: place.field.clone(),
        source_line: Some(if place.secret { mask(line) } else { show(line) }),
    }
}

/// The longest source line that is shown, in characters.
const MAX_SHOWN: usize = 160;

/// Cuts long lines and shows tabs as one space, so that the mark below stands where it should.
fn show(line: &str) -> String {
    let mut shown: String = line.chars().take(MAX_SHOWN).map(visible).collect();
    if line.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Shows what a terminal would act on as a replacement character.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Hides all of a line but its indentation: whether it begins with a key or is the middle of a value
/// cannot be told from the line.
fn mask(line: &str) -> String {
    let blanks = line.chars().take_while(|&character| character == ' ').count();
    format!("{:blanks$}***", "")
}
