//! Characters that a document cannot hold.
//!
//! go-yaml refuses control characters but tab, `\n`, `\r` and U+0085, and U+FFFE and U+FFFF
//! (goyaml.v2/readerc.go `yaml_parser_update_buffer`). A byte order mark within the text is a character
//! like others, but go-yaml drops the first characters of lines where one comes first in its buffer of
//! 512 bytes (goyaml.v2/yamlprivateh.go `is_bom` looks at the start of the buffer), so it is read only
//! where that cannot be.

use crate::manifest::event::{ReadError, ReadErrorKind};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The last byte that is certainly within the first buffer and does not come first in the second.
const FIRST_BUFFER: usize = 500;

/// Returns an error for the first character that makes a text unreadable.
pub(super) fn check(text: &str) -> Result<(), ReadError> {
    if !text.as_bytes().chunks(64).any(holds_suspect) {
        return Ok(());
    }
    for (offset, character) in text.char_indices() {
        if is_forbidden(character) {
            let message = format!("the character `{}` is not allowed", character.escape_unicode());
            return Err(ReadError::syntax(offset, message));
        }
        if character == BYTE_ORDER_MARK && offset > 0 && may_confuse(text, offset) {
            let message = "`kubectl` reads another text behind this byte order mark".to_owned();
            return Err(ReadError { kind: ReadErrorKind::ByteOrderMark, message, offset });
        }
    }
    Ok(())
}

/// Returns whether a byte of the chunk begins a character that has to be looked at.
///
/// Written without a branch, so that many bytes are tested at once.
fn holds_suspect(chunk: &[u8]) -> bool {
    chunk.iter().fold(false, |found, byte| found | is_suspect(*byte))
}

fn is_suspect(byte: u8) -> bool {
    let control = byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r';
    control | (byte == 0x7F) | (byte == 0xC2) | (byte == 0xEF)
}

fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\0'..' ' | '\u{7f}'..'\u{a0}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    }
}

fn may_confuse(text: &str, offset: usize) -> bool {
    offset >= FIRST_BUFFER || text.starts_with("\u{feff}\u{feff}")
}
