//! Routing is right where several workloads stand behind one Service.
//!
//! For generated workloads, DestinationRules and VirtualServices, by a reference in the test that
//! looks up the pods behind each destination: what reaches the pods of others alone keeps its share
//! exactly, what reaches the workload's pods is split exactly, and the errors are those that the pods
//! behind the destinations call for.
#![cfg(test)]

#[path = "again/dice.rs"]
mod dice;
#[path = "routing/fraction.rs"]
mod fraction;
#[path = "backends/reference.rs"]
mod reference;
#[path = "backends/tree.rs"]
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use fraction::Fraction;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use reference::{Reference, Side, receives};
use rollstep::diagnostic::{Severity, codes};
use rollstep::{Input, Options, Source, StageName, render};
use serde_json::{Value, json};
use tree::Tree;

/// The other errors that generated trees may have.
const REFUSALS: [&str; 4] =
    ["match-needs-http", "no-stable-destination", "step-without-effect", "weight-too-large"];

const PROTOCOLS: [&str; 2] = ["http", "tcp"];

type Checked = Result<(), TestCaseError>;

/// What a render gave.
struct Rendered {
    text: Option<String>,
    /// The code of each diagnostic.
    found: Vec<(&'static str, Severity)>,
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn foreign_shares_stay_and_ours_are_split(bytes in vec(any::<u8>(), 0..200)) {
        let tree = tree::make(bytes);
        let before = spec_of(&tree.objects);
        let reference = Reference::of(&tree);
        for (step, number) in tree.steps.iter().zip(1..) {
            let outcome = render_at(&tree, None, StageName::Step(number));
            let Some(after) = result(&outcome) else { continue };
            let checked = match percent(step) {
                Some(percent) => check_shares(&reference, (&before, &after), percent),
                None if step.get("matches").is_some() => check_twins(&reference, (&before, &after)),
                None => same(&before, &after),
            };
            checked.map_err(|error| explain(&error, &tree, step, &after))?;
        }
    }

    #[test]
    fn errors_are_those_that_the_pods_call_for(bytes in vec(any::<u8>(), 0..200)) {
        let tree = tree::make(bytes);
        for stage in stages(&tree) {
            let outcome = render_at(&tree, None, stage);
            check_problems(&tree, stage, &outcome)
                .map_err(|error| explain(&error, &tree, &json!(stage.to_string()), &Value::Null))?;
        }
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn what_was_rendered_renders_again(bytes in vec(any::<u8>(), 0..200)) {
        let tree = tree::make(bytes);
        for first in stages(&tree).into_iter().filter(|stage| *stage != StageName::Stable) {
            let Some(text) = render_at(&tree, None, first).text else { continue };
            for last in stages(&tree) {
                let direct = render_at(&tree, None, last);
                let again = render_at(&tree, Some(&text), last);
                let step = json!(format!("{first} -> {last}"));
                let compared = match (result(&direct), result(&again)) {
                    (None, None) => same(&json!(errors(&direct)), &json!(errors(&again))),
                    (direct, again) => same(&json!(direct), &json!(again)),
                };
                let compared = compared.and_then(|()| {
                    let found = |outcome: &Rendered| json!([
                        counts(outcome, "shared-service"),
                        counts(outcome, "subset-without-pods"),
                    ]);
                    same(&found(&direct), &found(&again))
                });
                compared.map_err(|error| explain(&error, &tree, &step, &json!(text)))?;
            }
        }
    }
}

/// Most trees can be rendered, and show every kind of destination, or the properties say little.
#[test]
fn trees_show_every_kind_of_destination() {
    let mut random: u32 = 1;
    let mut byte = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(random >> 24).unwrap()
    };
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..300 {
        let tree = tree::make((0..200).map(|_| byte()).collect());
        let reference = Reference::of(&tree);
        for entry in rules(&spec_of(&tree.objects)).iter().flat_map(entries) {
            let others = reference.behind(&entry).map_or(0, |behind| behind.count_of_others());
            let kind = match (reference.side(&entry), others) {
                (Side::Other, 0) => "elsewhere",
                (Side::Other, _) => "foreign",
                (_, 0) => "ours",
                _ => "mixed",
            };
            *seen.entry(kind).or_default() += 1;
        }
        for stage in stages(&tree) {
            let outcome = render_at(&tree, None, stage);
            let [shared, _] = counts(&outcome, "shared-service");
            let [empty, _] = counts(&outcome, "subset-without-pods");
            for (kind, is_seen) in [
                ("rendered", outcome.text.is_some()),
                ("too large a share", shared > 0),
                ("without pods", empty > 0),
            ] {
                *seen.entry(kind).or_default() += u32::from(is_seen);
            }
        }
    }
    let wanted = ["foreign", "ours", "mixed", "rendered", "too large a share", "without pods"];
    assert!(wanted.iter().all(|kind| seen.get(kind).is_some_and(|count| *count >= 50)), "{seen:?}");
}

/// Objects that are hard to take for what they are do not divide the library from its proof.
#[test]
fn odd_objects_are_never_internal() {
    let labels = json!({"app": "web", "version": "v2"});
    let template = json!({"metadata": {"labels": labels}});
    let object = |api_version: &str, kind: &str, spec: Value| {
        let metadata = json!({"name": "other-0", "namespace": "default"});
        json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec})
    };
    let with = |pointer: &str, value: Value| {
        let mut object = object("apps/v1", "ReplicaSet", json!({"template": template}));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[key] = value;
        object
    };
    let other_template = json!({"template": {"metadata": {"labels": {"app": "other"}}}});
    let odd = [
        object("apps.kruise.io/v1alpha1", "BroadcastJob", json!({"template": template})),
        object("apps.kruise.io/v1alpha1", "AdvancedCronJob", json!({"template": template})),
        object("v1", "ReplicationController", json!({"template": template})),
        object("apps/v1", "Sandbox", json!({"template": template})),
        object(
            "batch/v1",
            "CronJob",
            json!({"template": template, "jobTemplate": {"spec": other_template}}),
        ),
        with("/spec/template/metadata/labels/version", json!(2)),
        with("/spec/template/metadata/labels/version", Value::Null),
        with("/spec/template/metadata/labels/pod-template-hash", json!("5d4f8c7b9")),
        with("/metadata/ownerReferences", json!({})),
        with("/metadata/ownerReferences", json!([])),
        with(
            "/metadata/ownerReferences",
            json!([{"apiVersion": 5, "kind": "Deployment", "name": "web"}]),
        ),
        with("/metadata/labels", json!({"rollouts.kruise.io/canary-deployment": null})),
    ];
    let subset_labels = [
        json!({"version": "v2"}),
        json!({"version": 2}),
        json!({"version": null}),
        json!({"version": "v2", "pod-template-hash": "5d4f8c7b9"}),
        json!({}),
        Value::Null,
    ];
    for odd in &odd {
        for labels in &subset_labels {
            let tree = tree::with_odd(odd, labels);
            let outcome = render_at(&tree, None, StageName::Step(1));
            assert!(outcome.text.is_some(), "{:?}\n{odd}\n{labels}", outcome.found);
        }
    }
}

