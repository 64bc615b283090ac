//! Conditions on header, query parameter and path that Istio refuses, or that engines read otherwise.

use super::super::route::Route;
use super::super::spot::Spot;
use super::scope::is_for_mesh;
use super::syntax::is_token;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{DUPLICATE_HEADER, REFUSED_BY_ISTIO, REGEX_DIFFERS};
use crate::dialect::{Reason, compile};
use crate::simulate::CLAIM_PREFIX;

/// The conditions that are a `StringMatch`.
const TEXTS: [&str; 4] = ["uri", "scheme", "method", "authority"];

/// The fields of a `StringMatch`, of which it has one.
const STRING_MATCH: [&str; 3] = ["exact", "prefix", "regex"];

/// The conditions that are a `StringMatch` by name.
const MAPS: [&str; 3] = ["headers", "withoutHeaders", "queryParams"];

/// What `withoutHeaders` may say although it is no expression.
///
/// From istio/istio:pkg/config/validation/virtualservice.go `validateHTTPRouteMatchRequest`.
const ANY_HEADER: &str = "*";

/// The headers that HTTP/2 makes of the request line.
///
/// From istio/istio:pkg/config/validation/validation.go `pseudoHeaders`.
const PSEUDO_HEADERS: [&str; 5] = [":method", ":scheme", ":authority", ":path", ":status"];

/// Reports conditions that Istio refuses, and expressions that are read differently.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut told = Vec::new();
    for rule in route.rules("http") {
        told.extend(rule.list("match").iter().flat_map(|entry| check_entry(route, entry)));
        let rewrite = rule.child("rewrite").and_then(|rewrite| rewrite.child("uriRegexRewrite"));
        let regex = rewrite.and_then(|rewrite| rewrite.child("match"));
        told.extend(regex.and_then(|regex| check_regex(route, &regex)));
        let policy = rule.child("corsPolicy");
        let origins = policy.map(|policy| policy.list("allowOrigins")).unwrap_or_default();
        told.extend(origins.iter().filter_map(|origin| check_origin(route, origin)));
    }
    told
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

/// Checks that the names of headers are tokens, in any case.
fn check_names<'a>(route: &Route<'a>, key: &str, entries: &[(&str, Spot<'_>)]) -> Vec<Problem<'a>> {
    if key == "queryParams" {
        return Vec::new();
    }
    let mut told = Vec::new();
    for (position, (name, spot)) in entries.iter().enumerate() {
        told.extend(check_name(route, name, spot));
        if spot.value.is_null() && key == "headers" {
            let message = format!("the condition on header `{name}` is null, and would be dropped");
            let problem = route.problem(spot, &REFUSED_BY_ISTIO, message);
            told.push(problem.help("write `{}` to ask that the header is there, or remove it"));
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

fn check_name<'a>(route: &Route<'a>, name: &str, spot: &Spot<'_>) -> Option<Problem<'a>> {
    if is_claim(name) && is_for_mesh(route) {
        let message = "sidecars do not route by the claims of a token, only gateways do";
        let problem = route.problem(spot, &REFUSED_BY_ISTIO, message);
        return Some(problem.help("name gateways in `gateways`, and not `mesh`"));
    }
    if is_claim(name) || PSEUDO_HEADERS.contains(&name) || is_token(name) {
        return None;
    }
    let message = format!("`{name}` is no name of a header");
    Some(route.problem(spot, &REFUSED_BY_ISTIO, message).help("use letters, digits and `-`"))
}

/// Says whether a name is a claim, as `@request.auth.claims.sub` or `@request.auth.claims[sub]`.
fn is_claim(name: &str) -> bool {
    let (start, path) = name.split_at_checked(CLAIM_PREFIX.len()).unwrap_or_default();
    let is_path = (path.starts_with('.') && path.len() > 1)
        || (path.starts_with('[') && path.ends_with(']') && path.len() > 2);
    start.eq_ignore_ascii_case(CLAIM_PREFIX) && is_path
}

/// Checks that an origin that a CORS policy allows is one text, and not empty.
fn check_origin<'a>(route: &Route<'a>, origin: &Spot<'_>) -> Option<Problem<'a>> {
    if STRING_MATCH.iter().all(|key| origin.filled(key).is_none()) {
        let message = "the origin is empty".to_owned();
        let help = "write `exact`, `prefix` or `regex` with a text";
        return Some(route.problem(origin, &REFUSED_BY_ISTIO, message).help(help));
    }
    check_regex(route, &origin.child("regex")?)
}

fn check_text<'a>(route: &Route<'a>, text: &Spot<'_>, key: &str) -> Option<Problem<'a>> {
    if STRING_MATCH.iter().filter(|key| text.has(key)).count() > 1 {
        let message = "a condition is one of `exact`, `prefix` and `regex`";
        let problem = route.problem(text, &REFUSED_BY_ISTIO, message);
        return Some(problem.help("keep one, and write a match of its own for the other"));
    }
    if text.text("prefix") == Some("") && key != "uri" {
        let spot = text.child("prefix")?;
        let message = "an empty prefix is not taken here";
        let help = "write `{}` to ask that the value is there, or remove the condition";
        return Some(route.problem(&spot, &REFUSED_BY_ISTIO, message).help(help));
    }
    let regex = text.child("regex")?;
    let is_any = key == "withoutHeaders" && regex.value == ANY_HEADER;
    if is_any { None } else { check_regex(route, &regex) }
}

fn check_regex<'a>(route: &Route<'a>, spot: &Spot<'_>) -> Option<Problem<'a>> {
    let refusal = compile(spot.value.as_str()?).err()?;
    let told = match refusal.reason {
        Reason::Empty | Reason::TooLong | Reason::Invalid => {
            let problem = route.problem(spot, &REFUSED_BY_ISTIO, refusal.to_string());
            problem.help("correct the expression; it has at most 1024 bytes")
        }
        Reason::NotAscii
        | Reason::Escape(_)
        | Reason::Group(_)
        | Reason::Class(_)
        | Reason::Repetition(_) => {
            let problem = route.problem(spot, &REGEX_DIFFERS, refusal.to_string());
            problem.help("write it without that construct; a list of alternatives often does")
        }
    };
    Some(told)
}
