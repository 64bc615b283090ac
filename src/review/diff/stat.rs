//! How much differs, as `git diff --stat` says it.

use super::identity::Called;
use super::lines::count;
use super::{Comparison, Counts, States};
use crate::escape;

/// The most characters of a bar.
const MAX_BAR: usize = 40;

/// Returns a line for each object that differs, and one for all; empty where nothing differs.
pub fn to_stat(comparison: &Comparison) -> String {
    let lines: Vec<_> = comparison.changes.iter().map(count).collect();
    let names: Vec<_> =
        comparison.changes.iter().map(|change| Called(&change.key).to_string()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let most = lines.iter().map(|(added, removed)| added + removed).max().unwrap_or(0);
    let digits = most.to_string().len();
    let rows = comparison.changes.iter().zip(&names).zip(&lines).map(|((change, name), lines)| {
        let (added, removed) = *lines;
        let word = match change.states {
            States::Changed(..) => String::new(),
            States::Created(_) | States::Removed(_) => format!(" ({})", change.word()),
        };
        let bar = format!("{}{}", "+".repeat(bar(added, most)), "-".repeat(bar(removed, most)));
        format!(" {name:width$} | {:>digits$} {bar}{word}\n", added + removed)
    });
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { escape::lines(&format!("{rows} {}\n", summary(comparison))) }
}

/// Returns all in one line: `1 created, 2 changed; 30 lines added, 3 removed`.
pub(super) fn summary(comparison: &Comparison) -> String {
    let Counts { created, changed, removed } = comparison.counts();
    let words = [(created, "created"), (changed, "changed"), (removed, "removed")];
    let said = words.iter().filter(|(count, _)| *count > 0);
    let said: Vec<_> = said.map(|(count, word)| format!("{count} {word}")).collect();
    let lines = comparison.changes.iter().map(count);
    let (added, gone) =
        lines.fold((0, 0), |(added, gone), (more, less)| (added + more, gone + less));
    let noun = if added == 1 { "line" } else { "lines" };
    format!("{}; {added} {noun} added, {gone} removed", said.join(", "))
}

/// Returns the length of a bar, which is never nothing for something.
fn bar(lines: usize, most: usize) -> usize {
    match most {
        0..=MAX_BAR => lines,
        _ => (lines * MAX_BAR).div_ceil(most),
    }
}
