//! Conditions of `withoutHeaders` that a step's condition contradicts.
//!
//! A rule with `withoutHeaders` takes no request whose header meets the excluded condition. Where
//! every value that the step asks for is excluded, no request meets both. Where only some are, or
//! where it cannot be decided, the twin keeps both conditions and Istio decides for each request.

use crate::dialect::compile;
use crate::model::StringMatch;

/// Expressions that hold for every value. Istio takes `*` for a value that is there:
/// istio/istio:pilot/pkg/networking/core/route/route.go `canBeConvertedToPresentMatch`.
const ANY: [&str; 5] = ["*", ".*", "^.*", ".*$", "^.*$"];

/// Characters that mean something else than themselves in a regular expression.
const SPECIAL: &str = r"\.+*?()|[]{}^$";

/// Returns whether every value that meets `wanted` meets `excluded`, where that is certain.
pub(super) fn excludes_all(excluded: &StringMatch, wanted: &StringMatch) -> bool {
    match (excluded, wanted) {
        (StringMatch::Present, _) => true,
        (StringMatch::Regex(regex), _) if ANY.contains(&regex.as_str()) => true,
        (_, StringMatch::Present) => false,
        (_, StringMatch::Exact(value)) => holds(excluded, value),
        (StringMatch::Prefix(prefix), StringMatch::Prefix(longer)) => longer.starts_with(prefix),
        (StringMatch::Exact(_) | StringMatch::Regex(_), StringMatch::Prefix(_)) => false,
        (_, StringMatch::Regex(regex)) => excludes_expression(excluded, regex),
    }
}

fn excludes_expression(excluded: &StringMatch, wanted: &str) -> bool {
    if let Some(values) = values_of(wanted) {
        return values.iter().all(|value| holds(excluded, value));
    }
    match excluded {
        StringMatch::Prefix(prefix) => beginning_of(wanted).starts_with(prefix),
        StringMatch::Regex(regex) if regex == wanted => true,
        // Any value but the empty one.
        StringMatch::Regex(regex) if regex == ".+" => {
            compile(wanted).is_ok_and(|wanted| !wanted.is_match(b""))
        }
        StringMatch::Present | StringMatch::Exact(_) | StringMatch::Regex(_) => false,
    }
}

/// Returns whether a value meets a condition, as far as the engines of Go and Envoy agree.
fn holds(condition: &StringMatch, value: &str) -> bool {
    match condition {
        StringMatch::Present => true,
        StringMatch::Exact(exact) => value == exact,
        StringMatch::Prefix(prefix) => value.starts_with(prefix),
        StringMatch::Regex(regex) => {
            ANY.contains(&regex.as_str())
                || compile(regex).is_ok_and(|regex| regex.is_match(value.as_bytes()))
        }
    }
}

/// Returns the values that an expression lists: `yes`, `a|b`, `(a|b)`. None where it says more.
fn values_of(regex: &str) -> Option<Vec<&str>> {
    let bare = regex.strip_prefix('^').unwrap_or(regex);
    let bare = bare.strip_suffix('$').unwrap_or(bare);
    let group = bare.strip_prefix("(?:").or_else(|| bare.strip_prefix('('));
    let list = group.and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare);
    let values: Vec<&str> = list.split('|').collect();
    let is_anchored_alternative = bare.len() != regex.len() && list == bare && values.len() > 1;
    let is_literal = |value: &&str| !value.contains(|one| SPECIAL.contains(one));
    (!is_anchored_alternative && values.iter().all(is_literal)).then_some(values)
}

/// Returns what every value begins with that meets an expression.
fn beginning_of(regex: &str) -> &str {
    if regex.contains('|') {
        return "";
    }
    let bare = regex.strip_prefix('^').unwrap_or(regex);
    let end = bare.find(|one| SPECIAL.contains(one)).unwrap_or(bare.len());
    let (literal, rest) = bare.split_at(end);
    // The last character may be repeated no times at all.
    if rest.starts_with(['*', '?', '{']) {
        let last = literal.char_indices().next_back().map_or(0, |(index, _)| index);
        return literal.get(..last).unwrap_or_default();
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::excludes_all;
    use crate::model::StringMatch::{self, Exact, Prefix, Present, Regex};

    fn exact(text: &str) -> StringMatch {
        Exact(text.to_owned())
    }

    fn prefix(text: &str) -> StringMatch {
        Prefix(text.to_owned())
    }

    fn regex(text: &str) -> StringMatch {
        Regex(text.to_owned())
    }

    #[test]
    fn a_wanted_value_that_is_excluded_is_found() {
        for (excluded, wanted) in [
            (Present, exact("yes")),
            (Present, regex("a.*")),
            (regex("*"), exact("yes")),
            (regex(".*"), regex("a.*")),
            (regex(".+"), exact("yes")),
            (regex(".+"), regex("a.*")),
            (exact("yes"), exact("yes")),
            (exact("yes"), regex("^yes$")),
            (prefix("ye"), exact("yes")),
            (prefix("ye"), regex("yes.*")),
            (prefix("ye"), regex("(yes|yep)")),
            (regex("y.*"), exact("yes")),
            (regex("y.*"), regex("yes|yep")),
            (regex("y.*"), regex("y.*")),
        ] {
            assert!(excludes_all(&excluded, &wanted), "{excluded:?} {wanted:?}");
        }
    }

    #[test]
    fn what_some_wanted_value_meets_is_kept() {
        for (excluded, wanted) in [
            (exact("no"), exact("yes")),
            (prefix("n"), exact("yes")),
            (prefix("yes"), regex("yes?.*")),
            (prefix("yes"), regex("yes|no")),
            (prefix("yes"), regex("^yes|no$")),
            (regex("n.*"), exact("yes")),
            (regex("y.*"), regex("[a-z]+")),
            (regex(".+"), regex(".*")),
            (exact("yes"), regex("yes.*")),
            // Not an expression that both engines take.
            (regex("[a&&b]"), exact("a")),
        ] {
            assert!(!excludes_all(&excluded, &wanted), "{excluded:?} {wanted:?}");
        }
    }
}