fn config(fewer: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / fewer, failure_persistence: None, ..usual }
}

/// Returns the stages that a tree has: `stable` only where the old version is given.
fn stages(tree: &Tree) -> Vec<StageName> {
    let steps = (1..=tree.steps.len()).map(StageName::Step);
    let stable = tree.stable.iter().map(|_| StageName::Stable);
    stable.chain(steps).chain([StageName::Promote, StageName::Done]).collect()
}

/// Checks what a step with a share makes of every rule.
fn check_shares(reference: &Reference, (before, after): (&Value, &Value), percent: u64) -> Checked {
    prop_assert_eq!(rules(before).len(), rules(after).len());
    let (canary, stable) = (Fraction::new(percent, 100), Fraction::new(100 - percent, 100));
    for (old, new) in rules(before).iter().zip(&rules(after)) {
        if !reference.is_bound(old) {
            prop_assert_eq!(old, new);
            continue;
        }
        prop_assert_eq!(&old["match"], &new["match"]);
        let [old, new] = [old, new].map(|rule| shares(reference, rule));
        let scaled = |share: &Fraction| share.times(stable);
        let of = |side| old.iter().filter(move |((one, _), _)| *one == side);
        let kept = of(Side::Stable).map(|((_, name), share)| (name.clone(), scaled(share)));
        let mut wanted: BTreeMap<String, Fraction> =
            kept.filter(|(_, share)| !share.is_zero()).collect();
        wanted.extend(of(Side::Other).map(|((_, name), share)| (name.clone(), *share)));
        let mut found: BTreeMap<String, Fraction> = BTreeMap::new();
        let mut taken = Fraction::new(0, 1);
        for ((side, name), share) in &new {
            match side {
                Side::Canary => taken = taken.plus(*share),
                Side::Stable | Side::Other => drop(found.insert(name.clone(), *share)),
            }
        }
        prop_assert_eq!(found, wanted);
        let pool = of(Side::Stable).fold(Fraction::new(0, 1), |sum, (_, share)| sum.plus(*share));
        prop_assert_eq!(taken, pool.times(canary));
    }
    Ok(())
}

