//! What is from a manifest among words of ours, which every format tells apart in its own way.

/// Returns what is from a manifest, to stand among words of ours: in backticks, its own ones doubled.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// A part of what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Words of ours.
    Ours(String),
    /// What is from a manifest, as it is there.
    Quoted(String),
}

/// Takes apart what is said.
pub(super) fn parts(said: &str) -> Vec<Said> {
    let mut parts = Vec::new();
    let mut rest = said;
    while let Some((ours, behind)) = rest.split_once('`') {
        parts.push(Said::Ours(ours.to_owned()));
        let (quoted, more) = unquoted(behind);
        parts.push(Said::Quoted(quoted));
        rest = more;
    }
    parts.push(Said::Ours(rest.to_owned()));
    parts
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
    use super::{Said, parts, quoted};

    #[test]
    fn what_is_quoted_is_found_again() {
        for text in ["", "a", "`", "``b``", "a`", "`a", "x` and header `y"] {
            let said = format!("path is {} or below", quoted(text));
            let expected = [
                Said::Ours("path is ".to_owned()),
                Said::Quoted(text.to_owned()),
                Said::Ours(" or below".to_owned()),
            ];
            assert_eq!(parts(&said), expected, "{said}");
        }
    }
}
