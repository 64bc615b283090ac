//! Routing is right on any VirtualService that people may write.
//!
//! For generated VirtualServices, steps and requests, by the values that are written and by a
//! reference matcher in the test: what does not lead to stable is untouched, the canary gets exactly
//! what the step says and takes it from stable alone, and the steps before leave no trace.
#![cfg(test)]

#[path = "again/dice.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod dice;
#[path = "routing/fraction.rs"]
mod fraction;
#[path = "routing/reference.rs"]
mod reference;
#[path = "routing/sides.rs"]
mod sides;
#[path = "routing/tree.rs"]
mod tree;

use fraction::Fraction;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use reference::{Request, destination, fate, is_described, requests, settings, shares, without};
use rollstep::{Input, Options, Source, StageName, render};
use serde_json::Value;
use sides::{Side, canary_of, is_bound, of_side, share_of, side};
use tree::Tree;

/// What says that a step cannot be expressed, or that there is nothing to express.
const REFUSALS: [&str; 9] = [
    "header-conflict",
    "invalid-route",
    "match-conflict",
    "match-needs-http",
    "matches-everything",
    "no-stable-destination",
    "step-without-effect",
    "twin-name-taken",
    "weight-too-large",
];

/// The VirtualServices of a tree, or the codes of the errors.
type Routes = Result<Vec<Value>, Vec<&'static str>>;
type Checked = Result<(), TestCaseError>;

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn a_share_is_taken_from_stable_alone(bytes in vec(any::<u8>(), 0..160)) {
        for_each_step(&tree::make(bytes), |step, before, after| {
            let Some(percent) = step.get("traffic") else { return Ok(()) };
            let percent = percent.as_str().unwrap().trim_end_matches('%').parse().unwrap();
            for_each_rule(before, after, |namespace, rule, split| {
                check_split(namespace, (rule, split), percent)
            })
        })?;
    }

    #[test]
    fn twins_folded_into_stable_are_the_input(bytes in vec(any::<u8>(), 0..160)) {
        for_each_step(&tree::make(bytes), |step, before, after| {
            if step.get("matches").is_some() { check_twins(before, after) } else { Ok(()) }
        })?;
    }

    #[test]
    fn a_step_that_directs_nothing_changes_nothing(bytes in vec(any::<u8>(), 0..160)) {
        for_each_step(&tree::make(bytes), |step, before, after| {
            if step.get("matches").or(step.get("traffic")).is_none() {
                prop_assert_eq!(&before["spec"], &after["spec"]);
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_cannot_be_said_is_refused(bytes in vec(any::<u8>(), 0..160)) {
        let tree = tree::make(bytes);
        for number in 1..=tree.steps.len() {
            if let Err(codes) = routes(&render_at(&source(&tree), StageName::Step(number))) {
                prop_assert!(codes.iter().all(|code| REFUSALS.contains(code)), "{:?}\n{}", codes, source(&tree).join("\n"));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn requests_of_the_step_go_to_the_canary_and_others_where_they_went(
        bytes in vec(any::<u8>(), 0..160),
    ) {
        let requests = requests();
        for_each_step(&tree::make(bytes), |step, before, after| {
            let Some(matches) = step.get("matches") else { return Ok(()) };
            requests.iter().try_for_each(|request| {
                let matches = matches.as_array().unwrap();
                let described = matches.iter().any(|wanted| is_described(wanted, request));
                check_request(request, described, (before, after))
            })
        })?;
    }

    #[test]
    fn the_steps_before_leave_no_trace(
        bytes in vec(any::<u8>(), 0..160),
        choices in vec(any::<u8>(), 4),
    ) {
        let tree = tree::make(bytes);
        let stages: Vec<_> = (1..=tree.steps.len()).map(StageName::Step)
            .chain([StageName::Promote, StageName::Done])
            .collect();
        let mut text = source(&tree);
        for choice in choices {
            let stage = stages[usize::from(choice) % stages.len()];
            let direct = render_at(&source(&tree), stage);
            let again = render_at(&text, stage);
            prop_assert_eq!(routes(&direct), routes(&again), "{} of\n{:?}", stage, text);
            // A step that cannot be expressed is passed over.
            text = again.map_or(text, |text| vec![text]);
        }
    }
}

/// Most trees can be rendered, or the properties would say little.
#[test]
fn most_steps_can_be_expressed() {
    let mut random: u32 = 1;
    let mut byte = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(random >> 24).unwrap()
    };
    let (mut expressed, mut twins) = (0, 0);
    for _ in 0..100 {
        let tree = tree::make((0..160).map(|_| byte()).collect());
        for (step, number) in tree.steps.iter().zip(1..) {
            let is_rendered = render_at(&source(&tree), StageName::Step(number)).is_ok();
            expressed += u32::from(is_rendered);
            twins += u32::from(is_rendered && step.get("matches").is_some());
        }
    }
    assert!(expressed >= 120 && twins >= 30, "{expressed} of 300 steps, {twins} with matches");
}

fn config(fewer: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / fewer, failure_persistence: None, ..usual }
}

/// Checks each VirtualService before and after each step that can be expressed.
fn for_each_step(tree: &Tree, check: impl Fn(&Value, &Value, &Value) -> Checked) -> Checked {
    let before = virtual_services(&tree.objects);
    for (step, number) in tree.steps.iter().zip(1..) {
        let rendered = render_at(&source(tree), StageName::Step(number));
        for (before, after) in before.iter().zip(routes(&rendered).unwrap_or_default()) {
            check(step, before, &after).map_err(|error| {
                TestCaseError::fail(format!("{error}\n{step}\nbefore {before}\nafter {after}"))
            })?;
        }
    }
    Ok(())
}

/// Checks each rule of all protocols before and after; there must be as many.
fn for_each_rule(
    before: &Value,
    after: &Value,
    check: impl Fn(&str, &Value, &Value) -> Checked,
) -> Checked {
    prop_assert_eq!(
        without(&before["spec"], &["http", "tcp", "tls"]),
        without(&after["spec"], &["http", "tcp", "tls"])
    );
    for protocol in ["http", "tcp", "tls"] {
        prop_assert_eq!(
            before["spec"].get(protocol).is_some(),
            after["spec"].get(protocol).is_some()
        );
        let (before_rules, after_rules) = (rules(before, protocol), rules(after, protocol));
        prop_assert_eq!(before_rules.len(), after_rules.len());
        for (one, other) in before_rules.iter().zip(&after_rules) {
            check(namespace(before), one, other)?;
        }
    }
    Ok(())
}

/// Checks a rule at a step with a share.
fn check_split(namespace: &str, (before, after): (&Value, &Value), percent: u64) -> Checked {
    if !is_bound(before, namespace) {
        prop_assert_eq!(before, after);
        return Ok(());
    }
    prop_assert_eq!(without(before, &["route"]), without(after, &["route"]));
    let (old, new) = (&before["route"], &after["route"]);
    // Entries stay in their order and keep all but their weight; canaries are added behind them.
    let bare =
        |route: &Value| -> Vec<_> { route.as_array().unwrap().iter().map(destination).collect() };
    prop_assert!(bare(new).starts_with(&bare(old)));
    let added = &new.as_array().unwrap()[bare(old).len()..];
    prop_assert!(added.iter().all(|entry| side(entry, namespace) == Side::Canary));
    let of = |route: &Value, wanted: Side| share_of(route, namespace, wanted);
    let pool = of(old, Side::Stable).plus(of(old, Side::Canary));
    let (canary, stable) = (Fraction::new(percent, 100), Fraction::new(100 - percent, 100));
    prop_assert_eq!(of(new, Side::Canary), pool.times(canary));
    prop_assert_eq!(of(new, Side::Stable), pool.times(stable));
    prop_assert_eq!(of_side(old, namespace, Side::Other), of_side(new, namespace, Side::Other));
    if old.as_array().unwrap().iter().all(|entry| side(entry, namespace) != Side::Canary) {
        let old = of_side(old, namespace, Side::Stable);
        let kept = old.into_iter().map(|(name, share)| (name, share.times(stable)));
        let kept = kept.filter(|(_, share)| !share.is_zero());
        prop_assert_eq!(of_side(new, namespace, Side::Stable), kept.collect());
    }
    Ok(())
}

/// Checks that the result is the input with twins before rules that lead to stable.
fn check_twins(before: &Value, after: &Value) -> Checked {
    prop_assert_eq!(without(&before["spec"], &["http"]), without(&after["spec"], &["http"]));
    let namespace = namespace(before);
    let originals = rules(before, "http");
    let mut originals = originals.iter().peekable();
    for rule in rules(after, "http") {
        let Some(original) = originals.peek() else { panic!("a rule at the end: {rule}") };
        if rule == **original {
            originals.next();
            continue;
        }
        prop_assert!(is_bound(original, namespace), "a twin before {}", original);
        prop_assert_eq!(settings(&rule), settings(original));
        let canary = |entry: &Value| match side(entry, namespace) {
            Side::Stable => canary_of(entry),
            Side::Canary | Side::Other => entry.clone(),
        };
        let route: Vec<_> = original["route"].as_array().unwrap().iter().map(canary).collect();
        prop_assert_eq!(&rule["route"], &Value::from(route));
    }
    prop_assert!(originals.next().is_none());
    Ok(())
}

/// Checks where one request goes before and at a step with matches.
fn check_request(request: &Request, described: bool, (before, after): (&Value, &Value)) -> Checked {
    let namespace = namespace(before);
    let (old, new) = (fate(&before["spec"], request), fate(&after["spec"], request));
    prop_assert_eq!(&old.settings, &new.settings, "{:?}", request);
    let rule = old.rule.map(|number| rules(before, "http").swap_remove(number));
    let bound = rule.filter(|rule| described && is_bound(rule, namespace));
    let Some(mut rule) = bound else {
        prop_assert_eq!(old.shares, new.shares, "{:?}", request);
        return Ok(());
    };
    for entry in rule["route"].as_array_mut().unwrap() {
        if side(entry, namespace) == Side::Stable {
            *entry = canary_of(entry);
        }
    }
    prop_assert_eq!(shares(&rule["route"]), new.shares, "{:?}", request);
    Ok(())
}

fn render_at(sources: &[String], stage: StageName) -> Result<String, Vec<&'static str>> {
    let sources = sources.iter().map(|text| Source::new("web.yaml", text.as_str()));
    let input = Input::new(sources.collect(), None);
    let options = Options { step: Some(stage), keep_rollout: true, ..Options::default() };
    let outcome = render(&input, &options);
    outcome.text().ok_or_else(|| {
        let errors = outcome.diagnostics.iter();
        let errors = errors.filter(|one| one.severity == rollstep::diagnostic::Severity::Error);
        // Their order is that of places, which the texts have not in common.
        let mut codes: Vec<_> = errors.map(|one| one.code.name).collect();
        codes.sort_unstable();
        codes
    })
}

fn routes(rendered: &Result<String, Vec<&'static str>>) -> Routes {
    let text = rendered.as_ref().map_err(Clone::clone)?;
    let objects = rollstep::read(&[Source::new("result.yaml", text.as_str())]).unwrap();
    Ok(virtual_services(&objects))
}

fn virtual_services(objects: &[Value]) -> Vec<Value> {
    objects.iter().filter(|object| object["kind"] == "VirtualService").cloned().collect()
}

/// Returns the sources of a tree; JSON is read as well as YAML.
fn source(tree: &Tree) -> Vec<String> {
    tree.objects.iter().map(Value::to_string).collect()
}

fn rules(virtual_service: &Value, protocol: &str) -> Vec<Value> {
    virtual_service["spec"][protocol].as_array().cloned().unwrap_or_default()
}

fn namespace(virtual_service: &Value) -> &str {
    virtual_service["metadata"]["namespace"].as_str().unwrap_or("default")
}
