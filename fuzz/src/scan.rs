//! What the light scanner accepts of a document, the reader reads without a word and as the same object.

use rollstep::fuzzing::is_scanned_as_read;

pub fn scan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(is_scanned_as_read(text), "the reader finds something else than the scanner:\n{text}");
}
