//! What is from a manifest among words of ours, which every format tells apart in its own way.

/// Returns what is from a manifest, to stand among words of ours: in backticks, its own ones doubled.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// Returns what is said with `ours` made of our words, and `theirs` of what is from a manifest.
pub(super) fn marked_up(
    said: &str,
    ours: fn(&str) -> String,
    theirs: fn(&str) -> String,
) -> String {
    let mut written = String::new();
    let mut rest = said;
    while let Some((words, behind)) = rest.split_once('`') {
        let (quoted, more) = unquoted(behind);
        written += &ours(words);
        written += &theirs(&quoted);
        rest = more;
    }
    written + &ours(rest)
}

/// Returns what is quoted at the beginning, and what comes behind the backtick that ends it.
fn unquoted(text: &str) -> (String, &str) {
    let (mut quoted, mut rest) = (String::new(), text);
    while let Some((more, behind)) = rest.split_once('`') {
        quoted.push_str(more);
        let Some(doubled) = behind.strip_prefix('`') else { return (quoted, behind) };
        quoted.push('`');
        rest = doubled;
    }
    (quoted + rest, "")
}

#[cfg(test)]
mod tests {
    use super::{marked_up, quoted};

    #[test]
    fn what_is_quoted_is_found_again() {
        for text in ["", "a", "`", "``b``", "a`", "`a", "x` and header `y"] {
            let said = format!("path is {} or below", quoted(text));
            let written = marked_up(&said, str::to_owned, |text| format!("<{text}>"));
            assert_eq!(written, format!("path is <{text}> or below"), "{said}");
        }
    }
}
