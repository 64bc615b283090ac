//! Scalars that need no second look: plain and quoted ones on one line, and block scalars.

use super::characters::{begins_plain, is_in_plain};
use super::{Scanner, is_string};
use crate::manifest::resolve;

/// A value, as far as an identity may need it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar<'t> {
    Plain(&'t str),
    /// What stands between quotes, without escapes.
    Quoted(&'t str),
    /// Any other value, or one that may stand on the next lines.
    Other,
}

impl<'t> Scalar<'t> {
    /// Returns the string that the value is, if it is one.
    pub(super) fn string(self) -> Option<&'t str> {
        match self {
            Scalar::Plain(text) => is_string(text).then_some(text),
            Scalar::Quoted(text) => Some(text),
            Scalar::Other => None,
        }
    }
}

impl<'t> Scanner<'t> {
    /// Reads a plain scalar to the end of its line, or to the comment behind it.
    pub(super) fn plain(&mut self) -> Option<Scalar<'t>> {
        self.check_plain_start(is_in_plain)?;
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let mut end = 0;
        loop {
            end += rest.get(end..)?.iter().position(|&byte| !is_in_plain(byte))?;
            let (stop, next) = (*rest.get(end)?, *rest.get(end + 1).unwrap_or(&b'\n'));
            match stop {
                b'\n' => break,
                b'#' if rest.get(..end)?.ends_with(b" ") => break,
                b':' if !matches!(next, b' ' | b'\n' | b'\t') => end += 1,
                _ => return None,
            }
        }
        let text = self.text.get(start..start + end)?.trim_end_matches(' ');
        self.at += text.len();
        is_finite(text).then_some(Scalar::Plain(text))
    }

    /// Returns nothing unless a plain scalar begins here, whose other characters are `within` it.
    pub(super) fn check_plain_start(&self, within: impl Fn(u8) -> bool) -> Option<()> {
        let bytes = self.text.as_bytes();
        let (first, second) = (*bytes.get(self.at)?, *bytes.get(self.at + 1)?);
        let is_word = first == b'-' && second != b' ' && within(second);
        (begins_plain(first) || is_word).then_some(())
    }

    /// Reads a scalar between quotes that are closed on their line.
    pub(super) fn quoted(&mut self, quote: u8) -> Option<Scalar<'t>> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let stops = |byte: u8| byte == quote || byte < b' ' || byte == b'\\';
            self.at += rest.iter().position(|&byte| stops(byte))?;
            let stop = self.peek()?;
            self.at += 1;
            match stop {
                b'\'' if quote == b'\'' && self.peek()? == b'\'' => {
                    escaped = true;
                    self.at += 1;
                }
                b'\\' if quote == b'"' => {
                    escaped = true;
                    self.skip_escape()?;
                }
                b'\\' => {}
                _ if stop == quote => break,
                _ => return None,
            }
        }
        let text = self.text.get(start..self.at - 1)?;
        Some(if escaped { Scalar::Other } else { Scalar::Quoted(text) })
    }

    /// Skips what stands behind a backslash between double quotes.
    fn skip_escape(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = match rest {
            [b'"' | b'\\' | b'n' | b't' | b'r', ..] => 1,
            // Half of a surrogate pair is no character.
            [b'u', b'd' | b'D', ..] => return None,
            [b'u', digits @ ..] if digits.get(..4)?.iter().all(u8::is_ascii_hexdigit) => 5,
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    /// Reads a block scalar, which must lie deeper than `column`.
    pub(super) fn block_scalar(&mut self, column: usize) -> Option<Scalar<'t>> {
        self.at += 1;
        if matches!(self.peek()?, b'-' | b'+') {
            self.at += 1;
        }
        self.end_line()?;
        let indentation = self.block_indentation()?;
        if indentation <= column {
            return None;
        }
        while let Some(rest) = self.text.as_bytes().get(self.at..) {
            let spaces = rest.iter().take(indentation).take_while(|&&byte| byte == b' ').count();
            match rest.get(spaces) {
                Some(b'\n') => self.at += spaces + 1,
                Some(_) if spaces == indentation => self.skip_line()?,
                Some(b'\t') => return None,
                Some(_) | None => break,
            }
        }
        Some(Scalar::Other)
    }

    /// Skips empty lines, and returns how far the line behind them is indented.
    ///
    /// An empty line must not be longer than that: readers differ on what it means.
    fn block_indentation(&mut self) -> Option<usize> {
        let mut longest = 0;
        loop {
            let line = self.at;
            let spaces = self.skip_spaces();
            match self.peek()? {
                b'\n' => {
                    longest = longest.max(spaces);
                    self.at += 1;
                }
                b'\t' => return None,
                _ => {
                    self.at = line;
                    return (longest <= spaces).then_some(spaces);
                }
            }
        }
    }
}

/// Returns whether a plain scalar is anything but infinity or not-a-number, which JSON cannot hold.
pub(super) fn is_finite(text: &str) -> bool {
    const LONGEST: usize = "+.inf".len();
    text.len() > LONGEST || !text.contains('.') || resolve::value(text, true, None).is_ok()
}