/// Checks that a step with matches puts one twin before each http rule that reaches stable, with the
/// canary in place of stable, and nothing else.
fn check_twins(reference: &Reference, (before, after): (&Value, &Value)) -> Checked {
    let mut wanted = Vec::new();
    for rule in before["http"].as_array().unwrap() {
        if reference.is_bound(rule) {
            wanted.push(twin_of(reference, rule));
        }
        wanted.push(rule.clone());
    }
    same(&json!(wanted), &after["http"])?;
    same(&before["tcp"], &after["tcp"])
}

fn twin_of(reference: &Reference, rule: &Value) -> Value {
    let mut twin = rule.clone();
    let header = json!({"x-canary": {"exact": "yes"}});
    match twin.get_mut("match") {
        Some(matches) => matches[0]["headers"] = header,
        None => twin["match"] = json!([{"headers": header}]),
    }
    for entry in twin["route"].as_array_mut().unwrap() {
        if reference.side(entry) == Side::Stable {
            redirect(&mut entry["destination"]);
        }
    }
    twin
}

fn redirect(destination: &mut Value) {
    destination.as_object_mut().unwrap().shift_remove("subset");
    let host = destination["host"].as_str().unwrap().replacen("web", "web-canary", 1);
    destination["host"] = json!(host);
}

/// Checks that a stage has the errors and warnings that the pods behind its destinations call for.
fn check_problems(tree: &Tree, stage: StageName, outcome: &Rendered) -> Checked {
    let reference = Reference::of(tree);
    let spec = spec_of(&tree.objects);
    let step = match stage {
        StageName::Step(number) => Some(&tree.steps[number - 1]),
        StageName::Promote => tree.steps.last(),
        _ => None,
    };
    let errors = errors(outcome);
    let known = ["shared-service", "subset-without-pods"];
    let strange = errors.iter().find(|code| !known.contains(code) && !REFUSALS.contains(code));
    prop_assert!(strange.is_none(), "{:?}", outcome.found);
    let shared = step.map_or([0, 0], |step| shared_pods(&reference, &spec, step));
    prop_assert_eq!(counts(outcome, "shared-service"), shared, "shared-service");
    let empty = empty_subsets(&reference, &spec, (stage, step));
    prop_assert_eq!(counts(outcome, "subset-without-pods"), empty, "subset-without-pods");
    Ok(())
}

/// Returns how many destinations a step takes too large a share of, and how many it only shares.
fn shared_pods(reference: &Reference, spec: &Value, step: &Value) -> [usize; 2] {
    let mut subsets: BTreeMap<Option<String>, bool> = BTreeMap::new();
    let protocols: &[&str] = match (percent(step), step.get("matches")) {
        (Some(_), _) => &PROTOCOLS,
        (None, Some(_)) => &["http"],
        (None, None) => &[],
    };
    let rules = protocols.iter().flat_map(|protocol| list(spec, protocol));
    for rule in rules.filter(|rule| reference.is_bound(rule)) {
        let entries = entries(&rule);
        for entry in &entries {
            let is_stable = reference.side(entry) == Side::Stable;
            let Some(behind) = reference.behind(entry) else { continue };
            let is_shared = behind.count_of_others() > 0;
            if !is_stable || !receives(entry, entries.len()) || !is_shared {
                continue;
            }
            let is_larger =
                percent(step).is_some_and(|share| behind.is_exceeded_by(share, reference.total));
            let subset = entry["destination"]["subset"].as_str().map(str::to_owned);
            subsets.insert(subset, is_larger);
        }
    }
    let larger = subsets.values().filter(|is_larger| **is_larger).count();
    [larger, subsets.len() - larger]
}

/// Returns how many subsets without pods take all of some rule's stable share, and how many a part.
fn empty_subsets(
    reference: &Reference,
    spec: &Value,
    (stage, step): (StageName, Option<&Value>),
) -> [usize; 2] {
    let is_new = matches!(stage, StageName::Promote | StageName::Done);
    let mut subsets: BTreeMap<String, bool> = BTreeMap::new();
    let nothing_is_left = step.and_then(percent) == Some(100);
    for rule in rules(spec).iter().filter(|_| !nothing_is_left) {
        let entries = entries(rule);
        let stable = entries.iter().filter(|entry| {
            reference.side(entry) == Side::Stable && receives(entry, entries.len())
        });
        let stable: Vec<_> = stable.collect();
        let is_empty = |entry: &&&Value| {
            let behind = reference.behind(entry);
            let has_pods = behind
                .is_none_or(|behind| if is_new { behind.new } else { behind.old.unwrap_or(true) });
            entry["destination"]["subset"].is_string() && !has_pods
        };
        let empty: BTreeSet<_> = stable
            .iter()
            .filter(is_empty)
            .map(|entry| entry["destination"]["subset"].as_str().unwrap().to_owned())
            .collect();
        let takes_all = stable.iter().all(|entry| is_empty(&entry));
        for subset in empty {
            *subsets.entry(subset).or_default() |= takes_all;
        }
    }
    let errors = subsets.values().filter(|takes_all| **takes_all).count();
    [errors, subsets.len() - errors]
}

