//! The rules of a VirtualService, read from its spec.
//!
//! Fields as istio/api:networking/v1alpha3/virtual_service.proto has them.

use serde_json::Value;

use super::{Action, DelegateName, Destination, Protocol, Rule, RuleMatch, Rules, StringMatch};
use crate::model::cursor::{Cursor, Invalid};
use crate::rollout::HeaderChange;

/// Reads the rules of all protocols.
pub(super) fn read_rules(spec: &Value) -> Result<Rules, Invalid> {
    let spec = Cursor::of_spec(spec);
    if !spec.value.is_object() {
        return Err(spec.invalid("the VirtualService has no `spec`"));
    }
    let mut rules = Vec::new();
    for (key, protocol) in
        [("http", Protocol::Http), ("tls", Protocol::Tls), ("tcp", Protocol::Tcp)]
    {
        for (index, rule) in spec.list(key)?.iter().enumerate() {
            rules.push(read_rule(rule, protocol, index)?);
        }
    }
    Ok(rules.into_iter().collect())
}

fn read_rule(rule: &Cursor<'_>, protocol: Protocol, index: usize) -> Result<Rule, Invalid> {
    if !rule.value.is_object() {
        return Err(rule.invalid("a rule must be a map"));
    }
    let matches = rule.list("match")?.iter().map(read_match).collect::<Result<_, _>>()?;
    let destinations =
        rule.list("route")?.iter().map(read_destination).collect::<Result<Vec<_>, _>>()?;
    let action = if rule.has("delegate") {
        Action::Delegate(read_delegate(&rule.child("delegate"))?)
    } else if destinations.is_empty() {
        Action::Other
    } else {
        Action::Route(destinations)
    };
    Ok(Rule {
        protocol,
        index,
        // An empty name is an absent one, as protobuf has it.
        name: rule.text("name")?.filter(|name| !name.is_empty()),
        matches,
        action,
        request_headers: read_headers(rule)?,
    })
}

fn read_delegate(delegate: &Cursor<'_>) -> Result<DelegateName, Invalid> {
    let namespace = delegate.text("namespace")?.filter(|namespace| !namespace.is_empty());
    match delegate.text("name")? {
        Some(name) if !name.is_empty() => Ok(DelegateName { namespace, name }),
        _ => Err(delegate.invalid("the delegate has no name")),
    }
}

fn read_destination(route: &Cursor<'_>) -> Result<Destination, Invalid> {
    let destination = route.child("destination");
    let weight = route.child("weight");
    let weight = match weight.value {
        Value::Null => None,
        number => match number.as_u64().and_then(|number| u32::try_from(number).ok()) {
            Some(number) if i32::try_from(number).is_ok() => Some(number),
            _ => return Err(weight.invalid("a weight is a whole number that is not negative")),
        },
    };
    match destination.text("host")? {
        Some(host) if !host.is_empty() => {
            let subset = destination.text("subset")?;
            Ok(Destination { host, subset, weight, rest: without_weight_and_subset(route.value) })
        }
        _ => Err(route.invalid("the destination has no host")),
    }
}

fn without_weight_and_subset(route: &Value) -> Value {
    let mut rest = route.clone();
    if let Some(entry) = rest.as_object_mut() {
        entry.shift_remove("weight");
        if let Some(destination) = entry.get_mut("destination").and_then(Value::as_object_mut) {
            destination.shift_remove("subset");
        }
    }
    rest
}

fn read_match(entry: &Cursor<'_>) -> Result<RuleMatch, Invalid> {
    if !entry.value.is_object() {
        return Err(entry.invalid("a match must be a map"));
    }
    let uri = entry.child("uri");
    Ok(RuleMatch {
        uri: if uri.value.is_null() { None } else { Some(read_string_match(&uri)?) },
        ignores_uri_case: entry.child("ignoreUriCase").value == &Value::Bool(true),
        source_namespace: entry.text("sourceNamespace")?.filter(|name| !name.is_empty()),
        headers: read_string_matches(&entry.child("headers"))?,
        without_headers: read_string_matches(&entry.child("withoutHeaders"))?,
        query_params: read_string_matches(&entry.child("queryParams"))?,
    })
}

fn read_string_matches(map: &Cursor<'_>) -> Result<Vec<(String, StringMatch)>, Invalid> {
    let entries = map.entries()?;
    entries.iter().map(|(key, value)| Ok((key.clone(), read_string_match(value)?))).collect()
}

fn read_string_match(field: &Cursor<'_>) -> Result<StringMatch, Invalid> {
    match field.entries()?.as_slice() {
        [] => Ok(StringMatch::Present),
        [(key, value)] => match (key.as_str(), value.value.as_str()) {
            ("exact", Some(text)) => Ok(StringMatch::Exact(text.to_owned())),
            ("prefix", Some(text)) => Ok(StringMatch::Prefix(text.to_owned())),
            ("regex", Some(text)) => Ok(StringMatch::Regex(text.to_owned())),
            _ => Err(field.invalid("a match is `exact`, `prefix` or `regex` with a string")),
        },
        _ => Err(field.invalid("a match is one of `exact`, `prefix` and `regex`, not several")),
    }
}

fn read_headers(rule: &Cursor<'_>) -> Result<HeaderChange, Invalid> {
    let request = rule.child("headers").child("request");
    let pairs = |key: &str| -> Result<Vec<(String, String)>, Invalid> {
        let entries = request.child(key).entries()?;
        let pair = |(name, value): &(String, Cursor<'_>)| match value.value.as_str() {
            Some(text) => Ok((name.clone(), text.to_owned())),
            None => Err(value.invalid("the value of a header must be a string")),
        };
        entries.iter().map(pair).collect()
    };
    let remove = request.list("remove")?;
    let remove = remove.iter().map(|name| match name.value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(name.invalid("the name of a header must be a string")),
    });
    Ok(HeaderChange {
        set: pairs("set")?,
        add: pairs("add")?,
        remove: remove.collect::<Result<_, _>>()?,
    })
}
