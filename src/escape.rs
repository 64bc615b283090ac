//! Escapes for texts of strangers: the one place that decides which characters are shown as they are.
//!
//! Names, values, source lines and paths come from manifests that anybody may have written, and end in
//! terminals, CI logs and review comments. A line break would start a line that looks like one of ours,
//! a control character would steer the terminal, and a format character such as U+202E would show
//! another text than the one that is read. CI systems besides take commands from what is printed: GitHub
//! from a line that begins with `::` and from `##[`, Azure from `##vso[`, TeamCity from `##teamcity[`.
//!
//! Every output but manifests passes through here: what goes into one line through [`line`](line()),
//! what has line breaks of its own through [`lines`], JSON through [`json`]. Markup is left to the
//! formats that have one.

mod hidden;

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

pub use hidden::is_hidden;

/// The beginnings of the commands that CI systems look for anywhere in a line.
const COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// The beginning of a line that GitHub takes for a command, whatever blanks stand before it.
const WORKFLOW_COMMAND: &str = "::";

/// The character that begins a control sequence.
const ESCAPE: char = '\u{1b}';

/// The line of a diff that says that it shows other text than the files have.
pub(crate) const NOT_A_PATCH: &str = "# shown with escapes: this diff does not apply as a patch";

/// The control sequences of the colours that rollstep writes, behind their first character.
const COLORS: [&str; 9] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m", "[36m", "[31;7m", "[32;7m"];

/// Returns the text as a part of one line: line breaks are escaped as well.
///
/// ```
/// use rollstep::escape;
///
/// assert_eq!(escape::line("web"), "web");
/// assert_eq!(escape::line("a\n::error::b\u{202e}"), r"a\n::error::b\u{202e}");
/// assert_eq!(escape::line("##[error]"), r"#\u{23}[error]");
/// ```
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push(&mut shown, character);
    }
    Cow::Owned(break_commands(shown))
}

/// Returns a text whose line breaks and tabs are its own, in which no line begins with a command.
///
/// ```
/// use rollstep::escape;
///
/// assert_eq!(escape::lines("a\n  ::error::b\u{7}\n"), "a\n  \\u{3a}:error::b\\u{7}\n");
/// ```
pub fn lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for one in text.split_inclusive('\n') {
        let (text, ending) = without_ending(one);
        shown.push_str(&diff_line(text));
        shown.push_str(ending);
    }
    shown
}

/// Returns a text like [`lines`], in which the colours that rollstep writes stay.
///
/// Whatever is from a manifest must have passed [`line`](line()) before it was coloured.
pub fn colored_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for one in text.split_inclusive('\n') {
        let (text, ending) = without_ending(one);
        shown.push_str(&colored(text, diff_text));
        shown.push_str(ending);
    }
    shown
}

/// Returns one whole line with its colours; line breaks are escaped as well.
pub fn colored_line(text: &str) -> String {
    colored(text, line)
}

fn colored(text: &str, escaped: fn(&str) -> Cow<'_, str>) -> String {
    let (mut shown, mut words) = (String::with_capacity(text.len()), String::new());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(ESCAPE) {
        let part = escaped(before);
        shown.push_str(&part);
        words.push_str(&part);
        rest = match COLORS.iter().find_map(|color| Some((color, behind.strip_prefix(color)?))) {
            Some((color, rest)) => {
                shown.push(ESCAPE);
                shown.push_str(color);
                rest
            }
            None => {
                push(&mut shown, ESCAPE);
                behind
            }
        };
    }
    let part = escaped(rest);
    shown.push_str(&part);
    words.push_str(&part);
    if begins_command(&words) { defused(&shown) } else { shown }
}

/// Returns a unified diff that is shown to a person.
///
/// Where a line had to be escaped, the first line says that the diff does not apply as a patch. Tabs
/// stay, and so does a carriage return at the end of a line.
///
/// ```
/// use rollstep::escape;
///
/// assert_eq!(escape::patch("+a\t1\r\n"), "+a\t1\r\n");
/// assert_eq!(
///     escape::patch("+a\u{7}\n"),
///     "# shown with escapes: this diff does not apply as a patch\n+a\\u{7}\n"
/// );
/// ```
pub fn patch(diff: &str) -> String {
    let shown = lines(diff);
    if shown == diff { shown } else { format!("{NOT_A_PATCH}\n{shown}") }
}

