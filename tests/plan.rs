//! Plans in every format: as recorded under `tests/plan/`, of every fixture, and as readers take them.
//!
//! Read `git diff tests/plan` line by line after `INSTA_UPDATE=always cargo test --test plan`. Mermaid's
//! own parser is fetched below `target/`, and the page is opened by Chromium where that is installed.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "plan/browser.rs"]
mod browser;
#[path = "fixture/case.rs"]
#[allow(dead_code, reason = "the fixtures are planned here, and rendered elsewhere")]
mod case;
#[path = "markdown/hostile.rs"]
#[allow(dead_code, reason = "diffs are made of it elsewhere")]
mod hostile;
#[path = "plan/inputs.rs"]
mod inputs;
#[path = "plan/markup.rs"]
mod markup;
#[path = "fixture/node.rs"]
mod node;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use inputs::{elsewhere, guide, messy, planned_fixtures, shop, two_rollouts};
use proptest::prelude::*;
use rollstep::diagnostic::Severity;
use rollstep::review::plan::text::{Look, to_text};
use rollstep::review::plan::{Outcome, RolloutPlan, html, json, markdown, mermaid};
use rollstep::{Input, ObjectName, Options, Source, StageName, review};
use serde_json::{Value, json};
use skipped::skip;

fn recorded() -> Vec<(&'static str, Vec<RolloutPlan>)> {
    let inputs = [
        ("guide", guide()),
        ("messy", messy()),
        ("two-rollouts", two_rollouts()),
        ("elsewhere", elsewhere()),
        ("shop", shop()),
    ];
    inputs.map(|(name, (input, options))| (name, plans(&input, &options))).into()
}

fn plans(input: &Input, options: &Options) -> Vec<RolloutPlan> {
    let outcome = review::plan(input, options);
    outcome.rollouts.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
}

#[test]
fn plans_are_as_recorded() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plan");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let narrow = Look { width: 48, blocks: true, ..Look::default() };
    for (name, plans) in recorded() {
        settings.bind(|| {
            insta::assert_snapshot!(format!("{name}.text"), to_text(&plans, Look::default()));
            insta::assert_snapshot!(format!("{name}.markdown"), markdown::to_markdown(&plans));
            insta::assert_snapshot!(format!("{name}.mermaid"), mermaid::to_mermaid(&plans));
        });
        // What is said of twenty services is said of one as well.
        if name == "guide" || name == "messy" {
            settings.bind(|| {
                insta::assert_snapshot!(format!("{name}.narrow"), to_text(&plans, narrow));
                insta::assert_snapshot!(format!("{name}.json"), json::to_json(&plans));
                insta::assert_snapshot!(format!("{name}.html"), html::to_html(&plans));
            });
        }
    }
}

