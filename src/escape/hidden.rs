//! Characters that a reader does not see, or that change how others are seen.

use std::ops::RangeInclusive;

/// Control and format characters, separators of lines, and characters without a shape of their own.
///
/// From Unicode's DerivedGeneralCategory.txt (`Cf`, `Zl`, `Zp`) and DerivedCoreProperties.txt
/// (`Default_Ignorable_Code_Point`), version 16. The two selectors that choose between a coloured and a
/// plain sign, U+FE0E and U+FE0F, are left out: signs such as ⚠️ are written with one.
const HIDDEN: [RangeInclusive<u32>; 25] = [
    0x00ad..=0x00ad,
    0x034f..=0x034f,
    0x0600..=0x0605,
    0x061c..=0x061c,
    0x06dd..=0x06dd,
    0x070f..=0x070f,
    0x0890..=0x0891,
    0x08e2..=0x08e2,
    0x115f..=0x1160,
    0x17b4..=0x17b5,
    0x180b..=0x180f,
    0x200b..=0x200f,
    0x2028..=0x202e,
    0x2060..=0x206f,
    0x3164..=0x3164,
    0xfe00..=0xfe0d,
    0xfeff..=0xfeff,
    0xffa0..=0xffa0,
    0xfff0..=0xfffb,
    0x110bd..=0x110bd,
    0x110cd..=0x110cd,
    0x13430..=0x1343f,
    0x1bca0..=0x1bca3,
    0x1d173..=0x1d17a,
    0xe0000..=0xe0fff,
];

/// Returns whether a character is shown as an escape.
///
/// ```
/// use rollstep::escape::is_hidden;
///
/// assert!(['\n', '\t', '\u{7f}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{e0041}'].into_iter().all(is_hidden));
/// assert!(!['a', ' ', 'é', '日', '\u{a0}', '\u{fffd}'].into_iter().any(is_hidden));
/// ```
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let code = u32::from(character);
    character.is_control() || HIDDEN.iter().any(|range| range.contains(&code))
}
