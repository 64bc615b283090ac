//! The samples that were run in Go, RE2 and the crate, and what else could tell them apart.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert, proptest};
use proptest::sample::select;

use super::{Reason, compile};

fn reason(pattern: &str) -> Option<Reason> {
    compile(pattern).err().map(|refusal| refusal.reason)
}

fn matches(pattern: &str, value: &str) -> bool {
    compile(pattern).unwrap().is_match(value.as_bytes())
}

#[test]
fn what_only_the_crate_accepts_is_refused() {
    assert_eq!(reason("[a--b]"), Some(Reason::Class("--".into())));
    assert_eq!(reason("a{1001}"), Some(Reason::Repetition("{1001}".into())));
    assert_eq!(reason("(?x)a b"), Some(Reason::Group("(?x)".into())));
    assert_eq!(reason("(?x:a b)"), Some(Reason::Group("(?x:".into())));
    assert_eq!(reason("a++"), Some(Reason::Repetition("+".into())));
    assert_eq!(reason("x{2}{3}"), Some(Reason::Repetition("{3}".into())));
    assert_eq!(reason("[a~~b]"), Some(Reason::Class("~~".into())));
    assert_eq!(reason("[a[b]]"), Some(Reason::Class("[".into())));
    assert_eq!(reason(r"\u0041"), Some(Reason::Escape(r"\u".into())));
    assert_eq!(reason(r"\b{start}a"), Some(Reason::Escape(r"\b{".into())));
    assert_eq!(reason("(?<a>b)"), Some(Reason::Group("(?<a>b)".into())));
    assert_eq!(reason("(?R)a"), Some(Reason::Group("(?R)".into())));
}

#[test]
fn what_only_the_crate_rejects_is_refused_with_its_reason() {
    assert_eq!(reason(r"\Qa.b\E"), Some(Reason::Escape(r"\Q".into())));
    assert_eq!(reason(r"\123"), Some(Reason::Escape(r"\1".into())));
    assert_eq!(reason("x{,5}"), Some(Reason::Repetition("{".into())));
    assert_eq!(reason("x{a}"), Some(Reason::Repetition("{".into())));
    assert_eq!(reason("x{"), Some(Reason::Repetition("{".into())));
}

#[test]
fn what_envoy_alone_rejects_or_accepts_is_refused() {
    assert_eq!(reason(r"\x{1F600}"), Some(Reason::Escape(r"\x{".into())));
    assert_eq!(reason(r"\C"), Some(Reason::Escape(r"\C".into())));
    assert_eq!(reason(r"\pL"), Some(Reason::Escape(r"\p".into())));
    assert_eq!(reason("*"), Some(Reason::Repetition("*".into())));
}

#[test]
fn what_engines_read_differently_is_refused() {
    assert_eq!(reason("[a&&b]"), Some(Reason::Class("&&".into())));
    assert_eq!(reason(r"\<foo"), Some(Reason::Escape(r"\<".into())));
    assert_eq!(reason(r"foo\>"), Some(Reason::Escape(r"\>".into())));
    assert_eq!(reason("é"), Some(Reason::NotAscii));
    assert_eq!(reason("(?i)é"), Some(Reason::NotAscii));
    assert_eq!(reason(r"\xe9"), Some(Reason::Escape(r"\xe9".into())));
    assert_eq!(reason("(a{100}){100}"), Some(Reason::Repetition("{100}".into())));
    assert_eq!(reason("^*"), Some(Reason::Repetition("*".into())));
}

#[test]
fn invalid_patterns_are_refused() {
    for pattern in ["(", ")", "a)|(b", "[a", "[", "\\", "(?i", "(?P<a", "[z-a]", "a{3,2}"] {
        assert_eq!(reason(pattern), Some(Reason::Invalid), "{pattern}");
    }
    assert_eq!(reason(""), Some(Reason::Empty));
    assert_eq!(reason(&"a".repeat(1025)), Some(Reason::TooLong));
    assert_eq!(reason(&"a".repeat(1024)), None);
}

#[test]
fn the_whole_value_is_matched() {
    assert!(matches("a.c", "abc"));
    assert!(!matches("a.c", "xabc"));
    assert!(!matches("a.c", "abcd"));
    assert!(matches("a|ab", "ab"));
    assert!(!matches("a|b", "ab"));
    assert!(!matches("a", "a\n"));
}

#[test]
fn values_are_bytes() {
    assert!(!matches(".", "é"));
    assert!(matches("..", "é"));
    assert!(!matches(r"\d", "٣"));
    assert!(!matches(r"\w+", "é"));
    assert!(matches("[^a][^a]", "é"));
    assert!(matches("(?i)Abc", "aBC"));
}

#[test]
fn what_all_engines_read_alike_is_accepted() {
    for (pattern, value) in [
        (r"^(.*?;)?(user=jason)(;.*)?$", "a=b;user=jason;c=d"),
        (r"/v[0-9]+/items/[^/]+", "/v2/items/7"),
        (r".*\.(png|jpe?g)", "/a/b.jpeg"),
        (r"[[:alpha:]_-]+", "a_b-c"),
        (r"[]a]+", "]a"),
        (r"[^]]", "a"),
        (r"\x41\t?\/\-\.", "A/-."),
        (r"(?P<a>x{1,3}?)(?:y)*?", "xxy"),
        (r"a{2,}", "aaaa"),
        (r"(?i:a)b", "Ab"),
        (r"\bfoo\b.*", "foo bar"),
        (r"a]}", "a]}"),
        (r"\Aab\z", "ab"),
        (r"[a\]\\]+", "a]\\"),
    ] {
        assert!(matches(pattern, value), "{pattern}");
    }
}

#[test]
fn refusals_are_told_in_plain_words() {
    let refusal = compile("a++").unwrap_err();
    let text = "the regex `a++` has `+`, a repetition that engines read differently";
    assert_eq!(refusal.to_string(), text);
}

/// Pieces of patterns, whole and broken.
const PIECES: [&str; 28] = [
    "a", "b", "9", ".", "\\", "[", "]", "(", ")", "{", "}", "?", "*", "+", "|", "^", "$", "-", "&",
    ":", ",", "<", "P", "x4", "[:", "(?i", "{2", "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pattern_is_compiled_or_refused(pieces in vec(select(&PIECES[..]), 0..12)) {
        let pattern = pieces.concat();
        if let Err(refusal) = compile(&pattern) {
            prop_assert!(refusal.pattern == pattern);
        }
    }
}
