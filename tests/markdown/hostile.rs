//! Manifests of somebody who would like to write in our name.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rollstep::review::diff::{Comparison, compare};
use rollstep::review::plan::Outcome;
use rollstep::{
    Input, Movement, ObjectName, Origin, RenderedDocument, RenderedObject, Source, StageName,
    review,
};
use serde_json::{Value, json};

use crate::inputs;

/// What would be markup.
const TEXTS: [&str; 22] = [
    "a|b\\|c\\\\|d",
    "```",
    "````\n```diff\n~~~\n</details>\n",
    "`` ` ``",
    "<script>alert(1)</script>",
    "</code></summary></details><img src=x onerror=alert(1)>",
    "--> <!-- rollstep:other/one -->",
    "@everyone #1 https://example.com www.example.com",
    "[a](https://example.com) ![b](c) <https://example.com>",
    "# heading\n\n---\n> quote\n- list\n\n| a | b |\n|---|---|\n",
    "*bold* __bold__ ~~gone~~ &lt;b&gt; &#60;",
    "\r\n\u{2028}\u{85}\t end ",
    "\u{1b}[31m\u{7}\u{0}",
    "    indented",
    "</pre>",
    "$\\sqrt{x}$ :tada:",
    "{{ template }}",
    "- ",
    "~~~~~~~~~~~~~~~~",
    "日本語 \u{202e}abc\u{200b}",
    "",
    "&",
];

/// Plans of rollouts whose routes hold such a text wherever one can be.
pub(crate) fn plans() -> Vec<Outcome> {
    texts().iter().map(|text| plan(text)).collect()
}

fn plan(text: &str) -> Outcome {
    let (input, options) = inputs::messy();
    let quoted = Value::from(text).to_string();
    let named = input.sources().iter().map(|source| {
        let text = source.text().replace("<api> & \"more\"", &quoted);
        let text = text.replace("'<b>\"a\" & `b`</b>'", &quoted);
        Source::new(source.name(), text.replace("\"a|b*\"", "\"a|b`*`|<i>\""))
    });
    review::plan(&Input::new(named.collect(), None), &options)
}

/// What differs between trees of objects that hold such texts as names, keys and values.
pub(crate) fn comparisons() -> Vec<(Comparison, Vec<Movement>)> {
    let texts = texts();
    let long = "x".repeat(70_000);
    let pairs = texts.iter().zip(texts.iter().cycle().skip(1));
    let pairs = pairs.map(|(one, other)| (one.as_str(), other.as_str()));
    let pairs = pairs.chain([("long", long.as_str()), (long.as_str(), "long")]);
    pairs.map(|(one, other)| differing(one, other)).collect()
}

fn differing(one: &str, other: &str) -> (Comparison, Vec<Movement>) {
    let before = [document(one, &json!({"a": one})), document("gone", &json!({other: one}))];
    let after = [
        document(one, &json!({"a": other})),
        document("new", &json!([one, {"lines": format!("{one}\n{other}\n```\n")}])),
    ];
    let stage = |number| Some(StageName::Step(number));
    let rollout = ObjectName::from(one);
    let movement = Movement { rollout, before: stage(1), after: stage(2) };
    (compare(&before, &after), vec![movement])
}

fn document(name: &str, content: &Value) -> RenderedDocument<'static> {
    let metadata = json!({"name": name, "namespace": "shop"});
    let value = json!({"apiVersion": "v1", "kind": "Thing", "metadata": metadata, "spec": content});
    let text = rollstep::to_yaml(&value);
    let object = RenderedObject::new(Origin::Untouched, value, "default");
    RenderedDocument { text: text.into(), objects: vec![object], ..RenderedDocument::default() }
}

/// Returns the texts, and some that nobody has thought of: the same each time.
fn texts() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let any = "[-a-c`~#<>:@|&;!*_\\[\\]()\\\\/\"' \n\r\té]{0,24}";
    let random = (0..80).map(|_| any.new_tree(&mut runner).unwrap().current());
    let random: Vec<_> = random.collect();
    TEXTS.iter().map(|text| (*text).to_owned()).chain(random).collect()
}
