//! Rollouts that share one VirtualService: any stages follow from any others, and all are planned in time
//! that is linear in rollouts and steps.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests may fail by a panic")]

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::TestCaseError;
use rollstep::{Compat, Format, Input, ObjectName, Options, Source, StageName, render, review};
use serde_json::Value;

/// Returns rollouts of workloads that one VirtualService routes: each by a rule of its own, and the first
/// three by a rule that they share, where there is one: of that the controller's script does not keep the
/// shares of others.
fn tree(rollouts: usize, steps: usize, has_shared_rule: bool) -> String {
    let mut text = String::new();
    let mut rules = String::new();
    let mut shared = String::new();
    if has_shared_rule {
        shared.push_str("  - name: all\n    route:\n");
    }
    for number in 0..rollouts {
        let name = format!("web{number}");
        write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  replicas: 10\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{{name: web, image: web}}]}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{app: {name}}}\n  ports: [{{port: 80}}]\n---\napiVersion: rollouts.kruise.io/v1beta1\nkind: Rollout\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n  strategy:\n    canary:\n      enableExtraWorkloadForCanary: true\n      trafficRoutings:\n      - service: {name}\n        customNetworkRefs: [{{apiVersion: networking.istio.io/v1, kind: VirtualService, name: shop}}]\n      steps:\n"
        )
        .unwrap();
        for step in 1..=steps {
            let share = step * 100 / steps;
            let traffic = if step % 3 == 2 {
                format!("matches: [{{headers: [{{type: Exact, name: x-{name}, value: v{step}}}]}}]")
            } else {
                format!("traffic: {share}%")
            };
            writeln!(text, "      - {{replicas: {share}%, {traffic}}}").unwrap();
        }
        text.push_str("---\n");
        writeln!(rules, "  - match: [{{uri: {{prefix: /{name}}}}}]\n    route: [{{destination: {{host: {name}}}}}]").unwrap();
        if has_shared_rule && number < 3 {
            writeln!(shared, "    - {{destination: {{host: {name}}}, weight: {}}}", 10 + number)
                .unwrap();
        }
    }
    write!(
        text,
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: shop, namespace: shop}}\nspec:\n  hosts: [shop.example.com]\n  http:\n{rules}{shared}"
    )
    .unwrap();
    text
}

fn stage(choice: u8, steps: usize) -> StageName {
    match usize::from(choice) % (steps + 2) {
        0 => StageName::Done,
        1 => StageName::Promote,
        step => StageName::Step(step - 1),
    }
}

fn render_at(text: &str, stages: &[StageName], compat: Option<Compat>, format: Format) -> String {
    let name = |number: usize| ObjectName {
        namespace: Some("shop".to_owned()),
        name: format!("web{number}"),
    };
    // Only the script needs to know them.
    let revisions = |revision: &str| {
        let all = (0..stages.len()).filter(|_| compat.is_some());
        all.map(|number| (Some(name(number)), revision.to_owned())).collect()
    };
    let steps = stages.iter().enumerate().map(|(number, stage)| (name(number), *stage));
    let steps = steps.collect();
    let input = Input::new(vec![Source::new("shop.yaml", text)], None);
    let options = Options {
        steps,
        compat,
        format,
        keep_rollout: true,
        stable_revisions: revisions("before"),
        canary_revisions: revisions("after"),
        ..Options::default()
    };
    let outcome = render(&input, &options);
    outcome.text().unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
}

fn check(rollouts: usize, choices: &[u8], compat: Option<Compat>) -> Result<(), TestCaseError> {
    let steps = 4;
    let source = tree(rollouts, steps, compat.is_none());
    let stages: Vec<_> = choices.iter().map(|choice| stage(*choice, steps)).collect();
    let (first, last) = (&stages[..rollouts], &stages[rollouts..2 * rollouts]);
    let rendered = render_at(&source, first, compat, Format::Yaml);
    let again = objects(&render_at(&rendered, last, compat, Format::Json));
    let direct = objects(&render_at(&source, last, compat, Format::Json));
    proptest::prop_assert_eq!(again, direct, "from {:?} to {:?}", first, last);
    Ok(())
}

/// Returns the objects by kind and name; a route may have been moved behind what it needs.
fn objects(text: &str) -> BTreeMap<String, Value> {
    let list: Value = serde_json::from_str(text).unwrap();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| (format!("{} {}", item["kind"], item["metadata"]["name"]), item.clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stages_follow_from_any_others(choices in vec(any::<u8>(), 10), rollouts in 2..=5_usize) {
        check(rollouts, &choices, None)?;
    }

    #[test]
    fn what_the_script_has_made_is_recognized(choices in vec(any::<u8>(), 6), rollouts in 2..=3_usize) {
        check(rollouts, &choices, Some(Compat::Kruise))?;
    }
}

/// Somebody may write any number into a rendered object; its original is what counts.
#[test]
fn weights_that_are_too_large_are_an_edit() {
    let stages = [StageName::Step(1), StageName::Step(3)];
    let rendered = render_at(&tree(2, 4, true), &stages, None, Format::Json);
    let mut list: Value = serde_json::from_str(&rendered).unwrap();
    let items = list["items"].as_array_mut().unwrap();
    let route = items.iter_mut().find(|item| item["kind"] == "VirtualService").unwrap();
    for rule in route["spec"]["http"].as_array_mut().unwrap() {
        let entries = rule["route"].as_array_mut().unwrap();
        for entry in entries.iter_mut() {
            entry["weight"] = i64::MAX.into();
        }
        entries.extend_from_within(..);
        entries.extend_from_within(..);
    }
    let input = Input::new(vec![Source::new("shop.json", list.to_string())], None);
    let options = Options { step: Some(StageName::Step(1)), ..Options::default() };
    let outcome = render(&input, &options);
    assert!(outcome.parts.is_none());
    let codes: Vec<_> = outcome.diagnostics.iter().map(|one| one.code.name).collect();
    assert!(codes.contains(&"edited-since-render"), "{codes:?}");
}

#[test]
fn ten_rollouts_of_ten_steps_are_planned() {
    let input = Input::new(vec![Source::new("shop.yaml", tree(10, 10, true))], None);
    let outcome = review::plan(&input, &Options::default());
    let rollouts = outcome.rollouts.unwrap();
    assert_eq!(rollouts.len(), 10);
    for rollout in rollouts {
        assert!(rollout.stages.iter().all(|stage| stage.view.is_ok()), "{}", rollout.name);
    }
}
