//! What comes from manifests, in Markdown: text and never markup.
//!
//! A code span of backticks would do where no two readers of Markdown differ; inside tables they do, in
//! what a backslash before a pipe means. So it is an element of HTML, and what could be markup is a number.

use crate::escape;

/// The most characters that are shown.
const MAX_SHOWN: usize = 300;

/// Returns a text as code, in which nobody is mentioned and nothing is markup.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let mut shown = String::new();
    let text = escape::line(text);
    for character in text.chars().take(MAX_SHOWN) {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '/' | ' ' | '…' => {
                shown.push(character);
            }
            other => shown.push_str(&format!("&#{};", u32::from(other))),
        }
    }
    if text.chars().count() > MAX_SHOWN {
        shown.push('…');
    }
    format!("<code>{shown}</code>")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn what_could_be_markup_is_a_number() {
        assert_eq!(code("shop/web-1.2"), "<code>shop/web-1.2</code>");
        assert_eq!(code("a|b`\\"), "<code>a&#124;b&#96;&#92;</code>");
        assert_eq!(code("</code>\n@me"), "<code>&#60;/code&#62;&#92;n&#64;me</code>");
        assert_eq!(code(&"x".repeat(400)), format!("<code>{}…</code>", "x".repeat(300)));
    }
}
