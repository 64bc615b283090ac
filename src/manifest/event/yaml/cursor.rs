//! A place in a text: the bytes that follow it, and the line and column that it is in.
//!
//! Kinds of characters and of line breaks are those of go-yaml (goyaml.v2/yamlprivateh.go `is_blank`,
//! `is_break`): a line ends at `\n`, `\r`, `\r\n`, U+0085, U+2028 and U+2029. `kubectl` folds `\r\n`
//! into `\n` before it parses (apimachinery, pkg/util/yaml/decoder.go `LineReader`), so that `\r\r\n`
//! is one break to it, and it ends a last line that is not ended.

use std::ops::Range;

/// A place in the text of a document.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// Where column 0 of the line lies.
    line_start: usize,
    line: usize,
    /// Whether every line ends with `\n` alone.
    simple_breaks: bool,
}

impl<'t> Cursor<'t> {
    /// Returns the start of the text, behind a byte order mark.
    pub(super) fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let simple_breaks = !text.as_bytes().contains(&b'\r')
            && (text.is_ascii() || !text.contains(['\u{85}', '\u{2028}', '\u{2029}']));
        Self { text, at, line_start: at, line: 0, simple_breaks }
    }

    /// Returns the byte of the text where the cursor stands.
    #[inline]
    pub(super) fn offset(&self) -> usize {
        self.at.min(self.text.len())
    }

    #[inline]
    pub(super) fn column(&self) -> usize {
        self.at - self.line_start
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        let end = range.end.min(self.text.len());
        self.text.get(range.start.min(end)..end).unwrap_or_default()
    }

    /// Returns the byte that lies `ahead` of the cursor, and 0 behind the end of the text.
    #[inline]
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        match self.text.as_bytes().get(self.at + ahead) {
            Some(byte) => *byte,
            None => self.beyond(ahead),
        }
    }

    /// Returns a byte beyond the end: a last line that is not ended is read as if it were.
    #[cold]
    fn beyond(&self, ahead: usize) -> u8 {
        let at_end = self.at + ahead == self.text.len();
        if at_end && !self.text.ends_with('\n') { b'\n' } else { 0 }
    }

    /// Moves on within the line.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Moves on while the bytes are such, none of which breaks a line.
    #[inline]
    pub(super) fn skip_while(&mut self, is_such: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_such(*byte)).unwrap_or(rest.len());
    }

    /// Moves on past the character at the cursor.
    pub(super) fn skip_character(&mut self) {
        let character = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        self.at += character.map_or(1, char::len_utf8);
    }

    /// Returns how many bytes the line break takes that lies `ahead`, and 0 where there is none.
    #[inline]
    pub(super) fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\n' => 1,
            b'\r' => match (self.byte(ahead + 1), self.byte(ahead + 2)) {
                (b'\n', _) => 2,
                (b'\r', b'\n') => 3,
                _ => 1,
            },
            0xC2 if self.byte(ahead + 1) == 0x85 => 2,
            0xE2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9) => {
                3
            }
            _ => 0,
        }
    }

    /// Moves past the line break at the cursor, and returns the character that it stands for in a
    /// scalar.
    pub(super) fn skip_break(&mut self) -> Option<char> {
        let length = self.break_length(0);
        if length == 0 {
            return None;
        }
        let kept = match (self.byte(0), self.byte(2)) {
            (0xE2, 0xA8) => '\u{2028}',
            (0xE2, _) => '\u{2029}',
            _ => '\n',
        };
        self.at += length;
        self.line += 1;
        self.line_start = self.at;
        Some(kept)
    }

    #[inline]
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    #[inline]
    pub(super) fn is_break(&self, ahead: usize) -> bool {
        self.break_length(ahead) > 0
    }

    /// Returns whether the text is over.
    pub(super) fn is_end(&self) -> bool {
        self.byte(0) == 0
    }

    /// Returns whether the line is over, or the text.
    #[inline]
    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.byte(ahead) == 0 || self.is_break(ahead)
    }

    /// Returns whether a blank lies there, or the end of the line or text.
    #[inline]
    pub(super) fn is_space(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// Moves past spaces and tabs.
    #[inline]
    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.at += 1;
        }
    }

    /// Moves to the end of the line.
    pub(super) fn skip_to_break(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if self.simple_breaks {
            self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            return;
        }
        while !self.is_break_or_end(0) {
            self.skip_character();
        }
    }

    /// Moves past a comment at the cursor, up to the end of its line.
    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            self.skip_to_break();
        }
    }

    /// Returns whether a document starts or ends here: `---` or `...` at the start of a line, and a
    /// blank behind it.
    #[inline]
    pub(super) fn is_document_marker(&self) -> bool {
        self.column() == 0
            && matches!(self.byte(0), b'-' | b'.')
            && self.byte(1) == self.byte(0)
            && self.byte(2) == self.byte(0)
            && self.is_space(3)
    }
}

/// Adds what the blanks and line breaks between two words of a scalar mean.
///
/// One break is a space, and of several the first is dropped; U+2028 and U+2029 stay what they are.
pub(super) fn fold(gap: &str, into: &mut String) {
    let mut rest = gap;
    let Some(first) = next_break(&mut rest) else { return };
    if first != '\n' {
        into.push(first);
    }
    let before = into.len();
    keep_breaks(rest, into);
    if first == '\n' && into.len() == before {
        into.push(' ');
    }
}

/// Adds the line breaks among blanks, with none of them folded.
pub(super) fn keep_breaks(gap: &str, into: &mut String) {
    let mut rest = gap;
    while let Some(found) = next_break(&mut rest) {
        into.push(found);
    }
}

/// Takes the text up to its first line break, and returns the character that this stands for.
fn next_break(rest: &mut &str) -> Option<char> {
    let at = rest.find(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])?;
    let text = rest.get(at..)?;
    let character = text.chars().next()?;
    let length = match text {
        _ if text.starts_with("\r\r\n") => 3,
        _ if text.starts_with("\r\n") => 2,
        _ => character.len_utf8(),
    };
    *rest = text.get(length..)?;
    Some(if matches!(character, '\u{2028}' | '\u{2029}') { character } else { '\n' })
}
