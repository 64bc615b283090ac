//! Which characters a scanned document may hold, and where.

/// A word that is no more than a key.
const KEY: u8 = 1;
/// The first character of a plain scalar.
const PLAIN_START: u8 = 2;
/// A character within a plain scalar that needs no second look.
const PLAIN: u8 = 4;
/// The same between brackets or braces.
const FLOW_PLAIN: u8 = 8;

/// The one control character of ASCII that is not below the space.
const DELETE: u8 = 0x7f;

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "the compiler runs it, and fails where an index does")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = class(byte as u8);
        byte += 1;
    }
    classes
}

const fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'/' => {
            KEY | PLAIN_START | PLAIN | FLOW_PLAIN
        }
        // A dash begins a scalar only before something else.
        b'-' => KEY | PLAIN | FLOW_PLAIN,
        b'+' | b'$' | b'(' | b')' | b'^' | b'~' | b'<' | b';' | b'=' | b'\\' => {
            PLAIN_START | PLAIN | FLOW_PLAIN
        }
        b' ' | b'%' | b'@' | b'*' | b'|' | b'>' => PLAIN | FLOW_PLAIN,
        b'!' | b'"' | b'\'' | b'&' | b',' | b'?' | b'[' | b']' | b'`' | b'{' | b'}' => PLAIN,
        0x80.. => PLAIN_START | PLAIN | FLOW_PLAIN,
        _ => 0,
    }
}

fn is(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & class != 0)
}

pub(super) fn is_in_key(byte: u8) -> bool {
    is(byte, KEY)
}

pub(super) fn begins_plain(byte: u8) -> bool {
    is(byte, PLAIN_START)
}

pub(super) fn is_in_plain(byte: u8) -> bool {
    is(byte, PLAIN)
}

pub(super) fn is_in_flow_plain(byte: u8) -> bool {
    is(byte, FLOW_PLAIN)
}

/// Returns whether the text holds only characters that every reader takes for text, newlines and
/// tabs.
///
/// Left out are control characters, and what YAML 1.1 takes for a line break or a byte order mark.
pub(super) fn are_printable(text: &str) -> bool {
    // Without a way out of the loop, many bytes are looked at together.
    let (mut controls, mut all) = (0, 0);
    for &byte in text.as_bytes() {
        controls |= u8::from(byte < b' ') & u8::from(byte != b'\n') & u8::from(byte != b'\t');
        controls |= u8::from(byte == DELETE);
        all |= byte;
    }
    controls == 0 && (all < 0x80 || text.chars().all(is_printable))
}

fn is_printable(character: char) -> bool {
    !matches!(
        character,
        '\u{80}'..'\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
