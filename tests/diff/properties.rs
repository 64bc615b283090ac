//! What holds of every diff.

use proptest::prelude::*;
use rollstep::escape::diff_line;
use rollstep::review::diff::{
    Comment, LineKind, TooShort, compare, hunks, to_json_patches, to_markdown, to_merge_patches,
};
use rollstep::{Movement, ObjectName, Origin, RenderedDocument, RenderedObject};
use serde_json::{Map, Value, json};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_json_patch_gives_the_object_after(before in objects(), after in objects()) {
        let comparison = compare(&documents(&before), &documents(&after));
        let patches: Vec<Value> = serde_json::from_str(&to_json_patches(&comparison)).unwrap();
        prop_assert_eq!(patches.len(), comparison.changes.len());
        for patch in patches {
            prop_assert_eq!(&patch["applies"], &Value::Bool(true));
            let operations: json_patch::Patch =
                serde_json::from_value(patch["patch"].clone()).unwrap();
            let mut object = find(&before, &patch["name"]);
            json_patch::patch(&mut object, &operations).unwrap();
            prop_assert_eq!(object, find(&after, &patch["name"]));
        }
    }

    #[test]
    fn a_merge_patch_gives_the_object_after_or_says_that_it_cannot(
        before in objects(),
        after in objects(),
    ) {
        let comparison = compare(&documents(&before), &documents(&after));
        let patches: Vec<Value> = serde_json::from_str(&to_merge_patches(&comparison)).unwrap();
        for patch in patches {
            let (mut object, wanted) = (find(&before, &patch["name"]), find(&after, &patch["name"]));
            json_patch::merge(&mut object, &patch["patch"]);
            prop_assert_eq!(Value::Bool(object == wanted), patch["applies"].clone());
            prop_assert!(patch["applies"] == true || wanted.to_string().contains("null"));
        }
    }

    #[test]
    fn a_comment_is_never_too_long_and_always_closed(
        before in objects(),
        after in objects(),
        max_length in 0_usize..3_000,
    ) {
        let movements = [Movement { rollout: ObjectName::from("shop/web"), before: None, after: None }];
        let comment = Comment { movements: &movements, context: 3, max_length };
        let comparison = compare(&documents(&before), &documents(&after));
        let text = match to_markdown(&comparison, &comment) {
            Ok(text) => text,
            Err(TooShort { asked, least }) => {
                prop_assert!(asked == max_length && least > asked);
                let text = to_markdown(&comparison, &Comment { max_length: least, ..comment }).unwrap();
                prop_assert_eq!(text.len(), least);
                return Ok(());
            }
        };
        prop_assert!(text.len() <= max_length);
        prop_assert!(text.starts_with("<!-- rollstep:shop/web -->\n"));
        prop_assert_eq!(is_closed(&text), Ok(()));
    }

    #[test]
    fn lines_are_those_of_both_texts(before in objects(), after in objects()) {
        for change in compare(&documents(&before), &documents(&after)).changes {
            for context in [0, 3, usize::MAX] {
                let lines = hunks(&change, context).into_iter().flat_map(|hunk| {
                    assert_eq!(hunk.lines.iter().filter(|line| line.kind != LineKind::Added).count(), hunk.before.len());
                    assert_eq!(hunk.lines.iter().filter(|line| line.kind != LineKind::Removed).count(), hunk.after.len());
                    hunk.lines
                });
                let lines: Vec<_> = lines.collect();
                let (old, new) = change.sides();
                if context == usize::MAX {
                    for (state, other) in [(old, LineKind::Added), (new, LineKind::Removed)] {
                        let kept = lines.iter().filter(|line| line.kind != other);
                        let text: String = kept.map(|line| line.text() + "\n").collect();
                        let lines = state.iter().flat_map(|state| state.text.lines());
                        let shown: String =
                            lines.map(|line| diff_line(line).into_owned() + "\n").collect();
                        prop_assert_eq!(text, shown);
                    }
                } else {
                    prop_assert!(context > 0 || lines.iter().all(|line| line.kind != LineKind::Same));
                }
            }
        }
    }
}

#[test]
fn what_is_left_out_is_said() {
    let objects: Vec<_> = (0..30).map(|number| (format!("n{number}"), json!("x"))).collect();
    let comment = Comment { movements: &[], context: 3, max_length: 4_000 };
    let text = to_markdown(&compare(&[], &documents(&objects)), &comment).unwrap();
    assert!(text.len() > 3_500 && text.ends_with("not shown: the comment would be too long._\n"));
    assert_eq!(Ok(()), is_closed(&text));
    // Where not even their names fit, as many are named as do.
    let comment = Comment { max_length: 900, ..comment };
    let text = to_markdown(&compare(&[], &documents(&objects)), &comment).unwrap();
    assert!(text.contains("| created | <code>Thing default/n10</code> |"), "{text}");
    assert!(
        text.ends_with("\n_30 objects are not shown: the comment would be too long._\n"),
        "{text}"
    );
    assert!(text.len() > 800, "{text}");
}

/// Returns whether each fence and fold of a comment is closed.
fn is_closed(text: &str) -> Result<(), String> {
    let (mut fence, mut folds): (Option<String>, i32) = (None, 0);
    for line in text.split(['\n', '\r']) {
        let ticks: String = line.trim_start().chars().take_while(|tick| *tick == '`').collect();
        match &fence {
            Some(open) if line.trim() == ticks && ticks.len() >= open.len() => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if line.starts_with("<details>") => folds += 1,
            None if line == "</details>" => folds -= 1,
            None => {}
        }
        if !(0..=1).contains(&folds) {
            return Err(format!("a fold in a fold: {line}"));
        }
    }
    if fence.is_none() && folds == 0 { Ok(()) } else { Err("something is open".to_owned()) }
}

/// Objects by their names, of which some are on both sides.
type Objects = Vec<(String, Value)>;

fn objects() -> impl Strategy<Value = Objects> {
    let objects = proptest::collection::btree_map("[a-e]", values(), 0..4);
    objects.prop_map(|objects| objects.into_iter().collect())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c`~#<>:@|\n\r\t é-]{0,12}".prop_map(Value::from),
        Just(json!("```\n</details>\n````` \n")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let map = proptest::collection::btree_map("[a-d/~]{1,2}", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            map.prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn whole(name: &str, content: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Thing", "metadata": {"name": name}, "spec": content})
}

fn find(objects: &Objects, name: &Value) -> Value {
    let found = objects.iter().find(|(other, _)| other == name);
    found.map_or(Value::Null, |(name, content)| whole(name, content))
}

fn documents(objects: &Objects) -> Vec<RenderedDocument<'static>> {
    let document = |(name, content): &(String, Value)| {
        let value = whole(name, content);
        let text = rollstep::to_yaml(&value);
        let object = RenderedObject::new(Origin::Untouched, value, "default");
        RenderedDocument { text: text.into(), objects: vec![object], ..RenderedDocument::default() }
    };
    objects.iter().map(document).collect()
}
