//! Actions of an http rule, and fields that cannot stand beside them.
//!
//! From istio/istio:pkg/config/validation/virtualservice.go `validateHTTPRouteConflict`.

use super::super::route::Route;
use super::super::spot::Spot;
use super::Refused;
use crate::diagnostic::listed;

/// The actions of an http rule, of which it has one.
const ACTIONS: [&str; 4] = ["route", "redirect", "directResponse", "delegate"];

/// The largest body of an answer, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Reports rules that do nothing, or several things at once.
pub(super) fn check<'r>(route: &'r Route<'_>) -> Vec<Refused<'r>> {
    let is_delegate = route.spec().list("hosts").is_empty();
    let mut refused = Vec::new();
    for rule in route.rules("http") {
        match rule.child("delegate") {
            Some(spot) if is_delegate => refused.push(delegated_again(spot)),
            _ => refused.extend(check_action(&rule)),
        }
        refused.extend(check_retries(&rule));
        refused.extend(check_mirrors(&rule));
        refused.extend(check_prefix_rewrite(&rule));
        refused.extend(check_body(&rule));
    }
    refused
}

fn delegated_again(spot: Spot<'_>) -> Refused<'_> {
    let message = "a VirtualService that is delegated to does not delegate again".to_owned();
    (spot, message, "route here, or add `hosts` if nobody delegates to it")
}

/// Checks that a rule has one action, and nothing beside it that cannot stand there.
fn check_action<'r>(rule: &Spot<'r>) -> Vec<Refused<'r>> {
    let delegates = rule.has("delegate");
    let has = |action: &&str| match *action {
        "route" => !rule.list("route").is_empty(),
        // Istio passes over it in a rule that delegates.
        "directResponse" => rule.has("directResponse") && !delegates,
        other => rule.has(other),
    };
    let actions: Vec<_> = ACTIONS.into_iter().filter(has).collect();
    let [action] = actions.as_slice() else {
        let message = match actions.as_slice() {
            [] => "the rule does nothing".to_owned(),
            several => format!("the rule has several actions: {}", listed(several)),
        };
        let help = "give it one of `route`, `redirect`, `directResponse` and `delegate`";
        return vec![(rule.clone(), message, help)];
    };
    let excluded: &[&str] = match *action {
        "redirect" | "directResponse" => &["fault", "rewrite"],
        _ => &[],
    };
    let beside = excluded.iter().filter_map(|key| Some((key, rule.child(key)?)));
    let refuse = |(key, spot): (&&str, Spot<'r>)| {
        (spot, format!("`{key}` cannot stand beside `{action}`"), "remove one of the two")
    };
    beside.map(refuse).collect()
}

/// Reports fields of retries that say nothing. Without `attempts` there are none, as protobuf has it.
fn check_retries<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let retries = rule.child("retries")?;
    let attempts = retries.child("attempts").map_or(Some(0), |attempts| attempts.value.as_i64())?;
    let is_said = |key: &&str| match *key {
        "retryOn" => retries.filled("retryOn").is_some(),
        other => retries.has(other),
    };
    let others = ["perTryTimeout", "retryOn", "retryRemoteLocalities"];
    if attempts != 0 {
        return None;
    }
    let other = others.into_iter().find(is_said)?;
    let message = format!("`{other}` says nothing where there are no attempts");
    Some((retries.child(other)?, message, "remove it, or say a number in `attempts`"))
}

fn check_mirrors<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let both = rule.has("mirror") && !rule.list("mirrors").is_empty() && !rule.has("delegate");
    let message = "the rule has `mirror` and `mirrors`".to_owned();
    both.then(|| rule.child("mirror"))
        .flatten()
        .map(|spot| (spot, message, "use `mirrors` for all"))
}

/// Checks that a prefix is rewritten only where a prefix was matched.
fn check_prefix_rewrite<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    rule.child("redirect")?.filled("prefixRewrite")?;
    let is_other = |entry: &Spot<'r>| {
        let uri = entry.child("uri")?;
        ["exact", "regex"].iter().any(|key| uri.has(key)).then_some(uri)
    };
    let uri = rule.list("match").iter().find_map(is_other)?;
    let message = "`prefixRewrite` needs a prefix, and the rule matches another kind of path";
    Some((uri, message.to_owned(), "match a `prefix`, or redirect to a `uri`"))
}

fn check_body<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let (spot, size) = body_of(rule)?;
    let message = format!("the body has {size} bytes, more than {MAX_BODY}");
    let help = "send it from a Service of its own";
    (size > MAX_BODY).then_some((spot, message, help))
}

/// Returns the body of a fixed answer, and its size.
pub(super) fn body_of<'r>(rule: &Spot<'r>) -> Option<(Spot<'r>, usize)> {
    let body = rule.child("directResponse")?.child("body")?;
    let text = body.filled("string").map(str::len);
    // Four characters of base64 are three bytes.
    let bytes = body.filled("bytes").map(|text| text.trim_end_matches('=').len() / 4 * 3);
    text.or(bytes).map(|size| (body, size))
}
