//! Lines of a width: broken between words, set beside each other, painted.

use super::Look;

/// What a part of a text is, and so in which colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Strong,
    Faint,
    Canary,
    New,
    Alarm,
}

impl Paint {
    /// Returns the parameters of the control sequence SGR.
    fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Canary => "33",
            Self::New => "32",
            Self::Alarm => "31",
        }
    }
}

/// Returns the text in its colour, where colours are written.
pub(super) fn painted(text: &str, paint: Paint, look: Look) -> String {
    if !look.color || text.is_empty() {
        return text.to_owned();
    }
    format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code())
}

/// Returns how many columns a text takes; control sequences take none.
pub(super) fn width_of(text: &str) -> usize {
    let mut width = 0;
    let mut sequence = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => sequence = true,
            'm' if sequence => sequence = false,
            _ if sequence => {}
            c => width += columns(c),
        }
    }
    width
}

/// From the ranges that Unicode's EastAsianWidth.txt has as wide, and its marks that combine, in
/// blocks rather than one by one.
fn columns(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036f | 0xfe0e..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Returns the text with blanks behind it.
pub(super) fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(width_of(text));
    format!("{text}{:blanks$}", "")
}

/// Begins a line that goes on with what is quoted.
const GOES_ON: &str = "| ";

/// Breaks a text between words; every line begins with `indent`. A longer word has a line of its own.
///
/// A line that goes on with what stands in backticks, which is from a manifest, begins with a mark of ours.
pub(super) fn hanging(indent: &str, text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut quoted = false;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = width_of(indent) + width_of(&line) + 1 + width_of(word) > width;
        if !line.is_empty() && longer {
            lines.push(format!("{indent}{line}"));
            line.clear();
            if quoted {
                line.push_str(GOES_ON);
            }
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        quoted ^= word.matches('`').count() % 2 == 1;
    }
    if !line.is_empty() {
        lines.push(format!("{indent}{line}"));
    }
    lines
}

/// Sets lines beside a text, which stands before the first of them.
pub(super) fn beside(before: &str, lines: &[String]) -> Vec<String> {
    let blanks = " ".repeat(width_of(before));
    let Some((first, rest)) = lines.split_first() else { return vec![before.to_owned()] };
    let rest = rest.iter().map(|line| format!("{blanks}{line}"));
    [format!("{before}{first}")].into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::{Paint, hanging, painted, width_of};
    use crate::review::plan::text::Look;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(hanging("  ", "one two three", 9), ["  one two", "  three"]);
        assert_eq!(hanging("", "a-very-long-name b", 5), ["a-very-long-name", "b"]);
        assert_eq!(hanging("", "a is `b c` d", 7), ["a is `b", "| c` d"]);
        assert_eq!(hanging("", "`a`` b` c", 5), ["`a``", "| b`", "c"]);
        assert!(hanging("", "", 5).is_empty());
    }

    #[test]
    fn what_takes_no_column_is_not_counted() {
        let look = Look { color: true, ..Look::default() };
        assert_eq!(width_of(&painted("abc", Paint::New, look)), 3);
        assert_eq!(width_of("日本"), 4);
        assert_eq!(width_of("e\u{301}"), 1);
    }
}
