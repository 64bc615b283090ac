//! One condition on one value: there, equal, begins with, or matches.

use regex::bytes::Regex;

use super::read::{Cause, Field, Undecided};
use super::why::Wanted;
use crate::dialect;

/// A `StringMatch`, as istio/api:networking/v1alpha3/virtual_service.proto has it.
#[derive(Debug, Clone)]
pub(super) enum Text {
    /// Any value: no key is set.
    Present,
    Exact(String),
    Prefix(String),
    Regex(Pattern),
}

/// A regular expression, compiled or refused.
///
/// A refusal matters only where the condition decides, so it is kept until then.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    compiled: Result<Regex, Undecided>,
}

impl Text {
    /// Reads the condition of a path; any path where no key is set.
    ///
    /// From istio/istio:pilot/pkg/networking/core/route/route.go `TranslateRouteMatch`.
    pub(super) fn read_uri(field: &Field<'_>) -> Result<Self, Undecided> {
        Self::read_key(field)
    }

    /// Reads the condition of anything else.
    ///
    /// The regex `*` means that the value is there. From
    /// istio/istio:pilot/pkg/networking/core/route/route.go `canBeConvertedToPresentMatch`. An empty
    /// prefix is refused by istio/istio:pkg/config/validation/virtualservice.go
    /// `validateStringMatch`.
    pub(super) fn read(field: &Field<'_>) -> Result<Self, Undecided> {
        match Self::read_key(field)? {
            Self::Prefix(prefix) if prefix.is_empty() => {
                Err(field.child("prefix").invalid("must not be empty"))
            }
            Self::Regex(pattern) if pattern.text == "*" => Ok(Self::Present),
            text => Ok(text),
        }
    }

    fn read_key(field: &Field<'_>) -> Result<Self, Undecided> {
        let mut found = Vec::new();
        for (key, value) in field.entries()? {
            if let Some(text) = value.text()? {
                found.push((key, value, text));
            }
        }
        let mut found = found.into_iter();
        let text = match found.next() {
            None => Self::Present,
            Some(("exact", _, text)) => Self::Exact(text),
            Some(("prefix", _, text)) => Self::Prefix(text),
            Some(("regex", value, text)) => {
                let refuse = |refusal| value.undecided(Cause::Regex(refusal));
                Self::Regex(Pattern { compiled: dialect::compile(&text).map_err(refuse), text })
            }
            Some((_, value, _)) => return Err(value.invalid("is no kind of match")),
        };
        match found.next() {
            Some(_) => Err(field.invalid("must have one of `exact`, `prefix` and `regex`")),
            None => Ok(text),
        }
    }

    /// Returns whether a value that is there satisfies the condition.
    pub(super) fn holds(&self, value: &str) -> Result<bool, Undecided> {
        match self {
            Self::Present => Ok(true),
            Self::Exact(exact) => Ok(value == exact),
            Self::Prefix(prefix) => Ok(value.starts_with(prefix.as_str())),
            Self::Regex(pattern) => pattern.holds(value),
        }
    }

    /// Like [`holds`](Self::holds), with large and small letters alike except for a regex.
    pub(super) fn holds_in_any_case(&self, value: &str) -> Result<bool, Undecided> {
        match self {
            Self::Exact(exact) => Ok(value.eq_ignore_ascii_case(exact)),
            Self::Prefix(prefix) => {
                let start = value.as_bytes().get(..prefix.len());
                Ok(start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())))
            }
            Self::Present | Self::Regex(_) => self.holds(value),
        }
    }

    /// Returns whether, as the condition of a path, it takes every path and Istio notices.
    pub(super) fn is_any_path(&self) -> bool {
        match self {
            Self::Prefix(prefix) => prefix == "/",
            Self::Regex(pattern) => pattern.text == ".*",
            Self::Present => true,
            Self::Exact(_) => false,
        }
    }

    /// Returns whether a delegate's condition is not within that of the match that leads to it.
    ///
    /// Only what is plainly within is accepted: no regex on either side, and no mere presence. From
    /// istio/istio:pilot/pkg/model/virtualservice.go `stringMatchConflict`.
    pub(super) fn conflicts(&self, leaf: &Self) -> bool {
        match (self, leaf) {
            (Self::Exact(root), Self::Exact(leaf)) if !root.is_empty() => root != leaf,
            (Self::Prefix(root), Self::Prefix(leaf) | Self::Exact(leaf))
                if !root.is_empty() && !leaf.is_empty() =>
            {
                !leaf.starts_with(root.as_str())
            }
            _ => true,
        }
    }

    /// Returns the condition in the form in which misses tell it.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::Present => Wanted::Present,
            Self::Exact(exact) => Wanted::Exact(exact.clone()),
            Self::Prefix(prefix) => Wanted::Prefix(prefix.clone()),
            Self::Regex(pattern) => Wanted::Regex(pattern.text.clone()),
        }
    }
}

impl Pattern {
    fn holds(&self, value: &str) -> Result<bool, Undecided> {
        match &self.compiled {
            Ok(regex) => Ok(regex.is_match(value.as_bytes())),
            Err(undecided) => Err(undecided.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Text;
    use crate::simulate::Name;
    use crate::simulate::read::{Field, Undecided};

    fn read(value: &Value) -> Result<Text, Undecided> {
        Text::read(&Field::root("VirtualService", &Name::new("shop", "web"), value))
    }

    #[test]
    fn conditions_hold_as_istio_has_them() {
        for (condition, value, holds) in [
            (json!({}), "", true),
            (json!({"regex": "*"}), "x", true),
            (json!({"exact": ""}), "", true),
            (json!({"exact": ""}), "a", false),
            (json!({"exact": "a"}), "A", false),
            (json!({"prefix": "/foo"}), "/foobar", true),
            (json!({"prefix": "/foo/"}), "/foo", false),
            (json!({"regex": "a.c"}), "abc", true),
            (json!({"regex": "a.c"}), "xabc", false),
            (json!({"exact": null}), "x", true),
        ] {
            assert_eq!(read(&condition).unwrap().holds(value).unwrap(), holds, "{condition}");
        }
    }

    #[test]
    fn case_is_ignored_for_all_but_a_regex() {
        for (condition, holds) in [
            (json!({"exact": "/A"}), true),
            (json!({"prefix": "/"}), true),
            (json!({"regex": "/A"}), false),
        ] {
            let text = read(&condition).unwrap();
            assert_eq!(text.holds_in_any_case("/a").unwrap(), holds, "{condition}");
        }
        assert!(!read(&json!({"prefix": "/ab"})).unwrap().holds_in_any_case("/a").unwrap());
        assert!(!read(&json!({"prefix": "/a"})).unwrap().holds_in_any_case("é").unwrap());
    }

    #[test]
    fn what_is_no_condition_is_refused_at_its_place() {
        for (condition, error) in [
            (json!("a"), "``: must be a map"),
            (json!({"exact": 5}), "`exact`: must be a string"),
            (json!({"exact": "a", "prefix": "b"}), "``: must have one of"),
            (json!({"contains": "a"}), "`contains`: is no kind of match"),
            (json!({"prefix": ""}), "`prefix`: must not be empty"),
        ] {
            let told = read(&condition).unwrap_err().to_string();
            assert!(told.contains(error), "{told}");
        }
    }

    #[test]
    fn a_regex_is_refused_where_it_decides() {
        let text = read(&json!({"regex": "[a&&b]"})).unwrap();
        let told = text.holds("&").unwrap_err().to_string();
        assert!(
            told.starts_with("VirtualService `shop/web`, `regex`: the regex `[a&&b]` has `&&`")
        );
    }
}
