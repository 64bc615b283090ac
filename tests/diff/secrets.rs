//! No format shows what a Secret holds, wherever it lies.

use rollstep::review::diff::compare;
use rollstep::{Input, Options, Source, render_beside, render_change};

use super::{Diff, assert_recorded};

/// Texts that hold a secret, each in another way; `VALUE` is the place of the secret.
const FORMS: [&str; 9] = [
    "data: {password: VALUE}",
    "stringData: {password: VALUE} # VALUE",
    "stringData:\n  password: |\n    VALUE\n",
    "data: VALUE",
    "data: [VALUE]",
    "metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"password\":\"VALUE\"}}'}}",
    "metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: 'password: VALUE'}}",
    "metadata: {name: a, annotations: {objectset.rio.cattle.io/applied: 'H4sIVALUE'}}",
    "metadata: {name: a, annotations: {kapp.k14s.io/original: '{\"kind\":\"Secret\",\"stringData\":{\"password\":\"VALUE\"}}'}}",
];

#[test]
fn no_format_shows_a_value() {
    for form in FORMS {
        for wrap in
            [alone, listed, templated, commented_out, in_a_text, in_a_script, commented_in_a_text]
        {
            let [before, after] = ["hunter2hunter2", "tr0ub4dor3tr0ub"]
                .map(|value| tree(&wrap(&form.replace("VALUE", value), value)));
            let none = tree(NOTHING);
            assert_hidden(&before, &after);
            assert_hidden(&before, &none);
            assert_hidden(&none, &after);
        }
    }
}

fn tree(text: &str) -> Input {
    Input::new(vec![Source::new("a.yaml", text)], None)
}

#[track_caller]
fn assert_hidden(base: &Input, tree: &Input) {
    let diff = Diff::of(render_beside(base, tree, &Options::default()));
    assert!(!diff.comparison.is_empty());
    for (format, text) in diff.all() {
        let shown = ["hunter2", "tr0ub4dor3"].iter().any(|value| text.contains(value));
        assert!(!shown, "{format}:\n{text}");
    }
}

#[test]
fn a_secret_that_changes_is_as_recorded() {
    let secret = |password: &str, more: &str| {
        let text = format!(
            "# the password is hunter2\napiVersion: v1\nkind: Secret\nmetadata: {{name: login, \
             namespace: shop}}\ntype: Opaque\ndata:\n  user: YWRtaW4=\n  password: {password}\n{more}"
        );
        tree(&text)
    };
    let (before, after) = (secret("YQ==", ""), secret("Yg==", "  token: Yw==\n"));
    let diff = Diff::of(render_beside(&before, &after, &Options::default()));
    for (format, text) in diff.all() {
        assert_recorded(&format!("secret.{format}"), &text);
    }
}

#[test]
fn an_unchanged_secret_is_not_told() {
    assert!(compare(&[], &[]).is_empty());
    let text = alone("data: {password: YQ==}", "");
    let diff = Diff::of(render_beside(&tree(&text), &tree(&text), &Options::default()));
    assert!(diff.comparison.is_empty());
}

const NOTHING: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nothing}\n";

fn alone(form: &str, _: &str) -> String {
    let metadata = if form.starts_with("metadata") { "" } else { "metadata: {name: a}\n" };
    format!("apiVersion: v1\nkind: Secret\n{metadata}{form}\n")
}

fn listed(form: &str, _: &str) -> String {
    let item = alone(form, "").replace('\n', "\n  ");
    format!("apiVersion: v1\nkind: List\nitems:\n- {}\n", item.trim_end())
}

fn templated(form: &str, _: &str) -> String {
    let item = alone(form, "").replace('\n', "\n  ");
    let head =
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:";
    format!("{head}\n- {}\n", item.trim_end())
}

/// A Secret in comments, beside an object that changes.
fn commented_out(form: &str, value: &str) -> String {
    let comment: String = alone(form, "").lines().map(|line| format!("# {line}\n")).collect();
    let size = value.len();
    format!(
        "{comment}apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{a: \"{size}\"}}\n"
    )
}

/// A manifest as the text of a field, with another before it.
fn in_a_text(form: &str, value: &str) -> String {
    let text = format!("# {value}\n{NOTHING}---\n{}", alone(form, ""));
    field(&text)
}

