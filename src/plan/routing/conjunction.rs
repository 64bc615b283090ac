//! Requests that both a rule and a step describe.
//!
//! Istio's match entries are alternatives, and within an entry all conditions hold. So the entries of
//! a twin are all pairs of an entry of the rule and an alternative of the step. A pair that no request
//! can meet is left out; one that Istio cannot say is reported.

mod both;
mod exclusion;

use crate::effort;
use crate::model::{NamedMatch, PathMatch, RequestMatch, RuleMatch, StringMatch};
use both::{Both, Inexpressible, both};

/// A match entry of a twin: an entry of the rule, and what the step makes of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TwinMatch {
    /// The index of the rule's entry, which is carried over whole; none where the rule has no match.
    pub(crate) entry: Option<usize>,
    /// Conditions that are added, or take the place of the entry's own.
    pub(crate) uri: Option<StringMatch>,
    pub(crate) headers: Vec<(String, StringMatch)>,
    pub(crate) query_params: Vec<(String, StringMatch)>,
}

/// Combines the entries of a rule with a match of a step; no entry where no request meets both.
///
/// # Errors
///
/// The property whose two conditions cannot be said as one, and why.
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
    let mut found: Vec<TwinMatch> = Vec::new();
    for (index, entry) in numbered {
        for uri in &uris {
            let Some(pair) = conjoin_pair(entry, uri.as_ref(), wanted)? else { continue };
            let pair = TwinMatch { entry: index, ..pair };
            // Two alternatives of a path can come down to the rule's own condition.
            let mut same_entry = found.iter().rev().take_while(|other| other.entry == index);
            let known = same_entry.any(|other| *other == pair);
            effort::count(1 + uris.len());
            if !known {
                found.push(pair);
            }
        }
    }
    Ok(found)
}

fn conjoin_pair(
    entry: &RuleMatch,
    uri: Option<&StringMatch>,
    wanted: &RequestMatch,
) -> Result<Option<TwinMatch>, String> {
    let mut pair = TwinMatch::default();
    if let Some(uri) = uri {
        if entry.ignores_uri_case {
            return Err("the path, whose case the rule ignores".to_owned());
        }
        match property("the path", entry.uri.as_ref(), uri)? {
            Property::Stays => {}
            Property::Becomes(condition) => pair.uri = Some(condition),
            Property::Never => return Ok(None),
        }
    }
    if excludes_some_header(entry, wanted) {
        return Ok(None);
    }
    let same_header = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let same_parameter = |one: &str, other: &str| one == other;
    let headers = named(("header", same_header), &entry.headers, &wanted.headers)?;
    let parameters =
        named(("query parameter", same_parameter), &entry.query_params, &wanted.query_params)?;
    let (Some(headers), Some(query_params)) = (headers, parameters) else { return Ok(None) };
    Ok(Some(TwinMatch { headers, query_params, ..pair }))
}

/// Returns whether the entry takes no request with one of the headers that are wanted.
fn excludes_some_header(entry: &RuleMatch, wanted: &RequestMatch) -> bool {
    entry.without_headers.iter().any(|(name, excluded)| {
        let same_header = |header: &&NamedMatch| header.name.eq_ignore_ascii_case(name);
        let mut fitting = wanted.headers.iter().filter(same_header);
        fitting.any(|header| exclusion::excludes_all(excluded, &StringMatch::from(&header.value)))
    })
}

/// Returns the conditions that `wanted` changes or adds; nothing where no request meets both.
fn named(
    (what, same_name): (&str, impl Fn(&str, &str) -> bool),
    own: &[(String, StringMatch)],
    wanted: &[NamedMatch],
) -> Result<Option<Vec<(String, StringMatch)>>, String> {
    let mut conditions = Vec::new();
    for NamedMatch { name, value } in wanted {
        let known = own.iter().find(|(other, _)| same_name(other, name));
        // The rule's own spelling of the name stays, or there would be two.
        let key = known.map_or(name, |(key, _)| key);
        let what = format!("{what} `{name}`");
        match property(&what, known.map(|(_, own)| own), &StringMatch::from(value))? {
            Property::Stays => {}
            Property::Becomes(condition) => conditions.push((key.clone(), condition)),
            Property::Never => return Ok(None),
        }
    }
    Ok(Some(conditions))
}

/// What becomes of the condition on one property.
enum Property {
    Stays,
    Becomes(StringMatch),
    Never,
}

fn property(
    what: &str,
    own: Option<&StringMatch>,
    wanted: &StringMatch,
) -> Result<Property, String> {
    let Some(own) = own else { return Ok(Property::Becomes(wanted.clone())) };
    match both(own, wanted) {
        Ok(Both::One(condition)) if condition == own => Ok(Property::Stays),
        Ok(Both::One(condition)) => Ok(Property::Becomes(condition.clone())),
        Ok(Both::Never) => Ok(Property::Never),
        Err(Inexpressible(why)) => Err(format!("{what}: {why}")),
    }
}

/// Returns the conditions for a prefix: `/beta` means the path itself or one below it, which Istio's string
/// prefix cannot say.
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
