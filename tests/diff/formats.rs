//! Each format, of the guide's rollout, of two rollouts, and of two trees.

use rollstep::review::diff::Color;
use rollstep::{Input, ObjectName, Options, Source, StageName, render_beside, render_change};

use super::case::{Case, read_all};
use super::{Diff, assert_recorded};

#[test]
fn steps_of_the_guide_are_as_recorded() {
    let guide = case("istio-guide");
    for step in ["1", "2", "3", "promote", "done"] {
        let diff = moved(&guide, step, None);
        assert_recorded(&format!("guide-{step}"), &diff.unified(Color::Never));
    }
}

#[test]
fn formats_are_as_recorded() {
    let guide = case("istio-guide");
    for (format, text) in moved(&guide, "2", None).all().into_iter().skip(1) {
        assert_recorded(&format!("guide-2.{format}"), &text);
    }
    for (format, text) in moved(&guide, "stable", Some("2")).all() {
        assert_recorded(&format!("guide-back.{format}"), &text);
    }
}

#[test]
fn two_rollouts_move_together_or_alone() {
    let two = case("two-rollouts");
    let together = moved(&two, "1", None);
    assert_recorded("two-rollouts.markdown", &together.markdown(65_000));
    let options = Options {
        rollout: Some(ObjectName::from("web")),
        step: Some(StageName::Step(1)),
        ..two.options.clone()
    };
    let alone = Diff::of(render_change(two.input.as_ref().unwrap(), &options, None));
    assert_eq!(1, alone.movements.len());
    assert_recorded("two-rollouts-alone", &alone.unified(Color::Never));
}

#[test]
fn every_stage_differs_from_itself_in_nothing() {
    for name in ["istio-guide", "two-rollouts"] {
        for step in ["stable", "1", "promote", "done"] {
            let same = moved(&case(name), step, Some(step));
            assert!(same.comparison.is_empty() && same.comparison.unchanged > 0);
            let [unified, color, stat, markdown, _, json_patch, merge_patch] = same.all();
            assert_eq!(["", "", ""], [&*unified.1, &*color.1, &*stat.1]);
            assert!(markdown.1.ends_with("Nothing differs.\n"), "{}", markdown.1);
            assert_eq!(["[]\n", "[]\n"], [json_patch.1, merge_patch.1]);
        }
    }
}

#[test]
fn a_base_tree_is_compared_at_its_own_step() {
    let files = |step: &str, image: &str, comment: &str| {
        let workload = format!("{comment}{}", file("deployment.yaml"));
        let step = format!(
            "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {{name: demo}}\nspec:\n  \
             rollout: rollouts-demo\n  step: {step}\n"
        );
        let texts = [
            workload.replace("image: nginx", &format!("image: {image}")),
            file("rollout.yaml"),
            file("service.yaml"),
            file("virtualservice.yaml"),
            step,
        ];
        texts.map(|text| Source::new("tree.yaml", text)).to_vec()
    };
    let base = Input::new(files("1", "nginx:1.26", ""), None);
    let mut sources = files("2", "nginx:1.27", "# Serves what we say.\n");
    sources
        .push(Source::new("new.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n"));
    let tree = Input::new(sources, None);
    let diff = Diff::of(render_beside(&base, &tree, &Options::default()));
    assert_eq!(Some(StageName::Step(1)), diff.movements[0].before);
    assert_recorded("base", &diff.unified(Color::Never));
    assert_recorded("base.markdown", &diff.markdown(65_000));
}

#[test]
fn a_tree_without_a_rollout_is_taken_as_it_is() {
    let service = Input::new(vec![Source::new("service.yaml", file("service.yaml"))], None);
    let guide = case("istio-guide");
    let options = Options {
        steps: [(ObjectName::from("rollouts-demo"), StageName::Step(1))].into(),
        ..Options::default()
    };
    let diff = Diff::of(render_beside(&service, guide.input.as_ref().unwrap(), &options));
    assert_eq!(None, diff.movements[0].before);
    assert_eq!((4, 1), (diff.comparison.changes.len(), diff.comparison.unchanged));
}

#[test]
fn comments_and_layout_alone_are_no_difference() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n";
    let other = "# why\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: b\n";
    let tree = |text: &str| Input::new(vec![Source::new("a.yaml", text)], None);
    let diff = Diff::of(render_beside(&tree(text), &tree(other), &Options::default()));
    assert!(diff.comparison.is_empty());
}

fn case(name: &str) -> Case {
    read_all().into_iter().find(|case| case.name == name).unwrap()
}

fn moved(case: &Case, step: &str, from: Option<&str>) -> Diff {
    let options = Options { step: Some(step.parse().unwrap()), ..case.options.clone() };
    let from = from.map(|from| from.parse().unwrap());
    Diff::of(render_change(case.input.as_ref().unwrap(), &options, from))
}

fn file(name: &str) -> String {
    let path = super::case::crate_root().join("fixtures/istio-guide").join(name);
    std::fs::read_to_string(path).unwrap()
}
