//! The diff as a comment on a pull request.
//!
//! The first line is a mark that no reader sees, by which one comment can be found and written anew.
//! Then a summary, and each object folded. Where it would get longer than a comment may be, whole
//! objects are left out from the end, so that every fence and fold is closed.

use thiserror::Error;

use super::identity::{Called, called};
use super::lines::count;
use super::stat::summary;
use super::unified::{is_escaped, plain};
use super::{Comparison, ObjectChange, hunks};
use crate::escape;
use crate::manifest::DEFAULT_NAMESPACE;
use crate::pipeline::Movement;
use crate::review::markdown::code;

/// The most rollouts that are named.
const MAX_NAMED: usize = 10;

/// The most characters of a name.
const MAX_NAME: usize = 300;

/// How a comment is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'c> {
    /// The rollouts that move.
    pub movements: &'c [Movement],
    /// How many lines are shown around those that differ.
    pub context: usize,
    /// The most bytes of the comment, so that it holds however characters are counted.
    pub max_length: usize,
}

/// A comment may not be as long as the least that has to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a comment of {asked} bytes has no room for its first line and a summary; they take {least}"
)]
pub struct TooShort {
    /// The most bytes that were allowed.
    pub asked: usize,
    /// The fewest bytes that would do.
    pub least: usize,
}

/// Returns the diff as Markdown; it says so where nothing differs.
///
/// Whatever does not fit is left out, and said to be.
///
/// # Errors
///
/// Where there is no room for the mark, the summary and a note of what is left out.
pub fn to_markdown(comparison: &Comparison, comment: &Comment<'_>) -> Result<String, TooShort> {
    let mut text = format!("{}{}", mark(comment.movements), head(comparison, comment.movements));
    let note = match comparison.changes.len() {
        0 => 0,
        count => omitted(count).len(),
    };
    let least = text.len() + note;
    if least > comment.max_length {
        return Err(TooShort { asked: comment.max_length, least });
    }
    let shown = push_objects(&mut text, comparison, comment, comment.max_length - note);
    let left = comparison.changes.len() - shown;
    if left > 0 {
        text.push_str(&omitted(left));
    }
    Ok(text)
}

/// Adds the table and as many objects as there is room for, and returns how many.
///
/// Where not all have a row, none is shown.
fn push_objects(
    text: &mut String,
    comparison: &Comparison,
    comment: &Comment<'_>,
    room: usize,
) -> usize {
    let listed = push_table(text, comparison, room);
    if listed < comparison.changes.len() {
        return 0;
    }
    let sections = comparison.changes.iter().map(|change| section(change, comment.context));
    let mut shown = 0;
    for section in sections {
        if text.len() + section.len() > room {
            break;
        }
        text.push_str(&section);
        shown += 1;
    }
    shown
}

/// Adds a row for each object, as far as there is room, and returns how many have one.
fn push_table(text: &mut String, comparison: &Comparison, room: usize) -> usize {
    let mut listed = 0;
    for row in comparison.changes.iter().map(row) {
        let head = if listed == 0 { TABLE } else { "" };
        if text.len() + head.len() + row.len() > room {
            break;
        }
        text.push_str(head);
        text.push_str(&row);
        listed += 1;
    }
    listed
}

/// What is said of a diff that shows another text than the object has.
const ESCAPED: &str = "Shown with escapes: this diff does not apply as a patch.\n\n";

const TABLE: &str = "\n| | object | lines |\n|---|---|---|\n";

/// Returns the mark by which the comment is found.
fn mark(movements: &[Movement]) -> String {
    let names = || movements.iter().map(|movement| &movement.rollout);
    let same = |mut parts: Vec<&str>| {
        parts.dedup();
        if let [part] = parts.as_slice() { plain_name(part) } else { "*".to_owned() }
    };
    let namespaces =
        names().map(|rollout| rollout.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE));
    let namespace = same(namespaces.collect());
    let name = if movements.len() == 1 {
        same(names().map(|one| &*one.name).collect())
    } else {
        "*".to_owned()
    };
    format!("<!-- rollstep:{namespace}/{name} -->\n")
}

/// Returns the characters of a name that names have, so that nothing can end the comment it is in.
fn plain_name(name: &str) -> String {
    let of_names =
        |character: &char| character.is_ascii_alphanumeric() || "-.".contains(*character);
    name.chars().filter(of_names).take(MAX_NAME).collect()
}

fn head(comparison: &Comparison, movements: &[Movement]) -> String {
    let mut text = String::new();
    for movement in movements.iter().take(MAX_NAMED) {
        text.push_str(&format!("{}\n", moved(movement)));
    }
    if let more @ 1.. = movements.len().saturating_sub(MAX_NAMED) {
        text.push_str(&format!("- {more} more\n"));
    }
    let said = if comparison.is_empty() {
        "Nothing differs.".to_owned()
    } else {
        format!("**{}**", summary(comparison))
    };
    if text.is_empty() { format!("{said}\n") } else { format!("{text}\n{said}\n") }
}

fn moved(Movement { rollout, before, after }: &Movement) -> String {
    let name = code(&rollout.to_string());
    let stage = |stage: &Option<_>| stage.map_or("not rolled out".to_owned(), called);
    if before == after {
        return format!("- {name}: {}", stage(after));
    }
    format!("- {name}: {} → {}", stage(before), stage(after))
}

fn row(change: &ObjectChange) -> String {
    let (added, removed) = count(change);
    format!("| {} | {} | +{added} −{removed} |\n", change.word(), object(change))
}

fn object(change: &ObjectChange) -> String {
    code(&Called(&change.key).to_string())
}

fn section(change: &ObjectChange, context: usize) -> String {
    let hunks = hunks(change, context);
    let escaped = if is_escaped(&hunks) { ESCAPED } else { "" };
    let diff = escape::lines(&plain(&hunks));
    let fence = fence(&diff);
    let (added, removed) = count(change);
    let masked = if change.masked { "Values of the Secret are masked.\n\n" } else { "" };
    format!(
        "\n<details><summary>{} {}, +{added} −{removed}</summary>\n\n{masked}{escaped}{fence}diff\n{diff}{fence}\n\n\
         </details>\n",
        object(change),
        change.word(),
    )
}

/// Returns a fence that is longer than any in the text.
fn fence(text: &str) -> String {
    let (mut longest, mut run) = (2, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest + 1)
}

fn omitted(count: usize) -> String {
    let objects = if count == 1 { "object is" } else { "objects are" };
    format!("\n_{count} {objects} not shown: the comment would be too long._\n")
}
