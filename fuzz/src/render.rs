//! A render is all or nothing, the same every time, and can be read and rendered again.
//!
//! The first two bytes choose the step and the options; the rest is the text, and what follows a line
//! `===` the old version.

use std::collections::BTreeSet;

use rollstep::diagnostic::{Severity, codes};
use rollstep::{Format, Input, Only, Options, Outcome, Source, StageName};
use serde_json::Value;

use crate::same::is_same;

/// What divides the new version from the old one.
pub(crate) const DIVIDER: &str = "\n===\n";

/// Kinds that a render may change, add or leave out.
const KINDS: [&str; 6] =
    ["Deployment", "Service", "VirtualService", "DestinationRule", "Rollout", "RollStep"];

pub fn render(bytes: &[u8]) {
    let [step, flags, text @ ..] = bytes else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let options = options(*step, *flags);
    let (sources, stable) = match text.split_once(DIVIDER) {
        Some((text, stable)) => (text, Some(vec![Source::new("stable.yaml", stable)])),
        None => (text, None),
    };
    let input = Input::new(vec![Source::new("input.yaml", sources)], stable.clone());
    let outcome = rollstep::render(&input, &options);
    check_all_or_nothing(&outcome);
    check_repeats(&outcome, &rollstep::render(&input, &options));
    let Some(text) = outcome.text() else { return };
    check_result(&input, &options, &text);
    check_rendering_again(&text, stable, &options);
}

fn options(step: u8, flags: u8) -> Options {
    let step = match step % 10 {
        0 => None,
        1 => Some(StageName::Stable),
        2 => Some(StageName::Promote),
        3 => Some(StageName::Done),
        4 => Some(StageName::Last),
        number => Some(StageName::Step(usize::from(number - 4))),
    };
    let only = match flags >> 4 {
        1 => Only::Workloads,
        2 => Only::Routing,
        3 => Only::Changed,
        4 => Only::Removed,
        _ => Only::Everything,
    };
    let allow = codes::all().filter(|code| code.allowable && flags & 8 != 0);
    Options {
        step,
        only,
        keep_rollout: flags & 1 == 0,
        filter: flags & 2 != 0,
        format: if flags & 4 == 0 { Format::Yaml } else { Format::Json },
        allow: allow.collect(),
        ..Options::default()
    }
}

fn check_all_or_nothing(outcome: &Outcome<'_>) {
    let is_error = |severity| severity == Severity::Error;
    let failed = outcome.diagnostics.iter().any(|diagnostic| is_error(diagnostic.severity));
    assert_eq!(failed, outcome.parts.is_none(), "{:?}", outcome.diagnostics);
    outcome.diagnostics.iter().for_each(|diagnostic| drop(diagnostic.to_string()));
    let internal = outcome.diagnostics.iter().find(|diagnostic| diagnostic.code.name == "internal");
    assert!(internal.is_none(), "{}", internal.unwrap());
}

fn check_repeats(first: &Outcome<'_>, second: &Outcome<'_>) {
    assert_eq!(first.text(), second.text());
    assert_eq!(first.diagnostics, second.diagnostics);
}

/// The result is readable, and what is no part of a rollout is there with its value.
fn check_result(input: &Input, options: &Options, text: &str) {
    let result = match rollstep::read(&[Source::new("result.yaml", text)]) {
        Ok(result) => result,
        Err(diagnostics) => panic!("the result cannot be read: {}\n{text}", diagnostics[0]),
    };
    let empty_allowed = options.only == Only::Removed;
    assert!(empty_allowed || !result.is_empty(), "an empty result");
    let Ok(before) = rollstep::read(input.sources()) else {
        panic!("rendered what cannot be read");
    };
    let is_other = |object: &&Value| !KINDS.contains(&text_of(object, "kind"));
    let others = || before.iter().filter(is_other);
    if options.only == Only::Everything {
        let written: Vec<_> = result.iter().filter(is_other).collect();
        let same = written.len() == others().count()
            && others().zip(&written).all(|(before, after)| is_same(before, after));
        assert!(same, "objects of others changed\n{text}");
    }
    check_names(&before, &result, text);
}

/// Every object of the result was there before or is a canary.
fn check_names(before: &[Value], result: &[Value], text: &str) {
    let before: BTreeSet<_> = before.iter().map(name).collect();
    for object in result.iter().filter(|object| !before.contains(&name(object))) {
        let (kind, _, name) = name(object);
        let is_canary = ["Deployment", "Service"].contains(&kind) && name.ends_with("-canary");
        assert!(is_canary, "{kind} {name} comes from nowhere\n{text}");
    }
}

fn name(object: &Value) -> (&str, &str, &str) {
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    (text_of(object, "kind"), text_of(metadata, "namespace"), text_of(metadata, "name"))
}

fn text_of<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A whole result renders to itself at the step it was rendered at, unless something is wrong.
///
/// Documents are compared as values: the keys of a canary may come in another order.
fn check_rendering_again(text: &str, stable: Option<Vec<Source>>, options: &Options) {
    if options.only != Only::Everything || options.format == Format::Json || !options.keep_rollout {
        return;
    }
    let input = Input::new(vec![Source::new("result.yaml", text)], stable);
    let Some(again) = rollstep::render(&input, options).text() else { return };
    if again != text {
        let same = is_same(&objects(text), &objects(&again));
        assert!(same, "renders again to something else\n{text}\n===\n{again}");
    }
}

fn objects(text: &str) -> Value {
    rollstep::read(&[Source::new("result.yaml", text)]).unwrap_or_default().into()
}
