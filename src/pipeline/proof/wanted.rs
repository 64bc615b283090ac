//! Requests that a step describes: whether one is, and one that is.

use crate::dialect::compile;
use crate::model::{NamedMatch, PathMatch, RequestMatch, ValueMatch};
use crate::simulate::{Request, literal};

/// Returns whether the step's match describes the request, if that can be said.
pub(super) fn describes(wanted: &RequestMatch, request: &Request) -> Option<bool> {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let header = |name: &str| {
        let found = request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches([' ', '\t']))
    };
    let parameter = |name: &str| {
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let mut holds = wanted.path.as_ref().map_or(Some(true), |wanted| path_is(wanted, path))?;
    for NamedMatch { name, value } in &wanted.headers {
        // What stands for a part of the request is no header of its own.
        if name.starts_with(':') || name.eq_ignore_ascii_case("host") {
            return None;
        }
        holds &= value_is(value, header(name))?;
    }
    for NamedMatch { name, value } in &wanted.query_params {
        holds &= value_is(value, parameter(name))?;
    }
    Some(holds)
}

fn path_is(wanted: &PathMatch, path: &str) -> Option<bool> {
    match wanted {
        PathMatch::Exact(exact) => Some(path == exact),
        PathMatch::Regex(regex) => Some(compile(regex).ok()?.is_match(path.as_bytes())),
        PathMatch::Prefix(prefix) => {
            let rest = path.strip_prefix(prefix.trim_end_matches('/'));
            Some(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        }
    }
}

fn value_is(wanted: &ValueMatch, value: Option<&str>) -> Option<bool> {
    match wanted {
        ValueMatch::Exact(exact) => Some(value == Some(exact)),
        ValueMatch::Regex(regex) => {
            let regex = compile(regex).ok()?;
            Some(value.is_some_and(|value| regex.is_match(value.as_bytes())))
        }
    }
}

/// Returns the request as the step describes it, once at and once below a path that is a prefix, and
/// once just beside it; none where no value can be derived.
pub(super) fn described(request: &Request, wanted: &RequestMatch) -> Vec<Request> {
    let Some(changed) = with_named(request, wanted) else { return Vec::new() };
    let paths = match &wanted.path {
        None => return vec![changed],
        Some(PathMatch::Exact(path)) => vec![path.clone()],
        Some(PathMatch::Regex(regex)) => literal(regex).into_iter().collect(),
        Some(PathMatch::Prefix(prefix)) => {
            let prefix = prefix.trim_end_matches('/');
            let own = changed.path.split('?').next().unwrap_or_default();
            // A path of the rule that is below the step's already is the narrower one.
            let own = own.starts_with(prefix).then(|| own.to_owned());
            own.into_iter()
                .chain([prefix.to_owned(), format!("{prefix}/x")])
                .chain((!prefix.is_empty()).then(|| format!("{prefix}x")))
                .collect()
        }
    };
    paths.into_iter().map(|path| with_path(&changed, &path)).collect()
}

fn with_named(request: &Request, wanted: &RequestMatch) -> Option<Request> {
    let mut changed = request.clone();
    for NamedMatch { name, value } in &wanted.headers {
        changed.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        changed = changed.with_header(name, example(value)?);
    }
    for NamedMatch { name, value } in &wanted.query_params {
        let value = example(value)?;
        let (path, query) = changed.path.split_once('?').unwrap_or((&changed.path, ""));
        let others = query.split('&').filter(|pair| !pair.is_empty());
        let others = others.filter(|pair| pair.split('=').next() != Some(name));
        let pairs: Vec<_> =
            others.map(ToOwned::to_owned).chain([format!("{name}={value}")]).collect();
        changed.path = format!("{path}?{}", pairs.join("&"));
    }
    Some(changed)
}

fn with_path(request: &Request, path: &str) -> Request {
    let query = request.path.split_once('?').map(|(_, query)| format!("?{query}"));
    let path = if path.is_empty() { "/" } else { path };
    Request { path: format!("{path}{}", query.unwrap_or_default()), ..request.clone() }
}

fn example(value: &ValueMatch) -> Option<String> {
    match value {
        ValueMatch::Exact(text) => Some(text.clone()),
        ValueMatch::Regex(regex) => literal(regex),
    }
}
