//! Requests sent before and after a stage: each goes where it went, but for what the step asks for.
//!
//! This holds of any request, so a witness need not meet the rule that it is made for. Of very large
//! VirtualServices not every witness is sent; their rules are all folded back and counted nevertheless.

use serde_json::Value;

use super::sides::Side;
use super::spread::{Effect, by_side, expected, pooled, spread};
use super::{Rewrite, wanted};
use crate::model::{CanaryRequests, RequestMatch};
use crate::simulate::{Answer, Mesh, Name, Outcome, Request, witness};

/// How many rules and conditions all witnesses together may be compared with.
const MAX_COMPARED: usize = 20_000;

/// Sends a witness for each match of each http rule, with and without what the step describes.
pub(super) fn check(rewrite: &Rewrite<'_>) -> Result<(), String> {
    let rules = rewrite.after.get("http").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if rules.is_empty() {
        return Ok(());
    }
    let count = rules.iter().map(conditions).sum::<usize>() + described(rewrite);
    let name = Name::new(rewrite.sides.namespace, rewrite.name);
    // What cannot be read at all leads nobody anywhere, before and after.
    let meshes =
        [rewrite.before, rewrite.after].map(|spec| Mesh::of_spec(&name, spec, witness::ANY_HOST));
    let [Ok(before), Ok(after)] = meshes else { return Ok(()) };
    let requests = witnesses(rewrite).take(MAX_COMPARED / count + 1);
    // Without a slash it would be no path, whatever a rule compares with.
    let mut requests = requests.filter(|request| request.path.starts_with('/'));
    requests.try_for_each(|request| compare(rewrite, (&before, &after), &request))
}

/// Returns how much of a rule a request is compared with: the rule itself, and each value in its matches.
fn conditions(rule: &Value) -> usize {
    let entries = rule.get("match").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let fields = entries.iter().filter_map(Value::as_object).flat_map(|entry| entry.values());
    1 + fields.map(|field| field.as_object().map_or(1, |field| field.len().max(1))).sum::<usize>()
}

/// Returns how much of the step a request is compared with.
fn described(rewrite: &Rewrite<'_>) -> usize {
    let count = |one: &RequestMatch| 1 + one.headers.len() + one.query_params.len();
    matches(rewrite).iter().map(count).sum()
}

fn witnesses<'r>(rewrite: &'r Rewrite<'_>) -> impl Iterator<Item = Request> + 'r {
    let namespace = rewrite.sides.namespace;
    let base = witness::of_spec(rewrite.before, namespace);
    let rules = rewrite.before.get("http").and_then(Value::as_array).into_iter().flatten();
    let plain = rules.flat_map(move |rule| {
        let entries = rule.get("match").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        match entries {
            [] => vec![base.clone()],
            entries => {
                let of = |entry| witness::of_entry(&base, entry, namespace);
                entries.iter().filter_map(of).collect()
            }
        }
    });
    plain.flat_map(|plain| {
        let described = matches(rewrite).iter().flat_map(|one| wanted::described(&plain, one));
        let described: Vec<_> = described.collect();
        std::iter::once(plain).chain(described)
    })
}

fn matches<'r>(rewrite: &Rewrite<'r>) -> &'r [RequestMatch] {
    rewrite.traffic.matches()
}

fn compare(
    rewrite: &Rewrite<'_>,
    (before, after): (&Mesh, &Mesh),
    request: &Request,
) -> Result<(), String> {
    let effect = match rewrite.traffic {
        CanaryRequests::None => Effect::Nothing,
        CanaryRequests::Share(share) => Effect::Split(share),
        CanaryRequests::Matches { matches, .. } => {
            let described: Option<Vec<_>> =
                matches.iter().map(|wanted| wanted::describes(wanted, request)).collect();
            match described {
                Some(described) if described.contains(&true) => Effect::Redirect,
                Some(_) => Effect::Nothing,
                None => return Ok(()),
            }
        }
    };
    // What cannot be decided offline proves nothing.
    let outcomes = [before.simulate(request), after.simulate(request)];
    let [Ok(before), Ok(after)] = outcomes else { return Ok(()) };
    if leads_alike(rewrite, (&before, &after), effect) {
        return Ok(());
    }
    Err(format!(
        "a {} of `{}{}`{} does not go where it should",
        request.method,
        request.host,
        request.path,
        headers(request)
    ))
}

fn headers(request: &Request) -> String {
    let headers = request.headers.iter();
    headers.map(|(name, value)| format!(" with header `{name}: {value}`")).collect()
}

fn leads_alike(
    rewrite: &Rewrite<'_>,
    (before, after): (&Outcome, &Outcome),
    effect: Effect,
) -> bool {
    let sides = rewrite.sides;
    match (&before.answer, &after.answer) {
        (
            Answer::Route { place, destinations: had, mirrors: copied },
            Answer::Route { destinations: has, mirrors: copies, .. },
        ) => {
            let list = rewrite.before.get(place.protocol.key());
            let rule = list.and_then(|rules| rules.get(place.rule)).unwrap_or(&Value::Null);
            let (had, has) = (spread(had, sides), spread(has, sides));
            let right = match effect {
                _ if !sides.are_in(rule, Side::Stable) => had == has,
                Effect::Split(share) if sides.are_in(rule, Side::Canary) => {
                    pooled(had, share) == by_side(has)
                }
                effect => expected(had, effect, sides) == has,
            };
            right && copied == copies
        }
        (Answer::Redirect { redirect: one, .. }, Answer::Redirect { redirect: other, .. }) => {
            one == other
        }
        (
            Answer::DirectResponse { status: one, .. },
            Answer::DirectResponse { status: other, .. },
        ) => one == other,
        (one, other) => one == other,
    }
}