#[test]
fn colours_are_written_where_they_are_wanted_and_change_nothing_else() {
    let look = Look { color: true, ..Look::default() };
    for (_, plans) in recorded() {
        let (plain, coloured) = (to_text(&plans, Look::default()), to_text(&plans, look));
        assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[33m"));
        assert!(plain.is_ascii(), "{plain}");
        let parts = coloured.split('\u{1b}').enumerate();
        let stripped = parts.map(|(index, part)| match index {
            0 => part,
            _ => part.split_once('m').map_or(part, |(_, rest)| rest),
        });
        let lines: Vec<_> =
            stripped.collect::<String>().lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(plain.lines().collect::<Vec<_>>(), lines);
    }
}

#[test]
fn every_fixture_is_planned_in_every_format_or_says_why_not() {
    let fails = |(name, outcome): &(String, Outcome)| {
        let checked = catch_unwind(AssertUnwindSafe(|| check(outcome)));
        checked.is_err().then(|| name.clone())
    };
    let hostile = hostile::plans().into_iter().map(|plan| ("hostile".to_owned(), plan));
    let outcomes: Vec<_> = planned_fixtures().into_iter().chain(hostile).collect();
    let failed: Vec<_> = outcomes.iter().filter_map(fails).collect();
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

fn check(outcome: &Outcome) {
    let is_error = outcome.diagnostics.iter().any(|told| told.severity == Severity::Error);
    let Some(plans) = &outcome.rollouts else { return assert!(is_error) };
    let failed = plans.iter().flat_map(|plan| &plan.stages).any(|stage| stage.view.is_err());
    assert!(!failed || is_error);
    for stage in plans.iter().flat_map(|plan| &plan.stages) {
        let codes = stage.view.as_ref().map_or_else(|codes| codes, |view| &view.refused);
        let each: BTreeSet<_> = codes.iter().collect();
        assert_eq!(each.len(), codes.len(), "{codes:?}");
    }
    let page = html::to_html(plans);
    markup::check(&page);
    assert!(!page.contains("<script"));
    let diagram = mermaid::to_mermaid(plans);
    assert!(diagram.chars().count() <= mermaid::MAX_CHARACTERS, "{diagram}");
    let parsed: Value = serde_json::from_str(&json::to_json(plans)).unwrap();
    assert_eq!(parsed["rollouts"].as_array().unwrap().len(), plans.len());
    let table = markdown::to_markdown(plans);
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let cells = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.map(cells).all(|cells| cells == 8), "{table}");
}

#[test]
fn diagrams_are_read_by_mermaid() {
    let Some(modules) = markup::fetch_mermaid() else { return };
    let outcomes = planned_fixtures().into_iter().map(|(_, outcome)| outcome);
    let plans = outcomes.chain(hostile::plans()).filter_map(|outcome| outcome.rollouts);
    let plans = plans.chain(recorded().into_iter().map(|(_, plans)| plans)).chain([Vec::new()]);
    let diagrams: Vec<_> = plans.map(|plans| mermaid::to_mermaid(&plans)).collect();
    let wrong = markup::refused_by_mermaid(&modules, &diagrams);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_is_no_wider_than_a_phone_and_loads_nothing() {
    let Some(browser) = browser::find() else {
        skip("there is no chromium, chromium-browser or google-chrome in PATH");
        return;
    };
    for (name, plans) in recorded().into_iter().filter(|(name, _)| ["messy", "shop"].contains(name))
    {
        // A diff that is open is the widest thing on the page.
        let page = html::to_html(&plans).replace("<details>", "<details open>");
        for width in [320, 1200] {
            let found = browser::widest(&browser, &page, (name, width));
            assert!(found <= width, "{name}: {found} columns of {width}");
        }
    }
}

/// Annotations of pods that hold a Secret, each in another way; the canary's are a new object.
const SECRETS: [&str; 4] = [
    r#"{"kind":"Secret","data":{"a":"correct-horse"}}"#,
    "# correct-horse\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: correct-horse}\n",
    "cat <<END\nkind: Secret\ndata: {a: correct-horse}\nEND\n",
    "# kind: Secret\n# data: {a: correct-horse}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
];

#[test]
fn secrets_are_in_no_format() {
    let (input, options) = messy();
    for secret in SECRETS {
        let annotated = format!(
            "template:\n    metadata: {{labels: {{app: web}}, annotations: {{a: {}}}}}",
            json!(secret)
        );
        let sources = input.sources().iter().map(|source| {
            let text =
                source.text().replace("template:\n    metadata: {labels: {app: web}}", &annotated);
            assert_ne!(text, source.text());
            Source::new(source.name(), text)
        });
        let plans = plans(&Input::new(sources.collect(), None), &options);
        let all = [
            to_text(&plans, Look::default()),
            markdown::to_markdown(&plans),
            mermaid::to_mermaid(&plans),
            html::to_html(&plans),
            json::to_json(&plans),
        ];
        assert!(all.iter().all(|text| !text.contains("correct-horse")), "{secret}");
        assert!(all[3].contains("web-canary") && all[3].contains("app: web"));
    }
}

#[test]
fn the_stage_that_is_asked_for_is_marked() {
    let (input, options) = messy();
    let asked = |options: &Options| {
        let plans = plans(&input, options);
        let stages = plans[0].stages.clone().into_iter();
        stages.filter(|stage| stage.asked).map(|stage| stage.stage).collect::<Vec<_>>()
    };
    assert_eq!(asked(&options), [StageName::Step(2)]);
    let flag = Options { step: Some(StageName::Last), ..options };
    assert_eq!(asked(&flag), [StageName::Step(3)]);
    let (input, _) = guide();
    let plans = plans(&input, &Options::default());
    assert!(plans[0].stages.iter().all(|stage| !stage.asked));
}

#[test]
fn a_stage_that_cannot_be_rendered_is_shown_as_such() {
    let outcomes = planned_fixtures().into_iter().filter_map(|(_, outcome)| outcome.rollouts);
    let is_partial = |plans: &Vec<RolloutPlan>| {
        plans.iter().flat_map(|plan| &plan.stages).any(|stage| stage.view.is_err())
    };
    let partial: Vec<_> = outcomes.filter(is_partial).collect();
    assert!(!partial.is_empty());
    for plans in partial {
        assert!(to_text(&plans, Look::default()).contains("cannot be rendered: "));
        assert!(markdown::to_markdown(&plans).contains("cannot be rendered: <code>"));
        assert!(mermaid::to_mermaid(&plans).contains("cannot be rendered"));
        assert!(html::to_html(&plans).contains("Cannot be rendered: "));
    }
}

#[test]
fn the_command_heeds_width_and_colour_and_tells_by_its_code() {
    let run = |arguments: &[&str], columns: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
        command.arg("plan").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = command.env("COLUMNS", columns).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let messy = ["-f", "tests/plan/messy.yaml"];
    let (code, text) = run(&messy, "50");
    assert_eq!(code, Some(0));
    assert!(text.lines().all(|line| line.len() <= 50) && !text.contains('\u{1b}'));
    let (_, text) = run(&[&messy[..], &["--color", "always"]].concat(), "50");
    assert!(text.contains("\u{1b}[33m"));
    let (code, text) = run(&[&messy[..], &["--step", "9"]].concat(), "50");
    assert_eq!((code, text.as_str()), (Some(2), ""));
}

/// What a definition says of itself counts in the view of that rollout too.
#[test]
fn an_annotation_that_is_neither_yes_nor_no_stands_in_the_way() {
    let root =
        concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ignore-is-neither-yes-nor-no/web.yaml");
    let source = Source::new("web.yaml", std::fs::read_to_string(root).unwrap());
    let outcome = review::plan(&Input::new(vec![source], None), &Options::default());
    assert!(outcome.rollouts.is_none());
    assert!(outcome.diagnostics.iter().any(|one| one.code.name == "invalid-field"));
}

#[test]
fn flags_that_name_what_is_not_there_are_told() {
    let (input, options) = messy();
    let nobody = ObjectName::from("nobody");
    for (options, code) in [
        (Options { step: Some(StageName::Step(9)), ..options.clone() }, "unknown-step"),
        (
            Options { steps: [(nobody.clone(), StageName::Done)].into(), ..options.clone() },
            "unknown-rollout",
        ),
        (Options { rollout: Some(nobody.clone()), ..options.clone() }, "unknown-rollout"),
        (Options { replicas: vec![(nobody, 3)], ..options }, "unknown-replicas"),
    ] {
        let outcome = review::plan(&input, &options);
        assert!(outcome.rollouts.is_none(), "{code}");
        assert_eq!(outcome.diagnostics[0].code.name, code);
    }
    let other = Input::new(
        vec![Source::new("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")],
        None,
    );
    let outcome = review::plan(&other, &Options::default());
    assert_eq!(outcome.diagnostics[0].code.name, "no-rollout");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The names are so short that no word alone is wider than its column.
    #[test]
    fn no_line_is_wider_than_the_terminal(width in 40usize..=200, blocks: bool, name in "[a-z]{1,4}") {
        let (input, options) = messy();
        let named: Vec<_> = input.sources().iter().map(|source| {
            Source::new(source.name(), source.text().replace("more", &name))
        }).collect();
        let plans = plans(&Input::new(named, None), &options);
        let look = Look { width, blocks, color: false };
        for line in to_text(&plans, look).lines() {
            prop_assert!(line.chars().count() <= width, "{line}");
        }
    }
}