/// Returns what each destination of a rule gets, by the side that it is on.
fn shares(reference: &Reference, rule: &Value) -> Vec<((Side, String), Fraction)> {
    let entries = entries(rule);
    let weight = |entry: &Value| match entries.len() {
        1 => 1,
        _ => entry["weight"].as_u64().unwrap_or(0),
    };
    let sum: u64 = entries.iter().map(weight).sum();
    let mut shares: Vec<((Side, String), Fraction)> = Vec::new();
    for entry in entries.iter().filter(|entry| weight(entry) > 0) {
        let key = (reference.side(entry), entry["destination"].to_string());
        let share = Fraction::new(weight(entry), sum);
        match shares.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum = sum.plus(share),
            None => shares.push((key, share)),
        }
    }
    shares
}

/// Renders a stage from the tree, or from what was rendered of it.
fn render_at(tree: &Tree, text: Option<&str>, stage: StageName) -> Rendered {
    let source = |text: String| Source::new("web.yaml", text);
    let sources = match text {
        Some(text) => vec![source(text.to_owned())],
        None => tree.objects.iter().map(|object| source(object.to_string())).collect(),
    };
    let stable = tree.stable.as_ref().map(|old| vec![Source::new("stable.yaml", old.to_string())]);
    // Some trees leave the replicas out.
    let allow = vec![&codes::REPLICAS_MISSING];
    let options = Options { step: Some(stage), keep_rollout: true, allow, ..Options::default() };
    let input = Input::new(sources, stable);
    let outcome = render(&input, &options);
    let found = outcome.diagnostics.iter().map(|one| (one.code.name, one.severity)).collect();
    Rendered { text: outcome.text(), found }
}

/// Returns the spec of the VirtualService that was rendered.
fn result(outcome: &Rendered) -> Option<Value> {
    let text = outcome.text.as_deref()?;
    Some(spec_of(&rollstep::read(&[Source::new("result.yaml", text)]).unwrap()))
}

fn spec_of(objects: &[Value]) -> Value {
    let mut routes = objects.iter().filter(|object| object["kind"] == "VirtualService");
    routes.next().unwrap()["spec"].clone()
}

/// Returns the codes of the errors, in the order of their names.
fn errors(outcome: &Rendered) -> Vec<&'static str> {
    let errors = outcome.found.iter().filter(|(_, severity)| *severity == Severity::Error);
    let mut codes: Vec<_> = errors.map(|(code, _)| *code).collect();
    codes.sort_unstable();
    codes
}

/// Returns how many errors and how many warnings of a code there are.
fn counts(outcome: &Rendered, code: &str) -> [usize; 2] {
    let count = |severity| outcome.found.iter().filter(|one| **one == (code, severity)).count();
    [Severity::Error, Severity::Warning].map(count)
}

fn percent(step: &Value) -> Option<u64> {
    step["traffic"].as_str().map(|share| share.trim_end_matches('%').parse().unwrap())
}

fn rules(spec: &Value) -> Vec<Value> {
    PROTOCOLS.iter().flat_map(|protocol| list(spec, protocol)).collect()
}

fn list(spec: &Value, protocol: &str) -> Vec<Value> {
    spec[protocol].as_array().cloned().unwrap_or_default()
}

fn entries(rule: &Value) -> Vec<Value> {
    rule["route"].as_array().cloned().unwrap()
}

fn same(one: &Value, other: &Value) -> Checked {
    prop_assert_eq!(one, other);
    Ok(())
}

fn explain(error: &TestCaseError, tree: &Tree, step: &Value, after: &Value) -> TestCaseError {
    let objects: Vec<_> = tree.objects.iter().map(Value::to_string).collect();
    let stable = tree.stable.as_ref().map(Value::to_string);
    TestCaseError::fail(format!(
        "{error}\n{step}\n{}\nold: {stable:?}\nafter {after}",
        objects.join("\n")
    ))
}
