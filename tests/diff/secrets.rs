//! No format shows what a Secret holds, wherever it lies.

use rollstep::review::diff::compare;
use rollstep::{Input, Options, Source, render_beside};

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
