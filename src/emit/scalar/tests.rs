//! Which form each kind of string gets.

use super::*;

fn block(text: &str) -> Cow<'_, str> {
    one_line(text, Context::Block)
}

#[test]
fn what_could_be_another_value_is_in_double_quotes() {
    let strings = "yes|Yes|yES|no|on|OFF|y|N|true|tRue|null|~|.inf|.NaN|-.Inf|=|<<|0|-1|0644|0o14|\
        0x1F|0b1|1_000|.5|+1|1e3|1e400|5.|089|1:30|12:30:45|2024-01-01|2024-01-01T10:00:00Z";
    for text in strings.split('|').chain([""]) {
        assert_eq!(format!("\"{text}\""), block(text));
    }
}

#[test]
fn marks_are_in_single_quotes() {
    for text in
        ["*", "a: b", "a:", "- x", "-", "?", "a #b", " a", "a ", "{\"a\":1}", "@a", "---", "..."]
    {
        assert_eq!(format!("'{text}'"), block(text));
    }
    assert_eq!("'''a'''", block("'a'"));
}

#[test]
fn everything_else_is_plain() {
    let strings = "web|a:b|::1|-x|a#b|1.2.3.4|10.0.0.0/8|100m|80:8080|1.2.3|it's|a\"b|日本|😀|..|a, b|deadbeef";
    for text in strings.split('|') {
        assert_eq!(text, block(text));
    }
}

#[test]
fn what_nobody_sees_is_escaped() {
    assert_eq!(r#""a\rb""#, block("a\rb"));
    assert_eq!(
        r#""\N\L\P\uFEFF\x7F\x80\uFFFE\U0001FFFF\0\e\\""#,
        block("\u{85}\u{2028}\u{2029}\u{feff}\u{7f}\u{80}\u{fffe}\u{1ffff}\0\u{1b}\\")
    );
}

#[test]
fn flow_quotes_its_own_marks() {
    for text in ["a,b", "a]", "a:b", "-x", "x?"] {
        assert_eq!(format!("'{text}'"), one_line(text, Context::Flow));
    }
}

#[test]
fn lines_stay_lines_where_that_is_faithful() {
    assert_eq!(Some("|"), literal_header("a\n\tb\n"));
    assert_eq!(Some("|-"), literal_header("a\nb"));
    assert_eq!(Some("|+"), literal_header("a\n\n"));
    for text in
        ["a", "\n", " a\n", "\ta\n", "\na\n", "a \nb", "a\nb ", "a\n \nb", "a\r\nb", "a\u{85}\nb"]
    {
        assert_eq!(None, literal_header(text), "{text:?}");
    }
}
