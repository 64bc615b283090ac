//! One input text and the name its owner knows it by.
//!
//! Bytes become text here, once: a byte order mark is dropped, UTF-16 is converted as `kubectl`
//! converts it, and anything else that is not UTF-8 is refused. The last line is ended, as `kubectl`
//! ends it before it reads: in a block scalar that makes a difference. Where the bytes came from (a
//! file, standard input) is the caller's business.

use crate::diagnostic::codes::{INPUT_TOO_LARGE, NOT_UTF8};
use crate::diagnostic::{Diagnostic, Location};

/// The largest input that is read, in bytes: 1 GiB.
pub const MAX_BYTES: usize = 1 << 30;

/// A named text to read manifests from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Returns the source of `text`, known as `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: end_last_line(text.into()) }
    }

    /// Returns the source of `bytes`, decoded.
    ///
    /// # Errors
    ///
    /// `not-utf8` for text that is neither UTF-8 nor marked as UTF-16, and `input-too-large` over
    /// [`MAX_BYTES`].
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let name = name.into();
        if bytes.len() > MAX_BYTES {
            return Err(Box::new(Self::too_large(&name)));
        }
        match decode(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(line) => Err(Box::new(not_utf8(&name, line))),
        }
    }

    /// Returns what is said of an input over [`MAX_BYTES`], which need not be read to be refused.
    pub fn too_large(name: &str) -> Diagnostic {
        Diagnostic::new(&INPUT_TOO_LARGE, "the input is larger than 1 GiB")
            .with_location(Location::of_file(name))
            .with_help("render parts of the tree one after the other")
    }

    /// Returns the name shown in diagnostics: a path, or `-` for standard input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn end_last_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        let with_return = text.contains("\r\n") && !text.ends_with('\r');
        let newline = if with_return { "\r\n" } else { "\n" };
        text.reserve_exact(newline.len());
        text.push_str(newline);
    }
    text
}

/// Decodes as `kubectl` does, or tells the line of the first byte that is no text.
fn decode(mut bytes: Vec<u8>) -> Result<String, usize> {
    match bytes.as_slice() {
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        _ => {
            if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
                bytes.drain(..3);
            }
            String::from_utf8(bytes).map_err(|error| {
                let valid = error.utf8_error().valid_up_to();
                1 + error.as_bytes().iter().take(valid).filter(|&&byte| byte == b'\n').count()
            })
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(1);
    }
    char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<_, _>>().or(Err(1))
}

fn not_utf8(name: &str, line: usize) -> Diagnostic {
    Diagnostic::new(&NOT_UTF8, "the text is not UTF-8")
        .with_location(Location { line, column: 1, ..Location::of_file(name) })
        .with_help("save the file as UTF-8; `kubectl` would replace the bytes it cannot read")
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn decoded(bytes: &[u8]) -> Option<String> {
        Source::from_bytes("a.yaml", bytes.to_vec()).ok().map(|source| source.text().to_owned())
    }

    #[test]
    fn marks_are_dropped_and_utf16_is_converted() {
        assert_eq!(decoded(b"\xEF\xBB\xBFa: \xC3\xA9").as_deref(), Some("a: é\n"));
        assert_eq!(decoded(b"\xFF\xFEa\0:\0").as_deref(), Some("a:\n"));
        assert_eq!(decoded(b"\xFE\xFF\0a\0:").as_deref(), Some("a:\n"));
        assert_eq!(decoded(b"\xFE\xFF\0a\0"), None);
    }

    #[test]
    fn the_last_line_is_ended() {
        assert_eq!(Source::new("a", "").text(), "");
        assert_eq!(Source::new("a", "a: 1").text(), "a: 1\n");
        assert_eq!(Source::new("a", "a: |+\r\n  x\r\n ").text(), "a: |+\r\n  x\r\n \r\n");
    }

    #[test]
    fn what_is_no_text_is_told_with_its_line() {
        let error = Source::from_bytes("a.yaml", b"a: 1\nb: \xE9\n".to_vec()).unwrap_err();
        assert_eq!(error.code.name, "not-utf8");
        assert_eq!(error.location.unwrap().line, 2);
    }
}
