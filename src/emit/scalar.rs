//! The form of a string: plain, quoted, or several lines.
//!
//! A string is plain only if YAML 1.1, YAML 1.2, `kubectl` and `kustomize` all read it as that
//! string. As `kubectl` does, what could be another value is put in double quotes, and what holds
//! marks of YAML itself in single ones. Indentation is left to the block around it.

mod ambiguous;
mod quote;

use std::borrow::Cow;

use ambiguous::is_ambiguous;

/// What lies around a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    /// Between brackets or braces.
    Flow,
}

/// Returns a string on one line.
pub(super) fn one_line(text: &str, context: Context) -> Cow<'_, str> {
    if text.contains(quote::is_escaped) || is_ambiguous(text) {
        Cow::Owned(quote::double(text))
    } else if has_marks(text) || (context == Context::Flow && has_flow_marks(text)) {
        Cow::Owned(quote::single(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the header of a block scalar, if the string is best written as one.
///
/// It is not where blanks at the end of a line would be overlooked, or where the first line would
/// leave the indentation open.
pub(super) fn literal_header(text: &str) -> Option<&'static str> {
    let is_faithful = text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with([' ', '\t'])
        && !text.contains(" \n")
        && !text.contains("\t\n")
        && !text.contains(|c| quote::is_escaped(c) && c != '\n' && c != '\t');
    is_faithful.then(|| header_by_end(text))
}

/// Returns the header of a block scalar, if one can hold the string at all.
///
/// For text that a person wrote as lines and expects as lines: blanks at their ends stay.
pub(super) fn whole_header(text: &str) -> Option<&'static str> {
    let fits = text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.contains(|c| quote::is_escaped(c) && c != '\n' && c != '\t');
    fits.then(|| header_by_end(text))
}

fn header_by_end(text: &str) -> &'static str {
    if text.ends_with("\n\n") {
        "|+"
    } else if text.ends_with('\n') {
        "|"
    } else {
        "|-"
    }
}

/// Returns whether YAML would read a part of the text as its own.
fn has_marks(text: &str) -> bool {
    let mut chars = text.chars();
    let lone =
        matches!(chars.next(), Some('-' | '?' | ':')) && matches!(chars.next(), None | Some(' '));
    lone || text.starts_with([
        ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ',
    ]) || text.starts_with("---")
        || text.starts_with("...")
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
}

/// Returns whether the text must be quoted between brackets, in the eyes of old readers as well.
fn has_flow_marks(text: &str) -> bool {
    text.starts_with('-') || text.contains([',', '[', ']', '{', '}', '?', ':'])
}

#[cfg(test)]
mod tests;
