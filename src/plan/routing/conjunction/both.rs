//! Two conditions on one text, as one.

use crate::dialect::compile;
use crate::model::StringMatch;

/// What holds where both conditions hold.
#[derive(Debug, PartialEq)]
pub(super) enum Both<'c> {
    /// One of the two implies the other.
    One(&'c StringMatch),
    /// Nothing.
    Never,
}

/// Why Istio has no condition for both.
#[derive(Debug, PartialEq)]
pub(super) struct Inexpressible(pub(super) String);

/// Returns the condition that says what both say.
pub(super) fn both<'c>(
    one: &'c StringMatch,
    other: &'c StringMatch,
) -> Result<Both<'c>, Inexpressible> {
    use StringMatch::{Exact, Prefix, Present, Regex};
    match (one, other) {
        _ if one == other => Ok(Both::One(one)),
        (Present, implied) | (implied, Present) => Ok(Both::One(implied)),
        (Exact(_), Exact(_)) => Ok(Both::Never),
        (exact @ Exact(text), Prefix(prefix)) | (Prefix(prefix), exact @ Exact(text)) => {
            Ok(if text.starts_with(prefix) { Both::One(exact) } else { Both::Never })
        }
        (exact @ Exact(text), Regex(regex)) | (Regex(regex), exact @ Exact(text)) => {
            let regex = compile(regex).map_err(|refusal| Inexpressible(refusal.to_string()))?;
            Ok(if regex.is_match(text.as_bytes()) { Both::One(exact) } else { Both::Never })
        }
        (Prefix(left), Prefix(right)) => {
            Ok(match (left.starts_with(right), right.starts_with(left)) {
                (true, _) => Both::One(one),
                (_, true) => Both::One(other),
                _ => Both::Never,
            })
        }
        (Regex(regex), Prefix(_)) | (Prefix(_), Regex(regex)) => Err(Inexpressible(format!(
            "a prefix and the regular expression `{regex}` cannot be said as one condition"
        ))),
        (Regex(_), Regex(_)) => {
            Err(Inexpressible("two regular expressions cannot be said as one condition".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Both, both};
    use crate::model::StringMatch::{self, Exact, Prefix, Present, Regex};

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn the_narrower_condition_stays() {
        let holds = |one: StringMatch, other: StringMatch, expected: StringMatch| {
            assert_eq!(both(&one, &other), Ok(Both::One(&expected)));
            assert_eq!(both(&other, &one), Ok(Both::One(&expected)));
        };
        holds(Present, Regex(text("a+")), Regex(text("a+")));
        holds(Exact(text("/api/x")), Prefix(text("/api")), Exact(text("/api/x")));
        holds(Exact(text("v2")), Regex(text("v[0-9]")), Exact(text("v2")));
        holds(Prefix(text("/a")), Prefix(text("/a/b")), Prefix(text("/a/b")));
        holds(Regex(text("a+")), Regex(text("a+")), Regex(text("a+")));
    }

    #[test]
    fn contradictions_hold_for_nothing() {
        let never = |one: StringMatch, other: StringMatch| {
            assert_eq!(both(&one, &other), Ok(Both::Never));
            assert_eq!(both(&other, &one), Ok(Both::Never));
        };
        never(Exact(text("a")), Exact(text("b")));
        never(Exact(text("/x")), Prefix(text("/api")));
        // The whole text must match.
        never(Exact(text("v22")), Regex(text("v[0-9]")));
        never(Prefix(text("/a")), Prefix(text("/b")));
    }

    #[test]
    fn what_istio_cannot_say_is_told() {
        assert!(both(&Prefix(text("a")), &Regex(text("b"))).is_err());
        assert!(both(&Regex(text("a")), &Regex(text("b"))).is_err());
        assert!(both(&Exact(text("a")), &Regex(text("[a&&b]"))).is_err());
    }
}
