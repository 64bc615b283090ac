//! Where one document ends and the next begins, by `kubectl`'s rule.
//!
//! A line that starts with `---` and holds nothing else but blanks or a comment separates, wherever
//! it stands, also inside a block scalar; `--- {a: b}` and `----` are errors. The rule is that of
//! `YAMLReader` in kubernetes/apimachinery:pkg/util/yaml/decoder.go. Nothing is copied.
//!
//! Text that holds only comments is no document of its own: it belongs to the one after it, as does
//! the comment of a separator.

use std::ops::Range;

use memchr::memchr2;
use memchr::memmem::Finder;

/// The byte ranges of one document and of the comments that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) comments: Vec<Range<usize>>,
    pub(super) text: Range<usize>,
}

/// The documents of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chunks {
    pub(super) documents: Vec<Chunk>,
    /// Comments after the last document.
    pub(super) trailing: Vec<Range<usize>>,
    /// The offsets of separators that hold something else.
    pub(super) invalid: Vec<usize>,
}

/// Splits `text` into its documents.
pub(super) fn split(text: &str) -> Chunks {
    let mut chunks = Chunks::default();
    let mut start = 0;
    for separator in Separators::new(text) {
        chunks.take_document(text, start..separator.line.start);
        match separator.comment {
            None => {}
            Some(range) => match text.get(range.clone()) {
                Some(comment) if comment.starts_with('#') => chunks.trailing.push(range),
                _ => chunks.invalid.push(range.start),
            },
        }
        start = separator.line.end;
    }
    chunks.take_document(text, start..text.len());
    chunks
}

impl Chunks {
    fn take_document(&mut self, text: &str, range: Range<usize>) {
        let Some(content) = text.get(range.clone()) else { return };
        match classify(content) {
            Content::Empty => {}
            Content::Comments => self.trailing.push(range),
            Content::Document => {
                let comments = std::mem::take(&mut self.trailing);
                self.documents.push(Chunk { comments, text: range });
            }
        }
    }
}

enum Content {
    Empty,
    Comments,
    Document,
}

/// Lines and blanks are those of YAML: a lone carriage return ends a line, and only a space and a tab
/// are blank.
fn classify(text: &str) -> Content {
    let mut content = Content::Empty;
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        match rest.as_bytes().first() {
            None => return content,
            Some(b'#') => content = Content::Comments,
            Some(_) => return Content::Document,
        }
        let end = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default();
    }
}

/// A line that separates, and what it holds besides the dashes.
struct Separator {
    line: Range<usize>,
    comment: Option<Range<usize>>,
}

struct Separators<'t> {
    text: &'t str,
    from: usize,
    finder: Finder<'static>,
}

impl<'t> Separators<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, from: 0, finder: Finder::new("\n---") }
    }

    /// Returns the start of the next line that begins with three dashes.
    fn next_start(&self) -> Option<usize> {
        let rest = self.text.get(self.from..)?;
        if rest.starts_with("---") {
            return Some(self.from);
        }
        self.finder.find(rest.as_bytes()).map(|newline| self.from + newline + 1)
    }
}

impl Iterator for Separators<'_> {
    type Item = Separator;

    fn next(&mut self) -> Option<Separator> {
        let start = self.next_start()?;
        let rest = self.text.get(start..)?;
        let end = rest.find('\n').map_or(self.text.len(), |newline| start + newline + 1);
        self.from = end;
        let content = self.text.get(start + 3..end)?;
        let blank = content.len() - content.trim_start().len();
        let comment_start = start + 3 + blank;
        let comment = comment_start..start + 3 + content.trim_end().len();
        Some(Separator { line: start..end, comment: (!comment.is_empty()).then_some(comment) })
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn documents(text: &str) -> Vec<&str> {
        split(text).documents.into_iter().map(|chunk| &text[chunk.text]).collect()
    }

    #[test]
    fn separators_may_hold_blanks_and_comments() {
        assert_eq!(documents("a: 1\n---\t\nb: 2\n--- # c\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3"]);
        assert_eq!(documents("---\r\na: 1\r\n---\r\n"), ["a: 1\r\n"]);
    }

    #[test]
    fn anything_else_after_the_dashes_is_invalid() {
        assert_eq!(split("a: 1\n---- \n").invalid, [8]);
        assert_eq!(split("--- {a: b}\n").invalid, [4]);
        assert!(split(" ---\n").invalid.is_empty());
    }

    #[test]
    fn what_ends_a_comment_is_no_comment() {
        assert_eq!(documents("# a\rb: 1\n---\nc: 1\n"), ["# a\rb: 1\n", "c: 1\n"]);
        assert_eq!(documents("\u{a0}# a\n---\n\u{a0}\n---\n \t\r\n"), ["\u{a0}# a\n", "\u{a0}\n"]);
    }

    #[test]
    fn comments_stay_with_the_document_after_them() {
        let text = "# licence\n---\n# empty\n--- # source\na: 1\n---\n# last\n";
        let chunks = split(text);
        let comments: Vec<_> =
            chunks.documents[0].comments.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(comments, ["# licence\n", "# empty\n", "# source"]);
        assert_eq!(&text[chunks.trailing[0].clone()], "# last\n");
    }
}
