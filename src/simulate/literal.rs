//! A text that meets a condition of a match.

use serde_json::Value;

use crate::dialect::compile;

/// Parts of a regular expression, and a text that each stands for.
const PARTS: [(&str, &str); 10] = [
    ("[^/]+", "x"),
    ("[0-9]+", "1"),
    ("[0-9]", "1"),
    ("[a-z]+", "x"),
    (r"\d+", "1"),
    (".*", ""),
    (".+", "x"),
    (r"\.", "."),
    ("(", ""),
    (")", ""),
];

/// Returns a text that meets Istio's `StringMatch`, where one is found.
pub(crate) fn example(condition: &Value) -> Option<String> {
    let Some((kind, text)) = condition.as_object()?.iter().next() else {
        return Some("x".to_owned());
    };
    match kind.as_str() {
        "exact" | "prefix" => text.as_str().map(ToOwned::to_owned),
        "regex" => literal(text.as_str()?),
        _ => None,
    }
}

/// Returns a text that a regular expression matches, if a simple one does.
pub(crate) fn literal(regex: &str) -> Option<String> {
    let compiled = compile(regex).ok()?;
    let bare = regex.trim_start_matches('^').trim_end_matches('$');
    let plain =
        PARTS.iter().fold(bare.to_owned(), |text, (part, for_it)| text.replace(part, for_it));
    let first = plain.split('|').next().unwrap_or_default().to_owned();
    let candidates = [plain, first, bare.to_owned()];
    candidates.into_iter().find(|text| compiled.is_match(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn simple_expressions_have_an_example() {
        for (regex, text) in [
            ("v2", Some("v2")),
            ("^/api/.*$", Some("/api/")),
            ("/api/v[0-9]+/[^/]+", Some("/api/v1/x")),
            (r"example\.com", Some("example.com")),
            ("(GET|HEAD)", Some("GET")),
            ("[^a]{3}z", None),
            ("", None),
            (r"\p{L}", None),
        ] {
            assert_eq!(literal(regex).as_deref(), text, "{regex}");
        }
    }
}
