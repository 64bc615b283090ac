//! Requests that both a rule and a step describe.
//!
//! Istio's match entries are alternatives, and within an entry all conditions hold. So the entries of
//! a twin are all pairs of an entry of the rule and an alternative of the step, where the conditions
//! of a pair are on different properties or equal.

use crate::model::{NamedMatch, PathMatch, RequestMatch, RuleMatch, StringMatch};

/// A match entry of a twin: an entry of the rule, and what the step adds to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TwinMatch {
    /// The index of the rule's entry, which is carried over whole; none where the rule has no match.
    pub(crate) entry: Option<usize>,
    pub(crate) uri: Option<StringMatch>,
    pub(crate) headers: Vec<(String, StringMatch)>,
    pub(crate) query_params: Vec<(String, StringMatch)>,
}

/// Combines the entries of a rule with a match of a step, or tells which property is in the way.
pub(super) fn conjoin(
    entries: &[RuleMatch],
    wanted: &RequestMatch,
) -> Result<Vec<TwinMatch>, String> {
    let uris = path_alternatives(wanted.path.as_ref());
    let matches_all = RuleMatch::default();
    let numbered: Vec<(Option<usize>, &RuleMatch)> = match entries {
        [] => vec![(None, &matches_all)],
        entries => entries.iter().enumerate().map(|(index, entry)| (Some(index), entry)).collect(),
    };
    let mut found = Vec::new();
    for (index, entry) in numbered {
        for uri in &uris {
            found.push(TwinMatch { entry: index, ..conjoin_pair(entry, uri.as_ref(), wanted)? });
        }
    }
    Ok(found)
}

fn conjoin_pair(
    entry: &RuleMatch,
    uri: Option<&StringMatch>,
    wanted: &RequestMatch,
) -> Result<TwinMatch, String> {
    let uri = match (&entry.uri, uri) {
        (_, None) => None,
        (_, Some(_)) if entry.ignores_uri_case => return Err("the path, ignoring case".to_owned()),
        (None, Some(wanted)) => Some(wanted.clone()),
        (Some(own), Some(wanted)) if own == wanted => None,
        (Some(_), Some(_)) => return Err("the path".to_owned()),
    };
    let named = |list: &[NamedMatch]| -> Vec<(String, StringMatch)> {
        list.iter().map(|named| (named.name.clone(), StringMatch::from(&named.value))).collect()
    };
    let same_header = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let same_parameter = |one: &str, other: &str| one == other;
    Ok(TwinMatch {
        entry: None,
        uri,
        headers: add("header", &entry.headers, named(&wanted.headers), same_header)?,
        query_params: add(
            "query parameter",
            &entry.query_params,
            named(&wanted.query_params),
            same_parameter,
        )?,
    })
}

/// Returns what `wanted` adds to `own`: what is there already need not be added.
fn add(
    what: &str,
    own: &[(String, StringMatch)],
    wanted: Vec<(String, StringMatch)>,
    same_name: impl Fn(&str, &str) -> bool,
) -> Result<Vec<(String, StringMatch)>, String> {
    let mut added = Vec::new();
    for (name, value) in wanted {
        match own.iter().find(|(other, _)| same_name(other, &name)) {
            None => added.push((name, value)),
            Some((_, other)) if *other == value => {}
            Some(_) => return Err(format!("{what} `{name}`")),
        }
    }
    Ok(added)
}

/// A prefix `/beta` means the path itself or one below it, which Istio's string prefix cannot say.
fn path_alternatives(path: Option<&PathMatch>) -> Vec<Option<StringMatch>> {
    match path.filter(|path| !path.holds_for_every_path()) {
        None => vec![None],
        Some(PathMatch::Exact(path)) => vec![Some(StringMatch::Exact(path.clone()))],
        Some(PathMatch::Regex(regex)) => vec![Some(StringMatch::Regex(regex.clone()))],
        Some(PathMatch::Prefix(prefix)) => {
            let path = prefix.trim_end_matches('/');
            vec![
                Some(StringMatch::Exact(path.to_owned())),
                Some(StringMatch::Prefix(format!("{path}/"))),
            ]
        }
    }
}