/// A text that only a shell can read.
fn in_a_script(form: &str, value: &str) -> String {
    field(&format!("echo {value}\nkubectl apply -f - <<END\n{}END\n", alone(form, "")))
}

fn commented_in_a_text(form: &str, value: &str) -> String {
    field(&commented_out(form, value))
}

fn field(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  text: |\n{lines}")
}

/// Lists in which an alias repeats a value of a Secret elsewhere, each in another way.
const REPEATED: [&str; 9] = [
    // The anchor stands in the Secret, behind it, and in a text of several lines.
    "- {kind: Secret, data: {password: &a VALUE}}\n- {kind: Other, data: {copy: *a}}",
    "- {kind: Other, data: {copy: &a VALUE}}\n- {kind: Secret, data: {password: *a}}",
    "- kind: Secret\n  stringData:\n    password: &a |\n      VALUE\n- {kind: Other, data: [*a]} # VALUE",
    // Whole maps, and what they are merged with.
    "- {kind: Secret, data: &a {password: VALUE}}\n- {kind: Other, data: *a}",
    "- {kind: Secret, stringData: &a {password: VALUE}}\n- {kind: Other, data: {<<: *a, more: x}}",
    "- {kind: Other, data: &a {password: VALUE}}\n- {kind: Secret, data: {<<: [*a]}}",
    // A key, a label and a Secret within another object.
    "- {kind: Secret, data: {password: &a VALUE}}\n- {kind: Other, data: {*a : x}}",
    "- {kind: Secret, data: {password: &a VALUE}}\n- {kind: Other, metadata: {labels: {a: *a}}}",
    "- {kind: Other, objects: [{kind: secret, data: {password: &a VALUE}}], parameters: [*a]}",
];

#[test]
fn what_an_alias_repeats_of_a_secret_is_hidden() {
    for form in REPEATED {
        let [before, after] = ["hunter2hunter2", "tr0ub4dor3tr0ub"].map(|value| {
            let items = form.replace("VALUE", value);
            let items = items.replace("{kind: ", "{apiVersion: v1, kind: ");
            let items = items.replace("- kind: ", "- apiVersion: v1\n  kind: ");
            tree(&format!("apiVersion: v1\nkind: List\nitems:\n{items}\n"))
        });
        assert_hidden(&before, &after);
        assert_hidden(&before, &tree(NOTHING));
        assert_hidden(&tree(NOTHING), &after);
    }
}

/// A rollout in a list with a Secret, whose value the pods have as well.
fn rollout_with(value: &str) -> String {
    format!(
        "apiVersion: v1
kind: List
items:
- {{apiVersion: v1, kind: Secret, metadata: {{name: a}}, stringData: {{password: &a {value}}}}}
- apiVersion: rollouts.kruise.io/v1beta1
  kind: Rollout
  metadata: {{name: web}}
  spec:
    workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
    strategy: {{canary: {{enableExtraWorkloadForCanary: true, steps: [{{replicas: 20%}}]}}}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {{name: web}}
  spec:
    replicas: 10
    selector: {{matchLabels: {{app: web}}}}
    template:
      metadata: {{labels: {{app: web}}}}
      spec: {{containers: [{{name: web, image: web, env: [{{name: PASSWORD, value: *a}}]}}]}}
"
    )
}

#[test]
fn a_canary_does_not_show_what_an_alias_repeats() {
    let stable = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 10\n  \
        selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    \
        spec: {containers: [{name: web, image: old}]}\n";
    let sources = vec![Source::new("a.yaml", rollout_with("hunter2hunter2"))];
    let input = Input::new(sources, Some(vec![Source::new("stable.yaml", stable)]));
    let step = Some("1".parse().unwrap());
    let diff = Diff::of(render_change(&input, &Options { step, ..Options::default() }, None));
    assert!(!diff.comparison.is_empty());
    let plan = rollstep::review::plan(&input, &Options::default()).rollouts.unwrap();
    let html = rollstep::review::plan::html::to_html(&plan);
    for (format, text) in diff.all().into_iter().chain([("html", html)]) {
        assert!(!text.contains("hunter2"), "{format}:\n{text}");
    }
}
