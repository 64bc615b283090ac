//! Boundaries of documents, by `kubectl`'s rule.
//!
//! A line that starts with `---` and holds nothing else but blanks or a comment separates, wherever
//! it stands, also inside a block scalar; `--- {a: b}` and `----` are errors. The rule is that of
//! `YAMLReader` in kubernetes/apimachinery:pkg/util/yaml/decoder.go. Nothing is copied.
//!
//! Text that holds only comments is not a document of its own: it belongs to the one after it, as does
//! the comment of a separator.

use std::ops::Range;

use memchr::memmem::Finder;

/// The byte ranges of one document and of the comments that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) comments: Vec<Range<usize>>,
    pub(super) text: Range<usize>,
}

/// The documents of a text, one after the other; the other fields are complete after the last.
pub(super) struct Chunks<'t> {
    text: &'t str,
    separators: Separators<'t>,
    /// Where the next document begins; nothing behind the last.
    start: Option<usize>,
    /// Comments after the last document.
    pub(super) trailing: Vec<Range<usize>>,
    /// The offsets of separators that hold something else.
    pub(super) invalid: Vec<usize>,
}

/// Splits `text` into its documents.
pub(super) fn split(text: &str) -> Chunks<'_> {
    let separators = Separators::new(text);
    Chunks { text, separators, start: Some(0), trailing: Vec::new(), invalid: Vec::new() }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        while let Some(start) = self.start {
            let separator = self.separators.next();
            let end = separator.as_ref().map_or(self.text.len(), |separator| separator.line.start);
            let document = self.take_document(start..end);
            self.start = separator.as_ref().map(|separator| separator.line.end);
            if let Some(comment) = separator.and_then(|separator| separator.comment) {
                self.take_comment(comment);
            }
            if document.is_some() {
                return document;
            }
        }
        None
    }
}

impl Chunks<'_> {
    fn take_document(&mut self, range: Range<usize>) -> Option<Chunk> {
        match classify(self.text.get(range.clone())?) {
            Content::Empty => None,
            Content::Comments => {
                self.trailing.push(range);
                None
            }
            Content::Document => {
                Some(Chunk { comments: std::mem::take(&mut self.trailing), text: range })
            }
        }
    }

    /// Takes what a separator holds besides the dashes.
    fn take_comment(&mut self, range: Range<usize>) {
        match self.text.get(range.clone()) {
            Some(comment) if comment.starts_with('#') => self.trailing.push(range),
            _ => self.invalid.push(range.start),
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
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
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
    /// For long texts. memchr asks the processor what it can do, and in a virtual machine the host
    /// answers, slowly: reading a few files takes no longer than that.
    finder: Option<Finder<'static>>,
}

/// A line break, and the dashes of a separator.
const SEPARATOR: &str = "\n---";

/// The length in bytes from which a text is searched by memchr.
const LONG: usize = 64 << 10;

impl<'t> Separators<'t> {
    fn new(text: &'t str) -> Self {
        let finder = (text.len() >= LONG).then(|| Finder::new(SEPARATOR));
        Self { text, from: 0, finder }
    }

    /// Returns the start of the next line that begins with three dashes.
    fn next_start(&self) -> Option<usize> {
        let rest = self.text.get(self.from..)?;
        if rest.starts_with("---") {
            return Some(self.from);
        }
        let newline = match &self.finder {
            Some(finder) => finder.find(rest.as_bytes()),
            None => rest.find(SEPARATOR),
        };
        newline.map(|newline| self.from + newline + 1)
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
    use super::{LONG, split};

    fn documents(text: &str) -> Vec<&str> {
        split(text).map(|chunk| &text[chunk.text]).collect()
    }

    #[test]
    fn separators_may_hold_blanks_and_comments() {
        assert_eq!(documents("a: 1\n---\t\nb: 2\n--- # c\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3"]);
        assert_eq!(documents("---\r\na: 1\r\n---\r\n"), ["a: 1\r\n"]);
    }

    #[test]
    fn anything_else_after_the_dashes_is_invalid() {
        let invalid = |text| {
            let mut chunks = split(text);
            chunks.by_ref().for_each(drop);
            chunks.invalid
        };
        assert_eq!(invalid("a: 1\n---- \n"), [8]);
        assert_eq!(invalid("--- {a: b}\n"), [4]);
        assert!(invalid(" ---\n").is_empty());
    }

    #[test]
    fn what_ends_a_comment_is_no_comment() {
        assert_eq!(documents("# a\rb: 1\n---\nc: 1\n"), ["# a\rb: 1\n", "c: 1\n"]);
        assert_eq!(documents("\u{a0}# a\n---\n\u{a0}\n---\n \t\r\n"), ["\u{a0}# a\n", "\u{a0}\n"]);
    }

    #[test]
    fn comments_stay_with_the_document_after_them() {
        let text = "# licence\n---\n# empty\n--- # source\na: 1\n---\n# last\n";
        let mut chunks = split(text);
        let documents: Vec<_> = chunks.by_ref().collect();
        let comments: Vec<_> =
            documents[0].comments.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(comments, ["# licence\n", "# empty\n", "# source"]);
        assert_eq!(&text[chunks.trailing[0].clone()], "# last\n");
    }
    /// A short text is searched in another way than a long one.
    #[test]
    fn long_texts_are_split_as_short_ones() {
        let text = "a: 1 # --\n--- # b\nb: |\n  c\n ---\n---\n";
        let long = text.repeat(LONG / text.len() + 1);
        assert!(text.len() < LONG && long.len() >= LONG);
        assert_eq!(documents(&long), documents(text).repeat(LONG / text.len() + 1));
    }
}