/// Returns a line of a text of several, such as a diff: tabs stay, and it does not begin with a command.
pub fn diff_line(text: &str) -> Cow<'_, str> {
    let shown = diff_text(text);
    if begins_command(&shown) { Cow::Owned(defused(&shown)) } else { shown }
}

/// Returns a part of such a line.
fn diff_text(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\t' => shown.push('\t'),
            other => push(&mut shown, other),
        }
    }
    Cow::Owned(break_commands(shown))
}

/// Returns a value as JSON with an indentation, and a newline at the end.
///
/// What a person would not see is a `\u` escape, so that every reader of JSON gets the value as it is.
///
/// ```
/// use rollstep::escape;
/// use serde_json::json;
///
/// assert_eq!(escape::json(&json!("a\u{202e}##[b")), "\"a\\u202e#\\u0023[b\"\n");
/// ```
pub fn json(value: &Value) -> String {
    let text = format!("{value:#}\n");
    if is_plain_but_for_newlines(&text) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if character == '\n' || !is_hidden(character) {
            shown.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing into a string does not fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    for command in COMMANDS {
        if shown.contains(command) {
            shown = shown.replace(command, &command.replacen("##", "#\\u0023", 1));
        }
    }
    shown
}

/// Returns a line and its ending; a carriage return that ends no line belongs to the text.
fn without_ending(line: &str) -> (&str, &str) {
    let ending = ["\r\n", "\n"].into_iter().find(|ending| line.ends_with(ending));
    let length = ending.map_or(0, str::len);
    line.split_at(line.len() - length)
}

/// Adds a character, or its escape.
fn push(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        hidden if is_hidden(hidden) => {
            shown.extend(hidden.escape_unicode());
        }
        plain => shown.push(plain),
    }
}

fn break_commands(mut text: String) -> String {
    for command in COMMANDS {
        if text.contains(command) {
            text = text.replace(command, &command.replacen("##", "#\\u{23}", 1));
        }
    }
    text
}

/// Returns whether GitHub would read the line as a command.
fn begins_command(line: &str) -> bool {
    line.trim_start().starts_with(WORKFLOW_COMMAND)
}

/// Escapes the colon that the line begins with.
fn defused(line: &str) -> String {
    line.replacen(':', "\\u{3a}", 1)
}

/// Returns whether nothing in the text needs an escape, without a look at each character.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'#')
}

fn is_plain_but_for_newlines(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\n' || ((b' '..=b'~').contains(&byte) && byte != b'#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_stays_as_it_is() {
        for text in ["a\nb", "\u{202e}\u{2066}\u{e0041}", "  ::x", "##vso[a]", "é 日本 ⚠️", "\\n"]
        {
            let once = lines(&line(text));
            assert_eq!(lines(&once), once, "{text:?}");
        }
    }

    #[test]
    fn commands_are_broken_wherever_their_blanks_come_from() {
        for blanks in ["", " ", "\t", "\u{a0}", "\u{3000}", "\r", "\u{b}"] {
            let shown = lines(&format!("{blanks}::error::x"));
            assert!(!shown.trim_start().starts_with("::"), "{shown:?}");
        }
        assert_eq!(lines("a ::b"), "a ::b");
        assert_eq!(line("###[a] ##teamcity[b"), r"##\u{23}[a] #\u{23}teamcity[b");
    }

    #[test]
    fn colours_of_ours_stay_and_other_sequences_do_not() {
        assert_eq!(
            colored_lines("\u{1b}[31mred\u{1b}[0m\u{1b}[2J\n::a"),
            "\u{1b}[31mred\u{1b}[0m\\u{1b}[2J\n\\u{3a}:a"
        );
    }

    #[test]
    fn tabs_are_layout_in_a_diff() {
        assert_eq!(diff_line("\ta\u{1b}"), "\ta\\u{1b}");
        assert_eq!(diff_line(" ::a"), " \\u{3a}:a");
    }

    #[test]
    fn json_keeps_the_value() {
        let value = serde_json::json!({"a\u{200b}": ["\u{e0041}\r\n##[x", "##teamcity[", "é"]});
        let text = json(&value);
        assert!(text.chars().all(|one| one == '\n' || !is_hidden(one)), "{text}");
        assert!(text.contains("\\u200b") && text.contains("\\udb40\\udc41") && text.contains('é'));
        assert!(!text.contains("##"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
