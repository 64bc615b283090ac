//! Sends what a case says, and compares where it goes.
//!
//! Which destination a weighted route takes is drawn from a number that the request itself brings: so
//! one request at either end of each destination's interval is enough to know its share exactly.

use std::collections::BTreeMap;

use super::bootstrap::{DESTINATION, Entrance};
use super::case::{Kind, Request};
use super::client::{Answer, Connection, Question, connect_and_listen};
use super::mesh::items;
use super::translate::{DRAW, ROUTE};

/// How many connections are made where a case does not say.
const CONNECTIONS: u64 = 300;

/// How many standard deviations a count may be off.
const DEVIATIONS: f64 = 5.0;

/// How much goes to each destination.
type Shares = BTreeMap<String, u64>;

/// Sends a request, as often as it takes, and tells what is not as the case has it.
pub(crate) fn check(entrance: &Entrance, address: &str, request: &Request) -> Result<(), String> {
    match request.kind {
        Kind::Http => check_request(entrance, address, request),
        Kind::Tcp | Kind::Tls => check_connections(entrance, address, request),
    }
}

fn check_request(entrance: &Entrance, address: &str, request: &Request) -> Result<(), String> {
    let mut connection = Connection::open(address).unwrap();
    if let Some(samples) = request.samples {
        let asked = (0..samples).map(|_| outcome(&ask(&mut connection, request, None)));
        return compare_counts(&count(asked), &request.to);
    }
    let first = ask(&mut connection, request, Some(0));
    let mut shares = Shares::new();
    for (begin, end) in intervals(entrance, &first) {
        let at_begin = outcome(&ask(&mut connection, request, Some(begin)));
        let at_end = outcome(&ask(&mut connection, request, Some(end - 1)));
        if at_begin != at_end {
            return Err(format!("{at_begin} at {begin} but {at_end} at {}", end - 1));
        }
        *shares.entry(at_begin).or_default() += end - begin;
    }
    compare_shares(&shares, &request.to)?;
    compare_headers(&first, request)
}

fn ask(connection: &mut Connection, request: &Request, draw: Option<u64>) -> Answer {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let draw = draw.map(|draw| (DRAW, draw.to_string()));
    let question = Question {
        method: &request.method,
        path: &request.path,
        host: &request.host,
        headers: headers.chain(draw).collect(),
    };
    connection.ask(&question).unwrap_or_else(|error| panic!("{question:?}: {error}"))
}

/// Returns the intervals of the route that was taken; one of everything where it draws nothing.
fn intervals(entrance: &Entrance, answer: &Answer) -> Vec<(u64, u64)> {
    let index = answer.header(ROUTE).map(|index| index.parse::<usize>().unwrap());
    let route =
        index.map(|index| &entrance.routes[index]["route"]["weighted_clusters"]["clusters"]);
    let mut begin = 0;
    let intervals = route.map(items).into_iter().flatten().map(|cluster| {
        let end = begin + cluster["weight"].as_u64().unwrap();
        std::mem::replace(&mut begin, end)..end
    });
    let intervals: Vec<_> = intervals.map(|range| (range.start, range.end)).collect();
    if intervals.is_empty() { vec![(0, 1)] } else { intervals }
}

/// Returns who answered: a destination, or the proxy itself and how.
fn outcome(answer: &Answer) -> String {
    match (answer.header(DESTINATION), answer.header("location"), answer.status) {
        (Some(destination), _, _) => destination.to_owned(),
        (None, Some(location), status) => format!("{status} {location}"),
        (None, None, 503) => "missing".to_owned(),
        (None, None, status) => status.to_string(),
    }
}

fn compare_headers(answer: &Answer, request: &Request) -> Result<(), String> {
    for (name, expected) in &request.answer {
        let found = answer.header(name).unwrap_or_default();
        if found != expected {
            return Err(format!("`{name}` is `{found}`, not `{expected}`"));
        }
    }
    Ok(())
}

fn compare_shares(found: &Shares, expected: &Shares) -> Result<(), String> {
    let total = |shares: &Shares| shares.values().map(|&share| u128::from(share)).sum::<u128>();
    let share = |shares: &Shares, name: &str| u128::from(shares.get(name).copied().unwrap_or(0));
    let differs = |name: &String| {
        share(found, name) * total(expected) != share(expected, name) * total(found)
    };
    match found.keys().chain(expected.keys()).any(differs) {
        true => Err(format!("goes to {found:?}, not to {expected:?}")),
        false => Ok(()),
    }
}

/// The weights that Envoy has are exactly those expected, and connections are spread by them.
fn check_connections(entrance: &Entrance, address: &str, request: &Request) -> Result<(), String> {
    let server_name = (request.kind == Kind::Tls).then_some(request.host.as_str());
    let asked = (0..request.samples.unwrap_or(CONNECTIONS)).map(|_| {
        let heard = connect_and_listen(address, server_name);
        if heard.is_empty() { "closed".to_owned() } else { heard }
    });
    let found = count(asked);
    let chain = entrance.chains.iter().find(|chain| chain.server_name.as_deref() == server_name);
    if let Some(chain) = chain {
        compare_shares(&chain.shares(), &request.to)?;
    }
    compare_counts(&found, &request.to)
}

fn count(outcomes: impl Iterator<Item = String>) -> Shares {
    let mut counts = Shares::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    counts
}

#[expect(clippy::cast_precision_loss, reason = "counts and weights are small")]
fn compare_counts(found: &Shares, expected: &Shares) -> Result<(), String> {
    let samples = found.values().sum::<u64>() as f64;
    let total = expected.values().sum::<u64>() as f64;
    for name in found.keys().chain(expected.keys()) {
        let share = expected.get(name).copied().unwrap_or(0) as f64 / total;
        let count = found.get(name).copied().unwrap_or(0) as f64;
        let deviation = (samples * share * (1.0 - share)).sqrt();
        if (count - samples * share).abs() > DEVIATIONS * deviation {
            return Err(format!("{found:?} is too far from {expected:?}"));
        }
    }
    Ok(())
}
