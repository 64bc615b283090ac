//! Conditions on header, query parameter and path that Istio refuses, or that engines read otherwise.

use super::super::route::Route;
use super::super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{DUPLICATE_HEADER, REFUSED_BY_ISTIO, REGEX_DIFFERS};
use crate::dialect::{Reason, compile};

/// The conditions that are one text.
const TEXTS: [&str; 4] = ["uri", "scheme", "method", "authority"];

/// The conditions that are texts by name.
const MAPS: [&str; 3] = ["headers", "withoutHeaders", "queryParams"];

/// What `withoutHeaders` may say although it is no expression.
///
/// From istio/istio:pkg/config/validation/virtualservice.go `validateHTTPRouteMatchRequest`.
const ANY_HEADER: &str = "*";

/// Tells conditions that Istio refuses, and expressions that are read differently.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let rules = route.rules("http");
    let matches = rules.iter().flat_map(|rule| rule.list("match"));
    matches.flat_map(|entry| check_entry(route, &entry)).collect()
}

fn check_entry<'a>(route: &Route<'a>, entry: &Spot<'_>) -> Vec<Problem<'a>> {
    let mut told = Vec::new();
    for key in TEXTS {
        let text = entry.child(key);
        told.extend(text.and_then(|text| check_text(route, &text, key)));
    }
    for key in MAPS {
        let entries = entry.child(key).map(|map| map.entries()).unwrap_or_default();
        told.extend(check_names(route, key, &entries));
        told.extend(entries.iter().filter_map(|(_, text)| check_text(route, text, key)));
    }
    told
}

/// The names of headers are tokens, in any case.
fn check_names<'a>(route: &Route<'a>, key: &str, entries: &[(&str, Spot<'_>)]) -> Vec<Problem<'a>> {
    if key == "queryParams" {
        return Vec::new();
    }
    let mut told = Vec::new();
    for (position, (name, spot)) in entries.iter().enumerate() {
        if !is_header_name(name) {
            let problem =
                route.problem(spot, &REFUSED_BY_ISTIO, format!("`{name}` is no name of a header"));
            told.push(problem.help("use letters, digits and `-`"));
        }
        let mut before = entries.iter().take(position);
        if before.any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let message = format!(
                "header `{name}` is there twice, in another case: both conditions must hold"
            );
            let problem = route.problem(spot, &DUPLICATE_HEADER, message).into_warning();
            told.push(problem.help("keep one of the two"));
        }
    }
    told
}

/// RFC 9110's token, or a name that Istio gives a meaning of its own.
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_own = name.starts_with('@') || name.starts_with(':');
    !name.is_empty() && (is_own || name.bytes().all(is_token))
}

fn check_text<'a>(route: &Route<'a>, text: &Spot<'_>, key: &str) -> Option<Problem<'a>> {
    if text.text("prefix") == Some("") && key != "uri" {
        let spot = text.child("prefix")?;
        let message = "an empty prefix is not taken here";
        let help = "write `{}` to ask that the value is there, or remove the condition";
        return Some(route.problem(&spot, &REFUSED_BY_ISTIO, message).help(help));
    }
    let regex = text.text("regex")?;
    if key == "withoutHeaders" && regex == ANY_HEADER {
        return None;
    }
    let refusal = compile(regex).err()?;
    let spot = text.child("regex")?;
    let told = match refusal.reason {
        Reason::Empty | Reason::TooLong | Reason::Invalid => {
            let problem = route.problem(&spot, &REFUSED_BY_ISTIO, refusal.to_string());
            problem.help("correct the expression; it has at most 1024 bytes")
        }
        Reason::NotAscii
        | Reason::Escape(_)
        | Reason::Group(_)
        | Reason::Class(_)
        | Reason::Repetition(_) => {
            let problem = route.problem(&spot, &REGEX_DIFFERS, refusal.to_string());
            problem.help("write it without that construct; a list of alternatives often does")
        }
    };
    Some(told)
}
