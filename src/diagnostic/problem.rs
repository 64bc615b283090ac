//! Problems while they are collected: places are bytes of a source, not yet lines.

use std::collections::BTreeSet;

use super::limit::limited;
use super::lines::{Lines, Position};
use super::{Code, Diagnostic, Location, Severity};
use crate::effort;
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
    severity: Severity,
    message: String,
    help: Option<String>,
    place: Option<Place<'a>>,
}

impl<'a> Problem<'a> {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        let severity = code.severity;
        Self { code, severity, message: message.into(), help: None, place: None }
    }

    /// Makes a warning of what would be an error elsewhere.
    pub(crate) fn into_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Returns whether nothing is written because of it.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
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
#[derive(Debug, Clone, Default)]
pub(crate) struct Collector<'a> {
    problems: Vec<(Severity, Problem<'a>)>,
    allowed: Vec<&'static Code>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(allowed: Vec<&'static Code>) -> Self {
        Self { problems: Vec::new(), allowed }
    }

    /// Adds a problem; an acknowledged error becomes a warning, and an acknowledged warning is
    /// dropped.
    pub(crate) fn push(&mut self, problem: Problem<'a>) {
        effort::count(1 + self.allowed.len());
        let allowed = problem.code.allowable && self.allowed.contains(&problem.code);
        match problem.severity {
            Severity::Error if allowed => self.problems.push((Severity::Warning, problem)),
            severity if !allowed => self.problems.push((severity, problem)),
            _ => {}
        }
    }

    /// Adds problems.
    pub(crate) fn extend(&mut self, problems: Vec<Problem<'a>>) {
        for problem in problems {
            self.push(problem);
        }
    }

    /// Runs `work` with further codes acknowledged.
    pub(crate) fn allowing<T>(
        &mut self,
        codes: &[&'static Code],
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.allowed.len();
        self.allowed.extend_from_slice(codes);
        let result = work(self);
        self.allowed.truncate(before);
        result
    }

    /// Takes over the problems of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        for (_, problem) in other.problems {
            self.push(problem);
        }
    }

    /// Takes over the problems of `other` that have none of the codes.
    pub(crate) fn append_besides(&mut self, other: Self, codes: &[&'static Code]) {
        let others = other.problems.into_iter().map(|(_, problem)| problem);
        others.filter(|problem| !codes.contains(&problem.code)).for_each(|one| self.push(one));
    }

    /// Takes over the problems of a rollout that acknowledges these codes; of a companion, which is not
    /// rendered itself, only the errors that are left.
    pub(crate) fn append_of_rollout(
        &mut self,
        found: Self,
        allowed: &[&'static Code],
        companion: bool,
    ) {
        if !companion {
            self.allowing(allowed, |all| all.append(found));
            return;
        }
        let mut own = Self::new(allowed.to_vec());
        own.append(found);
        for (severity, problem) in own.problems {
            if severity == Severity::Error {
                self.push(problem);
            }
        }
    }

    /// Returns whether anything but `code` was found.
    pub(crate) fn has_any_besides(&self, code: &'static Code) -> bool {
        self.problems.iter().any(|(_, problem)| problem.code != code)
    }

    /// Returns whether anything found so far forbids writing.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(|(severity, _)| *severity == Severity::Error)
    }

    /// Returns whether anything found so far stands in the way of even looking at the result.
    ///
    /// What may be acknowledged can be rendered, so a view shows it beside the error.
    pub(crate) fn has_errors_that_stay(&self) -> bool {
        self.problems
            .iter()
            .any(|(severity, problem)| *severity == Severity::Error && !problem.code.allowable)
    }

    /// Returns the problems as shown: errors first, then by place, then as found.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.into_diagnostics_along(&mut Lines::default())
    }

    /// Returns the problems as shown, their places looked up from the one that was looked up last.
    pub(crate) fn into_diagnostics_along(mut self, lines: &mut Lines<'a>) -> Vec<Diagnostic> {
        // Beside an error no one has an eye for notes.
        let least = if self.has_errors() { Severity::Warning } else { Severity::Note };
        self.problems.retain(|(severity, _)| *severity <= least);
        let diagnostics = self.into_shown(lines).into_iter().map(|(one, _)| one).collect();
        limited(diagnostics, |one| one, |one| one)
    }

    /// Returns every problem once, in the same order, and whether it is an error that was acknowledged.
    pub(crate) fn into_told(self) -> Vec<(Diagnostic, bool)> {
        self.into_shown(&mut Lines::default())
    }

    fn into_shown(mut self, lines: &mut Lines<'a>) -> Vec<(Diagnostic, bool)> {
        self.problems
            .sort_by(|(one, a), (other, b)| (one, sort_place(a)).cmp(&(other, sort_place(b))));
        let mut known = BTreeSet::new();
        let new = self.problems.iter().filter(|(severity, problem)| {
            effort::count(1);
            known.insert((severity, sort_place(problem), &problem.message, &problem.help))
        });
        let told = new.map(|(severity, problem)| {
            let acknowledged = *severity != problem.severity;
            (to_diagnostic(problem, *severity, lines), acknowledged)
        });
        told.collect()
    }
}

