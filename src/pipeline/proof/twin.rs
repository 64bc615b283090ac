//! A twin: its rule for fewer requests, with the canary in place of stable.

use serde_json::{Map, Value};

use super::fold::{rules, without};
use super::sides::{Sides, entries};
use crate::dialect::compile;
use crate::model::HeaderChange;

/// The conditions of a match entry that a step may add to, or make narrower.
const NARROWED: [&str; 3] = ["uri", "headers", "queryParams"];

/// Says what a twin has that it should not have.
pub(super) fn check(
    sides: Sides<'_>,
    (rule, twin): (&Value, &Value),
    headers: Option<&HeaderChange>,
) -> Result<(), &'static str> {
    let own = ["name", "match", "route", "headers"];
    if without(rule, &own) != without(twin, &own) || is_named(rule) != is_named(twin) {
        return Err("has a twin that differs in more than it should");
    }
    let redirected = entries(rule).iter().map(|entry| sides.redirected(entry));
    if !redirected.eq(entries(twin).iter().cloned()) {
        return Err("has a twin with destinations that it should not have");
    }
    let [own, theirs] = [rule, twin].map(|rule| rule.get("headers").unwrap_or(&Value::Null));
    let same_besides = without(own, &["request"]) == without(theirs, &["request"]);
    if own != theirs && (headers.is_none() || !same_besides) {
        return Err("has a twin that changes other headers");
    }
    if !is_narrower(rule, twin) {
        return Err("has a twin for requests that it is not for");
    }
    Ok(())
}

fn is_named(rule: &Value) -> bool {
    rule.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}

/// Each entry of the twin's match is one of the rule's with conditions added.
fn is_narrower(rule: &Value, twin: &Value) -> bool {
    let whole = [Value::Object(Map::new())];
    let own = match rules(rule, "match") {
        [] => whole.as_slice(),
        own => own,
    };
    let entries = rules(twin, "match");
    // They come in the order of the rule's, so most are found at once.
    let mut at = 0;
    let mut within = |entry: &Value| {
        let (earlier, later) = own.split_at(at);
        let found = later.iter().chain(earlier).position(|own| adds_to(own, entry));
        at = found.map_or(at, |found| (at + found) % own.len());
        found.is_some()
    };
    !entries.is_empty() && entries.iter().all(&mut within)
}

fn adds_to(own: &Value, entry: &Value) -> bool {
    let keeps = |key: &str| {
        let mut named = own.get(key).and_then(Value::as_object).into_iter().flatten();
        named.all(|(name, wanted)| {
            entry.get(key).and_then(|has| has.get(name)).is_some_and(|has| implies(has, wanted))
        })
    };
    let uris = (own.get("uri"), entry.get("uri"));
    without(own, &NARROWED) == without(entry, &NARROWED)
        && uris.0.is_none_or(|wanted| implies(uris.1.unwrap_or(&Value::Null), wanted))
        && keeps("headers")
        && keeps("queryParams")
}

/// Returns whether what meets the one `StringMatch` meets the other.
fn implies(one: &Value, other: &Value) -> bool {
    let text = |condition: &Value, kind: &str| {
        condition.get(kind).and_then(Value::as_str).map(ToOwned::to_owned)
    };
    if one == other || other.is_null() || other.as_object().is_some_and(Map::is_empty) {
        return true;
    }
    let (exact, begin) = (text(one, "exact"), text(one, "prefix"));
    match (text(other, "prefix"), text(other, "regex")) {
        (Some(prefix), _) => exact.or(begin).is_some_and(|text| text.starts_with(&prefix)),
        (_, Some(regex)) => exact
            .is_some_and(|text| compile(&regex).is_ok_and(|regex| regex.is_match(text.as_bytes()))),
        _ => false,
    }
}
