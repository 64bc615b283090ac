//! Bytes of an input as text, decoded as `kubectl` decodes them.
//!
//! A byte order mark is dropped, UTF-16 is converted, and anything else that is not UTF-8 is an error.
//!
//! These are methods of [`Source`], but a diagnostic refers to a source. In `source` they would make the
//! two rooms use each other.

use crate::diagnostic::codes::{INPUT_TOO_LARGE, NOT_UTF8};
use crate::diagnostic::{Diagnostic, Location};
use crate::source::{MAX_BYTES, Source};

impl Source {
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

    /// Returns the error for an input over [`MAX_BYTES`], which need not be read for it.
    pub fn too_large(name: &str) -> Diagnostic {
        Diagnostic::new(&INPUT_TOO_LARGE, "the input is larger than 1 GiB")
            .with_location(Location::of_file(name))
            .with_help("render parts of the tree one after the other")
    }
}

/// Decodes as `kubectl` does, or returns the line of the first byte that is not text.
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
    use crate::source::Source;

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
    fn an_error_names_the_line_of_the_first_wrong_byte() {
        let error = Source::from_bytes("a.yaml", b"a: 1\nb: \xE9\n".to_vec()).unwrap_err();
        assert_eq!(error.code.name, "not-utf8");
        assert_eq!(error.location.unwrap().line, 2);
    }
}