fn sort_place<'p>(problem: &'p Problem<'_>) -> (Option<(&'p str, usize)>, &'static str) {
    let place = problem.place.as_ref();
    (place.map(|place| (place.source.name(), place.offset)), problem.code.name)
}

fn to_diagnostic<'a>(
    problem: &Problem<'a>,
    severity: Severity,
    lines: &mut Lines<'a>,
) -> Diagnostic {
    Diagnostic {
        code: problem.code,
        severity,
        message: problem.message.clone(),
        location: problem.place.as_ref().map(|place| to_location(place, lines)),
        help: problem.help.clone(),
    }
}

fn to_location<'a>(place: &Place<'a>, lines: &mut Lines<'a>) -> Location {
    let Position { line, column, line_start, .. } = lines.find(place.source, place.offset);
    let text = first_line(place.source.text().get(line_start..).unwrap_or_default());
    Location {
        file: place.source.name().to_owned(),
        line,
        column,
        field: place.field.clone(),
        source_line: Some(if place.secret { mask(text) } else { cut(text) }),
    }
}

/// Returns the first line of `text`, or what of it is looked at.
fn first_line(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_SHOWN + 1).map_or(text.len(), |(end, _)| end);
    text.get(..end).and_then(|text| text.lines().next()).unwrap_or_default()
}

/// The longest source line that is shown, in characters.
const MAX_SHOWN: usize = 160;

/// Cuts long lines.
fn cut(line: &str) -> String {
    let mut shown: String = line.chars().take(MAX_SHOWN).collect();
    if line.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Hides all of a line but its indentation: whether it begins with a key or is the middle of a value
/// is not known from the line.
fn mask(line: &str) -> String {
    let blanks = line.chars().take_while(|&character| character == ' ').count();
    format!("{:blanks$}***", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::DUPLICATE_KEY;

    #[test]
    fn a_place_far_out_on_its_line_is_marked_at_the_end_of_what_is_shown() {
        let source = Source::new("long.yaml", "x".repeat(100_000));
        let place = Place { source: &source, offset: 90_000, field: None, secret: false };
        let mut problems = Collector::default();
        problems.push(Problem::new(&DUPLICATE_KEY, "there").at(place));
        let shown = problems.into_diagnostics()[0].to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[1], " --> long.yaml:1:90001");
        assert_eq!(lines[3].chars().count(), 4 + MAX_SHOWN + 1);
        assert_eq!(lines[4], format!("  | {}^", " ".repeat(MAX_SHOWN + 1)));
    }

    #[test]
    fn a_name_in_a_message_does_not_steer_the_terminal() {
        let mut problems = Collector::default();
        problems.push(Problem::new(&DUPLICATE_KEY, "key `\u{1b}[31m`").help("remove `\u{7}`"));
        let shown = problems.into_diagnostics()[0].to_string();
        assert!(
            shown.contains(
                r"key `\u{1b}[31m`
  = help: remove `\u{7}`"
            ),
            "{shown}"
        );
    }
}
